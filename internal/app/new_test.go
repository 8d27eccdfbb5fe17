package app

import (
	"strings"
	"testing"

	"msw/internal/access"
	"msw/internal/organisation"
	"msw/internal/signin"
)

// TestAProgrammeFromNothing goes the way of somebody who sets msw up for a real
// programme: an empty store, an administrator, then everything by hand, as far as a doctor's own application.
func TestAProgrammeFromNothing(t *testing.T) {
	eachEngine(t, func(t *testing.T, database string) {
		const admin = "first.admin@example.org"
		r := &road{site: serveSite(t, database, "2026-10-27", func(a *App) ([]signin.Persona, error) {
			return nil, a.EnsureProgramme(t.Context())
		}), t: t}
		account, err := r.SignIn.Ensure(t.Context(), admin)
		if err != nil {
			t.Fatal(err)
		}
		for _, role := range []access.Role{organisation.RoleAdministrator, organisation.RoleNationalLead} { // as msw admin create does
			if _, err := r.Organisations.AddMember(t.Context(), operator("msw", r.Now()), organisation.Member{Account: account, Role: role, From: r.Now().Local()}); err != nil {
				t.Fatal(err)
			}
		}
		a := r.signedIn(admin)
		r.must(a, "Set up the programme")
		r.must(a, "Bring in hospitals and GP practices")

		r.hosts()
		a.open("/organisations/new")
		a.send("/organisations/new", fill{"kind": "charity", "name": "Testshire Refugee Help"})
		charity := a.page.url.Path
		a.open(charity + "/members")
		a.send(charity+"/members", fill{"email": "joan@charity.example", "role": "referrer"})
		for role, email := range map[string]string{"caseworker": "ruth@example.org", "assessor": "tom@example.org", "national_lead": "niamh@example.org"} {
			a.open("/members")
			a.send("/members", fill{"email": email, "role": role})
		}
		a.open("/home")
		r.must(a, "Nothing waits for you")

		charityWorker := r.signedIn("joan@charity.example")
		charityWorker.open("/referrals/new")
		charityWorker.send("/referrals/new", fill{"given": "Samira", "family": "Testwala", "email": doctorEmail, "ways": "email", "first": "email",
			"consent-scope": "progress", "agreed": "yes", "region": "Y56"}.day("consent-until", "2028-10-27"))
		r.takenOver()
		r.applied()
		tom := r.signedIn("tom@example.org")
		tom.open("/assess/" + r.ref)
		r.must(tom, "Samira")
		if p := r.visitor(t, "somebody").open("/tracker"); !p.has("Nothing") && !p.has("not published") {
			t.Errorf("a programme that has published nothing says\n%s", p.text())
		}
		r.sealed()
	})
}

// signedIn is somebody who signs in with the code mailed to them, after the
// mail that told them that they may, if there is one.
func (r *road) signedIn(email string) *visitor {
	r.t.Helper()
	v := r.visitor(r.t, email)
	v.open("/sign-in")
	v.send("/sign-in", fill{"email": email})
	v.send("/sign-in/code", fill{"code": signInCode.FindString(r.mail(email))})
	v.open("/home")
	return v
}

// hosts brings in one trust and one practice from files in the shape of the
// NHS organisation files.
func (r *road) hosts() {
	r.t.Helper()
	row := func(code, name string, more map[int]string) string {
		list := make([]string, 27)
		for i, v := range map[int]string{0: code, 1: name, 2: "Y56", 3: "QZA", 4: "1 FICTION STREET", 7: "LONDON", 9: "E1 9ZZ", 10: "20100401", 21: "1"} {
			list[i] = v
		}
		for i, v := range more {
			list[i] = v
		}
		return `"` + strings.Join(list, `","`) + "\"\n"
	}
	for name, text := range map[string]string{
		"icb_2026-10.csv":       "ICB24CD,ICB24CDH,ICB24NM\nE54999900,QZA,NHS Fictional Integrated Care Board\n",
		"trusts_2026-10.csv":    row("RZ0", "TESTSHIRE NHS FOUNDATION TRUST", map[int]string{23: "B"}),
		"practices_2026-10.csv": row("Z00001", "TESTSHIRE HEALTH CENTRE", map[int]string{12: "A", 13: "B", 14: "99Z", 25: "4"}),
	} {
		if _, err := r.Organisations.ImportFile(r.t.Context(), operator("msw", r.Now()), strings.NewReader(text), name, organisation.ImportOptions{AsAt: r.Now().Local()}); err != nil {
			r.t.Fatal(name, err)
		}
	}
}
