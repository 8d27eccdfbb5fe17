package casefile

import (
	"context"
	"fmt"

	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/problem"
)

type sealedThread struct {
	Subject string `json:"subject"`
}

type sealedMessage struct {
	Text string `json:"text"`
}

// A subject and a message never change after they were written, so both are
// sealed once, as version 1.
func threadPlace(tenant, doctor, id string) database.Place {
	return database.Place{Tenant: tenant, Person: doctor, Table: "casefile_thread", Row: id, Column: "sealed", Version: 1}
}

func messagePlace(tenant, doctor, id string) database.Place {
	return database.Place{Tenant: tenant, Person: doctor, Table: "casefile_message", Row: id, Column: "sealed", Version: 1}
}

func (s *Service) insertThread(ctx context.Context, tenant string, t Thread) error {
	sealed, err := s.db.Vault().SealJSON(ctx, threadPlace(tenant, t.Doctor, t.ID), sealedThread{t.Subject})
	if err != nil {
		return fmt.Errorf("seal thread %s: %w", t.ID, err)
	}
	_, err = s.db.Q(ctx).Exec(ctx, `INSERT INTO casefile_thread (tenant_id, doctor_id, id, owner, readers, organisation_id, waiting, reply_by, last_at, sealed, version)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,1)`,
		tenant, t.Doctor, t.ID, string(t.Owner), string(t.Readers), t.Organisation, string(t.Waiting), t.ReplyBy, t.Last, sealed)
	if err != nil {
		return fmt.Errorf("thread %s: %w", t.ID, err)
	}
	return nil
}

func (s *Service) insertMessage(ctx context.Context, tenant, doctor, thread string, m Message) error {
	sealed, err := s.db.Vault().SealJSON(ctx, messagePlace(tenant, doctor, m.ID), sealedMessage{m.Text})
	if err != nil {
		return fmt.Errorf("seal message %s: %w", m.ID, err)
	}
	_, err = s.db.Q(ctx).Exec(ctx, `INSERT INTO casefile_message (tenant_id, doctor_id, thread_id, id, party, author, sent_at, sealed)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8)`, tenant, doctor, thread, m.ID, string(m.Party), m.Author, m.Sent, sealed)
	if err != nil {
		return fmt.Errorf("message %s: %w", m.ID, err)
	}
	return nil
}

// updateThread stores whose message is awaited, guarded by the version.
func (s *Service) updateThread(ctx context.Context, tenant string, t Thread) error {
	n, err := s.db.Q(ctx).Exec(ctx, `UPDATE casefile_thread SET waiting = $1, reply_by = $2, last_at = $3, closed_on = $4, version = version + 1
		WHERE tenant_id = $5 AND doctor_id = $6 AND id = $7 AND version = $8`,
		string(t.Waiting), t.ReplyBy, t.Last, t.Closed, tenant, t.Doctor, t.ID, t.Version)
	if err != nil {
		return fmt.Errorf("thread %s: %w", t.ID, err)
	}
	if n == 0 {
		return problem.Stale()
	}
	return nil
}

// threads lists a case's threads, the latest first; at most fifty.
func (s *Service) threads(ctx context.Context, tenant, doctor string) ([]Thread, error) {
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT id, owner, readers, organisation_id, waiting, reply_by, last_at, closed_on, version, sealed
		FROM casefile_thread WHERE tenant_id = $1 AND doctor_id = $2 ORDER BY last_at DESC, id LIMIT 50`, tenant, doctor)
	if err != nil {
		return nil, fmt.Errorf("threads of %s: %w", doctor, err)
	}
	defer rows.Close()
	var list []Thread
	var sealed [][]byte
	for rows.Next() {
		t := Thread{Doctor: doctor}
		var b []byte
		if err := rows.Scan(&t.ID, &t.Owner, &t.Readers, &t.Organisation, &t.Waiting, &t.ReplyBy, &t.Last, &t.Closed, &t.Version, &b); err != nil {
			return nil, fmt.Errorf("threads of %s: %w", doctor, err)
		}
		list, sealed = append(list, t), append(sealed, b)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("threads of %s: %w", doctor, err)
	}
	for i := range list {
		var open sealedThread
		if err := s.db.Vault().OpenJSON(ctx, threadPlace(tenant, doctor, list[i].ID), sealed[i], &open); err != nil {
			return nil, fmt.Errorf("thread %s: %w", list[i].ID, err)
		}
		list[i].Subject = open.Subject
	}
	return list, nil
}

// messages lists a thread's messages, oldest first; at most the last 200.
func (s *Service) messages(ctx context.Context, tenant, doctor, thread string) ([]Message, error) {
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT id, party, author, sent_at, sealed FROM casefile_message
		WHERE tenant_id = $1 AND doctor_id = $2 AND thread_id = $3 ORDER BY id DESC LIMIT 200`, tenant, doctor, thread)
	if err != nil {
		return nil, fmt.Errorf("messages of %s: %w", thread, err)
	}
	defer rows.Close()
	var list []Message
	var sealed [][]byte
	for rows.Next() {
		var m Message
		var b []byte
		if err := rows.Scan(&m.ID, &m.Party, &m.Author, &m.Sent, &b); err != nil {
			return nil, fmt.Errorf("messages of %s: %w", thread, err)
		}
		list, sealed = append([]Message{m}, list...), append([][]byte{b}, sealed...)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("messages of %s: %w", thread, err)
	}
	for i := range list {
		var open sealedMessage
		if err := s.db.Vault().OpenJSON(ctx, messagePlace(tenant, doctor, list[i].ID), sealed[i], &open); err != nil {
			return nil, fmt.Errorf("message %s: %w", list[i].ID, err)
		}
		list[i].Text = open.Text
	}
	return list, nil
}

// openHolds lists a case's open holds.
func (s *Service) openHolds(ctx context.Context, tenant, doctor string) ([]Hold, error) {
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT id, reason, party, from_date, until, ended FROM casefile_hold
		WHERE tenant_id = $1 AND doctor_id = $2 AND ended = '' ORDER BY from_date, id`, tenant, doctor)
	if err != nil {
		return nil, fmt.Errorf("holds of %s: %w", doctor, err)
	}
	defer rows.Close()
	var list []Hold
	for rows.Next() {
		h := Hold{Doctor: doctor}
		var ended clock.Date
		if err := rows.Scan(&h.ID, &h.Reason, &h.Party, &h.From, &h.Until, &ended); err != nil {
			return nil, fmt.Errorf("holds of %s: %w", doctor, err)
		}
		list = append(list, h)
	}
	return list, rows.Err()
}
