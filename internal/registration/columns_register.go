package registration

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"msw/internal/clock"
	"msw/internal/problem"
	"msw/internal/tabular"
)

// The columns of the extract that are kept, and those only looked at to know
// the file. The published list ends after the status; an approved practice
// setting column is read where a file has one.
const (
	colNumber      = "GMC Ref No"
	colSurname     = "Surname"
	colGiven       = "Given Name"
	colProvisional = "PR Date"
	colFull        = "FR Date"
	colSpecialist  = "Specialist Register Date"
	colGP          = "GP Register Date"
	colStatus      = "Registration Status"
	colAPS         = "Approved Practice Setting"
)

// publishedOrder is where the columns of a file without a header stand.
var publishedOrder = []string{colNumber, colSurname, colGiven, "Other Names", "Gender", "Qualification", "Year Of Qualification", "Place of Qualification",
	colProvisional, colFull, colSpecialist, colGP, colStatus}

// The reasons why a row is refused.
const (
	reasonNumber = "the GMC number does not have 7 digits"
	reasonZero   = "the GMC number has fewer than 7 digits: a spreadsheet may have taken a zero off its start"
	reasonName   = "there is no name"
	reasonStatus = "there is no registration status"
	reasonShort  = "the row ends before the registration status"
	reasonTwice  = "the GMC number stands twice in the file"
	reasonFuture = "a date lies after the day of the extract"
)

type registerLayout struct {
	at      map[string]int
	notKept []string
}

// readLayout finds the columns by name or, where the first row is an entry, by
// the published order.
func readLayout(cells []string) (l registerLayout, header bool, err error) {
	if len(cells) > 0 {
		if _, bad := ParseNumber(cells[0]); bad == nil && len(cells) >= len(publishedOrder) {
			l.at = map[string]int{}
			for i, name := range publishedOrder {
				l.at[name] = i
			}
			l.notKept = slices.DeleteFunc(slices.Clone(publishedOrder), wanted)
			return l, false, nil
		}
	}
	found, missing, unknown := tabular.Columns(cells, map[string][]string{
		colNumber: {"GMC Reference Number", "GMC Number", "GMC No", "GMC Ref Number"}, colSurname: {"Family Name", "Last Name"}, colGiven: {"Given Names", "Forename", "First Name"},
		colProvisional: {"Provisional Registration Date"}, colFull: {"Full Registration Date"}, colSpecialist: {"SR Date"}, colGP: {"GPR Date"},
		colStatus: {"Status"}, colAPS: {"APS", "Approved Practice Setting Restriction"},
	})
	missing = slices.DeleteFunc(missing, func(name string) bool { return name == colAPS || name == colSpecialist || name == colGP })
	if len(missing) > 0 {
		return l, true, problem.Refuse("This is not an extract of the GMC register as it is published.",
			"These columns are not there: "+strings.Join(missing, ", ")+".", "The first row must name the columns, or be an entry in the published order.")
	}
	return registerLayout{at: found, notKept: unknown}, true, nil
}

func wanted(name string) bool {
	return slices.Contains([]string{colNumber, colSurname, colGiven, colProvisional, colFull, colSpecialist, colGP, colStatus, colAPS}, name)
}

// parsedEntry is a row that was understood.
type parsedEntry struct {
	Entry
	number, family, given string
}

func (l registerLayout) cell(cells []string, name string) string {
	i, ok := l.at[name]
	if !ok || i >= len(cells) {
		return ""
	}
	return strings.TrimSpace(cells[i])
}

// parse reads one row as at a day, or says why it cannot be used.
func (l registerLayout) parse(cells []string, asAt clock.Date) (p parsedEntry, reason string) {
	if l.at[colStatus] >= len(cells) {
		return p, reasonShort
	}
	text := l.cell(cells, colNumber)
	number, err := ParseNumber(text)
	if err != nil {
		if n := len(text); n > 0 && n < 7 && digits(text, n) {
			return p, reasonZero
		}
		return p, reasonNumber
	}
	p.number, p.family, p.given = number, l.cell(cells, colSurname), l.cell(cells, colGiven)
	if p.family == "" && p.given == "" {
		return p, reasonName
	}
	if p.Status = clip(l.cell(cells, colStatus), 200); p.Status == "" {
		return p, reasonStatus
	}
	for _, d := range []struct {
		name string
		to   *clock.Date
	}{{colProvisional, &p.Provisional}, {colFull, &p.Full}, {colSpecialist, &p.Specialist}, {colGP, &p.GP}} {
		if *d.to, err = registerDate(l.cell(cells, d.name)); err != nil {
			return p, d.name + ": " + err.Error()
		}
		if *d.to > asAt {
			return p, reasonFuture
		}
	}
	switch tabular.Fold(l.cell(cells, colAPS)) {
	case "y", "yes", "true", "1":
		p.APS = Yes
	case "n", "no", "false", "0":
		p.APS = No
	}
	p.Listed, p.AsAt = true, asAt
	return p, ""
}

func clip(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}

// registerDate reads a date of the extract: DDMMYYYY whose first zero may be
// lost, so that 5071978 is 5 July 1978; or a date written out.
func registerDate(text string) (clock.Date, error) {
	if n := len(text); n > 0 && digits(text, n) {
		bad := fmt.Errorf("%q is no date written DDMMYYYY", text)
		if n != 7 && n != 8 {
			return 0, bad
		}
		text = strings.Repeat("0", 8-n) + text
		d, err := clock.ParseDate(text[4:] + "-" + text[2:4] + "-" + text[:2])
		if err != nil || d.Year() < 1900 {
			return 0, bad
		}
		return d, nil
	}
	if text == "" {
		return 0, nil
	}
	iso, err := tabular.ParseDate(text, tabular.DayFirst)
	if err != nil {
		return 0, fmt.Errorf("%s is no date", strconv.Quote(clip(text, 30)))
	}
	return clock.ParseDate(iso)
}
