package card

import (
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"msw/internal/clock"
)

// The clocks go forward on 31 March 2024 and this window straddles it.
var firstDay = clock.MustDate("2024-03-12")

const window = 40 // days

var oddTasks = []Task{{ID: "a", Highest: 3}, {ID: "b", Highest: 3, Manages: true}, {ID: "c", Highest: 2}, {ID: "d", Highest: 4}}

type dice struct{ *rand.Rand }

func (d dice) day() clock.Date {
	if d.IntN(12) == 0 {
		return 0
	}
	return firstDay.AddDays(d.IntN(window))
}

func (d dice) instant() clock.Instant {
	if d.IntN(12) == 0 {
		return clock.Instant{}
	}
	return clock.At(firstDay.Time().Add(time.Duration(d.IntN(window*24)) * time.Hour))
}

func (d dice) seldom(n int) clock.Instant {
	if d.IntN(n) > 0 {
		return clock.Instant{}
	}
	return d.instant()
}

func (d dice) host() string { return []string{"X", "X", "X", "Y", ""}[d.IntN(5)] }

// history makes one at random, mostly read at an instant, with nonsense in it:
// levels that do not exist, dates the wrong way round, days and instants that
// are missing.
func (d dice) history(at clock.Instant) History {
	h := History{ReadAt: at}
	if d.IntN(8) == 0 {
		h.ReadAt = d.instant()
	}
	h.Stints = []Stint{{Host: "X", From: firstDay.AddDays(d.IntN(window / 2))}}
	h.Covers = []Cover{{Account: "s", From: firstDay.AddDays(d.IntN(window / 2))}}
	if d.IntN(4) == 0 {
		h.Stints, h.Covers = nil, nil
	}
	for range d.IntN(2) {
		s := Stint{Host: d.host(), From: d.day()}
		if d.IntN(2) == 0 {
			s.To = d.day()
		}
		h.Stints = append(h.Stints, s)
	}
	for range d.IntN(5) {
		h.Levels = append(h.Levels, HostLevel{Host: d.host(), Task: oddTasks[d.IntN(2)].ID, Level: Level(d.IntN(6) - 1), At: d.instant()})
	}
	for _, t := range oddTasks { // enough that many lines come out allowed
		h.Levels = append(h.Levels, HostLevel{Host: "X", Task: t.ID, Level: Level(1 + d.IntN(4)), At: clock.StartOf(firstDay)})
	}
	for i := range d.IntN(6) {
		s := SignOff{ID: strconv.Itoa(i), Task: oddTasks[d.IntN(len(oddTasks))].ID, Host: d.host(), Level: Level(d.IntN(6) - 1), On: d.day(),
			RecordedAt: d.instant(), ConfirmedAt: d.instant(), WithdrawnAt: d.seldom(4)}
		if s.Recheck = d.day(); d.IntN(2) == 0 {
			s.Recheck = s.On.AddDays(d.IntN(window))
		}
		if d.IntN(2) == 0 { // often all in order, so that many lines are allowed
			s.Host, s.On, s.Recheck, s.ConfirmedAt = "X", firstDay, firstDay.AddDays(window/2+d.IntN(window)), s.RecordedAt
		}
		h.SignOffs = append(h.SignOffs, s)
	}
	for range d.IntN(2) {
		c := Cover{Account: []string{"s", "t", ""}[d.IntN(3)], From: d.day(), Stands: d.IntN(2) == 0}
		if d.IntN(2) == 0 {
			c.To = d.day()
		}
		h.Covers = append(h.Covers, c)
	}
	if d.IntN(4) == 0 {
		h.Away = []Away{{d.day(), d.day()}}
	}
	if d.IntN(6) == 0 {
		h.Registered = d.day()
	}
	return h
}

// may is the second opinion: it is written as one sentence of what must all
// hold, and shares nothing with decide.go but the words.
func may(h History, t Task, level Level, at clock.Instant) bool {
	today := at.Local()
	on := func(from, to clock.Date) bool { return from != 0 && from <= today && (to == 0 || to >= today) }
	if h.ReadAt == (clock.Instant{}) || at.Time().Sub(h.ReadAt.Time()) >= 24*time.Hour || h.Registered != 0 && h.Registered <= today {
		return false
	}
	hosts := map[string]bool{}
	for _, s := range h.Stints {
		if s.Host != "" && on(s.From, s.To) {
			hosts[s.Host] = true
		}
	}
	if len(hosts) != 1 || slices.ContainsFunc(h.Away, func(a Away) bool { return on(a.From, a.To) }) ||
		!slices.ContainsFunc(h.Covers, func(c Cover) bool { return c.Account != "" && on(c.From, c.To) }) {
		return false
	}
	known := func(i clock.Instant) bool { return i != (clock.Instant{}) && !i.Time().After(at.Time()) }
	levels := slices.DeleteFunc(slices.Clone(h.Levels), func(l HostLevel) bool { return !hosts[l.Host] || l.Task != t.ID || !known(l.At) })
	slices.SortFunc(levels, func(a, b HostLevel) int {
		if n := a.At.Time().Compare(b.At.Time()); n != 0 {
			return n
		}
		return int(b.Level - a.Level)
	})
	signed := slices.DeleteFunc(slices.Clone(h.SignOffs), func(s SignOff) bool { return !hosts[s.Host] || s.Task != t.ID || !known(s.RecordedAt) })
	slices.SortFunc(signed, func(a, b SignOff) int {
		if n := a.RecordedAt.Time().Compare(b.RecordedAt.Time()); n != 0 {
			return n
		}
		return int(a.ID[0]) - int(b.ID[0])
	})
	if len(levels) == 0 || len(signed) == 0 {
		return false
	}
	last, given := signed[len(signed)-1], levels[len(levels)-1].Level
	for _, bound := range []Level{last.Level, given, t.Highest} {
		if bound < 1 || bound > 3 || level > bound {
			return false
		}
	}
	return level >= 1 && !(t.Manages && level > 2) && !known(last.WithdrawnAt) && known(last.ConfirmedAt) &&
		last.On != 0 && last.On <= today && last.Recheck >= last.On && last.Recheck >= today
}

// onlyKnown leaves what had been recorded by an instant: all that a printed card
// could know.
func onlyKnown(h History, at clock.Instant) History {
	late := func(i clock.Instant) bool { return i.After(at) }
	h.Levels = slices.DeleteFunc(slices.Clone(h.Levels), func(l HostLevel) bool { return late(l.At) })
	h.SignOffs = slices.DeleteFunc(slices.Clone(h.SignOffs), func(s SignOff) bool { return late(s.RecordedAt) })
	for i := range h.SignOffs {
		for _, p := range []*clock.Instant{&h.SignOffs[i].WithdrawnAt, &h.SignOffs[i].ConfirmedAt} {
			if late(*p) {
				*p = clock.Instant{}
			}
		}
	}
	h.ReadAt = at // a card is made from what was read then
	return h
}

// check compares one random history with the second opinion, and tells how many
// lines were allowed.
func check(t *testing.T, r *Rules, d dice) int {
	at := clock.At(firstDay.Time().Add(time.Duration(d.IntN(window*24*60)) * time.Minute))
	h := d.history(at)
	c := r.At(h, at)
	allowed := 0
	for _, l := range c.Lines {
		if (l.State == Allowed) != may(h, l.Task, 1, at) {
			t.Errorf("%s at %s: the card says %s\n%+v", l.Task.ID, at, l.State, h)
		}
		if l.State != Allowed {
			if l.Level != 0 || !l.NotAfter.IsZero() {
				t.Errorf("%s is %s and carries level %d until %s", l.Task.ID, l.State, l.Level, l.NotAfter)
			}
			continue
		}
		allowed++
		if !may(h, l.Task, l.Level, at) || may(h, l.Task, l.Level+1, at) {
			t.Errorf("%s at %s: level %d\n%+v", l.Task.ID, at, l.Level, h)
		}
		if !l.NotAfter.After(at) || l.NotAfter.After(at.Add(24*time.Hour)) {
			t.Errorf("%s at %s may be shown until %s", l.Task.ID, at, l.NotAfter)
		}
		// Printed, it says nothing that what was known then would not say.
		known := onlyKnown(h, at)
		span := l.NotAfter.Time().Sub(at.Time())
		for _, after := range []time.Duration{span / 2, span - time.Microsecond} {
			then := at.Add(after)
			if !may(known, l.Task, l.Level, then) {
				t.Errorf("%s printed at %s: still there at %s\n%+v", l.Task.ID, at, then, h)
			}
		}
		if slices.ContainsFunc(c.Allowed(l.NotAfter), func(other Line) bool { return other.Task.ID == l.Task.ID }) {
			t.Errorf("%s is still allowed at its end", l.Task.ID)
		}
	}
	return allowed
}

// TestNothingUnknownStaleOrExpiredIsAllowed compares the card with an
// independent opinion over a million random histories. MSW_CARD_HISTORIES sets
// another number.
func TestNothingUnknownStaleOrExpiredIsAllowed(t *testing.T) {
	count := 1_000_000
	if n, err := strconv.Atoi(os.Getenv("MSW_CARD_HISTORIES")); err == nil {
		count = n
	} else if testing.Short() {
		count = 50_000
	}
	r := &Rules{Tasks: oddTasks}
	seed := rand.Uint64()
	workers := runtime.GOMAXPROCS(0)
	allowed := make([]int, workers)
	var all sync.WaitGroup
	for w := range workers {
		all.Go(func() {
			d := dice{rand.New(rand.NewPCG(seed, uint64(w)))}
			for range count / workers {
				allowed[w] += check(t, r, d)
				if t.Failed() {
					return
				}
			}
		})
	}
	all.Wait()
	total := 0
	for _, n := range allowed {
		total += n
	}
	t.Logf("seed %d: %d histories, %d lines allowed", seed, count, total)
	if total < count/30 {
		t.Errorf("only %d lines of %d histories were allowed: the histories test too little", total, count)
	}
}
