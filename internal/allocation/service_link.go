package allocation

import (
	"context"
	"encoding/base32"
	"strings"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/problem"
)

// LinkState is how far one side of a link with a partner has come.
type LinkState string

// The states. The one who enters a code agrees by it.
const (
	LinkInvited LinkState = "invited" // has a code; nobody entered it yet
	LinkEntered LinkState = "entered" // somebody entered it: was it the partner?
	LinkAgreed  LinkState = "agreed"
)

// Link is a doctor's own side of a link. It tells nothing of the other person.
type Link struct {
	State   LinkState // "" when there is no link
	Since   clock.Date
	Code    string // to hand to the partner, while nobody has entered it
	Both    bool   // both have agreed
	Version int
}

// LinkOf gives the actor's own link.
func (s *Service) LinkOf(ctx context.Context, call access.Call) (Link, error) {
	tenant, doctor := call.Actor.Tenant, call.Actor.Doctor
	if err := s.own(call, ActLink); err != nil {
		return Link{}, err
	}
	own, err := s.links(ctx, tenant, "doctor_id", []string{doctor})
	if err != nil || len(own) == 0 {
		return Link{}, err
	}
	l := Link{State: own[0].state, Since: own[0].since, Version: own[0].version}
	if l.State == LinkInvited {
		l.Code = s.codeOf(tenant, own[0].pair)
	}
	with, err := s.partners(ctx, tenant, []string{doctor})
	l.Both = with[doctor] != ""
	return l, err
}

// own asks an action on the actor's own record.
func (s *Service) own(call access.Call, act access.Action) error {
	if call.Actor.Doctor == "" {
		return problem.Missing()
	}
	return s.access.May(call.Actor, act, access.Resource{Kind: "preference", ID: call.Actor.Doctor, Tenant: call.Actor.Tenant, Doctor: call.Actor.Doctor})
}

// codeOf is the code of a pair: made with a key, so that nobody can guess it
// from what is stored.
func (s *Service) codeOf(tenant, pair string) string {
	sum := s.db.Vault().MAC(tenant, "allocation link code", []byte(pair))
	text := base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").EncodeToString(sum[:10])
	return text[:5] + "-" + text[5:10]
}

func (s *Service) tokenOf(tenant, code string) string {
	code = strings.NewReplacer("-", "", " ", "", "O", "0", "I", "1", "L", "1").Replace(strings.ToUpper(code))
	return s.db.Vault().Token(tenant, "allocation link code", code)
}

// InvitePartner makes a code that the actor hands to their partner. Refused
// while there is a link already.
func (s *Service) InvitePartner(ctx context.Context, call access.Call) error {
	if err := s.own(call, ActLink); err != nil {
		return err
	}
	tenant, pair := call.Actor.Tenant, database.NewID()
	l := link{doctor: call.Actor.Doctor, pair: pair, token: s.tokenOf(tenant, s.codeOf(tenant, pair)), state: LinkInvited, since: call.Today}
	return s.db.Tx(ctx, func(ctx context.Context) error {
		if err := s.insertLink(ctx, tenant, l); err != nil {
			return err
		}
		return s.auditLink(ctx, call, string(LinkInvited))
	})
}

// EnterCode links the actor with the doctor who made the code. A code that is
// wrong, used or the actor's own is refused in the same words.
func (s *Service) EnterCode(ctx context.Context, call access.Call, code string) error {
	if err := s.own(call, ActLink); err != nil {
		return err
	}
	tenant, doctor := call.Actor.Tenant, call.Actor.Doctor
	return s.db.Tx(ctx, func(ctx context.Context) error {
		found, err := s.links(ctx, tenant, "code_token", []string{s.tokenOf(tenant, code)})
		if err != nil {
			return err
		}
		var c problem.Check
		c.That(len(found) == 1 && found[0].state == LinkInvited && found[0].doctor != doctor, "code", "We do not know this code. Check it with your partner, or ask them for a new one")
		if err := c.Err(); err != nil {
			return err
		}
		if err := s.insertLink(ctx, tenant, link{doctor: doctor, pair: found[0].pair, state: LinkAgreed, since: call.Today}); err != nil {
			return err
		}
		if err := s.moveLink(ctx, tenant, found[0], LinkEntered, call.Today); err != nil {
			return err
		}
		return s.auditLink(ctx, call, "code entered")
	})
}

// ConfirmPartner is the yes of who made the code: it was their partner who
// entered it.
func (s *Service) ConfirmPartner(ctx context.Context, call access.Call) error {
	if err := s.own(call, ActLink); err != nil {
		return err
	}
	return s.db.Tx(ctx, func(ctx context.Context) error {
		own, err := s.links(ctx, call.Actor.Tenant, "doctor_id", []string{call.Actor.Doctor})
		if err != nil {
			return err
		}
		if len(own) == 0 || own[0].state != LinkEntered {
			return problem.Refuse("There is nothing to agree to now.", "Nobody has entered your code, or the link was ended.")
		}
		if err := s.moveLink(ctx, call.Actor.Tenant, own[0], LinkAgreed, call.Today); err != nil {
			return err
		}
		return s.auditLink(ctx, call, string(LinkAgreed))
	})
}

// EndLink ends the actor's link at once, for both and without a reason.
func (s *Service) EndLink(ctx context.Context, call access.Call) error {
	if err := s.own(call, ActLink); err != nil {
		return err
	}
	return s.db.Tx(ctx, func(ctx context.Context) error {
		own, err := s.links(ctx, call.Actor.Tenant, "doctor_id", []string{call.Actor.Doctor})
		if err != nil || len(own) == 0 {
			return err
		}
		if err := s.deletePair(ctx, call.Actor.Tenant, own[0].pair); err != nil {
			return err
		}
		return s.auditLink(ctx, call, "ended")
	})
}

// auditLink writes down a step without naming the other person.
func (s *Service) auditLink(ctx context.Context, call access.Call, step string) error {
	return s.audit.Record(ctx, call, audit.Entry{Action: ActLink, Kind: "link", ID: call.Actor.Doctor, Person: call.Actor.Doctor, After: map[string]string{"step": step}})
}
