package registration

import (
	"strings"

	"msw/internal/clock"
	"msw/internal/fact"
	"msw/internal/problem"
	"msw/internal/rulebook"
)

// ParseNumber reads a GMC number as people type it and gives the seven digits
// as text. Some systems put a C before it, which is taken off (domain 7.6); no
// check digit is known. The problem is about the field "number".
func ParseNumber(text string) (string, error) {
	n := strings.ToUpper(strings.Join(strings.Fields(text), ""))
	if rest, ok := strings.CutPrefix(n, "C"); ok && digits(rest, 7) {
		n = rest
	}
	var c problem.Check
	switch {
	case n == "":
		c.That(false, "number", "Enter the GMC number")
	case strings.HasPrefix(n, "L") && digits(n[1:], 6):
		c.That(false, "number", "A number that begins with L is from the old limited registration. It does not show registration today. Enter the 7 digits that the register shows.")
	case strings.HasPrefix(n, "G") && digits(n[1:], 7):
		c.That(false, "number", "A number that begins with G is a prescribing number. Enter the GMC number: 7 digits and no letter.")
	default:
		c.That(digits(n, 7), "number", "A GMC number has 7 digits, for example 1234567")
	}
	if err := c.Err(); err != nil {
		return "", err
	}
	return n, nil
}

func digits(s string, n int) bool {
	if len(s) != n {
		return false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// CheckReading gives the reading with its number in the form it is kept, or
// everything that is wrong with it.
func CheckReading(r Reading, today clock.Date) (Reading, error) {
	if r.ReadOn.IsZero() {
		r.ReadOn = today
	}
	var c problem.Check
	number, err := ParseNumber(r.Number)
	c.Add(err)
	r.Number = number
	switch r.Kind {
	case None:
		c.That(false, "kind", "A GMC number is given out before any exam, so a number alone does not show registration. Wait until the register shows it.")
	case Provisional, Full, GP, Specialist:
	default:
		c.That(false, "kind", "Choose the kind of registration")
	}
	c.That(r.Licence == Yes || r.Licence == No, "licence", "Say if the register shows a licence to practise")
	c.That(r.APS == Yes || r.APS == No, "aps", "Say if the register asks for an approved practice setting")
	c.That(!r.Registered.IsZero(), "registered", "Enter the date of registration")
	c.That(r.Registered <= today, "registered", "The date of registration must not be in the future")
	c.That(r.ReadOn <= today, "read", "The day you read the register must not be in the future")
	c.That(r.Registered.IsZero() || r.ReadOn >= r.Registered, "read", "The register cannot show this before the date of registration. Read it again.")
	return r, c.Err()
}

// Differences names what two people read differently, without telling either
// what the other read.
func Differences(a, b Reading) []string {
	var out []string
	differ := func(yes bool, what string) {
		if yes {
			out = append(out, "Your reading and the first one differ on "+what+".")
		}
	}
	differ(a.Number != b.Number, "the GMC number")
	differ(a.Kind != b.Kind, "the kind of registration")
	differ(a.Licence != b.Licence, "the licence")
	differ(a.APS != b.APS, "the approved practice setting")
	differ(a.Registered != b.Registered, "the date of registration")
	return out
}

// Step is one thing done on the way to registration, other than a sitting of an
// English test.
type Step struct {
	Doctor, Name, Outcome string
	On                    clock.Date
	Booked                clock.Date     // day on which an exam was booked; none = not known
	Attempt               int            // 0 = not known
	State                 rulebook.State // 0 = claimed
	Note                  string
}

// exams are the names of steps that are facts of kind exam.
func exams() []Coded {
	return []Coded{{"PLAB1", "PLAB 1"}, {"PLAB2", "PLAB 2"}}
}

// Steps lists everything that can be added, as pages show it.
func Steps() []Coded {
	return append(exams(), Coded{"psv", "Primary source verification of the medical qualification"},
		Coded{"account", "GMC Online account"}, Coded{"good_standing", "Certificate of good standing"},
		Coded{"application", "Application to the GMC"}, Coded{"declaration", "Declaration of health and fitness to practise"}, Coded{"fee", "Registration fee"},
		Coded{"identity_invitation", "Invitation to the GMC identity check"}, Coded{"identity_check", "GMC identity check"}, Coded{"further_attempt", "Leave for one more attempt"})
}

// ExamOutcomes and StepOutcomes are what can be said of a step.
func ExamOutcomes() []Coded {
	return []Coded{{"passed", "Passed"}, {"failed", "Not passed"}, {"awaited", "Taken, waiting for the result"}, {"booked", "Booked"}, {"cancelled", "Cancelled by the examiner"}}
}

// StepOutcomes is ExamOutcomes for everything that is no exam.
func StepOutcomes() []Coded {
	return []Coded{{"started", "Started"}, {"sent", "Sent"}, {"done", "Done"}, {"refused", "Refused"}, {"lapsed", "Ran out"}}
}

// newFact checks a step and makes the fact of it. The pass date of PLAB is the
// day it was taken, not the day of the result (confirmed, domain 2.0).
func (s Step) newFact(today clock.Date) (fact.NewFact, error) {
	exam := known(exams(), s.Name)
	var c problem.Check
	c.That(known(Steps(), s.Name), "name", "Choose what to add")
	if exam || !known(Steps(), s.Name) {
		c.That(known(ExamOutcomes(), s.Outcome) || !exam && s.Outcome != "", "outcome", "Choose how the exam went: passed, not passed, waiting or booked")
	} else {
		c.That(known(StepOutcomes(), s.Outcome), "outcome", "Choose how far it is: started, sent, done, refused or ran out")
	}
	c.That(!s.On.IsZero(), "on", "Enter the date")
	c.That(s.On <= today || s.Outcome == "booked", "on", "The date must not be in the future, unless the exam is booked")
	c.That(s.Attempt >= 0 && s.Attempt <= 20, "attempt", "The attempt must be a number from 1 to 20")
	c.That(s.Booked <= today, "booked", "The day you booked must not be in the future")
	fields := map[string]any{"name": s.Name, "outcome": s.Outcome}
	if exam && !s.Booked.IsZero() {
		fields["booked"] = s.Booked
	}
	if s.Attempt > 0 {
		fields["attempt"] = s.Attempt
	}
	n := fact.NewFact{Doctor: s.Doctor, Kind: stepFactKind, On: s.On, State: s.State, Source: "registration", Fields: fields, Note: s.Note}
	if exam {
		n.Kind = fact.Exam
	}
	return n, c.Err()
}

// Sitting is one sitting of an English test. Scores are tenths for IELTS (75 is
// 7.5) and 0 to 500 for OET, 0 when not known.
type Sitting struct {
	Doctor, Test, Outcome                          string
	On                                             clock.Date
	Overall, Listening, Reading, Writing, Speaking int
	State                                          rulebook.State
	Note                                           string
}

// Tests lists the English tests that can be added here.
func Tests() []Coded {
	return []Coded{{"IELTS", "IELTS Academic, sat in person"}, {"OET", "OET Medicine, sat at a venue"}, {"other", "Another English test"}}
}

func (s Sitting) newFact(today clock.Date) (fact.NewFact, error) {
	var c problem.Check
	c.That(known(Tests(), s.Test), "test", "Choose the test")
	c.That(known(ExamOutcomes(), s.Outcome), "outcome", "Choose how the test went")
	c.That(!s.On.IsZero(), "on", "Enter the date of the test")
	c.That(s.On <= today || s.Outcome == "booked", "on", "The date must not be in the future, unless the test is booked")
	fields := map[string]any{"test": s.Test, "outcome": s.Outcome}
	most := 500
	if s.Test == "IELTS" {
		most = 90
	}
	for _, part := range []struct {
		name  string
		score int
	}{{"overall", s.Overall}, {"listening", s.Listening}, {"reading", s.Reading}, {"writing", s.Writing}, {"speaking", s.Speaking}} {
		if part.score != 0 {
			c.That(part.score > 0 && part.score <= most, part.name, "This score is not one the test gives: IELTS up to 9.0, OET up to 500")
			fields[part.name] = part.score
		}
	}
	return fact.NewFact{Doctor: s.Doctor, Kind: fact.EnglishTest, On: s.On, State: s.State, Source: "registration", Fields: fields, Note: s.Note}, c.Err()
}

// CheckPost tells what is wrong with a first doctor post of somebody registered
// on a day.
func CheckPost(p DoctorPost, registered, today clock.Date) error {
	var c problem.Check
	c.That(p.Employer != "" || strings.TrimSpace(p.EmployerName) != "", "employer", "Enter who employs the doctor")
	c.That(len([]rune(p.EmployerName)) <= 200, "employer", "The employer's name must be 200 characters or fewer")
	c.That(known(Titles(), p.Title), "title", "Choose the kind of post")
	c.That(!p.On.IsZero(), "on", "Enter the first day in the post")
	c.That(p.On <= today, "on", "The first day must not be in the future. Come back when the post has started.")
	c.That(p.On.IsZero() || p.On >= registered, "on", "The post cannot start before the date of registration, "+registered.Long())
	return c.Err()
}
