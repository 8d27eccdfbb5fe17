package onboarding

import (
	"context"
	"errors"
	"slices"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/casefile"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/post"
	"msw/internal/problem"
	"msw/internal/request"
)

// JobRung is enqueued for each rung of an offer's ladder, with the ids doctor,
// offer, rung and due: its handler calls Rung.
const JobRung = "onboarding.rung"

// JobOffered is enqueued when an offer is made to a doctor, with the ids doctor
// and offer: its handler tells them in neutral words that something waits.
const JobOffered = "onboarding.offered"

// Outbox takes work to be done after the transaction; jobs.Outbox is one.
type Outbox interface {
	Enqueue(ctx context.Context, tenant, kind string, ids map[string]string) error
	EnqueueAt(ctx context.Context, tenant, kind string, ids map[string]string, due clock.Instant) error
}

// Options for New. CheckAgain and HiddenFrom are needed.
type Options struct {
	DB       *database.DB
	Access   *access.Table
	Audit    *audit.Log
	Casefile *casefile.Service
	Posts    *post.Service
	Jobs     Outbox // nil: nobody is told by mail

	// CheckAgain asks the eligibility rules anew at "offer" or "start".
	CheckAgain func(ctx context.Context, call access.Call, doctor, at string) (ok bool, reasons []string, rule string, err error)
	// HiddenFrom gives the doctors who hid themselves from any of the subjects
	// ("org:ID", "place:OUTCODE", "account:ID").
	HiddenFrom func(ctx context.Context, tenant string, subjects []string) ([]string, error)
	// Names gives how to address doctors, by id. Without it the case's
	// reference stands.
	Names func(ctx context.Context, tenant string, doctors []string) (map[string]string, error)
	// Rules are the checks, evidence, training and reminders. Needed.
	Rules *Rules
	// ReplyDays is the programme's setting for answering an offer, in working
	// days; 0 or nil = no date unless the employer gives one. HoldDays is for
	// how many more an offer may be held.
	ReplyDays, HoldDays func(ctx context.Context, tenant string) (int, error)
	// Least is the programme's setting for the smallest number of people shown;
	// 5 when nil.
	Least func(ctx context.Context, tenant string) (int, error)
	// Fits says of open posts, in sentences, how each stands to a doctor: what a
	// round's rules say of the pair, and the doctor's own wishes. A post without an
	// entry is not offered.
	Fits func(ctx context.Context, call access.Call, doctor string, posts []post.Post) (map[string][]string, error)
	// Apart gives, in sentences, which hard rules of a round keep a doctor from a
	// post: a proposal is refused with all of them. History and rounds, which
	// asked them, are not asked again.
	Apart func(ctx context.Context, call access.Call, doctor, post string) ([]string, error)
	// Telling gives the words that would tell who a doctor is: names, schools,
	// countries. They are taken out of what shortlisters read.
	Telling func(ctx context.Context, tenant, doctor string) ([]string, error)
	// Fell, when set, is told in the same transaction that an offer was turned
	// down, lapsed or was withdrawn before the start, so that the next in a
	// published order can have the post. It must not rely on the actor's rights.
	Fell func(ctx context.Context, call access.Call, o Offer) error
	// MayAskAbroad tells whether the doctor lets the police abroad be asked, and
	// SayAbroad records their word: it is doctor's, and the same for all of msw.
	// Without them the word stays with the check.
	MayAskAbroad func(ctx context.Context, tenant, doctor string) (bool, error)
	SayAbroad    func(ctx context.Context, call access.Call, doctor string, yes bool) error
	// MakeReference makes the request for a reference of an offer's history
	// check, and References lists those of one: proof is asked for in one place,
	// which asks nobody without the doctor's yes. nil: references are asked for
	// outside.
	MakeReference func(ctx context.Context, call access.Call, o Offer) error
	References    func(ctx context.Context, tenant, doctor, source string) ([]request.Request, error)
	// MoreChecks are checks of this programme besides the six standards.
	MoreChecks func(ctx context.Context, tenant string) ([]CheckKind, error)
	// Practice says in words what the next employer must know of a doctor's
	// entry in the GMC register, "" for nothing.
	Practice func(ctx context.Context, tenant, doctor string) (string, error)
}

// Service keeps offers and checks. Safe for many goroutines.
type Service struct {
	o      Options
	db     *database.DB
	access *access.Table
	audit  *audit.Log
	cases  *casefile.Service
	posts  *post.Service
}

// New makes the service.
func New(o Options) (*Service, error) {
	if o.DB == nil || o.Access == nil || o.Audit == nil || o.Casefile == nil || o.Posts == nil {
		return nil, errors.New("onboarding needs a database, a permission table, an audit log, cases and posts")
	}
	if o.CheckAgain == nil || o.HiddenFrom == nil || o.Rules == nil {
		return nil, errors.New("onboarding needs CheckAgain, HiddenFrom and Rules: without them it would offer to people it must not")
	}
	return &Service{o: o, db: o.DB, access: o.Access, audit: o.Audit, cases: o.Casefile, posts: o.Posts}, nil
}

// Proposal puts a doctor forward for a post.
type Proposal struct {
	Doctor, Post string
	On           clock.Date
}

// Propose puts an eligible doctor forward for an open post. Missing when the
// doctor hid from the employer, the place of work or its surroundings: the
// pair then does not exist for anybody.
func (s *Service) Propose(ctx context.Context, call access.Call, cmd Proposal) (Offer, error) {
	tenant, on := call.Actor.Tenant, call.On(cmd.On)
	var o Offer
	err := s.db.Tx(ctx, func(ctx context.Context) error {
		c, err := s.cases.Get(ctx, cmd.Doctor, tenant)
		if err != nil {
			return err
		}
		if err := s.access.May(call.Actor, ActPropose, c.Resource()); err != nil {
			return err
		}
		p, err := s.posts.Get(ctx, tenant, cmd.Post)
		if err != nil {
			return err
		}
		if err := s.Visible(ctx, tenant, cmd.Doctor, p); err != nil {
			return err
		}
		o, err = s.putForward(ctx, call, c.Stage, cmd.Doctor, p, on)
		return err
	})
	return o, err
}

// putForward writes the proposal of a doctor for a post.
func (s *Service) putForward(ctx context.Context, call access.Call, stage casefile.Stage, doctor string, p post.Post, on clock.Date) (Offer, error) {
	stops := StopsProposal(stage, p)
	if s.o.Apart != nil && !call.Actor.Has(operator) {
		more, err := s.o.Apart(ctx, call, doctor, p.ID)
		if err != nil {
			return Offer{}, err
		}
		stops = append(stops, more...)
	}
	if len(stops) > 0 {
		return Offer{}, problem.Refuse("This doctor cannot be proposed for this post.", stops...)
	}
	o := Offer{ID: database.NewRef(), Version: 1, State: Proposed, Doctor: doctor, Post: p.ID, Employer: p.Employer, Host: p.Host,
		Region: p.Region, Clinical: p.Clinical, ProposedOn: on, Since: on}
	fresh, err := s.insert(ctx, call.Actor.Tenant, o)
	if err != nil {
		return o, err
	}
	if !fresh {
		return o, problem.New(problem.Conflict, "This doctor has already been proposed for this post.")
	}
	return o, s.record(ctx, call, ActPropose, Offer{Doctor: o.Doctor}, o, casefile.Proposed)
}

// proposeApplicant turns an application into a proposal: the doctor applied, so
// that nobody has to put them forward.
func (s *Service) proposeApplicant(ctx context.Context, call access.Call, v Vacancy, a Application) (Offer, error) {
	c, err := s.cases.Get(ctx, a.Doctor, call.Actor.Tenant)
	if err != nil {
		return Offer{}, err
	}
	p, err := s.posts.Get(ctx, call.Actor.Tenant, v.Post)
	if err != nil {
		return Offer{}, err
	}
	if err := s.Visible(ctx, call.Actor.Tenant, a.Doctor, p); err != nil {
		return Offer{}, err
	}
	return s.putForward(ctx, call, c.Stage, a.Doctor, p, call.Today)
}

// Visible answers Missing for a doctor and a post that must not meet, because
// the doctor hid from the employer, the place of work or a supervisor. A post
// may be one that only might be, as when somebody is to move to another site.
func (s *Service) Visible(ctx context.Context, tenant, doctor string, p post.Post) error {
	places, err := s.posts.Places(ctx, tenant, []string{p.Employer, p.Host})
	if err != nil {
		return err
	}
	subjects := []string{"org:" + p.Employer}
	add := func(subject string) {
		if !slices.Contains(subjects, subject) {
			subjects = append(subjects, subject)
		}
	}
	add("org:" + p.Host)
	for _, id := range []string{p.Host, p.Employer} {
		if code := places[id].Outcode; code != "" {
			add("place:" + code)
		}
		if region := places[id].Region; region != "" {
			add("region:" + region)
		}
	}
	for _, account := range []string{p.Clinical, p.Educational} {
		if account != "" {
			add("account:" + account)
		}
	}
	hidden, err := s.o.HiddenFrom(ctx, tenant, subjects)
	if err != nil {
		return err
	}
	if slices.Contains(hidden, doctor) {
		return problem.Missing()
	}
	return nil
}

// Making is an employer's offer to a proposed doctor.
type Making struct {
	ID      string
	Version int // 0 = whichever is there
	On      clock.Date
	ReplyBy clock.Date // none = as the programme has set
	// Conditions are codes of Rules.Conditions the offer depends on.
	Conditions []string
}

// Offer makes the offer on the post's terms of this moment. The eligibility
// rules are asked again; Refused gives every reason at once.
func (s *Service) Offer(ctx context.Context, call access.Call, cmd Making) (Offer, error) {
	tenant, on := call.Actor.Tenant, call.On(cmd.On)
	return s.change(ctx, call, ActOffer, target{cmd.ID, cmd.Version}, func(ctx context.Context, o *Offer) (casefile.Kind, error) {
		p, err := s.posts.Get(ctx, tenant, o.Post)
		if err != nil {
			return "", err
		}
		if err := s.Visible(ctx, tenant, o.Doctor, p); err != nil {
			return "", err
		}
		ruling, err := s.askAgain(ctx, call, o.Doctor, "offer")
		if err != nil {
			return "", err
		}
		if stops := StopsOffer(*o, p, ruling); len(stops) > 0 {
			return "", problem.Refuse("This offer cannot be made.", stops...)
		}
		if o.ReplyBy, err = s.replyBy(ctx, tenant, on, cmd.ReplyBy); err != nil {
			return "", err
		}
		if o.Conditions, err = s.conditions(cmd.Conditions); err != nil {
			return "", err
		}
		o.State, o.OfferedOn, o.Since, o.Rule = Offered, on, on, ruling.Rule
		o.Terms = Terms{Details: p.Details, WholeTime: p.WholeTime}
		if s.o.Jobs == nil || call.Actor.Has(operator) {
			return casefile.Offered, nil
		}
		if err := s.o.Jobs.Enqueue(ctx, tenant, JobOffered, map[string]string{"doctor": o.Doctor, "offer": o.ID}); err != nil {
			return "", err
		}
		return casefile.Offered, s.climb(ctx, call, *o, on)
	})
}

// operator is the role of system callers: what they enter is history, about
// which nobody is written to.
const operator access.Role = "operator"

func (s *Service) askAgain(ctx context.Context, call access.Call, doctor, at string) (Ruling, error) {
	ok, reasons, rule, err := s.o.CheckAgain(ctx, call, doctor, at)
	return Ruling{ok, reasons, rule}, err
}

// AskAgain asks the eligibility rules anew for another station; at is "offer"
// or "start".
func (s *Service) AskAgain(ctx context.Context, call access.Call, doctor, at string) (Ruling, error) {
	return s.askAgain(ctx, call, doctor, at)
}

func (s *Service) replyBy(ctx context.Context, tenant string, on, given clock.Date) (clock.Date, error) {
	if !given.IsZero() {
		var c problem.Check
		c.That(given > on, "reply_by", "The date to answer by must be after the day of the offer")
		return given, c.Err()
	}
	if s.o.ReplyDays == nil {
		return 0, nil
	}
	days, err := s.o.ReplyDays(ctx, tenant)
	if err != nil || days <= 0 {
		return 0, err
	}
	return clock.AddWorkingDays(on, days, s.o.Rules.Holidays), nil
}

// Answer is the doctor's answer to an offer.
type Answer struct {
	ID      string
	Version int
	On      clock.Date
	Reason  string // of a refusal, "" = not said
}

// Accept takes the offer: the post is filled, the employment checks begin, and
// every other proposal for this doctor or this post ends, as do the doctor's
// other applications. Conflict when the
// post was taken a moment before.
func (s *Service) Accept(ctx context.Context, call access.Call, cmd Answer) (Offer, error) {
	tenant, on := call.Actor.Tenant, call.On(cmd.On)
	return s.change(ctx, call, ActAnswer, target{cmd.ID, cmd.Version}, func(ctx context.Context, o *Offer) (casefile.Kind, error) {
		if stops := StopsAnswer(*o, true, on); len(stops) > 0 {
			return "", problem.Refuse("This offer cannot be accepted.", stops...)
		}
		// The post first: whoever comes second waits here and changes nothing.
		if err := s.posts.Fill(ctx, call, o.Post, o.ID); err != nil {
			return "", err
		}
		if err := s.queue(ctx, tenant, o.Doctor); err != nil {
			return "", err
		}
		kinds, err := s.Kinds(ctx, tenant, on)
		if err != nil {
			return "", err
		}
		for _, k := range kinds {
			o.Checks = append(o.Checks, k.Code)
		}
		o.State, o.AnsweredOn, o.Since, o.Ask = Accepted, on, on, Asked{}
		if err := s.endApplications(ctx, call, *o, on); err != nil {
			return "", err
		}
		return casefile.OfferAccepted, s.endRivals(ctx, call, *o, on)
	})
}

// endRivals withdraws what an acceptance makes pointless.
func (s *Service) endRivals(ctx context.Context, call access.Call, won Offer, on clock.Date) error {
	others, err := s.rivals(ctx, call.Actor.Tenant, won)
	if err != nil {
		return err
	}
	for _, o := range others {
		before := o
		o.State, o.WithdrawnOn, o.Since, o.Reason = Withdrawn, max(on, o.Since), max(on, o.Since), "post_taken"
		if o.Doctor == won.Doctor {
			o.Reason = "another_post"
		}
		if err := s.update(ctx, call.Actor.Tenant, o); err != nil {
			return err
		}
		if err := s.record(ctx, call, ActWithdraw, before, o, casefile.OfferWithdrawn); err != nil {
			return err
		}
		if before.State.Open() && o.Doctor == won.Doctor {
			if err := s.fell(ctx, call, o); err != nil {
				return err
			}
		}
	}
	return nil
}

// Decline turns the offer down; a reason is welcome, not needed.
func (s *Service) Decline(ctx context.Context, call access.Call, cmd Answer) (Offer, error) {
	on := call.On(cmd.On)
	return s.change(ctx, call, ActAnswer, target{cmd.ID, cmd.Version}, func(_ context.Context, o *Offer) (casefile.Kind, error) {
		if cmd.Reason == "" {
			cmd.Reason = "not_said"
		}
		var c problem.Check
		c.That(knownReason(DeclineReasons(), cmd.Reason), "reason", "Choose a reason from the list")
		if err := c.Err(); err != nil {
			return "", err
		}
		if stops := StopsAnswer(*o, false, on); len(stops) > 0 {
			return "", problem.Refuse("This offer cannot be turned down.", stops...)
		}
		o.State, o.AnsweredOn, o.Since, o.Reason, o.Ask = Declined, on, on, cmd.Reason, Asked{}
		return casefile.OfferDeclined, s.fell(ctx, call, *o)
	})
}

type target struct {
	id      string
	version int
}

// change is one use case on one offer: permit, load, decide, save, record.
func (s *Service) change(ctx context.Context, call access.Call, act access.Action, t target,
	decide func(ctx context.Context, o *Offer) (casefile.Kind, error)) (Offer, error) {
	tenant := call.Actor.Tenant
	var o Offer
	err := s.db.Tx(ctx, func(ctx context.Context) error {
		var err error
		if o, err = s.load(ctx, tenant, t.id); err != nil {
			return err
		}
		if err := s.access.May(call.Actor, act, o.resourceFor(act, tenant)); err != nil {
			return err
		}
		if t.version != 0 && t.version != o.Version {
			return problem.Stale()
		}
		before := o
		kind, err := decide(ctx, &o)
		if err != nil {
			return err
		}
		if err := s.update(ctx, tenant, o); err != nil {
			return err
		}
		o.Version++
		return s.record(ctx, call, act, before, o, kind)
	})
	return o, err
}

// record writes the milestone, moves the task to whose turn it is now, and
// writes the audit row.
func (s *Service) record(ctx context.Context, call access.Call, act access.Action, before, after Offer, kind casefile.Kind) error {
	if kind != "" {
		m := casefile.Milestone{Doctor: after.Doctor, Kind: kind, On: after.Since, Organisation: after.Employer, Source: after.Source()}
		switch kind {
		case casefile.Offered:
			m.Due = after.ReplyBy
		case casefile.OfferDeclined, casefile.OfferWithdrawn:
			m.Code = after.Reason
		}
		if err := s.cases.Record(ctx, call, m); err != nil {
			return err
		}
	}
	if err := s.moveTask(ctx, call, before, after); err != nil {
		return err
	}
	entry := audit.Entry{Action: act, Kind: "offer", ID: after.ID, Person: after.Doctor, After: after}
	if before.ID != "" {
		entry.Before = map[string]any{"state": before.State, "version": before.Version}
	}
	return s.audit.Record(ctx, call, entry)
}

// taskOf is what waits while an offer is in a state; the title tells its
// readers nothing they may not know.
func taskOf(o Offer) (casefile.Task, bool) {
	t := casefile.Task{Doctor: o.Doctor, Source: o.Source(), URL: "/offers/" + o.ID, Since: o.Since}
	switch o.State {
	case Proposed:
		t.Kind, t.Title, t.Party, t.Owner = "make_offer", "Decide on a proposed person", casefile.PartyEmployer, o.Employer
	case Offered, Held:
		t.Kind, t.Title, t.Party, t.Due = "answer_offer", "Answer an offer", casefile.PartyDoctor, o.ReplyBy
	case Accepted:
		t.Kind, t.Title, t.Party, t.Owner = "employment_checks", "Do the employment checks", casefile.PartyEmployer, o.Employer
		t.URL = "/checks/" + o.ID
	case Checked:
		t.Kind, t.Title, t.Party, t.Owner = "start_post", "Record the start", casefile.PartyEmployer, o.Employer
	default:
		return t, false
	}
	return t, true
}

func (s *Service) moveTask(ctx context.Context, call access.Call, before, after Offer) error {
	if before.ID != "" && before.State == after.State {
		return nil
	}
	if before.State.Open() && len(before.Reminded) > 0 {
		if err := s.cases.CloseTask(ctx, call, after.Doctor, dueTask(after, 0).Kind, after.Source()); err != nil {
			return err
		}
	}
	if before.Ask.By != "" {
		if err := s.cases.CloseTask(ctx, call, after.Doctor, secondTask(after).Kind, after.Source()); err != nil {
			return err
		}
	}
	if old, ok := taskOf(before); ok && before.ID != "" {
		if err := s.cases.CloseTask(ctx, call, after.Doctor, old.Kind, after.Source()); err != nil {
			return err
		}
	}
	if t, ok := taskOf(after); ok {
		return s.cases.OpenTask(ctx, call, t)
	}
	return nil
}
