package eligibility

import (
	"context"
	"slices"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/casefile"
	"msw/internal/clock"
	"msw/internal/eligibility/assessment"
	"msw/internal/problem"
	"msw/internal/programme"
)

// QueueRow is one application in the queue.
type QueueRow struct {
	Work
	Name  string
	Age   int // working days at this step
	Light assessment.Light
}

// Queue is one page of the queue, with maintained totals.
type Queue struct {
	Rows       []QueueRow
	Next       []string // keys of the next page, nil at the end
	Totals     []Total
	Colleagues map[string]string
	Targets    map[assessment.Step]int // working days, set by the programme
	Amber      int
}

const queuePage = 25

// Queue gives the applications by whose turn it is, the priority lane first and
// then the longest waiting, and records which were shown. names names people.
func (s *Service) Queue(ctx context.Context, call access.Call, q QueueQuery, names Names) (Queue, error) {
	var out Queue
	if err := s.boardFor(call); err != nil {
		return out, err
	}
	tenant := call.Actor.Tenant
	q.Limit = queuePage + 1
	list, err := s.store.queue(ctx, tenant, q)
	if err != nil {
		return out, err
	}
	list = slices.DeleteFunc(list, func(w Work) bool { return slices.Contains(call.Actor.Hidden, w.Doctor) })
	if len(list) > queuePage {
		list = list[:queuePage]
		last := list[queuePage-1]
		out.Next = []string{itoa(last.Lane), last.Since.String(), last.Doctor}
	}
	if out.Targets, out.Amber, err = s.targets(ctx, tenant); err != nil {
		return out, err
	}
	ids := make([]string, len(list))
	for i, w := range list {
		ids[i] = w.Doctor
		row := QueueRow{Work: w, Name: w.Ref, Age: assessment.WorkingDays(w.Since, call.Today, s.Holidays)}
		row.Light = assessment.Shine(row.Age, out.Targets[w.Step], out.Amber)
		out.Rows = append(out.Rows, row)
	}
	if names != nil && len(ids) > 0 {
		found, err := names(ctx, tenant, ids)
		if err != nil {
			return out, err
		}
		for i := range out.Rows {
			if n := found[out.Rows[i].Doctor]; n != "" {
				out.Rows[i].Name = n
			}
		}
	}
	if out.Totals, out.Colleagues, err = s.load(ctx, tenant); err != nil {
		return out, err
	}
	return out, s.Audit.Look(ctx, call, audit.Look{Action: ActBoard, Query: "queue " + q.Turn + string(q.Step), Kind: "case", IDs: ids})
}

func (s *Service) boardFor(call access.Call) error {
	return s.Access.May(call.Actor, ActBoard, access.Resource{Kind: "queue", Tenant: call.Actor.Tenant})
}

// load gives the maintained totals with the names of who has them.
func (s *Service) load(ctx context.Context, tenant string) ([]Total, map[string]string, error) {
	totals, err := s.store.totals(ctx, tenant)
	if err != nil || s.Accounts == nil {
		return totals, nil, err
	}
	var ids []string
	for _, t := range totals {
		if t.Assessor != "" && !slices.Contains(ids, t.Assessor) {
			ids = append(ids, t.Assessor)
		}
	}
	names, err := s.Accounts(ctx, tenant, ids)
	return totals, names, err
}

// targets are the programme's own times for each step, in working days.
func (s *Service) targets(ctx context.Context, tenant string) (map[assessment.Step]int, int, error) {
	out := map[assessment.Step]int{}
	for step, name := range map[assessment.Step]string{assessment.StepFirst: programme.FirstLookDays, assessment.StepAnswered: programme.FirstLookDays, assessment.StepAssess: programme.DecisionDays,
		assessment.StepAgain: programme.DecisionDays, assessment.StepEarly: programme.EarlyCheckDays, assessment.StepSecond: programme.SecondPersonDays, assessment.StepThird: programme.SecondPersonDays,
		assessment.StepReview: programme.ReviewTargetDays} {
		n, err := s.Programme.Int(ctx, tenant, name)
		if err != nil {
			return nil, 0, err
		}
		out[step] = n
	}
	amber, err := s.Programme.Int(ctx, tenant, programme.AmberDays)
	return out, amber, err
}

// BoardParties are those whose time is counted apart.
func BoardParties() []string { return []string{"person", "programme", "host", "third"} }

func boardParty(p casefile.Party) string {
	switch p {
	case casefile.PartyDoctor:
		return "person"
	case casefile.PartyEmployer, casefile.PartySupervisor:
		return "host"
	case casefile.PartyReferrer, casefile.PartyGMC:
		return "third"
	}
	return "programme"
}

// Night is what is counted once a day over all cases: how long each party had
// the turn, and the cases in states that cannot be.
type Night struct {
	On     clock.Date
	Cases  int
	Spread map[string]assessment.Spread
	Faults []Fault
}

// The kinds of fault.
const (
	FaultNotQueued  = "not_queued"
	FaultStillQueue = "still_queued"
	FaultUndecided  = "no_decision"
	FaultOwnReview  = "own_review"
	FaultLoneVoice  = "lone_voice"
	FaultLeftRound  = "left_round"
)

// FaultWords says of a kind of fault what is wrong and how to mend it.
func FaultWords(kind string) (wrong, mend string) {
	switch kind {
	case FaultNotQueued:
		return "The application was sent, but it is in no queue.", "Press “Put right”: it goes into the queue as it stands."
	case FaultStillQueue:
		return "It is in the queue, but it is not being assessed.", "Press “Put right”: it leaves the queue."
	case FaultUndecided:
		return "The case says that it was decided, but there is no decision.", "Open it, look at each condition and decide. The letter goes to the doctor then."
	case FaultOwnReview:
		return "The review was decided by the person who decided before.", "Ask the doctor whether they want another review, and let somebody else decide it. Tell the national lead."
	case FaultLoneVoice:
		return "Evidence counts although fewer than two people said so.", "Open it, set the proof back to what was seen, and let two people judge it."
	case FaultLeftRound:
		return "The doctor is still asked for something, but nobody assesses the application.", "Open it and close the questions. Write to the doctor that no answer is needed."
	}
	return kind, ""
}

const nightPage = 500

// Nightly counts how long each party has had the turn and looks for cases in
// impossible states. It asks no permission: it is regular work.
func (s *Service) Nightly(ctx context.Context, call access.Call) (Night, error) {
	tenant := call.Actor.Tenant
	n := Night{On: call.Today, Spread: map[string]assessment.Spread{}}
	for _, p := range BoardParties() {
		n.Spread[p] = assessment.Spread{}
	}
	for after := ""; ; {
		cases, err := s.Cases.Standings(ctx, tenant, after, nightPage)
		if err != nil {
			return n, err
		}
		if len(cases) == 0 {
			break
		}
		after = cases[len(cases)-1].Doctor
		n.Cases += len(cases)
		if err := s.nightOf(ctx, call, cases, &n); err != nil {
			return n, err
		}
	}
	for kind, find := range map[string]func(context.Context, string) ([]string, error){FaultOwnReview: s.store.ownReviews, FaultLoneVoice: s.store.loneVoices, FaultLeftRound: s.store.leftRounds} {
		list, err := find(ctx, tenant)
		if err != nil {
			return n, err
		}
		for _, id := range list {
			n.Faults = append(n.Faults, Fault{kind, id, call.Today})
		}
	}
	return n, s.DB.Tx(ctx, func(ctx context.Context) error { return s.store.keepNight(ctx, tenant, n) })
}

func (s *Service) nightOf(ctx context.Context, call access.Call, cases []casefile.Standing, n *Night) error {
	tenant, first, last := call.Actor.Tenant, cases[0].Doctor, cases[len(cases)-1].Doctor
	spans, err := s.Cases.SpansBetween(ctx, tenant, first, last)
	if err != nil {
		return err
	}
	for _, sp := range spans {
		n.Spread[boardParty(sp.Party)][sp.From.DaysUntil(sp.To)]++
	}
	works, err := s.store.worksBetween(ctx, tenant, first, last)
	if err != nil {
		return err
	}
	decided, err := s.store.lastOutcomes(ctx, tenant, first, last)
	if err != nil {
		return err
	}
	for _, c := range cases {
		w := works[c.Doctor]
		switch is := c.Stage == casefile.StageAssessing; {
		case is && !w.Assessing:
			n.Faults = append(n.Faults, Fault{FaultNotQueued, c.Doctor, call.Today})
		case !is && w.Assessing:
			n.Faults = append(n.Faults, Fault{FaultStillQueue, c.Doctor, call.Today})
		case is:
			a, err := s.evaluate(ctx, call, c.Doctor, AtDecision, call.Today)
			if err != nil {
				return err
			}
			if err := s.DB.Tx(ctx, func(ctx context.Context) error { return s.lane(ctx, tenant, c.Doctor, a.Result) }); err != nil {
				return err
			}
		}
		if _, found := decided[c.Doctor]; !found && slices.Contains([]casefile.Stage{casefile.StageEligible, casefile.StageNotYet, casefile.StageSupported}, c.Stage) {
			n.Faults = append(n.Faults, Fault{FaultUndecided, c.Doctor, call.Today})
		}
	}
	return nil
}

// Board is what the last night counted, with the load of each assessor.
type Board struct {
	Night
	Found      bool
	Totals     []Total
	Colleagues map[string]string
}

// Board gives the figures of the assessors' work.
func (s *Service) Board(ctx context.Context, call access.Call) (b Board, err error) {
	if err = s.boardFor(call); err != nil {
		return b, err
	}
	if b.Night, b.Found, err = s.store.night(ctx, call.Actor.Tenant); err != nil {
		return b, err
	}
	b.Totals, b.Colleagues, err = s.load(ctx, call.Actor.Tenant)
	return b, err
}

// FaultRow is a case in an impossible state, with its reference.
type FaultRow struct {
	Fault
	Ref string
}

// Faults gives one page of the cases in impossible states.
func (s *Service) Faults(ctx context.Context, call access.Call, after []string) (rows []FaultRow, next []string, err error) {
	if err := s.boardFor(call); err != nil {
		return nil, nil, err
	}
	list, err := s.store.faults(ctx, call.Actor.Tenant, after, queuePage+1)
	if err != nil {
		return nil, nil, err
	}
	list = slices.DeleteFunc(list, func(f Fault) bool { return slices.Contains(call.Actor.Hidden, f.Doctor) })
	if len(list) > queuePage {
		list = list[:queuePage]
		next = []string{list[queuePage-1].Kind, list[queuePage-1].Doctor}
	}
	ids := make([]string, len(list))
	for i, f := range list {
		ids[i] = f.Doctor
	}
	cases, err := s.Cases.Many(ctx, call.Actor.Tenant, ids)
	if err != nil {
		return nil, nil, err
	}
	for _, f := range list {
		rows = append(rows, FaultRow{f, cases[f.Doctor].Ref})
	}
	return rows, next, s.Audit.Look(ctx, call, audit.Look{Action: ActBoard, Query: "impossible states", Kind: "case", IDs: ids})
}

// Mend puts a case right whose queue and stage do not agree: the queue follows
// the case. Other faults need a person, and are refused here.
func (s *Service) Mend(ctx context.Context, call access.Call, ref, kind string) error {
	c, err := s.permitted(ctx, call, ActDecide, ref)
	if err != nil {
		return err
	}
	if kind != FaultNotQueued && kind != FaultStillQueue {
		_, how := FaultWords(kind)
		return problem.Refuse("This cannot be put right with a button.", how)
	}
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		if err := s.moved(ctx, call, c); err != nil {
			return err
		}
		if err := s.store.mended(ctx, c.Tenant, kind, c.Doctor); err != nil {
			return err
		}
		return s.Audit.Record(ctx, call, audit.Entry{Action: ActDecide, Kind: "queue", ID: c.Doctor, Person: c.Doctor, After: kind})
	})
}

// better orders outcomes for the list of cases to look at again.
var better = map[Outcome]int{NotEligible: 0, NotYet: 1, Supported: 2, Eligible: 3}

func improved(was, now Outcome) bool { return better[now] > better[was] }

// answeredNo tells whether an answer other than yes may stand.
func answeredNo(stage casefile.Stage) bool { return waits(stage) || stage == casefile.StageClosed }

// lookAgain puts cases on the list to be looked at again whose standing answer
// is worse than what the rules say now.
func (s *Service) lookAgain(ctx context.Context, call access.Call, list []held, now map[string]Outcome) error {
	if len(list) == 0 {
		return nil
	}
	last, err := s.store.lastOutcomes(ctx, call.Actor.Tenant, list[0].Doctor, list[len(list)-1].Doctor)
	if err != nil {
		return err
	}
	for _, c := range list {
		was, decided := last[c.Doctor]
		if !decided || !improved(was, now[c.Doctor]) || c.Stage == casefile.StageClosed && was != NotEligible {
			continue
		}
		if err := s.markAgain(ctx, call, c.Standing); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) markAgain(ctx context.Context, call access.Call, c casefile.Standing) error {
	tenant := call.Actor.Tenant
	before, _, err := s.store.work(ctx, tenant, c.Doctor)
	if err != nil || !before.Again.IsZero() || before.Assessing {
		return err
	}
	w := before
	w.Doctor, w.Ref, w.SameAs, w.Again = c.Doctor, c.Ref, c.SameAs, call.Today
	if err := s.derive(ctx, tenant, &w); err != nil {
		return err
	}
	if err := s.store.saveWork(ctx, tenant, w); err != nil {
		return err
	}
	return s.store.moveTotal(ctx, tenant, before, w)
}
