package programme

import (
	"fmt"
	"io/fs"
	"slices"

	"msw/internal/rulebook"
)

// NewReader reads the rule files of fsys. A proposed text is read beside them,
// in place of the version that it takes over from where the two clash.
func NewReader(fsys fs.FS) (Reader, error) {
	files, err := rulebook.ReadFiles(fsys, ".")
	if err != nil {
		return nil, err
	}
	files = slices.DeleteFunc(files, rulebook.File.Test)
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

// Read reads the text as the version it says it is.
func (r reader) Read(text string) (Reading, error) {
	set, err := r.Compile(text, nil)
	if err != nil {
		return Reading{}, err
	}
	return readingOf(set), nil
}

func readingOf(set *rulebook.Set) Reading {
	out := Reading{Purpose: set.ID(), Name: set.Name(), Title: set.Title(), Text: set.Text(), Hash: set.Version(), From: set.From(), Until: set.To()}
	for _, q := range set.Requirements() {
		if rule, ok := set.Rule(q.ID); ok {
			out.Requirements = append(out.Requirements, readRule(rule))
		}
	}
	return out
}

func readRule(q rulebook.Rule) ReadRequirement {
	read := ReadRequirement{ID: q.ID, Title: q.Title, Exclusion: q.Kind == "exclusion", Accepts: q.Accepts.String(), Proof: q.ProofText, Condition: q.Condition}
	for _, reason := range q.Unmet {
		read.Reasons = append(read.Reasons, reason.Staff)
		read.Doctor = reason.Doctor // the last holds when no other does
	}
	for _, v := range q.Reads {
		read.Values = append(read.Values, v.Words()...)
	}
	for _, way := range q.Alternatives {
		read.Ways = append(read.Ways, readRule(way))
	}
	for _, source := range q.Sources {
		words := source.Title
		if source.Says != "" {
			words = fmt.Sprintf("%s: “%s”", source.Title, source.Says)
		}
		read.Sources = append(read.Sources, ReadSource{Words: words, URL: source.URL, On: source.Read, Status: statusOf(source.Mark)})
	}
	return read
}

// standing tells how sure a source is and when it was read, in brackets.
func (s ReadSource) standing() string {
	text := lower(s.Status.Words())
	if !s.On.IsZero() {
		text += ", read on " + s.On.Long()
	}
	return "(" + text + ")"
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
