package onboarding

import (
	"net/url"
	"strings"
	"testing"

	"msw/internal/access"
)

type scene struct {
	who, path string
	form      url.Values
	status    int
	must, not []string
}

func (w world) play(scenes []scene) {
	w.t.Helper()
	h := w.site()
	for _, sc := range scenes {
		status, body, _ := ask(h, sc.who, sc.path, sc.form)
		if status != sc.status {
			w.t.Errorf("%s %s: status %d, want %d\n%s", sc.who, sc.path, status, sc.status, body)
			continue
		}
		for _, m := range sc.must {
			if !strings.Contains(body, m) {
				w.t.Errorf("%s %s: %q is missing\n%s", sc.who, sc.path, m, body)
			}
		}
		for _, m := range append(sc.not, "Dr ") {
			if strings.Contains(body, m) {
				w.t.Errorf("%s %s: %q must not be there", sc.who, sc.path, m)
			}
		}
	}
}

func TestOfferPages(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		ref := w.doctor("d1")
		p, q := w.post(), w.post()
		o := w.propose("d1", p)
		at := "/offers/" + o.ID
		w.play([]scene{
			{who: "caseworker", path: "/offers/new?case=" + ref, status: 200, must: []string{"Canary of d1", "General medicine at Riverside Trust", "30 hours a week",
				"<li>Said of all.</li>", "Choice of " + q.ID}, not: []string{". Said of all."}},
			{who: "north", path: "/offers/new?case=" + ref, status: 404, not: []string{"Canary"}},
			{who: "employer", path: "/offers/new?case=" + ref, status: 404, not: []string{"Canary"}},
			{who: "caseworker", path: "/offers/new", form: url.Values{"case": {ref}}, status: 422, must: []string{"Choose a post"}},
			{who: "employer", path: "/offers", status: 200, must: []string{"Canary of d1", "Proposed to the employer"}},
			{who: "other", path: "/offers", status: 200, must: []string{"No offers here"}, not: []string{"Canary"}},
			{who: "north", path: "/offers", status: 200, not: []string{"Canary"}},
			{who: "d2", path: "/offers", status: 200, must: []string{"No offers yet"}, not: []string{"Canary", "medicine"}},
			{who: "board", path: "/offers", status: 404},
			{who: "supervisor", path: "/offers", status: 404, not: []string{"Canary"}},
			{who: "employer", path: at, status: 200, must: []string{"Make the offer", "Canary of d1", "£33,500"}},
			{who: "caseworker", path: at, status: 200, must: []string{"Withdraw"}, not: []string{"Make the offer"}},
			{who: "other", path: at, status: 404, not: []string{"Canary", "medicine"}},
			{who: "d2", path: at, status: 404, not: []string{"Canary", "medicine"}},
			{who: "d1", path: at, status: 200, must: []string{"They have not decided yet"}, not: []string{"I accept"}},
			{who: "employer", path: at + "/make", form: url.Values{"version": {"1"}, "reply_by": {"2022-07-01"}}, status: 422, must: []string{"must be after the day of the offer"}},
			{who: "employer", path: at + "/make", form: url.Values{"version": {"1"}}, status: 303},
			{who: "d1", path: at, status: 200, must: []string{"General medicine at Riverside Trust", "£33,500 a year for full time", "30 hours a week, 80% of full time", "Senior sup",
				"Clinical Negligence Scheme for Trusts", "Please answer by 10 August 2022", "Yes, I accept this offer", "not registered with the GMC"}, not: []string{"eligibility/B"}},
			{who: "d2", path: at + "/accept", form: url.Values{"version": {"2"}}, status: 404},
			{who: "employer", path: at + "/accept", form: url.Values{"version": {"2"}}, status: 404},
			{who: "d1", path: at + "/accept", form: url.Values{"version": {"1"}}, status: 409},
			{who: "d1", path: at + "/accept", form: url.Values{"version": {"2"}}, status: 303},
			{who: "d1", path: at, status: 200, must: []string{"You said yes"}, not: []string{"I accept"}},
			{who: "employer", path: at + "/withdraw", form: url.Values{"version": {"3"}}, status: 422, must: []string{"Choose why it is withdrawn"}},
		})
	})
}

func TestOfferPageSaysWhyNot(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		w.doctor("d1")
		o := w.propose("d1", w.post())
		w.rulings["d1 offer"] = []string{"Passed PLAB 2 on 3 July 2022: the programme is for people who have not."}
		w.play([]scene{{who: "employer", path: "/offers/" + o.ID + "/make", form: url.Values{"version": {"1"}}, status: 422, must: []string{"Passed PLAB 2 on 3 July 2022"}}})
	})
}

func TestCheckPages(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		w.doctor("d1")
		o := w.offered("d1", w.post())
		o = must[Offer](t)(w.Accept(w.ctx, byDoctor("d1"), Answer{ID: o.ID}))
		at := "/checks/" + o.ID
		right := url.Values{"version": {"3"}, "right_to_work-state": {"done"}, "right_to_work-on": {"2022-07-30"}, "right_to_work-until": {"2024-05-01"}, "right_to_work-evidence": {"share_code"}, "right_to_work-share_code": {"W12 345 6AB"},
			"right_to_work-note": {"Secret share code canary"}}
		w.play([]scene{
			{who: "employer", path: at, status: 200, must: []string{"Identity", "Right to work", "Work health", "Criminal record", "Employment history", "Qualification and English", "Induction booked", at + "/identity"}},
			{who: "caseworker", path: at, status: 200, must: []string{"Right to work"}, not: []string{at + "/identity"}},
			{who: "other", path: at, status: 404, not: []string{"Canary", "Right to work"}},
			{who: "supervisor", path: at, status: 404, not: []string{"Right to work"}},
			{who: "employer", path: at + "/right_to_work", status: 200, must: []string{"When does the right to work end?", "Note on the evidence"}},
			{who: "employer", path: at + "/work_health", status: 200, not: []string{"Note on the evidence"}},
			{who: "caseworker", path: at + "/right_to_work", status: 404},
			{who: "d1", path: at + "/right_to_work", status: 404},
			{who: "employer", path: at + "/nonsense", status: 404},
			{who: "employer", path: at + "/identity", form: url.Values{"version": {"3"}, "identity-state": {"done"}, "identity-on": {"2022-09-30"}}, status: 422, must: []string{"must be today or earlier"}},
			{who: "other", path: at + "/right_to_work", form: right, status: 404},
			{who: "employer", path: at + "/right_to_work", form: right, status: 303},
			{who: "employer", path: at + "/right_to_work", status: 200, must: []string{"Secret share code canary", "Name of hr"}},
			{who: "caseworker", path: at, status: 200, must: []string{"Done on 30 July 2022", "Ends on 1 May 2024"}, not: []string{"Secret", "Name of hr"}},
			{who: "london", path: at, status: 200, must: []string{"Ends on 1 May 2024"}, not: []string{"Secret"}},
			{who: "d1", path: at, status: 200, must: []string{"Ends on 1 May 2024", "there is often another way"}, not: []string{"Secret"}},
			{who: "employer", path: at + "/right_to_work", form: url.Values{"version": {"3"}, "right_to_work-state": {"waiting"}}, status: 409},
		})
	})
}

func TestPanelIsForThoseWhoMaySee(t *testing.T) {
	inWorld(t, func(t *testing.T, w world) {
		w.doctor("d1")
		w.propose("d1", w.post())
		p := NewPages(w.Service)
		for _, c := range []struct {
			who   access.Call
			shown bool
		}{{employer, true}, {caseworker, true}, {byDoctor("d1"), true}, {london, true}, {other, false}, {supervisor, false}, {board, false}, {byDoctor("d2"), false}} {
			panel, err := p.Panel(w.ctx, c.who, "d1")
			if err != nil || (panel != nil) != c.shown {
				t.Errorf("%s: panel %v, %v", c.who.Actor.Account, panel != nil, err)
			}
		}
	})
}
