package app

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"msw/internal/access"
	"msw/internal/allocation"
	"msw/internal/organisation"
	"msw/internal/post"
	"msw/internal/problem"
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

// fits says of open posts how each stands to one doctor, for a single proposal:
// the hard rules of a round and the doctor's own wishes, in the same sentences.
// A post that something private rules out has no entry.
func (a *App) fits(ctx context.Context, call access.Call, id string, posts []post.Post) (map[string][]string, error) {
	wishes, err := a.Preferences.Wishes(ctx, call, []string{id})
	if err != nil {
		return nil, err
	}
	openings, atlas, err := a.Preferences.Openings(ctx, call)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, one := range posts {
		ids = append(ids, one.ID)
	}
	stops, err := a.Rounds.Between(ctx, call, id, ids, allocation.LeftTravel)
	if err != nil {
		return nil, err
	}
	out := map[string][]string{}
	for post, list := range stops {
		if slices.ContainsFunc(list, allocation.Stop.Private) {
			continue
		}
		out[post] = []string{}
		for _, s := range list {
			out[post] = append(out[post], s.Staff)
		}
	}
	add := func(post, text string) {
		if out[post] != nil {
			out[post] = append(out[post], text)
		}
	}
	ranked, left := allocation.Spell(wishes[id], openings, atlas)
	for _, r := range ranked {
		text := fmt.Sprintf("Choice %d of the doctor", r.Place)
		if len(wishes[id].List.Wishes) == 0 {
			text = "Meets what the doctor would like"
		}
		if r.Miles >= 0 {
			text += fmt.Sprintf(", %d miles in a straight line", r.Miles)
		}
		add(r.Post, text+".")
	}
	for _, l := range left {
		if l.Code == allocation.LeftTravel {
			add(l.Post, "Farther than the doctor wants to travel.")
		}
	}
	return out, nil
}

// apart gives what keeps a doctor from a post by the hard rules of a round, for a
// single proposal or an applicant who is taken: that one applied, so the doctor
// accepts the post.
func (a *App) apart(ctx context.Context, call access.Call, id, post string) ([]string, error) {
	host, but := call.Actor.Has(organisation.RoleEmployerHR), []string{allocation.LeftTravel}
	if host {
		but = append(but, allocation.LeftRefused)
	}
	stops, err := a.Rounds.Between(ctx, call, id, []string{post}, but...)
	var out []string
	for _, s := range stops[post] {
		if s.Private() {
			return nil, problem.Missing() // as of a post that is not there
		}
		if host {
			out = append(out, s.ToHost())
		} else {
			out = append(out, s.Staff)
		}
	}
	return slices.Compact(out), err
}
