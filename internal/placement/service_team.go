package placement

import (
	"context"
	"strings"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/casefile"
	"msw/internal/database"
	"msw/internal/post"
	"msw/internal/problem"
)

// TaskSupervisor asks the employer to name a supervisor, since the one there is
// cannot cover.
const TaskSupervisor = "name_supervisor"

// judgeMany works out how some placements are looked after today, in a fixed
// number of reads however many they are.
func (s *Service) judgeMany(ctx context.Context, call access.Call, list []Placement) (map[string]Judged, error) {
	tenant := call.Actor.Tenant
	var ids, doctors, accounts, places []string
	for _, p := range list {
		ids, doctors, accounts, places = append(ids, p.ID), append(doctors, p.Doctor), append(accounts, p.Clinical, p.Educational), append(places, p.Host, p.Employer)
	}
	steps, err := s.stepsOf(ctx, tenant, ids)
	if err != nil {
		return nil, err
	}
	meetings, err := s.meetingsOf(ctx, tenant, ids)
	if err != nil {
		return nil, err
	}
	spells, err := s.latestSpells(ctx, tenant, list)
	if err != nil {
		return nil, err
	}
	again, err := s.overdueSigned(ctx, tenant, doctors, call.Today)
	if err != nil {
		return nil, err
	}
	why, err := s.uncovered(ctx, call, list, ids, accounts, places)
	if err != nil {
		return nil, err
	}
	weeks := 4
	if s.o.MeetingWeeks != nil {
		if weeks, err = s.o.MeetingWeeks(ctx, tenant); err != nil {
			return nil, err
		}
	}
	out := map[string]Judged{}
	for _, p := range list {
		j := Judged{Dues: s.o.Induction.plan(planned{Start: p.StartedOn, End: spells[p.ID].ContractEnd, Weeks: weeks, Steps: steps[p.ID], Meetings: meetings[p.ID], Today: call.Today})}
		j.Light, j.Reasons = judge(j.Dues, why[p.ID][0], why[p.ID][1], again[p.Doctor], call.Today)
		out[p.ID] = j
	}
	return out, nil
}

// uncovered says of each placement what is wrong with its clinical and its
// educational supervisor today; nothing when somebody stands in who can.
func (s *Service) uncovered(ctx context.Context, call access.Call, list []Placement, ids, accounts, places []string) (map[string][2]string, error) {
	tenant := call.Actor.Tenant
	covers, err := s.coversToday(ctx, tenant, ids, call.Today)
	if err != nil {
		return nil, err
	}
	for _, c := range covers {
		for _, v := range c {
			accounts = append(accounts, v.Account)
		}
	}
	who, err := s.posts.SupervisorNames(ctx, tenant, accounts...)
	if err != nil {
		return nil, err
	}
	gone := map[string]bool{}
	if s.o.Gone != nil && len(places) > 0 {
		left, err := s.o.Gone(ctx, tenant, database.Distinct(places), call.Today)
		if err != nil {
			return nil, err
		}
		for _, account := range left {
			gone[account] = true
		}
	}
	out := map[string][2]string{}
	for _, p := range list {
		var both [2]string
		for i, role := range []string{Clinical, Educational} {
			account := []string{p.Clinical, p.Educational}[i]
			both[i] = supervisorProblem(role, account, who[account], !gone[account], call.Today)
			for _, c := range covers[p.ID] {
				if c.Role == role && supervisorProblem(role, c.Account, who[c.Account], !gone[c.Account], call.Today) == "" {
					both[i] = ""
				}
			}
		}
		out[p.ID] = both
	}
	return out, nil
}

func (s *Service) duesOf(ctx context.Context, call access.Call, p Placement) (Judged, []Due, error) {
	all, err := s.judgeMany(ctx, call, []Placement{p})
	return all[p.ID], all[p.ID].Dues, err
}

// renew keeps the light of a placement, and the task to name a supervisor.
func (s *Service) renew(ctx context.Context, call access.Call, p Placement) error {
	if !p.EndedOn.IsZero() {
		if err := s.lateMeeting(ctx, call, p, nil); err != nil {
			return err
		}
		return s.setLight(ctx, call.Actor.Tenant, p.ID, lit{}, call.Today)
	}
	j, err := s.judgeMany(ctx, call, []Placement{p})
	if err != nil {
		return err
	}
	return s.keep(ctx, call, p, j[p.ID])
}

func (s *Service) keep(ctx context.Context, call access.Call, p Placement, j Judged) error {
	if err := s.setLight(ctx, call.Actor.Tenant, p.ID, lit{p.Employer, p.Host, p.Region, string(j.Light)}, call.Today); err != nil {
		return err
	}
	if err := s.lateMeeting(ctx, call, p, j.Dues); err != nil {
		return err
	}
	missing := false
	for _, r := range j.Reasons {
		missing = missing || strings.Contains(r, "supervisor: ")
	}
	if !missing {
		return s.cases.CloseTask(ctx, call, p.Doctor, TaskSupervisor, p.Source())
	}
	return s.cases.OpenTask(ctx, call, casefile.Task{Doctor: p.Doctor, Kind: TaskSupervisor, Title: "Name a supervisor who can cover", Source: p.Source(),
		URL: "/placements/" + p.ID + "/supervision", Party: casefile.PartyEmployer, Owner: p.Employer, Since: call.Today})
}

// RenewDay brings the lights of one programme up to date, in pieces; a job calls
// it, and it does nothing when all are of today.
func (s *Service) RenewDay(ctx context.Context, call access.Call) (int, error) {
	const piece = 150
	done := 0
	for {
		n := 0
		err := s.db.Tx(ctx, func(ctx context.Context) error {
			list, err := s.unseen(ctx, call.Actor.Tenant, call.Today, piece)
			if err != nil || len(list) == 0 {
				return err
			}
			judged, err := s.judgeMany(ctx, call, list)
			if err != nil {
				return err
			}
			for _, p := range list {
				if err := s.keep(ctx, call, p, judged[p.ID]); err != nil {
					return err
				}
			}
			n = len(list)
			return nil
		})
		done += n
		if err != nil || n < piece {
			return done, err
		}
	}
}

// TeamRow is one person of the team page.
type TeamRow struct {
	Row
	Judged
}

// Team is one page of the people in post with how they are looked after.
type Team struct {
	Rows        []TeamRow
	Totals      []HostTotal
	Supervisors []post.Supervisor
}

// LookTeam gives one page of the people in post the actor answers for, with the
// totals of their hosts. Rows are worked out now; totals are kept.
func (s *Service) LookTeam(ctx context.Context, call access.Call, q Query) (Team, error) {
	tenant, scope := call.Actor.Tenant, s.access.Scope(call.Actor, ActTeam)
	q.Which = Now
	list, err := s.list(ctx, scope, q)
	if err != nil {
		return Team{}, err
	}
	judged, err := s.judgeMany(ctx, call, list)
	if err != nil {
		return Team{}, err
	}
	rows, err := s.dress(ctx, tenant, list)
	if err != nil {
		return Team{}, err
	}
	var t Team
	ids := make([]string, len(list))
	for i, r := range rows {
		t.Rows, ids[i] = append(t.Rows, TeamRow{r, judged[r.ID]}), r.ID
	}
	if t.Totals, err = s.named(ctx, tenant, scope, "", mostHosts); err != nil {
		return t, err
	}
	if organisations := scope.Organisations; !scope.All && len(organisations) > 0 {
		if t.Supervisors, err = s.posts.SupervisorsOf(ctx, tenant, organisations...); err != nil {
			return t, err
		}
	}
	return t, s.audit.Look(ctx, call, audit.Look{Action: ActTeam, Kind: "placement", IDs: ids, Query: "light=" + q.Light + " host=" + q.Host})
}

// mostHosts is how many hosts one page of totals shows.
const mostHosts = 60

// HostTotals gives one page of the hosts of the actor's scope after one.
func (s *Service) HostTotals(ctx context.Context, call access.Call, after string) ([]HostTotal, error) {
	return s.named(ctx, call.Actor.Tenant, s.access.Scope(call.Actor, ActTeam), after, mostHosts+1)
}

func (s *Service) named(ctx context.Context, tenant string, scope access.Scope, after string, limit int) ([]HostTotal, error) {
	list, err := s.totals(ctx, scope, after, limit)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(list))
	for i, h := range list {
		ids[i] = h.Host
	}
	places, err := s.posts.Places(ctx, tenant, ids)
	for i := range list {
		list[i].HostName = places[list[i].Host].Name
	}
	return list, err
}

// OpenRolls opens the lists of the quarter that ended last, where they are not
// open yet, and asks each host to sign. A job calls it.
func (s *Service) OpenRolls(ctx context.Context, call access.Call) (int, error) {
	tenant, ends := call.Actor.Tenant, lastQuarter(call.Today)
	days := 14
	if s.o.RollDays != nil {
		var err error
		if days, err = s.o.RollDays(ctx, tenant); err != nil {
			return 0, err
		}
	}
	opened := 0
	err := s.db.Tx(ctx, func(ctx context.Context) error {
		list, err := s.hostsAt(ctx, tenant, ends)
		if err != nil {
			return err
		}
		for _, r := range list {
			r.ID, r.Ends, r.Opened, r.Due = database.NewRef(), ends, call.Today, max(ends, call.Today).AddDays(days)
			fresh, err := s.insertRoll(ctx, tenant, r)
			if err != nil {
				return err
			}
			if fresh {
				opened++
			}
		}
		return nil
	})
	return opened, err
}

// Rolls lists the lists the actor may see, the latest quarter first.
func (s *Service) Rolls(ctx context.Context, call access.Call, after []string, limit int) ([]Roll, map[string]post.Place, error) {
	list, err := s.rolls(ctx, s.access.Scope(call.Actor, ActRoll), after, limit)
	if err != nil {
		return nil, nil, err
	}
	ids := make([]string, len(list))
	for i, r := range list {
		ids[i] = r.Host
	}
	places, err := s.posts.Places(ctx, call.Actor.Tenant, ids)
	return list, places, err
}

// RollSight is a list with who is on it, what is wrong, and who signed.
type RollSight struct {
	Roll
	HostName string
	People   []TeamRow
	Entries  []RollEntry
	MaySign  bool
}

// Problems counts the people with something to mend.
func (v RollSight) Problems() int {
	n := 0
	for _, p := range v.People {
		if len(p.Reasons) > 0 {
			n++
		}
	}
	return n
}

func (r Roll) resource(tenant string) access.Resource {
	out := access.Resource{Kind: "roll", ID: r.ID, Tenant: tenant, Organisations: []string{r.Host}}
	if r.Region != "" {
		out.Regions = []string{r.Region}
	}
	return out
}

// LookRoll shows a list. A host signs its own; a region and the programme read.
func (s *Service) LookRoll(ctx context.Context, call access.Call, id string) (RollSight, error) {
	tenant := call.Actor.Tenant
	r, err := s.roll(ctx, tenant, id)
	if err != nil {
		return RollSight{}, err
	}
	if s.access.May(call.Actor, ActRoll, r.resource(tenant)) != nil {
		return RollSight{}, problem.Missing()
	}
	v := RollSight{Roll: r, MaySign: s.access.May(call.Actor, ActRollSign, hostResource(tenant, r.Host)) == nil}
	if v.People, err = s.rollPeople(ctx, call, r); err != nil {
		return v, err
	}
	if v.Entries, err = s.rollEntries(ctx, tenant, id); err != nil {
		return v, err
	}
	places, err := s.posts.Places(ctx, tenant, []string{r.Host})
	v.HostName = places[r.Host].Name
	var ids []string
	for _, p := range v.People {
		ids = append(ids, p.ID)
	}
	if err != nil {
		return v, err
	}
	return v, s.audit.Look(ctx, call, audit.Look{Action: ActRoll, Kind: "placement", IDs: ids, Query: "roll=" + id})
}

func (s *Service) rollPeople(ctx context.Context, call access.Call, r Roll) ([]TeamRow, error) {
	spells, err := s.peopleAt(ctx, call.Actor.Tenant, r.Host, r.Ends)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(spells))
	for i, v := range spells {
		ids[i] = v.Placement
	}
	list, err := s.loadMany(ctx, call.Actor.Tenant, database.Distinct(ids))
	if err != nil {
		return nil, err
	}
	judged, err := s.judgeMany(ctx, call, list)
	if err != nil {
		return nil, err
	}
	rows, err := s.dress(ctx, call.Actor.Tenant, list)
	var out []TeamRow
	for _, row := range rows {
		j := judged[row.ID]
		if !row.EndedOn.IsZero() {
			j = Judged{Light: Green} // gone since: nothing to mend
		}
		out = append(out, TeamRow{row, j})
	}
	return out, err
}

// Signing signs a list, or corrects one that was signed.
type Signing struct {
	Roll             string
	Version          int
	Name, Role, Text string
}

// SignRoll signs a list in the name of a person; after the first signature only
// corrections are added, as new entries.
func (s *Service) SignRoll(ctx context.Context, call access.Call, cmd Signing) error {
	tenant := call.Actor.Tenant
	return s.db.Tx(ctx, func(ctx context.Context) error {
		r, err := s.roll(ctx, tenant, cmd.Roll)
		if err != nil {
			return err
		}
		if s.access.May(call.Actor, ActRollSign, hostResource(tenant, r.Host)) != nil {
			return problem.Missing()
		}
		if cmd.Version != 0 && cmd.Version != r.Version {
			return problem.Stale()
		}
		var c problem.Check
		c.That(strings.TrimSpace(cmd.Name) != "" && len(cmd.Name) <= 120, "name", "Enter your name")
		c.That(strings.TrimSpace(cmd.Role) != "" && len(cmd.Role) <= 120, "role", "Enter your role")
		c.That(r.SignedAt.IsZero() || strings.TrimSpace(cmd.Text) != "", "text", "Write what you correct")
		c.That(len(cmd.Text) <= 4000, "text", "Write 4,000 characters or fewer")
		if err := c.Err(); err != nil {
			return err
		}
		spells, err := s.peopleAt(ctx, tenant, r.Host, r.Ends)
		if err != nil {
			return err
		}
		before, err := s.rollEntries(ctx, tenant, r.ID)
		if err != nil {
			return err
		}
		ids := make([]string, len(spells))
		for i, v := range spells {
			ids[i] = v.Placement
		}
		e := RollEntry{Number: len(before) + 1, By: call.Actor.Account, RecordedAt: call.Now, People: len(ids), Placements: strings.Join(ids, " "), Name: cmd.Name, Role: cmd.Role, Text: cmd.Text}
		if err := s.addEntry(ctx, tenant, r, e); err != nil {
			return err
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: ActRollSign, Kind: "roll", ID: r.ID, After: e})
	})
}
