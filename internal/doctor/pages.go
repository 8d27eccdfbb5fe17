package doctor

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"msw/internal/access"
	"msw/internal/clock"
	"msw/internal/nhs"
	"msw/internal/problem"
	"msw/internal/web"
)

// Pages are the browser face: the doctor's "About you" and "Contact", the same
// for staff, and the page on which two records are put side by side.
type Pages struct{ s *Service }

// NewPages makes them.
func NewPages(s *Service) *Pages { return &Pages{s} }

// Routes lists the addresses.
func (p *Pages) Routes() []web.Route {
	return append(p.equalityRoutes(), []web.Route{
		{Method: "GET", Pattern: "/apply/about-you", Action: ActChange, Handle: p.about},
		{Method: "POST", Pattern: "/apply/about-you", Action: ActChange, Handle: p.saveAbout},
		{Method: "GET", Pattern: "/apply/contact", Action: ActChange, Handle: p.contact},
		{Method: "POST", Pattern: "/apply/contact", Action: ActChange, Handle: p.saveContact},
		{Method: "GET", Pattern: "/cases/{ref}/about-you", Action: ActChange, Handle: p.about},
		{Method: "POST", Pattern: "/cases/{ref}/about-you", Action: ActChange, Handle: p.saveAbout},
		{Method: "GET", Pattern: "/cases/{ref}/contact", Action: ActChange, Handle: p.contact},
		{Method: "POST", Pattern: "/cases/{ref}/contact", Action: ActChange, Handle: p.saveContact},
		{Method: "GET", Pattern: "/cases/{ref}/seal-note", Action: ActSeal, Handle: p.askSeal},
		{Method: "POST", Pattern: "/cases/{ref}/seal-note", Action: ActSeal, Handle: p.seal},
		{Method: "GET", Pattern: "/cases/{ref}/same", Action: ActCompare, Handle: p.same},
		{Method: "POST", Pattern: "/cases/{ref}/same", Action: ActCompare, Handle: p.decide},
		{Method: "GET", Pattern: "/same-numbers", Action: ActCompare, Handle: p.sameNumbers},
		{Method: "GET", Pattern: AskingPath, Action: ActAsking, Handle: p.asking},
		{Method: "POST", Pattern: AskingPath, Action: ActAsking, Handle: p.say},
		{Method: "GET", Pattern: "/cases/{ref}/asking", Action: ActAsking, Handle: p.asking},
		{Method: "POST", Pattern: "/cases/{ref}/asking", Action: ActAsking, Handle: p.say},
	}...)
}

// whose gives the record a page is about: the actor's own under /apply, the
// case's for staff.
func (p *Pages) whose(r *web.Request) (d Doctor, home string, err error) {
	if ref := r.PathValue("ref"); ref != "" {
		id, err := p.s.ByRef(r.Context(), r.Call.Actor.Tenant, ref)
		if err != nil {
			return d, "", err
		}
		d, err = p.s.Read(r.Context(), r.Call, id)
		return d, "/cases/" + d.Ref, err
	}
	d, err = p.s.Own(r.Context(), r.Call)
	return d, "/apply", err
}

// form is what both pages show: the record's details as typed, and the rest.
type form struct {
	Details
	Key, Action string
	Own         bool
	Version     string
	Born        [3]string
	Spoken      string // languages, comma between
	Told        bool   // someone else told us this and the doctor has not confirmed it
	Finished    string // yes, no or nothing yet
	Kept        bool   // a token of a number is kept
	Errors      nhs.Errors
}

func newForm(r *web.Request, d Doctor, path string) form {
	f := form{Details: d.Details, Key: r.Key(), Action: path, Own: r.PathValue("ref") == "", Version: strconv.Itoa(d.Version),
		Spoken: listWords(d.Languages), Born: nhs.DateParts(d.BirthDate)}
	return f
}

func (p *Pages) about(r *web.Request) (web.Response, error) {
	d, home, err := p.whose(r)
	if err != nil {
		return web.Response{}, err
	}
	f := newForm(r, d, home+"/about-you")
	f.Told = f.Own && !d.AboutSaid && d.AsWritten() != ""
	if d.AboutSaid {
		f.Finished = "yes"
	}
	f.Kept, err = p.keepsNumber(r, d.ID)
	return aboutPage(r, f, home), err
}

// keepsNumber tells whether a token of a typed number is kept of a doctor.
func (p *Pages) keepsNumber(r *web.Request, id string) (bool, error) {
	papers, err := p.s.papersOf(r.Context(), r.Call.Actor.Tenant, id)
	return slices.ContainsFunc(typedKinds[:], func(kind string) bool { return len(papers[id][kind]) > 0 }), err
}

func aboutPage(r *web.Request, f form, home string) web.Response {
	return web.Page(r, web.PageData{Title: "About you", Caption: caption(f.Own), Back: home, Errors: f.Errors, Body: aboutView(f)})
}

func caption(own bool) string {
	if own {
		return "Your application"
	}
	return "Case"
}

func (p *Pages) saveAbout(r *web.Request) (web.Response, error) {
	d, home, err := p.whose(r)
	if err != nil {
		return web.Response{}, err
	}
	n := d.Details
	n.Given, n.Family, n.Preferred, n.Native = r.Text("given"), r.Text("family"), r.Text("preferred"), r.Text("native")
	var check problem.Check
	born, err := r.Date("birth-date")
	check.Add(err)
	n.BirthDate = born
	n.Papers = Papers{Passport: r.Text("passport"), Licence: r.Text("licence"), Certificate: r.Text("certificate"), Forget: r.Bool("forget")}
	if r.PathValue("ref") == "" {
		n.AboutSaid = r.Bool("finished")
	}
	err = p.save(r, d, n, &check)
	f := newForm(r, Doctor{Details: n, Version: d.Version}, home+"/about-you")
	f.Born = [3]string{r.Text("birth-date-day"), r.Text("birth-date-month"), r.Text("birth-date-year")}
	f.Finished, f.Version = r.Text("finished"), r.Text("version")
	kept, failed := p.keepsNumber(r, d.ID)
	if f.Kept = kept; failed != nil {
		return web.Response{}, failed
	}
	return p.answer(r, f, home, err, d, aboutPage)
}

func (p *Pages) contact(r *web.Request) (web.Response, error) {
	d, home, err := p.whose(r)
	if err != nil {
		return web.Response{}, err
	}
	f := newForm(r, d, home+"/contact")
	f.Told = f.Own && !d.ContactSaid && d.Email+d.Mobile != ""
	if d.ContactSaid {
		f.Finished = "yes"
	}
	return contactPage(r, f, home), nil
}

func contactPage(r *web.Request, f form, home string) web.Response {
	title := "How to contact you safely"
	if !f.Own {
		title = "How to contact them safely"
	}
	return web.Page(r, web.PageData{Title: title, Caption: caption(f.Own), Back: home, Errors: f.Errors, Body: contactView(f)})
}

func (p *Pages) saveContact(r *web.Request) (web.Response, error) {
	d, home, err := p.whose(r)
	if err != nil {
		return web.Response{}, err
	}
	n := d.Details
	n.Email, n.Mobile, n.Outcode = r.Text("email"), r.Text("mobile"), r.Text("outcode")
	n.Ways, n.Voicemail = r.Texts("ways"), r.Bool("voicemail")
	n.QuietFrom, n.QuietTo = r.Text("quiet-from"), r.Text("quiet-to")
	n.ContactLanguage, n.Interpreter, n.Companion = r.Text("contact-language"), r.Bool("interpreter"), r.Text("companion")
	n.Languages = words(r.Text("languages"))
	own := r.PathValue("ref") == ""
	if own || !d.AddressPrivate {
		n.Address = r.Text("address")
	}
	if own || !d.NoteSealed {
		n.Note = r.Text("note")
	}
	if own {
		n.AddressPrivate = r.Bool("address-private")
		n.ContactSaid = r.Bool("finished")
	}
	err = p.save(r, d, n, &problem.Check{})
	f := newForm(r, Doctor{Details: n, Version: d.Version}, home+"/contact")
	f.Finished, f.Version, f.Spoken = r.Text("finished"), r.Text("version"), r.Text("languages")
	return p.answer(r, f, home, err, d, contactPage)
}

func words(text string) []string {
	var out []string
	for _, w := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ';' || r == '\n' }) {
		if w = strings.TrimSpace(w); w != "" {
			out = append(out, w)
		}
	}
	return out
}

func (p *Pages) save(r *web.Request, d Doctor, n Details, check *problem.Check) error {
	check.Add(n.Tidy().Check(r.Call.Today))
	version, err := r.Int("version")
	check.Add(err)
	if err := check.Err(); err != nil {
		return err
	}
	if d.AddressPrivate && r.PathValue("ref") != "" { // staff were not shown it: keep what is stored
		stored, err := p.s.Get(r.Context(), r.Call.Actor.Tenant, d.ID)
		if err != nil {
			return err
		}
		n.Address = stored.Address
	}
	return p.s.Change(r.Context(), r.Call, Change{Doctor: d.ID, Version: version, Details: n})
}

// answer sends the person on, or shows the form again with all they typed.
// Where someone else was first, what the record says now stands beside it.
func (p *Pages) answer(r *web.Request, f form, home string, err error, now Doctor, page func(*web.Request, form, string) web.Response) (web.Response, error) {
	if err == nil {
		return web.SeeOther(home, "Saved"), nil
	}
	if errs, ok := web.FieldErrors(err); ok {
		f.Errors = errs
		return page(r, f, home), nil
	}
	if problem.KindOf(err) == problem.Conflict {
		f.Version = strconv.Itoa(now.Version)
		f.Errors = nhs.Errors{{Message: "Someone else changed this while you had it open. Save again to keep what you typed."}}
		for _, c := range changed(f.Details, now.Details) {
			f.Errors = append(f.Errors, nhs.FieldError{Name: c.Code, Message: c.Label + " now says: " + first(c.Value, "nothing")})
		}
		return page(r, f, home), nil
	}
	return web.Response{}, err
}

// changed lists the fields in which the stored record differs from the typed.
func changed(typed, stored Details) []Field {
	var out []Field
	for _, c := range []struct{ code, label, a, b string }{
		{"given", "Given names", typed.Given, stored.Given}, {"family", "Family name", typed.Family, stored.Family},
		{"preferred", "Preferred name", typed.Preferred, stored.Preferred}, {"native", "Name in its own script", typed.Native, stored.Native},
		{"birth-date", "Date of birth", typed.BirthDate.Long(), stored.BirthDate.Long()},
		{"email", "Email", typed.Email, stored.Email}, {"mobile", "Mobile number", typed.Mobile, stored.Mobile},
		{"ways", "Safe ways", wayList(typed.Ways), wayList(stored.Ways)}, {"outcode", "Postcode", typed.Outcode, stored.Outcode},
		{"quiet-from", "Quiet hours", quietWords(typed), quietWords(stored)}, {"languages", "Languages", listWords(typed.Languages), listWords(stored.Languages)},
	} {
		if c.a != c.b {
			out = append(out, Field{c.code, c.label, c.b})
		}
	}
	return out
}

func wayOptions() []nhs.Option {
	var out []nhs.Option
	for _, w := range Ways() {
		out = append(out, nhs.Option{Value: w, Label: WayWords(w)})
	}
	return out
}

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func (p *Pages) askSeal(r *web.Request) (web.Response, error) {
	d, home, err := p.whose(r)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(r, web.PageData{Title: "Seal the contact note", Caption: "Case " + d.Ref, Back: home,
		Body: sealView(r.Key(), home+"/seal-note", d.Note != "")}), nil
}

func (p *Pages) seal(r *web.Request) (web.Response, error) {
	d, home, err := p.whose(r)
	if err != nil {
		return web.Response{}, err
	}
	return web.SeeOther(home, "Sealed. Only the doctor can read that text now."), p.s.SealNote(r.Context(), r.Call, d.ID)
}

// Panel is the doctor's details on the case page; nothing for an actor who
// may not see them.
func (p *Pages) Panel(ctx context.Context, call access.Call, id string) (templ.Component, error) {
	if err := p.s.May(ctx, call, ActRead, id); err != nil {
		return nil, nil //nolint:nilerr // a no means: no panel
	}
	d, err := p.s.load(ctx, call.Actor.Tenant, id)
	if err != nil {
		return nil, err
	}
	same, err := p.s.SamePerson(ctx, call.Actor.Tenant, id)
	if err != nil {
		return nil, err
	}
	goesOn, err := p.goesOn(ctx, call, id)
	if err != nil {
		return nil, err
	}
	linked := 0
	for _, other := range same {
		if p.s.May(ctx, call, ActRead, other) == nil {
			linked++
		}
	}
	v := panelView{Details: d.For(call.Actor, id), Ref: d.Ref, TakenOver: d.Account != "", Linked: linked, GoesOn: goesOn,
		Change:  p.s.May(ctx, call, ActChange, id) == nil && call.Actor.Doctor != id,
		Compare: p.s.May(ctx, call, ActCompare, id) == nil, Seal: p.s.May(ctx, call, ActSeal, id) == nil && d.Note != "" && !d.NoteSealed}
	return v.body(), nil
}

// goesOn gives the reference of the record that goes on in the place of one, to
// those who may read it.
func (p *Pages) goesOn(ctx context.Context, call access.Call, id string) (string, error) {
	as, err := p.s.Linked(ctx, call.Actor.Tenant, id)
	if err != nil || as == "" || p.s.May(ctx, call, ActRead, as) != nil {
		return "", err
	}
	d, err := p.s.load(ctx, call.Actor.Tenant, as)
	return d.Ref, err
}

type panelView struct {
	Details
	Ref                   string
	TakenOver             bool
	Linked                int
	GoesOn                string // the reference of the record that goes on in its place
	Change, Compare, Seal bool
}

func (v panelView) rows() []nhs.SummaryRow {
	var rows []nhs.SummaryRow
	add := func(key, value, path string) {
		if value == "" {
			return
		}
		row := nhs.SummaryRow{Key: key, Value: value}
		if v.Change && path != "" {
			row.Actions = []nhs.Action{{Text: "Change", Href: "/cases/" + v.Ref + path, VisuallyHiddenText: strings.ToLower(key)}}
		}
		rows = append(rows, row)
	}
	add("Name on document", first(v.AsWritten(), "Not known"), "/about-you")
	add("Likes to be called", v.Preferred, "/about-you")
	if v.Native != "" {
		rows = append(rows, nhs.SummaryRow{Key: "Name in own script", Body: nhs.Name{Text: v.Native}})
	}
	add("Date of birth", birthWords(v.BirthDate), "/about-you")
	add("Email", first(v.Email, "Not known"), "/contact")
	add("Mobile", v.Mobile, "/contact")
	add("Safe ways", first(wayList(v.Ways), "Not asked yet"), "/contact")
	add("Quiet hours", quietWords(v.Details), "/contact")
	add("Write in", v.ContactLanguage, "/contact")
	add("Languages", listWords(v.Languages), "/contact")
	if v.Interpreter {
		add("Interpreter", "Needed", "/contact")
	}
	add("Comes with", v.Companion, "/contact")
	add("Postcode area", v.Outcode, "/contact")
	add("Address", v.Address, "/contact")
	note := v.Note
	if v.NoteSealed {
		note = "Sealed: only the doctor can read it"
	}
	add("Contact note", note, "/contact")
	return rows
}

func birthWords(d clock.Date) string {
	switch {
	case d.IsZero():
		return "Not known"
	case !telling(d):
		return d.Long() + " (often given when the date is not known)"
	}
	return d.Long()
}
