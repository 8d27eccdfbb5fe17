package registration

import (
	"context"
	"strings"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/casefile"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/problem"
)

// CalendarAddress is what a doctor reads of their own feed.
type CalendarAddress struct {
	Ref  string
	URL  string // "" when there is none
	Made clock.Instant
}

// Calendar tells the actor, a doctor, the address of their feed if they have one.
func (s *Service) Calendar(ctx context.Context, call access.Call, ref string) (CalendarAddress, error) {
	c, err := s.ownCase(ctx, call, ref)
	if err != nil {
		return CalendarAddress{}, err
	}
	cal, err := s.calendarOf(ctx, c.Tenant, c.Doctor)
	if err != nil || cal.ID == "" {
		return CalendarAddress{Ref: c.Ref}, err
	}
	return CalendarAddress{Ref: c.Ref, URL: s.o.Address + "/calendar/" + s.calendarSecret(cal), Made: cal.Made}, nil
}

// NewCalendar makes a new address; the one before stops working.
func (s *Service) NewCalendar(ctx context.Context, call access.Call, ref string) error {
	return s.changeCalendar(ctx, call, ref, true)
}

// RevokeCalendar takes the address away.
func (s *Service) RevokeCalendar(ctx context.Context, call access.Call, ref string) error {
	return s.changeCalendar(ctx, call, ref, false)
}

func (s *Service) changeCalendar(ctx context.Context, call access.Call, ref string, anew bool) error {
	return s.db.Tx(ctx, func(ctx context.Context) error {
		c, err := s.ownCase(ctx, call, ref)
		if err != nil {
			return err
		}
		if _, err := s.revokeCalendars(ctx, c.Tenant, c.Doctor, call.Now); err != nil {
			return err
		}
		said := "address taken away"
		if anew {
			said = "new address"
			cal := calendar{ID: database.NewID(), Tenant: c.Tenant, Doctor: c.Doctor, Made: call.Now}
			if err := s.insertCalendar(ctx, cal, hash(s.db, s.calendarSecret(cal))); err != nil {
				return err
			}
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: ActCalendar, Kind: "calendar", ID: c.Doctor, Person: c.Doctor, After: map[string]string{"calendar": said}})
	})
}

func (s *Service) ownCase(ctx context.Context, call access.Call, ref string) (casefile.Case, error) {
	c, err := s.cases.ByRef(ctx, call.Actor.Tenant, ref)
	if err != nil {
		return c, err
	}
	if c.Doctor == "" || call.Actor.Doctor != c.Doctor {
		return c, problem.Missing()
	}
	return c, s.access.May(call.Actor, ActCalendar, c.Resource())
}

// calendarSecret is what stands in the address: made anew from its id whenever
// the doctor looks it up, and stored nowhere.
func (s *Service) calendarSecret(c calendar) string {
	return s.db.Vault().Token(c.Tenant, "registration calendar address", c.ID)
}

// Feed gives the calendar behind a secret, whoever holds it. An address that was
// taken away is one that never was.
func (s *Service) Feed(ctx context.Context, call access.Call, secret string) (string, error) {
	cal, found, err := s.calendarBySecret(ctx, hash(s.db, secret))
	if err != nil {
		return "", err
	}
	if !found || s.o.Road == nil {
		return "", problem.Missing()
	}
	c, err := s.cases.Get(ctx, cal.Doctor, cal.Tenant)
	if err != nil {
		return "", err
	}
	call.Actor = access.Actor{Tenant: cal.Tenant, Doctor: cal.Doctor}
	in, err := s.inputs(ctx, call, c)
	if err != nil {
		return "", err
	}
	road, err := s.roadOf(ctx, c.Tenant)
	if err != nil {
		return "", err
	}
	text := Feed("Dates", s.o.Address+"/sign-in", s.calendarDays(c, road.Climb(in).Windows, call.Today), call.Now)
	return text, s.audit.Look(ctx, call, audit.Look{Action: ActFeed, Kind: "calendar", IDs: []string{c.Doctor}, Person: c.Doctor})
}

// calendarDays are the days of a ladder as a calendar may hold them: what is past for
// a month, and all that comes.
func (s *Service) calendarDays(c casefile.Case, windows []Window, today clock.Date) []CalendarDay {
	uid := func(parts ...string) string {
		return s.db.Vault().Token(c.Tenant, "registration calendar entry "+c.Doctor, strings.Join(parts, " "))[:24] + "@msw"
	}
	const past, warned = 31, 28 // days
	var out []CalendarDay
	seen := map[string]bool{}
	add := func(e CalendarDay) {
		if e.On >= today.AddDays(-past) && !seen[e.UID] {
			seen[e.UID] = true
			out = append(out, e)
		}
	}
	for _, w := range windows {
		if w.Kind == WindowExam {
			add(CalendarDay{UID: uid("exam", w.Rung, w.From.String()), On: w.From, Title: TitleExamDay, Alarm: 7})
		}
	}
	for _, l := range lapsesIn(windows, today.AddDays(-past)) {
		add(CalendarDay{UID: uid(string(l.Kind), l.Source), On: l.On, Title: TitleRunsOut, Alarm: warned})
	}
	return out
}
