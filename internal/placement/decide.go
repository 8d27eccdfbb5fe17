package placement

import (
	"slices"
	"strings"

	"msw/internal/clock"
	"msw/internal/onboarding"
	"msw/internal/post"
	"msw/internal/problem"
)

// Readiness is all that decides whether somebody can start.
type Readiness struct {
	Offer      onboarding.Offer
	OfferStops []string // what offer and checks say
	Ruling     onboarding.Ruling
	Post       post.Post
	Clinical   string // account of the clinical supervisor
	On, Today  clock.Date
}

// StopsStart gives every reason why a start cannot be recorded, all at once.
func StopsStart(r Readiness) []string {
	out := slices.Clone(r.OfferStops)
	stop := func(bad bool, text string) {
		if bad {
			out = append(out, text)
		}
	}
	out = append(out, r.Ruling.Stops()...)
	stop(r.Post.Status != post.Filled || r.Post.Holder != r.Offer.ID, "The post is not held for this offer.")
	stop(r.Clinical == "", "No clinical supervisor is named.")
	stop(r.On > r.Today, "The start is in the future. Record it on the day or after.")
	stop(!r.Offer.CheckedOn.IsZero() && r.On < r.Offer.CheckedOn, "The start is before the employment checks were complete, on "+r.Offer.CheckedOn.Long()+".")
	end := r.Offer.Terms.ContractEnd
	stop(!end.IsZero() && r.On > end, "The start is after the contract ends, on "+end.Long()+".")
	return out
}

// StopsEnd gives every reason why an end cannot be recorded on a day; latest is
// the spell that runs.
func StopsEnd(p Placement, latest Spell, on, today clock.Date) []string {
	if !p.EndedOn.IsZero() {
		return []string{"This placement has already ended, on " + p.EndedOn.Long() + "."}
	}
	var out []string
	if on < p.StartedOn {
		out = append(out, "The last day is before the start, on "+p.StartedOn.Long()+".")
	} else if on < latest.From {
		out = append(out, "A change is recorded from "+latest.From.Long()+". The last day must be on or after it.")
	}
	if on > today {
		out = append(out, "The last day is in the future. Record it on the day or after.")
	}
	return out
}

// CheckEnding tells what is wrong with the form of an end.
func CheckEnding(code string, on clock.Date) error {
	var c problem.Check
	c.That(!on.IsZero(), "on", "Enter the last day in post")
	c.That(knownEnd(code), "code", "Choose why the placement ended")
	return c.Err()
}

// Change asks for new terms from a day; empty fields leave what stands.
type Change struct {
	ID          string
	Version     int // 0 = whichever is there
	On          clock.Date
	MinutesWeek int
	Host        string
	Clinical    string
	Educational string
	ContractEnd clock.Date
	FundedUntil clock.Date
	Pay         post.Pay // Kind "" = as it stands
}

// Apply gives the terms after a change; WholeTime and Region follow later, from
// the programme's full-time week and from the place of work.
func (c Change) Apply(t Terms) Terms {
	if c.MinutesWeek != 0 {
		t.MinutesWeek = c.MinutesWeek
	}
	for _, f := range []struct {
		to *string
		v  string
	}{{&t.Host, c.Host}, {&t.Clinical, c.Clinical}, {&t.Educational, c.Educational}} {
		if f.v != "" {
			*f.to = f.v
		}
	}
	if !c.ContractEnd.IsZero() {
		t.ContractEnd = c.ContractEnd
	}
	if !c.FundedUntil.IsZero() {
		t.FundedUntil = c.FundedUntil
	}
	if c.Pay.Kind != "" {
		t.Pay = c.Pay
	}
	return t
}

// Differences are the codes of what changed between terms, in a fixed order.
func Differences(before, after Terms) []string {
	var out []string
	add := func(differs bool, code string) {
		if differs {
			out = append(out, code)
		}
	}
	add(before.MinutesWeek != after.MinutesWeek, "hours")
	add(before.Host != after.Host, "site")
	add(before.Clinical != after.Clinical, "clinical_supervisor")
	add(before.Educational != after.Educational, "educational_supervisor")
	add(before.ContractEnd != after.ContractEnd, "contract_end")
	add(before.FundedUntil != after.FundedUntil, "funded_until")
	add(before.Pay != after.Pay, "pay")
	return out
}

// ChangeWords says what changed, for a list of codes with spaces between.
func ChangeWords(codes string) string {
	words := map[string]string{"hours": "hours", "site": "place of work", "clinical_supervisor": "clinical supervisor",
		"educational_supervisor": "educational supervisor", "contract_end": "contract end", "funded_until": "funded until", "pay": "pay"}
	var out []string
	for _, code := range strings.Fields(codes) {
		if w := words[code]; w != "" {
			out = append(out, w)
		}
	}
	if len(out) == 0 {
		return "Started"
	}
	text := strings.Join(out, ", ")
	return "Changed " + text
}

// StopsChange gives every reason why terms cannot change on a day.
func StopsChange(p Placement, latest Spell, next Terms, on, today clock.Date) []string {
	if !p.EndedOn.IsZero() {
		return []string{"This placement has ended, on " + p.EndedOn.Long() + ". It cannot be changed any more."}
	}
	var out []string
	stop := func(bad bool, text string) {
		if bad {
			out = append(out, text)
		}
	}
	stop(len(Differences(latest.Terms, next)) == 0, "Nothing would change. Enter what is different.")
	stop(on < latest.From, "The change is before the last one, from "+latest.From.Long()+".")
	stop(on > today, "The change is in the future. Record it on the day or after.")
	stop(!next.ContractEnd.IsZero() && next.ContractEnd < on, "The contract would end before the change.")
	stop(!next.FundedUntil.IsZero() && next.FundedUntil < p.StartedOn, "The funding would end before the start.")
	stop(!next.Pay.Stated(), "The pay is not stated in full.")
	return out
}
