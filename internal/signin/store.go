package signin

import (
	"context"

	"msw/internal/clock"
	"msw/internal/database"
)

// Accounts, codes and sessions have no tenant: one human being may belong to
// several programmes.

type codeRow struct {
	id, emailHash, account, codeHash string
	attempts                         int
	created, ends                    clock.Instant
	sealed                           []byte
}

func (s *Service) accountByHash(ctx context.Context, hash string) (string, bool, error) {
	var id string
	err := s.o.DB.Q(ctx).QueryRow(ctx, `SELECT id FROM signin_account WHERE email_hash = $1`, hash).Scan(&id)
	if database.IsNoRows(err) {
		return "", false, nil
	}
	return id, err == nil, err
}

func (s *Service) insertAccount(ctx context.Context, id, hash string, sealed []byte) (bool, error) {
	n, err := s.o.DB.Q(ctx).Exec(ctx, `INSERT INTO signin_account (id, email_hash, sealed, version, created_at)
		VALUES ($1, $2, $3, 1, $4) ON CONFLICT (email_hash) DO NOTHING`, id, hash, sealed, s.o.Now())
	return n == 1, err
}

func (s *Service) sealedEmail(ctx context.Context, account string) (sealed []byte, err error) {
	err = s.o.DB.Q(ctx).QueryRow(ctx, `SELECT sealed FROM signin_account WHERE id = $1`, account).Scan(&sealed)
	return sealed, err
}

func (s *Service) codesSince(ctx context.Context, emailHash string, since clock.Instant) (n int, err error) {
	err = s.o.DB.Q(ctx).QueryRow(ctx, `SELECT count(*) FROM signin_code WHERE email_hash = $1 AND created_at > $2`, emailHash, since).Scan(&n)
	return n, err
}

func (s *Service) insertCode(ctx context.Context, c codeRow) error {
	_, err := s.o.DB.Q(ctx).Exec(ctx, `INSERT INTO signin_code (id, email_hash, account, code_hash, attempts, used, created_at, ends_at, sealed)
		VALUES ($1, $2, $3, $4, 0, false, $5, $6, $7)`, c.id, c.emailHash, c.account, c.codeHash, c.created, c.ends, c.sealed)
	return err
}

func (s *Service) code(ctx context.Context, id string) (c codeRow, err error) {
	c.id = id
	err = s.o.DB.Q(ctx).QueryRow(ctx, `SELECT account, code_hash, attempts, ends_at, sealed FROM signin_code WHERE id = $1`, id).
		Scan(&c.account, &c.codeHash, &c.attempts, &c.ends, &c.sealed)
	return c, err
}

// countTry counts a try while the ticket lives; two at once wait for each
// other here, so that none goes uncounted.
func (s *Service) countTry(ctx context.Context, id string, now clock.Instant) (bool, error) {
	n, err := s.o.DB.Q(ctx).Exec(ctx, `UPDATE signin_code SET attempts = attempts + 1
		WHERE id = $1 AND used = false AND attempts < $2 AND ends_at > $3`, id, codeTries, now)
	return n == 1, err
}

func (s *Service) useCode(ctx context.Context, id string) error {
	_, err := s.o.DB.Q(ctx).Exec(ctx, `UPDATE signin_code SET used = true, sealed = NULL WHERE id = $1`, id)
	return err
}

// unsealCode forgets the readable code once it is sent; its hash stays.
func (s *Service) unsealCode(ctx context.Context, id string) error {
	return s.o.DB.Tx(ctx, func(ctx context.Context) error {
		_, err := s.o.DB.Q(ctx).Exec(ctx, `UPDATE signin_code SET sealed = NULL WHERE id = $1`, id)
		return err
	})
}

func (s *Service) insertSession(ctx context.Context, r session) error {
	_, err := s.o.DB.Q(ctx).Exec(ctx, `INSERT INTO signin_session (token_hash, account, tenant_id, created_at, last_seen, ends_at)
		VALUES ($1, $2, $3, $4, $5, $6)`, r.hash, r.account, r.tenant, r.seen, r.seen, r.ends)
	return err
}

func (s *Service) session(ctx context.Context, hash string) (r session, err error) {
	r.hash = hash
	err = s.o.DB.Q(ctx).QueryRow(ctx, `SELECT account, tenant_id, last_seen, ends_at FROM signin_session WHERE token_hash = $1`, hash).
		Scan(&r.account, &r.tenant, &r.seen, &r.ends)
	return r, err
}

func (s *Service) touch(ctx context.Context, hash string, now clock.Instant) error {
	_, err := s.o.DB.Q(ctx).Exec(ctx, `UPDATE signin_session SET last_seen = $1 WHERE token_hash = $2`, now, hash)
	return err
}

func (s *Service) deleteSession(ctx context.Context, hash string) error {
	_, err := s.o.DB.Q(ctx).Exec(ctx, `DELETE FROM signin_session WHERE token_hash = $1`, hash)
	return err
}

func (s *Service) deleteSessions(ctx context.Context, account string) error {
	_, err := s.o.DB.Q(ctx).Exec(ctx, `DELETE FROM signin_session WHERE account = $1`, account)
	return err
}

func (s *Service) openSessions(ctx context.Context, account string, now clock.Instant) (n int, err error) {
	err = s.o.DB.Q(ctx).QueryRow(ctx, `SELECT count(*) FROM signin_session WHERE account = $1 AND ends_at > $2 AND last_seen > $3`,
		account, now, now.Add(-idleEnd)).Scan(&n)
	return n, err
}

// forget deletes codes that ended long ago enough for codesSince, and sessions
// that are over.
func (s *Service) forget(ctx context.Context, now clock.Instant) error {
	return s.o.DB.Tx(ctx, func(ctx context.Context) error {
		q := s.o.DB.Q(ctx)
		if _, err := q.Exec(ctx, `DELETE FROM signin_code WHERE ends_at < $1`, now.Add(-codeWindow)); err != nil {
			return err
		}
		_, err := q.Exec(ctx, `DELETE FROM signin_session WHERE ends_at <= $1 OR last_seen <= $2`, now, now.Add(-idleEnd))
		return err
	})
}
