package support

import (
	"cmp"
	"slices"
	"sort"
	"strings"
	"unicode/utf8"

	"msw/internal/clock"
	"msw/internal/problem"
)

// Ways are how people can talk.
func Ways() []Code {
	return []Code{{"phone", "By phone"}, {"video", "By video"}, {"person", "Face to face"}, {"messages", "By written messages"}}
}

// Offer is a doctor's offer to be a mentor: somebody further along the road
// who listens, answers and knows the way.
type Offer struct {
	Doctor    string        `json:"-"`
	Places    int           `json:"places"` // most people at once
	Taken     int           `json:"taken"`
	Offered   bool          `json:"offered"` // false: takes nobody new
	Languages []string      `json:"languages"`
	Area      string        `json:"area"` // of medicine, in their own words
	Ways      []string      `json:"ways"`
	Contact   string        `json:"contact"` // what the doctor they help may use
	ChangedAt clock.Instant `json:"-"`
	Version   int           `json:"-"`
}

func (o Offer) check() error {
	var p problem.Check
	p.That(o.Places >= 1 && o.Places <= 5, "places", "Enter a number from 1 to 5")
	p.That(len(o.Languages) > 0, "languages", "Enter at least one language")
	p.That(len(o.Ways) > 0, "ways", "Choose at least one way to talk")
	for _, w := range o.Ways {
		p.That(known(Ways(), w), "ways", "Choose from the list")
	}
	p.That(o.Contact != "", "contact", "Enter how the doctor you help can reach you")
	p.That(utf8.RuneCountInString(o.Contact) <= 200, "contact", "Write 200 characters or fewer")
	p.That(utf8.RuneCountInString(o.Area) <= 100, "area", "Write 100 characters or fewer")
	return p.Err()
}

// PairState is how far a doctor and a mentor have come.
type PairState string

// The states.
const (
	Wanted   PairState = "wanted"   // the doctor asked, nobody is found yet
	Proposed PairState = "proposed" // both are asked whether they want to
	Together PairState = "together"
	Ended    PairState = "ended"
)

// Wish is what a doctor looks for in a mentor.
type Wish struct {
	Languages []string `json:"languages"`
	Area      string   `json:"area"`
	Ways      []string `json:"ways"`
	Contact   string   `json:"contact"` // what the mentor may use
}

func (w Wish) check() error {
	return Offer{Places: 1, Languages: w.Languages, Area: w.Area, Ways: w.Ways, Contact: w.Contact}.check()
}

// Pair is a doctor who asked for a mentor and, from Proposed on, the mentor.
type Pair struct {
	ID, Doctor, Mentor   string
	State                PairState
	DoctorYes, MentorYes bool
	Since                clock.Date
	Wish                 Wish
	Version              int
}

// Match is a mentor who could fit, with the reasons in words.
type Match struct {
	Mentor  string
	Offer   Offer
	Reasons []string
	score   int
}

// Suggest orders the mentors who could help: first those with a language in
// common, then the same area of medicine, then a way to talk, then those with
// most room. Without a common language or way nobody is suggested, nor oneself.
func Suggest(doctor string, w Wish, offers []Offer) []Match {
	var out []Match
	for _, o := range offers {
		if o.Doctor == doctor || !o.Offered || o.Taken >= o.Places {
			continue
		}
		languages, ways := common(w.Languages, o.Languages), common(w.Ways, o.Ways)
		if len(languages) == 0 || len(ways) == 0 {
			continue
		}
		m := Match{Mentor: o.Doctor, Offer: o, Reasons: []string{"Both speak " + strings.Join(languages, " and ")}, score: 10 * len(languages)}
		if w.Area != "" && sameWords(w.Area, o.Area) {
			m.Reasons, m.score = append(m.Reasons, "Same area: "+o.Area), m.score+50
		}
		for _, way := range ways {
			m.Reasons = append(m.Reasons, words(Ways(), way))
		}
		m.score += o.Places - o.Taken
		out = append(out, m)
	}
	sort.Slice(out, func(i, j int) bool {
		a, b := out[i], out[j]
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.Mentor, b.Mentor)) < 0
	})
	return out
}

func common(a, b []string) []string {
	var out []string
	for _, x := range a {
		if slices.ContainsFunc(b, func(y string) bool { return sameWords(x, y) }) {
			out = append(out, x)
		}
	}
	return out
}

func sameWords(a, b string) bool {
	return strings.EqualFold(strings.Join(strings.Fields(a), " "), strings.Join(strings.Fields(b), " "))
}

// Listed splits what somebody typed with commas or on lines.
func Listed(text string) []string {
	var out []string
	for _, part := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ';' || r == '\n' }) {
		if part = strings.TrimSpace(part); part != "" && !slices.ContainsFunc(out, func(o string) bool { return sameWords(o, part) }) {
			out = append(out, part)
		}
	}
	return out
}
