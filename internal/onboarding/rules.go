package onboarding

import (
	"bytes"
	"fmt"
	"io/fs"
	"net/url"
	"slices"

	"go.yaml.in/yaml/v3"

	"msw/internal/clock"
	"msw/internal/rulebook"
)

// Origin is where a rule comes from and how well it is known.
type Origin struct {
	Mark rulebook.Mark
	URL  string `yaml:"url"`
	Says string
}

// MarkWords is the mark as a person reads it.
func (o Origin) MarkWords() string {
	switch o.Mark {
	case rulebook.Confirmed:
		return "Confirmed"
	case rulebook.Recalled:
		return "Usual practice, recalled and not confirmed"
	case rulebook.SetByUs:
		return "Set by this programme"
	case Derived:
		return "Follows from other rules"
	}
	return ""
}

// Derived marks what follows from confirmed rules.
const Derived rulebook.Mark = "derived"

// Evidence is one way to meet a check.
type Evidence struct {
	ID       string
	Words    string
	Original string // what must be seen in person, "" for nothing
	Instead  bool   // for when the usual papers were lost or cannot be had
	Contact  bool   // means contact with a country abroad: only when the doctor said that it is safe
	Origin   `yaml:",inline"`
}

// Choice is one answer of a question.
type Choice struct{ ID, Words string }

// Ask is one thing an employer writes down with a check.
type Ask struct {
	ID, Words, Hint string
	Kind            string // text, masked, date, choice, many
	Needed          bool   // before the check can be done
	Options         []Choice
}

// Reuse is for how many months a check done elsewhere stands; 0 = it does not.
type Reuse struct {
	Months int
	Origin `yaml:",inline"`
}

// Lane is a way a check can go that takes its own time, in working days.
type Lane struct {
	ID, Words string
	Days      int
	Origin    `yaml:",inline"`
}

// CheckKind is one check or start gate an employer ticks off.
type CheckKind struct {
	Code         string `yaml:"id"`
	Title        string
	Hint         string // for the employer
	Doctor       string // for the doctor
	Bring        string // to the interview day
	Private      bool   // stays between the doctor and the employer, its outcome included
	OnlyEmployer bool   `yaml:"only_employer"` // evidence is the employer's alone
	Cleared      bool   // answered with cleared or not, and nothing else
	Ends         bool   // has an end of its own
	Gate         bool   `yaml:"-"` // keeps from the start, is no check of the six
	From         string // of a gate: acceptances from this day on
	Reuse        Reuse
	Evidence     []Evidence
	Asks         []Ask
	Lanes        []Lane
	Origin       `yaml:",inline"`
}

func (k CheckKind) evidence(id string) (Evidence, bool) {
	i := slices.IndexFunc(k.Evidence, func(e Evidence) bool { return e.ID == id })
	if i < 0 {
		return Evidence{}, false
	}
	return k.Evidence[i], true
}

func (k CheckKind) lane(id string) (Lane, bool) {
	i := slices.IndexFunc(k.Lanes, func(l Lane) bool { return l.ID == id })
	if i < 0 {
		return Lane{}, false
	}
	return k.Lanes[i], true
}

// Subject is one subject of mandatory training, due again after Months.
type Subject struct {
	ID, Title string
	Months    int
	First     bool // must be done before the first day
	Origin    `yaml:",inline"`
}

// Reminder is sent some working days before an answer is due.
type Reminder struct {
	ID     string
	Before int
}

// Rules are what this package reads from rule files. Read only.
type Rules struct {
	Checks     []CheckKind // the six standards, then the gates
	Turns      []Choice
	Subjects   []Subject
	Reminders  []Reminder
	Grace      int // working days after the answer was due
	Conditions []Choice
	Recruitment
	Holidays map[clock.Date]bool
	gateFrom map[string]clock.Date
}

type source struct {
	Title  string
	Origin `yaml:",inline"`
}

type checksFile struct {
	ID, Title string
	Sources   []source
	Turns     []Choice
	Checks    []CheckKind
	Gates     []CheckKind
}

type trainingFile struct {
	ID, Title string
	Sources   []source
	Subjects  []Subject
}

type offersFile struct {
	ID, Title  string
	Origin     `yaml:",inline"`
	Reminders  []Reminder
	Grace      int
	Conditions []Choice
}

type recruitmentFile struct {
	ID, Title   string
	Origin      `yaml:",inline"`
	Recruitment `yaml:",inline"`
}

type holidaysFile struct {
	ID, Title string
	Origin    `yaml:",inline"`
	Days      []struct{ On, Title string }
}

// LoadRules reads checks/checks.yaml, training.yaml, offers.yaml,
// recruitment.yaml and bank_holidays.yaml strictly: an unknown key, mark, address or date is an error.
func LoadRules(fsys fs.FS) (*Rules, error) {
	var checks checksFile
	var training trainingFile
	var offers offersFile
	var days holidaysFile
	var recruitment recruitmentFile
	for name, into := range map[string]any{"checks": &checks, "training": &training, "offers": &offers, "bank_holidays": &days, "recruitment": &recruitment} {
		text, err := fs.ReadFile(fsys, "checks/"+name+".yaml")
		if err != nil {
			return nil, fmt.Errorf("rules of checks: %w", err)
		}
		d := yaml.NewDecoder(bytes.NewReader(text))
		d.KnownFields(true)
		if err := d.Decode(into); err != nil {
			return nil, fmt.Errorf("rules checks/%s.yaml: %w", name, err)
		}
	}
	r := &Rules{Checks: checks.Checks, Turns: checks.Turns, Subjects: training.Subjects, Reminders: offers.Reminders, Grace: offers.Grace,
		Conditions: offers.Conditions, Holidays: map[clock.Date]bool{}, Recruitment: recruitment.Recruitment, gateFrom: map[string]clock.Date{}}
	for _, g := range checks.Gates {
		on, err := clock.ParseDate(g.From)
		if err != nil || on.IsZero() {
			return nil, fmt.Errorf("rules of checks: gate %s needs the day it holds from: %w", g.Code, err)
		}
		g.Gate = true
		r.gateFrom[g.Code] = on
		r.Checks = append(r.Checks, g)
	}
	for _, day := range days.Days {
		on, err := clock.ParseDate(day.On)
		if err != nil || on.IsZero() {
			return nil, fmt.Errorf("rules of checks: bank holiday %q: %w", day.On, err)
		}
		r.Holidays[on] = true
	}
	return r, r.check(append(checks.Sources, training.Sources...), []Origin{offers.Origin, days.Origin, recruitment.Origin})
}

// check finds what a strict reader alone would not: marks, addresses, ids.
func (r *Rules) check(sources []source, more []Origin) error {
	origins := more
	for _, s := range sources {
		origins = append(origins, s.Origin)
	}
	ids := map[string]bool{}
	for _, k := range r.Checks {
		if ids[k.Code] || k.Code == "" || k.Title == "" || k.Hint == "" || k.Doctor == "" {
			return fmt.Errorf("rules of checks: check %q is there twice, or lacks a title or words", k.Code)
		}
		ids[k.Code] = true
		if k.Gate {
			origins = append(origins, k.Origin)
		} else if len(k.Evidence) == 0 {
			return fmt.Errorf("rules of checks: no evidence meets %s", k.Code)
		} else {
			origins = append(origins, k.Reuse.Origin)
		}
		for _, e := range k.Evidence {
			origins = append(origins, e.Origin)
		}
		for _, l := range k.Lanes {
			origins = append(origins, l.Origin)
		}
	}
	for _, code := range standards() {
		if !ids[code] {
			return fmt.Errorf("rules of checks: the standard %s is missing", code)
		}
	}
	for _, s := range r.Subjects {
		if s.Months <= 0 {
			return fmt.Errorf("rules of checks: training %s needs its months", s.ID)
		}
		origins = append(origins, s.Origin)
	}
	for _, o := range origins {
		if o.MarkWords() == "" {
			return fmt.Errorf("rules of checks: unknown mark %q", o.Mark)
		}
		if u, err := url.Parse(o.URL); err != nil || o.URL != "" && u.Scheme != "https" {
			return fmt.Errorf("rules of checks: the address %q is not https", o.URL)
		}
	}
	return nil
}

// Kind finds a check by its code.
func (r *Rules) Kind(code string) (CheckKind, bool) {
	i := slices.IndexFunc(r.Checks, func(k CheckKind) bool { return k.Code == code })
	if i < 0 {
		return CheckKind{Code: code, Title: sentence(code)}, false
	}
	return r.Checks[i], true
}

// Owed lists the checks and gates an acceptance on a day begins.
func (r *Rules) Owed(accepted clock.Date) []CheckKind {
	var out []CheckKind
	for _, k := range r.Checks {
		if !k.Gate || accepted >= r.gateFrom[k.Code] {
			out = append(out, k)
		}
	}
	return out
}

// Subject finds a subject of training.
func (r *Rules) Subject(id string) (Subject, bool) {
	i := slices.IndexFunc(r.Subjects, func(s Subject) bool { return s.ID == id })
	if i < 0 {
		return Subject{ID: id, Title: sentence(id)}, false
	}
	return r.Subjects[i], true
}

func choiceWords(list []Choice, id string) string {
	for _, c := range list {
		if c.ID == id {
			return c.Words
		}
	}
	return ""
}
