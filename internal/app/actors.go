package app

import (
	"context"
	"net/http"
	"strings"

	"msw/internal/access"
	"msw/internal/clock"
	"msw/internal/nhs"
	"msw/internal/organisation"
	"msw/internal/placement"
	"msw/internal/portfolio"
	"msw/internal/programme"
	"msw/internal/registration"
)

// actors gives who an account is, one actor a programme: roles from
// memberships, a doctor by the record taken over, and who hides from them.
func (a *App) actors(ctx context.Context, account string) ([]access.Actor, error) {
	members, err := a.Organisations.MembersOf(ctx, account, a.Now().Local())
	if err != nil {
		return nil, err
	}
	tenants, err := a.Programme.Tenants(ctx)
	if err != nil {
		return nil, err
	}
	name, err := a.SignIn.Email(ctx, account)
	if err != nil {
		return nil, err
	}
	var out []access.Actor
	for _, t := range tenants {
		doctor, err := a.Doctors.OfAccount(ctx, t.ID, account)
		if err != nil {
			return nil, err
		}
		if doctor == "" && len(members[t.ID]) == 0 {
			continue
		}
		actor := access.Actor{Account: account, Tenant: t.ID, Name: name, Doctor: doctor, Members: members[t.ID]}
		if err := a.hide(ctx, &actor); err != nil {
			return nil, err
		}
		out = append(out, actor)
	}
	return out, nil
}

// hide fills in by what names people may hide from the actor, and who does.
func (a *App) hide(ctx context.Context, actor *access.Actor) error {
	add := func(kind, id string) {
		if id != "" {
			actor.Subjects = append(actor.Subjects, kind+":"+id)
		}
	}
	add("account", actor.Account)
	ids := actor.Organisations()
	places, err := a.Organisations.GetMany(ctx, actor.Tenant, ids)
	if err != nil {
		return err
	}
	for _, id := range ids {
		add("org", id)
		add("place", places[id].Outcode)
		add("region", places[id].Region)
	}
	for _, region := range actor.Regions() {
		add("region", region)
	}
	actor.Hidden, err = a.Consents.HiddenFrom(ctx, actor.Tenant, actor.Subjects)
	return err
}

// actor is who sent a request; a visitor sees the public programme.
func (a *App) actor(r *http.Request) (access.Actor, bool, error) {
	actor, found, err := a.SignIn.Actor(r)
	if err != nil || found {
		return actor, found, err
	}
	public, _, err := a.Programme.PublicTenant(r.Context())
	return access.Actor{Tenant: public.ID}, false, err
}

// operator is the local operator of the command line and of msw's own work.
func operator(tenant string, at clock.Instant) access.Call {
	return access.Call{
		Actor: access.Actor{Account: "operator", Tenant: tenant, Name: "Operator", Members: []access.Membership{{Role: organisation.RoleOperator}}},
		Now:   at, Today: at.Local(),
	}
}

// staff lists whom a case can be given to: caseworkers and assessors.
func (a *App) staff(ctx context.Context, tenant string) ([][2]string, error) {
	var out [][2]string
	for _, role := range []access.Role{organisation.RoleCaseworker, organisation.RoleAssessor} {
		accounts, err := a.Organisations.AccountsWith(ctx, tenant, role, "", a.Now().Local())
		if err != nil {
			return nil, err
		}
		names, err := a.accountNames(ctx, accounts)
		if err != nil {
			return nil, err
		}
		for _, id := range accounts {
			out = append(out, [2]string{id, names[id]})
		}
	}
	return out, nil
}

// accountNames gives how colleagues are shown: the part of their address before
// the @, as words. Addresses of the public never come this way.
func (a *App) accountNames(ctx context.Context, accounts []string) (map[string]string, error) {
	out := map[string]string{}
	for _, id := range accounts {
		email, err := a.SignIn.Email(ctx, id)
		if err != nil {
			continue // an account that is gone stays "a colleague"
		}
		local, _, _ := strings.Cut(email, "@")
		words := strings.FieldsFunc(local, func(r rune) bool { return r == '.' || r == '_' || r == '-' })
		for i, w := range words {
			words[i] = strings.ToUpper(w[:1]) + w[1:]
		}
		out[id] = strings.Join(words, " ")
	}
	return out, nil
}

// navigation gives the header's links: what this actor can open.
func (a *App) navigation(actor access.Actor) []nhs.NavigationItem {
	type entry struct {
		text, href string
		show       bool
	}
	can := func(act access.Action) bool { return a.Access.Can(actor, act) }
	in := actor.Account != ""
	staff := in && actor.Doctor == ""
	list := []entry{
		{"Home", "/", !in}, {"Who can join", "/eligibility", !in}, {"Figures", "/tracker", !in}, {"Stories", "/stories", !in}, {"News", "/news", !in},
		{"Home", "/home", in}, {"My application", "/apply", in && actor.Doctor != ""}, {"Proof", "/my-requests", in && actor.Doctor != ""}, {"Registration", "/registration", in && actor.Doctor != ""}, {"My post", "/placements", in && actor.Doctor != ""}, {"My details", "/me", in && actor.Doctor != ""}, {"Apply for a post", "/vacancies", in && actor.Doctor != ""}, {"Learning", "/learning", in && actor.Doctor != ""}, {"Messages", "/messages", in && actor.Doctor != ""}, {"Support", "/support", in && actor.Doctor != ""},
		{"Cases", "/cases", staff && can("case.list")}, {"Assessments", "/assessments", staff && can("eligibility.board")}, {"Proof", "/requests", staff && can("request.board")}, {"Referrals", "/referrals", staff && can("referral.desk")},
		{"Posts", "/posts", staff && can("post.see")}, {"Offers", "/offers", staff && can("offer.see")}, {"Recruitment", "/recruitment", staff && can("recruit.score")}, {"Checks", "/checks", staff && can("check.board")}, {"In post", "/placements", staff && can("placement.see")},
		{"Portfolio", "/portfolio", in && actor.Doctor != ""}, {"Exit answers", "/exit-answers", staff && can("placement.exit_read")}, {"Who signed", "/assessors", staff && can(portfolio.ActVouch)},
		{"How they do", "/team", staff && can(placement.ActTeam)}, {"Scope cards", "/cards", staff && actor.HasAny(organisation.RoleShiftLead, organisation.RoleSupervisor)},
		{"Study time", "/study-time", staff && can("learning.agree")}, {"Events and courses", "/events", staff && can("learning.organise")},
		{"Rounds", "/rounds", staff && can("round.see")}, {"Ranking", "/ranking", staff && can("round.rank")}, {"My result", "/me/result", in && actor.Doctor != ""},
		{"Protected reasons", "/protected", staff && can("allocation.vouch")}, {"Panel", "/panel", staff && can("allocation.judge")},
		{"Mentors", "/support/pairs", staff && can("support.pair")}, {"Help with money", "/support/requests", staff && can("support.hardship")},
		{"GMC register", "/register-differences", staff && can("registration.differences")},
		{"Running out", "/running-out", staff && can(registration.ActLapses)},
		{"Money", "/money", staff && can("funding.see")}, {"Figures", "/figures", staff && can("outcome.figures")},
		{"Organisations", "/organisations", staff && can("organisation.import")}, {"Newsroom", "/newsroom", staff && can("newsroom.write")},
		{"Programme", "/phases", staff && can(programme.ActPhases)}, {"Jobs", "/jobs", staff && can("jobs.look")},
	}
	var out []nhs.NavigationItem
	for _, e := range list {
		if e.show {
			out = append(out, nhs.NavigationItem{Text: e.text, Href: e.href})
		}
	}
	return out
}
