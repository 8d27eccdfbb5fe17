package app

import (
	"msw/internal/access"
	"msw/internal/organisation"
)

// documentRows say who brings and who opens documents. Evidence of the right to
// work is opened by the employer of record alone, and by the doctor; the team
// sees category, outcome and end date as a fact.
func documentRows() []row {
	own := []access.Role{access.Doctor}
	team := []access.Role{organisation.RoleCaseworker, organisation.RoleAssessor}
	return []row{
		{"document.add", map[access.Relation][]access.Role{
			access.Own:    own,
			access.Tenant: {organisation.RoleCaseworker, organisation.RoleAssessor, organisation.RoleOperator},
		}},
		{"document.see", map[access.Relation][]access.Role{
			access.Own:          own,
			access.Tenant:       {organisation.RoleCaseworker, organisation.RoleAssessor, organisation.RoleNationalLead},
			access.Organisation: {organisation.RoleEmployerHR},
		}},
		{"document.open", map[access.Relation][]access.Role{
			access.Own:    own,
			access.Tenant: team,
		}},
		{"document.open_right_to_work", map[access.Relation][]access.Role{
			access.Own:          own,
			access.Organisation: {organisation.RoleEmployerHR},
		}},
		{"document.open_protected", map[access.Relation][]access.Role{
			access.Own:    own,
			access.Tenant: {organisation.RoleAssessor, organisation.RoleNationalLead},
		}},
		{"document.same", map[access.Relation][]access.Role{
			access.Tenant: {organisation.RoleAssessor},
		}},
	}
}
