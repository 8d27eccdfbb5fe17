package organisation

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/problem"
)

const nationalColumns = `o.code, o.kind, o.name, o.address, o.postcode, o.said_region, o.region, o.icb, coalesce(b.name, ''), o.country, o.parent,
	o.commissioner, o.phone, o.opened, o.closes, o.status, o.stamps, o.version`

const nationalFrom = ` FROM organisation_ods o LEFT JOIN organisation_ods b ON b.code = o.icb `

func nationalFields(h *hit, stamps *string) []any {
	o := &h.Organisation
	return []any{&o.ID, &o.Kind, &o.Name, &o.Address, &o.Postcode, &o.StatedRegionCode, &o.Region, &o.ICB, &o.ICBName, &o.Country, &o.Parent,
		&o.Commissioner, &o.Phone, &o.Opened, &o.Closed, &o.Status, stamps, &o.Version}
}

func (h *hit) settle(stamps string) error {
	h.Name, h.ICBName = displayName(h.Name), displayName(h.ICBName)
	lines := strings.Split(h.Address, "\n")
	for i := range lines {
		lines[i] = displayName(lines[i])
	}
	h.Address = strings.Join(lines, "\n")
	h.Outcode, h.National = Outcode(h.Postcode), true
	newest, _, _ := strings.Cut(stamps, " ")
	d, err := clock.ParseDate(strings.TrimSuffix(newest, "+"))
	h.AsAt = d
	return err
}

func scanNational(r *sql.Rows) (Organisation, error) {
	var h hit
	var stamps string
	if err := r.Scan(nationalFields(&h, &stamps)...); err != nil {
		return Organisation{}, err
	}
	return h.Organisation, h.settle(stamps)
}

func scanHit(r *sql.Rows) (h hit, err error) {
	var stamps string
	if err := r.Scan(append(nationalFields(&h, &stamps), &h.key)...); err != nil {
		return h, err
	}
	return h, h.settle(stamps)
}

// nationalKey begins the keys under which a transaction remembers organisations:
// many use cases ask for the same few, and only an import changes them.
const nationalKey = "organisation national "

// national gives the listed organisations of the codes.
func (s store) national(ctx context.Context, codes []string) ([]Organisation, error) {
	if len(codes) == 0 {
		return nil, nil
	}
	var out []Organisation
	for _, list := range lists(slices.Compact(slices.Sorted(slices.Values(codes)))) {
		found, err := database.Once(ctx, s.db, nationalKey+strings.Join(list, "+"), func() ([]Organisation, error) {
			return database.Collect(ctx, s.db, scanNational, `SELECT `+nationalColumns+nationalFrom+`WHERE o.listed = true AND o.code IN `+database.In(1, len(list)), database.Args(list)...)
		})
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}

// sqlText gathers conditions with their arguments in order.
type sqlText struct {
	b    strings.Builder
	args []any
}

func (t *sqlText) add(text string, args ...any) {
	for _, part := range strings.SplitAfter(text, "?") {
		if p, ok := strings.CutSuffix(part, "?"); ok {
			t.b.WriteString(p)
			t.args = append(t.args, args[0])
			args = args[1:]
			t.b.WriteString("$" + strconv.Itoa(len(t.args)))
			continue
		}
		t.b.WriteString(part)
	}
}

func (t *sqlText) in(text string, list []string) {
	t.b.WriteString(text + database.In(len(t.args)+1, len(list)))
	t.args = append(t.args, database.Args(list)...)
}

// searchNational drives by the longest word, in the order of the word that
// matched; without words, by name. An organisation with two words that match
// the driving one appears once, at the lesser.
func (s store) searchNational(ctx context.Context, q Query, words []string, after []string, today clock.Date, limit int) ([]hit, error) {
	var t sqlText
	key, id := "o.name_key", "o.code"
	if len(words) > 0 {
		key, id = "t.token", "t.code"
		long := longest(words)
		t.add(`SELECT `+nationalColumns+`, t.token FROM organisation_ods_token t JOIN organisation_ods o ON o.code = t.code
			LEFT JOIN organisation_ods b ON b.code = o.icb WHERE t.token >= ? AND t.token < ? AND o.listed = true`, long, upTo(long))
		t.add(` AND NOT EXISTS (SELECT 1 FROM organisation_ods_token d WHERE d.code = t.code AND d.token >= ? AND d.token < t.token)`, long)
		for _, w := range words {
			if w == long {
				continue
			}
			t.add(` AND (EXISTS (SELECT 1 FROM organisation_ods_token d WHERE d.code = t.code AND d.token >= ? AND d.token < ?)`, w, upTo(w))
			if regions := regionsWith(w); len(regions) > 0 {
				t.in(` OR o.region IN `, regions)
			}
			t.add(`)`)
		}
	} else {
		t.add(`SELECT ` + nationalColumns + `, o.name_key` + nationalFrom + `WHERE o.listed = true`)
	}
	narrow(&t, q, len(words) > 0, "o.", today)
	if q.Hostable {
		t.add(` AND o.country = ?`, England)
	}
	if len(after) == 2 && after[1] != "" {
		t.add(` AND (`+key+`, `+id+`) > (?, ?)`, after[0], after[1])
	}
	t.add(` ORDER BY `+key+`, `+id+` LIMIT ?`, limit)
	return database.Collect(ctx, s.db, scanHit, t.b.String(), t.args...)
}

// narrow adds what national and hand-made organisations have in common.
func narrow(t *sqlText, q Query, words bool, table string, today clock.Date) {
	if len(q.Kinds) > 0 {
		kinds := make([]string, len(q.Kinds))
		for i, k := range q.Kinds {
			kinds[i] = string(k)
		}
		// Joined to nothing, the column serves as a filter only: an index on kind
		// would give the rows in the wrong order and all of them be sorted.
		column := table + "kind || ''"
		if len(kinds) == 1 && !words {
			column = table + "kind"
		}
		t.in(` AND `+column+` IN `, kinds)
	}
	if q.Region != "" {
		t.add(` AND `+table+`region = ?`, q.Region)
	}
	if !q.Open && !q.Hostable {
		return
	}
	closed := table + "closes"
	if table == "l." {
		closed = table + "closed"
	} else {
		t.add(` AND o.status IN ('A', '')`)
	}
	t.add(` AND (`+closed+` = '' OR `+closed+` > ?) AND `+table+`opened <= ?`, today, today)
}

func longest(words []string) string {
	best := words[0]
	for _, w := range words[1:] {
		if len(w) > len(best) {
			best = w
		}
	}
	return best
}

const localColumns = `l.id, l.kind, l.name, l.address, l.postcode, l.region, l.icb, coalesce(b.name, ''), l.website, l.about, l.opened, l.closed, l.version`

const localFrom = ` FROM organisation_local l LEFT JOIN organisation_ods b ON b.code = l.icb `

func scanLocal(r *sql.Rows) (h hit, err error) {
	o := &h.Organisation
	err = r.Scan(&o.ID, &o.Kind, &o.Name, &o.Address, &o.Postcode, &o.Region, &o.ICB, &o.ICBName, &o.Website, &o.About, &o.Opened, &o.Closed, &o.Version, &h.key)
	o.Outcode, o.Country, o.ICBName = Outcode(o.Postcode), England, displayName(o.ICBName)
	return h, err
}

func (s store) local(ctx context.Context, tenant string, ids []string) ([]Organisation, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	found, err := database.Collect(ctx, s.db, scanLocal, `SELECT `+localColumns+`, l.name_key`+localFrom+`WHERE l.tenant_id = $1 AND l.id IN `+database.In(2, len(ids)),
		append([]any{tenant}, database.Args(ids)...)...)
	return rows(found), err
}

func (s store) searchLocal(ctx context.Context, tenant string, q Query, words []string, after []string, today clock.Date, limit int) ([]hit, error) {
	var t sqlText
	t.add(`SELECT `+localColumns+`, l.name_key`+localFrom+`WHERE l.tenant_id = ?`, tenant)
	for _, w := range words {
		t.add(` AND (EXISTS (SELECT 1 FROM organisation_local_token d WHERE d.tenant_id = l.tenant_id AND d.id = l.id AND d.token >= ? AND d.token < ?)`, w, upTo(w))
		if regions := regionsWith(w); len(regions) > 0 {
			t.in(` OR l.region IN `, regions)
		}
		t.add(`)`)
	}
	narrow(&t, q, len(words) > 0, "l.", today)
	if len(after) == 2 && after[1] != "" {
		t.add(` AND (l.name_key, l.id) > (?, ?)`, after[0], after[1])
	}
	t.add(` ORDER BY l.name_key, l.id LIMIT ?`, limit)
	return database.Collect(ctx, s.db, scanLocal, t.b.String(), t.args...)
}

func (s store) addLocal(ctx context.Context, tenant string, o Organisation, by string) error {
	q := s.db.Q(ctx)
	_, err := q.Exec(ctx, `INSERT INTO organisation_local (tenant_id, id, kind, name, name_key, address, postcode, region, icb, website, about, opened, closed, made_by, version)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,'',$13,1)`,
		tenant, o.ID, string(o.Kind), o.Name, nameKey(o.Name), o.Address, o.Postcode, o.Region, o.ICB, o.Website, o.About, o.Opened, by)
	if err != nil {
		return fmt.Errorf("add organisation %s: %w", o.ID, err)
	}
	var args []any
	tokens := searchTokens(o.Name, "", o.Postcode)
	for _, w := range tokens {
		args = append(args, tenant, w, o.ID)
	}
	if len(tokens) == 0 {
		return nil
	}
	_, err = q.Exec(ctx, `INSERT INTO organisation_local_token (tenant_id, token, id) VALUES `+database.Rows(1, 3, len(tokens)), args...)
	return err
}

func (s store) closeLocal(ctx context.Context, tenant, id string, on clock.Date, version int64) error {
	n, err := s.db.Q(ctx).Exec(ctx, `UPDATE organisation_local SET closed=$1, version=version+1 WHERE tenant_id=$2 AND id=$3 AND version=$4`, on, tenant, id, version)
	if err == nil && n == 0 {
		err = problem.Stale()
	}
	return err
}
