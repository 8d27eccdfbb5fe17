package app

import (
	"slices"
	"strings"
	"testing"

	"msw/internal/clock"
	"msw/internal/signin"
)

// A document is read beside the conditions it proves, chosen by a link: the page
// shows only what belongs to the case, and what is typed comes back to it.
func TestADocumentIsReadBesideTheConditions(t *testing.T) {
	const store, day = "sqlite::memory:", "2026-10-27"
	s := serveSite(t, store, day, func(a *App) ([]signin.Persona, error) {
		if err := a.makeDocuments(Options{Config: Config{Database: store, Blobs: t.TempDir()}, Fictional: true}); err != nil { // the demo's, which can be opened without a scan
			return nil, err
		}
		return a.fill(t.Context(), demoCommand{People: 60, Seed: 2022, Today: clock.MustDate(day)})
	})
	r := &road{site: s, t: t}
	doctor, other := r.persona("doctor-applying"), r.persona("doctor-in-checks")
	ref := func(id string) string {
		c, err := s.Cases.Get(t.Context(), id, "msw")
		if err != nil {
			t.Fatal(err)
		}
		return c.Ref
	}
	paper := func(id, kind string) string {
		list, err := s.Documents.Of(t.Context(), "msw", id)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range list {
			if d.Kind == kind {
				return d.ID
			}
		}
		t.Fatalf("no %s among %d documents", kind, len(list))
		return ""
	}
	v, to, degree := r.as(t, "assessor"), "/assess/"+ref(doctor), paper(doctor, "degree")
	p := v.open(to)
	if p.has("Put it away") {
		t.Error("a document is shown that nobody chose")
	}
	if link := to + "?beside=" + degree + "#section-qualification"; !slices.Contains(p.links(), link) {
		t.Errorf("no link %s among %v", link, p.links())
	}
	shown := func(p *page, id string) bool {
		return p.has("Put it away") || slices.ContainsFunc(p.links(), func(l string) bool { return strings.HasPrefix(l, "/documents/"+id+"/pages/") })
	}
	if p = v.open(to + "?beside=" + degree); !shown(p, degree) || !p.has(": shown beside") || len(p.all("img")) == 0 {
		t.Errorf("the pages of the document are not beside the conditions: %s", p.text())
	}
	for name, id := range map[string]string{"another doctor's": paper(other, "degree"), "a paper about the right to work": paper(doctor, "right_to_work"), "none": "x"} {
		if shown(v.open(to+"?beside="+id), id) {
			t.Errorf("%s is shown", name)
		}
	}
}
