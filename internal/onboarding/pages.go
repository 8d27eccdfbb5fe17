package onboarding

import (
	"context"
	"slices"

	"github.com/a-h/templ"

	"msw/internal/access"
	"msw/internal/casefile"
	"msw/internal/clock"
	"msw/internal/nhs"
	"msw/internal/post"
	"msw/internal/problem"
	"msw/internal/web"
)

// Pages is the browser's face of offers and checks.
type Pages struct{ s *Service }

// NewPages makes the pages.
func NewPages(s *Service) *Pages { return &Pages{s} }

// Routes lists the addresses of this package.
func (p *Pages) Routes() []web.Route {
	return append(p.recruitRoutes(), []web.Route{
		{Method: "GET", Pattern: "/offers", Action: ActSee, Handle: p.list},
		{Method: "GET", Pattern: "/offers/new", Action: ActPropose, Handle: p.blank},
		{Method: "POST", Pattern: "/offers/new", Action: ActPropose, Handle: p.propose},
		{Method: "GET", Pattern: "/offers/{id}", Action: ActSee, Handle: p.show},
		{Method: "POST", Pattern: "/offers/{id}/make", Action: ActOffer, Handle: p.offer},
		{Method: "POST", Pattern: "/offers/{id}/accept", Action: ActAnswer, Handle: p.accept},
		{Method: "POST", Pattern: "/offers/{id}/decline", Action: ActAnswer, Handle: p.decline},
		{Method: "POST", Pattern: "/offers/{id}/hold", Action: ActAnswer, Handle: p.hold},
		{Method: "POST", Pattern: "/offers/{id}/conditions", Action: ActOffer, Handle: p.decide},
		{Method: "POST", Pattern: "/offers/{id}/withdraw", Action: ActWithdraw, Handle: p.withdraw},
		{Method: "POST", Pattern: "/offers/{id}/second", Action: ActSecond, Handle: p.second},
		{Method: "GET", Pattern: "/checks", Action: ActBoard, Handle: p.board},
		{Method: "GET", Pattern: "/check-times", Action: ActBoard, Handle: p.times},
		{Method: "GET", Pattern: "/checks/{id}", Action: ActSeeCheck, Handle: p.checks},
		{Method: "GET", Pattern: "/checks/{id}/interview-day", Action: ActTick, Handle: p.interviewDay},
		{Method: "GET", Pattern: "/checks/{id}/training", Action: ActTick, Handle: p.training},
		{Method: "POST", Pattern: "/checks/{id}/training", Action: ActTick, Handle: p.train},
		{Method: "GET", Pattern: "/checks/{id}/{kind}", Action: ActTick, Handle: p.check},
		{Method: "POST", Pattern: "/checks/{id}/{kind}", Action: ActTick, Handle: p.tick},
		{Method: "POST", Pattern: "/checks/{id}/history/reference", Action: ActTick, Handle: p.reference},
		{Method: "POST", Pattern: "/checks/{id}/{kind}/reuse", Action: ActTick, Handle: p.reuse},
		{Method: "GET", Pattern: "/checks/{id}/{kind}/say", Action: ActReply, Handle: p.sayForm},
		{Method: "POST", Pattern: "/checks/{id}/{kind}/say", Action: ActReply, Handle: p.say},
		{Method: "POST", Pattern: "/checks/{id}/{kind}/agree", Action: ActReply, Handle: p.agree},
	}...)
}

// Panels are the parts of the case page this package owns.
func (p *Pages) Panels() []casefile.Panel {
	return []casefile.Panel{{ID: "offers", Title: "Posts and offers", Order: 60, Render: p.Panel}}
}

type panelView struct {
	Rows    []Row
	Ref     string
	Propose bool
}

// Panel shows a doctor's offers as the actor may see them, and where to propose.
func (p *Pages) Panel(ctx context.Context, call access.Call, doctor string) (templ.Component, error) {
	c, err := p.s.cases.Get(ctx, doctor, call.Actor.Tenant)
	if err != nil {
		return nil, err
	}
	v := panelView{Ref: c.Ref}
	v.Propose = (c.Stage == casefile.StageEligible || c.Stage == casefile.StageMatched) && p.s.access.May(call.Actor, ActPropose, c.Resource()) == nil
	scope := p.s.access.Scope(call.Actor, ActSee)
	if !scope.None() {
		list, err := p.s.list(ctx, scope, Query{Doctor: doctor, Limit: 20})
		if err != nil {
			return nil, err
		}
		if v.Rows, err = p.s.dress(ctx, call.Actor.Tenant, list); err != nil {
			return nil, err
		}
	}
	if len(v.Rows) == 0 && !v.Propose {
		return nil, nil
	}
	return panel(v), nil
}

const pageSize = 25

type listView struct {
	Rows  []Row
	State State
	Own   bool // the actor looks at their own offers
	Next  string
	Today clock.Date
}

func (p *Pages) list(r *web.Request) (web.Response, error) {
	q := Query{State: State(r.Text("state")), After: r.After(2), Limit: pageSize + 1}
	rows, err := p.s.List(r.Context(), r.Call, q)
	if err != nil {
		return web.Response{}, err
	}
	v := listView{State: q.State, Today: r.Call.Today, Own: r.Call.Actor.Doctor != "" && len(r.Call.Actor.Members) == 0}
	if len(rows) > pageSize {
		rows = rows[:pageSize]
		last := rows[pageSize-1]
		v.Next = r.NextPage(last.Since.String(), last.ID)
	}
	v.Rows = rows
	title := "Offers"
	if v.Own {
		title = "Your offers"
	}
	return web.Page(r, web.PageData{Title: title, Wide: !v.Own, Body: listPage(v)}), nil
}

type newView struct {
	Key, Case, Name string
	Posts           []post.Post
	Places          map[string]post.Place
	Fits            map[string][]string
	About           []string // what Fits says of every post
	Chosen          string
	Setting, Region string
	Next            string
	Errors          nhs.Errors
}

func (p *Pages) blank(r *web.Request) (web.Response, error) { return p.choose(r, nil) }

// choose shows the open posts a doctor can be proposed for. Posts that anything
// private rules out are not among them, and nothing says of which that is so.
func (p *Pages) choose(r *web.Request, errs nhs.Errors) (web.Response, error) {
	tenant := r.Call.Actor.Tenant
	c, err := p.s.cases.ByRef(r.Context(), tenant, r.Text("case"))
	if err != nil {
		return web.Response{}, err
	}
	if err := p.s.access.May(r.Call.Actor, ActPropose, c.Resource()); err != nil {
		return web.Response{}, err
	}
	v := newView{Key: r.Key(), Case: c.Ref, Chosen: r.Text("post"), Setting: r.Text("setting"), Region: r.Text("region"), Errors: errs}
	list, err := p.s.posts.List(r.Context(), r.Call, post.Query{Status: post.Open, Setting: post.Setting(v.Setting), Region: v.Region, After: r.After(2), Limit: pageSize + 1})
	if err != nil {
		return web.Response{}, err
	}
	if len(list) > pageSize {
		list = list[:pageSize]
		v.Next = r.NextPage(list[pageSize-1].StartFrom.String(), list[pageSize-1].ID)
	}
	for _, one := range list {
		err := p.s.Visible(r.Context(), tenant, c.Doctor, one)
		if err == nil {
			v.Posts = append(v.Posts, one)
		} else if problem.KindOf(err) != problem.NotFound {
			return web.Response{}, err
		}
	}
	var places []string
	for _, one := range v.Posts {
		places = append(places, one.Host, one.Employer)
	}
	if v.Places, err = p.s.posts.Places(r.Context(), tenant, places); err != nil {
		return web.Response{}, err
	}
	if p.s.o.Fits != nil && len(v.Posts) > 0 {
		if v.Fits, err = p.s.o.Fits(r.Context(), r.Call, c.Doctor, v.Posts); err != nil {
			return web.Response{}, err
		}
		v.Posts = slices.DeleteFunc(v.Posts, func(o post.Post) bool { return v.Fits[o.ID] == nil })
		v.About = common(v.Posts, v.Fits)
	}
	known, err := p.s.names(r.Context(), tenant, []string{c.Doctor})
	if err != nil {
		return web.Response{}, err
	}
	v.Name = known[c.Doctor]
	return web.Page(r, web.PageData{Title: "Propose someone for a post", Caption: v.Name, Back: "/cases/" + c.Ref, BackText: "Case",
		Errors: errs, Body: newPage(v)}), nil
}

// common are the sentences that stand by every post: they are said once.
func common(posts []post.Post, fits map[string][]string) []string {
	var out []string
	if len(posts) == 0 {
		return nil
	}
	for _, text := range fits[posts[0].ID] {
		if !slices.ContainsFunc(posts, func(o post.Post) bool { return !slices.Contains(fits[o.ID], text) }) {
			out = append(out, text)
		}
	}
	return out
}

func (p *Pages) propose(r *web.Request) (web.Response, error) {
	c, err := p.s.cases.ByRef(r.Context(), r.Call.Actor.Tenant, r.Text("case"))
	if err != nil {
		return web.Response{}, err
	}
	var check problem.Check
	check.That(r.Text("post") != "", "post", "Choose a post")
	if err = check.Err(); err == nil {
		_, err = p.s.Propose(r.Context(), r.Call, Proposal{Doctor: c.Doctor, Post: r.Text("post")})
	}
	if errs, ok := web.FieldErrors(err); ok {
		return p.choose(r, errs)
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.SeeOther("/cases/"+c.Ref, "Proposed. The employer decides whether to make an offer."), nil
}

type showView struct {
	Sight
	Key      string
	StartURL string
	ReplyBy  [3]string
	Typed    string // reason as typed
	Chosen   []string
	Rules    *Rules
	Errors   nhs.Errors
}

func (p *Pages) show(r *web.Request) (web.Response, error) { return p.sheet(r, nil) }

func (p *Pages) sheet(r *web.Request, errs nhs.Errors) (web.Response, error) {
	sight, err := p.s.Look(r.Context(), r.Call, r.PathValue("id"))
	if err != nil {
		return web.Response{}, err
	}
	v := showView{Sight: sight, Key: r.Key(), Errors: errs, Typed: r.Text("reason"), Chosen: r.Texts("conditions"), Rules: p.s.o.Rules,
		ReplyBy: [3]string{r.Text("reply_by-day"), r.Text("reply_by-month"), r.Text("reply_by-year")}}
	if sight.startable() {
		v.StartURL = "/starts/" + sight.ID
	}
	page := web.PageData{Title: sight.Name, Caption: "Offer " + sight.ID, Back: "/offers", BackText: "Offers", Errors: errs, Body: showPage(v)}
	if sight.OwnOffer {
		page.Title, page.Caption, page.Body = sight.Specialty+" at "+sight.HostName, "Your offer", ownPage(v)
	}
	return web.Page(r, page), nil
}

// startable tells whether nothing the employer could do for the start is left.
func (v Sight) startable() bool {
	return v.State == Checked && v.MayTick && len(Outstanding(v.Offer.Checks, v.Checks)) == 0
}

// done ends a command on an offer: on to the page it belongs to, or the offer
// again with everything that is wrong.
func (p *Pages) done(r *web.Request, err error, flash string) (web.Response, error) {
	if errs, ok := web.FieldErrors(err); ok {
		return p.sheet(r, errs)
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.SeeOther("/offers/"+r.PathValue("id"), flash), nil
}

func (p *Pages) offer(r *web.Request) (web.Response, error) {
	version, err := r.Int("version")
	var by clock.Date
	if err == nil {
		by, err = r.Date("reply_by")
	}
	if err == nil {
		_, err = p.s.Offer(r.Context(), r.Call, Making{ID: r.PathValue("id"), Version: version, ReplyBy: by, Conditions: r.Texts("conditions")})
	}
	return p.done(r, err, "Offer made. It waits for the doctor's answer.")
}

func (p *Pages) accept(r *web.Request) (web.Response, error) {
	version, err := r.Int("version")
	if err == nil {
		_, err = p.s.Accept(r.Context(), r.Call, Answer{ID: r.PathValue("id"), Version: version})
	}
	return p.done(r, err, "You accepted the offer. The employer now does the employment checks.")
}

func (p *Pages) decline(r *web.Request) (web.Response, error) {
	version, err := r.Int("version")
	if err == nil {
		_, err = p.s.Decline(r.Context(), r.Call, Answer{ID: r.PathValue("id"), Version: version, Reason: r.Text("reason")})
	}
	return p.done(r, err, "You turned the offer down. You can still get other offers.")
}

func (p *Pages) hold(r *web.Request) (web.Response, error) {
	version, err := r.Int("version")
	if err == nil {
		_, err = p.s.Hold(r.Context(), r.Call, Answer{ID: r.PathValue("id"), Version: version})
	}
	return p.done(r, err, "You are holding this offer. Answer it by the new date.")
}

func (p *Pages) decide(r *web.Request) (web.Response, error) {
	version, err := r.Int("version")
	if err == nil {
		_, err = p.s.Decide(r.Context(), r.Call, Deciding{ID: r.PathValue("id"), Version: version, Code: r.Text("condition"), State: ConditionState(r.Text("state"))})
	}
	return p.done(r, err, "Saved")
}

func (p *Pages) withdraw(r *web.Request) (web.Response, error) {
	version, err := r.Int("version")
	var o Offer
	if err == nil {
		o, err = p.s.Withdraw(r.Context(), r.Call, Withdrawal{ID: r.PathValue("id"), Version: version, Reason: r.Text("reason")})
	}
	if err == nil && o.State != Withdrawn {
		return p.done(r, nil, "Asked for. A second person decides.")
	}
	return p.done(r, err, "Withdrawn")
}

func (p *Pages) second(r *web.Request) (web.Response, error) {
	version, err := r.Int("version")
	var c problem.Check
	c.Add(err)
	c.That(r.Text("agree") == "yes" || r.Text("agree") == "no", "agree", "Choose whether you agree")
	if err = c.Err(); err == nil {
		_, err = p.s.Second(r.Context(), r.Call, Seconding{ID: r.PathValue("id"), Version: version, Agree: r.Text("agree") == "yes"})
	}
	if r.Text("agree") == "yes" {
		return p.done(r, err, "Withdrawn. The doctor is told why.")
	}
	return p.done(r, err, "The offer stands.")
}
