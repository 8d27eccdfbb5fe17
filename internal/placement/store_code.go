package placement

import (
	"context"
	"fmt"

	"msw/internal/clock"
	"msw/internal/database"
)

// codeHash is how a code is kept: keyed, and not by programme, since whoever
// opens one is signed in nowhere.
func (s *Service) codeHash(text string) string { return s.db.Vault().Token("", "card code", text) }

func (s *Service) insertCode(ctx context.Context, c Code) error {
	_, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO placement_code (tenant_id, id, doctor_id, placement_id, secret_hash, made_at, made_by, ends_at) VALUES ($1,$2,$3,$4,$5,$6,$7,$8)`,
		c.Tenant, c.ID, c.Doctor, c.Placement, s.codeHash(c.Text), c.MadeAt, c.By, c.EndsAt)
	if err != nil {
		return fmt.Errorf("insert card code: %w", err)
	}
	return nil
}

// revokeCodes ends the codes of a placement that still work.
func (s *Service) revokeCodes(ctx context.Context, tenant, placement string, at clock.Instant) error {
	_, err := s.db.Q(ctx).Exec(ctx, `UPDATE placement_code SET revoked_at = $1 WHERE tenant_id = $2 AND placement_id = $3 AND ends_at > $4 AND revoked_at = ''`,
		at, tenant, placement, at)
	if err != nil {
		return fmt.Errorf("end card codes: %w", err)
	}
	return nil
}

func (s *Service) codeByText(ctx context.Context, text string) (Code, bool, error) {
	var c Code
	err := s.db.Q(ctx).QueryRow(ctx, `SELECT /* every tenant */ tenant_id, id, doctor_id, placement_id, made_at, made_by, ends_at, opens, revoked_at FROM placement_code WHERE secret_hash = $1`,
		s.codeHash(text)).Scan(&c.Tenant, &c.ID, &c.Doctor, &c.Placement, &c.MadeAt, &c.By, &c.EndsAt, &c.Opens, &c.Revoked)
	if database.IsNoRows(err) {
		return Code{}, false, nil
	}
	if err != nil {
		return Code{}, false, fmt.Errorf("card code: %w", err)
	}
	c.Text = text
	return c, true, nil
}

// countOpen counts one opening; false when the code was used up meanwhile.
func (s *Service) countOpen(ctx context.Context, c Code) (bool, error) {
	n, err := s.db.Q(ctx).Exec(ctx, `UPDATE placement_code SET opens = opens + 1 WHERE tenant_id = $1 AND id = $2 AND opens < $3 AND revoked_at = ''`, c.Tenant, c.ID, mostOpens)
	if err != nil {
		return false, fmt.Errorf("open card code: %w", err)
	}
	return n == 1, nil
}
