package notify

import (
	"context"

	"msw/internal/clock"
	"msw/internal/database"
)

func (o *Once) wasSent(ctx context.Context, m Message) (bool, error) {
	var at clock.Instant
	err := o.db.Q(ctx).QueryRow(ctx, `SELECT sent_at FROM notify_sent WHERE tenant_id = $1 AND message_id = $2`, m.Tenant, m.ID).Scan(&at)
	if database.IsNoRows(err) {
		return false, nil
	}
	return err == nil, err
}

func (o *Once) noteSent(ctx context.Context, m Message) error {
	return o.db.Tx(ctx, func(ctx context.Context) error {
		_, err := o.db.Q(ctx).Exec(ctx, `INSERT INTO notify_sent (tenant_id, message_id, channel, sent_at) VALUES ($1, $2, $3, $4)
			ON CONFLICT (tenant_id, message_id) DO NOTHING`, m.Tenant, m.ID, m.Channel, o.now())
		return err
	})
}

// Forget deletes the notes of messages sent before an instant: run it hourly
// with one older than any job that could still be tried.
func (o *Once) Forget(ctx context.Context, before clock.Instant) error {
	return o.db.Tx(ctx, func(ctx context.Context) error {
		_, err := o.db.Q(ctx).Exec(ctx, `DELETE FROM notify_sent WHERE (tenant_id, message_id) IN
			(SELECT tenant_id, message_id FROM notify_sent WHERE sent_at < $1 ORDER BY sent_at LIMIT 20000)`, before)
		return err
	})
}
