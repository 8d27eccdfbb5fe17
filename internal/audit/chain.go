package audit

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"fmt"
	"time"

	"msw/internal/clock"
	"msw/internal/database"
)

// batch is how many rows one linking transaction takes: the chain's head is
// held for a few milliseconds only.
const batch = 250

// settle is how long ago a transaction may have begun and still be found by the
// quick pass; the full pass finds any.
const settle = time.Minute

// Link joins committed rows of a tenant to its chain and signs a checkpoint,
// repeating until none is left. The quick pass looks at the last minute's rows
// only; full looks at all. Two nodes may link at once: one wins each batch.
func (l *Log) Link(ctx context.Context, tenant string, now clock.Instant, full bool) (linked int, err error) {
	from := "" // in one call each row is passed once: what turns up behind is the next full pass's
	for {
		n := 0
		err := l.db.Tx(ctx, func(ctx context.Context) error {
			n, from, err = l.linkBatch(ctx, tenant, now, full, from)
			return err
		})
		if database.IsDuplicate(err) {
			return linked, nil // another node is linking; its batch counts
		}
		if err != nil {
			return linked, fmt.Errorf("audit: link: %w", err)
		}
		linked += n
		if n < batch {
			return linked, nil
		}
	}
}

func (l *Log) linkBatch(ctx context.Context, tenant string, now clock.Instant, full bool, from string) (linked int, next string, err error) {
	seq, hash, last, err := head(ctx, l.db, tenant)
	if err != nil {
		return 0, from, err
	}
	if from == "" && !full && last != "" {
		from = earlier(last, settle)
	}
	rows, err := unlinked(ctx, l.db, tenant, from, batch)
	if err != nil || len(rows) == 0 {
		return 0, from, err
	}
	links := make([]chainLink, len(rows))
	for i, r := range rows {
		seq++
		hash = link(hash, r.mac, r.id)
		links[i] = chainLink{seq: seq, entry: r.id, hash: hash}
	}
	if err := insertLinks(ctx, l.db, tenant, links); err != nil {
		return 0, from, err
	}
	signature := ed25519.Sign(l.sign, checkpointBytes(tenant, seq, now, hash))
	return len(rows), links[len(links)-1].entry, insertCheckpoint(ctx, l.db, tenant, seq, now, hash, signature)
}

// earlier gives the smallest UUIDv7 of a moment before the one in id: its first
// 48 bits are milliseconds.
func earlier(id string, by time.Duration) string {
	raw, err := hex.DecodeString(id[:8] + id[9:13])
	if err != nil || len(raw) != 6 {
		return ""
	}
	var ms int64
	for _, b := range raw {
		ms = ms<<8 | int64(b)
	}
	s := fmt.Sprintf("%012x", max(0, ms-by.Milliseconds()))
	return s[:8] + "-" + s[8:]
}

// Report says how far a tenant's record can be trusted.
type Report struct {
	Tenant      string   `json:"tenant"`
	Linked      int64    `json:"linked"`
	Tail        int64    `json:"tail"` // written, not yet linked
	TailSince   string   `json:"tail_since,omitempty"`
	Checkpoints int64    `json:"checkpoints"`
	Head        string   `json:"head"`
	PublicKey   string   `json:"public_key"`
	Faults      []string `json:"faults"`
}

// OK tells whether nothing is wrong.
func (r Report) OK() bool { return len(r.Faults) == 0 }

// maxFaults keeps a report on a ruined store readable.
const maxFaults = 50

func (r *Report) fault(format string, args ...any) {
	if len(r.Faults) < maxFaults {
		r.Faults = append(r.Faults, fmt.Sprintf(format, args...))
	}
}

// Verify re-derives a tenant's whole chain from the stored rows and compares:
// changed, missing or reordered rows, a broken link, a checkpoint that does not
// fit are each a fault. Memory does not grow with the record.
func (l *Log) Verify(ctx context.Context, tenant string) (Report, error) {
	r := Report{Tenant: tenant, Faults: []string{}, PublicKey: hex.EncodeToString(l.sign.Public().(ed25519.PublicKey))}
	points, err := checkpoints(ctx, l.db, tenant)
	if err != nil {
		return r, err
	}
	r.Checkpoints = int64(len(points))
	hash, seq, err := l.verifyChain(ctx, tenant, points, &r)
	if err != nil {
		return r, err
	}
	r.Linked, r.Head = seq, hex.EncodeToString(hash)
	for _, p := range points {
		if p.seq > seq {
			r.fault("checkpoint %d is beyond the chain's end at %d: rows were removed", p.seq, seq)
		}
	}
	return r, l.verifyTail(ctx, tenant, &r)
}

func (l *Log) verifyChain(ctx context.Context, tenant string, points map[int64]checkpoint, r *Report) ([]byte, int64, error) {
	var hash []byte
	var seq int64
	err := eachLinked(ctx, l.db, tenant, func(c chainLink, e row, found bool) {
		seq++
		if c.seq != seq {
			r.fault("link %d is missing", seq)
			seq = c.seq
		}
		if !found {
			r.fault("link %d: its row %s is missing", c.seq, c.entry)
		} else if !bytes.Equal(e.mac, l.db.Vault().MAC(tenant, "audit", e.bytes())) {
			r.fault("link %d: row %s was changed", c.seq, c.entry)
		}
		if want := link(hash, e.mac, c.entry); found && !bytes.Equal(want, c.hash) {
			r.fault("link %d does not follow from the one before it", c.seq)
		}
		hash = c.hash
		if p, ok := points[c.seq]; ok {
			if !bytes.Equal(p.hash, c.hash) || !ed25519.Verify(l.sign.Public().(ed25519.PublicKey), checkpointBytes(tenant, p.seq, p.at, p.hash), p.signature) {
				r.fault("checkpoint %d does not fit the chain", c.seq)
			}
		}
	})
	return hash, seq, err
}

func (l *Log) verifyTail(ctx context.Context, tenant string, r *Report) error {
	from := ""
	for {
		rows, err := unlinked(ctx, l.db, tenant, from, batch)
		if err != nil {
			return err
		}
		for _, e := range rows {
			if e.id == from {
				continue
			}
			r.Tail++
			if r.TailSince == "" {
				r.TailSince = e.at.String()
			}
			if !bytes.Equal(e.mac, l.db.Vault().MAC(tenant, "audit", e.bytes())) {
				r.fault("row %s, not yet linked, was changed", e.id)
			}
		}
		if len(rows) < batch {
			return nil
		}
		from = rows[len(rows)-1].id
	}
}
