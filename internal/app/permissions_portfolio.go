package app

import (
	"msw/internal/access"
	"msw/internal/organisation"
	"msw/internal/portfolio"
)

// portfolioRows are the permissions of the portfolio and the passport. National
// and regional teams see no portfolio: counts only (domain 5.2).
func portfolioRows() []row {
	own := map[access.Relation][]access.Role{access.Own: {access.Doctor}}
	anyone := map[access.Relation][]access.Role{access.Public: {""}}
	return []row{
		{portfolio.ActOwn, own},
		{portfolio.ActSee, map[access.Relation][]access.Role{
			access.Own:        {access.Doctor},
			access.Supervised: {organisation.RoleSupervisor},
		}},
		{portfolio.ActSignOffs, map[access.Relation][]access.Role{
			access.Own:          {access.Doctor},
			access.Supervised:   {organisation.RoleSupervisor},
			access.Organisation: {organisation.RoleEmployerHR},
		}},
		{portfolio.ActAssess, anyone},
		{portfolio.ActCheck, anyone},
		{portfolio.ActPassport, own},
		{portfolio.ActKeys, map[access.Relation][]access.Role{access.Tenant: {organisation.RoleOperator}}},
		{portfolio.ActExport, map[access.Relation][]access.Role{access.Own: {access.Doctor}, access.Tenant: {organisation.RoleOperator}}},
		{portfolio.ActImport, map[access.Relation][]access.Role{access.Own: {access.Doctor}, access.Tenant: {organisation.RoleOperator}}},
		{portfolio.ActTakeIn, map[access.Relation][]access.Role{access.Organisation: {organisation.RoleEmployerHR}}},
		{portfolio.ActVouch, map[access.Relation][]access.Role{access.Organisation: {organisation.RoleEmployerHR}}},
	}
}
