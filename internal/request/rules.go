package request

import (
	"bytes"
	"fmt"
	"io/fs"
	"net/url"
	"slices"

	"go.yaml.in/yaml/v3"

	"msw/internal/clock"
	"msw/internal/doctor"
	"msw/internal/rulebook"
)

// Origin is where a rule comes from and how well it is known.
type Origin struct {
	Mark rulebook.Mark
	URL  string `yaml:"url"`
	Says string
}

// Words is the mark as a person reads it.
func (o Origin) Words() string {
	switch o.Mark {
	case rulebook.Confirmed:
		return "Confirmed"
	case rulebook.Recalled:
		return "Usual practice, recalled and not confirmed"
	case rulebook.SetByUs:
		return "Set by this programme"
	}
	return ""
}

// Clock names the settings that time a kind, from a day on.
type Clock struct {
	From   string // requests asked from this day on
	Days   string // setting: days until it is overdue
	Again  string // setting: days in a second and later round, "" = the same
	Remind string // setting: days before the end on which to remind, "" = never
	from   clock.Date
}

// Kind is one sort of request.
type Kind struct {
	ID, Title string
	From      string       // who gives it: person, employer, institution, doctor, team
	Party     doctor.Party // whose being asked needs the doctor's yes, "" for nobody outside
	Link      bool         // answered on a page by a one-use link
	Private   bool         // who answers chooses whether the doctor may read it
	Agrees    bool         // must agree before being asked
	Charity   bool         // may sign through a charity
	Employer  bool         // the employer that asked for it sees how it stands
	GMC       bool         // for the GMC's application: never a condition of joining
	Doctor    string       // for the doctor
	Asks      string       // the question on the page
	Instead   []string     // alternatives, in order
	Clocks    []Clock
	Origin    `yaml:",inline"`
}

// clock gives the clock of requests asked on a day: the newest that began.
func (k Kind) clock(on clock.Date) Clock {
	out := k.Clocks[0]
	for _, c := range k.Clocks {
		if c.from <= on && c.from >= out.from {
			out = c
		}
	}
	return out
}

// Alternative is other evidence that counts, and who must agree.
type Alternative struct {
	ID, Words, Hint string
	Agree           string
	Second          bool // a second person must agree
	Statements      int  // so many people must have sworn one, by a link or on paper
	Origin          `yaml:",inline"`
}

// Rules are what this package reads from its rule file. Read only.
type Rules struct {
	Kinds        []Kind
	Alternatives []Alternative
	Origin       Origin
	Holidays     map[clock.Date]bool
}

type rulesFile struct {
	ID, Title    string
	Origin       `yaml:",inline"`
	Kinds        []Kind
	Alternatives []Alternative
}

// LoadRules reads checks/requests.yaml strictly; holidays are the English bank
// holidays.
func LoadRules(fsys fs.FS, holidays map[clock.Date]bool) (*Rules, error) {
	text, err := fs.ReadFile(fsys, "checks/requests.yaml")
	if err != nil {
		return nil, fmt.Errorf("rules of requests: %w", err)
	}
	var f rulesFile
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(&f); err != nil {
		return nil, fmt.Errorf("rules checks/requests.yaml: %w", err)
	}
	r := &Rules{Kinds: f.Kinds, Alternatives: f.Alternatives, Origin: f.Origin, Holidays: holidays}
	return r, r.check()
}

func (r *Rules) check() error {
	origins := []Origin{r.Origin}
	seen := map[string]bool{}
	for _, a := range r.Alternatives {
		if seen[a.ID] || a.ID == "" || a.Words == "" || a.Hint == "" || a.Agree == "" {
			return fmt.Errorf("rules of requests: alternative %q is there twice, or lacks words or who must agree", a.ID)
		}
		seen[a.ID] = true
		origins = append(origins, a.Origin)
	}
	for i, k := range r.Kinds {
		if k.ID == "" || k.Title == "" || k.Doctor == "" || len(k.Clocks) == 0 || (k.Link && k.Asks == "") {
			return fmt.Errorf("rules of requests: kind %q lacks words or a clock", k.ID)
		}
		if !slices.Contains([]string{"person", "employer", "institution", "doctor", "team"}, k.From) || k.Party != "" && k.Party.Words() == "" {
			return fmt.Errorf("rules of requests: kind %s is asked of nobody known", k.ID)
		}
		for _, id := range k.Instead {
			if !seen[id] {
				return fmt.Errorf("rules of requests: kind %s names the unknown alternative %s", k.ID, id)
			}
		}
		for j, c := range k.Clocks {
			on, err := clock.ParseDate(c.From)
			if err != nil || on.IsZero() || c.Days == "" {
				return fmt.Errorf("rules of requests: a clock of %s needs the day it holds from and its days", k.ID)
			}
			r.Kinds[i].Clocks[j].from = on
		}
		origins = append(origins, k.Origin)
	}
	for _, o := range origins {
		if o.Words() == "" {
			return fmt.Errorf("rules of requests: unknown mark %q", o.Mark)
		}
		if u, err := url.Parse(o.URL); err != nil || o.URL != "" && u.Scheme != "https" {
			return fmt.Errorf("rules of requests: the address %q is not https", o.URL)
		}
	}
	return nil
}

// Kind finds a kind by its id.
func (r *Rules) Kind(id string) (Kind, bool) {
	i := slices.IndexFunc(r.Kinds, func(k Kind) bool { return k.ID == id })
	if i < 0 {
		return Kind{}, false
	}
	return r.Kinds[i], true
}

// Alternative finds an alternative by its id.
func (r *Rules) Alternative(id string) (Alternative, bool) {
	i := slices.IndexFunc(r.Alternatives, func(a Alternative) bool { return a.ID == id })
	if i < 0 {
		return Alternative{}, false
	}
	return r.Alternatives[i], true
}
