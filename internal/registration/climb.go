package registration

import (
	"slices"
	"strings"

	"msw/internal/clock"
	"msw/internal/fact"
	"msw/internal/rulebook"
)

// forecastNeeds is what a forecast, an advice or a route can follow from.
const forecastNeeds = RightFails | RightPasses | RightExperience | RightHistory

// climber is the work on one ladder.
type climber struct {
	*Road
	in    *Inputs
	view  View
	v     *roadVersion
	facts []rulebook.Fact
	res   rulebook.Result

	plab  [3]examLog // of PLAB 1 and 2; 0 is not used
	tests []int      // sittings of English tests, by index, oldest first
	plan  plan
}

// examLog is what is recorded on one part of PLAB, as indexes into the facts, -1
// for none.
type examLog struct {
	passed, booked, sat int // sat: its day has come and no result is recorded
	fails               int
}

// climb makes the ladder from inputs that hold only what the view may know.
func (r *Road) climb(in *Inputs, view View) Ladder {
	l := Ladder{On: in.On, RuleSet: RoadRuleSet, in: in, road: r}
	set, err := r.book.Set(RoadRuleSet, in.On)
	if err != nil {
		l.Where, l.whereStaff = "There are no rules on record for this day.", "There are no rules on record for this day."
		l.Forecast.Hidden = true
		return l
	}
	c := r.newClimber(in, view, r.versions[set])
	l.Version, l.Hash = set.Name(), set.Version()
	l.Registered = c.met("REG-FULL") || c.met("REG-PROV")
	if view.May(forecastNeeds) {
		c.plan = c.foresee()
		l.Forecast = c.plan.Forecast
		l.Complete = c.met("READY-FULL")
	} else {
		l.Forecast = Forecast{Hidden: true, Needs: forecastNeeds}
	}
	l.Rungs = make([]Rung, 0, len(c.v.rungs))
	for i := range c.v.rungs {
		if c.shown(&c.v.rungs[i]) {
			l.Rungs = append(l.Rungs, c.rung(&c.v.rungs[i]))
		}
	}
	l.Collisions = c.collisions()
	l.Windows = c.windows()
	if view.May(forecastNeeds) {
		l.Routes = c.routes()
		l.Next = c.advice(&l)
	}
	l.Where, l.whereStaff = c.where(&l)
	return l
}

func (r *Road) newClimber(in *Inputs, view View, v *roadVersion) *climber {
	if facts := settled(in.Facts, in.On); len(facts) != len(in.Facts) {
		known := *in
		known.Facts = facts
		in = &known
	}
	c := &climber{Road: r, in: in, view: view, v: v, facts: fact.Rules(in.Facts)}
	prepared := r.cases.Get().(*rulebook.Case)
	r.book.Schema().Prepare(c.facts, prepared)
	v.set.EvaluateInto(prepared, in.On, &c.res)
	r.cases.Put(prepared)
	c.readExams()
	return c
}

// settled leaves out what a later word has settled: a place at an exam that was
// booked, or a result that was awaited, once the exam's result is recorded. They
// are one attempt, not two, and nobody waits for it any more. The day of booking
// goes over to the result, since it decides the fee.
func settled(facts []fact.Record, on clock.Date) []fact.Record {
	kept := facts
	for i := range facts {
		at := settledBy(facts, i, on)
		if at < 0 {
			continue
		}
		if &kept[0] == &facts[0] {
			kept = slices.Clone(facts)
		}
		if day, ok := facts[i].Fields["booked"]; ok && facts[at].Fields["booked"] == nil {
			kept[at].Fields = with(kept[at].Fields, map[string]any{"booked": day})
		}
		kept[i].Kind = ""
	}
	if len(kept) == 0 || &kept[0] == &facts[0] {
		return facts
	}
	return slices.DeleteFunc(kept, func(f fact.Record) bool { return f.Kind == "" })
}

// settledBy finds what became of a booking or an awaited result: the next word
// of a later stage on the same exam, -1 where there is none.
func settledBy(facts []fact.Record, i int, on clock.Date) int {
	open, found := &facts[i], -1
	if open.Kind != fact.Exam || open.State == rulebook.Refused || stage(open) == 0 || stage(open) == len(examStages) {
		return -1
	}
	for j := range facts {
		f := &facts[j]
		if f.Kind != fact.Exam || f.State == rulebook.Refused || f.Text("name") != open.Text("name") || stage(f) <= stage(open) || f.On < open.On || f.On > on {
			continue
		}
		if found < 0 || f.On < facts[found].On || f.On == facts[found].On && stage(f) > stage(&facts[found]) {
			found = j
		}
	}
	return found
}

// examStages are the outcomes of one attempt in the order they come in.
var examStages = [...][]string{{"booked"}, {"awaited"}, {"passed", "failed", "cancelled"}}

// stage gives how far an attempt has come, from 1; 0 for none.
func stage(f *fact.Record) int {
	return 1 + slices.IndexFunc(examStages[:], func(outcomes []string) bool { return slices.Contains(outcomes, f.Text("outcome")) })
}

// readExams sorts out what is recorded on PLAB and on English tests. Of several
// passes the newest counts, of several bookings the next.
func (c *climber) readExams() {
	for n := range c.plab {
		c.plab[n] = examLog{-1, -1, -1, 0}
	}
	for i := range c.in.Facts {
		f := &c.in.Facts[i]
		if f.State == rulebook.Refused {
			continue
		}
		switch f.Kind {
		case fact.EnglishTest:
			c.tests = append(c.tests, i)
		case fact.Exam:
			c.readExam(i, f)
		}
	}
	slices.SortStableFunc(c.tests, func(a, b int) int { return int(c.in.Facts[a].On - c.in.Facts[b].On) })
}

func (c *climber) readExam(i int, f *fact.Record) {
	n := 0
	switch f.Text("name") {
	case "PLAB1":
		n = 1
	case "PLAB2":
		n = 2
	default:
		return
	}
	e := &c.plab[n]
	switch outcome := f.Text("outcome"); {
	case outcome == "passed" && f.On <= c.in.On:
		if e.passed < 0 || f.On > c.in.Facts[e.passed].On {
			e.passed = i
		}
	case outcome == "failed":
		e.fails++
	case outcome == "booked" && f.On > c.in.On:
		if e.booked < 0 || f.On < c.in.Facts[e.booked].On {
			e.booked = i
		}
	case outcome == "booked" || outcome == "awaited":
		if e.sat < 0 || f.On > c.in.Facts[e.sat].On {
			e.sat = i
		}
	}
}

// day is the date of a fact by index, none for -1.
func (c *climber) day(i int) clock.Date {
	if i < 0 {
		return 0
	}
	return c.in.Facts[i].On
}

func (c *climber) outcome(id string) *rulebook.Outcome {
	if i, ok := c.v.at[id]; ok {
		return &c.res.Requirements[i]
	}
	return &rulebook.Outcome{Requirement: &rulebook.Requirement{ID: id}}
}

func (c *climber) met(id string) bool { return c.outcome(id).State == rulebook.Met }

// closed tells whether a requirement can never be met any more.
func (c *climber) closed(id string) bool {
	o := c.outcome(id)
	return o.State == rulebook.Unmet && o.Reason != nil && o.Reason.Kind == "fatal"
}

// step gives the latest registration step of a name that has happened, or -1.
func (c *climber) step(name string) int { return c.latest("registration_step", "name", name) }

// latest gives the newest live fact of a kind with a code, up to the day.
func (c *climber) latest(kind, field, code string) int {
	found := -1
	for i := range c.in.Facts {
		f := &c.in.Facts[i]
		if f.Kind == kind && f.State != rulebook.Refused && f.On <= c.in.On && (field == "" || f.Text(field) == code) && f.On >= c.day(found) {
			found = i
		}
	}
	return found
}

// shown tells whether a rung stands on this ladder at all. It asks only the
// register, which every reader of a ladder may know.
func (c *climber) shown(d *rungDef) bool {
	switch d.id {
	case "APS":
		return c.met("REG-FULL") || c.met("REG-PROV")
	case "ENG-PLAB":
		return !c.met("REG-FULL")
	}
	return true
}

// spared tells why a rung is not needed, or nothing.
func (c *climber) spared(id string) string {
	switch {
	case c.met("REG-FULL") && id != "REG-FULL" && id != "APS":
		return "The register shows you with full registration."
	case id == "REG-PROV" && !c.met("REG-PROV"):
		if c.outcome("INT").State != rulebook.Unmet {
			return "Full registration is what you are working for."
		}
	case id == "ENG-PLAB" && c.met("PLAB1"):
		return "You have passed PLAB 1."
	case id == "PLAB1-VAL" && c.met("PLAB2"):
		return "You have passed PLAB 2."
	case strings.HasPrefix(id, "PLAB") || id == "ENG-PLAB":
		if c.met("ROUTE") && !c.met("PLAB") {
			return "Another road is complete, and the first complete one counts."
		}
	case id == "INT" && c.met("SPEC"):
		return "The specialist or GP register brings full registration with it."
	}
	if o := c.outcome(id); o.NotNeeded != nil {
		return o.NotNeeded.Doctor
	}
	return ""
}

// where says where the doctor is in one sentence: to the doctor, and to others.
func (c *climber) where(l *Ladder) (doctor, staff string) {
	switch {
	case c.met("REG-FULL"):
		return "You are registered with the GMC and hold a licence to practise.", "Registered with the GMC, with a licence to practise."
	case c.met("REG-PROV"):
		return "You have provisional registration. It allows first-year foundation posts only.", "Provisional registration, which allows first-year foundation posts only."
	case !c.view.May(forecastNeeds):
		text := "On the road to registration. How far is shown only to those who work on it."
		return text, text
	case l.Complete:
		return "Everything we know of looks ready. Only the GMC decides.", "Everything on record looks ready. Only the GMC decides."
	case c.met("APP-OPEN"):
		return "Your application is with the GMC.", "The application is with the GMC."
	case c.met("ROUTE"):
		return "You have shown knowledge and skill. What is left are the papers and the application.", "Knowledge and skill are shown. The papers and the application are left."
	case c.met("PLAB1-VAL") && !c.met("PLAB2"):
		return "You have passed PLAB 1. PLAB 2 comes next.", "PLAB 1 is passed. PLAB 2 comes next."
	case c.met("ENG-PLAB"):
		return "Your English counts for PLAB 1. PLAB 1 comes next.", "English counts for PLAB 1. PLAB 1 comes next."
	}
	return "You are at the start of the road. English comes first.", "At the start of the road. English comes first."
}
