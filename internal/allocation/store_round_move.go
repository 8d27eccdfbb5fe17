package allocation

import (
	"context"
	"fmt"

	"msw/internal/access"
	"msw/internal/database"
	"msw/internal/problem"
)

func movePlace(tenant, id string) database.Place {
	return database.Place{Tenant: tenant, Table: "allocation_move", Row: id, Column: "sealed", Version: 1}
}

func (s *Rounds) insertMove(ctx context.Context, call access.Call, m Move) error {
	sealed, err := s.db.Vault().SealJSON(ctx, movePlace(call.Actor.Tenant, m.ID), m.Steps)
	if err != nil {
		return fmt.Errorf("seal move %s: %w", m.ID, err)
	}
	_, err = s.db.Q(ctx).Exec(ctx, `INSERT INTO allocation_move (tenant_id, id, round_id, version, kind, state, reason, asked_by, asked_at, sealed)
		VALUES ($1,$2,$3,1,$4,$5,$6,$7,$8,$9)`, call.Actor.Tenant, m.ID, m.Round, string(m.Kind), string(MoveAsked), m.Reason, m.AskedBy, m.AskedAt, sealed)
	if err != nil {
		return fmt.Errorf("insert move %s: %w", m.ID, err)
	}
	return nil
}

func (s *Rounds) settleMove(ctx context.Context, call access.Call, m Move, to MoveState) error {
	n, err := s.db.Q(ctx).Exec(ctx, `UPDATE allocation_move SET state = $1, done_by = $2, done_at = $3, version = version + 1
		WHERE tenant_id = $4 AND id = $5 AND version = $6 AND state = 'asked'`, string(to), call.Actor.Account, call.Now, call.Actor.Tenant, m.ID, m.Version)
	if err != nil {
		return fmt.Errorf("settle move %s: %w", m.ID, err)
	}
	if n == 0 {
		return problem.Stale()
	}
	return nil
}

// moves gives a round's moves, the newest first.
func (s *Rounds) moves(ctx context.Context, tenant, round string) ([]Move, error) {
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT id, version, kind, state, reason, asked_by, asked_at, done_by, done_at, sealed FROM allocation_move
		WHERE tenant_id = $1 AND round_id = $2 ORDER BY asked_at DESC, id DESC LIMIT 100`, tenant, round)
	if err != nil {
		return nil, fmt.Errorf("moves of %s: %w", round, err)
	}
	defer rows.Close()
	var out []Move
	var sealed [][]byte
	for rows.Next() {
		m := Move{Round: round}
		var b []byte
		if err := rows.Scan(&m.ID, &m.Version, &m.Kind, &m.State, &m.Reason, &m.AskedBy, &m.AskedAt, &m.DoneBy, &m.DoneAt, &b); err != nil {
			return nil, fmt.Errorf("moves of %s: %w", round, err)
		}
		out, sealed = append(out, m), append(sealed, b)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	for i := range out {
		if err := s.db.Vault().OpenJSON(ctx, movePlace(tenant, out[i].ID), sealed[i], &out[i].Steps); err != nil {
			return nil, fmt.Errorf("open move %s: %w", out[i].ID, err)
		}
	}
	return out, nil
}
