package registration

import (
	"slices"

	"msw/internal/fact"
	"msw/internal/rulebook"
)

// The parts of the road, in the order a page shows them.
const (
	PartStart     = "Before you begin"
	PartEnglish   = "English"
	PartKnowledge = "Knowledge and skill"
	PartPractice  = "Internship and practice"
	PartPapers    = "Papers"
	PartApply     = "Application"
	PartRegister  = "The register"
	PartHelp      = "Help with fees"
)

// rungDef places a requirement of the rules on the ladder.
type rungDef struct {
	id, part, title string
	ways            map[string]string // alternative → the requirement with its own words
	about           string            // what a decision of the GMC on it is called
	step            string            // how long it usually takes
	fee             string
	todo            bool   // nothing recorded means: still to do
	serves          string // what its last day is measured against: plab1, plab2 or approval
}

// rungDefs is the ladder from below. Requirements of the rules that are not here
// are parts of one that is.
func rungDefs() []rungDef {
	return []rungDef{
		{id: "GMC-ACC", part: PartStart, todo: true},
		{id: "PMQ-OK", part: PartStart, about: "qualification"},
		{id: "PMQ-PSV", part: PartStart, step: "verification", fee: "VERIFICATION", todo: true, serves: "approval"},
		{id: "ENG-PLAB", part: PartEnglish, step: "english", fee: "ENGLISH", ways: map[string]string{"IELTS": "ENG-IELTS", "OET": "ENG-OET", "PMQ": "ENG-PMQ"}, serves: "plab1"},
		{id: "ENG", part: PartEnglish, about: "english", step: "english", fee: "ENGLISH", serves: "approval",
			ways: map[string]string{"IELTS": "ENG-IELTS", "OET": "ENG-OET", "PMQ": "ENG-PMQ", "REG": "ENG-REG", "EMP": "ENG-EMP", "SELR": "ENG-SELR", "EXT": "ENG-EXT"}},
		{id: "PLAB1", part: PartKnowledge, step: "plab1_sitting", fee: "PLAB1", todo: true},
		{id: "PLAB1-VAL", part: PartKnowledge, serves: "plab2"},
		{id: "PLAB2", part: PartKnowledge, step: "plab2_sitting", fee: "PLAB2", todo: true},
		{id: "PLAB2-VAL", part: PartKnowledge, serves: "approval"},
		{id: "ROUTE", part: PartKnowledge, about: "route",
			ways: map[string]string{"PLAB": "PLAB", "PGQ": "PGQ", "SPON": "SPON", "SPEC": "SPEC", "REQ": "REQ", "OREX": "OREX"}},
		{id: "INT", part: PartPractice, about: "internship", ways: map[string]string{"P1": "INT-P1", "P2": "INT-P2"}},
		{id: "CGS", part: PartPapers, step: "papers", fee: "GOOD_STANDING", todo: true, serves: "approval"},
		{id: "ACT-5Y", part: PartPapers, about: "activity", todo: true},
		{id: "EMPREF", part: PartPapers, step: "papers", todo: true},
		{id: "APP-OPEN", part: PartApply, step: "decision", todo: true},
		{id: "DECL", part: PartApply, todo: true},
		{id: "FEE", part: PartApply, fee: "FULL", todo: true},
		{id: "IDC", part: PartApply, step: "identity", todo: true},
		{id: "REG-FULL", part: PartRegister, step: "decision"},
		{id: "REG-PROV", part: PartRegister},
		{id: "APS", part: PartRegister},
		{id: "REF-FEE", part: PartHelp},
	}
}

// rightOf is what a reader must be allowed to know to learn anything that
// follows from facts of a kind.
func rightOf(kind string) Right {
	switch kind {
	case fact.Exam, fact.EnglishTest:
		return RightFails | RightPasses
	case fact.English:
		return RightFails
	case fact.RightToWork:
		return RightImmigration | RightPermission
	case fact.Qualification, fact.Experience:
		return RightExperience
	case fact.Registration:
		return RightRegister
	case "contact_permission":
		return RightContacts
	}
	return RightHistory
}

// needsOf joins the rights of every kind of fact that a requirement reads, also
// through others, so that nobody learns from it what one fact may not tell them.
func needsOf(set *rulebook.Set) map[string]Right {
	list := set.Requirements()
	out := map[string]Right{}
	for _, q := range list {
		for _, kind := range set.Reads(q.ID) {
			out[q.ID] |= rightOf(kind)
		}
	}
	if r, ok := out["REF-FEE"]; ok {
		out["REF-FEE"] = r | RightConcession
	}
	return out
}

// weakest gives the weakest mark among sources.
func weakest(sources []rulebook.Source) rulebook.Mark {
	order := []rulebook.Mark{rulebook.Confirmed, rulebook.SetByUs, rulebook.Recalled}
	mark := rulebook.Confirmed
	for _, s := range sources {
		if slices.Index(order, s.Mark) > slices.Index(order, mark) {
			mark = s.Mark
		}
	}
	return mark
}
