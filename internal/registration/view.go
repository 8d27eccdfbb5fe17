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
		r |= RightImmigration | RightExperience | RightPost | RightPasses
	}
	if a.Has(organisation.RoleRegionalLead) {
		r |= RightExperience | RightPost
	}
	if a.Has(organisation.RoleEmployerHR) {
		r |= RightImmigration | RightPermission | RightExperience | RightPost | RightPasses
	}
	if a.Has(organisation.RoleSupervisor) {
		r |= RightExperience | RightPost | RightPasses
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
	if view.May(RightAll) || l.in == nil {
		return l
	}
	return l.road.climb(l.in.seenBy(view), view)
}
