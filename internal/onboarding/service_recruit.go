package onboarding

import (
	"context"
	"slices"
	"strings"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/casefile"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/post"
	"msw/internal/problem"
)

// NewVacancy lets doctors apply to an open post.
type NewVacancy struct {
	Post      string
	Criteria  []string // codes
	Essential []string // of these
	ClosesOn  clock.Date
}

// check says all that is wrong with a vacancy but its post.
func (n NewVacancy) check(known []Criterion, today clock.Date) error {
	var c problem.Check
	c.That(len(n.Criteria) > 0, "criteria", "Choose at least one criterion")
	c.That(n.ClosesOn > today, "closes", "The last day to apply must be after today")
	for _, code := range n.Criteria {
		c.That(slices.ContainsFunc(known, func(k Criterion) bool { return k.ID == code }), "criteria", "Choose criteria from the list")
	}
	for _, code := range n.Essential {
		c.That(slices.Contains(n.Criteria, code), "essential", "Tick what is essential under what you score, too")
	}
	return c.Err()
}

// Advertise opens a vacancy for an open post of the actor's organisation.
func (s *Service) Advertise(ctx context.Context, call access.Call, n NewVacancy) (Vacancy, error) {
	var v Vacancy
	err := s.db.Tx(ctx, func(ctx context.Context) error {
		p, err := s.posts.Get(ctx, call.Actor.Tenant, n.Post)
		if err != nil {
			return err
		}
		v = Vacancy{ID: database.NewRef(), Version: 1, Post: p.ID, Employer: p.Employer, Host: p.Host, Region: p.Region, State: VacancyOpen,
			OpenedOn: call.Today, ClosesOn: n.ClosesOn, Since: call.Today}
		if s.access.May(call.Actor, ActRecruit, v.Resource(call.Actor.Tenant)) != nil {
			return problem.Missing()
		}
		known := s.o.Rules.Recruitment.Criteria
		if err := n.check(known, call.Today); err != nil {
			return err
		}
		for _, k := range known {
			if slices.Contains(n.Criteria, k.ID) {
				v.Criteria = append(v.Criteria, Wanted{k.ID, slices.Contains(n.Essential, k.ID)})
			}
		}
		if p.Status != post.Open {
			return problem.Refuse("This post cannot be advertised.", "The post is not open.")
		}
		fresh, err := s.insertVacancy(ctx, call.Actor.Tenant, v)
		if err != nil {
			return err
		}
		if !fresh {
			return problem.New(problem.Conflict, "This post is advertised already.")
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: ActRecruit, Kind: "vacancy", ID: v.ID, After: v})
	})
	return v, err
}

// VacancyRow is a vacancy with the words of its post.
type VacancyRow struct {
	Vacancy
	At           post.Post
	EmployerName string
	HostName     string
	Mine         *Application // the doctor's own
}

// Vacancies lists the vacancies the actor runs or scores, the latest first.
func (s *Service) Vacancies(ctx context.Context, call access.Call, act access.Action, most int) ([]VacancyRow, error) {
	list, err := s.vacancies(ctx, s.access.Scope(call.Actor, act), most)
	if err != nil {
		return nil, err
	}
	return s.dressVacancies(ctx, call.Actor.Tenant, list)
}

func (s *Service) dressVacancies(ctx context.Context, tenant string, list []Vacancy) ([]VacancyRow, error) {
	var posts, places []string
	for _, v := range list {
		posts, places = append(posts, v.Post), append(places, v.Employer, v.Host)
	}
	what, err := s.posts.GetMany(ctx, tenant, posts)
	if err != nil {
		return nil, err
	}
	where, err := s.posts.Places(ctx, tenant, places)
	if err != nil {
		return nil, err
	}
	out := make([]VacancyRow, len(list))
	for i, v := range list {
		out[i] = VacancyRow{Vacancy: v, At: what[v.Post], EmployerName: where[v.Employer].Name, HostName: where[v.Host].Name}
	}
	return out, nil
}

// own is the doctor as a record of their own.
func own(call access.Call) access.Resource {
	return access.Resource{Kind: "doctor", ID: call.Actor.Doctor, Tenant: call.Actor.Tenant, Doctor: call.Actor.Doctor}
}

// OpenVacancies lists, for a doctor, the vacancies that take applications and
// those they applied to. Places they hide from are not among them.
func (s *Service) OpenVacancies(ctx context.Context, call access.Call, most int) ([]VacancyRow, error) {
	if err := s.access.May(call.Actor, ActApply, own(call)); err != nil {
		return nil, err
	}
	tenant := call.Actor.Tenant
	mine, err := s.applicationsOf(ctx, tenant, call.Actor.Doctor)
	if err != nil {
		return nil, err
	}
	list, err := s.openVacancies(ctx, tenant, call.Today, most)
	if err != nil {
		return nil, err
	}
	var missing []string
	for _, a := range mine {
		if !slices.ContainsFunc(list, func(v Vacancy) bool { return v.ID == a.Vacancy }) {
			missing = append(missing, a.Vacancy)
		}
	}
	more, err := s.vacanciesByID(ctx, tenant, missing)
	if err != nil {
		return nil, err
	}
	rows, err := s.dressVacancies(ctx, tenant, append(more, list...))
	if err != nil {
		return nil, err
	}
	out := rows[:0]
	for _, r := range rows {
		if i := slices.IndexFunc(mine, func(a Application) bool { return a.Vacancy == r.ID }); i >= 0 {
			r.Mine = &mine[i]
		} else if err := s.Visible(ctx, tenant, call.Actor.Doctor, r.At); problem.KindOf(err) == problem.NotFound || r.At.Status != post.Open {
			continue
		} else if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, nil
}

// ForDoctor is one vacancy as a doctor sees it; Missing when they hide from it.
func (s *Service) ForDoctor(ctx context.Context, call access.Call, id string) (VacancyRow, error) {
	if err := s.access.May(call.Actor, ActApply, own(call)); err != nil {
		return VacancyRow{}, err
	}
	v, err := s.vacancy(ctx, call.Actor.Tenant, id)
	if err != nil {
		return VacancyRow{}, err
	}
	rows, err := s.dressVacancies(ctx, call.Actor.Tenant, []Vacancy{v})
	if err != nil {
		return VacancyRow{}, err
	}
	return rows[0], s.Visible(ctx, call.Actor.Tenant, call.Actor.Doctor, rows[0].At)
}

// Applying is a doctor's application.
type Applying struct {
	Vacancy string
	Answers map[string]string
}

// Apply sends a doctor's application.
func (s *Service) Apply(ctx context.Context, call access.Call, cmd Applying) (Application, error) {
	var a Application
	err := s.db.Tx(ctx, func(ctx context.Context) error {
		v, err := s.ForDoctor(ctx, call, cmd.Vacancy)
		if err != nil {
			return err
		}
		c, err := s.cases.Get(ctx, call.Actor.Doctor, call.Actor.Tenant)
		if err != nil {
			return err
		}
		if err := CheckAnswers(v.Criteria, cmd.Answers); err != nil {
			return err
		}
		if stops := StopsApplying(c.Stage, v.Vacancy, v.At, call.Today); len(stops) > 0 {
			return problem.Refuse("You cannot apply to this vacancy.", stops...)
		}
		a = Application{ID: database.NewRef(), Version: 1, Vacancy: v.ID, Doctor: call.Actor.Doctor, State: Applied, AppliedOn: call.Today, Since: call.Today, Answers: map[string]string{}}
		for _, w := range v.Criteria {
			a.Answers[w.Code] = cmd.Answers[w.Code]
		}
		fresh, err := s.insertApplication(ctx, call.Actor.Tenant, a)
		if err != nil {
			return err
		}
		if !fresh {
			return problem.New(problem.Conflict, "You have applied to this vacancy already.")
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: ActApply, Kind: "application", ID: a.ID, Person: a.Doctor, After: map[string]any{"vacancy": a.Vacancy}})
	})
	return a, err
}

// OwnApplication is a doctor's application with what they can do.
type OwnApplication struct {
	Application
	Vacancy VacancyRow
	Free    []Slot // times to choose from
	Chosen  *Slot
}

// Own shows a doctor their application.
func (s *Service) Own(ctx context.Context, call access.Call, id string) (OwnApplication, error) {
	var out OwnApplication
	a, err := s.application(ctx, call.Actor.Tenant, id, true)
	if err != nil {
		return out, err
	}
	if a.Doctor != call.Actor.Doctor || s.access.May(call.Actor, ActApply, own(call)) != nil {
		return out, problem.Missing()
	}
	out.Application = a
	v, err := s.vacancy(ctx, call.Actor.Tenant, a.Vacancy)
	if err != nil {
		return out, err
	}
	rows, err := s.dressVacancies(ctx, call.Actor.Tenant, []Vacancy{v})
	if err != nil {
		return out, err
	}
	out.Vacancy = rows[0]
	slots, err := s.slots(ctx, call.Actor.Tenant, a.Vacancy)
	for _, one := range slots {
		switch {
		case one.Application == a.ID:
			out.Chosen = &one
		case one.Application == "" && one.Starts.After(call.Now):
			out.Free = append(out.Free, one)
		}
	}
	return out, err
}

// Book chooses an interview time, or another one. Conflict when somebody else
// was quicker.
func (s *Service) Book(ctx context.Context, call access.Call, application, slot string) error {
	return s.db.Tx(ctx, func(ctx context.Context) error {
		mine, err := s.Own(ctx, call, application)
		if err != nil {
			return err
		}
		if mine.State != Shortlisted {
			return problem.Refuse("You cannot choose a time.", "You have not been invited to an interview: "+strings.ToLower(mine.State.Words())+".")
		}
		i := slices.IndexFunc(mine.Free, func(f Slot) bool { return f.ID == slot })
		var c problem.Check
		c.That(slot != "", "slot", "Choose a time")
		if err := c.Err(); err != nil {
			return err
		}
		if i < 0 {
			return problem.New(problem.Conflict, "Somebody else has just chosen this time. Choose another one.")
		}
		if mine.Chosen != nil {
			if err := s.bookSlot(ctx, call.Actor.Tenant, *mine.Chosen, ""); err != nil {
				return err
			}
		}
		if err := s.bookSlot(ctx, call.Actor.Tenant, mine.Free[i], application); err != nil {
			return err
		}
		if err := s.cases.CloseTask(ctx, call, mine.Doctor, slotTask(mine.Application, 0).Kind, mine.Source()); err != nil {
			return err
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: ActApply, Kind: "application", ID: application, Person: mine.Doctor, After: map[string]any{"slot": slot}})
	})
}

func slotTask(a Application, since clock.Date) casefile.Task {
	return casefile.Task{Doctor: a.Doctor, Kind: "choose_time", Title: "Choose a time for a talk", Source: a.Source(), URL: "/applications/" + a.ID,
		Party: casefile.PartyDoctor, Since: since}
}

// PullOut takes a doctor's application back.
func (s *Service) PullOut(ctx context.Context, call access.Call, id string) error {
	return s.db.Tx(ctx, func(ctx context.Context) error {
		mine, err := s.Own(ctx, call, id)
		if err != nil {
			return err
		}
		if mine.State != Applied && mine.State != Shortlisted {
			return problem.Refuse("This application cannot be taken back.", "It has ended already.")
		}
		if mine.Chosen != nil {
			if err := s.bookSlot(ctx, call.Actor.Tenant, *mine.Chosen, ""); err != nil {
				return err
			}
		}
		a := mine.Application
		a.State, a.Since = PulledOut, call.Today
		return s.moved(ctx, call, ActApply, a)
	})
}

// endApplications ends what a doctor applied to besides the post they took, and
// frees the interview times they chose.
func (s *Service) endApplications(ctx context.Context, call access.Call, won Offer, on clock.Date) error {
	tenant := call.Actor.Tenant
	list, err := s.applicationsOf(ctx, tenant, won.Doctor)
	if err != nil {
		return err
	}
	for _, a := range list {
		if a.State != Applied && a.State != Shortlisted {
			continue
		}
		times, err := s.slots(ctx, tenant, a.Vacancy)
		if err != nil {
			return err
		}
		for _, one := range times {
			if one.Application != a.ID {
				continue
			}
			if err := s.bookSlot(ctx, tenant, one, ""); err != nil {
				return err
			}
		}
		a.State, a.Since, a.Reasons = PulledOut, max(on, a.Since), []string{tookPost}
		if err := s.moved(ctx, call, ActApply, a); err != nil {
			return err
		}
	}
	return nil
}

// moved saves an application in a new state and closes what waited for it.
func (s *Service) moved(ctx context.Context, call access.Call, act access.Action, a Application) error {
	if err := s.updateApplication(ctx, call.Actor.Tenant, a); err != nil {
		return err
	}
	if a.State == Shortlisted {
		if err := s.cases.OpenTask(ctx, call, slotTask(a, call.Today)); err != nil {
			return err
		}
	} else if err := s.cases.CloseTask(ctx, call, a.Doctor, slotTask(a, 0).Kind, a.Source()); err != nil {
		return err
	}
	if s.o.Jobs != nil && act == ActRecruit && !call.Actor.Has(operator) {
		if err := s.o.Jobs.Enqueue(ctx, call.Actor.Tenant, JobOffered, map[string]string{"doctor": a.Doctor, "application": a.ID}); err != nil {
			return err
		}
	}
	return s.audit.Record(ctx, call, audit.Entry{Action: act, Kind: "application", ID: a.ID, Person: a.Doctor, After: map[string]any{"state": a.State, "score": a.Score}})
}
