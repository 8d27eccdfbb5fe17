package database

import (
	"context"
	"strings"
)

// Once answers what load gives and, within one transaction, asks it only the
// first time for a key: for what many use cases of one transaction need and
// only its own package changes. Whoever changes it calls Again. Outside a
// transaction every call loads. Callers must not change what they are given.
func Once[T any](ctx context.Context, db *DB, key string, load func() (T, error)) (T, error) {
	u, ok := ctx.Value(txKey{db}).(*unit)
	if !ok {
		return load()
	}
	if v, ok := u.once[key].(T); ok {
		return v, nil
	}
	v, err := load()
	if err != nil {
		return v, err
	}
	if u.once == nil {
		u.once = map[string]any{}
	}
	u.once[key] = v
	return v, nil
}

// Known gives what Once remembers under a key.
func Known[T any](ctx context.Context, db *DB, key string) (v T, ok bool) {
	if u, in := ctx.Value(txKey{db}).(*unit); in {
		v, ok = u.once[key].(T)
	}
	return v, ok
}

// Remember makes v what Once answers for a key, in the transaction of ctx: for
// who has just changed the thing and knows it whole.
func Remember[T any](ctx context.Context, db *DB, key string, v T) {
	if u, ok := ctx.Value(txKey{db}).(*unit); ok {
		if u.once == nil {
			u.once = map[string]any{}
		}
		u.once[key] = v
	}
}

// Again forgets what Once remembers under a key; one that ends in a space
// stands for all that begin with it.
func (db *DB) Again(ctx context.Context, key string) {
	u, ok := ctx.Value(txKey{db}).(*unit)
	if !ok {
		return
	}
	delete(u.once, key)
	if !strings.HasSuffix(key, " ") {
		return
	}
	for k := range u.once {
		if strings.HasPrefix(k, key) {
			delete(u.once, k)
		}
	}
}

// BeforeCommit runs fn in the transaction of ctx when all else is done: for
// rows that are cheaper written together. An error rolls everything back.
// Outside a transaction it does nothing and answers false.
func (db *DB) BeforeCommit(ctx context.Context, fn func(ctx context.Context) error) bool {
	u, ok := ctx.Value(txKey{db}).(*unit)
	if ok {
		u.before = append(u.before, fn)
	}
	return ok
}

func (u *unit) finish(ctx context.Context) error {
	for len(u.before) > 0 {
		fn := u.before[0]
		u.before = u.before[1:]
		if err := fn(ctx); err != nil {
			return err
		}
	}
	return u.settle(ctx, "")
}
