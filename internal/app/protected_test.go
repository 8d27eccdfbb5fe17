package app

import (
	"slices"
	"strings"
	"testing"

	"msw/internal/access"
	"msw/internal/allocation"
	"msw/internal/document"
	"msw/internal/problem"
	"msw/internal/programme"
)

// Evidence for a protected reason is a paper of the doctor's own: another's is
// as one that is not there, the caseworker opens it, and the panel is told what
// kind of paper it is, and not whose.
func TestEvidenceForAProtectedReasonIsAPaper(t *testing.T) {
	eachEngine(t, func(t *testing.T, database string) {
		s := newSite(t, database, 300, demoDay)
		call := operator(programme.National, s.Now())
		shelves := map[string]string{} // doctor -> a paper
		sealed := ""                   // a paper of the first that only the panel opens
		all, err := s.Cases.Placeable(t.Context(), programme.National)
		if err != nil {
			t.Fatal(err)
		}
		var ids []string
		for _, c := range all[:2] {
			ids = append(ids, c.Doctor)
			own := access.Call{Actor: access.Actor{Account: "d", Tenant: programme.National, Doctor: c.Doctor}, Now: s.Now(), Today: s.Now().Local()}
			d, err := s.Documents.Add(t.Context(), own, document.NewDocument{Doctor: c.Doctor, Kind: "charity_evidence"})
			if err == nil && sealed == "" {
				var more document.Document
				more, err = s.Documents.Add(t.Context(), own, document.NewDocument{Doctor: c.Doctor, Kind: "protected_reason"})
				sealed = more.ID
			}
			if err != nil {
				t.Fatal(err)
			}
			shelves[c.Doctor] = d.ID
		}
		asking := func(paper string) (allocation.Protected, error) {
			own := access.Call{Actor: access.Actor{Account: "d", Tenant: programme.National, Doctor: ids[0]}, Now: s.Now(), Today: s.Now().Local()}
			return s.Preferences.AskProtected(t.Context(), own, ids[0], allocation.Asking{Ground: allocation.GroundCourt, Regions: []string{"Y56"}, Statement: "The order of the court.", Documents: []string{paper}})
		}
		if _, err := asking(shelves[ids[1]]); problem.KindOf(err) != problem.NotFound {
			t.Errorf("another doctor's paper: %v", err)
		}
		p, err := asking(shelves[ids[0]])
		if err != nil || !slices.Equal(p.Documents, []string{document.Source(shelves[ids[0]])}) {
			t.Fatalf("%+v, %v", p, err)
		}
		worker := call
		worker.Actor = s.actorOf(t, "caseworker")
		if err := s.Preferences.Vouch(t.Context(), worker, p.ID, p.Version, "", shelves[ids[1]]); problem.KindOf(err) != problem.NotFound {
			t.Errorf("vouched for another doctor's paper: %v", err)
		}
		if err := s.Preferences.Vouch(t.Context(), worker, p.ID, p.Version, ""); problem.KindOf(err) != problem.Invalid {
			t.Errorf("vouched for nothing: %v", err)
		}
		desk := s.as(t, "caseworker")
		desk.open("/protected")
		if !slices.Contains(desk.page.links(), "/documents/"+shelves[ids[0]]) {
			t.Errorf("the caseworker cannot open the paper: %s", desk.page.text())
		}
		if slices.Contains(desk.page.links(), "/documents/"+sealed) {
			t.Error("the caseworker is led to a paper that only the panel opens")
		}
		desk.send("/protected/"+p.ID, fill{"documents": shelves[ids[0]] + "|" + sealed})
		paper, err := s.Documents.Get(t.Context(), programme.National, shelves[ids[0]])
		if err != nil {
			t.Fatal(err)
		}
		panel := s.as(t, "assessor")
		panel.open("/panel")
		says(t, panel, document.KindOf(paper.Kind).Title)
		c, err := s.Cases.Get(t.Context(), ids[0], programme.National)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Contains(panel.page.links(), "/documents/"+sealed) {
			t.Error("the panel cannot open the paper that is meant for it")
		}
		for _, secret := range []string{paper.ID, ids[0], c.Ref} {
			if strings.Contains(panel.page.body, secret) {
				t.Errorf("the panel reads %q", secret)
			}
		}
	})
}
