package newsroom

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"msw/internal/clock"
	"msw/internal/organisation"
)

//go:embed directory.yaml
var directoryText []byte

// Scheme is one entry of the directory of local and partner schemes.
type Scheme struct {
	Code, Name, Long string
	Area             string
	Regions          []string // codes of NHS regions, WALES, SCOTLAND, or UK
	Placed           string   // how well its regions are known: confirmed or recalled
	Takes            []string // codes of Takers
	Who, Does        string
	Stages           []string // codes of Stages
	Figures          string
	Mark             string // how well the entry is known
	Sources          []string
	Checked          civil // when it was last compared with its source; zero when not kept
	PublishedOn      civil `yaml:"published"` // the source's own date; zero when it has none
}

// CheckedOn and SourceDate are its two dates as days.
func (s Scheme) CheckedOn() clock.Date  { return clock.Date(s.Checked) }
func (s Scheme) SourceDate() clock.Date { return clock.Date(s.PublishedOn) }

// Directory is every scheme, in the order of the file.
type Directory struct{ Schemes []Scheme }

// Word is a code and what it is called.
type Word struct{ Code, Words string }

// Takers are the people a scheme can be for.
func Takers() []Word {
	return []Word{{"refugee", "Refugee doctors"}, {"asylum", "Doctors waiting for an asylum decision"}, {"overseas", "Other doctors who trained overseas"}}
}

// Stages are the steps of the road a scheme helps with.
func Stages() []Word {
	return []Word{{"english", "English"}, {"exams", "Exams and the GMC"}, {"practice", "Practice and clinical attachments"},
		{"jobs", "Jobs"}, {"costs", "Money for costs"}, {"support", "Mentors, membership and support"}}
}

// Places are where a scheme can be, as a form offers them.
func Places() []Word {
	var out []Word
	for _, r := range organisation.Regions() {
		out = append(out, Word{r.Code, r.Name})
	}
	return append(out, Word{"SCOTLAND", "Scotland"}, Word{"WALES", "Wales"})
}

const allOfUK = "UK"

// Find lists the schemes that work in a place and take a kind of person; "" for
// either asks nothing. Schemes for all of the UK are in every place.
func (d Directory) Find(place, taker string) []Scheme {
	var out []Scheme
	for _, s := range d.Schemes {
		here := place == "" || slices.Contains(s.Regions, place) || slices.Contains(s.Regions, allOfUK)
		if here && (taker == "" || slices.Contains(s.Takes, taker)) {
			out = append(out, s)
		}
	}
	return out
}

func wordOf(list []Word, code string) string {
	i := slices.IndexFunc(list, func(w Word) bool { return w.Code == code })
	if i < 0 {
		return ""
	}
	return list[i].Words
}

func wordsOf(list []Word, codes []string) string {
	var out []string
	for _, c := range codes {
		out = append(out, wordOf(list, c))
	}
	return strings.Join(out, ", ")
}

// Schemes gives the directory's entries for a place and a kind of person.
func (s *Service) Schemes(place, taker string) []Scheme { return s.directory.Find(place, taker) }

// civil reads a bare YAML date as a civil date: the library would make an
// instant of it.
type civil clock.Date

// UnmarshalYAML reads YYYY-MM-DD.
func (d *civil) UnmarshalYAML(n *yaml.Node) error {
	day, err := clock.ParseDate(n.Value)
	if err != nil {
		return fmt.Errorf("line %d: %w", n.Line, err)
	}
	*d = civil(day)
	return nil
}

// ReadDirectory reads the built-in file strictly and lists all its faults.
func ReadDirectory() (Directory, error) {
	dec := yaml.NewDecoder(bytes.NewReader(directoryText))
	dec.KnownFields(true)
	var d Directory
	if err := dec.Decode(&d); err != nil {
		return d, fmt.Errorf("directory of schemes: %w", err)
	}
	var faults []error
	for _, s := range d.Schemes {
		if s.Code == "" || s.Name == "" || s.Area == "" || s.Does == "" || s.Who == "" || len(s.Sources) == 0 || len(s.Regions) == 0 || s.Mark == "" || s.Placed == "" {
			faults = append(faults, fmt.Errorf("directory of schemes: %q is not complete", s.Code))
		}
		for _, r := range s.Regions {
			if r != allOfUK && wordOf(Places(), r) == "" {
				faults = append(faults, fmt.Errorf("directory of schemes: %q: unknown place %q", s.Code, r))
			}
		}
		for _, c := range s.Takes {
			if wordOf(Takers(), c) == "" {
				faults = append(faults, fmt.Errorf("directory of schemes: %q: unknown people %q", s.Code, c))
			}
		}
		for _, c := range s.Stages {
			if wordOf(Stages(), c) == "" {
				faults = append(faults, fmt.Errorf("directory of schemes: %q: unknown stage %q", s.Code, c))
			}
		}
	}
	return d, errors.Join(faults...)
}
