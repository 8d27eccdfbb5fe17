package referral

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"msw/internal/access"
	"msw/internal/doctor"
)

func (w *world) people() map[string]access.Call {
	return map[string]access.Call{"a": w.charityA(), "b": w.charityB(), "caseworker": caseworker, "national": national,
		"newcomer": call(access.Actor{Account: "acc-newcomer", Name: "New Comer"})}
}

func form(pairs ...string) url.Values {
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return v
}

func TestReferralPages(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		h := w.site(w.people())
		w.expect(w.ask(h, "", "/referrals", nil), 303, nil)
		w.expect(w.ask(h, "newcomer", "/referrals", nil), 404, nil)
		w.expect(w.ask(h, "a", "/referrals", nil), 200, []string{"Nobody is waiting", "/referrals/new"}, "Routes")
		w.expect(w.ask(h, "a", "/referrals/new", nil), 200, []string{"For Canary Charity", `name="consent-until-day"`, "Syria", "Do not tell us why"}, "Budgie", "How was the doctor found")
		before := w.counts()
		bad := form("referrer", w.a, "given", "Amina Typed", "email", "nonsense", "birth-date-day", "31", "birth-date-month", "2", "birth-date-year", "1988",
			"note", "after six", "ways", "email", "consent-scope", "progress", "consent-until-day", "1", "consent-until-month", "1", "consent-until-year", "2027", "country", "SY")
		w.expect(w.ask(h, "a", "/referrals/new", bad), 422, []string{"There is a problem", "Amina Typed", "nonsense", "after six", "Confirm that the doctor agreed",
			`href="#email"`, `href="#birth-date"`, `value="31"`, `<option value="SY" selected`})
		if after := w.counts(); !same(before, after) {
			t.Errorf("a refused form kept something: %v, %v", before, after)
		}
		bad.Set("email", "amina@example.org")
		bad.Set("birth-date-day", "14")
		bad.Set("agreed", "yes")
		bad.Set("family", "Al-Canary")
		sent := w.ask(h, "a", "/referrals/new", bad)
		w.expect(sent, 303, nil)
		page := sent.header.Get("Location")
		w.expect(w.ask(h, "a", page, nil), 200, []string{"Amina Typed Al-Canary", "Received", "0 days", "Their name", "Syria"}[:3])
		w.expect(w.ask(h, "a", "/referrals", nil), 200, []string{"Amina Typed Al-Canary", "Received"})
		w.expect(w.ask(h, "b", "/referrals", nil), 200, nil, "Canary")
		w.expect(w.ask(h, "b", page, nil), 404, nil, "Canary")
		w.expect(w.ask(h, "b", page+"/withdraw", nil), 404, nil, "Canary")
		w.expect(w.ask(h, "caseworker", "/referrals", nil), 200, []string{"Canary Charity", "/cases/"})
		// The same words whether or not the doctor was known.
		same := form("referrer", w.b, "given", "Amina", "family", "Al-Canary", "email", "amina@example.org", "agreed", "yes", "consent-scope", "progress",
			"consent-until-day", "1", "consent-until-month", "1", "consent-until-year", "2027")
		known := w.ask(h, "b", "/referrals/new", same)
		w.expect(known, 303, nil)
		same.Set("given", "Someone")
		same.Set("family", "Else")
		same.Set("email", "else@example.org")
		fresh := w.ask(h, "b", "/referrals/new", same)
		strip := regexp.MustCompile(`[0-9A-Z]{9}`)
		one, two := w.ask(h, "b", known.header.Get("Location"), nil), w.ask(h, "b", fresh.header.Get("Location"), nil)
		first := strings.NewReplacer("Amina Al-Canary", "NAME", "amina@", "X@").Replace(strip.ReplaceAllString(one.body, "REF"))
		second := strings.NewReplacer("Someone Else", "NAME", "else@", "X@").Replace(strip.ReplaceAllString(two.body, "REF"))
		if first != second {
			t.Errorf("a known doctor's page reads\n%s\na new one's\n%s", first, second)
		}
		w.expect(w.ask(h, "a", page+"/withdraw", nil), 200, []string{"learn nothing more"})
		w.expect(w.ask(h, "a", page+"/renew", nil), 200, []string{"Until when?"})
		w.expect(w.ask(h, "a", page+"/renew", form("consent-scope", "progress")), 422, []string{"Confirm that the doctor agreed"})
		w.expect(w.ask(h, "a", page+"/withdraw", form()), 303, nil)
		w.expect(w.ask(h, "a", page, nil), 200, []string{"You took this referral back"}, "Al-Canary", "amina@")
	})
}

func TestInvitationPages(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		h := w.site(w.people())
		r := w.refer(w.charityA(), doctor.NewDoctor{Given: "Canary", Family: "Doctor-Name"})
		w.expect(w.ask(h, "caseworker", "/cases/"+r.CaseRef, nil), 200, []string{"Canary Charity", "Refugee charity", "Runs until", "Not invited yet", "Print a paper code", "Call first"})
		w.expect(w.ask(h, "a", "/cases/"+r.CaseRef+"/invitation/paper", form()), 404, nil)
		printed := w.ask(h, "caseworker", "/cases/"+r.CaseRef+"/invitation/paper", form())
		w.expect(printed, 200, []string{"https://example.org/invitation", "shown only this once"}, "Doctor-Name", "Canary")
		code := regexp.MustCompile(`[0-9A-Z]{4} [0-9A-Z]{4} [0-9A-Z]{4}`).FindString(printed.body)
		w.expect(w.ask(h, "", "/invitation", nil), 200, []string{"Enter your code"})
		w.expect(w.ask(h, "", "/invitation", form("code", "ABCD")), 422, []string{"there may be a slip", `value="ABCD"`})
		gone := w.ask(h, "", "/invitation/"+tidySecret(makeWrong()), nil)
		w.expect(gone, 404, []string{"does not work any more"})
		next := w.ask(h, "", "/invitation", form("code", strings.ToLower(code)))
		w.expect(next, 303, nil)
		page := next.header.Get("Location")
		w.expect(w.ask(h, "", page, nil), 200, []string{"choose an email address"}, "Canary", "Doctor-Name", "Use this account")
		w.expect(w.ask(h, "newcomer", page, nil), 200, []string{"You are signed in as New Comer"})
		w.expect(w.ask(h, "", page, form("email", "wrong")), 422, []string{"Enter an email address", `value="wrong"`})
		asked := w.ask(h, "", page, form("email", "me@example.org"))
		w.expect(asked, 303, nil)
		ticket := strings.Split(asked.header.Get("Set-Cookie"), ";")[0]
		w.expect(w.ask(h, "", page+"/code", form("code", "000000"), ticket), 422, []string{"Wrong numbers"})
		w.expect(w.ask(h, "", page+"/code", form("code", "123456")), 303, nil) // another browser has no ticket
		done := w.ask(h, "", page+"/code", form("code", "123 456"), ticket)
		w.expect(done, 303, nil)
		if done.header.Get("Location") != "/home" || !strings.Contains(strings.Join(done.header.Values("Set-Cookie"), " "), "session=account+of+me%40example.org+in+msw") {
			t.Errorf("answered %v", done.header)
		}
		if id, err := w.doctors.OfAccount(w.ctx, tenant, "account of me@example.org"); id != r.Person || err != nil {
			t.Errorf("linked %q, %v", id, err)
		}
		again := w.ask(h, "", page, nil)
		if again.status != gone.status || again.body != gone.body {
			t.Error("a used code answers otherwise than a wrong one")
		}
		w.expect(w.ask(h, "caseworker", "/cases/"+r.CaseRef, nil), 200, []string{"looks after their own record"}, "Print a paper code")
		// A person who is signed in takes over with the code alone.
		second := w.refer(w.charityA(), doctor.NewDoctor{Given: "Second"})
		paper, err := w.PaperCode(w.ctx, caseworker, second.Person)
		fatal(t, err)
		w.expect(w.ask(h, "newcomer", "/invitation/"+tidySecret(paper.Code)+"/take", form()), 303, nil)
		if id, _ := w.doctors.OfAccount(w.ctx, tenant, "acc-newcomer"); id != second.Person {
			t.Error("the signed-in person did not take over")
		}
	})
}

func makeWrong() string { return makeCode([]byte("ABCDEFGHIJKL")) }

func TestSelfRoutesAndFilePages(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		h := w.site(w.people())
		w.expect(w.ask(h, "", "/refer-yourself", nil), 200, []string{"Ask to join"})
		w.expect(w.ask(h, "", "/refer-yourself", form("given", "Solo", "email", "x")), 422, []string{"Solo", `href="#email"`})
		w.expect(w.ask(h, "", "/refer-yourself", form("given", "Solo", "email", "solo@example.org")), 303, nil)
		w.drain()
		if m := w.box.Newest(tenant, 1); len(m) != 1 || m[0].To != "solo@example.org" {
			t.Errorf("mail %+v", m)
		}
		w.expect(w.ask(h, "", "/refer-yourself", form("given", "Somebody", "email", "SOLO@example.org")), 303, nil)
		w.drain()
		if m := w.box.Newest(tenant, 5); len(m) != 1 {
			t.Errorf("the form wrote to the same mailbox %d times in a day", len(m))
		}
		w.expect(w.ask(h, "a", "/referrals?show=all", nil), 200, nil, "Solo")
		w.expect(w.ask(h, "caseworker", "/referrals?show=all", nil), 200, []string{"Solo", "The doctor came by themself"})

		w.expect(w.ask(h, "caseworker", "/routes", nil), 404, nil)
		w.expect(w.ask(h, "national", "/routes", nil), 200, []string{"BMA network", "Local scheme"})
		w.expect(w.ask(h, "national", "/routes", form("title", "", "order", "x")), 422, []string{"There is a problem"})
		w.expect(w.ask(h, "national", "/routes", form("title", "Radio", "order", "60")), 303, nil)
		w.expect(w.ask(h, "national", "/routes?change=radio", nil), 200, []string{`value="Radio"`, `value="60"`})

		fields := map[string]string{"referrer": w.a, "consent-scope": "progress", "agreed": "yes", "consent-until-day": "1", "consent-until-month": "1", "consent-until-year": "2027"}
		w.expect(w.ask(h, "a", "/referrals/import", nil), 200, []string{`type="file"`, "For Canary Charity"})
		w.expect(w.send(h, "a", "/referrals/import", "x.xlsx", []byte("nonsense"), fields), 422, []string{"There is a problem", `href="#file"`})
		before := w.desk(w.charityA(), GroupAll)
		sent := w.send(h, "a", "/referrals/import", "may.csv", []byte("name,email\nCanary Filed,filed@example.org\n,none@example.org\n"), fields)
		w.expect(sent, 303, nil)
		page := sent.header.Get("Location")
		w.expect(w.ask(h, "a", page, nil), 200, []string{"Nothing is saved yet", "Would be refused", "Enter a name", "Send 1 referrals"})
		if now := w.desk(w.charityA(), GroupAll); len(now) != len(before) {
			t.Error("the preview saved referrals")
		}
		w.expect(w.ask(h, "b", page, nil), 404, nil)
		w.expect(w.ask(h, "b", page+"/result", nil), 404, nil)
		w.expect(w.ask(h, "a", page, form()), 303, nil)
		w.expect(w.ask(h, "a", page, form()), 409, nil)
		w.expect(w.ask(h, "a", page, nil), 200, []string{"Your file was taken in"}, "Nothing is saved yet")
		back := w.ask(h, "a", page+"/result", nil)
		w.expect(back, 200, []string{"Canary Filed,filed@example.org,added,", "refused,Enter a name"})
		if !strings.Contains(back.header.Get("Content-Disposition"), "may.result.csv") {
			t.Errorf("named %q", back.header.Get("Content-Disposition"))
		}
		w.expect(w.ask(h, "a", "/referrals", nil), 200, []string{"Canary Filed"})
		fatal(t, w.ForgetUploads(w.ctx, later(operator, 1).Now))
		w.expect(w.ask(h, "a", page, nil), 404, nil)
		if r := w.ask(h, "", "/referral-files/X", nil); r.status != http.StatusSeeOther {
			t.Errorf("signed out: %d", r.status)
		}
	})
}
