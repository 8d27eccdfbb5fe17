package registration

import (
	"context"
	"errors"
	"slices"
	"strings"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/casefile"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/doctor"
	"msw/internal/fact"
	"msw/internal/placement"
	"msw/internal/problem"
	"msw/internal/rulebook"
)

// Options for New. The func fields may be nil.
type Options struct {
	DB       *database.DB
	Access   *access.Table
	Audit    *audit.Log
	Casefile *casefile.Service
	Facts    *fact.Service
	// Asked gives what was said, besides the facts, on whom one may ask about
	// each of some doctors.
	Asked func(ctx context.Context, tenant string, doctors []string) (map[string][]doctor.Said, error)

	// Road makes the ladders. Without it nothing is kept of them.
	Road *Road
	// Placements gives the dates of those in post. May be nil.
	Placements *placement.Service
	// Fictional tells whether a tenant's history was invented: it is then
	// never offered as evidence. Nil = never invented.
	Fictional func(tenant string) bool
	// Address is where people find msw, for calendar entries.
	Address string

	// Names gives how to address doctors, by id. Without it the reference stands.
	Names func(ctx context.Context, tenant string, doctors []string) (map[string]string, error)
	// OrganisationNames gives names by organisation id. Without it every id is
	// taken as it is.
	OrganisationNames func(ctx context.Context, tenant string, ids []string) (map[string]string, error)
	// AccountNames gives the names of colleagues by account. Without it they
	// stay "a colleague".
	AccountNames func(ctx context.Context, tenant string, accounts []string) (map[string]string, error)
	// StepTimes gives how long steps take as a programme has set it. Without it
	// only published pages and its own history count.
	StepTimes func(ctx context.Context, tenant string) (map[string]Given, error)
	// RoadOf gives the road by the rules that are switched on in a programme.
	// Without it Road stands for all.
	RoadOf func(ctx context.Context, tenant string) (*Road, error)
	// NameKeys gives keyed tokens of a name, and NameKeysOf of several doctors'
	// names, by which the register's name is compared without being kept. Without
	// them no extract can be taken in.
	NameKeys   func(tenant, name string) []string
	NameKeysOf func(ctx context.Context, tenant string, doctors []string) (map[string][]string, error)
}

// Service keeps the road to registration. Safe for many goroutines.
type Service struct {
	o      Options
	db     *database.DB
	access *access.Table
	audit  *audit.Log
	cases  *casefile.Service
	facts  *fact.Service
}

// New makes the service.
func New(o Options) (*Service, error) {
	if o.DB == nil || o.Access == nil || o.Audit == nil || o.Casefile == nil || o.Facts == nil {
		return nil, errors.New("registration needs a database, a permission table, an audit log, cases and facts")
	}
	return &Service{o: o, db: o.DB, access: o.Access, audit: o.Audit, cases: o.Casefile, facts: o.Facts}, nil
}

// permit loads the case and asks for one action on it.
func (s *Service) permit(ctx context.Context, call access.Call, act access.Action, doctor string) (casefile.Case, error) {
	c, err := s.cases.Get(ctx, doctor, call.Actor.Tenant)
	if err != nil {
		return c, err
	}
	return c, s.access.May(call.Actor, act, c.Resource())
}

func (s *Service) given(ctx context.Context, tenant string) (map[string]Given, error) {
	if s.o.StepTimes == nil {
		return nil, nil
	}
	return s.o.StepTimes(ctx, tenant)
}

// asProgramme lets the programme itself say what a permitted step proves: who
// confirmed an entry need not hold the right to verify facts.
func asProgramme(call access.Call) access.Call {
	call.Actor.Members = append(slices.Clone(call.Actor.Members), access.Membership{Role: "operator"})
	return call
}

func refuse(reason string) error { return problem.Refuse("This cannot be recorded.", reason) }

// Proposal is what the first reader read.
type Proposal struct {
	Doctor string
	Reading
}

// Propose writes down what one person read in the register. It counts for
// nothing until a second person has read the same.
func (s *Service) Propose(ctx context.Context, call access.Call, cmd Proposal) (Outcome, error) {
	var o Outcome
	err := s.db.Tx(ctx, func(ctx context.Context) error {
		c, err := s.permit(ctx, call, ActPropose, cmd.Doctor)
		if err != nil {
			return err
		}
		reading, err := CheckReading(cmd.Reading, call.Today)
		if err != nil {
			return err
		}
		o = Outcome{ID: database.NewID(), Doctor: cmd.Doctor, Version: 1, State: Proposed, Reading: reading, First: call.Actor.Account,
			token: s.token(call.Actor.Tenant, reading.Number)}
		if err := s.mayRead(ctx, call, o); err != nil {
			return err
		}
		fresh, err := s.insert(ctx, call.Actor.Tenant, o)
		if err != nil {
			return err
		}
		if !fresh {
			return problem.New(problem.Conflict, "Somebody has already written down what the register says. A second person must read it now.")
		}
		if err := s.cases.CloseTask(ctx, call, o.Doctor, TaskReread, outcomeSource); err != nil {
			return err
		}
		task := casefile.Task{Doctor: o.Doctor, Kind: TaskConfirm, Title: "Read the GMC register a second time", Source: outcomeSource,
			URL: "/registration/" + c.Ref + "/confirm", Party: casefile.PartyCaseworker, Since: call.Today}
		if err := s.cases.OpenTask(ctx, call, task); err != nil {
			return err
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: ActPropose, Kind: "registration", ID: o.ID, Person: o.Doctor, After: o})
	})
	return o, err
}

// mayRead keeps people from reading the register for themselves, and a number
// from standing for two people.
func (s *Service) mayRead(ctx context.Context, call access.Call, o Outcome) error {
	if call.Actor.Doctor == o.Doctor {
		return refuse("Nobody can read the register for themselves. Ask your caseworker.")
	}
	holder, err := s.holder(ctx, call.Actor.Tenant, o.token)
	if err != nil {
		return err
	}
	if holder != "" && holder != o.Doctor {
		return refuse("This GMC number is already recorded for another person. Look at the register again: name, number and date of birth must fit.")
	}
	return nil
}

// Confirmation is what the second reader read. Version 0 is whichever stands.
type Confirmation struct {
	Doctor  string
	Version int
	Reading
}

// Confirm records that a second person read the same in the register. Refused
// when the reader was also the first, or when the two readings differ: then
// each difference is named, and not what the other person read.
func (s *Service) Confirm(ctx context.Context, call access.Call, cmd Confirmation) (Outcome, error) {
	var o Outcome
	err := s.db.Tx(ctx, func(ctx context.Context) error {
		c, err := s.permit(ctx, call, ActConfirm, cmd.Doctor)
		if err != nil {
			return err
		}
		standing, err := s.standing(ctx, call.Actor.Tenant, cmd.Doctor)
		if err != nil {
			return err
		}
		o = standing[Proposed]
		if err := s.mayConfirm(ctx, call, o, cmd); err != nil {
			return err
		}
		before := o
		o.State, o.Second, o.SecondReadOn = Confirmed, call.Actor.Account, cmd.ReadOn
		if o.SecondReadOn.IsZero() {
			o.SecondReadOn = call.Today
		}
		if err := s.confirm(ctx, call, &o, standing[Confirmed]); err != nil {
			return err
		}
		if err := s.hand(ctx, call, c, o, standing[Confirmed].ID == ""); err != nil {
			return err
		}
		if err := s.reconcile(ctx, call, o); err != nil {
			return err
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: ActConfirm, Kind: "registration", ID: o.ID, Person: o.Doctor, Before: before, After: o})
	})
	return o, err
}

func (s *Service) mayConfirm(ctx context.Context, call access.Call, o Outcome, cmd Confirmation) error {
	if o.ID == "" {
		return refuse("There is no reading of the register to confirm. Somebody must read it a first time.")
	}
	if o.First == call.Actor.Account {
		return refuse("You were the first to read the register. A second person must confirm it.")
	}
	if cmd.Version != 0 && cmd.Version != o.Version {
		return problem.Stale()
	}
	reading, err := CheckReading(cmd.Reading, call.Today)
	if err != nil {
		return err
	}
	if differences := Differences(o.Reading, reading); len(differences) > 0 {
		return problem.Refuse("The two readings differ.", append(differences, "Read the register again. If you are sure, say that the first reading is not right.")...)
	}
	return s.mayRead(ctx, call, o)
}

// confirm saves a confirmed outcome with its number and its fact; old is the
// one that was confirmed before, if any.
func (s *Service) confirm(ctx context.Context, call access.Call, o *Outcome, old Outcome) error {
	tenant := call.Actor.Tenant
	mine, err := s.take(ctx, tenant, *o)
	if err != nil {
		return err
	}
	if !mine {
		return refuse("This person already has another GMC number, or somebody else has this one. Say first that the earlier entry is not right.")
	}
	n := fact.NewFact{Doctor: o.Doctor, Kind: fact.Registration, On: o.Registered, State: rulebook.Verified, Source: o.Source(),
		Fields: map[string]any{"number": o.Number, "kind": string(o.Kind), "licence": o.Licence == Yes, "aps": o.APS == Yes}}
	if old.ID == "" {
		o.Fact, err = s.facts.Record(ctx, asProgramme(call), n)
	} else {
		if o.Fact, err = s.facts.Supersede(ctx, asProgramme(call), old.Fact, n); err == nil {
			old.State = Superseded
			err = s.update(ctx, tenant, &old)
		}
	}
	if err != nil {
		return err
	}
	return s.update(ctx, tenant, o)
}

// hand moves the case on: the milestone with the first confirmed entry, and
// what waits next.
func (s *Service) hand(ctx context.Context, call access.Call, c casefile.Case, o Outcome, first bool) error {
	if err := s.cases.CloseTask(ctx, call, o.Doctor, TaskConfirm, outcomeSource); err != nil || !first {
		return err
	}
	m := casefile.Milestone{Doctor: o.Doctor, Kind: casefile.Registered, On: o.Registered, Code: string(o.Kind), Source: outcomeSource}
	if err := s.cases.Record(ctx, call, m); err != nil {
		return err
	}
	return s.cases.OpenTask(ctx, call, casefile.Task{Doctor: o.Doctor, Kind: TaskPost, Title: "Tell us about your first doctor post", Source: postSource,
		URL: "/registration/" + c.Ref + "/doctor-post", Party: casefile.PartyDoctor, Since: call.Today})
}

// Objection says that a reading, or an entry already confirmed, is not right.
type Objection struct {
	Doctor  string
	Version int // 0 = whichever stands
	Code    string
}

// Dispute takes an outcome out of force; what followed from a confirmed one,
// the fact and the milestone, goes with it. The register must be read again.
func (s *Service) Dispute(ctx context.Context, call access.Call, cmd Objection) error {
	return s.db.Tx(ctx, func(ctx context.Context) error {
		c, err := s.permit(ctx, call, ActConfirm, cmd.Doctor)
		if err != nil {
			return err
		}
		var check problem.Check
		check.That(known(Objections(), cmd.Code), "code", "Choose what is not right")
		if err := check.Err(); err != nil {
			return err
		}
		standing, err := s.standing(ctx, call.Actor.Tenant, cmd.Doctor)
		if err != nil {
			return err
		}
		o, ok := standing[Proposed]
		if !ok {
			o = standing[Confirmed]
		}
		if o.ID == "" {
			return refuse("There is no entry to dispute.")
		}
		if cmd.Version != 0 && cmd.Version != o.Version {
			return problem.Stale()
		}
		before := o
		if err := s.undo(ctx, call, o); err != nil {
			return err
		}
		o.State, o.Objection = Disputed, cmd.Code
		if err := s.update(ctx, call.Actor.Tenant, &o); err != nil {
			return err
		}
		task := casefile.Task{Doctor: o.Doctor, Kind: TaskReread, Title: "Read the GMC register again", Source: outcomeSource,
			URL: "/registration/" + c.Ref + "/outcome", Party: casefile.PartyCaseworker, Since: call.Today}
		if err := s.cases.OpenTask(ctx, call, task); err != nil {
			return err
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: ActConfirm, Kind: "registration", ID: o.ID, Person: o.Doctor, Before: before, After: o})
	})
}

func (s *Service) undo(ctx context.Context, call access.Call, o Outcome) error {
	if err := s.cases.CloseTask(ctx, call, o.Doctor, TaskConfirm, outcomeSource); err != nil || o.State != Confirmed {
		return err
	}
	if err := s.facts.Withdraw(ctx, asProgramme(call), o.Fact); err != nil {
		return err
	}
	if err := s.giveBack(ctx, call.Actor.Tenant, o.Doctor); err != nil {
		return err
	}
	if err := s.dropDifference(ctx, call, o.Doctor); err != nil {
		return err
	}
	if err := s.cases.CloseTask(ctx, call, o.Doctor, TaskPost, postSource); err != nil {
		return err
	}
	return s.cases.Supersede(ctx, call, o.Doctor, casefile.Registered, outcomeSource, nil)
}

// AddStep records an exam or another step as a fact and gives its id. The
// doctor's own word is claimed; staff may say more.
func (s *Service) AddStep(ctx context.Context, call access.Call, cmd Step) (string, error) {
	n, err := cmd.newFact(call.Today)
	return s.add(ctx, call, cmd.Doctor, n, err)
}

// AddEnglish is AddStep for a sitting of an English test.
func (s *Service) AddEnglish(ctx context.Context, call access.Call, cmd Sitting) (string, error) {
	n, err := cmd.newFact(call.Today)
	return s.add(ctx, call, cmd.Doctor, n, err)
}

func (s *Service) add(ctx context.Context, call access.Call, doctor string, n fact.NewFact, invalid error) (id string, err error) {
	err = s.db.Tx(ctx, func(ctx context.Context) error {
		if _, err := s.permit(ctx, call, ActStep, doctor); err != nil {
			return err
		}
		if invalid != nil {
			return invalid
		}
		id, err = s.facts.Record(ctx, call, n)
		return err
	})
	return id, err
}

// RecordDoctorPost records the first post as a doctor, which counts. A post
// already recorded is only replaced by one that names its version.
func (s *Service) RecordDoctorPost(ctx context.Context, call access.Call, cmd DoctorPost) error {
	return s.keepPost(ctx, call, ActPost, PostRecorded, cmd)
}

// TellDoctorPost keeps what the doctor says of it and asks the team to look.
func (s *Service) TellDoctorPost(ctx context.Context, call access.Call, cmd DoctorPost) error {
	return s.keepPost(ctx, call, ActTell, PostTold, cmd)
}

func (s *Service) keepPost(ctx context.Context, call access.Call, act access.Action, state string, cmd DoctorPost) error {
	return s.db.Tx(ctx, func(ctx context.Context) error {
		c, err := s.permit(ctx, call, act, cmd.Doctor)
		if err != nil {
			return err
		}
		registered, err := s.confirmedOn(ctx, call.Actor.Tenant, cmd.Doctor)
		if err != nil {
			return err
		}
		if registered.IsZero() {
			return refuse("No registration is confirmed yet. Record what the GMC register says first.")
		}
		if err := s.checkPost(ctx, call, &cmd, registered); err != nil {
			return err
		}
		old, err := s.post(ctx, call.Actor.Tenant, cmd.Doctor)
		if err != nil {
			return err
		}
		if old.State == PostRecorded && (cmd.Version == 0 || state == PostTold) {
			return refuse("The first doctor post is already recorded.")
		}
		if cmd.Version != 0 && cmd.Version != old.Version {
			return problem.Stale()
		}
		cmd.State = state
		if err := s.savePost(ctx, call, &cmd, old.Version); err != nil {
			return err
		}
		if err := s.passPost(ctx, call, c, cmd, old); err != nil {
			return err
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: act, Kind: "doctor post", ID: cmd.Doctor, Person: cmd.Doctor, Before: old, After: cmd})
	})
}

func (s *Service) checkPost(ctx context.Context, call access.Call, p *DoctorPost, registered clock.Date) error {
	p.EmployerName = strings.TrimSpace(p.EmployerName)
	if p.Employer != "" && s.o.OrganisationNames != nil {
		names, err := s.o.OrganisationNames(ctx, call.Actor.Tenant, []string{p.Employer})
		if err != nil {
			return err
		}
		if names[p.Employer] == "" {
			p.Employer = ""
		}
	}
	return CheckPost(*p, registered, call.Today)
}

// passPost moves milestone and tasks on.
func (s *Service) passPost(ctx context.Context, call access.Call, c casefile.Case, p, old DoctorPost) error {
	if old.State == "" {
		if err := s.cases.CloseTask(ctx, call, p.Doctor, TaskPost, postSource); err != nil {
			return err
		}
	}
	if p.State == PostTold {
		return s.cases.OpenTask(ctx, call, casefile.Task{Doctor: p.Doctor, Kind: TaskTold, Title: "Check a first doctor post", Source: postSource,
			URL: "/registration/" + c.Ref + "/doctor-post", Party: casefile.PartyCaseworker, Owner: c.Caseworker, Since: call.Today})
	}
	m := casefile.Milestone{Doctor: p.Doctor, Kind: casefile.DoctorPost, On: p.On, Code: p.Title, Organisation: p.Employer, Source: postSource}
	if old.State == PostRecorded {
		return s.cases.Supersede(ctx, call, p.Doctor, casefile.DoctorPost, postSource, &m)
	}
	if old.State == PostTold {
		if err := s.cases.CloseTask(ctx, call, p.Doctor, TaskTold, postSource); err != nil {
			return err
		}
	}
	return s.cases.Record(ctx, call, m)
}

// RecordLeft records that a doctor left the programme, for a coded reason. The
// end of a running post is recorded on the placement first.
func (s *Service) RecordLeft(ctx context.Context, call access.Call, cmd Leaving) error {
	var check problem.Check
	check.That(known(LeavingReasons(), cmd.Code), "code", "Choose why the doctor left. If nobody knows, say that the outcome is not known.")
	if err := check.Err(); err != nil {
		return err
	}
	return s.leave(ctx, call, cmd, casefile.Left)
}

// RecordUnknown records that nobody knows what became of a doctor. It stays so
// until somebody knows.
func (s *Service) RecordUnknown(ctx context.Context, call access.Call, cmd Leaving) error {
	cmd.Code = "unknown"
	return s.leave(ctx, call, cmd, casefile.OutcomeUnknown)
}

func (s *Service) leave(ctx context.Context, call access.Call, cmd Leaving, kind casefile.Kind) error {
	if cmd.On.IsZero() {
		cmd.On = call.Today
	}
	return s.db.Tx(ctx, func(ctx context.Context) error {
		c, err := s.permit(ctx, call, ActLeave, cmd.Doctor)
		if err != nil {
			return err
		}
		list, err := s.cases.Milestones(ctx, call.Actor.Tenant, cmd.Doctor)
		if err != nil {
			return err
		}
		if err := mayLeave(c, list, cmd.On, call.Today, kind); err != nil {
			return err
		}
		m := casefile.Milestone{Doctor: cmd.Doctor, Kind: kind, On: cmd.On, Code: cmd.Code, Organisation: c.Organisation, Source: leavingSource}
		if err := s.cases.Record(ctx, call, m); err != nil {
			return err
		}
		if err := s.cases.CloseTask(ctx, call, cmd.Doctor, TaskPost, postSource); err != nil {
			return err
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: ActLeave, Kind: "case", ID: cmd.Doctor, Person: cmd.Doctor, After: m})
	})
}

// mayLeave gives every reason why it cannot be recorded.
func mayLeave(c casefile.Case, list []casefile.Milestone, on, today clock.Date, kind casefile.Kind) error {
	var check problem.Check
	check.That(on <= today, "on", "The date must not be in the future")
	if err := check.Err(); err != nil {
		return err
	}
	var stops []string
	if c.Stage == casefile.StageInPost {
		stops = append(stops, "The doctor is in post. Record the end of the post first.")
	}
	if kind == casefile.OutcomeUnknown && (c.Stage == casefile.StageRegistered || c.Stage == casefile.StageDoctorPost) {
		stops = append(stops, "The outcome is known: the doctor is registered.")
	}
	last := casefile.Kind("")
	for _, m := range list {
		switch m.Kind {
		case casefile.Left, casefile.OutcomeUnknown, casefile.Started, casefile.Reopened:
			last = m.Kind
		}
	}
	if last == kind || last == casefile.Left {
		stops = append(stops, "This is already recorded.")
	}
	if len(stops) > 0 {
		return problem.Refuse("This cannot be recorded.", stops...)
	}
	return nil
}
