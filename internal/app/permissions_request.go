package app

import (
	"msw/internal/access"
	"msw/internal/organisation"
)

// requestRows are the permissions of requests for proof, and of saying whom one
// may ask. An employer sees only how a request it made stands.
func requestRows() []row {
	team := []access.Role{organisation.RoleCaseworker, organisation.RoleAssessor, organisation.RoleOperator}
	return []row{
		{"request.board", map[access.Relation][]access.Role{
			access.Tenant: team,
		}},
		{"request.see", map[access.Relation][]access.Role{
			access.Own:          {access.Doctor},
			access.Tenant:       team,
			access.Organisation: {organisation.RoleEmployerHR},
		}},
		{"request.own", map[access.Relation][]access.Role{
			access.Own: {access.Doctor},
		}},
		{"request.make", map[access.Relation][]access.Role{
			access.Own:    {access.Doctor},
			access.Tenant: team,
		}},
		{"request.ask", map[access.Relation][]access.Role{
			access.Own:    {access.Doctor},
			access.Tenant: {organisation.RoleOperator},
		}},
		{"request.judge", map[access.Relation][]access.Role{
			access.Tenant: {organisation.RoleAssessor, organisation.RoleOperator},
		}},
		{"request.answer", map[access.Relation][]access.Role{
			access.Public: {""},
		}},
		{"doctor.asking", map[access.Relation][]access.Role{
			access.Own:    {access.Doctor},
			access.Tenant: team,
		}},
	}
}
