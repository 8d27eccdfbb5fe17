package request

import (
	"context"
	"sort"
	"strconv"
	"strings"

	"msw/internal/clock"
	"msw/internal/doctor"
	"msw/internal/fact"
	"msw/internal/nhs"
	"msw/internal/rulebook"
)

// provable lists, as options, the facts a request can be made to prove: those
// that nobody has verified yet.
func (s *Service) provable(ctx context.Context, tenant, id string) ([]nhs.Option, error) {
	facts, err := s.o.Facts.For(ctx, tenant, id)
	if err != nil {
		return nil, err
	}
	var out []nhs.Option
	for _, f := range fact.Of(facts, fact.Qualification, fact.Experience, fact.EnglishTest, fact.Identity, fact.GoodStanding, fact.Activity) {
		if f.State != rulebook.Verified {
			label := fact.Words(f.Kind)
			if !f.On.IsZero() {
				label += ", " + f.On.Long()
			}
			out = append(out, nhs.Option{Value: f.ID, Label: label})
		}
	}
	return out, nil
}

func (s State) tag() nhs.Tag {
	return nhs.Tag{Text: s.Words(), Colour: map[State]string{CannotStart: "grey", Waiting: "yellow", Overdue: "red", Received: "blue", Verified: "green", Refused: "orange", Withdrawn: "grey"}[s]}
}

func (r Row) tag() nhs.Tag { return r.State.tag() }

// age says for how long somebody owes the next step.
func (r Row) age() string {
	if r.State.Over() && r.Owes == OwesNobody {
		return ""
	}
	text := strconv.Itoa(r.Age) + " working days"
	if r.Age == 1 {
		text = "1 working day"
	}
	return text
}

func (r Row) ageTag() nhs.Tag {
	switch {
	case r.Red:
		return nhs.Tag{Text: "Late", Colour: "red"}
	case r.Amber:
		return nhs.Tag{Text: "Soon late", Colour: "orange"}
	}
	return nhs.Tag{}
}

// waits says in a sentence what a request waits for, to staff.
func (r Row) waits() string { return whyWords(r.Request, false) }

func whyWords(r Request, own bool) string {
	you := "the doctor"
	if own {
		you = "you"
	}
	switch r.Why {
	case WhyNoYes:
		return "Nobody is asked until " + you + " say" + third(own) + " yes."
	case WhyMustNot:
		return "It is not safe to ask here. Nobody is asked. Other evidence counts."
	case WhyWhom:
		return "It is not known yet who could be asked, or about which time."
	case WhyNotAsked:
		if own {
			return "You said yes. Ask when you are ready."
		}
		return "The doctor said yes, and has not asked yet."
	case WhyAgree:
		return "The person was asked to agree first."
	case WhyAnswer:
		return "Asked on " + r.Asked.Long() + ". The answer is due by " + r.Expires.Long() + "."
	case WhySilence:
		return "No answer came by " + r.Expires.Long() + "."
	case WhyJudge:
		if r.Instead != "" {
			return "Other evidence came on " + r.Received.Long() + ". An assessor looks at it."
		}
		return "An answer came on " + r.Received.Long() + ". An assessor looks at it."
	case WhyDeclined:
		return "This person said no, or does not know " + you + ". Somebody else can be named."
	}
	switch r.State {
	case Verified:
		return "Accepted on " + r.Judged.Long() + "."
	case Refused:
		return "It was not enough, on " + r.Judged.Long() + "."
	}
	return "Taken back on " + r.Gone.Long() + "."
}

func third(own bool) string {
	if own {
		return ""
	}
	return "s"
}

func (v boardView) table() nhs.Table {
	t := nhs.Table{Caption: "Requests, the longest waiting first", HiddenCaption: true, Responsive: true, FirstCellIsHeader: true,
		Head: []nhs.Head{{Text: "Person"}, {Text: "What"}, {Text: "How it stands"}, {Text: "Next step"}}}
	for _, r := range v.Rows {
		t.Rows = append(t.Rows, []nhs.Cell{{Body: nhs.Name{Text: r.Name}, Href: "/requests/" + r.ID}, {Text: r.Kind.Title}, {Body: standing(r)}, {Body: owing(r)}})
	}
	return t
}

// counts sums the totals by state.
func (v boardView) counts() nhs.Stats {
	n := map[State]int{}
	for _, t := range v.Totals {
		n[t.State] += t.Requests
	}
	var out nhs.Stats
	for _, s := range []State{CannotStart, Waiting, Overdue, Received} {
		out = append(out, nhs.Stat{Label: s.Words(), Value: strconv.Itoa(n[s])})
	}
	return out
}

func (v boardView) kindOptions() (out []nhs.Option) {
	for _, k := range v.Kinds {
		out = append(out, nhs.Option{Value: k.ID, Label: k.Title})
	}
	return out
}

func stateOptions() (out []nhs.Option) {
	for _, s := range States() {
		out = append(out, nhs.Option{Value: string(s), Label: s.Words()})
	}
	return out
}

func owesOptions() (out []nhs.Option) {
	for _, o := range []Owes{OwesDoctor, OwesCaseworker, OwesAssessor, OwesOther} {
		out = append(out, nhs.Option{Value: string(o), Label: o.Words()})
	}
	return out
}

func span(from, to clock.Date) string {
	switch {
	case from.IsZero():
		return ""
	case to.IsZero():
		return "from " + from.Long()
	}
	return "from " + from.Long() + " to " + to.Long()
}

// who are the rows about whom a request asks.
func (s Sight) who() []nhs.SummaryRow {
	w := s.Whom
	var out []nhs.SummaryRow
	add := func(key, value string) {
		if value != "" {
			out = append(out, nhs.SummaryRow{Key: key, Value: value})
		}
	}
	if w.Name != "" {
		out = append(out, nhs.SummaryRow{Key: "Who", Body: nhs.Name{Text: w.Name}})
	}
	add("Where", w.Place)
	if w.Country != "" {
		add("Country", doctor.CountryName(w.Country))
	}
	add("Email", w.Email)
	add("Phone", w.Phone)
	add("Asked about", span(w.From, w.To))
	add("Under the name", w.DoctorName)
	add("What we need to know", w.Ask)
	if s.Kind.Party != "" && w.Name != "" {
		add("May be asked", map[doctor.Answer]string{doctor.MayAsk: "Yes, said on " + s.AnswerOn.Long(), doctor.MustNot: "No: not safe", doctor.NotSaid: "Not said. So no"}[s.Answer])
	}
	if !s.Asked.IsZero() {
		add("Asked on", s.Asked.Long())
		add("Answer due by", s.Expires.Long()+". Set by this programme")
	}
	if len(s.Reminded) > 0 {
		add("Reminded", strconv.Itoa(len(s.Reminded))+" of "+strconv.Itoa(max(s.Rungs, len(s.Reminded)))+" times")
	}
	if s.Kind.GMC {
		add("For", "The GMC. It is never a condition of joining the programme")
	}
	return out
}

// came are the rows about an answer.
func (s Sight) came() []nhs.SummaryRow {
	a := s.Reply
	if a.Says == "" && a.Text == "" {
		return nil
	}
	out := []nhs.SummaryRow{{Key: "Answer", Value: saysWords(a.Says)}}
	add := func(key, value string) {
		if value != "" {
			out = append(out, nhs.SummaryRow{Key: key, Value: value})
		}
	}
	add("Corrected time", span(a.From, a.To))
	add("In their words", a.Text)
	add("How they know the doctor", a.Role)
	add("Signed", a.Signed)
	add("Signed through", a.Charity)
	if !a.TakenBack.IsZero() {
		add("Taken back", a.TakenBack.Long())
	}
	if a.Text != "" && !s.Own && s.Kind.Private {
		add("May the doctor read it", map[bool]string{true: "Yes", false: "No: given in confidence"}[a.MayRead])
	}
	return out
}

func saysWords(code string) string {
	switch code {
	case SaysConfirm:
		return "Yes"
	case SaysCorrect:
		return "Yes, with a correction"
	case SaysDecline:
		return "Would rather not answer"
	case SaysUnknown:
		return "Does not know this person"
	}
	return ""
}

func (t Tried) tag() nhs.Tag {
	switch t.State {
	case AltGiven:
		return nhs.Tag{Text: "Given", Colour: "blue"}
	case AltAccepted:
		return nhs.Tag{Text: "Accepted", Colour: "green"}
	case AltNotEnough:
		return nhs.Tag{Text: "Not enough", Colour: "orange"}
	case AltCannot:
		return nhs.Tag{Text: "Cannot be had", Colour: "grey"}
	case AltOpen:
		return nhs.Tag{Text: "Open now", Colour: "yellow"}
	}
	return nhs.Tag{Text: "Opens later", Colour: "white"}
}

func paperOptions(papers map[string]string) (out []nhs.Option) {
	for id, name := range papers {
		out = append(out, nhs.Option{Value: id, Label: name})
	}
	sortOptions(out)
	return out
}

// yesHint says what a yes does.
func (v showView) yesHint() string {
	switch {
	case v.Request.Fact != "" && v.Row.Instead != "":
		return "Once all who must agree have agreed, the fact it proves counts as verified."
	case v.Request.Fact != "":
		return "The fact it proves counts as verified from now."
	case len(v.Facts) > 0:
		return "Choose below which fact it proves. That fact then counts as verified, once all who must agree have agreed."
	}
	return "It proves no recorded fact. Nothing else changes."
}

// level is that of the headings within.
func (v showView) level() int {
	if v.Back != "" {
		return 4
	}
	return 2
}

// noteID keeps the note of a request apart from others on the same page.
func (v showView) noteID() string {
	if v.Back != "" {
		return "note-of-request"
	}
	return ""
}

func sortOptions(list []nhs.Option) {
	sort.Slice(list, func(i, j int) bool {
		a, b := list[i], list[j]
		return strings.Compare(a.Label+a.Value, b.Label+b.Value) < 0
	})
}

func countries() []nhs.Option { return doctor.Countries() }

func consentParties() (out []nhs.Option) {
	for _, p := range doctor.AskedParties() {
		if p != doctor.PartyCountry {
			out = append(out, nhs.Option{Value: string(p), Label: p.Words()})
		}
	}
	return out
}

func (v freshView) nameLabel() string {
	if v.K.From == "institution" {
		return "The name of the university or school"
	}
	return "The person's name"
}

// said is the answer as it stands, or as it was typed.
func (v ownView) said() string {
	switch {
	case v.Said != "":
		return v.Said
	case v.Sight.Answer == doctor.MayAsk:
		return "yes"
	case v.Sight.Answer == doctor.MustNot:
		return "no"
	}
	return ""
}

func (v ownView) permitVariant() string {
	if v.Why == WhyNoYes {
		return ""
	}
	return "secondary"
}

func (v ownView) ways() []nhs.Option {
	out := []nhs.Option{{Value: "link", Label: "I hand over a link myself", Hint: "You copy it, print it or show it. We write to nobody."}}
	if v.Whom.Email != "" {
		out = append(out, nhs.Option{Value: "send", Label: "You may write to this person", Hint: "One message to " + v.Whom.Email + ". It does not say who you are, where you are or what this is."})
	}
	return out
}

// open is the way that is open now.
func (v ownView) open() Given {
	for _, g := range v.Instead {
		if g.State == AltOpen && v.Row.Instead == "" {
			return g
		}
	}
	return Given{}
}

// rows are the name and the time, and nothing else.
func (v askedView) rows() []nhs.SummaryRow {
	return []nhs.SummaryRow{{Key: "Name", Body: nhs.Name{Text: v.Name}}, {Key: "Time", Value: capital(span(v.Asked.From, v.Asked.To))}}
}

func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
