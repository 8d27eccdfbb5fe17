package registration

import (
	"context"
	"strings"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/casefile"
	"msw/internal/clock"
	"msw/internal/problem"
)

// What the queue shows.
const (
	ShowWaiting = "waiting"
	ShowSecond  = "second"
	ShowSnoozed = "snoozed"
	ShowSettled = "settled"
)

// QueueQuery is one page of the queue; After holds the keys of the last row.
type QueueQuery struct {
	Show  string
	After []string
}

// QueueRow is a disagreement with what names it on a page.
type QueueRow struct {
	Disagreement
	Ref, Name string
}

// Queue is one page of disagreements, and how new the extract is.
type Queue struct {
	Rows   []QueueRow
	Next   bool
	Newest RegisterFile
	Any    bool // an extract was taken in at all
}

const queueRows = 20

// Queue lists where ours and theirs differ, and notes the look.
func (s *Service) Queue(ctx context.Context, call access.Call, q QueueQuery) (Queue, error) {
	sc := s.access.Scope(call.Actor, ActDifferences)
	if sc.None() {
		return Queue{}, problem.Missing()
	}
	list, err := s.queue(ctx, sc, q, call.Today, queueRows+1)
	if err != nil {
		return Queue{}, err
	}
	var out Queue
	if out.Next = len(list) > queueRows; out.Next {
		list = list[:queueRows]
	}
	if out.Newest, out.Any, err = s.newestFile(ctx, call.Actor.Tenant, false); err != nil {
		return out, err
	}
	if out.Rows, err = s.queueRows(ctx, call.Actor.Tenant, list); err != nil || len(list) == 0 {
		return out, err
	}
	ids := make([]string, len(list))
	for i, d := range list {
		ids[i] = d.ID
	}
	return out, s.audit.Look(ctx, call, audit.Look{Action: ActDifferences, Query: "register differences " + q.Show, Kind: "register_difference", IDs: ids})
}

func (s *Service) queueRows(ctx context.Context, tenant string, list []Disagreement) ([]QueueRow, error) {
	ids := make([]string, len(list))
	for i, d := range list {
		ids[i] = d.Doctor
	}
	cases, err := s.cases.Many(ctx, tenant, ids)
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	if s.o.Names != nil && len(ids) > 0 {
		if names, err = s.o.Names(ctx, tenant, ids); err != nil {
			return nil, err
		}
	}
	rows := make([]QueueRow, len(list))
	for i, d := range list {
		rows[i] = QueueRow{Disagreement: d, Ref: cases[d.Doctor].Ref, Name: names[d.Doctor]}
		if rows[i].Name == "" {
			rows[i].Name = rows[i].Ref
		}
	}
	return rows, nil
}

// DifferenceSight is one disagreement as its reader may see it.
type DifferenceSight struct {
	QueueRow
	FirstName, SecondName string
	Mine                  bool // the reader answered it first
	MaySettle             bool
}

// Difference shows one disagreement and notes the look.
func (s *Service) Difference(ctx context.Context, call access.Call, id string) (DifferenceSight, error) {
	d, err := s.permitted(ctx, call, ActDifferences, id)
	if err != nil {
		return DifferenceSight{}, err
	}
	rows, err := s.queueRows(ctx, call.Actor.Tenant, []Disagreement{d})
	if err != nil {
		return DifferenceSight{}, err
	}
	v := DifferenceSight{QueueRow: rows[0], Mine: d.First != "" && d.First == call.Actor.Account}
	names, err := s.accounts(ctx, call.Actor.Tenant, d.First, d.Second)
	if err != nil {
		return v, err
	}
	v.FirstName, v.SecondName = names[d.First], names[d.Second]
	_, err = s.permit(ctx, call, ActSettle, d.Doctor)
	v.MaySettle = err == nil
	return v, s.audit.Look(ctx, call, audit.Look{Action: ActDifferences, Kind: "register_difference", IDs: []string{id}, Person: d.Doctor})
}

func (s *Service) permitted(ctx context.Context, call access.Call, act access.Action, id string) (Disagreement, error) {
	d, err := s.difference(ctx, call.Actor.Tenant, id)
	if err != nil {
		return d, err
	}
	if _, err := s.permit(ctx, call, act, d.Doctor); err != nil {
		return Disagreement{}, problem.Missing()
	}
	return d, nil
}

// change runs one step on a disagreement that somebody still settles.
func (s *Service) change(ctx context.Context, call access.Call, id string, version int, step func(ctx context.Context, d *Disagreement) error) error {
	return s.db.Tx(ctx, func(ctx context.Context) error {
		d, err := s.permitted(ctx, call, ActSettle, id)
		if err != nil {
			return err
		}
		if call.Actor.Doctor == d.Doctor {
			return refuse("Nobody settles a difference about themselves. Ask your caseworker.")
		}
		if d.State == DifferenceSettled {
			return refuse("This difference is settled already.")
		}
		if version != 0 && version != d.Version {
			return problem.Stale()
		}
		before := d
		if err := step(ctx, &d); err != nil {
			return err
		}
		return s.save(ctx, call, before, &d)
	})
}

// Snooze is a difference put off until a day, for a reason.
type Snooze struct {
	ID      string
	Version int // 0 = whichever stands
	Until   clock.Date
	Reason  string // code of SnoozeReasons
	Note    string
}

const farthestSnooze = 180 // days

// Snooze takes a difference off the queue until a day.
func (s *Service) Snooze(ctx context.Context, call access.Call, cmd Snooze) error {
	cmd.Note = strings.TrimSpace(cmd.Note)
	return s.change(ctx, call, cmd.ID, cmd.Version, func(_ context.Context, d *Disagreement) error {
		var c problem.Check
		c.That(!cmd.Until.IsZero(), "until", "Enter the day on which this comes back")
		c.That(cmd.Until.IsZero() || cmd.Until > call.Today, "until", "The day must be after today")
		c.That(cmd.Until <= call.Today.AddDays(farthestSnooze), "until", "The day must be within the next 6 months")
		c.That(known(SnoozeReasons(), cmd.Reason), "reason", "Choose why it can wait")
		c.That(cmd.Reason != "other" || len([]rune(cmd.Note)) >= 5, "note", "Say why it can wait")
		c.That(len([]rune(cmd.Note)) <= 500, "note", "The note must be 500 characters or fewer")
		if err := c.Err(); err != nil {
			return err
		}
		if d.State != DifferenceOpen {
			return refuse("This difference waits for a second person. Agree with the answer or send it back first.")
		}
		d.Due, d.Turn, d.Reason, d.Note = cmd.Until, waitsFor(cmd.Reason), cmd.Reason, cmd.Note
		return nil
	})
}

// Settlement says how a difference is settled, and why.
type Settlement struct {
	ID      string
	Version int
	Way     string // code of Ways
	Note    string
}

// Answer says how to settle a difference. It counts when a second person agrees.
func (s *Service) Answer(ctx context.Context, call access.Call, cmd Settlement) error {
	cmd.Note = strings.TrimSpace(cmd.Note)
	return s.change(ctx, call, cmd.ID, cmd.Version, func(_ context.Context, d *Disagreement) error {
		var c problem.Check
		c.That(known(Ways(), cmd.Way), "way", "Choose how it is settled")
		c.That(len([]rune(cmd.Note)) >= 10, "note", "Say how you know, in a sentence")
		c.That(len([]rune(cmd.Note)) <= 500, "note", "The note must be 500 characters or fewer")
		if err := c.Err(); err != nil {
			return err
		}
		if d.State != DifferenceOpen {
			return refuse("Somebody has answered already. A second person must agree now.")
		}
		d.State, d.Way, d.Note, d.Reason, d.First, d.Due, d.Turn = DifferenceAnswered, cmd.Way, cmd.Note, "", call.Actor.Account, call.Today, casefile.PartyCaseworker
		return nil
	})
}

// Agree is the second person's yes, and settles the difference; with back it is
// their no, and the difference is open again.
func (s *Service) Agree(ctx context.Context, call access.Call, id string, version int, back bool) error {
	return s.db.Tx(ctx, func(ctx context.Context) error {
		var now Disagreement
		err := s.change(ctx, call, id, version, func(_ context.Context, d *Disagreement) error {
			if d.State != DifferenceAnswered {
				return refuse("Nobody has answered yet. Say first how it is settled.")
			}
			if back {
				d.State, d.Way, d.First, d.Due = DifferenceOpen, "", "", call.Today
				return nil
			}
			if d.First == call.Actor.Account {
				return refuse("You gave this answer. A second person must agree.")
			}
			d.State, d.Turn, d.Second, d.SettledOn, d.Due = DifferenceSettled, casefile.PartyNobody, call.Actor.Account, call.Today, call.Today
			now = *d
			return nil
		})
		if err != nil || back {
			return err
		}
		return s.follow(ctx, call, now)
	})
}

// follow does what a settlement asks for.
func (s *Service) follow(ctx context.Context, call access.Call, d Disagreement) error {
	switch d.Way {
	case WayPerson:
		standing, err := s.standing(ctx, call.Actor.Tenant, d.Doctor)
		if err != nil {
			return err
		}
		for _, state := range []State{Proposed, Confirmed} { // a newer reading is of the same wrong entry
			if standing[state].ID == "" {
				continue
			}
			if err := s.Dispute(ctx, call, Objection{Doctor: d.Doctor, Code: "other_person"}); err != nil {
				return err
			}
		}
	case WayTheirs:
		c, err := s.cases.Get(ctx, d.Doctor, call.Actor.Tenant)
		if err != nil {
			return err
		}
		return s.cases.OpenTask(ctx, call, casefile.Task{Doctor: d.Doctor, Kind: TaskReread, Title: "Read the GMC register again", Source: outcomeSource,
			URL: "/registration/" + c.Ref + "/outcome", Party: casefile.PartyCaseworker, Since: call.Today})
	}
	return nil
}
