// Package problem holds the few kinds of error msw knows and the words a
// person reads when one of them happens.
//
// It is not a logger and not a transport: how a kind becomes an HTTP status, an
// RFC 9457 document or an exit code is decided by the faces (web, cli).
package problem

import (
	"errors"
	"slices"
	"strings"
)

// Kind says what sort of trouble it is; a face needs nothing more to answer.
type Kind int

// The kinds. A new one displaces another.
const (
	Unknown     Kind = iota // a fault of ours: shown as "something went wrong" with an id
	Invalid                 // what was sent does not hold; Fields says where
	NotFound                // there is no such record, or the actor may not know of it
	Forbidden               // the actor may know of it but not do this
	Conflict                // someone else was first, or the record has moved on
	Refused                 // a rule of the programme says no; Reasons says every why
	Unavailable             // cannot be done now; trying later may help
)

// String gives the kind's name as it appears in JSON and logs.
func (k Kind) String() string {
	return [...]string{"unknown", "invalid", "not-found", "forbidden", "conflict", "refused", "unavailable"}[k]
}

// Field is one thing wrong with one input; Name is the input's name attribute.
type Field struct{ Name, Message string }

// Error is a problem as a person reads it: what happened and what to do.
// Err, when set, is the cause for the log and is never shown.
type Error struct {
	Kind    Kind
	Message string
	Fields  []Field
	Reasons []string
	Err     error
}

// Error joins the message with every field and reason, so that a log line or a
// command's stderr is complete.
func (e *Error) Error() string {
	parts := []string{e.Message}
	for _, f := range e.Fields {
		parts = append(parts, f.Name+": "+f.Message)
	}
	parts = append(parts, e.Reasons...)
	return strings.Join(parts, "; ")
}

// Unwrap gives the cause to errors.Is and errors.As.
func (e *Error) Unwrap() error { return e.Err }

// New makes a problem of a kind with the sentence its reader sees.
func New(kind Kind, message string) *Error { return &Error{Kind: kind, Message: message} }

// Wrap makes a problem that keeps its cause for the log.
func Wrap(kind Kind, message string, err error) *Error {
	return &Error{Kind: kind, Message: message, Err: err}
}

// Missing is the one answer for a record that is not there and for one the
// actor may not see: the two must not differ (docs/architecture.md, access).
func Missing() *Error {
	return New(NotFound, "We could not find that page or record. Check the address, or go back to your list.")
}

// Denied is the answer when the actor may know of the record but not do this.
func Denied(message string) *Error { return New(Forbidden, message) }

// Stale is the answer when another person changed the record first.
func Stale() *Error {
	return New(Conflict, "Someone else changed this while you had it open. Look at what changed, then try again.")
}

// Refuse makes a refusal that shows every reason at once.
func Refuse(message string, reasons ...string) *Error {
	return &Error{Kind: Refused, Message: message, Reasons: reasons}
}

// KindOf tells the kind of any error; an error that is no problem is Unknown.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return Unknown
}

// Check gathers everything wrong with an input, so that a form shows all its
// errors at once. The zero value is ready to use.
type Check struct{ fields []Field }

// That records message against the field unless ok holds.
func (c *Check) That(ok bool, field, message string) {
	if !ok {
		c.fields = append(c.fields, Field{Name: field, Message: message})
	}
}

// Add takes over the fields of another problem, if err is one.
func (c *Check) Add(err error) {
	if e, ok := errors.AsType[*Error](err); ok {
		c.fields = append(c.fields, e.Fields...)
	}
}

// Rest takes over what another problem says of fields that nothing was recorded
// of yet: a date that cannot be read is not also told to be missing. A field
// limit is recorded by limit1, too.
func (c *Check) Rest(err error) {
	e, ok := errors.AsType[*Error](err)
	if !ok {
		return
	}
	known := slices.Clone(c.fields)
	for _, f := range e.Fields {
		if !slices.ContainsFunc(known, func(k Field) bool { return strings.HasPrefix(k.Name, f.Name) }) {
			c.fields = append(c.fields, f)
		}
	}
}

// Err is nil when nothing was recorded, else an Invalid problem with all of it.
func (c *Check) Err() error {
	if len(c.fields) == 0 {
		return nil
	}
	return &Error{Kind: Invalid, Message: "There is a problem", Fields: c.fields}
}
