package nhs

import (
	"context"
	"io"

	"github.com/a-h/templ"
)

// Header is the top of every page: the service's name in text, who is signed
// in, and the main links. It bears no NHS logo, which is a licensed mark.
type Header struct {
	Service          string
	ServiceHref      string
	Organisation     string // programme or trust, in small type under the name
	Account          []AccountItem
	Navigation       []NavigationItem
	NavigationLabel  string // "Menu" when empty
	Search           *HeaderSearch
	White            bool // white instead of blue
	WhiteNavigation  bool
	Justified        bool // navigation spread over the width
	Inline           bool // search and account in one line with the name
	ContainerClasses string
	ID               string
	Classes          string
	Attributes       Attrs
}

// AccountItem is one entry about who is signed in: text, link, or a button
// that posts to Action (sign out).
type AccountItem struct {
	Text   string
	Href   string
	Action string
	Get    bool // Action by GET instead of POST
	Icon   bool // a person's outline before the text
	Hidden []HiddenField
}

// NavigationItem is one link of the header.
type NavigationItem struct {
	Text    string
	Href    string
	Current bool // this page
	Active  bool // this part of the service
	Classes string
}

// HeaderSearch is a search box in the header.
type HeaderSearch struct {
	Action      string
	Name        string // q when empty
	Label       string // "Search" when empty; only heard
	Placeholder string // "Search" when empty
	Button      string // "Search" when empty; only heard
}

// Render writes the header.
func (h Header) Render(ctx context.Context, w io.Writer) error { return headerView(h).Render(ctx, w) }

func (h Header) classes() string {
	return classes("nhsuk-header", when(h.White, "nhsuk-header--white"), when(h.Inline, "nhsuk-header--inline"), h.Classes)
}

func (h Header) navigationClasses() string {
	return classes("nhsuk-header__navigation", when(h.WhiteNavigation, "nhsuk-header__navigation--white"),
		when(h.Justified, "nhsuk-header__navigation--justified"))
}

func (s HeaderSearch) input() Input {
	button := Button{AriaLabel: or(s.Button, "Search"), Icon: "search", Small: true}
	return Input{
		Label: Label{Text: or(s.Label, "Search"), Classes: "nhsuk-u-visually-hidden"}, ID: "search-field", Name: or(s.Name, "q"),
		Type: "search", Autocomplete: "off", Placeholder: or(s.Placeholder, "Search"), FormGroup: FormGroup{After: button},
	}
}

func (i NavigationItem) on() bool { return i.Current || i.Active }

func (i NavigationItem) attributes() Attrs {
	current := when(i.Active, "true")
	if i.Current {
		current = "page"
	}
	class := "nhsuk-header__navigation-link"
	if i.Href == "" {
		class = "nhsuk-header__navigation-text"
	}
	return optional("class", class, "aria-current", current)
}

// Footer is the foot of every page.
type Footer struct {
	Navigation       []FooterColumn
	Columns          int              // of Navigation: 1 to 4; 4 when 0
	Meta             []NavigationItem // links about the service
	MetaText         string
	MetaBody         templ.Component // instead of MetaText
	Copyright        string          // a line of text; none when empty
	CopyrightBody    templ.Component // instead of Copyright
	ContainerClasses string
	ID               string
	Classes          string
	Attributes       Attrs
}

// FooterColumn is a group of links.
type FooterColumn struct {
	Heading string
	Width   string // one-quarter and so on; even shares when empty
	Text    string
	Body    templ.Component // instead of Text
	Items   []NavigationItem
}

// Render writes the footer.
func (f Footer) Render(ctx context.Context, w io.Writer) error { return footerView(f).Render(ctx, w) }

func (f Footer) rows() [][]FooterColumn {
	size := f.Columns
	if size < 1 || size > 4 {
		size = 4
	}
	var rows [][]FooterColumn
	for start := 0; start < len(f.Navigation); start += size {
		rows = append(rows, f.Navigation[start:min(start+size, len(f.Navigation))])
	}
	return rows
}

func (f Footer) width(c FooterColumn) string {
	share := map[int]string{1: "full", 2: "one-half", 3: "one-third"}[f.Columns]
	return or(c.Width, share, "one-quarter")
}

// Breadcrumb shows where a page lies; on a narrow screen only the page above.
type Breadcrumb struct {
	Items      []BreadcrumbItem
	AriaLabel  string // "Breadcrumb" when empty
	Variant    string // reverse
	BackLink   *BackLink
	ID         string
	Classes    string
	Attributes Attrs
}

// BreadcrumbItem is one page above, the farthest first.
type BreadcrumbItem struct {
	Text       string
	Href       string
	Attributes Attrs
}

// Render writes the breadcrumb.
func (b Breadcrumb) Render(ctx context.Context, w io.Writer) error {
	return breadcrumbView(b).Render(ctx, w)
}

func (b Breadcrumb) back() BackLink {
	link := BackLink{}
	if b.BackLink != nil {
		link = *b.BackLink
	}
	if n := len(b.Items); n > 0 {
		link.Text, link.Href = or(link.Text, b.Items[n-1].Text), or(link.Href, b.Items[n-1].Href)
		if link.Attributes == nil {
			link.Attributes = b.Items[n-1].Attributes
		}
	}
	link.VisuallyHiddenText, link.Variant = or(link.VisuallyHiddenText, "Back to"), or(link.Variant, b.Variant)
	return link
}

// SkipLink leads past the header; it shows when reached by keyboard.
type SkipLink struct {
	Text       string // "Skip to main content" when empty
	Href       string // #maincontent when empty
	ID         string
	Classes    string
	Attributes Attrs
}

// Render writes the link.
func (s SkipLink) Render(ctx context.Context, w io.Writer) error {
	return skipLinkView(s).Render(ctx, w)
}

// Pagination leads to the pages before and after. Lists here go by key, so
// mostly only Previous and Next are set; Items are numbered pages.
type Pagination struct {
	Previous   *PageLink
	Next       *PageLink
	Items      []PageNumber
	AriaLabel  string // "Pagination" when empty
	ID         string
	Classes    string
	Attributes Attrs
}

// PageLink leads one page back or on.
type PageLink struct {
	Href  string
	Text  string // "Previous page" or "Next page" when empty
	Label string // the title of the page it leads to
}

// PageNumber is a numbered page, or an Ellipsis for those left out.
type PageNumber struct {
	Number   int
	Href     string
	Current  bool
	Ellipsis bool
}

// Render writes the links, or nothing when there are none.
func (p Pagination) Render(ctx context.Context, w io.Writer) error {
	if p.Previous == nil && p.Next == nil && len(p.Items) == 0 {
		return nil
	}
	return paginationView(p).Render(ctx, w)
}
