package allocation

import (
	"fmt"
	"slices"
	"strconv"
)

// Groups is what is recorded of a doctor for comparing groups. An empty text
// means that it is not recorded, which the page says.
type Groups struct{ Nationality, Sex, Age, Region, Route string }

// Fate is what a round did for one doctor, with the groups they belong to.
type Fate struct {
	Groups
	Setting string // of the post they got
	Placed  bool
	Choice  int // which choice, 1 is first
	Miles   int // -1 = not known
}

// Fair is how a round treated one group of doctors. Hidden says that the numbers
// are too small to be shown; they are then zero here.
type Fair struct {
	Group                        string
	Doctors, Placed, First, Top3 int
	MeanRank, MeanMiles          string
	Hidden                       bool
	Few                          [3]bool // shares not shown: placed, first choice, first three
	FewMeans                     bool    // means over so few placed that they would tell of one
}

// Breakdown is one way of grouping.
type Breakdown struct {
	Title    string
	Recorded bool // false: nothing is recorded that could be grouped by
	Rows     []Fair
}

// Fairness is a round's page.
type Fairness struct {
	Total      Fair
	Posts      int // in the round
	Below      int // fewer people than this are not shown
	Breakdowns []Breakdown
}

// FairnessOf counts what a round did by group. A group of 1 to below-1 doctors,
// and any figure that together with its total would point to so few, is not
// shown, nor what it could be worked out from.
func FairnessOf(fates []Fate, below int) Fairness {
	f := Fairness{Total: fair("All doctors", fates, below)}
	f.Breakdowns = []Breakdown{
		breakdown("Nationality group", fates, below, func(x Fate) string { return x.Nationality }),
		breakdown("Sex", fates, below, func(x Fate) string { return x.Sex }),
		breakdown("Age", fates, below, func(x Fate) string { return x.Age }),
		breakdown("Region where the doctor lives", fates, below, func(x Fate) string { return regionName(x.Region) }),
		breakdown("How the doctor was found", fates, below, func(x Fate) string { return x.Route }),
		settingBreakdown(fates, below),
	}
	return f
}

// fair counts one group. Counts of 1 to below-1 within it are hidden with the
// whole row, as is a difference that small.
func fair(group string, fates []Fate, below int) Fair {
	f := Fair{Group: group, Doctors: len(fates)}
	ranks, miles, known := 0, 0, 0
	for _, x := range fates {
		if !x.Placed {
			continue
		}
		f.Placed++
		ranks += x.Choice
		if x.Choice == 1 {
			f.First++
		}
		if x.Choice <= 3 {
			f.Top3++
		}
		if x.Miles >= 0 {
			miles += x.Miles
			known++
		}
	}
	f.MeanRank, f.MeanMiles = mean(ranks, f.Placed), mean(miles, known)
	if small(f.Doctors, below) {
		return Fair{Group: group, Hidden: true}
	}
	for i, part := range f.parts() {
		f.Few[i] = small(part, below) || small(f.Doctors-part, below)
	}
	f.FewMeans = small(f.Placed, below)
	return f
}

// parts are the counts whose shares are shown.
func (f Fair) parts() [3]int { return [3]int{f.Placed, f.First, f.Top3} }

// Shares writes the parts in per cent, or that they are too few.
func (f Fair) Shares() (out [3]string) {
	for i, part := range f.parts() {
		if out[i] = "Too few to show"; !f.Few[i] {
			out[i] = ShareOf(part, f.Doctors, 0)
		}
	}
	return out
}

// Means writes the mean choice and miles, or that they are too few.
func (f Fair) Means() (rank, miles string) {
	if f.FewMeans {
		return "Too few to show", "Too few to show"
	}
	return f.MeanRank, f.MeanMiles
}

func small(n, below int) bool { return n > 0 && n < below }

// mean is a mean with one decimal, rounded half up, in whole-number arithmetic.
func mean(sum, n int) string {
	if n == 0 {
		return "None"
	}
	tenths := (sum*20 + n) / (2 * n)
	return fmt.Sprintf("%d.%d", tenths/10, tenths%10)
}

// ShareOf writes a part of a whole in per cent; a part or rest of few people is
// not shown.
func ShareOf(part, whole, below int) string {
	if whole == 0 {
		return "None"
	}
	if small(part, below) || small(whole-part, below) {
		return "Too few to show"
	}
	return strconv.Itoa((part*200+whole)/(2*whole)) + "%"
}

func breakdown(title string, fates []Fate, below int, of func(Fate) string) Breakdown {
	by := map[string][]Fate{}
	for _, x := range fates {
		by[of(x)] = append(by[of(x)], x)
	}
	b := Breakdown{Title: title}
	var names []string
	for name := range by {
		names = append(names, name)
		b.Recorded = b.Recorded || name != ""
	}
	if !b.Recorded {
		return b
	}
	slices.Sort(names)
	for _, name := range names {
		words := name
		if words == "" {
			words = "Not recorded"
		}
		b.Rows = append(b.Rows, fair(words, by[name], below))
	}
	b.guard(below, func(i int) int { return len(by[names[i]]) })
	return b
}

// guard hides what could be worked out from the totals: of the groups, as many
// more as it takes until those hidden are several and together not few; of each
// share, one more when just one is hidden.
func (b Breakdown) guard(below int, size func(int) int) {
	for {
		hidden, people, smallest := 0, 0, -1
		for i, r := range b.Rows {
			switch {
			case r.Hidden:
				hidden, people = hidden+1, people+size(i)
			case smallest < 0 || size(i) < size(smallest):
				smallest = i
			}
		}
		if hidden == 0 || hidden > 1 && people >= below || smallest < 0 {
			break
		}
		b.Rows[smallest] = Fair{Group: b.Rows[smallest].Group, Hidden: true}
	}
	for share := range 3 {
		hidden, smallest := 0, -1
		for i, r := range b.Rows {
			switch {
			case r.Hidden || r.Few[share]:
				hidden++
			case smallest < 0 || size(i) < size(smallest):
				smallest = i
			}
		}
		if hidden == 1 && smallest >= 0 {
			b.Rows[smallest].Few[share] = true
		}
	}
	means, other := 0, -1
	for i, r := range b.Rows {
		switch {
		case r.Hidden || r.FewMeans:
			means++
		case other < 0 || size(i) < size(other):
			other = i
		}
	}
	if means == 1 && other >= 0 {
		b.Rows[other].FewMeans = true
	}
}

// settingBreakdown groups those who were placed by where: a doctor without a
// post has no setting.
func settingBreakdown(fates []Fate, below int) Breakdown {
	var placed []Fate
	for _, x := range fates {
		if x.Placed {
			placed = append(placed, x)
		}
	}
	return breakdown("Kind of place the doctor got", placed, below, func(x Fate) string { return SettingWords(x.Setting) })
}
