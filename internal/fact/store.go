package fact

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"msw/internal/access"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/problem"
	"msw/internal/rulebook"
)

// content is what a row holds sealed.
type content struct {
	Fields map[string]any `json:"fields"`
	Note   string         `json:"note,omitempty"`
	Sealed bool           `json:"note_sealed,omitempty"`
}

func place(tenant string, r Record) database.Place {
	return database.Place{Tenant: tenant, Person: r.Doctor, Table: "fact_record", Row: r.ID, Column: "sealed", Version: r.Version}
}

func (s *Service) seal(ctx context.Context, tenant string, r Record) ([]byte, error) {
	b, err := s.db.Vault().SealJSON(ctx, place(tenant, r), content{r.Fields, r.Note, r.NoteSealed})
	if err != nil {
		return nil, fmt.Errorf("seal fact %s: %w", r.ID, err)
	}
	return b, nil
}

var recordRows = database.Into{Table: "fact_record", Columns: `tenant_id, id, doctor_id, kind, on_date, until, recorded_at, recorded_by,
	state, checked_by, checked_at, source, sealed, version`}

func (s *Service) insert(ctx context.Context, tenant string, list []Record) error {
	for _, r := range list {
		seal, err := s.db.Vault().Sealer(ctx, place(tenant, r))
		if err != nil {
			return fmt.Errorf("seal fact %s: %w", r.ID, err)
		}
		err = s.db.Put(ctx, recordRows, func(args []any) ([]any, error) {
			plain, err := json.Marshal(content{r.Fields, r.Note, r.NoteSealed})
			return append(args, tenant, r.ID, r.Doctor, r.Kind, r.On, r.Until, r.RecordedAt, r.RecordedBy, r.State.String(),
				r.CheckedBy, r.CheckedAt, r.Source, seal(plain), r.Version), err
		})
		if err != nil {
			return fmt.Errorf("insert facts: %w", err)
		}
	}
	if len(list) > 0 {
		s.joinLive(ctx, tenant, list)
	}
	for _, r := range list {
		kind, _ := s.schema.Kind(r.Kind)
		r.Fields = typed(kind, r.Fields)
		database.Remember(ctx, s.db, newKey(tenant, r.ID), r)
	}
	return nil
}

// newKey names a record among what the transaction that made it remembers.
func newKey(tenant, id string) string { return "fact new " + tenant + " " + id }

// joinLive adds new records of one doctor to the live facts that this transaction remembers
// of somebody who is new in it: nobody else can have changed them, and before
// the first none is live. Anybody else's are read again.
func (s *Service) joinLive(ctx context.Context, tenant string, list []Record) {
	doctor := list[0].Doctor
	key, begun := liveKey(tenant, doctor), "fact begun "+tenant+" "+doctor
	live, known := database.Known[[]Record](ctx, s.db, key)
	_, before := database.Known[bool](ctx, s.db, begun)
	if !s.db.Vault().New(ctx, tenant, doctor) || before && !known {
		s.db.Again(ctx, key)
		return
	}
	database.Remember(ctx, s.db, begun, true)
	live = slices.Concat(live, list)
	for i := len(live) - len(list); i < len(live); i++ {
		kind, _ := s.schema.Kind(live[i].Kind)
		live[i].Fields = typed(kind, live[i].Fields)
	}
	slices.SortFunc(live, func(a, b Record) int { return cmp.Or(cmp.Compare(a.On, b.On), cmp.Compare(a.ID, b.ID)) })
	database.Remember(ctx, s.db, key, live)
}

// liveKey names the live facts of a doctor among what a transaction remembers:
// a use case that decides by them and the checks it calls read them once.
func liveKey(tenant, doctor string) string { return "fact live " + tenant + " " + doctor }

// save re-seals a record at its next version with its new state and note.
func (s *Service) save(ctx context.Context, tenant string, r Record) error {
	s.db.Again(ctx, liveKey(tenant, r.Doctor))
	s.db.Again(ctx, newKey(tenant, r.ID))
	before := r.Version
	r.Version++
	sealed, err := s.seal(ctx, tenant, r)
	if err != nil {
		return err
	}
	rows, err := s.db.Q(ctx).Exec(ctx, `UPDATE fact_record SET state = $1, checked_by = $2, checked_at = $3, sealed = $4, version = $5
		WHERE tenant_id = $6 AND id = $7 AND version = $8 AND superseded_by = ''`,
		r.State.String(), r.CheckedBy, r.CheckedAt, sealed, r.Version, tenant, r.ID, before)
	return oneRow(rows, err, "save", r.ID)
}

// replace marks a record as superseded; its sealed content stays as it was.
func (s *Service) replace(ctx context.Context, tenant string, r Record, by string) error {
	key := liveKey(tenant, r.Doctor)
	const change = `UPDATE fact_record SET superseded_by = $1 WHERE tenant_id = $2 AND id = $3 AND version = $4 AND superseded_by = ''`
	if _, made := database.Known[Record](ctx, s.db, newKey(tenant, r.ID)); made {
		s.db.Again(ctx, newKey(tenant, r.ID))
		if live, known := database.Known[[]Record](ctx, s.db, key); known {
			database.Remember(ctx, s.db, key, slices.DeleteFunc(slices.Clone(live), func(l Record) bool { return l.ID == r.ID }))
		}
		return s.db.Change(ctx, recordRows, change, by, tenant, r.ID, r.Version)
	}
	s.db.Again(ctx, key)
	rows, err := s.db.Q(ctx).Exec(ctx, change, by, tenant, r.ID, r.Version)
	return oneRow(rows, err, "supersede", r.ID)
}

func oneRow(rows int64, err error, what, id string) error {
	if err != nil {
		return fmt.Errorf("%s fact %s: %w", what, id, err)
	}
	if rows == 0 {
		return problem.Stale()
	}
	return nil
}

const columns = `SELECT id, doctor_id, kind, on_date, until, recorded_at, recorded_by, state, checked_by, checked_at, source, sealed, superseded_by, version
	FROM fact_record WHERE tenant_id = $1 AND `

func (s *Service) one(ctx context.Context, tenant, id string) (Record, error) {
	if r, made := database.Known[Record](ctx, s.db, newKey(tenant, id)); made {
		return r, nil
	}
	list, err := s.query(ctx, tenant, columns+`id = $2`, tenant, id)
	if err != nil {
		return Record{}, err
	}
	if len(list) == 0 {
		return Record{}, problem.Missing()
	}
	return list[0], nil
}

func (s *Service) query(ctx context.Context, tenant, text string, args ...any) ([]Record, error) {
	rows, err := s.db.Q(ctx).Query(ctx, text, args...)
	if err != nil {
		return nil, fmt.Errorf("load facts: %w", err)
	}
	var out []Record
	var sealed [][]byte
	for rows.Next() {
		r, b, err := scan(rows)
		if err != nil {
			rows.Close()
			return nil, fmt.Errorf("load facts: %w", err)
		}
		out, sealed = append(out, r), append(sealed, b)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return nil, fmt.Errorf("load facts: %w", err)
	}
	kept := out[:0]
	for i, r := range out {
		err := s.open(ctx, tenant, &r, sealed[i])
		if errors.Is(err, database.ErrNoKey) { // the person was erased
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("open fact %s: %w", r.ID, err)
		}
		kept = append(kept, r)
	}
	return kept, nil
}

func scan(rows *sql.Rows) (r Record, sealed []byte, err error) {
	var state string
	err = rows.Scan(&r.ID, &r.Doctor, &r.Kind, &r.On, &r.Until, &r.RecordedAt, &r.RecordedBy, &state, &r.CheckedBy, &r.CheckedAt,
		&r.Source, &sealed, &r.SupersededBy, &r.Version)
	if err == nil {
		r.State, err = rulebook.ParseState(state)
	}
	return r, sealed, err
}

func (s *Service) open(ctx context.Context, tenant string, r *Record, sealed []byte) error {
	plain, err := s.db.Vault().Open(ctx, place(tenant, *r), sealed)
	if err != nil {
		return err
	}
	var c content
	d := json.NewDecoder(bytes.NewReader(plain))
	d.UseNumber()
	if err := d.Decode(&c); err != nil {
		return err
	}
	kind, _ := s.schema.Kind(r.Kind)
	r.Fields, r.Note, r.NoteSealed = typed(kind, c.Fields), c.Note, c.Sealed
	return nil
}

// typed gives fields read from JSON the types the schema says.
func typed(kind rulebook.Kind, fields map[string]any) map[string]any {
	out := make(map[string]any, len(fields))
	for name, value := range fields {
		switch v := value.(type) {
		case json.Number:
			n, _ := v.Int64()
			out[name] = n
		case []any:
			list := make([]string, 0, len(v))
			for _, item := range v {
				if text, ok := item.(string); ok {
					list = append(list, text)
				}
			}
			out[name] = list
		case string:
			out[name] = v
			if f, ok := kind.Field(name); ok && f.Type == rulebook.TypeDate {
				d, _ := clock.ParseDate(v)
				out[name] = d
			}
		default:
			out[name] = v
		}
	}
	return out
}

// sections gives which sections of the application the doctor said are
// finished, and which kinds of fact there are, without opening any.
func (s *Service) sections(ctx context.Context, tenant, doctor string) (finished, kinds map[string]bool, err error) {
	finished, kinds = map[string]bool{}, map[string]bool{}
	err = s.texts(ctx, finished, `SELECT section FROM fact_section WHERE tenant_id = $1 AND doctor_id = $2 AND finished_at <> ''`, tenant, doctor)
	if err == nil {
		err = s.texts(ctx, kinds, `SELECT DISTINCT kind FROM fact_record WHERE tenant_id = $1 AND doctor_id = $2 AND superseded_by = ''`, tenant, doctor)
	}
	return finished, kinds, err
}

func (s *Service) texts(ctx context.Context, into map[string]bool, query string, args ...any) error {
	rows, err := s.db.Q(ctx).Query(ctx, query, args...)
	if err != nil {
		return fmt.Errorf("sections: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return fmt.Errorf("sections: %w", err)
		}
		into[text] = true
	}
	return rows.Err()
}

func (s *Service) finish(ctx context.Context, call access.Call, doctor, section string, finished bool) error {
	var at clock.Instant
	if finished {
		at = call.Now
	}
	_, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO fact_section (tenant_id, doctor_id, section, finished_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (tenant_id, doctor_id, section) DO UPDATE SET finished_at = excluded.finished_at`, call.Actor.Tenant, doctor, section, at)
	return err
}
