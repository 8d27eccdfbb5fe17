package portfolio

import (
	"context"
	"encoding/json"
	"reflect"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/problem"
	"msw/internal/sdjwt"
)

// Importing is a portfolio file to take in. Keys and Revoked are those of who made
// the passport in it, when that is not this msw: saved from there beforehand.
type Importing struct {
	Text    []byte
	Ref     string // of a record here; "" for the one the file names, made when there is none
	Keys    *sdjwt.Keys
	Revoked string
	DryRun  bool
}

// Imported says what came of it.
type Imported struct {
	Reference string `json:"reference"`
	Made      bool   `json:"made"` // a record was made for the doctor
	Added     int    `json:"added"`
	Same      int    `json:"same"`
	Left      int    `json:"left"`     // different here: what is here stays
	Signed    int    `json:"signed"`   // by somebody, elsewhere
	Proven    int    `json:"proven"`   // of these, stated by the passport inside
	Passport  string `json:"passport"` // what can be said of it
	DryRun    bool   `json:"dry_run,omitempty"`
}

// Import takes a portfolio in. A file with any fault is refused whole, with all of
// them. What is here already is never changed, so that a second time changes
// nothing.
func (s *Service) Import(ctx context.Context, call access.Call, cmd Importing) (Imported, error) {
	var done Imported
	if err := s.access.May(call.Actor, ActImport, access.Resource{Kind: "portfolio", Tenant: call.Actor.Tenant, Doctor: call.Actor.Doctor}); err != nil {
		return done, err
	}
	e, faults := ReadExport(cmd.Text, call.Today)
	verdict := s.judgePassport(ctx, call, e.Passport, cmd)
	if verdict.State == Altered && e.Passport != nil && verdict.Confirmed {
		faults = append(faults, "The passport inside: "+verdict.Reason)
	}
	err := s.db.Tx(ctx, func(ctx context.Context) error {
		doctor, err := s.owner(ctx, call, e, cmd, &done, &faults)
		if err != nil {
			return err
		}
		here, err := s.compare(ctx, call.Actor.Tenant, doctor, e.Items, &faults)
		if err != nil {
			return err
		}
		if len(faults) > 0 {
			return problem.Refuse("This file was not taken in. Nothing was changed.", faults...)
		}
		done.Passport = verdict.words(e.Passport != nil)
		if doctor == "" && !cmd.DryRun {
			if doctor, err = s.o.Arrive(ctx, call, e.Doctor.Name, e.Doctor.Reference); err != nil {
				return err
			}
		}
		return s.saveImported(ctx, call, doctor, e, here, verdict, &done, cmd.DryRun)
	})
	done.DryRun = cmd.DryRun
	return done, err
}

// owner finds whose record the file goes into: "" when one has to be made.
func (s *Service) owner(ctx context.Context, call access.Call, e Export, cmd Importing, done *Imported, faults *[]string) (string, error) {
	ref := or(cmd.Ref, e.Doctor.Reference)
	done.Reference = ref
	c, err := s.o.Cases.ByRef(ctx, call.Actor.Tenant, ref)
	if problem.KindOf(err) == problem.NotFound {
		if cmd.Ref != "" || s.o.Arrive == nil {
			return "", err
		}
		done.Made = true
		return "", nil
	}
	if err != nil {
		return "", err
	}
	if err := s.access.May(call.Actor, ActImport, c.Resource()); err != nil {
		return "", err
	}
	names, err := s.o.Names(ctx, call.Actor.Tenant, []string{c.Doctor})
	if err != nil {
		return "", err
	}
	if names[c.Doctor] != e.Doctor.Name && len(e.Doctor.Name) > 0 {
		*faults = append(*faults, "The file names another person than the record "+ref+" does.")
	}
	return c.Doctor, nil
}

// compare reads what is here of the items of a file. One that belongs to somebody
// else is a fault, and no word of it is said.
func (s *Service) compare(ctx context.Context, tenant, doctor string, items []ExportItem, faults *[]string) (map[string]ExportItem, error) {
	here := map[string]ExportItem{}
	if doctor != "" {
		own, err := s.exportItems(ctx, tenant, doctor)
		if err != nil {
			return nil, err
		}
		for _, i := range own {
			here[i.ID] = i
		}
	}
	for _, i := range items {
		if _, own := here[i.ID]; own || i.ID == "" {
			continue
		}
		taken, err := s.itemExists(ctx, tenant, i.ID)
		if err != nil {
			return nil, err
		}
		if taken {
			*faults = append(*faults, "Item "+i.ID+": this reference cannot be used here.")
		}
	}
	return here, nil
}

// judgePassport checks the passport inside by keys that are trusted here: ours,
// and those the caller saved from elsewhere. Keys of the file itself prove nothing.
func (s *Service) judgePassport(ctx context.Context, call access.Call, p *ExportPassport, cmd Importing) Verdict {
	if p == nil {
		return Verdict{}
	}
	if cmd.Keys != nil {
		return Check([]byte(p.Token), cmd.Keys, cmd.Revoked, call.Now)
	}
	keys, err := s.PublicKeys(ctx)
	if err != nil {
		return Verdict{}
	}
	for _, tenant := range s.issuers(ctx, p.Token) {
		if list, err := s.RevokedList(ctx, call, tenant); err == nil {
			return Check([]byte(p.Token), &keys, list, call.Now)
		}
	}
	v := Verdict{Reason: "It was not made here. Save the keys and the list of who made it, and name them with --keys and --revoked."}
	if with, err := sdjwt.ParseKeys(p.Keys); err == nil {
		if token, err := sdjwt.Parse(p.Token); err == nil {
			if _, err := sdjwt.Open(token, PassportKind, with); err == nil {
				return v
			}
		}
	}
	v.State, v.Confirmed = Altered, true // it does not even fit the key it came with
	v.Reason = "It was changed after it was signed."
	return v
}

// issuers gives the programmes here whose key signed a token: one or none.
func (s *Service) issuers(ctx context.Context, text string) []string {
	token, err := sdjwt.Parse(text)
	tenants, errT := s.o.Tenants(ctx)
	if err != nil || errT != nil {
		return nil
	}
	for _, tenant := range tenants {
		keys, err := s.keys(ctx, tenant)
		if err != nil {
			return nil
		}
		for _, k := range keys {
			if sdjwt.KeyOf(token.JWT) == k.ID {
				return []string{tenant}
			}
		}
	}
	return nil
}

func (v Verdict) words(there bool) string {
	if !there {
		return "The file holds no passport: nothing that was signed could be checked."
	}
	if v.State == Valid {
		return "The passport inside was checked: " + v.Reason
	}
	return "The passport inside could not be relied on: " + v.Reason
}

func (s *Service) saveImported(ctx context.Context, call access.Call, doctor string, e Export, here map[string]ExportItem, v Verdict, done *Imported, dry bool) error {
	known := map[string]bool{}
	if v.State == Valid {
		known = proven(e.Items, v.Claims)
	}
	for _, i := range e.Items {
		if i.Signature != nil && i.State != Declined {
			done.Signed++
			if known[i.ID] {
				done.Proven++
			}
		}
		if own, found := here[i.ID]; found {
			if reflect.DeepEqual(own, i) {
				done.Same++
			} else {
				done.Left++
			}
			continue
		}
		done.Added++
		if dry {
			continue
		}
		item := i.imported(doctor, v.Issuer, known[i.ID])
		if err := s.saveItem(ctx, call.Actor.Tenant, &item, 0); err != nil {
			return err
		}
	}
	if dry {
		return nil
	}
	changed, err := s.keepCarried(ctx, call, doctor, e)
	if err != nil || done.Added == 0 && !changed {
		return err
	}
	return s.audit.Record(ctx, call, audit.Entry{Action: ActImport, Kind: "portfolio", ID: doctor, Person: doctor, After: map[string]any{"digest": e.Digest, "added": done.Added, "proven": done.Proven}})
}

// keepCarried keeps what a file says beside the items and what is not known here anyway.
func (s *Service) keepCarried(ctx context.Context, call access.Call, doctor string, e Export) (changed bool, err error) {
	now, err := s.export(ctx, call, doctor, e.Doctor.Reference)
	if err != nil {
		return false, err
	}
	b, err := s.carried(ctx, call.Actor.Tenant, doctor)
	if err != nil {
		return false, err
	}
	was, err := json.Marshal(b)
	if err != nil {
		return false, err
	}
	with := now
	with.add(carried{Posts: e.Posts, Certificates: e.Certificates, Feedback: e.Feedback, Reports: e.Reports})
	b.Posts = append(b.Posts, with.Posts[len(now.Posts):]...)
	b.Certificates = append(b.Certificates, with.Certificates[len(now.Certificates):]...)
	b.Feedback = append(b.Feedback, with.Feedback[len(now.Feedback):]...)
	b.Reports = append(b.Reports, with.Reports[len(now.Reports):]...)
	if e.Passport != nil && (now.Passport == nil || b.Passport != nil && now.Passport.Token == b.Passport.Token) {
		b.Passport = e.Passport
	}
	is, err := json.Marshal(b)
	if err != nil || string(was) == string(is) {
		return false, err
	}
	return true, s.saveCarried(ctx, call.Actor.Tenant, doctor, call.Today, b)
}
