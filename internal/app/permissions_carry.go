package app

import (
	"msw/internal/access"
	"msw/internal/placement"
)

// carryRows are the permissions of what a doctor carries away and others check.
func carryRows() []row {
	return []row{
		{placement.ActCertificateCheck, map[access.Relation][]access.Role{access.Public: {""}}},
	}
}
