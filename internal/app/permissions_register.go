package app

import (
	"msw/internal/access"
	"msw/internal/organisation"
)

// registerRows say who works with the GMC's register extract, and who tries
// rules on cases: whom a version would change tells what the rules say of each,
// so only those who may read every case's eligibility.
func registerRows() []row {
	return []row{
		{"programme.try_rule_set", map[access.Relation][]access.Role{
			access.Tenant: {organisation.RoleOperator, organisation.RoleNationalLead, organisation.RoleAssessor},
		}},
		{"eligibility.reevaluate", map[access.Relation][]access.Role{
			access.Tenant: {organisation.RoleNationalLead, organisation.RoleOperator},
		}},
		{"registration.import_register", map[access.Relation][]access.Role{
			access.Tenant: {organisation.RoleNationalLead, organisation.RoleAdministrator, organisation.RoleOperator},
		}},
		{"registration.differences", map[access.Relation][]access.Role{
			access.Tenant: {organisation.RoleCaseworker, organisation.RoleAssessor, organisation.RoleNationalLead, organisation.RoleOperator},
		}},
		{"registration.settle", map[access.Relation][]access.Role{
			access.Tenant: {organisation.RoleCaseworker, organisation.RoleAssessor, organisation.RoleNationalLead, organisation.RoleOperator},
		}},
	}
}
