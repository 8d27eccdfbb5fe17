package demo

import (
	"context"
	"fmt"

	"msw/internal/access"
	"msw/internal/allocation"
	"msw/internal/document"
	"msw/internal/organisation"
	"msw/internal/post"
)

// wish lets somebody who is eligible and waits say what they want: kinds of
// posts, since posts come and go.
func (l *loader) wish(ctx context.Context, p *life, id string) error {
	if p.decision != "eligible" || p.proposed != 0 || p.left != 0 || p.scheme != 0 || p.region == "Y56" { // London's say it in their rounds
		return nil
	}
	l.eligible = append(l.eligible, id)
	n := len(l.eligible)
	setting := first(p.setting, []string{"hospital", "gp_practice"}[n%2])
	list := allocation.WishList{Doctor: id, Wishes: []allocation.Wish{{Region: p.region, Setting: setting, Specialty: post.SpecialtyCode(specialties[n%len(specialties)])},
		{Region: p.region, Setting: setting}, {Region: p.region}}}
	if n%2 == 0 {
		list.Wishes = append(list.Wishes, allocation.Wish{Region: regions[n%len(regions)].code, Setting: setting})
	}
	if list.Wishes[len(list.Wishes)-1] == list.Wishes[1] {
		list.Wishes = list.Wishes[:3]
	}
	if n%5 == 0 {
		if far := regions[(n+3)%len(regions)].code; far != p.region && n%2 == 1 {
			list.Refusals = []allocation.Refusal{{Wish: allocation.Wish{Region: far}, Class: allocation.Classes()[n%4]}}
		}
	}
	return l.Preferences.Rank(ctx, l.on(0, p.decided), list)
}

// personal is the list of somebody one can be: a code for a partner beside it.
func (l *loader) personal(ctx context.Context) error {
	id := l.applying
	if id == "" {
		return nil
	}
	call := l.on(0, l.o.Today-3)
	openings, _, err := l.Preferences.Openings(ctx, call)
	if err != nil {
		return err
	}
	list := allocation.WishList{Doctor: id, Wishes: []allocation.Wish{{Region: l.near, Setting: allocation.GPPractice}, {Region: l.near}, {Setting: allocation.GPPractice}},
		Refusals: []allocation.Refusal{{Wish: allocation.Wish{Setting: allocation.Community}, Class: allocation.NotMyWork}}}
	for _, o := range openings {
		if o.Region == l.near && len(list.Wishes) < 5 {
			list.Wishes = append([]allocation.Wish{{Post: o.Post}}, list.Wishes...)
		}
	}
	if err := l.Preferences.Rank(ctx, call, list); err != nil {
		return fmt.Errorf("a doctor's list: %w", err)
	}
	call.Actor = access.Actor{Account: "doctor-applying", Tenant: tenantOf(0), Doctor: id}
	return l.Preferences.InvitePartner(ctx, call)
}

// grounds are protected reasons of some who wait: one on the caseworker's desk,
// one before the panel.
func (l *loader) grounds(ctx context.Context) error {
	if len(l.eligible) < 3 {
		return nil
	}
	on := l.on(0, l.o.Today-6)
	on.Actor = access.Actor{Account: l.staff["caseworker"], Tenant: tenantOf(0), Members: []access.Membership{{Role: organisation.RoleCaseworker}}}
	for i, one := range []struct {
		ask   allocation.Asking
		paper document.NewDocument // none for safety: the caseworker's yes is enough
	}{
		{allocation.Asking{Ground: allocation.GroundCare, Regions: []string{"Y56"}, Statement: "My son goes to a school for deaf children and cannot change."},
			document.NewDocument{Kind: "protected_reason", Words: document.Words{Title: "Letter of the school"}}},
		{allocation.Asking{Ground: allocation.GroundHealth, Miles: 20, Statement: "I have treatment every week at one hospital."},
			document.NewDocument{Kind: "other", Words: document.Words{Title: "Letter of the hospital"}}},
		{allocation.Asking{Ground: allocation.GroundSafety, Miles: 60}, document.NewDocument{}},
	} {
		papers, err := l.shows(ctx, l.eligible[i], one.paper)
		if err != nil {
			return fmt.Errorf("paper for a protected reason: %w", err)
		}
		one.ask.Documents = papers
		p, err := l.Preferences.AskProtected(ctx, on, l.eligible[i], one.ask)
		if err != nil {
			return fmt.Errorf("protected reason: %w", err)
		}
		if i == 0 {
			if err := l.Preferences.Vouch(ctx, on, p.ID, p.Version, "Letter of the school, 12 October 2026", papers...); err != nil {
				return fmt.Errorf("protected reason: %w", err)
			}
		}
	}
	return nil
}

// shows draws the paper that shows a reason, if there is one.
func (l *loader) shows(ctx context.Context, doctor string, n document.NewDocument) ([]string, error) {
	if n.Kind == "" || !l.Documents.Draws() {
		return nil, nil
	}
	call := l.on(0, l.o.Today-7)
	call.Actor = access.Actor{Account: "doctor", Tenant: tenantOf(0), Doctor: doctor}
	n.Doctor = doctor
	d, err := l.Documents.AddDrawn(ctx, call, n, certificate(n.Words.Title, "A fictional letter"))
	return []string{d.ID}, err
}
