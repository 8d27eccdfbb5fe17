package portfolio

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/casefile"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/problem"
	"msw/internal/sdjwt"
)

// Taking is a passport that an employer takes in: a file, or the link the doctor
// gave. Keys are those of another issuer, saved from its own address.
type Taking struct {
	Ref  string
	File []byte
	Link string
	Keys []byte
}

// TakenSight is what an employer took in of a passport, as it stands today.
type TakenSight struct {
	Ref, Name string
	Any       bool
	At        clock.Instant
	Issuer    string
	ListAsAt  string
	Expires   string
	Claims    []FittingClaim
}

// FittingClaim is one claim with where it helps.
type FittingClaim struct {
	Fact
	Fit
}

// takingFor finds the case and the one organisation of the actor that stands in it.
func (s *Service) takingFor(ctx context.Context, call access.Call, ref string) (casefile.Case, string, error) {
	c, err := s.reach(ctx, call, ActTakeIn, ref)
	if err != nil {
		return c, "", err
	}
	for _, m := range call.Actor.Members {
		if slices.Contains(c.Resource().Organisations, m.Organisation) && s.access.Can(call.Actor, ActTakeIn) {
			return c, m.Organisation, nil
		}
	}
	return c, "", problem.Missing()
}

// LookTaken gives what the actor's organisation took in last.
func (s *Service) LookTaken(ctx context.Context, call access.Call, ref string) (TakenSight, error) {
	c, organisation, err := s.takingFor(ctx, call, ref)
	if err != nil {
		return TakenSight{}, err
	}
	names, err := s.o.Names(ctx, call.Actor.Tenant, []string{c.Doctor})
	if err != nil {
		return TakenSight{}, err
	}
	v := TakenSight{Ref: c.Ref, Name: names[c.Doctor]}
	t, found, err := s.latestTaken(ctx, call.Actor.Tenant, c.Doctor, organisation)
	if err != nil || !found {
		return v, err
	}
	v.Any, v.At, v.Issuer, v.ListAsAt, v.Expires = true, t.At, t.Sealed.Issuer, t.Sealed.ListAsAt, t.Sealed.Expires
	for _, cl := range t.Sealed.Claims {
		v.Claims = append(v.Claims, FittingClaim{cl.Fact, cl.Fact.fit(call.Today, s.o.CheckStands)})
	}
	return v, s.audit.Look(ctx, call, audit.Look{Action: ActTakeIn, Kind: "passport", IDs: []string{t.ID}, Person: c.Doctor})
}

// TakeIn checks a passport and keeps what it says for the actor's organisation.
// One that is altered, ran out, was taken back, names nobody or somebody else, or
// is signed with a key that is not known here, is refused with the reason.
func (s *Service) TakeIn(ctx context.Context, call access.Call, cmd Taking) error {
	c, organisation, err := s.takingFor(ctx, call, cmd.Ref)
	if err != nil {
		return err
	}
	v, err := s.checkTaking(ctx, call, cmd)
	if err != nil {
		return err
	}
	names, err := s.o.Names(ctx, call.Actor.Tenant, []string{c.Doctor})
	if err != nil {
		return err
	}
	var name string
	for _, cl := range v.Claims {
		if cl.Name == "name" {
			name = cl.Detail
		}
	}
	switch {
	case v.State != Valid:
		return problem.Refuse("This passport cannot be taken in.", v.Reason)
	case name == "":
		return problem.Refuse("This passport does not show whose it is.", "Ask the doctor to show the name too.")
	case name != names[c.Doctor]:
		return problem.Refuse("This passport names another person.", "Nothing was taken in.")
	}
	who, err := s.organisationNames(ctx, call.Actor.Tenant, []string{organisation})
	if err != nil {
		return err
	}
	return s.db.Tx(ctx, func(ctx context.Context) error {
		t := Taken{ID: database.NewRef(), Doctor: c.Doctor, Organisation: organisation, By: call.Actor.Account, At: call.Now,
			Sealed: takenWords{Issuer: v.Issuer, ListAsAt: v.ListAsAt, Expires: v.Expires, Claims: v.Claims}}
		if err := s.insertTaken(ctx, call.Actor.Tenant, t); err != nil {
			return err
		}
		if err := s.audit.Record(ctx, call, audit.Entry{Action: ActTakeIn, Kind: "passport", ID: t.ID, Person: c.Doctor, After: map[string]any{"issuer": v.Issuer, "claims": len(v.Claims)}}); err != nil {
			return err
		}
		return s.noteLook(ctx, call, call.Actor.Tenant, Look{Doctor: c.Doctor, CodeHash: database.NewRef(), Sealed: lookWords{strings.Trim(call.Actor.Name+", "+who[organisation], ", "), "taken in and checked"}})
	})
}

// checkTaking checks what was handed over, by keys that are trusted here.
func (s *Service) checkTaking(ctx context.Context, call access.Call, cmd Taking) (Verdict, error) {
	if len(cmd.File) == 0 {
		return s.checkLink(ctx, call, cmd.Link)
	}
	keys, err := s.PublicKeys(ctx)
	if err != nil {
		return Verdict{}, err
	}
	if len(cmd.Keys) > 0 {
		if keys, err = sdjwt.ParseKeys(cmd.Keys); err != nil {
			return Verdict{}, &problem.Error{Kind: problem.Invalid, Message: "There is a problem", Fields: []problem.Field{{Name: "keys", Message: "These are no keys of an issuer"}}}
		}
	}
	list := ""
	for _, tenant := range s.issuers(ctx, passportIn(cmd.File)) { // of this msw: its own list is newer than any file
		if list, err = s.RevokedList(ctx, call, tenant); err != nil {
			return Verdict{}, err
		}
	}
	return Check(cmd.File, &keys, list, call.Now), nil
}

// checkLink checks what a link of this msw shows.
func (s *Service) checkLink(ctx context.Context, call access.Call, link string) (Verdict, error) {
	wrong := &problem.Error{Kind: problem.Invalid, Message: "There is a problem", Fields: []problem.Field{{Name: "link", Message: "Choose the file, or enter a link of this site that still works"}}}
	u, err := url.Parse(strings.TrimSpace(link))
	if err != nil || link == "" {
		return Verdict{}, wrong
	}
	code := strings.TrimPrefix(u.Path, "/passport/shown/")
	tenant, g, p, err := s.opened(ctx, call, code)
	if problem.KindOf(err) == problem.NotFound {
		return Verdict{}, wrong
	}
	if err != nil {
		return Verdict{}, err
	}
	f, _, err := s.fileOf(ctx, call, tenant, p, g.Sealed.Show)
	if err != nil {
		return Verdict{}, err
	}
	keys, err := s.PublicKeys(ctx)
	if err != nil {
		return Verdict{}, err
	}
	return Check([]byte(f.Passport), &keys, f.Revoked, call.Now), nil
}
