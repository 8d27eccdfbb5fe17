package registration

import (
	"fmt"
	"slices"
	"strings"

	"msw/internal/clock"
	"msw/internal/fact"
	"msw/internal/rulebook"
)

// rung makes one requirement as the view may see it. What the view may not know
// leaves a rung that is the same whatever the facts.
func (c *climber) rung(d *rungDef) Rung {
	o := c.outcome(d.id)
	r := Rung{ID: d.id, Title: o.Title, Part: d.part, Proof: o.ProofText, Sources: o.Sources, Mark: c.v.mark[d.id],
		Needs: c.v.needs[d.id], Pence: -1}
	for i, id := range d.steps {
		if i > 0 {
			r.Usually += " "
		}
		r.Usually += c.takes(id).Title + ": " + lowerFirst(c.takes(id).words())
	}
	if !c.view.May(r.Needs) {
		return c.hidden(d, r)
	}
	c.judge(d, o, &r)
	r.Dates = slices.Clone(o.Dates)
	for _, i := range o.Facts {
		r.Facts = append(r.Facts, c.in.Facts[i].ID)
	}
	if d.ways != nil && r.State != RungNotNeeded {
		r.Ways = c.waysOf(d, o)
	}
	if d.fee != "" && c.view.May(ledgerNeeds) && c.costs(r.State) {
		r.Fee, r.Pence = d.fee, c.feeNow(d.fee)
	}
	return r
}

// costs tells whether a rung in that state still costs something.
func (c *climber) costs(s RungState) bool {
	return s == RungToDo || s == RungBlocked || s == RungLapses || s == RungUnknown
}

// hidden leaves what is the same for everyone, and a recorded pass for those who
// may know of passes: whether it still counts could tell of a later fail.
func (c *climber) hidden(d *rungDef, r Rung) Rung {
	r.State, r.Why = RungHidden, "Your role does not show this."
	if !c.view.May(RightPasses) {
		return r
	}
	last := -1
	switch d.id {
	case "PLAB1":
		last = c.plab[1].passed
	case "PLAB2":
		last = c.plab[2].passed
	case "ENG":
		for _, i := range c.tests {
			if c.in.Facts[i].Text("outcome") == "passed" && c.in.Facts[i].On <= c.in.On {
				last = i
			}
		}
	}
	if last >= 0 {
		r.State, r.Passed = RungPass, c.day(last)
		r.Why = "A pass is recorded. Your role does not show if it still counts."
	}
	return r
}

// judge fills in state, reason and what to do.
func (c *climber) judge(d *rungDef, o *rulebook.Outcome, r *Rung) {
	if why := c.spared(d.id); why != "" {
		r.State, r.Why, r.Now = RungNotNeeded, why, "Nothing to do."
		return
	}
	r.Until, r.By = o.Until, c.neededBy(d, o)
	if o.State == rulebook.Met {
		c.judgeMet(d, o, r)
		return
	}
	r.Until = 0
	if o.Reason != nil {
		r.Why, r.Staff, r.Now = o.Reason.Doctor, o.Reason.Staff, bring(o.Reason.Bring)
	}
	for _, id := range o.After {
		if c.view.May(c.v.needs[id]) && !c.met(id) && c.spared(id) == "" {
			r.BlockedBy = append(r.BlockedBy, id)
		}
	}
	c.judgeOpen(d, o, r)
	if now := c.carefully(d.id); now != "" {
		r.Now = now
	}
	if d.id == "CGS" && o.State == rulebook.Unknown && len(c.records("good_standing")) > 0 && c.contact("regulator") == contactRefused {
		r.Why = "A regulator cannot or must not be asked. The GMC can say what else helps."
	}
}

func (c *climber) judgeMet(d *rungDef, o *rulebook.Outcome, r *Rung) {
	r.Now, r.Usually = "Nothing now.", ""
	switch {
	case c.onlyGMC(d, o) && c.accepted(d.about):
		r.State, r.Why = RungAccepted, "The GMC has said in writing that it accepts this."
	case c.onlyGMC(d, o):
		r.State, r.Why = RungLikely, "What is on record looks likely to be enough. Only the GMC decides, when you apply."
		r.Now = "Nothing now. Keep the papers ready."
	case o.Until.IsZero():
		r.State, r.Why = RungMet, "This is on record and enough."
	default:
		r.State, r.Why = RungMetUntil, "This counts up to and including "+o.Until.Long()+"."
	}
	if !o.Until.IsZero() && !r.By.IsZero() && o.Until < r.By {
		r.State = RungLapses
		least := ""
		if d.serves == "approval" && c.plan.Likely.IsZero() {
			least = " at the earliest"
		}
		r.Why = fmt.Sprintf("This counts up to and including %s. You need it on %s%s, %s later.", o.Until.Long(), r.By.Long(), least, dayWords(o.Until.DaysUntil(r.By)))
		r.Now = "Read the warning and the other ways before you do anything."
	}
	if n := len(o.Dates); n > 0 && r.State != RungLapses && d.dated {
		r.Why += " It has the date " + o.Dates[n-1].Long() + "."
	}
}

// onlyGMC tells whether the GMC alone can say that a requirement is met; of one
// with ways, whether that is so of every way that is met.
func (c *climber) onlyGMC(d *rungDef, o *rulebook.Outcome) bool {
	if d.id == "REG-FULL" || d.id == "REG-PROV" {
		return false // the register is the GMC's own word
	}
	if d.ways == nil || o.Decides != "" {
		return o.Decides != ""
	}
	for i := range o.Alternatives {
		if o.Alternatives[i].State == rulebook.Met && c.outcome(d.ways[o.Alternatives[i].ID]).Decides == "" {
			return false
		}
	}
	return true
}

func (c *climber) accepted(about string) bool {
	if about == "" {
		return false
	}
	i := c.latest("gmc_decision", "about", about)
	if i < 0 {
		return false
	}
	yes, known := c.in.Facts[i].Bool("accepted")
	return yes && known
}

func (c *climber) judgeOpen(d *rungDef, o *rulebook.Outcome, r *Rung) {
	log := examLog{passed: -1, booked: -1, sat: -1}
	switch d.id {
	case "PLAB1":
		log = c.plab[1]
	case "PLAB2":
		log = c.plab[2]
	}
	switch {
	case c.closed(d.id):
		r.State = RungBlocked
	case o.Waiting:
		r.State, r.WaitsFor = RungWaiting, "the team"
	case log.booked >= 0:
		r.State, r.Why, r.Now = RungDoing, "It is booked for "+c.day(log.booked).Long()+".", "Tell us the result when you have it."
	case log.sat >= 0 && c.in.Facts[log.sat].Text("outcome") == "awaited":
		r.State, r.WaitsFor, r.Why, r.Now = RungWaiting, "the GMC", "You sat it on "+c.day(log.sat).Long()+". The result is not in yet.", "Tell us the result when you have it."
	case log.sat >= 0:
		r.State, r.WaitsFor, r.Why, r.Now = RungWaiting, "you", "It was booked for "+c.day(log.sat).Long()+".", "Tell us how it went."
	case (d.id == "ENG" || d.id == "ENG-PLAB") && c.englishBooked() > 0:
		r.State, r.Why, r.Now = RungDoing, "An English test is booked for "+c.englishBooked().Long()+".", "Tell us the result when you have it."
	case o.Reason != nil && (o.Reason.Kind == "wait" || o.Reason.Kind == "progress"):
		r.State, r.WaitsFor = RungWaiting, whom(o.Reason.Who)
		if d.id == "PMQ-PSV" {
			r.WaitsFor = "the verification service"
		}
	case len(r.BlockedBy) > 0:
		r.State = RungBlocked
		r.Now = "First: " + c.titles(r.BlockedBy) + "."
	case d.id == "IDC" && c.step("identity_invitation") < 0 && c.otherWay() == "":
		r.State, r.BlockedBy, r.Now = RungBlocked, []string{"PLAB2"}, "Nothing now. Take the identity document that the GMC asks for to PLAB 2."
	case d.id == "ROUTE" && (c.following("PLAB") || c.otherWay() != ""):
		r.State, r.Now = RungDoing, "See the roads below."
		r.Why = "You are on this road: " + c.onRoads() + "."
	case o.State == rulebook.Unmet || d.todo:
		r.State = RungToDo
	default:
		r.State = RungUnknown
	}
}

// whom says who must act, from the code of a rule.
func whom(code string) string {
	switch code {
	case "doctor":
		return "you"
	case "team":
		return "the team"
	case "regulator":
		return "the regulator"
	}
	return "the GMC"
}

// englishBooked is the day of the next English test that is booked, if any.
func (c *climber) englishBooked() clock.Date {
	for _, i := range c.tests {
		if f := &c.in.Facts[i]; f.On > c.in.On && f.Text("outcome") == "booked" {
			return f.On
		}
	}
	return 0
}

func (c *climber) titles(ids []string) string {
	text := ""
	for i, id := range ids {
		if i > 0 {
			text += "; "
		}
		text += c.outcome(id).Title
	}
	return text
}

// neededBy is the day a requirement is measured against. The earliest possible
// day of registration says when a proof must serve only where the proof does not
// even reach that far.
func (c *climber) neededBy(d *rungDef, o *rulebook.Outcome) clock.Date {
	lapses := func(day clock.Date) clock.Date {
		if o.State == rulebook.Met && !o.Until.IsZero() && o.Until < day {
			return day
		}
		return 0
	}
	switch d.serves {
	case "plab1":
		return c.day(c.plab[1].booked)
	case "plab2":
		switch {
		case c.met("PLAB2"):
			return 0
		case c.plab[2].booked >= 0:
			return c.day(c.plab[2].booked)
		}
		return lapses(c.plan.plab2)
	case "approval":
		if !c.plan.Likely.IsZero() {
			return c.plan.Likely
		}
		return lapses(c.plan.Earliest)
	}
	return 0
}

// onRoads names the roads that are followed.
func (c *climber) onRoads() string {
	var names []string
	for _, id := range []string{"PLAB", "PGQ", "SPON", "SPEC", "REQ", "OREX"} {
		if c.following(id) {
			names = append(names, c.outcome(id).Title)
		}
	}
	return strings.Join(names, "; ")
}

// bring turns what a rule asks for into what to do: some rules say it as an
// instruction, the others name papers.
func bring(text string) string {
	switch first, _, _ := strings.Cut(text, " "); first {
	case "", "Tell", "Ask", "Look", "Get", "See", "Read", "Wait":
		return text
	case "Nothing", "Nothing.", "Nothing:":
		return "Nothing now."
	}
	return "Show us: " + lowerFirst(text)
}

// lowerFirst makes the first letter small, unless the word is a name or in
// capitals.
func lowerFirst(text string) string {
	word, _, _ := strings.Cut(text, " ")
	if word == "" || word == "Home" || strings.ToLower(word[1:]) != word[1:] {
		return text
	}
	return strings.ToLower(text[:1]) + text[1:]
}

// carefully is what to do instead of what the rules say, where asking somebody
// could harm the doctor or would be too early.
func (c *climber) carefully(id string) string {
	switch id {
	case "EMPREF":
		switch c.contact("employer") {
		case contactRefused:
			return "Do not ask the employers of whom you said that they must not be asked. Ask the GMC what else it accepts."
		case contactNotAsked:
			return "Tell us where you worked, and which employers may be asked. Until you say yes, nobody is asked."
		}
	case "PLAB2":
		if risk := c.startRisk(); len(risk) > 0 && c.plab[2].sat < 0 && !c.closed(id) {
			return "Before you book, read this. " + strings.Join(risk, " ")
		}
	case "PMQ-PSV":
		switch c.contact("institution") {
		case contactRefused:
			return "Do not start the usual verification: you said that your school must not be asked. The GMC never asks without your permission and can look for other ways. Ask the GMC for them."
		case contactNotAsked:
			if c.step("psv") < 0 {
				return "Tell us first if your school may be asked. Until you say yes, nobody is asked."
			}
		}
	case "CGS":
		switch c.contact("regulator") {
		case contactNotAsked:
			if len(c.records("good_standing")) == 0 {
				return "Tell us with which regulators you were registered, and if each may be asked. Do not ask for certificates yet."
			}
			return "Tell us first if your regulator may be asked. Until you say yes, nobody is asked."
		case contactRefused:
			return "Do not ask the regulator: you said that it cannot or must not be asked. Ask the GMC what else it accepts."
		}
		if !c.met("ROUTE") {
			return "Do not ask for it yet. It counts for three months only, so ask when all the rest is nearly ready."
		}
	}
	return ""
}

type contactAnswer int

const (
	contactNotAsked contactAnswer = iota
	contactAllowed
	contactRefused
)

// contact tells what the doctor said about asking everyone of a kind who would
// have to be asked: one no is a no, and a yes for one is no yes for another. A
// word that names nobody speaks for all who are not named.
func (c *climber) contact(party string) contactAnswer {
	said, refused := map[string]contactAnswer{}, false
	newest := map[string]clock.Date{}
	if party == "regulator" {
		c.notPossible(said, newest)
	}
	for _, f := range c.records("contact_permission") {
		name := folded(f.Text("name"))
		yes, known := f.Bool("allowed")
		if f.Text("party") != party || !known || f.On < newest[name] {
			continue
		}
		newest[name], said[name] = f.On, contactRefused
		if yes {
			said[name] = contactAllowed
		}
	}
	for _, answer := range said {
		refused = refused || answer == contactRefused
	}
	if refused {
		return contactRefused
	}
	asked := c.parties(party)
	if len(asked) == 0 && len(said) > 0 {
		return contactAllowed
	}
	for _, name := range asked {
		if said[name] == contactNotAsked && said[""] == contactNotAsked {
			return contactNotAsked
		}
	}
	if len(asked) == 0 {
		return contactNotAsked
	}
	return contactAllowed
}

// notPossible takes in the regulators of whom the record on their certificate
// says that they cannot or must not be asked: nobody is asked for that word twice.
func (c *climber) notPossible(said map[string]contactAnswer, newest map[string]clock.Date) {
	latest := map[string]*fact.Record{}
	for _, f := range c.records("good_standing") {
		if name := folded(f.Text("regulator")); latest[name] == nil || f.On >= latest[name].On {
			latest[name] = f
		}
	}
	for name, f := range latest {
		if f.Text("certificate") == "not_possible" {
			said[name], newest[name] = contactRefused, f.On
		}
	}
}

// parties names those of a kind that are on record and would have to be asked.
func (c *climber) parties(party string) []string {
	kind, field := "", ""
	switch party {
	case "regulator":
		kind, field = "good_standing", "regulator"
	case "institution":
		kind, field = fact.Qualification, "institution"
	default:
		return nil
	}
	var names []string
	for _, f := range c.records(kind) {
		if name := folded(f.Text(field)); name != "" {
			names = append(names, name)
		}
	}
	return names
}

func folded(name string) string { return strings.ToLower(strings.Join(strings.Fields(name), " ")) }

// waysOf gives the alternatives of a requirement, each with its own words.
func (c *climber) waysOf(d *rungDef, o *rulebook.Outcome) []Rung {
	var list []Rung
	for i := range o.Alternatives {
		a := &o.Alternatives[i]
		target := c.outcome(d.ways[a.ID])
		w := Rung{ID: d.ways[a.ID], Title: target.Title, Part: d.part, Proof: target.ProofText, Sources: target.Sources,
			Mark: c.v.mark[target.ID], Needs: c.v.needs[target.ID], Pence: -1, Until: target.Until}
		switch {
		case target.State == rulebook.Met && target.Decides != "" && c.accepted(d.about):
			w.State, w.Why = RungAccepted, "The GMC has said in writing that it accepts this."
		case target.State == rulebook.Met && target.Decides != "":
			w.State, w.Why = RungLikely, "It looks likely to be enough. Only the GMC decides."
		case target.State == rulebook.Met && !target.Until.IsZero():
			w.State, w.Why = RungMetUntil, "This counts up to and including "+target.Until.Long()+"."
		case target.State == rulebook.Met:
			w.State, w.Why = RungMet, "This is on record and enough."
		case target.Waiting:
			w.State, w.WaitsFor, w.Until = RungWaiting, "the team", 0
		case target.State == rulebook.Unmet:
			w.State, w.Until = RungBlocked, 0
		default:
			w.State, w.Until = RungUnknown, 0
		}
		if w.Why == "" && target.Reason != nil {
			w.Why, w.Staff, w.Now = target.Reason.Doctor, target.Reason.Staff, bring(target.Reason.Bring)
		}
		list = append(list, w)
	}
	return list
}

// routes gives the roads to full registration, several at once; the first
// complete one counts.
func (c *climber) routes() []RouteProgress {
	common := []string{"ENG", "PMQ-OK", "PMQ-PSV", "INT", "CGS", "ACT-5Y", "EMPREF", "DECL", "FEE", "IDC"}
	var list []RouteProgress
	for _, id := range []string{"PLAB", "PGQ", "SPON", "SPEC", "REQ", "OREX"} {
		if _, ok := c.v.at[id]; !ok {
			continue
		}
		own := []string{id}
		if id == "PLAB" {
			own = []string{"PLAB1", "PLAB2", "PLAB2-VAL"}
		}
		p := RouteProgress{ID: id, Title: c.outcome(id).Title, Needs: c.v.needs[id] | forecastNeeds, Following: c.following(id)}
		for _, part := range append(own, common...) {
			if _, ok := c.v.at[part]; !ok || part == "INT" && id == "SPEC" {
				continue
			}
			p.Of++
			if c.met(part) {
				p.Done++
			} else {
				p.Missing = append(p.Missing, part)
			}
		}
		switch {
		case c.closed(id):
			p.State = RungBlocked
		case len(p.Missing) == 0:
			p.State = RungLikely
		case p.Following:
			p.State = RungDoing
		default:
			p.State = RungToDo
		}
		list = append(list, p)
	}
	c.markFirst(list)
	return list
}

// markFirst marks the road that counts: of the complete ones the one whose own
// knowledge test was shown first.
func (c *climber) markFirst(list []RouteProgress) {
	best, on := -1, clock.Date(0)
	for i := range list {
		if o := c.outcome(list[i].ID); o.State == rulebook.Met {
			shown := clock.Date(0)
			if n := len(o.Dates); n > 0 {
				shown = o.Dates[n-1]
			}
			if best < 0 || shown < on {
				best, on = i, shown
			}
		}
	}
	if best >= 0 {
		list[best].First = true
	}
}

func (c *climber) following(id string) bool {
	if id == "PLAB" {
		return c.plab[1].passed >= 0 || c.plab[1].booked >= 0 || c.plab[1].sat >= 0 || c.plab[1].fails > 0 || c.plab[2].passed >= 0 || c.plab[2].booked >= 0
	}
	i := c.latest("route", "way", id)
	if i < 0 {
		return false
	}
	stage := c.in.Facts[i].Text("stage")
	return stage == "followed" || stage == "held"
}

// records gives the facts of a kind that count, up to the day.
func (c *climber) records(kind string) []*fact.Record {
	var list []*fact.Record
	for i := range c.in.Facts {
		if f := &c.in.Facts[i]; f.Kind == kind && f.State != rulebook.Refused && f.On <= c.in.On {
			list = append(list, f)
		}
	}
	return list
}
