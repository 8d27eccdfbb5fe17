package onboarding

import (
	"context"
	"maps"
	"strconv"
	"strings"

	"msw/internal/access"
	"msw/internal/clock"
	"msw/internal/problem"
	"msw/internal/request"
)

// mostReferences is how many references of one offer may be under way at once;
// set by this programme.
const mostReferences = 5

// referenceSource begins the source of a request that serves a history check.
const referenceSource = "reference:"

// ReferenceSource is how a request names the offer whose history check it serves.
func (o Offer) ReferenceSource() string { return referenceSource + o.ID }

// AskReference makes a request for a reference in the employer's name. It asks
// nobody: the doctor first says whom, and that asking is safe; until then it
// cannot start. The check of the history then waits for the doctor.
func (s *Service) AskReference(ctx context.Context, call access.Call, id string, version int) (Offer, error) {
	return s.onChecks(ctx, call, ActTick, target{id, version}, call.Today, func(ctx context.Context, o Offer, old []Check) ([]Check, error) {
		was := checkOf(old, CheckHistory)
		if was.State == Done {
			return nil, problem.Refuse("This check is done.", "Say first that it is not, if you need another reference.")
		}
		if s.o.MakeReference == nil {
			return nil, problem.Missing()
		}
		list, err := s.references(ctx, call.Actor.Tenant, o)
		if err != nil {
			return nil, err
		}
		open := 0
		for _, r := range list {
			if !r.State.Over() {
				open++
			}
		}
		if open >= mostReferences {
			return nil, problem.Refuse("Enough references are asked for.", "Wait until one of the "+strconv.Itoa(open)+" has come.")
		}
		if err := s.o.MakeReference(ctx, call, o); err != nil {
			return nil, err
		}
		next := was
		next.Version, next.By, next.ByName = was.Version+1, call.Actor.Account, call.Actor.Name
		if next.Turn != TurnDoctor {
			next.Turn, next.TurnOn = TurnDoctor, call.Today
		}
		return []Check{next}, nil
	})
}

// references are the requests for references of an offer's history check.
func (s *Service) references(ctx context.Context, tenant string, o Offer) ([]request.Request, error) {
	if s.o.References == nil {
		return nil, nil
	}
	return s.o.References(ctx, tenant, o.Doctor, o.ReferenceSource())
}

// ReferenceChanged hears, in the transaction of a request, that it stands
// otherwise, and marks the check of the history: whose turn it is, and how many
// references came and were found enough. Requests of others are left alone. It
// asks no permission of the caller: call is msw's own.
func (s *Service) ReferenceChanged(ctx context.Context, call access.Call, r request.Request) error {
	id, is := strings.CutPrefix(r.Source, referenceSource)
	if !is {
		return nil
	}
	o, err := s.load(ctx, call.Actor.Tenant, id)
	if err != nil || o.State != Accepted && o.State != Checked {
		return err
	}
	_, err = s.onChecks(ctx, call, ActTick, target{id: id}, call.Today, func(ctx context.Context, o Offer, old []Check) ([]Check, error) {
		was := checkOf(old, CheckHistory)
		if was.State == Done {
			return nil, nil
		}
		list, err := s.references(ctx, call.Actor.Tenant, o)
		if err != nil {
			return nil, err
		}
		next := marked(was, list, call.Today)
		if next.same(was) {
			return nil, nil
		}
		next.Version++
		return []Check{next}, nil
	})
	return err
}

// marked is the check of the history as its references have it.
func marked(c Check, list []request.Request, today clock.Date) Check {
	turn, came := TurnEmployer, 0
	for _, r := range list {
		switch {
		case r.State == request.Verified:
			came++
		case r.State.Over():
		case r.Owes == request.OwesDoctor:
			turn = TurnDoctor
		case turn == TurnEmployer:
			turn = TurnOther
		}
	}
	if turn != c.Turn {
		c.Turn, c.TurnOn = turn, today
	}
	if came > 0 {
		c.Detail = maps.Clone(c.Detail)
		if c.Detail == nil {
			c.Detail = map[string]string{}
		}
		c.Detail["references"] = strconv.Itoa(min(came, 3)) // the rules' last answer is 3 or more
	}
	return c
}
