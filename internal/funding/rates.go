package funding

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"msw/internal/clock"
	"msw/internal/rulebook"
)

// The parts of the cost of a place, in the order they build on one another.
const (
	Basic     = "basic"
	HCAS      = "hcas"
	Insurance = "insurance"
	Pension   = "pension"
	Levy      = "levy"
)

// Stated marks what an employer stated itself, besides rulebook's marks.
const Stated rulebook.Mark = "stated"

// MarkWords names a mark on a page.
func MarkWords(m rulebook.Mark) string {
	switch m {
	case rulebook.Confirmed:
		return "Confirmed"
	case rulebook.Recalled:
		return "Recalled, not confirmed"
	case rulebook.SetByUs:
		return "Set by this programme"
	case Stated:
		return "Stated by the employer"
	}
	return ""
}

// Rate is what one part comes to from a day on. Values are pence a year or
// hundredths of a percent, by name.
type Rate struct {
	From   clock.Date
	Values map[string]int64
	Mark   rulebook.Mark
	Marks  map[string]rulebook.Mark // where a value's mark is not Mark
	Source string                   // web address, "" for none
	Says   string
}

// MarkOf is the weakest mark of some values of a rate.
func (r *Rate) MarkOf(names ...string) rulebook.Mark {
	weakest := r.Mark
	for _, n := range names {
		if m, ok := r.Marks[n]; ok && weak(m) > weak(weakest) {
			weakest = m
		}
	}
	return weakest
}

// weak orders marks from the surest.
func weak(m rulebook.Mark) int {
	return slices.Index([]rulebook.Mark{rulebook.Confirmed, Stated, rulebook.Recalled, rulebook.SetByUs}, m)
}

// Part is one part of the cost with its rates by date.
type Part struct {
	ID, Title, Unit string
	Rates           []Rate
}

// Rates is the dated rate table. Version names its text exactly.
type Rates struct {
	ID, Title, Notes, Version string
	Parts                     []Part
	breaks                    []clock.Date // days on which a rate begins, ascending
}

// needs are the values each part must give.
func needs(part string) []string {
	switch part {
	case Basic:
		return []string{"entry", "intermediate", "top"}
	case HCAS:
		return []string{"inner", "outer", "fringe"}
	case Insurance:
		return []string{"above", "rate"}
	}
	return []string{"rate"}
}

// partNames lists the parts a table must have, in order.
func partNames() []string { return []string{Basic, HCAS, Insurance, Pension, Levy} }

type ratesFile struct {
	ID, Title, Notes string
	Parts            []struct {
		ID, Title, Unit string
		Rates           []struct {
			From   string
			Values map[string]whole
			Mark   rulebook.Mark
			Marks  map[string]rulebook.Mark
			Source string
			Says   string
		}
	}
}

// whole is an amount written as a whole number: the decoder alone would cut
// 50.5 down to 50.
type whole int64

// UnmarshalYAML reads it.
func (w *whole) UnmarshalYAML(n *yaml.Node) error {
	v, err := strconv.ParseInt(n.Value, 10, 64)
	if err != nil {
		return fmt.Errorf("line %d: %q is not a whole number", n.Line, n.Value)
	}
	*w = whole(v)
	return nil
}

// LoadRates reads a rate table strictly: an unknown key, an amount that is not
// a whole number, a missing part or a date out of order is an error that names
// the place.
func LoadRates(fsys fs.FS, name string) (*Rates, error) {
	text, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, fmt.Errorf("read rates: %w", err)
	}
	var f ratesFile
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(&f); err != nil {
		return nil, fmt.Errorf("rates %s: %w", name, err)
	}
	sum := sha256.Sum256(text)
	r := &Rates{ID: f.ID, Title: f.Title, Notes: strings.TrimSpace(f.Notes), Version: hex.EncodeToString(sum[:])[:12]}
	var ids []string
	for _, p := range f.Parts {
		part := Part{ID: p.ID, Title: p.Title, Unit: p.Unit}
		ids = append(ids, p.ID)
		for _, one := range p.Rates {
			from, err := clock.ParseDate(one.From)
			if err != nil {
				return nil, fmt.Errorf("rates %s, %s: %w", name, p.ID, err)
			}
			rate := Rate{From: from, Values: make(map[string]int64, len(one.Values)), Mark: one.Mark, Marks: one.Marks, Source: one.Source, Says: one.Says}
			for name, v := range one.Values {
				rate.Values[name] = int64(v)
			}
			if err := rate.check(part); err != nil {
				return nil, fmt.Errorf("rates %s, %s from %s: %w", name, p.ID, one.From, err)
			}
			part.Rates = append(part.Rates, rate)
			r.breaks = append(r.breaks, from)
		}
		if len(part.Rates) == 0 || part.Title == "" {
			return nil, fmt.Errorf("rates %s: %s has no title or no rates", name, p.ID)
		}
		r.Parts = append(r.Parts, part)
	}
	if !slices.Equal(ids, partNames()) {
		return nil, fmt.Errorf("rates %s: the parts are %v, and must be %v", name, ids, partNames())
	}
	slices.Sort(r.breaks)
	r.breaks = slices.Compact(r.breaks)
	return r, nil
}

func (r *Rate) check(p Part) error {
	if n := len(p.Rates); r.From.IsZero() || n > 0 && p.Rates[n-1].From >= r.From {
		return fmt.Errorf("the date is missing or not after the one before")
	}
	if len(r.Values) != len(needs(p.ID)) {
		return fmt.Errorf("the values must be %v", needs(p.ID))
	}
	for _, name := range needs(p.ID) {
		if v, ok := r.Values[name]; !ok || v < 0 || v > 1_000_000_000 {
			return fmt.Errorf("%s is missing or not an amount", name)
		}
	}
	for _, m := range r.Marks {
		if weak(m) < 0 || m == Stated {
			return fmt.Errorf("%q is no mark", m)
		}
	}
	if weak(r.Mark) < 0 || r.Mark == Stated {
		return fmt.Errorf("%q is no mark", r.Mark)
	}
	u, err := url.Parse(r.Source)
	if err != nil || r.Source != "" && u.Scheme != "https" || r.Source == "" && r.Mark == rulebook.Confirmed {
		return fmt.Errorf("a confirmed rate needs the https address of its source")
	}
	if r.Mark != rulebook.Confirmed && r.Says == "" {
		return fmt.Errorf("say where it comes from")
	}
	return nil
}

// on gives the rate of a part on a day; nil when none is known yet.
func (r *Rates) on(part string, d clock.Date) *Rate {
	for i := range r.Parts {
		if r.Parts[i].ID != part {
			continue
		}
		list := r.Parts[i].Rates
		for j := len(list) - 1; j >= 0; j-- {
			if list[j].From <= d {
				return &list[j]
			}
		}
	}
	return nil
}

// title names a part.
func (r *Rates) title(part string) string {
	for _, p := range r.Parts {
		if p.ID == part {
			return p.Title
		}
	}
	return part
}
