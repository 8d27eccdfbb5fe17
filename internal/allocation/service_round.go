package allocation

import (
	"context"
	"encoding/hex"
	"errors"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/casefile"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/fact"
	"msw/internal/post"
	"msw/internal/problem"
)

// JobDryRun is enqueued when a dry run is asked for, with the id run.
const JobDryRun = "allocation.dry_run"

// JobResult is enqueued for each doctor when a round is published, with the ids
// doctor and round: its handler tells them in neutral words that something is new.
const JobResult = "allocation.result"

// JobNext is enqueued when a post came free because an offer ended, with the id
// post: its handler offers it to the next doctor.
const JobNext = "allocation.next"

// RoundOutbox takes work to be done after the transaction; jobs.Outbox is one.
type RoundOutbox interface {
	Enqueue(ctx context.Context, tenant, kind string, ids map[string]string) error
}

// RoundOptions for NewRounds. HiddenFrom, CheckAgain and Wishes are needed.
type RoundOptions struct {
	DB       *database.DB
	Access   *access.Table
	Audit    *audit.Log
	Casefile *casefile.Service
	Posts    *post.Service
	Wishes   *Service
	Jobs     RoundOutbox // nil: dry runs are done at once, and nobody is told by mail
	Build    string      // of this program, written into run files

	// Holds asks the eligibility rules anew, with the reasons as staff and as the
	// doctor read them.
	Holds func(ctx context.Context, call access.Call, doctor string) (ok bool, staff, own []string, err error)
	// HiddenFrom gives the doctors who hid themselves from any of the subjects.
	HiddenFrom func(ctx context.Context, tenant string, subjects []string) ([]string, error)
	// Recorded gives what is recorded of doctors that the hard rules ask for.
	Recorded func(ctx context.Context, tenant string, doctors []string) (map[string]Recorded, error)
	// Names gives how to address doctors; without it the case's reference stands.
	Names func(ctx context.Context, tenant string, doctors []string) (map[string]string, error)
	// AccountNames gives how staff are called.
	AccountNames func(ctx context.Context, accounts []string) (map[string]string, error)
	// Publish puts placements to their employers, in the caller's transaction:
	// with offer, the offers are made at once on the posts' terms, else the
	// employers decide. Its permission is the caller's.
	Publish func(ctx context.Context, call access.Call, placed []RoundPlacement, offer bool) error
	// Taken gives the posts for which a proposal or offer is live.
	Taken func(ctx context.Context, tenant string) ([]string, error)
	// Tried gives the doctors who were proposed for a post before, and whether
	// one of those proposals or offers is still live.
	Tried func(ctx context.Context, tenant, post string) (doctors []string, live bool, err error)
	// Withdraw ends the live proposals and offers of placements that fell.
	Withdraw func(ctx context.Context, call access.Call, fell []RoundPlacement) error
	// Groups gives what is recorded of doctors for the fairness page.
	Groups func(ctx context.Context, tenant string, doctors []string) (map[string]Groups, error)
	// Suppress is the programme's smallest number of people that is shown.
	Suppress func(ctx context.Context, tenant string) (int, error)
	// Operator makes the call by which the waiting list and dry runs work.
	Operator func(tenant string, now clock.Instant) access.Call
}

// Recorded is what is recorded of a doctor that the hard rules ask for.
type Recorded struct {
	RightEnds clock.Date  // the day permission to work ends, none = no end or not said
	Months    fact.Months // worked
}

// RoundPlacement is one doctor a round gives one post.
type RoundPlacement struct{ Doctor, Post string }

// Rounds is the use cases on rounds, the waiting list and fairness. Safe for
// many goroutines.
type Rounds struct {
	o      RoundOptions
	db     *database.DB
	access *access.Table
	audit  *audit.Log
}

// NewRounds makes the service.
func NewRounds(o RoundOptions) (*Rounds, error) {
	if o.DB == nil || o.Access == nil || o.Audit == nil || o.Casefile == nil || o.Posts == nil {
		return nil, errors.New("rounds need a database, a permission table, an audit log, cases and posts")
	}
	if o.HiddenFrom == nil || o.Holds == nil || o.Wishes == nil {
		return nil, errors.New("rounds need HiddenFrom, Holds and Wishes: without them people would meet who must not")
	}
	return &Rounds{o: o, db: o.DB, access: o.Access, audit: o.Audit}, nil
}

// Resource is the round as access sees it.
func (r Round) Resource(tenant string) access.Resource {
	res := access.Resource{Kind: "round", ID: r.ID, Tenant: tenant}
	if r.Region != "" {
		res.Regions = []string{r.Region}
	}
	return res
}

// Declaration says beforehand how a round works.
type Declaration struct {
	Title                  string
	Way                    RoundWay
	Region                 string
	Rules                  RoundRules
	Opens, Closes, Results clock.Date
}

// Declare announces a round with everything that will decide it, and the hash
// of its seed. None of it can be changed afterwards.
func (s *Rounds) Declare(ctx context.Context, call access.Call, d Declaration) (Round, error) {
	seed := hex.EncodeToString(database.NewMasterKey())
	r := Round{ID: database.NewRef(), Version: 1, Title: d.Title, Way: d.Way, Region: d.Region, Rules: d.Rules, Opens: d.Opens, Closes: d.Closes,
		Results: d.Results, SeedHash: SeedHash(seed), DeclaredBy: call.Actor.Account, DeclaredAt: call.Now}
	if err := s.access.May(call.Actor, ActDeclare, r.Resource(call.Actor.Tenant)); err != nil {
		if s.access.Can(call.Actor, ActDeclare) {
			return Round{}, &problem.Error{Kind: problem.Invalid, Message: "There is a problem", Fields: []problem.Field{{Name: "region", Message: "Choose a region that you lead"}}}
		}
		return Round{}, err
	}
	if err := r.Check(call.Today); err != nil {
		return Round{}, err
	}
	return r, s.db.Tx(ctx, func(ctx context.Context) error {
		if err := s.insertRound(ctx, call.Actor.Tenant, r, seed); err != nil {
			return err
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: ActDeclare, Kind: "round", ID: r.ID, After: r})
	})
}

// get loads a round the actor may do something with. What one may not see is
// answered as what is not there.
func (s *Rounds) get(ctx context.Context, call access.Call, act access.Action, id string) (Round, error) {
	r, err := s.loadRound(ctx, call.Actor.Tenant, id)
	if err != nil {
		return Round{}, err
	}
	if err := s.access.May(call.Actor, act, r.Resource(call.Actor.Tenant)); err != nil {
		if s.access.May(call.Actor, ActRounds, r.Resource(call.Actor.Tenant)) == nil {
			return Round{}, err
		}
		if (act == ActRounds || act == ActFairness) && r.Region == "" && s.access.Can(call.Actor, act) {
			return r, nil // a round of every region is everybody's to read, and how it treated groups
		}
		return Round{}, problem.Missing()
	}
	return r, nil
}

// revealed puts the seed into a round whose preferences have closed.
func (s *Rounds) revealed(ctx context.Context, call access.Call, r Round) (Round, error) {
	if !r.Revealed(call.Today) {
		return r, nil
	}
	var err error
	r.Seed, err = s.seed(ctx, call.Actor.Tenant, r.ID)
	return r, err
}

// List gives one page of the rounds the actor may see, the last to close first.
func (s *Rounds) List(ctx context.Context, call access.Call, after []string, limit int) ([]Round, error) {
	scope := s.access.Scope(call.Actor, ActRounds)
	if scope.None() {
		return nil, nil
	}
	return s.listRounds(ctx, scope, after, limit)
}

// Open gives the rounds that take preferences on the call's day and reach the
// region: for the pages on which doctors order their choices. It asks no
// permission: a declared round is public within its programme.
func (s *Rounds) Open(ctx context.Context, call access.Call, region string) ([]Round, error) {
	all, err := s.running(ctx, call.Actor.Tenant)
	var out []Round
	for _, r := range all {
		if r.State(call.Today) == RoundOpen && (r.Region == "" || region == "" || r.Region == region) {
			out = append(out, r)
		}
	}
	return out, err
}

// change loads a round, lets fn change it, saves and records.
func (s *Rounds) change(ctx context.Context, call access.Call, act access.Action, id string, fn func(ctx context.Context, r *Round) error) error {
	return s.db.Tx(ctx, func(ctx context.Context) error {
		r, err := s.get(ctx, call, act, id)
		if err != nil {
			return err
		}
		before := r
		if err := fn(ctx, &r); err != nil {
			return err
		}
		if err := s.updateRound(ctx, call.Actor.Tenant, r); err != nil {
			return err
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: act, Kind: "round", ID: r.ID, Before: before, After: r})
	})
}

// Cancel ends a round that was not published, with the reason everybody reads.
func (s *Rounds) Cancel(ctx context.Context, call access.Call, id, why string) error {
	return s.change(ctx, call, ActDeclare, id, func(_ context.Context, r *Round) error {
		if st := r.State(call.Today); st == RoundPublished || st == RoundCancelled {
			return problem.Refuse("This round cannot be cancelled.", "It is already "+stateLower(st)+".")
		}
		var c problem.Check
		c.That(why != "", "why", "Say why: doctors and hosts read it")
		c.That(len(why) <= 300, "why", "Use 300 letters or fewer")
		r.CancelledOn, r.CancelWhy = call.Today, why
		return c.Err()
	})
}

func stateLower(s RoundState) string {
	if s == RoundPublished {
		return "published"
	}
	return "cancelled"
}
