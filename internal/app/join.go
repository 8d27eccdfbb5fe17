package app

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"

	"msw/internal/access"
	"msw/internal/clock"
	"msw/internal/doctor"
	"msw/internal/fact"
	"msw/internal/funding"
	"msw/internal/newsroom"
	"msw/internal/notify"
	"msw/internal/organisation"
	"msw/internal/outcome"
	"msw/internal/placement"
	"msw/internal/post"
	"msw/internal/problem"
	"msw/internal/programme"
	"msw/internal/rulebook"
)

// What stations need of stations they may not import: each function here fills
// one func field.

// resource tells how a doctor's case lies: its region, organisations, referrers
// and supervisors; just the doctor while there is no case.
func (a *App) resource(ctx context.Context, tenant, id string) (access.Resource, error) {
	c, err := a.Cases.Get(ctx, id, tenant)
	if problem.KindOf(err) == problem.NotFound {
		return access.Resource{Kind: "doctor", ID: id, Tenant: tenant, Doctor: id}, nil
	}
	if err != nil {
		return access.Resource{}, err
	}
	return c.Resource(), nil
}

func (a *App) doctorNames(ctx context.Context, tenant string, ids []string) (map[string]string, error) {
	names, err := a.Doctors.Names(ctx, tenant, ids)
	if err != nil {
		return nil, err
	}
	out := make(map[string]string, len(names))
	for id, n := range names {
		out[id] = n.Shown()
	}
	return out, nil
}

// findDoctors finds people for a list that narrows by its own columns.
func (a *App) findDoctors(ctx context.Context, call access.Call, text string) ([]string, error) {
	const most = 200
	hits, err := a.Doctors.Find(ctx, access.Scope{Tenant: call.Actor.Tenant, All: true, Hidden: call.Actor.Hidden}, text, most)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(hits))
	for i, h := range hits {
		ids[i] = h.ID
	}
	return ids, nil
}

func (a *App) organisationNames(ctx context.Context, tenant string, ids []string) (map[string]string, error) {
	found, err := a.Organisations.GetMany(ctx, tenant, ids)
	if err != nil {
		return nil, err
	}
	out := make(map[string]string, len(found))
	for id, o := range found {
		out[id] = o.Name
	}
	return out, nil
}

func (a *App) colleagues(ctx context.Context, _ string, accounts []string) (map[string]string, error) {
	return a.accountNames(ctx, accounts)
}

// anyones names accounts where a doctor may be among them: a doctor by their
// name, never by their address.
func (a *App) anyones(ctx context.Context, tenant string, accounts []string) (map[string]string, error) {
	out, err := a.accountNames(ctx, accounts)
	if err != nil {
		return nil, err
	}
	doctors, ids := map[string]string{}, []string(nil)
	for _, account := range accounts {
		id, err := a.Doctors.OfAccount(ctx, tenant, account)
		if err != nil {
			return nil, err
		}
		if id != "" {
			doctors[account], ids = id, append(ids, id)
		}
	}
	names, err := a.doctorNames(ctx, tenant, ids)
	for account, id := range doctors {
		out[account] = names[id]
	}
	return out, err
}

func (a *App) emails(ctx context.Context, accounts []string) (map[string]string, error) {
	out := map[string]string{}
	for _, id := range accounts {
		email, err := a.SignIn.Email(ctx, id)
		if problem.KindOf(err) == problem.NotFound {
			continue
		}
		if err != nil {
			return nil, err
		}
		out[id] = email
	}
	return out, nil
}

func (a *App) programmeName(ctx context.Context, tenant string) (string, error) {
	t, _, err := a.Programme.TenantByCode(ctx, tenant)
	return t.Name, err
}

func (a *App) setting(name string) func(ctx context.Context, tenant string) (int, error) {
	return func(ctx context.Context, tenant string) (int, error) { return a.Programme.Int(ctx, tenant, name) }
}

func (a *App) safetyPhone(ctx context.Context, tenant string) (string, error) {
	s, err := a.Programme.Setting(ctx, tenant, programme.SafetyPhone)
	return s.Value, err
}

// bindMoney takes a funded place when a placement starts; freeMoney gives it back.
func (a *App) bindMoney(ctx context.Context, call access.Call, p placement.Placement) error {
	return a.Funding.Commit(ctx, call, funding.Commitment{Source: p.Source(), Phase: p.Phase, Region: p.Region, Employer: p.Employer, On: p.StartedOn})
}

func (a *App) freeMoney(ctx context.Context, call access.Call, p placement.Placement) error {
	return a.Funding.Release(ctx, call, p.Source(), p.EndedOn)
}

// moveMoney lets a funded place follow its placement to another region: refused
// when no place is left there.
func (a *App) moveMoney(ctx context.Context, call access.Call, p placement.Placement, on clock.Date) error {
	if err := a.Funding.Release(ctx, call, p.Source(), on.AddDays(-1)); err != nil {
		return err
	}
	return a.Funding.Commit(ctx, call, funding.Commitment{Source: p.Source(), Phase: p.Phase, Region: p.Region, Employer: p.Employer, On: on})
}

// latestFigures gives the public home page a glance at the tracker.
func (a *App) latestFigures(ctx context.Context, call access.Call) (newsroom.Latest, bool, error) {
	p, found, err := a.Outcomes.Tracker(ctx, call, call.Today)
	if err != nil || !found {
		return newsroom.Latest{}, false, err
	}
	out := newsroom.Latest{AsAt: p.AsAt}
	for _, d := range outcome.Definitions() {
		if c := p.Total[d.Measure]; !c.Hidden && (d.Measure == outcome.Started || d.Measure == outcome.InPost || d.Measure == outcome.DoctorPosts) {
			out.Figures = append(out.Figures, newsroom.Figure{Label: d.Title, Value: strconv.FormatInt(c.Value, 10), Definition: d.Text})
		}
	}
	return out, true, nil
}

// factsChanged lets eligibility and the road to registration look again when
// what they rest on changed.
func (a *App) factsChanged(ctx context.Context, call access.Call, id string, kinds []string) error {
	if err := a.numbersChanged(ctx, call, id, kinds); err != nil {
		return err
	}
	if err := a.Eligibility.Wake(ctx, call, id, kinds); err != nil {
		return err
	}
	if err := a.Registrations.FactsChanged(ctx, call, id); err != nil {
		return err
	}
	return a.Support.ExamsChanged(ctx, call, id, kinds)
}

// consentsChanged lets referral copy a doctor's live consents onto the case,
// where lists of referrers are narrowed.
func (a *App) consentsChanged(ctx context.Context, call access.Call, id string) error {
	return a.Referrals.ConsentChanged(ctx, call, id)
}

// derivedFacts tells the rules of an earlier placement in any programme: yes or
// no by a keyed match, and nothing else of it.
func (a *App) derivedFacts(ctx context.Context, call access.Call, id string) ([]rulebook.Fact, error) {
	token, err := a.Doctors.PersonTokenOf(ctx, call.Actor.Tenant, id)
	if err != nil || token == "" {
		return nil, err // too little is known of the person to match: an assessor must say
	}
	self := operator(call.Actor.Tenant, call.Now) // the rules look, not the employer or assessor whose act made them
	self.Today, self.Request = call.Today, call.Request
	placed, err := a.Placements.Elsewhere(ctx, self, id)
	if err != nil || placed {
		return []rulebook.Fact{{Kind: fact.Placement, Date: call.Today, State: rulebook.Verified, Fields: map[string]any{"placed": true}}}, err
	}
	return []rulebook.Fact{{Kind: fact.Placement, Date: call.Today, State: rulebook.Verified, Fields: map[string]any{"placed": false}}}, nil
}

func (a *App) checkAgain(ctx context.Context, call access.Call, id, at string) (bool, []string, string, error) {
	return a.Eligibility.CheckAgain(ctx, call, id, at, call.Today)
}

func place(o organisation.Organisation, today clock.Date) post.Place {
	p := post.Place{ID: o.ID, Name: o.Name, Region: o.Region, Outcode: o.Outcode, Found: true, England: o.Country == "" && !o.National || o.Country == "England", Closed: o.Closed,
		Practice: o.Kind == organisation.GPPractice}
	if !o.Hostable(today) && p.Closed.IsZero() && p.England && o.National {
		p.England = false // not a kind of organisation, or not in a place, where a doctor can be hosted
	}
	return p
}

func (a *App) places(ctx context.Context, tenant string, ids []string) (map[string]post.Place, error) {
	found, err := a.Organisations.GetMany(ctx, tenant, ids)
	if err != nil {
		return nil, err
	}
	out := make(map[string]post.Place, len(found))
	for id, o := range found {
		out[id] = place(o, a.Now().Local())
	}
	return out, nil
}

func (a *App) findPlaces(ctx context.Context, call access.Call, text string) ([]post.Place, error) {
	found, err := a.Organisations.Search(ctx, call, organisation.Query{Text: text, Hostable: true, Limit: 6})
	if err != nil {
		return nil, err
	}
	var out []post.Place
	for _, o := range found.Organisations {
		out = append(out, place(o, call.Today))
	}
	return out, nil
}

func (a *App) postPhases(ctx context.Context, tenant string) ([]post.Phase, error) {
	phases, err := a.Programme.Phases(ctx, tenant)
	if err != nil {
		return nil, err
	}
	out := make([]post.Phase, len(phases))
	for i, p := range phases {
		out[i] = post.Phase{ID: p.ID, Title: p.Title, Starts: p.Starts, Ends: p.Ends}
	}
	return out, nil
}

// fundedPlaces gives the places that money was set aside for, by phase and
// region, to somebody who may see money; to others none.
func (a *App) fundedPlaces(ctx context.Context, call access.Call) ([]post.Funded, error) {
	all, err := a.Funding.Look(ctx, call)
	if err != nil {
		if k := problem.KindOf(err); k == problem.NotFound || k == problem.Forbidden {
			return nil, nil
		}
		return nil, err
	}
	var out []post.Funded
	for _, p := range all.Phases {
		if p.Ends < call.Today || p.Ends > post.YearEnd(call.Today) {
			continue
		}
		one, err := a.Funding.LookPhase(ctx, call, p.Code)
		if err != nil {
			return nil, err
		}
		for _, sight := range one.Phases {
			for _, r := range sight.ByRegion {
				if r.Budgeted {
					out = append(out, post.Funded{Phase: p.ID, Title: p.Title, Ends: p.Ends, Region: r.Region, Places: r.Places, Taken: r.Committed})
				}
			}
		}
	}
	return out, nil
}

// supervisorAccount finds or makes an account and gives it the supervisor's
// role at an organisation. The employer's right to name supervisors was asked;
// giving the role is msw's own deed.
func (a *App) supervisorAccount(ctx context.Context, call access.Call, email, org string) (string, error) {
	account, err := a.SignIn.Ensure(ctx, email)
	if err != nil {
		return "", err
	}
	members, err := a.Organisations.MembersOf(ctx, account, call.Today)
	if err != nil {
		return "", err
	}
	for _, m := range members[call.Actor.Tenant] {
		if m.Role == organisation.RoleSupervisor && m.Organisation == org {
			return account, nil
		}
	}
	_, err = a.Organisations.AddMember(ctx, operator(call.Actor.Tenant, call.Now), organisation.Member{Account: account, Organisation: org, Role: organisation.RoleSupervisor, From: call.Today})
	return account, err
}

// contactOf gives the doctor's address and whether a message may go there now.
func (a *App) contactOf(ctx context.Context, tenant, id string) (doctor.Contact, string, string, error) {
	c, err := a.Doctors.Contact(ctx, tenant, id)
	if err != nil {
		return c, "", "", err
	}
	switch {
	case c.Email != "" && c.Allows("email"):
		return c, "mail", c.Email, nil
	case c.Mobile != "" && c.Allows("text"):
		return c, "text", c.Mobile, nil
	}
	return c, "", "", nil
}

// senders makes the ways out from the configuration. Without a mail server,
// mail waits in the outbox until there is one.
func senders(c Config) (notify.Sender, error) {
	out := notify.Channels{}
	if c.SMTPHost != "" {
		mail, err := notify.NewSMTP(notify.SMTPOptions{Host: c.SMTPHost, Port: c.SMTPPort, User: c.SMTPUser, Password: c.SMTPPassword,
			From: c.MailFrom, FromName: c.MailFromName, Plain: c.SMTPHost == "localhost" || c.SMTPHost == "127.0.0.1", Now: now})
		if err != nil {
			return nil, err
		}
		out["mail"] = mail
	}
	if c.TextURL != "" {
		text, err := notify.NewGateway(c.TextURL, c.TextToken)
		if err != nil {
			return nil, err
		}
		out["text"] = text
	}
	return out, nil
}

func secure(c Config) bool { return strings.HasPrefix(c.Address, "https://") }

// practice says what the next employer must know of a doctor's entry in the GMC
// register. Registrations are made after the pages that show it.
func (a *App) practice(ctx context.Context, tenant, id string) (string, error) {
	p, err := a.Registrations.PracticeOf(ctx, tenant, id)
	if err != nil || !p.Approved {
		return "", err
	}
	return "The GMC register says that this doctor must work in an approved practice setting until their first revalidation. " +
		"Ask your responsible officer whether the place of work is one. Two people read it in the register, the second on " + p.ReadOn.Long() + ".", nil
}

// derivedMany is derivedFacts for every doctor between two ids.
func (a *App) derivedMany(ctx context.Context, call access.Call, first, last string) (map[string][]rulebook.Fact, error) {
	tokens, err := a.Doctors.PersonTokens(ctx, call.Actor.Tenant, first, last)
	if err != nil {
		return nil, err
	}
	list := make([]string, 0, len(tokens))
	for _, token := range tokens {
		if token != "" {
			list = append(list, token)
		}
	}
	placed, err := a.Placements.ElsewhereMany(ctx, call.Actor.Tenant, list)
	if err != nil {
		return nil, err
	}
	out := make(map[string][]rulebook.Fact, len(tokens))
	for id, token := range tokens {
		if token != "" { // else too little is known of the person to match: an assessor must say
			out[id] = []rulebook.Fact{{Kind: fact.Placement, Date: call.Today, State: rulebook.Verified, Fields: map[string]any{"placed": placed[token]}}}
		}
	}
	return out, nil
}

// people names doctors in the lists of the rule workbench.
func (a *App) people(ctx context.Context, tenant string, ids []string) (map[string]programme.Person, error) {
	cases, err := a.Cases.Many(ctx, tenant, ids)
	if err != nil {
		return nil, err
	}
	names, err := a.doctorNames(ctx, tenant, ids)
	if err != nil {
		return nil, err
	}
	out := make(map[string]programme.Person, len(ids))
	for _, id := range ids {
		out[id] = programme.Person{Ref: cases[id].Ref, Name: names[id]}
	}
	return out, nil
}

// sameAs lets the cases of records that are one person follow: the person is in
// every list, queue and figure once, as the record that goes on.
func (a *App) sameAs(ctx context.Context, call access.Call, goesOn map[string]string) error {
	for _, id := range slices.Sorted(maps.Keys(goesOn)) {
		if err := a.Cases.SameAs(ctx, call, id, goesOn[id]); err != nil {
			return err
		}
	}
	return nil
}
