package app

import (
	"msw/internal/access"
	"msw/internal/organisation"
)

// learningRows are the permissions of study time, events and courses. Study time
// is between a doctor and those who employ and supervise them: no programme role
// has a row. Whoever refers or employs runs events of their own organisation
// and sees who booked those.
func learningRows() []row {
	team := []access.Role{organisation.RoleCaseworker, organisation.RoleNationalLead, organisation.RoleOperator}
	offer := append([]access.Role{access.Doctor}, team...)
	hosts := []access.Role{organisation.RoleReferrer, organisation.RoleEmployerHR}
	return []row{
		{"learning.own", map[access.Relation][]access.Role{
			access.Own: {access.Doctor},
		}},
		{"learning.see", map[access.Relation][]access.Role{
			access.Tenant:       offer,
			access.Organisation: hosts,
		}},
		{"learning.book", map[access.Relation][]access.Role{
			access.Own: {access.Doctor},
		}},
		{"learning.organise", map[access.Relation][]access.Role{
			access.Tenant:       team,
			access.Organisation: hosts,
		}},
		{"learning.people", map[access.Relation][]access.Role{
			access.Tenant:       team,
			access.Organisation: hosts,
		}},
		{"learning.study", map[access.Relation][]access.Role{
			access.Own:          {access.Doctor},
			access.Organisation: {organisation.RoleEmployerHR},
			access.Supervised:   {organisation.RoleSupervisor},
		}},
		{"learning.agree", map[access.Relation][]access.Role{
			access.Own:          {access.Doctor},
			access.Organisation: {organisation.RoleEmployerHR},
		}},
		{"learning.sweep", map[access.Relation][]access.Role{
			access.Tenant: {organisation.RoleOperator},
		}},
	}
}
