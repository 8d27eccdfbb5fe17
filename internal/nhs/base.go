package nhs

import (
	"context"
	"io"
	"strings"

	"github.com/a-h/templ"
)

// Label names one input. IsPageHeading wraps it in a heading of level 1.
type Label struct {
	Text               string
	Body               templ.Component // instead of Text
	VisuallyHiddenText string
	Caption            Caption
	For                string // id of the input
	Size               string // s, m, l or xl
	IsPageHeading      bool
	HeadingLevel       int // 1 when 0
	ID                 string
	Classes            string
	Attributes         Attrs
}

// Render writes the label, or nothing when it has no words.
func (l Label) Render(ctx context.Context, w io.Writer) error {
	if l.Text == "" && l.Body == nil {
		return nil
	}
	return labelView(l).Render(ctx, w)
}

func (l Label) classes() string {
	return classes("nhsuk-label", sizeClass("nhsuk-label--", l.Size, l.Classes), l.Classes)
}

// Legend names a group of inputs.
type Legend struct {
	Text               string
	Body               templ.Component // instead of Text
	VisuallyHiddenText string
	Caption            Caption
	Size               string // s, m, l or xl
	IsPageHeading      bool
	HeadingLevel       int // 1 when 0
	ID                 string
	Classes            string
	Attributes         Attrs
}

// Render writes the legend, or nothing when it has no words.
func (l Legend) Render(ctx context.Context, w io.Writer) error {
	if l.empty() {
		return nil
	}
	return legendView(l).Render(ctx, w)
}

func (l Legend) empty() bool { return l.Text == "" && l.Body == nil }

func (l Legend) classes() string {
	return classes("nhsuk-fieldset__legend", sizeClass("nhsuk-fieldset__legend--", l.Size, l.Classes), l.Classes)
}

// Caption is a small line of text with a heading, label or legend: the part
// of the service, or the step one is on.
type Caption struct {
	Text       string
	Body       templ.Component // instead of Text
	Placement  string          // start (default), end, before or after
	Size       string          // m, l, xl or xxl
	ID         string
	Element    string // span (default), p or h2
	Classes    string
	Attributes Attrs
}

// Render writes the caption, or nothing when it has no words.
func (c Caption) Render(ctx context.Context, w io.Writer) error {
	if c.empty() {
		return nil
	}
	return captionView(c).Render(ctx, w)
}

func (c Caption) empty() bool { return c.Text == "" && c.Body == nil }

func (c Caption) classes() string {
	name := "nhsuk-caption"
	if oneOf(c.Size, "m", "l", "xl", "xxl") && !strings.Contains(c.Classes, "nhsuk-caption-") {
		name += "-" + c.Size
	}
	return classes(name, when(oneOf(c.Placement, "after", "end"), "nhsuk-caption--bottom"), c.Classes)
}

// sized gives the caption the size of what it belongs to, unless it has one.
func (c Caption) sized(size string) Caption {
	c.Size = or(c.Size, size)
	return c
}

func (c Caption) at(places ...string) Caption {
	if oneOf(c.Placement, places...) {
		return c
	}
	return Caption{}
}

// Heading is a heading of a page or section: @nhs.Heading{Text: "Your
// application", Size: "l"}. Level is 1 when 0.
type Heading struct {
	Text               string
	Body               templ.Component // instead of Text
	VisuallyHiddenText string
	Caption            Caption
	Href               string
	Level              int
	Size               string // xxs, xs, s, m, l or xl
	ID                 string
	Classes            string
	Attributes         Attrs

	base, prefix string // class and size-class prefix, for components
}

// Render writes the heading, or nothing when it has no words.
func (h Heading) Render(ctx context.Context, w io.Writer) error {
	if h.Text == "" && h.Body == nil {
		return nil
	}
	if h.base == "" && h.prefix == "" {
		h.base, h.prefix = "nhsuk-heading", "nhsuk-heading-"
	}
	return headingView(h).Render(ctx, w)
}

func (h Heading) tag() string {
	if h.Level < 1 || h.Level > 6 {
		return "h1"
	}
	return "h" + number(h.Level)
}

func (h Heading) classes() string {
	size := h.size()
	if h.prefix == h.base+"-" && size != "" {
		return classes(h.prefix+size, h.Classes)
	}
	return classes(h.base, when(size != "", h.prefix+size), h.Classes)
}

func (h Heading) size() string {
	if h.prefix == "" || !oneOf(h.Size, "xxs", "xs", "s", "m", "l", "xl") || strings.Contains(h.Classes, h.prefix) {
		return ""
	}
	return h.Size
}

// Hint helps to answer a question.
type Hint struct {
	Text       string
	Body       templ.Component // instead of Text
	ID         string
	Classes    string
	Attributes Attrs
}

// Render writes the hint, or nothing when it has no words.
func (h Hint) Render(ctx context.Context, w io.Writer) error {
	if h.empty() {
		return nil
	}
	return hintView(h).Render(ctx, w)
}

func (h Hint) empty() bool { return h.Text == "" && h.Body == nil }

// ErrorMessage says what is wrong with one answer and how to put it right.
type ErrorMessage struct {
	Text               string
	Body               templ.Component // instead of Text
	VisuallyHiddenText string          // "Error" when empty, none when "-"
	ID                 string
	Classes            string
	Attributes         Attrs
}

// Render writes the message, or nothing when it has no words.
func (e ErrorMessage) Render(ctx context.Context, w io.Writer) error {
	if e.empty() {
		return nil
	}
	return errorMessageView(e).Render(ctx, w)
}

func (e ErrorMessage) empty() bool { return e.Text == "" && e.Body == nil }

func (e ErrorMessage) prefix() string {
	if e.VisuallyHiddenText == "-" {
		return ""
	}
	return or(e.VisuallyHiddenText, "Error")
}

// FormGroup is what surrounds an input: further classes and attributes, and
// content before and after the input.
type FormGroup struct {
	Before     templ.Component
	After      templ.Component
	Classes    string
	Attributes Attrs
}

// Fieldset groups inputs under a legend; the inputs are its children or Body.
type Fieldset struct {
	Legend      Legend
	Body        templ.Component
	Role        string
	DescribedBy string
	ID          string
	Classes     string
	Attributes  Attrs
}

// Render writes the fieldset with its children.
func (f Fieldset) Render(ctx context.Context, w io.Writer) error {
	return fieldsetView(f).Render(ctx, w)
}

func oneOf(value string, allowed ...string) bool {
	for _, a := range allowed {
		if value == a {
			return true
		}
	}
	return false
}

func sizeClass(prefix, size, given string) string {
	if !oneOf(size, "s", "m", "l", "xl") {
		return ""
	}
	return modifier(prefix, size, given)
}

// described joins the ids an input is described by.
func described(by string, hint Hint, message ErrorMessage) string {
	return classes(by, when(!hint.empty(), hint.ID), when(!message.empty(), message.ID))
}
