package newsroom

import (
	"context"
	"slices"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/clock"
	"msw/internal/problem"
	"msw/internal/programme"
	"msw/internal/rulebook"
)

// public gives the call with the programme whose pages are the public site,
// whichever programme the reader is signed in to, and as nobody: a public page
// looks the same to all.
func (s *Service) public(ctx context.Context, call access.Call) (access.Call, error) {
	if err := s.o.Access.May(call.Actor, ActRead, access.Resource{}); err != nil {
		return call, err
	}
	t, found, err := s.o.Programme.PublicTenant(ctx)
	if err != nil {
		return call, err
	}
	tenant := call.Actor.Tenant
	if found {
		tenant = t.ID
	}
	call.Actor = access.Actor{Tenant: tenant}
	return call, nil
}

// After says where a list goes on: after the piece with this first day and id.
// The zero value is the beginning.
type After struct {
	From clock.Date
	ID   string
}

// Shown lists what the public sees of a kind today, newest first, at most
// limit; more tells whether the list goes on.
func (s *Service) Shown(ctx context.Context, call access.Call, kind Kind, after After, limit int) (list []Piece, more bool, err error) {
	call, err = s.public(ctx, call)
	if err != nil {
		return nil, false, err
	}
	return s.shown(ctx, call, kind, after, limit)
}

func (s *Service) shown(ctx context.Context, call access.Call, kind Kind, after After, limit int) (list []Piece, more bool, err error) {
	list, err = s.store.shown(ctx, call.Actor.Tenant, kind, call.Today, page{after.From, after.ID, limit + 1})
	if more = len(list) > limit; more {
		list = list[:limit]
	}
	// SQL has chosen; that what it chose may be shown is decided in one place.
	return slices.DeleteFunc(list, func(p Piece) bool { return !p.Shown(call.Today) }), more, err
}

// Read gives one shown piece with what was put right in it. One that is not
// shown, for whatever reason, is not there.
func (s *Service) Read(ctx context.Context, call access.Call, kind Kind, slug string) (Piece, []Correction, error) {
	call, err := s.public(ctx, call)
	if err != nil {
		return Piece{}, nil, err
	}
	p, err := s.store.bySlug(ctx, call.Actor.Tenant, kind, slug)
	if err != nil {
		return Piece{}, nil, err
	}
	if !p.Shown(call.Today) {
		return Piece{}, nil, problem.Missing()
	}
	list, err := s.store.corrections(ctx, p.Tenant, p.ID)
	return p, list, err
}

// feedLength is how many pieces a feed holds.
const feedLength = 30

// Feed gives what may be in the news feeds today, newest first, and when it
// last changed.
func (s *Service) Feed(ctx context.Context, call access.Call) ([]Piece, clock.Instant, error) {
	call, err := s.public(ctx, call)
	if err != nil {
		return nil, clock.Instant{}, err
	}
	return s.channel(ctx, call, Feeds, feedLength)
}

// Map gives what search engines may be told of, newest first.
func (s *Service) Map(ctx context.Context, call access.Call) ([]Piece, clock.Instant, error) {
	call, err := s.public(ctx, call)
	if err != nil {
		return nil, clock.Instant{}, err
	}
	return s.channel(ctx, call, Search, 1000)
}

func (s *Service) channel(ctx context.Context, call access.Call, c Channel, limit int) ([]Piece, clock.Instant, error) {
	var all []Piece
	for _, kind := range []Kind{News, Story} {
		list, _, err := s.shown(ctx, call, kind, After{}, limit)
		if err != nil {
			return nil, clock.Instant{}, err
		}
		all = append(all, list...)
	}
	all = slices.DeleteFunc(all, func(p Piece) bool { return !p.In(c, call.Today) })
	slices.SortStableFunc(all, func(a, b Piece) int {
		switch {
		case a.PublishedAt.After(b.PublishedAt):
			return -1
		case b.PublishedAt.After(a.PublishedAt):
			return 1
		}
		return 0
	})
	changed, err := s.store.changed(ctx, call.Actor.Tenant, call.Today)
	return all[:min(limit, len(all))], changed, err
}

// Home is what the first page shows.
type Home struct {
	Open, Waiting programme.Opening
	News, Stories []Piece
	Figures       Latest
	HaveFigures   bool
}

// Home gathers the first page.
func (s *Service) Home(ctx context.Context, call access.Call) (h Home, err error) {
	if call, err = s.public(ctx, call); err != nil {
		return h, err
	}
	phases, err := s.o.Programme.Phases(ctx, call.Actor.Tenant)
	if err != nil {
		return h, err
	}
	h.Open, h.Waiting = programme.OpenToday(phases, call.Today), programme.WaitingOpenToday(phases, call.Today)
	if h.News, _, err = s.shown(ctx, call, News, After{}, 3); err != nil {
		return h, err
	}
	if h.Stories, _, err = s.shown(ctx, call, Story, After{}, 2); err != nil {
		return h, err
	}
	if s.o.Figures != nil {
		h.Figures, h.HaveFigures, err = s.o.Figures(ctx, call)
	}
	return h, err
}

// Open answers whether one can apply today.
func (s *Service) Open(ctx context.Context, call access.Call) (programme.Opening, error) {
	call, err := s.public(ctx, call)
	if err != nil {
		return programme.Opening{}, err
	}
	phases, err := s.o.Programme.Phases(ctx, call.Actor.Tenant)
	return programme.OpenToday(phases, call.Today), err
}

// Contact gives the programme's address for questions and its phone number for
// safety worries, each "" when it is not set.
func (s *Service) Contact(ctx context.Context, call access.Call) (mail, phone string, err error) {
	if call, err = s.public(ctx, call); err != nil {
		return "", "", err
	}
	m, err := s.o.Programme.Setting(ctx, call.Actor.Tenant, programme.ContactEmail)
	if err != nil {
		return "", "", err
	}
	p, err := s.o.Programme.Setting(ctx, call.Actor.Tenant, programme.SafetyPhone)
	return m.Value, p.Value, err
}

// Keep gives for how many years a closed case is kept, as this programme set it.
func (s *Service) Keep(ctx context.Context, call access.Call) (programme.Setting, error) {
	call, err := s.public(ctx, call)
	if err != nil {
		return programme.Setting{}, err
	}
	return s.o.Programme.Setting(ctx, call.Actor.Tenant, programme.RetentionYears)
}

// Desk lists pieces for those who work on them, what changed last first; state
// "" for all.
func (s *Service) Desk(ctx context.Context, call access.Call, state State, before clock.Instant, id string, limit int) (list []Piece, more bool, err error) {
	if err := s.may(call, ActDesk, ""); err != nil {
		return nil, false, err
	}
	list, err = s.store.desk(ctx, call.Actor.Tenant, state, before, id, limit+1)
	if more = len(list) > limit; more {
		list = list[:limit]
	}
	return list, more, err
}

// Piece gives one piece, in any state, for those who work on it.
func (s *Service) Piece(ctx context.Context, call access.Call, id string) (Piece, []Correction, error) {
	if err := s.may(call, ActDesk, id); err != nil {
		return Piece{}, nil, err
	}
	p, err := s.store.piece(ctx, call.Actor.Tenant, id)
	if err != nil {
		return p, nil, err
	}
	list, err := s.store.corrections(ctx, p.Tenant, p.ID)
	return p, list, err
}

// Whose tells whose story it is, and writes down who asked.
func (s *Service) Whose(ctx context.Context, call access.Call, id string) (Whose, error) {
	if err := s.may(call, ActConsent, id); err != nil {
		return Whose{}, err
	}
	w, err := s.store.whose(ctx, call.Actor.Tenant, id)
	if err != nil {
		return w, err
	}
	return w, s.o.Audit.Look(ctx, call, audit.Look{Action: ActConsent, Kind: "consent", IDs: []string{id}, Query: "whose story"})
}

// ruleSet gives the rules that hold today, as the programme switched them on.
func (s *Service) ruleSet(ctx context.Context, call access.Call) (*rulebook.Set, error) {
	if s.o.Book == nil {
		return nil, problem.New(problem.Unavailable, "The checker does not work right now. Try again later.")
	}
	set, err := s.o.Programme.Rules(ctx, call.Actor.Tenant, "eligibility", call.Today)
	if problem.KindOf(err) == problem.Unavailable { // a site without the programme's rows
		return s.o.Book.Set("eligibility", call.Today)
	}
	return set, err
}
