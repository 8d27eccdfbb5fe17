package outcome

import (
	"context"
	"encoding/json"
	"maps"
	"slices"

	"msw/internal/access"
	"msw/internal/casefile"
	"msw/internal/clock"
	"msw/internal/database"
)

type store struct{ db *database.DB }

// event is one milestone that a figure rests on.
type event struct {
	kind casefile.Kind
	on   clock.Date
}

// person is somebody as the figures count them: once, by the record that goes
// on, with what every record of theirs holds.
type person struct {
	region string
	events []event
}

func (p person) history() History {
	slices.SortStableFunc(p.events, func(a, b event) int { return int(a.on - b.on) })
	h := History{Region: p.region}
	for _, e := range p.events {
		h.add(e.kind, e.on)
	}
	return h
}

const (
	ofOneself  = `FROM casefile_milestone m JOIN casefile_case c ON c.tenant_id = m.tenant_id AND c.doctor_id = m.doctor_id`
	ofTheOther = `FROM casefile_case l JOIN casefile_case c ON c.tenant_id = l.tenant_id AND c.doctor_id = l.same_as
		JOIN casefile_milestone m ON m.tenant_id = l.tenant_id AND m.doctor_id = l.doctor_id`
	counts = ` AND m.superseded_by = '' AND m.kind IN ('started', 'ended', 'registered', 'doctor_post', 'left', 'outcome_unknown')`
)

// eachHistory reads every started person of a tenant once, in order of doctor,
// keeping one person in memory at a time, and those of whom there are two
// records. This package alone with report may read across other folders' tables.
func (s store) eachHistory(ctx context.Context, scope access.Scope, fn func(History)) error {
	cond, args := database.Narrow(1, scope, database.Columns{Tenant: "c.tenant_id", Doctor: "c.doctor_id", Organisation: "c.organisation_id", Region: "c.region"})
	more := map[string]person{}
	add := func(id, region string, e event) {
		p := more[id]
		p.region, p.events = region, append(p.events, e)
		more[id] = p
	}
	if err := s.events(ctx, `SELECT c.doctor_id, c.region, m.kind, m.on_date `+ofTheOther+` WHERE `+cond+` AND l.same_as <> ''`+counts, args, add); err != nil {
		return err
	}
	var current string
	var now person
	tell := func() {
		if current == "" {
			return
		}
		now.events = append(now.events, more[current].events...)
		delete(more, current)
		fn(now.history())
	}
	err := s.events(ctx, `SELECT m.doctor_id, c.region, m.kind, m.on_date `+ofOneself+` WHERE `+cond+` AND c.same_as = ''`+counts+` ORDER BY m.doctor_id, m.on_date`, args,
		func(id, region string, e event) {
			if id != current {
				tell()
				current, now.region, now.events = id, region, now.events[:0]
			}
			now.events = append(now.events, e)
		})
	if err != nil {
		return err
	}
	tell()
	for _, id := range slices.Sorted(maps.Keys(more)) { // only the other record holds anything
		fn(more[id].history())
	}
	return nil
}

func (s store) events(ctx context.Context, query string, args []any, fn func(id, region string, e event)) error {
	rows, err := s.db.Q(ctx).Query(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id, region string
		var e event
		if err := rows.Scan(&id, &region, &e.kind, &e.on); err != nil {
			return err
		}
		fn(id, region, e)
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
