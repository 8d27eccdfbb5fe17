// Package audit keeps the append-only record of who did and saw what: complete
// rows written in the use case's own transaction, each authenticated, then
// linked into a hash chain per tenant with signed checkpoints.
//
// It decides nothing and shows nothing by itself; pages that read the record
// belong to the capability whose record it is.
package audit

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"

	"msw/internal/access"
	"msw/internal/clock"
	"msw/internal/database"
)

// Entry is one thing done. Before and After are images of the record as JSON
// would show it; they are stored sealed under the person's key, or the
// tenant's when Person is empty.
type Entry struct {
	Action        access.Action
	Kind, ID      string
	Person        string
	Before, After any
}

// Look is one page or answer that showed records. Query says what was asked
// for, IDs which records were shown.
type Look struct {
	Action access.Action
	Query  string
	Kind   string
	IDs    []string
	Person string
}

// Log writes the record. Make it with New.
type Log struct {
	db   *database.DB
	sign ed25519.PrivateKey

	mu      sync.Mutex
	waiting []*pendingLook
	writing bool
}

type pendingLook struct {
	row  row
	done chan error
}

// New makes the log of a store whose vault has its key.
func New(db *database.DB) (*Log, error) {
	seed, err := db.Vault().SigningSeed("msw audit checkpoints")
	if err != nil {
		return nil, fmt.Errorf("audit: %w", err)
	}
	return &Log{db: db, sign: ed25519.NewKeyFromSeed(seed)}, nil
}

// Record writes one entry in the transaction of ctx; outside one it is an
// error, since the deed and its record must be saved together.
func (l *Log) Record(ctx context.Context, call access.Call, e Entry) error {
	if !l.db.InTx(ctx) {
		return errors.New("audit: record outside the use case's transaction")
	}
	r := l.row(call, e.Action, e.Kind, e.ID, e.Person)
	image := map[string]any{}
	if e.Before != nil {
		image["before"] = e.Before
	}
	if e.After != nil {
		image["after"] = e.After
	}
	return l.with(ctx, r, image)
}

// with adds a row to those of the transaction of ctx, which are sealed and
// written together, at the latest with its end. The image is taken now, and the
// person's key found now; the rest can be done beside the use case.
func (l *Log) with(ctx context.Context, r row, image any) error {
	plain, err := json.Marshal(image)
	if err != nil {
		return fmt.Errorf("audit: image: %w", err)
	}
	seal, err := l.db.Vault().Sealer(ctx, r.place())
	if err != nil {
		return fmt.Errorf("audit: seal image: %w", err)
	}
	return l.db.Put(ctx, entries, func(args []any) ([]any, error) {
		r.sealed = seal(plain)
		r.mac = l.db.Vault().MAC(r.tenant, "audit", r.bytes())
		return append(args, r.values()...), nil
	})
}

// Look writes that records were shown, before the answer is sent. Several looks
// at once share one transaction and so one wait for the disk.
func (l *Log) Look(ctx context.Context, call access.Call, k Look) error {
	subject := ""
	if len(k.IDs) == 1 {
		subject = k.IDs[0]
	}
	r := l.row(call, k.Action, k.Kind, subject, k.Person)
	r.look, r.shown = true, strings.Join(k.IDs, ",")
	if l.db.InTx(ctx) {
		return l.with(ctx, r, map[string]any{"query": k.Query})
	}
	// Looks are sealed under the tenant's key: a person's key might not exist
	// yet, and making one must not be an effect of looking.
	r.sealPerson = false
	if err := l.finish(ctx, &r, map[string]any{"query": k.Query}); err != nil {
		return err
	}
	return l.enqueue(ctx, r)
}

func (l *Log) row(call access.Call, action access.Action, kind, id, person string) row {
	return row{tenant: call.Actor.Tenant, id: database.NewID(), at: call.Now, account: call.Actor.Account,
		action: action, kind: kind, subject: id, person: person, purpose: call.Purpose, request: call.Request, sealPerson: person != ""}
}

// finish seals and authenticates a row outside a transaction.
func (l *Log) finish(ctx context.Context, r *row, image any) error {
	seal := func(ctx context.Context) (err error) {
		r.sealed, err = l.db.Vault().SealJSON(ctx, r.place(), image)
		return err
	}
	if err := seal(ctx); err != nil { // the tenant's key may still have to be made
		if err := l.db.Tx(ctx, seal); err != nil {
			return fmt.Errorf("audit: seal image: %w", err)
		}
	}
	r.mac = l.db.Vault().MAC(r.tenant, "audit", r.bytes())
	return nil
}

func (l *Log) enqueue(ctx context.Context, r row) error {
	p := &pendingLook{row: r, done: make(chan error, 1)}
	l.mu.Lock()
	l.waiting = append(l.waiting, p)
	first := !l.writing
	l.writing = true
	l.mu.Unlock()
	if first {
		go l.write(context.WithoutCancel(ctx))
	}
	select {
	case err := <-p.done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// write saves what waits, batch after batch, until nothing does.
func (l *Log) write(ctx context.Context) {
	for {
		l.mu.Lock()
		batch := l.waiting
		l.waiting = nil
		if len(batch) == 0 {
			l.writing = false
			l.mu.Unlock()
			return
		}
		l.mu.Unlock()
		rows := make([]row, len(batch))
		for i, p := range batch {
			rows[i] = p.row
		}
		err := l.db.Tx(ctx, func(ctx context.Context) error { return insertRow(ctx, l.db, rows...) })
		for _, p := range batch {
			p.done <- err
		}
	}
}

// row is one audit_entry as stored.
type row struct {
	tenant, id       string
	at               clock.Instant
	look             bool
	account          string
	action           access.Action
	kind, subject    string
	person, shown    string
	purpose, request string
	sealed, mac      []byte
	sealPerson       bool
}

func (r row) place() database.Place {
	p := database.Place{Tenant: r.tenant, Table: "audit_entry", Row: r.id, Column: "sealed"}
	if r.sealPerson {
		p.Person = r.person
	}
	return p
}

// bytes is what the MAC covers: every column, each with its length before it,
// the sealed image by its ciphertext so that erasure leaves the chain whole.
func (r row) bytes() []byte {
	sum := sha256.Sum256(r.sealed)
	var b []byte
	for _, s := range []string{r.tenant, r.id, r.at.String(), fmt.Sprint(r.look), r.account, string(r.action), r.kind, r.subject,
		r.person, r.shown, r.purpose, r.request, string(sum[:])} {
		b = binary.BigEndian.AppendUint32(b, uint32(len(s)))
		b = append(b, s...)
	}
	return b
}

func link(before, mac []byte, id string) []byte {
	h := sha256.New()
	h.Write(before)
	h.Write(mac)
	h.Write([]byte(id))
	return h.Sum(nil)
}

func checkpointBytes(tenant string, seq int64, at clock.Instant, hash []byte) []byte {
	return fmt.Appendf(nil, "msw audit checkpoint\n%s\n%d\n%s\n%x\n", tenant, seq, at, hash)
}
