package allocation

import (
	"context"
	"fmt"
	"slices"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/casefile"
	"msw/internal/database"
	"msw/internal/problem"
)

// Moving asks for a named move in a published round. Doctor and Other are
// references, as read on the page.
type Moving struct {
	Round         string
	Kind          MoveKind
	Doctor, Other string
	Post          string
	Reason        string
}

// board loads a published round as it stands.
func (s *Rounds) board(ctx context.Context, tenant string, r Round) (board, error) {
	b := board{readings: map[string]Reading{}}
	if r.Published == "" {
		return b, problem.Refuse("This round cannot be changed.", "Only a published round is changed by moves. Before that, do another dry run.")
	}
	list, err := s.readings(ctx, tenant, r.Published, "", 1_000_000)
	if err != nil {
		return b, err
	}
	for _, one := range list {
		b.readings[one.Doctor] = one
	}
	b.placed, err = s.placed(ctx, tenant, r.ID)
	return b, err
}

// Cost works out a move without doing anything: what it does and what it costs.
func (s *Rounds) Cost(ctx context.Context, call access.Call, cmd Moving) (MoveSteps, error) {
	r, err := s.get(ctx, call, ActMove, cmd.Round)
	if err != nil {
		return MoveSteps{}, err
	}
	return s.cost(ctx, call, r, cmd)
}

func (s *Rounds) cost(ctx context.Context, call access.Call, r Round, cmd Moving) (MoveSteps, error) {
	b, err := s.board(ctx, call.Actor.Tenant, r)
	if err != nil {
		return MoveSteps{}, err
	}
	doctor, err := s.byRef(ctx, call.Actor.Tenant, cmd.Doctor)
	if err != nil {
		return MoveSteps{}, err
	}
	other, err := s.byRef(ctx, call.Actor.Tenant, cmd.Other)
	if err != nil {
		return MoveSteps{}, err
	}
	steps, err := b.plan(cmd.Kind, doctor, other, cmd.Post)
	var c problem.Check
	c.Add(err)
	c.That(slices.ContainsFunc(MoveReasons(), func(x RankReason) bool { return x.Code == cmd.Reason }), "reason", "Choose why")
	if err := c.Err(); err != nil {
		return steps, err
	}
	if err := s.allowed(ctx, call, r, steps); err != nil {
		return steps, err
	}
	return s.priced(ctx, call.Actor.Tenant, r, b, steps)
}

// byRef finds a doctor's id; "" for a reference that is nobody's.
func (s *Rounds) byRef(ctx context.Context, tenant, ref string) (string, error) {
	ref, ok := database.CheckRef(ref)
	if !ok {
		return "", nil
	}
	c, err := s.o.Casefile.ByRef(ctx, tenant, ref)
	if problem.KindOf(err) == problem.NotFound {
		return "", nil
	}
	return c.Doctor, err
}

// allowed asks the hard rules about what a move gives.
func (s *Rounds) allowed(ctx context.Context, call access.Call, r Round, steps MoveSteps) error {
	openings, atlas, err := s.o.Wishes.Openings(ctx, call)
	if err != nil {
		return err
	}
	posts, err := s.roundPosts(ctx, call, r, openings)
	if err != nil {
		return err
	}
	hidden, err := s.hiddenPairs(ctx, call.Actor.Tenant, posts)
	if err != nil {
		return err
	}
	recorded, err := s.recorded(ctx, call.Actor.Tenant, steps.doctors())
	if err != nil {
		return err
	}
	wishes, err := s.o.Wishes.Wishes(ctx, call, steps.doctors())
	if err != nil {
		return err
	}
	var reasons []string
	for _, st := range steps.Steps {
		if st.To == "" {
			continue
		}
		c, err := s.o.Casefile.Get(ctx, st.Doctor, call.Actor.Tenant)
		if err != nil {
			return err
		}
		d := taker(casefile.Placeable{Doctor: st.Doctor, Ref: c.Ref, Paused: c.Flags.Has(casefile.FlagPaused)}, wishes[st.Doctor], recorded[st.Doctor], hidden[st.Doctor])
		d.limited(wishes[st.Doctor], openings, atlas)
		if err := s.holds(ctx, call, &d); err != nil {
			return err
		}
		for _, stop := range HardRules(d, posts[st.To], r) {
			reasons = append(reasons, c.Ref+": "+coarse(stop))
		}
	}
	if len(reasons) > 0 {
		return problem.Refuse("This move breaks a hard rule.", reasons...)
	}
	return nil
}

// Ask writes a move down with its cost, for a second person to confirm.
func (s *Rounds) Ask(ctx context.Context, call access.Call, cmd Moving) (Move, error) {
	var m Move
	err := s.db.Tx(ctx, func(ctx context.Context) error {
		r, err := s.get(ctx, call, ActMove, cmd.Round)
		if err != nil {
			return err
		}
		steps, err := s.cost(ctx, call, r, cmd)
		if err != nil {
			return err
		}
		m = Move{ID: database.NewRef(), Round: r.ID, Version: 1, Kind: cmd.Kind, State: MoveAsked, Reason: cmd.Reason, AskedBy: call.Actor.Account, AskedAt: call.Now, Steps: steps}
		if err := s.insertMove(ctx, call, m); err != nil {
			return err
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: ActMove, Kind: "round", ID: r.ID, After: m})
	})
	return m, err
}

// Settle confirms a move or drops it. To confirm takes another person than the
// one who asked; the hard rules and the board are looked at again.
func (s *Rounds) Settle(ctx context.Context, call access.Call, round, id string, yes bool) error {
	return s.db.Tx(ctx, func(ctx context.Context) error {
		r, err := s.get(ctx, call, ActMove, round)
		if err != nil {
			return err
		}
		list, err := s.moves(ctx, call.Actor.Tenant, r.ID)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(list, func(m Move) bool { return m.ID == id })
		if i < 0 {
			return problem.Missing()
		}
		m := list[i]
		if !yes {
			if err := s.settleMove(ctx, call, m, MoveDropped); err != nil {
				return err
			}
			return s.audit.Record(ctx, call, audit.Entry{Action: ActMove, Kind: "round", ID: r.ID, Before: m, After: map[string]any{"move": m.ID, "state": MoveDropped}})
		}
		if m.AskedBy == call.Actor.Account {
			return problem.Refuse("A second person must confirm.", "You asked for this move. Somebody else has to confirm it.")
		}
		if err := s.settleMove(ctx, call, m, MoveDone); err != nil {
			return err
		}
		return s.apply(ctx, call, r, m)
	})
}

// apply does a confirmed move: old placements fall, new ones are published.
func (s *Rounds) apply(ctx context.Context, call access.Call, r Round, m Move) error {
	b, err := s.board(ctx, call.Actor.Tenant, r)
	if err != nil {
		return err
	}
	var fall, begin []RoundPlacement
	for _, st := range m.Steps.Steps {
		if b.at(st.Doctor) != st.From {
			return problem.New(problem.Conflict, "The round has changed since this move was asked for. Drop it and ask again.")
		}
		if st.From != "" {
			fall = append(fall, RoundPlacement{st.Doctor, st.From})
		}
		if st.To != "" {
			begin = append(begin, RoundPlacement{st.Doctor, st.To})
		}
	}
	for _, p := range fall {
		if _, err := s.settlePlaced(ctx, call.Actor.Tenant, r.ID, p.Doctor, p.Post, PlacedFell, call.Today); err != nil {
			return err
		}
	}
	if s.o.Withdraw != nil && len(fall) > 0 {
		if err := s.o.Withdraw(ctx, call, fall); err != nil {
			return err
		}
	}
	if err := s.allowed(ctx, call, r, m.Steps); err != nil {
		return err
	}
	if err := s.insertPlaced(ctx, call.Actor.Tenant, r.ID, m.ID, call.Today, begin); err != nil {
		return err
	}
	if s.o.Publish != nil && len(begin) > 0 {
		if err := s.o.Publish(ctx, call, begin, true); err != nil {
			return fmt.Errorf("publish a move: %w", err)
		}
	}
	return s.audit.Record(ctx, call, audit.Entry{Action: ActMove, Kind: "round", ID: r.ID, Before: m, After: map[string]any{"move": m.ID, "state": MoveDone}})
}

// OfferFell hears, in the caller's transaction, that an offer or proposal ended
// before it was accepted. A refusal counts on the waiting list; who is next is
// found afterwards. It asks no permission.
func (s *Rounds) OfferFell(ctx context.Context, call access.Call, doctor, post string, refused bool) error {
	tenant := call.Actor.Tenant
	r, found, err := s.roundOfPost(ctx, tenant, post)
	if err != nil {
		return err
	}
	if found {
		to := PlacedFell
		if refused {
			to = PlacedRefused
		}
		if _, err := s.settlePlaced(ctx, tenant, r.ID, doctor, post, to, call.Today); err != nil {
			return err
		}
	}
	if refused {
		if err := s.Refused(ctx, call, doctor); err != nil {
			return err
		}
	}
	if s.o.Jobs == nil {
		return nil
	}
	return s.o.Jobs.Enqueue(ctx, tenant, JobNext, map[string]string{"post": post})
}

// Empty lists the posts of a published round that nobody holds now.
func (s *Rounds) Empty(ctx context.Context, call access.Call, r Round) ([]EmptyPost, error) {
	tenant := call.Actor.Tenant
	posts, err := s.runPosts(ctx, tenant, r.Published, nil)
	if err != nil {
		return nil, err
	}
	placed, err := s.placed(ctx, tenant, r.ID)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, p := range posts {
		ids = append(ids, p.Post)
	}
	titles, err := s.titles(ctx, tenant, ids)
	if err != nil {
		return nil, err
	}
	var out []EmptyPost
	for _, p := range posts {
		if !standing(placed, "", p.Post) {
			out = append(out, EmptyPost{p.Post, titles[p.Post], regionName(p.Region), p.Why})
		}
	}
	return out, nil
}

// Lines says a planned move in words.
func (s *Rounds) Lines(ctx context.Context, call access.Call, m MoveSteps) ([]string, error) {
	var ids, posts []string
	for _, st := range m.Steps {
		ids, posts = append(ids, st.Doctor), append(posts, st.From, st.To)
	}
	people, err := s.people(ctx, call.Actor.Tenant, ids)
	if err != nil {
		return nil, err
	}
	titles, err := s.titles(ctx, call.Actor.Tenant, posts)
	return stepLines(m, people, titles), err
}
