package allocation

import (
	"context"
	"fmt"
	"slices"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/database"
	"msw/internal/post"
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
	openings, _, err := s.o.Wishes.Openings(ctx, call)
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
	months, err := s.experience(ctx, call.Actor.Tenant, posts, steps.doctors())
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
		d := RoundDoctor{Doctor: st.Doctor, Ref: c.Ref, Months: months[st.Doctor], Hidden: hidden[st.Doctor]}
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

// Cascade offers a post that came free to the next doctor who can take it, one
// transaction each, until one holds. Done twice, the second finds the first
// one's offer and does nothing.
func (s *Rounds) Cascade(ctx context.Context, call access.Call, post string) error {
	if s.o.Tried == nil || s.o.Publish == nil {
		return nil
	}
	tried, live, err := s.o.Tried(ctx, call.Actor.Tenant, post)
	for err == nil && !live {
		var doctor, round string
		if doctor, round, err = s.Next(ctx, call, post, tried); err != nil || doctor == "" {
			return err
		}
		tried = append(tried, doctor)
		err = s.db.Tx(ctx, func(ctx context.Context) error { return s.offerNext(ctx, call, doctor, round, post) })
		if err == nil {
			return nil
		}
		if kind := problem.KindOf(err); kind == problem.Refused || kind == problem.NotFound || kind == problem.Conflict {
			err = nil // this doctor cannot take it now: the next one
		}
	}
	return err
}

func (s *Rounds) offerNext(ctx context.Context, call access.Call, doctor, round, post string) error {
	one := []RoundPlacement{{doctor, post}}
	if round != "" {
		if err := s.insertPlaced(ctx, call.Actor.Tenant, round, "next", call.Today, one); err != nil {
			return err
		}
	}
	if err := s.o.Publish(ctx, call, one, round != ""); err != nil {
		return err
	}
	return s.audit.Record(ctx, call, audit.Entry{Action: ActMove, Kind: "round", ID: round, Person: doctor, After: map[string]any{"next": post, "doctor": doctor}})
}

// Next gives who is next for a post that came free: first among those of its
// published round who are without a post and listed it, in the round's own
// order; then along the waiting list, whose wishes the post fits. round is ""
// for the waiting list, doctor "" when there is nobody. tried are left out.
// It asks no permission.
func (s *Rounds) Next(ctx context.Context, call access.Call, id string, tried []string) (doctor, round string, err error) {
	tenant := call.Actor.Tenant
	r, found, err := s.roundOfPost(ctx, tenant, id)
	if err != nil {
		return "", "", err
	}
	if found {
		b, err := s.board(ctx, tenant, r)
		if err != nil {
			return "", "", err
		}
		order, err := s.order(ctx, tenant, r, b, id)
		if err != nil {
			return "", "", err
		}
		cases, err := s.waitingCases(ctx, tenant)
		if err != nil {
			return "", "", err
		}
		for _, who := range order {
			if cases[who] && !slices.Contains(tried, who) {
				return who, r.ID, nil
			}
		}
	}
	doctor, err = s.nextWaiting(ctx, call, id, tried)
	return doctor, "", err
}

func (s *Rounds) waitingCases(ctx context.Context, tenant string) (map[string]bool, error) {
	list, err := s.o.Casefile.Placeable(ctx, tenant)
	out := make(map[string]bool, len(list))
	for _, c := range list {
		out[c.Doctor] = !c.Paused
	}
	return out, err
}

// order is the round's order for one post among those without one: the host's
// ranking where hosts rank, else the aims as they bear on one post.
func (s *Rounds) order(ctx context.Context, tenant string, r Round, b board, post string) ([]string, error) {
	var free []candidate
	for id, one := range b.readings {
		i := slices.IndexFunc(one.Choices, func(c ReadChoice) bool { return c.Post == post && len(c.Stops) == 0 })
		if i >= 0 && b.at(id) == "" {
			free = append(free, candidate{doctor: id, choice: b.choice(id, post), miles: one.Choices[i].Miles})
		}
	}
	if r.Way == WayRanked {
		rankings, err := s.rankings(ctx, tenant, r.ID)
		if err != nil {
			return nil, err
		}
		return slices.DeleteFunc(slices.Clone(rankings[post].Doctors), func(id string) bool {
			return !slices.ContainsFunc(free, func(c candidate) bool { return c.doctor == id })
		}), nil
	}
	seed, err := s.seed(ctx, tenant, r.ID)
	if err != nil {
		return nil, err
	}
	cases, err := s.o.Casefile.Placeable(ctx, tenant)
	if err != nil {
		return nil, err
	}
	for i := range free {
		for _, c := range cases {
			if c.Doctor == free[i].doctor {
				free[i].since = c.Eligible
				free[i].priority = r.Rules.PriorityDays > 0 && c.Eligible.DaysUntil(r.Closes) >= r.Rules.PriorityDays
				free[i].lot = digest([]byte(seed + "\x00" + c.Ref + "\x00" + post))
			}
		}
	}
	slices.SortFunc(free, candidate.compare)
	out := make([]string, len(free))
	for i, c := range free {
		out[i] = c.doctor
	}
	return out, nil
}

// nextWaiting goes along the waiting list to the first doctor whose wishes the
// post fits and who may meet its people.
func (s *Rounds) nextWaiting(ctx context.Context, call access.Call, id string, tried []string) (string, error) {
	tenant := call.Actor.Tenant
	openings, atlas, err := s.o.Wishes.Openings(ctx, call)
	if err != nil {
		return "", err
	}
	openings = slices.DeleteFunc(openings, func(o post.Opening) bool { return o.Post != id })
	posts, err := s.roundPosts(ctx, call, Round{}, openings)
	if err != nil || posts[id] == nil {
		return "", err
	}
	hidden, err := s.hiddenPairs(ctx, tenant, posts)
	if err != nil {
		return "", err
	}
	const page = 50
	for after := 0; ; {
		list, err := s.waitingPage(ctx, tenant, nil, after, page)
		if err != nil || len(list) == 0 {
			return "", err
		}
		after = list[len(list)-1].Place
		var ids []string
		for _, e := range list {
			ids = append(ids, e.Doctor)
		}
		wishes, err := s.o.Wishes.Wishes(ctx, call, ids)
		if err != nil {
			return "", err
		}
		months, err := s.experience(ctx, tenant, posts, ids)
		if err != nil {
			return "", err
		}
		for _, who := range ids {
			if ranked, _ := Spell(wishes[who], openings, atlas); len(ranked) > 0 && len(posts[id].Requires.Lacks(months[who])) == 0 && !hidden[who][id] && !slices.Contains(tried, who) {
				return who, nil
			}
		}
	}
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
