package signin

import (
	"context"
	"crypto/subtle"
	"fmt"
	"time"

	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/jobs"
	"msw/internal/notify"
	"msw/internal/problem"
)

const jobCode = "signin.code"

// Jobs names this package's work to a worker: sending codes, and clearing away
// what has ended.
func (s *Service) Jobs(w *jobs.Worker) {
	w.Handle(jobCode, s.sendCode)
	w.Every("signin.forget", time.Hour, s.forget)
}

// Ask sends a code to an address that has an account, and gives the ticket by
// which this browser may answer. Known or not, it does the same steps and
// gives the same answer; more than a few codes to one address in a quarter of
// an hour are answered too, but not sent.
func (s *Service) Ask(ctx context.Context, now clock.Instant, email string) (ticket string, err error) {
	email, err = address(email)
	if err != nil {
		return "", err
	}
	ticket, id := secret()
	code, err := newCode()
	if err != nil {
		return "", err
	}
	c := codeRow{id: id, emailHash: s.emailHash(email), codeHash: s.codeHash(id, code), created: now, ends: now.Add(codeLife)}
	err = s.o.DB.Tx(ctx, func(ctx context.Context) error {
		recent, err := s.codesSince(ctx, c.emailHash, now.Add(-codeWindow))
		if err != nil {
			return err
		}
		account, found, err := s.accountByHash(ctx, c.emailHash)
		if err != nil {
			return err
		}
		if found && recent < codesAllowed {
			c.account = account
		}
		if c.sealed, err = s.o.DB.Vault().Seal(ctx, codePlace(id), []byte(code)); err != nil {
			return err
		}
		if err := s.insertCode(ctx, c); err != nil {
			return err
		}
		return s.o.Jobs.Enqueue(ctx, "", jobCode, map[string]string{"code": id})
	})
	if err != nil {
		return "", fmt.Errorf("ask for a code: %w", err)
	}
	return ticket, nil
}

// sendCode mails a code; for an address without an account there is nothing to
// send.
func (s *Service) sendCode(ctx context.Context, j jobs.Job) error {
	id := j.IDs["code"]
	c, err := s.code(ctx, id)
	if database.IsNoRows(err) {
		return nil // cleared away meanwhile
	}
	if err != nil {
		return err
	}
	if c.account != "" && len(c.sealed) > 0 && s.o.Now().Before(c.ends) {
		code, err := s.o.DB.Vault().Open(ctx, codePlace(id), c.sealed)
		if err != nil {
			return err
		}
		email, err := s.Email(ctx, c.account)
		if err != nil {
			return err
		}
		err = s.o.Sender.Send(ctx, notify.Message{
			ID: j.ID, Channel: notify.Mail, To: email, Subject: "Your sign-in code",
			Text: "Your code is " + string(code) + "\n\nIt works once, for 10 minutes. Never tell it to anyone, not even to someone who helps you.\n\nIf you did not ask for a code, you can ignore this message.",
		})
		if err != nil {
			return err
		}
	}
	return s.unsealCode(ctx, id)
}

var (
	errWrongCode = wrong("Enter the 6 numbers from our newest email. If they do not work, ask for a new code")
	errDeadCode  = wrong("This code no longer works. Ask for a new one")
)

func wrong(message string) *problem.Error {
	return &problem.Error{Kind: problem.Invalid, Message: "There is a problem", Fields: []problem.Field{{Name: "code", Message: message}}}
}

// Answer gives the account when the code is the one sent for this ticket. Each
// try is counted, and stays counted when the answer is wrong; the fifth wrong
// one, the tenth minute and the first right answer end the ticket.
func (s *Service) Answer(ctx context.Context, now clock.Instant, ticket, code string) (account string, err error) {
	id := hashOf(ticket)
	answer := error(errDeadCode)
	err = s.o.DB.Tx(ctx, func(ctx context.Context) error {
		counted, err := s.countTry(ctx, id, now)
		if err != nil || !counted {
			return err
		}
		c, err := s.code(ctx, id)
		if err != nil {
			return err
		}
		right := subtle.ConstantTimeCompare([]byte(c.codeHash), []byte(s.codeHash(id, code))) == 1
		if !right || c.account == "" {
			answer = errWrongCode
			if c.attempts >= codeTries {
				answer = errDeadCode
			}
			return nil
		}
		account, answer = c.account, nil
		return s.useCode(ctx, id)
	})
	if err != nil {
		return "", fmt.Errorf("answer a code: %w", err)
	}
	return account, answer
}

func (s *Service) codeHash(id, code string) string {
	return s.o.DB.Vault().Token("", "signin code", id+" "+code)
}

func codePlace(id string) database.Place {
	return database.Place{Table: "signin_code", Row: id, Column: "sealed", Version: 1}
}
