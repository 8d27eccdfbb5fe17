package registration

import (
	"fmt"
	"io/fs"
	"slices"
	"strconv"

	"go.yaml.in/yaml/v3"

	"msw/internal/clock"
	"msw/internal/rulebook"
)

// pence is an amount; feeNotKnown where no figure was found.
type pence int64

const feeNotKnown pence = -1

// UnmarshalYAML reads whole pence, or unknown.
func (p *pence) UnmarshalYAML(n *yaml.Node) error {
	if n.Value == "unknown" {
		*p = feeNotKnown
		return nil
	}
	v, err := strconv.ParseInt(n.Value, 10, 64)
	if err != nil || v < 0 {
		return fmt.Errorf("line %d: %q is neither whole pence nor unknown", n.Line, n.Value)
	}
	*p = pence(v)
	return nil
}

// feeRate is a fee from a day on.
type feeRate struct {
	From         civil
	Pence        pence
	Mark         rulebook.Mark
	Source, Says string
}

// civil is a date in a YAML file.
type civil struct{ clock.Date }

// UnmarshalYAML reads YYYY-MM-DD.
func (c *civil) UnmarshalYAML(n *yaml.Node) (err error) {
	if c.Date, err = clock.ParseDate(n.Value); err != nil || c.IsZero() {
		return fmt.Errorf("line %d: %q is no date", n.Line, n.Value)
	}
	return nil
}

// help is a concession: what is left to pay, in hundredths of a percent, for the
// first so many attempts (0 for all).
type help struct {
	ID, Title    string
	Pays         int64
	Attempts     int
	Mark         rulebook.Mark
	Source, Says string
}

type fee struct {
	ID, Title string
	Rates     []feeRate
	Help      []help
}

// at gives the fee on a day; before the first rate it is not known.
func (f *fee) at(on clock.Date) feeRate {
	for _, r := range slices.Backward(f.Rates) {
		if r.From.Date <= on {
			return r
		}
	}
	return feeRate{Pence: feeNotKnown, Mark: rulebook.Recalled, Says: "No figure was found for that time."}
}

// before gives the last fee that is known before a day, to show beside one that
// is not.
func (f *fee) before(on clock.Date) (feeRate, bool) {
	for _, r := range slices.Backward(f.Rates) {
		if r.From.Date <= on && r.Pence != feeNotKnown {
			return r, true
		}
	}
	return feeRate{}, false
}

// fees is the table, and which day decides a fee.
type fees struct {
	day, says string
	byID      map[string]*fee
}

// feeIDs are the fees a file must have.
func feeIDs() []string {
	return []string{"PLAB1", "PLAB2", "FULL", "FULL_NEW", "PROV", "PORTFOLIO", "ENGLISH", "VERIFICATION", "GOOD_STANDING"}
}

func readFees(files fs.FS, name string) (fees, error) {
	var f struct {
		ID, Title, Notes string
		Decides          struct {
			Day          string
			Mark         rulebook.Mark
			Source, Says string
		}
		Fees []fee
	}
	out := fees{byID: map[string]*fee{}}
	if err := readStrictly(files, name, &f); err != nil {
		return out, err
	}
	if f.Decides.Day != "payment" && f.Decides.Day != "application" {
		return out, fmt.Errorf("%s: decides.day is %q: use payment or application", name, f.Decides.Day)
	}
	out.day, out.says = f.Decides.Day, f.Decides.Says
	for i := range f.Fees {
		one := &f.Fees[i]
		if err := one.check(); err != nil {
			return out, fmt.Errorf("%s: %s: %w", name, one.ID, err)
		}
		out.byID[one.ID] = one
	}
	for _, id := range feeIDs() {
		if out.byID[id] == nil {
			return out, fmt.Errorf("%s: the fee %s is missing", name, id)
		}
	}
	return out, nil
}

func (f *fee) check() error {
	if len(f.Rates) == 0 || !slices.IsSortedFunc(f.Rates, func(a, b feeRate) int { return int(a.From.Date - b.From.Date) }) {
		return fmt.Errorf("rates are missing or not in the order of their dates")
	}
	for _, r := range f.Rates {
		if err := checkMark(r.Mark, r.Source); err != nil {
			return err
		}
	}
	for _, h := range f.Help {
		if h.Pays < 0 || h.Pays > 10000 {
			return fmt.Errorf("help %s pays more than all or less than nothing", h.ID)
		}
		if err := checkMark(h.Mark, h.Source); err != nil {
			return err
		}
	}
	return nil
}

// poundWords says an amount as a page does.
func poundWords(amount int64) string {
	if amount%100 == 0 {
		return "£" + thousands(amount/100)
	}
	return fmt.Sprintf("£%s.%02d", thousands(amount/100), amount%100)
}

func thousands(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
