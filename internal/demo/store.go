package demo

import (
	"context"
	"fmt"
	"strconv"

	"msw/internal/database"
	"msw/internal/programme"
	"msw/internal/signin"
)

// History is what a demo's database says of itself.
type History struct {
	Options
	Personas []signin.Persona
}

func historyPlace() database.Place {
	return database.Place{Tenant: programme.National, Table: "demo_history", Row: programme.National, Column: "sealed", Version: 1}
}

// keep notes that the database is the demo's, with whom one can be in it.
func keep(ctx context.Context, db *database.DB, h History) error {
	return db.Tx(ctx, func(ctx context.Context) error {
		sealed, err := db.Vault().SealJSON(ctx, historyPlace(), h.Personas)
		if err != nil {
			return err
		}
		_, err = db.Q(ctx).Exec(ctx, `INSERT INTO demo_history (tenant_id, people, seed, today, sealed) VALUES ($1, $2, $3, $4, $5)`,
			programme.National, h.People, strconv.FormatUint(h.Seed, 10), h.Today, sealed)
		if err != nil {
			return fmt.Errorf("keep the demo's history: %w", err)
		}
		return nil
	})
}

// Kept reads what keep wrote; false in a database that no demo has made whole.
func Kept(ctx context.Context, db *database.DB) (h History, found bool, err error) {
	var sealed []byte
	var seed string
	err = db.Q(ctx).QueryRow(ctx, `SELECT people, seed, today, sealed FROM demo_history WHERE tenant_id = $1`, programme.National).
		Scan(&h.People, &seed, &h.Today, &sealed)
	if database.IsNoRows(err) {
		return h, false, nil
	}
	if err != nil {
		return h, false, fmt.Errorf("read the demo's history: %w", err)
	}
	if h.Seed, err = strconv.ParseUint(seed, 10, 64); err != nil {
		return h, false, fmt.Errorf("read the demo's seed: %w", err)
	}
	return h, true, db.Vault().OpenJSON(ctx, historyPlace(), sealed, &h.Personas)
}
