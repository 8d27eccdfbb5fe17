package eligibility

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/casefile"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/eligibility/assessment"
	"msw/internal/fact"
	"msw/internal/jobs"
	"msw/internal/organisation"
	"msw/internal/problem"
	"msw/internal/programme"
	"msw/internal/request"
	"msw/internal/rulebook"
)

// The actions of this package.
const (
	ActAssess access.Action = "eligibility.assess" // open the assessor's page of a case
	ActDecide access.Action = "eligibility.decide"
	ActRead   access.Action = "eligibility.read"       // read the decision and its words
	ActAgain  access.Action = "eligibility.reevaluate" // ask the rules again of every case, and replay decisions
)

// Actions lists them for the permission table's test.
func Actions() []access.Action {
	return []access.Action{ActAssess, ActDecide, ActRead, ActAgain, ActJudge, ActReview, ActAssign, ActBoard, ActAnswer, ActAppeal}
}

// Options are what the service needs. Derived, when set, gives facts that other
// stations know of a doctor and nobody types in, such as an earlier placement
// in any scheme. Compile may be nil: only the embedded rule sets work then.
type Options struct {
	DB        *database.DB
	Access    *access.Table
	Audit     *audit.Log
	Jobs      *jobs.Outbox
	Cases     *casefile.Service
	Facts     *fact.Service
	Requests  *request.Service
	Programme *programme.Service
	Book      *rulebook.Book
	Derived   func(ctx context.Context, call access.Call, doctor string) ([]rulebook.Fact, error)
	// DerivedMany is Derived for every doctor between two ids, both included.
	// It must give what Derived gives; without it Derived is asked one by one.
	DerivedMany func(ctx context.Context, call access.Call, first, last string) (map[string][]rulebook.Fact, error)
	// Reasons are the coded reasons an assessor may choose.
	Reasons *assessment.Catalogue
	// Papers are evidence that other stations keep, shown beside the conditions.
	Papers []func(ctx context.Context, call access.Call, doctor string) ([]Paper, error)
	// Accounts gives colleagues' names, Staff those who can assess, as id and name.
	Accounts func(ctx context.Context, tenant string, accounts []string) (map[string]string, error)
	Staff    func(ctx context.Context, tenant string) ([][2]string, error)
	Holidays map[clock.Date]bool
	// OwnPapers are the documents a doctor can answer a question with; Upload is
	// the address of the page on which they send one.
	OwnPapers func(ctx context.Context, call access.Call, doctor string) ([]Paper, error)
	Upload    string
}

// Service is the use cases of eligibility. Safe for many goroutines.
type Service struct {
	Options
	store store
}

// New makes the service.
func New(o Options) (*Service, error) {
	if o.Book == nil || o.Reasons == nil || o.Requests == nil {
		return nil, fmt.Errorf("eligibility: no rules, no coded reasons, or no requests")
	}
	return &Service{Options: o, store: store{o.DB}}, nil
}

// Assessment is the case as the rules see it on a day.
type Assessment struct {
	Case       casefile.Case
	On         clock.Date
	Set        *rulebook.Set
	Records    []fact.Record // what was recorded; Facts has these first, in this order
	Facts      []rulebook.Fact
	Result     rulebook.Result
	Suggestion Suggestion
	Decisions  []Decision // newest first
}

// Assess gives the assessor everything at once: each condition with the facts
// that decide it and the rule's source.
func (s *Service) Assess(ctx context.Context, call access.Call, ref string) (Assessment, error) {
	c, err := s.Cases.ByRef(ctx, call.Actor.Tenant, ref)
	if err != nil {
		return Assessment{}, err
	}
	if err := s.Access.May(call.Actor, ActAssess, c.Resource()); err != nil {
		return Assessment{}, err
	}
	a, err := s.evaluate(ctx, call, c.Doctor, AtDecision, call.Today)
	if err != nil {
		return a, err
	}
	a.Case = c
	if a.Decisions, err = s.store.decisions(ctx, c.Tenant, c.Doctor, s.Book.Schema()); err != nil {
		return a, err
	}
	return a, s.Audit.Look(ctx, call, audit.Look{Action: ActAssess, Kind: "case", IDs: []string{c.Doctor}, Person: c.Doctor})
}

// Working shows step by step how each condition came to its state.
func (s *Service) Working(a Assessment) rulebook.Explanation { return a.Set.Explain(a.Facts, a.On) }

func (s *Service) evaluate(ctx context.Context, call access.Call, doctor string, moment Moment, on clock.Date) (a Assessment, err error) {
	a.On = on
	if a.Set, err = s.ruleSet(ctx, call.Actor.Tenant, on); err != nil {
		return a, err
	}
	if a.Records, err = s.Facts.For(ctx, call.Actor.Tenant, doctor); err != nil {
		return a, err
	}
	a.Facts = fact.Rules(a.Records)
	if s.Derived != nil {
		more, err := s.Derived(ctx, call, doctor)
		if err != nil {
			return a, err
		}
		a.Facts = append(a.Facts, more...)
	}
	a.Result = a.Set.Evaluate(a.Facts, on)
	a.Suggestion = Suggest(a.Result, moment)
	return a, nil
}

// ruleSet gives the rules that hold on a day, as the programme switched them on.
func (s *Service) ruleSet(ctx context.Context, tenant string, on clock.Date) (*rulebook.Set, error) {
	return s.Programme.Rules(ctx, tenant, "eligibility", on)
}

func (s *Service) decision(call access.Call, doctor string, moment Moment, outcome Outcome, a Assessment) Decision {
	return Decision{ID: database.NewID(), Doctor: doctor, On: a.On, Moment: moment, Outcome: outcome, RuleSet: a.Set.ID() + " " + a.Set.Name(),
		RuleVersion: a.Set.Version(), AnswerHash: answerHash(a.Result), By: call.Actor.Account, Facts: a.Facts, Uses: a.Result.Uses}
}

func answerHash(r rulebook.Result) string {
	text, err := json.Marshal(r)
	if err != nil {
		return "" // cannot happen: a result holds texts, numbers and dates only
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

var milestoneOf = map[Outcome]casefile.Kind{Eligible: casefile.FoundEligible, NotYet: casefile.FoundNotYet, NotEligible: casefile.FoundNotEligible, Supported: casefile.FoundSupported}

func (s *Service) save(ctx context.Context, call access.Call, c casefile.Case, d Decision) error {
	if err := s.store.insert(ctx, call.Actor.Tenant, d, s.Book.Schema()); err != nil {
		return err
	}
	source := "eligibility:" + d.ID
	if err := s.Cases.Record(ctx, call, casefile.Milestone{Doctor: d.Doctor, Kind: milestoneOf[d.Outcome], On: d.On, Source: source}); err != nil {
		return err
	}
	if err := s.Cases.CloseTask(ctx, call, d.Doctor, casefile.TaskAssess, "application"); err != nil {
		return err
	}
	if err := s.Cases.CloseTask(ctx, call, d.Doctor, casefile.TaskAssess, "facts"); err != nil {
		return err
	}
	if !call.Actor.Has(organisation.RoleOperator) { // history and imports tell nobody
		if err := s.Jobs.Enqueue(ctx, call.Actor.Tenant, "eligibility.decided", map[string]string{"doctor": d.Doctor}); err != nil {
			return err
		}
	}
	return s.Audit.Record(ctx, call, audit.Entry{Action: ActDecide, Kind: "decision", ID: d.ID, Person: d.Doctor,
		After: map[string]any{"outcome": d.Outcome, "rules": d.RuleSet, "version": d.RuleVersion, "reasons": d.Reasons}})
}

// CheckAgain asks the rules once more, at an offer or a start, and keeps the
// answer. It says no with every reason; nothing is decided about the case.
// It asks no permission: the use case that offers or starts has done so.
func (s *Service) CheckAgain(ctx context.Context, call access.Call, doctor string, at string, on clock.Date) (ok bool, reasons []string, rule string, err error) {
	moment := Moment(at)
	a, err := s.evaluate(ctx, call, doctor, moment, on)
	if err != nil {
		return false, nil, "", err
	}
	rule = a.Set.ID() + " " + a.Set.Name()
	if a.Suggestion.Outcome != Eligible {
		return false, a.Suggestion.Staff, rule, nil
	}
	return true, nil, rule, s.store.insert(ctx, call.Actor.Tenant, s.decision(call, doctor, moment, Eligible, a), s.Book.Schema())
}

// Wake looks at one case again when its facts changed: the kept answer is made
// anew, and where an answer other than yes stands, the assessor gets a task: a
// right to work that came wakes a supported case. No other case is looked at.
func (s *Service) Wake(ctx context.Context, call access.Call, doctor string, _ []string) error {
	c, err := s.Cases.Get(ctx, doctor, call.Actor.Tenant)
	if problem.KindOf(err) == problem.NotFound {
		return nil // the record has no case yet
	}
	if err != nil {
		return err
	}
	keeps, err := s.store.keeps(ctx, call.Actor.Tenant)
	assessing := c.Stage == casefile.StageAssessing
	if err != nil || !keeps && !waits(c.Stage) && !assessing {
		return err
	}
	a, err := s.evaluate(ctx, call, doctor, AtDecision, call.Today)
	if err != nil {
		return err
	}
	if assessing {
		if err := s.lane(ctx, call.Actor.Tenant, doctor, a.Result); err != nil {
			return err
		}
	}
	if keeps {
		if err := s.keepAnew(ctx, call, c, &a); err != nil {
			return err
		}
	}
	if !waits(c.Stage) {
		return nil
	}
	last, found, err := s.store.last(ctx, call.Actor.Tenant, doctor)
	if err != nil || found && last == answerHash(a.Result) {
		return err
	}
	return s.wakeTask(ctx, call, doctor, c.Ref)
}

// keepAnew keeps what the rules say of a case now; where that is better than
// before and than the answer that stands, the case is to be looked at again.
func (s *Service) keepAnew(ctx context.Context, call access.Call, c casefile.Case, a *Assessment) error {
	now := standingOf(c.Doctor, &a.Result, a.Set.Version(), call.Today)
	old, err := s.store.standings(ctx, c.Tenant, c.Doctor, c.Doctor)
	if err != nil {
		return err
	}
	if err := s.store.keepOne(ctx, c.Tenant, now); err != nil {
		return err
	}
	if k, found := old[c.Doctor]; !found || !improved(k.Outcome, now.Outcome) || !answeredNo(c.Stage) {
		return nil
	}
	return s.lookAgain(ctx, call, []held{{Standing: casefile.Standing{Doctor: c.Doctor, Ref: c.Ref, Stage: c.Stage}}}, map[string]Outcome{c.Doctor: now.Outcome})
}

// waits tells whether an answer other than yes stands that may change.
func waits(stage casefile.Stage) bool {
	return stage == casefile.StageSupported || stage == casefile.StageNotYet
}

func (s *Service) wakeTask(ctx context.Context, call access.Call, doctor, ref string) error {
	return s.Cases.OpenTask(ctx, call, casefile.Task{Doctor: doctor, Kind: casefile.TaskAssess, Source: "facts", Party: casefile.PartyAssessor,
		Title: "Look at an application again: something changed", URL: "/assess/" + ref, Since: call.Today})
}

// Latest gives the decision that stands for a doctor; false when there is none.
func (s *Service) Latest(ctx context.Context, call access.Call, doctor string) (Decision, bool, error) {
	c, err := s.Cases.Get(ctx, doctor, call.Actor.Tenant)
	if err != nil {
		return Decision{}, false, err
	}
	if err := s.Access.May(call.Actor, ActRead, c.Resource()); err != nil {
		return Decision{}, false, err
	}
	all, err := s.store.decisions(ctx, c.Tenant, doctor, s.Book.Schema())
	if err != nil {
		return Decision{}, false, err
	}
	for _, d := range all {
		if d.Moment == AtDecision {
			return d, true, s.Audit.Look(ctx, call, audit.Look{Action: ActRead, Kind: "decision", IDs: []string{d.ID}, Person: doctor})
		}
	}
	return Decision{}, false, nil
}

// Prove says how well a fact of one case is proved. Missing when the fact is
// another doctor's.
func (s *Service) Prove(ctx context.Context, call access.Call, ref, id string, state rulebook.State) error {
	c, err := s.Cases.ByRef(ctx, call.Actor.Tenant, ref)
	if err != nil {
		return err
	}
	if err := s.Access.May(call.Actor, ActDecide, c.Resource()); err != nil {
		return err
	}
	records, err := s.Facts.For(ctx, call.Actor.Tenant, c.Doctor)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(records, func(r fact.Record) bool { return r.ID == id })
	if i < 0 {
		return problem.Missing()
	}
	if c.Stage != casefile.StageAssessing {
		return s.Facts.Verify(ctx, call, id, state)
	}
	return s.change(ctx, call, c, 0, DidProof, fact.Words(records[i].Kind)+": "+fact.StateWords(state), func(ctx context.Context, w *Work) error {
		w.Looked = true
		return s.Facts.Verify(ctx, call, id, state)
	})
}

// Replay gives a kept decision's answer again from its own facts and rule
// version; the same must come out.
func (s *Service) Replay(ctx context.Context, tenant string, d Decision) (rulebook.Result, bool, error) {
	set, err := s.Programme.RulesOf(ctx, tenant, d.RuleVersion, d.Uses)
	if err != nil {
		return rulebook.Result{}, false, err
	}
	r := set.Evaluate(d.Facts, d.On)
	return r, answerHash(r) == d.AnswerHash, nil
}
