package learning

import (
	"context"
	"database/sql"
	"fmt"

	"msw/internal/access"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/problem"
)

// changed turns an update that found no row into "somebody else was first".
func changed(rows int64, err error, what string) error {
	if err != nil {
		return fmt.Errorf("save %s: %w", what, err)
	}
	if rows == 0 {
		return problem.Stale()
	}
	return nil
}

// where is what is sealed of an event, under a key of the event's own.
type where struct {
	Place string `json:"place"`
	Link  string `json:"link"`
}

func (s *Service) sealWhere(ctx context.Context, tenant string, e Event) ([]byte, error) {
	return s.db.Vault().SealJSON(ctx, placeOf(tenant, e.ID), where{e.Place, e.Link})
}

func placeOf(tenant, id string) database.Place {
	return database.Place{Tenant: tenant, Person: "event-" + id, Table: "learning_event", Row: id, Column: "sealed", Version: 1}
}

const eventColumns = `SELECT id, version, kind, title, about, organisation_id, way, region, takes, pence, places, taken, waiting, state, first_at, last_at, made_at, by_account, sealed FROM learning_event WHERE tenant_id = $1 AND `

func (s *Service) queryEvents(ctx context.Context, cond string, args ...any) ([]Event, [][]byte, error) {
	rows, err := s.db.Q(ctx).Query(ctx, eventColumns+cond, args...)
	if err != nil {
		return nil, nil, fmt.Errorf("events: %w", err)
	}
	defer rows.Close()
	var out []Event
	var sealed [][]byte
	for rows.Next() {
		var e Event
		var b []byte
		if err := rows.Scan(&e.ID, &e.Version, &e.Kind, &e.Title, &e.About, &e.Organisation, &e.Way, &e.Region, &e.Takes, &e.Pence, &e.Places, &e.Taken, &e.Waiting,
			&e.State, &e.FirstAt, &e.LastAt, &e.MadeAt, &e.By, &b); err != nil {
			return nil, nil, fmt.Errorf("events: %w", err)
		}
		out, sealed = append(out, e), append(sealed, b)
	}
	return out, sealed, rows.Err()
}

// event loads one, with its place.
func (s *Service) event(ctx context.Context, tenant, id string) (Event, error) {
	list, sealed, err := s.queryEvents(ctx, `id = $2`, tenant, id)
	if err == nil && len(list) == 0 {
		err = problem.Missing()
	}
	if err != nil {
		return Event{}, err
	}
	var w where
	if err := s.db.Vault().OpenJSON(ctx, placeOf(tenant, id), sealed[0], &w); err != nil {
		return Event{}, fmt.Errorf("open event %s: %w", id, err)
	}
	list[0].Place, list[0].Link = w.Place, w.Link
	return list[0], nil
}

// lock loads an event that nobody else can change until the transaction ends:
// bookings of one event are made one after the other.
func (s *Service) lock(ctx context.Context, tenant, id string) (Event, error) {
	n, err := s.db.Q(ctx).Exec(ctx, `UPDATE learning_event SET taken = taken WHERE tenant_id = $1 AND id = $2`, tenant, id)
	if err == nil && n == 0 {
		err = problem.Missing()
	}
	if err != nil {
		return Event{}, err
	}
	return s.event(ctx, tenant, id)
}

// eventPage lists events without their place: for a doctor the open ones that
// have not begun, for organisers theirs, coming or past.
func (s *Service) eventPage(ctx context.Context, scope access.Scope, q EventQuery, doctor bool, now clock.Instant) ([]Event, error) {
	cond, args := database.Narrow(2, scope, database.Columns{Tenant: "tenant_id", Organisation: "organisation_id"})
	args = append([]any{scope.Tenant}, args...)
	add := func(sql string, values ...any) {
		p := make([]any, len(values))
		for i, v := range values {
			args = append(args, v)
			p[i] = database.In(len(args), 1)
		}
		cond += fmt.Sprintf(sql, p...)
	}
	order, past := " ORDER BY first_at, id", ">"
	switch {
	case doctor:
		add(` AND state = %s AND (first_at = '' OR first_at > %s)`, string(Open), now)
	case q.Past:
		order, past = " ORDER BY first_at DESC, id DESC", "<"
		add(` AND last_at <> '' AND last_at <= %s`, now)
	default:
		add(` AND (last_at = '' OR last_at > %s)`, now)
	}
	if q.Kind != "" {
		add(` AND kind = %s`, q.Kind)
	}
	if len(q.After) == 2 {
		add(` AND (first_at `+past+` %s OR first_at = %s AND id `+past+` %s)`, q.After[0], q.After[0], q.After[1])
	}
	args = append(args, q.Limit+1)
	list, _, err := s.queryEvents(ctx, cond+order+` LIMIT `+database.In(len(args), 1), args...)
	return list, err
}

func (s *Service) insertEvent(ctx context.Context, tenant string, e Event) error {
	sealed, err := s.sealWhere(ctx, tenant, e)
	if err != nil {
		return err
	}
	_, err = s.db.Q(ctx).Exec(ctx, `INSERT INTO learning_event (tenant_id, id, version, kind, title, about, organisation_id, way, region, takes, pence, places, state, made_at, by_account, sealed)
		VALUES ($1, $2, 1, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)`,
		tenant, e.ID, e.Kind, e.Title, e.About, e.Organisation, e.Way, e.Region, e.Takes, e.Pence, e.Places, string(e.State), e.MadeAt, e.By, sealed)
	return err
}

func (s *Service) updateEvent(ctx context.Context, tenant string, e Event) error {
	sealed, err := s.sealWhere(ctx, tenant, e)
	if err != nil {
		return err
	}
	n, err := s.db.Q(ctx).Exec(ctx, `UPDATE learning_event SET version = version + 1, kind = $1, title = $2, about = $3, way = $4, region = $5, takes = $6, pence = $7, places = $8, state = $9, first_at = $10, last_at = $11, sealed = $12
		WHERE tenant_id = $13 AND id = $14 AND version = $15`,
		e.Kind, e.Title, e.About, e.Way, e.Region, e.Takes, e.Pence, e.Places, string(e.State), e.FirstAt, e.LastAt, sealed, tenant, e.ID, e.Version)
	return changed(n, err, "event")
}

// count keeps the totals of an event. It takes no place that is not there,
// whatever the caller believed.
func (s *Service) count(ctx context.Context, tenant, id string, taken, waiting int) error {
	n, err := s.db.Q(ctx).Exec(ctx, `UPDATE learning_event SET taken = taken + $1, waiting = waiting + $2 WHERE tenant_id = $3 AND id = $4 AND ($5 <= 0 OR places = 0 OR taken + $6 <= places)`,
		taken, waiting, tenant, id, taken, taken)
	return changed(n, err, "places of an event")
}

func (s *Service) sessions(ctx context.Context, tenant, event string) ([]Session, error) {
	return database.Collect(ctx, s.db, func(rows *sql.Rows) (x Session, err error) { return x, rows.Scan(&x.Starts, &x.Minutes) },
		`SELECT starts_at, minutes FROM learning_session WHERE tenant_id = $1 AND event_id = $2 ORDER BY starts_at`, tenant, event)
}

func (s *Service) insertSession(ctx context.Context, tenant, event string, x Session) error {
	_, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO learning_session (tenant_id, event_id, starts_at, minutes) VALUES ($1, $2, $3, $4)`, tenant, event, x.Starts, x.Minutes)
	return err
}

func (s *Service) deleteSession(ctx context.Context, tenant, event string, starts clock.Instant) error {
	_, err := s.db.Q(ctx).Exec(ctx, `DELETE FROM learning_session WHERE tenant_id = $1 AND event_id = $2 AND starts_at = $3`, tenant, event, starts)
	return err
}

const bookingColumns = `SELECT id, version, event_id, doctor_id, state, asked_at, offered_until, attended, certificate_on, noted_by FROM learning_booking WHERE tenant_id = $1 AND `

func (s *Service) queryBookings(ctx context.Context, cond string, args ...any) ([]Booking, error) {
	return database.Collect(ctx, s.db, func(rows *sql.Rows) (b Booking, err error) {
		return b, rows.Scan(&b.ID, &b.Version, &b.Event, &b.Doctor, &b.State, &b.AskedAt, &b.Until, &b.Attended, &b.CertificateOn, &b.NotedBy)
	}, bookingColumns+cond, args...)
}

func (s *Service) booking(ctx context.Context, tenant, id string) (Booking, error) {
	list, err := s.queryBookings(ctx, `id = $2`, tenant, id)
	if err == nil && len(list) == 0 {
		err = problem.Missing()
	}
	if err != nil {
		return Booking{}, err
	}
	return list[0], nil
}

// bookingOf gives a doctor's latest booking of an event, nil for none.
func (s *Service) bookingOf(ctx context.Context, tenant, event, doctor string) (*Booking, error) {
	list, err := s.queryBookings(ctx, `doctor_id = $2 AND event_id = $3 ORDER BY CASE WHEN live IS NULL THEN 1 ELSE 0 END, asked_at DESC, id DESC LIMIT 1`, tenant, doctor, event)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return &list[0], nil
}

// waiting gives the first who wait, in the order in which they asked.
func (s *Service) waiting(ctx context.Context, tenant, event string, most int) ([]Booking, error) {
	return s.queryBookings(ctx, `event_id = $2 AND state = $3 ORDER BY asked_at, id LIMIT $4`, tenant, event, string(Waiting), most)
}

func (s *Service) overdue(ctx context.Context, tenant string, now clock.Instant, most int) ([]Booking, error) {
	return s.queryBookings(ctx, `state = $2 AND offered_until <= $3 ORDER BY offered_until, id LIMIT $4`, tenant, string(Offered), now, most)
}

func (s *Service) offeredTo(ctx context.Context, tenant, doctor string, now clock.Instant) ([]Booking, error) {
	return s.queryBookings(ctx, `doctor_id = $2 AND state = $3 AND offered_until > $4 ORDER BY offered_until, id LIMIT 5`, tenant, doctor, string(Offered), now)
}

// bookings gives a page of an event's bookings, without those who hide.
func (s *Service) bookings(ctx context.Context, tenant, event string, states []BookingState, hidden, after []string, limit int) ([]Booking, error) {
	cond, args := database.Narrow(2, access.Scope{Tenant: tenant, All: true, Hidden: hidden}, database.Columns{Tenant: "tenant_id", Doctor: "doctor_id"})
	args = append(append([]any{tenant}, args...), event)
	cond += ` AND event_id = ` + database.In(len(args), 1) + ` AND state IN ` + database.In(len(args)+1, len(states))
	for _, x := range states {
		args = append(args, string(x))
	}
	if len(after) == 2 {
		n := len(args)
		cond += ` AND (asked_at > ` + database.In(n+1, 1) + ` OR asked_at = ` + database.In(n+2, 1) + ` AND id > ` + database.In(n+3, 1) + `)`
		args = append(args, after[0], after[0], after[1])
	}
	args = append(args, limit)
	return s.queryBookings(ctx, cond+` ORDER BY asked_at, id LIMIT `+database.In(len(args), 1), args...)
}

// bookingsOf gives a doctor's latest bookings with their events.
func (s *Service) bookingsOf(ctx context.Context, tenant, doctor string) ([]Attended, error) {
	const most = 50
	list, err := s.queryBookings(ctx, `doctor_id = $2 ORDER BY asked_at DESC, id DESC LIMIT $3`, tenant, doctor, most)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	var ids []string
	for _, b := range list {
		ids = append(ids, b.Event)
	}
	ids = database.Distinct(ids)
	events, _, err := s.queryEvents(ctx, `id IN `+database.In(2, len(ids)), append([]any{tenant}, database.Args(ids)...)...)
	if err != nil {
		return nil, err
	}
	by := map[string]Event{}
	for _, e := range events {
		by[e.ID] = e
	}
	out := make([]Attended, 0, len(list))
	for _, b := range list {
		out = append(out, Attended{b, by[b.Event]})
	}
	return out, nil
}

func (s *Service) liveDoctors(ctx context.Context, tenant, event string) ([]string, error) {
	return database.Collect(ctx, s.db, func(rows *sql.Rows) (id string, err error) { return id, rows.Scan(&id) },
		`SELECT live FROM learning_booking WHERE tenant_id = $1 AND event_id = $2 AND live IS NOT NULL ORDER BY live`, tenant, event)
}

func live(b Booking) any {
	if b.State.live() {
		return b.Doctor
	}
	return nil
}

func (s *Service) insertBooking(ctx context.Context, tenant string, b Booking) error {
	_, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO learning_booking (tenant_id, id, version, event_id, doctor_id, state, asked_at, live) VALUES ($1, $2, 1, $3, $4, $5, $6, $7)`,
		tenant, b.ID, b.Event, b.Doctor, string(b.State), b.AskedAt, live(b))
	if database.IsDuplicate(err) {
		return problem.Stale()
	}
	return err
}

func (s *Service) updateBooking(ctx context.Context, tenant string, b Booking) error {
	n, err := s.db.Q(ctx).Exec(ctx, `UPDATE learning_booking SET version = version + 1, state = $1, offered_until = $2, live = $3, attended = $4, certificate_on = $5, noted_by = $6 WHERE tenant_id = $7 AND id = $8 AND version = $9`,
		string(b.State), b.Until, live(b), b.Attended, b.CertificateOn, b.NotedBy, tenant, b.ID, b.Version)
	return changed(n, err, "booking")
}
