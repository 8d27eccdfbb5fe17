package document

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/problem"
)

const pageColumns = `id, version, document_id, doctor_id, number, format, scan, found, cut, bytes, width, height, blob, hash, added_at, scanned_at, withdrawn_on, sealed`

func cmpText(a, b string) int { return cmp.Compare(a, b) }

func (s *Service) pagePlace(tenant string, p Page) database.Place {
	return database.Place{Tenant: tenant, Person: p.Doctor, Table: "document_page", Row: p.ID, Column: "sealed"}
}

func (s *Service) insertPage(ctx context.Context, tenant string, p Page) error {
	sealed, err := s.db.Vault().SealJSON(ctx, s.pagePlace(tenant, p), p.PageWords)
	if err != nil {
		return err
	}
	_, err = s.db.Q(ctx).Exec(ctx, `INSERT INTO document_page (tenant_id, `+pageColumns+`) VALUES `+database.Rows(1, 19, 1),
		tenant, p.ID, p.Version, p.Document, p.Doctor, p.Number, string(p.Format), string(p.Scan), p.Found, strings.Join(p.Cut, " "), p.Bytes, p.Width, p.Height,
		p.blob, p.hash, p.AddedAt, p.ScannedAt, p.WithdrawnOn, sealed)
	if err != nil {
		return fmt.Errorf("insert page %s: %w", p.ID, err)
	}
	return nil
}

// updatePage stores what moves in a page of a known version.
func (s *Service) updatePage(ctx context.Context, tenant string, p Page) error {
	sealed, err := s.db.Vault().SealJSON(ctx, s.pagePlace(tenant, p), p.PageWords)
	if err != nil {
		return err
	}
	n, err := s.db.Q(ctx).Exec(ctx, `UPDATE document_page SET number = $1, scan = $2, found = $3, scanned_at = $4, withdrawn_on = $5, sealed = $6, version = version + 1
		WHERE tenant_id = $7 AND id = $8 AND version = $9`, p.Number, string(p.Scan), p.Found, p.ScannedAt, p.WithdrawnOn, sealed, tenant, p.ID, p.Version)
	if err != nil {
		return fmt.Errorf("update page %s: %w", p.ID, err)
	}
	if n == 0 {
		return problem.Stale()
	}
	return nil
}

// pagesOf gives the pages of a document that were not taken out, in order.
func (s *Service) pagesOf(ctx context.Context, tenant, document string) ([]Page, error) {
	return s.queryPages(ctx, tenant, `SELECT `+pageColumns+` FROM document_page WHERE tenant_id = $1 AND document_id = $2 AND withdrawn_on = '' ORDER BY number, id`, tenant, document)
}

// pagesOfDoctor gives every page of a doctor's documents by document.
func (s *Service) pagesOfDoctor(ctx context.Context, tenant, doctor string) (map[string][]Page, error) {
	list, err := s.queryPages(ctx, tenant, `SELECT `+pageColumns+` FROM document_page WHERE tenant_id = $1 AND doctor_id = $2 AND withdrawn_on = '' ORDER BY document_id, number, id`, tenant, doctor)
	out := map[string][]Page{}
	for _, p := range list {
		out[p.Document] = append(out[p.Document], p)
	}
	return out, err
}

func (s *Service) page(ctx context.Context, tenant, id string) (Page, error) {
	list, err := s.queryPages(ctx, tenant, `SELECT `+pageColumns+` FROM document_page WHERE tenant_id = $1 AND id = $2`, tenant, id)
	if err == nil && len(list) == 0 {
		err = problem.Missing()
	}
	if err != nil {
		return Page{}, err
	}
	return list[0], nil
}

// unscanned gives pages whose turn came when there was no scanner.
func (s *Service) unscanned(ctx context.Context, tenant, after string, most int) ([]Page, error) {
	return s.queryPages(ctx, tenant, `SELECT `+pageColumns+` FROM document_page WHERE tenant_id = $1 AND scan = 'none' AND id > $2 ORDER BY id LIMIT $3`, tenant, after, most)
}

func (s *Service) queryPages(ctx context.Context, tenant, text string, args ...any) ([]Page, error) {
	rows, err := s.db.Q(ctx).Query(ctx, text, args...)
	if err != nil {
		return nil, fmt.Errorf("read pages: %w", err)
	}
	defer rows.Close()
	var list []Page
	var sealed [][]byte
	for rows.Next() {
		var p Page
		var cut string
		var words []byte
		if err := rows.Scan(&p.ID, &p.Version, &p.Document, &p.Doctor, &p.Number, &p.Format, &p.Scan, &p.Found, &cut, &p.Bytes, &p.Width, &p.Height,
			&p.blob, &p.hash, &p.AddedAt, &p.ScannedAt, &p.WithdrawnOn, &words); err != nil {
			return nil, fmt.Errorf("read pages: %w", err)
		}
		p.Cut = strings.Fields(cut)
		list, sealed = append(list, p), append(sealed, words)
	}
	if err := rows.Close(); err != nil {
		return nil, fmt.Errorf("read pages: %w", err)
	}
	for i := range list {
		if err := s.db.Vault().OpenJSON(ctx, s.pagePlace(tenant, list[i]), sealed[i], &list[i].PageWords); err != nil {
			return nil, err
		}
	}
	return list, rows.Err()
}

// upload is a page that is being sent in parts.
type upload struct {
	ID, Document, Doctor, By string
	Done                     bool
	Bytes                    int64 // -1 while nobody knows
	BegunAt                  clock.Instant
	Page                     string
	PageWords
}

// part is one finished part of an upload.
type part struct {
	Number int
	Bytes  int64
	blob   string
}

const uploadColumns = `id, document_id, doctor_id, by_account, state, bytes, begun_at, page_id, sealed`

func (s *Service) uploadPlace(tenant string, u upload) database.Place {
	return database.Place{Tenant: tenant, Person: u.Doctor, Table: "document_upload", Row: u.ID, Column: "sealed"}
}

func (s *Service) insertUpload(ctx context.Context, tenant string, u upload) error {
	sealed, err := s.db.Vault().SealJSON(ctx, s.uploadPlace(tenant, u), u.PageWords)
	if err != nil {
		return err
	}
	_, err = s.db.Q(ctx).Exec(ctx, `INSERT INTO document_upload (tenant_id, `+uploadColumns+`) VALUES `+database.Rows(1, 10, 1),
		tenant, u.ID, u.Document, u.Doctor, u.By, "open", u.Bytes, u.BegunAt, u.Page, sealed)
	if err != nil {
		return fmt.Errorf("begin an upload: %w", err)
	}
	return nil
}

func (s *Service) upload(ctx context.Context, tenant, id string) (u upload, err error) {
	var state string
	var sealed []byte
	err = s.db.Q(ctx).QueryRow(ctx, `SELECT `+uploadColumns+` FROM document_upload WHERE tenant_id = $1 AND id = $2`, tenant, id).
		Scan(&u.ID, &u.Document, &u.Doctor, &u.By, &state, &u.Bytes, &u.BegunAt, &u.Page, &sealed)
	if database.IsNoRows(err) {
		return u, problem.Missing()
	}
	if err != nil {
		return u, fmt.Errorf("read an upload: %w", err)
	}
	u.Done = state == "done"
	return u, s.db.Vault().OpenJSON(ctx, s.uploadPlace(tenant, u), sealed, &u.PageWords)
}

// finishUpload marks an upload as become a page; false when it was so before.
func (s *Service) finishUpload(ctx context.Context, tenant, id, page string) (bool, error) {
	n, err := s.db.Q(ctx).Exec(ctx, `UPDATE document_upload SET state = 'done', page_id = $1 WHERE tenant_id = $2 AND id = $3 AND state = 'open'`, page, tenant, id)
	if err != nil {
		return false, fmt.Errorf("finish an upload: %w", err)
	}
	return n == 1, nil
}

func (s *Service) insertPart(ctx context.Context, tenant, upload string, p part) (bool, error) {
	n, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO document_part (tenant_id, upload_id, number, bytes, blob) VALUES ($1,$2,$3,$4,$5) ON CONFLICT DO NOTHING`,
		tenant, upload, p.Number, p.Bytes, p.blob)
	if err != nil {
		return false, fmt.Errorf("keep a part: %w", err)
	}
	return n == 1, nil
}

func (s *Service) parts(ctx context.Context, tenant, upload string) ([]part, error) {
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT number, bytes, blob FROM document_part WHERE tenant_id = $1 AND upload_id = $2 ORDER BY number`, tenant, upload)
	if err != nil {
		return nil, fmt.Errorf("read parts: %w", err)
	}
	defer rows.Close()
	var list []part
	for rows.Next() {
		var p part
		if err := rows.Scan(&p.Number, &p.Bytes, &p.blob); err != nil {
			return nil, fmt.Errorf("read parts: %w", err)
		}
		list = append(list, p)
	}
	return list, rows.Err()
}

func (s *Service) deleteParts(ctx context.Context, tenant, upload string) error {
	_, err := s.db.Q(ctx).Exec(ctx, `DELETE FROM document_part WHERE tenant_id = $1 AND upload_id = $2`, tenant, upload)
	if err != nil {
		return fmt.Errorf("forget parts: %w", err)
	}
	return nil
}

// oldUploads gives uploads begun before an instant, done or not.
func (s *Service) oldUploads(ctx context.Context, tenant string, before clock.Instant, most int) (ids []string, err error) {
	return s.texts(ctx, `SELECT id FROM document_upload WHERE tenant_id = $1 AND begun_at < $2 ORDER BY begun_at LIMIT $3`, tenant, before, most)
}

func (s *Service) deleteUpload(ctx context.Context, tenant, id string) error {
	if err := s.deleteParts(ctx, tenant, id); err != nil {
		return err
	}
	_, err := s.db.Q(ctx).Exec(ctx, `DELETE FROM document_upload WHERE tenant_id = $1 AND id = $2`, tenant, id)
	if err != nil {
		return fmt.Errorf("forget an upload: %w", err)
	}
	return nil
}

// noteBlob writes a name down before anything is stored under it.
func (s *Service) noteBlob(ctx context.Context, tenant, name, doctor string, at clock.Instant) error {
	_, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO document_blob (tenant_id, name, doctor_id, state, since) VALUES ($1,$2,$3,'writing',$4)`, tenant, name, doctor, at)
	if err != nil {
		return fmt.Errorf("note a blob: %w", err)
	}
	return nil
}

// markBlobs says of names that they are kept, or that they are going.
func (s *Service) markBlobs(ctx context.Context, tenant, state string, at clock.Instant, names ...string) error {
	if len(names) == 0 {
		return nil
	}
	_, err := s.db.Q(ctx).Exec(ctx, `UPDATE document_blob SET state = $1, since = $2 WHERE tenant_id = $3 AND name IN `+database.In(4, len(names)),
		append([]any{state, at, tenant}, database.Args(names)...)...)
	if err != nil {
		return fmt.Errorf("mark blobs: %w", err)
	}
	return nil
}

// looseBlobs gives names in a state since before an instant.
func (s *Service) looseBlobs(ctx context.Context, tenant, state string, before clock.Instant, most int) ([]string, error) {
	return s.texts(ctx, `SELECT name FROM document_blob WHERE tenant_id = $1 AND state = $2 AND since <= $3 ORDER BY since LIMIT $4`, tenant, state, before, most)
}

func (s *Service) forgetBlob(ctx context.Context, tenant, name string) error {
	_, err := s.db.Q(ctx).Exec(ctx, `DELETE FROM document_blob WHERE tenant_id = $1 AND name = $2 AND state <> 'kept'`, tenant, name)
	if err != nil {
		return fmt.Errorf("forget a blob: %w", err)
	}
	return nil
}

func (s *Service) texts(ctx context.Context, query string, args ...any) ([]string, error) {
	rows, err := s.db.Q(ctx).Query(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read names: %w", err)
	}
	defer rows.Close()
	var list []string
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, fmt.Errorf("read names: %w", err)
		}
		list = append(list, text)
	}
	return list, rows.Err()
}
