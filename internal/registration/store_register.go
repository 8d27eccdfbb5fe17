package registration

import (
	"context"
	"fmt"
	"slices"

	"msw/internal/clock"
	"msw/internal/database"
)

// entryRow is an entry as stored.
type entryRow struct {
	Entry
	token, family, given, run string
}

// same tells whether two rows say the same of a number, whatever the day.
func (r entryRow) same(o entryRow) bool {
	r.AsAt, o.AsAt, r.run, o.run = 0, 0, "", ""
	return r == o
}

const entryColumns = `token, family, given, status, aps, provisional_on, full_on, specialist_on, gp_on, listed, as_at, run_id`

// at most 200 placeholders a statement.
const (
	entryChunk = 15
	tokenChunk = 180
)

// entries gives what is stored under tokens.
func (s *Service) entries(ctx context.Context, tenant string, tokens []string) (map[string]entryRow, error) {
	out := make(map[string]entryRow, len(tokens))
	for part := range slices.Chunk(tokens, tokenChunk) {
		rows, err := s.db.Q(ctx).Query(ctx, `SELECT `+entryColumns+` FROM registration_register_entry WHERE tenant_id = $1 AND token IN `+
			database.In(2, len(part)), append([]any{tenant}, database.Args(part)...)...)
		if err != nil {
			return nil, fmt.Errorf("register entries: %w", err)
		}
		for rows.Next() {
			var e entryRow
			if err := rows.Scan(&e.token, &e.family, &e.given, &e.Status, &e.APS, &e.Provisional, &e.Full, &e.Specialist, &e.GP, &e.Listed, &e.AsAt, &e.run); err != nil {
				rows.Close()
				return nil, fmt.Errorf("register entries: %w", err)
			}
			out[e.token] = e
		}
		if err := rows.Close(); err != nil {
			return nil, fmt.Errorf("register entries: %w", err)
		}
	}
	return out, nil
}

// putEntries stores rows, each in place of what was there.
func (s *Service) putEntries(ctx context.Context, tenant string, list []entryRow) error {
	for part := range slices.Chunk(list, entryChunk) {
		args := make([]any, 0, 13*len(part))
		for _, e := range part {
			args = append(args, tenant, e.token, e.family, e.given, e.Status, string(e.APS), e.Provisional, e.Full, e.Specialist, e.GP, e.Listed, e.AsAt, e.run)
		}
		_, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO registration_register_entry (tenant_id, `+entryColumns+`) VALUES `+database.Rows(1, 13, len(part))+`
			ON CONFLICT (tenant_id, token) DO UPDATE SET family = excluded.family, given = excluded.given, status = excluded.status, aps = excluded.aps,
			provisional_on = excluded.provisional_on, full_on = excluded.full_on, specialist_on = excluded.specialist_on, gp_on = excluded.gp_on,
			listed = excluded.listed, as_at = excluded.as_at, run_id = excluded.run_id`, args...)
		if err != nil {
			return fmt.Errorf("store register entries: %w", err)
		}
	}
	return nil
}

// touchEntries says that an import had the same of these numbers again.
func (s *Service) touchEntries(ctx context.Context, tenant, run string, asAt clock.Date, tokens []string) error {
	for part := range slices.Chunk(tokens, tokenChunk) {
		_, err := s.db.Q(ctx).Exec(ctx, `UPDATE registration_register_entry SET run_id = $1, as_at = $2 WHERE tenant_id = $3 AND token IN `+
			database.In(4, len(part)), append([]any{run, asAt, tenant}, database.Args(part)...)...)
		if err != nil {
			return fmt.Errorf("touch register entries: %w", err)
		}
	}
	return nil
}

// unlist marks every number a full extract no longer has, and counts them.
func (s *Service) unlist(ctx context.Context, tenant, run string, asAt clock.Date) (int64, error) {
	n, err := s.db.Q(ctx).Exec(ctx, `UPDATE registration_register_entry SET listed = false, as_at = $1 WHERE tenant_id = $2 AND listed = true AND run_id <> $3`, asAt, tenant, run)
	if err != nil {
		return 0, fmt.Errorf("numbers gone from the register: %w", err)
	}
	return n, nil
}

// holders gives the doctors to whom numbers belong, by token.
func (s *Service) holders(ctx context.Context, tenant string, tokens []string) (map[string]string, error) {
	out := map[string]string{}
	for part := range slices.Chunk(tokens, tokenChunk) {
		err := s.pairs(ctx, out, `SELECT token, doctor_id FROM registration_number WHERE tenant_id = $1 AND token IN `+database.In(2, len(part)),
			append([]any{tenant}, database.Args(part)...)...)
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// numbers gives one page of all numbers that belong to doctors, by token.
func (s *Service) numbers(ctx context.Context, tenant, after string, limit int) (map[string]string, error) {
	out := map[string]string{}
	return out, s.pairs(ctx, out, `SELECT token, doctor_id FROM registration_number WHERE tenant_id = $1 AND token > $2 ORDER BY token LIMIT $3`, tenant, after, limit)
}

func (s *Service) pairs(ctx context.Context, into map[string]string, query string, args ...any) error {
	rows, err := s.db.Q(ctx).Query(ctx, query, args...)
	if err != nil {
		return fmt.Errorf("numbers: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var token, doctor string
		if err := rows.Scan(&token, &doctor); err != nil {
			return fmt.Errorf("numbers: %w", err)
		}
		into[token] = doctor
	}
	return rows.Err()
}

// confirmedOf gives the confirmed outcomes of several doctors, without numbers.
func (s *Service) confirmedOf(ctx context.Context, tenant string, doctors []string) (map[string]Outcome, error) {
	out := map[string]Outcome{}
	for part := range slices.Chunk(doctors, tokenChunk) {
		rows, err := s.db.Q(ctx).Query(ctx, `SELECT id, doctor_id, version, number_token, kind, licence, aps, registered_on, first_by, first_read_on, second_by, second_read_on
			FROM registration_outcome WHERE tenant_id = $1 AND state = 'confirmed' AND doctor_id IN `+database.In(2, len(part)),
			append([]any{tenant}, database.Args(part)...)...)
		if err != nil {
			return nil, fmt.Errorf("confirmed registrations: %w", err)
		}
		for rows.Next() {
			o := Outcome{State: Confirmed}
			var licence, aps bool
			if err := rows.Scan(&o.ID, &o.Doctor, &o.Version, &o.token, &o.Kind, &licence, &aps, &o.Registered, &o.First, &o.ReadOn, &o.Second, &o.SecondReadOn); err != nil {
				rows.Close()
				return nil, fmt.Errorf("confirmed registrations: %w", err)
			}
			o.Licence, o.APS = answer(licence), answer(aps)
			out[o.Doctor] = o
		}
		if err := rows.Close(); err != nil {
			return nil, fmt.Errorf("confirmed registrations: %w", err)
		}
	}
	return out, nil
}

// RegisterFile is one extract that was taken in.
type RegisterFile struct {
	Name, Counts string
	AsAt         clock.Date
	Delta        bool
	At           clock.Instant
	hash         string
}

func (s *Service) addRegisterFile(ctx context.Context, tenant, account string, f RegisterFile) error {
	_, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO registration_register_file (tenant_id, id, name, hash, as_at, delta, taken_at, taken_by, counts)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`, tenant, database.NewID(), f.Name, f.hash, f.AsAt, f.Delta, f.At, account, f.Counts)
	if err != nil {
		return fmt.Errorf("register file: %w", err)
	}
	return nil
}

// newestFile gives the extract of the latest day; of full ones only when asked.
func (s *Service) newestFile(ctx context.Context, tenant string, full bool) (f RegisterFile, found bool, err error) {
	err = s.db.Q(ctx).QueryRow(ctx, `SELECT name, counts, as_at, delta, taken_at, hash FROM registration_register_file
		WHERE tenant_id = $1 AND ($2 = false OR delta = false) ORDER BY as_at DESC, id DESC LIMIT 1`, tenant, full).
		Scan(&f.Name, &f.Counts, &f.AsAt, &f.Delta, &f.At, &f.hash)
	if database.IsNoRows(err) {
		return f, false, nil
	}
	return f, err == nil, err
}
