package web

import "msw/internal/nhs"

func (p shown) windowTitle() string {
	title := p.Title
	if !p.Plain {
		title += " – " + p.Brand
	}
	if len(p.Errors) > 0 {
		return "Error: " + title
	}
	return title
}

func (p shown) backText() string {
	if p.BackText == "" {
		return "Back"
	}
	return p.BackText
}

// account shows who is signed in, with the way out.
func (p shown) account() []nhs.AccountItem {
	if p.Actor.Account == "" {
		return []nhs.AccountItem{{Text: "Sign in", Href: "/sign-in"}}
	}
	name := p.Actor.Name
	if name == "" {
		name = "Your account"
	}
	return []nhs.AccountItem{{Text: name, Href: "/account", Icon: true}, {Text: "Sign out", Action: "/sign-out"}}
}

func (p shown) footer() []nhs.NavigationItem {
	if p.Footer != nil {
		return p.Footer
	}
	return []nhs.NavigationItem{
		{Text: "Accessibility", Href: "/accessibility"}, {Text: "Privacy", Href: "/privacy"},
		{Text: "Cookies", Href: "/cookies"}, {Text: "Contact", Href: "/contact"},
	}
}

func keyed(key, action string, multipart bool) nhs.Form {
	return nhs.Form{Action: action, Multipart: multipart, Hidden: []nhs.HiddenField{{Name: keyField, Value: key}}}
}
