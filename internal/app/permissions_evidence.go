package app

import (
	"msw/internal/access"
	"msw/internal/organisation"
	"msw/internal/portfolio"
)

// evidenceRows are the permissions of feedback from colleagues and of
// supervisors' reports. Employers and the programme's teams see none of it
// (domain 5.2); of supervisors the service lets in the educational one while it
// waits to be read, and others only where the doctor shares it.
func evidenceRows() []row {
	return []row{
		{portfolio.ActFeedback, map[access.Relation][]access.Role{
			access.Own: {access.Doctor},
		}},
		{portfolio.ActFeedbackRead, map[access.Relation][]access.Role{
			access.Own:        {access.Doctor},
			access.Supervised: {organisation.RoleSupervisor},
		}},
		{portfolio.ActReports, map[access.Relation][]access.Role{
			access.Own:        {access.Doctor},
			access.Supervised: {organisation.RoleSupervisor},
		}},
		{portfolio.ActReport, map[access.Relation][]access.Role{
			access.Supervised: {organisation.RoleSupervisor},
		}},
		{portfolio.ActBody, map[access.Relation][]access.Role{
			access.Organisation: {organisation.RoleEmployerHR},
		}},
		{portfolio.ActRate, map[access.Relation][]access.Role{
			access.Public: {""},
		}},
	}
}
