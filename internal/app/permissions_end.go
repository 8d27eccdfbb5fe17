package app

import (
	"msw/internal/access"
	"msw/internal/organisation"
)

// endRows are the permissions of the end of a placement. Exit answers are the
// doctor's: no employer and no supervisor has a row for them.
func endRows() []row {
	team := []access.Role{organisation.RoleCaseworker, organisation.RoleNationalLead, organisation.RoleOperator}
	return []row{
		{"placement.leaving", map[access.Relation][]access.Role{
			access.Own:          {access.Doctor},
			access.Organisation: {organisation.RoleEmployerHR},
			access.Supervised:   {organisation.RoleSupervisor},
			access.Tenant:       append([]access.Role{organisation.RoleAssessor}, team...),
			access.Region:       {organisation.RoleRegionalLead},
		}},
		{"placement.leaving_step", map[access.Relation][]access.Role{
			access.Own:          {access.Doctor},
			access.Organisation: {organisation.RoleEmployerHR},
			access.Supervised:   {organisation.RoleSupervisor},
			access.Tenant:       team,
		}},
		{"placement.end_due", map[access.Relation][]access.Role{
			access.Tenant: {organisation.RoleOperator},
		}},
		{"placement.certify", map[access.Relation][]access.Role{
			access.Organisation: {organisation.RoleEmployerHR},
			access.Tenant:       {organisation.RoleOperator},
		}},
		{"placement.certificate", map[access.Relation][]access.Role{
			access.Own:          {access.Doctor},
			access.Organisation: {organisation.RoleEmployerHR},
			access.Tenant:       team,
		}},
		{"placement.certificate_check", map[access.Relation][]access.Role{
			access.Public: {""},
		}},
		{"placement.exit", map[access.Relation][]access.Role{
			access.Own: {access.Doctor},
		}},
		{"placement.exit_read", map[access.Relation][]access.Role{
			access.Tenant: team,
		}},
	}
}
