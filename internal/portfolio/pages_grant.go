package portfolio

import (
	"encoding/json"
	"strconv"
	"strings"

	"msw/internal/chart"
	"msw/internal/nhs"
	"msw/internal/sdjwt"
	"msw/internal/web"
)

func (p *Pages) grantRoutes() []web.Route {
	const few = 20
	return []web.Route{
		{Method: "GET", Pattern: "/portfolio/passport/print", Action: ActPassport, Handle: p.printed},
		{Method: "GET", Pattern: "/portfolio/passport/access", Action: ActPassport, Handle: p.access},
		{Method: "POST", Pattern: "/portfolio/passport/access", Action: ActPassport, Handle: p.grant},
		{Method: "POST", Pattern: "/portfolio/passport/access/{id}/end", Action: ActPassport, Handle: p.endGrant},
		{Method: "GET", Pattern: "/passport/shown/{secret}", Action: ActCheck, Handle: p.knock, Limit: 60},
		{Method: "POST", Pattern: "/passport/shown/{secret}", Action: ActCheck, Handle: p.enter, Limit: few},
		{Method: "GET", Pattern: "/passport/shown/{secret}/{look}", Action: ActCheck, Handle: p.shown, Limit: 60},
		{Method: "GET", Pattern: "/passport/shown/{secret}/{look}/file", Action: ActCheck, Handle: p.shownFile, Limit: 60},
		{Method: "GET", Pattern: "/portfolios/{ref}/passport", Action: ActTakeIn, Handle: p.taken},
		{Method: "POST", Pattern: "/portfolios/{ref}/passport", Action: ActTakeIn, Handle: p.take, Upload: true},
	}
}

type printView struct {
	Name    string
	Facts   []Fact
	Made    string
	Expires string
	Code    chart.QR
	Address string
}

// printed is the passport on paper: what the doctor chose, or all of it.
func (p *Pages) printed(r *web.Request) (web.Response, error) {
	list, err := p.s.Mine(r.Context(), r.Call)
	if err != nil {
		return web.Response{}, err
	}
	id := r.Text("passport")
	if id == "" && len(list) > 0 {
		id = list[0].ID
	}
	passport, token, err := p.s.holding(r.Context(), r.Call, id)
	if err != nil {
		return web.Response{}, err
	}
	if names := r.Texts("show"); len(names) > 0 {
		token = token.Only(names...)
	}
	v := printView{Facts: factsOf(token), Made: passport.Issued.Local().Long(), Expires: passport.Expires.Long(), Address: p.s.o.Address + "/passport/" + passport.Sealed.Code}
	v.Code = chart.QR{ID: "passport-code", Title: "Code of this passport", Text: v.Address}
	return web.Page(r, web.PageData{Title: "Passport of a Medical Support Worker", Caption: "Not registered with the GMC", Back: "/portfolio/passport", BackText: "Your passport", Body: printPage(v)}), nil
}

type accessView struct {
	Granted
	Passport string
	Options  []nhs.Option
	Key      string
	To, Days string
	Show     []string
	Today    func(Grant) bool
	Address  string
	Errors   nhs.Errors
}

func (p *Pages) access(r *web.Request) (web.Response, error) { return p.accessForm(r, nil) }

func (p *Pages) accessForm(r *web.Request, errs nhs.Errors) (web.Response, error) {
	g, err := p.s.Grants(r.Context(), r.Call)
	if err != nil {
		return web.Response{}, err
	}
	v := accessView{Granted: g, Key: r.Key(), To: r.Text("to"), Days: or(r.Text("days"), "14"), Show: r.Texts("show"), Address: p.s.o.Address, Errors: errs}
	v.Today = func(x Grant) bool { return x.Open(g.Now, r.Call.Today) }
	if g.Now.ID != "" && g.Now.State(r.Call.Today) == Valid {
		token, err := sdjwt.Parse(g.Now.Sealed.Token)
		if err != nil {
			return web.Response{}, err
		}
		v.Passport, v.Options = g.Now.ID, claimOptions(token)
	}
	return web.Page(r, web.PageData{Title: "Who may see your passport", Back: "/portfolio/passport", BackText: "Your passport", Errors: errs, Body: accessPage(v)}), nil
}

func (p *Pages) grant(r *web.Request) (web.Response, error) {
	days, err := r.Int("days")
	if err == nil {
		_, err = p.s.Grant(r.Context(), r.Call, Granting{Passport: r.Text("passport"), To: r.Text("to"), Show: r.Texts("show"), Days: days})
	}
	if errs, ok := web.FieldErrors(err); ok {
		return p.accessForm(r, errs)
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.SeeOther("/portfolio/passport/access", "Access given. Send the link below to them, and to nobody else"), nil
}

func (p *Pages) endGrant(r *web.Request) (web.Response, error) {
	if err := p.s.EndGrant(r.Context(), r.Call, r.PathValue("id")); err != nil {
		return web.Response{}, err
	}
	return web.SeeOther("/portfolio/passport/access", "Taken back. The link no longer works"), nil
}

type knockView struct {
	Key, Secret, Who string
	Errors           nhs.Errors
}

// knock asks who is there before anything is shown, so that the doctor can read
// who looked, and no program that follows links is taken for a person.
func (p *Pages) knock(r *web.Request) (web.Response, error) { return p.knockForm(r, nil) }

func (p *Pages) knockForm(r *web.Request, errs nhs.Errors) (web.Response, error) {
	if err := p.s.GrantOpen(r.Context(), r.Call, r.PathValue("secret")); err != nil {
		return web.Response{}, err
	}
	v := knockView{Key: r.Key(), Secret: r.PathValue("secret"), Who: r.Text("who"), Errors: errs}
	return hidden(web.Page(r, web.PageData{Title: "A passport was shared with you", Errors: errs, Body: knockPage(v)})), nil
}

func (p *Pages) enter(r *web.Request) (web.Response, error) {
	key, err := p.s.LookBy(r.Context(), r.Call, r.PathValue("secret"), r.Text("who"))
	if errs, ok := web.FieldErrors(err); ok {
		return p.knockForm(r, errs)
	}
	if err != nil {
		return web.Response{}, err
	}
	return hidden(web.SeeOther("/passport/shown/"+r.PathValue("secret")+"/"+key, "")), nil
}

type shownView struct {
	Showing
	Here string
}

func (p *Pages) shown(r *web.Request) (web.Response, error) {
	v, err := p.s.Shown(r.Context(), r.Call, r.PathValue("secret"), r.PathValue("look"))
	if err != nil {
		return web.Response{}, err
	}
	return hidden(web.Page(r, web.PageData{Title: "Passport of a Medical Support Worker", Caption: "Not registered with the GMC", Body: shownPage(shownView{v, r.URL.Path})})), nil
}

func (p *Pages) shownFile(r *web.Request) (web.Response, error) {
	v, err := p.s.Shown(r.Context(), r.Call, r.PathValue("secret"), r.PathValue("look"))
	if err != nil {
		return web.Response{}, err
	}
	text, err := json.MarshalIndent(v.File, "", "  ")
	if err != nil {
		return web.Response{}, err
	}
	return hidden(web.Download("passport.json", "application/json", strings.NewReader(string(text)+"\n"))), nil
}

type takenView struct {
	TakenSight
	Key, Link string
	Errors    nhs.Errors
}

func (p *Pages) taken(r *web.Request) (web.Response, error) { return p.takenForm(r, nil) }

func (p *Pages) takenForm(r *web.Request, errs nhs.Errors) (web.Response, error) {
	v, err := p.s.LookTaken(r.Context(), r.Call, r.PathValue("ref"))
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(r, web.PageData{Title: "Passport from elsewhere", Caption: v.Name, Back: "/cases/" + v.Ref, BackText: "Case", Errors: errs, Body: takenPage(takenView{v, r.Key(), r.Text("link"), errs})}), nil
}

func (p *Pages) take(r *web.Request) (web.Response, error) {
	cmd := Taking{Ref: r.PathValue("ref"), Link: r.Text("link")}
	var err error
	for name, into := range map[string]*[]byte{"file": &cmd.File, "keys": &cmd.Keys} {
		text, found, e := optional(r, name)
		if found {
			*into = text
		}
		if e != nil {
			err = e
		}
	}
	if err == nil {
		err = p.s.TakeIn(r.Context(), r.Call, cmd)
	}
	if errs, ok := web.FieldErrors(err); ok {
		return p.takenForm(r, errs)
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.SeeOther("/portfolios/"+cmd.Ref+"/passport", "Checked and taken in. The doctor can read that you did"), nil
}

func lookRows(list []Look) nhs.Table {
	t := nhs.Table{Caption: "Who looked", CaptionSize: "s", Responsive: true, FirstCellIsHeader: true, Head: []nhs.Head{{Text: "Who"}, {Text: "When"}, {Text: "How"}}}
	for _, l := range list {
		t.Rows = append(t.Rows, []nhs.Cell{{Text: l.Sealed.Who}, {Text: l.At.Local().Long() + ", " + l.At.LocalTime()}, {Text: l.Sealed.How}})
	}
	return t
}

func factRows(facts []Fact) []nhs.SummaryRow {
	var rows []nhs.SummaryRow
	for _, f := range facts {
		value := f.Detail
		for _, part := range []string{f.On.Long(), f.Proof, f.By} {
			if part != "" {
				value += ", " + part
			}
		}
		rows = append(rows, nhs.SummaryRow{Key: f.What, Value: value})
	}
	return rows
}

func (v takenView) table() nhs.Table {
	t := nhs.Table{Caption: "What it proves, and where it helps here", Responsive: true, FirstCellIsHeader: true, Head: []nhs.Head{{Text: "What"}, {Text: "Who says so"}, {Text: "Today"}, {Text: "Until"}}}
	for _, c := range v.Claims {
		colour, until := "green", "No end"
		switch ended := !c.Fit.Until.IsZero(); {
		case c.Over && ended:
			colour, until = "grey", "Ended "+c.Fit.Until.Long()
		case c.Over:
			colour, until = "grey", "–"
		case ended:
			until = c.Fit.Until.Long()
		}
		says := strings.Trim(c.Proof+", "+c.By, ", ")
		if !c.On.IsZero() {
			says += ", " + c.On.Long()
		}
		t.Rows = append(t.Rows, []nhs.Cell{{Text: c.What + ": " + c.Detail}, {Text: says}, {Body: nhs.Tag{Text: c.Text, Colour: colour}}, {Text: until}})
	}
	return t
}

func (v accessView) shows(g Grant) string {
	return strconv.Itoa(len(g.Sealed.Show)) + " of the things in your passport, until " + g.Ends.Long()
}
