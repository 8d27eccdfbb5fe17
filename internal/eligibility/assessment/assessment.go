// Package assessment is what an assessor's work on one application consists of,
// as pure values: its sections, the coded reasons, judgements by two or three
// people, rounds of further information, reviews, the letter, and what a board
// counts. The same input gives the same answer, and nothing is stored here.
//
// It decides nothing about the rules themselves (rulebook does) and reaches no
// database: the eligibility station keeps what this package says.
package assessment

import "slices"

// Section is one part of an assessment.
type Section string

// The sections, in the order in which they are assessed.
const (
	Identity      Section = "identity"
	Qualification Section = "qualification"
	Experience    Section = "experience"
	English       Section = "english"
	RightToWork   Section = "right_to_work"
	Exclusions    Section = "exclusions"
)

// Sections lists them in their order.
func Sections() []Section {
	return []Section{Identity, Qualification, Experience, English, RightToWork, Exclusions}
}

// Known tells whether it is one of Sections.
func (s Section) Known() bool { return slices.Contains(Sections(), s) }

// Words names the section on a page.
func (s Section) Words() string {
	switch s {
	case Identity:
		return "Identity"
	case Qualification:
		return "Medical qualification"
	case Experience:
		return "Experience as a doctor"
	case English:
		return "English"
	case RightToWork:
		return "Right to work"
	case Exclusions:
		return "What would exclude"
	}
	return string(s)
}

var sectionOfFact = map[string]Section{
	"identity":              Identity,
	"medical_qualification": Qualification,
	"experience":            Experience, "practice_status": Experience,
	"english_test": English, "english_evidence": English,
	"right_to_work": RightToWork, "residence": RightToWork,
	"gmc_registration": Exclusions, "exam": Exclusions, "programme_placement": Exclusions,
}

// Of gives the section of a kind of fact; what no section is named for is among
// the exclusions, so that nothing is left off the page.
func Of(kind string) Section {
	if s, ok := sectionOfFact[kind]; ok {
		return s
	}
	return Exclusions
}

// Place gives the section of a requirement: an exclusion is in Exclusions but
// for what is about the right to work, else the first fact it needs says.
func Place(exclusion bool, needs []string) Section {
	if len(needs) == 0 {
		return Exclusions
	}
	if s := Of(needs[0]); !exclusion || s == RightToWork {
		return s
	}
	return Exclusions
}

// Finding is what an assessor found of one section: it holds, or not, with the
// coded reasons.
type Finding struct {
	Section Section  `json:"section"`
	Holds   bool     `json:"holds"`
	Codes   []string `json:"codes,omitempty"`
	Note    string   `json:"note,omitempty"` // for staff
}
