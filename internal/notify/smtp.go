package notify

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/wneessen/go-mail"

	"msw/internal/clock"
)

// SMTPOptions tell how to reach the mail server.
type SMTPOptions struct {
	Host           string
	Port           int // 587 when 0
	User, Password string
	From           string // the address mail comes from
	FromName       string // neutral; "Messages" when empty
	Plain          bool   // no TLS: only for a server on this machine
	Now            func() clock.Instant
}

// SMTP sends mail through a server, with TLS demanded unless Plain.
type SMTP struct{ o SMTPOptions }

// NewSMTP checks the options; it does not connect.
func NewSMTP(o SMTPOptions) (*SMTP, error) {
	if o.Host == "" || !strings.Contains(o.From, "@") || o.Now == nil {
		return nil, fmt.Errorf("mail: host, sender's address and clock must be set")
	}
	if o.Port == 0 {
		o.Port = 587
	}
	if o.FromName == "" {
		o.FromName = "Messages"
	}
	return &SMTP{o}, nil
}

// MessageID is the Message-ID of a message: the same at every try, and telling
// neither tenant nor id.
func (s *SMTP) MessageID(m Message) string {
	sum := sha256.Sum256([]byte(m.Tenant + "\x00" + m.ID))
	_, domain, _ := strings.Cut(s.o.From, "@")
	return hex.EncodeToString(sum[:16]) + "@" + domain
}

// Send delivers one mail to the server.
func (s *SMTP) Send(ctx context.Context, m Message) error {
	if err := m.Check(); err != nil {
		return err
	}
	msg := mail.NewMsg(mail.WithNoDefaultUserAgent())
	if err := msg.FromFormat(s.o.FromName, s.o.From); err != nil {
		return err
	}
	if err := msg.To(m.To); err != nil {
		return err
	}
	msg.Subject(m.Subject)
	msg.SetMessageIDWithValue(s.MessageID(m))
	msg.SetDateWithValue(s.o.Now().Time())
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	msg.SetBodyString(mail.TypeTextPlain, m.Text)
	client, err := mail.NewClient(s.o.Host, s.options()...)
	if err != nil {
		return err
	}
	return client.DialAndSendWithContext(ctx, msg)
}

func (s *SMTP) options() []mail.Option {
	opts := []mail.Option{mail.WithPort(s.o.Port), mail.WithTimeout(20 * time.Second), mail.WithTLSPolicy(mail.TLSMandatory)}
	if s.o.Plain {
		opts = append(opts, mail.WithTLSPolicy(mail.NoTLS))
	}
	if s.o.Port == 465 {
		opts = append(opts, mail.WithSSL())
	}
	if s.o.User != "" {
		opts = append(opts, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(s.o.User), mail.WithPassword(s.o.Password))
	}
	return opts
}
