package portfolio

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"fmt"

	"msw/internal/clock"
	"msw/internal/database"
)

func passportPlace(tenant string, p Passport) database.Place {
	return database.Place{Tenant: tenant, Person: p.Doctor, Table: "portfolio_passport", Row: p.ID, Column: "sealed", Version: 1}
}

// insertPassport stores a passport; false when its place in the list is taken.
func (s *Service) insertPassport(ctx context.Context, tenant string, p Passport) (bool, error) {
	sealed, err := s.db.Vault().SealJSON(ctx, passportPlace(tenant, p), p.Sealed)
	if err != nil {
		return false, fmt.Errorf("passport: %w", err)
	}
	n, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO portfolio_passport (tenant_id, id, version, doctor_id, place, code_hash, key_id, issued_at, expires_on, revoked_at, sealed)
		VALUES `+database.Rows(1, 11, 1)+` ON CONFLICT DO NOTHING`, tenant, p.ID, p.Version, p.Doctor, p.Place, p.CodeHash, p.Key, p.Issued, p.Expires, p.Revoked, sealed)
	if err != nil {
		return false, fmt.Errorf("passport: %w", err)
	}
	return n == 1, nil
}

const passportColumns = `id, version, doctor_id, place, code_hash, key_id, issued_at, expires_on, revoked_at, sealed`

func scanPassport(row scanner) (p Passport, sealed []byte, err error) {
	err = row.Scan(&p.ID, &p.Version, &p.Doctor, &p.Place, &p.CodeHash, &p.Key, &p.Issued, &p.Expires, &p.Revoked, &sealed)
	return p, sealed, err
}

func (s *Service) passports(ctx context.Context, tenant, doctor string) ([]Passport, error) {
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT `+passportColumns+` FROM portfolio_passport WHERE tenant_id = $1 AND doctor_id = $2 ORDER BY issued_at DESC, id LIMIT 20`, tenant, doctor)
	if err != nil {
		return nil, fmt.Errorf("passports: %w", err)
	}
	defer rows.Close()
	var list []Passport
	var sealed [][]byte
	for rows.Next() {
		p, b, err := scanPassport(rows)
		if err != nil {
			return nil, fmt.Errorf("passports: %w", err)
		}
		list, sealed = append(list, p), append(sealed, b)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("passports: %w", err)
	}
	for i := range list {
		if err := s.db.Vault().OpenJSON(ctx, passportPlace(tenant, list[i]), sealed[i], &list[i].Sealed); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// passportByCode finds a passport by its public code, without opening it.
func (s *Service) passportByCode(ctx context.Context, tenant, hash string) (Passport, bool, error) {
	p, _, err := scanPassport(s.db.Q(ctx).QueryRow(ctx, `SELECT `+passportColumns+` FROM portfolio_passport WHERE tenant_id = $1 AND code_hash = $2`, tenant, hash))
	if database.IsNoRows(err) {
		return p, false, nil
	}
	if err != nil {
		return p, false, fmt.Errorf("passport: %w", err)
	}
	return p, true, nil
}

func (s *Service) takeBack(ctx context.Context, tenant, doctor string, at clock.Instant) (int64, error) {
	n, err := s.db.Q(ctx).Exec(ctx, `UPDATE portfolio_passport SET revoked_at = $1 WHERE tenant_id = $2 AND doctor_id = $3 AND revoked_at = ''`, at, tenant, doctor)
	if err != nil {
		return 0, fmt.Errorf("passport: %w", err)
	}
	return n, nil
}

func (s *Service) revokedPlaces(ctx context.Context, tenant string) ([]int, error) {
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT place FROM portfolio_passport WHERE tenant_id = $1 AND revoked_at <> '' ORDER BY place`, tenant)
	if err != nil {
		return nil, fmt.Errorf("passports taken back: %w", err)
	}
	defer rows.Close()
	var list []int
	for rows.Next() {
		var n int
		if err := rows.Scan(&n); err != nil {
			return nil, fmt.Errorf("passports taken back: %w", err)
		}
		list = append(list, n)
	}
	return list, rows.Err()
}

type storedKey struct {
	ID            string
	Made, Retired clock.Instant
	Public        ed25519.PublicKey
	Private       ed25519.PrivateKey
}

func keyPlace(tenant, id string) database.Place {
	return database.Place{Tenant: tenant, Table: "portfolio_key", Row: id, Column: "sealed"}
}

func (s *Service) insertKey(ctx context.Context, tenant string, k storedKey) error {
	sealed, err := s.db.Vault().Seal(ctx, keyPlace(tenant, k.ID), k.Private.Seed())
	if err != nil {
		return fmt.Errorf("passport key: %w", err)
	}
	_, err = s.db.Q(ctx).Exec(ctx, `INSERT INTO portfolio_key (tenant_id, id, made_at, retired_at, public, sealed) VALUES ($1, $2, $3, $4, $5, $6)`,
		tenant, k.ID, k.Made, k.Retired, base64.StdEncoding.EncodeToString(k.Public), sealed)
	if err != nil {
		return fmt.Errorf("passport key: %w", err)
	}
	return nil
}

func (s *Service) retireKeys(ctx context.Context, tenant string, at clock.Instant) error {
	if _, err := s.db.Q(ctx).Exec(ctx, `UPDATE portfolio_key SET retired_at = $1 WHERE tenant_id = $2 AND retired_at = ''`, at, tenant); err != nil {
		return fmt.Errorf("passport key: %w", err)
	}
	return nil
}

// keys lists a programme's keys, the latest first.
func (s *Service) keys(ctx context.Context, tenant string) ([]storedKey, error) {
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT id, made_at, retired_at, sealed FROM portfolio_key WHERE tenant_id = $1 ORDER BY made_at DESC, id`, tenant)
	if err != nil {
		return nil, fmt.Errorf("passport keys: %w", err)
	}
	defer rows.Close()
	var list []storedKey
	var sealed [][]byte
	for rows.Next() {
		var k storedKey
		var b []byte
		if err := rows.Scan(&k.ID, &k.Made, &k.Retired, &b); err != nil {
			return nil, fmt.Errorf("passport keys: %w", err)
		}
		list, sealed = append(list, k), append(sealed, b)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("passport keys: %w", err)
	}
	for i := range list {
		seed, err := s.db.Vault().Open(ctx, keyPlace(tenant, list[i].ID), sealed[i])
		if err != nil {
			return nil, err
		}
		list[i].Private = ed25519.NewKeyFromSeed(seed)
		list[i].Public = list[i].Private.Public().(ed25519.PublicKey)
	}
	return list, nil
}
