package newsroom

import (
	"context"
	"strconv"
	"strings"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/problem"
	"msw/internal/programme"
	"msw/internal/rulebook"
)

// The actions of this package.
const (
	ActRead     access.Action = "newsroom.read"     // the public pages
	ActDesk     access.Action = "newsroom.desk"     // see drafts
	ActWrite    access.Action = "newsroom.write"    // write, change, send to a second person
	ActReview   access.Action = "newsroom.review"   // be the second person
	ActPublish  access.Action = "newsroom.publish"  // publish, correct, take off the site
	ActConsent  access.Action = "newsroom.consent"  // see whose story it is; record consent
	ActWithdraw access.Action = "newsroom.withdraw" // end the consent: the words are destroyed
)

// Actions lists them for the permission table's test.
func Actions() []access.Action {
	return []access.Action{ActRead, ActDesk, ActWrite, ActReview, ActPublish, ActConsent, ActWithdraw}
}

// Options are what the service needs. Book and Figures may be nil: the
// checker then says that it cannot answer, and home shows no figures.
type Options struct {
	DB        *database.DB
	Access    *access.Table
	Audit     *audit.Log
	Programme *programme.Service
	Book      *rulebook.Book
	// Figures gives the latest published figures by a day, false for none.
	Figures func(ctx context.Context, call access.Call) (Latest, bool, error)
}

// Latest are the latest published figures, as home shows them.
type Latest struct {
	AsAt    clock.Date
	Figures []Figure
}

// Figure is one of them: Value is as people read it, "" when it is not shown.
type Figure struct{ Label, Value, Definition string }

// Service is the use cases of the newsroom and the public site.
type Service struct {
	o         Options
	store     store
	directory Directory
}

// New makes the service; the directory that is built in must read without fault.
func New(o Options) (*Service, error) {
	d, err := ReadDirectory()
	if err != nil {
		return nil, err
	}
	return &Service{o: o, store: store{o.DB}, directory: d}, nil
}

func (s *Service) may(call access.Call, act access.Action, id string) error {
	return s.o.Access.May(call.Actor, act, access.Resource{Kind: "piece", ID: id, Tenant: call.Actor.Tenant})
}

// record keeps what was done to a piece, never its words: a withdrawal must be
// able to destroy those.
func (s *Service) record(ctx context.Context, call access.Call, act access.Action, p Piece, before State) error {
	type image struct {
		State                 State
		ShownFrom, ShownUntil clock.Date
		Version               int64
	}
	return s.o.Audit.Record(ctx, call, audit.Entry{Action: act, Kind: string(p.Kind), ID: p.ID,
		Before: map[string]State{"state": before}, After: image{p.State, p.ShownFrom, p.ShownUntil, p.Version}})
}

// NewPiece is a piece to write. Of a story, Author is the pseudonym.
type NewPiece struct {
	Kind                                   Kind
	Category, Title, Summary, Body, Author string
}

// Write begins a piece as a draft.
func (s *Service) Write(ctx context.Context, call access.Call, n NewPiece) (Piece, error) {
	if err := s.may(call, ActWrite, ""); err != nil {
		return Piece{}, err
	}
	if n.Kind != News && n.Kind != Story {
		return Piece{}, problem.New(problem.Invalid, "Choose news or a story.")
	}
	p := Piece{ID: database.NewID(), Tenant: call.Actor.Tenant, Kind: n.Kind, State: Draft, WrittenBy: call.Actor.Account,
		WrittenOn: call.Today, ChangedAt: call.Now, Version: 1}
	p.Slug = p.ID
	p.set(n)
	if err := checkText(p.Kind, p.Category, p.Text, false); err != nil {
		return Piece{}, err
	}
	return p, s.o.DB.Tx(ctx, func(ctx context.Context) error {
		if err := s.store.insert(ctx, p); err != nil {
			return err
		}
		return s.record(ctx, call, ActWrite, p, "")
	})
}

func (p *Piece) set(n NewPiece) {
	p.Category = n.Category
	if p.Kind == Story {
		p.Category = ""
	}
	p.Text.Title, p.Text.Summary = strings.TrimSpace(n.Title), strings.TrimSpace(n.Summary)
	p.Text.Body, p.Text.Author = strings.TrimSpace(n.Body), strings.TrimSpace(n.Author)
}

// change loads a piece, lets decide change it, and saves it with its record.
// A version of 0 means: whatever it is now.
func (s *Service) change(ctx context.Context, call access.Call, act access.Action, id string, version int64, decide func(context.Context, *Piece) error) (Piece, error) {
	if err := s.may(call, act, id); err != nil {
		return Piece{}, err
	}
	var p Piece
	err := s.o.DB.Tx(ctx, func(ctx context.Context) (err error) {
		if p, err = s.store.piece(ctx, call.Actor.Tenant, id); err != nil {
			return err
		}
		if version != 0 && p.Version != version {
			return problem.Stale()
		}
		before := p.State
		if err := decide(ctx, &p); err != nil {
			return err
		}
		p.ChangedAt = call.Now
		if err := s.store.save(ctx, &p); err != nil {
			return err
		}
		return s.record(ctx, call, act, p, before)
	})
	return p, err
}

// Change rewrites a piece that is not published; it is a draft again, whoever
// had read it before, and whoever changes it is its writer.
func (s *Service) Change(ctx context.Context, call access.Call, id string, version int64, n NewPiece) (Piece, error) {
	return s.change(ctx, call, ActWrite, id, version, func(_ context.Context, p *Piece) error {
		if err := mayWrite(*p); err != nil {
			return err
		}
		p.set(n)
		p.State, p.WrittenBy, p.WrittenOn = Draft, call.Actor.Account, call.Today
		p.SubmittedOn, p.ReviewedOn, p.ReviewedBy = 0, 0, ""
		return checkText(p.Kind, p.Category, p.Text, false)
	})
}

// Submit sends a finished draft to a second person.
func (s *Service) Submit(ctx context.Context, call access.Call, id string) (Piece, error) {
	return s.change(ctx, call, ActWrite, id, 0, func(_ context.Context, p *Piece) error {
		if err := maySubmit(*p); err != nil {
			return err
		}
		p.State, p.SubmittedOn = Submitted, call.Today
		return nil
	})
}

// Review is what the second person says. A story is safe to tell when nobody
// can work out who it is about, where they are, or who stayed behind.
type Review struct {
	ID      string
	Version int64
	Agrees  bool
	Note    string // needed to send it back
	For     string // the charity or other body for which they looked
}

// Review lets a second person agree, or send the piece back with a note.
func (s *Service) Review(ctx context.Context, call access.Call, r Review) (Piece, error) {
	return s.change(ctx, call, ActReview, r.ID, r.Version, func(_ context.Context, p *Piece) error {
		if err := mayReview(*p, call.Actor.Account); err != nil {
			return err
		}
		p.Text.ReviewNote, p.Text.ReviewedFor = strings.TrimSpace(r.Note), strings.TrimSpace(r.For)
		p.ReviewedBy, p.ReviewedOn, p.State = call.Actor.Account, call.Today, Reviewed
		if !r.Agrees {
			p.State = Draft
			var c problem.Check
			c.That(p.Text.ReviewNote != "", "note", "Say what must change")
			return c.Err()
		}
		return nil
	})
}

// Publish is when a piece is shown: From zero means today, Until zero means no
// end. A story also ends with its consent.
type Publish struct {
	ID          string
	Version     int64
	From, Until clock.Date
}

// Publish shows a piece that a second person agreed to. Its address is made at
// the first time and stays.
func (s *Service) Publish(ctx context.Context, call access.Call, c Publish) (Piece, error) {
	return s.change(ctx, call, ActPublish, c.ID, c.Version, func(ctx context.Context, p *Piece) error {
		if c.From.IsZero() {
			c.From = call.Today
		}
		if err := mayPublish(*p, c.From, c.Until, call.Today); err != nil {
			return err
		}
		p.State, p.ShownFrom, p.ShownUntil = Published, c.From, c.Until
		if p.PublishedAt.IsZero() {
			p.PublishedAt = call.Now
			if at := clock.StartOf(c.From); at.After(p.PublishedAt) {
				p.PublishedAt = at
			}
		}
		if p.Slug != p.ID {
			return nil
		}
		return s.address(ctx, p)
	})
}

// address gives the piece its readable address, with a number when the plain
// one is taken.
func (s *Service) address(ctx context.Context, p *Piece) error {
	base := slugOf(p.Text.Title)
	if base == "" {
		return nil
	}
	for n := 1; n < 100; n++ {
		slug := base
		if n > 1 {
			slug += "-" + strconv.Itoa(n)
		}
		taken, err := s.store.slugTaken(ctx, p.Tenant, slug)
		if err != nil {
			return err
		}
		if !taken {
			p.Slug = slug
			return nil
		}
	}
	return nil
}

// TakeDown takes a published piece off the site, everywhere and at once; it is
// a draft again.
func (s *Service) TakeDown(ctx context.Context, call access.Call, id string) (Piece, error) {
	return s.change(ctx, call, ActPublish, id, 0, func(_ context.Context, p *Piece) error {
		if p.State != Published {
			return problem.Refuse("This is not on the site.")
		}
		p.State, p.SubmittedOn, p.ReviewedOn, p.ReviewedBy = Draft, 0, 0, ""
		return nil
	})
}

// Correct puts published news right: the new words are shown at once, with what
// was wrong.
func (s *Service) Correct(ctx context.Context, call access.Call, id string, version int64, n NewPiece, note string) (Piece, error) {
	note = strings.TrimSpace(note)
	return s.change(ctx, call, ActPublish, id, version, func(ctx context.Context, p *Piece) error {
		if p.State != Published || p.Kind != News {
			return problem.Refuse("Only published news can be corrected. Take a story off the site to change it.")
		}
		p.set(n)
		var c problem.Check
		c.That(note != "", "note", "Say what was wrong. Everyone can read this")
		c.That(!named(note), "note", "This names a doctor who is named in a news article about the programme. Leave the name out")
		c.Add(checkText(p.Kind, p.Category, p.Text, true))
		if err := c.Err(); err != nil {
			return err
		}
		return s.store.addCorrection(ctx, p.Tenant, p.ID, Correction{On: call.Today, By: call.Actor.Account, Note: note})
	})
}

// NewConsent is what a person agreed to about their story, and whose it is.
type NewConsent struct {
	Piece            string
	Channels         []Channel
	Photo            bool
	GivenOn, Expires clock.Date
	Whose            Whose
}

// RecordConsent keeps a consent, or a newer one in its place. One that was
// withdrawn does not come back: the words are gone.
func (s *Service) RecordConsent(ctx context.Context, call access.Call, n NewConsent) error {
	if err := s.may(call, ActConsent, n.Piece); err != nil {
		return err
	}
	return s.o.DB.Tx(ctx, func(ctx context.Context) error {
		p, err := s.store.piece(ctx, call.Actor.Tenant, n.Piece)
		if err != nil {
			return err
		}
		if p.Kind != Story || p.State == Withdrawn {
			return problem.Refuse("Consent is recorded for stories that were not withdrawn.")
		}
		n.Whose = Whose{strings.TrimSpace(n.Whose.Person), strings.TrimSpace(n.Whose.Given)}
		c := Consent{Channels: n.Channels, Photo: n.Photo, GivenOn: n.GivenOn, Expires: n.Expires, RecordedBy: call.Actor.Account, Version: p.Consent.Version}
		if err := checkConsent(c, n.Whose, call.Today); err != nil {
			return err
		}
		if err := s.store.saveConsent(ctx, p.Tenant, p.ID, c, n.Whose); err != nil {
			return err
		}
		if err := s.touch(ctx, call, &p); err != nil {
			return err
		}
		return s.o.Audit.Record(ctx, call, audit.Entry{Action: ActConsent, Kind: string(p.Kind), ID: p.ID, Before: p.Consent, After: c})
	})
}

// touch tells readers of feeds that something about a piece changed.
func (s *Service) touch(ctx context.Context, call access.Call, p *Piece) error {
	p.ChangedAt = call.Now
	return s.store.save(ctx, p)
}

// Withdraw ends a story's consent, or takes news back for good. One person is
// enough. It is gone from every list, feed and page with the answer, and its
// words and whose they were are destroyed with their key.
func (s *Service) Withdraw(ctx context.Context, call access.Call, id string) (Piece, error) {
	return s.change(ctx, call, ActWithdraw, id, 0, func(ctx context.Context, p *Piece) error {
		if p.State == Withdrawn {
			return problem.Refuse("This was withdrawn before.")
		}
		p.State, p.Slug, p.Text, p.Category = Withdrawn, p.ID, Text{}, ""
		return s.store.forget(ctx, p.Tenant, p.ID, call.Today)
	})
}
