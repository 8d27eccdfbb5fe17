package web

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strings"

	"github.com/a-h/templ"
)

// SafeURL is the only way by which an address typed by a person comes into a
// page: a path of this site, or an http, https, mailto or tel address; all
// else becomes a link that leads nowhere.
func SafeURL(s string) templ.SafeURL {
	if Local(s) == s {
		return templ.SafeURL(s)
	}
	u, err := url.Parse(s)
	if err == nil && !strings.ContainsFunc(s, control) {
		switch strings.ToLower(u.Scheme) {
		case "http", "https":
			if u.Host != "" {
				return templ.SafeURL(u.String())
			}
		case "mailto", "tel":
			return templ.SafeURL(u.String())
		}
	}
	return "#"
}

// Local gives s when it is a path of this site, else "/": for addresses that
// come back from a form or a link.
func Local(s string) string {
	if !strings.HasPrefix(s, "/") || strings.HasPrefix(s, "//") || strings.ContainsAny(s, "\\") || strings.ContainsFunc(s, control) {
		return "/"
	}
	u, err := url.Parse(s)
	if err != nil || u.Host != "" || u.Scheme != "" {
		return "/"
	}
	return s
}

func control(r rune) bool { return r < ' ' || r == 0x7f }

// Cursor makes the text that stands for a place in a list sorted by keys: the
// keys of the last row shown. Prefer outside references to ids in it, since it
// can be read.
func Cursor(keys ...string) string {
	b, err := json.Marshal(keys)
	if err != nil {
		return "" // cannot happen: strings always marshal
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

// After gives the n keys after which the list goes on, from the request's
// "after"; nil at the start of the list and when they do not hold.
func (r *Request) After(n int) []string {
	b, err := base64.RawURLEncoding.DecodeString(r.URL.Query().Get("after"))
	if err != nil || len(b) == 0 {
		return nil
	}
	var keys []string
	if json.Unmarshal(b, &keys) != nil || len(keys) != n {
		return nil
	}
	for i := range keys {
		keys[i] = clean(keys[i])
	}
	return keys
}

// NextPage gives the address of the same list after the row with these keys.
func (r *Request) NextPage(keys ...string) string {
	q := r.URL.Query()
	q.Set("after", Cursor(keys...))
	return r.URL.Path + "?" + q.Encode()
}
