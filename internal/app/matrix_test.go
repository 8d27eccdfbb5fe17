package app

import (
	"flag"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"msw/internal/access"
	"msw/internal/casefile"
	"msw/internal/consent"
	"msw/internal/onboarding"
	"msw/internal/placement"
	"msw/internal/programme"
	"msw/internal/web"
)

var update = flag.Bool("update", false, "write testdata/matrix.golden anew, to be read against domain 5.2")

// specimen is one doctor with a placement, as one kind of relation to the
// demo's colleagues, and what addresses name them by.
type specimen struct {
	name, tenant, doctor, ref      string
	post, offer, placement, factID string
	resource                       access.Resource
}

// The specimens, in the order of the letters of a golden line.
var specimens = []string{"own", "other organisation", "other region", "hidden", "other programme"}

// specimens finds them, and lets one doctor of the trust hide from it.
func (s *site) specimens(t *testing.T) []specimen {
	t.Helper()
	trust := s.actorOf(t, "trusthr").Organisations()[0]
	found := map[string]specimen{}
	for _, tenant := range []string{programme.National, programme.GPScheme} {
		call := operator(tenant, s.Now())
		rows, err := s.Placements.List(t.Context(), call, placement.Query{Limit: 3000})
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range rows {
			c, err := s.Cases.Get(t.Context(), p.Doctor, tenant)
			if err != nil {
				t.Fatal(err)
			}
			name := ""
			switch {
			case tenant != "msw":
				name = "other programme"
			case at(c, trust) && found["own"].doctor == "":
				name = "own"
			case at(c, trust) && p.Doctor != found["own"].doctor:
				name = "hidden"
			case p.Employer != trust && c.Region == "Y56" && !at(c, trust):
				name = "other organisation"
			case c.Region != "Y56":
				name = "other region"
			}
			if _, have := found[name]; name != "" && !have {
				found[name] = s.specimen(t, name, c, p.Placement)
			}
		}
	}
	if others, err := s.Cases.List(t.Context(), operator(programme.GPScheme, s.Now()), casefile.Query{}); err == nil && len(others.Rows) > 0 && found["other programme"].doctor == "" {
		found["other programme"] = s.specimen(t, "other programme", others.Rows[0].Case, placement.Placement{ID: "none", Post: "none"})
	}
	var out []specimen
	for _, name := range specimens {
		if found[name].doctor == "" {
			t.Fatalf("the demo has nobody for %q", name)
		}
		out = append(out, found[name])
	}
	if err := s.Consents.Hide(t.Context(), operator("msw", s.Now()), found["hidden"].doctor, consent.Subject{Kind: consent.FromOrganisation, ID: trust, Label: "the trust"}); err != nil {
		t.Fatal(err)
	}
	return out
}

// at tells whether a case is an organisation's.
func at(c casefile.Case, organisation string) bool {
	return slices.Contains(c.Resource().Organisations, organisation)
}

func (s *site) specimen(t *testing.T, name string, c casefile.Case, p placement.Placement) specimen {
	t.Helper()
	out := specimen{name: name, tenant: c.Tenant, doctor: c.Doctor, ref: c.Ref, post: p.Post, placement: p.ID, resource: c.Resource()}
	offers, err := s.Offers.List(t.Context(), operator(c.Tenant, s.Now()), onboarding.Query{Doctor: c.Doctor})
	if err != nil {
		t.Fatal(err)
	}
	facts, err := s.Facts.For(t.Context(), c.Tenant, c.Doctor)
	if err != nil || len(facts) == 0 {
		t.Fatal(len(facts), err)
	}
	out.offer, out.factID = "none", facts[0].ID
	if len(offers) > 0 {
		out.offer = offers[0].ID
	}
	return out
}

// actorOf is a persona as the permission table sees them, without a request.
func (s *site) actorOf(t *testing.T, persona string) access.Actor {
	t.Helper()
	for _, p := range s.personas {
		if p.ID != persona {
			continue
		}
		actors, err := s.actors(t.Context(), p.Account)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range actors {
			if a.Tenant == p.Tenant {
				return a
			}
		}
	}
	t.Fatalf("there is no persona %q", persona)
	return access.Actor{}
}

// address fills a route's pattern in for a specimen.
func address(pattern string, x specimen) string {
	id := x.post
	switch {
	case strings.HasPrefix(pattern, "/offers/"), strings.HasPrefix(pattern, "/starts/"), strings.HasPrefix(pattern, "/checks/"):
		id = x.offer
	case strings.HasPrefix(pattern, "/placements/"):
		id = x.placement
	}
	return strings.NewReplacer("{ref}", x.ref, "{id}", id, "{fact}", x.factID, "{kind}", "identity", "{phase}", "none", "{place}", "none", "{secret}", "none", "{vacancy}", "none", "{application}", "none", "{page}", "none", "{upload}", "none", "{$}", "").Replace(pattern)
}

// aboutADoctor are the addresses that name one of the specimens.
var aboutADoctor = regexp.MustCompile(`^/(cases|assess|registration)/\{ref\}|^/(offers|starts|checks|placements)/\{id\}`)

// holds tells by a relation's own meaning whether one of the rows of the table
// lets somebody do an action to a specimen; written apart from access.May.
func holds(grants []access.Grant, a access.Actor, act access.Action, x specimen) bool {
	if slices.Contains(a.Hidden, x.doctor) || a.Tenant != x.tenant {
		return false
	}
	common := func(list, others []string) bool {
		return slices.ContainsFunc(list, func(v string) bool { return slices.Contains(others, v) })
	}
	for _, g := range grants {
		if g.Action != act {
			continue
		}
		r := x.resource
		if g.Relation == access.Public || a.Has(g.Role) && map[access.Relation]bool{
			access.Tenant: true, access.Own: a.Doctor == x.doctor, access.Region: common(a.Regions(g.Role), r.Regions),
			access.Organisation: common(a.Organisations(g.Role), r.Organisations), access.Referred: common(a.Organisations(g.Role), r.Referrers),
			access.Supervised: slices.Contains(r.Supervisors, a.Account),
		}[g.Relation] {
			return true
		}
	}
	return false
}

var reference = regexp.MustCompile(`Reference: \w+|"reference":"\w+",`)

// missingJSON is how an address for scripts says that there is no such record.
const missingJSON = `{"type":"urn:msw:problem:not-found","title":"Page not found","status":404,"detail":"We could not find that page or record. Check the address, or go back to your list.","notice":"Demonstration: fictional people; published figures reproduced. Regional splits are invented."}`

// tidy takes out of a page what differs in every answer.
func tidy(body string) string { return reference.ReplaceAllString(body, "") }

func mark(p *page) string {
	switch {
	case p.status == http.StatusOK && strings.HasPrefix(p.url.Path, "/sign-in"):
		return ">"
	case p.status == http.StatusOK:
		return "Y"
	case p.status == http.StatusNotFound:
		return "."
	}
	return fmt.Sprintf("[%d]", p.status)
}

// from lets a visitor come from an address of this machine of their own.
func (v *visitor) from(last byte) {
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, last)}}
	v.client.Transport = &http.Transport{DialContext: dialer.DialContext}
}

func TestEveryRouteForEveryRole(t *testing.T) {
	s := newSite(t, "sqlite::memory:", 800, demoDay)
	list := s.specimens(t)
	grants := s.Access.Grants()
	lines := map[string]map[string][]string{}
	for i, persona := range append([]string{"nobody"}, s.ids()...) {
		v, actor := s.visitor(t, "nobody"), access.Actor{Tenant: "msw"}
		if persona != "nobody" {
			v, actor = s.as(t, persona), s.actorOf(t, persona)
		}
		v.from(byte(10 + i)) // limits count by address on the network
		unknown := tidy(v.try("/no-such-page").body)
		for _, r := range s.routes {
			act := access.Action(r.action)
			if r.method == http.MethodPost {
				s.refused(t, v, actor, r.pattern, act, list, unknown)
				continue
			}
			letters, seen := "", list[:1]
			if aboutADoctor.MatchString(r.pattern) || strings.Contains(r.pattern, "{id}") {
				seen = list
			}
			for _, x := range seen {
				p := v.try(address(r.pattern, x))
				letters += mark(p)
				if p.status == http.StatusNotFound && tidy(p.body) != unknown && strings.HasPrefix(p.header.Get("Content-Type"), "text/html") && p.url.Path != "/invitation/none" && !strings.HasPrefix(r.pattern, "/invitation/") && !strings.HasPrefix(r.pattern, "/asked/") { // of links: every one that does not work answers alike
					t.Errorf("%s: %s answers another 404 than an unknown address", persona, p.url.Path)
				}
				if mark(p) == "Y" && aboutADoctor.MatchString(r.pattern) && !holds(grants, actor, act, x) {
					t.Errorf("%s opens %s of %q without a row that holds for %s", persona, r.pattern, x.name, act)
				}
			}
			key := r.pattern + " " + r.action
			if lines[key] == nil {
				lines[key] = map[string][]string{}
			}
			lines[key][letters] = append(lines[key][letters], persona)
		}
	}
	compare(t, golden(lines))
}

// refused checks that a command does nothing for somebody without a right to
// it: the answer is that of an unknown address.
func (s *site) refused(t *testing.T, v *visitor, actor access.Actor, pattern string, act access.Action, list []specimen, unknown string) {
	t.Helper()
	for _, x := range list {
		may := s.Access.Can(actor, act)
		if may && (!aboutADoctor.MatchString(pattern) || holds(s.Access.Grants(), actor, act, x)) {
			continue
		}
		p := v.read(v.client.PostForm(v.base+address(pattern, x), url.Values{"version": {"1"}}))
		if mark(p) == ">" && v.name == "nobody" {
			continue
		}
		same := tidy(p.body) == unknown
		if strings.HasSuffix(pattern, ".json") { // one answer too, in its own form
			same = tidy(p.body) == missingJSON
		}
		if p.status != http.StatusNotFound || !same {
			t.Errorf("%s sends %s of %q and is answered %d %.300s", v.name, pattern, x.name, p.status, p.text())
		}
	}
}

func (s *site) ids() []string {
	var out []string
	for _, p := range s.personas {
		out = append(out, p.ID)
	}
	return out
}

func golden(lines map[string]map[string][]string) string {
	var out []string
	for key, by := range lines {
		var parts []string
		for letters, who := range by {
			slices.Sort(who)
			parts = append(parts, letters+" "+strings.Join(who, " "))
		}
		slices.Sort(parts)
		slices.Reverse(parts)
		out = append(out, key+"\n    "+strings.Join(parts, "\n    "))
	}
	slices.Sort(out)
	return "# Every page for every role of the demo. Y opened, . the answer of an unknown address, > sent to sign in.\n# Five marks are: " +
		strings.Join(specimens, ", ") + " (seen from the trust RZ0 and the London lead).\n" + strings.Join(out, "\n") + "\n"
}

func compare(t *testing.T, got string) {
	t.Helper()
	const file = "testdata/matrix.golden"
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	have := strings.Split(string(want), "\n")
	for i, line := range strings.Split(got, "\n") {
		if i >= len(have) || have[i] != line {
			t.Fatalf("who may open what changed at line %d: %q, was %q. Read domain 5.2, then run with -update", i+1, line, have[min(i, len(have)-1)])
		}
	}
}

func TestARouteWithoutAPermissionRowIsRefused(t *testing.T) {
	s := newSite(t, "sqlite::memory:", 1, demoDay)
	server, err := s.Server(Face{})
	if err != nil {
		t.Fatal(err)
	}
	page := func(*web.Request) (web.Response, error) { return web.Response{}, nil }
	if err := server.Handle(web.Route{Method: "GET", Pattern: "/secret", Action: "nobody.thought.of.this", Handle: page}); err == nil {
		t.Error("a page without a row in the permission table is served")
	}
}

func TestNoLinkLeadsNowhere(t *testing.T) {
	s := newSite(t, "sqlite::memory:", 200, demoDay)
	for _, persona := range append([]string{"nobody"}, s.ids()...) {
		v := s.visitor(t, "nobody")
		if persona != "nobody" {
			v = s.as(t, persona)
		}
		pages := v.crawl(110)
		for from, p := range pages {
			for _, to := range p.links() {
				to, _, _ = strings.Cut(to, "#")
				if q := pages[to]; q != nil && p.status == http.StatusOK && q.status >= http.StatusBadRequest && !strings.HasPrefix(to, "/mailbox") {
					t.Errorf("%s finds a link on %s to %s: %d", persona, from, to, q.status)
				}
			}
		}
	}
}
