package allocation

import (
	"context"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"msw/internal/access"
	"msw/internal/nhs"
	"msw/internal/organisation"
	"msw/internal/post"
	"msw/internal/problem"
	"msw/internal/web"
)

// Pages are the browser face: what post the doctor wishes for.
type Pages struct {
	s *Service
	o PagesOptions
}

// PagesOptions are what the pages ask of others; each may be nil.
type PagesOptions struct {
	// Cases names doctors for a caseworker's list.
	Cases func(ctx context.Context, tenant string, doctors []string) (map[string]Named, error)
	// Rounds gives the rounds that take preferences now in a region.
	Rounds func(ctx context.Context, call access.Call, region string) ([]Round, error)
}

// Named is a doctor as a caseworker's list shows them: a name, and the
// reference of the case it leads to.
type Named struct{ Name, Ref string }

// NewPages makes them.
func NewPages(s *Service, o PagesOptions) *Pages { return &Pages{s, o} }

// Routes lists the addresses.
func (p *Pages) Routes() []web.Route {
	routes := append(p.wishRoutes(), p.partnerRoutes()...)
	return append(append(routes, p.protectedRoutes()...), []web.Route{
		{Method: "GET", Pattern: "/apply/preferences", Action: ActPrefer, Handle: p.preferences},
		{Method: "POST", Pattern: "/apply/preferences", Action: ActPrefer, Handle: p.savePreferences},
	}...)
}

// view is the form as stored or typed.
type view struct {
	Key, Version  string
	Preference    Preference
	Hours, Travel string
	Free          [3]string // day, month, year as typed
	Errors        nhs.Errors
}

func (p *Pages) own(r *web.Request) (Preference, error) {
	if r.Call.Actor.Doctor == "" {
		return Preference{}, problem.Missing()
	}
	return p.s.Get(r.Context(), r.Call.Actor.Tenant, r.Call.Actor.Doctor)
}

func (p *Pages) preferences(r *web.Request) (web.Response, error) {
	stored, err := p.own(r)
	if err != nil {
		return web.Response{}, err
	}
	return page(r, view{Key: r.Key(), Version: strconv.Itoa(stored.Version), Preference: stored, Hours: number(stored.Hours), Travel: number(stored.Travel), Free: nhs.DateParts(stored.FreeFrom)}), nil
}

func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func page(r *web.Request, v view) web.Response {
	return web.Page(r, web.PageData{Title: "The post you would like", Caption: "Your application", Back: "/apply", Errors: v.Errors, Body: body(v)})
}

func (p *Pages) savePreferences(r *web.Request) (web.Response, error) {
	stored, err := p.own(r)
	if err != nil {
		return web.Response{}, err
	}
	wish := Preference{Doctor: stored.Doctor, Regions: r.Texts("regions"), Settings: r.Texts("settings"), Specialties: r.Texts("specialties")}
	var check problem.Check
	wish.Hours, err = r.Int("hours")
	check.Add(err)
	wish.Travel, err = r.Int("travel")
	check.Add(err)
	wish.FreeFrom, err = r.Date("free_from")
	check.Add(err)
	wish.Version, err = r.Int("version")
	check.Add(err)
	check.Add(wish.Check())
	if err = check.Err(); err == nil {
		err = p.s.Prefer(r.Context(), r.Call, wish)
	}
	v := view{Key: r.Key(), Version: r.Text("version"), Preference: wish, Hours: r.Text("hours"), Travel: r.Text("travel"), Free: typedDate(r, "free_from")}
	if errs, ok := web.FieldErrors(err); ok {
		v.Errors = errs
		return page(r, v), nil
	}
	if problem.KindOf(err) == problem.Conflict {
		v.Version = strconv.Itoa(stored.Version)
		v.Errors = nhs.Errors{{Message: "Someone else changed this while you had it open. It now says: " + or(Words(stored), "nothing") + ". Save again to keep what you typed."}}
		return page(r, v), nil
	}
	return web.SeeOther("/apply", "Saved"), err
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func regionOptions() []nhs.Option { return organisation.RegionOptions() }

func settingOptions() (out []nhs.Option) {
	for _, s := range Settings() {
		out = append(out, nhs.Option{Value: s, Label: SettingWords(s)})
	}
	return out
}

func specialtyOptions() (out []nhs.Option) {
	for _, s := range Specialties() {
		out = append(out, nhs.Option{Value: s.Code, Label: s.Name})
	}
	return out
}

// named says codes in the words of their options.
func named(codes []string, options []nhs.Option) string {
	var out []string
	for _, o := range options {
		for _, c := range codes {
			if o.Value == c {
				out = append(out, o.Label)
			}
		}
	}
	return strings.Join(out, ", ")
}

// Words says a preference in one line.
func Words(p Preference) string {
	var out []string
	for _, s := range []string{named(p.Regions, regionOptions()), named(p.Settings, settingOptions()), named(p.Specialties, specialtyOptions())} {
		if s != "" {
			out = append(out, s)
		}
	}
	if p.Hours > 0 {
		out = append(out, "up to "+strconv.Itoa(p.Hours)+" hours a week")
	}
	if p.Travel > 0 {
		out = append(out, "within "+strconv.Itoa(p.Travel)+" miles")
	}
	if !p.FreeFrom.IsZero() {
		out = append(out, "from "+p.FreeFrom.Long())
	}
	return strings.Join(out, "; ")
}

// Panel is the wishes on the case page; nothing for an actor who may not see
// them, or when nothing was said.
func (p *Pages) Panel(ctx context.Context, call access.Call, doctor string) (templ.Component, error) {
	if p.s.may(ctx, call, ActRead, doctor) != nil {
		return nil, nil
	}
	wish, err := p.s.Get(ctx, call.Actor.Tenant, doctor)
	if err != nil {
		return nil, err
	}
	further, err := p.s.furtherRows(ctx, call, doctor)
	if err != nil || wish.Version == 0 && len(further) == 0 {
		return nil, err
	}
	either := func(s string) string { return or(s, "Any") }
	hours, travel := "Any", "Any"
	if wish.Hours > 0 {
		hours = "Up to " + strconv.Itoa(wish.Hours) + " a week"
	}
	if wish.Travel > 0 {
		travel = "Up to " + strconv.Itoa(wish.Travel) + " miles"
	}
	from := "Any day"
	if !wish.FreeFrom.IsZero() {
		from = wish.FreeFrom.Long()
	}
	return nhs.SummaryList{Rows: append([]nhs.SummaryRow{
		{Key: "Region", Value: either(named(wish.Regions, regionOptions()))}, {Key: "Kind of place", Value: either(named(wish.Settings, settingOptions()))},
		{Key: "Specialty", Value: either(named(wish.Specialties, specialtyOptions()))}, {Key: "Hours", Value: hours}, {Key: "Travel", Value: travel}, {Key: "Could start from", Value: from}}, further...)}, nil
}

// furtherRows are what only a caseworker sees besides: the ranked list, what is
// not acceptable and why, and which protected reasons were asked for.
func (s *Service) furtherRows(ctx context.Context, call access.Call, doctor string) ([]nhs.SummaryRow, error) {
	if s.may(ctx, call, ActVouch, doctor) != nil {
		return nil, nil
	}
	lists, err := s.wishLists(ctx, call.Actor.Tenant, []string{doctor})
	if err != nil {
		return nil, err
	}
	l := lists[doctor]
	var ids []string
	for _, w := range l.all() {
		if w.Post != "" {
			ids = append(ids, w.Post)
		}
	}
	known := map[string]post.Post{}
	if len(ids) > 0 {
		if known, err = s.posts.GetMany(ctx, call.Actor.Tenant, ids); err != nil {
			return nil, err
		}
	}
	title := func(w Wish) string {
		if w.Post != "" {
			return known[w.Post].Specialty + ", post " + w.Post
		}
		return bundleWords(w)
	}
	var order, refused, reasons []string
	for i, w := range l.Wishes {
		order = append(order, strconv.Itoa(i+1)+". "+title(w))
	}
	for _, r := range l.Refusals {
		refused = append(refused, title(r.Wish)+": "+r.Class.Words())
	}
	asked, err := s.protectedOf(ctx, call.Actor.Tenant, []string{doctor})
	for _, p := range asked {
		reasons = append(reasons, p.Ground.Title()+": "+standingTag(p.Standing).Text)
	}
	var rows []nhs.SummaryRow
	for _, row := range []struct {
		key   string
		lines []string
	}{{"Ranked list", order}, {"Not acceptable", refused}, {"Protected reasons", reasons}} {
		if len(row.lines) > 0 {
			rows = append(rows, nhs.SummaryRow{Key: row.key, Body: plainLines(row.lines)})
		}
	}
	return rows, err
}
