package nhs

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"rsc.io/qr"
)

// Timeline tells what happened, a moment an entry, in the order given. It is
// our own: the design system has none.
type Timeline struct {
	Label string // what it is the timeline of; only heard
	Items []TimelineItem
}

// TimelineItem is one thing that happened or will happen.
type TimelineItem struct {
	Date     string // as people read it: "3 March 2026"
	DateTime string // 2026-03-03, for machines; may be empty
	Heading  string
	Text     string
	By       string // who did it
	Tag      *Tag
	Body     templ.Component // after Text
	Future   bool            // has not happened yet
}

// Render writes the timeline, or nothing without entries.
func (t Timeline) Render(ctx context.Context, w io.Writer) error {
	if len(t.Items) == 0 {
		return nil
	}
	return timelineView(t).Render(ctx, w)
}

// Stat shows one figure with what it counts and how it is defined, so that no
// figure stands alone. It is our own.
type Stat struct {
	Label      string // what is counted
	Value      string // as people read it: "1,204"
	Definition string // how it is counted and from when to when
	Href       string // the list or page behind the figure
	Change     string // "12 more than last month"
}

// Render writes the figure.
func (s Stat) Render(ctx context.Context, w io.Writer) error { return statView(s).Render(ctx, w) }

// Stats lays several figures side by side.
type Stats []Stat

// Render writes the figures.
func (s Stats) Render(ctx context.Context, w io.Writer) error { return statsView(s).Render(ctx, w) }

// EmptyState stands where a list would, says why it is empty and what to do
// next. Its children come last.
type EmptyState struct {
	Heading      string
	HeadingLevel int // 2 when 0
	Text         string
	Action       string // text of the link
	Href         string
}

// Render writes the text.
func (e EmptyState) Render(ctx context.Context, w io.Writer) error {
	return emptyStateView(e).Render(ctx, w)
}

// CopyText shows a text to hand on, with a button that copies it where the
// browser can.
type CopyText struct {
	ID    string // unique on the page
	Label string // what it is; only heard
	Text  string
}

// Render writes the text and the button.
func (c CopyText) Render(ctx context.Context, w io.Writer) error {
	return copyTextView(c).Render(ctx, w)
}

// PrintButton prints the page; without script it is not shown.
type PrintButton struct{ Text string }

// Render writes the button.
func (p PrintButton) Render(ctx context.Context, w io.Writer) error {
	return printButtonView(p).Render(ctx, w)
}

// QRCode shows a text as a square that a phone's camera reads; nothing when the
// text is too long for one.
type QRCode struct{ Text, Label string }

// Render writes the picture.
func (q QRCode) Render(ctx context.Context, w io.Writer) error {
	code, err := qr.Encode(q.Text, qr.M)
	if err != nil {
		return nil //nolint:nilerr // the text itself always stands beside it
	}
	var path strings.Builder
	for y := range code.Size {
		for x := range code.Size {
			if code.Black(x, y) {
				fmt.Fprintf(&path, "M%d %dh1v1h-1z", x+quiet, y+quiet)
			}
		}
	}
	return qrView(q.Label, path.String(), strconv.Itoa(code.Size+2*quiet)).Render(ctx, w)
}

// quiet is the white edge a camera needs around the code.
const quiet = 4

// Name shows a person's name in its own direction and script.
type Name struct {
	Text string
	Lang string // such as ar or uk; may be empty
}

// Render writes the name.
func (n Name) Render(ctx context.Context, w io.Writer) error { return nameView(n).Render(ctx, w) }

// PersonCard is a card headed by a person's name, set in its own direction; it
// leads to href, or nowhere.
func PersonCard(name, href string) Card {
	return Card{Heading: name, HeadingLevel: 2, HeadingSize: "m", HeadingAttributes: Attrs{"dir": "auto"}, Href: href, Clickable: href != ""}
}
