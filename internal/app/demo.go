package app

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"msw/internal/cli"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/demo"
	"msw/internal/notify"
	"msw/internal/problem"
	"msw/internal/programme"
	"msw/internal/registration"
	"msw/internal/signin"
)

// demoDay is the day on which the demo's history ends by default.
const demoDay = "2026-10-30"

// emptyOne is what to do when a database is not the demo's own.
const emptyOne = "The demo needs an empty one of its own: leave out --database, or name a new file."

type demoCommand struct {
	version  string     // of the build
	Addr     string     `default:"127.0.0.1:8080" help:"Where to listen." placeholder:"HOST:PORT"`
	People   int        `default:"2640" help:"How many fictional doctors."`
	Seed     uint64     `default:"2022" help:"The same seed gives the same people."`
	Outcodes string     `type:"existingfile" help:"A table of postcode districts, as msw import outcodes takes; the demo brings the few it needs." placeholder:"FILE"`
	Today    clock.Date `help:"The day on which the history ends and the demo's clock starts (2026-10-30)." placeholder:"DATE"`
}

// demoKey seals fictional people only, so that it can stand in the open.
func demoKey() []byte {
	sum := sha256.Sum256([]byte("msw demo: fictional people"))
	return sum[:]
}

// Run makes the fictional programme and serves it. Without --database it lives
// in a file of its own that is gone afterwards.
func (d *demoCommand) Run(c cli.Console, m *machine) error {
	if d.People < 1 || d.People > 1_000_000 {
		return cli.Wrong("--people must be between 1 and 1,000,000")
	}
	if d.Today.IsZero() {
		d.Today = clock.MustDate(demoDay)
	}
	m.config.Database = "sqlite::memory:"
	for _, a := range m.args { // only an address that was asked for: the default one belongs to a real programme
		if a == "--database" || strings.HasPrefix(a, "--database=") {
			m.config.Database = c.Database
		}
	}
	listener, err := listen(d.Addr)
	if err != nil {
		return err
	}
	defer listener.Close()
	m.config.Address = "http://" + listener.Addr().String()
	began := time.Now()
	d.version = m.version
	a, personas, mailbox, err := NewDemo(c.Context, m.config, *d, slog.New(slog.NewJSONHandler(c.Err, &slog.HandlerOptions{Level: slog.LevelWarn})))
	if err != nil {
		return err
	}
	m.app = a
	kept, _, err := demo.Kept(c.Context, a.DB) // an opened one keeps its own people, whatever was asked
	if err != nil {
		return err
	}
	if d.Outcodes != "" {
		if err := a.moreOutcodes(c.Context, d.Outcodes); err != nil {
			return err
		}
	}
	return a.serve(c.Context, listener, Face{Version: m.version, Notice: demo.Notice, Mailbox: mailbox}, func(address string) {
		fmt.Fprintf(c.Out, "%d fictional doctors, ready in %.1f seconds.\n\nOpen %s/sign-in and choose who to be:\n", kept.People, time.Since(began).Seconds(), address)
		for _, p := range personas {
			fmt.Fprintf(c.Out, "  %-28s %s\n", p.Title, p.Explains)
		}
		fmt.Fprintf(c.Out, "\nThe public pages are at %s/ and the demo's mail at %s/mailbox. Stop with Ctrl-C.\n", address, address)
	})
}

// moreOutcodes takes in a whole table of postcode districts.
func (a *App) moreOutcodes(ctx context.Context, name string) error {
	f, err := os.Open(name)
	if err != nil {
		return problem.Wrap(problem.Refused, "The table of postcode districts cannot be opened.", err)
	}
	defer f.Close()
	_, err = a.Posts.ImportOutcodes(ctx, operator(programme.National, a.Now()), f, filepath.Base(name), false)
	return err
}

// NewDemo makes a store with the fictional history, or opens one that a demo
// made before, as it was left. It refuses every other database.
func NewDemo(ctx context.Context, config Config, d demoCommand, log *slog.Logger) (*App, []signin.Persona, *notify.Mailbox, error) {
	now := &movable{}
	now.from(clock.StartOf(d.Today).Add(9 * time.Hour))
	mailbox := notify.NewMailbox(500, now.read)
	var personas []signin.Persona
	a, err := New(ctx, Options{Config: config, Log: log, Key: demoKey(), Now: now.read, Sender: mailbox, Fast: true, Fictional: true, Version: d.version,
		Personas: func(context.Context) []signin.Persona { return personas }})
	if errors.Is(err, database.ErrWrongKey) {
		err = problem.Wrap(problem.Refused, "This database is not the demo's: it has a master key of its own. "+emptyOne, err)
	}
	if err != nil {
		return nil, nil, nil, err
	}
	kept, found, err := demo.Kept(ctx, a.DB)
	switch {
	case err == nil && found:
		personas, err = kept.Personas, a.goOn(ctx, now, kept)
	case err == nil:
		personas, err = a.fill(ctx, d)
	}
	if err != nil {
		_ = a.Close() // the first error is the one to tell
		return nil, nil, nil, err
	}
	return a, personas, mailbox, nil
}

// goOn lets the clock of a demo that was made before go on where it stopped.
func (a *App) goOn(ctx context.Context, now *movable, h demo.History) error {
	latest, err := a.Audit.Latest(ctx, programme.National)
	if start := clock.StartOf(h.Today).Add(9 * time.Hour); latest.Before(start) {
		latest = start
	}
	now.from(latest)
	return err
}

// movable is a clock that can be told, before anything is served, at which
// moment it stands.
type movable struct{ now func() clock.Instant }

func (m *movable) from(start clock.Instant) { m.now = clockFrom(start) }

func (m *movable) read() clock.Instant { return m.now() }

func (a *App) fill(ctx context.Context, d demoCommand) ([]signin.Persona, error) {
	tenants, err := a.Programme.Tenants(ctx)
	if err != nil {
		return nil, err
	}
	if len(tenants) > 0 {
		return nil, problem.New(problem.Refused, "This database already holds a programme. "+emptyOne)
	}
	s := demo.Services{DB: a.DB, SignIn: a.SignIn, Programme: a.Programme, Organisations: a.Organisations, Doctors: a.Doctors, Facts: a.Facts, Cases: a.Cases, Documents: a.Documents, Requests: a.Requests,
		Referrals: a.Referrals, Eligibility: a.Eligibility, Posts: a.Posts, Preferences: a.Preferences, Rounds: a.Rounds, Offers: a.Offers, Placements: a.Placements, Portfolios: a.Portfolios,
		Registrations: a.Registrations, Funding: a.Funding, Outcomes: a.Outcomes, Newsroom: a.Newsroom, Support: a.Support, Learning: a.Learning}
	return demo.Make(registration.Later(ctx), s, demo.Options{People: d.People, Seed: d.Seed, Today: d.Today})
}
