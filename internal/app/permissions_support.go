package app

import (
	"msw/internal/access"
	"msw/internal/organisation"
	"msw/internal/support"
)

// supportRows say who looks after people. Assessors, employers and supervisors
// stand in none of them: what a doctor says may be about them.
func supportRows() []row {
	return []row{
		{support.ActOwn, map[access.Relation][]access.Role{access.Own: {access.Doctor}}},
		{support.ActMentor, map[access.Relation][]access.Role{access.Own: {access.Doctor}}},
		{support.ActCall, map[access.Relation][]access.Role{access.Tenant: {access.Doctor, organisation.RoleCaseworker, organisation.RoleOperator}}},
		{support.ActPair, map[access.Relation][]access.Role{access.Tenant: {organisation.RoleCaseworker, organisation.RoleOperator}}},
		{support.ActHelp, map[access.Relation][]access.Role{access.Tenant: {access.Doctor, organisation.RoleCaseworker, organisation.RoleNationalLead, organisation.RoleReferrer, organisation.RoleOperator}}},
		{support.ActKeepHelp, map[access.Relation][]access.Role{access.Tenant: {organisation.RoleCaseworker, organisation.RoleNationalLead, organisation.RoleOperator}}},
		{support.ActHardship, map[access.Relation][]access.Role{access.Tenant: {organisation.RoleCaseworker, organisation.RoleNationalLead, organisation.RoleOperator}}},
		{support.ActLook, map[access.Relation][]access.Role{access.Tenant: {organisation.RoleOperator}}},
	}
}
