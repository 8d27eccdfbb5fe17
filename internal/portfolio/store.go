package portfolio

import (
	"context"
	"fmt"
	"strings"

	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/problem"
)

const itemColumns = `id, version, doctor_id, kind, on_day, state, shared, placement_id, host_id, task, level, until, tags, signed_on, role, recorded_at, source, sealed`

// told is what is sealed of an item.
type told struct {
	Story     Story      `json:"story"`
	Signature *Signature `json:"signature,omitempty"`
	Origin    *Origin    `json:"origin,omitempty"`
}

func itemPlace(tenant, doctor, id string, version int) database.Place {
	return database.Place{Tenant: tenant, Person: doctor, Table: "portfolio_item", Row: id, Column: "sealed", Version: version}
}

type scanner interface{ Scan(dest ...any) error }

func scanItem(row scanner) (i Item, sealed []byte, err error) {
	var kind, state, tags string
	err = row.Scan(&i.ID, &i.Version, &i.Doctor, &kind, &i.On, &state, &i.Shared, &i.Placement, &i.Host, &i.Task, &i.Level, &i.Until, &tags, &i.SignedOn, &i.Role, &i.Recorded, &i.Source, &sealed)
	i.Kind, i.State = Kind(kind), State(state)
	for _, t := range strings.Fields(tags) {
		i.Tags = append(i.Tags, Tag(t))
	}
	return i, sealed, err
}

func (s *Service) open(ctx context.Context, tenant string, i *Item, sealed []byte) error {
	var v told
	if err := s.db.Vault().OpenJSON(ctx, itemPlace(tenant, i.Doctor, i.ID, i.Version), sealed, &v); err != nil {
		return err
	}
	i.Story, i.Signature, i.Origin = v.Story, v.Signature, v.Origin
	return nil
}

func joined(tags []Tag) string {
	words := make([]string, len(tags))
	for i, t := range tags {
		words[i] = string(t)
	}
	return strings.Join(words, " ")
}

// item reads one with its words.
func (s *Service) item(ctx context.Context, tenant, id string) (Item, error) {
	i, sealed, err := scanItem(s.db.Q(ctx).QueryRow(ctx, `SELECT `+itemColumns+` FROM portfolio_item WHERE tenant_id = $1 AND id = $2`, tenant, id))
	if database.IsNoRows(err) {
		return i, problem.Missing()
	}
	if err != nil {
		return i, fmt.Errorf("portfolio item %s: %w", id, err)
	}
	return i, s.open(ctx, tenant, &i, sealed)
}

// itemFrom reads the one item that a source made.
func (s *Service) itemFrom(ctx context.Context, tenant, doctor, source string) (Item, error) {
	i, sealed, err := scanItem(s.db.Q(ctx).QueryRow(ctx, `SELECT `+itemColumns+` FROM portfolio_item WHERE tenant_id = $1 AND doctor_id = $2 AND source = $3`, tenant, doctor, source))
	if database.IsNoRows(err) {
		return i, problem.Missing()
	}
	if err != nil {
		return i, fmt.Errorf("portfolio item of a source: %w", err)
	}
	return i, s.open(ctx, tenant, &i, sealed)
}

// saveItem writes an item, a new one when was is 0, and moves its version on.
func (s *Service) saveItem(ctx context.Context, tenant string, i *Item, was int) error {
	i.Version = was + 1
	sealed, err := s.db.Vault().SealJSON(ctx, itemPlace(tenant, i.Doctor, i.ID, i.Version), told{i.Story, i.Signature, i.Origin})
	if err != nil {
		return fmt.Errorf("portfolio item %s: %w", i.ID, err)
	}
	var n int64
	if was == 0 {
		n, err = s.db.Q(ctx).Exec(ctx, `INSERT INTO portfolio_item (tenant_id, `+itemColumns+`) VALUES `+database.Rows(1, 19, 1),
			tenant, i.ID, i.Version, i.Doctor, string(i.Kind), i.On, string(i.State), i.Shared, i.Placement, i.Host, i.Task, int(i.Level), i.Until, joined(i.Tags), i.SignedOn, i.Role, i.Recorded, i.Source, sealed)
	} else {
		n, err = s.db.Q(ctx).Exec(ctx, `UPDATE portfolio_item SET version = $1, on_day = $2, state = $3, shared = $4, placement_id = $5, host_id = $6, task = $7, level = $8,
			until = $9, tags = $10, signed_on = $11, role = $12, sealed = $13 WHERE tenant_id = $14 AND id = $15 AND version = $16`,
			i.Version, i.On, string(i.State), i.Shared, i.Placement, i.Host, i.Task, int(i.Level), i.Until, joined(i.Tags), i.SignedOn, i.Role, sealed, tenant, i.ID, was)
	}
	if err != nil {
		return fmt.Errorf("portfolio item %s: %w", i.ID, err)
	}
	if n == 0 {
		return problem.Stale()
	}
	return nil
}

func (s *Service) deleteItem(ctx context.Context, tenant, id string, version int) error {
	n, err := s.db.Q(ctx).Exec(ctx, `DELETE FROM portfolio_item WHERE tenant_id = $1 AND id = $2 AND version = $3`, tenant, id, version)
	if err != nil {
		return fmt.Errorf("portfolio item %s: %w", id, err)
	}
	if n == 0 {
		return problem.Stale()
	}
	return nil
}

// Query asks for items of one doctor, the latest first.
type Query struct {
	Kind  Kind
	After []string // day and id of the last one shown
	Limit int
}

// items lists what of a portfolio somebody sees, in one statement.
func (s *Service) items(ctx context.Context, tenant, doctor string, who viewer, q Query) ([]Item, error) {
	text, args := `SELECT `+itemColumns+` FROM portfolio_item WHERE tenant_id = $1 AND doctor_id = $2`, []any{tenant, doctor}
	add := func(cond string, values ...any) {
		for _, v := range values {
			args = append(args, v)
			cond = strings.Replace(cond, "?", fmt.Sprintf("$%d", len(args)), 1)
		}
		text += " AND " + cond
	}
	switch who {
	case theDoctor:
	case supervisor:
		add("shared = ?", true)
		add("state NOT IN (?, ?)", string(Draft), string(Declined))
	case employer:
		add("kind IN (?, ?, ?, ?)", string(DOPS), string(MiniCEX), string(CBD), string(Training))
		add("state IN (?, ?, ?)", string(Signed), string(Vouched), string(Kept))
	default:
		return nil, nil
	}
	if q.Kind != "" {
		add("kind = ?", string(q.Kind))
	}
	if len(q.After) == 2 {
		add("(on_day, id) < (?, ?)", q.After[0], q.After[1])
	}
	text += ` ORDER BY on_day DESC, id DESC`
	if q.Limit > 0 {
		args = append(args, q.Limit)
		text += fmt.Sprintf(" LIMIT $%d", len(args))
	}
	return s.readItems(ctx, tenant, text, args...)
}

func (s *Service) readItems(ctx context.Context, tenant, text string, args ...any) ([]Item, error) {
	rows, err := s.db.Q(ctx).Query(ctx, text, args...)
	if err != nil {
		return nil, fmt.Errorf("portfolio items: %w", err)
	}
	defer rows.Close()
	var list []Item
	var sealed [][]byte
	for rows.Next() {
		i, b, err := scanItem(rows)
		if err != nil {
			return nil, fmt.Errorf("portfolio items: %w", err)
		}
		list, sealed = append(list, i), append(sealed, b)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("portfolio items: %w", err)
	}
	for i := range list {
		if err := s.open(ctx, tenant, &list[i], sealed[i]); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// marks reads what coverage needs of a doctor: nothing sealed.
func (s *Service) marks(ctx context.Context, tenant, doctor string, who viewer) ([]Mark, error) {
	text, args := `SELECT on_day, state, role, kind, tags FROM portfolio_item WHERE tenant_id = $1 AND doctor_id = $2 AND tags <> ''`, []any{tenant, doctor}
	if who != theDoctor {
		text += ` AND shared = $3`
		args = append(args, true)
	}
	rows, err := s.db.Q(ctx).Query(ctx, text, args...)
	if err != nil {
		return nil, fmt.Errorf("portfolio marks: %w", err)
	}
	defer rows.Close()
	var list []Mark
	for rows.Next() {
		var m Mark
		var state, kind, tags string
		if err := rows.Scan(&m.On, &state, &m.Role, &kind, &tags); err != nil {
			return nil, fmt.Errorf("portfolio marks: %w", err)
		}
		m.State = State(state)
		if Kind(kind) == Colleagues { // many saw it, none by name
			m.Role = rolesOfMany
		}
		for _, t := range strings.Fields(tags) {
			m.Shows = append(m.Shows, s.o.Frameworks.Numbers(Tag(t))...)
		}
		list = append(list, m)
	}
	return list, rows.Err()
}

// ask is a request for one signature.
type ask struct {
	ID, Item, Doctor           string
	Link, Code                 string // hashes
	Made, LinkUntil, CodeUntil clock.Instant
	Used, Ended                clock.Instant
	To, Device, Network        string // keyed hashes
	Sealed                     asked
}

// asked is what is sealed of a request.
type asked struct {
	To      string `json:"to,omitempty"`
	Name    string `json:"name,omitempty"`
	Secret  string `json:"secret,omitempty"` // until it is sent
	Outcome string `json:"outcome,omitempty"`
}

const askColumns = `id, item_id, doctor_id, link_hash, code_hash, made_at, link_until, code_until, used_at, ended_at, to_token, device, network, sealed`

func askPlace(tenant string, a ask) database.Place {
	return database.Place{Tenant: tenant, Person: a.Doctor, Table: "portfolio_ask", Row: a.ID, Column: "sealed"}
}

func (s *Service) insertAsk(ctx context.Context, tenant string, a ask) error {
	sealed, err := s.db.Vault().SealJSON(ctx, askPlace(tenant, a), a.Sealed)
	if err != nil {
		return fmt.Errorf("ask for a signature: %w", err)
	}
	_, err = s.db.Q(ctx).Exec(ctx, `INSERT INTO portfolio_ask (tenant_id, `+askColumns+`) VALUES `+database.Rows(1, 15, 1),
		tenant, a.ID, a.Item, a.Doctor, a.Link, a.Code, a.Made, a.LinkUntil, a.CodeUntil, a.Used, a.Ended, a.To, a.Device, a.Network, sealed)
	if err != nil {
		return fmt.Errorf("ask for a signature: %w", err)
	}
	return nil
}

// askBy finds a request by one of its columns.
func (s *Service) askBy(ctx context.Context, tenant, column, value string) (ask, error) {
	var a ask
	var sealed []byte
	cond := map[string]string{"link": "link_hash = $2", "code": "code_hash = $2", "id": "id = $2", "item": "item_id = $2 AND ended_at = ''"}[column]
	err := s.db.Q(ctx).QueryRow(ctx, `SELECT `+askColumns+` FROM portfolio_ask WHERE tenant_id = $1 AND `+cond+` ORDER BY made_at DESC LIMIT 1`, tenant, value).
		Scan(&a.ID, &a.Item, &a.Doctor, &a.Link, &a.Code, &a.Made, &a.LinkUntil, &a.CodeUntil, &a.Used, &a.Ended, &a.To, &a.Device, &a.Network, &sealed)
	if database.IsNoRows(err) {
		return a, problem.Missing()
	}
	if err != nil {
		return a, fmt.Errorf("ask for a signature: %w", err)
	}
	return a, s.db.Vault().OpenJSON(ctx, askPlace(tenant, a), sealed, &a.Sealed)
}

// useAsk marks a request used; false when somebody else used it first.
func (s *Service) useAsk(ctx context.Context, tenant string, a ask, at clock.Instant) (bool, error) {
	sealed, err := s.db.Vault().SealJSON(ctx, askPlace(tenant, a), a.Sealed)
	if err != nil {
		return false, fmt.Errorf("ask for a signature: %w", err)
	}
	n, err := s.db.Q(ctx).Exec(ctx, `UPDATE portfolio_ask SET used_at = $1, sealed = $2 WHERE tenant_id = $3 AND id = $4 AND used_at = '' AND ended_at = ''`, at, sealed, tenant, a.ID)
	if err != nil {
		return false, fmt.Errorf("ask for a signature: %w", err)
	}
	return n == 1, nil
}

// endAsks takes back what was asked for an item and is still open.
func (s *Service) endAsks(ctx context.Context, tenant, item string, at clock.Instant) error {
	_, err := s.db.Q(ctx).Exec(ctx, `UPDATE portfolio_ask SET ended_at = $1 WHERE tenant_id = $2 AND item_id = $3 AND used_at = '' AND ended_at = ''`, at, tenant, item)
	if err != nil {
		return fmt.Errorf("ask for a signature: %w", err)
	}
	return nil
}

// assessor is somebody a host vouches for.
type assessor struct {
	Host, Token, Role, By string
	On                    clock.Date
	Sealed                assessorWords
}

type assessorWords struct{ Name, GMC, Email string }

func assessorPlace(tenant, host, token string) database.Place {
	return database.Place{Tenant: tenant, Table: "portfolio_assessor", Row: host + " " + token, Column: "sealed", Version: 1}
}

func (s *Service) saveAssessor(ctx context.Context, tenant string, a assessor) error {
	sealed, err := s.db.Vault().SealJSON(ctx, assessorPlace(tenant, a.Host, a.Token), a.Sealed)
	if err != nil {
		return fmt.Errorf("assessor: %w", err)
	}
	_, err = s.db.Q(ctx).Exec(ctx, `INSERT INTO portfolio_assessor (tenant_id, host_id, person_token, version, role, vouched_by, vouched_on, sealed) VALUES ($1, $2, $3, 1, $4, $5, $6, $7)
		ON CONFLICT (tenant_id, host_id, person_token) DO UPDATE SET role = excluded.role, vouched_by = excluded.vouched_by, vouched_on = excluded.vouched_on, sealed = excluded.sealed`,
		tenant, a.Host, a.Token, a.Role, a.By, a.On, sealed)
	if err != nil {
		return fmt.Errorf("assessor: %w", err)
	}
	return nil
}

func (s *Service) assessorOf(ctx context.Context, tenant, host, token string) (a assessor, found bool, err error) {
	if token == "" || host == "" {
		return a, false, nil
	}
	var sealed []byte
	a.Host, a.Token = host, token
	err = s.db.Q(ctx).QueryRow(ctx, `SELECT role, vouched_by, vouched_on, sealed FROM portfolio_assessor WHERE tenant_id = $1 AND host_id = $2 AND person_token = $3`, tenant, host, token).
		Scan(&a.Role, &a.By, &a.On, &sealed)
	if database.IsNoRows(err) {
		return a, false, nil
	}
	if err != nil {
		return a, false, fmt.Errorf("assessor: %w", err)
	}
	return a, true, s.db.Vault().OpenJSON(ctx, assessorPlace(tenant, host, token), sealed, &a.Sealed)
}

// toVouch lists what was signed at hosts by people nobody vouches for yet.
func (s *Service) toVouch(ctx context.Context, tenant string, hosts []string, q Query) ([]Item, error) {
	if len(hosts) == 0 {
		return nil, nil
	}
	args := append([]any{tenant}, database.Args(hosts)...)
	text := `SELECT ` + itemColumns + ` FROM portfolio_item WHERE tenant_id = $1 AND host_id IN ` + database.In(2, len(hosts)) + ` AND state = 'signed'`
	if len(q.After) == 2 {
		text += fmt.Sprintf(" AND (recorded_at, id) > ($%d, $%d)", len(args)+1, len(args)+2)
		args = append(args, q.After[0], q.After[1])
	}
	args = append(args, q.Limit)
	return s.readItems(ctx, tenant, text+fmt.Sprintf(` ORDER BY recorded_at, id LIMIT $%d`, len(args)), args...)
}

// sealAsk writes anew what is sealed of a request.
func (s *Service) sealAsk(ctx context.Context, tenant string, a ask) error {
	sealed, err := s.db.Vault().SealJSON(ctx, askPlace(tenant, a), a.Sealed)
	if err != nil {
		return fmt.Errorf("ask for a signature: %w", err)
	}
	if _, err = s.db.Q(ctx).Exec(ctx, `UPDATE portfolio_ask SET sealed = $1 WHERE tenant_id = $2 AND id = $3 AND used_at = ''`, sealed, tenant, a.ID); err != nil {
		return fmt.Errorf("ask for a signature: %w", err)
	}
	return nil
}

// relink gives a request another link in the place of its code.
func (s *Service) relink(ctx context.Context, tenant, id, link, code string, until clock.Instant) error {
	n, err := s.db.Q(ctx).Exec(ctx, `UPDATE portfolio_ask SET link_hash = $1, code_hash = $2, link_until = $3 WHERE tenant_id = $4 AND id = $5 AND used_at = '' AND ended_at = ''`, link, code, until, tenant, id)
	if err != nil {
		return fmt.Errorf("ask for a signature: %w", err)
	}
	if n == 0 {
		return problem.Stale()
	}
	return nil
}
