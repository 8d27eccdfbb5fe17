// Package clock holds time as msw uses it: civil dates for rules and instants
// for records, both handed in as arguments.
//
// It never reads the machine's clock: only internal/app does, and passes what
// it read to each use case, so that a decision can be replayed on any day.
package clock

import (
	"database/sql/driver"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Date is a civil date as a count of days, 1 being 1 January of year 1. The
// zero value means "no date" and prints as the empty string, so that dates
// compare with < and == and an absent one is always the earliest.
type Date int32

// MakeDate gives the date of a year, month and day that exist; days past the
// month's end roll over as in time.Date.
func MakeDate(year int, month time.Month, day int) Date {
	return dateOf(time.Date(year, month, day, 0, 0, 0, 0, time.UTC))
}

const unixEpoch = 719163 // 1970-01-01 counted from 0001-01-01 as 1

func dateOf(t time.Time) Date {
	seconds := t.Unix()
	days := seconds / 86400
	if seconds%86400 < 0 {
		days--
	}
	return Date(days + unixEpoch)
}

// ParseDate reads YYYY-MM-DD strictly; the empty string is no date.
func ParseDate(s string) (Date, error) {
	if s == "" {
		return 0, nil
	}
	t, err := time.Parse("2006-01-02", s)
	if err != nil || t.Year() < 1 {
		return 0, fmt.Errorf("%q is not a date written YYYY-MM-DD", s)
	}
	return dateOf(t), nil
}

// MustDate is ParseDate for constants in code and tests; it panics on nonsense.
func MustDate(s string) Date {
	d, err := ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

// IsZero tells whether there is no date.
func (d Date) IsZero() bool { return d == 0 }

// Time is the date's first moment in UTC.
func (d Date) Time() time.Time {
	return time.Unix((int64(d)-unixEpoch)*86400, 0).UTC()
}

// String writes YYYY-MM-DD, or nothing for no date.
func (d Date) String() string {
	if d == 0 {
		return ""
	}
	return d.Time().Format("2006-01-02")
}

// Long writes the date as NHS pages do: 7 February 2022.
func (d Date) Long() string {
	if d == 0 {
		return ""
	}
	return d.Time().Format("2 January 2006")
}

// Year, Month and Day take the date apart.
func (d Date) Year() int         { return d.Time().Year() }
func (d Date) Month() time.Month { return d.Time().Month() }
func (d Date) Day() int          { return d.Time().Day() }

// AddDays moves the date by n days.
func (d Date) AddDays(n int) Date { return d + Date(n) }

// DaysUntil counts the days from d to later; negative when later is earlier.
func (d Date) DaysUntil(later Date) int { return int(later - d) }

// HowLong writes a number of days as one says it: in days to 99, then in whole
// months, from two years on in whole years and months.
func HowLong(days int) string {
	count := func(n int, one string) string {
		if n == 1 {
			return "1 " + one
		}
		return strconv.Itoa(n) + " " + one + "s"
	}
	months := days * 12 / 365
	switch {
	case days < 100:
		return count(days, "day")
	case months < 24:
		return count(months, "month")
	case months%12 == 0:
		return count(months/12, "year")
	}
	return count(months/12, "year") + " " + count(months%12, "month")
}

// AddMonths is the only month arithmetic in msw. A window of n months from d
// ends, exclusive, on the same day n months later, or on that month's last day
// where it has no such day: 2024-02-29 plus 24 months is 2026-02-28, the
// earlier and safer end (recalled, not confirmed with the GMC; architecture 4).
func AddMonths(d Date, n int) Date {
	if d == 0 {
		return 0
	}
	const reach = 2_000_000 // days and months within which the short way serves
	if d < 1 || d > reach || n < -reach || n > reach {
		return addMonthsByTime(d, n)
	}
	year, month, day := d.civil()
	months := int32(n) + year*12 + month - 1
	if months < 12 {
		return addMonthsByTime(d, n)
	}
	year, month = months/12, months%12+1
	return civilDate(year, month, min(day, monthDays(year, month)))
}

// addMonthsByTime is AddMonths by the standard library: ten times slower, right
// for any date. A test compares the two.
func addMonthsByTime(d Date, n int) Date {
	year, month, day := d.Time().Date()
	first := time.Date(year, month+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return dateOf(first).AddDays(min(day, last) - 1)
}

// Years are counted from March, so that the leap day ends them: 306 days of the
// year 0 come before 1 January of year 1.
const (
	beforeYearOne = 305
	daysIn400     = 146097
)

// civil takes a date from 1 on apart, by the method of Neri and Schneider
// ("Euclidean affine functions and their application to calendar algorithms",
// 2022): multiplications in place of most divisions.
func (d Date) civil() (year, month, day int32) {
	n := 4*(uint32(d)+beforeYearOne) + 3
	century, rest := n/daysIn400, n%daysIn400/4
	const inverse = 2939745 // 2^32 / 1461, a year and its quarter of a leap day
	p := inverse * uint64(4*rest+3)
	yearOfCentury, dayOfYear := uint32(p>>32), uint32(p)/inverse/4
	m := 2141*dayOfYear + 197913 // 2^16 · 5 / 153, five months from March
	year, month, day = int32(100*century+yearOfCentury), int32(m>>16), int32(m&0xffff/2141)+1
	if dayOfYear >= 306 {
		month -= 12
		year++
	}
	return year, month, day
}

// civilDate puts a date together, from year 1 on.
func civilDate(year, month, day int32) Date {
	if month <= 2 {
		month += 12
		year--
	}
	era, yoe := uint32(year)/400, uint32(year)%400
	doy := uint32(153*(month-3)+2)/5 + uint32(day) - 1
	return Date(era*daysIn400+yoe*365+yoe/4-yoe/100+doy) - beforeYearOne
}

func monthDays(year, month int32) int32 {
	switch month {
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// MonthEnd is the last day of the date's month.
func (d Date) MonthEnd() Date {
	t := d.Time()
	return dateOf(time.Date(t.Year(), t.Month()+1, 0, 0, 0, 0, 0, time.UTC))
}

// Value stores the date as text, so that both engines order it alike.
func (d Date) Value() (driver.Value, error) { return d.String(), nil }

// Scan reads what Value wrote; NULL is no date.
func (d *Date) Scan(src any) error {
	s, err := text(src)
	if err != nil {
		return err
	}
	*d, err = ParseDate(s)
	return err
}

// MarshalText and UnmarshalText let a date stand in JSON and YAML.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads YYYY-MM-DD or nothing.
func (d *Date) UnmarshalText(b []byte) (err error) {
	*d, err = ParseDate(string(b))
	return err
}

// Instant is a moment in UTC, kept as fixed-width text in the database so that
// text order is time order on both engines.
type Instant struct{ t time.Time }

const instantLayout = "2006-01-02T15:04:05.000000Z"

// At makes an instant, cut to the microsecond that storage keeps.
func At(t time.Time) Instant { return Instant{t.UTC().Truncate(time.Microsecond)} }

// ParseInstant reads what String wrote.
func ParseInstant(s string) (Instant, error) {
	if s == "" {
		return Instant{}, nil
	}
	t, err := time.Parse(instantLayout, s)
	if err != nil {
		return Instant{}, fmt.Errorf("%q is not an instant written %s", s, instantLayout)
	}
	return At(t), nil
}

// IsZero tells whether there is no instant.
func (i Instant) IsZero() bool { return i.t.IsZero() }

// Time is the instant as Go knows it.
func (i Instant) Time() time.Time { return i.t }

// Add moves the instant.
func (i Instant) Add(d time.Duration) Instant { return At(i.t.Add(d)) }

// Before and After order two instants.
func (i Instant) Before(j Instant) bool { return i.t.Before(j.t) }
func (i Instant) After(j Instant) bool  { return i.t.After(j.t) }

// String writes fixed-width UTC, or nothing for no instant.
func (i Instant) String() string {
	if i.IsZero() {
		return ""
	}
	return i.t.Format(instantLayout)
}

// Value stores the instant as text.
func (i Instant) Value() (driver.Value, error) { return i.String(), nil }

// Scan reads what Value wrote; NULL is no instant.
func (i *Instant) Scan(src any) error {
	s, err := text(src)
	if err != nil {
		return err
	}
	*i, err = ParseInstant(s)
	return err
}

// MarshalText lets an instant stand in JSON.
func (i Instant) MarshalText() ([]byte, error) { return []byte(i.String()), nil }

// UnmarshalText reads what MarshalText wrote; nothing is no instant.
func (i *Instant) UnmarshalText(b []byte) (err error) {
	if len(b) == 0 {
		*i = Instant{}
		return nil
	}
	*i, err = ParseInstant(string(b))
	return err
}

// Local gives the civil date in London, where the programme's deadlines fall.
func (i Instant) Local() Date {
	if i.IsZero() {
		return 0
	}
	t := i.t.In(london)
	return MakeDate(t.Year(), t.Month(), t.Day())
}

// LocalTime writes the London time of day as NHS pages do: 3:05pm.
func (i Instant) LocalTime() string { return strings.ToLower(i.t.In(london).Format("3:04PM")) }

// StartOf is the first moment of a date in London.
func StartOf(d Date) Instant {
	t := d.Time()
	return At(time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, london))
}

// OnDay is a time of day on a date in London, in minutes after midnight by the
// clock on the wall: 14:30 stays 14:30 when the clocks change.
func OnDay(d Date, minutes int) Instant {
	t := d.Time()
	return At(time.Date(t.Year(), t.Month(), t.Day(), 0, minutes, 0, 0, london))
}

func text(src any) (string, error) {
	switch v := src.(type) {
	case nil:
		return "", nil
	case string:
		return v, nil
	case []byte:
		return string(v), nil
	}
	return "", fmt.Errorf("cannot read a time from %T", src)
}
