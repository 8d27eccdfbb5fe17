package referral

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/clock"
	"msw/internal/organisation"
	"msw/internal/problem"
	"msw/internal/tabular"
)

// Limits of a file of referrals; a charity's whole history fits.
const (
	maxRows      = 5000
	maxFile      = 16 << 20
	maxExamples  = 5
	shownRefused = 200 // rows a preview lists
)

// ImportOptions say whose referrals a file holds and what the doctors in it
// agreed to share.
type ImportOptions struct {
	Name         string            `json:"name"` // the file's name
	Referrer     string            `json:"referrer"`
	Route        string            `json:"route"` // "" = the usual one of the organisation
	ConsentScope []string          `json:"consent_scope"`
	ConsentUntil clock.Date        `json:"consent_until"`
	Dates        tabular.DateOrder `json:"dates"`  // how dates in numbers are written
	Silent       bool              `json:"silent"` // send no invitation: a caseworker decides on each
	DryRun       bool              `json:"dry_run"`

	Out      io.Writer               `json:"-"` // where the file with result and reason goes, or nil
	Progress func(done, total int64) `json:"-"`
}

// Report tells what became of a file's rows: Read is the sum of Added, Changed,
// Unchanged, Closed and Refused. Changed and Closed stay 0: a file never
// changes or closes what is here.
type Report struct {
	File      string           `json:"file"`
	Referrer  string           `json:"referrer"`
	DryRun    bool             `json:"dry_run"`
	Read      int              `json:"read"`
	Added     int              `json:"added"`
	Changed   int              `json:"changed"`
	Unchanged int              `json:"unchanged"`
	Closed    int              `json:"closed"`
	Refused   int              `json:"refused"`
	Reasons   map[string]int   `json:"reasons"`  // refused rows by reason
	Examples  map[string][]int `json:"examples"` // the first lines of each reason
	Notes     []string         `json:"notes"`    // how the file was understood
	Rows      []RowResult      `json:"rows"`     // the rows not simply added or unchanged, at most 200
	// Alike are lines that may be someone already here; only staff are told.
	Alike []int `json:"possible_duplicates,omitempty"`
}

// RowResult is what became of one row.
type RowResult struct {
	Line   int    `json:"line"`
	Result string `json:"result"` // added, unchanged or refused
	Reason string `json:"reason,omitempty"`
}

// Results of a row.
const (
	Added     = "added"
	Unchanged = "unchanged"
	Refused   = "refused"
)

var errDryRun = errors.New("dry run: nothing kept")

// ImportFile takes in a file of referrals. Every row is checked; a row that
// cannot be kept is refused with every reason and the others are kept, all in
// one transaction. A dry run does the very same and then undoes it, so that its
// report is that of the real run. Rows of the same referrer that say what an
// earlier one said are unchanged.
func (s *Service) ImportFile(ctx context.Context, call access.Call, r io.Reader, o ImportOptions) (Report, error) {
	o.Referrer = s.referrerMeant(ctx, call, o.Referrer)
	if err := s.access.May(call.Actor, ActImport, access.Resource{Kind: "referral", Tenant: call.Actor.Tenant, Organisations: []string{o.Referrer}}); err != nil {
		return Report{}, err
	}
	org, err := s.o.Organisations.Get(ctx, call.Actor.Tenant, o.Referrer)
	if err != nil {
		return Report{}, problem.Refuse("There is no organisation "+o.Referrer+".", "Give the code, or the whole name, of an organisation of this programme. Make charities and networks on the Organisations page first.")
	}
	if o.Route == "" {
		o.Route = RouteOf(org.Kind)
	}
	l, err := s.limits(ctx, call.Actor.Tenant)
	if err != nil {
		return Report{}, err
	}
	if err := checkConsent(o.ConsentScope, o.ConsentUntil, call.Today, call.Today, l.longest); err != nil {
		return Report{}, err
	}
	table, err := tabular.Open(r, tabular.Options{Header: true, Name: o.Name, Trim: true, MaxBytes: maxFile})
	if err != nil {
		return Report{}, err
	}
	defer table.Close()
	run := &importing{s: s, call: call, o: o, org: org, table: table,
		report: Report{File: o.Name, Referrer: o.Referrer, DryRun: o.DryRun, Reasons: map[string]int{}, Examples: map[string][]int{}, Rows: []RowResult{}}}
	err = s.db.Tx(ctx, run.all)
	if errors.Is(err, errDryRun) {
		err = nil
	}
	return run.report, err
}

// referrerMeant gives the id of the one open organisation whose whole name was
// written; anything else stays as it is, as it may be an id or a code.
func (s *Service) referrerMeant(ctx context.Context, call access.Call, text string) string {
	if _, err := s.o.Organisations.Get(ctx, call.Actor.Tenant, text); err == nil {
		return text
	}
	found, err := s.o.Organisations.Search(ctx, call, organisation.Query{Text: text, Open: true})
	if err != nil { // who may not search gives an id
		return text
	}
	meant := text
	for _, o := range found.Organisations {
		if strings.EqualFold(strings.Join(strings.Fields(text), " "), o.Name) {
			if meant != text {
				return text // two of that name: only an id says which
			}
			meant = o.ID
		}
	}
	return meant
}

// importing is one file being taken in.
type importing struct {
	s      *Service
	call   access.Call
	o      ImportOptions
	org    organisation.Organisation
	table  *tabular.Table
	cols   layout
	echo   *tabular.Echo
	seen   map[string]int // row keys of this file, with their line
	report Report
}

func (m *importing) all(ctx context.Context) error {
	var unknown []string
	var err error
	if m.cols, unknown, err = lay(m.table.Header()); err != nil {
		return err
	}
	if len(unknown) > 0 {
		m.report.Notes = append(m.report.Notes, "Columns we did not use, and did not keep: "+strings.Join(unknown, ", "))
	}
	out := m.o.Out
	if out == nil {
		out = io.Discard
	}
	if m.echo, err = tabular.NewEcho(out, m.table, "result", "reason"); err != nil {
		return err
	}
	m.seen = map[string]int{}
	for {
		row, err := m.table.Next()
		if err == io.EOF {
			break
		}
		if err == nil {
			err = m.one(ctx, row)
		}
		if err != nil {
			return err
		}
		if m.o.Progress != nil {
			m.o.Progress(m.table.Progress())
		}
	}
	return m.finish(ctx)
}

func (m *importing) finish(ctx context.Context) error {
	d := m.table.Describe()
	how := "Read as " + string(d.Format)
	if d.Encoding != "" {
		how += ", " + d.Encoding
	}
	if d.Delimiter != 0 {
		how += fmt.Sprintf(", columns parted by %q", d.Delimiter)
	}
	if d.Sheet != "" {
		how += ", sheet " + d.Sheet
	}
	m.report.Notes = append(append([]string{how}, m.report.Notes...), d.Notes...)
	if err := m.echo.Close(); err != nil {
		return err
	}
	if m.report.Read == 0 {
		return problem.Refuse("This file has no rows below its column names.", "Check that you chose the right file and, in a workbook, that the right sheet comes first.")
	}
	if m.o.DryRun {
		return errDryRun
	}
	told := m.report
	told.Rows, told.Alike = nil, nil
	return m.s.audit.Record(ctx, m.call, audit.Entry{Action: ActImport, Kind: "organisation", ID: m.o.Referrer, After: told})
}

// one takes in one row. Only a fault that ends the whole file is an error.
func (m *importing) one(ctx context.Context, row tabular.Row) error {
	if m.report.Read++; m.report.Read > maxRows {
		return problem.Refuse(fmt.Sprintf("This file has more than %d rows.", maxRows), "Split it into several files. Rows taken in before do not count twice.")
	}
	res := RowResult{Line: row.Line, Result: Refused}
	alike, err := m.keep(ctx, row, &res)
	if err != nil {
		if k := problem.KindOf(err); k != problem.Invalid && k != problem.Refused {
			return err
		}
		reasons := reasonsOf(err)
		res.Reason = strings.Join(reasons, "; ")
		for _, why := range reasons {
			m.report.Reasons[why]++
			if len(m.report.Examples[why]) < maxExamples {
				m.report.Examples[why] = append(m.report.Examples[why], row.Line)
			}
		}
	}
	switch res.Result {
	case Added:
		m.report.Added++
	case Unchanged:
		m.report.Unchanged++
	default:
		m.report.Refused++
	}
	if alike && m.s.access.May(m.call.Actor, ActStaff, access.Resource{Kind: "referral", Tenant: m.call.Actor.Tenant}) == nil {
		m.report.Alike = append(m.report.Alike, row.Line)
	}
	if res.Reason != "" && len(m.report.Rows) < shownRefused {
		m.report.Rows = append(m.report.Rows, res)
	}
	return m.echo.Write(row, res.Result, res.Reason)
}

// keep reads, checks and saves one row and sets its result.
func (m *importing) keep(ctx context.Context, row tabular.Row, res *RowResult) (alike bool, err error) {
	if row.Problem != nil {
		return false, row.Problem
	}
	n, err := m.cols.referral(row.Cells, m.o.Dates, m.s.countries)
	if err != nil {
		return false, errors.Join(err, n.Person.Check(m.call.Today))
	}
	n.Referrer, n.Route, n.On = m.o.Referrer, m.o.Route, m.call.Today
	n.ConsentScope, n.ConsentUntil = m.o.ConsentScope, m.o.ConsentUntil
	if n.Region == "" {
		n.Region = m.org.Region
	}
	if m.o.Silent {
		n.First = FirstPaper
	}
	key := m.s.db.Vault().Token(m.call.Actor.Tenant, "referral row", n.rowText())
	if line, ok := m.seen[key]; ok {
		res.Result, res.Reason = Unchanged, fmt.Sprintf("The same as line %d of this file", line)
		return false, nil
	}
	known, err := m.s.rowSeen(ctx, m.call.Actor.Tenant, m.o.Referrer, key)
	if err != nil {
		return false, err
	}
	if known {
		m.seen[key] = row.Line
		res.Result = Unchanged
		return false, nil
	}
	r, found, err := m.s.takeRow(ctx, m.call, n)
	if err != nil {
		return false, err
	}
	m.seen[key] = row.Line
	res.Result = Added
	seen := slices.DeleteFunc(slices.Clone(found), func(id string) bool { return slices.Contains(m.call.Actor.Hidden, id) })
	if own, err := m.s.ownOf(ctx, m.call.Actor.Tenant, m.o.Referrer, seen); err != nil {
		return false, err
	} else if len(own) > 0 {
		res.Reason = "Looks like someone you have referred before; we will check"
	}
	return len(found) > 0, m.s.insertRow(ctx, m.call.Actor.Tenant, m.o.Referrer, key, r.ID)
}

// reasonsOf takes a problem apart into sentences for the file's owner.
func reasonsOf(err error) []string {
	var out []string
	add := func(e *problem.Error) {
		for _, f := range e.Fields {
			out = append(out, f.Message)
		}
		out = append(out, e.Reasons...)
		if len(e.Fields)+len(e.Reasons) == 0 {
			out = append(out, e.Message)
		}
	}
	for _, part := range parts(err) {
		var e *problem.Error
		if errors.As(part, &e) {
			add(e)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func parts(err error) []error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return joined.Unwrap()
	}
	return []error{err}
}
