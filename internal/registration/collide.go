package registration

import (
	"fmt"
	"slices"

	"msw/internal/clock"
	"msw/internal/fact"
	"msw/internal/rulebook"
)

// The codes of collisions. Each stays the same for as long as the same two
// things collide, whatever their dates.
const (
	CollisionEnglishPLAB1    = "english_before_plab1"
	CollisionEnglish         = "english_before_approval"
	CollisionEnglishBook     = "english_ends_before_booking"
	CollisionEnglishEnds     = "english_ends"
	CollisionExtension       = "english_extension_ends"
	CollisionPLAB1           = "plab1_before_plab2"
	CollisionPLAB2           = "plab2_before_approval"
	CollisionGoodStanding    = "good_standing_too_early"
	CollisionApplication     = "application_closes"
	CollisionIdentity        = "identity_check_ends"
	CollisionStart           = "plab2_before_start"
	CollisionPermissionPost  = "permission_before_contract"
	CollisionPermissionEnds  = "permission_ends"
	CollisionPermissionFirst = "permission_before_registration"
	CollisionContract        = "contract_before_registration"
	CollisionFunding         = "funding_before_contract"
)

// ahead is how many days before an end without a successor a warning begins.
const ahead = 180

// collisions foretells dates that cannot both hold, soonest to act on first.
func (c *climber) collisions() []Collision {
	var list []Collision
	add := func(x Collision) {
		if c.view.May(x.Needs) {
			list = append(list, x)
		}
	}
	c.postCollisions(add)
	if !c.met("REG-FULL") && c.view.May(forecastNeeds) {
		c.englishCollisions(add)
		c.plabCollisions(add)
		c.paperCollisions(add)
		c.forecastCollisions(add)
	}
	slices.SortStableFunc(list, func(a, b Collision) int { return int(a.By - b.By) })
	return list
}

// postCollisions are about permission, contract and money alone.
func (c *climber) postCollisions(add func(Collision)) {
	on, post := c.in.On, c.in.Post
	permission := c.permission()
	inPost := !post.Ends.IsZero() && post.Ends >= on
	ends := "Your permission to live and work ends on"
	if permission < on {
		ends = "The permission to live and work that we have on record ended on"
	}
	switch {
	case permission.IsZero() || c.met("REG-FULL") && !inPost:
	case inPost && permission < post.Ends:
		add(Collision{Code: CollisionPermissionPost, Who: WhoDoctor, Title: "Your permission to work", By: max(on, permission.AddDays(-60)), On: permission,
			Needs: RightPermission | RightPost, Do: "Ask an immigration adviser now, and tell us when you have applied to stay longer.",
			Text: fmt.Sprintf("%s %s, %s before your contract ends on %s.", ends, permission.Long(), dayWords(permission.DaysUntil(post.Ends)), post.Ends.Long())})
	case permission <= on.AddDays(ahead):
		add(Collision{Code: CollisionPermissionEnds, Who: WhoDoctor, Title: "Your permission to work", By: max(on, permission.AddDays(-60)), On: permission,
			Needs: RightPermission, Text: ends + " " + permission.Long() + ".", Do: "Ask an immigration adviser now, and show us your new permission when you have it."})
	}
	if inPost && !post.Funded.IsZero() && post.Funded < post.Ends && !c.met("REG-FULL") {
		paid := "is"
		if post.Funded < on {
			paid = "was"
		}
		add(Collision{Code: CollisionFunding, Who: WhoTeam, Title: "Money for the post", By: max(on, post.Funded.AddDays(-60)), On: post.Funded,
			Needs: RightPost, Do: "Agree with the employer who pays for the rest of the contract.",
			Text: fmt.Sprintf("The post %s paid for until %s, %s before the contract ends on %s.", paid, post.Funded.Long(), dayWords(post.Funded.DaysUntil(post.Ends)), post.Ends.Long())})
	}
}

// permission is the last day of the newest permission, none for no end.
func (c *climber) permission() clock.Date {
	i := c.latest(fact.RightToWork, "", "")
	if i < 0 {
		return 0
	}
	return c.in.Facts[i].Until
}

// englishCollisions are about a result that counts today and will not on the day
// it is needed. The ways out that cost nothing come before another sitting.
func (c *climber) englishCollisions(add func(Collision)) {
	needs := c.v.needs["ENG"] | forecastNeeds
	exam := c.day(c.plab[1].booked)
	if o := c.outcome("ENG-PLAB"); o.State == rulebook.Met && !o.Until.IsZero() && !exam.IsZero() && o.Until < exam && !c.met("PLAB1") {
		by := exam.AddDays(-checkDays)
		add(Collision{Code: CollisionEnglishPLAB1, Who: WhoDoctor, Title: "Your English and PLAB 1", By: max(c.in.On, by), On: o.Until, Rung: "ENG-PLAB", Needs: needs,
			Text: fmt.Sprintf("Your English result lapses on %s, %s before PLAB 1 on %s. It has to be less than two years old on the day of the exam.", o.Until.Long(), dayWords(o.Until.DaysUntil(exam)), exam.Long()),
			Do:   fmt.Sprintf("See if you can move PLAB 1 to %s or earlier. If not, sit English again by %s.", o.Until.Long(), by.Long()),
			Risk: c.resitRisk(o.Until)})
		return
	}
	if c.englishEnds(needs, add) {
		return
	}
	o, approval := c.outcome("ENG"), c.plan.approval()
	if o.State != rulebook.Met || o.Until.IsZero() || o.Until >= approval {
		return
	}
	if c.onlyExtension() {
		add(Collision{Code: CollisionExtension, Who: WhoDoctor, Title: "Your English and your application", By: o.Until, On: o.Until, Rung: "ENG", Needs: needs,
			Text: "Your English counts only because you passed PLAB 2 in the last three months. That ends on " + o.Until.Long() + ".",
			Do:   "Apply to the GMC on or before " + o.Until.Long() + "."})
		return
	}
	do := fmt.Sprintf("Read the other ways first. If none helps, sit again by %s.", max(c.in.On, approval.AddDays(-checkDays)).Long())
	if day := c.extensionDay(); day >= approval {
		do = "You need not sit again now. If you pass PLAB 2 and apply less than three months later, your result counts until it is three years old: up to and including " + day.Long() + ". Ask the GMC if this still holds."
	}
	what := "the earliest day of your registration"
	if !c.plan.Likely.IsZero() {
		what = "the likely day of your registration"
	}
	add(Collision{Code: CollisionEnglish, Who: WhoDoctor, Title: "Your English and your registration", By: max(c.in.On, approval.AddDays(-checkDays)), On: o.Until, Rung: "ENG", Needs: needs,
		Text: fmt.Sprintf("Your English result lapses on %s, %s before %s, %s. It has to count on the day the GMC approves you.", o.Until.Long(), dayWords(o.Until.DaysUntil(approval)), what, approval.Long()),
		Do:   do, Risk: c.resitRisk(o.Until)})
}

// englishEnds tells of a result that runs out soon although no day is known that
// it would have to reach: the steps before that day are of unknown length.
func (c *climber) englishEnds(needs Right, add func(Collision)) bool {
	soon := c.in.On.AddDays(ahead)
	first := c.plab[1]
	if o := c.outcome("ENG-PLAB"); o.State == rulebook.Met && !o.Until.IsZero() && o.Until <= soon && first.passed < 0 && first.booked < 0 && first.sat < 0 && !c.met("ROUTE") && !c.closed("PLAB") {
		add(Collision{Code: CollisionEnglishBook, Who: WhoDoctor, Title: "Book PLAB 1 while your English counts", By: max(c.in.On, o.Until.AddDays(-90)), On: o.Until, Rung: "PLAB1", Needs: needs,
			Text: "Your English result counts for PLAB 1 up to and including " + o.Until.Long() + ", and PLAB 1 is not booked.",
			Do:   "Look for a sitting of PLAB 1 on or before " + o.Until.Long() + ". Read this before you sit English again.", Risk: c.resitRisk(o.Until)})
		return true
	}
	o := c.outcome("ENG")
	if o.State != rulebook.Met || o.Until.IsZero() || o.Until > soon || o.Until < c.plan.approval() || !c.plan.Likely.IsZero() || !c.met("ROUTE") || c.onlyExtension() {
		return false
	}
	add(Collision{Code: CollisionEnglishEnds, Who: WhoDoctor, Title: "Your English and your registration", By: max(c.in.On, o.Until.AddDays(-90)), On: o.Until, Rung: "ENG", Needs: needs,
		Text: "Your English result counts up to and including " + o.Until.Long() + ". The GMC has to approve you by then, and nobody can say how long that takes.",
		Do:   "Get the last papers together and apply in good time.", Risk: c.resitRisk(o.Until)})
	return true
}

// checkDays is how long before it is needed a new English result should be
// there: two working days for the GMC to check it, over a weekend.
const checkDays = 4

// onlyExtension tells whether English counts by the extension and nothing else.
func (c *climber) onlyExtension() bool {
	met := 0
	for _, a := range c.outcome("ENG").Alternatives {
		if a.State == rulebook.Met {
			met++
		}
	}
	return met == 1 && c.met("ENG-EXT")
}

// extensionDay is the last day on which the present test could serve by the
// extension, none where it could not. The rule of three years is the one that
// the requirement ENG-EXT writes out.
func (c *climber) extensionDay() clock.Date {
	if _, ok := c.v.at["ENG-EXT"]; !ok || c.met("PLAB2") || c.closed("PLAB") {
		return 0
	}
	for _, id := range []string{"ENG-IELTS", "ENG-OET"} {
		if o := c.outcome(id); o.State == rulebook.Met && len(o.Dates) > 0 {
			return clock.AddMonths(o.Dates[len(o.Dates)-1], 36).AddDays(-1)
		}
	}
	return 0
}

// resitRisk is what to read before sitting again while a good result stands.
func (c *climber) resitRisk(until clock.Date) []string {
	return []string{
		"Only the most recent sitting counts. If the new result is lower in any part, the good one you have stops counting on that day, and you could not book or sit PLAB 1 or be approved with it.",
		"The result you have serves up to and including " + until.Long() + ".",
		"Other ways: the extension after PLAB 2, a test for another country's regulator, a reference from an employer in an English-speaking country, or a structured reference with a UK job offer. The last three do not count for PLAB 1.",
	}
}

// plabCollisions are about passes that run out, and about a pass that comes
// before the start of a post.
func (c *climber) plabCollisions(add func(Collision)) {
	needs := c.v.needs["PLAB1-VAL"] | forecastNeeds
	on := c.in.On
	val, exam := c.outcome("PLAB1-VAL"), c.day(c.plab[2].booked)
	if val.State == rulebook.Met && !val.Until.IsZero() && !c.met("PLAB2") && c.plab[2].sat < 0 && !c.closed("PLAB") {
		switch {
		case !exam.IsZero() && val.Until < exam:
			add(Collision{Code: CollisionPLAB1, Who: WhoDoctor, Title: "PLAB 1 and PLAB 2", By: max(on, val.Until.AddDays(-60)), On: val.Until, Rung: "PLAB1-VAL", Needs: needs,
				Text: fmt.Sprintf("Your PLAB 1 pass counts up to and including %s, %s before PLAB 2 on %s.", val.Until.Long(), dayWords(val.Until.DaysUntil(exam)), exam.Long()),
				Do:   "Ask the GMC now if your booking stands, or book an earlier day."})
		case exam.IsZero() && (val.Until <= on.AddDays(ahead) || val.Until < c.plan.plab2):
			add(Collision{Code: CollisionPLAB1, Who: WhoDoctor, Title: "PLAB 1 and PLAB 2", By: max(on, val.Until.AddDays(-90)), On: val.Until, Rung: "PLAB1-VAL", Needs: needs,
				Text: "Your PLAB 1 pass counts up to and including " + val.Until.Long() + ", and PLAB 2 is not booked. After that day you would have to sit PLAB 1 again.",
				Do:   "Look for a place in PLAB 2 on or before " + val.Until.Long() + ". Read what a pass means for your post first.", Risk: c.startRisk()})
		}
	}
	if o := c.outcome("PLAB2-VAL"); o.State == rulebook.Met && !o.Until.IsZero() && (o.Until < c.plan.approval() || o.Until <= on.AddDays(ahead) && !c.met("APP-OPEN")) {
		add(Collision{Code: CollisionPLAB2, Who: WhoDoctor, Title: "PLAB 2 and your registration", By: max(on, o.Until.AddDays(-90)), On: o.Until, Rung: "PLAB2-VAL", Needs: needs,
			Text: "Your PLAB 2 pass counts up to and including " + o.Until.Long() + ". The GMC should approve you by then. Later it asks for more evidence of your knowledge and skill.",
			Do:   "Send the application as soon as the papers are ready."})
	}
	if starts := c.in.Post.Starts; !exam.IsZero() && c.notStarted() && (starts.IsZero() || exam < starts) {
		add(Collision{Code: CollisionStart, Who: WhoDoctor, Title: "PLAB 2 and the start of your post", By: max(on, exam.AddDays(-ahead/12)), On: exam, Rung: "PLAB2", Needs: needs | RightPost,
			Text: "PLAB 2 is booked for " + exam.Long() + ", before a programme post begins for you.", Do: "Read what a pass means, and choose. Either way is open to you.", Risk: c.startRisk()})
	}
}

// notStarted tells whether the doctor waits for a programme post or has one that
// has not begun.
func (c *climber) notStarted() bool {
	return c.in.Post.Waiting && c.in.Post.Starts.IsZero() || c.in.Post.Starts > c.in.On
}

// startRisk is what a pass in PLAB 2 means before a post begins (version B, X2).
func (c *climber) startRisk() []string {
	if !c.notStarted() {
		return nil
	}
	return []string{
		"A pass in PLAB 2 before the start date of a programme post ends your eligibility for it: the programme is for doctors who have not passed PLAB 2.",
		"A pass opens other doors: you can apply for registration, and then for jobs as a doctor, such as locally employed doctor, clinical fellow or foundation doctor. New doctors have to work in an approved practice setting first.",
	}
}

// paperCollisions are about certificates and the application.
func (c *climber) paperCollisions(add func(Collision)) {
	needs := c.v.needs["CGS"] | forecastNeeds
	approval := c.plan.approval()
	if o := c.outcome("CGS"); o.State == rulebook.Met && !o.Until.IsZero() && o.Until < approval {
		do := "Ask for a new one when all the rest is nearly ready."
		if c.contact("regulator") != contactAllowed {
			do = "A new one will be needed. Tell us first if your regulator may be asked again."
		}
		add(Collision{Code: CollisionGoodStanding, Who: WhoDoctor, Title: "Your certificate of good standing", By: o.Until, On: o.Until, Rung: "CGS", Needs: needs, Do: do,
			Text: fmt.Sprintf("Your certificate of good standing counts up to and including %s, %s before the GMC can approve you. It was asked for too early.", o.Until.Long(), dayWords(o.Until.DaysUntil(approval)))})
	}
	if o := c.outcome("APP-OPEN"); o.State == rulebook.Met && !o.Until.IsZero() && !c.met("READY-FULL") {
		missing := c.missing()
		add(Collision{Code: CollisionApplication, Who: WhoDoctor, Title: "Your application to the GMC", By: o.Until, On: o.Until, Rung: "APP-OPEN", Needs: c.v.needs["READY-FULL"] | forecastNeeds,
			Text: "The GMC keeps your application open up to and including " + o.Until.Long() + ". Still missing: " + c.titles(missing) + ".", Do: "Get what is missing to the GMC before that day, or you have to apply again."})
	}
	if i := c.step("identity_invitation"); i >= 0 && !c.met("IDC") {
		last := clock.AddMonths(c.day(i), 3).AddDays(-1)
		add(Collision{Code: CollisionIdentity, Who: WhoDoctor, Title: "Your identity check", By: last, On: last, Rung: "IDC", Needs: c.v.needs["IDC"] | forecastNeeds,
			Text: "The GMC invited you to the identity check on " + c.day(i).Long() + ". You have three months, and nobody can extend them.", Do: "Do the check on or before " + last.Long() + "."})
	}
}

// missing lists what full registration still asks for.
func (c *climber) missing() []string {
	var list []string
	for _, id := range []string{"ROUTE", "ENG", "PMQ-OK", "PMQ-PSV", "INT", "CGS", "ACT-5Y", "EMPREF", "DECL", "FEE", "IDC"} {
		if _, ok := c.v.at[id]; ok && !c.met(id) {
			list = append(list, id)
		}
	}
	return list
}

// forecastCollisions are about permission or contract ending before registration
// can come.
func (c *climber) forecastCollisions(add func(Collision)) {
	approval, on, post := c.plan.approval(), c.in.On, c.in.Post
	if p := c.permission(); !p.IsZero() && p >= on && p < approval && p > on.AddDays(ahead) && (post.Ends.IsZero() || p >= post.Ends) {
		add(Collision{Code: CollisionPermissionFirst, Who: WhoDoctor, Title: "Your permission to work", By: p.AddDays(-60), On: p, Needs: RightPermission | forecastNeeds,
			Text: fmt.Sprintf("Your permission to live and work ends on %s, before you can be registered, on %s at the earliest.", p.Long(), c.plan.Earliest.Long()), Do: "Ask an immigration adviser in good time."})
	}
	if !post.Ends.IsZero() && post.Starts <= on && post.Ends >= on && post.Ends < approval {
		add(Collision{Code: CollisionContract, Who: WhoTeam, Title: "The end of the contract", By: max(on, post.Ends.AddDays(-60)), On: post.Ends, Needs: RightPost | forecastNeeds,
			Text: fmt.Sprintf("The contract ends on %s. Registration can come on %s at the earliest.", post.Ends.Long(), c.plan.Earliest.Long()), Do: "Talk with the employer and the doctor about what comes after the contract."})
	}
}
