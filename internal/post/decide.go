package post

import (
	"msw/internal/clock"
	"msw/internal/problem"
)

// Place is what the rules need to know of an organisation.
type Place struct {
	ID, Name        string
	Region, Outcode string
	Found           bool
	England         bool
	Closed          clock.Date // the first day it is closed; no date while open
	Practice        bool       // a GP practice
}

func (p Place) closedOn(day clock.Date) bool { return !p.Closed.IsZero() && p.Closed <= day }

// Surroundings are the facts around a post that decide whether it can open.
type Surroundings struct {
	Employer, Host Place
	Clinical       *Supervisor // nil when none is named or the named one is unknown
	Today          clock.Date
}

// Stop is one thing that keeps a post from opening, and what would remove it.
type Stop struct{ Code, Text string }

// Stops gives every reason why a post cannot be opened, all at once; none means
// it can. Being approved is one of the conditions.
func Stops(p Post, s Surroundings) []Stop {
	var out []Stop
	stop := func(bad bool, code, text string) {
		if bad {
			out = append(out, Stop{code, text})
		}
	}
	stop(p.Status == Draft, "not_approved", "The programme has not approved this post yet.")
	stop(p.Status == Open, "already_open", "This post is already open.")
	stop(p.Status == Filled, "filled", "This post is filled.")
	stop(p.Status == Closed, "post_closed", "This post is closed. Register a new one.")
	stopPlaces(stop, s)
	stopSupervisor(stop, p, s)
	stop(!p.Pay.Stated(), "no_pay", "The pay is not stated. Say what the post pays.")
	stop(p.Indemnity.Words() == "", "no_indemnity", "The indemnity is not stated. Say who covers the doctor's work.")
	stop(p.MinutesWeek <= 0, "no_hours", "The hours are not stated. Say how many hours a week.")
	stop(p.StartFrom.IsZero(), "no_start", "The start date is not stated. Say when the post can start.")
	stop(!p.ContractEnd.IsZero() && p.ContractEnd < s.Today, "contract_over", "The contract end date has passed. Change the dates.")
	return out
}

func stopSupervisor(stop func(bool, string, string), p Post, s Surroundings) {
	v := s.Clinical
	if p.Clinical == "" || v == nil {
		stop(true, "no_supervisor", "No clinical supervisor is named. Name one who has room.")
		return
	}
	begins := max(s.Today, p.StartFrom)
	stop(v.Room() == 0, "no_room", "The clinical supervisor has no room. Name another one, or ask them to take on one more.")
	stop(v.Lapsed(begins), "supervisor_lapsed", "The clinical supervisor's approval ends on "+v.ApprovedUntil.Long()+", before the post starts. Renew it, or name another one.")
	stop(v.Away(begins), "supervisor_away", "The clinical supervisor is away on the day the post starts"+untilWords(v.AwayUntil)+". Name another one, or change the start.")
}

func untilWords(d clock.Date) string {
	if d.IsZero() {
		return ""
	}
	return ", until " + d.Long()
}

// ofSupervision are the stops that one more supervisor with room would remove.
func ofSupervision(code string) bool {
	return code == "no_supervisor" || code == "no_room" || code == "supervisor_lapsed" || code == "supervisor_away"
}

// Warnings are what people should know although it stops nothing.
func Warnings(p Post, s Surroundings) []Stop {
	var out []Stop
	warn := func(so bool, code, text string) {
		if so {
			out = append(out, Stop{code, text})
		}
	}
	practice := s.Employer.Practice || p.Setting == GPPractice && p.Employer == p.Host
	warn(practice, "designated_body", "A GP practice may not be a designated body. The GMC takes an English language reference only from a designated body, and a first post after registration must be in an approved practice setting. Check both before you rely on this post for either.")
	warn(!practice && s.Host.Practice, "designated_host", "The work is in a GP practice, which may not be a designated body itself. Check with the employer who would write an English language reference.")
	warn(!p.FundedUntil.IsZero() && !p.ContractEnd.IsZero() && p.FundedUntil < p.ContractEnd, "money_first", "The money ends before the contract does. Agree who pays for the rest.")
	if v := s.Clinical; v != nil && p.Status != Closed {
		begins := max(s.Today, p.StartFrom)
		inside := func(d clock.Date) bool {
			return !d.IsZero() && d >= begins && (p.ContractEnd.IsZero() || d < p.ContractEnd)
		}
		warn(!v.Lapsed(begins) && inside(v.ApprovedUntil), "lapses", "The clinical supervisor's approval ends on "+v.ApprovedUntil.Long()+", during the post. Renew it in time.")
		warn(!v.Away(begins) && inside(v.AwayFrom), "absence", "The clinical supervisor is away from "+v.AwayFrom.Long()+untilWords(v.AwayUntil)+". Agree who stands in.")
		stale := p.Status == Open || p.Status == Filled
		warn(stale && v.Lapsed(s.Today), "lapsed_now", "The clinical supervisor's approval ended on "+v.ApprovedUntil.Long()+". Nobody can be proposed until it is renewed or another one is named.")
		warn(stale && v.Away(s.Today), "away_now", "The clinical supervisor is away now"+untilWords(v.AwayUntil)+". Agree who stands in.")
	}
	return out
}

func stopPlaces(stop func(bool, string, string), s Surroundings) {
	stop(!s.Employer.Found, "no_employer", "We do not know the employer. Choose one from the list.")
	stop(s.Employer.Found && s.Employer.closedOn(s.Today), "employer_closed", "The employer is closed. Choose one that is open.")
	stop(s.Employer.Found && !s.Employer.England, "employer_not_in_england", "The employer is not in England. The programme works in England only.")
	if s.Host.ID == s.Employer.ID {
		return
	}
	stop(!s.Host.Found, "no_host", "We do not know the place of work. Choose one from the list.")
	stop(s.Host.Found && s.Host.closedOn(s.Today), "host_closed", "The place of work is closed. Choose one that is open.")
	stop(s.Host.Found && !s.Host.England, "host_not_in_england", "The place of work is not in England. The programme works in England only.")
}

// Check tells everything wrong with the details as written; a post may be saved
// with gaps, but not with nonsense. Field names are those of the form.
func Check(d Details, full int) error {
	var c problem.Check
	c.That(d.Setting.Words() != "", "setting", "Choose where the work is: hospital, GP practice or community service")
	c.That(d.Employer != "", "employer", "Choose who employs the doctor")
	c.That(d.Host != "", "host", "Choose the place of work")
	c.That(d.Specialty != "", "specialty", "Enter the specialty")
	c.That(len(d.Specialty) <= 100, "specialty", "Specialty must be 100 characters or fewer")
	c.That(d.MinutesWeek > 0 && d.MinutesWeek <= full, "hours", "Hours a week must be more than 0 and no more than "+Hours(full))
	c.That(d.Pay.Kind == "" || d.Pay.Kind == AgendaForChange || d.Pay.Kind == LocalPay, "pay", "Choose how the post is paid")
	c.That(d.Pay.Point == "" || d.Pay.Point.Words() != "", "point", "Choose a pay step from the list")
	c.That(d.Pay.HCAS == "" || d.Pay.HCAS.Words() != "", "hcas", "Choose a supplement from the list")
	c.That(d.Pay.Pence >= 0 && d.Pay.Pence < 100_000_000, "amount", "Pay a year must be between £0 and £1 million")
	c.That(d.Indemnity == "" || d.Indemnity.Words() != "", "indemnity", "Choose the indemnity from the list")
	c.That(!d.StartFrom.IsZero(), "start", "Enter the date the post can start")
	c.That(d.ContractEnd.IsZero() || d.ContractEnd > d.StartFrom, "contract_end", "The contract must end after it starts")
	c.That(len(d.Essential) <= 1500, "essential", "Requirements must be 1,500 characters or fewer")
	for name, n := range map[string]int{"least_medicine": d.Medicine, "least_surgery": d.Surgery, "least_after": d.After} {
		c.That(n >= 0 && n <= mostMonths, name, "Months must be a whole number from 0 to 120")
	}
	c.That(len(d.Wished) <= 1500, "wished", "What would help must be 1,500 characters or fewer")
	c.That(d.Funder == "" || d.Funder.Words() != "", "funder", "Choose who pays from the list")
	c.That(d.Funder != Programme || d.Phase != "", "phase", "Choose which phase of the programme pays, or another funder")
	c.That(d.Phase == "" || d.Funder == "" || d.Funder == Programme, "funder", "A phase is chosen, so the programme pays. Choose the programme, or no phase")
	c.That(d.FundedUntil.IsZero() || d.FundedUntil > d.StartFrom, "funded_until", "The funding must end after the post starts")
	return c.Err()
}

// Next tells whether a post may go from one status to another by hand. Filled
// is reached and left only through offers and placements.
func Next(from, to Status) bool {
	switch to {
	case Approved:
		return from == Draft
	case Open:
		return from == Approved
	case Closed:
		return from == Draft || from == Approved || from == Open
	}
	return false
}

// AfterLeaving is the status of a post once the doctor in it has left on a day:
// a contract with time left can be opened again, another is over.
func AfterLeaving(p Post, left clock.Date) Status {
	if !p.ContractEnd.IsZero() && left >= p.ContractEnd {
		return Closed
	}
	return Approved
}
