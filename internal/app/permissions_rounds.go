package app

import (
	"msw/internal/access"
	"msw/internal/organisation"
)

// roundRows are the permissions of allocation rounds and the waiting list.
// Hosts never reach what doctors chose, and doctors never what others did.
func roundRows() []row {
	leads := map[access.Relation][]access.Role{
		access.Tenant: {organisation.RoleNationalLead, organisation.RoleOperator},
		access.Region: {organisation.RoleRegionalLead},
	}
	staff := map[access.Relation][]access.Role{
		access.Tenant: {organisation.RoleCaseworker, organisation.RoleAssessor, organisation.RoleNationalLead, organisation.RoleOperator},
		access.Region: {organisation.RoleRegionalLead},
	}
	figures := map[access.Relation][]access.Role{
		access.Tenant: {organisation.RoleCaseworker, organisation.RoleAssessor, organisation.RoleNationalLead, organisation.RoleBoard, organisation.RoleOperator},
		access.Region: {organisation.RoleRegionalLead},
	}
	own := map[access.Relation][]access.Role{access.Own: {access.Doctor}}
	host := map[access.Relation][]access.Role{access.Organisation: {organisation.RoleEmployerHR}}
	return []row{
		{"round.see", figures},
		{"round.rules", map[access.Relation][]access.Role{
			access.Tenant: {access.Doctor, organisation.RoleCaseworker, organisation.RoleAssessor, organisation.RoleRegionalLead, organisation.RoleNationalLead, organisation.RoleEmployerHR, organisation.RoleSupervisor, organisation.RoleBoard, organisation.RoleOperator},
		}},
		{"round.declare", leads},
		{"round.dry_run", leads},
		{"round.publish", leads},
		{"round.move", leads},
		{"round.export", leads},
		{"round.rank", host},
		{"round.host", host},
		{"round.result", own},
		{"round.fairness", figures},
		{"waiting.own", own},
		{"waiting.see", staff},
	}
}
