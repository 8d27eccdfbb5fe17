package assessment

import (
	"bytes"
	"fmt"
	"io/fs"
	"slices"

	"go.yaml.in/yaml/v3"

	"msw/internal/clock"
	"msw/internal/rulebook"
)

// Kind is what a reason does to an application.
type Kind string

// The kinds, from the mildest. One that bars keeps somebody from coming back
// for some months; fatal means not now; fixable means send what is missing.
const (
	Fixable Kind = "fixable"
	Fatal   Kind = "fatal"
	Bars    Kind = "bars_return"
)

// Words names a kind to staff.
func (k Kind) Words() string {
	switch k {
	case Fixable:
		return "can be mended"
	case Fatal:
		return "cannot be mended now"
	case Bars:
		return "bars coming back for a time"
	}
	return string(k)
}

// Reason is one coded reason, with the sentence a doctor receives and what
// would cure it.
type Reason struct {
	Code    string
	Section Section
	Kind    Kind
	Staff   string
	Doctor  string
	Cure    string
	Months  int        `yaml:"months"` // for which Bars keeps somebody away
	From    clock.Date // first and last day on which it may be chosen
	To      clock.Date
	Mark    rulebook.Mark
	Says    string
}

type reasonsFile struct {
	ID      string
	Title   string
	Sources []struct {
		Title, URL, Says string
		Mark             rulebook.Mark
	}
	Reasons []Reason
}

// Catalogue is every coded reason there ever was. Read only.
type Catalogue struct{ all []Reason }

// LoadReasons reads the coded reasons strictly and says all that is wrong.
func LoadReasons(files fs.FS, name string) (*Catalogue, error) {
	text, err := fs.ReadFile(files, name)
	if err != nil {
		return nil, err
	}
	var f reasonsFile
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(&f); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	seen := map[string]bool{}
	for _, r := range f.Reasons {
		switch {
		case r.Code == "" || seen[r.Code]:
			return nil, fmt.Errorf("%s: code %q is missing or there twice", name, r.Code)
		case !r.Section.Known():
			return nil, fmt.Errorf("%s: %s: section %q is not known", name, r.Code, r.Section)
		case r.Kind != Fixable && r.Kind != Fatal && r.Kind != Bars:
			return nil, fmt.Errorf("%s: %s: kind %q is not known", name, r.Code, r.Kind)
		case r.Staff == "" || r.Doctor == "" || r.Cure == "" || r.From.IsZero() || r.Mark == "":
			return nil, fmt.Errorf("%s: %s: staff, doctor, cure, from and mark are needed", name, r.Code)
		case (r.Kind == Bars) != (r.Months > 0):
			return nil, fmt.Errorf("%s: %s: months belong to bars_return and only there", name, r.Code)
		}
		seen[r.Code] = true
	}
	return &Catalogue{f.Reasons}, nil
}

// On lists the reasons of a section that may be chosen on a day.
func (c *Catalogue) On(s Section, day clock.Date) []Reason {
	var out []Reason
	for _, r := range c.all {
		if r.Section == s && r.From <= day && (r.To.IsZero() || day <= r.To) {
			out = append(out, r)
		}
	}
	return out
}

// All lists every reason, also those no longer chosen.
func (c *Catalogue) All() []Reason { return slices.Clone(c.all) }

// Named gives the reasons of codes, in their order; an unknown code is left out.
func (c *Catalogue) Named(codes []string) []Reason {
	var out []Reason
	for _, code := range codes {
		if i := slices.IndexFunc(c.all, func(r Reason) bool { return r.Code == code }); i >= 0 {
			out = append(out, c.all[i])
		}
	}
	return out
}

// Worst gives the hardest kind among reasons, "" for none.
func Worst(list []Reason) Kind {
	worst := Kind("")
	for _, r := range list {
		switch {
		case r.Kind == Bars, r.Kind == Fatal && worst != Bars, worst == "":
			worst = r.Kind
		}
	}
	return worst
}

// BarredUntil gives the last day on which reasons keep somebody from coming
// back; zero when none does.
func BarredUntil(list []Reason, decided clock.Date) clock.Date {
	var until clock.Date
	for _, r := range list {
		if r.Kind == Bars {
			until = max(until, clock.AddMonths(decided, r.Months))
		}
	}
	return until
}
