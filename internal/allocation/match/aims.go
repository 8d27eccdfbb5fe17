package match

import (
	"fmt"

	"msw/internal/allocation/runfile"
)

// step is one number to make small; the aims are a list of steps compared one
// after another.
type step struct {
	aim    string
	choice int32 // for generous and greedy
	bound  int64 // no allocation and no exchange changes it by more
}

// floors is the aim before all aims: the limits' at_least.
const floors = "floors"

// steps lays out the aims of the run.
func (in *Instance) steps() []step {
	var out []step
	least, days, urgent, travel, free := int64(0), int64(0), int64(0), int64(0), int64(0)
	for _, l := range in.limits {
		least += int64(l.least)
	}
	for _, must := range in.must {
		if must {
			least++
		}
	}
	if least > 0 {
		out = append(out, step{aim: floors, bound: least})
	}
	at := make([]int64, in.choices+1)
	for d := range in.pinned {
		if !in.free(int32(d)) {
			continue
		}
		free, days = free+1, days+in.waited[d]
		if in.run.Doctors[d].Priority {
			urgent++
		}
		far, last := int32(0), int32(0)
		for _, o := range in.of(int32(d)) {
			if far = max(far, o.travel); o.choice != last {
				at[o.choice]++
				last = o.choice
			}
		}
		travel += int64(far)
	}
	for _, aim := range in.aims {
		switch aim {
		case runfile.AimFilled:
			out = append(out, step{aim: aim, bound: free})
		case runfile.AimPriority:
			out = append(out, step{aim: aim, bound: urgent})
		case runfile.AimGenerous:
			for c := int32(in.choices); c > 1; c-- {
				out = append(out, step{aim, c, at[c]})
			}
		case runfile.AimGreedy:
			for c := int32(1); c < int32(in.choices); c++ {
				out = append(out, step{aim, c, at[c]})
			}
		case runfile.AimTravel:
			out = append(out, step{aim: aim, bound: travel})
		case runfile.AimWaiting:
			out = append(out, step{aim: aim, bound: days})
		case runfile.AimDraw:
			out = append(out, step{aim: aim, bound: free << drawBits})
		}
	}
	return out
}

// without is what leaving a doctor without a post costs in a step.
func (in *Instance) without(s step, d int32) int64 {
	switch {
	case s.aim == runfile.AimFilled, s.aim == runfile.AimPriority && in.run.Doctors[d].Priority:
		return 1
	case s.aim == runfile.AimWaiting:
		return in.waited[d]
	}
	return 0
}

// given is what giving a doctor an option costs in a step.
func (in *Instance) given(s step, d int32, o option) int64 {
	switch s.aim {
	case runfile.AimGenerous:
		if o.choice == s.choice {
			return 1
		}
	case runfile.AimGreedy:
		if o.choice == s.choice {
			return -1
		}
	case runfile.AimTravel:
		return int64(o.travel)
	case runfile.AimDraw:
		return in.draw(d, o.post)
	}
	return 0
}

// mostPacked keeps sums along a path, and their differences, inside 64 bits.
const mostPacked = int64(1) << 60

// packs groups steps so that each group fits one whole number: a step weighs
// more than all later ones of its group together, in both directions.
func packs(steps []step, single bool) [][]step {
	var out [][]step
	room := int64(0)
	for _, s := range steps {
		if s.bound == 0 {
			continue // it is the same for everybody
		}
		width := 2*s.bound + 1
		if single || width > room {
			out, room = append(out, nil), mostPacked
		}
		out[len(out)-1] = append(out[len(out)-1], s)
		room /= width
	}
	return out
}

// weights gives the factor of each step of a group.
func weights(pack []step) []int64 {
	out := make([]int64, len(pack))
	w := int64(1)
	for i := len(pack) - 1; i >= 0; i-- {
		out[i] = w
		w *= 2*pack[i].bound + 1
	}
	return out
}

// unpack takes a difference within a group apart into its steps.
func unpack(pack []step, v int64) []int64 {
	out := make([]int64, len(pack))
	for i := len(pack) - 1; i >= 0; i-- {
		width := 2*pack[i].bound + 1
		r := ((v+pack[i].bound)%width + width) % width
		out[i] = r - pack[i].bound
		v = (v - out[i]) / width
	}
	return out
}

// levels is what an allocation reached of each aim, pinned doctors included in
// filled, travel and the profile.
func (in *Instance) levels(given []int32) []runfile.Level {
	profile := in.profile(given)
	out := make([]runfile.Level, 0, len(in.aims))
	for i, aim := range in.aims {
		l := runfile.Level{Letter: string(rune('a' + i)), Aim: aim}
		for d := range given {
			l.Value += in.counts(aim, int32(d), given[d])
		}
		switch aim {
		case runfile.AimFilled:
			l.Words = "places filled"
		case runfile.AimPriority:
			l.Words = "doctors of the priority class without a post"
		case runfile.AimGenerous:
			l.Words, l.Profile = "doctors at their first, second, … choice: the last choices as few as can be", profile
		case runfile.AimGreedy:
			l.Words, l.Profile = "doctors at their first, second, … choice: the first choices as many as can be", profile
		case runfile.AimTravel:
			l.Words = "miles between homes and posts, added up"
		case runfile.AimWaiting:
			l.Words = "days waited by doctors left without a post, added up"
		case runfile.AimDraw:
			l.Words = "sum of the draw numbers, which decide what is equal otherwise"
		}
		out = append(out, l)
	}
	return out
}

// counts is what one doctor adds to an aim's value; post is -1 for none. For
// generous and greedy the value is the choices added up.
func (in *Instance) counts(aim string, d, post int32) int64 {
	if post < 0 {
		switch {
		case aim == runfile.AimPriority && in.run.Doctors[d].Priority:
			return 1
		case aim == runfile.AimWaiting:
			return in.waited[d]
		}
		return 0
	}
	switch aim {
	case runfile.AimFilled:
		return 1
	case runfile.AimGenerous, runfile.AimGreedy:
		return int64(in.choiceOf(d, post))
	case runfile.AimTravel:
		return int64(max(0, in.miles(d, post)))
	case runfile.AimDraw:
		if in.free(d) {
			return in.draw(d, post)
		}
	}
	return 0
}

// choiceOf is the choice at which a doctor listed a post; 0 for not listed.
func (in *Instance) choiceOf(d, post int32) int32 {
	if in.free(d) {
		for _, o := range in.of(d) {
			if o.post == post {
				return o.choice
			}
		}
	}
	found := int32(0)
	in.each(d, func(p, choice int32) {
		if p == post {
			found = choice
		}
	})
	return found
}

// profile counts doctors by the choice they got.
func (in *Instance) profile(given []int32) []int {
	out := []int{}
	for d, p := range given {
		if p < 0 {
			continue
		}
		c := int(in.choiceOf(int32(d), p))
		for len(out) < c {
			out = append(out, 0)
		}
		if c > 0 {
			out[c-1]++
		}
	}
	return out
}

// words says in a sentence what one more of a step means.
func (s step) words(change int64) string {
	switch s.aim {
	case runfile.AimFilled:
		return "leave " + count(int(change), "more doctor") + " without a post"
	case runfile.AimPriority:
		return "leave " + count(int(change), "more doctor") + " of the priority class without a post"
	case runfile.AimGenerous:
		return "leave the round with " + count(int(change), "more doctor") + " at their " + ordinal(int(s.choice)) + " choice, and no fewer at a worse one"
	case runfile.AimGreedy:
		return "give " + count(int(change), "doctor") + " fewer their " + ordinal(int(s.choice)) + " choice"
	case runfile.AimTravel:
		return "make everybody's journeys together " + count(int(change), "mile") + " longer"
	case runfile.AimWaiting:
		return "leave doctors without a post who have together waited " + count(int(change), "more day")
	case floors:
		return fmt.Sprintf("leave a floor short by %d", change)
	}
	return ""
}

func ordinal(n int) string {
	names := []string{"", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"}
	if n < len(names) {
		return names[n]
	}
	return fmt.Sprintf("%dth", n)
}
