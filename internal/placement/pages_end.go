package placement

import (
	"strconv"

	"msw/internal/nhs"
	"msw/internal/problem"
	"msw/internal/web"
)

// endRoutes are the addresses of an end, its certificate and exit questions.
func (p *Pages) endRoutes() []web.Route {
	return []web.Route{
		{Method: "GET", Pattern: "/placements/{id}/end", Action: ActEnd, Handle: p.closing},
		{Method: "POST", Pattern: "/placements/{id}/end", Action: ActEnd, Handle: p.end},
		{Method: "POST", Pattern: "/placements/{id}/end/take-back", Action: ActEnd, Handle: p.keepPost},
		{Method: "GET", Pattern: "/placements/{id}/leaving", Action: ActLeaving, Handle: p.leaving},
		{Method: "POST", Pattern: "/placements/{id}/leaving", Action: ActStep, Handle: p.tickStep},
		{Method: "GET", Pattern: "/placements/{id}/certificate", Action: ActCertify, Handle: p.draft},
		{Method: "POST", Pattern: "/placements/{id}/certificate", Action: ActCertify, Handle: p.issue},
		p.checkRoute(),
		{Method: "GET", Pattern: "/certificates/{number}", Action: ActCertificate, Handle: p.certificate},
		{Method: "GET", Pattern: "/placements/{id}/exit", Action: ActExit, Handle: p.askExit},
		{Method: "POST", Pattern: "/placements/{id}/exit", Action: ActExit, Handle: p.sayExit},
		{Method: "POST", Pattern: "/placements/{id}/exit/skip", Action: ActExit, Handle: p.skipExit},
		{Method: "GET", Pattern: "/exit-answers", Action: ActExitRead, Handle: p.exits},
	}
}

type endView struct {
	Sight
	Key                          string
	On                           [3]string
	Kind                         string
	Code, Leaves                 string
	CodeFinished, LeavesFinished string
	CodeLeft                     string
	AccessDays                   int
	Errors                       nhs.Errors
}

func (p *Pages) closing(r *web.Request) (web.Response, error) { return p.endForm(r, nil) }

func (p *Pages) endForm(r *web.Request, errs nhs.Errors) (web.Response, error) {
	sight, err := p.s.LookEnd(r.Context(), r.Call, r.PathValue("id"))
	if err != nil {
		return web.Response{}, err
	}
	if !sight.MayEnd {
		return web.Response{}, problem.Missing()
	}
	v := endView{Sight: sight.Sight, Key: r.Key(), On: typed(r, "on"), Kind: r.Text("kind"), CodeFinished: r.Text("code-finished"), LeavesFinished: r.Text("leaves"),
		CodeLeft: r.Text("code-left"), AccessDays: sight.AccessDays, Errors: errs}
	return web.Page(r, web.PageData{Title: "End a placement", Caption: sight.Name, Back: "/placements/" + sight.ID, Errors: errs, Body: endPage(v)}), nil
}

func (p *Pages) end(r *web.Request) (web.Response, error) {
	var c problem.Check
	version, err := r.Int("version")
	c.Add(err)
	l := Leaving{Placement: r.PathValue("id"), Kind: EndKind(r.Text("kind")), Code: r.Text("code-" + r.Text("kind")), Leaves: r.Bool("leaves")}
	l.LastDay, err = r.Date("on")
	c.Add(err)
	if err == nil {
		c.Add(checkLeaving(l.fill()))
	}
	c.That(l.Kind != EndFinished || r.Text("leaves") != "", "leaves", "Say whether the person leaves the programme")
	if err = c.Err(); err == nil {
		err = p.s.SetEnd(r.Context(), r.Call, version, l)
	}
	if errs, ok := web.FieldErrors(err); ok {
		return p.endForm(r, errs)
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.SeeOther("/placements/"+l.Placement+"/leaving", "The end is set. This is what must be done now."), nil
}

func (p *Pages) keepPost(r *web.Request) (web.Response, error) {
	return web.SeeOther("/placements/"+r.PathValue("id"), "The end is taken back. The post goes on."), p.s.KeepPost(r.Context(), r.Call, r.PathValue("id"))
}

type leavingView struct {
	LeavingSight
	Key        string
	Today      showView
	Issued     []Certificate
	MayCertify bool
	Exit       Exit
}

func (p *Pages) leaving(r *web.Request) (web.Response, error) {
	sight, err := p.s.LookEnd(r.Context(), r.Call, r.PathValue("id"))
	if err != nil {
		return web.Response{}, err
	}
	v := leavingView{LeavingSight: sight, Key: r.Key(), Today: showView{sight.Sight, r.Call.Today}}
	res := sight.resourceFor(ActCertificate, r.Call.Actor.Tenant)
	if p.s.access.May(r.Call.Actor, ActCertificate, res) == nil {
		if v.Issued, err = p.s.certificatesOf(r.Context(), r.Call.Actor.Tenant, sight.ID); err != nil {
			return web.Response{}, err
		}
		v.MayCertify = p.s.access.May(r.Call.Actor, ActCertify, res) == nil && !sight.EndedOn.IsZero()
	}
	if sight.OwnPlacement {
		if _, v.Exit, err = p.s.LookExit(r.Context(), r.Call, sight.ID); err != nil {
			return web.Response{}, err
		}
	}
	caption := sight.Name
	if sight.OwnPlacement {
		caption = sight.Specialty + " at " + sight.HostName
	}
	return web.Page(r, web.PageData{Title: "The end of this post", Caption: caption, Back: "/placements/" + sight.ID, BackText: "This post", Body: leavingPage(v)}), nil
}

func (p *Pages) tickStep(r *web.Request) (web.Response, error) {
	id, done := r.PathValue("id"), r.Text("done") == "yes"
	said := "Noted as done."
	if !done {
		said = "Noted as not done."
	}
	return web.SeeOther("/placements/"+id+"/leaving", said), p.s.TickStep(r.Context(), r.Call, id, r.Text("step"), done)
}

type draftView struct {
	Key, ID  string
	Served   Served
	Issued   []Certificate
	Name     string
	IssuedBy string
	IssuedAs string
	Errors   nhs.Errors
}

// last is the number of the certificate that a new one would correct.
func (v draftView) last() string {
	if n := len(v.Issued); n > 0 {
		return v.Issued[n-1].Number
	}
	return ""
}

func (p *Pages) draft(r *web.Request) (web.Response, error) { return p.draftForm(r, nil) }

func (p *Pages) draftForm(r *web.Request, errs nhs.Errors) (web.Response, error) {
	id := r.PathValue("id")
	served, issued, err := p.s.DraftCertificate(r.Context(), r.Call, id)
	if err != nil {
		return web.Response{}, err
	}
	v := draftView{Key: r.Key(), ID: id, Served: served, Issued: issued, Name: r.Text("name"), IssuedBy: r.Text("issued_by"), IssuedAs: r.Text("issued_as"), Errors: errs}
	title := "Issue a certificate of service"
	if errs == nil {
		v.Name = served.Name // who issues it types their name: an account has only an address
	}
	if len(issued) > 0 {
		title = "Correct a certificate of service"
	}
	return web.Page(r, web.PageData{Title: title, Caption: served.Name, Back: "/placements/" + id + "/leaving", Errors: errs, Body: draftPage(v)}), nil
}

func (p *Pages) issue(r *web.Request) (web.Response, error) {
	c, err := p.s.IssueCertificate(r.Context(), r.Call, Issuing{Placement: r.PathValue("id"), Replaces: r.Text("replaces"), Name: r.Text("name"),
		IssuedBy: r.Text("issued_by"), IssuedAs: r.Text("issued_as")})
	if errs, ok := web.FieldErrors(err); ok {
		return p.draftForm(r, errs)
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.SeeOther("/certificates/"+c.Number, "The certificate is issued. The person can open it on their own page, always."), nil
}

func (p *Pages) certificate(r *web.Request) (web.Response, error) {
	c, err := p.s.LookCertificate(r.Context(), r.Call, r.PathValue("number"))
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(r, web.PageData{Title: "Certificate of service", Caption: c.Employer, Back: "/placements/" + c.Placement + "/leaving", Body: certificatePage(c)}), nil
}

func (c Certificate) rows() []nhs.SummaryRow {
	return []nhs.SummaryRow{{Key: "Name", Value: c.Name}, {Key: "Post", Value: PostTitle}, {Key: "Employer", Value: c.Employer},
		{Key: "First day", Value: c.From.Long()}, {Key: "Last day", Value: c.To.Long()}}
}

func (c Certificate) foot() []nhs.SummaryRow {
	rows := []nhs.SummaryRow{{Key: "Issued by", Value: c.IssuedBy + ", " + c.IssuedAs + ", for " + c.Employer}, {Key: "Issued on", Value: c.IssuedOn.Long()}, {Key: "Number", Value: c.Number}}
	if c.Replaces != "" {
		rows = append(rows, nhs.SummaryRow{Key: "Corrects", Value: "Certificate " + c.Replaces + ", which no longer counts"})
	}
	return rows
}

type exitView struct {
	Key    string
	Row    Row
	Exit   Exit
	Errors nhs.Errors
}

func (p *Pages) askExit(r *web.Request) (web.Response, error) { return p.exitForm(r, nil) }

func (p *Pages) exitForm(r *web.Request, errs nhs.Errors) (web.Response, error) {
	row, e, err := p.s.LookExit(r.Context(), r.Call, r.PathValue("id"))
	if err != nil {
		return web.Response{}, err
	}
	if errs != nil {
		e.Answers, e.Reader = typedAnswers(r), r.Text("reader")
	}
	return web.Page(r, web.PageData{Title: "How was this post?", Caption: row.Specialty + " at " + row.HostName, Back: "/placements/" + row.ID + "/leaving", Errors: errs,
		Body: exitPage(exitView{Key: r.Key(), Row: row, Exit: e, Errors: errs})}), nil
}

func typedAnswers(r *web.Request) Answers {
	return Answers{Helped: r.Texts("helped"), Hindered: r.Texts("hindered"), Recommend: r.Text("recommend"), Note: r.Text("note")}
}

func (p *Pages) sayExit(r *web.Request) (web.Response, error) {
	id := r.PathValue("id")
	err := p.s.SayExit(r.Context(), r.Call, Exit{Placement: id, Reader: r.Text("reader"), Answers: typedAnswers(r)})
	if errs, ok := web.FieldErrors(err); ok {
		return p.exitForm(r, errs)
	}
	return web.SeeOther("/placements/"+id+"/leaving", "Thank you. Your employer and your supervisors cannot read this."), err
}

func (p *Pages) skipExit(r *web.Request) (web.Response, error) {
	id := r.PathValue("id")
	return web.SeeOther("/placements/"+id+"/leaving", "Skipped. You can still answer later if you want to."), p.s.SkipExit(r.Context(), r.Call, id)
}

type exitsView struct {
	Figures ExitFigures
	Said    []Said
	Next    string
}

func (p *Pages) exits(r *web.Request) (web.Response, error) {
	figures, said, err := p.s.ReadExits(r.Context(), r.Call, r.After(2), pageSize+1)
	if err != nil {
		return web.Response{}, err
	}
	v := exitsView{Figures: figures, Said: said}
	if len(said) > pageSize {
		v.Said = said[:pageSize]
		last := v.Said[pageSize-1]
		v.Next = r.NextPage(last.GivenAt.String(), last.Placement)
	}
	return web.Page(r, web.PageData{Title: "What doctors say when a post ends", Body: exitsPage(v)}), nil
}

func (v exitsView) table(caption string, list []Answer) nhs.Table {
	t := nhs.Table{Caption: caption, Responsive: true, FirstCellIsHeader: true, Head: []nhs.Head{{Text: "Answer"}, {Text: "Doctors"}}}
	for _, a := range list {
		t.Rows = append(t.Rows, []nhs.Cell{{Text: a.Words}, {Text: v.Figures.Words(a.Code)}})
	}
	return t
}

func answerOptions(list []Answer) []nhs.Option {
	out := make([]nhs.Option, len(list))
	for i, a := range list {
		out[i] = nhs.Option{Value: a.Code, Label: a.Words}
	}
	return out
}

func endKindOptions(v endView) []nhs.Option {
	out := make([]nhs.Option, 0, 4)
	for _, k := range EndKinds() {
		o := nhs.Option{Value: string(k), Label: k.Words()}
		switch k {
		case EndRegistered:
			o.Hint = "The person stops as a medical support worker. A doctor post is a new contract."
		case EndTransferred:
			o.Hint = "The new host signs off each task again."
		case EndFinished:
			o.Conditional = finishedWhy(v)
		case EndLeft:
			o.Conditional = endLeftWhy(v)
		}
		out = append(out, o)
	}
	return out
}

func (k EndKind) options() []nhs.Option {
	var out []nhs.Option
	for _, c := range k.codes() {
		out = append(out, nhs.Option{Value: c.Code, Label: c.Words})
	}
	return out
}

func (s StepState) whoWords() string {
	return map[string]string{doerEmployer: "The employer", doerSupervisor: "The supervisor", doerDoctor: "The person themselves", doerProgramme: "The programme team", doerNobody: "From the record"}[s.Who]
}

func (s StepState) tag(today showView) nhs.Tag {
	switch {
	case !s.DoneOn.IsZero():
		return nhs.Tag{Text: "Done " + s.DoneOn.Long(), Colour: "green"}
	case s.Late(today.Today):
		return nhs.Tag{Text: "Late", Colour: "red"}
	}
	return nhs.Tag{Text: "To do", Colour: "blue"}
}

func (v leavingView) until() string { return strconv.Itoa(v.AccessDays) }

func (a Answers) answerRows() []nhs.SummaryRow {
	list := func(codes []string) string {
		text := ""
		for i, code := range codes {
			if i > 0 {
				text += ", "
			}
			text += answerWords(code)
		}
		if text == "" {
			return "No answer"
		}
		return text
	}
	var recommend []string
	if a.Recommend != "" {
		recommend = append(recommend, a.Recommend)
	}
	rows := []nhs.SummaryRow{{Key: "What helped", Value: list(a.Helped)}, {Key: "What made it harder", Value: list(a.Hindered)}, {Key: "Would recommend", Value: list(recommend)}}
	if a.Note != "" {
		rows = append(rows, nhs.SummaryRow{Key: "In their own words", Value: a.Note})
	}
	return rows
}
