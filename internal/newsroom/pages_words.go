package newsroom

import (
	"context"
	"io"

	"github.com/a-h/templ"

	"msw/internal/web"
)

func texts(list []string) []templ.Component {
	out := make([]templ.Component, len(list))
	for i, s := range list {
		out[i] = text(s)
	}
	return out
}

// spoken writes a line's words and links with no space of its own between them:
// what was typed decides where words part.
func spoken(l Line) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		for _, s := range l {
			out := templ.EscapeString(s.Text)
			if s.Href != "" {
				out = `<a href="` + templ.EscapeString(string(web.SafeURL(s.Href))) + `">` + out + `</a>`
			}
			if _, err := io.WriteString(w, out); err != nil {
				return err
			}
		}
		return nil
	})
}
