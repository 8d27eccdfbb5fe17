package match

import (
	"crypto/sha256"
	"fmt"
	"math"
	"slices"

	"msw/internal/allocation/runfile"
	"msw/internal/problem"
)

// mostCrossing is how many crossing limits a run may have: they are bits.
const mostCrossing = 64

func tooManyCrossing() error {
	return problem.Refuse("The run was not solved.", fmt.Sprintf("It has more than %d crossing limits.", mostCrossing))
}

func pinsBreak(broken []string) error {
	return problem.Refuse("The pinned placements cannot all be kept. Take a pin away or raise a limit.", broken...)
}

// miles is the distance of a doctor from a post, -1 when the run does not tell.
func (in *Instance) miles(d, p int32) int {
	doctor, post := &in.run.Doctors[d], &in.run.Posts[p]
	if doctor.Travel != nil {
		if m, ok := doctor.Travel[post.ID]; ok {
			return m
		}
	}
	if doctor.Home == nil || post.At == nil {
		return -1
	}
	return Miles(*doctor.Home, *post.At)
}

// Miles is the straight-line distance in whole miles, half up, exact on every
// machine.
func Miles(a, b runfile.Point) int {
	x, y := int64(a.East-b.East), int64(a.North-b.North)
	square := x*x + y*y
	metres := int64(math.Sqrt(float64(square)))
	for metres*metres > square {
		metres--
	}
	for (metres+1)*(metres+1) <= square {
		metres++
	}
	return int((metres*1000 + 804672) / 1609344)
}

// Codes of Why, for what keeps a doctor from a post before any comparison.
const (
	CodeRefused       = "refused"
	CodeTooFar        = "too_far"
	CodeNotAcceptable = "not_acceptable"
	CodeOutsideArea   = "outside_area"
	CodeNotRanked     = "not_ranked"
	CodeNoPlace       = "no_place"
	CodeAhead         = "ahead"
)

// forbids says why a doctor cannot be given a post at all: a code and a
// sentence, or nothing.
func (in *Instance) forbids(d, p int32, miles int) (code, sentence string) {
	doctor, post := &in.run.Doctors[d], in.run.Posts[p].ID
	for i := range doctor.Refused {
		if doctor.Refused[i].Post == post {
			return CodeRefused, doctor.Refused[i].Sentence
		}
	}
	switch {
	case len(doctor.NotAcceptable) > 0 && slices.Contains(doctor.NotAcceptable, post):
		return CodeNotAcceptable, "You said that you would not take this post."
	case doctor.TravelLimit > 0 && miles > doctor.TravelLimit:
		return CodeTooFar, fmt.Sprintf("It is %s from your home and your limit is %d.", count(miles, "mile"), doctor.TravelLimit)
	case in.areas[d] > 0 && !in.under(p, in.areas[d]):
		return CodeOutsideArea, "It lies outside " + in.limitWords(in.areas[d]) + ", where you and your linked partner are placed together."
	}
	return "", ""
}

// draw is the draw number of a doctor and a post, below 2^40.
func (in *Instance) draw(d, p int32) int64 {
	return number(string(in.run.Seed), in.run.Doctors[d].ID, in.run.Posts[p].ID)
}

// ticket is the draw number of a doctor alone.
func (in *Instance) ticket(d int32) int64 {
	return number(string(in.run.Seed), in.run.Doctors[d].ID)
}

const drawBits = 40

func number(parts ...string) int64 {
	var buffer [256]byte
	text := buffer[:0]
	for i, p := range parts {
		if i > 0 {
			text = append(text, '\n')
		}
		text = append(text, p...)
	}
	sum := sha256.Sum256(text)
	var n int64
	for _, b := range sum[:drawBits/8] {
		n = n<<8 | int64(b)
	}
	return n
}

func count(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%s %ss", thousands(n), word)
}

func thousands(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", thousands(n/1000), n%1000)
}

func limitName(l runfile.Limit) string {
	name := l.Name
	if name == "" {
		name = l.ID
	}
	if l.Kind == "" {
		return "the limit " + name
	}
	return "the " + l.Kind + " " + name
}

// limitWords names a nested limit in a sentence.
func (in *Instance) limitWords(i int32) string {
	if in.limits[i].id < 0 {
		return "the whole round"
	}
	return limitName(in.run.Limits[in.limits[i].id])
}

// postWords names a post at the beginning of a sentence.
func (in *Instance) postWords(p int32) string {
	if name := in.run.Posts[p].Name; name != "" {
		return name
	}
	return "Post " + in.run.Posts[p].ID
}
