package programme

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"msw/internal/rulebook"
)

// NewReader reads the rule files of fsys. A proposed text is read beside them,
// in place of the version that it takes over from where the two clash.
func NewReader(fsys fs.FS) (Reader, error) {
	var files []rulebook.File
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Ext(name) != ".yaml" || strings.HasSuffix(name, "_test.yaml") {
			return err
		}
		text, err := fs.ReadFile(fsys, name)
		files = append(files, rulebook.File{Name: name, Text: string(text)})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("rule files: %w", err)
	}
	book, err := rulebook.Compile(files)
	if err != nil {
		return nil, err
	}
	return reader{book, files}, nil
}

type reader struct {
	book  *rulebook.Book
	files []rulebook.File
}

const proposedFile = "proposed.yaml"

func (r reader) Sets() []Reading {
	var out []Reading
	for _, set := range r.book.Sets() {
		out = append(out, readingOf(set))
	}
	return out
}

// Read tries the text beside all others first; where it would clash with the
// version it replaces, it is read without that one.
func (r reader) Read(text string) (Reading, error) {
	find := func(files []rulebook.File) (Reading, error) {
		book, err := rulebook.Compile(append(slices.Clone(files), rulebook.File{Name: proposedFile, Text: text}))
		if err != nil {
			return Reading{}, err
		}
		for _, set := range book.Sets() {
			if set.File() == proposedFile {
				return readingOf(set), nil
			}
		}
		return Reading{}, errors.New("the text holds no rule set")
	}
	found, first := find(r.files)
	if first == nil {
		return found, nil
	}
	for i, f := range r.files {
		if f.Name == rulebook.SchemaFile {
			continue
		}
		if found, err := find(slices.Delete(slices.Clone(r.files), i, i+1)); err == nil {
			return found, nil
		}
	}
	return Reading{}, first
}

func readingOf(set *rulebook.Set) Reading {
	out := Reading{Purpose: set.ID(), Name: set.Name(), Title: set.Title(), Text: set.Text(), Hash: set.Version(), From: set.From(), Until: set.To()}
	for _, q := range set.Requirements() {
		read := ReadRequirement{ID: q.ID, Title: q.Title, Exclusion: q.Kind == "exclusion", Accepts: q.Accepts.String()}
		for _, source := range q.Sources {
			words := source.Title
			if source.Says != "" {
				words = fmt.Sprintf("%s: “%s”", source.Title, source.Says)
			}
			read.Sources = append(read.Sources, ReadSource{Words: words, URL: source.URL, On: source.Read, Status: statusOf(source.Mark)})
		}
		out.Requirements = append(out.Requirements, read)
	}
	return out
}

func statusOf(m rulebook.Mark) Status {
	switch m {
	case rulebook.Confirmed:
		return Confirmed
	case rulebook.Recalled:
		return Recalled
	}
	return Own
}
