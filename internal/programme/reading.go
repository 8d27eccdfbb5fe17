package programme

import (
	"errors"
	"fmt"
	"slices"

	"msw/internal/rulebook"
)

// NewReader reads rule sets with the rulebook. Files are the texts the book was
// made of: a proposed text is read beside them, in place of the version that
// has its set and name.
func NewReader(book *rulebook.Book, files []rulebook.File) Reader { return reader{book, files} }

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
