package portfolio

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"math/big"
	"slices"
	"strings"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/fact"
	"msw/internal/problem"
	"msw/internal/rulebook"
	"msw/internal/sdjwt"
)

// SettingPassport is how many months a passport lasts.
const SettingPassport = "passport_months"

// decoys rounds the number of digests, so that it tells little of how much a
// passport holds.
const decoys = 16

// Passport is one the doctor was given.
type Passport struct {
	ID       string
	Version  int
	Doctor   string
	Place    int
	Key      string
	Issued   clock.Instant
	Expires  clock.Date // last day
	Revoked  clock.Instant
	Sealed   passportWords
	CodeHash string
}

type passportWords struct {
	Token string `json:"token"`
	Code  string `json:"code"` // of the public page
}

// State tells how a passport stands on a day.
func (p Passport) State(today clock.Date) string {
	switch {
	case !p.Revoked.IsZero():
		return Revoked
	case today > p.Expires:
		return Expired
	}
	return Valid
}

// Issue makes the actor's passport: everything that was seen, verified or signed
// about them today. The one before is taken back.
func (s *Service) Issue(ctx context.Context, call access.Call) (Passport, error) {
	tenant := call.Actor.Tenant
	var p Passport
	err := s.db.Tx(ctx, func(ctx context.Context) error {
		doctor, err := s.own(call, ActPassport)
		if err != nil {
			return err
		}
		claims, err := s.claims(ctx, tenant, doctor)
		if err != nil {
			return err
		}
		if len(claims) < 2 { // the name alone says nothing
			return problem.Refuse("There is nothing to put into a passport yet.", "It holds what somebody saw, verified or signed.")
		}
		months, err := s.o.Setting(ctx, tenant, SettingPassport)
		if err != nil {
			return err
		}
		if _, err := s.takeBack(ctx, tenant, doctor, call.Now); err != nil {
			return err
		}
		key, err := s.signingKey(ctx, call)
		if err != nil {
			return err
		}
		p = Passport{ID: database.NewRef(), Version: 1, Doctor: doctor, Key: key.ID, Issued: call.Now, Expires: clock.AddMonths(call.Today, months), Sealed: passportWords{Code: secret(tenant)}}
		p.CodeHash = s.hash(tenant, "passport", p.Sealed.Code)
		if err := s.sign(ctx, tenant, key, claims, &p); err != nil {
			return err
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: ActPassport, Kind: "passport", ID: p.ID, Person: doctor, After: map[string]any{"issued": p.Issued, "expires": p.Expires, "claims": len(claims)}})
	})
	return p, err
}

// sign signs a passport and stores it at a free, random place of the list.
func (s *Service) sign(ctx context.Context, tenant string, key sdjwt.Key, claims []sdjwt.Claim, p *Passport) error {
	for range 20 {
		n, err := rand.Int(rand.Reader, big.NewInt(listSize))
		if err != nil {
			return err
		}
		p.Place = int(n.Int64())
		token, err := sdjwt.Issue(key, PassportKind, map[string]any{"iss": s.o.Address, "vct": PassportType, "iat": p.Issued.Time().Unix(),
			"exp": clock.StartOf(p.Expires.AddDays(1)).Time().Unix(), "status": map[string]any{"status_list": map[string]any{"idx": p.Place, "uri": s.listURI(tenant)}}}, claims, decoys)
		if err != nil {
			return err
		}
		p.Sealed.Token = token.String()
		if free, err := s.insertPassport(ctx, tenant, *p); err != nil || free {
			return err
		}
	}
	return problem.New(problem.Unavailable, "No place was found for the passport. Try again.")
}

func (s *Service) listURI(tenant string) string {
	return s.o.Address + "/passport-keys/" + tenant + "/revoked"
}

// claims gathers what a passport says: nothing that is only claimed, no exam
// that was not passed, no immigration status.
func (s *Service) claims(ctx context.Context, tenant, doctor string) ([]sdjwt.Claim, error) {
	names, err := s.o.Names(ctx, tenant, []string{doctor})
	if err != nil {
		return nil, err
	}
	out := []sdjwt.Claim{{Name: "name", Value: Fact{What: "Name", Detail: names[doctor], Proof: "as shown in the programme"}}}
	add := func(kind string, f Fact) {
		out = append(out, sdjwt.Claim{Name: kind + "_" + decimal(len(out)), Value: f})
	}
	facts, err := s.o.Facts.For(ctx, tenant, doctor)
	if err != nil {
		return nil, err
	}
	for _, r := range facts {
		if f, ok := ofFact(r); ok {
			add(r.Kind, f)
		}
	}
	if s.o.Checks != nil {
		checks, err := s.o.Checks(ctx, tenant, doctor)
		if err != nil {
			return nil, err
		}
		for _, c := range checks {
			add("check", Fact{What: "Employment check", Detail: c.Title, On: c.On, Proof: "verified", By: c.Employer, Verified: c.On, Check: c.Kind})
		}
	}
	items, err := s.items(ctx, tenant, doctor, theDoctor, Query{})
	if err != nil {
		return nil, err
	}
	titles, err := s.taskTitles(ctx, tenant, items)
	if err != nil {
		return nil, err
	}
	// Training that a doctor wrote down is their own word. That somebody saw it stands
	// among the employment checks.
	for _, i := range items {
		if i.Attested() {
			add("course", Fact{What: "Course", Detail: i.Title, On: i.On, Proof: "certificate", By: "the organiser of the event", Verified: i.On})
		}
		if i.State != Vouched || i.Signature == nil {
			continue
		}
		f := i.exported("", titles[i.Task]).signedFact()
		if i.Origin != nil {
			f.By += ", as a passport of " + i.Origin.Issuer + " says"
		}
		add("sign_off", f)
	}
	return out, s.atWork(ctx, tenant, doctor, add)
}

// atWork adds the tasks that were signed off where the doctor works, at a level
// of that host. Those that came from the portfolio are said there already.
func (s *Service) atWork(ctx context.Context, tenant, doctor string, add func(kind string, f Fact)) error {
	signed, err := s.o.Placements.SignedOf(ctx, tenant, doctor)
	if err != nil {
		return err
	}
	var hosts []string
	for _, v := range signed {
		hosts = append(hosts, v.Host)
	}
	names, err := s.organisationNames(ctx, tenant, database.Distinct(hosts))
	if err != nil {
		return err
	}
	for _, v := range signed {
		task, known := s.o.Placements.Tasks().Task(v.Task)
		if !known || !v.Stands() || v.ConfirmedAt.IsZero() || v.Source != "" {
			continue
		}
		add("task", Fact{What: "Signed off at work", Detail: task.Title + ", level " + decimal(int(v.Level)) + " of " + names[v.Host], On: v.On, Until: v.Recheck,
			Proof: "signed", By: v.Assessor.Words(), Verified: v.ConfirmedAt.Local()})
	}
	return nil
}

// ofFact is a fact as a passport says it; false for what does not belong there.
func ofFact(r fact.Record) (Fact, bool) {
	if !r.Live() || r.State != rulebook.Seen && r.State != rulebook.Verified {
		return Fact{}, false
	}
	text := func(name string) string { v, _ := r.Fields[name].(string); return v }
	f := Fact{What: fact.Words(r.Kind), On: r.On, Proof: r.State.String(), Verified: r.CheckedAt.Local()}
	switch r.Kind {
	case fact.Identity:
		f.Detail, f.Until = strings.ReplaceAll(text("document"), "_", " "), r.Until
	case fact.Qualification:
		if held, said := r.Fields["held"].(bool); said && !held {
			return Fact{}, false
		}
		f.Detail = strings.Trim(text("institution")+", "+text("country"), ", ")
	case fact.Exam:
		if text("outcome") != "passed" {
			return Fact{}, false
		}
		f.Detail = text("name") + " passed"
	case fact.EnglishTest:
		if text("outcome") != "passed" {
			return Fact{}, false
		}
		f.Detail = text("test") + " passed"
	case fact.Placement:
		if placed, _ := r.Fields["placed"].(bool); !placed {
			return Fact{}, false
		}
		f.Detail = "Medical Support Worker in this programme"
	default:
		return Fact{}, false
	}
	return f, true
}

// Mine gives the actor's passports, the latest first.
func (s *Service) Mine(ctx context.Context, call access.Call) ([]Passport, error) {
	doctor, err := s.own(call, ActPassport)
	if err != nil {
		return nil, err
	}
	return s.passports(ctx, call.Actor.Tenant, doctor)
}

// Carry gives the actor's passport as a file that holds only the named claims,
// with the keys and the list of what was taken back as they are now.
func (s *Service) Carry(ctx context.Context, call access.Call, id string, names []string) (File, error) {
	list, err := s.Mine(ctx, call)
	if err != nil {
		return File{}, err
	}
	i := slices.IndexFunc(list, func(p Passport) bool { return p.ID == id })
	if i < 0 {
		return File{}, problem.Missing()
	}
	if state := list[i].State(call.Today); state != Valid {
		return File{}, problem.Refuse("This passport no longer holds.", "Make a new one.")
	}
	if len(names) == 0 {
		return File{}, &problem.Error{Kind: problem.Invalid, Message: "There is a problem", Fields: []problem.Field{{Name: "show", Message: "Choose what to show"}}}
	}
	f, _, err := s.fileOf(ctx, call, call.Actor.Tenant, list[i], names)
	return f, err
}

// TakeBack takes the actor's passport back, at once and for good.
func (s *Service) TakeBack(ctx context.Context, call access.Call) error {
	return s.db.Tx(ctx, func(ctx context.Context) error {
		doctor, err := s.own(call, ActPassport)
		if err != nil {
			return err
		}
		n, err := s.takeBack(ctx, call.Actor.Tenant, doctor, call.Now)
		if err != nil {
			return err
		}
		if n == 0 {
			return problem.Refuse("There is no passport to take back.")
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: ActPassport, Kind: "passport", ID: doctor, Person: doctor, After: map[string]string{"passport": "taken back"}})
	})
}

// Standing says of a public code only valid, expired or revoked. A code that was
// never given is answered like one that was taken back.
func (s *Service) Standing(ctx context.Context, call access.Call, code string) (string, error) {
	tenant, ok := split(code)
	if !ok {
		return Revoked, nil
	}
	p, found, err := s.passportByCode(ctx, tenant, s.hash(tenant, "passport", code))
	if err != nil || !found {
		return Revoked, err
	}
	return p.State(call.Today), nil
}

// signingKey is the key that signs today, made when there is none.
func (s *Service) signingKey(ctx context.Context, call access.Call) (sdjwt.Key, error) {
	keys, err := s.keys(ctx, call.Actor.Tenant)
	if err != nil {
		return sdjwt.Key{}, err
	}
	for _, k := range keys {
		if k.Retired.IsZero() {
			return sdjwt.Key{ID: k.ID, Private: k.Private}, nil
		}
	}
	return s.newKey(ctx, call)
}

func (s *Service) newKey(ctx context.Context, call access.Call) (sdjwt.Key, error) {
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		return sdjwt.Key{}, err
	}
	k := storedKey{ID: call.Actor.Tenant + "-" + strings.ToLower(rand.Text()[:10]), Made: call.Now, Public: public, Private: private}
	if err := s.insertKey(ctx, call.Actor.Tenant, k); err != nil {
		return sdjwt.Key{}, err
	}
	return sdjwt.Key{ID: k.ID, Private: private}, s.audit.Record(ctx, call, audit.Entry{Action: ActKeys, Kind: "passport key", ID: k.ID})
}

// Rotate makes a new signing key. What older ones signed can still be checked.
func (s *Service) Rotate(ctx context.Context, call access.Call) (id string, err error) {
	if err := s.access.May(call.Actor, ActKeys, access.Resource{Kind: "passport key", Tenant: call.Actor.Tenant}); err != nil {
		return "", err
	}
	err = s.db.Tx(ctx, func(ctx context.Context) error {
		if err := s.retireKeys(ctx, call.Actor.Tenant, call.Now); err != nil {
			return err
		}
		k, err := s.newKey(ctx, call)
		id = k.ID
		return err
	})
	return id, err
}

// PublicKeys are the keys of every programme, for anybody.
func (s *Service) PublicKeys(ctx context.Context) (sdjwt.Keys, error) {
	tenants, err := s.o.Tenants(ctx)
	if err != nil {
		return sdjwt.Keys{}, err
	}
	var list []sdjwt.PublicKey
	for _, tenant := range tenants {
		keys, err := s.keys(ctx, tenant)
		if err != nil {
			return sdjwt.Keys{}, err
		}
		for _, k := range keys {
			list = append(list, sdjwt.PublicKey{ID: k.ID, Public: k.Public})
		}
	}
	return sdjwt.NewKeys(list...)
}

// RevokedList is the signed list of what a programme took back. It names nobody
// and can be kept: it says as at when.
func (s *Service) RevokedList(ctx context.Context, call access.Call, tenant string) (string, error) {
	keys, err := s.keys(ctx, tenant)
	if err != nil {
		return "", err
	}
	i := slices.IndexFunc(keys, func(k storedKey) bool { return k.Retired.IsZero() })
	if i < 0 {
		return "", problem.Missing()
	}
	places, err := s.revokedPlaces(ctx, tenant)
	if err != nil {
		return "", err
	}
	list := sdjwt.NewList(listSize)
	for _, p := range places {
		list.TakeBack(p)
	}
	const week = 7 * 24 * 60 * 60
	at := call.Now.Time().Unix()
	return sdjwt.Sign(sdjwt.Key{ID: keys[i].ID, Private: keys[i].Private}, sdjwt.ListKind, listPayload{Subject: s.listURI(tenant), Issued: at, Expires: at + week, List: list})
}
