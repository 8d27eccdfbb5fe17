package allocation

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"msw/internal/clock"
)

// WaitingEntry is one doctor on the waiting list: eligible and without a post.
type WaitingEntry struct {
	Doctor   string
	Version  int
	Since    clock.Date // found eligible: from here the waiting counts
	Priority bool       // in the programme's priority class
	Refused  int        // offers turned down while on the list
	Moved    clock.Date // a second refusal puts one behind those waiting on this day
	LeftOn   clock.Date // no longer on the list
	LeftWhy  string     // code
	Place    int        // as last worked out, 1 is first
	Of       int        // how many were on the list then
}

// counts is the day from which the entry's waiting counts.
func (e WaitingEntry) counts() clock.Date { return max(e.Since, e.Moved) }

// WaitingCriteria are what the list is ordered by, as published, in order.
func WaitingCriteria() []string {
	return []string{
		"Doctors in the priority class come first. The class is the one the newest round has declared.",
		"Then those who have waited longest since they were found eligible.",
		"The first time you turn down an offer you keep your place. After a second time you wait again from that day.",
		"Doctors who have waited equally long are put in order by a lot that nobody can choose.",
	}
}

// OrderWaiting puts a list in order and gives everybody their place. The order
// of the rows given never matters. lot is the text the lot is drawn from.
func OrderWaiting(list []WaitingEntry, lot string) []WaitingEntry {
	out := slices.Clone(list)
	key := make(map[string]string, len(out))
	for _, e := range out {
		sum := sha256.Sum256([]byte(lot + "\x00" + e.Doctor))
		key[e.Doctor] = hex.EncodeToString(sum[:])
	}
	slices.SortFunc(out, func(a, b WaitingEntry) int {
		if a.Priority != b.Priority {
			if a.Priority {
				return -1
			}
			return 1
		}
		if d := int(a.counts()) - int(b.counts()); d != 0 {
			return d
		}
		return strings.Compare(key[a.Doctor], key[b.Doctor])
	})
	for i := range out {
		out[i].Place, out[i].Of = i+1, len(out)
	}
	return out
}

// bandEdges are where bands end. A band, not a number: a number would tell of
// every single person who comes or goes.
var bandEdges = [...]int{10, 25, 50, 100, 200, 400, 800, 1600, 3200}

// Band gives the first and last place of the band a place lies in.
func Band(place int) (from, to int) {
	from = 1
	for _, edge := range bandEdges {
		if place <= edge {
			return from, edge
		}
		from = edge + 1
	}
	return from, 0
}

// BandWords says a place as a band.
func BandWords(place int) string {
	from, to := Band(place)
	switch {
	case place < 1:
		return "Not on the list"
	case from == 1:
		return fmt.Sprintf("Among the first %d", to)
	case to == 0:
		return fmt.Sprintf("After the first %d", from-1)
	}
	return fmt.Sprintf("Between %d and %d", from, to)
}

// Reasons says to the doctor why they stand where they stand. It tells of
// nobody else.
func (e WaitingEntry) Reasons(today clock.Date) []string {
	var out []string
	if e.Priority {
		out = append(out, "You are in the priority class, which comes first.")
	} else {
		out = append(out, "You are not in the priority class, which comes first.")
	}
	if e.Moved > e.Since {
		out = append(out, fmt.Sprintf("You turned down a second offer on %s, so your waiting counts from that day: %s.", e.Moved.Long(), days(e.Moved, today)))
	} else {
		out = append(out, fmt.Sprintf("Your waiting counts from %s, when you were found eligible: %s.", e.Since.Long(), days(e.Since, today)))
	}
	switch e.Refused {
	case 0:
		out = append(out, "You have not turned down an offer. You can do so once without losing your place.")
	case 1:
		out = append(out, "You turned down one offer and kept your place. If you turn down another, you wait again from that day.")
	}
	return out
}

func days(from, to clock.Date) string {
	if n := int(to) - int(from); n != 1 {
		return fmt.Sprintf("%d days", max(n, 0))
	}
	return "1 day"
}

// Refuse counts a refused offer: the first keeps the place, a later one counts
// the waiting from its day.
func (e WaitingEntry) Refuse(on clock.Date) WaitingEntry {
	if e.Refused++; e.Refused > 1 {
		e.Moved = max(e.Moved, on)
	}
	return e
}

// The kinds of event on the waiting list, each told to the doctor it concerns.
const (
	WaitJoined   = "joined"
	WaitKept     = "kept"     // refused once, place kept
	WaitBehind   = "behind"   // refused again
	WaitUp       = "up"       // a better band
	WaitDown     = "down"     // a worse band
	WaitPriority = "priority" // the class was given or has ended
	WaitLeft     = "left"
)

// WaitingEvent is one thing that changed a doctor's place.
type WaitingEvent struct {
	Doctor, Kind string
	On           clock.Date
	Before, Now  int    // places; only bands are shown
	Why          string // a sentence that tells of nobody else
}

// Changes compares the list as stored with the list as ordered now and says,
// for each doctor whose band or class has changed, what happened and why.
func Changes(before, now []WaitingEntry, on clock.Date) []WaitingEvent {
	was := map[string]WaitingEntry{}
	for _, e := range before {
		was[e.Doctor] = e
	}
	var out []WaitingEvent
	for _, e := range now {
		old, had := was[e.Doctor]
		ev := WaitingEvent{Doctor: e.Doctor, On: on, Before: old.Place, Now: e.Place}
		a, _ := Band(old.Place)
		b, _ := Band(e.Place)
		switch {
		case !had || old.Place == 0:
			ev.Kind, ev.Why = WaitJoined, "You joined the waiting list."
		case old.Priority != e.Priority:
			ev.Kind, ev.Why = WaitPriority, "The priority class now covers you."
			if !e.Priority {
				ev.Why = "The priority class no longer covers you: the newest round declares another one."
			}
		case e.Moved > old.Moved:
			ev.Kind, ev.Why = WaitBehind, "You turned down a second offer. Your waiting counts from "+e.Moved.Long()+"."
		case b < a:
			ev.Kind, ev.Why = WaitUp, "Doctors ahead of you were placed, left the list or now wait from a later day."
		case b > a:
			ev.Kind, ev.Why = WaitDown, "Doctors who have waited longer than you, or are in the priority class, came onto the list."
		default:
			continue
		}
		out = append(out, ev)
	}
	return out
}
