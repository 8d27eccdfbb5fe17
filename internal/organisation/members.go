package organisation

import (
	"context"
	"slices"
	"strings"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/problem"
)

// MembersOf gives an account's memberships in force on a day, by tenant: what
// the app makes actors of. No permission is asked.
func (s *Service) MembersOf(ctx context.Context, account string, today clock.Date) (map[string][]access.Membership, error) {
	all, err := s.store.membersOf(ctx, account, today)
	if err != nil {
		return nil, err
	}
	out := map[string][]access.Membership{}
	for _, m := range all {
		out[m.Tenant] = append(out[m.Tenant], access.Membership{Role: m.Role, Organisation: m.Organisation, Region: m.Region})
	}
	return out, nil
}

// Members lists who acts for an organisation, or for the programme when
// organisation is "".
func (s *Service) Members(ctx context.Context, call access.Call, organisation string) ([]Member, error) {
	if err := s.may(call, ActMembers, memberResource(organisation)); err != nil {
		return nil, err
	}
	return s.store.members(ctx, call.Actor.Tenant, organisation, call.Today)
}

// AccountsWith lists the accounts that hold a role on a day, for an
// organisation or, with "", anywhere in the programme. For other services.
func (s *Service) AccountsWith(ctx context.Context, tenant string, role access.Role, organisation string, today clock.Date) ([]string, error) {
	return s.store.accountsWith(ctx, tenant, role, organisation, today)
}

// GoneFrom lists the accounts that once held a role at one of some organisations
// and hold it at none of them on a day. For other services.
func (s *Service) GoneFrom(ctx context.Context, tenant string, role access.Role, organisations []string, today clock.Date) ([]string, error) {
	return s.store.goneFrom(ctx, tenant, role, organisations, today)
}

func memberResource(organisation string) access.Resource {
	r := access.Resource{Kind: "member"}
	if organisation != "" {
		r.Organisations = []string{organisation}
	}
	return r
}

// AddMember gives an account a role. The very same role twice is Invalid.
// From zero is today.
func (s *Service) AddMember(ctx context.Context, call access.Call, m Member) (Member, error) {
	if err := s.may(call, ActChangeMembers, memberResource(m.Organisation)); err != nil {
		return Member{}, err
	}
	m.ID, m.Tenant, m.AddedBy, m.Version = database.NewID(), call.Actor.Tenant, call.Actor.Account, 1
	if m.From.IsZero() {
		m.From = call.Today
	}
	err := s.db.Tx(ctx, func(ctx context.Context) error {
		if err := s.checkMember(ctx, call, m); err != nil {
			return err
		}
		added, err := s.store.addMember(ctx, m)
		if err != nil {
			return err
		}
		if !added {
			return fieldError("role", "This person has this role already")
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: ActChangeMembers, Kind: "member", ID: m.ID, After: m})
	})
	return m, err
}

func (s *Service) checkMember(ctx context.Context, call access.Call, m Member) error {
	var c problem.Check
	c.That(m.Account != "", "email", "Enter the person's e-mail address")
	allowed := ProgrammeRoles()
	if m.Organisation != "" {
		o, err := s.Get(ctx, m.Tenant, m.Organisation)
		if err != nil {
			return err
		}
		allowed = RolesAt(o.Kind)
		c.That(o.Open(call.Today), "role", "This organisation is closed. Nobody can be added")
	}
	c.That(slices.Contains(allowed, m.Role), "role", "Choose a role that people can have here")
	if m.Role == RoleRegionalLead {
		c.That(currentRegion(m.Region), "region", "Choose the region of the regional lead")
	} else {
		c.That(m.Region == "", "region", "Only a regional lead has a region")
	}
	c.That(m.Until.IsZero() || m.Until >= m.From, "until", "The last day must be on or after the first")
	return c.Err()
}

// Invite finds or makes the account of an e-mail address, gives it a role and
// lets the person know.
func (s *Service) Invite(ctx context.Context, call access.Call, email string, m Member) (Member, error) {
	if err := s.may(call, ActChangeMembers, memberResource(m.Organisation)); err != nil {
		return Member{}, err
	}
	email = strings.TrimSpace(email)
	at := strings.LastIndexByte(email, '@')
	if at < 1 || !strings.Contains(email[at:], ".") || strings.ContainsAny(email, " \n\t,;<>") {
		return Member{}, fieldError("email", "Enter an e-mail address, like name@example.org")
	}
	if s.ensure == nil {
		return Member{}, problem.New(problem.Unavailable, "People cannot be added by e-mail here.")
	}
	err := s.db.Tx(ctx, func(ctx context.Context) (err error) {
		if m.Account, err = s.ensure(ctx, email); err != nil {
			return err
		}
		if m, err = s.AddMember(ctx, call, m); err != nil || s.invited == nil {
			return err
		}
		return s.invited(ctx, call, m)
	})
	return m, err
}

// RemoveMember ends a role today. Nobody takes away their own administration,
// so that a programme is never left without.
func (s *Service) RemoveMember(ctx context.Context, call access.Call, id string) error {
	return s.db.Tx(ctx, func(ctx context.Context) error {
		m, err := s.store.member(ctx, call.Actor.Tenant, id)
		if err != nil {
			return err
		}
		if err := s.may(call, ActChangeMembers, memberResource(m.Organisation)); err != nil {
			return err
		}
		if m.Role == RoleAdministrator && m.Account == call.Actor.Account {
			return problem.Refuse("You cannot take away your own administrator role.", "Ask another administrator to do it.")
		}
		if err := s.store.endMember(ctx, m, call.Today); err != nil {
			return err
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: ActChangeMembers, Kind: "member", ID: id, Before: m})
	})
}

// Person is a member with the e-mail address of the account.
type Person struct {
	Member
	Email string
}

// People is Members with addresses, for the pages of administrators. The look
// is recorded.
func (s *Service) People(ctx context.Context, call access.Call, organisation string) ([]Person, error) {
	members, err := s.Members(ctx, call, organisation)
	if err != nil {
		return nil, err
	}
	var accounts, ids []string
	for _, m := range members {
		ids = append(ids, m.ID)
		if !slices.Contains(accounts, m.Account) {
			accounts = append(accounts, m.Account)
		}
	}
	addresses := map[string]string{}
	if s.emails != nil {
		if addresses, err = s.emails(ctx, accounts); err != nil {
			return nil, err
		}
	}
	if err := s.audit.Look(ctx, call, audit.Look{Action: ActMembers, Query: "members of " + organisation, Kind: "member", IDs: ids}); err != nil {
		return nil, err
	}
	out := make([]Person, len(members))
	for i, m := range members {
		out[i] = Person{Member: m, Email: addresses[m.Account]}
		if out[i].Email == "" {
			out[i].Email = m.Account
		}
	}
	return out, nil
}
