package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Into says where rows of a kind are added: a table, its columns, and what
// stands after the values ("ON CONFLICT … DO NOTHING").
type Into struct{ Table, Columns, Tail string }

// Row adds the values of a row to args, or of several that belong together. It
// may run on another goroutine and must use only what no longer changes.
type Row func(args []any) ([]any, error)

// Put adds rows in the transaction of ctx, many to a statement: before any
// later statement of that transaction that names the table, and at the latest
// with its commit. On SQLite full statements are made and run beside the use
// case. For new rows only: a row that does not fit is told at the end, and rolls
// everything back.
func (db *DB) Put(ctx context.Context, into Into, rows ...Row) error {
	u, ok := ctx.Value(txKey{db}).(*unit)
	if !ok {
		return errors.New("rows put outside a transaction: wrap the use case in DB.Tx")
	}
	if !strings.HasPrefix(into.Columns, "tenant_id, ") {
		return fmt.Errorf("rows of %s: tenant_id is the first column of every table that is put to", into.Table)
	}
	b := u.behindOf(into)
	b.rows = append(b.rows, rows...)
	for len(b.rows) >= b.full {
		part := b.rows[:b.full:b.full]
		b.rows = append(make([]Row, 0, b.full), b.rows[b.full:]...)
		var changes []change
		if len(b.rows) == 0 {
			changes, b.changes = b.changes, nil
		}
		if db.engine != SQLite {
			if err := u.send(ctx, b, part, changes); err != nil {
				return err
			}
			continue
		}
		u.besides(func() error { return u.send(context.WithoutCancel(ctx), b, part, changes) })
		b.under = true
	}
	return nil
}

// Change runs a statement that must change exactly one row, one put before in
// the transaction of ctx: after it, and no sooner than the next rows of its kind
// are sent. That it changed none is told at the end, and rolls everything back:
// nobody else can have changed a row that is not committed.
func (db *DB) Change(ctx context.Context, into Into, query string, args ...any) error {
	u, ok := ctx.Value(txKey{db}).(*unit)
	if !ok {
		return errors.New("row changed outside a transaction: wrap the use case in DB.Tx")
	}
	b := u.behindOf(into)
	b.changes = append(b.changes, change{query, args})
	return nil
}

// Values is a row whose values are at hand.
func Values(values ...any) Row {
	return func(args []any) ([]any, error) { return append(args, values...), nil }
}

// placeholders bounds a statement of many rows: SQLite binds each by a search.
const placeholders = 200

// behind is the rows of one kind that a transaction has not sent yet.
type behind struct {
	into  Into
	width int
	full  int // rows of a full statement
	rows  []Row
	under bool // some are on their way

	changes []change // of rows put, in order
}

// change is a statement about one row that was put before.
type change struct {
	query string
	args  []any
}

func (u *unit) behindOf(into Into) *behind {
	for _, b := range u.behind {
		if b.into == into {
			return b
		}
	}
	width := strings.Count(into.Columns, ",") + 1
	b := &behind{into: into, width: width, full: max(1, placeholders/width)}
	u.behind = append(u.behind, b)
	return b
}

func (u *unit) insert(ctx context.Context, b *behind, rows []Row) error {
	args := make([]any, 0, b.width*len(rows))
	for _, row := range rows {
		var err error
		if args, err = row(args); err != nil {
			return err
		}
	}
	for part := range slices.Chunk(args, b.full*b.width) {
		if _, err := u.transaction.Exec(ctx, "INSERT INTO "+b.into.Table+" ("+b.into.Columns+") VALUES "+Rows(1, b.width, len(part)/b.width)+b.into.Tail, part...); err != nil {
			return fmt.Errorf("insert into %s: %w", b.into.Table, err)
		}
	}
	return nil
}

// send inserts rows and then makes the changes that waited for them.
func (u *unit) send(ctx context.Context, b *behind, rows []Row, changes []change) error {
	if err := u.insert(ctx, b, rows); err != nil {
		return err
	}
	for _, c := range changes {
		n, err := u.transaction.Exec(ctx, c.query, c.args...)
		if err == nil && n != 1 {
			err = fmt.Errorf("%d rows changed, not one", n)
		}
		if err != nil {
			return fmt.Errorf("change of %s: %w", b.into.Table, err)
		}
	}
	return nil
}

// settle sends the rows of every table that query names, all when it is empty,
// and makes the changes of them.
func (u *unit) settle(ctx context.Context, query string) error {
	wait := false
	var changed []*behind
	for _, b := range u.behind {
		if !b.under && len(b.rows)+len(b.changes) == 0 || query != "" && !strings.Contains(query, b.into.Table) {
			continue
		}
		wait = wait || b.under
		rows := b.rows
		b.rows = nil
		if err := u.insert(ctx, b, rows); err != nil {
			return u.spoil(err)
		}
		if len(b.changes) > 0 {
			changed = append(changed, b)
		}
	}
	if wait {
		if err := u.wait(); err != nil {
			return u.spoil(err)
		}
	}
	for _, b := range changed {
		changes := b.changes
		b.changes = nil
		if err := u.send(ctx, b, nil, changes); err != nil {
			return u.spoil(err)
		}
	}
	return u.spoilt
}

// wait answers when all that is on its way has arrived.
func (u *unit) wait() error {
	done := make(chan error, 1)
	u.line <- func(err error) error { done <- err; return err }
	if err := <-done; err != nil {
		return err
	}
	for _, b := range u.behind {
		b.under = false
	}
	return nil
}

// spoil remembers that rows did not fit: the transaction cannot be committed.
func (u *unit) spoil(err error) error {
	u.spoilt = errors.Join(u.spoilt, err)
	return err
}

// besides runs job on the transaction's second goroutine, in order; after the
// first failure the rest is left out. The connection takes one statement at a
// time from whichever goroutine.
func (u *unit) besides(job func() error) {
	if u.line == nil {
		u.line, u.lineEnd = make(chan func(error) error, 64), make(chan struct{})
		go func() {
			defer close(u.lineEnd)
			var err error
			for f := range u.line {
				err = f(err)
			}
		}()
	}
	u.line <- func(err error) error {
		if err != nil {
			return err
		}
		return job()
	}
}

// stop ends the second goroutine; nothing of this transaction runs after it.
func (u *unit) stop() {
	if u.line != nil {
		close(u.line)
		<-u.lineEnd
		u.line = nil
	}
}

// Exec runs a statement after the rows put before it that it may be about.
func (u *unit) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	if err := u.settle(ctx, query); err != nil {
		return 0, err
	}
	return u.transaction.Exec(ctx, query, args...)
}

// Query is as Exec.
func (u *unit) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if err := u.settle(ctx, query); err != nil {
		return nil, err
	}
	return u.transaction.Query(ctx, query, args...)
}

// QueryRow is as Exec. Where rows did not fit it answers a cancelled context;
// the reason is told at the end.
func (u *unit) QueryRow(ctx context.Context, query string, args ...any) *sql.Row {
	if u.settle(ctx, query) != nil {
		ended, end := context.WithCancel(ctx)
		end()
		ctx = ended
	}
	return u.transaction.QueryRow(ctx, query, args...)
}
