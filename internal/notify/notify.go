// Package notify carries messages to people outside: mail by SMTP, text by an
// HTTP gateway, and a mailbox in memory for the demo and tests.
//
// It knows no words: capabilities write the text, in their job handlers, with
// a subject and a sender that tell a stranger looking at the screen nothing.
// It is not a queue (jobs is) and keeps no message, only that one was sent.
package notify

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/problem"
)

// The channels.
const (
	Mail = "mail"
	Text = "text"
)

// Message is one message to one person.
type Message struct {
	Tenant  string
	ID      string // stable when the message is tried again: a job's ID
	Channel string // Mail or Text
	To      string // an address, or a phone number with + and country code
	Subject string // mail only; neutral, since it shows on a locked screen
	Text    string // plain text
	// Outside names the record for which a message goes to somebody who is
	// neither of the service's staff nor the person it serves; "" for those.
	// Such a message leaves only when the guard lets it.
	Outside string
}

// ErrStopped says that the guard did not let a message leave.
var ErrStopped = errors.New("the message was stopped: its receiver must not be asked")

// Sender sends a message, or says why not; a message is never half sent.
type Sender interface {
	Send(ctx context.Context, m Message) error
}

// SenderFunc is a function that sends.
type SenderFunc func(ctx context.Context, m Message) error

// Send calls the function.
func (f SenderFunc) Send(ctx context.Context, m Message) error { return f(ctx, m) }

// Check tells whether a message can be sent at all: a known channel, an id,
// someone to send it to, and no line break where a header would take one.
func (m Message) Check() error {
	switch {
	case m.Channel != Mail && m.Channel != Text:
		return fmt.Errorf("message %s: no channel %q", m.ID, m.Channel)
	case m.ID == "" || m.To == "" || strings.TrimSpace(m.Text) == "":
		return fmt.Errorf("message %q: id, receiver and text must be set", m.ID)
	case strings.ContainsAny(m.ID+m.To+m.Subject, "\r\n"):
		return fmt.Errorf("message %q: a line break in a header", m.ID)
	}
	return nil
}

// Channels sends each message by its channel; one without a sender is an
// Unavailable problem, so that its job is tried again when there is one.
type Channels map[string]Sender

// Send passes the message on.
func (c Channels) Send(ctx context.Context, m Message) error {
	s := c[m.Channel]
	if s == nil {
		return problem.New(problem.Unavailable, "No way to send "+m.Channel+" is set up.")
	}
	return s.Send(ctx, m)
}

// Once sends each message at most once for its tenant and ID, as far as can be
// known: what a crash between sending and noting repeats has the same
// Message-ID. Do not call it inside a transaction.
type Once struct {
	db   *database.DB
	next Sender
	now  func() clock.Instant

	guard func(ctx context.Context, m Message) (bool, error)
}

// SetGuard names who decides, at the moment a message would leave, whether it
// may go to somebody outside. Without a guard none does. Call it while wiring.
func (o *Once) SetGuard(guard func(ctx context.Context, m Message) (bool, error)) { o.guard = guard }

// NewOnce makes the sender that remembers.
func NewOnce(db *database.DB, next Sender, now func() clock.Instant) *Once {
	return &Once{db: db, next: next, now: now}
}

// Send sends the message unless it was sent before.
func (o *Once) Send(ctx context.Context, m Message) error {
	if err := m.Check(); err != nil {
		return err
	}
	sent, err := o.wasSent(ctx, m)
	if err != nil || sent {
		return err
	}
	if m.Outside != "" {
		if o.guard == nil {
			return ErrStopped
		}
		ok, err := o.guard(ctx, m)
		if err != nil {
			return fmt.Errorf("may %s leave: %w", m.ID, err)
		}
		if !ok {
			return ErrStopped
		}
	}
	if err := o.next.Send(ctx, m); err != nil {
		return fmt.Errorf("send %s: %w", m.ID, err)
	}
	return o.noteSent(ctx, m)
}
