package notify

import (
	"context"
	"sync"

	"msw/internal/clock"
)

// Mailbox keeps the newest messages in memory instead of sending them: for the
// demo and for tests.
type Mailbox struct {
	now  func() clock.Instant
	size int

	mu   sync.Mutex
	kept []Kept // the newest last
}

// Kept is a message as the mailbox took it.
type Kept struct {
	Message
	At clock.Instant
}

// NewMailbox keeps at most size messages.
func NewMailbox(size int, now func() clock.Instant) *Mailbox {
	return &Mailbox{now: now, size: size}
}

// Send takes the message in.
func (b *Mailbox) Send(_ context.Context, m Message) error {
	if err := m.Check(); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.kept) >= b.size {
		b.kept = append(b.kept[:0], b.kept[len(b.kept)-b.size+1:]...)
	}
	b.kept = append(b.kept, Kept{m, b.now()})
	return nil
}

// Newest lists the messages of a tenant, and those of none (sign-in codes), the
// newest first, at most limit.
func (b *Mailbox) Newest(tenant string, limit int) []Kept {
	b.mu.Lock()
	defer b.mu.Unlock()
	var list []Kept
	for i := len(b.kept) - 1; i >= 0 && len(list) < limit; i-- {
		if k := b.kept[i]; k.Tenant == tenant || k.Tenant == "" {
			list = append(list, k)
		}
	}
	return list
}
