// Package signin says who is at the other end: accounts, the one-time codes
// mailed to them, and sessions bound to one account in one programme.
//
// It does not decide what anyone may do (access does) and knows no role; the
// app tells which actors an account has. An account is one human being, found
// by the keyed hash of an e-mail address and by nothing else in here: a
// passkey or an outside identity provider is a further table that points to
// signin_account and ends, like a right code, in Service.open.
package signin

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"math/big"
	"net/mail"
	"strings"
	"time"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/jobs"
	"msw/internal/notify"
	"msw/internal/problem"
)

// ActEnter is everything in here: anyone may ask to be let in, and a session
// is looked at and ended only by who holds it.
const ActEnter access.Action = "signin.enter"

// Actions lists the actions, for the permission table.
func Actions() []access.Action { return []access.Action{ActEnter} }

// The limits. They are ours, not a rule of the programme.
const (
	codeLife     = 10 * time.Minute
	codeTries    = 5
	codesAllowed = 5 // to one address within codeWindow
	codeWindow   = 15 * time.Minute
	idleEnd      = 30 * time.Minute
	absoluteEnd  = 12 * time.Hour
	touchEach    = time.Minute
)

// Persona is a fictional person one can be with one click, in the demo only.
type Persona struct{ ID, Title, Name, Account, Tenant, Explains string }

// Options are what the service needs; Personas and Programme may be nil.
type Options struct {
	DB     *database.DB
	Audit  *audit.Log
	Jobs   *jobs.Outbox
	Sender notify.Sender
	Now    func() clock.Instant
	// Actors gives who an account is, at most one actor a tenant. It is asked
	// at each request, so that a role taken away is gone at once.
	Actors func(ctx context.Context, account string) ([]access.Actor, error)
	// Programme gives a tenant's name as people know it.
	Programme func(ctx context.Context, tenant string) (string, error)
	Personas  func(ctx context.Context) []Persona
	Home      string // where one lands; "/home" when empty
	Secure    bool   // served over TLS
}

// Service is the use cases.
type Service struct{ o Options }

// New makes the service.
func New(o Options) (*Service, error) {
	if o.DB == nil || o.Audit == nil || o.Jobs == nil || o.Sender == nil || o.Now == nil || o.Actors == nil {
		return nil, errors.New("signin: DB, Audit, Jobs, Sender, Now and Actors must be set")
	}
	if o.Home == "" {
		o.Home = "/home"
	}
	if o.Programme == nil {
		o.Programme = func(_ context.Context, tenant string) (string, error) { return tenant, nil }
	}
	return &Service{o}, nil
}

// secret makes a token of 256 random bits and the hash that is stored of it.
func secret() (token, hash string) {
	var b [32]byte
	rand.Read(b[:])
	token = base64.RawURLEncoding.EncodeToString(b[:])
	return token, hashOf(token)
}

func hashOf(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

func newCode() (string, error) {
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		return "", err
	}
	s := n.String()
	return strings.Repeat("0", 6-len(s)) + s, nil
}

// address brings an e-mail address into the one form that is hashed.
func address(typed string) (string, error) {
	typed = strings.ToLower(strings.TrimSpace(typed))
	a, err := mail.ParseAddress(typed)
	if err != nil || a.Address != typed || len(typed) > 254 || !strings.Contains(typed[strings.LastIndex(typed, "@")+1:], ".") {
		return "", &problem.Error{Kind: problem.Invalid, Message: "There is a problem", Fields: []problem.Field{
			{Name: "email", Message: "Enter an email address in the correct format, like name@example.com"},
		}}
	}
	return typed, nil
}

// session is one open session.
type session struct {
	hash, account, tenant string
	seen, ends            clock.Instant
}

func (s session) over(now clock.Instant) bool {
	return !now.Before(s.ends) || !now.Before(s.seen.Add(idleEnd))
}
