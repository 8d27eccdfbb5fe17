package nhs

import (
	"strings"

	"github.com/a-h/templ"
	"golang.org/x/net/html"
)

const (
	marks     = "the NHS logo and organisation names in its style are licensed marks; the brand is text"
	old       = "a deprecated spelling of another option"
	unneeded  = "no page needs it"
	byDefault = "the script takes the absent attribute the same way"
	whole     = "a group is disabled as a whole"
)

func oracles() []oracle {
	return append(append(contentOracles(), formOracles()...), listOracles()...)
}

func contentOracles() []oracle {
	return []oracle{
		{component: "action-link", atLeast: 5, draw: func(o opts) templ.Component {
			return ActionLink{Text: o.str("text"), Body: o.html("html"), Href: o.str("href"), Variant: o.str("variant")}
		}, notOffered: map[string]string{"type": "an action link is a link, never a button"}},
		{component: "back-link", atLeast: 7, draw: func(o opts) templ.Component { return backLink(o) }},
		{component: "breadcrumb", atLeast: 4, draw: drawBreadcrumb, notOffered: map[string]string{"items.classes": unneeded}},
		{component: "button", atLeast: 65, draw: drawButton, differs: map[string]string{"with double click not prevented": byDefault}},
		{component: "card", atLeast: 45, draw: func(o opts) templ.Component { return card(o) }, notOffered: map[string]string{
			"image.src": "no card has a picture", "image.html": "no card has a picture"}},
		{component: "details", atLeast: 12, draw: func(o opts) templ.Component {
			s := o.sub("summary")
			return Details{Summary: s.str("text"), SummaryBody: s.html("html"), Text: o.str("text"), Body: o.html("html"), Open: o.flag("open"), Classes: o.str("classes")}
		}},
		{component: "do-dont-list", atLeast: 10, draw: drawDoDont},
		{component: "error-message", atLeast: 6, draw: func(o opts) templ.Component { return errorMessage(o) }},
		{component: "error-summary", atLeast: 14, draw: drawErrorSummary},
		{component: "footer", atLeast: 15, draw: drawFooter},
		{component: "header", atLeast: 44, draw: drawHeader, adjust: withoutLogo, notOffered: map[string]string{
			"organisation.name": marks, "organisation.split": marks, "organisation.descriptor": marks,
			"logo.src": marks, "logo.alt": marks, "logo.ariaLabel": marks}},
		{component: "heading", atLeast: 33, draw: drawHeading},
		{component: "hint", atLeast: 3, draw: func(o opts) templ.Component { return hint(o) }},
		{component: "inset-text", atLeast: 3, draw: func(o opts) templ.Component {
			return InsetText{Text: o.str("text"), Body: o.html("html")}
		}},
		{component: "label", atLeast: 29, draw: func(o opts) templ.Component { return label(o) }, notOffered: map[string]string{"heading.id": unneeded}},
		{component: "legend", atLeast: 25, draw: func(o opts) templ.Component { return legend(o) }, notOffered: map[string]string{"heading.id": unneeded}},
		{component: "notification-banner", atLeast: 16, draw: drawBanner, differs: map[string]string{
			"auto-focus explicitly enabled, with success variant": byDefault}},
		{component: "pagination", atLeast: 10, draw: drawPagination, notOffered: map[string]string{
			"previousUrl": old, "previousPage": old, "nextUrl": old, "nextPage": old}},
		{component: "panel", atLeast: 15, draw: drawPanel},
		{component: "skip-link", atLeast: 3, draw: func(o opts) templ.Component {
			return SkipLink{Text: o.str("text"), Href: o.str("href")}
		}},
		{component: "tag", atLeast: 28, draw: func(o opts) templ.Component { return *tag(o) }},
		{component: "warning-callout", atLeast: 6, draw: func(o opts) templ.Component {
			h := o.sub("heading")
			return WarningCallout{Heading: h.str("text"), HeadingBody: h.html("html"), Text: o.str("text"), Body: o.html("html")}
		}},
	}
}

func backLink(o opts) BackLink {
	return BackLink{Text: o.str("text"), Body: o.html("html"), Href: o.str("href"), Variant: o.str("variant"), Type: o.str("type"), ID: o.str("id"), Attributes: o.attrs()}
}

func drawBreadcrumb(o opts) templ.Component {
	b := Breadcrumb{Variant: o.str("variant"), ID: o.str("id")}
	for _, i := range o.list("items") {
		b.Items = append(b.Items, BreadcrumbItem{Text: i.str("text"), Href: i.str("href"), Attributes: i.attrs()})
	}
	if o.has("backLink") {
		link := backLink(o.sub("backLink"))
		if len(link.Attributes) == 0 {
			link.Attributes = nil
		}
		b.BackLink = &link
	}
	return b
}

func drawButton(o opts) templ.Component {
	icon := o.sub("icon")
	return Button{Text: o.str("text"), Small: o.flag("small"), Disabled: o.flag("disabled"), Variant: o.str("variant"), Href: o.str("href"),
		Icon: icon.str("name"), IconAtEnd: icon.str("placement") == "end", PreventDouble: o.flag("preventDoubleClick")}
}

func card(o opts) Card {
	h, d := o.sub("heading"), o.sub("description")
	c := Card{Heading: h.str("text"), HeadingBody: h.html("html"), HeadingLevel: h.integer("level"), HeadingSize: h.str("size"),
		HeadingID: h.str("id"), HeadingClasses: h.str("classes"), Href: o.str("href"), Clickable: o.flag("clickable"),
		Variant: o.str("variant"), Description: d.str("text"), Body: d.html("html")}
	if c.Body == nil {
		c.Body = o.html("html")
	}
	c.Actions = actions(o)
	return c
}

func actions(o opts) []Action {
	items := o.list("actions")
	if len(items) == 0 {
		items = o.sub("actions").list("items")
	}
	var found []Action
	for _, a := range items {
		found = append(found, Action{Text: a.str("text"), Href: a.str("href"), Type: a.str("type"), VisuallyHiddenText: a.str("visuallyHiddenText")})
	}
	return found
}

func drawDoDont(o opts) templ.Component {
	h := o.sub("heading")
	d := DoDontList{Heading: or(h.str("text"), o.str("title")), HeadingLevel: h.integer("level"), Dont: o.str("icon") == "cross", NoPrefix: o.flag("hidePrefix"), Prefix: o.str("prefixText")}
	for _, i := range o.list("items") {
		d.Items = append(d.Items, words(or(i.str("text"), i.str("item")), nil))
	}
	return d
}

func drawErrorSummary(o opts) templ.Component {
	h, d := o.sub("heading"), o.sub("description")
	e := ErrorSummaryBox{Heading: h.str("text"), HeadingBody: h.html("html"), Description: d.str("text"), Body: d.html("html")}
	if e.Body == nil {
		e.Body = o.html("html")
	}
	if o["disableAutoFocus"] != nil {
		e.AutoFocus = map[bool]string{true: "false", false: "true"}[o.flag("disableAutoFocus")]
	}
	for _, i := range o.list("errorList") {
		e.Items = append(e.Items, ErrorSummaryItem{Text: i.str("text"), Href: i.str("href")})
	}
	return e
}

func links(items []opts) []NavigationItem {
	var found []NavigationItem
	for _, i := range items {
		found = append(found, NavigationItem{Text: i.str("text"), Href: i.str("href"), Active: i.flag("active"), Current: i.flag("current")})
	}
	return found
}

func drawFooter(o opts) templ.Component {
	f := Footer{Columns: o.integer("columns")}
	columns := o.list("navigation")
	if _, single := o["navigation"].(map[string]any); single {
		columns = []opts{o.sub("navigation")}
	}
	for _, c := range columns {
		f.Navigation = append(f.Navigation, FooterColumn{Heading: c.sub("heading").str("text"), Width: c.str("width"), Body: c.html("html"), Items: links(c.list("items"))})
	}
	meta := o.sub("meta")
	f.Meta, f.MetaText, f.MetaBody = links(meta.list("items")), meta.str("text"), meta.html("html")
	if f.MetaBody == nil {
		f.MetaBody = o.html("html")
	}
	if f.Copyright = "© NHS England"; o["copyright"] != nil { // the package's own words are its default
		f.Copyright = o.sub("copyright").str("text")
	}
	o.take("copyright")
	return f
}

func drawHeader(o opts) templ.Component {
	service, logo, navigation := o.sub("service"), o.sub("logo"), o.sub("navigation")
	logo.take("href") // the logo is taken out of the package's HTML
	h := Header{Service: service.str("text"), ServiceHref: service.str("href"), White: o.str("colour") == "white", Inline: o.flag("inline"),
		Navigation: links(navigation.list("items")), WhiteNavigation: navigation.str("colour") == "white", Justified: navigation.flag("justified")}
	for _, i := range o.sub("account").list("items") {
		h.Account = append(h.Account, AccountItem{Text: i.str("text"), Href: i.str("href"), Action: i.str("action"), Icon: i.flag("icon")})
	}
	if o.has("search") {
		s := o.sub("search")
		h.Search = &HeaderSearch{Action: "https://www.nhs.uk/search/", Placeholder: s.sub("input").str("placeholder"),
			Label: or(s.sub("label").str("visuallyHiddenText"), "Search the NHS website")}
	}
	if o["search"] == true {
		o.take("search")
	}
	return h
}

// withoutLogo takes the NHS logo out of the package's header. Where logo and
// service name share a link, the name keeps it.
func withoutLogo(n *html.Node) {
	for c := n.FirstChild; c != nil; {
		next := c.NextSibling
		switch classOf(c) {
		case "nhsuk-header__logo":
			n.RemoveChild(c)
		case "nhsuk-header__service-logo":
			withoutLogo(c)
			if name := named(c, "nhsuk-header__service-name"); name != nil {
				link := &html.Node{Type: html.ElementNode, Data: "a", Attr: []html.Attribute{
					{Key: "class", Val: "nhsuk-header__service-name"}, {Key: "href", Val: attributeOf(c, "href")}}}
				text := name.FirstChild
				name.RemoveChild(text)
				link.AppendChild(text)
				n.InsertBefore(link, c)
			}
			n.RemoveChild(c)
		default:
			withoutLogo(c)
		}
		c = next
	}
}

func attributeOf(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func classOf(n *html.Node) string { return strings.TrimSpace(attributeOf(n, "class")) }

func named(n *html.Node, class string) *html.Node {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if classOf(c) == class {
			return c
		}
	}
	return nil
}

func caption(o opts) Caption {
	return Caption{Text: o.str("text"), Placement: o.str("placement"), Element: o.str("element"), Size: o.str("size")}
}

func drawHeading(o opts) templ.Component {
	return Heading{Text: o.str("text"), Size: o.str("size"), Classes: o.str("classes"), Href: o.str("href"),
		VisuallyHiddenText: o.str("visuallyHiddenText"), Caption: caption(o.sub("caption"))}
}

func drawBanner(o opts) templ.Component {
	h := o.sub("heading")
	return NotificationBanner{Text: o.str("text"), Body: o.html("html"), Success: o.str("variant") == "success", NoAutoFocus: o.flag("disableAutoFocus"),
		Title: o.sub("title").str("text"), Heading: h.str("text"), HeadingParagraph: h.str("element") == "p", Role: o.str("role"), Attributes: o.attrs()}
}

func drawPagination(o opts) templ.Component {
	var p Pagination
	step := func(key string) *PageLink {
		if !o.has(key) {
			return nil
		}
		s := o.sub(key)
		return &PageLink{Href: s.str("href"), Text: s.str("text"), Label: s.str("label")}
	}
	p.Previous, p.Next = step("previous"), step("next")
	for _, i := range o.list("items") {
		p.Items = append(p.Items, PageNumber{Number: i.integer("number"), Href: i.str("href"), Current: i.flag("current"), Ellipsis: i.flag("ellipsis")})
	}
	return p
}

func drawPanel(o opts) templ.Component {
	h := o.sub("heading")
	return Panel{Heading: h.str("text"), HeadingBody: h.html("html"), HeadingLevel: h.integer("level"), HeadingSize: h.str("size"), HeadingID: h.str("id"),
		HeadingClasses: h.str("classes"), Interruption: o.str("variant") == "interruption", Text: o.str("text"), Body: o.html("html")}
}

func tag(o opts) *Tag {
	t := &Tag{Text: o.str("text"), Body: o.html("html"), Classes: o.str("classes"), NoBorder: o.off("border")}
	if o["colour"] == false {
		t.NoColour = o.off("colour")
	}
	t.Colour = o.str("colour")
	return t
}
