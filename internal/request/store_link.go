package request

import (
	"context"
	"errors"
	"fmt"

	"msw/internal/access"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/problem"
)

// What a link is for.
const (
	PurposeAnswer   = "answer"
	PurposeWithdraw = "withdraw" // of a statement, by who made it
)

// Link is one link as it was given out; the secret is stored nowhere.
type Link struct {
	ID, Request, Purpose string
	Made                 clock.Instant
	Expires              clock.Date
	Used, Revoked        clock.Instant
}

// live tells whether a link works on a day.
func (l Link) live(today clock.Date) bool {
	return l.Used.IsZero() && l.Revoked.IsZero() && today <= l.Expires
}

const linkColumns = `id, request_id, purpose, made_at, expires_on, used_at, revoked_at`

func scanLink(row interface{ Scan(dest ...any) error }) (l Link, err error) {
	return l, row.Scan(&l.ID, &l.Request, &l.Purpose, &l.Made, &l.Expires, &l.Used, &l.Revoked)
}

func (s *Service) insertLink(ctx context.Context, tenant, hash string, l Link) error {
	_, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO request_link (tenant_id, hash, id, request_id, purpose, made_at, expires_on) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		tenant, hash, l.ID, l.Request, l.Purpose, l.Made, l.Expires)
	if err != nil {
		return fmt.Errorf("insert link of request %s: %w", l.Request, err)
	}
	return nil
}

func (s *Service) linkByHash(ctx context.Context, tenant, hash string) (Link, error) {
	l, err := scanLink(s.db.Q(ctx).QueryRow(ctx, `SELECT `+linkColumns+` FROM request_link WHERE tenant_id = $1 AND hash = $2`, tenant, hash))
	if database.IsNoRows(err) {
		return Link{}, problem.Missing()
	}
	return l, err
}

// newestLink gives the newest link of a request for a purpose, or none.
func (s *Service) newestLink(ctx context.Context, tenant, request, purpose string) (Link, bool, error) {
	l, err := scanLink(s.db.Q(ctx).QueryRow(ctx, `SELECT `+linkColumns+` FROM request_link WHERE tenant_id = $1 AND request_id = $2 AND purpose = $3
		ORDER BY made_at DESC, id DESC LIMIT 1`, tenant, request, purpose))
	if database.IsNoRows(err) {
		return Link{}, false, nil
	}
	return l, err == nil, err
}

// useLink takes a link for its one use; false when somebody was first.
func (s *Service) useLink(ctx context.Context, tenant string, l Link, at clock.Instant) (bool, error) {
	n, err := s.db.Q(ctx).Exec(ctx, `UPDATE request_link SET used_at = $1 WHERE tenant_id = $2 AND request_id = $3 AND id = $4 AND used_at = '' AND revoked_at = ''`,
		at, tenant, l.Request, l.ID)
	return n == 1, err
}

func (s *Service) revokeLinks(ctx context.Context, tenant, request, purpose string, at clock.Instant) error {
	_, err := s.db.Q(ctx).Exec(ctx, `UPDATE request_link SET revoked_at = $1 WHERE tenant_id = $2 AND request_id = $3 AND purpose = $4 AND used_at = '' AND revoked_at = ''`,
		at, tenant, request, purpose)
	if err != nil {
		return fmt.Errorf("revoke links of request %s: %w", request, err)
	}
	return nil
}

// alternative is one row of other evidence.
type alternative struct {
	Request, Code, Doctor string
	Version               int
	State                 string
	Given, Judged         clock.Date
	JudgedBy, SecondBy    string
	alternativePart
}

// alternativePart is what of it is sealed.
type alternativePart struct {
	Text      string   `json:"text,omitempty"`
	Documents []string `json:"documents,omitempty"`
	Note      string   `json:"note,omitempty"`
}

func alternativePlace(tenant string, a alternative) database.Place {
	return database.Place{Tenant: tenant, Person: a.Doctor, Table: "request_alternative", Row: a.Request + ":" + a.Code, Column: "sealed", Version: a.Version}
}

// saveAlternative writes an alternative; the request's own version, which moves
// with it, keeps two people from writing over one another.
func (s *Service) saveAlternative(ctx context.Context, call access.Call, a alternative) error {
	tenant := call.Actor.Tenant
	a.Version++
	sealed, err := s.db.Vault().SealJSON(ctx, alternativePlace(tenant, a), a.alternativePart)
	if err != nil {
		return fmt.Errorf("seal alternative %s of request %s: %w", a.Code, a.Request, err)
	}
	_, err = s.db.Q(ctx).Exec(ctx, `INSERT INTO request_alternative (tenant_id, request_id, code, doctor_id, version, state, given_on, judged_on, judged_by, second_by, sealed)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (tenant_id, request_id, code) DO UPDATE SET version = excluded.version, state = excluded.state,
		given_on = excluded.given_on, judged_on = excluded.judged_on, judged_by = excluded.judged_by, second_by = excluded.second_by, sealed = excluded.sealed`,
		tenant, a.Request, a.Code, a.Doctor, a.Version, a.State, a.Given, a.Judged, a.JudgedBy, a.SecondBy, sealed)
	if err != nil {
		return fmt.Errorf("save alternative %s of request %s: %w", a.Code, a.Request, err)
	}
	return nil
}

func (s *Service) alternatives(ctx context.Context, tenant, request string) ([]alternative, error) {
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT request_id, code, doctor_id, version, state, given_on, judged_on, judged_by, second_by, sealed FROM request_alternative
		WHERE tenant_id = $1 AND request_id = $2 ORDER BY given_on, code`, tenant, request)
	if err != nil {
		return nil, fmt.Errorf("alternatives of request %s: %w", request, err)
	}
	defer rows.Close()
	var list []alternative
	var sealed [][]byte
	for rows.Next() {
		var a alternative
		var b []byte
		if err := rows.Scan(&a.Request, &a.Code, &a.Doctor, &a.Version, &a.State, &a.Given, &a.Judged, &a.JudgedBy, &a.SecondBy, &b); err != nil {
			return nil, fmt.Errorf("alternatives of request %s: %w", request, err)
		}
		list, sealed = append(list, a), append(sealed, b)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("alternatives of request %s: %w", request, err)
	}
	for i := range list {
		err := s.db.Vault().OpenJSON(ctx, alternativePlace(tenant, list[i]), sealed[i], &list[i].alternativePart)
		if err != nil && !errors.Is(err, database.ErrNoKey) {
			return nil, fmt.Errorf("open alternative %s of request %s: %w", list[i].Code, request, err)
		}
	}
	return list, nil
}
