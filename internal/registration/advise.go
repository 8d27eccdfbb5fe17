package registration

import (
	"slices"

	"msw/internal/rulebook"
)

// most is how many advices are given at once.
const most = 3

// Ranks order advices: what is lost if it is left, then what the road waits for,
// then what can run beside it. Sitting a test again while a good result stands
// comes after everything else.
const (
	rankTell      = 5
	rankApply     = 8
	rankInside    = 9
	rankChain     = 10
	rankTellBasis = 15
	rankBeside    = 20
	rankChoice    = 25
	rankPapers    = 30
	rankHelp      = 35
	rankContact   = 40
	rankResit     = 100
)

// advice gives what to do now, at most three, best first.
func (c *climber) advice(l *Ladder) []Advice {
	if l.Registered {
		return c.afterwards()
	}
	var list []Advice
	for i := range l.Collisions {
		if a, ok := c.fromCollision(&l.Collisions[i]); ok {
			list = append(list, a)
		}
	}
	for i := range l.Rungs {
		if a, ok := c.fromRung(&l.Rungs[i]); ok && !slices.ContainsFunc(list, func(b Advice) bool { return b.Rung == a.Rung }) {
			list = append(list, a)
		}
	}
	if len(list) == 0 {
		list = append(list, c.waiting(l))
	}
	firstThingsFirst(list, l)
	slices.SortStableFunc(list, func(a, b Advice) int { return a.rank - b.rank })
	return list[:min(len(list), most)]
}

// firstThingsFirst puts what another step waits for before that step: PLAB 1
// cannot be booked without a GMC Online account, however soon English lapses.
func firstThingsFirst(list []Advice, l *Ladder) {
	for _, a := range list {
		r := l.Rung(a.Rung)
		if r == nil || a.Resits {
			continue
		}
		for i, b := range list {
			if slices.Contains(r.BlockedBy, b.Rung) {
				list[i].rank = min(b.rank, a.rank-1)
			}
		}
	}
}

// waiting is what is said when nothing waits for the doctor.
func (c *climber) waiting(l *Ladder) Advice {
	a := Advice{ID: "wait", Title: "Nothing to do now", Why: "Nothing waits for you. Tell us when something changes.", Needs: forecastNeeds}
	if c.met("APP-OPEN") {
		a.Why = "Your application is with the GMC. Tell us when it writes to you."
		return a
	}
	for i := range l.Rungs {
		if r := &l.Rungs[i]; r.State == RungDoing || r.State == RungWaiting {
			a.Rung, a.Why = r.ID, r.Title+": "+r.Why
			break
		}
	}
	return a
}

// fromCollision turns a warning that the doctor must act on into an advice.
func (c *climber) fromCollision(x *Collision) (Advice, bool) {
	if x.Who != WhoDoctor || x.Rung == "" {
		return Advice{}, false
	}
	a := Advice{ID: x.Code, Rung: x.Rung, Title: x.Title, Why: x.Text + " " + x.Do, By: x.By, Risk: x.Risk, Needs: x.Needs, rank: 1}
	switch x.Code {
	case CollisionEnglish, CollisionEnglishPLAB1:
		a.Resits, a.rank = true, rankResit
		a.Title = "Think before you sit English again"
		a.Ways = c.otherEnglish(x.Code == CollisionEnglish)
	case CollisionEnglishEnds, CollisionEnglishBook:
		a.rank = rankInside
	case CollisionStart, CollisionPLAB1:
		a.rank = rankChoice
		if len(x.Risk) == 0 {
			a.rank = 2
		}
	case CollisionGoodStanding:
		a.rank = rankPapers
	}
	return a, true
}

// otherEnglish lists the ways that leave the present result alone.
func (c *climber) otherEnglish(approval bool) []string {
	if !approval {
		return []string{"Move PLAB 1 to an earlier day, while your result still counts."}
	}
	ways := []string{}
	if day := c.extensionDay(); !day.IsZero() {
		ways = append(ways, "Pass PLAB 2 and apply less than three months later: your result then counts up to and including "+day.Long()+". Ask the GMC if this still holds.")
	}
	return append(ways, "A test you passed for another country's regulator, less than two years old.",
		"A reference from an employer in a country where English is the first language, for the last two years.",
		"A structured English reference with a job offer from a UK employer that is a designated body.")
}

// fromRung gives the advice of one requirement that waits for the doctor.
func (c *climber) fromRung(r *Rung) (Advice, bool) {
	mine := r.State == RungToDo || r.State == RungUnknown || r.State == RungWaiting && r.WaitsFor == "you"
	if !mine || c.closed(r.ID) {
		return Advice{}, false
	}
	a := Advice{ID: r.ID, Rung: r.ID, Why: r.Why, By: r.By, Needs: r.Needs | forecastNeeds}
	switch r.ID {
	case "GMC-ACC":
		a.Title, a.rank = "Open a GMC Online account", rankChain
	case "PMQ-OK":
		a.Title, a.rank = "Check that your qualification can be accepted", rankTellBasis
	case "PMQ-PSV":
		a.Title, a.rank = "Start the verification of your qualification", rankBeside
		if c.contact("institution") != contactAllowed {
			a.Title, a.Why = "Tell us if your school may be asked", r.Now
		}
		if c.contact("institution") == contactRefused {
			a.Title, a.rank = "Ask the GMC for another way to verify your qualification", rankContact
		}
	case "ENG-PLAB":
		a.Title, a.rank = "Get a proof of English for PLAB 1", rankChain
	case "ENG":
		return c.englishAdvice(r, a)
	case "PLAB1", "PLAB2":
		return c.examAdvice(r, a)
	case "INT":
		a.Title, a.rank = "Tell us about your internship and practice", rankTellBasis
	case "ACT-5Y":
		a.Title, a.rank = "Write down the last five years without a gap", rankPapers
	case "EMPREF":
		a.Title, a.rank = "Ask the employers who may be asked for references", rankPapers+1
		switch c.contact("employer") {
		case contactRefused:
			a.Title, a.Why, a.rank = "Ask the GMC what it accepts in place of a reference", r.Now, rankContact
		case contactNotAsked:
			a.Title, a.Why = "Tell us where you worked, and who may be asked", r.Now
		}
	default:
		return c.lateAdvice(r, a)
	}
	return a, true
}

// englishAdvice is about English for the approval, once PLAB 1 needs it no more.
func (c *climber) englishAdvice(r *Rung, a Advice) (Advice, bool) {
	if rung := c.outcome("ENG-PLAB"); rung.State != rulebook.Met && !c.met("PLAB1") && c.spared("ENG-PLAB") == "" {
		return a, false // the same advice stands at ENG-PLAB
	}
	a.Title, a.rank = "Get a proof of English that counts when you are approved", rankBeside
	if c.met("ROUTE") {
		a.rank = rankChain
	}
	a.Ways = c.otherEnglish(true)
	return a, true
}

func (c *climber) examAdvice(r *Rung, a Advice) (Advice, bool) {
	n, name := 1, "PLAB 1"
	if r.ID == "PLAB2" {
		n, name = 2, "PLAB 2"
	}
	if r.State == RungWaiting {
		a.Title, a.rank = "Tell us how "+name+" went", rankTell
		return a, true
	}
	if c.outcome(r.ID+"-ATT").State == rulebook.Unknown && c.plab[n].fails > 0 {
		a.Title, a.rank = "Ask the GMC for one more attempt at "+name, rankChain
		return a, true
	}
	a.Title, a.rank = "Book "+name, rankChain
	if n == 2 {
		if a.Risk = c.startRisk(); len(a.Risk) > 0 {
			a.rank = rankChoice
			a.Title = "Decide when to book PLAB 2"
			a.Ways = []string{"Wait until your post has begun, and book PLAB 2 for a later day.", "Book PLAB 2 now, and look for a job as a doctor after you register."}
		}
	}
	return a, true
}

// lateAdvice is about what comes when the rest is nearly ready.
func (c *climber) lateAdvice(r *Rung, a Advice) (Advice, bool) {
	ready := c.met("ROUTE")
	switch r.ID {
	case "CGS":
		switch answer := c.contact("regulator"); {
		case answer == contactRefused:
			a.Title, a.Why, a.rank = "Ask the GMC what it accepts in place of a certificate of good standing", r.Now, rankContact
		case answer == contactNotAsked:
			a.Title, a.Why, a.rank = "Tell us if your regulator may be asked", r.Now, rankContact
		case ready:
			a.Title, a.Why, a.rank = "Ask for your certificate of good standing", r.Why, rankPapers
		default:
			return a, false // too early
		}
	case "APP-OPEN":
		missing := c.missing()
		for _, id := range missing {
			if id != "DECL" && id != "FEE" && id != "IDC" {
				return a, false
			}
		}
		a.Title, a.rank = "Apply to the GMC", rankApply
	case "DECL", "FEE", "IDC":
		if !c.met("APP-OPEN") {
			return a, false
		}
		a.Title, a.rank = map[string]string{"DECL": "Finish the declaration", "FEE": "Pay the registration fee", "IDC": "Do the identity check"}[r.ID], rankInside
	case "REF-FEE":
		if r.State != RungUnknown || ready {
			return a, false
		}
		a.Title, a.rank = "Tell us about your status: the GMC helps some doctors with fees", rankHelp
	default:
		return a, false
	}
	return a, true
}

// afterwards is what comes after registration.
func (c *climber) afterwards() []Advice {
	if c.outcome("APS").State != rulebook.Unmet {
		return nil
	}
	return []Advice{{ID: "APS", Rung: "APS", Title: "Look for a post in an approved practice setting", Why: c.outcome("APS").Reason.Doctor, Needs: c.v.needs["APS"]}}
}
