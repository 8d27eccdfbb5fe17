package document

import (
	"context"
	"errors"
	"io"
	"time"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/clock"
	"msw/internal/jobs"
	"msw/internal/problem"
)

// Scanner looks for malware in what it is handed. An error means that it could
// not say: that is never taken for clean.
type Scanner interface {
	Scan(ctx context.Context, r io.Reader) (found string, err error)
}

// JobScan is the job that has a page scanned.
const JobScan = "document.scan"

func (s *Service) askScan(ctx context.Context, tenant, page string) error {
	return s.o.Jobs.Enqueue(ctx, tenant, JobScan, map[string]string{"page": page})
}

// Scan has a page scanned, exactly as it would be handed out. An error has it
// tried again later; meanwhile nobody but the doctor can open it.
func (s *Service) Scan(ctx context.Context, call access.Call, job jobs.Job) error {
	p, err := s.page(ctx, job.Tenant, job.IDs["page"])
	if problem.KindOf(err) == problem.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	if !p.WithdrawnOn.IsZero() || p.Scan != ScanWaiting && p.Scan != ScanNone {
		return nil
	}
	scan, found := ScanNone, ""
	if s.o.Scanner != nil {
		if found, err = s.scan(ctx, job.Tenant, p); err != nil {
			return err
		}
		if scan = ScanClean; found != "" {
			scan = ScanInfected
		}
	}
	return s.scanned(ctx, call, p, scan, found)
}

func (s *Service) scan(ctx context.Context, tenant string, p Page) (found string, err error) {
	r, err := s.read(ctx, tenant, p)
	if err != nil {
		return "", err
	}
	found, err = s.o.Scanner.Scan(ctx, r)
	return found, errors.Join(err, r.Close())
}

// scanned keeps the scanner's answer and what follows for the document.
func (s *Service) scanned(ctx context.Context, call access.Call, p Page, scan Scan, found string) error {
	tenant := call.Actor.Tenant
	return s.db.Tx(ctx, func(ctx context.Context) error {
		now, err := s.page(ctx, tenant, p.ID)
		if err != nil || now.Scan == scan || now.Scan != p.Scan {
			return err
		}
		d, err := s.load(ctx, tenant, p.Document)
		if err != nil {
			return err
		}
		before, was := now, d.State
		now.Scan, now.Found, now.ScannedAt = scan, found, call.Now
		if err := s.updatePage(ctx, tenant, now); err != nil {
			return err
		}
		pages, err := s.pagesOf(ctx, tenant, d.ID)
		if err != nil {
			return err
		}
		if d.State = stateOf(d, pages); d.State != was {
			if err := s.update(ctx, tenant, d); err != nil {
				return err
			}
			d.Version++
		}
		if err := s.audit.Record(ctx, call, audit.Entry{Action: ActAdd, Kind: "document page", ID: p.ID, Person: p.Doctor, Before: before, After: now}); err != nil {
			return err
		}
		if was != Ready && d.State == Ready && s.o.Ready != nil {
			return s.o.Ready(ctx, call, d)
		}
		return nil
	})
}

// Rescan asks for a scan of every page whose turn came when there was no
// scanner; without one it does nothing.
func (s *Service) Rescan(ctx context.Context, tenant string) (n int, err error) {
	if s.o.Scanner == nil {
		return 0, nil
	}
	after := ""
	for {
		list, err := s.unscanned(ctx, tenant, after, 200)
		if err != nil || len(list) == 0 {
			return n, err
		}
		err = s.db.Tx(ctx, func(ctx context.Context) error {
			for _, p := range list {
				after = p.ID
				now := p
				now.Scan = ScanWaiting
				if err := s.updatePage(ctx, tenant, now); err != nil {
					return err
				}
				if err := s.askScan(ctx, tenant, p.ID); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return n, err
		}
		n += len(list)
	}
}

// uploadDays is how long an upload that was broken off can be taken up again.
const uploadDays = 3

// Sweep destroys uploads that were left, and whatever lies in the store and is
// kept by no row.
func (s *Service) Sweep(ctx context.Context, tenant string, now clock.Instant) error {
	const most = 200
	uploads, err := s.oldUploads(ctx, tenant, now.Add(-uploadDays*24*time.Hour), most)
	if err != nil {
		return err
	}
	for _, id := range uploads {
		if err := s.db.Tx(ctx, func(ctx context.Context) error { return s.forget(ctx, tenant, id, now) }); err != nil {
			return err
		}
	}
	for state, before := range map[string]clock.Instant{"going": now, "writing": now.Add(-24 * time.Hour)} {
		names, err := s.looseBlobs(ctx, tenant, state, before, most)
		if err != nil {
			return err
		}
		for _, name := range names {
			if err := s.o.Blobs.Delete(ctx, name); err != nil {
				return err
			}
			if err := s.db.Tx(ctx, func(ctx context.Context) error { return s.forgetBlob(ctx, tenant, name) }); err != nil {
				return err
			}
		}
	}
	return nil
}
