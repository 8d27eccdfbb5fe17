// Package fact is what is claimed, seen or verified about a doctor: exams,
// English, qualifications, experience, right to work and the like, each dated,
// sourced and superseded, never overwritten. Rules read these records.
//
// Names and contact are doctor's, preferences are allocation's, and no
// decision is made here. The kinds and their fields come from the rule files.
package fact

import (
	"slices"

	"msw/internal/access"
	"msw/internal/clock"
	"msw/internal/rulebook"
)

// What can be done with facts; internal/app grants them to roles.
const (
	ActRead   access.Action = "fact.read"   // see the facts of a case, as far as the role may
	ActRecord access.Action = "fact.record" // record what is claimed
	ActVerify access.Action = "fact.verify" // say that a fact was seen, verified or refused
	ActEnter  access.Action = "fact.enter"  // the staff pages on which facts are added and changed
	ActApply  access.Action = "fact.apply"  // the doctor's own pages
	ActSeal   access.Action = "fact.seal"   // seal a story typed by mistake
)

// Actions lists every action of this package.
func Actions() []access.Action {
	return []access.Action{ActRead, ActRecord, ActVerify, ActEnter, ActApply, ActSeal}
}

// Kinds of fact this package's own pages ask for; rules/facts.yaml has all.
const (
	Qualification = "medical_qualification"
	Experience    = "experience"
	EnglishTest   = "english_test"
	English       = "english_evidence"
	Exam          = "exam"
	RightToWork   = "right_to_work"
	Registration  = "gmc_registration"
	Placement     = "programme_placement"
	Residence     = "residence"
	Identity      = "identity"
	Practice      = "practice_status"
	Step          = "registration_step"
)

// Words names a kind on a page.
func Words(kind string) string {
	switch kind {
	case Qualification:
		return "Medical qualification"
	case Experience:
		return "Experience as a doctor"
	case EnglishTest:
		return "English test"
	case English:
		return "Other evidence of English"
	case Exam:
		return "Exam"
	case RightToWork:
		return "Right to work"
	case Registration:
		return "GMC registration"
	case Placement:
		return "Earlier programme placement"
	case Residence:
		return "Living in the UK"
	case Identity:
		return "Proof of identity"
	case Practice:
		return "Last practice as a doctor"
	case Step:
		return "Step on the way to registration"
	case GoodStanding:
		return "Certificate of good standing"
	case Activity:
		return "What was done in the last 5 years"
	case Route:
		return "Another way than PLAB"
	case Decided:
		return "What the GMC decided"
	case Contact:
		return "Whom to ask, and whom not"
	}
	return kind
}

// StateWords names a proof state on a page.
func StateWords(s rulebook.State) string {
	switch s {
	case rulebook.Claimed:
		return "Said by the doctor"
	case rulebook.Seen:
		return "Evidence seen"
	case rulebook.Verified:
		return "Verified"
	case rulebook.Refused:
		return "Not accepted"
	}
	return ""
}

// NewFact is one thing to record. Fields are as rules/facts.yaml says for the
// kind; ints of any size are taken. State claimed when not stated.
type NewFact struct {
	Doctor    string
	Kind      string
	On, Until clock.Date // Until is the last day it holds, none for no end
	State     rulebook.State
	Source    string // opaque text such as "referral:ID"
	Fields    map[string]any
	Note      string // what staff need to understand it; never why someone fled
}

// Record is one stored fact.
type Record struct {
	ID           string         `json:"id"`
	Doctor       string         `json:"-"`
	Kind         string         `json:"kind"`
	On           clock.Date     `json:"on"`
	Until        clock.Date     `json:"until"`
	RecordedAt   clock.Instant  `json:"recorded_at"`
	RecordedBy   string         `json:"-"`
	State        rulebook.State `json:"state"`
	CheckedBy    string         `json:"-"`
	CheckedAt    clock.Instant  `json:"checked_at"`
	Source       string         `json:"source,omitempty"`
	Fields       map[string]any `json:"fields"`
	Note         string         `json:"note,omitempty"`
	NoteSealed   bool           `json:"note_sealed,omitempty"` // only the doctor reads Note
	SupersededBy string         `json:"superseded_by,omitempty"`
	Version      int            `json:"version"`
}

// Withdrawn stands in SupersededBy of a record taken back without a newer one.
const Withdrawn = "withdrawn"

// Live tells whether nothing newer replaced the record.
func (r Record) Live() bool { return r.SupersededBy == "" }

// Rule gives the record as rules read it.
func (r Record) Rule() rulebook.Fact {
	return rulebook.Fact{Kind: r.Kind, Date: r.On, Until: r.Until, State: r.State, Fields: r.Fields}
}

// Rules gives records as rules read them, in the same order, so that a
// result's indexes name the records.
func Rules(records []Record) []rulebook.Fact {
	facts := make([]rulebook.Fact, len(records))
	for i, r := range records {
		facts[i] = r.Rule()
	}
	return facts
}

// Of keeps the records of some kinds.
func Of(records []Record, kinds ...string) []Record {
	var out []Record
	for _, r := range records {
		if slices.Contains(kinds, r.Kind) {
			out = append(out, r)
		}
	}
	return out
}

// Text, Int, Bool and Day read a field, with the zero value when not known.
func (r Record) Text(field string) string { s, _ := r.Fields[field].(string); return s }

// Int reads a whole number.
func (r Record) Int(field string) int { n, _ := r.Fields[field].(int64); return int(n) }

// Bool reads a yes or no; known is false when the field is absent.
func (r Record) Bool(field string) (value, known bool) { value, known = r.Fields[field].(bool); return }

// Day reads a date.
func (r Record) Day(field string) clock.Date { d, _ := r.Fields[field].(clock.Date); return d }

// Months adds up the full-time months of experience, medicine and surgery
// apart; after is what was done after the medical qualification.
type Months struct{ Medicine, Surgery, Other, Total, After int }

// Count adds up live records of experience that were not refused.
func Count(records []Record) (m Months) {
	for _, r := range Of(records, Experience) {
		if !r.Live() || r.State == rulebook.Refused {
			continue
		}
		n := r.Int("months_full_time")
		switch r.Text("specialty_group") {
		case "medicine":
			m.Medicine += n
		case "surgery":
			m.Surgery += n
		default:
			m.Other += n
		}
		m.Total += n
		if after, _ := r.Bool("postgraduate"); after {
			m.After += n
		}
	}
	return m
}

// FullTime counts part-time work down to full-time months: months worked
// between two dates at hours a week, 37½ being full time, in whole months.
func FullTime(from, to clock.Date, hours int) int {
	if from.IsZero() || to < from || hours <= 0 {
		return 0
	}
	months := 0
	for clock.AddMonths(from, months+1) <= to.AddDays(1) {
		months++
	}
	return months * min(hours*2, fullTimeHalfHours) / fullTimeHalfHours
}

// fullTimeHalfHours is a full-time week in half hours: set by this programme
// (37.5 hours, the Agenda for Change week; recalled).
const fullTimeHalfHours = 75
