package card

import (
	"time"

	"msw/internal/clock"
)

// Life is how long a card that was printed or saved may say anything.
const Life = 24 * time.Hour

// At decides a card at an instant. Every line that is not provably allowed is
// refused, with the first reason found.
func (r *Rules) At(h History, at clock.Instant) Card {
	c := Card{At: at, Never: r.Never, State: Allowed, Lines: make([]Line, len(r.Tasks))}
	today := at.Local()
	end := at.Add(Life)
	stint, in := stintOn(h.Stints, today)
	c.Host = stint.Host
	c.Under = covering(h.Covers, today)
	c.State = h.bars(in, c.Under, today, at)
	if c.State == Allowed {
		end = earlier(end, h.holds(stint, c.Under[0], today))
	}
	for i, task := range r.Tasks {
		l := Line{Task: task, State: c.State}
		if s, ok := latest(h.SignOffs, task.ID, c.Host, at); ok {
			l.SignOff = s
		}
		if c.State == Allowed {
			l.State, l.Level = h.judge(task, l.SignOff, c.Host, today, at)
		}
		if l.State == Allowed {
			l.NotAfter = earlier(end, clock.StartOf(l.SignOff.Recheck.AddDays(1)))
			if c.NotAfter.IsZero() || l.NotAfter.Before(c.NotAfter) {
				c.NotAfter = l.NotAfter
			}
		}
		c.Lines[i] = l
	}
	return c
}

// bars gives what keeps everything from being allowed.
func (h History) bars(in bool, under []Cover, today clock.Date, at clock.Instant) State {
	switch {
	case h.ReadAt.IsZero() || !at.Before(h.ReadAt.Add(Life)):
		return TooOld
	case !h.Registered.IsZero() && h.Registered <= today:
		return Ended
	case !in:
		return NotInPost
	case away(h.Away, today):
		return NotAtWork
	case len(under) == 0:
		return Nobody
	}
	return Allowed
}

// holds is when the first of what the whole card rests on ends: the stint, the
// supervisor's cover, the time until a move, an absence or registration.
func (h History) holds(s Stint, c Cover, today clock.Date) clock.Instant {
	var end clock.Date // the day on which something no longer holds
	ends := func(day clock.Date) {
		if day > today && (end.IsZero() || day < end) {
			end = day
		}
	}
	for _, last := range []clock.Date{s.To, c.To} {
		if !last.IsZero() {
			ends(last.AddDays(1))
		}
	}
	ends(h.Registered)
	for _, a := range h.Away {
		ends(a.From)
	}
	for _, next := range h.Stints {
		ends(next.From)
	}
	if end.IsZero() {
		return clock.Instant{}
	}
	return clock.StartOf(end)
}

// judge decides one task from its latest sign-off at the host, if there is one.
func (h History) judge(t Task, s SignOff, host string, today clock.Date, at clock.Instant) (State, Level) {
	given, said := levelAt(h.Levels, host, t.ID, at)
	switch {
	case !said:
		return NoLevel, 0
	case given == 0:
		return NotHere, 0
	case s.ID == "":
		if _, any := latest(h.SignOffs, t.ID, "", at); any {
			return Elsewhere, 0
		}
		return NotSigned, 0
	case !s.WithdrawnAt.IsZero() && !s.WithdrawnAt.After(at):
		return Withdrawn, 0
	case !given.Known() || !s.Level.Known() || !t.Highest.Known() || s.On.IsZero() || s.Recheck < s.On || s.On > today:
		return Unclear, 0
	case s.Recheck < today:
		return Expired, 0
	case s.ConfirmedAt.IsZero() || s.ConfirmedAt.After(at):
		return Unconfirmed, 0
	}
	level := min(s.Level, given, t.Highest)
	if t.Manages {
		level = min(level, Direct)
	}
	return Allowed, level
}

// latest is the sign-off of a task recorded last by an instant, at a host or, for
// no host, anywhere. What it says is judged; an older one never comes back.
func latest(list []SignOff, task, host string, at clock.Instant) (SignOff, bool) {
	found := -1
	for i := range list {
		s := &list[i]
		if s.Task != task || host != "" && s.Host != host || s.RecordedAt.IsZero() || s.RecordedAt.After(at) {
			continue
		}
		if found < 0 || s.RecordedAt.After(list[found].RecordedAt) || s.RecordedAt == list[found].RecordedAt && s.ID > list[found].ID {
			found = i
		}
	}
	if found < 0 {
		return SignOff{}, false
	}
	return list[found], true
}

// levelAt is what a host said last of a task by an instant.
func levelAt(list []HostLevel, host, task string, at clock.Instant) (level Level, said bool) {
	var since clock.Instant
	for _, l := range list {
		if l.Host != host || l.Task != task || l.At.IsZero() || l.At.After(at) {
			continue
		}
		if !said || l.At.After(since) || l.At == since && l.Level < level {
			level, since, said = l.Level, l.At, true
		}
	}
	return level, said
}

// stintOn is the stint of a day. Two that overlap at different hosts are no
// answer: nobody can say where the person is.
func stintOn(list []Stint, today clock.Date) (Stint, bool) {
	var found Stint
	n := 0
	for _, s := range list {
		if s.Host == "" || s.From.IsZero() || s.From > today || !s.To.IsZero() && s.To < today {
			continue
		}
		if n > 0 && s.Host != found.Host {
			return Stint{}, false
		}
		if n > 0 && (found.To.IsZero() || !s.To.IsZero() && s.To < found.To) {
			found.To = s.To // the shorter of two at one host
		} else if n == 0 {
			found = s
		}
		n++
	}
	return found, n > 0
}

// covering lists who covers a day; whoever stands in comes after the named one.
func covering(list []Cover, today clock.Date) []Cover {
	var named, standing []Cover
	for _, c := range list {
		switch {
		case c.Account == "" || c.From.IsZero() || c.From > today || !c.To.IsZero() && c.To < today:
		case c.Stands:
			standing = append(standing, c)
		default:
			named = append(named, c)
		}
	}
	return append(named, standing...)
}

func away(list []Away, today clock.Date) bool {
	for _, a := range list {
		if !a.From.IsZero() && a.From <= today && (a.To.IsZero() || today <= a.To) {
			return true
		}
	}
	return false
}

// earlier is the first of two instants; an absent second one does not count.
func earlier(a, b clock.Instant) clock.Instant {
	if !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
