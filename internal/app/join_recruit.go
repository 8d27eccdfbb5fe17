package app

import (
	"context"
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// telling gives the words that would tell a shortlister who a doctor is: names
// in every form, schools, and the countries of their papers.
func (a *App) telling(ctx context.Context, tenant, id string) ([]string, error) {
	names, err := a.Doctors.Names(ctx, tenant, []string{id})
	if err != nil {
		return nil, err
	}
	n := names[id]
	var out []string
	for _, text := range []string{n.AsWritten, n.Preferred, n.Native} {
		out = append(out, text)
		out = append(out, strings.Fields(text)...)
	}
	facts, err := a.Facts.For(ctx, tenant, id)
	if err != nil {
		return nil, err
	}
	for _, f := range facts {
		out = append(out, f.Text("institution"))
		if region, err := language.ParseRegion(f.Text("country")); err == nil {
			out = append(out, display.English.Regions().Name(region))
		}
	}
	return out, nil
}
