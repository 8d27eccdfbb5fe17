package newsroom

import (
	"context"
	"slices"

	"msw/internal/access"
	"msw/internal/clock"
	"msw/internal/programme"
	"msw/internal/rulebook"
)

// Answers are what somebody told the checker. They live as long as one answer
// of the server and are written nowhere. An empty field was not answered.
type Answers struct {
	InUK          string         // yes, no
	Qualification string         // registrable, not-sure, not-registrable, none
	Months        map[string]int // full-time months after qualifying: medicine, surgery, other
	English       string         // IELTS, OET, taught, accepted, none
	EnglishOn     clock.Date     // day of the test, the degree or the letter
	Scores        map[string]int // as facts hold them: tenths for IELTS
	Work          string         // citizen, may-work, may-not-work, asylum, visitor, ended, none
	Registered    string         // yes, no
	PLAB2         string         // passed, not-passed, waiting
	Placed        string         // yes, no
	LastWorked    clock.Date
	Supervision   string // yes, no
}

// scoreNames are the parts of a test, in the order a form asks them. OET has no
// overall score.
func scoreNames() []string { return []string{"overall", "listening", "reading", "writing", "speaking"} }

// parts are the scores a test has.
func parts(test string) []string {
	if test == "OET" {
		return scoreNames()[1:]
	}
	return scoreNames()
}

// specialtyGroups of the experience question, in the order a form asks them.
func specialtyGroups() []string { return []string{"medicine", "surgery", "other"} }

// Facts turns answers into what rules read. What a person says of themselves is
// taken as if it had been proved: the checker tells what would follow if so.
func (a Answers) Facts(today clock.Date) []rulebook.Fact {
	b := book{today: today}
	if a.InUK != "" {
		b.add("residence", today, map[string]any{"in_uk": a.InUK == "yes"})
	}
	a.qualification(&b)
	for _, group := range specialtyGroups() {
		if len(a.Months) > 0 { // a group left empty beside others means none
			b.add("experience", 0, map[string]any{"specialty_group": group, "months_full_time": int64(a.Months[group]), "postgraduate": true})
		}
	}
	a.english(&b)
	a.work(&b)
	switch a.Registered {
	case "yes":
		b.add("gmc_registration", today, map[string]any{"kind": "full"})
	case "no":
		b.add("gmc_registration", today, map[string]any{"kind": "none"})
	}
	if outcome := map[string]string{"passed": "passed", "not-passed": "not_taken", "waiting": "awaited"}[a.PLAB2]; outcome != "" {
		b.add("exam", today, map[string]any{"name": "PLAB2", "outcome": outcome})
	}
	if a.Placed != "" {
		b.add("programme_placement", today, map[string]any{"placed": a.Placed == "yes"})
	}
	if !a.LastWorked.IsZero() || a.Supervision != "" {
		fields := map[string]any{}
		if !a.LastWorked.IsZero() {
			fields["last_practised"] = a.LastWorked
		}
		if a.Supervision != "" {
			fields["needs_supervision"] = a.Supervision == "yes"
		}
		b.add("practice_status", today, fields)
	}
	return b.facts
}

type book struct {
	today clock.Date
	facts []rulebook.Fact
}

func (b *book) add(kind string, on clock.Date, fields map[string]any) {
	b.facts = append(b.facts, rulebook.Fact{Kind: kind, Date: on, State: rulebook.Verified, Fields: fields})
}

func (a Answers) qualification(b *book) {
	if a.Qualification == "" {
		return
	}
	fields := map[string]any{"held": a.Qualification != "none"}
	switch a.Qualification {
	case "registrable":
		fields["registrable"] = "yes"
	case "not-registrable", "none":
		fields["registrable"] = "no"
	}
	on := clock.Date(0)
	switch a.English {
	case "taught":
		fields["taught_in_english"] = true
		on = a.EnglishOn
	case "none":
		fields["taught_in_english"] = false
	}
	b.add("medical_qualification", on, fields)
}

// english puts every route to proof of English. "None" must be said for each of
// them: to rules, silence means not known.
func (a Answers) english(b *book) {
	sitting := func(test string, scores map[string]int) {
		fields := map[string]any{"test": test}
		for _, name := range scoreNames() {
			if v, ok := scores[name]; ok {
				fields[name] = int64(v)
			}
		}
		b.add("english_test", a.EnglishOn, fields)
	}
	switch a.English {
	case "IELTS", "OET":
		sitting(a.English, a.Scores)
	case "accepted":
		b.add("english_evidence", a.EnglishOn, map[string]any{"route": "other", "accepted": true})
	case "none":
		for _, test := range []string{"IELTS", "OET"} {
			b.add("english_test", b.today, map[string]any{"test": test, "outcome": "failed", "overall": int64(0),
				"listening": int64(0), "reading": int64(0), "writing": int64(0), "speaking": int64(0)})
		}
		b.add("english_evidence", b.today, map[string]any{"route": "other", "accepted": false})
	}
}

func (a Answers) work(b *book) {
	permission := func(category string, reside, work bool) map[string]any {
		return map[string]any{"category": category, "may_reside": reside, "may_work": work, "visitor": category == "visitor"}
	}
	switch a.Work {
	case "citizen":
		b.add("right_to_work", 0, permission("citizen", true, true))
	case "may-work":
		b.add("right_to_work", 0, permission("other_leave", true, true))
	case "may-not-work":
		b.add("right_to_work", 0, permission("other_leave", true, false))
	case "asylum":
		b.add("right_to_work", 0, permission("asylum_applicant", true, false))
	case "visitor":
		b.add("right_to_work", 0, permission("visitor", false, false))
	case "ended", "none":
		b.add("right_to_work", 0, permission("none", false, false))
	}
}

// Condition is one condition as the checker shows it.
type Condition struct {
	ID, Title string
	State     rulebook.Answer
	Until     clock.Date // with Met: the last day, if nothing changes
	Text, Do  string     // why, and what to do
	Anchor    string     // the question to answer, "" when it was answered
	Sources   []rulebook.Source
}

// Checked is the checker's whole answer.
type Checked struct {
	Conditions []Condition
	State      rulebook.Answer
	Title      string // of the rule set
	Name       string
	Version    string
	Sources    []rulebook.Source
	Today      clock.Date
	Open       programme.Opening
}

// Needs gives the kinds of fact that today's rules read, so that only questions
// about those are asked.
func (s *Service) Needs(ctx context.Context, call access.Call) ([]string, *rulebook.Set, error) {
	call, err := s.public(ctx, call)
	if err != nil {
		return nil, nil, err
	}
	set, err := s.ruleSet(ctx, call)
	if err != nil {
		return nil, nil, err
	}
	var kinds []string
	res := set.Evaluate(nil, call.Today)
	for _, o := range res.Requirements {
		kinds = append(kinds, needs(o)...)
	}
	slices.Sort(kinds)
	return slices.Compact(kinds), set, nil
}

func needs(o rulebook.Outcome) []string {
	kinds := slices.Clone(o.Needs)
	for _, alt := range o.Alternatives {
		kinds = append(kinds, needs(alt)...)
	}
	return kinds
}

// Check tells which of today's conditions the answers would meet. It reads and
// never writes: neither the answers nor that somebody asked is kept.
func (s *Service) Check(ctx context.Context, call access.Call, a Answers) (Checked, error) {
	call, err := s.public(ctx, call)
	if err != nil {
		return Checked{}, err
	}
	set, err := s.ruleSet(ctx, call)
	if err != nil {
		return Checked{}, err
	}
	res := set.Evaluate(a.Facts(call.Today), call.Today)
	out := Checked{State: res.State, Title: set.Title(), Name: set.Name(), Version: set.Version(), Sources: set.Sources(), Today: call.Today}
	for _, o := range res.Requirements {
		out.Conditions = append(out.Conditions, a.line(o))
	}
	out.Open, err = s.Open(ctx, call)
	return out, err
}

func (a Answers) line(o rulebook.Outcome) Condition {
	l := Condition{ID: o.ID, Title: o.Title, State: o.State, Sources: o.Sources}
	switch {
	case o.State == rulebook.Met:
		l.Until = o.Until
	case o.State == rulebook.Unknown:
		l.Text, l.Do, l.Anchor = a.unknown(o)
	case o.Reason != nil:
		l.Text, l.Do = o.Reason.Doctor, o.Reason.Bring
	}
	return l
}

// unknown says why a condition is not known: the question was left out, or the
// answer leaves it open.
func (a Answers) unknown(o rulebook.Outcome) (text, do, anchor string) {
	for _, kind := range needs(o) {
		if q, asked := questionOf(kind); asked && !a.answered(q) {
			return "You did not answer the question about this.", "Answer it to see more. You do not have to.", q
		}
	}
	for _, kind := range needs(o) {
		switch kind {
		case "medical_qualification":
			return "Only the GMC can say if it can register your qualification.", "You can still apply. Look for your medical school on the GMC website, or ask the GMC.", ""
		case "exam":
			return "It depends on the result you are waiting for.", "Check again when you have your result.", ""
		case "english_test", "english_evidence":
			return "We need the date and the score of each part to tell.", "Look at your result and fill in what is missing.", "english"
		}
	}
	if o.Reason == nil {
		return "This cannot be checked here.", "Ask us, or ask someone at a local scheme.", ""
	}
	return o.Reason.Doctor, o.Reason.Bring, ""
}

// questionOf gives the question that a kind of fact comes from.
func questionOf(kind string) (string, bool) {
	q, ok := map[string]string{"residence": "in-uk", "medical_qualification": "qualification", "experience": "months-medicine",
		"english_test": "english", "english_evidence": "english", "right_to_work": "work", "gmc_registration": "registered",
		"exam": "plab2", "programme_placement": "placed", "practice_status": "last-worked"}[kind]
	return q, ok
}

func (a Answers) answered(question string) bool {
	switch question {
	case "in-uk":
		return a.InUK != ""
	case "qualification":
		return a.Qualification != ""
	case "months-medicine":
		return len(a.Months) > 0
	case "english":
		return a.English != ""
	case "work":
		return a.Work != ""
	case "registered":
		return a.Registered != ""
	case "plab2":
		return a.PLAB2 != ""
	case "placed":
		return a.Placed != ""
	}
	return !a.LastWorked.IsZero() || a.Supervision != ""
}
