package allocation

import (
	"cmp"
	"fmt"
	"slices"

	"msw/internal/clock"
	"msw/internal/problem"
)

// MoveKind is one of the few ways in which a published round can be changed.
type MoveKind string

// The named moves.
const (
	MovePlace   MoveKind = "place"    // a doctor gets a post that stands empty
	MoveTakeOut MoveKind = "take_out" // a doctor leaves their post
	MoveSwap    MoveKind = "swap"     // two doctors change places
)

// MoveKinds lists them as the form offers them.
func MoveKinds() []MoveKind { return []MoveKind{MovePlace, MoveTakeOut, MoveSwap} }

// Words names the move.
func (k MoveKind) Words() string {
	switch k {
	case MovePlace:
		return "Give a doctor an empty post"
	case MoveTakeOut:
		return "Take a doctor out of their post"
	case MoveSwap:
		return "Two doctors change places"
	}
	return string(k)
}

// MoveState is how far a move is.
type MoveState string

// The states of a move.
const (
	MoveAsked   MoveState = "asked" // a second person must confirm
	MoveDone    MoveState = "done"
	MoveDropped MoveState = "dropped"
)

// Words is the state as a person reads it.
func (s MoveState) Words() string {
	switch s {
	case MoveAsked:
		return "Waiting for a second person"
	case MoveDone:
		return "Done"
	case MoveDropped:
		return "Not done"
	}
	return string(s)
}

// MoveReasons are why a published round may be changed.
func MoveReasons() []RankReason {
	return []RankReason{{"circumstances", "The doctor's circumstances changed"}, {"safety", "Somebody's safety"}, {"post_changed", "The post changed or is gone"},
		{"mistake", "A mistake in what was recorded"}, {"declined", "An offer was turned down"}}
}

// MoveReasonWords is a reason as a person reads it.
func MoveReasonWords(code string) string {
	for _, r := range MoveReasons() {
		if r.Code == code {
			return r.Words
		}
	}
	return code
}

// MoveStep is what a move does to one doctor. Empty is no post.
type MoveStep struct {
	Doctor, From, To string
	Before, Now      int // which choice, 0 = no post, -1 = not on their list
}

// MoveSteps are the steps of a move with what it costs, as shown before it was
// asked for.
type MoveSteps struct {
	Steps []MoveStep
	Cost  []string
}

// doctors lists whom a move concerns.
func (m MoveSteps) doctors() []string {
	var out []string
	for _, st := range m.Steps {
		out = append(out, st.Doctor)
	}
	return out
}

// Move is one change of a published round.
type Move struct {
	ID, Round       string
	Version         int
	Kind            MoveKind
	State           MoveState
	Reason          string
	AskedBy, DoneBy string
	AskedAt, DoneAt clock.Instant
	Steps           MoveSteps
}

// board is a published round as it stands now.
type board struct {
	readings map[string]Reading
	placed   []Placed
}

// at gives the post a doctor has now.
func (b board) at(doctor string) string {
	for _, p := range b.placed {
		if p.Doctor == doctor && p.State == PlacedStands {
			return p.Post
		}
	}
	return ""
}

func (b board) holder(post string) string {
	for _, p := range b.placed {
		if p.Post == post && p.State == PlacedStands {
			return p.Doctor
		}
	}
	return ""
}

// choice is which of a doctor's choices a post is: -1 when not on their list.
func (b board) choice(doctor, post string) int {
	if post == "" {
		return 0
	}
	n := 0
	for _, c := range b.readings[doctor].Choices {
		if !c.own() {
			n++
		}
		if c.Post == post {
			return n
		}
	}
	return -1
}

// Plan works out a move's steps and cost, or says why it cannot be.
func (b board) plan(kind MoveKind, doctor, other, post string) (MoveSteps, error) {
	var c problem.Check
	var steps []MoveStep
	step := func(d, to string) {
		steps = append(steps, MoveStep{d, b.at(d), to, b.choice(d, b.at(d)), b.choice(d, to)})
	}
	_, takes := b.readings[doctor]
	c.That(takes, "doctor", "Choose a doctor who took part in this round")
	switch kind {
	case MoveTakeOut:
		c.That(b.at(doctor) != "", "doctor", "This doctor has no post in this round")
		step(doctor, "")
	case MovePlace:
		c.That(post != "", "post", "Choose the post")
		c.That(post == "" || b.holder(post) == "", "post", "This post is not empty")
		c.That(post == "" || b.choice(doctor, post) >= 0, "post", "This post is not on the doctor's list: nobody gets what they did not list")
		step(doctor, post)
	case MoveSwap:
		_, takes = b.readings[other]
		c.That(takes && other != doctor, "other", "Choose another doctor who took part in this round")
		c.That(b.at(doctor) != "", "doctor", "This doctor has no post in this round")
		c.That(b.at(other) != "", "other", "This doctor has no post in this round")
		c.That(b.choice(doctor, b.at(other)) >= 0, "other", "The second doctor's post is not on the first doctor's list")
		c.That(b.choice(other, b.at(doctor)) >= 0, "other", "The first doctor's post is not on the second doctor's list")
		step(doctor, b.at(other))
		step(other, b.at(doctor))
	default:
		c.That(false, "kind", "Choose what to do")
	}
	return MoveSteps{steps, b.others(steps)}, c.Err()
}

// others says how many doctors without a post a move leaves aside who could take
// what it gives or empties.
func (b board) others(steps []MoveStep) []string {
	var out []string
	for _, s := range steps {
		if n := b.without(s.From, s.Doctor); s.To == "" && n > 0 {
			out = append(out, fmt.Sprintf("%s without a post also listed the post that becomes empty, and could take it.", counted(n, "doctor", "doctors")))
		}
		if n := b.without(s.To, s.Doctor); s.To != "" && n > 0 {
			out = append(out, fmt.Sprintf("%s without a post also listed the post that is given here, and could take it.", counted(n, "doctor", "doctors")))
		}
	}
	return out
}

// without counts the doctors without a post who listed one and could take it.
func (b board) without(post, but string) (n int) {
	for id, r := range b.readings {
		if id == but || b.at(id) != "" {
			continue
		}
		if slices.ContainsFunc(r.Choices, func(c ReadChoice) bool { return c.Post == post && len(c.Stops) == 0 }) {
			n++
		}
	}
	return n
}

// candidate is one doctor who could take a post that came free.
type candidate struct {
	doctor        string
	priority      bool
	choice, miles int
	since         clock.Date
	lot           string
}

// compare puts candidates in the order of the aims as they bear on one post:
// the priority class, who listed it higher, the shorter way, the longer wait,
// the lot.
func (c candidate) compare(d candidate) int {
	class := func(x candidate) int {
		if x.priority {
			return 0
		}
		return 1
	}
	return cmp.Or(cmp.Compare(class(c), class(d)), cmp.Compare(c.choice, d.choice), cmp.Compare(uint(c.miles), uint(d.miles)),
		cmp.Compare(c.since, d.since), cmp.Compare(c.lot, d.lot), cmp.Compare(c.doctor, d.doctor))
}
