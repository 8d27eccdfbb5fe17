package organisation

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"msw/internal/clock"
	"msw/internal/database"
)

type store struct{ db *database.DB }

const recordColumns = `code, kind, name, said_region, said_icb, address, postcode, opened, status, closed, commissioner, phone, setting, parent, ons,
	stamps, country, region, icb, closes`

func scanRecord(rows *sql.Rows) (r record, err error) {
	v := &r.values
	var status, closed, stamps string
	err = rows.Scan(&r.code, &v[vKind], &v[vName], &v[vRegion], &v[vICB], &v[vAddress], &v[vPostcode], &v[vOpened], &status, &closed,
		&v[vCommissioner], &v[vPhone], &v[vSetting], &v[vParent], &v[vONS], &stamps, &r.country, &r.region, &r.icb, &r.closes)
	v[vStatus] = strings.TrimSpace(status + " " + closed)
	r.stamps = decodeStamps(stamps, *v)
	return r, err
}

// lists cuts codes into lists for IN, of few lengths, so that a prepared
// statement serves many: the last is filled up by repeating a code.
func lists(codes []string) [][]string {
	var out [][]string
	for part := range slices.Chunk(codes, 100) {
		size := 1
		for size < len(part) {
			size *= 10
		}
		part = slices.Clone(part)
		for len(part) < size {
			part = append(part, part[0])
		}
		out = append(out, part)
	}
	return out
}

// byCode gives the records of the codes that there are.
func (s store) byCode(ctx context.Context, codes []string) (map[string]*record, error) {
	out := make(map[string]*record, len(codes))
	for _, list := range lists(codes) {
		found, err := database.Collect(ctx, s.db, scanRecord, `SELECT `+recordColumns+` FROM organisation_ods WHERE code IN `+database.In(1, len(list)), database.Args(list)...)
		if err != nil {
			return nil, err
		}
		for i := range found {
			out[found[i].code] = &found[i]
		}
	}
	return out, nil
}

// linkers gives the records that others are linked to.
func (s store) linkers(ctx context.Context) ([]record, error) {
	return database.Collect(ctx, s.db, scanRecord, `SELECT `+recordColumns+` FROM organisation_ods WHERE kind IN ($1,$2,$3,$4)`,
		string(ICB), string(SubICB), string(Other), string(NHSTrust))
}

func (s store) page(ctx context.Context, after string, limit int) ([]record, error) {
	return database.Collect(ctx, s.db, scanRecord, `SELECT `+recordColumns+` FROM organisation_ods WHERE code > $1 ORDER BY code LIMIT $2`, after, limit)
}

// chunks calls f with parts of list, whose lengths are few, so that multi-row
// statements have few texts. Each has at most about 200 placeholders: SQLite's
// driver takes time with the square of their number.
func chunks[T any](list []T, width int, f func([]T) error) error {
	for _, size := range []int{200 / width, max(1, 20/width), 1} {
		for len(list) >= size {
			if err := f(list[:size]); err != nil {
				return err
			}
			list = list[size:]
		}
	}
	return nil
}

// put writes records whole, new or not.
func (s store) put(ctx context.Context, records []*record) error {
	s.db.Again(ctx, nationalKey)
	return chunks(records, 22, func(part []*record) error {
		args := make([]any, 0, 22*len(part))
		for _, r := range part {
			v := r.values
			status, closed := r.status()
			args = append(args, r.code, v[vKind], v[vName], nameKey(v[vName]), v[vRegion], v[vICB], v[vAddress], v[vPostcode], v[vOpened], status, closed,
				v[vCommissioner], v[vPhone], v[vSetting], v[vParent], v[vONS], r.stamps.encode(v), r.listed(), r.country, r.region, r.icb, r.closes)
		}
		_, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO organisation_ods (code, kind, name, name_key, said_region, said_icb, address, postcode, opened, status, closed,
			commissioner, phone, setting, parent, ons, stamps, listed, country, region, icb, closes, version) VALUES `+versioned(22, len(part))+`
			ON CONFLICT (code) DO UPDATE SET kind=excluded.kind, name=excluded.name, name_key=excluded.name_key, said_region=excluded.said_region,
			said_icb=excluded.said_icb, address=excluded.address, postcode=excluded.postcode, opened=excluded.opened, status=excluded.status,
			closed=excluded.closed, commissioner=excluded.commissioner, phone=excluded.phone, setting=excluded.setting, parent=excluded.parent,
			ons=excluded.ons, stamps=excluded.stamps, listed=excluded.listed, country=excluded.country, region=excluded.region, icb=excluded.icb,
			closes=excluded.closes, version=organisation_ods.version+1`, args...)
		if err != nil {
			return fmt.Errorf("store %d organisations from %s: %w", len(part), part[0].code, err)
		}
		return nil
	})
}

// versioned is database.Rows with a first version after each group.
func versioned(width, count int) string {
	return strings.ReplaceAll(database.Rows(1, width, count), ")", ",1)")
}

type token struct{ word, code string }

func (s store) putTokens(ctx context.Context, gone []string, tokens []token) error {
	for _, list := range lists(gone) {
		if _, err := s.db.Q(ctx).Exec(ctx, `DELETE FROM organisation_ods_token WHERE code IN `+database.In(1, len(list)), database.Args(list)...); err != nil {
			return fmt.Errorf("search words: %w", err)
		}
	}
	return chunks(tokens, 2, func(part []token) error {
		args := make([]any, 0, 2*len(part))
		for _, t := range part {
			args = append(args, t.word, t.code)
		}
		_, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO organisation_ods_token (token, code) VALUES `+database.Rows(1, 2, len(part)), args...)
		if err != nil {
			return fmt.Errorf("search words: %w", err)
		}
		return nil
	})
}

// setDerived writes what was worked out for the codes that share it.
func (s store) setDerived(ctx context.Context, d derived, codes []string) error {
	s.db.Again(ctx, nationalKey)
	for _, list := range lists(codes) {
		_, err := s.db.Q(ctx).Exec(ctx, `UPDATE organisation_ods SET country=$1, region=$2, icb=$3, closes=$4, version=version+1 WHERE code IN `+
			database.In(5, len(list)), append([]any{d.country, d.region, d.icb, d.closes}, database.Args(list)...)...)
		if err != nil {
			return fmt.Errorf("link organisations: %w", err)
		}
	}
	return nil
}

// ImportedFile is one file taken in.
type ImportedFile struct {
	Name    string
	Content Content
	AsAt    clock.Date
	Delta   bool
	Counts  string
	At      clock.Instant
}

func (s store) addFile(ctx context.Context, f ImportedFile, hash, by string) error {
	_, err := s.db.Q(ctx).Exec(ctx, `/* every tenant */ INSERT INTO organisation_file (id, name, content, as_at, delta, hash, counts, taken_at, taken_by)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9)`, database.NewID(), f.Name, string(f.Content), f.AsAt, f.Delta, hash, f.Counts, f.At, by)
	return err
}

func (s store) files(ctx context.Context, limit int) ([]ImportedFile, error) {
	return database.Collect(ctx, s.db, func(r *sql.Rows) (f ImportedFile, err error) {
		err = r.Scan(&f.Name, &f.Content, &f.AsAt, &f.Delta, &f.Counts, &f.At)
		return f, err
	}, `/* every tenant */ SELECT name, content, as_at, delta, counts, taken_at FROM organisation_file ORDER BY id DESC LIMIT $1`, limit)
}
