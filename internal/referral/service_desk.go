package referral

import (
	"context"
	"slices"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/casefile"
	"msw/internal/consent"
	"msw/internal/problem"
)

const (
	deskRows   = 50  // referrals on a page
	deskChunk  = 200 // read at a time
	deskChunks = 10  // read at most for one page
)

// DeskQuery asks for one page of a desk. After are the keys of the last row
// looked at: date and reference.
type DeskQuery struct {
	Group Group // "" = waiting
	After []string
}

// Desk is one page of it. Next are the keys after which it goes on, nil at the end.
type Desk struct {
	Answers []Answer
	Next    []string
	Staff   bool // the reader works for the programme and sees every organisation's
}

// Desk lists an organisation's referrals with what it may know of each, those
// referred longest ago first. Staff see those of every organisation.
func (s *Service) Desk(ctx context.Context, call access.Call, q DeskQuery) (Desk, error) {
	scope := s.access.Scope(call.Actor, ActDesk)
	d := Desk{Staff: scope.All}
	if scope.None() {
		return d, nil
	}
	if q.Group == "" {
		q.Group = GroupWaiting
	}
	var shown []string
	for range deskChunks {
		list, err := s.chunk(ctx, scope, q.After, deskChunk)
		if err != nil {
			return Desk{}, err
		}
		answers, err := s.answers(ctx, call, list, scope.All)
		if err != nil {
			return Desk{}, err
		}
		twice := map[string]bool{}
		if !scope.All {
			if twice, err = s.twice(ctx, call.Actor.Tenant, list); err != nil {
				return Desk{}, err
			}
		}
		for i, a := range answers {
			if len(d.Answers) == deskRows {
				d.Next = q.After
				break
			}
			q.After = []string{list[i].On.String(), list[i].Ref}
			if (q.Group == GroupAll || a.Group() == q.Group) && !twice[list[i].ID] {
				d.Answers, shown = append(d.Answers, a), append(shown, list[i].ID)
			}
		}
		if d.Next != nil || len(list) < deskChunk {
			return d, s.looked(ctx, call, q, shown)
		}
	}
	d.Next = q.After
	return d, s.looked(ctx, call, q, shown)
}

func (s *Service) looked(ctx context.Context, call access.Call, q DeskQuery, shown []string) error {
	if len(shown) == 0 {
		return nil
	}
	return s.audit.Look(ctx, call, audit.Look{Action: ActDesk, Query: "referrals " + string(q.Group), Kind: "referral", IDs: shown})
}

// twice finds the referrals of a person whom the same organisation referred
// before, under the same record or another one of theirs: a desk shows a person
// once. Staff, who work on referrals, see each.
func (s *Service) twice(ctx context.Context, tenant string, list []Referral) (map[string]bool, error) {
	out := map[string]bool{}
	if len(list) == 0 {
		return out, nil
	}
	persons := make([]string, len(list))
	for i, r := range list {
		persons[i] = r.Person
	}
	same, err := s.o.Cases.Same(ctx, tenant, persons)
	if err != nil {
		return nil, err
	}
	for _, as := range same {
		persons = append(persons, as)
	}
	first, err := s.firstOf(ctx, tenant, persons)
	if err != nil {
		return nil, err
	}
	for _, r := range list {
		if !r.WithdrawnOn.IsZero() {
			continue
		}
		_, there := first[[2]string{r.Organisation, same[r.Person]}]
		out[r.ID] = there || first[[2]string{r.Organisation, r.Person}] != r.On.String()+" "+r.Ref
	}
	return out, nil
}

// answers says of each referral what its reader may know today.
func (s *Service) answers(ctx context.Context, call access.Call, list []Referral, staff bool) ([]Answer, error) {
	if staff {
		return s.staffAnswers(ctx, call, list)
	}
	byOrganisation := map[string][]string{}
	for _, r := range list {
		if r.WithdrawnOn.IsZero() {
			byOrganisation[r.Organisation] = append(byOrganisation[r.Organisation], r.Person)
		}
	}
	out := make([]Answer, len(list))
	for _, org := range sortedKeys(byOrganisation) {
		persons := byOrganisation[org]
		live, err := s.o.Consents.LiveFor(ctx, call.Actor.Tenant, org, persons, call.Today)
		if err != nil {
			return nil, err
		}
		persons = slices.DeleteFunc(persons, func(id string) bool { return !slices.Contains(live[id], consent.ScopeProgress) })
		views, err := s.o.Cases.Waiting(ctx, call, persons)
		if err != nil {
			return nil, err
		}
		for i, r := range list {
			if r.Organisation != org {
				continue
			}
			var view *casefile.CoarseView
			if v, ok := views[r.Person]; ok && slices.Contains(live[r.Person], consent.ScopeProgress) {
				view = &v
			}
			out[i] = r.answer(len(live[r.Person]) > 0, view, call.Today)
		}
	}
	for i, r := range list {
		if !r.WithdrawnOn.IsZero() {
			out[i] = r.answer(false, nil, call.Today)
		}
	}
	return out, nil
}

func (s *Service) staffAnswers(ctx context.Context, call access.Call, list []Referral) ([]Answer, error) {
	persons := make([]string, len(list))
	for i, r := range list {
		persons[i] = r.Person
	}
	cases, err := s.o.Cases.Many(ctx, call.Actor.Tenant, persons)
	if err != nil {
		return nil, err
	}
	out := make([]Answer, len(list))
	for i, r := range list {
		withdrawn := r.WithdrawnOn
		r.WithdrawnOn = 0
		c, ok := cases[r.Person]
		view := c.Coarse()
		out[i] = r.answer(true, &view, call.Today)
		out[i].Withdrawn = withdrawn
		if ok && s.access.May(call.Actor, casefile.ActRead, c.Resource()) == nil {
			out[i].CaseRef = c.Ref
		}
	}
	return out, nil
}

func sortedKeys(m map[string][]string) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// Opened is one referral as its reader may see it. Said is empty once the
// agreement has ended.
type Opened struct {
	Answer
	Said   Said
	Scope  []string // what the doctor agreed to share
	Asked  bool     // a renewal waits for the doctor
	Until  consent.Consent
	Writer bool // may withdraw and renew
}

// resource is a referral as access sees it.
func resource(call access.Call, r Referral) access.Resource {
	res := access.Resource{Kind: "referral", ID: r.ID, Tenant: call.Actor.Tenant, Doctor: r.Person}
	if r.Organisation != "" {
		res.Organisations = []string{r.Organisation}
	}
	return res
}

// permit finds a referral by its reference and asks permission for it.
func (s *Service) permit(ctx context.Context, call access.Call, act access.Action, ref string) (Referral, error) {
	r, err := s.byRef(ctx, call.Actor.Tenant, ref)
	if err != nil {
		return r, err
	}
	return r, s.access.May(call.Actor, act, resource(call, r))
}

// Open gives one referral to its desk and notes the look.
func (s *Service) Open(ctx context.Context, call access.Call, ref string) (Opened, error) {
	r, err := s.permit(ctx, call, ActDesk, ref)
	if err != nil {
		return Opened{}, err
	}
	staff := s.access.May(call.Actor, ActStaff, access.Resource{Kind: "referral", Tenant: call.Actor.Tenant}) == nil
	answers, err := s.answers(ctx, call, []Referral{r}, staff)
	if err != nil {
		return Opened{}, err
	}
	o := Opened{Answer: answers[0], Asked: len(r.AskScope) > 0, Writer: s.access.May(call.Actor, ActRenew, resource(call, r)) == nil}
	given, err := s.consentOf(ctx, call, r)
	if err != nil {
		return Opened{}, err
	}
	if staff || !o.Ended && o.Withdrawn.IsZero() {
		o.Said, o.Scope, o.Until = r.Said, given.Scope, given
	}
	return o, s.audit.Look(ctx, call, audit.Look{Action: ActDesk, Kind: "referral", IDs: []string{r.ID}, Person: r.Person})
}

// consentOf gives the consent a referral rests on, the zero value when it has
// none.
func (s *Service) consentOf(ctx context.Context, call access.Call, r Referral) (consent.Consent, error) {
	if r.Consent == "" {
		return consent.Consent{}, nil
	}
	all, err := s.o.Consents.All(ctx, call.Actor.Tenant, r.Person)
	if err != nil {
		return consent.Consent{}, err
	}
	for _, c := range all {
		if c.ID == r.Consent {
			return c, nil
		}
	}
	return consent.Consent{}, nil
}

// Withdraw takes a referral back: from then on the referrer learns nothing
// more. The case goes on; a caseworker is told, since the doctor may still wish
// to join.
func (s *Service) Withdraw(ctx context.Context, call access.Call, ref string) error {
	r, err := s.permit(ctx, call, ActWithdraw, ref)
	if err != nil {
		return err
	}
	if !r.WithdrawnOn.IsZero() {
		return problem.New(problem.Conflict, "This referral was already taken back on "+r.WithdrawnOn.Long()+".")
	}
	in := asProgramme(call)
	return s.db.Tx(ctx, func(ctx context.Context) error {
		if r.Consent != "" {
			if err := s.o.Consents.Withdraw(ctx, in, r.Consent); err != nil {
				return err
			}
		}
		before := r
		r.WithdrawnOn, r.AskScope, r.AskUntil = call.Today, nil, 0
		if err := s.update(ctx, call.Actor.Tenant, r); err != nil {
			return err
		}
		if err := s.ConsentChanged(ctx, in, r.Person); err != nil {
			return err
		}
		if err := s.o.Cases.OpenTask(ctx, in, casefile.Task{Doctor: r.Person, Kind: TaskWithdrawn, Source: "referral:" + r.ID, Party: casefile.PartyCaseworker,
			Title: "A referral was taken back: ask the doctor how to go on"}); err != nil {
			return err
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: ActWithdraw, Kind: "referral", ID: r.ID, Person: r.Person, Before: before, After: r})
	})
}
