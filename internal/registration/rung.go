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
	steps           []string          // how long it usually takes
	fee             string
	todo            bool   // nothing recorded means: still to do
	dated           bool   // the day of its fact is worth saying
	serves          string // what its last day is measured against: plab1, plab2 or approval
}

// rungDefs is the ladder from below. Requirements of the rules that are not here
// are parts of one that is.
func rungDefs() []rungDef {
	return []rungDef{
		{id: "GMC-ACC", part: PartStart, todo: true},
		{id: "PMQ-OK", dated: true, part: PartStart, about: "qualification"},
		{id: "PMQ-PSV", dated: true, part: PartStart, steps: []string{"verification"}, fee: "VERIFICATION", todo: true, serves: "approval"},
		{id: "ENG-PLAB", dated: true, part: PartEnglish, steps: []string{"english", "english_verified"}, fee: "ENGLISH", ways: map[string]string{"IELTS": "ENG-IELTS", "OET": "ENG-OET", "PMQ": "ENG-PMQ"}, serves: "plab1"},
		{id: "ENG", dated: true, part: PartEnglish, about: "english", steps: []string{"english", "english_verified"}, fee: "ENGLISH", serves: "approval",
			ways: map[string]string{"IELTS": "ENG-IELTS", "OET": "ENG-OET", "PMQ": "ENG-PMQ", "REG": "ENG-REG", "EMP": "ENG-EMP", "SELR": "ENG-SELR", "EXT": "ENG-EXT"}},
		{id: "PLAB1", dated: true, part: PartKnowledge, steps: []string{"plab1_sitting", "plab1_result"}, fee: "PLAB1", todo: true},
		{id: "PLAB1-VAL", dated: true, part: PartKnowledge, serves: "plab2"},
		{id: "PLAB2", dated: true, part: PartKnowledge, steps: []string{"plab2_sitting", "plab2_result"}, fee: "PLAB2", todo: true},
		{id: "PLAB2-VAL", dated: true, part: PartKnowledge, serves: "approval"},
		{id: "ROUTE", part: PartKnowledge, about: "route",
			ways: map[string]string{"PLAB": "PLAB", "PGQ": "PGQ", "SPON": "SPON", "SPEC": "SPEC", "REQ": "REQ", "OREX": "OREX"}},
		{id: "INT", part: PartPractice, about: "internship", ways: map[string]string{"P1": "INT-P1", "P2": "INT-P2"}},
		{id: "CGS", dated: true, part: PartPapers, steps: []string{"papers"}, fee: "GOOD_STANDING", todo: true, serves: "approval"},
		{id: "ACT-5Y", part: PartPapers, about: "activity", todo: true},
		{id: "EMPREF", part: PartPapers, steps: []string{"papers"}, todo: true},
		{id: "APP-OPEN", dated: true, part: PartApply, steps: []string{"decision"}, todo: true},
		{id: "DECL", part: PartApply, todo: true},
		{id: "FEE", part: PartApply, fee: "FULL", todo: true},
		{id: "IDC", part: PartApply, steps: []string{"identity"}, todo: true},
		{id: "REG-FULL", part: PartRegister, steps: []string{"decision"}},
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
