package web

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strconv"
	"strings"

	"msw/internal/access"
	"msw/internal/clock"
	"msw/internal/problem"
)

// Request is a request whose sender is known and whose body has been read. In
// a POST its Context carries the open transaction.
type Request struct {
	*http.Request
	Call access.Call

	server *Server
	body   []byte // of a request that is not a form
}

// Text gives what was typed in a field: trimmed, one kind of line end, no NUL
// and no broken UTF-8. A field that was not sent is "".
func (r *Request) Text(name string) string { return clean(r.Form.Get(name)) }

// Texts gives every value of a field, as of checkboxes; empty ones left out.
func (r *Request) Texts(name string) []string {
	var out []string
	for _, v := range r.Form[name] {
		if v = clean(v); v != "" {
			out = append(out, v)
		}
	}
	return out
}

func clean(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	return strings.TrimSpace(strings.ReplaceAll(s, "\x00", ""))
}

// Bool tells whether a field says yes: "yes", "true", "on" or "1".
func (r *Request) Bool(name string) bool {
	switch strings.ToLower(r.Text(name)) {
	case "yes", "true", "on", "1":
		return true
	}
	return false
}

// Int reads a whole number; nothing typed is 0. Spaces and commas between
// digits are allowed. What is no number is an Invalid problem on the field.
func (r *Request) Int(name string) (int, error) {
	s := strings.NewReplacer(",", "", " ", "").Replace(r.Text(name))
	if s == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0, invalid(name, "Enter a whole number, like 12")
	}
	return n, nil
}

// Pence reads an amount in pounds, like 1,234.50 or £20, as whole pence;
// nothing typed is 0.
func (r *Request) Pence(name string) (int64, error) {
	s := strings.NewReplacer("£", "", ",", "", " ", "").Replace(r.Text(name))
	if s == "" {
		return 0, nil
	}
	pounds, pence, point := strings.Cut(s, ".")
	if point {
		pence = (pence + "00")[:max(2, len(pence))]
	} else {
		pence = "00"
	}
	n, err := strconv.ParseInt(pounds+pence, 10, 64)
	if err != nil || len(pence) != 2 || strings.HasPrefix(s, "+") || pounds == "" {
		return 0, invalid(name, "Enter an amount in pounds, like 1,234.50")
	}
	return n, nil
}

// Date reads a date from name-day, name-month and name-year, or from name
// written YYYY-MM-DD. Nothing typed is no date. A date that does not exist is
// an Invalid problem on the field; months may be written as words.
func (r *Request) Date(name string) (clock.Date, error) {
	if s := r.Text(name); s != "" {
		d, err := clock.ParseDate(s)
		if err != nil {
			return 0, invalid(name, "Enter a real date, like 2026-03-27")
		}
		return d, nil
	}
	day, month, year := r.Text(name+"-day"), r.Text(name+"-month"), r.Text(name+"-year")
	if day+month+year == "" {
		return 0, nil
	}
	var absent []string
	for _, p := range []struct{ part, typed string }{{"day", day}, {"month", month}, {"year", year}} {
		if p.typed == "" {
			absent = append(absent, p.part)
		}
	}
	if len(absent) > 0 {
		return 0, invalid(name, "The date must include a "+strings.Join(absent, " and a "))
	}
	return typedDate(name, day, month, year)
}

func typedDate(name, day, month, year string) (clock.Date, error) {
	d, dayErr := strconv.Atoi(day)
	m := monthNumber(month)
	y, yearErr := strconv.Atoi(year)
	if yearErr == nil && len(year) != 4 {
		return 0, invalid(name, "The year must have 4 numbers")
	}
	if dayErr == nil && yearErr == nil && m > 0 && d >= 1 && d <= 31 {
		if date, err := clock.ParseDate(pad(y, 4) + "-" + pad(m, 2) + "-" + pad(d, 2)); err == nil && !date.IsZero() {
			return date, nil
		}
	}
	return 0, invalid(name, "Enter a real date, like 27 3 2026")
}

func pad(n, width int) string {
	s := strconv.Itoa(n)
	return strings.Repeat("0", max(0, width-len(s))) + s
}

func monthNumber(s string) int {
	if n, err := strconv.Atoi(s); err == nil {
		if n >= 1 && n <= 12 {
			return n
		}
		return 0
	}
	months := [...]string{"january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"}
	if s = strings.ToLower(s); len(s) >= 3 {
		for i, m := range months {
			if strings.HasPrefix(m, s) {
				return i + 1
			}
		}
	}
	return 0
}

// File is what was uploaded in a field. Close it.
type File struct {
	multipart.File
	Name string // as the sender calls it: show it, never open it
	Size int64
}

// File gives the uploaded file of a field; false when none was chosen. The
// route must say Upload.
func (r *Request) File(name string) (File, bool, error) {
	f, h, err := r.FormFile(name)
	if errors.Is(err, http.ErrMissingFile) || errors.Is(err, http.ErrNotMultipart) {
		return File{}, false, nil
	}
	if err != nil {
		return File{}, false, problem.Wrap(problem.Invalid, "The file could not be read. Choose it again.", err)
	}
	if h.Size == 0 && h.Filename == "" {
		return File{}, false, f.Close()
	}
	return File{File: f, Name: clean(h.Filename), Size: h.Size}, true, nil
}

// ReadJSON decodes a JSON body strictly into v: an unknown name is an error.
func (r *Request) ReadJSON(v any) error {
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "application/json" {
		return problem.New(problem.Invalid, "Send the body as application/json.")
	}
	d := json.NewDecoder(strings.NewReader(string(r.body)))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return problem.Wrap(problem.Invalid, "The body is not the JSON this address takes.", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return problem.New(problem.Invalid, "The body holds more than one JSON value.")
	}
	return nil
}

// Key makes a new idempotency key for a form: see Form.
func (r *Request) Key() string { return rand.Text() }

// May tells whether the sender could do an action on some record: to show or
// leave out a link.
func (r *Request) May(action access.Action) bool {
	return r.server.o.Access.Can(r.Call.Actor, action)
}

// SignedIn tells whether the sender is signed in.
func (r *Request) SignedIn() bool { return r.Call.Actor.Account != "" }

func invalid(field, message string) error {
	return &problem.Error{Kind: problem.Invalid, Message: "There is a problem", Fields: []problem.Field{{Name: field, Message: message}}}
}
