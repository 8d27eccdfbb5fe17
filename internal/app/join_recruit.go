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
	stops, err := a.Rounds.Between(ctx, call, id, ids)
	if err != nil {
		return nil, err
	}
	out := map[string][]string{}
	for post, list := range stops {
		for _, s := range list {
			out[post] = append(out[post], s.Staff)
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
		out[r.Post] = append(out[r.Post], text+".")
	}
	for _, l := range left {
		text := "Not among the posts this doctor can be given." // a refusal and a protected reason sound the same
		if l.Code == allocation.LeftTravel {
			text = "Farther than the doctor wants to travel."
		}
		out[l.Post] = append(out[l.Post], text)
	}
	return out, nil
}

// apart gives what keeps a doctor from a post by the hard rules of a round, for a
// single proposal or an applicant who is taken.
func (a *App) apart(ctx context.Context, call access.Call, id, post string) ([]string, error) {
	stops, err := a.Rounds.Between(ctx, call, id, []string{post})
	var out []string
	for _, s := range stops[post] {
		if call.Actor.Has(organisation.RoleEmployerHR) {
			out = append(out, s.ToHost())
		} else {
			out = append(out, s.Staff)
		}
	}
	return slices.Compact(out), err
}
