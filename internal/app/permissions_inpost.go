package app

import (
	"msw/internal/access"
	"msw/internal/organisation"
)

// inPostRows are the permissions of supervision and the scope card.
func inPostRows() []row {
	return []row{
		{"placement.card", map[access.Relation][]access.Role{
			access.Own:          {access.Doctor},
			access.Organisation: {organisation.RoleEmployerHR, organisation.RoleShiftLead},
			access.Supervised:   {organisation.RoleSupervisor},
			access.Tenant:       {organisation.RoleOperator},
		}},
		{"placement.levels", map[access.Relation][]access.Role{
			access.Organisation: {organisation.RoleEmployerHR},
			access.Tenant:       {organisation.RoleOperator},
		}},
		{"placement.sign", map[access.Relation][]access.Role{
			access.Supervised: {organisation.RoleSupervisor},
			access.Tenant:     {organisation.RoleOperator},
		}},
		{"placement.vouch", map[access.Relation][]access.Role{
			access.Organisation: {organisation.RoleEmployerHR},
			access.Tenant:       {organisation.RoleOperator},
		}},
	}
}
