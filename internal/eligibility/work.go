package eligibility

import (
	"msw/internal/clock"
	"msw/internal/eligibility/assessment"
)

// Work is what is open on one application: its row in the queue. Its version
// moves with everything anybody does to the assessment.
type Work struct {
	Doctor, Ref string
	Number      int // how often the application was sent
	Assessing   bool
	Sent        clock.Date
	Looked      bool       // somebody has begun
	Early       clock.Date // an early check waits since
	Again       clock.Date // to be looked at again since
	Step        assessment.Step
	Turn        string
	Since       clock.Date
	Lane        int
	Assessor    string // account
	Version     int64  // 0 = not stored yet
	SameAs      string // the doctor whose record goes on as the same person
}

// Change is one line of what was done to an assessment.
type Change struct {
	Version int64
	By      string
	At      clock.Instant
	What    string
	Step    assessment.Step
	Text    string
}

// The kinds of change.
const (
	DidSection  = "section"
	DidVoice    = "voice"
	DidNote     = "note"
	DidAssign   = "assigned"
	DidAsk      = "asked"
	DidAnswer   = "answered"
	DidJudge    = "judged_answer"
	DidDecide   = "decided"
	DidAppeal   = "appealed"
	DidReview   = "reviewed"
	DidEarly    = "early"
	DidMove     = "moved" // the case moved on its own road
	DidReturn   = "returned"
	DidProof    = "proof"
	DidWithdraw = "withdrawn"
)

// Words says what was done, as a line of the assessment's history.
func (c Change) Words() string {
	words := map[string]string{
		DidSection: "Said what was found of a section", DidVoice: "Judged evidence", DidNote: "Wrote a note", DidAssign: "Gave the application to somebody",
		DidAsk: "Asked for further information", DidAnswer: "The doctor answered", DidJudge: "Judged an answer", DidDecide: "Decided",
		DidAppeal: "The doctor asked for a review", DidReview: "Decided a review", DidEarly: "Early check", DidMove: "The case moved",
		DidReturn: "The doctor came back", DidProof: "Said what we know of the proof", DidWithdraw: "The doctor withdrew a review",
	}
	if w := words[c.What]; w != "" {
		return w
	}
	return c.What
}

// Voice is what one person said of a judgement, with why.
type Voice struct {
	assessment.Voice
	At  clock.Instant
	Why string
}

// Judgement is a proof state that rests on what people think of the evidence.
type Judgement struct {
	ID, Doctor, Fact string
	To               string // proof state
	State            string // open, holds, fails
	Second, Third    clock.Date
	Voices           []Voice
}

// The states of a judgement.
const (
	JudgementOpen  = "open"
	JudgementHolds = "holds"
	JudgementFails = "fails"
)

func (j Judgement) spoken() []assessment.Voice {
	out := make([]assessment.Voice, len(j.Voices))
	for i, v := range j.Voices {
		out[i] = v.Voice
	}
	return out
}

// Round is one time the doctor was asked for further information.
type Round struct {
	Doctor        string
	Number, Round int
	By            string
	Asked, Due    clock.Date
	Answered      clock.Date
	Closed        clock.Date
	Reminded      string // rungs taken before its request kept them
	Request       string // the request that has its clock and reminders
	Items         []Item
}

// Open tells whether answers may still come or be judged.
func (r Round) Open() bool { return r.Closed.IsZero() }

// Item is one question, answered and judged alone.
type Item struct {
	ID, Doctor string
	Number     int
	Round      int
	Kind       assessment.ItemKind
	State      assessment.ItemState
	Version    int64
	sealedItem
}

type sealedItem struct {
	Code     string     `json:"code,omitempty"` // the coded reason it would cure
	Question string     `json:"question"`
	Answer   string     `json:"answer,omitempty"`
	Day      clock.Date `json:"day,omitzero"`
	Document string     `json:"document,omitempty"` // id of a document
	Verdict  string     `json:"verdict,omitempty"`  // what the assessor said of it
}

// Review is a doctor's wish that somebody else looks at a decision.
type Review struct {
	ID, Doctor, Decision string
	Asked                clock.Date
	Late                 bool
	State                string // open, same, changed
	DecidedBy            string
	DecidedOn            clock.Date
	sealedReview
}

type sealedReview struct {
	Text string `json:"text"`
	Why  string `json:"why,omitempty"` // why so late
}

// The states of a review.
const (
	ReviewOpen    = "open"
	ReviewSame    = "same"
	ReviewChanged = "changed"
)

// Early is an early look at what a doctor has told so far.
type Early struct {
	ID, Doctor      string
	Asked, Answered clock.Date
	By              string
	sealedEarly
}

type sealedEarly struct {
	Clear bool     `json:"clear,omitempty"` // nothing seen that stands in the way
	Codes []string `json:"codes,omitempty"`
	Words string   `json:"words,omitempty"`
}

// Paper is a piece of evidence another station keeps: a document, or a request
// to somebody else. Its URL opens it there, by that station's own permission.
type Paper struct {
	Section assessment.Section
	ID      string
	Title   string
	State   string
	URL     string
	Beside  bool // it can be shown beside the conditions
}
