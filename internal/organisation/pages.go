package organisation

import (
	"cmp"
	"sort"
	"strconv"

	"msw/internal/access"
	"msw/internal/nhs"
	"msw/internal/web"
)

// Pages is the browser face.
type Pages struct{ s *Service }

// NewPages makes it.
func NewPages(s *Service) *Pages { return &Pages{s} }

// Routes lists the pages. The type-ahead addresses answer with a list of
// {value, text, hint}: all organisations, those that can host today, those
// that refer doctors.
func (p *Pages) Routes() []web.Route {
	get := func(pattern string, act access.Action, fn func(*web.Request) (web.Response, error)) web.Route {
		return web.Route{Method: "GET", Pattern: pattern, Action: act, Handle: fn}
	}
	post := func(pattern string, act access.Action, fn func(*web.Request) (web.Response, error)) web.Route {
		return web.Route{Method: "POST", Pattern: pattern, Action: act, Handle: fn}
	}
	suggest := func(q Query) func(*web.Request) (web.Response, error) {
		return func(r *web.Request) (web.Response, error) { return p.suggest(r, q) }
	}
	return []web.Route{
		get("/organisations", ActSearch, p.list),
		get("/organisations/search.json", ActSearch, suggest(Query{Open: true})),
		get("/organisations/hosts.json", ActSearch, suggest(Query{Hostable: true})),
		get("/organisations/referrers.json", ActSearch, suggest(Query{Open: true, Kinds: []Kind{Charity, Network, LocalScheme, NHSTrust, TrainingHub, Other}})),
		get("/organisations/new", ActCreate, p.newOne),
		post("/organisations/new", ActCreate, p.create),
		get("/organisations/{id}", ActSearch, p.show),
		post("/organisations/{id}/close", ActClose, p.close),
		get("/organisations/{id}/members", ActMembers, p.members),
		post("/organisations/{id}/members", ActChangeMembers, p.invite),
		post("/organisations/{id}/members/remove", ActChangeMembers, p.remove),
		get("/members", ActMembers, p.members),
		post("/members", ActChangeMembers, p.invite),
		post("/members/remove", ActChangeMembers, p.remove),
	}
}

const caption = "Organisations"

type listData struct {
	Text, Region, Kind string
	Closed             bool
	Asked              bool
	Found              []Organisation
	Next               string
	Files              []ImportedFile
	MayCreate          bool
	MayMembers         bool
}

func (p *Pages) list(r *web.Request) (web.Response, error) {
	d := listData{Text: r.Text("q"), Region: r.Text("region"), Kind: r.Text("kind"), Closed: r.Bool("closed"),
		MayCreate: r.May(ActCreate), MayMembers: r.May(ActChangeMembers)}
	d.Asked = d.Text != "" || d.Region != "" || d.Kind != ""
	q := Query{Text: d.Text, Region: d.Region, Open: !d.Closed, Limit: 25}
	if d.Kind != "" {
		q.Kinds = []Kind{Kind(d.Kind)}
	}
	if after := r.After(1); after != nil {
		q.After = after[0]
	}
	found, err := p.s.Search(r.Context(), r.Call, q)
	if err != nil {
		return web.Response{}, err
	}
	d.Found = found.Organisations
	if found.Next != "" {
		d.Next = r.NextPage(found.Next)
	}
	if d.Files, err = p.s.Files(r.Context(), r.Call); err != nil {
		return web.Response{}, err
	}
	return web.Page(r, web.PageData{Title: "Organisations", Wide: true, Body: listPage(d)}), nil
}

// suggestion is one line of a type-ahead list.
type suggestion struct {
	Value string `json:"value"`
	Text  string `json:"text"`
	Hint  string `json:"hint"`
}

func (p *Pages) suggest(r *web.Request, q Query) (web.Response, error) {
	q.Text, q.Region, q.Limit = r.Text("q"), r.Text("region"), 10
	out := []suggestion{}
	if q.Text == "" {
		return web.JSON(out), nil
	}
	found, err := p.s.Search(r.Context(), r.Call, q)
	if err != nil {
		return web.Response{}, err
	}
	for _, o := range found.Organisations {
		hint := o.Kind.Label()
		for _, more := range []string{o.Where(), o.RegionName(), code(o)} {
			if more != "" {
				hint += ", " + more
			}
		}
		out = append(out, suggestion{o.ID, o.Name, hint})
	}
	return web.JSON(out), nil
}

func code(o Organisation) string {
	if o.National {
		return o.ID
	}
	return ""
}

type showData struct {
	Organisation
	Parent     *Organisation
	Open, Host bool
	MayClose   bool
	MayMembers bool
	Key        string
	Close      [3]string
	Errors     nhs.Errors
}

func (p *Pages) show(r *web.Request) (web.Response, error) { return p.showAgain(r, nil) }

func (p *Pages) showAgain(r *web.Request, errs nhs.Errors) (web.Response, error) {
	tenant := r.Call.Actor.Tenant
	o, err := p.s.Get(r.Context(), tenant, r.PathValue("id"))
	if err != nil {
		return web.Response{}, err
	}
	d := showData{Organisation: o, Open: o.Open(r.Call.Today), Host: o.Hostable(r.Call.Today), Key: r.Key(), Errors: errs,
		MayClose: !o.National && o.Closed.IsZero() && r.May(ActClose), MayMembers: r.May(ActMembers) && len(RolesAt(o.Kind)) > 0,
		Close: [3]string{r.Text("closed-day"), r.Text("closed-month"), r.Text("closed-year")}}
	if o.Parent != "" {
		if parent, err := p.s.Get(r.Context(), tenant, o.Parent); err == nil {
			d.Parent = &parent
		}
	}
	return web.Page(r, web.PageData{Title: o.Name, Caption: o.Kind.Label(), Back: "/organisations", BackText: caption, Errors: errs, Body: showPage(d)}), nil
}

func (p *Pages) close(r *web.Request) (web.Response, error) {
	on, err := r.Date("closed")
	if err == nil {
		version, _ := strconv.ParseInt(r.Text("version"), 10, 64)
		err = p.s.Close(r.Context(), r.Call, r.PathValue("id"), on, version)
	}
	if errs, ok := web.FieldErrors(err); ok {
		return p.showAgain(r, errs)
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.SeeOther("/organisations/"+r.PathValue("id"), "Closed from "+on.Long()), nil
}

type newForm struct {
	Key                                                                 string
	Kind, Name, Address, Postcode, Region, ICB, ICBName, Website, About string
	Boards                                                              []Organisation
	Errors                                                              nhs.Errors
}

func (p *Pages) newOne(r *web.Request) (web.Response, error) { return p.newForm(r, nil) }

func (p *Pages) newForm(r *web.Request, errs nhs.Errors) (web.Response, error) {
	boards, err := p.s.Search(r.Context(), r.Call, Query{Kinds: []Kind{ICB}, Open: true, Limit: 100})
	if err != nil {
		return web.Response{}, err
	}
	f := newForm{Key: r.Key(), Kind: r.Text("kind"), Name: r.Text("name"), Address: r.Text("address"), Postcode: r.Text("postcode"), Region: r.Text("region"),
		ICB: r.Text("icb"), Website: r.Text("website"), About: r.Text("about"), Boards: boards.Organisations, Errors: errs}
	return web.Page(r, web.PageData{Title: "Add an organisation", Caption: caption, Back: "/organisations", Errors: errs, Body: newPage(f)}), nil
}

func (p *Pages) create(r *web.Request) (web.Response, error) {
	o, err := p.s.Create(r.Context(), r.Call, NewOrganisation{Kind: Kind(r.Text("kind")), Name: r.Text("name"), Address: r.Text("address"), Postcode: r.Text("postcode"),
		Region: r.Text("region"), ICB: r.Text("icb"), Website: r.Text("website"), About: r.Text("about")})
	if errs, ok := web.FieldErrors(err); ok {
		return p.newForm(r, errs)
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.SeeOther("/organisations/"+o.ID, "Organisation added"), nil
}

// membersData serves an organisation's page and, without ID, the programme's.
type membersData struct {
	ID, Name    string
	Path        string
	People      []Person
	Roles       []access.Role
	MayChange   bool
	Email, Role string
	Region      string
	Key         string
	Errors      nhs.Errors
}

func (p *Pages) members(r *web.Request) (web.Response, error) { return p.membersAgain(r, nil) }

func (p *Pages) membersAgain(r *web.Request, errs nhs.Errors) (web.Response, error) {
	d := membersData{ID: r.PathValue("id"), Path: membersPath(r), Roles: ProgrammeRoles(), Email: r.Text("email"), Role: r.Text("role"), Region: r.Text("region"),
		Key: r.Key(), Errors: errs, MayChange: r.May(ActChangeMembers)}
	title, back := "People of this programme", ""
	if d.ID != "" {
		o, err := p.s.Get(r.Context(), r.Call.Actor.Tenant, d.ID)
		if err != nil {
			return web.Response{}, err
		}
		d.Name, d.Roles = o.Name, RolesAt(o.Kind)
		d.MayChange = d.MayChange && o.Open(r.Call.Today)
		title, back = "People", "/organisations/"+d.ID
	}
	people, err := p.s.People(r.Context(), r.Call, d.ID)
	if err != nil {
		return web.Response{}, err
	}
	sort.SliceStable(people, func(i, j int) bool {
		a, b := people[i], people[j]
		return cmp.Compare(a.Email, b.Email) < 0
	})
	d.People = people
	return web.Page(r, web.PageData{Title: title, Caption: d.Name, Back: back, Errors: errs, Body: membersPage(d)}), nil
}

func membersPath(r *web.Request) string {
	if id := r.PathValue("id"); id != "" {
		return "/organisations/" + id + "/members"
	}
	return "/members"
}

func (p *Pages) invite(r *web.Request) (web.Response, error) {
	_, err := p.s.Invite(r.Context(), r.Call, r.Text("email"), Member{Organisation: r.PathValue("id"), Role: access.Role(r.Text("role")), Region: r.Text("region")})
	if errs, ok := web.FieldErrors(err); ok {
		return p.membersAgain(r, errs)
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.SeeOther(membersPath(r), "Added. They can sign in with this e-mail address."), nil
}

func (p *Pages) remove(r *web.Request) (web.Response, error) {
	if err := p.s.RemoveMember(r.Context(), r.Call, r.Text("member")); err != nil {
		return web.Response{}, err
	}
	return web.SeeOther(membersPath(r), "Removed"), nil
}

// RegionOptions are the regions to choose from.
func RegionOptions() []nhs.Option {
	var out []nhs.Option
	for _, r := range Regions() {
		out = append(out, nhs.Option{Value: r.Code, Label: r.Name})
	}
	return out
}
