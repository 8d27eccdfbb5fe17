package signin

import (
	"context"
	"fmt"
	"net/http"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/problem"
	"msw/internal/web"
)

// open begins a session after it was proved who is there. The token is new, so
// that one planted before is worth nothing; the session it replaces ends.
// Tenant "" is a session in which a programme has yet to be chosen.
func (s *Service) open(ctx context.Context, call access.Call, replaces string) (token string, err error) {
	token, hash := secret()
	a := call.Actor
	err = s.o.DB.Tx(ctx, func(ctx context.Context) error {
		if replaces != "" {
			if err := s.deleteSession(ctx, hashOf(replaces)); err != nil {
				return err
			}
		}
		row := session{hash: hash, account: a.Account, tenant: a.Tenant, seen: call.Now, ends: call.Now.Add(absoluteEnd)}
		if err := s.insertSession(ctx, row); err != nil {
			return err
		}
		if a.Tenant == "" {
			return nil
		}
		return s.o.Audit.Record(ctx, call, audit.Entry{Action: ActEnter, Kind: "account", ID: a.Account, Person: a.Doctor})
	})
	if err != nil {
		return "", fmt.Errorf("open session of account %s: %w", a.Account, err)
	}
	return token, nil
}

// find gives the live session of a token and notes, at most once a minute,
// that it was used. One past its end is deleted, so that a clock set back does
// not bring it to life.
func (s *Service) find(ctx context.Context, now clock.Instant, token string) (session, bool, error) {
	if token == "" {
		return session{}, false, nil
	}
	row, err := s.session(ctx, hashOf(token))
	if database.IsNoRows(err) {
		return session{}, false, nil
	}
	if err != nil {
		return session{}, false, fmt.Errorf("session: %w", err)
	}
	if row.over(now) {
		return session{}, false, s.End(ctx, token)
	}
	if now.Before(row.seen.Add(touchEach)) {
		return row, true, nil
	}
	return row, true, s.o.DB.Tx(ctx, func(ctx context.Context) error { return s.touch(ctx, row.hash, now) })
}

// Begin opens a session of an account whose address was just proved on another
// station's page, and gives the cookies that carry it.
func (s *Service) Begin(ctx context.Context, call access.Call, account, tenant string) ([]*http.Cookie, error) {
	actors, err := s.o.Actors(ctx, account)
	if err != nil {
		return nil, err
	}
	for _, a := range actors {
		if a.Tenant == tenant {
			call.Actor = a
			token, err := s.open(ctx, call, "")
			if err != nil {
				return nil, err
			}
			return []*http.Cookie{s.keep(s.cookieName(), token, 0)}, nil
		}
	}
	return nil, problem.Missing()
}

// End ends one session.
func (s *Service) End(ctx context.Context, token string) error {
	return s.o.DB.Tx(ctx, func(ctx context.Context) error { return s.deleteSession(ctx, hashOf(token)) })
}

// EndAll ends every session of an account: for a lost phone, a person who
// left, and the button on the account page.
func (s *Service) EndAll(ctx context.Context, account string) error {
	return s.o.DB.Tx(ctx, func(ctx context.Context) error { return s.deleteSessions(ctx, account) })
}

// Actor tells who sent a request: it is web's Options.Actor. A session whose
// account no longer belongs to its programme is nobody's.
func (s *Service) Actor(r *http.Request) (access.Actor, bool, error) {
	row, found, err := s.find(r.Context(), s.o.Now(), s.token(r))
	if err != nil || !found || row.tenant == "" {
		return access.Actor{}, false, err
	}
	return s.actorIn(r.Context(), row.account, row.tenant)
}

func (s *Service) actorIn(ctx context.Context, account, tenant string) (access.Actor, bool, error) {
	actors, err := s.o.Actors(ctx, account)
	if err != nil {
		return access.Actor{}, false, fmt.Errorf("actors of account %s: %w", account, err)
	}
	for _, a := range actors {
		if a.Tenant == tenant && a.Account == account {
			return a, true, nil
		}
	}
	return access.Actor{}, false, nil
}

// choose opens a session of the same account in another of its programmes.
func (s *Service) choose(ctx context.Context, now clock.Instant, token, tenant string) (string, error) {
	row, found, err := s.find(ctx, now, token)
	if err != nil {
		return "", err
	}
	if !found {
		return "", problem.New(problem.Conflict, "You were signed out meanwhile. Sign in again.")
	}
	actor, found, err := s.actorIn(ctx, row.account, tenant)
	if err != nil {
		return "", err
	}
	if !found {
		return "", &problem.Error{Kind: problem.Invalid, Message: "There is a problem", Fields: []problem.Field{{Name: "programme", Message: "Choose one of the programmes"}}}
	}
	return s.open(ctx, access.Call{Actor: actor, Now: now, Today: now.Local()}, token)
}

func (s *Service) cookieName() string { return web.CookieName("msw-session", s.o.Secure) }
func (s *Service) ticketName() string { return web.CookieName("msw-ticket", s.o.Secure) }

func (s *Service) token(r *http.Request) string { return cookie(r, s.cookieName()) }

func cookie(r *http.Request, name string) string {
	c, err := r.Cookie(name)
	if err != nil {
		return ""
	}
	return c.Value
}

// keep is a cookie that ends with the browser, or after seconds; with a
// negative number it goes at once.
func (s *Service) keep(name, value string, seconds int) *http.Cookie {
	return &http.Cookie{Name: name, Value: value, Path: "/", MaxAge: seconds, HttpOnly: true, Secure: s.o.Secure, SameSite: http.SameSiteLaxMode}
}
