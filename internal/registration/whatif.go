package registration

import (
	"fmt"
	"slices"

	"msw/internal/clock"
	"msw/internal/fact"
	"msw/internal/rulebook"
)

// Change is one thing to try without saving: a fact added or moved, a fact left
// out, or another date of the post.
type Change struct {
	Kind   string     // kind of the fact to add
	On     clock.Date // its date, or the new date of Fact
	Until  clock.Date
	Fields map[string]any // fields of the fact to add, or those of Fact that change
	Fact   string         // id of a fact to move to On, or to leave out when On is none and no field changes
	Post   *Post          // another post
}

// Moved is one thing that is different after a change.
type Moved struct {
	What     string // a rung's title, or "Earliest date" and the like
	Rung     string
	From, To string // as a page says them
	Worse    bool
	Better   bool // neither: it is only different
}

// Difference is what a change would move.
type Difference struct {
	Before, After Ladder
	Moved         []Moved
}

// imagined begins the id of a fact that is only tried.
const imagined = "what-if"

// WhatIf gives what changes would move, without saving anything. What is added
// is taken as proved. A result that lies ahead is looked at on its own day, and
// so is the ladder before it, so that only the change tells them apart.
func (r *Road) WhatIf(in Inputs, changes ...Change) Difference {
	after := in
	after.Facts = slices.Clone(in.Facts)
	on := in.On
	for i, ch := range changes {
		on = max(on, after.apply(ch, i))
	}
	in.On, after.On = on, on
	d := Difference{Before: r.Climb(in), After: r.Climb(after)}
	d.Moved = moved(&d.Before, &d.After)
	return d
}

// apply makes one change and gives the day on which it can be looked at.
func (in *Inputs) apply(ch Change, n int) clock.Date {
	if ch.Post != nil {
		in.Post = *ch.Post
	}
	switch {
	case ch.Fact != "":
		i := slices.IndexFunc(in.Facts, func(f fact.Record) bool { return f.ID == ch.Fact })
		if i < 0 {
			return 0
		}
		if ch.On.IsZero() && len(ch.Fields) == 0 {
			in.Facts = slices.Delete(in.Facts, i, i+1)
			return 0
		}
		f := &in.Facts[i]
		if !ch.On.IsZero() {
			f.On = ch.On
		}
		if !ch.Until.IsZero() {
			f.Until = ch.Until
		}
		f.Fields = with(f.Fields, ch.Fields)
		return lookedAt(f)
	case ch.Kind != "":
		if ch.Fields["outcome"] == "booked" { // another day for the exam, not a second booking
			in.Facts = slices.DeleteFunc(in.Facts, func(f fact.Record) bool {
				return f.Kind == ch.Kind && f.Text("outcome") == "booked" && f.Text("name") == ch.Fields["name"] && f.On > in.On
			})
		}
		f := fact.Record{ID: fmt.Sprintf("%s-%d", imagined, n+1), Kind: ch.Kind, On: ch.On, Until: ch.Until, State: rulebook.Verified, Fields: with(nil, ch.Fields)}
		in.Facts = append(in.Facts, f)
		return lookedAt(&f)
	}
	return 0
}

// lookedAt is the day of a result that is imagined; a booking is looked at today.
func lookedAt(f *fact.Record) clock.Date {
	if f.Text("outcome") == "booked" {
		return 0
	}
	return f.On
}

func with(fields, more map[string]any) map[string]any {
	out := map[string]any{}
	for k, v := range fields {
		out[k] = v
	}
	for k, v := range more {
		if n, ok := v.(int); ok {
			v = int64(n)
		}
		out[k] = v
	}
	return out
}

// moved compares two ladders of one day.
func moved(a, b *Ladder) []Moved {
	var list []Moved
	dates := func(what string, from, to clock.Date) {
		if from != to {
			list = append(list, Moved{What: what, From: dayOr(from), To: dayOr(to), Worse: to.IsZero() || !from.IsZero() && to > from,
				Better: !to.IsZero() && (from.IsZero() || to < from)})
		}
	}
	dates("Earliest day of registration", a.Forecast.Earliest, b.Forecast.Earliest)
	dates("Likely day of registration", a.Forecast.Likely, b.Forecast.Likely)
	dates("Latest day of registration", a.Forecast.Latest, b.Forecast.Latest)
	for i := range b.Rungs {
		to := &b.Rungs[i]
		from := a.Rung(to.ID)
		if from == nil {
			continue
		}
		if from.State != to.State || from.Until != to.Until {
			list = append(list, Moved{What: to.Title, Rung: to.ID, From: from.stateWords(), To: to.stateWords(), Worse: to.standing() < from.standing() ||
				to.standing() == from.standing() && !to.Until.IsZero() && (from.Until.IsZero() || to.Until < from.Until),
				Better: to.standing() > from.standing() || to.standing() == from.standing() && !from.Until.IsZero() && to.Until > from.Until})
		}
	}
	for i := range b.Collisions {
		if !slices.ContainsFunc(a.Collisions, func(x Collision) bool { return x.Code == b.Collisions[i].Code }) {
			list = append(list, Moved{What: b.Collisions[i].Title, Rung: b.Collisions[i].Rung, From: "No warning", To: b.Collisions[i].Text, Worse: true})
		}
	}
	for i := range a.Collisions {
		if !slices.ContainsFunc(b.Collisions, func(x Collision) bool { return x.Code == a.Collisions[i].Code }) {
			list = append(list, Moved{What: a.Collisions[i].Title, Rung: a.Collisions[i].Rung, From: a.Collisions[i].Text, To: "No warning"})
		}
	}
	return list
}

func dayOr(d clock.Date) string {
	if d.IsZero() {
		return "Not known"
	}
	return d.Long()
}

// stateWords says a rung's state with its day.
func (r *Rung) stateWords() string {
	words := r.State.Words()
	if !r.Until.IsZero() && (r.State == RungMetUntil || r.State == RungLapses) {
		words += ", until " + r.Until.Long()
	}
	return words
}

// standing orders states from worst to best.
func (r *Rung) standing() int {
	switch r.State {
	case RungBlocked:
		return 0
	case RungToDo, RungUnknown:
		return 1
	case RungDoing, RungWaiting:
		return 2
	case RungLapses:
		return 3
	}
	return 4
}
