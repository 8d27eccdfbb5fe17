package app

import (
	"context"
	"maps"
	"slices"

	"msw/internal/access"
)

// sameAs lets the cases of records that are one person follow: the person is in
// every list, queue and figure once, as the record that goes on.
func (a *App) sameAs(ctx context.Context, call access.Call, goesOn map[string]string) error {
	for _, id := range slices.Sorted(maps.Keys(goesOn)) {
		if err := a.Cases.SameAs(ctx, call, id, goesOn[id]); err != nil {
			return err
		}
	}
	return nil
}
