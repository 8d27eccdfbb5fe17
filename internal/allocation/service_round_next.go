package allocation

import (
	"context"
	"fmt"
	"slices"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/casefile"
	"msw/internal/clock"
	"msw/internal/post"
	"msw/internal/problem"
)

// Passed is a doctor who was next for a post that came free and could not take
// it, with the rules that kept them from it as staff read them.
type Passed struct {
	Doctor, Post, Round string // Round "" = along the waiting list
	On                  clock.Date
	Number              int // in the order in which they were looked at
	Stops               []Stop
}

// Turn is whose turn it is for a post that came free, and who was passed over on
// the way to them. Round is "" along the waiting list, Doctor "" for nobody.
type Turn struct {
	Doctor, Round string
	Passed        []Passed
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
		var turn Turn
		if turn, err = s.Next(ctx, call, post, tried); err != nil {
			return err
		}
		if turn.Doctor == "" {
			return s.db.Tx(ctx, func(ctx context.Context) error { return s.savePassed(ctx, call.Actor.Tenant, turn.Passed) })
		}
		tried = append(tried, turn.Doctor)
		err = s.db.Tx(ctx, func(ctx context.Context) error { return s.offerNext(ctx, call, turn, post) })
		if err == nil {
			return nil
		}
		if kind := problem.KindOf(err); kind == problem.Refused || kind == problem.NotFound || kind == problem.Conflict {
			err = nil // this doctor cannot take it now: the next one
		}
	}
	return err
}

func (s *Rounds) offerNext(ctx context.Context, call access.Call, turn Turn, post string) error {
	one := []RoundPlacement{{turn.Doctor, post}}
	if turn.Round != "" {
		if err := s.insertPlaced(ctx, call.Actor.Tenant, turn.Round, "next", call.Today, one); err != nil {
			return err
		}
	}
	if err := s.o.Publish(ctx, call, one, turn.Round != ""); err != nil {
		return err
	}
	if err := s.savePassed(ctx, call.Actor.Tenant, turn.Passed); err != nil {
		return err
	}
	return s.audit.Record(ctx, call, audit.Entry{Action: ActMove, Kind: "round", ID: turn.Round, Person: turn.Doctor,
		After: map[string]any{"next": post, "doctor": turn.Doctor, "passed_over": len(turn.Passed)}})
}

// vacant is a post that came free, with what the hard rules ask about it.
type vacant struct {
	post   *RoundPost
	round  Round  // the newest published one the post was in
	found  bool   // it was in one
	capped []Stop // limits of the round that are full
	hidden map[string]bool
	opens  []post.Opening
	atlas  post.Atlas
	cases  map[string]casefile.Placeable
}

// Next gives who is next for a post that came free: first among those of its
// published round who are without a post and listed it, in the round's own
// order; then along the waiting list, whose wishes the post fits. Of each the
// hard rules are asked anew, as they were before the round. tried are left out.
// It asks no permission.
func (s *Rounds) Next(ctx context.Context, call access.Call, id string, tried []string) (Turn, error) {
	v, err := s.vacancy(ctx, call, id)
	if err != nil || v.post == nil {
		return Turn{}, err
	}
	var turn Turn
	if v.found {
		b, err := s.board(ctx, call.Actor.Tenant, v.round)
		if err != nil {
			return turn, err
		}
		order, err := s.order(ctx, call.Actor.Tenant, v.round, b, id)
		if err != nil {
			return turn, err
		}
		if turn.Doctor, err = s.first(ctx, call, v, v.round.ID, order, tried, &turn); err != nil || turn.Doctor != "" {
			turn.Round = v.round.ID
			return turn, err
		}
	}
	turn.Doctor, err = s.nextWaiting(ctx, call, v, tried, &turn)
	return turn, err
}

// vacancy reads a post that came free; its post is nil when it is not open.
func (s *Rounds) vacancy(ctx context.Context, call access.Call, id string) (v vacant, err error) {
	tenant := call.Actor.Tenant
	if v.round, v.found, err = s.roundOfPost(ctx, tenant, id); err != nil {
		return v, err
	}
	all, atlas, err := s.o.Wishes.Openings(ctx, call)
	if err != nil {
		return v, err
	}
	v.atlas = atlas
	v.opens = slices.DeleteFunc(slices.Clone(all), func(o post.Opening) bool { return o.Post != id })
	posts, err := s.roundPosts(ctx, call, v.round, v.opens)
	if err != nil || posts[id] == nil {
		return v, err
	}
	v.post = posts[id]
	taken, err := s.taken(ctx, tenant)
	if err != nil {
		return v, err
	}
	v.post.Room = roomFor(v.opens[0], all, taken)
	if v.capped, err = s.capped(ctx, tenant, v.round, v.post); err != nil {
		return v, err
	}
	pairs, err := s.hiddenPairs(ctx, tenant, posts)
	if err != nil {
		return v, err
	}
	v.hidden = map[string]bool{}
	for doctor, from := range pairs {
		v.hidden[doctor] = from[id]
	}
	v.cases, err = s.waitingCases(ctx, tenant)
	return v, err
}

// roomFor tells whether a post's supervisor has room besides the other posts of
// theirs for which an offer is live.
func roomFor(o post.Opening, all []post.Opening, taken []string) bool {
	used := 0
	for _, other := range all {
		if other.Post != o.Post && other.Supervisor == o.Supervisor && slices.Contains(taken, other.Post) {
			used++
		}
	}
	return o.Room > used
}

func (s *Rounds) taken(ctx context.Context, tenant string) ([]string, error) {
	if s.o.Taken == nil {
		return nil, nil
	}
	return s.o.Taken(ctx, tenant)
}

// Between asks the hard rules about one doctor and open posts outside any round,
// as for a single proposal: what keeps them apart, by post. Of the doctor's own
// limits, those in but do not keep them apart. Posts that are not open are not in
// the answer. It asks no permission.
func (s *Rounds) Between(ctx context.Context, call access.Call, doctor string, ids []string, but ...string) (map[string][]Stop, error) {
	tenant := call.Actor.Tenant
	all, atlas, err := s.o.Wishes.Openings(ctx, call)
	if err != nil {
		return nil, err
	}
	taken, err := s.taken(ctx, tenant)
	if err != nil {
		return nil, err
	}
	posts, err := s.roundPosts(ctx, call, Round{}, slices.DeleteFunc(slices.Clone(all), func(o post.Opening) bool { return !slices.Contains(ids, o.Post) }))
	if err != nil {
		return nil, err
	}
	hidden, err := s.hiddenPairs(ctx, tenant, posts)
	if err != nil {
		return nil, err
	}
	recorded, err := s.recorded(ctx, tenant, []string{doctor})
	if err != nil {
		return nil, err
	}
	wishes, err := s.o.Wishes.Wishes(ctx, call, []string{doctor})
	if err != nil {
		return nil, err
	}
	c, err := s.o.Casefile.Get(ctx, doctor, tenant)
	if err != nil {
		return nil, err
	}
	d := taker(casefile.Placeable{Doctor: doctor, Ref: c.Ref, Region: c.Region, Paused: c.Flags.Has(casefile.FlagPaused)}, wishes[doctor], recorded[doctor], hidden[doctor])
	d.limited(wishes[doctor], all, atlas, but...)
	if err := s.holds(ctx, call, &d); err != nil {
		return nil, err
	}
	out := make(map[string][]Stop, len(posts))
	for _, o := range all {
		if p := posts[o.Post]; p != nil {
			p.Room = roomFor(o, all, taken)
			out[o.Post] = HardRules(d, p, Round{})
		}
	}
	return out, nil
}

// capped gives the limits of a post's round that its standing placements fill.
func (s *Rounds) capped(ctx context.Context, tenant string, r Round, p *RoundPost) ([]Stop, error) {
	if len(r.Rules.Limits) == 0 {
		return nil, nil
	}
	placed, err := s.placed(ctx, tenant, r.ID)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, one := range placed {
		if one.State == PlacedStands && one.Post != p.ID {
			ids = append(ids, one.Post)
		}
	}
	slices.Sort(ids)
	held, err := s.manyPosts(ctx, tenant, slices.Compact(ids))
	if err != nil {
		return nil, err
	}
	regions, phases := map[string]int{}, map[string]int{}
	for _, one := range held {
		regions[one.Region]++
		phases[one.Phase]++
	}
	return fullLimits(r, p, regions, phases), nil
}

// fullLimits gives the caps that one more placement would break.
func fullLimits(r Round, p *RoundPost, regions, phases map[string]int) []Stop {
	var out []Stop
	for _, l := range r.Rules.Limits {
		switch {
		case l.Kind == LimitRegion && l.Of == p.Region && l.Number > 0 && regions[l.Of] >= l.Number:
			out = append(out, Stop{"region_cap", l.Words(regionName(l.Of)) + ", and as many are placed.", "No more doctors can be placed in this region in this round."})
		case l.Kind == LimitFunder && l.Of == p.Phase && l.Number > 0 && phases[l.Of] >= l.Number:
			out = append(out, Stop{"funder_cap", l.Words("this phase") + ", and as many are placed.", "There is no money for this post in this round."})
		}
	}
	return out
}

// first gives the first of an order whom no hard rule keeps from the post, and
// notes in turn whom one does. Whom something private keeps from it is passed in
// silence.
func (s *Rounds) first(ctx context.Context, call access.Call, v vacant, round string, order, tried []string, turn *Turn) (string, error) {
	order = slices.DeleteFunc(slices.Clone(order), func(id string) bool {
		_, waits := v.cases[id]
		return !waits || slices.Contains(tried, id) || v.hidden[id] || slices.ContainsFunc(turn.Passed, func(p Passed) bool { return p.Doctor == id })
	})
	for from := 0; from < len(order); from += batch {
		part := order[from:min(from+batch, len(order))]
		recorded, err := s.recorded(ctx, call.Actor.Tenant, part)
		if err != nil {
			return "", err
		}
		wishes, err := s.o.Wishes.Wishes(ctx, call, part)
		if err != nil {
			return "", err
		}
		for _, id := range part {
			d := taker(v.cases[id], wishes[id], recorded[id], nil)
			if d.limited(wishes[id], v.opens, v.atlas); d.Private[v.post.ID] {
				continue
			}
			if err := s.holds(ctx, call, &d); err != nil {
				return "", err
			}
			stops := append(HardRules(d, v.post, v.round), v.capped...)
			if len(stops) == 0 {
				return id, nil
			}
			turn.Passed = append(turn.Passed, Passed{Doctor: id, Post: v.post.ID, Round: round, On: call.Today, Number: len(turn.Passed) + 1, Stops: stops})
		}
	}
	return "", nil
}

func (s *Rounds) waitingCases(ctx context.Context, tenant string) (map[string]casefile.Placeable, error) {
	list, err := s.o.Casefile.Placeable(ctx, tenant)
	out := make(map[string]casefile.Placeable, len(list))
	for _, c := range list {
		out[c.Doctor] = c
	}
	return out, err
}

// order is the round's order for one post among those without one: the host's
// ranking where hosts rank, else the aims as they bear on one post. Whom a hard
// rule stopped on the day of the run stands in it too: the rules are asked anew.
func (s *Rounds) order(ctx context.Context, tenant string, r Round, b board, post string) ([]string, error) {
	var free []candidate
	for id, one := range b.readings {
		i := slices.IndexFunc(one.Choices, func(c ReadChoice) bool { return c.Post == post && !c.own() })
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
	cases, err := s.waitingCases(ctx, tenant)
	if err != nil {
		return nil, err
	}
	for i := range free {
		c := cases[free[i].doctor]
		free[i].since = c.Eligible
		free[i].priority = r.Rules.PriorityDays > 0 && c.Eligible.DaysUntil(r.Closes) >= r.Rules.PriorityDays
		free[i].lot = digest([]byte(seed + "\x00" + c.Ref + "\x00" + post))
	}
	slices.SortFunc(free, candidate.compare)
	out := make([]string, len(free))
	for i, c := range free {
		out[i] = c.doctor
	}
	return out, nil
}

// nextWaiting goes along the waiting list to the first doctor whose wishes the
// post fits and whom no hard rule keeps from it.
func (s *Rounds) nextWaiting(ctx context.Context, call access.Call, v vacant, tried []string, turn *Turn) (string, error) {
	const page = 50
	for after := 0; ; {
		list, err := s.waitingPage(ctx, call.Actor.Tenant, nil, after, page)
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
		ids = slices.DeleteFunc(ids, func(id string) bool {
			ranked, _ := Spell(wishes[id], v.opens, v.atlas)
			return len(ranked) == 0
		})
		who, err := s.first(ctx, call, v, "", ids, tried, turn)
		if err != nil {
			return "", err
		}
		if who != "" {
			return who, nil
		}
	}
}

// PassedLine is one doctor who was passed over, as staff read it.
type PassedLine struct {
	Passed
	Ref, Name, Title string
}

// passedLines names those who were passed over in a round, or along the waiting
// list when round is "".
func (s *Rounds) passedLines(ctx context.Context, call access.Call, round string, regions []string) ([]PassedLine, error) {
	list, err := s.passed(ctx, call.Actor.Tenant, round)
	if err != nil {
		return nil, err
	}
	var ids, posts []string
	for _, p := range list {
		ids, posts = append(ids, p.Doctor), append(posts, p.Post)
	}
	people, err := s.people(ctx, call.Actor.Tenant, ids)
	if err != nil {
		return nil, err
	}
	titles, err := s.titles(ctx, call.Actor.Tenant, posts)
	if err != nil {
		return nil, err
	}
	var out []PassedLine
	for _, p := range list {
		who := people[p.Doctor]
		if slices.Contains(call.Actor.Hidden, p.Doctor) || len(regions) > 0 && !slices.Contains(regions, who.Region) {
			continue
		}
		if !readsPapers(call.Actor) {
			p.Stops = withoutPapers(p.Stops)
		}
		out = append(out, PassedLine{p, who.Ref, who.Name, titles[p.Post]})
	}
	return out, nil
}

// PassedOver gives staff who was passed over along the waiting list.
func (s *Rounds) PassedOver(ctx context.Context, call access.Call) ([]PassedLine, error) {
	scope := s.access.Scope(call.Actor, ActWaitList)
	if scope.None() {
		return nil, nil
	}
	var regions []string
	if !scope.All {
		regions = scope.Regions
	}
	list, err := s.passedLines(ctx, call, "", regions)
	if err != nil {
		return nil, err
	}
	return list, s.lookedPassed(ctx, call, ActWaitList, list)
}

func (s *Rounds) lookedPassed(ctx context.Context, call access.Call, act access.Action, list []PassedLine) error {
	if len(list) == 0 {
		return nil
	}
	ids := make([]string, len(list))
	for i, p := range list {
		ids[i] = p.Doctor
	}
	return s.audit.Look(ctx, call, audit.Look{Action: act, Query: "passed over", Kind: "waiting", IDs: ids})
}

// say is whom, which post and when; why is listed below it.
func (p PassedLine) say() string {
	return fmt.Sprintf("%s, for %s, %s", p.Name, p.Title, p.On.Long())
}
