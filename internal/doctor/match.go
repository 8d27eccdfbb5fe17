package doctor

import (
	"slices"
	"strings"
)

// Candidate is a record that may be the same person, with every reason why.
// Nothing is ever merged because of it.
type Candidate struct {
	ID, Ref string
	Name    Name
	Reasons []string
	Verdict string  // what staff decided earlier: "", Same or Different
	Details Details // for putting side by side, as the actor may read them
	weight  int

	Likely bool     // enough speaks for it to be shown first
	Kept   string   // of a link: the id of the record that goes on
	Fields []string // of a link: what the record that goes on takes from the other

	Papers [len(typedKinds)][2]string // of each kind of typed number: what is kept of either record, in words
}

// Verdicts about two records.
const (
	Same      = "same"
	Different = "different"
)

// compare gives the reasons why two people may be one; none means they are
// not put side by side. One shared name part alone is no reason, nor is a
// birthday on 1 January.
func compare(a, b Details) (reasons []string, weight int) {
	return compareForms(a, b, forms(a), forms(b), a.Papers.shared(b.Papers))
}

// compareForms is compare with both names folded and the kinds of number they
// share known already.
func compareForms(a, b Details, mine, theirs [][]part, shared []string) (reasons []string, weight int) {
	add := func(w int, why string) {
		weight += w
		reasons = append(reasons, why)
	}
	if a.Email != "" && emailKey(a.Email) == emailKey(b.Email) {
		add(4, "The same email address")
	}
	if a.Mobile != "" && mobileKey(a.Mobile) == mobileKey(b.Mobile) {
		add(4, "The same mobile number")
	}
	for _, kind := range shared {
		add(paperReason(kind))
	}
	strong := len(reasons) > 0
	birth, close := telling(a.BirthDate) && a.BirthDate == b.BirthDate, near(a.BirthDate, b.BirthDate)
	common, all := commonParts(mine, theirs)
	switch {
	case common == 0 && !strong:
		return nil, 0
	case all:
		add(3, sameWords(a, b))
	case common >= 2:
		add(2, "Two or more parts of the name agree, perhaps spelt differently")
	case common == 1 && birth:
		add(1, "One part of the name agrees")
	case !strong:
		return nil, 0
	}
	switch {
	case birth && common == 1 && !all:
		add(1, "The same date of birth")
	case birth:
		add(3, "The same date of birth")
	case close:
		add(2, "The dates of birth are nearly the same, as when one was written wrongly")
	}
	if !birth && a.BirthDate == b.BirthDate && !a.BirthDate.IsZero() {
		reasons = append(reasons, "Both dates of birth are 1 January, which proves nothing")
	}
	if telling(a.BirthDate) && telling(b.BirthDate) && !birth && !close {
		weight -= 2
		reasons = append(reasons, "But the dates of birth differ")
	}
	return reasons, weight
}

func sameWords(a, b Details) string {
	if strings.EqualFold(a.AsWritten(), b.AsWritten()) {
		return "The same name"
	}
	return "The same name in another spelling, script or order"
}

// commonParts counts the parts of a's name found in b's, and tells whether the
// whole shorter name is found and has at least two parts, or all of both.
func commonParts(a, b [][]part) (common int, all bool) {
	for _, x := range a {
		for _, y := range b {
			n := matched(x, y)
			common = max(common, n)
			short := min(len(x), len(y))
			if n == short && (short >= 2 || len(x) == len(y)) || len(x) > 0 && joined(x) == joined(y) {
				common, all = max(common, 1), true
			}
		}
	}
	return common, all
}

// forms are the folded spellings of one person's name.
func forms(d Details) [][]part {
	var out [][]part
	for _, s := range []string{d.AsWritten(), d.Preferred, d.Native} {
		if p := fold(s); len(p) > 0 {
			out = append(out, p)
		}
	}
	return out
}

func matched(a, b []part) (n int) {
	used := make([]bool, len(b))
	for _, x := range a {
		for j, y := range b {
			if !used[j] && overlap(x.skeletons, y.skeletons) {
				used[j] = true
				n++
				break
			}
		}
	}
	return n
}

func overlap(a, b []string) bool {
	return slices.ContainsFunc(a, func(s string) bool { return slices.Contains(b, s) })
}

// closeness ranks a found record for what was typed: exact spellings first.
func closeness(typed []part, d Details) (score int) {
	for _, want := range typed {
		best := 0
		for _, form := range forms(d) {
			for _, have := range form {
				best = max(best, likeness(want, have))
			}
		}
		if best == 0 {
			return 0
		}
		score += best
	}
	return score
}

func likeness(want, have part) int {
	switch {
	case want.latin == have.latin:
		return 5
	case strings.HasPrefix(have.latin, want.latin):
		return 4
	case overlap(want.skeletons, have.skeletons):
		return 3
	}
	for _, w := range want.beginnings() {
		for _, h := range have.skeletons {
			if len(w) >= 2 && strings.HasPrefix(h, w) {
				return 1
			}
		}
	}
	return 0
}
