package allocation

import (
	"context"
	"fmt"
	"strings"

	"msw/internal/access"
	"msw/internal/database"
	"msw/internal/problem"
)

func (s *Service) save(ctx context.Context, call access.Call, p Preference) error {
	rows, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO allocation_preference (tenant_id, doctor_id, regions, settings, specialties, hours_week, travel_miles, free_from, updated_at, version)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		ON CONFLICT (tenant_id, doctor_id) DO UPDATE SET regions = excluded.regions, settings = excluded.settings, specialties = excluded.specialties,
		hours_week = excluded.hours_week, travel_miles = excluded.travel_miles, free_from = excluded.free_from, updated_at = excluded.updated_at, version = excluded.version
		WHERE allocation_preference.version = excluded.version - 1`,
		call.Actor.Tenant, p.Doctor, strings.Join(p.Regions, ","), strings.Join(p.Settings, ","), strings.Join(p.Specialties, ","), p.Hours, p.Travel, p.FreeFrom, call.Now, p.Version+1)
	if err != nil {
		return fmt.Errorf("save preferences of doctor %s: %w", p.Doctor, err)
	}
	if rows == 0 {
		return problem.Stale()
	}
	return nil
}

func (s *Service) load(ctx context.Context, tenant string, doctors []string) (map[string]Preference, error) {
	out := map[string]Preference{}
	if len(doctors) == 0 {
		return out, nil
	}
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT doctor_id, regions, settings, specialties, hours_week, travel_miles, free_from, version
		FROM allocation_preference WHERE tenant_id = $1 AND doctor_id IN `+database.In(2, len(doctors)), append([]any{tenant}, database.Args(doctors)...)...)
	if err != nil {
		return nil, fmt.Errorf("load preferences: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var p Preference
		var regions, settings, specialties string
		if err := rows.Scan(&p.Doctor, &regions, &settings, &specialties, &p.Hours, &p.Travel, &p.FreeFrom, &p.Version); err != nil {
			return nil, fmt.Errorf("load preferences: %w", err)
		}
		p.Regions, p.Settings, p.Specialties = split(regions), split(settings), split(specialties)
		out[p.Doctor] = p
	}
	return out, rows.Err()
}

func split(list string) []string {
	if list == "" {
		return nil
	}
	return strings.Split(list, ",")
}
