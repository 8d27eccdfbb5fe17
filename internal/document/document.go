// Package document keeps the papers doctors bring: uploaded in parts from a
// phone, checked by content, cleaned, scanned, sealed with the person's own key
// in a blob store, and opened only through msw with every opening recorded.
//
// It decides nothing about a doctor: what a paper proves is a fact, and others
// point to a document by its Source. It is not a viewer of foreign formats: only
// pictures it wrote itself are ever shown, all else is handed over as a file.
package document

import (
	"strings"

	"msw/internal/access"
	"msw/internal/clock"
)

// What can be done with documents.
const (
	ActAdd           access.Action = "document.add"                // upload, name, replace, withdraw
	ActSee           access.Action = "document.see"                // lists and pages of documents
	ActOpen          access.Action = "document.open"               // open what the programme needs
	ActOpenRight     access.Action = "document.open_right_to_work" // open evidence of the right to work
	ActOpenProtected access.Action = "document.open_protected"     // open evidence of a protected reason
	ActSame          access.Action = "document.same"               // the same file under two people
)

// Actions lists every action of this package.
func Actions() []access.Action {
	return []access.Action{ActAdd, ActSee, ActOpen, ActOpenRight, ActOpenProtected, ActSame}
}

// Class says who may open a kind of document.
type Class string

// The classes.
const (
	General     Class = "general"       // the team that works on the case
	RightToWork Class = "right_to_work" // the employer of record alone
	Protected   Class = "protected"     // the panel that judges protected reasons
)

func (c Class) open() access.Action {
	switch c {
	case RightToWork:
		return ActOpenRight
	case Protected:
		return ActOpenProtected
	}
	return ActOpen
}

// State is where a document stands.
type State string

// The states of a document.
const (
	Empty     State = "empty"     // no page yet
	Waiting   State = "waiting"   // a page is not scanned yet
	Ready     State = "ready"     // every page may be opened by those who may
	Infected  State = "infected"  // the scanner found something in a page
	Withdrawn State = "withdrawn" // taken back
	Replaced  State = "replaced"  // a newer one stands in its place
)

// Scan is what the malware scanner said of a page.
type Scan string

// The answers of a scan.
const (
	ScanWaiting  Scan = "waiting"
	ScanClean    Scan = "clean"
	ScanInfected Scan = "infected"
	ScanNone     Scan = "none"  // there was no scanner when its turn came
	ScanDrawn    Scan = "drawn" // drawn by the demo itself
)

// opens tells whether others than the doctor may open the page.
func (s Scan) opens() bool { return s == ScanClean || s == ScanDrawn }

// Format is what we hand out: nothing else is ever stored as a page.
type Format string

// The formats.
const (
	JPEG Format = "jpeg"
	PNG  Format = "png"
	PDF  Format = "pdf"
)

// Picture tells whether the page is a picture that we wrote ourselves, the only
// thing shown inside a page of msw.
func (f Format) Picture() bool { return f == JPEG || f == PNG }

// MediaType is the type of the file as HTTP names it.
func (f Format) MediaType() string {
	switch f {
	case JPEG:
		return "image/jpeg"
	case PNG:
		return "image/png"
	}
	return "application/pdf"
}

// Suffix ends the name of the file that is handed over.
func (f Format) Suffix() string {
	if f == JPEG {
		return ".jpg"
	}
	return "." + string(f)
}

// Words is what can be said about a document, sealed with the doctor's key.
type Words struct {
	Title      string `json:"title,omitempty"`      // what the doctor calls it
	Language   string `json:"language,omitempty"`   // of the original, or into which it was translated
	Translator string `json:"translator,omitempty"` // of a translation: name, and how to reach them
	Certified  string `json:"certified,omitempty"`  // of a translation: on what the translator's word rests
}

// Document is one paper of one doctor.
type Document struct {
	ID            string
	Version       int
	Doctor        string
	Kind          string
	State         State
	Pages         int
	AddedOn       clock.Date
	AddedAt       clock.Instant
	By            string // account
	Replaces      string
	ReplacedBy    string
	TranslationOf string
	WithdrawnOn   clock.Date
	Words
}

// Live tells whether the document stands: not replaced and not withdrawn.
func (d Document) Live() bool { return d.State != Withdrawn && d.State != Replaced }

// Name is the document as a list shows it: its title, or else its kind.
func (d Document) Name() string {
	if d.Title != "" {
		return d.Title
	}
	return KindOf(d.Kind).Title
}

// Class is the class of the document's kind.
func (d Document) Class() Class { return KindOf(d.Kind).Class }

// Source names a document as the source of a fact, of a request or of a check.
func Source(id string) string { return sourcePrefix + id }

const sourcePrefix = "document:"

// FromSource gives the document a source names; false when it names none.
func FromSource(source string) (id string, ok bool) {
	id, ok = strings.CutPrefix(source, sourcePrefix)
	return id, ok && id != ""
}

// PageWords is what can be said about a page, sealed with the doctor's key.
type PageWords struct {
	Name string `json:"name,omitempty"` // what the doctor calls it: "front", "stamp"
	File string `json:"file,omitempty"` // the file's name as it came, made harmless
}

// Page is one page, or one PDF of several, of a document.
type Page struct {
	ID            string
	Version       int
	Document      string
	Doctor        string
	Number        int
	Format        Format
	Scan          Scan
	Found         string // by the scanner
	Cut           []string
	Bytes         int64
	Width, Height int
	AddedAt       clock.Instant
	ScannedAt     clock.Instant
	WithdrawnOn   clock.Date
	PageWords

	blob, hash string
}
