package web

import (
	"context"
	"encoding/json"

	"msw/internal/access"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/problem"
)

// store keeps which commands were answered, and how.
type store struct{ db *database.DB }

// answered is what is kept of an answer, sealed: it may name a person.
type answered struct {
	Status   int
	Location string
	Flash    string
	JSON     json.RawMessage
}

func (s store) place(c access.Call) database.Place {
	return database.Place{Tenant: c.Actor.Tenant, Table: "web_command", Row: c.Actor.Account + "/" + c.Key, Column: "sealed", Version: 1}
}

// claim takes the key for this transaction; false when it was taken before. A
// second sender of the same key waits here until the first has ended.
func (s store) claim(ctx context.Context, c access.Call, sum string) (bool, error) {
	n, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO web_command (tenant_id, account, command_key, body_hash, created_at)
		VALUES ($1, $2, $3, $4, $5) ON CONFLICT (tenant_id, account, command_key) DO NOTHING`,
		c.Actor.Tenant, c.Actor.Account, c.Key, sum, c.Now)
	return n == 1, err
}

// keep stores the answer beside the key.
func (s store) keep(ctx context.Context, c access.Call, r Response) error {
	a := answered{Status: r.status, Location: r.location, Flash: r.flash}
	if r.json != nil {
		b, err := json.Marshal(r.json)
		if err != nil {
			return err
		}
		a.JSON = b
	}
	sealed, err := s.db.Vault().SealJSON(ctx, s.place(c), a)
	if err != nil {
		return err
	}
	_, err = s.db.Q(ctx).Exec(ctx, `UPDATE web_command SET sealed = $1 WHERE tenant_id = $2 AND account = $3 AND command_key = $4`,
		sealed, c.Actor.Tenant, c.Actor.Account, c.Key)
	return err
}

// answer gives the answer kept for a key, or refuses when the key came with
// something else.
func (s store) answer(ctx context.Context, c access.Call, sum string) (Response, error) {
	var kept string
	var sealed []byte
	err := s.db.Q(ctx).QueryRow(ctx, `SELECT body_hash, sealed FROM web_command WHERE tenant_id = $1 AND account = $2 AND command_key = $3`,
		c.Actor.Tenant, c.Actor.Account, c.Key).Scan(&kept, &sealed)
	if err != nil {
		return Response{}, err
	}
	if kept != sum {
		return Response{}, problem.New(problem.Refused, "This form was already sent with other answers. Nothing was changed this time. Reload the page and fill it in again.")
	}
	if len(sealed) == 0 {
		return Response{}, problem.New(problem.Conflict, "This was already done. Look at the record before you try again.")
	}
	var a answered
	if err := s.db.Vault().OpenJSON(ctx, s.place(c), sealed, &a); err != nil {
		return Response{}, err
	}
	return Response{status: a.Status, location: a.Location, flash: a.Flash, raw: a.JSON}, nil
}

// ForgetCommands deletes the keys and answers made before an instant, at most
// 20,000 at a time: run it hourly with an instant some days back.
func (s *Server) ForgetCommands(ctx context.Context, before clock.Instant) error {
	return s.o.DB.Tx(ctx, func(ctx context.Context) error {
		_, err := s.o.DB.Q(ctx).Exec(ctx, `DELETE FROM web_command WHERE (tenant_id, account, command_key) IN
			(SELECT tenant_id, account, command_key FROM web_command WHERE created_at < $1 ORDER BY created_at LIMIT 20000)`, before)
		return err
	})
}
