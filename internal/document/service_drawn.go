package document

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"

	"msw/internal/access"
	"msw/internal/database"
)

// Drawn is a page that the demo drew itself.
type Drawn struct {
	Name          string
	Format        Format
	Data          []byte
	Width, Height int
}

// Draws tells whether the records are invented, so that AddDrawn may be used.
func (s *Service) Draws() bool { return s.o.Fictional }

// AddDrawn adds a document with pages that the demo drew, in one transaction and
// without a scan: they say so. Only a service that was told that its records
// are invented does it.
func (s *Service) AddDrawn(ctx context.Context, call access.Call, n NewDocument, pages ...Drawn) (Document, error) {
	if !s.o.Fictional {
		return Document{}, errors.New("only a demo draws documents")
	}
	tenant := call.Actor.Tenant
	var d Document
	err := s.db.Tx(ctx, func(ctx context.Context) (err error) {
		if d, err = s.Add(ctx, call, n); err != nil {
			return err
		}
		var list []Page
		for i, drawn := range pages {
			sum := sha256.Sum256(drawn.Data)
			p := Page{ID: database.NewRef(), Version: 1, Document: d.ID, Doctor: d.Doctor, Number: i + 1, Format: drawn.Format, Scan: ScanDrawn,
				Bytes: int64(len(drawn.Data)), Width: drawn.Width, Height: drawn.Height, AddedAt: call.Now, ScannedAt: call.Now,
				PageWords: PageWords{Name: drawn.Name}, hash: s.db.Vault().Token(tenant, "document file", string(sum[:]))}
			p.blob, err = s.put(ctx, tenant, d.Doctor, call.Now, func(blob string) io.Reader {
				return s.sealing(ctx, home{tenant: tenant, doctor: d.Doctor, document: d.ID, page: p.ID, blob: blob}, bytes.NewReader(drawn.Data))
			})
			if err != nil {
				return err
			}
			list = append(list, p)
			if err := s.save(ctx, call, d, p, list); err != nil {
				return err
			}
			d.Version++
		}
		return nil
	})
	return d, err
}
