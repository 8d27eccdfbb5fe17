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
		{"placement.code", map[access.Relation][]access.Role{
			access.Public: {""},
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
		{"placement.supervision", map[access.Relation][]access.Role{
			access.Own:          {access.Doctor},
			access.Organisation: {organisation.RoleEmployerHR},
			access.Supervised:   {organisation.RoleSupervisor},
			access.Tenant:       {organisation.RoleOperator},
		}},
		{"placement.agree", map[access.Relation][]access.Role{
			access.Own:        {access.Doctor},
			access.Supervised: {organisation.RoleSupervisor},
		}},
		{"placement.cover", map[access.Relation][]access.Role{
			access.Organisation: {organisation.RoleEmployerHR},
			access.Supervised:   {organisation.RoleSupervisor},
			access.Tenant:       {organisation.RoleOperator},
		}},
		{"placement.raise", map[access.Relation][]access.Role{
			access.Own:          {access.Doctor},
			access.Organisation: {organisation.RoleEmployerHR, organisation.RoleShiftLead},
			access.Supervised:   {organisation.RoleSupervisor},
		}},
		{"placement.concerns", map[access.Relation][]access.Role{
			access.Organisation: {organisation.RoleEmployerHR},
			access.Supervised:   {organisation.RoleSupervisor},
		}},
		{"placement.team", map[access.Relation][]access.Role{
			access.Organisation: {organisation.RoleEmployerHR},
			access.Region:       {organisation.RoleRegionalLead},
			access.Tenant:       {organisation.RoleNationalLead, organisation.RoleOperator},
		}},
		{"placement.roll", map[access.Relation][]access.Role{
			access.Organisation: {organisation.RoleEmployerHR},
			access.Region:       {organisation.RoleRegionalLead},
			access.Tenant:       {organisation.RoleNationalLead, organisation.RoleOperator},
		}},
		{"placement.roll_sign", map[access.Relation][]access.Role{
			access.Organisation: {organisation.RoleEmployerHR},
		}},
	}
}
