package fact

import (
	"msw/internal/access"
	"msw/internal/organisation"
)

// What a doctor can agree to share with the organisation that referred them,
// as far as facts go.
const (
	ShareExams       = "exams"
	ShareImmigration = "immigration"
	ShareApplication = "application"
)

// Visible says which fields of a fact an actor may know, and whether they may
// know that the fact exists at all (domain 5.2). It is asked for every page,
// export and answer; May on the case comes before it. shared are the consent
// scopes live for a referrer's organisation.
//
// A fail, an attempt number and a story tell what most roles may not know, so
// passes are shown without the attempt and fails not at all; of permission to
// work most see category, outcome and end date only.
func Visible(a access.Actor, doctor, kind string, fields map[string]any, shared ...string) (map[string]any, bool) {
	switch {
	case a.Doctor != "" && a.Doctor == doctor, a.Has(organisation.RoleOperator):
		return fields, true
	case a.HasAny(organisation.RoleCaseworker, organisation.RoleAssessor):
		return fields, true
	}
	switch kind {
	case Exam, EnglishTest:
		return visibleExam(a, fields, shared)
	case RightToWork:
		return visibleRight(a, fields, shared)
	case Qualification, Experience, English, Practice, Residence:
		if a.HasAny(organisation.RoleNationalLead, organisation.RoleRegionalLead, organisation.RoleEmployerHR, organisation.RoleSupervisor) || referrerWith(a, ShareApplication, shared) {
			return fields, true
		}
	case Identity:
		if a.Has(organisation.RoleEmployerHR) {
			return fields, true
		}
	case Registration:
		if a.HasAny(organisation.RoleNationalLead, organisation.RoleRegionalLead, organisation.RoleEmployerHR, organisation.RoleSupervisor) {
			return fields, true
		}
	case Placement:
		if a.Has(organisation.RoleNationalLead) {
			return fields, true
		}
	}
	return nil, false
}

func visibleExam(a access.Actor, fields map[string]any, shared []string) (map[string]any, bool) {
	if referrerWith(a, ShareExams, shared) {
		return fields, true
	}
	passed := fields["outcome"] == "passed"
	if passed && a.HasAny(organisation.RoleNationalLead, organisation.RoleEmployerHR, organisation.RoleSupervisor) {
		return only(fields, "name", "test", "outcome", "overall", "listening", "reading", "writing", "speaking"), true
	}
	return nil, false
}

func visibleRight(a access.Actor, fields map[string]any, shared []string) (map[string]any, bool) {
	switch {
	case referrerWith(a, ShareImmigration, shared):
		return fields, true
	case a.Has(organisation.RoleEmployerHR): // all that a check of the right to work needs; help with fees is no part of it
		return only(fields, "category", "may_work", "may_reside", "visitor"), true
	case a.Has(organisation.RoleNationalLead):
		return only(fields, "category", "may_work"), true
	}
	return nil, false
}

func referrerWith(a access.Actor, scope string, shared []string) bool {
	if !a.Has(organisation.RoleReferrer) {
		return false
	}
	for _, s := range shared {
		if s == scope {
			return true
		}
	}
	return false
}

func only(fields map[string]any, names ...string) map[string]any {
	kept := map[string]any{}
	for _, n := range names {
		if v, ok := fields[n]; ok {
			kept[n] = v
		}
	}
	return kept
}

// For gives the record as an actor may see it; false when they may not know
// of it. Notes and sources are for the doctor and the team that checks.
func (r Record) For(a access.Actor, shared ...string) (Record, bool) {
	fields, ok := Visible(a, r.Doctor, r.Kind, r.Fields, shared...)
	if !ok {
		return Record{}, false
	}
	r.Fields = fields
	if r.Kind == RightToWork && !permissionDates(a, r.Doctor, shared) {
		r.On, r.Until = 0, 0
	}
	own := a.Doctor != "" && a.Doctor == r.Doctor
	team := a.HasAny(organisation.RoleCaseworker, organisation.RoleAssessor, organisation.RoleOperator)
	if !own && (!team || r.NoteSealed) {
		r.Note = ""
	}
	if !own && !team {
		r.Source = ""
	}
	return r, true
}

// VisibleTo keeps what an actor may see of a list.
func VisibleTo(a access.Actor, records []Record, shared ...string) []Record {
	var out []Record
	for _, r := range records {
		if seen, ok := r.For(a, shared...); ok {
			out = append(out, seen)
		}
	}
	return out
}

// permissionDates tells whether an actor may know from when to when a permission
// to live and work runs: those who check it, and no programme role but the team
// that works on the case (domain 5.2: category only).
func permissionDates(a access.Actor, doctor string, shared []string) bool {
	return a.Doctor != "" && a.Doctor == doctor || a.HasAny(organisation.RoleCaseworker, organisation.RoleAssessor, organisation.RoleOperator, organisation.RoleEmployerHR) ||
		referrerWith(a, ShareImmigration, shared)
}
