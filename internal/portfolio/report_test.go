package portfolio

import (
	"strings"
	"testing"

	"msw/internal/clock"
	"msw/internal/problem"
	"msw/rules"
)

func reportRules(t testing.TB) *ReportRules {
	t.Helper()
	r, err := LoadReportRules(rules.Portfolio)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// The conditions are those of the sources: 75 percent and a designated body are
// confirmed, and each says where.
func TestConditionsAreThoseOfTheSources(t *testing.T) {
	r := reportRules(t)
	if r.English.SharePercent != 75 || r.English.WithinMonths != 24 || len(r.Of(EnglishReference)) != 4 {
		t.Errorf("%+v", r.English)
	}
	for _, c := range r.Conditions {
		if (c.ID == "body" || c.ID == "share") && (c.Mark != "confirmed" || c.URL == "") {
			t.Errorf("%s is %s from %q", c.ID, c.Mark, c.URL)
		}
	}
}

func TestEveryConditionAtOnce(t *testing.T) {
	r := reportRules(t)
	today := clock.MustDate("2026-10-30")
	good := EnglishWorld{Body: "1-1RUZV1D", Employer: "A trust", Offer: Yes, Appointing: Yes, Share: 75, Signer: true, Mail: "a@trust.nhs.uk", Today: today}
	for name, c := range map[string]struct {
		change func(w *EnglishWorld)
		unmet  string // conditions not met, or not said, in order
	}{
		"all hold":            {func(*EnglishWorld) {}, ""},
		"nothing known":       {func(w *EnglishWorld) { *w = EnglishWorld{Share: -1, Today: today} }, "body offer appointing signer share mail"},
		"no designated body":  {func(w *EnglishWorld) { w.Body = "" }, "body"},
		"74 percent":          {func(w *EnglishWorld) { w.Share = 74 }, "share"},
		"100 percent":         {func(w *EnglishWorld) { w.Share = 100 }, ""},
		"101 percent":         {func(w *EnglishWorld) { w.Share = 101 }, "share"},
		"no offer":            {func(w *EnglishWorld) { w.Offer = No }, "offer"},
		"not appointing":      {func(w *EnglishWorld) { w.Appointing = No }, "appointing"},
		"no named supervisor": {func(w *EnglishWorld) { w.Signer = false }, "signer"},
		"approval over":       {func(w *EnglishWorld) { w.SignerStop = "the approval ended." }, "signer"},
		"private address":     {func(w *EnglishWorld) { w.Mail = "a@nhs.net.example" }, "mail"},
		"nhs.net":             {func(w *EnglishWorld) { w.Mail = "A@NHS.net" }, ""},
		"24 months ago":       {func(w *EnglishWorld) { w.LastDay = clock.AddMonths(today, -24) }, ""},
		"a day more":          {func(w *EnglishWorld) { w.LastDay = clock.AddMonths(today, -24) - 1 }, "recent"},
	} {
		w := good
		c.change(&w)
		var unmet []string
		list := r.Judge(w)
		for _, s := range list {
			if !s.Note && s.State != Yes {
				unmet = append(unmet, s.ID)
				if s.State == No && s.Say == "" {
					t.Errorf("%s: %s does not say what to do", name, s.ID)
				}
			}
		}
		if got := strings.Join(unmet, " "); got != c.unmet || Ready(list) != (c.unmet == "") {
			t.Errorf("%s: %q, want %q", name, got, c.unmet)
		}
	}
}

func TestAllThatIsMissingBeforeSigning(t *testing.T) {
	r := reportRules(t)
	for kind, want := range map[ReportKind]int{SupervisorReport: 4 + 1 + 3, EnglishReference: 4 + 2 + 1 + 3} {
		err := r.whole(kind, Written{}, Signer{})
		if err == nil || problem.KindOf(err) != problem.Invalid {
			t.Fatalf("%s: %v", kind, err)
		}
		if n := strings.Count(err.Error(), ";") + 1; n < want {
			t.Errorf("%s: only %d things are missing of %d: %v", kind, n, want, err)
		}
	}
	text := map[string]string{}
	for _, s := range r.Sections {
		text[s.ID] = "Seen."
	}
	g := Signer{Name: "A Doctor", Role: "consultant", GMC: "1234567"}
	if err := r.whole(EnglishReference, Written{Text: text, Share: 80, Hours: 37, Concern: "no"}, g); err != nil {
		t.Error(err)
	}
	g.Role = "nurse"
	if err := r.whole(SupervisorReport, Written{Text: text, Concern: "yes"}, g); err == nil || !strings.Contains(err.Error(), "role") || !strings.Contains(err.Error(), "concern is") {
		t.Errorf("a nurse, and a concern that is not told: %v", err)
	}
}

func TestBodyCodes(t *testing.T) {
	for typed, want := range map[string]bool{"1-1RUZV1D": true, " 1-aiidr8 ": true, "1RUZV1D": false, "": false, "1-1": false, "1-1RUZV1D; DROP": false} {
		if _, ok := BodyCode(typed); ok != want {
			t.Errorf("%q: %v", typed, ok)
		}
	}
}

// A record that changed is another one: who signs has read what they sign.
func TestRecordHash(t *testing.T) {
	a := ReportRecord{Name: "A", Meetings: 3}
	b := a
	b.Meetings = 4
	if a.Hash() == b.Hash() || a.Hash() != (ReportRecord{Name: "A", Meetings: 3}).Hash() {
		t.Error("the hash does not follow the record")
	}
}
