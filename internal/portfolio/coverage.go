package portfolio

import (
	"slices"
	"sort"

	"msw/internal/clock"
)

// Mark is as much of an item as coverage needs: no words, only codes and days.
type Mark struct {
	Shows []int // headings, see Frameworks.Numbers
	On    clock.Date
	State State
	Role  string
}

// Time is a stretch of work: To is the last day, none while it runs. Share is
// thousandths of full time.
type Time struct {
	From, To clock.Date
	Share    int
	MSW      bool   // as a medical support worker: may not count
	With     string // under whom: the time is counted with one person
}

// Shown is what the evidence says of one heading.
type Shown struct {
	Heading Heading
	Items   int        // that count
	Waiting int        // not signed, or not vouched for yet
	Latest  clock.Date // of those that count
	Roles   []string   // who saw it, coded, each once
	Senior  bool       // somebody who may be a signatory saw it
	Old     bool       // shown, but before the time that counts
}

// Missing tells whether nothing that counts shows it.
func (s Shown) Missing() bool { return s.Items == 0 || s.Old }

// Spot is one thing that stands in the way, or that nobody can promise.
type Spot struct {
	Text string
	Sure bool // false: not known whether it counts; ask
}

// Coverage is the picture of one framework.
type Coverage struct {
	Framework Framework
	Shown     []Shown
	Covered   int
	Since     clock.Date // evidence before it is too old; none for no limit
	Missing   []Spot
	Longest   int // days: the longest unbroken time, as full time
}

// Picture works out what the evidence shows of a framework on a day. It is
// pure: marks and times in, picture out.
func Picture(f Framework, marks []Mark, times []Time, today clock.Date) Coverage {
	c := Coverage{Framework: f, Shown: make([]Shown, len(f.Headings))}
	if f.WithinMonths > 0 {
		c.Since = clock.AddMonths(today, -f.WithinMonths)
	}
	for i, h := range f.Headings {
		c.Shown[i].Heading = h
	}
	for i := range marks {
		for _, n := range marks[i].Shows {
			if n -= f.first; n >= 0 && n < len(c.Shown) {
				c.Shown[n].add(&marks[i], today)
			}
		}
	}
	for i := range c.Shown {
		s := &c.Shown[i]
		s.Old = s.Items > 0 && !c.Since.IsZero() && s.Latest < c.Since
		if !s.Missing() {
			c.Covered++
		}
	}
	c.spots(marks, times, today)
	return c
}

func (s *Shown) add(m *Mark, today clock.Date) {
	if m.On > today {
		return // not yet
	}
	if !m.State.Counts() {
		if m.State == Asked || m.State == Signed || m.State == Elsewhere {
			s.Waiting++
		}
		return
	}
	s.Items++
	s.Latest = max(s.Latest, m.On)
	if m.Role != "" && !slices.Contains(s.Roles, m.Role) {
		s.Roles = append(s.Roles, m.Role)
	}
	s.Senior = s.Senior || Senior(m.Role)
}

func (c *Coverage) spots(marks []Mark, times []Time, today clock.Date) {
	f := c.Framework
	add := func(sure bool, text string) { c.Missing = append(c.Missing, Spot{text, sure}) }
	if f.Every && c.Covered < len(c.Shown) {
		add(true, "Show every heading: "+amount(len(c.Shown)-c.Covered, "is", "are")+" missing.")
	}
	if f.SignatoryMonths == 0 {
		return
	}
	var msw bool
	c.Longest, msw = longest(times, c.Since, today)
	need := c.Since.DaysUntil(clock.AddMonths(c.Since, f.SignatoryMonths))
	if c.Longest < need {
		add(true, "Work with your signatory for "+amount(f.SignatoryMonths, "month", "months")+", full time and without a break. The longest so far is "+clock.HowLong(c.Longest)+", counted as full time.")
	}
	if !slices.ContainsFunc(marks, func(m Mark) bool { return m.State == Vouched && Senior(m.Role) && m.On >= c.Since && m.On <= today }) {
		add(true, "Have something signed by a consultant or GP who could be your signatory.")
	}
	if own := c.unseen(); own > 0 {
		add(true, "Have somebody sign for every heading: "+amount(own, "rests", "rest")+" on your own word alone.")
	}
	if msw {
		add(false, "This time is as a medical support worker. No page says whether it counts. Ask the recruitment office.")
	}
}

// unseen is how many headings are shown, but by nothing that anybody saw.
func (c *Coverage) unseen() (n int) {
	for _, s := range c.Shown {
		if !s.Missing() && len(s.Roles) == 0 {
			n++
		}
	}
	return n
}

// longest is the longest unbroken time with any one person.
func longest(times []Time, since, today clock.Date) (days int, msw bool) {
	with := map[string][]Time{}
	for _, t := range times {
		with[t.With] = append(with[t.With], t)
	}
	for _, list := range with {
		n, m := unbroken(list, since, today)
		days, msw = max(days, n), msw || m
	}
	return days, msw
}

// unbroken is the longest time without a break since a day, in days counted as
// full time, and whether any of it was as a medical support worker.
func unbroken(times []Time, since, today clock.Date) (days int, msw bool) {
	list := slices.Clone(times)
	sort.Slice(list, func(i, j int) bool {
		a, b := list[i], list[j]
		return int(a.From-b.From) < 0
	})
	var run, best float64
	var end clock.Date
	for _, t := range list {
		from, to := max(t.From, since), t.To
		if to.IsZero() || to > today {
			to = today
		}
		if to < from {
			continue
		}
		if !end.IsZero() && from > end+1 {
			run = 0
		}
		if !end.IsZero() && from <= end {
			from = end + 1 // two at once count once
		}
		if to < from {
			continue
		}
		run += float64(from.DaysUntil(to)+1) * float64(min(t.Share, 1000)) / 1000
		end, msw = max(end, to), msw || t.MSW
		best = max(best, run)
	}
	return int(best), msw
}

func amount(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return decimal(n) + " " + many
}
