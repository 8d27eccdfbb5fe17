package doctor

import (
	"context"
	"slices"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/database"
	"msw/internal/problem"
)

// Field is one thing of a record that the doctor may carry to another scheme.
type Field struct {
	Code, Label, Value string
}

// CarryFields lists what a record holds that can be carried, each with its
// value, so that the doctor ticks what goes along.
func (d Details) CarryFields() []Field {
	var out []Field
	add := func(code, label, value string) {
		if value != "" {
			out = append(out, Field{code, label, value})
		}
	}
	add("given", "Given names", d.Given)
	add("family", "Family name", d.Family)
	add("preferred", "The name you like to be called", d.Preferred)
	add("native", "Your name in its own script", d.Native)
	add("birth_date", "Date of birth", d.BirthDate.Long())
	add("email", "Email address", d.Email)
	add("mobile", "Mobile number", d.Mobile)
	add("outcode", "First half of your postcode", d.Outcode)
	add("ways", "Safe ways to reach you", wayList(d.Ways))
	add("quiet", "When not to contact you", quietWords(d))
	add("languages", "Languages", listWords(d.Languages))
	add("contact_language", "Language we write in", d.ContactLanguage)
	return out
}

func (d Details) take(from Details, codes []string) Details {
	for _, c := range codes {
		switch c {
		case "given":
			d.Given = from.Given
		case "family":
			d.Family = from.Family
		case "preferred":
			d.Preferred = from.Preferred
		case "native":
			d.Native = from.Native
		case "birth_date":
			d.BirthDate = from.BirthDate
		case "email":
			d.Email = from.Email
		case "mobile":
			d.Mobile = from.Mobile
		case "outcode":
			d.Outcode = from.Outcode
		case "ways":
			d.Ways = slices.Clone(from.Ways)
		case "quiet":
			d.QuietFrom, d.QuietTo = from.QuietFrom, from.QuietTo
		case "languages":
			d.Languages = slices.Clone(from.Languages)
		case "contact_language":
			d.ContactLanguage, d.Interpreter = from.ContactLanguage, from.Interpreter
		}
	}
	return d
}

// Carried is where carried fields arrived.
type Carried struct {
	Doctor, Ref string
	New         bool        // the other scheme had no record of this account
	Call        access.Call // the doctor, acting in the other scheme
}

// CarryOver copies chosen fields of the actor's own record into their record
// in another tenant, making one under the same account if there is none. The
// two records stay two; both tenants' audits tell of it.
func (s *Service) CarryOver(ctx context.Context, call access.Call, to string, codes []string) (Carried, error) {
	own, err := s.Own(ctx, call)
	if err != nil {
		return Carried{}, err
	}
	if err := s.May(ctx, call, ActCarry, own.ID); err != nil {
		return Carried{}, err
	}
	if to == "" || to == call.Actor.Tenant {
		return Carried{}, &problem.Error{Kind: problem.Invalid, Message: "There is a problem",
			Fields: []problem.Field{{Name: "to", Message: "Choose the scheme to carry your record to"}}}
	}
	there := access.Call{Actor: access.Actor{Account: call.Actor.Account, Tenant: to, Name: call.Actor.Name}, Now: call.Now, Today: call.Today,
		Request: call.Request, Purpose: "carried over by the doctor"}
	var c Carried
	err = s.db.Tx(ctx, func(ctx context.Context) error {
		id, err := s.idByAccount(ctx, to, call.Actor.Account)
		if err != nil {
			return err
		}
		if id == "" {
			c, err = s.arrive(ctx, there, own, codes)
		} else {
			c, err = s.join(ctx, there, id, own, codes)
		}
		if err != nil {
			return err
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: ActCarry, Kind: "doctor", ID: own.ID, Person: own.ID, After: map[string]any{"to": to, "fields": codes}})
	})
	return c, err
}

func (s *Service) arrive(ctx context.Context, there access.Call, own Doctor, codes []string) (Carried, error) {
	id, ref, err := s.create(ctx, there, Details{}.take(own.Details, codes), database.NewRef())
	if err != nil {
		return Carried{}, err
	}
	if err := s.Link(ctx, there, id, there.Actor.Account); err != nil {
		return Carried{}, err
	}
	there.Actor.Doctor = id
	return Carried{Doctor: id, Ref: ref, New: true, Call: there}, nil
}

func (s *Service) join(ctx context.Context, there access.Call, id string, own Doctor, codes []string) (Carried, error) {
	there.Actor.Doctor = id
	target, err := s.load(ctx, there.Actor.Tenant, id)
	if err != nil {
		return Carried{}, err
	}
	c := Carried{Doctor: id, Ref: target.Ref, Call: there}
	return c, s.change(ctx, there, Change{Doctor: id, Version: target.Version, Details: target.Details.take(own.Details, codes)})
}
