package portfolio

import (
	"bytes"
	"cmp"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"msw/internal/access"
	"msw/internal/clock"
)

// What can be done with feedback from colleagues.
const (
	ActFeedback     access.Action = "portfolio.feedback"      // open and look after one's own rounds
	ActRate         access.Action = "portfolio.rate"          // answer by a link, without an account
	ActFeedbackRead access.Action = "portfolio.feedback_read" // read it first, as educational supervisor
)

// Settings of feedback. The numbers are the programme's: none is confirmed.
const (
	SettingFeedbackMinimum = "feedback_minimum"
	SettingFeedbackDays    = "feedback_days"
	SettingFeedbackRead    = "feedback_read_days"
	SettingFeedbackGap     = "feedback_gap_months"
)

// RoundState is how far a round of feedback is.
type RoundState string

// The states of a round.
const (
	RoundOpen    RoundState = "open"    // takes answers
	RoundShort   RoundState = "short"   // closed with too few: shows nothing, can go on
	RoundUnused  RoundState = "unused"  // the doctor does not want it: shows nothing, can go on
	RoundReading RoundState = "reading" // the educational supervisor reads it first
	RoundShown   RoundState = "shown"   // shown to the doctor, for ever as it is
)

// Words names a state.
func (s RoundState) Words() string {
	return map[RoundState]string{RoundOpen: "Open", RoundShort: "Too few answers", RoundUnused: "Closed, not used", RoundReading: "Your supervisor reads it first", RoundShown: "Finished"}[s]
}

// Question is one that colleagues answer.
type Question struct {
	ID   string `yaml:"id" json:"id"`
	Text string `yaml:"text" json:"text"`
	Tag  Tag    `yaml:"tag" json:"tag"`
}

// Questions are one version of the list. Read only.
type Questions struct {
	Version  string     `yaml:"version"`
	FromText string     `yaml:"from"`
	Mark     string     `yaml:"mark"`
	List     []Question `yaml:"questions"`
}

// LoadQuestions reads portfolio/feedback.yaml strictly; every tag must be a
// heading of the frameworks.
func LoadQuestions(fsys fs.FS, fw *Frameworks) (*Questions, error) {
	text, err := fs.ReadFile(fsys, "portfolio/feedback.yaml")
	if err != nil {
		return nil, fmt.Errorf("questions of feedback: %w", err)
	}
	q := new(Questions)
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(q); err != nil {
		return nil, fmt.Errorf("questions of feedback: %w", err)
	}
	if from, err := clock.ParseDate(q.FromText); err != nil || from.IsZero() || q.Version == "" || q.Mark != "set-by-us" || len(q.List) == 0 {
		return nil, fmt.Errorf("questions of feedback: version, first day, mark or questions are missing")
	}
	seen := map[string]bool{}
	for _, one := range q.List {
		if _, _, known := fw.Heading(one.Tag); !known || seen[one.ID] || one.ID == "" || one.Text == "" {
			return nil, fmt.Errorf("questions of feedback: %q is given twice, not complete, or has a tag that is not known", one.ID)
		}
		seen[one.ID] = true
	}
	return q, nil
}

// Answer is what one person says to the questions; nothing for one means that
// they did not see it.
type Answer struct {
	Said   map[string]string `json:"said"`             // question to strong, fine or better
	Well   string            `json:"well,omitempty"`   // what they do well
	Better string            `json:"better,omitempty"` // what could be better
}

// The three answers.
const (
	Strong = "strong"
	Fine   = "fine"
	Better = "better"
)

// AnswerWords names an answer.
func AnswerWords(a string) string {
	return map[string]string{Strong: "A strength", Fine: "Fine", Better: "Could be better", "": "No answer"}[a]
}

// clean leaves of an answer what the questions know.
func (q *Questions) clean(a Answer) Answer {
	said := map[string]string{}
	for _, one := range q.List {
		if v := a.Said[one.ID]; v == Strong || v == Fine || v == Better {
			said[one.ID] = v
		}
	}
	return Answer{Said: said, Well: strings.TrimSpace(a.Well), Better: strings.TrimSpace(a.Better)}
}

// Share is about how many gave an answer. It is never a number: numbers let
// somebody who knows all the other answers work out the last one, and "all" or
// "nobody" would tell what every single person said.
type Share string

// The shares. Each can mean several numbers.
const (
	Few  Share = "Few or nobody"
	Some Share = "Some"
	Most Share = "Most or all"
)

// share names a count among n who answered the question, n of at least leastSaw.
func share(count, n int) Share {
	switch {
	case count <= max(2, n/4):
		return Few
	case n-count <= max(1, n/4):
		return Most
	}
	return Some
}

// leastSaw is how many must have answered a question so that it is shown.
const leastSaw = 5

// LeastMinimum is the lowest minimum a round may have: with it, whatever is
// shown, each single person may have said any of the answers, or none. That is
// tried out for every set of answers; with 6 people it does not hold.
const LeastMinimum = 7

// Heard is what was said to one question.
type Heard struct {
	Question Question `json:"question"`
	Enough   bool     `json:"enough"` // enough people could say
	Strong   Share    `json:"strong,omitempty"`
	Better   Share    `json:"better,omitempty"`
}

// Comment is something written, apart from who wrote it and from what else they
// said.
type Comment struct {
	Text string `json:"text"`           // gone where it is held back
	Held string `json:"held,omitempty"` // why the supervisor held it back
}

// The reasons for holding a comment back.
func heldReasons() []Named {
	return []Named{{"names_writer", "It shows who wrote it"}, {"names_patient", "It may tell who a patient is"}, {"not_fit", "It is abusive, or not about the work"}}
}

// Named is a code with its words.
type Named struct{ ID, Title string }

func heldWords(code string) string {
	for _, r := range heldReasons() {
		if r.ID == code {
			return r.Title
		}
	}
	return ""
}

// Result is what a round says, made once when it closes.
type Result struct {
	Version string    `json:"version"` // of the questions
	People  int       `json:"people"`
	Heard   []Heard   `json:"heard"`
	Well    []Comment `json:"well,omitempty"`
	Better  []Comment `json:"better,omitempty"`
}

// Tally makes the result of a round from what was said, and false below the
// minimum. It is pure, and the same for every order of the answers: comments
// come by the alphabet.
func Tally(q *Questions, answers []Answer, minimum int) (Result, bool) {
	if len(answers) < max(minimum, LeastMinimum) {
		return Result{}, false
	}
	r := Result{Version: q.Version, People: len(answers)}
	for _, one := range q.List {
		count := map[string]int{}
		for _, a := range answers {
			count[a.Said[one.ID]]++
		}
		n := count[Strong] + count[Fine] + count[Better]
		h := Heard{Question: one, Enough: n >= leastSaw}
		if h.Enough {
			h.Strong, h.Better = share(count[Strong], n), share(count[Better], n)
		}
		r.Heard = append(r.Heard, h)
	}
	for _, a := range answers {
		if a.Well != "" {
			r.Well = append(r.Well, Comment{Text: a.Well})
		}
		if a.Better != "" {
			r.Better = append(r.Better, Comment{Text: a.Better})
		}
	}
	byText := func(a, b Comment) int {
		return cmp.Or(strings.Compare(strings.ToLower(a.Text), strings.ToLower(b.Text)), strings.Compare(a.Text, b.Text))
	}
	slices.SortFunc(r.Well, byText)
	slices.SortFunc(r.Better, byText)
	return r, true
}

// held counts the comments that were held back.
func (r Result) held() (n int) {
	for _, c := range slices.Concat(r.Well, r.Better) {
		if c.Held != "" {
			n++
		}
	}
	return n
}

// Feedback is one round as it is kept, and as the doctor carries it away.
type Feedback struct {
	ID       string     `json:"id"`
	Version  int        `json:"-"`
	Doctor   string     `json:"-"`
	State    RoundState `json:"state"`
	OpenedOn clock.Date `json:"opened_on"`
	ClosesOn clock.Date `json:"closes_on"`
	Minimum  int        `json:"minimum"`
	ReadBy   clock.Date `json:"-"`
	ShownOn  clock.Date `json:"shown_on"`
	Tags     []Tag      `json:"tags,omitempty"`
	Self     *Answer    `json:"self,omitempty"`   // the doctor's own
	Result   *Result    `json:"result,omitempty"` // nil until it is shown

	RemindedOn clock.Date `json:"-"`
	Device     string     `json:"-"` // keyed hash
	OwnTries   int        `json:"-"`
}

// Takes tells whether answers are taken on a day.
func (f Feedback) Takes(today clock.Date) bool { return f.State == RoundOpen && today <= f.ClosesOn }

// Extends tells whether the round can go on to a later day.
func (f Feedback) Extends() bool {
	return f.State == RoundOpen || f.State == RoundShort || f.State == RoundUnused
}

// forDoctor is the round without what waits to be read first.
func (f Feedback) forDoctor() Feedback {
	if f.State != RoundShown {
		f.Result = nil
	}
	return f
}
