package referral

import (
	"net/http"
	"net/url"
	"strings"

	"msw/internal/nhs"
	"msw/internal/problem"
	"msw/internal/web"
)

func invitationURL(secret string, more ...string) string {
	u := "/invitation/" + url.PathEscape(secret)
	for _, m := range more {
		u += "/" + m
	}
	return u
}

func (p *Pages) invitation(r *web.Request) (web.Response, error) {
	return p.invitationAgain(r, "", nil), nil
}

func (p *Pages) invitationAgain(r *web.Request, code string, errs nhs.Errors) web.Response {
	return web.Page(r, web.PageData{Title: "Enter your code", NoHeading: true, Errors: errs, Body: codePage(r.Key(), code, errs)})
}

// enter takes a code from paper on to the page a link leads to.
func (p *Pages) enter(r *web.Request) (web.Response, error) {
	code := tidySecret(r.Text("code"))
	if mistyped(code) {
		return p.invitationAgain(r, r.Text("code"), nhs.Errors{{Name: "code", Message: "Enter the 12 letters and numbers on your paper. Check each one: there may be a slip"}}), nil
	}
	if _, err := p.s.Check(r.Context(), r.Call, code); err != nil {
		if errs, ok := web.FieldErrors(err); ok {
			return p.invitationAgain(r, r.Text("code"), errs), nil
		}
		return web.Response{}, err
	}
	return web.SeeOther(invitationURL(code), ""), nil
}

type invitedForm struct {
	Key, Secret, Email string
	SignedIn           string // name of who is signed in, "" for nobody
	Errors             nhs.Errors
}

func (p *Pages) invited(r *web.Request) (web.Response, error) { return p.invitedAgain(r, nil) }

func (p *Pages) invitedAgain(r *web.Request, errs nhs.Errors) (web.Response, error) {
	secret := r.PathValue("secret")
	if _, err := p.s.Check(r.Context(), r.Call, secret); err != nil {
		return p.dead(r, err)
	}
	f := invitedForm{Key: r.Key(), Secret: secret, Email: r.Text("email"), Errors: errs}
	if r.SignedIn() {
		f.SignedIn = r.Call.Actor.Name
		if f.SignedIn == "" {
			f.SignedIn = "your account"
		}
	}
	return web.Page(r, web.PageData{Title: "Make this yours", Errors: errs, Body: invitedPage(f)}), nil
}

// dead is the one answer for every invitation that does not work.
func (p *Pages) dead(r *web.Request, err error) (web.Response, error) {
	if problem.KindOf(err) != problem.Invalid {
		return web.Response{}, err
	}
	return web.Page(r, web.PageData{Title: "This does not work any more", Status: http.StatusNotFound, Body: deadPage()}), nil
}

func (p *Pages) cookie(value string, seconds int) *http.Cookie {
	return &http.Cookie{Name: web.CookieName("msw-invitation", p.signIn.Secure), Value: value, Path: "/", MaxAge: seconds, HttpOnly: true,
		Secure: p.signIn.Secure, SameSite: http.SameSiteLaxMode}
}

// email sends a one-time code to the address the doctor wants to sign in with.
func (p *Pages) email(r *web.Request) (web.Response, error) {
	secret := r.PathValue("secret")
	if _, err := p.s.Check(r.Context(), r.Call, secret); err != nil {
		return p.dead(r, err)
	}
	_, err := p.signIn.Ensure(r.Context(), r.Text("email"))
	var ticket string
	if err == nil {
		ticket, err = p.signIn.Ask(r.Context(), r.Call.Now, r.Text("email"))
	}
	if errs, ok := web.FieldErrors(err); ok {
		return p.invitedAgain(r, errs)
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.SeeOther(invitationURL(secret, "code"), "").WithCookie(p.cookie(ticket, 600)), nil
}

func (p *Pages) askCode(r *web.Request) (web.Response, error) { return p.askCodeAgain(r, nil) }

func (p *Pages) askCodeAgain(r *web.Request, errs nhs.Errors) (web.Response, error) {
	secret := r.PathValue("secret")
	if _, err := p.s.Check(r.Context(), r.Call, secret); err != nil {
		return p.dead(r, err)
	}
	return web.Page(r, web.PageData{Title: "Check your email", Back: invitationURL(secret), Errors: errs, Body: provePage(r.Key(), secret, errs)}), nil
}

// prove takes over the record with the address that was just proved.
func (p *Pages) prove(r *web.Request) (web.Response, error) {
	secret := r.PathValue("secret")
	if _, err := p.s.Check(r.Context(), r.Call, secret); err != nil {
		return p.dead(r, err)
	}
	ticket, err := r.Cookie(web.CookieName("msw-invitation", p.signIn.Secure))
	if err != nil {
		return web.SeeOther(invitationURL(secret), ""), nil
	}
	account, err := p.signIn.Answer(r.Context(), r.Call.Now, ticket.Value, strings.NewReplacer(" ", "", "-", "").Replace(r.Text("code")))
	if errs, ok := web.FieldErrors(err); ok {
		return p.askCodeAgain(r, errs)
	}
	if err != nil {
		return web.Response{}, err
	}
	return p.takeOver(r, secret, account)
}

// take is for someone signed in already.
func (p *Pages) take(r *web.Request) (web.Response, error) {
	if !r.SignedIn() {
		return web.SeeOther(invitationURL(r.PathValue("secret")), ""), nil
	}
	return p.takeOver(r, r.PathValue("secret"), r.Call.Actor.Account)
}

const (
	sayTaken = "Welcome. This record is yours now."
	sayKnown = "You already have a record here. We have asked a caseworker to look at both. You need do nothing."
)

func (p *Pages) takeOver(r *web.Request, secret, account string) (web.Response, error) {
	taken, err := p.s.TakeOver(r.Context(), r.Call, secret, account)
	if problem.KindOf(err) == problem.Invalid && err != nil {
		return p.dead(r, err)
	}
	if err != nil {
		return web.Response{}, err
	}
	said := sayTaken
	if taken.Known {
		said = sayKnown
	}
	if r.SignedIn() && r.Call.Actor.Account == account {
		to := "/home"
		if r.Call.Actor.Tenant != taken.Tenant {
			to = "/sign-in/programme"
		}
		return web.SeeOther(to, said).WithCookie(p.cookie("", -1)), nil
	}
	if p.signIn.Start == nil {
		return web.SeeOther("/sign-in", said+" Sign in with the same email address.").WithCookie(p.cookie("", -1)), nil
	}
	cookies, err := p.signIn.Start(r.Context(), r.Call, account, taken.Tenant)
	if err != nil {
		return web.Response{}, err
	}
	answer := web.SeeOther("/home", said).WithCookie(p.cookie("", -1))
	for _, c := range cookies {
		answer = answer.WithCookie(c)
	}
	return answer, nil
}

// caseOf gives the doctor of a case page's address.
func (p *Pages) caseOf(r *web.Request) (id, home string, err error) {
	c, err := p.s.o.Cases.ByRef(r.Context(), r.Call.Actor.Tenant, r.PathValue("ref"))
	return c.Doctor, "/cases/" + url.PathEscape(c.Ref), err
}

func (p *Pages) send(r *web.Request) (web.Response, error) {
	id, home, err := p.caseOf(r)
	if err == nil {
		err = p.s.Send(r.Context(), r.Call, id, r.Text("way"))
	}
	return web.SeeOther(home, "Invitation on its way"), err
}

func (p *Pages) call(r *web.Request) (web.Response, error) {
	id, home, err := p.caseOf(r)
	if err == nil {
		err = p.s.CallFirst(r.Context(), r.Call, id)
	}
	return web.SeeOther(home, "Nothing will be sent before someone calls"), err
}

// paper shows a code that is stored nowhere, so the page is the answer itself.
func (p *Pages) paper(r *web.Request) (web.Response, error) {
	id, home, err := p.caseOf(r)
	if err != nil {
		return web.Response{}, err
	}
	code, err := p.s.PaperCode(r.Context(), r.Call, id)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(r, web.PageData{Title: "Your code", Back: home, BackText: "Back to the case", Body: paperPage(code)}), nil
}

func (p *Pages) follow(r *web.Request) (web.Response, error) {
	ref := r.PathValue("ref")
	return web.SeeOther("/cases/"+url.PathEscape(ref), "The referrals now follow the other case. You can undo this."), p.s.Follow(r.Context(), r.Call, ref, r.Text("other"))
}

func (p *Pages) unfollow(r *web.Request) (web.Response, error) {
	ref := r.PathValue("ref")
	return web.SeeOther("/cases/"+url.PathEscape(ref), "The referrals are back with this case"), p.s.Unfollow(r.Context(), r.Call, ref)
}
