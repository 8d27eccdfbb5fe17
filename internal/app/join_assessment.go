package app

import (
	"context"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"msw/internal/access"
	"msw/internal/casefile"
	"msw/internal/clock"
	"msw/internal/document"
	"msw/internal/eligibility"
	"msw/internal/eligibility/assessment"
	"msw/internal/fact"
	"msw/internal/organisation"
	"msw/internal/problem"
	"msw/internal/request"
	"msw/rules"
)

// makeEligibility makes the station of assessment and decision.
func (a *App) makeEligibility() error {
	reasons, err := assessment.LoadReasons(rules.Checks, "checks/reasons.yaml")
	if err != nil {
		return err
	}
	a.Eligibility, err = eligibility.New(eligibility.Options{DB: a.DB, Access: a.Access, Audit: a.Audit, Jobs: a.Outbox, Cases: a.Cases, Facts: a.Facts, Requests: a.Requests,
		Programme: a.Programme, Book: a.Book, Derived: a.derivedFacts, DerivedMany: a.derivedMany, Reasons: reasons, Accounts: a.colleagues, Staff: a.assessors, Holidays: a.Holidays,
		Papers:    []func(context.Context, access.Call, string) ([]eligibility.Paper, error){a.documentPapers, a.requestPapers},
		OwnPapers: a.documentPapers, Upload: "/documents/add"})
	return err
}

// assessors lists who can assess an application, as account and name.
func (a *App) assessors(ctx context.Context, tenant string) ([][2]string, error) {
	accounts, err := a.Organisations.AccountsWith(ctx, tenant, organisation.RoleAssessor, "", a.Now().Local())
	if err != nil {
		return nil, err
	}
	names, err := a.accountNames(ctx, accounts)
	if err != nil {
		return nil, err
	}
	var out [][2]string
	for _, id := range accounts {
		out = append(out, [2]string{id, names[id]})
	}
	return out, nil
}

// joinRounds gives questions that an earlier version asked their requests.
func (a *App) joinRounds(ctx context.Context, now clock.Instant) error {
	tenants, err := a.Programme.Tenants(ctx)
	if err != nil {
		return err
	}
	for _, t := range tenants {
		if _, err := a.Eligibility.JoinRounds(ctx, operator(t.ID, now)); err != nil {
			return err
		}
	}
	return nil
}

// caseMoved keeps the assessors' queue true as cases move.
func (a *App) caseMoved(ctx context.Context, call access.Call, list []casefile.Moved) error {
	return a.Eligibility.Moved(ctx, call, list)
}

// documentPapers are a doctor's documents as the assessor may see them, each
// in its section. Proof of the right to work is not among them.
func (a *App) documentPapers(ctx context.Context, call access.Call, doctor string) ([]eligibility.Paper, error) {
	list, err := a.Documents.List(ctx, call, doctor)
	if problem.KindOf(err) == problem.NotFound || problem.KindOf(err) == problem.Forbidden {
		return nil, nil
	}
	var out []eligibility.Paper
	for _, d := range list {
		if k := document.KindOf(d.Kind); d.Live() && k.Class == document.General {
			out = append(out, eligibility.Paper{Section: sectionOfPaper(d.Kind), ID: d.ID, Title: firstOf(d.Title, k.Title), State: documentState(d.State), URL: "/documents/" + d.ID, Beside: d.State == document.Ready})
		}
	}
	return out, err
}

func documentState(s document.State) string {
	switch s {
	case document.Ready:
		return "can be opened"
	case document.Empty:
		return "has no page yet"
	case document.Infected:
		return "harmful, cannot be opened"
	}
	return "waits for the scan"
}

// requestPapers are what others were asked about a doctor.
func (a *App) requestPapers(ctx context.Context, call access.Call, doctor string) ([]eligibility.Paper, error) {
	list, err := a.Requests.List(ctx, call, doctor)
	if problem.KindOf(err) == problem.NotFound || problem.KindOf(err) == problem.Forbidden {
		return nil, nil
	}
	var out []eligibility.Paper
	for _, r := range list {
		if s := sectionOfPaper(r.Kind.ID); s != "" && !r.Kind.GMC {
			out = append(out, eligibility.Paper{Section: s, ID: r.SourceID(), Title: titleOf(r), State: r.State.Words(), URL: "/requests/" + r.ID, Beside: true})
		}
	}
	return out, err
}

// titleOf names a request with who is asked, to those who may know it.
func titleOf(r request.Row) string {
	if r.Whom.Name == "" {
		return r.Kind.Title
	}
	return r.Kind.Title + ", " + r.Whom.Name
}

// besides shows documents and requests beside the conditions they are about.
func (a *App) besides() eligibility.Show {
	documents, requests := document.NewPages(a.Documents), request.NewPages(a.Requests, a.Documents)
	return func(ctx context.Context, call access.Call, b eligibility.Beside) (templ.Component, error) {
		if id, ok := strings.CutPrefix(b.ID, "request:"); ok {
			return requests.Viewer(ctx, call, id, b.Key, b.Back)
		}
		return documents.Viewer(ctx, call, b.ID)
	}
}

// sectionOfPaper gives the section of a kind of document or request; what only
// the GMC needs has none.
func sectionOfPaper(kind string) assessment.Section {
	switch kind {
	case "identity", "name_change":
		return assessment.Identity
	case "experience", "internship", "licence", "reference", "employer_reference", "statement":
		return assessment.Experience
	case "english":
		return assessment.English
	case "exam":
		return assessment.Exclusions
	case "good_standing", "further", "consent":
		return ""
	}
	return assessment.Qualification
}

func firstOf(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

// nightly counts whose turn took how long, and looks for impossible states.
func (a *App) nightly(ctx context.Context, now clock.Instant) error {
	tenants, err := a.Programme.Tenants(ctx)
	if err != nil {
		return err
	}
	for _, t := range tenants {
		if _, err := a.Eligibility.Nightly(ctx, operator(t.ID, now)); err != nil {
			return err
		}
	}
	return nil
}

// numbered are the kinds of fact that bear a number of a paper, and its field.
var numbered = map[string]string{fact.Registration: "number", fact.EnglishTest: "report_number"}

// numbersChanged lets the same registration or certificate number under two
// people be found.
func (a *App) numbersChanged(ctx context.Context, call access.Call, id string, kinds []string) error {
	if !slices.ContainsFunc(kinds, func(k string) bool { return numbered[k] != "" }) {
		return nil
	}
	records, err := a.Facts.For(ctx, call.Actor.Tenant, id)
	if err != nil {
		return err
	}
	var numbers []string
	for _, r := range records {
		if field := numbered[r.Kind]; field != "" && r.Text(field) != "" {
			numbers = append(numbers, r.Text(field))
		}
	}
	if len(numbers) == 0 {
		return nil
	}
	return a.Doctors.SetNumbers(ctx, call.Actor.Tenant, id, numbers)
}

// retoken brings what an earlier version kept of people to where it is now: the
// keys by which they are found, and links between records of one person.
func (a *App) retoken(ctx context.Context, now clock.Instant) error {
	tenants, err := a.Programme.Tenants(ctx)
	if err != nil {
		return err
	}
	for _, t := range tenants {
		if _, err := a.Doctors.Retoken(ctx, t.ID); err != nil {
			return err
		}
		if err := a.Doctors.TellSame(ctx, operator(t.ID, now)); err != nil {
			return err
		}
	}
	return nil
}
