package doctor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"msw/internal/access"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/problem"
)

func (s *Service) insert(ctx context.Context, tenant string, d Doctor) error {
	seal, err := s.db.Vault().Sealer(ctx, place(tenant, d.ID, d.Version))
	if err != nil {
		return fmt.Errorf("seal doctor %s: %w", d.ID, err)
	}
	err = s.db.Put(ctx, personRows, func(args []any) ([]any, error) {
		plain, err := json.Marshal(d.Details)
		return append(args, tenant, d.ID, d.Ref, seal(plain), d.Created, d.Created, d.Version, tokenRule), err
	})
	if err != nil {
		return fmt.Errorf("insert doctor %s: %w", d.ID, err)
	}
	return s.insertTokens(ctx, tenant, d.ID, d.Details)
}

var personRows = database.Into{Table: "doctor_person", Columns: "tenant_id, id, ref, sealed, created_at, updated_at, version, token_rule"}

var tokenRows = database.Into{Table: "doctor_token", Columns: "tenant_id, token, doctor_id, kind", Tail: " ON CONFLICT (tenant_id, token, doctor_id) DO NOTHING"}

// insertTokens leaves the making of the tokens to when they are written.
func (s *Service) insertTokens(ctx context.Context, tenant, id string, d Details) error {
	return s.db.Put(ctx, tokenRows, func(args []any) ([]any, error) {
		for _, t := range s.tokens(tenant, d) {
			args = append(args, tenant, t.value, id, t.kind)
		}
		return args, nil
	})
}

// update saves d's details over the version that was read.
func (s *Service) update(ctx context.Context, tenant string, before, d Doctor, now clock.Instant) error {
	s.db.Again(ctx, "doctor token "+tenant+" "+d.ID)
	d.Version = before.Version + 1
	sealed, err := s.db.Vault().SealJSON(ctx, place(tenant, d.ID, d.Version), d.Details)
	if err != nil {
		return fmt.Errorf("seal doctor %s: %w", d.ID, err)
	}
	rows, err := s.db.Q(ctx).Exec(ctx,
		`UPDATE doctor_person SET sealed = $1, updated_at = $2, version = $3 WHERE tenant_id = $4 AND id = $5 AND version = $6`,
		sealed, now, d.Version, tenant, d.ID, before.Version)
	if err != nil {
		return fmt.Errorf("update doctor %s: %w", d.ID, err)
	}
	if rows == 0 {
		return problem.Stale()
	}
	if err := s.dropTokens(ctx, tenant, d.ID, d.Papers); err != nil {
		return err
	}
	return s.insertTokens(ctx, tenant, d.ID, d.Details)
}

const selectDoctor = `SELECT p.id, p.ref, p.sealed, p.created_at, p.version, coalesce(a.account_id, '')
	FROM doctor_person p LEFT JOIN doctor_account a ON a.tenant_id = p.tenant_id AND a.doctor_id = p.id
	WHERE p.tenant_id = $1 AND `

func (s *Service) load(ctx context.Context, tenant, id string) (Doctor, error) {
	found, err := s.many(ctx, tenant, []string{id})
	if err != nil {
		return Doctor{}, err
	}
	if len(found) == 0 {
		return Doctor{}, problem.Missing()
	}
	return found[0], nil
}

// many loads records in one statement; those whose key was destroyed, or that
// do not exist, are left out.
func (s *Service) many(ctx context.Context, tenant string, ids []string) ([]Doctor, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	return s.query(ctx, tenant, selectDoctor+`p.id IN `+database.In(2, len(ids)), append([]any{tenant}, database.Args(ids)...)...)
}

// query loads records with what they take from records linked to them.
func (s *Service) query(ctx context.Context, tenant, text string, args ...any) ([]Doctor, error) {
	list, err := s.raw(ctx, tenant, text, args...)
	if err != nil {
		return nil, err
	}
	return s.overlaid(ctx, tenant, list)
}

// raw loads records as they are stored.
func (s *Service) raw(ctx context.Context, tenant, text string, args ...any) ([]Doctor, error) {
	rows, err := s.db.Q(ctx).Query(ctx, text, args...)
	if err != nil {
		return nil, fmt.Errorf("load doctors: %w", err)
	}
	var out []Doctor
	var sealed [][]byte
	for rows.Next() {
		var d Doctor
		var b []byte
		if err := rows.Scan(&d.ID, &d.Ref, &b, &d.Created, &d.Version, &d.Account); err != nil {
			rows.Close()
			return nil, fmt.Errorf("load doctors: %w", err)
		}
		out, sealed = append(out, d), append(sealed, b)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return nil, fmt.Errorf("load doctors: %w", err)
	}
	kept := out[:0]
	for i, d := range out {
		err := s.db.Vault().OpenJSON(ctx, place(tenant, d.ID, d.Version), sealed[i], &d.Details)
		if errors.Is(err, database.ErrNoKey) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("open doctor %s: %w", d.ID, err)
		}
		kept = append(kept, d)
	}
	return kept, nil
}

func (s *Service) idByRef(ctx context.Context, tenant, ref string) (id string, err error) {
	err = s.db.Q(ctx).QueryRow(ctx, `SELECT id FROM doctor_person WHERE tenant_id = $1 AND ref = $2`, tenant, ref).Scan(&id)
	if database.IsNoRows(err) {
		return "", problem.Missing()
	}
	return id, err
}

func (s *Service) idByAccount(ctx context.Context, tenant, account string) (id string, err error) {
	err = s.db.Q(ctx).QueryRow(ctx, `SELECT doctor_id FROM doctor_account WHERE tenant_id = $1 AND account_id = $2`, tenant, account).Scan(&id)
	if database.IsNoRows(err) {
		return "", nil
	}
	return id, err
}

func (s *Service) insertAccount(ctx context.Context, tenant, account, id string, now clock.Instant) (bool, error) {
	rows, err := s.db.Q(ctx).Exec(ctx,
		`INSERT INTO doctor_account (tenant_id, account_id, doctor_id, linked_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
		tenant, account, id, now)
	return rows == 1, err
}

// idsByTokens finds records in scope that have, for every group, one of its tokens.
func (s *Service) idsByTokens(ctx context.Context, scope access.Scope, groups [][]string, limit int) ([]string, error) {
	cond, narrowed := database.Narrow(2, scope, database.Columns{Tenant: "p.tenant_id", Doctor: "p.id"})
	args := append([]any{scope.Tenant}, narrowed...)
	for _, g := range groups {
		n := len(args) + 1
		cond += ` AND p.id IN (SELECT doctor_id FROM doctor_token WHERE tenant_id = ` + fmt.Sprintf("$%d", n) + ` AND token IN ` + database.In(n+1, len(g)) + `)`
		args = append(append(args, scope.Tenant), database.Args(g)...)
	}
	return s.ids(ctx, `SELECT p.id FROM doctor_person p WHERE p.tenant_id = $1 AND `+cond+fmt.Sprintf(` LIMIT %d`, limit), args...)
}

// setNumbers replaces the keys of a record's numbers; somebody new in this transaction has none before
// the first time.
func (s *Service) setNumbers(ctx context.Context, tenant, id string, keys []string) error {
	mark := "doctor numbers " + tenant + " " + id
	if _, again := database.Known[bool](ctx, s.db, mark); again || !s.db.Vault().New(ctx, tenant, id) {
		if _, err := s.db.Q(ctx).Exec(ctx, `DELETE FROM doctor_token WHERE tenant_id = $1 AND doctor_id = $2 AND kind = $3`, tenant, id, tokenNumber); err != nil {
			return fmt.Errorf("numbers of doctor %s: %w", id, err)
		}
	}
	database.Remember(ctx, s.db, mark, true)
	for _, k := range keys {
		if err := s.db.Put(ctx, tokenRows, database.Values(tenant, k, id, tokenNumber)); err != nil {
			return err
		}
	}
	return nil
}

// withOldTokens lists records whose keys were made by an earlier rule.
func (s *Service) withOldTokens(ctx context.Context, tenant string, limit int) ([]string, error) {
	return s.ids(ctx, `SELECT id FROM doctor_person WHERE tenant_id = $1 AND token_rule < $2 ORDER BY id LIMIT $3`, tenant, tokenRule, limit)
}

func (s *Service) retoken(ctx context.Context, tenant string, d Doctor) error {
	if err := s.dropTokens(ctx, tenant, d.ID, Papers{}); err != nil {
		return err
	}
	return s.insertTokens(ctx, tenant, d.ID, d.Details)
}

func (s *Service) tokensDone(ctx context.Context, tenant, id string) error {
	_, err := s.db.Q(ctx).Exec(ctx, `UPDATE doctor_person SET token_rule = $1 WHERE tenant_id = $2 AND id = $3`, tokenRule, tenant, id)
	return err
}

func (s *Service) ids(ctx context.Context, query string, args ...any) ([]string, error) {
	rows, err := s.db.Q(ctx).Query(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("find doctors: %w", err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, fmt.Errorf("find doctors: %w", err)
		}
		out = append(out, id)
	}
	return out, rows.Err()
}

type pair struct {
	first, second, verdict string
	kept, fields           string // of a link: which record goes on, and what it takes from the other
	version                int
}

func (p pair) other(id string) string {
	if p.first == id {
		return p.second
	}
	return p.first
}

func (s *Service) pairs(ctx context.Context, tenant, id string) ([]pair, error) {
	return s.pairsBy(ctx, `(first_id = $2 OR second_id = $2)`, tenant, id)
}

func (s *Service) savePair(ctx context.Context, call access.Call, p pair) error {
	_, err := s.db.Q(ctx).Exec(ctx,
		`INSERT INTO doctor_pair (tenant_id, first_id, second_id, verdict, kept_id, fields, decided_by, decided_at, version, told) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1, 1)
		ON CONFLICT (tenant_id, first_id, second_id) DO UPDATE SET verdict = excluded.verdict, kept_id = excluded.kept_id, fields = excluded.fields, decided_by = excluded.decided_by,
		decided_at = excluded.decided_at, version = doctor_pair.version + 1, told = 1`,
		call.Actor.Tenant, p.first, p.second, p.verdict, p.kept, p.fields, call.Actor.Account, call.Now)
	return err
}
