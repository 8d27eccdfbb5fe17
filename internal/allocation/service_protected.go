package allocation

import (
	"context"
	"slices"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/database"
	"msw/internal/document"
	"msw/internal/problem"
)

// AskProtected asks for a reason of a doctor to go before all wishes: by the
// doctor, or by their caseworker for them. One of each ground at a time.
func (s *Service) AskProtected(ctx context.Context, call access.Call, doctor string, a Asking) (Protected, error) {
	if err := s.may(ctx, call, ActAsk, doctor); err != nil {
		return Protected{}, err
	}
	if err := a.Check(); err != nil {
		return Protected{}, err
	}
	p := Protected{ID: database.NewRef(), Doctor: doctor, Standing: Asked, AskedOn: call.Today, Version: 1, Asking: a}
	err := s.db.Tx(ctx, func(ctx context.Context) error {
		before, err := s.protectedOf(ctx, call.Actor.Tenant, []string{doctor})
		if err != nil {
			return err
		}
		if slices.ContainsFunc(before, func(b Protected) bool { return b.Ground == a.Ground && b.live() }) {
			return problem.Refuse("You have asked for this already.", "Take the earlier one back before you ask again.")
		}
		if p.Documents, err = s.papersOf(ctx, call.Actor.Tenant, doctor, a.Documents); err != nil {
			return err
		}
		if err := s.insertProtected(ctx, call.Actor.Tenant, p); err != nil {
			return err
		}
		return s.auditProtected(ctx, call, ActAsk, p)
	})
	return p, err
}

// ProtectedOf lists a doctor's reasons, to the doctor or their caseworker.
func (s *Service) ProtectedOf(ctx context.Context, call access.Call, doctor string) ([]Protected, error) {
	if err := s.may(ctx, call, ActAsk, doctor); err != nil {
		return nil, err
	}
	return s.protectedOf(ctx, call.Actor.Tenant, []string{doctor})
}

// WithdrawProtected takes a reason back.
func (s *Service) WithdrawProtected(ctx context.Context, call access.Call, id string, version int) error {
	return s.change(ctx, call, ActAsk, id, version, func(_ context.Context, p *Protected) error {
		if !p.live() {
			return problem.Refuse("This cannot be taken back.", "It is settled.")
		}
		p.Standing, p.SettledOn = Withdrawn, call.Today
		return nil
	})
}

// papersOf names documents as a source, once it is sure that they are the
// doctor's own and stand.
func (s *Service) papersOf(ctx context.Context, tenant, doctor string, ids []string) ([]string, error) {
	var out []string
	for _, id := range ids {
		if old, named := document.FromSource(id); named {
			id = old
		}
		if s.docs == nil {
			return nil, problem.Missing()
		}
		mine, err := s.docs.Exists(ctx, tenant, doctor, id)
		if err != nil {
			return nil, err
		}
		if !mine {
			return nil, problem.Missing()
		}
		if source := document.Source(id); !slices.Contains(out, source) {
			out = append(out, source)
		}
	}
	return out, nil
}

// Paper is a document that a reason can point to. Sealed ones only the panel
// opens.
type Paper struct {
	ID, Name string
	Sealed   bool
}

// Shelf gives the papers of a doctor that a reason can point to: those that the
// team opens, and those that only the panel does. It asks no permission.
func (s *Service) Shelf(ctx context.Context, tenant, doctor string) ([]Paper, error) {
	if s.docs == nil {
		return nil, nil
	}
	list, err := s.docs.Of(ctx, tenant, doctor)
	var out []Paper
	for _, d := range list {
		switch d.Class() {
		case document.General:
			out = append(out, Paper{d.ID, d.Name(), false})
		case document.Protected:
			out = append(out, Paper{d.ID, document.KindOf(d.Kind).Title + ", added on " + d.AddedOn.Long(), true})
		}
	}
	return out, err
}

// Vouch is the caseworker's word. For safety it is enough by itself and needs
// no document; for all else it says which evidence was seen, in words or as the
// doctor's papers, and the panel decides.
func (s *Service) Vouch(ctx context.Context, call access.Call, id string, version int, evidence string, papers ...string) error {
	return s.change(ctx, call, ActVouch, id, version, func(ctx context.Context, p *Protected) error {
		if p.Standing != Asked {
			return problem.Refuse("This is not waiting for you.", "It stands at: "+p.Standing.Words()+".")
		}
		if p.Doctor == call.Actor.Doctor {
			return problem.Missing()
		}
		p.SeenOn, p.SeenBy = call.Today, call.Actor.Account
		if p.Ground == GroundSafety {
			p.Standing, p.SettledOn = Agreed, call.Today
			return nil
		}
		var c problem.Check
		c.That(evidence != "" || len(papers) > 0, "evidence", "Say which evidence you saw, for example a letter from a hospital, and of which day, or tick the doctor's papers")
		c.That(len(evidence) <= 500, "evidence", "Use 500 characters or fewer")
		if err := c.Err(); err != nil {
			return err
		}
		var err error
		p.Evidence, p.Standing = evidence, Seen
		p.Papers, err = s.papersOf(ctx, call.Actor.Tenant, p.Doctor, papers)
		return err
	})
}

// Vote is one member's word; two who say the same settle it. Nobody votes
// twice, on their own case, or on what they vouched for.
func (s *Service) Vote(ctx context.Context, call access.Call, id string, version int, yes bool) error {
	tenant := call.Actor.Tenant
	return s.change(ctx, call, ActJudge, id, version, func(ctx context.Context, p *Protected) error {
		if p.Standing != Seen {
			return problem.Refuse("The panel cannot vote on this now.", "It stands at: "+p.Standing.Words()+".")
		}
		if p.SeenBy == call.Actor.Account {
			return problem.Refuse("Somebody else must vote on this.", "You saw the evidence as the caseworker.")
		}
		first, err := s.putVote(ctx, tenant, id, call.Actor.Account, yes, call.Today)
		if err != nil {
			return err
		}
		if !first {
			return problem.Refuse("You have voted on this already.", "Another member of the panel must say what they think.")
		}
		all, err := s.votes(ctx, tenant, []string{id})
		if err != nil {
			return err
		}
		agree := 0
		for _, v := range all[id] {
			if v.yes {
				agree++
			}
		}
		if p.Standing = Verdict(agree, len(all[id])-agree); p.Standing != Seen {
			p.SettledOn = call.Today
		}
		return nil
	})
}

// change loads a reason, asks the permission, lets do alter it and saves it.
func (s *Service) change(ctx context.Context, call access.Call, act access.Action, id string, version int, do func(context.Context, *Protected) error) error {
	tenant := call.Actor.Tenant
	if !s.access.Can(call.Actor, act) {
		return problem.Missing()
	}
	return s.db.Tx(ctx, func(ctx context.Context) error {
		p, err := s.oneProtected(ctx, tenant, id)
		if err != nil {
			return err
		}
		if err := s.may(ctx, call, act, p.Doctor); err != nil {
			return err
		}
		if p.Version != version {
			return problem.Stale()
		}
		if err := do(ctx, &p); err != nil {
			return err
		}
		if err := s.saveProtected(ctx, tenant, p); err != nil {
			return err
		}
		return s.auditProtected(ctx, call, act, p)
	})
}

func (s *Service) auditProtected(ctx context.Context, call access.Call, act access.Action, p Protected) error {
	return s.audit.Record(ctx, call, audit.Entry{Action: act, Kind: "protected", ID: p.ID, Person: p.Doctor, After: map[string]any{"standing": p.Standing, "ground": p.Ground}})
}

// Desk lists what waits for a caseworker, the oldest first.
func (s *Service) Desk(ctx context.Context, call access.Call) ([]Protected, error) {
	return s.queue(ctx, call, ActVouch, Asked)
}

// Hearing is a reason as the panel sees it: never whose it is, and of safety
// the kind only.
type Hearing struct {
	Protected
	Voted  bool // by the actor
	Votes  int
	Kinds  []string // of the papers that the doctor points to
	Sealed []string // ids of those that only the panel opens
}

// Panel lists what waits for the panel.
func (s *Service) Panel(ctx context.Context, call access.Call) ([]Hearing, error) {
	list, err := s.queue(ctx, call, ActJudge, Seen)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(list))
	for i, p := range list {
		ids[i] = p.ID
	}
	votes := map[string][]vote{}
	for from := 0; from < len(ids); from += batch {
		part, err := s.votes(ctx, call.Actor.Tenant, ids[from:min(from+batch, len(ids))])
		if err != nil {
			return nil, err
		}
		for id, v := range part {
			votes[id] = v
		}
	}
	out := make([]Hearing, len(list))
	for i, p := range list {
		out[i] = Hearing{Protected: p, Votes: len(votes[p.ID]), Voted: slices.ContainsFunc(votes[p.ID], func(v vote) bool { return v.account == call.Actor.Account })}
		out[i].Doctor = ""
		if out[i].Kinds, out[i].Sealed, err = s.paperKinds(ctx, call.Actor.Tenant, p.Papers); err != nil {
			return nil, err
		}
		out[i].Papers, out[i].Documents = nil, nil // another paper's page would tell whose it is for nothing
		if p.Ground == GroundSafety {
			out[i].Statement, out[i].Evidence = "", ""
		}
	}
	return out, nil
}

// paperKinds says what kinds of papers a caseworker pointed to, and which of
// them are the panel's alone.
func (s *Service) paperKinds(ctx context.Context, tenant string, sources []string) (kinds, sealed []string, err error) {
	for _, source := range sources {
		id, named := document.FromSource(source)
		if !named || s.docs == nil {
			continue
		}
		d, err := s.docs.Get(ctx, tenant, id)
		if problem.KindOf(err) == problem.NotFound {
			continue // taken away since
		}
		if err != nil {
			return nil, nil, err
		}
		if kinds = append(kinds, document.KindOf(d.Kind).Title); d.Class() == document.Protected {
			sealed = append(sealed, id)
		}
	}
	return kinds, sealed, nil
}

// SafetyAgreed counts the safety reasons that hold, which the panel knows of
// by kind only.
func (s *Service) SafetyAgreed(ctx context.Context, call access.Call) (int, error) {
	list, err := s.queue(ctx, call, ActJudge, Agreed)
	n := 0
	for _, p := range list {
		if p.Ground == GroundSafety {
			n++
		}
	}
	return n, err
}

// queue reads the reasons at one standing, less those of doctors who hide from
// the actor or are the actor, and writes the look down.
func (s *Service) queue(ctx context.Context, call access.Call, act access.Action, at Standing) ([]Protected, error) {
	if !s.access.Scope(call.Actor, act).All {
		return nil, problem.Missing()
	}
	list, err := s.readProtected(ctx, call.Actor.Tenant, `state = $2`, string(at))
	if err != nil {
		return nil, err
	}
	kept, ids := list[:0], []string{}
	for _, p := range list {
		if p.Doctor != call.Actor.Doctor && !slices.Contains(call.Actor.Hidden, p.Doctor) {
			kept, ids = append(kept, p), append(ids, p.Doctor)
		}
	}
	return kept, s.audit.Look(ctx, call, audit.Look{Action: act, Kind: "protected", IDs: ids, Query: "standing=" + string(at)})
}
