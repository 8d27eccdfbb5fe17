package registration

import (
	"slices"

	"msw/internal/access"
	"msw/internal/fact"
	"msw/internal/organisation"
)

// Right is something a reader of a ladder must be allowed to know (domain 5.2).
// Rights add up.
type Right uint16

// The rights. RightAll is the doctor's own, and the team's that works on the case.
const (
	RightFails       Right = 1 << iota // fails, scores and numbers of attempts, and all that follows from them
	RightImmigration                   // category of permission
	RightPermission                    // last day of the permission to live and work
	RightConcession                    // help with fees, which tells the category
	RightContacts                      // whom the doctor does not want asked
	RightHistory                       // activity history, good standing, references, declarations
	RightExperience                    // qualification and practice
	RightMoney                         // what the road costs the doctor
	RightPost                          // dates of the post
	RightPasses                        // that an exam was passed, and when
	RightRegister                      // what the public register shows
	RightAll         Right = 1<<iota - 1
)

// View is who reads a ladder.
type View struct {
	Rights Right
	Own    bool // the doctor
}

// May tells whether the view has all of the rights.
func (v View) May(need Right) bool { return need&^v.Rights == 0 }

// ViewOf gives what an actor may know of a doctor's road, as fact.Visible does
// for single facts. shared are the consent scopes live for a referrer.
func ViewOf(a access.Actor, doctor string, shared ...string) View {
	if a.Doctor != "" && a.Doctor == doctor {
		return View{Rights: RightAll, Own: true}
	}
	if a.HasAny(organisation.RoleOperator, organisation.RoleCaseworker, organisation.RoleAssessor) {
		return View{Rights: RightAll}
	}
	var r Right
	if a.Has(organisation.RoleNationalLead) {
		r |= RightImmigration | RightExperience | RightPost | RightPasses | RightRegister
	}
	if a.Has(organisation.RoleRegionalLead) {
		r |= RightExperience | RightPost | RightRegister
	}
	if a.Has(organisation.RoleEmployerHR) {
		r |= RightImmigration | RightPermission | RightExperience | RightPost | RightPasses | RightRegister
	}
	if a.Has(organisation.RoleSupervisor) {
		r |= RightExperience | RightPost | RightPasses | RightRegister
	}
	if a.Has(organisation.RoleReferrer) {
		if slices.Contains(shared, fact.ShareExams) {
			r |= RightFails | RightPasses
		}
		if slices.Contains(shared, fact.ShareImmigration) {
			r |= RightImmigration | RightPermission
		}
		if slices.Contains(shared, fact.ShareApplication) {
			r |= RightExperience
		}
	}
	return View{Rights: r}
}

// For gives the ladder as a reader may see it. It is computed afresh from only
// those facts the reader may know, so that no state, date, advice or forecast
// can depend on the rest; what would then be a guess is not shown at all.
func (l Ladder) For(view View) Ladder {
	if l.in == nil || view.May(RightAll) && view.Own {
		return l
	}
	if !view.May(RightAll) {
		l = l.road.climb(l.in.seenBy(view), view)
	}
	if !view.Own {
		l.forStaff()
	}
	return l
}

// windowsFor gives the windows of the ladder as For would, and no more.
func (l Ladder) windowsFor(view View) []Window {
	switch {
	case l.in == nil || view.May(RightAll):
		return l.Windows
	case view.May(forecastNeeds): // the forecast is a window too
		return l.For(view).Windows
	}
	set, err := l.road.book.Set(RoadRuleSet, l.in.On)
	if err != nil {
		return nil
	}
	return l.road.newClimber(l.in.seenBy(view), view, l.road.versions[set]).windows()
}

// forStaff puts the team's wording in place of the doctor's, where there is one.
func (l *Ladder) forStaff() {
	l.Where = l.whereStaff
	l.Rungs = staffWords(l.Rungs)
}

func staffWords(rungs []Rung) []Rung {
	out := slices.Clone(rungs)
	for i := range out {
		if r := &out[i]; r.Staff != "" {
			r.Why = r.Staff
		}
		out[i].Ways = staffWords(out[i].Ways)
	}
	return out
}

// seenBy keeps of the inputs only what a reader may know.
func (in *Inputs) seenBy(view View) *Inputs {
	out := &Inputs{On: in.On, History: in.History, Given: in.Given}
	if view.May(RightPost) {
		out.Post = in.Post
	}
	if view.May(RightMoney) {
		out.Paid = in.Paid
	}
	for _, r := range in.Facts {
		if seen, ok := visible(view, r); ok {
			out.Facts = append(out.Facts, seen)
		}
	}
	return out
}

// visible gives a fact as a reader may know it: a pass without its scores and
// attempt where fails are not for them, a permission without its category or
// without its dates.
func visible(view View, r fact.Record) (fact.Record, bool) {
	switch r.Kind {
	case fact.Exam, fact.EnglishTest:
		if view.May(RightFails | RightPasses) {
			return r, true
		}
		if !view.May(RightPasses) || r.Text("outcome") != "passed" {
			return r, false
		}
		fields := map[string]any{"outcome": "passed"}
		for _, name := range []string{"name", "test"} {
			if v, ok := r.Fields[name]; ok {
				fields[name] = v
			}
		}
		r.Fields = fields
		return r, true
	case fact.RightToWork:
		return visiblePermission(view, r)
	}
	return r, view.May(rightOf(r.Kind))
}

func visiblePermission(view View, r fact.Record) (fact.Record, bool) {
	if view.May(RightImmigration | RightPermission) {
		return r, true
	}
	if view.May(RightPermission) {
		r.Fields = map[string]any{}
		return r, true
	}
	return r, false // the category alone moves nothing on the ladder
}
