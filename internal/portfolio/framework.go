package portfolio

import (
	"bytes"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"msw/internal/clock"
)

// Source says where a framework's words come from, and how sure that is.
type Source struct {
	URL  string `yaml:"url"`
	Mark string `yaml:"mark"`
	Says string `yaml:"says"`
}

// Said is a sentence with its source.
type Said struct {
	Text string `yaml:"text"`
	URL  string `yaml:"url"`
	Mark string `yaml:"mark"`
}

// Heading is one thing evidence can show.
type Heading struct {
	ID    string `yaml:"id"`
	Group string `yaml:"group"`
	Title string `yaml:"title"`
	Mark  string `yaml:"mark"`

	Tag Tag `yaml:"-"`
}

// Framework is one version of a list of headings.
type Framework struct {
	ID       string    `yaml:"id"`
	Version  string    `yaml:"version"`
	Title    string    `yaml:"title"`
	FromText string    `yaml:"from"`
	ToText   string    `yaml:"to"`
	Source   Source    `yaml:"source"`
	Says     []Said    `yaml:"says"`
	Groups   []Heading `yaml:"groups"`
	Headings []Heading `yaml:"headings"`

	Every           bool `yaml:"every"`
	SignatoryMonths int  `yaml:"signatory_months"`
	WithinMonths    int  `yaml:"within_months"`

	From, To clock.Date `yaml:"-"`
	first    int        // number of the first heading among all
}

// Code names a framework and its version: "ukfp/2021".
func (f Framework) Code() string { return f.ID + "/" + f.Version }

// InForce tells whether new evidence is tagged with it on a day.
func (f Framework) InForce(on clock.Date) bool {
	return f.From <= on && (f.To.IsZero() || on <= f.To)
}

// Frameworks are all versions that evidence may point to.
type Frameworks struct {
	List []Framework
	tags map[Tag][2]int // framework and heading
	size int            // headings of all
}

// InForce gives those that new evidence is tagged with on a day.
func (fw *Frameworks) InForce(on clock.Date) []Framework {
	return slices.DeleteFunc(slices.Clone(fw.List), func(f Framework) bool { return !f.InForce(on) })
}

// LoadFrameworks reads portfolio/frameworks.yaml strictly: an unknown key or
// mark, a missing date or a heading given twice is an error.
func LoadFrameworks(fsys fs.FS) (*Frameworks, error) {
	text, err := fs.ReadFile(fsys, "portfolio/frameworks.yaml")
	if err != nil {
		return nil, fmt.Errorf("frameworks: %w", err)
	}
	var file struct {
		Frameworks []Framework `yaml:"frameworks"`
	}
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(&file); err != nil {
		return nil, fmt.Errorf("frameworks: %w", err)
	}
	fw := &Frameworks{List: file.Frameworks, tags: map[Tag][2]int{}}
	for i := range fw.List {
		if err := fw.prepare(i); err != nil {
			return nil, fmt.Errorf("framework %s: %w", fw.List[i].Code(), err)
		}
	}
	return fw, nil
}

func (fw *Frameworks) prepare(i int) (err error) {
	f := &fw.List[i]
	if f.From, err = clock.ParseDate(f.FromText); err != nil || f.From.IsZero() {
		return fmt.Errorf("needs its first day: %w", err)
	}
	if f.To, err = clock.ParseDate(f.ToText); f.ToText != "" && err != nil {
		return err
	}
	f.first = fw.size
	fw.size += len(f.Headings)
	marks := []string{f.Source.Mark}
	for _, s := range f.Says {
		marks = append(marks, s.Mark)
	}
	for j := range f.Headings {
		h := &f.Headings[j]
		h.Tag = Tag(f.Code() + "/" + h.ID)
		if _, twice := fw.tags[h.Tag]; twice || h.ID == "" || h.Title == "" || strings.ContainsAny(h.ID, " /") {
			return fmt.Errorf("heading %q is given twice or not complete", h.ID)
		}
		fw.tags[h.Tag] = [2]int{i, j}
		marks = append(marks, h.Mark)
	}
	for _, mark := range marks {
		if mark != "confirmed" && mark != "recalled" && mark != "derived" {
			return fmt.Errorf("mark %q is not known", mark)
		}
	}
	if f.Source.Mark == "confirmed" && !strings.HasPrefix(f.Source.URL, "https://") {
		return fmt.Errorf("is confirmed by no page")
	}
	return nil
}

// Find gives a framework by its code.
func (fw *Frameworks) Find(code string) (Framework, bool) {
	for _, f := range fw.List {
		if f.Code() == code {
			return f, true
		}
	}
	return Framework{}, false
}

// Heading gives what a tag points to.
func (fw *Frameworks) Heading(t Tag) (Framework, Heading, bool) {
	at, ok := fw.tags[t]
	if !ok {
		return Framework{}, Heading{}, false
	}
	f := fw.List[at[0]]
	return f, f.Headings[at[1]], true
}

// Known keeps the tags that point somewhere, each once, in the order given.
func (fw *Frameworks) Known(tags []string) (known []Tag, unknown []string) {
	seen := map[Tag]bool{}
	for _, text := range tags {
		t := Tag(text)
		if _, ok := fw.tags[t]; !ok {
			unknown = append(unknown, text)
			continue
		}
		if !seen[t] {
			seen[t] = true
			known = append(known, t)
		}
	}
	return known, unknown
}

// Numbers gives the headings that tags point to by their numbers among all:
// pictures of many portfolios are drawn from numbers.
func (fw *Frameworks) Numbers(tags ...Tag) []int {
	out := make([]int, 0, len(tags))
	for _, t := range tags {
		if at, ok := fw.tags[t]; ok {
			out = append(out, fw.List[at[0]].first+at[1])
		}
	}
	return out
}
