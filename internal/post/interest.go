package post

import (
	"context"
	"fmt"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/clock"
	"msw/internal/problem"
)

// Answer is whether an employer or host wants to take part.
type Answer string

// The answers.
const (
	Looking    Answer = "looking"
	Interested Answer = "interested"
	NotNow     Answer = "not_now"
	Arranged   Answer = "arranged"
)

// Answers lists them as pages show them.
func Answers() []Answer { return []Answer{Looking, Interested, NotNow, Arranged} }

// Words is the answer as a person reads it, or "" for no known one.
func (a Answer) Words() string {
	switch a {
	case Looking:
		return "Looking for somebody now"
	case Interested:
		return "Interested, would like to hear more"
	case NotNow:
		return "Not now"
	case Arranged:
		return "Already arranged"
	}
	return ""
}

// Interest is what one organisation last said.
type Interest struct {
	Organisation, Name string
	Region             string
	Answer             Answer
	Places             int // people it would take, 0 when not said
	SaidOn             clock.Date
	Version            int // 0 when nothing was said yet
}

// SayInterest writes down what an organisation answers, over the version that
// was read. Its own people say it, or the programme's after a telephone call.
func (s *Service) SayInterest(ctx context.Context, call access.Call, in Interest) (Interest, error) {
	var c problem.Check
	c.That(in.Organisation != "", "organisation", "Choose the organisation")
	c.That(in.Answer.Words() != "", "answer", "Choose one of the four answers")
	c.That(in.Places >= 0 && in.Places <= 500, "places", "Enter how many people, from 1 to 500, or leave it empty")
	if err := c.Err(); err != nil {
		return Interest{}, err
	}
	places, err := s.o.Places(ctx, call.Actor.Tenant, []string{in.Organisation})
	if err != nil {
		return Interest{}, err
	}
	at, known := places[in.Organisation]
	c.That(known && at.Found, "organisation", "Choose the organisation from the list")
	if err := c.Err(); err != nil {
		return Interest{}, err
	}
	in.Name, in.Region, in.SaidOn = at.Name, at.Region, call.Today
	if s.access.May(call.Actor, ActInterest, in.resource(call.Actor.Tenant)) != nil {
		c.That(false, "organisation", "You can only answer for your own organisation")
		return Interest{}, c.Err()
	}
	err = s.db.Tx(ctx, func(ctx context.Context) error {
		if err := s.saveInterest(ctx, call.Actor.Tenant, in); err != nil {
			return err
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: ActInterest, Kind: "interest", ID: in.Organisation, After: in})
	})
	in.Version++
	return in, err
}

func (i Interest) resource(tenant string) access.Resource {
	r := access.Resource{Kind: "interest", ID: i.Organisation, Tenant: tenant, Organisations: []string{i.Organisation}}
	if i.Region != "" {
		r.Regions = []string{i.Region}
	}
	return r
}

// InterestQuery asks for one page of answers. Empty fields do not narrow.
type InterestQuery struct {
	Answer Answer
	Region string
	After  []string // day and organisation of the last row shown
	Limit  int
}

// Interests lists what organisations answered, the latest first, as far as the
// actor may know.
func (s *Service) Interests(ctx context.Context, call access.Call, q InterestQuery) ([]Interest, error) {
	list, err := s.interests(ctx, s.access.Scope(call.Actor, ActInterest), q)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(list))
	for i, one := range list {
		ids[i] = one.Organisation
	}
	places, err := s.placesIn(ctx, call.Actor.Tenant, ids)
	if err != nil {
		return nil, err
	}
	for i := range list {
		list[i].Name = placeName(places, list[i].Organisation)
	}
	return list, nil
}

// OwnInterest gives the answers of the actor's own organisations, also of those
// that said nothing yet.
func (s *Service) OwnInterest(ctx context.Context, call access.Call) ([]Interest, error) {
	orgs := s.access.Scope(call.Actor, ActInterest).Organisations
	places, err := s.placesIn(ctx, call.Actor.Tenant, orgs)
	if err != nil {
		return nil, err
	}
	said, err := s.interestsOf(ctx, call.Actor.Tenant, orgs)
	if err != nil {
		return nil, err
	}
	var out []Interest
	for _, id := range orgs {
		at, known := places[id]
		if !known {
			continue
		}
		in := said[id]
		in.Organisation, in.Name = id, at.Name
		out = append(out, in)
	}
	return out, nil
}

// inTurn refuses a change of a version that is not the newest.
func inTurn(n int64, err error, what string) error {
	if err != nil {
		return fmt.Errorf("save %s: %w", what, err)
	}
	if n == 0 {
		return problem.Stale()
	}
	return nil
}
