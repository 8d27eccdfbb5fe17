package web

import (
	"errors"
	"io"
	"net/http"

	"github.com/a-h/templ"

	"msw/internal/nhs"
	"msw/internal/problem"
)

// PageData is a page: what surrounds its body is the same everywhere. The
// heading (h1) is made from Caption and Title.
type PageData struct {
	Title   string
	Caption string // small text with the heading: the part of the service, the step
	// NoHeading leaves the h1 to Body: for a page of one question whose label
	// or legend is the heading.
	NoHeading bool
	Back      string // address of the back link, "" for none
	BackText  string // "Back" when empty
	Errors    []nhs.FieldError
	Flash     string // said once at the top; what SeeOther left is shown otherwise
	// Slim leaves out script, navigation and the design system: for a page that
	// is read in seconds on a phone with a poor line. It is never indexed.
	Slim bool
	Wide bool // the body takes the whole width (tables), else two thirds
	Body templ.Component
	// Feed is the address of this page's news feed, "" for none.
	Feed string
	// Description is a sentence for search engines on public pages.
	Description string
	// Plain leaves out all that tells whose service this is, and who is signed
	// in: for a page whose reader must learn nothing but what it says.
	Plain bool
	// Status is the HTTP status when not 200 (422 with Errors).
	Status int
}

// Response is an answer not yet sent. Make it with Page, SeeOther, JSON,
// Download or File; the zero value is 204.
type Response struct {
	status   int
	page     *PageData
	location string
	flash    string
	json     any
	raw      []byte // JSON as stored, when an answer is repeated
	body     io.Reader
	kind     string
	name     string
	header   http.Header
	cookies  []*http.Cookie
}

// Page answers with a page: 200, or 422 when it shows errors. After a POST it
// undoes whatever the handler wrote. The body is rendered after the
// transaction has ended, so it must hold what it shows and ask nothing more.
func Page(_ *Request, p PageData) Response {
	status := p.Status
	if status == 0 {
		status = http.StatusOK
		if len(p.Errors) > 0 {
			status = http.StatusUnprocessableEntity
		}
	}
	return Response{status: status, page: &p}
}

// SeeOther sends the person on to a path of this site after a command that
// worked; flash, if any, is said at the top of the next page.
func SeeOther(path, flash string) Response {
	return Response{status: http.StatusSeeOther, location: Local(path), flash: flash}
}

// JSON answers with v as JSON; an object gets the server's notice, if it has one.
func JSON(v any) Response { return Response{status: http.StatusOK, json: v} }

// Download answers with a file to save. The reader is read after the
// transaction has ended and closed if it can be.
func Download(name, contentType string, body io.Reader) Response {
	return Response{status: http.StatusOK, name: name, kind: contentType, body: body}
}

// Inline answers with something to look at: a feed, a picture, plain text.
func Inline(contentType string, body io.Reader) Response {
	return Response{status: http.StatusOK, kind: contentType, body: body}
}

// With adds a header to the answer.
func (r Response) With(name, value string) Response {
	r.header = r.header.Clone()
	if r.header == nil {
		r.header = http.Header{}
	}
	r.header.Set(name, value)
	return r
}

// WithCookie adds a cookie to the answer. Cookies are not kept with an
// idempotency key: a repeated command sets none.
func (r Response) WithCookie(c *http.Cookie) Response {
	r.cookies = append(r.cookies[:len(r.cookies):len(r.cookies)], c)
	return r
}

// commits tells whether an answer to a POST keeps what the handler wrote.
func (r Response) commits() bool { return r.page == nil && r.status < 400 }

// FieldErrors gives what a form shows again when a use case said no: each
// field of an Invalid problem, or each reason of a Refused one, all at once.
// With false the error is of another kind: return it.
func FieldErrors(err error) (nhs.Errors, bool) {
	e, ok := errors.AsType[*problem.Error](err)
	if !ok || e.Kind != problem.Invalid && e.Kind != problem.Refused {
		return nil, false
	}
	var list nhs.Errors
	for _, f := range e.Fields {
		list = append(list, nhs.FieldError{Name: f.Name, Message: f.Message})
	}
	if len(list) == 0 && (e.Kind == problem.Refused || len(e.Reasons) == 0) { // what was refused, then why or what to do
		list = append(list, nhs.FieldError{Message: e.Message})
	}
	for _, reason := range e.Reasons {
		list = append(list, nhs.FieldError{Message: reason})
	}
	return list, true
}
