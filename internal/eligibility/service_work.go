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
	"msw/internal/rulebook"
)

// More actions of this package: the work around a decision.
const (
	ActJudge  access.Action = "eligibility.judge"  // be the second or third person for evidence that rests on judgement
	ActReview access.Action = "eligibility.review" // decide a review
	ActAssign access.Action = "eligibility.assign" // say who assesses
	ActBoard  access.Action = "eligibility.board"  // the queue, the workload, what cannot be
	ActAnswer access.Action = "eligibility.answer" // the doctor: answer questions, ask for an early check
	ActAppeal access.Action = "eligibility.appeal" // the doctor: ask for a review, come back
)

// workKey carries the row that a change is under way on, so that a milestone
// recorded by it moves the same row.
type workKey struct{}

// change does something to an assessment: fn says what, and the row, its total
// and the line of history follow in the same transaction. seen is the version
// that its author had before them; 0 asks for none.
func (s *Service) change(ctx context.Context, call access.Call, c casefile.Case, seen int64, what, text string, fn func(ctx context.Context, w *Work) error) error {
	return s.DB.Tx(ctx, func(ctx context.Context) error {
		before, found, err := s.store.work(ctx, c.Tenant, c.Doctor)
		if err != nil {
			return err
		}
		if seen != 0 && seen != before.Version {
			return problem.Stale()
		}
		w := before
		w.Doctor, w.Ref = c.Doctor, c.Ref
		if !found {
			w.Number = 1
			w.Assessing, w.Sent, w.SameAs = c.Stage == casefile.StageAssessing, sentOn(c), c.SameAs
		}
		if err := fn(context.WithValue(ctx, workKey{}, &w), &w); err != nil {
			return err
		}
		if err := s.derive(ctx, c.Tenant, &w); err != nil {
			return err
		}
		if err := s.store.saveWork(ctx, c.Tenant, w); err != nil {
			return err
		}
		if err := s.store.moveTotal(ctx, c.Tenant, before, w); err != nil {
			return err
		}
		return s.store.addChange(ctx, c.Tenant, c.Doctor, Change{Version: w.Version + 1, By: call.Actor.Account, At: call.Now, What: what, Step: w.Step, Text: text})
	})
}

func sentOn(c casefile.Case) clock.Date {
	if c.Stage == casefile.StageAssessing {
		return c.Since
	}
	return 0
}

// derive works out the row's next step from all that is open.
func (s *Service) derive(ctx context.Context, tenant string, w *Work) error {
	o := assessment.Open{Assessing: w.Assessing, Since: w.Sent, Looked: w.Looked, Early: w.Early, Again: w.Again}
	rounds, err := s.store.rounds(ctx, tenant, w.Doctor)
	if err != nil {
		return err
	}
	for _, r := range rounds {
		if r.Open() {
			o.Asked, o.Answered = r.Asked, r.Answered
		}
	}
	judgements, err := s.store.judgements(ctx, tenant, w.Doctor)
	if err != nil {
		return err
	}
	for _, j := range judgements {
		if j.State != JudgementOpen {
			continue
		}
		if !j.Third.IsZero() {
			o.Third = earliest(o.Third, j.Third)
		} else {
			o.Second = earliest(o.Second, j.Second)
		}
	}
	reviews, err := s.store.reviews(ctx, tenant, w.Doctor)
	if err != nil {
		return err
	}
	for _, r := range reviews {
		if r.State == ReviewOpen {
			o.Review = r.Asked
		}
	}
	if w.Step, w.Since = assessment.Next(o); w.SameAs != "" { // its person is in the queue as the record that goes on
		w.Step, w.Since = "", 0
	}
	w.Turn = w.Step.Turn()
	return nil
}

func earliest(a, b clock.Date) clock.Date {
	if a.IsZero() || !b.IsZero() && b < a {
		return b
	}
	return a
}

// Moved keeps the queue true when cases move on their own road: one that was
// sent is opened, one that left is closed. It asks no permission.
func (s *Service) Moved(ctx context.Context, call access.Call, list []casefile.Moved) error {
	if w, ok := ctx.Value(workKey{}).(*Work); ok && len(list) == 1 && list[0].After.Doctor == w.Doctor {
		moveWork(w, list[0].After, true)
		return nil
	}
	var fresh []Work
	for _, m := range list {
		was, is := m.Before.Stage == casefile.StageAssessing, m.After.Stage == casefile.StageAssessing
		switch {
		case m.Before.Stage != "" && m.Before.SameAs != m.After.SameAs:
			if err := s.moved(ctx, call, m.After); err != nil {
				return err
			}
		case was == is:
		case is && m.Before.Stage == "": // new in this transaction: there is no row yet
			w := Work{Doctor: m.After.Doctor, Ref: m.After.Ref, Lane: assessment.Ordinary}
			moveWork(&w, m.After, false)
			w.Step, w.Since = assessment.Next(assessment.Open{Assessing: true, Since: w.Sent})
			w.Turn = w.Step.Turn()
			fresh = append(fresh, w)
		default:
			if err := s.moved(ctx, call, m.After); err != nil {
				return err
			}
		}
	}
	return s.openFresh(ctx, fresh, list)
}

func (s *Service) openFresh(ctx context.Context, fresh []Work, list []casefile.Moved) error {
	if len(fresh) == 0 {
		return nil
	}
	tenant := list[0].After.Tenant
	if err := s.store.insertWorks(ctx, tenant, fresh); err != nil {
		return err
	}
	return s.store.addTotal(ctx, tenant, assessment.StepFirst, "", len(fresh))
}

func (s *Service) moved(ctx context.Context, call access.Call, c casefile.Case) error {
	before, found, err := s.store.work(ctx, c.Tenant, c.Doctor)
	if err != nil || !found && c.Stage != casefile.StageAssessing {
		return err
	}
	w := before
	w.Doctor, w.Ref = c.Doctor, c.Ref
	moveWork(&w, c, false)
	if w.Assessing && call.Today != 0 {
		a, err := s.evaluate(ctx, call, c.Doctor, AtDecision, call.Today)
		if err != nil {
			return err
		}
		w.Lane = assessment.Lane(Asked(a.Result, AtDecision))
	}
	if err := s.derive(ctx, c.Tenant, &w); err != nil {
		return err
	}
	if err := s.store.saveWork(ctx, c.Tenant, w); err != nil {
		return err
	}
	return s.store.moveTotal(ctx, c.Tenant, before, w)
}

// moveWork takes from a case what its row shows of it. A case that comes to be
// assessed begins anew, unless a review opened it.
func moveWork(w *Work, c casefile.Case, within bool) {
	is := c.Stage == casefile.StageAssessing
	w.SameAs = c.SameAs
	switch {
	case is && !w.Assessing:
		w.Sent = c.Since
		if !within {
			w.Number++
			w.Looked, w.Early, w.Again = false, 0, 0
		}
	case !is && w.Assessing:
		w.Looked = false
	}
	w.Assessing = is
}

// File is everything an assessor sees of one application.
type File struct {
	Assessment
	Work       Work
	Found      bool // there is a row of work
	Findings   map[assessment.Section]assessment.Finding
	Judgements []Judgement
	Rounds     []Round
	Reviews    []Review
	Earlies    []Early
	History    []Change
	Papers     []Paper
	Limits     Limits
	Colleagues map[string]string // names by account
}

// Limits are the programme's own numbers: settings, shown as such.
type Limits struct{ ReviewDays, Rounds, ReplyDays, AgainDays int }

// Reply is how many days a doctor has to answer a round.
func (l Limits) Reply(round int) int {
	if round > 1 {
		return l.AgainDays
	}
	return l.ReplyDays
}

func (s *Service) limits(ctx context.Context, tenant string) (l Limits, err error) {
	for name, to := range map[string]*int{programme.ReviewDays: &l.ReviewDays, programme.RequestRounds: &l.Rounds, programme.RequestFurtherDays: &l.ReplyDays, programme.RequestFurtherAgainDays: &l.AgainDays} {
		if *to, err = s.Programme.Int(ctx, tenant, name); err != nil {
			return l, err
		}
	}
	return l, nil
}

// Open gives the assessor everything at once, and notes the look.
func (s *Service) Open(ctx context.Context, call access.Call, ref string) (File, error) {
	a, err := s.Assess(ctx, call, ref)
	if err != nil {
		return File{}, err
	}
	f := File{Assessment: a}
	tenant, doctor := a.Case.Tenant, a.Case.Doctor
	if f.Work, f.Found, err = s.store.work(ctx, tenant, doctor); err != nil {
		return f, err
	}
	if f.Findings, err = s.store.sections(ctx, tenant, doctor, max(1, f.Work.Number)); err != nil {
		return f, err
	}
	if f.Judgements, err = s.store.judgements(ctx, tenant, doctor); err != nil {
		return f, err
	}
	if f.Rounds, err = s.store.rounds(ctx, tenant, doctor); err != nil {
		return f, err
	}
	if f.Reviews, err = s.store.reviews(ctx, tenant, doctor); err != nil {
		return f, err
	}
	if f.Earlies, err = s.store.earlies(ctx, tenant, doctor); err != nil {
		return f, err
	}
	if f.History, err = s.store.changes(ctx, tenant, doctor, 0); err != nil {
		return f, err
	}
	if f.Limits, err = s.limits(ctx, tenant); err != nil {
		return f, err
	}
	f.Suggestion = Joined(f.Suggestion, s.codes(f.Findings))
	return f, s.around(ctx, call, &f)
}

// around adds what other stations know: papers, and the names of colleagues.
func (s *Service) around(ctx context.Context, call access.Call, f *File) (err error) {
	for _, papers := range s.Papers {
		list, err := papers(ctx, call, f.Case.Doctor)
		if err != nil {
			return err
		}
		for _, p := range list {
			if p.Section != assessment.RightToWork { // its evidence is opened by the employer only
				f.Papers = append(f.Papers, p)
			}
		}
	}
	var ids []string
	add := func(id string) {
		if id != "" && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	add(f.Work.Assessor)
	for _, c := range f.History {
		add(c.By)
	}
	for _, j := range f.Judgements {
		for _, v := range j.Voices {
			add(v.By)
		}
	}
	if s.Accounts == nil || len(ids) == 0 {
		return nil
	}
	f.Colleagues, err = s.Accounts(ctx, f.Case.Tenant, ids)
	return err
}

// codes gives the coded reasons of all sections, in the order of the sections.
func (s *Service) codes(found map[assessment.Section]assessment.Finding) []assessment.Reason {
	var out []assessment.Reason
	for _, sec := range assessment.Sections() {
		if f := found[sec]; !f.Holds {
			out = append(out, s.Reasons.Named(f.Codes)...)
		}
	}
	return out
}

// Joined adds coded reasons to what the rules suggest: one that is fatal or
// bars comes to not eligible, one that can be mended to not yet.
func Joined(s Suggestion, codes []assessment.Reason) Suggestion {
	s.Staff, s.Doctor = slices.Clone(s.Staff), slices.Clone(s.Doctor)
	for _, r := range codes {
		s.Staff = append(s.Staff, r.Code+": "+r.Staff)
		s.Doctor = append(s.Doctor, r.Doctor+" What to bring: "+r.Cure)
	}
	switch worst := assessment.Worst(codes); {
	case worst == assessment.Fatal, worst == assessment.Bars:
		s.Outcome = NotEligible
	case worst == assessment.Fixable && s.Outcome != NotEligible:
		s.Outcome = NotYet
	}
	return s
}

// lane moves an open row between the lanes when facts changed.
func (s *Service) lane(ctx context.Context, tenant, doctor string, r rulebook.Result) error {
	return s.store.setLane(ctx, tenant, doctor, assessment.Lane(Asked(r, AtDecision)))
}

// assigned is the case with permission asked for an action.
func (s *Service) permitted(ctx context.Context, call access.Call, act access.Action, ref string) (casefile.Case, error) {
	c, err := s.Cases.ByRef(ctx, call.Actor.Tenant, ref)
	if err != nil {
		return c, err
	}
	if err := s.Access.May(call.Actor, act, c.Resource()); err != nil {
		return c, err
	}
	if call.Actor.Doctor == c.Doctor {
		return c, problem.Refuse("Nobody assesses themselves.", "Ask another assessor.")
	}
	return c, nil
}

// Find records what an assessor found of one section.
func (s *Service) Find(ctx context.Context, call access.Call, ref string, seen int64, f assessment.Finding) error {
	c, err := s.permitted(ctx, call, ActDecide, ref)
	if err != nil {
		return err
	}
	var check problem.Check
	check.That(f.Section.Known(), "holds", "Choose a section")
	check.That(f.Holds || len(f.Codes) > 0, "codes", "Choose at least one reason, or say that the section holds")
	check.That(len(s.Reasons.Named(f.Codes)) == len(f.Codes), "codes", "Choose reasons from the list")
	check.That(len([]rune(f.Note)) <= 1000, "note", "Use 1,000 characters or fewer")
	if err := check.Err(); err != nil {
		return err
	}
	if f.Holds {
		f.Codes = nil
	}
	text := f.Section.Words() + ": holds."
	if !f.Holds {
		text = f.Section.Words() + ": does not hold."
		for _, r := range s.Reasons.Named(f.Codes) {
			text += " " + r.Staff
		}
	}
	return s.change(ctx, call, c, seen, DidSection, text, func(ctx context.Context, w *Work) error {
		w.Looked = true
		if w.Assessor == "" {
			w.Assessor = call.Actor.Account
		}
		if err := s.store.saveSection(ctx, c.Tenant, c.Doctor, w.Number, f, call.Actor.Account, call.Now); err != nil {
			return err
		}
		return s.Audit.Record(ctx, call, audit.Entry{Action: ActDecide, Kind: "section", ID: c.Doctor, Person: c.Doctor, After: map[string]any{"section": f.Section, "holds": f.Holds, "codes": f.Codes}})
	})
}

// Note writes a note for staff into the assessment's history.
func (s *Service) Note(ctx context.Context, call access.Call, ref, text string) error {
	c, err := s.permitted(ctx, call, ActAssess, ref)
	if err != nil {
		return err
	}
	var check problem.Check
	check.That(text != "", "text", "Write a note")
	check.That(len([]rune(text)) <= 2000, "text", "Use 2,000 characters or fewer")
	if err := check.Err(); err != nil {
		return err
	}
	return s.change(ctx, call, c, 0, DidNote, text, func(ctx context.Context, w *Work) error {
		return s.Audit.Record(ctx, call, audit.Entry{Action: ActAssess, Kind: "note", ID: c.Doctor, Person: c.Doctor})
	})
}

// Assign says who assesses; "" gives the application back to all.
func (s *Service) Assign(ctx context.Context, call access.Call, ref, account string) error {
	c, err := s.permitted(ctx, call, ActAssign, ref)
	if err != nil {
		return err
	}
	staff, err := s.assessors(ctx, c.Tenant)
	if err != nil {
		return err
	}
	if account != "" && !slices.ContainsFunc(staff, func(p [2]string) bool { return p[0] == account }) {
		return &problem.Error{Kind: problem.Invalid, Message: "There is a problem", Fields: []problem.Field{{Name: "assessor", Message: "Choose somebody from the list"}}}
	}
	return s.change(ctx, call, c, 0, DidAssign, "", func(ctx context.Context, w *Work) error {
		w.Assessor = account
		return s.Audit.Record(ctx, call, audit.Entry{Action: ActAssign, Kind: "case", ID: c.Doctor, Person: c.Doctor, After: map[string]string{"assessor": account}})
	})
}

func (s *Service) assessors(ctx context.Context, tenant string) ([][2]string, error) {
	if s.Staff == nil {
		return nil, nil
	}
	return s.Staff(ctx, tenant)
}

// Since gives what was done after a version, and the decision that stands, to
// somebody who was second.
func (s *Service) Since(ctx context.Context, call access.Call, ref string, seen int64) ([]Change, *Decision, error) {
	c, err := s.permitted(ctx, call, ActAssess, ref)
	if err != nil {
		return nil, nil, err
	}
	changes, err := s.store.changes(ctx, c.Tenant, c.Doctor, seen)
	if err != nil {
		return nil, nil, err
	}
	if !slices.ContainsFunc(changes, func(c Change) bool { return c.What == DidDecide || c.What == DidReview }) {
		return changes, nil, nil
	}
	all, err := s.store.decisions(ctx, c.Tenant, c.Doctor, s.Book.Schema())
	if err != nil || len(all) == 0 {
		return changes, nil, err
	}
	return changes, &all[0], nil
}
