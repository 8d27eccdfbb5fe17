package placement

import (
	"context"
	"fmt"

	"msw/internal/clock"
	"msw/internal/database"
)

// Dates are the days that decide about a running placement.
type Dates struct{ Started, ContractEnd, FundedUntil clock.Date }

// Running gives the dates of those of some doctors who are in post, at most 190
// doctors at a time, for another station: no permission is asked and no look
// recorded.
func (s *Service) Running(ctx context.Context, tenant string, doctors []string) (map[string]Dates, error) {
	out := map[string]Dates{}
	if len(doctors) == 0 {
		return out, nil
	}
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT p.doctor_id, p.started_on, v.contract_end, v.funded_until FROM placement_placement p
		JOIN placement_spell v ON v.tenant_id = p.tenant_id AND v.placement_id = p.id AND v.number = p.spell
		WHERE p.tenant_id = $1 AND p.ended_on = '' AND p.doctor_id IN `+database.In(2, len(doctors)), append([]any{tenant}, database.Args(doctors)...)...)
	if err != nil {
		return nil, fmt.Errorf("running placements: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var doctor string
		var d Dates
		if err := rows.Scan(&doctor, &d.Started, &d.ContractEnd, &d.FundedUntil); err != nil {
			return nil, fmt.Errorf("running placements: %w", err)
		}
		out[doctor] = d
	}
	return out, rows.Err()
}
