package referral

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"msw/internal/access"
	"msw/internal/database"
	"msw/internal/problem"
)

const maxUpload = 4 << 20 // of a file sent to the page; larger ones go through the command

// Uploaded is a file sent to the page: first its preview, then what became of it.
type Uploaded struct {
	ID, Name     string
	Organisation string
	Saved        bool
	Report       Report
}

// Preview reads a file as a dry run and keeps it for a day, sealed, until its
// sender confirms.
func (s *Service) Preview(ctx context.Context, call access.Call, r io.Reader, o ImportOptions) (Uploaded, error) {
	file, err := io.ReadAll(io.LimitReader(r, maxUpload+1))
	if err != nil {
		return Uploaded{}, fmt.Errorf("read upload: %w", err)
	}
	if len(file) > maxUpload {
		return Uploaded{}, problem.Refuse("This file is larger than 4 MB.", "Split it, or ask us to take it in for you.")
	}
	o.DryRun = true
	var result bytes.Buffer
	o.Out = &result
	report, err := s.ImportFile(ctx, call, bytes.NewReader(file), o)
	if err != nil {
		return Uploaded{}, err
	}
	u := upload{ID: database.NewRef(), Organisation: o.Referrer, Account: call.Actor.Account, Version: 1,
		Content: uploadContent{Name: o.Name, File: file, Result: result.Bytes(), Report: report, Options: o}}
	err = s.db.Tx(ctx, func(ctx context.Context) error { return s.insertUpload(ctx, call, u) })
	return u.shown(), err
}

func (u upload) shown() Uploaded {
	return Uploaded{ID: u.ID, Name: u.Content.Name, Organisation: u.Organisation, Saved: u.Saved, Report: u.Content.Report}
}

// Confirm takes in a file that was previewed. Once.
func (s *Service) Confirm(ctx context.Context, call access.Call, id string) (Uploaded, error) {
	u, err := s.mayUpload(ctx, call, id)
	if err != nil {
		return Uploaded{}, err
	}
	if u.Saved {
		return Uploaded{}, problem.New(problem.Conflict, "This file was already taken in.")
	}
	err = s.db.Tx(ctx, func(ctx context.Context) error {
		var result bytes.Buffer
		o := u.Content.Options
		o.DryRun, o.Out = false, &result
		report, err := s.ImportFile(ctx, call, bytes.NewReader(u.Content.File), o)
		if err != nil {
			return err
		}
		u.Saved = true
		u.Content.File, u.Content.Result, u.Content.Report = nil, result.Bytes(), report
		return s.updateUpload(ctx, call.Actor.Tenant, u)
	})
	return u.shown(), err
}

// Upload gives a file its sender previewed or confirmed.
func (s *Service) Upload(ctx context.Context, call access.Call, id string) (Uploaded, error) {
	u, err := s.mayUpload(ctx, call, id)
	return u.shown(), err
}

// UploadResult gives the same file with the columns result and reason.
func (s *Service) UploadResult(ctx context.Context, call access.Call, id string) (name string, file []byte, err error) {
	u, err := s.mayUpload(ctx, call, id)
	return ResultName(u.Content.Name), u.Content.Result, err
}

func (s *Service) mayUpload(ctx context.Context, call access.Call, id string) (upload, error) {
	clean, ok := database.CheckRef(id)
	if !ok {
		return upload{}, problem.Missing()
	}
	u, err := s.upload(ctx, call.Actor.Tenant, call.Actor.Account, clean)
	if err != nil {
		return upload{}, err
	}
	return u, s.access.May(call.Actor, ActImport, access.Resource{Kind: "referral", Tenant: call.Actor.Tenant, Organisations: []string{u.Organisation}})
}

// ResultName names the file that is given back: "may.csv" becomes
// "may.result.csv".
func ResultName(name string) string {
	name = strings.TrimSuffix(name, ".gz")
	ext := filepath.Ext(name)
	switch strings.ToLower(ext) {
	case ".xlsx", ".csv":
		return strings.TrimSuffix(name, ext) + ".result" + ext
	case ".tsv", ".txt":
		return strings.TrimSuffix(name, ext) + ".result.csv"
	}
	return name + ".result.csv"
}
