package placement

import (
	"slices"

	"msw/internal/access"
	"msw/internal/clock"
	"msw/internal/problem"
)

// What can be done with exit answers. No employer and no supervisor has any.
const (
	ActExit     access.Action = "placement.exit"      // the doctor's own answers
	ActExitRead access.Action = "placement.exit_read" // answers the doctor lets the team read, and figures
)

// Answer is one that can be chosen.
type Answer struct{ Code, Words string }

// Helped, Hindered and Recommends are the choices; ours, no source publishes a list.
func Helped() []Answer {
	return []Answer{{"helped_supervisor", "My supervisors"}, {"helped_colleagues", "Colleagues"}, {"helped_induction", "The first weeks and induction"}, {"helped_study", "Time to study"},
		{"helped_exams", "Help with exams"}, {"helped_skills", "Practising skills"}, {"helped_pay", "Pay"}, {"helped_mentor", "A mentor or buddy"}}
}

// Hindered lists what can have made it harder.
func Hindered() []Answer {
	return []Answer{{"hindered_workload", "Too much work"}, {"hindered_role", "Nobody knew what I may do"}, {"hindered_supervision", "Too little supervision"}, {"hindered_it", "IT access"},
		{"hindered_study", "No time to study"}, {"hindered_money", "Money"}, {"hindered_housing", "Housing or travel"}, {"hindered_treated", "How I was treated"}, {"hindered_short", "The contract was too short"}}
}

// Recommends lists the answers to whether one would recommend the post.
func Recommends() []Answer {
	return []Answer{{"recommend_yes", "Yes"}, {"recommend_no", "No"}, {"recommend_unsure", "Not sure"}}
}

// Who may read exit answers.
const (
	ReadTeam   = "team"
	ReadNobody = "nobody"
)

// The states of exit answers.
const (
	ExitAnswered = "answered"
	ExitSkipped  = "skipped"
)

// Exit is what a doctor says of a post at its end.
type Exit struct {
	Placement, Doctor string
	Version           int // 0 = neither answered nor skipped
	State, Reader     string
	GivenAt           clock.Instant
	Answers
}

// Answers are the sealed part.
type Answers struct {
	Helped, Hindered []string
	Recommend        string
	Note             string
}

func among(list []Answer, code string) bool {
	return slices.ContainsFunc(list, func(a Answer) bool { return a.Code == code })
}

func answerWords(code string) string {
	for _, list := range [][]Answer{Helped(), Hindered(), Recommends()} {
		for _, a := range list {
			if a.Code == code {
				return a.Words
			}
		}
	}
	return code
}

// codes are all that is counted of the answers.
func (a Answers) codes() []string {
	out := []string{exitCount}
	out = append(append(out, a.Helped...), a.Hindered...)
	if a.Recommend != "" {
		out = append(out, a.Recommend)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// exitCount counts the answers themselves.
const exitCount = "answered"

const longestNote = 2000

func checkExit(e Exit) error {
	var c problem.Check
	c.That(e.Reader == ReadTeam || e.Reader == ReadNobody, "reader", "Choose who may read your answers")
	for _, code := range e.Helped {
		c.That(among(Helped(), code), "helped", "Choose from the list")
	}
	for _, code := range e.Hindered {
		c.That(among(Hindered(), code), "hindered", "Choose from the list")
	}
	c.That(e.Recommend == "" || among(Recommends(), e.Recommend), "recommend", "Choose yes, no or not sure")
	c.That(len([]rune(e.Note)) <= longestNote, "note", "Write at most 2,000 letters")
	c.That(len(e.codes()) > 1 || e.Note != "", "helped", "Answer at least one question, or skip them all")
	return c.Err()
}
