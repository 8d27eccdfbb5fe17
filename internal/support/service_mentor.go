package support

import (
	"context"
	"slices"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/database"
	"msw/internal/problem"
)

// Mentoring is what a doctor sees as a mentor.
type Mentoring struct {
	Offer Offer
	Pairs []PairSight // proposed and together
}

// PairSight is a pair with the names its readers may know: the other's name
// and contact only when both said yes.
type PairSight struct {
	Pair
	DoctorName, MentorName string
	Ref                    string
	Contact                string
}

// MyMentoring gives the actor's offer and the doctors they help.
func (s *Service) MyMentoring(ctx context.Context, call access.Call) (Mentoring, error) {
	id, err := s.own(call, ActMentor)
	if err != nil {
		return Mentoring{}, err
	}
	var m Mentoring
	if m.Offer, err = s.offer(ctx, call.Actor.Tenant, id); err != nil {
		return m, err
	}
	list, err := s.pairsOfMentor(ctx, call.Actor.Tenant, id)
	if err != nil {
		return m, err
	}
	var ids []string
	for _, p := range list {
		ids = append(ids, p.Doctor)
	}
	names, err := s.o.Names(ctx, call.Actor.Tenant, ids)
	if err != nil {
		return m, err
	}
	for _, p := range list {
		if slices.Contains(call.Actor.Hidden, p.Doctor) {
			continue
		}
		sight := PairSight{Pair: p}
		if p.State == Together {
			sight.DoctorName, sight.Contact = names[p.Doctor], p.Wish.Contact
		} else {
			sight.Wish.Contact = ""
		}
		m.Pairs = append(m.Pairs, sight)
	}
	return m, nil
}

// SaveOffer keeps the actor's offer to be a mentor. An offer that ends takes
// nobody new; who is together stays so.
func (s *Service) SaveOffer(ctx context.Context, call access.Call, o Offer) error {
	id, err := s.own(call, ActMentor)
	if err != nil {
		return err
	}
	if o.Offered {
		if err := o.check(); err != nil {
			return err
		}
	}
	return s.db.Tx(ctx, func(ctx context.Context) error {
		old, err := s.offer(ctx, call.Actor.Tenant, id)
		if err != nil {
			return err
		}
		if old.Version != o.Version {
			return problem.Stale()
		}
		if !o.Offered {
			offered := o.Offered
			o = old
			o.Offered = offered
		}
		o.Doctor, o.Taken, o.ChangedAt = id, old.Taken, call.Now
		if err := s.saveOffer(ctx, call.Actor.Tenant, o); err != nil {
			return err
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: ActMentor, Kind: "support_mentor", ID: id, Person: id, Before: old, After: o})
	})
}

// WantMentor keeps that the actor looks for a mentor, and what they wish.
func (s *Service) WantMentor(ctx context.Context, call access.Call, w Wish) error {
	id, err := s.own(call, ActOwn)
	if err != nil {
		return err
	}
	if err := w.check(); err != nil {
		return err
	}
	return s.db.Tx(ctx, func(ctx context.Context) error {
		old, err := s.pairOf(ctx, call.Actor.Tenant, id)
		if err != nil {
			return err
		}
		if old != nil {
			return problem.Refuse("You already asked for a mentor.", "End the one you have before you ask for another.")
		}
		p := Pair{ID: database.NewID(), Doctor: id, State: Wanted, Since: call.Today, Wish: w, Version: 1}
		if err := s.insertPair(ctx, call.Actor.Tenant, p); err != nil {
			return err
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: ActOwn, Kind: "support_pair", ID: p.ID, Person: id, After: map[string]string{"state": string(Wanted)}})
	})
}

// Wanting lists doctors who look for a mentor or were proposed one, the longest
// waiting first; after is the key of the last one seen.
func (s *Service) Wanting(ctx context.Context, call access.Call, after []string, limit int) ([]PairSight, error) {
	if err := s.may(call, ActPair); err != nil {
		return nil, err
	}
	list, err := s.openPairs(ctx, call.Actor.Tenant, call.Actor.Hidden, after, limit)
	if err != nil {
		return nil, err
	}
	out, err := s.dress(ctx, call.Actor.Tenant, list)
	if err != nil || len(out) == 0 {
		return nil, err
	}
	ids := make([]string, len(list))
	for i, p := range list {
		ids[i] = p.ID
	}
	return out, s.audit.Look(ctx, call, audit.Look{Action: ActPair, Query: "who looks for a mentor", Kind: "support_pair", IDs: ids})
}

func (s *Service) dress(ctx context.Context, tenant string, list []Pair) ([]PairSight, error) {
	var ids []string
	for _, p := range list {
		ids = append(ids, p.Doctor)
		if p.Mentor != "" {
			ids = append(ids, p.Mentor)
		}
	}
	names, err := s.o.Names(ctx, tenant, ids)
	if err != nil {
		return nil, err
	}
	cases, err := s.cases.Many(ctx, tenant, ids)
	if err != nil {
		return nil, err
	}
	out := make([]PairSight, len(list))
	for i, p := range list {
		p.Wish.Contact = "" // for the mentor alone
		out[i] = PairSight{Pair: p, DoctorName: names[p.Doctor], MentorName: names[p.Mentor], Ref: cases[p.Doctor].Ref}
	}
	return out, nil
}

// Candidate is a mentor who could fit, with a name.
type Candidate struct {
	Match
	Name string
}

// Candidates gives a doctor's wish and the mentors who could fit, best first.
// Nobody is among them who supervises the doctor or from whom one of the two
// hides.
func (s *Service) Candidates(ctx context.Context, call access.Call, pair string) (PairSight, []Candidate, error) {
	if err := s.may(call, ActPair); err != nil {
		return PairSight{}, nil, err
	}
	p, err := s.visiblePair(ctx, call, pair)
	if err != nil {
		return PairSight{}, nil, err
	}
	offers, err := s.offers(ctx, call.Actor.Tenant)
	if err != nil {
		return PairSight{}, nil, err
	}
	var out []Candidate
	const most = 10
	for _, m := range Suggest(p.Doctor, p.Wish, offers) {
		fits, err := s.fit(ctx, call, p.Doctor, m.Mentor)
		if err != nil {
			return PairSight{}, nil, err
		}
		if !fits {
			continue
		}
		names, err := s.o.Names(ctx, call.Actor.Tenant, []string{m.Mentor})
		if err != nil {
			return PairSight{}, nil, err
		}
		out = append(out, Candidate{m, names[m.Mentor]})
		if len(out) == most {
			break
		}
	}
	sights, err := s.dress(ctx, call.Actor.Tenant, []Pair{p})
	if err != nil {
		return PairSight{}, nil, err
	}
	return sights[0], out, s.audit.Look(ctx, call, audit.Look{Action: ActPair, Query: "mentors who fit", Kind: "support_pair", IDs: []string{pair}, Person: p.Doctor})
}

// fit tells whether two people may be brought together.
func (s *Service) fit(ctx context.Context, call access.Call, doctor, mentor string) (bool, error) {
	tenant := call.Actor.Tenant
	if slices.Contains(call.Actor.Hidden, mentor) {
		return false, nil
	}
	theirs, err := s.o.Account(ctx, tenant, mentor)
	if err != nil || theirs == "" {
		return false, err
	}
	ok, err := s.apart(ctx, tenant, doctor, theirs)
	if err != nil || !ok {
		return false, err
	}
	own, err := s.o.Account(ctx, tenant, doctor)
	if err != nil || own == "" {
		return err == nil, err
	}
	hidden, err := s.o.HiddenFrom(ctx, tenant, []string{"account:" + own})
	return !slices.Contains(hidden, mentor), err
}

func (s *Service) visiblePair(ctx context.Context, call access.Call, id string) (Pair, error) {
	p, err := s.pair(ctx, call.Actor.Tenant, id)
	if err == nil && slices.Contains(call.Actor.Hidden, p.Doctor) {
		err = problem.Missing()
	}
	return p, err
}

// Propose asks a doctor and a mentor whether they want to. A place of the
// mentor is kept meanwhile.
func (s *Service) Propose(ctx context.Context, call access.Call, pair, mentor string, version int) error {
	if err := s.may(call, ActPair); err != nil {
		return err
	}
	return s.db.Tx(ctx, func(ctx context.Context) error {
		p, err := s.visiblePair(ctx, call, pair)
		if err != nil {
			return err
		}
		if p.Version != version || p.State != Wanted {
			return problem.Stale()
		}
		o, err := s.offer(ctx, call.Actor.Tenant, mentor)
		if err != nil {
			return err
		}
		fits, err := s.fit(ctx, call, p.Doctor, mentor)
		if err != nil {
			return err
		}
		if !fits || !o.Offered || o.Taken >= o.Places || len(Suggest(p.Doctor, p.Wish, []Offer{o})) == 0 {
			return problem.Refuse("This mentor cannot be proposed any more.", "Look at the list again and choose another.")
		}
		before := p.State
		p.Mentor, p.State, p.Since = mentor, Proposed, call.Today
		return s.movePair(ctx, call, ActPair, p, before, 1)
	})
}

// AnswerPair is the doctor's or the mentor's yes or no. With both yes they are
// together and read each other's name and contact; a no looks for somebody else.
func (s *Service) AnswerPair(ctx context.Context, call access.Call, pair string, yes bool) error {
	return s.ownPair(ctx, call, pair, func(ctx context.Context, p Pair) error {
		if p.State != Proposed {
			return problem.Stale()
		}
		before := p.State
		if !yes {
			mentor := p.Mentor
			p.Mentor, p.State, p.DoctorYes, p.MentorYes = "", Wanted, false, false
			return s.freePair(ctx, call, p, before, mentor)
		}
		if call.Actor.Doctor == p.Doctor {
			p.DoctorYes = true
		} else {
			p.MentorYes = true
		}
		if p.DoctorYes && p.MentorYes {
			p.State, p.Since = Together, call.Today
		}
		return s.movePair(ctx, call, ActOwn, p, before, 0)
	})
}

// EndPair ends a search or a mentoring, by either side, without a reason.
func (s *Service) EndPair(ctx context.Context, call access.Call, pair string) error {
	return s.ownPair(ctx, call, pair, func(ctx context.Context, p Pair) error {
		if p.State == Ended {
			return nil
		}
		before := p.State
		p.State, p.Since = Ended, call.Today
		return s.freePair(ctx, call, p, before, p.Mentor)
	})
}

func (s *Service) freePair(ctx context.Context, call access.Call, p Pair, before PairState, mentor string) error {
	if err := s.movePair(ctx, call, ActOwn, p, before, 0); err != nil || mentor == "" {
		return err
	}
	return s.takePlace(ctx, call.Actor.Tenant, mentor, -1)
}

// ownPair is one use case of one of the two people of a pair.
func (s *Service) ownPair(ctx context.Context, call access.Call, pair string, act func(ctx context.Context, p Pair) error) error {
	id := call.Actor.Doctor
	if id == "" {
		return problem.Missing()
	}
	return s.db.Tx(ctx, func(ctx context.Context) error {
		p, err := s.pair(ctx, call.Actor.Tenant, pair)
		if err != nil {
			return err
		}
		role := ActMentor
		if id == p.Doctor {
			role = ActOwn
		} else if id != p.Mentor {
			return problem.Missing()
		}
		if _, err := s.own(call, role); err != nil {
			return err
		}
		return act(ctx, p)
	})
}

func (s *Service) movePair(ctx context.Context, call access.Call, act access.Action, p Pair, before PairState, places int) error {
	if err := s.savePair(ctx, call.Actor.Tenant, p); err != nil {
		return err
	}
	if places != 0 {
		if err := s.takePlace(ctx, call.Actor.Tenant, p.Mentor, places); err != nil {
			return err
		}
	}
	return s.audit.Record(ctx, call, audit.Entry{Action: act, Kind: "support_pair", ID: p.ID, Person: p.Doctor,
		Before: map[string]string{"state": string(before)}, After: map[string]string{"state": string(p.State), "mentor": p.Mentor}})
}
