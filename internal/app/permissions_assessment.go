package app

import (
	"msw/internal/access"
	"msw/internal/organisation"
)

// assessmentRows say who works around a decision. A caseworker can be the second
// person for evidence, never the one who decides; leads decide reviews and
// see the boards; the doctor answers, appeals and comes back.
func assessmentRows() []row {
	own := map[access.Relation][]access.Role{access.Own: {access.Doctor}}
	return []row{
		{"eligibility.judge", map[access.Relation][]access.Role{
			access.Tenant: {organisation.RoleAssessor, organisation.RoleCaseworker, organisation.RoleOperator},
		}},
		{"eligibility.review", map[access.Relation][]access.Role{
			access.Tenant: {organisation.RoleAssessor, organisation.RoleNationalLead, organisation.RoleOperator},
		}},
		{"eligibility.assign", map[access.Relation][]access.Role{
			access.Tenant: {organisation.RoleAssessor, organisation.RoleNationalLead, organisation.RoleOperator},
		}},
		{"eligibility.board", map[access.Relation][]access.Role{
			access.Tenant: {organisation.RoleAssessor, organisation.RoleCaseworker, organisation.RoleNationalLead, organisation.RoleOperator},
		}},
		{"eligibility.answer", own},
		{"eligibility.appeal", own},
	}
}
