package funding

import (
	"slices"
	"sort"
	"time"

	"msw/internal/clock"
	"msw/internal/placement"
	"msw/internal/post"
	"msw/internal/rulebook"
)

// Cost is one part of a line: what it comes to in a whole year for this share
// of full time, and for the line's days, both in pence.
type Cost struct {
	Part string
	Year int64
	// Pence is Year × days ÷ days of the year, rounded half up.
	Pence int64
	Base  int64 // what Year was worked out from, in pence a year
	Rate  *Rate // nil when the employer stated the amount
	Mark  rulebook.Mark
}

// Line is a run of days in one financial year with the same terms and rates.
type Line struct {
	From, To       clock.Date // both included
	Days, YearDays int
	Share          int // thousandths of full time
	Costs          []Cost
	Pence          int64
	Unknown        string // why the days have no estimate; "" when they have one
}

// Between is the part of the line that falls on some of its days. Parts of a
// line that cover it add up to exactly its Pence: what is counted is always the
// amount up to a day, rounded half up, less the amount up to the day before.
func (l Line) Between(from, to clock.Date) int64 {
	from, to = max(from, l.From), min(to, l.To)
	if from > to {
		return 0
	}
	var sum int64
	for _, c := range l.Costs {
		sum += portion(c.Year, l.From.DaysUntil(to)+1, l.YearDays) - portion(c.Year, l.From.DaysUntil(from), l.YearDays)
	}
	return sum
}

// Marks lists how sure the parts are, each once, the least sure last.
func (l Line) Marks() []rulebook.Mark {
	var marks []rulebook.Mark
	for _, c := range l.Costs {
		if !slices.Contains(marks, c.Mark) {
			marks = append(marks, c.Mark)
		}
	}
	sort.Slice(marks, func(i, j int) bool {
		a, b := marks[i], marks[j]
		return weak(a)-weak(b) < 0
	})
	return marks
}

// Working is what one spell is estimated to have cost the programme, with all
// that the figure was made of.
type Working struct {
	Lines       []Line
	Pence       int64
	Days        int // days with an estimate
	UnknownDays int
	Unfunded    int // days worked after the money ended, not counted
	Version     string
}

// Estimate works out what a spell cost up to and including a day, by
// calendar day and share of full time. A new line begins with each financial
// year (1 April) and with each change of a rate. Days after the place stopped
// being funded cost the programme nothing.
func Estimate(s placement.Spell, rates *Rates, until clock.Date) Working {
	e := Working{Version: rates.Version}
	last := until
	if !s.To.IsZero() {
		last = min(last, s.To)
	}
	worked := last
	if !s.FundedUntil.IsZero() {
		last = min(last, s.FundedUntil)
	}
	if s.From.IsZero() || worked < s.From {
		return e
	}
	e.Unfunded = max(0, max(last, s.From.AddDays(-1)).DaysUntil(worked))
	for from := s.From; from <= last; {
		to := min(last, rates.lineEnd(from))
		l := line(s, rates, from, to)
		e.Lines = append(e.Lines, l)
		e.Pence += l.Pence
		if l.Unknown == "" {
			e.Days += l.Days
		} else {
			e.UnknownDays += l.Days
		}
		from = to.AddDays(1)
	}
	return e
}

// lineEnd is the last day for which everything stays as on d.
func (r *Rates) lineEnd(d clock.Date) clock.Date {
	end := yearStart(d, 1).AddDays(-1)
	i, found := slices.BinarySearch(r.breaks, d)
	if found {
		i++
	}
	if i < len(r.breaks) {
		end = min(end, r.breaks[i].AddDays(-1))
	}
	return end
}

// yearStart is the 1 April that begins the financial year of d, or of as many
// years later.
func yearStart(d clock.Date, later int) clock.Date {
	t := d.Time()
	year := t.Year()
	if t.Month() < time.April {
		year--
	}
	return clock.MakeDate(year+later, time.April, 1)
}

func line(s placement.Spell, rates *Rates, from, to clock.Date) Line {
	l := Line{From: from, To: to, Days: from.DaysUntil(to) + 1, YearDays: yearStart(from, 0).DaysUntil(yearStart(from, 1)), Share: s.WholeTime}
	if !s.Pay.Stated() {
		l.Unknown = "The pay of this place is not stated."
		return l
	}
	if s.Pay.Kind == post.LocalPay {
		l.add(Cost{Part: Basic, Base: s.Pay.Pence, Year: share(s.Pay.Pence, s.WholeTime), Mark: Stated})
	} else {
		basic, point := rates.on(Basic, from), string(s.Pay.Point)
		if basic == nil {
			return l.unknown()
		}
		l.add(Cost{Part: Basic, Base: basic.Values[point], Year: share(basic.Values[point], s.WholeTime), Rate: basic, Mark: basic.MarkOf(point)})
		if s.Pay.HCAS != post.NoZone && !l.percent(rates.on(HCAS, from), HCAS, string(s.Pay.HCAS), l.year()) {
			return l.unknown()
		}
	}
	pay := l.year()
	for _, part := range []string{Insurance, Pension, Levy} {
		if !l.percent(rates.on(part, from), part, "rate", pay) {
			return l.unknown()
		}
	}
	return l
}

func (l Line) unknown() Line {
	l.Unknown, l.Costs, l.Pence = "No rates are known for these days.", nil, 0
	return l
}

// percent adds a part that is a percentage of pay, or of what lies above an
// amount; false when no rate is known.
func (l *Line) percent(rate *Rate, part, name string, pay int64) bool {
	if rate == nil {
		return false
	}
	base := max(0, pay-rate.Values["above"])
	l.add(Cost{Part: part, Base: base, Year: halfUp(base*rate.Values[name], 10_000), Rate: rate, Mark: rate.MarkOf(name, "above")})
	return true
}

func (l *Line) add(c Cost) {
	c.Pence = portion(c.Year, l.Days, l.YearDays)
	l.Costs = append(l.Costs, c)
	l.Pence += c.Pence
}

func (l *Line) year() (sum int64) {
	for _, c := range l.Costs {
		sum += c.Year
	}
	return sum
}

// share is a yearly amount at a share of full time.
func share(pence int64, thousandths int) int64 { return halfUp(pence*int64(thousandths), 1000) }

// portion is the part of a yearly amount that falls on some days.
func portion(year int64, days, yearDays int) int64 {
	return halfUp(year*int64(days), int64(yearDays))
}

// halfUp divides amounts that are not negative, rounding half up.
func halfUp(n, d int64) int64 { return (2*n + d) / (2 * d) }
