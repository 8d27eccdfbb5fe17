package programme

import (
	"cmp"
	"regexp"
	"slices"
	"sort"
	"strings"

	"msw/internal/clock"
	"msw/internal/problem"
)

// Answer to "is it open today?".
type Answer string

// The answers. NotKnown is an honest one: nothing published says.
const (
	Yes      Answer = "yes"
	No       Answer = "no"
	NotKnown Answer = "not known"
)

// Opening is whether something is open on a day, and what else is known.
type Opening struct {
	Answer        Answer
	Phase         Phase      // the phase that decides, when there is one
	Closes        clock.Date // with Yes: the last day, when known
	Next          clock.Date // with No: the next day it opens, when known
	LastPublished clock.Date // the last day about which anything is published or set
	Note          string     // what was published without a date, in words
}

// OpenToday tells whether people can apply on a day.
func OpenToday(phases []Phase, today clock.Date) Opening {
	return open(phases, today, FieldApplications, func(p Phase) (clock.Date, clock.Date) {
		return p.ApplicationsOpen, p.ApplicationsClose
	})
}

// WaitingOpenToday tells whether people can join the waiting list on a day.
func WaitingOpenToday(phases []Phase, today clock.Date) Opening {
	return open(phases, today, FieldWaiting, func(p Phase) (clock.Date, clock.Date) {
		return p.WaitingOpen, p.WaitingClose
	})
}

// open says Yes only inside a dated window, and No only where dates say so: a
// known window that is over or not yet begun. A phase that says "closed" and
// gives no date decides nothing; its words go with the answer.
func open(phases []Phase, today clock.Date, field Field, window func(Phase) (from, to clock.Date)) Opening {
	out := Opening{Answer: NotKnown, LastPublished: lastPublished(phases, today)}
	for _, p := range sorted(phases) {
		from, to := window(p)
		dated := p.Known(field) && !from.IsZero()
		ended := p.Known(field) && !to.IsZero() && today > to
		if to.IsZero() {
			to = p.Ends
		}
		switch {
		case dated && today >= from && (to.IsZero() || today <= to):
			out.Answer, out.Phase, out.Closes, out.Next = Yes, p, to, 0
			return out
		case dated && from > today:
			if out.Next.IsZero() {
				out.Next = from
			}
			if out.Answer == NotKnown && out.Phase.Code == "" {
				out.Answer, out.Phase = No, p
			}
		case p.Covers(today) && (dated || ended):
			out.Answer, out.Phase = No, p
		case p.Covers(today):
			out.Answer, out.Phase, out.Note = NotKnown, p, p.Marks[field].Note
		}
	}
	return out
}

// lastPublished is the latest day, not after today, on which any phase says
// something: an announcement, a start, an end, a window.
func lastPublished(phases []Phase, today clock.Date) clock.Date {
	var last clock.Date
	for _, p := range phases {
		for _, d := range []clock.Date{p.Announced, p.Starts, p.Ends, p.ApplicationsOpen, p.ApplicationsClose, p.WaitingOpen, p.WaitingClose} {
			if d <= today && d > last {
				last = d
			}
		}
	}
	return last
}

func sorted(phases []Phase) []Phase {
	out := slices.Clone(phases)
	sort.Slice(out, func(i, j int) bool {
		a, b := out[i], out[j]
		return cmp.Or(cmp.Compare(a.Starts, b.Starts), cmp.Compare(a.Code, b.Code)) < 0
	})
	return out
}

// phaseOn is the phase running on a day; of two, the one that began later.
func phaseOn(phases []Phase, d clock.Date) (Phase, bool) {
	all := sorted(phases)
	for i := len(all) - 1; i >= 0; i-- {
		if all[i].Covers(d) {
			return all[i], true
		}
	}
	return Phase{}, false
}

var codeShape = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

func checkPhase(p Phase) error {
	var c problem.Check
	c.That(codeShape.MatchString(p.Code), "code", "Enter a short code: small letters, numbers and dashes, like 2022-23")
	c.That(p.Title != "", "title", "Enter the name of the phase")
	c.That(!p.Starts.IsZero(), "starts", "Enter the first day of the phase")
	c.That(p.Ends.IsZero() || p.Ends >= p.Starts, "ends", "The last day must be on or after the first day")
	c.That(p.Money >= 0, "money", "The money cannot be less than 0")
	c.That(p.Places >= 0, "places", "The number of places cannot be less than 0")
	c.That(p.ApplicationsClose.IsZero() || p.ApplicationsClose >= p.ApplicationsOpen, "applications_close", "Applications must close on or after the day they open")
	c.That(p.WaitingClose.IsZero() || p.WaitingClose >= p.WaitingOpen, "waiting_close", "The waiting list must close on or after the day it opens")
	for _, f := range fields {
		m, ok := p.Marks[f]
		if !ok {
			continue
		}
		c.That(slices.Contains(statuses[:], m.Status), string(f)+"_status", "Choose how well this is known")
		needs := m.Status == Confirmed && m.Source == ""
		c.That(!needs, string(f)+"_source", "Give the web address where "+strings.ToLower(f.Words())+" was published")
		c.That(m.Source == "" || webAddress(m.Source), string(f)+"_source", "Enter a web address that begins with https:// or http://")
	}
	return c.Err()
}

func webAddress(s string) bool {
	return (strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "http://")) && !strings.ContainsAny(s, " \t\n\"<>")
}

// ruleSetOn picks the approved rule set of the latest start that applies.
func ruleSetOn(sets []RuleSet, d clock.Date) (RuleSet, bool) {
	var best RuleSet
	found := false
	for _, r := range sets {
		if !r.On(d) {
			continue
		}
		if !found || cmp.Or(cmp.Compare(r.Effective(), best.Effective()), cmp.Compare(r.ApprovedOn, best.ApprovedOn), cmp.Compare(r.ID, best.ID)) > 0 {
			best, found = r, true
		}
	}
	return best, found
}
