package database

import (
	"context"
	"fmt"
	"slices"
)

// Preload fetches the keys of every person of a tenant between two ids, both
// included, in one statement: for work that opens what many people have.
func (v *Vault) Preload(ctx context.Context, tenant, first, last string) error {
	if v.master == nil {
		return ErrNoKey
	}
	return v.preload(ctx, tenant, "SELECT person_id, wrapped FROM database_key WHERE tenant_id = $1 AND person_id >= $2 AND person_id <= $3", tenant, first, last)
}

// PreloadOf is Preload of some people, named by their ids: for a page of a list
// or the finds of a search, whose ids lie far apart.
func (v *Vault) PreloadOf(ctx context.Context, tenant string, people []string) error {
	if v.master == nil {
		return ErrNoKey
	}
	var missing []string
	for _, p := range people {
		if id := [2]string{tenant, p}; v.known(id) == nil && v.db.remembered(ctx, id) == nil {
			missing = append(missing, p)
		}
	}
	for part := range slices.Chunk(missing, 200) {
		err := v.preload(ctx, tenant, "SELECT person_id, wrapped FROM database_key WHERE tenant_id = $1 AND person_id IN "+In(2, len(part)), append([]any{tenant}, Args(part)...)...)
		if err != nil {
			return err
		}
	}
	return nil
}

func (v *Vault) preload(ctx context.Context, tenant, query string, args ...any) error {
	rows, err := v.db.Q(ctx).Query(ctx, query, args...)
	if err != nil {
		return fmt.Errorf("preload keys: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var person string
		var wrapped []byte
		if err := rows.Scan(&person, &wrapped); err != nil {
			return fmt.Errorf("preload keys: %w", err)
		}
		id := [2]string{tenant, person}
		if v.known(id) != nil || v.db.remembered(ctx, id) != nil { // one made in this transaction may not outlive it
			continue
		}
		p := Place{Tenant: tenant, Person: person, Table: "database_key", Row: person, Column: "wrapped"}
		key, err := v.master.Open(nil, nil, wrapped, p.data())
		if err != nil {
			return fmt.Errorf("preload keys: %w", err)
		}
		v.hold(id, gcm(key))
	}
	return rows.Err()
}
