package registration

import (
	"bytes"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"msw/internal/clock"
	"msw/internal/rulebook"
)

// days is a length in days; notKnown where nobody states one.
type days int

const notKnown days = -1

// UnmarshalYAML reads a whole number of days, or unknown.
func (d *days) UnmarshalYAML(n *yaml.Node) error {
	if n.Value == "unknown" {
		*d = notKnown
		return nil
	}
	v, err := strconv.Atoi(n.Value)
	if err != nil || v < 0 {
		return fmt.Errorf("line %d: %q is neither a whole number of days nor unknown", n.Line, n.Value)
	}
	*d = days(v)
	return nil
}

// length is how long one step takes: at least, usually and at most.
type length struct{ Short, Usual, Long days }

// Given is how long a step takes as a programme has set it, in days, and since
// which day.
type Given struct {
	Short, Usual, Long int
	On                 clock.Date
}

// takes gives how long a step takes: what a page says and, where none says it,
// what the programme has set, which is then told.
func (c *climber) takes(id string) stepTime {
	s := c.steps[id]
	g, ok := c.in.Given[id]
	if !ok || s.Usual != notKnown && s.Long != notKnown {
		return s
	}
	what := "at most " + dayWords(max(g.Long, int(s.Usual)))
	if s.Usual == notKnown {
		what = fmt.Sprintf("usually %s, %s", dayWords(max(g.Usual, int(s.Short))), what)
		s.Usual = days(max(g.Usual, int(s.Short)))
		if s.Short == notKnown {
			s.Short, what = days(g.Short), fmt.Sprintf("at least %s, %s", dayWords(g.Short), what)
		}
	}
	if s.Long == notKnown {
		s.Long = days(max(g.Long, int(s.Usual)))
	}
	s.Usual = min(s.Usual, s.Long)
	s.Short = min(s.Short, s.Usual)
	says := "Set by this programme on " + g.On.Long() + ": " + what + "."
	if s.Mark == rulebook.Confirmed {
		says = s.Says + " " + says
	}
	s.Says, s.Mark, s.given = says, rulebook.SetByUs, true
	return s
}

// stepTime is the length of one step with where it comes from.
type stepTime struct {
	ID, Title          string
	Short, Usual, Long days
	Mark               rulebook.Mark
	Source, Says       string

	given bool // some of it is a programme's setting
}

func (d stepTime) length() length { return length{d.Short, d.Usual, d.Long} }

// words says a duration as a page does, and whether the programme set it.
func (d stepTime) words() string {
	if d.given {
		d.given = false
		return strings.TrimSuffix(d.words(), ".") + " (set by this programme)."
	}
	switch {
	case d.Usual != notKnown && d.Long != notKnown && d.Long != d.Usual:
		return fmt.Sprintf("Usually about %s, at most %s.", dayWords(int(d.Usual)), dayWords(int(d.Long)))
	case d.Usual != notKnown:
		return fmt.Sprintf("Usually about %s.", dayWords(int(d.Usual)))
	case d.Long != notKnown:
		return fmt.Sprintf("At most %s. How long it usually takes is not known.", dayWords(int(d.Long)))
	}
	return "How long it takes is not known."
}

// dayWords says a number of days in weeks or months where that is plainer.
func dayWords(n int) string {
	switch {
	case n == 1:
		return "1 day"
	case n >= 14 && n < 70 && n%7 == 0:
		return strconv.Itoa(n/7) + " weeks"
	}
	return strconv.Itoa(n) + " days"
}

// stepIDs are the steps a file of durations must have.
func stepIDs() []string {
	return []string{"english", "english_verified", "plab1_sitting", "plab1_result", "plab2_sitting", "plab2_result",
		"verification", "papers", "decision", "identity"}
}

func readStepTimes(files fs.FS, name string) (map[string]stepTime, error) {
	var f struct {
		ID, Title, Notes string
		Steps            []stepTime
	}
	if err := readStrictly(files, name, &f); err != nil {
		return nil, err
	}
	steps := map[string]stepTime{}
	for _, d := range f.Steps {
		if err := checkMark(d.Mark, d.Source); err != nil {
			return nil, fmt.Errorf("%s: %s: %w", name, d.ID, err)
		}
		if d.Usual != notKnown && d.Usual < d.Short || d.Long != notKnown && d.Long < max(d.Usual, d.Short) {
			return nil, fmt.Errorf("%s: %s: short, usual and long must rise", name, d.ID)
		}
		if _, twice := steps[d.ID]; twice || !slices.Contains(stepIDs(), d.ID) {
			return nil, fmt.Errorf("%s: there is no step %q, or it comes twice", name, d.ID)
		}
		steps[d.ID] = d
	}
	for _, id := range stepIDs() {
		if _, ok := steps[id]; !ok {
			return nil, fmt.Errorf("%s: the step %s is missing", name, id)
		}
	}
	return steps, nil
}

func readStrictly(files fs.FS, name string, into any) error {
	text, err := fs.ReadFile(files, name)
	if err != nil {
		return fmt.Errorf("read the road's tables: %w", err)
	}
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(into); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

func checkMark(m rulebook.Mark, source string) error {
	switch {
	case m != rulebook.Confirmed && m != rulebook.Recalled && m != rulebook.SetByUs:
		return fmt.Errorf("mark is %q: use confirmed, recalled or set-by-us", m)
	case m == rulebook.Confirmed && source == "":
		return fmt.Errorf("what is confirmed names its source")
	}
	return nil
}

// addDays moves a date, keeping no date as no date.
func addDays(d clock.Date, n days) clock.Date {
	if d.IsZero() || n == notKnown {
		return 0
	}
	return d.AddDays(int(n))
}
