package app

import (
	"context"
	"path/filepath"
	"strings"
	"time"

	"msw/internal/access"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/demo"
	"msw/internal/document"
	"msw/internal/fact"
	"msw/internal/jobs"
)

// makeDocuments makes the station of documents. Where no store of files is named
// they lie in a folder beside the database.
func (a *App) makeDocuments(o Options) (err error) {
	blobs, err := a.blobs(o)
	if err != nil {
		return err
	}
	scanner, note := a.scanner(o)
	a.Documents, err = document.New(document.Options{DB: a.DB, Access: a.Access, Audit: a.Audit, Jobs: a.Outbox, Blobs: blobs, Scanner: scanner,
		Resource: a.resource, Employers: a.employersOf, Setting: a.Programme.Int, Ready: a.documentReady, Names: a.doctorNames, AccountNames: a.colleagues,
		Ref: a.refOf, ByRef: a.doctorByRef, RightToWork: a.rightToWorkLine, ScannerNote: note, Fictional: o.Fictional})
	return err
}

func (a *App) blobs(o Options) (document.Blobs, error) {
	where := o.Config.Blobs
	if where == "" {
		file, isFile := strings.CutPrefix(o.Config.Database, "sqlite:")
		if where = "msw-blobs"; isFile && file != ":memory:" {
			where = file + ".blobs"
		}
		if isFile && file == ":memory:" {
			return document.NewMemory(), nil
		}
	}
	if strings.HasPrefix(where, "s3://") || strings.HasPrefix(where, "s3+http://") {
		return document.NewBucket(where, time.Now)
	}
	return document.NewFolder(filepath.Clean(where), o.Fast), nil
}

// scanner is clamd where one is named. The demo has a stand-in that says so; in
// earnest there is none, and nothing is shown to others.
func (a *App) scanner(o Options) (s document.Scanner, note string) {
	switch {
	case o.Config.ClamAV != "":
		return document.ClamAV{Address: o.Config.ClamAV}, ""
	case o.Fictional:
		return demo.Scanner{}, demo.ScannerNote
	}
	return nil, ""
}

// documentReady is told of each document that may be opened for the first time:
// later stations that wait for one hang themselves in here.
func (a *App) documentReady(context.Context, access.Call, document.Document) error { return nil }

// employersOf are the organisations that employ a doctor, or whose offer the
// doctor accepted.
func (a *App) employersOf(ctx context.Context, tenant, doctor string) ([]string, error) {
	placed, err := a.Placements.Of(ctx, tenant, doctor)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, p := range placed {
		if p.EndedOn.IsZero() {
			out = append(out, p.Employer)
		}
	}
	offers, err := a.Offers.Employing(ctx, tenant, doctor)
	return database.Distinct(append(out, offers...)), err
}

func (a *App) refOf(ctx context.Context, tenant, doctor string) (string, error) {
	c, err := a.Cases.Get(ctx, doctor, tenant)
	return c.Ref, err
}

func (a *App) doctorByRef(ctx context.Context, tenant, ref string) (string, error) {
	c, err := a.Cases.ByRef(ctx, tenant, ref)
	return c.Doctor, err
}

// rightToWorkLine is all that the team sees of a right to work: category,
// outcome and end date.
func (a *App) rightToWorkLine(ctx context.Context, call access.Call, doctor string) (string, error) {
	records, err := a.Facts.Read(ctx, call, doctor)
	if err != nil {
		return "", err
	}
	for _, r := range fact.Of(records, fact.RightToWork) {
		line := fact.StateWords(r.State)
		if category := r.Text("category"); category != "" {
			line = strings.ReplaceAll(category, "_", " ") + ". " + line
		}
		if !r.Until.IsZero() {
			line += ", until " + r.Until.Long()
		}
		return line + ".", nil
	}
	return "", nil
}

// documentWork is what the worker does for documents.
func (a *App) documentWork() {
	a.Worker.Handle(document.JobScan, func(ctx context.Context, job jobs.Job) error {
		return a.Documents.Scan(ctx, operator(job.Tenant, a.Now()), job)
	})
	each := func(fn func(ctx context.Context, tenant string, now clock.Instant) error) func(context.Context, clock.Instant) error {
		return func(ctx context.Context, now clock.Instant) error {
			tenants, err := a.Programme.Tenants(ctx)
			if err != nil {
				return err
			}
			for _, t := range tenants {
				if err := fn(ctx, t.ID, now); err != nil {
					return err
				}
			}
			return nil
		}
	}
	a.Worker.Every("document.sweep", hour, each(a.Documents.Sweep))
	a.Worker.Every("document.rescan", hour, each(func(ctx context.Context, tenant string, _ clock.Instant) error {
		_, err := a.Documents.Rescan(ctx, tenant)
		return err
	}))
}
