package document

import (
	"strconv"
	"strings"
	"unicode"

	"msw/internal/problem"
)

// stateOf derives a document's state from its pages and its end.
func stateOf(d Document, pages []Page) State {
	switch {
	case !d.WithdrawnOn.IsZero():
		return Withdrawn
	case d.ReplacedBy != "":
		return Replaced
	case len(pages) == 0:
		return Empty
	}
	state := Ready
	for _, p := range pages {
		switch {
		case p.Scan == ScanInfected:
			return Infected
		case !p.Scan.opens():
			state = Waiting
		}
	}
	return state
}

// Limits are how much a doctor may bring, as the programme set it.
type Limits struct {
	FileBytes int64
	Pages     int // of one document
	Documents int // of one doctor, that stand
}

// FileMegabytes is the most one file may hold, as people say it.
func (l Limits) FileMegabytes() int { return int(l.FileBytes >> 20) }

func (l Limits) checkSize(size int64) error {
	if size == 0 {
		return problem.Refuse("This file is empty.", "This file is empty. Take the photo again, or choose another file.")
	}
	if size > l.FileBytes {
		return problem.Refuse("This file is too large.", "This file is larger than "+strconv.Itoa(l.FileMegabytes())+" MB. Take a photo of each page instead, and add them one by one.")
	}
	return nil
}

const (
	titleLength = 100
	wordsLength = 300
)

// NewDocument is a document that is about to be added.
type NewDocument struct {
	Doctor        string
	Kind          string
	TranslationOf string
	Replaces      string
	Words
}

func (n NewDocument) check() error {
	var c problem.Check
	c.That(knownKind(n.Kind), "kind", "Choose what kind of document it is")
	translation := knownKind(n.Kind) && KindOf(n.Kind).Translation
	c.That(!translation || n.TranslationOf != "", "translation_of", "Choose which document this translates")
	c.That(!translation || n.Translator != "", "translator", "Enter who translated it")
	c.That(!translation || n.Language != "", "language", "Enter the language of the original")
	c.That(len([]rune(n.Title)) <= titleLength, "title", "The name must be 100 characters or fewer")
	c.That(len([]rune(n.Translator)) <= wordsLength, "translator", "Use 300 characters or fewer")
	c.That(len([]rune(n.Certified)) <= wordsLength, "certified", "Use 300 characters or fewer")
	c.That(len([]rune(n.Language)) <= titleLength, "language", "Use 100 characters or fewer")
	return c.Err()
}

// harmless makes a file's name as it came fit to be shown and kept: without
// folders, without marks that turn the direction of writing or cannot be seen,
// and of bounded length. It never becomes a name of a file of ours.
func harmless(name string) string {
	name = visible(name)
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	name = strings.TrimSpace(strings.TrimLeft(name, "."))
	if runes := []rune(name); len(runes) > titleLength {
		name = string(runes[:titleLength])
	}
	return name
}

// visible leaves out of a text what cannot be seen or turns what follows.
func visible(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co) || r == unicode.ReplacementChar {
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, ""))
}
