package registration

import (
	"fmt"
	"slices"

	"msw/internal/clock"
	"msw/internal/rulebook"
)

// Forecast is when registration can come: a range, never a promise. A zero date
// means that it cannot be told; Hidden that this reader may not know.
type Forecast struct {
	Earliest, Likely, Latest clock.Date
	CriticalPath             []Leg
	// Unknown are the steps whose length nobody has sourced; they make the
	// range wider: Likely and Latest are then not known.
	Unknown []string
	Reasons []string
	Hidden  bool
	Needs   Right
	// People is what others' roads took, or that there are too few to say.
	People string
}

// Leg is one step of the critical path.
type Leg struct {
	Rung, Title            string
	From, Earliest, Likely clock.Date
	Latest                 clock.Date
	Short, Usual, Long     int // days, -1 where not known
	Why                    string
	Known                  bool // how long it usually takes is known
	Set                    bool // some of it is a programme's setting
}

// plan is a forecast with the days on the way that windows are measured against.
type plan struct {
	Forecast
	plab2 clock.Date // likely or earliest day of PLAB 2
	pass  reach      // up to the day of PLAB 2, empty on another road
}

// approval is the day against which proofs are measured: the likely one, or
// where nobody can tell it the earliest possible.
func (p *plan) approval() clock.Date {
	if !p.Likely.IsZero() {
		return p.Likely
	}
	return p.Earliest
}

// reach is how far a chain of steps comes: earliest, likely and latest day, the
// last two zero where not known.
type reach struct {
	earliest, likely, latest clock.Date
	legs                     []Leg
}

func reachAt(d clock.Date) reach { return reach{d, d, d, nil} }

// then adds a step of a length after what was reached.
func (r reach) then(rung, title string, n length, why string) reach {
	leg := Leg{Rung: rung, Title: title, From: r.earliest, Short: int(n.Short), Usual: int(n.Usual), Long: int(n.Long), Why: why, Known: n.Usual != notKnown}
	r.earliest = r.earliest.AddDays(int(max(n.Short, 0)))
	r.likely, r.latest = addDays(r.likely, n.Usual), addDays(r.latest, n.Long)
	leg.Earliest, leg.Likely, leg.Latest = r.earliest, r.likely, r.latest
	r.legs = append(slices.Clip(r.legs), leg)
	return r
}

// step adds a step of a table's length.
func (r reach) step(rung string, s stepTime, why string) reach {
	r = r.then(rung, s.Title, s.length(), why)
	r.legs[len(r.legs)-1].Set = s.given
	return r
}

// fixed adds a step whose day is known, such as a booked exam.
func (r reach) fixed(rung, title string, on clock.Date, why string) reach {
	leg := Leg{Rung: rung, Title: title, From: r.earliest, Earliest: on, Likely: on, Latest: on, Known: true, Why: why}
	leg.Short, leg.Usual, leg.Long = max(r.earliest.DaysUntil(on), 0), max(r.earliest.DaysUntil(on), 0), max(r.earliest.DaysUntil(on), 0)
	return reach{on, on, on, append(slices.Clip(r.legs), leg)}
}

// both joins chains that must all be finished; the path of the one that ends
// last is the critical one.
func both(a, b reach) reach {
	out := a
	ends, known := b.earliest-a.earliest, !a.likely.IsZero() && !b.likely.IsZero()
	if known {
		ends = b.likely - a.likely
	}
	if ends > 0 || ends == 0 && b.uncertain() > a.uncertain() {
		out.legs = b.legs
	}
	out.earliest = max(a.earliest, b.earliest)
	out.likely, out.latest = laterKnown(a.likely, b.likely), laterKnown(a.latest, b.latest)
	return out
}

func (r reach) uncertain() (n int) {
	for _, l := range r.legs {
		if !l.Known {
			n++
		}
	}
	return n
}

// laterKnown is the later of two days, and not known where one of them is not.
func laterKnown(a, b clock.Date) clock.Date {
	if a.IsZero() || b.IsZero() {
		return 0
	}
	return max(a, b)
}

// foresee gives the forecast from what is recorded, the programme's history and
// the durations that a page states.
func (c *climber) foresee() plan {
	p := plan{Forecast: Forecast{Needs: forecastNeeds, People: c.people()}}
	on := c.in.On
	if c.met("REG-FULL") {
		if dates := c.outcome("REG-FULL").Dates; len(dates) > 0 {
			on = dates[len(dates)-1]
		}
		p.Earliest, p.Likely, p.Latest = on, on, on
		p.Reasons = []string{"The register shows full registration."}
		return p
	}
	unknown := map[string]bool{}
	knowledge := c.knowledge(&p)
	end, whole := c.stretch(&p)
	if !whole {
		end = c.decision(c.papers(knowledge, unknown))
	}
	for _, l := range end.legs {
		if !l.Known {
			unknown[l.Title] = true
		}
	}
	if !whole {
		for _, l := range knowledge.legs {
			if !l.Known {
				unknown[l.Title] = true
			}
		}
	}
	p.Earliest, p.Likely, p.Latest = end.earliest, end.likely, end.latest
	p.CriticalPath = end.legs
	for title := range unknown {
		p.Unknown = append(p.Unknown, title)
	}
	slices.Sort(p.Unknown)
	c.explain(&p)
	return p
}

// knowledge is the chain up to a complete way of showing knowledge and skill.
func (c *climber) knowledge(p *plan) reach {
	now := reachAt(c.in.On)
	none := length{notKnown, notKnown, notKnown}
	if c.met("ROUTE") {
		if c.met("PLAB") {
			p.pass = reachAt(c.day(c.plab[2].passed))
		}
		return now
	}
	if way := c.otherWay(); way != "" && (c.closed("PLAB") || !c.following("PLAB")) {
		return now.then(way, c.outcome(way).Title, none, "How long this road takes is not known.")
	}
	if c.closed("PLAB") {
		return now.then("ROUTE", "Another road than PLAB", none, "The last attempt at PLAB is used, and no other road is recorded.")
	}
	if c.plab[2].passed >= 0 {
		return now.then("PLAB2-VAL", "Evidence that knowledge and skill are recent, or that the pass is proved", none, "PLAB 2 is passed and does not count as it stands.")
	}
	r := c.firstPart(now)
	return c.secondPart(r, p)
}

func (c *climber) otherWay() string {
	for _, way := range []string{"PGQ", "SPON", "SPEC", "REQ", "OREX"} {
		if c.following(way) {
			return way
		}
	}
	return ""
}

// firstPart is the chain up to the result of PLAB 1.
func (c *climber) firstPart(r reach) reach {
	if c.plab[1].passed >= 0 && c.outcome("PLAB1-VAL").State != rulebook.Unmet {
		return r
	}
	result := c.takes("plab1_result")
	switch {
	case c.plab[1].sat >= 0:
		sat := reachAt(c.day(c.plab[1].sat)).step("PLAB1", result, "Sat on "+c.day(c.plab[1].sat).Long()+".")
		return both(r, sat)
	case c.plab[1].booked >= 0:
		r = r.fixed("PLAB1", "PLAB 1", c.day(c.plab[1].booked), "Booked.")
		return r.step("PLAB1", result, result.Says)
	}
	if !c.met("ENG-PLAB") {
		if d := c.englishBooked(); !d.IsZero() {
			r = r.fixed("ENG-PLAB", "English test", d, "Booked.")
		} else {
			s := c.takes("english")
			r = r.step("ENG-PLAB", s, s.Says)
		}
		s := c.takes("english_verified")
		r = r.step("ENG-PLAB", s, s.Says)
	}
	if n, why, ok := c.history("english_plab1"); ok {
		r = r.then("PLAB1", "From English to PLAB 1", n, why)
	} else {
		s := c.takes("plab1_sitting")
		r = r.step("PLAB1", s, s.Says)
	}
	return r.step("PLAB1", result, result.Says)
}

// secondPart is the chain from PLAB 1 to the result of PLAB 2.
func (c *climber) secondPart(r reach, p *plan) reach {
	result := c.takes("plab2_result")
	switch {
	case c.plab[2].sat >= 0:
		p.plab2 = c.day(c.plab[2].sat)
		p.pass = both(r, reachAt(p.plab2))
		return both(r, reachAt(p.plab2).step("PLAB2", result, "Sat on "+p.plab2.Long()+"."))
	case c.plab[2].booked >= 0:
		p.plab2 = c.day(c.plab[2].booked)
		r = r.fixed("PLAB2", "PLAB 2", p.plab2, "Booked.")
		p.pass = r
		return r.step("PLAB2", result, result.Says)
	}
	if n, why, ok := c.history("plab1_plab2"); ok {
		from := r
		if c.plab[1].passed >= 0 {
			from = reachAt(c.day(c.plab[1].passed))
		}
		r = both(r, from.then("PLAB2", "From PLAB 1 to PLAB 2", n, why))
	} else {
		s := c.takes("plab2_sitting")
		r = r.step("PLAB2", s, s.Says)
	}
	if p.plab2 = r.likely; p.plab2.IsZero() {
		p.plab2 = r.earliest
	}
	p.pass = r
	return r.step("PLAB2", result, result.Says)
}

// papers joins knowledge with what is gathered beside it. A chain whose length
// nobody knows can be the last to end, so it leaves the likely day open.
func (c *climber) papers(knowledge reach, unknown map[string]bool) reach {
	out := knowledge
	side := func(rung, step string) {
		if _, ok := c.v.at[rung]; !ok || c.met(rung) {
			return
		}
		s := c.takes(step)
		out = both(out, reachAt(c.in.On).step(rung, s, s.Says))
		if s.Usual == notKnown {
			unknown[s.Title] = true
		}
	}
	side("PMQ-PSV", "verification")
	if !c.met("EMPREF") || !c.met("ACT-5Y") || !c.met("CGS") {
		side("CGS", "papers")
		side("EMPREF", "papers")
	}
	return out
}

// decision is the last step: the GMC decides on the application.
func (c *climber) decision(r reach) reach {
	s := c.takes("decision")
	if c.met("APP-OPEN") {
		sent := c.day(c.step("application"))
		open := reachAt(sent).step("REG-FULL", s, "Sent on "+sent.Long()+". "+s.Says)
		open.earliest = max(open.earliest, c.in.On)
		return both(r, open)
	}
	return r.step("REG-FULL", s, s.Says)
}

// stretch takes the programme's own history from PLAB 2 to registration, which
// counts the papers and the decision in, where there is one and no application
// is open yet.
func (c *climber) stretch(p *plan) (reach, bool) {
	n, why, ok := c.history("plab2_registered")
	if !ok || p.pass.earliest.IsZero() || c.met("APP-OPEN") {
		return reach{}, false
	}
	return both(reachAt(c.in.On), p.pass.then("REG-FULL", "From PLAB 2 to registration", n, why)), true
}

// history gives what a stretch took in the programme; a demonstration's never
// counts.
func (c *climber) history(stretch string) (length, string, bool) {
	for _, u := range c.in.History {
		if u.Step == stretch && !u.Demonstration && u.N > 0 {
			return length{days(u.Short), days(u.Median), days(u.Long)},
				fmt.Sprintf("In this programme: median %s, half of people between %s and %s (%d people, as at %s).",
					dayWords(u.Median), dayWords(u.Short), dayWords(u.Long), u.N, u.AsAt.Long()), true
		}
	}
	return length{}, "", false
}

// people says what others' roads took.
func (c *climber) people() string {
	stretch, from := "eligible_registered", "from being found eligible"
	if !c.in.Post.Starts.IsZero() && c.in.Post.Starts <= c.in.On {
		stretch, from = "post_registered", "from the start of the post"
	}
	for _, u := range c.in.History {
		if u.Step == stretch && !u.Demonstration && u.N > 0 {
			return fmt.Sprintf("People whose road looked like yours took a median of %s %s to registration, half of them between %s and %s (%d people, as at %s).",
				dayWords(u.Median), from, dayWords(u.Short), dayWords(u.Long), u.N, u.AsAt.Long())
		}
	}
	return "Too few people have finished this road to say how long it took them."
}

// explain writes the reasons of a forecast.
func (c *climber) explain(p *plan) {
	if c.outcome("INT").State == rulebook.Unmet && !c.met("SPEC") {
		p.Reasons = append(p.Reasons, "What is on record of internship and practice is not enough for full registration. The forecast is of provisional registration until that changes.")
	}
	if len(p.CriticalPath) > 0 {
		last := p.CriticalPath[0]
		for _, l := range p.CriticalPath {
			if !l.Known && last.Known || l.Known == last.Known && l.Usual > last.Usual {
				last = l
			}
		}
		p.Reasons = append(p.Reasons, "The step that decides most is: "+last.Title+".")
	}
	if slices.ContainsFunc(p.CriticalPath, func(l Leg) bool { return l.Set }) {
		p.Reasons = append(p.Reasons, "Some of these times are set by this programme. No published page gives them.")
	}
	if n := len(p.Unknown); n > 0 {
		p.Reasons = append(p.Reasons, fmt.Sprintf("Nobody was found to state how long %s. The earliest day counts %s as no time at all, so it will be later.", stepsTake(n), thoseSteps(n)))
	}
	if p.Latest.IsZero() {
		p.Reasons = append(p.Reasons, "The latest day is not known.")
	}
	if c.plab[1].fails+c.plab[2].fails > 0 && !c.met("PLAB") {
		p.Reasons = append(p.Reasons, "A pass at the next attempt is assumed.")
	}
}

func stepsTake(n int) string {
	if n == 1 {
		return "1 step takes"
	}
	return fmt.Sprintf("%d steps take", n)
}

func thoseSteps(n int) string {
	if n == 1 {
		return "it"
	}
	return "them"
}
