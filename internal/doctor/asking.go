package doctor

import (
	"slices"
	"sort"
	"strings"

	"golang.org/x/text/unicode/norm"

	"msw/internal/access"
	"msw/internal/clock"
	"msw/internal/problem"
)

// ActAsking is saying, and seeing, whom one may ask about a doctor.
const ActAsking access.Action = "doctor.asking"

// Party is what sort of somebody is asked.
type Party string

// The parties. PartyCountry means everybody in a country.
const (
	PartyInstitution Party = "institution"
	PartyRegulator   Party = "regulator"
	PartyEmployer    Party = "employer"
	PartyPerson      Party = "person"
	PartyEmbassy     Party = "embassy"
	PartyPolice      Party = "police"
	PartyCountry     Party = "country"
)

// AskedParties lists the parties in the order forms offer them.
func AskedParties() []Party {
	return []Party{PartyInstitution, PartyRegulator, PartyEmployer, PartyPerson, PartyEmbassy, PartyPolice, PartyCountry}
}

// Words names a party on a page.
func (p Party) Words() string {
	switch p {
	case PartyInstitution:
		return "A university or medical school"
	case PartyRegulator:
		return "A regulator or medical council"
	case PartyEmployer:
		return "A hospital or other employer"
	case PartyPerson:
		return "A person, such as a referee"
	case PartyEmbassy:
		return "An embassy or consulate"
	case PartyPolice:
		return "The police"
	case PartyCountry:
		return "Anyone in one country"
	}
	return ""
}

// Subject is somebody one might ask. An empty name in what was said means all
// of that party; an empty country in a question means that it is not known.
type Subject struct {
	Party   Party  `json:"party"`
	Name    string `json:"name,omitempty"`
	Country string `json:"country,omitempty"` // two letters
	Email   string `json:"email,omitempty"`
}

// Said is one word on whom one may ask.
type Said struct {
	ID string
	Subject
	Allowed bool
	Staff   bool // a caseworker's word: it can forbid, never allow
	On      clock.Date
	At      clock.Instant
	By      string // account
	Reason  string // a caseworker's; of the doctor none is asked
}

// Answer tells whether somebody may be asked.
type Answer string

// The answers. Nobody may be asked without a yes.
const (
	NotSaid Answer = "not_said"
	MayAsk  Answer = "may_ask"
	MustNot Answer = "must_not"
)

// reasonLimit is how many letters a caseworker's reason may have.
const reasonLimit = 300

// Verdict is an answer and what it rests on.
type Verdict struct {
	Answer
	On   clock.Date // the day of the word it rests on, none when nothing was said
	Wide bool       // allowed only as one of all of that party, not by name
}

// Asking decides whether a subject may be asked, from all that was said. Any
// standing no that covers the subject forbids; else a yes of the doctor that
// names it allows; else nobody may. Doubt forbids: where the country is not
// known, a forbidden country may be it.
func Asking(said []Said, s Subject) Verdict {
	stands := Standing(said)
	var out Verdict
	for _, w := range stands {
		if !w.Allowed && w.covers(s) && (out.Answer != MustNot || w.On > out.On) {
			out = Verdict{Answer: MustNot, On: w.On}
		}
	}
	if out.Answer == MustNot {
		return out
	}
	out = Verdict{Answer: NotSaid}
	for _, w := range stands {
		if !w.Allowed || w.Staff || w.Party != s.Party || w.Country != "" && s.Country != "" && w.Country != s.Country {
			continue
		}
		named := w.Name != "" && plainName(w.Name) == plainName(s.Name)
		if w.Name != "" && !named || w.Party == PartyPerson && !named || w.Email != "" && s.Email != "" && emailKey(w.Email) != emailKey(s.Email) {
			continue
		}
		if out.Answer != MayAsk || named && out.Wide {
			out = Verdict{Answer: MayAsk, On: w.On, Wide: !named}
		}
	}
	return out
}

// covers tells whether a no is about the subject too: everyone in a forbidden
// country, one by the same name or address whatever it is called, and with no
// name all of the party.
func (w Said) covers(s Subject) bool {
	here := w.Country == "" || s.Country == "" || w.Country == s.Country
	if w.Party == PartyCountry {
		return here
	}
	if w.Email != "" && s.Email != "" && emailKey(w.Email) == emailKey(s.Email) {
		return true
	}
	if w.Name == "" {
		return w.Email == "" && w.Party == s.Party && here
	}
	return s.Name != "" && withinName(w.Name, s.Name) // where somebody is now may differ from where they were
}

// Standing keeps of all that was said the newest word on each: the doctor's and
// the staff's apart, so that neither takes the other's back.
func Standing(said []Said) []Said {
	type key struct {
		party         Party
		name, country string
		email         string
		staff         bool
	}
	newest := map[key]Said{}
	var order []key
	for _, w := range said {
		k := key{w.Party, plainName(w.Name), w.Country, emailKey(w.Email), w.Staff}
		old, ok := newest[k]
		if !ok {
			order = append(order, k)
		}
		// Of two words of one day a no wins unless the yes was written later.
		if !ok || w.On > old.On || w.On == old.On && (w.At.After(old.At) || w.At == old.At && !w.Allowed) {
			newest[k] = w
		}
	}
	out := make([]Said, 0, len(order))
	for _, k := range order {
		if w := newest[k]; !(w.Staff && w.Allowed) { // taken back: nothing stands
			out = append(out, w)
		}
	}
	sort.SliceStable(out, func(i, j int) bool {
		a, b := out[i], out[j]
		return int(b.On-a.On) < 0
	})
	return out
}

// plainName brings a name to one form, for a yes: it must be the same name.
func plainName(s string) string {
	return strings.Join(strings.Fields(strings.ToLower(norm.NFKC.String(s))), " ")
}

// withinName tells, for a no, whether every part of one name is found in
// another in any script, spelling or order: too wide a no only asks once more.
func withinName(no, name string) bool {
	parts, others := fold(no), fold(name)
	if len(parts) == 0 || len(others) == 0 {
		return plainName(no) == plainName(name)
	}
	for _, p := range parts {
		if !slices.ContainsFunc(others, func(o part) bool {
			return p.latin == o.latin || slices.ContainsFunc(p.skeletons, func(k string) bool { return slices.Contains(o.skeletons, k) })
		}) {
			return false
		}
	}
	return true
}

// NewSaid is one word as it is given.
type NewSaid struct {
	Doctor string
	Subject
	Allowed bool
	Reason  string // of a caseworker
}

func (n NewSaid) tidy() NewSaid {
	n.Name, n.Country, n.Email, n.Reason = strings.TrimSpace(n.Name), strings.ToUpper(strings.TrimSpace(n.Country)), emailKey(n.Email), strings.TrimSpace(n.Reason)
	return n
}

// Check says all that is wrong with a word; own is whether the doctor says it.
func (n NewSaid) Check(own bool) error {
	var c problem.Check
	c.That(slices.Contains(AskedParties(), n.Party), "party", "Choose whom you mean")
	c.That(n.Party != PartyCountry || n.Country != "", "country", "Choose the country")
	c.That(n.Party != PartyCountry || n.Name == "" && !n.Allowed, "allowed", "A whole country can only be marked as not safe to ask. Say yes for each person or place")
	c.That(n.Party != PartyPerson || n.Name != "" || n.Email != "", "name", "Enter the person's name")
	c.That(len([]rune(n.Name)) <= 150, "name", "This must be 150 characters or fewer")
	c.That(n.Country == "" || len(n.Country) == 2, "country", "Choose a country from the list")
	c.That(own || n.Reason != "", "reason", "Say why, in a few words. Do not write what happened to the doctor")
	c.That(own == (n.Reason == "") || !own, "reason", "We do not need a reason")
	c.That(len([]rune(n.Reason)) <= reasonLimit, "reason", "This must be 300 characters or fewer")
	return c.Err()
}
