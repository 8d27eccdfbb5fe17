package registration

import (
	"slices"
	"strconv"
	"strings"

	"msw/internal/clock"
	"msw/internal/fact"
	"msw/internal/rulebook"
)

// ledgerNeeds is what a ledger tells of: attempts, concessions and so category.
const ledgerNeeds = RightMoney | RightConcession | RightFails | RightPasses | RightImmigration | RightPermission | RightHistory

// CostLine is one amount of the road. Pence is what is to be paid after the
// concession, -1 when no fee is known.
type CostLine struct {
	Fee        string
	What       string
	On         clock.Date // paid on, or the day whose fee is shown
	Full       int64      // the fee without help, -1 when not known
	Pence      int64
	Paid       bool
	Stated     bool   // recorded as paid; else worked out from the table of fees
	Concession string // why it is less, in words
	Payer      string
	Mark       rulebook.Mark
	Source     string
	Says       string
	If         bool // to pay only if what lapses has to be done again
	Needs      Right
}

// Ledger is what a road has cost and will cost.
type Ledger struct {
	Lines        []CostLine
	Spent, ToPay int64
	Again        int64 // to pay if what lapses has to be done again, apart from ToPay
	Saved        int64 // by concessions
	Unknown      int   // lines whose amount is not known
	Open         int   // of them, still to pay
	DayDecides   string
	Hidden       bool
	Needs        Right
}

// Costs gives the ledger, for readers with every right.
func (r *Road) Costs(in Inputs) Ledger {
	l := Ledger{Needs: ledgerNeeds, DayDecides: r.fees.says}
	set, err := r.book.Set(RoadRuleSet, in.On)
	if err != nil {
		return l
	}
	c := r.newClimber(&in, View{Rights: RightAll}, r.versions[set])
	c.spent(&l)
	if !c.met("REG-FULL") {
		c.toPay(&l)
		c.toPayAgain(&l)
	}
	for i, line := range l.Lines {
		switch {
		case line.Pence < 0:
			l.Unknown++
			if !line.Paid {
				l.Lines[i].Says = strings.TrimPrefix(line.Says+" Look it up before you pay.", " ")
				l.Open++
			}
		case line.Paid:
			l.Spent += line.Pence
		case line.If:
			l.Again += line.Pence
			continue
		default:
			l.ToPay += line.Pence
		}
		if line.Full > line.Pence && line.Pence >= 0 {
			l.Saved += line.Full - line.Pence
		}
	}
	return l
}

// For gives the ledger as a reader may see it: whole or not at all, since an
// amount tells of an attempt and of a status.
func (l Ledger) For(view View) Ledger {
	if view.May(l.Needs) {
		return l
	}
	return Ledger{Hidden: true, Needs: l.Needs, DayDecides: l.DayDecides}
}

// spent lists attempts at exams in order, each with the fee of the day it was
// paid, and everything else that is recorded as paid.
func (c *climber) spent(l *Ledger) {
	used := make([]bool, len(c.in.Paid))
	for _, id := range []string{"PLAB1", "PLAB2"} {
		for i, f := range c.attempts(id) {
			line := c.line(id, i+1, c.payday(f))
			line.What += ", attempt " + strconv.Itoa(i+1)
			line.Paid = true
			if at := paymentOf(c.in.Paid, used, id); at >= 0 {
				used[at] = true
				line.state(c.in.Paid[at])
			}
			l.Lines = append(l.Lines, line)
		}
	}
	for i, p := range c.in.Paid {
		if used[i] {
			continue
		}
		line := CostLine{Fee: p.Fee, What: p.What, Full: -1, Paid: true, Mark: rulebook.Confirmed, Needs: ledgerNeeds}
		if fee := c.fees.byID[p.Fee]; fee != nil {
			if rate := fee.at(p.On); rate.Pence != feeNotKnown {
				line.Full = int64(rate.Pence)
			}
			if line.What == "" {
				line.What = fee.Title
			}
		}
		line.state(p)
		l.Lines = append(l.Lines, line)
	}
	slices.SortStableFunc(l.Lines, func(a, b CostLine) int { return int(a.On - b.On) })
}

// state writes a recorded payment over what the table says.
func (l *CostLine) state(p Payment) {
	l.Pence, l.On, l.Payer, l.Stated, l.Paid = p.Pence, p.On, p.Payer, true, true
	if l.Payer == "" {
		l.Payer = payerDoctor
	}
}

const payerDoctor = "the doctor"

func paymentOf(list []Payment, used []bool, id string) int {
	found := -1
	for i, p := range list {
		if !used[i] && p.Fee == id && (found < 0 || p.On < list[found].On) {
			found = i
		}
	}
	return found
}

// attempts gives the attempts at an exam in order, also one that is booked. A
// cancelled sitting and the statement that it was not taken are none.
func (c *climber) attempts(name string) []*fact.Record {
	var list []*fact.Record
	for i := range c.in.Facts {
		f := &c.in.Facts[i]
		if f.Kind == fact.Exam && f.State != rulebook.Refused && f.Text("name") == name && slices.Contains([]string{"passed", "failed", "booked", "awaited"}, f.Text("outcome")) {
			list = append(list, f)
		}
	}
	slices.SortStableFunc(list, func(a, b *fact.Record) int { return int(a.On - b.On) })
	return list
}

// payday is the day whose fee counts: the day of booking, when PLAB is paid in
// full, or the exam day where that is not known.
func (c *climber) payday(f *fact.Record) clock.Date {
	if d := f.Day("booked"); !d.IsZero() {
		return d
	}
	return min(f.On, c.in.On)
}

// line makes the line of one fee, at an attempt, on a day.
func (c *climber) line(id string, attempt int, on clock.Date) CostLine {
	f := c.fees.byID[id]
	rate := f.at(on)
	line := CostLine{Fee: id, What: f.Title, On: on, Full: int64(rate.Pence), Pence: int64(rate.Pence), Payer: payerDoctor,
		Mark: rate.Mark, Source: rate.Source, Says: rate.Says, Needs: ledgerNeeds}
	if rate.Pence == feeNotKnown {
		if was, ok := f.before(on); ok {
			line.Says = "Not known. It was " + poundWords(int64(was.Pence)) + " from " + was.From.Date.Long() + "."
		}
	}
	for _, h := range f.Help {
		if h.Attempts > 0 && attempt > h.Attempts || !c.helped(on) {
			continue
		}
		line.Concession = h.Title
		if h.Pays == 10000 {
			continue
		}
		switch {
		case h.Pays == 0:
			line.Pence, line.Mark, line.Source, line.Says = 0, h.Mark, h.Source, h.Says
		case line.Full >= 0:
			line.Pence = line.Full * h.Pays / 10000
		}
	}
	return line
}

// helped tells whether the status on a day is one that the GMC helps: the same
// requirement as on the ladder, asked as of that day.
func (c *climber) helped(on clock.Date) bool {
	if on == c.in.On {
		return c.met("REF-FEE")
	}
	set, err := c.book.Set(RoadRuleSet, on)
	if err != nil {
		return false
	}
	res := set.Evaluate(c.facts, on)
	o := res.Requirement("REF-FEE")
	return o != nil && o.State == rulebook.Met
}

// toPay lists what is still to come. An exam that is failed again would cost
// once more; only the next attempt is counted.
func (c *climber) toPay(l *Ledger) {
	on := c.in.On
	add := func(line CostLine) { l.Lines = append(l.Lines, line) }
	if !c.met("ENG") && !c.met("ENG-PLAB") {
		add(c.line("ENGLISH", 1, on))
	}
	c.examToPay(1, "PLAB1", add)
	c.examToPay(2, "PLAB2", add)
	if _, ok := c.v.at["PMQ-PSV"]; ok && !c.met("PMQ-PSV") && c.outcome("PMQ-PSV").State == rulebook.Unknown {
		add(c.line("VERIFICATION", 1, on))
	}
	if !c.met("CGS") {
		add(c.line("GOOD_STANDING", 1, on))
	}
	if !c.met("FEE") {
		id := "FULL"
		if c.outcome("INT").State == rulebook.Unmet && !c.met("SPEC") {
			id = "PROV"
		}
		add(c.line(id, 1, on))
	}
}

// toPayAgain lists what a collision would make the doctor pay a second time: what
// counts today and will have lapsed on the day it is needed, unless another way
// is found.
func (c *climber) toPayAgain(l *Ledger) {
	c.plan = c.foresee()
	for _, x := range c.collisions() {
		id, attempt := "", 1
		switch x.Code {
		case CollisionEnglishPLAB1:
			id = "ENGLISH"
		case CollisionEnglish:
			if c.extensionDay() < c.plan.approval() {
				id = "ENGLISH"
			}
		case CollisionGoodStanding:
			id = "GOOD_STANDING"
		case CollisionPLAB1:
			if x.On < max(c.plan.plab2, c.day(c.plab[2].booked)) {
				id, attempt = "PLAB1", len(c.attempts("PLAB1"))+1
			}
		}
		if id == "" {
			continue
		}
		line := c.line(id, attempt, c.in.On)
		line.If, line.What = true, line.What+", once more"
		line.Says = x.Text + " Only to pay if nothing else helps: read your next steps first." + strings.TrimRight(" "+line.Says, " ")
		l.Lines = append(l.Lines, line)
	}
}

func (c *climber) examToPay(n int, id string, add func(CostLine)) {
	if c.spared(id) != "" || c.met(id) || c.closed(id) || c.plab[n].booked >= 0 || c.plab[n].sat >= 0 || c.plab[n].passed >= 0 {
		return
	}
	attempt := len(c.attempts(id)) + 1
	line := c.line(id, attempt, c.in.On)
	line.What += ", attempt " + strconv.Itoa(attempt)
	add(line)
}

// feeNow is what a rung costs the doctor today, -1 when not known.
func (c *climber) feeNow(id string) int64 {
	attempt := 1
	if id == "PLAB1" || id == "PLAB2" {
		attempt = len(c.attempts(id)) + 1
	}
	return c.line(id, attempt, c.in.On).Pence
}
