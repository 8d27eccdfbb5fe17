package app

import (
	"context"
	"errors"
	"fmt"

	"msw/internal/cli"
	"msw/internal/database"
	"msw/internal/web/assets"
)

// docsCommand is what `make docs` calls. It needs no database of anybody's.
type docsCommand struct {
	Dir string `arg:"" type:"existingdir" help:"The folder of the documents."`
}

func (d *docsCommand) Run(c cli.Console) error {
	documents, err := ownDocuments(c.Context)
	if err != nil {
		return err
	}
	if err := WriteDocs(d.Dir, documents); err != nil {
		return err
	}
	fmt.Fprintf(c.Out, "Wrote %d documents to %s.\n", len(documents), d.Dir)
	return nil
}

// ownDocuments makes the documents of the program as it is served, on a store
// that is gone afterwards.
func ownDocuments(ctx context.Context) (documents map[string][]byte, err error) {
	a, err := New(ctx, Options{Config: Config{Database: "sqlite::memory:"}, Key: demoKey(), Fast: true})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	server, err := a.server(Face{}, assets.None())
	if err != nil {
		return nil, err
	}
	return Documents(a.Access, server.Routes(), database.Migrations(), a.Book.Schema())
}
