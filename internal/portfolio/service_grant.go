package portfolio

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/database"
	"msw/internal/problem"
	"msw/internal/sdjwt"
)

// Granting gives one recipient access to the actor's passport.
type Granting struct {
	Passport string
	To       string
	Show     []string
	Days     int
}

// Grant gives access. The link is for the recipient alone; every look by it is
// written down for the doctor.
func (s *Service) Grant(ctx context.Context, call access.Call, cmd Granting) (Grant, error) {
	var g Grant
	err := s.db.Tx(ctx, func(ctx context.Context) error {
		p, token, err := s.holding(ctx, call, cmd.Passport)
		if err != nil {
			return err
		}
		cmd.To = strings.TrimSpace(cmd.To)
		var c problem.Check
		c.That(cmd.To != "" && len(cmd.To) <= 120, "to", "Enter who it is for")
		c.That(cmd.Days >= 1 && cmd.Days <= mostDays, "days", "Enter for how many days, from 1 to 366")
		c.That(len(cmd.Show) > 0 && allClaims(token, cmd.Show), "show", "Choose what to show")
		if err := c.Err(); err != nil {
			return err
		}
		tenant := call.Actor.Tenant
		g = Grant{ID: database.NewRef(), Version: 1, Doctor: p.Doctor, Passport: p.ID, Made: call.Now, Ends: min(call.Today.AddDays(cmd.Days), p.Expires),
			Sealed: grantWords{To: cmd.To, Secret: secret(tenant), Show: cmd.Show}}
		g.CodeHash = s.hash(tenant, "grant", g.Sealed.Secret)
		if err := s.insertGrant(ctx, tenant, g); err != nil {
			return err
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: ActPassport, Kind: "passport access", ID: g.ID, Person: p.Doctor, After: map[string]any{"to": g.Sealed.To, "show": g.Sealed.Show, "ends": g.Ends}})
	})
	return g, err
}

// holding gives the actor's own passport that holds today.
func (s *Service) holding(ctx context.Context, call access.Call, id string) (Passport, sdjwt.Token, error) {
	list, err := s.Mine(ctx, call)
	if err != nil {
		return Passport{}, sdjwt.Token{}, err
	}
	i := slices.IndexFunc(list, func(p Passport) bool { return p.ID == id })
	if i < 0 {
		return Passport{}, sdjwt.Token{}, problem.Missing()
	}
	if list[i].State(call.Today) != Valid {
		return Passport{}, sdjwt.Token{}, problem.Refuse("This passport no longer holds.", "Make a new one.")
	}
	token, err := sdjwt.Parse(list[i].Sealed.Token)
	return list[i], token, err
}

func allClaims(token sdjwt.Token, names []string) bool {
	claims := token.Claims()
	return !slices.ContainsFunc(names, func(n string) bool {
		return !slices.ContainsFunc(claims, func(c sdjwt.Claim) bool { return c.Name == n })
	})
}

// Granted is who has access to the actor's passport, and who looked.
type Granted struct {
	Grants []Grant // with their looks, the latest first
	Taken  []Look  // by a file, in this msw
	Now    Passport
}

// Grants gives what the actor gave access to, and every look.
func (s *Service) Grants(ctx context.Context, call access.Call) (Granted, error) {
	doctor, err := s.own(call, ActPassport)
	if err != nil {
		return Granted{}, err
	}
	list, err := s.passports(ctx, call.Actor.Tenant, doctor)
	if err != nil {
		return Granted{}, err
	}
	var v Granted
	if len(list) > 0 {
		v.Now = list[0]
	}
	if v.Grants, err = s.grants(ctx, call.Actor.Tenant, "doctor_id = $2 ORDER BY made_at DESC, id LIMIT 50", doctor); err != nil {
		return v, err
	}
	looks, err := s.looks(ctx, call.Actor.Tenant, "doctor_id = $2 ORDER BY looked_at DESC, id LIMIT 500", doctor)
	for _, l := range looks {
		i := slices.IndexFunc(v.Grants, func(g Grant) bool { return g.ID == l.Grant })
		if i < 0 {
			v.Taken = append(v.Taken, l)
			continue
		}
		v.Grants[i].Looks = append(v.Grants[i].Looks, l)
	}
	return v, err
}

// EndGrant takes access back at once.
func (s *Service) EndGrant(ctx context.Context, call access.Call, id string) error {
	return s.db.Tx(ctx, func(ctx context.Context) error {
		doctor, err := s.own(call, ActPassport)
		if err != nil {
			return err
		}
		done, err := s.endGrant(ctx, call.Actor.Tenant, doctor, id, call.Now)
		if err != nil {
			return err
		}
		if !done {
			return problem.Missing()
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: ActPassport, Kind: "passport access", ID: id, Person: doctor, After: map[string]string{"access": "taken back"}})
	})
}

// opened is a grant that is open now, with its passport. Whatever is wrong with
// a link has one answer.
func (s *Service) opened(ctx context.Context, call access.Call, code string) (tenant string, g Grant, p Passport, err error) {
	tenant, ok := split(code)
	if !ok {
		return "", g, p, problem.Missing()
	}
	list, err := s.grants(ctx, tenant, "code_hash = $2", s.hash(tenant, "grant", code))
	if err != nil || len(list) == 0 {
		return "", g, p, cmp.Or(err, error(problem.Missing()))
	}
	mine, err := s.passports(ctx, tenant, list[0].Doctor)
	if err != nil || len(mine) == 0 || !list[0].Open(mine[0], call.Today) {
		return "", g, p, cmp.Or(err, error(problem.Missing()))
	}
	return tenant, list[0], mine[0], nil
}

// GrantOpen tells whether a link works, and nothing of what is behind it.
func (s *Service) GrantOpen(ctx context.Context, call access.Call, code string) error {
	_, _, _, err := s.opened(ctx, call, code)
	return err
}

// LookBy writes down who opens a link, and gives the key of the page.
func (s *Service) LookBy(ctx context.Context, call access.Call, code, who string) (key string, err error) {
	tenant, g, _, err := s.opened(ctx, call, code)
	if err != nil {
		return "", err
	}
	who = strings.TrimSpace(who)
	if who == "" || len(who) > 120 {
		return "", &problem.Error{Kind: problem.Invalid, Message: "There is a problem", Fields: []problem.Field{{Name: "who", Message: "Enter your name and where you work"}}}
	}
	key = secret(tenant)
	return key, s.noteLook(ctx, call, tenant, Look{Doctor: g.Doctor, Grant: g.ID, CodeHash: s.hash(tenant, "look", key), Sealed: lookWords{who, "by the link"}})
}

// noteLook saves one look, in the log that the doctor reads and in the record.
func (s *Service) noteLook(ctx context.Context, call access.Call, tenant string, l Look) error {
	l.ID, l.At = database.NewRef(), call.Now
	return s.db.Tx(ctx, func(ctx context.Context) error {
		if err := s.insertLook(ctx, tenant, l); err != nil {
			return err
		}
		call.Actor.Tenant = tenant
		return s.audit.Record(ctx, call, audit.Entry{Action: ActCheck, Kind: "passport", ID: l.Doctor, Person: l.Doctor, After: map[string]string{"who": l.Sealed.Who, "how": l.Sealed.How}})
	})
}

// Showing is what one recipient sees of a passport.
type Showing struct {
	To     string
	Facts  []Fact
	Ends   string
	Public string // code of the page that says only how it stands
	File   File
}

// Shown gives what a recipient may see, by the link and the key of their look.
func (s *Service) Shown(ctx context.Context, call access.Call, code, key string) (Showing, error) {
	tenant, g, p, err := s.opened(ctx, call, code)
	if err != nil {
		return Showing{}, err
	}
	looks, err := s.looks(ctx, tenant, "code_hash = $2", s.hash(tenant, "look", key))
	if err != nil || len(looks) == 0 || looks[0].Grant != g.ID || !call.Now.Before(looks[0].At.Add(lookOpenFor)) {
		return Showing{}, cmp.Or(err, error(problem.Missing()))
	}
	f, token, err := s.fileOf(ctx, call, tenant, p, g.Sealed.Show)
	return Showing{To: g.Sealed.To, Facts: factsOf(token), Ends: g.Ends.Long(), Public: p.Sealed.Code, File: f}, err
}

// fileOf is a passport as a file that holds only the named claims.
func (s *Service) fileOf(ctx context.Context, call access.Call, tenant string, p Passport, names []string) (File, sdjwt.Token, error) {
	token, err := sdjwt.Parse(p.Sealed.Token)
	if err != nil {
		return File{}, token, err
	}
	keys, err := s.PublicKeys(ctx)
	if err != nil {
		return File{}, token, err
	}
	text, err := json.Marshal(keys)
	if err != nil {
		return File{}, token, err
	}
	token = token.Only(names...)
	revoked, err := s.RevokedList(ctx, call, tenant)
	return File{Format: FileFormat, Passport: token.String(), Keys: text, Revoked: revoked, Saved: call.Today}, token, err
}
