package outcome

import (
	"context"
	"encoding/json"

	"msw/internal/access"
	"msw/internal/casefile"
	"msw/internal/clock"
	"msw/internal/database"
)

type store struct{ db *database.DB }

// eachHistory reads every started person of a tenant once, in order of doctor,
// keeping one person in memory at a time. This package alone with report may
// read across other folders' tables.
func (s store) eachHistory(ctx context.Context, scope access.Scope, fn func(History)) error {
	cond, args := database.Narrow(1, scope, database.Columns{Tenant: "c.tenant_id", Doctor: "c.doctor_id", Organisation: "c.organisation_id", Region: "c.region"})
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT m.doctor_id, c.region, m.kind, m.on_date
		FROM casefile_milestone m JOIN casefile_case c ON c.tenant_id = m.tenant_id AND c.doctor_id = m.doctor_id
		WHERE `+cond+` AND m.superseded_by = ''
		AND m.kind IN ('started', 'ended', 'registered', 'doctor_post', 'left', 'outcome_unknown')
		ORDER BY m.doctor_id, m.on_date`, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	var doctor, current string
	var h History
	for rows.Next() {
		var region, kind string
		var on clock.Date
		if err := rows.Scan(&doctor, &region, &kind, &on); err != nil {
			return err
		}
		if doctor != current {
			if current != "" {
				fn(h)
			}
			current, h = doctor, History{Region: region}
		}
		h.add(casefile.Kind(kind), on)
	}
	if current != "" {
		fn(h)
	}
	return rows.Err()
}

// add takes in one milestone; they come by date.
func (h *History) add(kind casefile.Kind, on clock.Date) {
	switch kind {
	case casefile.Started:
		if h.Started.IsZero() {
			h.Started = on
		}
		h.Ended, h.Left = 0, 0 // a later start undoes an earlier end
	case casefile.Ended:
		h.Ended = on
	case casefile.Registered:
		if h.Registered.IsZero() {
			h.Registered = on
		}
	case casefile.DoctorPost:
		if h.DoctorPost.IsZero() {
			h.DoctorPost = on
		}
	case casefile.Left:
		h.Left = on
	case casefile.OutcomeUnknown:
		h.Undecided = on
	}
}

func (s store) insert(ctx context.Context, tenant string, p Publication) error {
	content, err := json.Marshal(p)
	if err != nil {
		return err
	}
	_, err = s.db.Q(ctx).Exec(ctx, "INSERT INTO outcome_publication (tenant_id, as_at, published_on, content) VALUES ($1, $2, $3, $4)",
		tenant, p.AsAt, p.Published, string(content))
	return err
}

func (s store) publications(ctx context.Context, tenant string) ([]Publication, error) {
	rows, err := s.db.Q(ctx).Query(ctx, "SELECT content FROM outcome_publication WHERE tenant_id = $1 ORDER BY as_at", tenant)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Publication
	for rows.Next() {
		var content string
		var p Publication
		if err := rows.Scan(&content); err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(content), &p); err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, rows.Err()
}

func (s store) latest(ctx context.Context, tenant string, by clock.Date) (Publication, bool, error) {
	var content string
	var p Publication
	err := s.db.Q(ctx).QueryRow(ctx, "SELECT content FROM outcome_publication WHERE tenant_id = $1 AND as_at <= $2 ORDER BY as_at DESC LIMIT 1", tenant, by).Scan(&content)
	if database.IsNoRows(err) {
		return p, false, nil
	}
	if err != nil {
		return p, false, err
	}
	return p, true, json.Unmarshal([]byte(content), &p)
}
