package programme

import (
	"bytes"
	_ "embed"
	"fmt"

	"go.yaml.in/yaml/v3"

	"msw/internal/clock"
)

//go:embed published.yaml
var publishedText []byte

// Afterwards is what is said of the time after the last published phase.
type Afterwards struct {
	From         clock.Date
	Text, Source string
}

// Published is everything the package knows from published pages.
type Published struct {
	Phases     []Phase
	Claims     []Claim
	Afterwards Afterwards
}

type publishedFile struct {
	Phases []struct {
		Code, Title, Summary, Eligibility string
		Announced, Starts, Ends           date
		Money                             int64
		Places                            int
		Marks                             map[Field]publishedMark
	}
	Afterwards struct {
		From         date
		Text, Source string
	}
	Claims []struct {
		Code, Text, Unit string
		Figure           int64
		AsAt             date `yaml:"as_at"`
		Status           Status
		Source, Note     string
	}
}

type publishedMark struct {
	Status       Status
	Source, Note string
	On           date
}

// date reads a bare YAML date as a civil date: the library would make an
// instant of it.
type date clock.Date

func (d *date) UnmarshalYAML(n *yaml.Node) error {
	v, err := clock.ParseDate(n.Value)
	*d = date(v)
	return err
}

// ReadPublished reads the embedded file. An error is a fault of the build; a
// test reads it too.
func ReadPublished() (Published, error) {
	var f publishedFile
	d := yaml.NewDecoder(bytes.NewReader(publishedText))
	d.KnownFields(true)
	if err := d.Decode(&f); err != nil {
		return Published{}, fmt.Errorf("published.yaml: %w", err)
	}
	out := Published{Afterwards: Afterwards{From: clock.Date(f.Afterwards.From), Text: f.Afterwards.Text, Source: f.Afterwards.Source}}
	for _, p := range f.Phases {
		phase := Phase{Code: p.Code, Title: p.Title, Summary: p.Summary, Eligibility: p.Eligibility,
			Announced: clock.Date(p.Announced), Starts: clock.Date(p.Starts), Ends: clock.Date(p.Ends),
			Money: p.Money, Places: p.Places, Marks: map[Field]Mark{}}
		for f, m := range p.Marks {
			phase.Marks[f] = Mark{Status: m.Status, Source: m.Source, Note: m.Note, On: clock.Date(m.On)}
		}
		if err := checkPhase(phase); err != nil {
			return Published{}, fmt.Errorf("published.yaml: phase %s: %w", p.Code, err)
		}
		out.Phases = append(out.Phases, phase)
	}
	for _, c := range f.Claims {
		out.Claims = append(out.Claims, Claim{Code: c.Code, Text: c.Text, Figure: c.Figure, Unit: c.Unit,
			AsAt: clock.Date(c.AsAt), Status: c.Status, Source: c.Source, Note: c.Note})
	}
	return out, nil
}
