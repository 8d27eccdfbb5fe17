package app

import (
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"msw/internal/allocation"
	"msw/internal/clock"
	"msw/internal/doctor"
	"msw/internal/fact"
	"msw/internal/problem"
	"msw/internal/rulebook"
)

// canary is a text found nowhere else, and the roles that domain 5.2 lets read
// it on some page. Everybody else must never be sent it.
type canary struct {
	what, text string
	readers    []string
	doctor     string // whose it is: they read it too
}

// plant writes canaries into the sealed fields of a doctor.
func (s *site) plant(t *testing.T, x specimen) []canary {
	t.Helper()
	call := operator(x.tenant, s.Now())
	phone, address, note, school, name := "0770090"+strings.Repeat("7", 2)+"31", unique("street"), unique("note"), unique("school"), unique("Name")
	staff := []string{"national", "national2", "caseworker", "assessor", "assessor2", "assessor3"}
	d, err := s.Doctors.Get(t.Context(), x.tenant, x.doctor)
	if err != nil {
		t.Fatal(err)
	}
	d.AddressPrivate = x.name == "hidden"
	d.Given, d.Preferred, d.Mobile, d.Address, d.Note = name, name, phone, address, note
	if err := s.Doctors.Change(t.Context(), call, doctor.Change{Doctor: x.doctor, Version: d.Version, Details: d.Details}); err != nil {
		t.Fatal(err)
	}
	for _, n := range []fact.NewFact{
		{Doctor: x.doctor, Kind: fact.Exam, On: clock.MustDate("2025-02-03"), State: rulebook.Verified, Fields: map[string]any{"name": "PLAB1", "attempt": 3, "outcome": "failed"}},
		{Doctor: x.doctor, Kind: fact.Qualification, On: clock.MustDate("2010-02-03"), State: rulebook.Verified, Fields: map[string]any{"institution": school, "country": "SY"}},
	} {
		if _, err := s.Facts.Record(t.Context(), call, n); err != nil {
			t.Fatal(err)
		}
	}
	caseworker := call
	caseworker.Actor = s.actorOf(t, "caseworker")
	caseworker.Actor.Tenant = x.tenant
	care, health, safety := unique("care"), unique("health"), unique("safety")
	for ground, text := range map[allocation.Ground]string{allocation.GroundCare: care, allocation.GroundHealth: health, allocation.GroundSafety: safety} {
		p, err := s.Preferences.AskProtected(t.Context(), caseworker, x.doctor, allocation.Asking{Ground: ground, Regions: []string{"Y56"}, Statement: text})
		if err != nil {
			t.Fatal(err)
		}
		if ground == allocation.GroundCare { // its evidence was seen: the panel reads it now
			if err := s.Preferences.Vouch(t.Context(), caseworker, p.ID, p.Version, "a letter"); err != nil {
				t.Fatal(err)
			}
		}
	}
	return []canary{
		{"name", name, append(slices.Clone(staff), "region", "trusthr", "supervisor", "shiftlead"), x.doctor},
		{"phone", phone, append(slices.Clone(staff), "region", "trusthr", "supervisor"), x.doctor},
		{"address", address, append(slices.Clone(staff), "region", "trusthr", "supervisor"), x.doctor},
		{"contact note", note, staff, x.doctor},
		{"medical school", school, append(slices.Clone(staff), "region", "trusthr", "supervisor"), x.doctor},
		{"reason of care", care, []string{"assessor", "assessor2", "assessor3", "national", "national2"}, x.doctor},
		{"reason of health", health, []string{"caseworker"}, x.doctor},
		{"reason of safety", safety, []string{"caseworker"}, x.doctor},
		{"failed exam", "attempt 3", []string{"caseworker", "assessor", "assessor2", "assessor3", "national", "national2"}, x.doctor},
	}
}

// crawl opens every page somebody can reach by links, up to a number, and
// gives them by address.
func (v *visitor) crawl(limit int, first ...string) map[string]*page {
	v.t.Helper()
	seen, queue := map[string]*page{}, append([]string{"/home", "/", "/me", "/money", "/figures", "/cases", "/offers", "/placements", "/referrals", "/posts", "/protected", "/panel"}, first...)
	shapes := map[string]int{}
	for len(queue) > 0 && len(seen) < limit {
		path := queue[0]
		queue = queue[1:]
		path, _, _ = strings.Cut(path, "#")
		if _, done := seen[path]; done || strings.HasPrefix(path, "/assets/") || strings.HasPrefix(path, "/mailbox") {
			continue
		}
		if shape := shapeOf(path); !slices.Contains(first, path) {
			if shapes[shape]++; shapes[shape] > 6 {
				continue
			}
		}
		p := v.try(path)
		seen[path] = p
		if p.status == http.StatusOK {
			queue = append(queue, p.links()...)
		}
	}
	return seen
}

// shapeOf folds addresses that differ in a reference only.
func shapeOf(path string) string {
	path, _, _ = strings.Cut(path, "?")
	parts := strings.Split(path, "/")
	for i, p := range parts {
		if strings.ContainsAny(p, "0123456789") {
			parts[i] = "*"
		}
	}
	return strings.Join(parts, "/")
}

func TestSealedTextReachesOnlyWhoMayReadIt(t *testing.T) {
	file := filepath.Join(t.TempDir(), "msw.db")
	s := newSite(t, "sqlite:"+file, 800, demoDay)
	list := s.specimens(t)
	x, hidden, other := list[0], list[3], list[4]
	planted := s.plant(t, x)
	unseen := s.plant(t, hidden)
	planted = append(planted, canary{"name of somebody hidden from the trust", unseen[0].text, []string{"national", "national2", "caseworker", "assessor", "assessor2", "assessor3", "region"}, hidden.doctor},
		canary{"address the doctor keeps private", unseen[2].text, nil, hidden.doctor})
	planted = append(planted, canary{"name in the other programme", s.plant(t, other)[0].text, nil, other.doctor})
	reached := map[string]bool{}
	for _, persona := range append([]string{"nobody"}, s.ids()...) {
		v := s.visitor(t, "nobody")
		own := ""
		if persona != "nobody" {
			v = s.as(t, persona)
			own = s.doctorOf(t, persona)
		}
		var first []string
		for _, y := range []specimen{x, hidden, other} {
			first = append(first, "/cases/"+y.ref, "/registration/"+y.ref, "/registration/"+y.ref+"/ladder", "/registration/"+y.ref+"/timeline", "/registration/"+y.ref+"/forecast", "/assess/"+y.ref, "/offers/"+y.offer, "/checks/"+y.offer, "/placements/"+y.placement)
		}
		pages := v.crawl(160, first...)
		for path, p := range pages {
			if p.status >= http.StatusInternalServerError {
				t.Errorf("%s opens %s: %d", persona, path, p.status)
			}
			for _, c := range planted {
				if c.what == "failed exam" && !strings.Contains(path, x.ref) || !strings.Contains(p.body, c.text) {
					continue
				}
				reached[c.what] = true
				if !slices.Contains(c.readers, persona) && own != c.doctor {
					t.Errorf("%s reads the %s on %s", persona, c.what, path)
				}
			}
		}
	}
	for _, c := range planted {
		if len(c.readers) > 0 && !reached[c.what] {
			t.Errorf("nobody reads the %s: the test looks in the wrong place", c.what)
		}
	}
	s.failsStayApart(t, x)
	inTheFile(t, file, planted)
}

// failsStayApart checks that an exam that was failed has no page for an
// employer, who may know of passes only.
func (s *site) failsStayApart(t *testing.T, x specimen) {
	t.Helper()
	facts, err := s.Facts.For(t.Context(), x.tenant, x.doctor)
	if err != nil {
		t.Fatal(err)
	}
	seen := false
	for _, f := range facts {
		if f.Kind != fact.Exam || f.Text("outcome") != "failed" {
			continue
		}
		seen = true
		for _, end := range []string{"", "/change"} {
			path := "/cases/" + x.ref + "/facts/" + f.ID + end
			if p := s.as(t, "assessor").try(path); p.status != http.StatusOK {
				t.Errorf("the assessor opens %s: %d", path, p.status)
			}
			if p := s.as(t, "trusthr").try(path); p.status != http.StatusNotFound {
				t.Errorf("the employer opens a failed exam at %s: %d\n%s", path, p.status, p.text())
			}
		}
	}
	if !seen {
		t.Error("there is no failed exam to look for")
	}
}

// inTheFile looks for the canaries in the bytes on the disk.
func inTheFile(t *testing.T, file string, planted []canary) {
	t.Helper()
	for _, name := range []string{file, file + "-wal"} {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range planted {
			if c.what != "failed exam" && strings.Contains(strings.ToLower(string(b)), strings.ToLower(c.text)) {
				t.Errorf("the %s stands readable in %s", c.what, filepath.Base(name))
			}
		}
	}
}

func TestSomebodyHiddenIsSomebodyWhoDoesNotExist(t *testing.T) {
	s := newSite(t, "sqlite::memory:", 800, demoDay)
	list := s.specimens(t)
	for _, who := range []struct {
		persona string
		x       specimen
	}{{"trusthr", list[3]}, {"supervisor", list[3]}, {"national", list[4]}, {"assessor", list[4]}, {"caseworker", list[4]}, {"region", list[2]}, {"practicehr", list[0]}} {
		v := s.as(t, who.persona)
		for _, path := range []string{"/cases/*", "/cases/*/facts/new", "/cases/*/messages", "/assess/*", "/registration/*", "/offers/new?case=*"} {
			there, nowhere := v.try(strings.Replace(path, "*", who.x.ref, 1)), v.try(strings.Replace(path, "*", "ZZZZZZZZ2", 1))
			if there.status != nowhere.status || tidy(strings.ReplaceAll(there.body, who.x.ref, "ZZZZZZZZ2")) != tidy(nowhere.body) || there.status == http.StatusOK {
				t.Errorf("%s: %s of %q answers %d, of nobody %d", who.persona, path, who.x.name, there.status, nowhere.status)
			}
		}
		for path, p := range v.crawl(120) {
			if strings.Contains(p.body, who.x.ref) {
				t.Errorf("%s finds %q on %s", who.persona, who.x.name, path)
			}
		}
		for _, q := range []string{"/cases?q=" + who.x.ref, "/cases?closed=yes&q=" + who.x.ref} {
			if p := v.try(q); strings.Contains(p.body, `href="/cases/`+who.x.ref) {
				t.Errorf("%s finds %q by searching", who.persona, who.x.name)
			}
		}
	}
}

// doctorOf is the record of somebody one can be, "" for staff.
func (s *site) doctorOf(t *testing.T, persona string) string {
	t.Helper()
	for _, p := range s.personas {
		if p.ID != persona {
			continue
		}
		id, err := s.Doctors.OfAccount(t.Context(), p.Tenant, p.Account)
		if problem.KindOf(err) == problem.NotFound {
			return ""
		}
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	return ""
}
