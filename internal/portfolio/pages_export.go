package portfolio

import (
	"bytes"
	"context"
	"io"
	"strconv"
	"strings"

	"msw/internal/nhs"
	"msw/internal/problem"
	"msw/internal/sdjwt"
	"msw/internal/web"
)

func (p *Pages) exportRoutes() []web.Route {
	return []web.Route{
		{Method: "GET", Pattern: "/portfolio/export", Action: ActExport, Handle: p.takeAlong},
		{Method: "POST", Pattern: "/portfolio/export", Action: ActImport, Handle: p.importFile, Upload: true},
		{Method: "GET", Pattern: "/portfolio/export/file", Action: ActExport, Handle: p.exportFile, Limit: 20},
	}
}

type takeAlongView struct {
	Key        string
	NoPassport bool
	Errors     nhs.Errors
}

func (p *Pages) takeAlong(r *web.Request) (web.Response, error) { return p.takeAlongForm(r, nil) }

func (p *Pages) takeAlongForm(r *web.Request, errs nhs.Errors) (web.Response, error) {
	list, err := p.s.Mine(r.Context(), r.Call)
	if err != nil {
		return web.Response{}, err
	}
	v := takeAlongView{Key: r.Key(), NoPassport: len(list) == 0 || list[0].State(r.Call.Today) != Valid, Errors: errs}
	return web.Page(r, web.PageData{Title: "Take your portfolio with you", Back: "/portfolio", BackText: "Your portfolio", Errors: errs, Body: takeAlongPage(v)}), nil
}

func (p *Pages) exportFile(r *web.Request) (web.Response, error) {
	e, err := p.s.ExportOwn(r.Context(), r.Call)
	if err != nil {
		return web.Response{}, err
	}
	name := "portfolio-" + e.Doctor.Reference
	if r.Text("format") == "html" {
		var b bytes.Buffer
		if err := p.s.writeHTML(r.Context(), e, &b); err != nil {
			return web.Response{}, err
		}
		return web.Download(name+".html", "text/html; charset=utf-8", &b).With("Cache-Control", "no-store"), nil
	}
	text, err := e.Text()
	if err != nil {
		return web.Response{}, err
	}
	return web.Download(name+".json", "application/json", bytes.NewReader(text)).With("Cache-Control", "no-store"), nil
}

// writeHTML writes a portfolio as one page that needs nothing else.
func (s *Service) writeHTML(ctx context.Context, e Export, w io.Writer) error {
	return exportDocument(newExportDoc(e, s.o.Frameworks, s.o.Reports)).Render(ctx, w)
}

type exportDoc struct {
	Export
	Facts   []Fact
	fw      *Frameworks
	reports *ReportRules
}

func newExportDoc(e Export, fw *Frameworks, reports *ReportRules) exportDoc {
	d := exportDoc{Export: e, fw: fw, reports: reports}
	if e.Passport == nil {
		return d
	}
	token, err := sdjwt.Parse(e.Passport.Token)
	if err != nil {
		return d
	}
	d.Facts = factsOf(token)
	return d
}

func (d exportDoc) summary() string {
	return amount(len(d.Items), "piece", "pieces") + " of evidence."
}

// said words a round of feedback, as its own page does.
func (f Feedback) said() []nhs.SummaryRow {
	var rows []nhs.SummaryRow
	if f.Result == nil {
		return nil
	}
	for _, h := range f.Result.Heard {
		said := "Too few could say"
		if h.Enough {
			said = "A strength: " + string(h.Strong) + ". Could be better: " + string(h.Better) + "."
		}
		if f.Self != nil {
			said += "\nThe doctor said: " + AnswerWords(f.Self.Said[h.Question.ID]) + "."
		}
		rows = append(rows, nhs.SummaryRow{Key: h.Question.Text, Value: said})
	}
	for _, part := range f.Result.comments() {
		var lines []string
		for _, c := range part.list {
			lines = append(lines, c.shown())
		}
		if len(lines) > 0 {
			rows = append(rows, nhs.SummaryRow{Key: part.title, Value: strings.Join(lines, "\n")})
		}
	}
	return rows
}

// report words a signed report: its record, what was written, who signed.
func (d exportDoc) report(r Report) []nhs.SummaryRow {
	rows := r.Record.rows(r.Kind)
	rows = append(rows, nhs.SummaryRow{Key: "Work", Value: strings.Join(r.Record.Times, "\n")})
	if r.Kind == SupervisorReport {
		for _, s := range r.Record.Seen {
			rows = append(rows, nhs.SummaryRow{Key: "Signed by others", Value: s.Title + " (" + s.Kind + "), " + s.On.Long() + ", " + s.By})
		}
	}
	for _, s := range d.reports.Of(r.Kind) {
		if text := r.Written.Text[s.ID]; text != "" {
			rows = append(rows, nhs.SummaryRow{Key: s.Title, Value: text})
		}
	}
	rows = append(rows, reportView{ReportSight: ReportSight{Report: r}}.foot()...)
	if r.ReplacedBy != "" {
		rows = append(rows, nhs.SummaryRow{Key: "Replaced by", Value: "Number " + r.ReplacedBy + ". This one no longer counts."})
	}
	return rows
}

func (p ExportPost) words() string {
	until := "still running"
	if !p.To.IsZero() {
		until = "to " + p.To.Long()
	}
	text := p.From.Long() + " " + until + ", at " + or(p.Host, p.Employer)
	if p.WholeTime < 1000 {
		text += ", " + strconv.Itoa(p.WholeTime/10) + "% of full time"
	}
	if p.Clinical != "" {
		text += ". Clinical supervisor " + p.Clinical
	}
	return text + "."
}

func (c ExportCertificate) words() string {
	return "Number " + c.Number + ", " + c.Employer + ", " + c.From.Long() + " to " + c.To.Long() + ". Issued on " + c.IssuedOn.Long() + " by " + c.IssuedBy + "."
}

func (f Fact) words() string {
	text := f.What + ": " + f.Detail
	if !f.On.IsZero() {
		text += ", " + f.On.Long()
	}
	return strings.TrimSuffix(text+", "+f.Proof+", "+f.By, ", ")
}

func (i ExportItem) heading() string {
	words, _ := WordsOf(i.Kind)
	return or(i.Title, words.Title)
}

func (d exportDoc) item(i ExportItem) []nhs.SummaryRow {
	words, _ := WordsOf(i.Kind)
	var rows []nhs.SummaryRow
	add := func(key, value string) {
		if value != "" {
			rows = append(rows, nhs.SummaryRow{Key: key, Value: value})
		}
	}
	add("Kind", words.Title)
	add("Day", i.On.Long())
	add("State", i.State.Words())
	add("Where", strings.Trim(i.Where+", "+i.Host, ", "))
	if i.Task != "" {
		add("Task", strings.TrimSuffix(i.TaskTitle+", level "+decimal(int(i.Level)), ", level 0"))
	}
	add("What was done", i.What)
	add("What was learnt", i.Learnt)
	if !i.Until.IsZero() {
		add("Counts until", i.Until.Long())
	}
	var shows []string
	for _, t := range i.Shows {
		if f, h, ok := d.fw.Heading(t); ok {
			shows = append(shows, h.Title+" ("+f.Title+")")
		}
	}
	add("Shows", strings.Join(shows, "; "))
	if g := i.Signature; g != nil {
		add("Assessor", g.Name+", "+RoleWords(g.Role))
		add("GMC number", g.GMC)
		add("Signed on", g.At.Local().Long())
		add("Went well", g.Well)
		add("To work on", g.Better)
		add("Changed by the assessor", strings.Join(g.Changed, "; "))
		add("Why not signed", g.Reason)
		if !g.Confirmed.IsZero() {
			add("Confirmed by the place of work", g.Confirmed.Long())
		}
		add("Why it does not count", g.Say)
	}
	return rows
}

// importFile reads a file the doctor brought from another msw.
func (p *Pages) importFile(r *web.Request) (web.Response, error) {
	text, err := upload(r, "file")
	if err == nil {
		var c string
		if c, err = p.s.o.Cases.OwnRef(r.Context(), r.Call); err == nil {
			var done Imported
			if done, err = p.s.Import(r.Context(), r.Call, Importing{Text: text, Ref: c}); err == nil {
				return web.SeeOther("/portfolio", "Taken in: "+amount(done.Added, "piece", "pieces")+" of evidence. "+done.Passport), nil
			}
		}
	}
	if errs, ok := web.FieldErrors(err); ok {
		return p.takeAlongForm(r, errs)
	}
	return web.Response{}, err
}

// upload reads one file that must be sent.
func upload(r *web.Request, name string) ([]byte, error) {
	text, found, err := optional(r, name)
	if err == nil && !found {
		return nil, &problem.Error{Kind: problem.Invalid, Message: "There is a problem", Fields: []problem.Field{{Name: name, Message: "Choose the file"}}}
	}
	return text, err
}

// optional reads one file that may be sent.
func optional(r *web.Request, name string) ([]byte, bool, error) {
	f, found, err := r.File(name)
	if err != nil || !found {
		return nil, false, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, longestExport+1))
	return text, true, err
}
