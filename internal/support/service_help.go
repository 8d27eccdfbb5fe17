package support

import (
	"context"
	"slices"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/problem"
)

// Directory lists help for a topic, "" for all: the programme's own entries
// first, then what the public directory of schemes has.
func (s *Service) Directory(ctx context.Context, call access.Call, topic string) (list []Help, months int, err error) {
	if err := s.may(call, ActHelp); err != nil {
		return nil, 0, err
	}
	if list, err = s.helps(ctx, call.Actor.Tenant, topic); err != nil {
		return nil, 0, err
	}
	for _, h := range s.o.Directory() {
		if topic == "" || h.Topic == topic {
			list = append(list, h)
		}
	}
	months, err = s.o.Setting(ctx, call.Actor.Tenant, SettingMonths)
	return list, months, err
}

// Help gives one entry of the programme's own.
func (s *Service) Help(ctx context.Context, call access.Call, id string) (Help, error) {
	if err := s.may(call, ActKeepHelp); err != nil {
		return Help{}, err
	}
	return s.help(ctx, call.Actor.Tenant, id)
}

// KeepHelp adds an entry, or changes one whose ID is given.
func (s *Service) KeepHelp(ctx context.Context, call access.Call, h Help) error {
	if err := s.may(call, ActKeepHelp); err != nil {
		return err
	}
	h.CheckedBy = call.Actor.Account
	if err := h.check(call.Today); err != nil {
		return err
	}
	return s.db.Tx(ctx, func(ctx context.Context) error {
		var old any
		if h.ID == "" {
			h.ID = database.NewID()
			if err := s.insertHelp(ctx, call.Actor.Tenant, h); err != nil {
				return err
			}
		} else {
			was, err := s.help(ctx, call.Actor.Tenant, h.ID)
			if err != nil {
				return err
			}
			if was.Version != h.Version {
				return problem.Stale()
			}
			old, h.ClosedOn = was, was.ClosedOn
			if err := s.saveHelp(ctx, call.Actor.Tenant, h); err != nil {
				return err
			}
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: ActKeepHelp, Kind: "support_help", ID: h.ID, Before: old, After: h})
	})
}

// CloseHelp takes an entry off the directory; it can be opened again.
func (s *Service) CloseHelp(ctx context.Context, call access.Call, id string, open bool) error {
	if err := s.may(call, ActKeepHelp); err != nil {
		return err
	}
	return s.db.Tx(ctx, func(ctx context.Context) error {
		h, err := s.help(ctx, call.Actor.Tenant, id)
		if err != nil {
			return err
		}
		before := h
		if h.ClosedOn = call.Today; open {
			h.ClosedOn = 0
		}
		if err := s.saveHelp(ctx, call.Actor.Tenant, h); err != nil {
			return err
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: ActKeepHelp, Kind: "support_help", ID: id, Before: before, After: h})
	})
}

// AskMoney keeps a doctor's request for help with money: one of a kind at a time.
func (s *Service) AskMoney(ctx context.Context, call access.Call, h Hardship) error {
	id, err := s.own(call, ActOwn)
	if err != nil {
		return err
	}
	if err := h.check(call.Today); err != nil {
		return err
	}
	h.ID, h.Doctor, h.State, h.AskedOn, h.Version = database.NewID(), id, Asked, call.Today, 1
	return s.db.Tx(ctx, func(ctx context.Context) error {
		open, err := s.hardshipOf(ctx, call.Actor.Tenant, id)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(open, func(o Hardship) bool { return o.State == Asked && o.Kind == h.Kind }) {
			return problem.Refuse("You already asked for this.", "Wait for the answer, or take the first request back.")
		}
		if err := s.insertHardship(ctx, call.Actor.Tenant, h); err != nil {
			return err
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: ActOwn, Kind: "support_hardship", ID: h.ID, Person: id, After: map[string]any{"kind": h.Kind, "pence": h.Pence}})
	})
}

// TakeBack ends a request of the actor's own that waits.
func (s *Service) TakeBack(ctx context.Context, call access.Call, request string) error {
	id, err := s.own(call, ActOwn)
	if err != nil {
		return err
	}
	return s.settle(ctx, call, ActOwn, request, func(h *Hardship) error {
		if h.Doctor != id {
			return problem.Missing()
		}
		h.State = Withdrawn
		return nil
	})
}

// HardshipSight is a request as staff see it.
type HardshipSight struct {
	Hardship
	Name, Ref string
}

// Requests lists the requests that wait, the oldest first.
func (s *Service) Requests(ctx context.Context, call access.Call, after []string, limit int) ([]HardshipSight, error) {
	if err := s.may(call, ActHardship); err != nil {
		return nil, err
	}
	list, err := s.hardshipsAsked(ctx, call.Actor.Tenant, call.Actor.Hidden, after, limit)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	ids, requests := make([]string, len(list)), make([]string, len(list))
	for i, h := range list {
		ids[i], requests[i] = h.Doctor, h.ID
	}
	names, err := s.o.Names(ctx, call.Actor.Tenant, ids)
	if err != nil {
		return nil, err
	}
	cases, err := s.cases.Many(ctx, call.Actor.Tenant, ids)
	if err != nil {
		return nil, err
	}
	out := make([]HardshipSight, len(list))
	for i, h := range list {
		out[i] = HardshipSight{h, names[h.Doctor], cases[h.Doctor].Ref}
	}
	return out, s.audit.Look(ctx, call, audit.Look{Action: ActHardship, Query: "who asked for help with money", Kind: "support_hardship", IDs: requests})
}

// Decide answers a request. A no needs a coded reason, which the doctor reads.
func (s *Service) Decide(ctx context.Context, call access.Call, request string, agreed bool, reason string, version int) error {
	if err := s.may(call, ActHardship); err != nil {
		return err
	}
	var p problem.Check
	p.That(agreed || known(Refusals(), reason), "reason", "Choose why it is not possible")
	if err := p.Err(); err != nil {
		return err
	}
	return s.settle(ctx, call, ActHardship, request, func(h *Hardship) error {
		if slices.Contains(call.Actor.Hidden, h.Doctor) || h.Doctor == call.Actor.Doctor {
			return problem.Missing()
		}
		if h.Version != version {
			return problem.Stale()
		}
		if h.State = Agreed; !agreed {
			h.State, h.Reason = NotPossible, reason
		}
		h.DecidedBy = call.Actor.Account
		return nil
	})
}

func (s *Service) settle(ctx context.Context, call access.Call, act access.Action, request string, change func(*Hardship) error) error {
	return s.db.Tx(ctx, func(ctx context.Context) error {
		h, err := s.hardship(ctx, call.Actor.Tenant, request)
		if err != nil {
			return err
		}
		before := h.State
		if err := change(&h); err != nil {
			return err
		}
		if before != Asked {
			return problem.Stale()
		}
		h.DecidedOn = call.Today
		if err := s.saveHardship(ctx, call.Actor.Tenant, h); err != nil {
			return err
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: act, Kind: "support_hardship", ID: h.ID, Person: h.Doctor,
			Before: map[string]string{"state": string(before)}, After: map[string]string{"state": string(h.State), "reason": h.Reason}})
	})
}

// stale counts the months after which an entry should be looked at again.
func (h Help) stale(today clock.Date, months int) bool { return !h.Found && h.Stale(today, months) }
