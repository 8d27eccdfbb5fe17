package request

import (
	"slices"
	"sort"
	"strconv"

	"msw/internal/clock"
	"msw/internal/doctor"
)

// Derived is what follows from a request, the doctor's word and the day.
type Derived struct {
	State State
	Owes  Owes
	Why   string
	Since clock.Date
	Next  clock.Date // the day on which time alone changes something, none for never
}

// Times are a programme's settings for one kind, on the day it was asked.
type Times struct {
	Days   int
	Remind []int // days before the end
}

// Allowed decides whether a request may go to whom it names: the first subject
// must have a yes by name, and none may be forbidden. on is the day of the word.
func Allowed(r Request, k Kind, said []doctor.Said) (answer doctor.Answer, on clock.Date) {
	subjects := r.Subjects(k)
	if len(subjects) == 0 {
		return doctor.MayAsk, 0
	}
	for _, s := range subjects {
		if v := doctor.Asking(said, s); v.Answer == doctor.MustNot {
			return doctor.MustNot, v.On
		}
	}
	v := doctor.Asking(said, subjects[0])
	if v.Answer != doctor.MayAsk || v.Wide || subjects[0].Name == "" {
		return doctor.NotSaid, v.On
	}
	return doctor.MayAsk, v.On
}

// Derive says how a request stands on a day. What is over stays over; without a
// yes nothing waits for anybody outside, whatever was asked before.
func Derive(r Request, k Kind, said []doctor.Said, t Times, today clock.Date) Derived {
	switch {
	case !r.Gone.IsZero():
		return Derived{State: Withdrawn, Owes: OwesNobody, Why: WhyDone, Since: r.Gone}
	case !r.Judged.IsZero() && r.Verdict == Accepted:
		return Derived{State: Verified, Owes: OwesNobody, Why: WhyDone, Since: r.Judged}
	case !r.Judged.IsZero():
		return Derived{State: Refused, Owes: OwesNobody, Why: WhyDone, Since: r.Judged}
	case !r.Declined.IsZero():
		return Derived{State: Refused, Owes: OwesDoctor, Why: WhyDeclined, Since: r.Declined}
	case !r.Received.IsZero():
		return Derived{State: Received, Owes: OwesAssessor, Why: WhyJudge, Since: r.Received}
	}
	answer, on := Allowed(r, k, said)
	switch {
	case !r.complete(k) && answer != doctor.MustNot:
		return Derived{State: CannotStart, Owes: OwesDoctor, Why: WhyWhom, Since: r.Made}
	case answer == doctor.MustNot:
		return Derived{State: CannotStart, Owes: OwesDoctor, Why: WhyMustNot, Since: max(r.Made, on)}
	case answer != doctor.MayAsk:
		return Derived{State: CannotStart, Owes: OwesDoctor, Why: WhyNoYes, Since: r.Made}
	case r.Asked.IsZero():
		return Derived{State: CannotStart, Owes: firstStep(k), Why: WhyNotAsked, Since: max(r.Made, on)}
	}
	return asked(r, k, t, today)
}

// firstStep tells who sets a request going that may start.
func firstStep(k Kind) Owes {
	if k.From == "team" {
		return OwesCaseworker
	}
	return OwesDoctor // hands the link over, or asks for the paper
}

func asked(r Request, k Kind, t Times, today clock.Date) Derived {
	if today > r.Expires {
		d := Derived{State: Overdue, Owes: OwesCaseworker, Why: WhySilence, Since: r.Expires.AddDays(1)}
		if k.Link {
			d.Owes = OwesDoctor // who names somebody else, or shows other evidence
		}
		return d
	}
	d := Derived{State: Waiting, Owes: OwesOther, Why: WhyAnswer, Since: r.Asked, Next: r.Expires.AddDays(1)}
	switch {
	case k.From == "doctor":
		d.Owes = OwesDoctor
	case k.From == "team":
		d.Owes = OwesCaseworker
	case k.Agrees && r.Agreed.IsZero():
		d.Why = WhyAgree
	}
	for _, rung := range Ladder(r, t) {
		if !slices.Contains(r.Reminded, rung.ID) && rung.On > today {
			d.Next = min(d.Next, rung.On)
		}
	}
	return d
}

// Rung is one reminder, on its day.
type Rung struct {
	ID string
	On clock.Date
}

// Ladder lists the reminders of a request that was asked, the first first.
// Those that would fall on or before the day of asking are left out.
func Ladder(r Request, t Times) []Rung {
	var out []Rung
	for _, before := range t.Remind {
		if on := r.Expires.AddDays(-before); on > r.Asked {
			out = append(out, Rung{ID: strconv.Itoa(before), On: on})
		}
	}
	sort.Slice(out, func(i, j int) bool {
		a, b := out[i], out[j]
		return int(a.On-b.On) < 0
	})
	return out
}

// Due lists the rungs that are due on a day and were not taken. Of several only
// the last is said aloud; all count as taken.
func Due(r Request, t Times, today clock.Date) []Rung {
	var out []Rung
	for _, rung := range Ladder(r, t) {
		if rung.On <= today && !slices.Contains(r.Reminded, rung.ID) {
			out = append(out, rung)
		}
	}
	return out
}

// ExpiresOn is the last day for an answer: so many days on, and never a day on
// which nobody works.
func ExpiresOn(asked clock.Date, days int, holidays map[clock.Date]bool) clock.Date {
	on := asked.AddDays(days)
	for !clock.WorkingDay(on, holidays) {
		on = on.AddDays(1)
	}
	return on
}

// WorkingAge counts the working days after one day up to another.
func WorkingAge(since, today clock.Date, holidays map[clock.Date]bool) int {
	if today <= since {
		return 0
	}
	days := int(today - since)
	weeks := days / 7
	n := weeks * 5
	for d := since.AddDays(weeks*7 + 1); d <= today; d = d.AddDays(1) {
		if w := d.Time().Weekday(); w != 0 && w != 6 {
			n++
		}
	}
	for h := range holidays {
		if w := h.Time().Weekday(); h > since && h <= today && w != 0 && w != 6 {
			n--
		}
	}
	return n
}

// Tried is how one alternative stands.
type Tried struct {
	Code, State string
}

// The states of an alternative.
const (
	AltGiven     = "given"
	AltAccepted  = "accepted"
	AltNotEnough = "not_enough"
	AltCannot    = "cannot" // the doctor cannot have it
	AltOpen      = "open"   // the next to try
	AltLater     = "later"
)

// Alternatives says, in order, how each alternative stands. The list opens when
// the one asked must not be asked or has no yes, when the proof is lost, or
// when no answer came; and then one after the other.
func Alternatives(r Request, k Kind, tried []Tried) []Tried {
	if !opens(r) {
		return nil
	}
	var out []Tried
	open := true
	for _, code := range k.Instead {
		t := Tried{Code: code, State: AltLater}
		if i := slices.IndexFunc(tried, func(t Tried) bool { return t.Code == code }); i >= 0 {
			t = tried[i]
		} else if open {
			t.State = AltOpen
		}
		// One that was given, and was not yet judged, holds the list.
		open = open && (t.State == AltNotEnough || t.State == AltCannot)
		out = append(out, t)
	}
	return out
}

// opens tells whether other evidence may take the place of an answer.
func opens(r Request) bool {
	switch {
	case r.Instead != "" || r.Whom.Lost:
		return r.State != Withdrawn
	case r.State == CannotStart:
		return r.Why == WhyMustNot || r.Why == WhyNoYes
	case r.State == Refused:
		return true
	}
	return r.State == Overdue
}

// Flags are marks for the assessor about who is asked. They forbid nothing.
func Flags(w Whom, d doctor.Contact) []string {
	var out []string
	if FreeMail(w.Email) {
		out = append(out, "A free email address: anybody can open one.")
	}
	if sameAddress(w.Email, d.Email) {
		out = append(out, "The same email address as the doctor's own.")
	}
	if samePhone(w.Phone, d.Mobile) {
		out = append(out, "The same phone number as the doctor's own.")
	}
	return out
}
