package placement

import (
	"slices"
	"strings"
	"testing"

	"msw/internal/access"
	"msw/internal/organisation"
	"msw/internal/problem"
)

func TestWhoAConcernIsAboutNeverReadsIt(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		p := w.ready("d1")
		h, at := w.site(), "/placements/"+p.ID
		own := byDoctor("d1")
		all := []string{"employer", "supervisor", "educator"}
		for about, readers := range map[string][]string{
			AboutWork: all, AboutClinical: {"employer", "educator"}, AboutEducational: {"employer", "supervisor"}, AboutBoth: {"employer"}, AboutHR: {"supervisor", "educator"},
		} {
			secret := "Canary worry " + about
			if err := w.Raise(w.ctx, own, Concern{Placement: p.ID, Text: secret}, about); err != nil {
				t.Fatal(err)
			}
			for _, who := range append(all, "d1", "shift", "caseworker", "stranger", "other") {
				_, body, _ := ask(h, who, at+"/concerns", nil)
				if got, may := strings.Contains(body, secret), slices.Contains(readers, who); got != may {
					t.Errorf("about %s: %s reads it: %v, should: %v", about, who, got, may)
				}
			}
			list := must[[]Concern](t)(w.concernsOf(w.ctx, tenant, p))
			i := slices.IndexFunc(list, func(c Concern) bool { return c.Text == secret })
			for who, c := range map[string]access.Call{"employer": employer, "supervisor": supervisor, "educator": educator} {
				err := w.Raise(w.ctx, c, Concern{Placement: p.ID, About: list[i].ID, Text: "Answer to " + about}, "")
				if may := slices.Contains(readers, who); (err == nil) != may {
					t.Errorf("about %s: %s answers: %v", about, who, err)
				}
			}
		}
		if _, body, _ := ask(h, "supervisor", at+"/concerns", nil); strings.Contains(body, "Answer to clinical") {
			t.Error("an answer tells the person whom the concern is about")
		}
		// Who is in the HR team as well is still whom it is about.
		both := call(p.Clinical, access.Membership{Role: organisation.RoleEmployerHR, Organisation: p.Employer}, access.Membership{Role: organisation.RoleSupervisor, Organisation: p.Host})
		_, list, err := w.Concerns(w.ctx, both, p.ID)
		if err != nil || slices.ContainsFunc(list, func(c Concern) bool {
			return strings.HasSuffix(c.Text, "clinical") || strings.HasSuffix(c.Text, "supervisors")
		}) {
			t.Errorf("by another role: %v %v", list, err)
		}
		if err := w.Raise(w.ctx, own, Concern{Placement: p.ID, Text: "typed"}, "somebody"); problem.KindOf(err) != problem.Invalid {
			t.Errorf("about nobody on the form: %v", err)
		}
	})
}

// The form says who reads a concern before it is sent, and the task that asks to
// read it goes to nobody it is about.
func TestReadersOfAConcernAreToldBefore(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		p := w.ready("d1")
		h := w.site()
		_, body, _ := ask(h, "d1", "/placements/"+p.ID+"/concern", nil)
		for _, text := range []string{"the clinical supervisor", "Both supervisors", "Somebody in the HR team", "Not by who it is about", "Read by the HR team of the employer and the place of work."} {
			if !strings.Contains(body, text) {
				t.Errorf("the form does not say %q", text)
			}
		}
		if err := w.Raise(w.ctx, byDoctor("d1"), Concern{Placement: p.ID, Text: "Worry"}, AboutClinical); err != nil {
			t.Fatal(err)
		}
		owners := func() (out []string) {
			rows, err := w.db.Q(w.ctx).Query(w.ctx, `SELECT owner FROM casefile_task WHERE tenant_id = $1 AND doctor_id = $2 AND kind = $3 AND closed_on = '' ORDER BY owner`, tenant, "d1", TaskConcern)
			if err != nil {
				t.Fatal(err)
			}
			defer rows.Close()
			for rows.Next() {
				var one string
				if err := rows.Scan(&one); err != nil {
					t.Fatal(err)
				}
				out = append(out, one)
			}
			return out
		}
		if got := owners(); len(got) != 2 || !slices.Contains(got, p.Employer) || !slices.Contains(got, p.Educational) || slices.Contains(got, p.Clinical) {
			t.Errorf("asked to read it: %v", got)
		}
		_, list, _ := w.Concerns(w.ctx, employer, p.ID)
		if err := w.Raise(w.ctx, employer, Concern{Placement: p.ID, About: list[0].ID, Closes: true, Text: "Talked"}, ""); err != nil {
			t.Fatal(err)
		}
		if got := owners(); len(got) != 0 {
			t.Errorf("still asked after it is settled: %v", got)
		}
	})
}

func TestAConcernWithNobodyLeftToReadIsNotOffered(t *testing.T) {
	name := func(string) string { return "" }
	for _, c := range []struct {
		p    Placement
		want []string
	}{
		{Placement{Employer: "e", Host: "h"}, []string{AboutWork}},
		{Placement{Employer: "e", Host: "h", Clinical: "a", Educational: "a"}, []string{AboutWork, AboutClinical, AboutHR}},
		{Placement{Employer: "e", Host: "h", Clinical: "a", Educational: "b"}, []string{AboutWork, AboutClinical, AboutEducational, AboutBoth, AboutHR}},
		{Placement{Employer: "e", Host: "h", Clinical: "a", Educational: "b", ClosedOn: 5}, []string{AboutWork, AboutClinical, AboutEducational, AboutBoth}},
	} {
		var got []string
		for _, a := range c.p.abouts(name) {
			got = append(got, a.ID)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%+v: %v", c.p, got)
		}
	}
}
