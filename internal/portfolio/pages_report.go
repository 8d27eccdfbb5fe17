package portfolio

import (
	"errors"
	"strconv"
	"strings"

	"msw/internal/access"
	"msw/internal/nhs"
	"msw/internal/placement"
	"msw/internal/problem"
	"msw/internal/web"
)

// notPractice says what no report can be.
const notPractice = placement.NotPractice

// reportRoutes are the pages of supervisors' reports.
func (p *Pages) reportRoutes() []web.Route {
	route := func(method, pattern string, act access.Action, fn func(*web.Request) (web.Response, error)) web.Route {
		return web.Route{Method: method, Pattern: pattern, Action: act, Handle: fn}
	}
	return []web.Route{
		route("GET", "/portfolios/{ref}/reports", ActReports, p.reports),
		route("GET", "/portfolios/{ref}/reports/{kind}", ActReport, p.desk),
		route("POST", "/portfolios/{ref}/reports/{kind}", ActReport, p.begin),
		route("GET", "/portfolio/reports/{number}", ActReports, p.report),
		route("POST", "/portfolio/reports/{number}", ActReport, p.write),
		route("POST", "/portfolio/reports/{number}/delete", ActReport, p.dropDraft),
		route("GET", "/designated-body", ActBody, p.bodies),
		route("POST", "/designated-body", ActBody, p.stateBody),
	}
}

type reportsView struct{ ReportsSight }

func (p *Pages) reports(r *web.Request) (web.Response, error) {
	sight, err := p.s.LookReports(r.Context(), r.Call, r.PathValue("ref"))
	if err != nil {
		return web.Response{}, err
	}
	page := web.PageData{Title: "Reports", Caption: sight.Name, Back: "/portfolios/" + sight.Ref, BackText: "Portfolio", Body: reportsPage(reportsView{sight})}
	if sight.Own {
		page.Title, page.Caption, page.Back, page.BackText = "Reports about you", "", "/portfolio", "Your portfolio"
	}
	return web.Page(r, page), nil
}

func (v reportsView) table() nhs.Table {
	t := nhs.Table{Caption: "Reports, the latest first", HiddenCaption: true, Responsive: true, FirstCellIsHeader: true, Head: []nhs.Head{{Text: "Report"}, {Text: "Signed by"}, {Text: "State"}}}
	for _, r := range v.List {
		state, by := nhs.Tag{Text: "Draft", Colour: "yellow"}, "Nobody yet"
		if !r.Draft {
			state, by = nhs.Tag{Text: "Signed " + r.SignedAt.Local().Long(), Colour: "green"}, r.Signer.Name
		}
		if r.ReplacedBy != "" {
			state = nhs.Tag{Text: "Replaced", Colour: "grey"}
		}
		t.Rows = append(t.Rows, []nhs.Cell{{Text: r.Kind.Words() + ", number " + r.Number, Href: "/portfolio/reports/" + r.Number}, {Text: by}, {Body: state}})
	}
	return t
}

type deskView struct {
	Desk
	Key, ShareTyped, Hours, Replaces string
	Errors                           nhs.Errors
}

func (p *Pages) desk(r *web.Request) (web.Response, error) { return p.deskForm(r, nil) }

func (p *Pages) deskForm(r *web.Request, errs nhs.Errors) (web.Response, error) {
	share := -1
	if n, err := r.Int("share"); err == nil && r.Text("share") != "" {
		share = n
	}
	kind := ReportKind(r.PathValue("kind"))
	sight, err := p.s.LookDesk(r.Context(), r.Call, r.PathValue("ref"), kind, share, Tri(r.Text("offer")), Tri(r.Text("appointing")))
	if err != nil {
		return web.Response{}, err
	}
	for i := range errs {
		if errs[i].Name == "mail" || errs[i].Name == "recent" {
			errs[i].Name = "body" // no field asks for them: the list of conditions says more
		}
	}
	v := deskView{Desk: sight, Key: r.Key(), ShareTyped: r.Text("share"), Hours: r.Text("hours"), Replaces: r.Text("replaces"), Errors: errs}
	return web.Page(r, web.PageData{Title: kind.Words(), Caption: sight.Name, Back: "/portfolios/" + sight.Ref + "/reports", BackText: "Reports", Errors: errs, Wide: true, Body: deskPage(v)}), nil
}

func (p *Pages) begin(r *web.Request) (web.Response, error) {
	cmd := Beginning{Ref: r.PathValue("ref"), Kind: ReportKind(r.PathValue("kind")), Offer: Tri(r.Text("offer")), Appoints: Tri(r.Text("appointing")), Replaces: r.Text("replaces"), Share: -1}
	var c problem.Check
	share, err := r.Int("share")
	c.Add(err)
	if err == nil && r.Text("share") != "" {
		cmd.Share = share
	}
	cmd.Hours, err = r.Int("hours")
	c.Add(err)
	var made Report
	if err = c.Err(); err == nil {
		made, err = p.s.BeginReport(r.Context(), r.Call, cmd)
	}
	if errs, ok := web.FieldErrors(err); ok {
		return p.deskForm(r, errs)
	}
	return web.SeeOther("/portfolio/reports/"+made.Number, "A draft. Only the supervisors of this post see it until it is signed"), err
}

func (v deskView) signers() []string {
	var out []string
	for _, s := range v.Signers {
		out = append(out, strings.ToUpper(s.Role[:1])+s.Role[1:]+" supervisor: "+or(s.Name, "name not known")+". "+or(s.Stops, "Can sign."))
	}
	if len(out) == 0 {
		out = append(out, "Nobody: no supervisor is named for this post.")
	}
	return out
}

// conditions set every condition beside what is known of it.
func (v deskView) conditions() nhs.Table {
	t := nhs.Table{Caption: "Conditions of an English reference", HiddenCaption: true, Responsive: true, FirstCellIsHeader: true, Head: []nhs.Head{{Text: "Condition"}, {Text: "State"}, {Text: "What it means here"}, {Text: "Source"}}}
	for _, s := range v.Standing {
		tag := map[Tri]nhs.Tag{Yes: {Text: "Met", Colour: "green"}, No: {Text: "Not met", Colour: "red"}, NotSaid: {Text: "Please say below", Colour: "yellow"}}[s.State]
		if s.Note {
			continue
		}
		source := nhs.Cell{Text: map[string]string{"set-by-us": "Set by this programme", "recalled": "Recalled, not confirmed", "derived": "Derived"}[s.Mark]}
		if s.URL != "" {
			source = nhs.Cell{Text: "GMC page or form (" + s.Mark + ")", Href: s.URL}
		}
		t.Rows = append(t.Rows, []nhs.Cell{{Text: s.Title}, {Body: tag}, {Text: or(s.Say, "–")}, source})
	}
	return t
}

func (r ReportRecord) rows(kind ReportKind) []nhs.SummaryRow {
	var rows []nhs.SummaryRow
	add := func(key, value string) {
		if value != "" {
			rows = append(rows, nhs.SummaryRow{Key: key, Value: value})
		}
	}
	add("Name", r.Name)
	add("Post", placement.PostTitle+", "+r.Specialty)
	add("Employer", r.Employer)
	if kind == EnglishReference {
		add("Designated body code", r.Body)
	}
	add("First day", r.From.Long())
	add("Last day", r.To.Long())
	if kind == SupervisorReport {
		add("Meetings held and agreed", strconv.Itoa(r.Meetings))
		add("Days not at work", strconv.Itoa(r.Away)+" (leave and all else together)")
		for _, c := range r.Covered {
			add("Evidence: "+c.Framework, strconv.Itoa(c.Shown)+" of "+strconv.Itoa(c.Of)+" headings")
		}
	}
	return rows
}

func (r ReportRecord) table() nhs.Table {
	t := nhs.Table{Caption: "Signed by others in this post", CaptionSize: "s", Responsive: true, FirstCellIsHeader: true, Head: []nhs.Head{{Text: "What"}, {Text: "Day"}, {Text: "Seen by"}}}
	for _, s := range r.Seen {
		what := s.Title + " (" + s.Kind + ")"
		if s.Level > 0 {
			what += ", level " + strconv.Itoa(s.Level)
		}
		t.Rows = append(t.Rows, []nhs.Cell{{Text: what}, {Text: s.On.Long()}, {Text: s.By}})
	}
	return t
}

type reportView struct {
	ReportSight
	Key             string
	sections        []Section
	Frameworks      []Framework
	Name, Role, GMC string
	Warned          bool
	Errors          nhs.Errors
}

func (v reportView) tags() []string { return strings.Fields(joined(v.Written.Shows)) }

func (v reportView) foot() []nhs.SummaryRow {
	var rows []nhs.SummaryRow
	add := func(key, value string) {
		if value != "" {
			rows = append(rows, nhs.SummaryRow{Key: key, Value: value})
		}
	}
	if v.Report.Kind == EnglishReference {
		add("Clinical work in English", strconv.Itoa(v.Written.Share)+"%")
		add("Hours a week seen at work", strconv.Itoa(v.Written.Hours))
	}
	add("Concern about good standing", map[string]string{"yes": "Yes. " + v.Written.Explain, "no": "None known"}[v.Written.Concern])
	g := v.Signer
	add("Signed by", g.Name+", "+RoleWords(g.Role))
	add("As", g.As+", "+v.Record.Employer)
	add("GMC number", g.GMC)
	add("Work email", g.Email)
	add("Signed on", v.SignedAt.Local().Long())
	add("Number", v.Number+", issue "+strconv.Itoa(v.Issue))
	if v.Replaces != "" {
		add("Replaces", "Number "+v.Replaces+", which no longer counts")
	}
	return rows
}

func doctorRoles() []nhs.Option {
	var out []nhs.Option
	for _, r := range Roles() {
		if NeedsGMC(r.Code) {
			out = append(out, nhs.Option{Value: r.Code, Label: r.Words})
		}
	}
	return out
}

func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func (p *Pages) report(r *web.Request) (web.Response, error) {
	return p.reportForm(r, Writing{}, nil, false)
}

func (p *Pages) reportForm(r *web.Request, cmd Writing, errs nhs.Errors, warned bool) (web.Response, error) {
	sight, err := p.s.LookReport(r.Context(), r.Call, r.PathValue("number"))
	if err != nil {
		return web.Response{}, err
	}
	v := reportView{ReportSight: sight, Key: r.Key(), sections: p.s.o.Reports.Of(sight.Kind), Frameworks: p.s.o.Frameworks.InForce(r.Call.Today), Name: cmd.Name, Role: cmd.Role, GMC: cmd.GMC, Warned: warned, Errors: errs}
	if errs != nil {
		v.Written = cmd.Written
	}
	page := web.PageData{Title: sight.Kind.Words(), Caption: sight.Record.Name, Back: "/portfolios/" + sight.Ref + "/reports", BackText: "Reports", Errors: errs}
	page.Body = signedReport(v)
	if sight.Draft {
		page.Caption += ", draft"
		page.Body = draftReport(v)
	}
	return web.Page(r, page), nil
}

func (p *Pages) write(r *web.Request) (web.Response, error) {
	cmd := Writing{Number: r.PathValue("number"), Hash: r.Text("hash"), Sign: r.Text("do") == "sign", Read: r.Bool("read"), Anyway: r.Bool("anyway"), Name: r.Text("name"), Role: r.Text("role"), GMC: r.Text("gmc"),
		Written: Written{Text: map[string]string{}, Concern: r.Text("concern"), Explain: r.Text("explain")}}
	for _, s := range p.s.o.Reports.Sections {
		cmd.Text[s.ID] = r.Text("s-" + s.ID)
	}
	for _, t := range r.Texts("tags") {
		cmd.Shows = append(cmd.Shows, Tag(t))
	}
	var err error
	for name, to := range map[string]*int{"version": &cmd.Version, "share": &cmd.Share, "hours": &cmd.Hours} {
		n, e := r.Int(name)
		*to, err = n, errors.Join(err, e)
	}
	var made Report
	if err == nil {
		made, err = p.s.WriteReport(r.Context(), r.Call, cmd)
	}
	if errs, ok := web.FieldErrors(err); ok {
		return p.reportForm(r, cmd, errs, errors.Is(err, ErrIdentified))
	}
	if err != nil {
		return web.Response{}, err
	}
	said := "Saved"
	if !made.Draft {
		said = "Signed. The doctor can read it now and keeps it"
	}
	return web.SeeOther("/portfolio/reports/"+made.Number, said), nil
}

func (p *Pages) dropDraft(r *web.Request) (web.Response, error) {
	return web.SeeOther("/home", "Draft deleted"), p.s.DropDraft(r.Context(), r.Call, r.PathValue("number"))
}

type bodiesView struct {
	List      []StatedBody
	Key       string
	Of, Typed string
	Errors    nhs.Errors
}

func (b StatedBody) hint() string {
	text := "As the GMC writes it, like 1-1RUZV1D."
	if !b.On.IsZero() {
		text += " Recorded on " + b.On.Long() + "."
	}
	return text
}

func (v bodiesView) code(b StatedBody) string {
	if v.Errors != nil && v.Of == b.Organisation {
		return v.Typed
	}
	return b.Code
}

func (v bodiesView) wrong(b StatedBody) string {
	if v.Of != b.Organisation || len(v.Errors) == 0 {
		return ""
	}
	return v.Errors[0].Message
}

func (p *Pages) bodies(r *web.Request) (web.Response, error) { return p.bodiesForm(r, nil) }

func (p *Pages) bodiesForm(r *web.Request, errs nhs.Errors) (web.Response, error) {
	list, err := p.s.Bodies(r.Context(), r.Call)
	if err != nil {
		return web.Response{}, err
	}
	v := bodiesView{List: list, Key: r.Key(), Of: r.Text("organisation"), Typed: r.Text("code"), Errors: errs}
	for i := range errs {
		errs[i].Name = "code-" + v.Of
	}
	return web.Page(r, web.PageData{Title: "Designated body", Back: "/home", BackText: "Home", Errors: errs, Body: bodiesPage(v)}), nil
}

func (p *Pages) stateBody(r *web.Request) (web.Response, error) {
	err := p.s.StateBody(r.Context(), r.Call, r.Text("organisation"), r.Text("code"))
	if errs, ok := web.FieldErrors(err); ok {
		return p.bodiesForm(r, errs)
	}
	return web.SeeOther("/designated-body", "Saved"), err
}
