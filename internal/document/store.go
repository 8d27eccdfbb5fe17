package document

import (
	"context"
	"fmt"
	"sort"

	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/problem"
)

const columns = `id, version, doctor_id, kind, state, pages, added_on, added_at, by_account, replaces, replaced_by, translation_of, withdrawn_on, sealed`

func (s *Service) place(tenant string, d Document) database.Place {
	return database.Place{Tenant: tenant, Person: d.Doctor, Table: "document_document", Row: d.ID, Column: "sealed"}
}

func (s *Service) insert(ctx context.Context, tenant string, d Document) error {
	sealed, err := s.db.Vault().SealJSON(ctx, s.place(tenant, d), d.Words)
	if err != nil {
		return err
	}
	_, err = s.db.Q(ctx).Exec(ctx, `INSERT INTO document_document (tenant_id, `+columns+`) VALUES `+database.Rows(1, 15, 1),
		tenant, d.ID, d.Version, d.Doctor, d.Kind, string(d.State), d.Pages, d.AddedOn, d.AddedAt, d.By, d.Replaces, d.ReplacedBy, d.TranslationOf, d.WithdrawnOn, sealed)
	if err != nil {
		return fmt.Errorf("insert document %s: %w", d.ID, err)
	}
	return nil
}

// update stores what moves in a document of a known version.
func (s *Service) update(ctx context.Context, tenant string, d Document) error {
	sealed, err := s.db.Vault().SealJSON(ctx, s.place(tenant, d), d.Words)
	if err != nil {
		return err
	}
	n, err := s.db.Q(ctx).Exec(ctx, `UPDATE document_document SET kind = $1, state = $2, pages = $3, replaced_by = $4, translation_of = $5, withdrawn_on = $6, sealed = $7,
		version = version + 1 WHERE tenant_id = $8 AND id = $9 AND version = $10`,
		d.Kind, string(d.State), d.Pages, d.ReplacedBy, d.TranslationOf, d.WithdrawnOn, sealed, tenant, d.ID, d.Version)
	if err != nil {
		return fmt.Errorf("update document %s: %w", d.ID, err)
	}
	if n == 0 {
		return problem.Stale()
	}
	return nil
}

func (s *Service) load(ctx context.Context, tenant, id string) (Document, error) {
	list, err := s.query(ctx, tenant, `SELECT `+columns+` FROM document_document WHERE tenant_id = $1 AND id = $2`, tenant, id)
	if err == nil && len(list) == 0 {
		err = problem.Missing()
	}
	if err != nil {
		return Document{}, err
	}
	return list[0], nil
}

func (s *Service) ofDoctor(ctx context.Context, tenant, doctor string) ([]Document, error) {
	return s.query(ctx, tenant, `SELECT `+columns+` FROM document_document WHERE tenant_id = $1 AND doctor_id = $2 ORDER BY added_at, id`, tenant, doctor)
}

func (s *Service) query(ctx context.Context, tenant, text string, args ...any) ([]Document, error) {
	rows, err := s.db.Q(ctx).Query(ctx, text, args...)
	if err != nil {
		return nil, fmt.Errorf("read documents: %w", err)
	}
	defer rows.Close()
	var list []Document
	var sealed [][]byte
	for rows.Next() {
		var d Document
		var words []byte
		if err := rows.Scan(&d.ID, &d.Version, &d.Doctor, &d.Kind, &d.State, &d.Pages, &d.AddedOn, &d.AddedAt, &d.By, &d.Replaces, &d.ReplacedBy, &d.TranslationOf, &d.WithdrawnOn, &words); err != nil {
			return nil, fmt.Errorf("read documents: %w", err)
		}
		list, sealed = append(list, d), append(sealed, words)
	}
	if err := rows.Close(); err != nil {
		return nil, fmt.Errorf("read documents: %w", err)
	}
	for i := range list {
		if err := s.db.Vault().OpenJSON(ctx, s.place(tenant, list[i]), sealed[i], &list[i].Words); err != nil {
			return nil, err
		}
	}
	return list, rows.Err()
}

// exists tells whether a document of a doctor stands.
func (s *Service) exists(ctx context.Context, tenant, doctor, id string) (bool, error) {
	var found bool
	err := s.db.Q(ctx).QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM document_document WHERE tenant_id = $1 AND id = $2 AND doctor_id = $3 AND state NOT IN ('withdrawn', 'replaced'))`,
		tenant, id, doctor).Scan(&found)
	if err != nil {
		return false, fmt.Errorf("look for a document: %w", err)
	}
	return found, nil
}

func (s *Service) howMany(ctx context.Context, tenant, doctor string) (n int, err error) {
	err = s.db.Q(ctx).QueryRow(ctx, `SELECT COUNT(*) FROM document_document WHERE tenant_id = $1 AND doctor_id = $2 AND state NOT IN ('withdrawn', 'replaced')`, tenant, doctor).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count documents of a doctor: %w", err)
	}
	return n, nil
}

// Pair is the same file, byte for byte, under two people.
type Pair struct {
	ID                                    string // the key of the list
	Doctor, Page, Document                string // who brought it second
	OtherDoctor, OtherPage, OtherDocument string // who brought it first
	FoundAt                               clock.Instant
}

const sameColumns = `id, doctor_id, page_id, document_id, other_doctor_id, other_page_id, other_document_id, found_at`

// noteSame writes down every other person under whom this very file lies.
func (s *Service) noteSame(ctx context.Context, tenant string, p Page) error {
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT id, document_id, doctor_id FROM document_page WHERE tenant_id = $1 AND hash = $2 AND doctor_id <> $3 ORDER BY id LIMIT 20`, tenant, p.hash, p.Doctor)
	if err != nil {
		return fmt.Errorf("look for the same file: %w", err)
	}
	defer rows.Close()
	var found []Pair
	for rows.Next() {
		pair := Pair{ID: database.NewID(), Doctor: p.Doctor, Page: p.ID, Document: p.Document, FoundAt: p.AddedAt}
		if err := rows.Scan(&pair.OtherPage, &pair.OtherDocument, &pair.OtherDoctor); err != nil {
			return fmt.Errorf("look for the same file: %w", err)
		}
		found = append(found, pair)
	}
	if err := rows.Close(); err != nil {
		return fmt.Errorf("look for the same file: %w", err)
	}
	for _, pair := range found {
		_, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO document_same (tenant_id, `+sameColumns+`) VALUES `+database.Rows(1, 9, 1)+` ON CONFLICT DO NOTHING`,
			tenant, pair.ID, pair.Doctor, pair.Page, pair.Document, pair.OtherDoctor, pair.OtherPage, pair.OtherDocument, pair.FoundAt)
		if err != nil {
			return fmt.Errorf("note the same file: %w", err)
		}
	}
	return nil
}

// same lists pairs, the newest first, after a key; of one doctor, or of all.
func (s *Service) same(ctx context.Context, tenant, doctor, after string, most int) ([]Pair, error) {
	if after == "" {
		after = "ffffffff" // after every id
	}
	queries := [][]any{{`SELECT ` + sameColumns + ` FROM document_same WHERE tenant_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3`, tenant, after, most}}
	if doctor != "" {
		queries = [][]any{
			{`SELECT ` + sameColumns + ` FROM document_same WHERE tenant_id = $1 AND id < $2 AND doctor_id = $3 ORDER BY id DESC LIMIT $4`, tenant, after, doctor, most},
			{`SELECT ` + sameColumns + ` FROM document_same WHERE tenant_id = $1 AND id < $2 AND other_doctor_id = $3 ORDER BY id DESC LIMIT $4`, tenant, after, doctor, most},
		}
	}
	var list []Pair
	for _, q := range queries {
		rows, err := s.db.Q(ctx).Query(ctx, q[0].(string), q[1:]...)
		if err != nil {
			return nil, fmt.Errorf("read the same files: %w", err)
		}
		for rows.Next() {
			var p Pair
			if err := rows.Scan(&p.ID, &p.Doctor, &p.Page, &p.Document, &p.OtherDoctor, &p.OtherPage, &p.OtherDocument, &p.FoundAt); err != nil {
				rows.Close()
				return nil, fmt.Errorf("read the same files: %w", err)
			}
			list = append(list, p)
		}
		if err := rows.Close(); err != nil {
			return nil, fmt.Errorf("read the same files: %w", err)
		}
	}
	sort.Slice(list, func(i, j int) bool {
		a, b := list[i], list[j]
		return -cmpText(a.ID, b.ID) < 0
	})
	return list[:min(len(list), most)], nil
}
