package referral

import (
	"errors"
	"slices"

	"msw/internal/clock"
	"msw/internal/doctor"
	"msw/internal/nhs"
	"msw/internal/organisation"
	"msw/internal/problem"
	"msw/internal/programme"
	"msw/internal/web"
)

// newForm is one page with everything a referrer knows, as typed.
type newForm struct {
	Key                           string
	Organisations                 []nhs.Option // the referrer's own; empty for staff, who name one
	Referrer                      string
	ReferrerText                  string
	Staff                         bool
	Routes                        []nhs.Option
	Route                         string
	Given, Family, Native         string
	Born                          [3]string
	Email, Mobile, Note, Language string
	Ways                          []string
	First, Country, Region        string
	Countries                     []nhs.Option
	Scope                         []string
	Until                         [3]string
	Agreed                        bool
	Errors                        nhs.Errors
}

func (p *Pages) new(r *web.Request) (web.Response, error) {
	f := newForm{}
	months, err := p.s.o.Setting(r.Context(), r.Call.Actor.Tenant, programme.ConsentFirstMonths)
	if err != nil {
		return web.Response{}, err
	}
	f.Until = parts3(clock.AddMonths(r.Call.Today, months))
	return p.newAgain(r, f)
}

func parts3(d clock.Date) [3]string {
	t := d.Time()
	return [3]string{t.Format("2"), t.Format("1"), t.Format("2006")}
}

// newAgain shows the form with what does not come from the person.
func (p *Pages) newAgain(r *web.Request, f newForm) (web.Response, error) {
	f.Key = r.Key()
	if err := p.whose(r, &f.Organisations, &f.Referrer); err != nil {
		return web.Response{}, err
	}
	f.Staff = len(f.Organisations) == 0
	routes, err := p.s.AllRoutes(r.Context(), r.Call.Actor.Tenant)
	if err != nil {
		return web.Response{}, err
	}
	for _, x := range open(routes) {
		f.Routes = append(f.Routes, nhs.Option{Value: x.Code, Label: x.Title})
	}
	for _, c := range p.s.countries.names {
		f.Countries = append(f.Countries, nhs.Option{Value: c[0], Label: c[1]})
	}
	return web.Page(r, web.PageData{Title: "Refer a doctor", Back: "/referrals", Errors: f.Errors, Body: newPage(f)}), nil
}

// whose gives the organisations the sender may refer for; a single one is
// chosen already.
func (p *Pages) whose(r *web.Request, options *[]nhs.Option, chosen *string) error {
	mine := r.Call.Actor.Organisations(organisation.RoleReferrer)
	if len(mine) == 0 {
		return nil
	}
	names, err := p.names(r, mine)
	for _, id := range mine {
		*options = append(*options, nhs.Option{Value: id, Label: names[id]})
	}
	if len(mine) == 1 {
		*chosen = mine[0]
	}
	return err
}

// referrer is the organisation as chosen, suggested or typed as a code.
func referrer(r *web.Request) string {
	if v := r.Text("referrer-value"); v != "" {
		return v
	}
	return r.Text("referrer")
}

func typedReferral(r *web.Request) newForm {
	return newForm{Referrer: referrer(r), ReferrerText: r.Text("referrer"), Route: r.Text("route"), Given: r.Text("given"), Family: r.Text("family"),
		Native: r.Text("native"), Born: typed(r, "birth-date"), Email: r.Text("email"), Mobile: r.Text("mobile"), Note: r.Text("note"),
		Language: r.Text("languages"), Ways: r.Texts("ways"), First: r.Text("first"), Country: r.Text("country"), Region: r.Text("region"),
		Scope: r.Texts("consent-scope"), Until: typed(r, "consent-until"), Agreed: r.Bool("agreed")}
}

func (p *Pages) refer(r *web.Request) (web.Response, error) {
	f := typedReferral(r)
	var check problem.Check
	born, err := r.Date("birth-date")
	check.Add(err)
	until, err := r.Date("consent-until")
	check.Add(err)
	wrongUntil := err != nil
	check.Add(agreed(r))
	for _, w := range f.Ways {
		check.That(slices.Contains(doctor.Ways(), w), "ways", "Choose ways from the list")
	}
	n := NewReferral{Referrer: f.Referrer, Route: f.Route, Country: f.Country, Region: f.Region, First: f.First, ConsentScope: f.Scope, ConsentUntil: until,
		Person: doctor.NewDoctor{Given: f.Given, Family: f.Family, Native: f.Native, BirthDate: born, Email: f.Email, Mobile: f.Mobile, Ways: f.Ways,
			Note: f.Note, Languages: split(f.Language)}}
	made, err := p.s.Refer(r.Context(), r.Call, n)
	if wrongUntil { // said already, in better words
		err = without(err, "consent-until")
	}
	if err != nil && problem.KindOf(err) != problem.Invalid {
		if errs, ok := web.FieldErrors(err); ok {
			f.Errors = errs
			return p.newAgain(r, f)
		}
		return web.Response{}, err
	}
	check.Add(err)
	if errs, ok := web.FieldErrors(check.Err()); ok {
		f.Errors = errs
		return p.newAgain(r, f)
	}
	return web.SeeOther(refURL(made.Ref), "Referral received. We will take it from here."), nil
}

// without leaves one field out of an Invalid problem.
func without(err error, field string) error {
	e, ok := errors.AsType[*problem.Error](err)
	if !ok || e.Kind != problem.Invalid {
		return err
	}
	kept := *e
	kept.Fields = slices.DeleteFunc(slices.Clone(e.Fields), func(f problem.Field) bool { return f.Name == field })
	if len(kept.Fields) == 0 {
		return nil
	}
	return &kept
}

func agreed(r *web.Request) error {
	var check problem.Check
	check.That(r.Bool("agreed"), "agreed", "Confirm that the doctor agreed")
	return check.Err()
}
