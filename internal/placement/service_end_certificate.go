package placement

import (
	"context"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/database"
	"msw/internal/problem"
)

// Issuing makes a certificate of service; Replaces names the one it corrects.
type Issuing struct {
	Placement, Replaces      string
	Name, IssuedBy, IssuedAs string
}

// certifying loads an ended placement for who may issue its certificate: the
// employer of record, and the programme.
func (s *Service) certifying(ctx context.Context, call access.Call, id string) (Placement, error) {
	p, err := s.load(ctx, call.Actor.Tenant, id)
	if err != nil {
		return p, err
	}
	if s.access.May(call.Actor, ActCertify, p.resourceFor(ActCertify, call.Actor.Tenant)) != nil {
		return p, problem.Missing()
	}
	return p, nil
}

// DraftCertificate is what a certificate would say now, with those issued before.
func (s *Service) DraftCertificate(ctx context.Context, call access.Call, id string) (Served, []Certificate, error) {
	p, err := s.certifying(ctx, call, id)
	if err != nil {
		return Served{}, nil, err
	}
	if p.EndedOn.IsZero() {
		return Served{}, nil, problem.Refuse("There is no certificate yet.", "The placement has not ended. The certificate is issued after the last day.")
	}
	v, err := s.served(ctx, call.Actor.Tenant, p)
	if err != nil {
		return v, nil, err
	}
	issued, err := s.certificatesOf(ctx, call.Actor.Tenant, p.ID)
	if err != nil {
		return v, nil, err
	}
	return v, issued, s.audit.Look(ctx, call, audit.Look{Action: ActCertify, Kind: "placement", IDs: []string{p.ID}, Person: p.Doctor})
}

func (s *Service) served(ctx context.Context, tenant string, p Placement) (Served, error) {
	v := Served{From: p.StartedOn, To: p.EndedOn}
	names, err := s.offers.Names(ctx, tenant, []string{p.Doctor})
	if err != nil {
		return v, err
	}
	spells, err := s.spells(ctx, tenant, p.ID)
	if err != nil {
		return v, err
	}
	places, accounts := []string{p.Employer}, []string{}
	for _, spell := range spells {
		places, accounts = append(places, spell.Host), append(accounts, spell.Clinical, spell.Educational)
	}
	where, err := s.posts.Places(ctx, tenant, places)
	if err != nil {
		return v, err
	}
	who, err := s.posts.SupervisorNames(ctx, tenant, accounts...)
	v.Name, v.Employer, v.Times = names[p.Doctor], where[p.Employer].Name, times(spells, where, who)
	return v, err
}

// IssueCertificate makes the certificate of an ended placement, once; after that
// only a correction that names the last one.
func (s *Service) IssueCertificate(ctx context.Context, call access.Call, cmd Issuing) (Certificate, error) {
	tenant := call.Actor.Tenant
	var out Certificate
	err := s.db.Tx(ctx, func(ctx context.Context) error {
		p, err := s.certifying(ctx, call, cmd.Placement)
		if err != nil {
			return err
		}
		if p.EndedOn.IsZero() {
			return problem.Refuse("The certificate cannot be issued.", "The placement has not ended.")
		}
		v, err := s.served(ctx, tenant, p)
		if err != nil {
			return err
		}
		v.Name, v.IssuedBy, v.IssuedAs = cmd.Name, cmd.IssuedBy, cmd.IssuedAs
		if err := checkServed(v); err != nil {
			return err
		}
		issued, err := s.certificatesOf(ctx, tenant, p.ID)
		if err != nil {
			return err
		}
		last := ""
		if n := len(issued); n > 0 {
			last = issued[n-1].Number
		}
		if last != cmd.Replaces {
			return problem.New(problem.Conflict, "A certificate was issued meanwhile. Look at it first: a correction must name it.")
		}
		out = Certificate{Number: database.NewRef(), Placement: p.ID, Doctor: p.Doctor, Issue: len(issued) + 1, Replaces: last,
			IssuedOn: call.Today, IssuedAt: call.Now, By: call.Actor.Account, Served: v}
		if err := s.insertCertificate(ctx, tenant, out); err != nil {
			return err
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: ActCertify, Kind: "certificate", ID: out.Number, Person: p.Doctor, After: map[string]any{"placement": p.ID, "issue": out.Issue, "replaces": last}})
	})
	return out, err
}

// Genuine tells anybody whether a number is that of a certificate that counts: yes
// or no, and nothing of whom it is about. One that was corrected does not count.
func (s *Service) Genuine(ctx context.Context, number string) (bool, error) {
	if s.o.Tenants == nil {
		return false, nil
	}
	tenants, err := s.o.Tenants(ctx)
	if err != nil {
		return false, err
	}
	for _, tenant := range tenants {
		if counts, err := s.certificateCounts(ctx, tenant, number); err != nil || counts {
			return counts, err
		}
	}
	return false, nil
}

// LookCertificate shows a certificate as it was issued: to the doctor for ever,
// to the employer of record and the programme.
func (s *Service) LookCertificate(ctx context.Context, call access.Call, number string) (Certificate, error) {
	tenant := call.Actor.Tenant
	number, ok := database.CheckRef(number)
	if !ok {
		return Certificate{}, problem.Missing()
	}
	c, err := s.certificate(ctx, tenant, number)
	if err != nil {
		return c, err
	}
	p, err := s.load(ctx, tenant, c.Placement)
	if err != nil {
		return Certificate{}, err
	}
	if s.access.May(call.Actor, ActCertificate, p.resourceFor(ActCertificate, tenant)) != nil {
		return Certificate{}, problem.Missing()
	}
	issued, err := s.certificatesOf(ctx, tenant, p.ID)
	if err != nil {
		return Certificate{}, err
	}
	for _, other := range issued {
		if other.Replaces == c.Number {
			c.ReplacedBy = other.Number
		}
	}
	return c, s.audit.Look(ctx, call, audit.Look{Action: ActCertificate, Kind: "certificate", IDs: []string{c.Number}, Person: c.Doctor})
}
