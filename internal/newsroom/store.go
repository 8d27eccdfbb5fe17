package newsroom

import (
	"context"
	"database/sql"
	"fmt"

	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/problem"
)

type store struct{ db *database.DB }

// textPlace is where a piece's words are sealed: under a key of its own, so
// that destroying the key destroys them in every copy.
func textPlace(p Piece) database.Place {
	return database.Place{Tenant: p.Tenant, Person: p.ID, Table: "newsroom_piece", Row: p.ID, Column: "sealed", Version: int(p.Version)}
}

func whosePlace(tenant, piece string, version int64) database.Place {
	return database.Place{Tenant: tenant, Person: piece, Table: "newsroom_consent", Row: piece, Column: "sealed", Version: int(version)}
}

const pieceColumns = `p.tenant_id, p.id, p.kind, p.slug, p.state, p.category, p.written_by, p.written_on, p.submitted_on, p.reviewed_by, p.reviewed_on,
	p.shown_from, p.shown_until, p.published_at, p.changed_at, p.sealed, p.version,
	c.channels, c.photo, c.given_on, c.expires, c.withdrawn_on, c.recorded_by, c.version
	FROM newsroom_piece p LEFT JOIN newsroom_consent c ON c.tenant_id = p.tenant_id AND c.piece_id = p.id`

type pieceRow struct {
	Piece
	sealed []byte
}

func scanPiece(r *sql.Rows) (p pieceRow, err error) {
	var channels, recordedBy sql.NullString
	var photo sql.NullBool
	var given, expires, withdrawn sql.NullString
	var version sql.NullInt64
	err = r.Scan(&p.Tenant, &p.ID, &p.Kind, &p.Slug, &p.State, &p.Category, &p.WrittenBy, &p.WrittenOn, &p.SubmittedOn, &p.ReviewedBy, &p.ReviewedOn,
		&p.ShownFrom, &p.ShownUntil, &p.PublishedAt, &p.ChangedAt, &p.sealed, &p.Version,
		&channels, &photo, &given, &expires, &withdrawn, &recordedBy, &version)
	if err != nil || !version.Valid {
		return p, err
	}
	p.Consent = Consent{Channels: readChannels(channels.String), Photo: photo.Bool, RecordedBy: recordedBy.String, Version: version.Int64}
	for _, d := range []struct {
		to   *clock.Date
		from string
	}{{&p.Consent.GivenOn, given.String}, {&p.Consent.Expires, expires.String}, {&p.Consent.WithdrawnOn, withdrawn.String}} {
		if err := d.to.Scan(d.from); err != nil {
			return p, err
		}
	}
	return p, nil
}

// pieces reads rows whole before it opens them: one connection has one answer
// open at a time.
func (s store) pieces(ctx context.Context, query string, args ...any) ([]Piece, error) {
	rows, err := s.db.Q(ctx).Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	var found []pieceRow
	for rows.Next() {
		p, err := scanPiece(rows)
		if err != nil {
			rows.Close()
			return nil, err
		}
		found = append(found, p)
	}
	if err := rows.Close(); err != nil {
		return nil, err
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	out := make([]Piece, len(found))
	for i, p := range found {
		if len(p.sealed) > 0 {
			if err := s.db.Vault().OpenJSON(ctx, textPlace(p.Piece), p.sealed, &p.Text); err != nil {
				return nil, fmt.Errorf("piece %s: %w", p.ID, err)
			}
		}
		out[i] = p.Piece
	}
	return out, nil
}

func (s store) piece(ctx context.Context, tenant, id string) (Piece, error) {
	found, err := s.pieces(ctx, `SELECT `+pieceColumns+` WHERE p.tenant_id = $1 AND p.id = $2`, tenant, id)
	if err == nil && len(found) == 0 {
		err = problem.Missing()
	}
	if err != nil {
		return Piece{}, err
	}
	return found[0], nil
}

func (s store) bySlug(ctx context.Context, tenant string, kind Kind, slug string) (Piece, error) {
	found, err := s.pieces(ctx, `SELECT `+pieceColumns+` WHERE p.tenant_id = $1 AND p.kind = $2 AND p.slug = $3`, tenant, kind, slug)
	if err == nil && len(found) == 0 {
		err = problem.Missing()
	}
	if err != nil {
		return Piece{}, err
	}
	return found[0], nil
}

// page is where a list goes on: after the piece shown from that day with that id.
type page struct {
	From  clock.Date
	ID    string
	Limit int
}

const lastID = "z" // after every id, in any order of letters

// shown lists what the public sees of a kind on a day, newest first.
func (s store) shown(ctx context.Context, tenant string, kind Kind, today clock.Date, after page) ([]Piece, error) {
	if after.ID == "" {
		after.From, after.ID = today, lastID
	}
	return s.pieces(ctx, `SELECT `+pieceColumns+`
		WHERE p.tenant_id = $1 AND p.kind = $2 AND p.state = 'published' AND p.shown_from <= $3 AND (p.shown_until = '' OR p.shown_until > $4)
		AND (p.kind <> 'story' OR (c.given_on <= $5 AND c.expires > $6 AND c.withdrawn_on = '' AND c.channels LIKE '%site%'))
		AND (p.shown_from < $7 OR (p.shown_from = $8 AND p.id < $9))
		ORDER BY p.shown_from DESC, p.id DESC LIMIT $10`,
		tenant, kind, today, today, today, today, after.From, after.From, after.ID, after.Limit)
}

// desk lists pieces for those who work on them, what changed last first.
func (s store) desk(ctx context.Context, tenant string, state State, before clock.Instant, id string, limit int) ([]Piece, error) {
	return s.pieces(ctx, `SELECT `+pieceColumns+`
		WHERE p.tenant_id = $1 AND ($2 = '' OR p.state = $3) AND ($4 = '' OR p.changed_at < $5 OR (p.changed_at = $6 AND p.id < $7))
		ORDER BY p.changed_at DESC, p.id DESC LIMIT $8`, tenant, string(state), string(state), before, before, before, id, limit)
}

func (s store) slugTaken(ctx context.Context, tenant, slug string) (bool, error) {
	var one int
	err := s.db.Q(ctx).QueryRow(ctx, `SELECT 1 FROM newsroom_piece WHERE tenant_id = $1 AND slug = $2`, tenant, slug).Scan(&one)
	if database.IsNoRows(err) {
		return false, nil
	}
	return err == nil, err
}

func (s store) insert(ctx context.Context, p Piece) error {
	if err := s.db.Vault().Make(ctx, p.Tenant, p.ID); err != nil {
		return err
	}
	sealed, err := s.db.Vault().SealJSON(ctx, textPlace(p), p.Text)
	if err != nil {
		return err
	}
	_, err = s.db.Q(ctx).Exec(ctx, `INSERT INTO newsroom_piece (tenant_id, id, kind, slug, state, category, written_by, written_on, changed_at, sealed, version)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11)`,
		p.Tenant, p.ID, p.Kind, p.Slug, p.State, p.Category, p.WrittenBy, p.WrittenOn, p.ChangedAt, sealed, p.Version)
	return err
}

// save writes the piece as its next version. The words of a withdrawn piece
// are not written again.
func (s store) save(ctx context.Context, p *Piece) error {
	before := p.Version
	p.Version++
	var sealed []byte
	var err error
	if p.State != Withdrawn {
		if sealed, err = s.db.Vault().SealJSON(ctx, textPlace(*p), p.Text); err != nil {
			return err
		}
	}
	n, err := s.db.Q(ctx).Exec(ctx, `UPDATE newsroom_piece SET slug = $1, state = $2, category = $3, written_by = $4, written_on = $5, submitted_on = $6,
		reviewed_by = $7, reviewed_on = $8, shown_from = $9, shown_until = $10, published_at = $11, changed_at = $12, sealed = $13, version = $14
		WHERE tenant_id = $15 AND id = $16 AND version = $17`,
		p.Slug, p.State, p.Category, p.WrittenBy, p.WrittenOn, p.SubmittedOn, p.ReviewedBy, p.ReviewedOn, p.ShownFrom, p.ShownUntil,
		p.PublishedAt, p.ChangedAt, sealed, p.Version, p.Tenant, p.ID, before)
	if err == nil && n == 0 {
		err = problem.Stale()
	}
	return err
}

func (s store) whose(ctx context.Context, tenant, piece string) (w Whose, err error) {
	var sealed []byte
	var version int64
	err = s.db.Q(ctx).QueryRow(ctx, `SELECT sealed, version FROM newsroom_consent WHERE tenant_id = $1 AND piece_id = $2`, tenant, piece).Scan(&sealed, &version)
	if database.IsNoRows(err) {
		return w, nil
	}
	if err != nil || len(sealed) == 0 {
		return w, err
	}
	err = s.db.Vault().OpenJSON(ctx, whosePlace(tenant, piece, version), sealed, &w)
	return w, err
}

// saveConsent writes the consent of a story as its next version.
func (s store) saveConsent(ctx context.Context, tenant, piece string, c Consent, w Whose) error {
	version := c.Version + 1
	sealed, err := s.db.Vault().SealJSON(ctx, whosePlace(tenant, piece, version), w)
	if err != nil {
		return err
	}
	if c.Version == 0 {
		n, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO newsroom_consent (tenant_id, piece_id, channels, photo, given_on, expires, recorded_by, sealed, version)
			VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9) ON CONFLICT (tenant_id, piece_id) DO NOTHING`,
			tenant, piece, c.channels(), c.Photo, c.GivenOn, c.Expires, c.RecordedBy, sealed, version)
		if err == nil && n == 0 {
			err = problem.Stale()
		}
		return err
	}
	n, err := s.db.Q(ctx).Exec(ctx, `UPDATE newsroom_consent SET channels = $1, photo = $2, given_on = $3, expires = $4, recorded_by = $5, sealed = $6, version = $7
		WHERE tenant_id = $8 AND piece_id = $9 AND version = $10 AND withdrawn_on = ''`,
		c.channels(), c.Photo, c.GivenOn, c.Expires, c.RecordedBy, sealed, version, tenant, piece, c.Version)
	if err == nil && n == 0 {
		err = problem.Stale()
	}
	return err
}

// forget destroys the words of a piece, whose it was, and its corrections; what
// is left is that there was a piece and when it was withdrawn.
func (s store) forget(ctx context.Context, tenant, piece string, on clock.Date) error {
	if _, err := s.db.Q(ctx).Exec(ctx, `UPDATE newsroom_consent SET withdrawn_on = $1, sealed = NULL, version = version + 1
		WHERE tenant_id = $2 AND piece_id = $3`, on, tenant, piece); err != nil {
		return err
	}
	if _, err := s.db.Q(ctx).Exec(ctx, `DELETE FROM newsroom_correction WHERE tenant_id = $1 AND piece_id = $2`, tenant, piece); err != nil {
		return err
	}
	return s.db.Vault().Forget(ctx, tenant, piece)
}

func (s store) addCorrection(ctx context.Context, tenant, piece string, c Correction) error {
	_, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO newsroom_correction (tenant_id, id, piece_id, corrected_on, corrected_by, note)
		VALUES ($1,$2,$3,$4,$5,$6)`, tenant, database.NewID(), piece, c.On, c.By, c.Note)
	return err
}

// corrections lists what was put right in a piece, newest first.
func (s store) corrections(ctx context.Context, tenant, piece string) ([]Correction, error) {
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT corrected_on, corrected_by, note FROM newsroom_correction
		WHERE tenant_id = $1 AND piece_id = $2 ORDER BY id DESC`, tenant, piece)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Correction
	for rows.Next() {
		var c Correction
		if err := rows.Scan(&c.On, &c.By, &c.Note); err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, rows.Err()
}

// changed is when what the public sees last changed: a piece was touched, began
// to be shown, or ended, or the consent of one ran out.
func (s store) changed(ctx context.Context, tenant string, today clock.Date) (clock.Instant, error) {
	var touched, from, until, expired sql.NullString
	err := s.db.Q(ctx).QueryRow(ctx, `SELECT MAX(p.changed_at), MAX(CASE WHEN p.shown_from <= $1 THEN p.shown_from ELSE '' END),
		MAX(CASE WHEN p.shown_until <= $2 THEN p.shown_until ELSE '' END), MAX(CASE WHEN c.expires <= $3 THEN c.expires ELSE '' END)
		FROM newsroom_piece p LEFT JOIN newsroom_consent c ON c.tenant_id = p.tenant_id AND c.piece_id = p.id WHERE p.tenant_id = $4`,
		today, today, today, tenant).Scan(&touched, &from, &until, &expired)
	if err != nil {
		return clock.Instant{}, err
	}
	last, err := clock.ParseInstant(touched.String)
	if err != nil {
		return last, err
	}
	for _, day := range []string{from.String, until.String, expired.String} {
		d, err := clock.ParseDate(day)
		if err != nil {
			return last, err
		}
		if at := clock.StartOf(d); !d.IsZero() && at.After(last) {
			last = at
		}
	}
	return last, nil
}
