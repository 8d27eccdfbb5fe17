package referral

import (
	"bytes"
	"net/url"

	"msw/internal/clock"
	"msw/internal/nhs"
	"msw/internal/problem"
	"msw/internal/programme"
	"msw/internal/tabular"
	"msw/internal/web"
)

type importForm struct {
	Key                    string
	Organisations          []nhs.Option
	Referrer, ReferrerText string
	Staff                  bool
	Scope                  []string
	Until                  [3]string
	Order                  string
	Silent, Agreed         bool
	Errors                 nhs.Errors
}

func (p *Pages) importing(r *web.Request) (web.Response, error) {
	months, err := p.s.o.Setting(r.Context(), r.Call.Actor.Tenant, programme.ConsentFirstMonths)
	if err != nil {
		return web.Response{}, err
	}
	return p.importAgain(r, importForm{Until: parts3(clock.AddMonths(r.Call.Today, months))})
}

func (p *Pages) importAgain(r *web.Request, f importForm) (web.Response, error) {
	f.Key = r.Key()
	if err := p.whose(r, &f.Organisations, &f.Referrer); err != nil {
		return web.Response{}, err
	}
	f.Staff = len(f.Organisations) == 0
	return web.Page(r, web.PageData{Title: "Refer many doctors with a file", Back: "/referrals", Errors: f.Errors, Body: importPage(f)}), nil
}

func (p *Pages) upload(r *web.Request) (web.Response, error) {
	f := importForm{Referrer: referrer(r), ReferrerText: r.Text("referrer"), Scope: r.Texts("consent-scope"), Until: typed(r, "consent-until"),
		Order: r.Text("dates"), Silent: r.Bool("silent"), Agreed: r.Bool("agreed")}
	var check problem.Check
	until, err := r.Date("consent-until")
	check.Add(err)
	check.Add(agreed(r))
	check.That(f.Referrer != "", "referrer", "Choose the organisation that refers these doctors")
	file, ok, err := r.File("file")
	if err != nil {
		return web.Response{}, err
	}
	check.That(ok, "file", "Choose a file")
	var u Uploaded
	if err = check.Err(); err == nil {
		defer file.Close()
		u, err = p.s.Preview(r.Context(), r.Call, file, ImportOptions{Name: file.Name, Referrer: f.Referrer, ConsentScope: f.Scope, ConsentUntil: until,
			Dates: order(f.Order), Silent: f.Silent})
	}
	if errs, ok := web.FieldErrors(err); ok {
		f.Errors = placed(errs)
		return p.importAgain(r, f)
	}
	return web.SeeOther("/referral-files/"+url.PathEscape(u.ID), ""), err
}

func order(s string) tabular.DateOrder {
	switch s {
	case "day":
		return tabular.DayFirst
	case "month":
		return tabular.MonthFirst
	}
	return tabular.Undeclared
}

// placed puts what is wrong with the file itself on the file's field.
func placed(errs nhs.Errors) nhs.Errors {
	for i, e := range errs {
		switch e.Name {
		case "consent-scope", "consent-until", "agreed", "referrer":
		default:
			errs[i].Name = "file"
		}
	}
	return errs
}

type uploadView struct {
	Uploaded
	Key string
}

func (p *Pages) uploaded(r *web.Request) (web.Response, error) {
	u, err := p.s.Upload(r.Context(), r.Call, r.PathValue("id"))
	title := "Check before you send"
	if u.Saved {
		title = "Your file was taken in"
	}
	return web.Page(r, web.PageData{Title: title, Caption: u.Name, Back: "/referrals/import", Wide: true, Body: uploadPage(uploadView{u, r.Key()})}), err
}

func (p *Pages) confirm(r *web.Request) (web.Response, error) {
	u, err := p.s.Confirm(r.Context(), r.Call, r.PathValue("id"))
	return web.SeeOther("/referral-files/"+url.PathEscape(u.ID), ""), err
}

func (p *Pages) result(r *web.Request) (web.Response, error) {
	name, file, err := p.s.UploadResult(r.Context(), r.Call, r.PathValue("id"))
	kind := "text/csv; charset=utf-8"
	if len(name) > 5 && name[len(name)-5:] == ".xlsx" {
		kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	}
	return web.Download(name, kind, bytes.NewReader(file)), err
}
