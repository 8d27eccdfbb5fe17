package allocation

import (
	"context"
	"slices"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/casefile"
	"msw/internal/organisation"
	"msw/internal/problem"
)

// RoundSight is a round as its page shows it.
type RoundSight struct {
	Round
	Now                                     RoundState
	Runs                                    []DryRun
	Report                                  RunReport // of the last dry run
	Last                                    DryRun
	Moves                                   []MoveLine
	Passed                                  []PassedLine
	Names                                   map[string]string // accounts
	Phases                                  map[string]string // titles by id
	MayTry, MayPublish, MayMove, MayDeclare bool
	MayExport                               bool
	Me                                      string // the actor's account
}

// MoveLine is a move with the people in it named.
type MoveLine struct {
	Move
	Lines []string
}

// Look shows staff one round.
func (s *Rounds) Look(ctx context.Context, call access.Call, id string) (RoundSight, error) {
	v := RoundSight{Me: call.Actor.Account}
	r, err := s.get(ctx, call, ActRounds, id)
	if err != nil {
		return v, err
	}
	if v.Round, err = s.revealed(ctx, call, r); err != nil {
		return v, err
	}
	v.Now = r.State(call.Today)
	tenant := call.Actor.Tenant
	inside := s.access.May(call.Actor, ActDryRun, r.Resource(tenant)) == nil
	if inside {
		if v.Runs, err = s.runs(ctx, tenant, id); err != nil {
			return v, err
		}
	}
	if r.LastRun != "" && inside {
		if v.Last, err = s.loadRun(ctx, tenant, r.LastRun); err != nil {
			return v, err
		}
		if v.Report, err = s.report(ctx, tenant, r.LastRun); err != nil {
			return v, err
		}
	}
	if r.Published != "" && inside {
		if v.Moves, err = s.moveLines(ctx, call, id); err != nil {
			return v, err
		}
		if v.Passed, err = s.passedLines(ctx, call, id, nil); err != nil {
			return v, err
		}
		if err := s.lookedPassed(ctx, call, ActDryRun, v.Passed); err != nil {
			return v, err
		}
	}
	if v.Phases, err = s.phaseTitles(ctx, tenant); err != nil {
		return v, err
	}
	may := func(act access.Action) bool { return s.access.May(call.Actor, act, r.Resource(tenant)) == nil }
	v.MayTry, v.MayPublish, v.MayMove, v.MayDeclare, v.MayExport = may(ActDryRun), may(ActPublish), may(ActMove), may(ActDeclare), may(ActExport)
	accounts := []string{r.DeclaredBy, r.ProposedBy, r.PublishedBy}
	for _, m := range v.Moves {
		accounts = append(accounts, m.AskedBy, m.DoneBy)
	}
	v.Names, err = s.accountNames(ctx, accounts)
	return v, err
}

func (s *Rounds) accountNames(ctx context.Context, accounts []string) (map[string]string, error) {
	slices.Sort(accounts)
	accounts = slices.DeleteFunc(slices.Compact(accounts), func(a string) bool { return a == "" })
	if s.o.AccountNames == nil {
		return map[string]string{}, nil
	}
	return s.o.AccountNames(ctx, accounts)
}

func (s *Rounds) phaseTitles(ctx context.Context, tenant string) (map[string]string, error) {
	list, err := s.o.Posts.Phases(ctx, tenant)
	out := make(map[string]string, len(list))
	for _, p := range list {
		out[p.ID] = p.Title
	}
	return out, err
}

func (s *Rounds) moveLines(ctx context.Context, call access.Call, round string) ([]MoveLine, error) {
	list, err := s.moves(ctx, call.Actor.Tenant, round)
	if err != nil {
		return nil, err
	}
	var ids, posts []string
	for _, m := range list {
		for _, st := range m.Steps.Steps {
			ids, posts = append(ids, st.Doctor), append(posts, st.From, st.To)
		}
	}
	people, err := s.people(ctx, call.Actor.Tenant, ids)
	if err != nil {
		return nil, err
	}
	titles, err := s.titles(ctx, call.Actor.Tenant, posts)
	if err != nil {
		return nil, err
	}
	out := make([]MoveLine, len(list))
	for i, m := range list {
		out[i] = MoveLine{Move: m, Lines: stepLines(m.Steps, people, titles)}
	}
	return out, nil
}

func stepLines(m MoveSteps, people map[string]person, titles map[string]string) []string {
	called := func(post string) string {
		if post == "" {
			return "no post"
		}
		return titles[post]
	}
	var out []string
	for _, st := range m.Steps {
		out = append(out, people[st.Doctor].Ref+": from "+called(st.From)+" to "+called(st.To))
	}
	return out
}

// titles names posts as rounds do.
func (s *Rounds) titles(ctx context.Context, tenant string, ids []string) (map[string]string, error) {
	slices.Sort(ids)
	ids = slices.DeleteFunc(slices.Compact(ids), func(id string) bool { return id == "" })
	out := make(map[string]string, len(ids))
	posts, err := s.manyPosts(ctx, tenant, ids)
	if err != nil {
		return nil, err
	}
	var hosts []string
	for _, p := range posts {
		hosts = append(hosts, p.Host)
	}
	slices.Sort(hosts)
	places, err := s.places(ctx, tenant, slices.Compact(hosts))
	for id, p := range posts {
		out[id] = p.Specialty + " at " + places[p.Host].Name
	}
	return out, err
}

// ShiftLine is one doctor who would get something else than before.
type ShiftLine struct{ Ref, Name, From, To, Why string }

// RunSight is one dry run as staff read it.
type RunSight struct {
	RoundSight
	Run    DryRun
	Report RunReport
	Shifts []ShiftLine
	Empty  []EmptyPost
	Filled int
}

// EmptyPost is a post that stays empty, and why.
type EmptyPost struct{ Post, Title, Region, Why string }

// LookRun shows staff one dry run: how far it is, what came out, who would get
// something else than before and why, which posts stay empty.
func (s *Rounds) LookRun(ctx context.Context, call access.Call, round, run string) (RunSight, error) {
	var v RunSight
	var err error
	if v.RoundSight, err = s.Look(ctx, call, round); err != nil {
		return v, err
	}
	if err := s.access.May(call.Actor, ActDryRun, v.Round.Resource(call.Actor.Tenant)); err != nil {
		return v, err
	}
	tenant := call.Actor.Tenant
	if v.Run, err = s.loadRun(ctx, tenant, run); err != nil {
		return v, err
	}
	if v.Run.Round != round {
		return v, problem.Missing()
	}
	if v.Run.State != RunDone {
		return v, nil
	}
	if v.Report, err = s.report(ctx, tenant, run); err != nil {
		return v, err
	}
	posts, err := s.runPosts(ctx, tenant, run, nil)
	if err != nil {
		return v, err
	}
	var ids, titles []string
	for _, x := range v.Report.Shifts {
		ids, titles = append(ids, x.Doctor), append(titles, x.From, x.To)
	}
	for _, p := range posts {
		titles = append(titles, p.Post)
	}
	people, err := s.people(ctx, tenant, ids)
	if err != nil {
		return v, err
	}
	names, err := s.titles(ctx, tenant, titles)
	if err != nil {
		return v, err
	}
	for _, x := range v.Report.Shifts {
		if slices.Contains(call.Actor.Hidden, x.Doctor) {
			continue
		}
		v.Shifts = append(v.Shifts, ShiftLine{people[x.Doctor].Ref, people[x.Doctor].Name, orNothing(names[x.From]), orNothing(names[x.To]), x.Why})
	}
	for _, p := range posts {
		if p.Filled {
			v.Filled++
			continue
		}
		v.Empty = append(v.Empty, EmptyPost{p.Post, names[p.Post], regionName(p.Region), p.Why})
	}
	return v, s.audit.Look(ctx, call, audit.Look{Action: ActDryRun, Query: "run " + run, Kind: "round", IDs: append([]string{round}, ids...)})
}

func orNothing(s string) string {
	if s == "" {
		return "No post"
	}
	return s
}

// PersonLine is what a run gives one doctor, in a list for staff.
type PersonLine struct {
	Doctor, Ref, Name, Region, Title string
	Choice                           int
	Placed                           bool
}

// People gives one page of what a run gives to doctors, and the key after which
// the next page starts, empty on the last. The key is the last doctor read,
// shown or not: a page is shorter by those hidden from the actor, and no page
// ends the list because of them.
func (s *Rounds) People(ctx context.Context, call access.Call, round, run, after string, limit int) ([]PersonLine, string, error) {
	r, err := s.get(ctx, call, ActDryRun, round)
	if err != nil {
		return nil, "", err
	}
	one, err := s.loadRun(ctx, call.Actor.Tenant, run)
	if err != nil {
		return nil, "", err
	}
	if one.Round != r.ID {
		return nil, "", problem.Missing()
	}
	list, err := s.readings(ctx, call.Actor.Tenant, run, after, limit+1)
	if err != nil {
		return nil, "", err
	}
	next := ""
	if len(list) > limit {
		list, next = list[:limit], list[limit-1].Doctor
	}
	list = slices.DeleteFunc(list, func(x Reading) bool { return slices.Contains(call.Actor.Hidden, x.Doctor) })
	people, err := s.people(ctx, call.Actor.Tenant, doctorsOf(list))
	if err != nil {
		return nil, "", err
	}
	var out []PersonLine
	for _, x := range list {
		p := people[x.Doctor]
		out = append(out, PersonLine{Doctor: x.Doctor, Ref: p.Ref, Name: p.Name, Region: regionName(p.Region), Title: orNothing(x.Title()), Choice: x.Choice, Placed: x.Post != ""})
	}
	return out, next, s.audit.Look(ctx, call, audit.Look{Action: ActDryRun, Query: "people of run " + run, Kind: "round", IDs: doctorsOf(list)})
}

// StaffReading is one doctor's reading as staff see it: with the sentences of
// the hard rules.
type StaffReading struct {
	Reading
	Round     Round
	Ref, Name string
	Opens     bool // the actor may open the case
}

// ReadingFor shows staff why one doctor gets what they get in a run.
func (s *Rounds) ReadingFor(ctx context.Context, call access.Call, round, run, ref string) (StaffReading, error) {
	var v StaffReading
	r, err := s.get(ctx, call, ActDryRun, round)
	if err != nil {
		return v, err
	}
	one, err := s.loadRun(ctx, call.Actor.Tenant, run)
	if err != nil {
		return v, err
	}
	doctor, err := s.byRef(ctx, call.Actor.Tenant, ref)
	if err != nil {
		return v, err
	}
	if one.Round != r.ID || doctor == "" || slices.Contains(call.Actor.Hidden, doctor) {
		return v, problem.Missing()
	}
	if v.Reading, err = s.reading(ctx, call.Actor.Tenant, run, doctor); err != nil {
		return v, err
	}
	there, err := s.runTitles(ctx, call.Actor.Tenant, run)
	if err != nil {
		return v, err
	}
	v.Reading = v.Reading.forStaff(there)
	if !readsPapers(call.Actor) {
		for i := range v.Choices {
			v.Choices[i].Stops = withoutPapers(v.Choices[i].Stops)
		}
	}
	people, err := s.people(ctx, call.Actor.Tenant, []string{doctor})
	v.Round, v.Ref, v.Name = r, people[doctor].Ref, people[doctor].Name
	if err != nil {
		return v, err
	}
	c, err := s.o.Casefile.Get(ctx, doctor, call.Actor.Tenant)
	if err != nil {
		return v, err
	}
	v.Opens = s.access.May(call.Actor, casefile.ActRead, c.Resource()) == nil
	return v, s.audit.Look(ctx, call, audit.Look{Action: ActDryRun, Query: "reading in run " + run, Kind: "reading", IDs: []string{doctor}, Person: doctor})
}

// runTitles names the posts that were in a run.
func (s *Rounds) runTitles(ctx context.Context, tenant, run string) (map[string]string, error) {
	posts, err := s.runPosts(ctx, tenant, run, nil)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(posts))
	for i, p := range posts {
		ids[i] = p.Post
	}
	return s.titles(ctx, tenant, ids)
}

// readsPapers tells whether the sentences of the hard rules about a doctor's
// papers are for the actor.
func readsPapers(a access.Actor) bool {
	return a.HasAny(organisation.RoleCaseworker, organisation.RoleAssessor, organisation.RoleNationalLead, organisation.RoleOperator)
}

// withoutPapers folds what is known of a doctor's papers into one sentence, for
// staff who may not read them.
func withoutPapers(stops []Stop) []Stop {
	var out []Stop
	for _, s := range stops {
		switch s.Code {
		case "eligible", "right_to_work", "specialty":
			s.Staff = coarse(s)
		}
		if !slices.ContainsFunc(out, func(o Stop) bool { return o.Staff == s.Staff }) {
			out = append(out, s)
		}
	}
	return out
}

// OwnResult is what a doctor reads of one published round.
type OwnResult struct {
	Reading
	Round  Round
	Others []Round     // earlier results
	Now    PlacedState // what became of the placement, "" without one
}

// Result shows a doctor their own result of a published round; round "" is the
// newest. Missing when they have none.
func (s *Rounds) Result(ctx context.Context, call access.Call, round string) (OwnResult, error) {
	var v OwnResult
	tenant, doctor := call.Actor.Tenant, call.Actor.Doctor
	if doctor == "" {
		return v, problem.Missing()
	}
	if err := s.access.May(call.Actor, ActResult, access.Resource{Kind: "reading", ID: doctor, Tenant: tenant, Doctor: doctor}); err != nil {
		return v, err
	}
	all, err := s.resultsOf(ctx, tenant, doctor)
	if err != nil {
		return v, err
	}
	i := 0
	if round != "" {
		i = slices.IndexFunc(all, func(r Round) bool { return r.ID == round })
	}
	if i < 0 || i >= len(all) {
		return v, problem.Missing()
	}
	if v.Round, err = s.revealed(ctx, call, all[i]); err != nil {
		return v, err
	}
	v.Others = slices.Delete(slices.Clone(all), i, i+1)
	if v.Reading, err = s.reading(ctx, tenant, v.Round.Published, doctor); err != nil {
		return v, err
	}
	placed, err := s.placed(ctx, tenant, v.Round.ID)
	if err != nil {
		return v, err
	}
	for _, p := range placed {
		if p.Doctor == doctor && p.Post == v.Post {
			v.Now = p.State
		}
	}
	return v, s.audit.Look(ctx, call, audit.Look{Action: ActResult, Kind: "reading", IDs: []string{v.Round.ID}, Person: doctor})
}

// HasResult tells whether the actor is a doctor with a result in a round.
func (s *Rounds) HasResult(ctx context.Context, call access.Call, r Round) (bool, error) {
	if call.Actor.Doctor == "" || r.Published == "" {
		return false, nil
	}
	all, err := s.resultsOf(ctx, call.Actor.Tenant, call.Actor.Doctor)
	return slices.ContainsFunc(all, func(o Round) bool { return o.ID == r.ID }), err
}

// Declared shows anybody of the programme what was declared of a round.
func (s *Rounds) Declared(ctx context.Context, call access.Call, id string) (Round, map[string]string, error) {
	r, err := s.loadRound(ctx, call.Actor.Tenant, id)
	if err != nil {
		return r, nil, err
	}
	if err := s.access.May(call.Actor, ActRules, access.Resource{Kind: "round", ID: id, Tenant: call.Actor.Tenant}); err != nil {
		return r, nil, problem.Missing()
	}
	r.DeclaredBy, r.ProposedBy, r.PublishedBy = "", "", ""
	r, err = s.revealed(ctx, call, r)
	if err != nil {
		return r, nil, err
	}
	phases, err := s.phaseTitles(ctx, call.Actor.Tenant)
	return r, phases, err
}

// HostResult is what a host reads of a published round: its posts, filled or
// why not. Who got them it reads in its offers.
type HostResult struct {
	Round Round
	Posts []EmptyPost // Why is empty for a filled one
}

// HostResults shows a host what came of its posts in the newest rounds.
func (s *Rounds) HostResults(ctx context.Context, call access.Call) ([]HostResult, error) {
	organisations := s.access.Scope(call.Actor, ActHostResult).Organisations
	if len(organisations) == 0 {
		return nil, nil
	}
	rounds, err := s.listRounds(ctx, access.Scope{Tenant: call.Actor.Tenant, All: true}, nil, 20)
	if err != nil {
		return nil, err
	}
	var out []HostResult
	for _, r := range rounds {
		if r.Published == "" {
			continue
		}
		posts, err := s.runPosts(ctx, call.Actor.Tenant, r.Published, organisations)
		if err != nil {
			return nil, err
		}
		if len(posts) == 0 {
			continue
		}
		var ids []string
		for _, p := range posts {
			ids = append(ids, p.Post)
		}
		titles, err := s.titles(ctx, call.Actor.Tenant, ids)
		if err != nil {
			return nil, err
		}
		one := HostResult{Round: r}
		for _, p := range posts {
			one.Posts = append(one.Posts, EmptyPost{p.Post, titles[p.Post], regionName(p.Region), p.Why})
		}
		out = append(out, one)
	}
	return out, nil
}

// Fairness shows how a published round, or its last dry run, treated groups.
func (s *Rounds) Fairness(ctx context.Context, call access.Call, round string) (Round, Fairness, RunReport, error) {
	r, err := s.get(ctx, call, ActFairness, round)
	if err != nil {
		return r, Fairness{}, RunReport{}, err
	}
	run := r.Published
	if run == "" {
		return r, Fairness{}, RunReport{}, problem.Missing()
	}
	tenant := call.Actor.Tenant
	list, err := s.readings(ctx, tenant, run, "", 1_000_000)
	if err != nil {
		return r, Fairness{}, RunReport{}, err
	}
	groups := map[string]Groups{}
	if s.o.Groups != nil {
		if groups, err = s.o.Groups(ctx, tenant, doctorsOf(list)); err != nil {
			return r, Fairness{}, RunReport{}, err
		}
	}
	settings, err := s.settingsOf(ctx, tenant, list)
	if err != nil {
		return r, Fairness{}, RunReport{}, err
	}
	below := 5
	if s.o.Suppress != nil {
		n, err := s.o.Suppress(ctx, tenant)
		if err != nil {
			return r, Fairness{}, RunReport{}, err
		}
		below = max(below, n)
	}
	var fates []Fate
	for _, x := range list {
		fates = append(fates, Fate{Groups: groups[x.Doctor], Setting: settings[x.Post], Placed: x.Post != "", Choice: x.Choice, Miles: x.Miles()})
	}
	f := FairnessOf(fates, below)
	posts, err := s.runPosts(ctx, tenant, run, nil)
	if err != nil {
		return r, f, RunReport{}, err
	}
	f.Posts, f.Below = len(posts), below
	report, err := s.report(ctx, tenant, run)
	return r, f, report, err
}

func (s *Rounds) settingsOf(ctx context.Context, tenant string, list []Reading) (map[string]string, error) {
	var ids []string
	for _, x := range list {
		if x.Post != "" {
			ids = append(ids, x.Post)
		}
	}
	posts, err := s.manyPosts(ctx, tenant, ids)
	out := make(map[string]string, len(posts))
	for id, p := range posts {
		out[id] = string(p.Setting)
	}
	return out, err
}
