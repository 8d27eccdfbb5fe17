package nhs

import (
	"context"
	"io"
	"strings"

	"github.com/a-h/templ"
)

// Button submits a form, or is a link that looks like a button when it has an Href.
type Button struct {
	Text          string
	Body          templ.Component // instead of Text
	Href          string
	Variant       string // secondary, secondary-solid, warning, reverse, brand, login
	Small         bool
	Type          string // submit when empty; button
	Name, Value   string
	Icon          string // an icon's name
	IconAtEnd     bool
	AriaLabel     string
	Disabled      bool
	PreventDouble bool // ignores a second click within a second
	ID            string
	Classes       string
	Attributes    Attrs
}

// Render writes the button.
func (b Button) Render(ctx context.Context, w io.Writer) error { return buttonView(b).Render(ctx, w) }

func (b Button) classes() string {
	variant := ""
	if oneOf(b.Variant, "brand", "login", "reverse", "secondary", "secondary-solid", "warning") {
		variant = "nhsuk-button--" + b.Variant
	}
	return classes("nhsuk-button", variant, when(b.Icon != "", "nhsuk-button--icon"), when(b.Small, "nhsuk-button--small"), b.Classes)
}

func (b Button) attributes() Attrs {
	a := optional("id", b.ID, "data-prevent-double-click", when(b.PreventDouble, "true"), "aria-label", b.AriaLabel)
	a["data-module"] = "nhsuk-button"
	if b.Href != "" {
		a["role"], a["draggable"] = "button", "false"
		return a
	}
	for k, v := range optional("name", b.Name, "value", b.Value, "aria-disabled", when(b.Disabled, "true")) {
		a[k] = v
	}
	a["type"] = or(b.Type, "submit")
	a["disabled"] = b.Disabled
	return a
}

// BackLink leads to the page before; without an Href it is a button.
type BackLink struct {
	Text               string // "Back" when empty
	Body               templ.Component
	Href               string
	VisuallyHiddenText string
	Variant            string // reverse
	Type               string // of the button; submit when empty
	Button             bool   // a button although it has an Href
	ID                 string
	Classes            string
	Attributes         Attrs
}

// Render writes the link.
func (b BackLink) Render(ctx context.Context, w io.Writer) error {
	return backLinkView(b).Render(ctx, w)
}

func (b BackLink) classes() string {
	return classes("nhsuk-back-link", when(b.Variant == "reverse", "nhsuk-back-link--reverse"), b.Classes)
}

// ActionLink leads to the thing to do next.
type ActionLink struct {
	Text       string
	Body       templ.Component // instead of Text
	Href       string
	NewWindow  bool
	Variant    string // reverse
	ID         string
	Classes    string
	Attributes Attrs
}

// Render writes the link.
func (a ActionLink) Render(ctx context.Context, w io.Writer) error {
	return actionLinkView(a).Render(ctx, w)
}

// Card groups what belongs together: description, children, links. A Href
// with Clickable makes all of it a link.
type Card struct {
	Heading            string
	HeadingBody        templ.Component // instead of Heading
	HeadingLevel       int             // 2 when 0
	HeadingSize        string
	HeadingID          string
	HeadingClasses     string
	HeadingAttributes  Attrs
	VisuallyHiddenText string // said before the heading
	Href               string
	Clickable          bool
	Variant            string // feature, primary, secondary, warning, non-urgent, urgent, emergency
	Description        string
	Body               templ.Component // instead of Description
	Actions            []Action
	ID                 string
	Classes            string
	Attributes         Attrs
}

// Action is a link or button beside a heading or a row: "Change".
type Action struct {
	Text               string
	Body               templ.Component // instead of Text
	VisuallyHiddenText string          // what it acts on
	Href               string          // a link; a button without one
	Type               string          // of the button; submit when empty
	Name, Value        string
	Classes            string
	Attributes         Attrs

	card string // heading of the card it is in
}

func (a Action) button() bool { return a.Href == "" || a.Type != "" }

// Render writes the card with its children.
func (c Card) Render(ctx context.Context, w io.Writer) error { return cardView(c).Render(ctx, w) }

func (c Card) care() bool {
	return oneOf(c.Variant, "non-urgent", "urgent", "emergency") && c.headed()
}

func (c Card) headed() bool { return c.Heading != "" || c.HeadingBody != nil }

func (c Card) classes() string {
	plain := when(oneOf(c.Variant, "feature", "primary", "secondary", "warning"), "nhsuk-card--"+c.Variant)
	care := when(c.care(), "nhsuk-card--care nhsuk-card--care--"+c.Variant)
	return classes("nhsuk-card", when(c.Clickable, "nhsuk-card--clickable"), plain, care, c.Classes)
}

func (c Card) linked() bool {
	return c.Href != "" && !strings.Contains(c.classes(), "nhsuk-card--feature")
}

func (c Card) said() string {
	switch {
	case !c.care() || c.VisuallyHiddenText != "":
		return c.VisuallyHiddenText
	case c.Variant == "emergency":
		return "Immediate action required"
	case c.Variant == "urgent":
		return "Urgent advice"
	default:
		return "Non-urgent advice"
	}
}

// Details hides text that only some need behind a summary.
type Details struct {
	Summary     string
	SummaryBody templ.Component // instead of Summary
	Text        string
	Body        templ.Component // instead of Text; or children
	Open        bool
	Expander    bool // drawn as a box, for a page's main questions
	Variant     string
	ID          string
	Classes     string
	Attributes  Attrs
}

// Render writes the details with its children.
func (d Details) Render(ctx context.Context, w io.Writer) error { return detailsView(d).Render(ctx, w) }

func (d Details) classes() string {
	return classes("nhsuk-details", when(d.Variant == "reverse", "nhsuk-details--reverse"), when(d.Expander, "nhsuk-expander"), d.Classes)
}

// WarningCallout says what must not be missed.
type WarningCallout struct {
	Heading            string
	HeadingBody        templ.Component // instead of Heading
	HeadingLevel       int             // 3 when 0
	VisuallyHiddenText string          // "Important" when empty
	Text               string
	Body               templ.Component // instead of Text; or children
	ID                 string
	Classes            string
	Attributes         Attrs
}

// Render writes the callout with its children.
func (c WarningCallout) Render(ctx context.Context, w io.Writer) error {
	hidden := ""
	if c.Heading != "" && !strings.Contains(strings.ToLower(c.Heading), "important") {
		hidden = or(c.VisuallyHiddenText, "Important")
	}
	level := c.HeadingLevel
	if level == 0 {
		level = 3
	}
	return Card{
		Heading: c.Heading, HeadingBody: c.HeadingBody, HeadingLevel: level, VisuallyHiddenText: hidden, Variant: "warning",
		Description: c.Text, Body: c.Body, ID: c.ID, Classes: c.Classes, Attributes: c.Attributes,
	}.Render(ctx, w)
}

// InsetText sets a text apart from those around it.
type InsetText struct {
	Text               string
	Body               templ.Component // instead of Text; or children
	VisuallyHiddenText string          // "Information" when empty
	ID                 string
	Classes            string
	Attributes         Attrs
}

// Render writes the text with its children.
func (i InsetText) Render(ctx context.Context, w io.Writer) error {
	return insetTextView(i).Render(ctx, w)
}

// NotificationBanner tells what happened or what is going on.
type NotificationBanner struct {
	Success          bool   // what the person just did went well
	Title            string // "Important" or "Success" when empty
	TitleID          string
	Heading          string
	HeadingLink      string // makes the heading a link
	HeadingParagraph bool   // the heading is a paragraph
	Text             string
	Body             templ.Component // instead of Text; or children
	Role             string          // region, or alert when Success
	NoAutoFocus      bool
	ID               string
	Classes          string
	Attributes       Attrs
}

// Render writes the banner with its children.
func (b NotificationBanner) Render(ctx context.Context, w io.Writer) error {
	b.TitleID = or(b.TitleID, "nhsuk-notification-banner-title")
	if b.Success {
		b.Title, b.Role = or(b.Title, "Success"), or(b.Role, "alert")
	}
	b.Title, b.Role = or(b.Title, "Important"), or(b.Role, "region")
	return notificationBannerView(b).Render(ctx, w)
}

// Panel says that something is done, in large type.
type Panel struct {
	Heading      string
	HeadingBody  templ.Component // instead of Heading
	HeadingLevel int             // 1 when 0
	HeadingSize  string          // m, l or xl
	HeadingID    string
	// HeadingClasses are further classes of the heading.
	HeadingClasses string
	Interruption   bool // asks to stop and read instead
	Text           string
	Body           templ.Component // instead of Text
	ID             string
	Classes        string
	Attributes     Attrs
}

// Render writes the panel.
func (p Panel) Render(ctx context.Context, w io.Writer) error { return panelView(p).Render(ctx, w) }

func (p Panel) heading() Heading {
	size := when(oneOf(p.HeadingSize, "m", "l", "xl"), p.HeadingSize)
	return Heading{
		Text: p.Heading, Body: p.HeadingBody, Level: p.HeadingLevel, Size: size, ID: p.HeadingID, Classes: p.HeadingClasses,
		base: "nhsuk-panel__heading", prefix: "nhsuk-panel__heading--",
	}
}

// Tag shows a state in one or two words.
type Tag struct {
	Text       string
	Body       templ.Component // instead of Text
	Colour     string          // white, grey, green, aqua-green, blue, purple, pink, red, orange, yellow
	NoColour   bool
	NoBorder   bool
	ID         string
	Classes    string
	Attributes Attrs
}

// Render writes the tag.
func (t Tag) Render(ctx context.Context, w io.Writer) error { return tagView(t).Render(ctx, w) }

func (t Tag) classes() string {
	coloured := t.Colour != ""
	for _, colour := range []string{"white", "grey", "green", "blue", "purple", "pink", "red", "orange", "yellow"} {
		coloured = coloured && !strings.Contains(t.Classes, "nhsuk-tag--"+colour)
	}
	return classes("nhsuk-tag", when(coloured, "nhsuk-tag--"+t.Colour), when(t.NoColour, "nhsuk-tag--no-colour"),
		when(t.NoBorder, "nhsuk-tag--no-border"), t.Classes)
}

// ErrorSummaryBox is the error summary with all its options. Pages use
// ErrorSummary.
type ErrorSummaryBox struct {
	Heading     string
	HeadingBody templ.Component // instead of Heading
	Description string
	Body        templ.Component // instead of Description
	Items       []ErrorSummaryItem
	AutoFocus   string // "false" or "true" to set; taken as true when empty
	ID          string
	Classes     string
	Attributes  Attrs
}

// ErrorSummaryItem is one error.
type ErrorSummaryItem struct {
	Text       string
	Body       templ.Component // instead of Text
	Href       string          // #id of the field
	Attributes Attrs
}

// Render writes the summary.
func (e ErrorSummaryBox) Render(ctx context.Context, w io.Writer) error {
	return errorSummaryView(e).Render(ctx, w)
}

func (e ErrorSummaryBox) noFocus() string {
	switch e.AutoFocus {
	case "false":
		return "true"
	case "true":
		return "false"
	}
	return ""
}

// DoDontList lists what to do, or what not to do.
type DoDontList struct {
	Heading      string
	HeadingLevel int // 3 when 0
	Dont         bool
	Items        []templ.Component
	NoPrefix     bool   // leaves out "do not" before each item
	Prefix       string // instead of "do not"
	ID           string
	Classes      string
	Attributes   Attrs
}

// Render writes the list.
func (d DoDontList) Render(ctx context.Context, w io.Writer) error {
	level := d.HeadingLevel
	if level == 0 {
		level = 3
	}
	return Card{
		Heading: d.Heading, HeadingLevel: level, Variant: "feature", Body: doDontItems(d),
		ID: d.ID, Classes: d.Classes, Attributes: d.Attributes,
	}.Render(ctx, w)
}

func (d DoDontList) icon() string {
	if d.Dont {
		return "cross"
	}
	return "tick"
}

func (d DoDontList) prefix() string {
	if d.NoPrefix {
		return ""
	}
	return or(d.Prefix, when(d.Dont, "do not"))
}

// Icon is a small picture beside words; screen readers pass over it. Names:
// arrow-left, arrow-right, arrow-right-circle, chevron-right-circle, cross,
// tick, search, user, plus and minus.
type Icon struct{ Name string }

// Render writes the picture.
func (i Icon) Render(ctx context.Context, w io.Writer) error { return iconView(i).Render(ctx, w) }

const disc = "M12 2a10 10 0 1 1 0 20 10 10 0 0 1 0-20Z"

// path is the icon's outline on a 24 by 24 grid. The shapes are our own; size
// and colour come from the design system's classes. Overlaps are holes.
func (i Icon) path() string {
	switch i.Name {
	case "arrow-left":
		return "M10.5 5 12 6.5 7.6 11H20v2H7.6l4.4 4.5-1.5 1.5-7-7Z"
	case "arrow-right":
		return "M13.5 5 12 6.5l4.4 4.5H4v2h12.4L12 17.5l1.5 1.5 7-7Z"
	case "arrow-right-circle":
		return disc + "M12.5 6 11 7.5 14.5 11H5v2h9.5L11 16.5 12.5 18l6-6Z"
	case "chevron-right-circle":
		return disc + "M10.5 6.5 9 8l4 4-4 4 1.5 1.5L16 12Z"
	case "cross":
		return "M6.5 4.5 12 10l5.5-5.5 2 2L14 12l5.5 5.5-2 2L12 14l-5.5 5.5-2-2L10 12 4.5 6.5Z"
	case "tick":
		return "M5.5 10.5 10 15l8.5-8.5 2 2L10 19l-6.5-6.5Z"
	case "search":
		return "M10.5 3.5a7 7 0 1 1 0 14 7 7 0 0 1 0-14Zm0 2a5 5 0 1 0 0 10 5 5 0 0 0 0-10ZM16.5 15l4.5 4.5-1.5 1.5-4.5-4.5Z"
	case "user":
		return disc + "M12 5.5a3.5 3.5 0 1 1 0 7 3.5 3.5 0 0 1 0-7ZM5.5 18c1-3 3.5-4 6.5-4s5.5 1 6.5 4a9 9 0 0 1-13 0Z"
	case "plus":
		return "M10.5 4h3v6.5H20v3h-6.5V20h-3v-6.5H4v-3h6.5Z"
	case "minus":
		return "M4 10.5h16v3H4Z"
	}
	return ""
}

func cardLevel(c Card) int {
	if c.HeadingLevel == 0 {
		return 2
	}
	return c.HeadingLevel
}

// in remembers the card's heading, which is heard after the action's words.
func (a Action) in(heading string) Action {
	a.card = heading
	return a
}

// actionTarget is what an action acts on, for those who hear the page.
func actionTarget(a Action) string {
	text := ""
	if a.VisuallyHiddenText != "" {
		text = " " + a.VisuallyHiddenText
	}
	if a.card != "" {
		text += " (" + a.card + ")"
	}
	return text
}
