package tabular

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// DateOrder is how a file writes a date given in numbers only.
type DateOrder int

// The orders a file may declare. Undeclared takes only dates that can be read one way.
const (
	Undeclared DateOrder = iota
	DayFirst
	MonthFirst
)

const dateHint = "Write the date like 1980-04-27 or 27 April 1980."

// Dates outside these years are more likely a slip or another calendar.
const firstYear, lastYear = 1850, 2199

var (
	yearFirst = regexp.MustCompile(`^(\d{4})([-/. ])(\d{1,2})([-/. ])(\d{1,2})(?:[t ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:z|[+-]\d{2}:?\d{2})?)?$`)
	yearLast  = regexp.MustCompile(`^(\d{1,2})\s*([-/. ])\s*(\d{1,2})\s*([-/. ])\s*(\d{4}|\d{2})(?: \d{1,2}:\d{2}(?::\d{2})?)?$`)
	dayNamed  = regexp.MustCompile(`^(\d{1,2})(?:st|nd|rd|th)?[- /.]*([a-z]+)\.?,?[- /.]*(\d{4}|\d{2})$`)
	monNamed  = regexp.MustCompile(`^([a-z]+)\.?[- ]*(\d{1,2})(?:st|nd|rd|th)?,?[- ]+(\d{4}|\d{2})$`)
	digits    = regexp.MustCompile(`^\d+$`)
)

// ParseDate reads a civil date and gives it as YYYY-MM-DD. A date in numbers
// that can be read two ways is refused unless order says which it is; two-digit
// years are always refused. Compact forms YYYYMMDD and, when DayFirst, DDMMYYYY
// with or without its leading zero are read. The error is for the file's owner.
func ParseDate(text string, order DateOrder) (string, error) {
	s := asciiDigits(strings.ToLower(strings.Join(strings.Fields(text), " ")))
	if s == "" {
		return "", invalid("The date is missing. " + dateHint)
	}
	if m := yearFirst.FindStringSubmatch(s); m != nil && m[2] == m[4] {
		return civil(text, m[1], m[3], m[5])
	}
	if m := yearLast.FindStringSubmatch(s); m != nil && m[2] == m[4] {
		return numbered(text, m[1], m[3], m[5], order)
	}
	if m := dayNamed.FindStringSubmatch(s); m != nil {
		return named(text, m[1], m[2], m[3])
	}
	if m := monNamed.FindStringSubmatch(s); m != nil {
		return named(text, m[2], m[1], m[3])
	}
	if digits.MatchString(s) {
		return compact(text, s, order)
	}
	return "", invalid(fmt.Sprintf("%q is not a date we can read. %s", short(text), dateHint))
}

func numbered(text, first, second, year string, order DateOrder) (string, error) {
	a, b := atoi(first), atoi(second)
	switch {
	case order == DayFirst:
		return civil(text, year, second, first)
	case order == MonthFirst:
		return civil(text, year, first, second)
	case a <= 12 && b <= 12 && a != b && len(year) == 4:
		return "", invalid(fmt.Sprintf("%q can be read as %d %s or as %d %s. Say which comes first in this file, the day or the month, or write the date like 1980-04-27.",
			short(text), a, monthName(b), b, monthName(a)))
	case a > 12:
		return civil(text, year, second, first)
	}
	return civil(text, year, first, second)
}

func compact(text, s string, order DateOrder) (string, error) {
	if len(s) == 8 {
		if date, err := civil(text, s[:4], s[4:6], s[6:]); err == nil {
			return date, nil
		}
	}
	if order == DayFirst && len(s) == 7 {
		s = "0" + s
	}
	if len(s) == 8 {
		return numbered(text, s[:2], s[2:4], s[4:], order)
	}
	if len(s) == 5 {
		return "", invalid(fmt.Sprintf("%q looks like a spreadsheet's day number, not a date. Format the column as a date and save the file again.", short(text)))
	}
	return "", invalid(fmt.Sprintf("%q is not a date we can read. %s", short(text), dateHint))
}

func named(text, day, month, year string) (string, error) {
	for m := time.January; m <= time.December; m++ {
		full := strings.ToLower(m.String())
		if month == full || month == full[:3] || (m == time.September && month == "sept") {
			return civil(text, year, strconv.Itoa(int(m)), day)
		}
	}
	return "", invalid(fmt.Sprintf("%q names no month we know. %s", short(text), dateHint))
}

// civil checks that the day exists.
func civil(text, year, month, day string) (string, error) {
	if len(year) != 4 {
		return "", invalid(fmt.Sprintf("%q has a year of two digits. Write the year in four digits.", short(text)))
	}
	y, m, d := atoi(year), atoi(month), atoi(day)
	if y < firstYear || y > lastYear {
		return "", invalid(fmt.Sprintf("%q is in the year %d. Check the year, and that the date is in the Western calendar.", short(text), y))
	}
	at := time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC)
	if at.Year() != y || int(at.Month()) != m || at.Day() != d {
		return "", invalid(fmt.Sprintf("%q is not a day in the calendar. %s", short(text), dateHint))
	}
	return at.Format(time.DateOnly), nil
}

func monthName(m int) string { return time.Month(m).String() }

func atoi(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return -1
	}
	return n
}

// asciiDigits turns the decimal digits of any script into 0 to 9; scripts keep
// their ten digits together, zero first, at a code that ends a run of Nd.
func asciiDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x80 || !unicode.Is(unicode.Nd, r) {
			return r
		}
		for _, zero := range []rune{0x660, 0x6F0, 0x966, 0x9E6, 0xFF10} {
			if r >= zero && r < zero+10 {
				return '0' + r - zero
			}
		}
		return r
	}, s)
}

// short keeps a message readable when a cell is not.
func short(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}
