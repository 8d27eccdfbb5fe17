package allocation

import (
	"slices"
	"sort"
	"strconv"
	"strings"

	"msw/internal/clock"
)

// RunState is how far a dry run is.
type RunState string

// The states of a dry run.
const (
	RunWaiting RunState = "waiting"
	RunWorking RunState = "working"
	RunDone    RunState = "done"
	RunStopped RunState = "stopped"
)

// Words is the state as a person reads it.
func (s RunState) Words() string {
	switch s {
	case RunWaiting:
		return "Waiting to begin"
	case RunWorking:
		return "Working"
	case RunDone:
		return "Done"
	case RunStopped:
		return "Stopped"
	}
	return string(s)
}

// DryRun is one time a round was worked out without telling anybody.
type DryRun struct {
	ID, Round              string
	Number                 int
	State                  RunState
	Progress               int // per cent
	Step                   string
	AskedBy                string
	AskedAt, DoneAt        clock.Instant
	Rule, RuleVersion      string
	Build                  string
	Doctors, Posts, Placed int
	RunHash, ResultHash    string
	Trouble                string // why it stopped
}

// AimValue is what a result reaches of one aim.
type AimValue struct{ Words, Value string }

// Comparison is what another rule would have done with the same run file.
type Comparison struct {
	Rule                        string
	Placed, First, Top3         int
	MeanChoice, MeanMiles, Note string
}

// Shift is one doctor who would get something else than in the dry run before.
type Shift struct {
	Doctor, From, To, Why string // posts' ids, "" = no post
}

// RunReport is what staff read before anything is published.
type RunReport struct {
	Checked  bool     // the independent check was done
	Faults   []string // what it found; none is what must be
	Checks   []string // what it looked at
	Aims     []AimValue
	Gap      string // how far the result can be from the best, "" = it is the best
	Compare  []Comparison
	Before   int // number of the dry run it is compared with, 0 = the first
	Shifts   []Shift
	Excluded int // doctors with choices of which none passes the hard rules
}

// Fit tells whether the run may be published.
func (r RunReport) Fit() bool { return r.Checked && len(r.Faults) == 0 }

// ReadChoice is one of a doctor's choices and what came of it.
type ReadChoice struct {
	Post  string `json:"post"`
	Title string `json:"title"` // as the post was called then
	Miles int    `json:"miles"`
	Stops []Stop `json:"stops,omitempty"`
	Got   bool   `json:"got,omitempty"`
	Why   string `json:"why,omitempty"` // why not, for a choice better than what they got
}

// own tells whether the doctor's own limits leave the post out, or it was not
// there for them at all.
func (c ReadChoice) own() bool {
	return slices.ContainsFunc(c.Stops, func(s Stop) bool { return s.Code == gone().Code || strings.HasPrefix(s.Code, "own_") })
}

// forStaff gives a reading as staff see it: whatever private thing rules out a
// post of the round reads the same and stands at the same place, and who was
// placed first is not told by it. there holds the titles of the round's posts.
func (r Reading) forStaff(there map[string]string) Reading {
	var open, ruledOut, away []ReadChoice
	for _, c := range r.Choices {
		switch title := there[c.Post]; {
		case !c.own():
			if r.Pinned && c.Why != "" {
				c.Why = "What came first here is not shown, because it can be private."
			}
			open = append(open, c)
		case title == "":
			c.Title = "A post on the doctor's list"
			away = append(away, c)
		default:
			ruledOut = append(ruledOut, ReadChoice{Post: c.Post, Title: title, Miles: -1, Stops: []Stop{private()}})
		}
	}
	sort.Slice(ruledOut, func(i, j int) bool { return ruledOut[i].Post < ruledOut[j].Post })
	r.Choices = slices.Concat(open, ruledOut, away)
	if r.Pinned {
		r.Sentence = ""
	}
	return r
}

// Reading is what a run says to one doctor.
type Reading struct {
	Doctor   string       `json:"-"`
	Post     string       `json:"-"` // "" = no post
	Choice   int          `json:"-"` // 1 is first, 0 without a post
	Choices  []ReadChoice `json:"choices"`
	Sentence string       `json:"sentence,omitempty"` // the whole answer in one line
	Unplaced []string     `json:"unplaced,omitempty"`
	Pinned   bool         `json:"pinned,omitempty"`
}

// Title is what the post they got was called.
func (r Reading) Title() string {
	for _, c := range r.Choices {
		if c.Got {
			return c.Title
		}
	}
	return ""
}

// Miles is how far it is, -1 when not known.
func (r Reading) Miles() int {
	for _, c := range r.Choices {
		if c.Got {
			return c.Miles
		}
	}
	return -1
}

// RunPost is what a run says of one post to its host.
type RunPost struct {
	Post, Host, Employer, Region string
	Filled                       bool
	Why                          string // why it stayed empty
}

// ChoiceWords names a choice: first choice, 2nd choice.
func ChoiceWords(n int) string {
	switch n {
	case 0:
		return "No post"
	case 1:
		return "First choice"
	case 2:
		return "Second choice"
	case 3:
		return "Third choice"
	}
	return "Choice " + strconv.Itoa(n)
}

// Shifts compares what two runs of a round give each doctor and says why it
// changed, as far as the doctors' own lists and the posts tell. there are the
// posts of the newer run.
func Shifts(before, now []Reading, there map[string]bool) []Shift {
	was := make(map[string]Reading, len(before))
	for _, r := range before {
		was[r.Doctor] = r
	}
	var out []Shift
	still := map[string]bool{}
	for _, r := range now {
		still[r.Doctor] = true
		old, had := was[r.Doctor]
		switch {
		case had && old.Post == r.Post || !had && r.Post == "":
		case !had:
			out = append(out, Shift{r.Doctor, "", r.Post, "Was not in the run before."})
		default:
			out = append(out, Shift{r.Doctor, old.Post, r.Post, shiftWhy(old, r, there)})
		}
	}
	for _, r := range before {
		if !still[r.Doctor] && r.Post != "" {
			out = append(out, Shift{r.Doctor, r.Post, "", "No longer takes part."})
		}
	}
	return out
}

func shiftWhy(old, now Reading, there map[string]bool) string {
	if old.Post != "" {
		i := slices.IndexFunc(now.Choices, func(c ReadChoice) bool { return c.Post == old.Post })
		switch {
		case !there[old.Post]:
			return "The earlier post is not in the round any more."
		case i < 0 || now.Choices[i].own():
			return "The earlier post is no longer possible: " + private().Staff
		case len(now.Choices[i].Stops) > 0:
			return "The earlier post is no longer possible: " + coarse(now.Choices[i].Stops[0])
		}
	}
	if !slices.Equal(old.within(), now.within()) {
		return "The posts that this doctor can be given changed."
	}
	return "Another doctor's list, a post, a limit or a reason that goes first changed, and the aims now lead here."
}

// within lists the posts of the choices that nothing private rules out.
func (r Reading) within() (out []string) {
	for _, c := range r.Choices {
		if !c.own() {
			out = append(out, c.Post)
		}
	}
	return out
}
