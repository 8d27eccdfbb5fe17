package onboarding

import (
	"context"
	"slices"
	"strings"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/problem"
)

// Applicant is one application as an employer sees it. Name stays empty until
// somebody is invited: before that nothing tells who they are.
type Applicant struct {
	Application
	Name     string
	Assessed Assessed
	Own      bool // the actor has given marks
	Slot     *Slot
}

// Running is a vacancy with its applications, as its employer sees it.
type Running struct {
	VacancyRow
	Applicants []Applicant
	Free       []Slot
	MayRun     bool
	MayScore   bool
}

// Run shows a vacancy with its applications to its employer or to somebody who
// scores. The marks of others are shown to nobody before they have given theirs.
func (s *Service) Run(ctx context.Context, call access.Call, id string) (Running, error) {
	var out Running
	tenant := call.Actor.Tenant
	v, err := s.vacancy(ctx, tenant, id)
	if err != nil {
		return out, err
	}
	out.MayRun = s.access.May(call.Actor, ActRecruit, v.Resource(tenant)) == nil
	out.MayScore = s.access.May(call.Actor, ActScore, v.Resource(tenant)) == nil
	if !out.MayRun && !out.MayScore {
		return out, problem.Missing()
	}
	rows, err := s.dressVacancies(ctx, tenant, []Vacancy{v})
	if err != nil {
		return out, err
	}
	out.VacancyRow = rows[0]
	if err := s.applicants(ctx, call, &out); err != nil {
		return out, err
	}
	slots, err := s.slots(ctx, tenant, id)
	if err != nil {
		return out, err
	}
	for _, one := range slots {
		i := slices.IndexFunc(out.Applicants, func(a Applicant) bool { return a.ID == one.Application })
		switch {
		case one.Application == "" && one.Starts.After(call.Now):
			out.Free = append(out.Free, one)
		case i >= 0 && out.MayRun:
			out.Applicants[i].Slot = &one
		}
	}
	var ids []string
	for _, a := range out.Applicants {
		ids = append(ids, a.ID)
	}
	return out, s.audit.Look(ctx, call, audit.Look{Action: ActScore, Kind: "application", IDs: ids, Query: "vacancy=" + id})
}

func (s *Service) applicants(ctx context.Context, call access.Call, out *Running) error {
	tenant := call.Actor.Tenant
	list, err := s.applicationsTo(ctx, tenant, out.ID)
	if err != nil {
		return err
	}
	list = slices.DeleteFunc(list, func(a Application) bool { return slices.Contains(call.Actor.Hidden, a.Doctor) })
	marks, err := s.marksOf(ctx, tenant, list)
	if err != nil {
		return err
	}
	var known []string
	for _, a := range list {
		if out.MayRun && a.invited() {
			known = append(known, a.Doctor)
		}
	}
	names, err := s.names(ctx, tenant, known)
	if err != nil {
		return err
	}
	for _, a := range list {
		one := Applicant{Application: a, Name: names[a.Doctor], Assessed: Assess(s.o.Rules.Recruitment, out.Criteria, marks[a.ID])}
		if !out.MayRun || !a.invited() {
			one.Name, one.Doctor = "", ""
		}
		one.Own = slices.ContainsFunc(marks[a.ID], func(m Marks) bool { return m.By == call.Actor.Account })
		out.Applicants = append(out.Applicants, one)
	}
	return nil
}

// invited tells whether an employer may know whose application it is.
func (a Application) invited() bool {
	return a.State == Shortlisted || a.State == JobOffer || a.State == NotChosen
}

// Sheet is one application as somebody who scores reads it.
type Sheet struct {
	Vacancy     VacancyRow
	Application string
	Answers     map[string]string // names, schools and countries are taken out
	Own         map[string]int    // marks given by the reader
	Others      []Marks           // only once the reader has given theirs
	Open        bool              // marks can be given or changed
}

// Read shows an application to somebody who scores, without anything that tells
// whose it is.
func (s *Service) Read(ctx context.Context, call access.Call, vacancy, id string) (Sheet, error) {
	v, a, err := s.toScore(ctx, call, vacancy, id)
	if err != nil {
		return Sheet{}, err
	}
	rows, err := s.dressVacancies(ctx, call.Actor.Tenant, []Vacancy{v})
	if err != nil {
		return Sheet{}, err
	}
	out := Sheet{Vacancy: rows[0], Application: a.ID, Answers: map[string]string{}, Open: v.State == VacancyOpen && a.State == Applied}
	var words []string
	if s.o.Telling != nil {
		if words, err = s.o.Telling(ctx, call.Actor.Tenant, a.Doctor); err != nil {
			return out, err
		}
	}
	for code, text := range a.Answers {
		out.Answers[code] = blank(text, words)
	}
	marks, err := s.marksOf(ctx, call.Actor.Tenant, []Application{a})
	if err != nil {
		return out, err
	}
	for _, m := range marks[a.ID] {
		if m.By == call.Actor.Account {
			out.Own = m.Marks
		} else {
			out.Others = append(out.Others, m)
		}
	}
	if out.Own == nil {
		out.Others = nil
	}
	// Whose it is stands in no answer and in no look either.
	return out, s.audit.Look(ctx, call, audit.Look{Action: ActScore, Kind: "application", IDs: []string{a.ID}})
}

func (s *Service) toScore(ctx context.Context, call access.Call, vacancy, id string) (Vacancy, Application, error) {
	v, err := s.vacancy(ctx, call.Actor.Tenant, vacancy)
	if err != nil {
		return v, Application{}, err
	}
	if s.access.May(call.Actor, ActScore, v.Resource(call.Actor.Tenant)) != nil {
		return v, Application{}, problem.Missing()
	}
	a, err := s.application(ctx, call.Actor.Tenant, id, true)
	if err == nil && (a.Vacancy != v.ID || slices.Contains(call.Actor.Hidden, a.Doctor)) {
		err = problem.Missing()
	}
	return v, a, err
}

// Mark gives the actor's marks to an application. They can be changed until the
// marks of somebody else are seen beside them.
func (s *Service) Mark(ctx context.Context, call access.Call, vacancy, id string, marks map[string]int) error {
	return s.db.Tx(ctx, func(ctx context.Context) error {
		v, a, err := s.toScore(ctx, call, vacancy, id)
		if err != nil {
			return err
		}
		if v.State != VacancyOpen || a.State != Applied {
			return problem.Refuse("Marks cannot be given any more.", "The invitations have been decided.")
		}
		if err := CheckMarks(s.o.Rules.Recruitment, v.Criteria, marks); err != nil {
			return err
		}
		given, err := s.marksOf(ctx, call.Actor.Tenant, []Application{a})
		if err != nil {
			return err
		}
		mine := slices.ContainsFunc(given[a.ID], func(m Marks) bool { return m.By == call.Actor.Account })
		if mine && len(given[a.ID]) > 1 {
			return problem.Refuse("Your marks cannot be changed.", "You have seen the marks of somebody else.")
		}
		if err := s.saveMarks(ctx, call.Actor.Tenant, a.Doctor, Marks{a.ID, call.Actor.Account, call.Today, marks}); err != nil {
			return err
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: ActScore, Kind: "application", ID: a.ID, Person: a.Doctor, After: marks})
	})
}

// running loads a vacancy its employer changes, with applications and marks.
func (s *Service) running(ctx context.Context, call access.Call, id string) (Vacancy, []Application, map[string]Assessed, error) {
	tenant := call.Actor.Tenant
	v, err := s.vacancy(ctx, tenant, id)
	if err != nil {
		return v, nil, nil, err
	}
	if s.access.May(call.Actor, ActRecruit, v.Resource(tenant)) != nil {
		return v, nil, nil, problem.Missing()
	}
	list, err := s.applicationsTo(ctx, tenant, id)
	if err != nil {
		return v, nil, nil, err
	}
	list = slices.DeleteFunc(list, func(a Application) bool { return slices.Contains(call.Actor.Hidden, a.Doctor) })
	marks, err := s.marksOf(ctx, tenant, list)
	assessed := map[string]Assessed{}
	for _, a := range list {
		assessed[a.ID] = Assess(s.o.Rules.Recruitment, v.Criteria, marks[a.ID])
	}
	return v, list, assessed, err
}

// Invite decides who is invited to an interview, by the marks alone.
func (s *Service) Invite(ctx context.Context, call access.Call, id string, places int) error {
	return s.db.Tx(ctx, func(ctx context.Context) error {
		v, list, assessed, err := s.running(ctx, call, id)
		if err != nil {
			return err
		}
		if stops := StopsShortlist(v, list, assessed, places); len(stops) > 0 {
			return problem.Refuse("The invitations cannot be decided.", stops...)
		}
		for _, a := range Shortlist(list, assessed, places) {
			a.Since = call.Today
			if err := s.moved(ctx, call, ActRecruit, a); err != nil {
				return err
			}
		}
		return s.moveVacancy(ctx, call, v, VacancyInterviews)
	})
}

func (s *Service) moveVacancy(ctx context.Context, call access.Call, v Vacancy, to VacancyState) error {
	v.State, v.Since = to, call.Today
	if err := s.updateVacancy(ctx, call.Actor.Tenant, v); err != nil {
		return err
	}
	return s.audit.Record(ctx, call, audit.Entry{Action: ActRecruit, Kind: "vacancy", ID: v.ID, After: map[string]any{"state": to}})
}

// NewSlot is a time for an interview.
type NewSlot struct {
	Starts  clock.Instant
	Minutes int
	Place   string
}

// AddSlot offers one more time; field names are on, time, minutes and place.
func (s *Service) AddSlot(ctx context.Context, call access.Call, id string, n NewSlot) error {
	return s.db.Tx(ctx, func(ctx context.Context) error {
		v, err := s.vacancy(ctx, call.Actor.Tenant, id)
		if err != nil {
			return err
		}
		if s.access.May(call.Actor, ActRecruit, v.Resource(call.Actor.Tenant)) != nil {
			return problem.Missing()
		}
		var c problem.Check
		c.That(n.Starts.After(call.Now), "on", "The time must be in the future")
		c.That(n.Minutes >= 10 && n.Minutes <= 240, "minutes", "Enter 10 to 240 minutes")
		c.That(n.Place != "" && len(n.Place) <= 120, "place", "Say where, in 120 characters or fewer. For example, online")
		if err := c.Err(); err != nil {
			return err
		}
		if v.State == VacancyClosed {
			return problem.Refuse("No time can be added.", "The vacancy is closed.")
		}
		slot := Slot{ID: database.NewRef(), Version: 1, Vacancy: v.ID, Starts: n.Starts, Minutes: n.Minutes, Place: strings.TrimSpace(n.Place)}
		if err := s.insertSlot(ctx, call.Actor.Tenant, slot); err != nil {
			return err
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: ActRecruit, Kind: "vacancy", ID: v.ID, After: slot})
	})
}

// Choose makes an offer to somebody who was invited, on the post's terms; all
// that holds for an offer holds here.
func (s *Service) Choose(ctx context.Context, call access.Call, id, application string) (Offer, error) {
	var o Offer
	err := s.db.Tx(ctx, func(ctx context.Context) error {
		v, list, _, err := s.running(ctx, call, id)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(list, func(a Application) bool { return a.ID == application })
		if i < 0 {
			return problem.Missing()
		}
		a := list[i]
		if a.State != Shortlisted {
			return problem.Refuse("No offer can be made.", "This person has not been invited to an interview.")
		}
		if o, err = s.proposeApplicant(ctx, call, v, a); err != nil {
			return err
		}
		if o, err = s.Offer(ctx, call, Making{ID: o.ID}); err != nil {
			return err
		}
		a.State, a.Offer, a.Since = JobOffer, o.ID, call.Today
		return s.moved(ctx, call, ActRecruit, a)
	})
	return o, err
}

// Shut ends a vacancy; whoever got no offer is told that they were not chosen.
func (s *Service) Shut(ctx context.Context, call access.Call, id string) error {
	return s.db.Tx(ctx, func(ctx context.Context) error {
		v, list, _, err := s.running(ctx, call, id)
		if err != nil {
			return err
		}
		if v.State == VacancyClosed {
			return problem.Refuse("This vacancy is closed already.", "It was closed on "+v.Since.Long()+".")
		}
		for _, a := range list {
			if a.State != Applied && a.State != Shortlisted {
				continue
			}
			a.State, a.Since = map[ApplicationState]ApplicationState{Applied: NotShortlisted, Shortlisted: NotChosen}[a.State], call.Today
			if err := s.moved(ctx, call, ActRecruit, a); err != nil {
				return err
			}
		}
		return s.moveVacancy(ctx, call, v, VacancyClosed)
	})
}
