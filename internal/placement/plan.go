package placement

import (
	"bytes"
	"cmp"
	"fmt"
	"io/fs"
	"slices"
	"sort"

	"go.yaml.in/yaml/v3"

	"msw/internal/clock"
	"msw/internal/placement/card"
)

// Step is one step of the induction, due some days after the first day.
type Step struct {
	ID, Block, Title string
	Days             int
	card.Origin      `yaml:",inline"`
}

// Named is an id with what a person reads.
type Named struct{ ID, Title string }

// Need is one question of the form of the first meeting.
type Need struct{ ID, Ask string }

// Induction is the plan of a first time in post, and when meetings are due.
type Induction struct {
	ID, Title string
	Sources   []struct {
		Title       string
		card.Origin `yaml:",inline"`
	}
	Blocks   []Named
	Steps    []Step
	Needs    []Need
	Meetings struct {
		Start, End  int
		card.Origin `yaml:",inline"`
	}
}

// LoadInduction reads placement/induction.yaml strictly.
func LoadInduction(fsys fs.FS) (*Induction, error) {
	text, err := fs.ReadFile(fsys, "placement/induction.yaml")
	if err != nil {
		return nil, fmt.Errorf("rules of induction: %w", err)
	}
	r := new(Induction)
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(r); err != nil {
		return nil, fmt.Errorf("rules of induction: %w", err)
	}
	seen := map[string]bool{}
	for _, s := range r.Steps {
		known := slices.ContainsFunc(r.Blocks, func(b Named) bool { return b.ID == s.Block })
		if seen[s.ID] || s.ID == "" || s.Title == "" || !known || s.MarkWords() == "" {
			return nil, fmt.Errorf("rules of induction: step %q is there twice, or lacks its title, block or mark", s.ID)
		}
		seen[s.ID] = true
	}
	if len(r.Needs) == 0 || r.Meetings.Start <= 0 || r.Meetings.End <= 0 {
		return nil, fmt.Errorf("rules of induction: the form of needs and the days of meetings are needed")
	}
	return r, nil
}

// The kinds of meeting.
const (
	MeetingStart  = "start"
	MeetingMiddle = "middle"
	MeetingEnd    = "end"
	MeetingRhythm = "regular"
)

// MeetingWords is the kind as a person reads it.
func MeetingWords(kind string) string {
	return map[string]string{MeetingStart: "First meeting", MeetingMiddle: "Meeting in the middle", MeetingEnd: "Last meeting", MeetingRhythm: "Regular meeting"}[kind]
}

// Due is something owed to a person in post by a day.
type Due struct {
	Kind  string // induction, or the kind of a meeting
	ID    string // the step, or the meeting
	Title string
	By    clock.Date
	Done  clock.Date // none while it is open
	Agree bool       // held, and not yet agreed by both
}

// Overdue tells whether it is late on a day.
func (d Due) Overdue(today clock.Date) bool { return d.Done.IsZero() && d.By < today }

// planned is what a plan is made from.
type planned struct {
	Start, End clock.Date            // End is the contract's, none when not stated
	Weeks      int                   // rhythm of meetings
	Steps      map[string]clock.Date // done, by step
	Meetings   []Meeting             // held, any order
	Today      clock.Date
}

// plan lists all that is due for a person in post, the earliest first. Nothing
// is stored for it: it follows from the start, the rules and what was done, so
// that it cannot differ from them.
func (r *Induction) plan(p planned) []Due {
	var out []Due
	for _, s := range r.Steps {
		out = append(out, Due{Kind: "induction", ID: s.ID, Title: s.Title, By: p.Start.AddDays(s.Days), Done: p.Steps[s.ID]})
	}
	out = append(out, r.meetings(p)...)
	sort.SliceStable(out, func(i, j int) bool {
		a, b := out[i], out[j]
		return cmp.Compare(a.By, b.By) < 0
	})
	return out
}

func (r *Induction) meetings(p planned) []Due {
	held := map[string]Meeting{}
	last := p.Start
	for _, m := range p.Meetings {
		if m.Kind != MeetingRhythm {
			held[m.Kind] = m
		}
		last = max(last, m.On)
	}
	due := func(kind string, by clock.Date) Due {
		m := held[kind]
		return Due{Kind: kind, ID: m.ID, Title: MeetingWords(kind), By: by, Done: m.On, Agree: m.ID != "" && !m.Agreed()}
	}
	out := []Due{due(MeetingStart, p.Start.AddDays(r.Meetings.Start))}
	if !p.End.IsZero() {
		out = append(out, due(MeetingMiddle, p.Start.AddDays(p.Start.DaysUntil(p.End)/2)), due(MeetingEnd, p.End.AddDays(-r.Meetings.End)))
	}
	next := last.AddDays(7 * p.Weeks)
	if p.End.IsZero() || next < p.End {
		out = append(out, Due{Kind: MeetingRhythm, Title: MeetingWords(MeetingRhythm), By: next})
	}
	for _, m := range p.Meetings {
		if m.Kind == MeetingRhythm {
			out = append(out, Due{Kind: MeetingRhythm, ID: m.ID, Title: MeetingWords(MeetingRhythm), By: m.On, Done: m.On, Agree: !m.Agreed()})
		}
	}
	return out
}

// Light is how a person in post is looked after, in a word.
type Light string

// The lights. Each is always shown with its words, never by colour alone.
const (
	Green Light = "green"
	Amber Light = "amber"
	Red   Light = "red"
)

// Words is the light as a person reads it.
func (l Light) Words() string {
	return map[Light]string{Green: "On track", Amber: "Something soon due", Red: "Needs action"}[l]
}

// soon is how many days before it is due a thing turns a light amber.
const soon = 14

// judge gives the light, with every reason that keeps it from green.
func judge(dues []Due, clinical, educational string, again int, today clock.Date) (Light, []string) {
	light := Green
	var reasons []string
	say := func(l Light, text string) {
		if light == Green || l == Red {
			light = l
		}
		reasons = append(reasons, text)
	}
	for _, text := range []string{clinical, educational} {
		if text != "" {
			say(Red, text)
		}
	}
	for _, d := range dues {
		switch {
		case d.Overdue(today):
			say(Red, d.Title+": was due "+d.By.Long()+".")
		case d.Done.IsZero() && d.By <= today.AddDays(soon):
			say(Amber, d.Title+": due "+d.By.Long()+".")
		case d.Agree:
			say(Amber, d.Title+": not agreed by both yet.")
		}
	}
	if again > 0 {
		say(Amber, fmt.Sprintf("Sign-offs to see again: %d.", again))
	}
	return light, reasons
}
