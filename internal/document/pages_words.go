package document

import (
	"strconv"
	"strings"

	"msw/internal/document/inspect"
	"msw/internal/nhs"
)

// takes is what the browser offers to choose from; what a file is, we find out.
const takes = "image/jpeg,image/png,image/webp,application/pdf"

// stateTag says where a document stands.
func stateTag(d Document, scanner bool) nhs.Tag {
	switch d.State {
	case Empty:
		return nhs.Tag{Text: "No pages yet", Colour: "grey"}
	case Waiting:
		if !scanner {
			return nhs.Tag{Text: "Not scanned", Colour: "orange"}
		}
		return nhs.Tag{Text: "Being scanned", Colour: "blue"}
	case Ready:
		return nhs.Tag{Text: "Ready", Colour: "green"}
	case Infected:
		return nhs.Tag{Text: "Something harmful was found", Colour: "red"}
	case Withdrawn:
		return nhs.Tag{Text: "Taken back", Colour: "grey"}
	}
	return nhs.Tag{Text: "Replaced", Colour: "grey"}
}

// explain says what a state means for who looks, and what comes next; "" when
// there is nothing to say.
func (v showView) explain() string {
	switch v.State {
	case Empty:
		return "Add the first page below."
	case Waiting:
		who := "you"
		if !v.Own {
			who = "the doctor"
		}
		if !v.Scanner {
			return "This service has no scanner for harmful software. Until it has one, nobody but " + who + " can open this document. The people who run the service can set one up."
		}
		return "The file was checked and is being scanned for harmful software. Until that is done, nobody but " + who + " can open it. You do not need to wait here."
	case Infected:
		return "The scanner found harmful software in a page. Nobody can open that page. Remove it, then take a photo of the paper and add that."
	case Withdrawn:
		return "This document was taken back on " + v.WithdrawnOn.Long() + "."
	case Replaced:
		return "A newer document stands in the place of this one. It is kept as history."
	}
	return ""
}

// rules tells beforehand what can be sent.
func (l Limits) rules() string {
	return "Photos (JPEG, PNG or WebP) or PDFs, up to " + strconv.Itoa(l.FileMegabytes()) + " MB each. Up to " + strconv.Itoa(l.Pages) + " pages in one document."
}

func (p Page) label() string {
	text := "Page " + strconv.Itoa(p.Number)
	if p.PageWords.Name != "" {
		text += ": " + p.PageWords.Name
	}
	return text
}

func (p Page) size() string {
	if p.Bytes < 1<<20 {
		return strconv.FormatInt(max(1, p.Bytes>>10), 10) + " KB"
	}
	return strconv.FormatFloat(float64(p.Bytes)/(1<<20), 'f', 1, 64) + " MB"
}

func (p Page) removed() string {
	var words []string
	for _, code := range p.Cut {
		words = append(words, inspect.CutWords(code))
	}
	return strings.Join(words, ", ")
}

// opensFor tells whether the page's file may be opened by who looks.
func (v Sight) opensFor(p Page) bool {
	return p.Scan != ScanInfected && (v.Own || p.Scan.opens())
}

func (v Sight) url(p Page, what string) string {
	return "/documents/" + v.ID + "/pages/" + p.ID + "/" + what
}

func addURL(v shelfView) string {
	if v.Own {
		return "/documents/add"
	}
	return "/documents/add?case=" + v.Ref
}

func pagesWords(n int) string {
	if n == 1 {
		return "1 page"
	}
	return strconv.Itoa(n) + " pages"
}

func buttonVariant(v shelfView) string {
	if v.Panel {
		return "secondary"
	}
	return ""
}

// caseOf adds the case a form is about, for who is not the doctor.
func caseOf(v showView) string {
	if v.Own {
		return ""
	}
	return "&case=" + v.Ref
}
