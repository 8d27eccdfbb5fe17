package referral

import (
	"testing"

	"msw/internal/problem"
)

func TestTheReferrerOfAFileByName(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		o := w.options()
		org, err := w.o.Organisations.Get(w.ctx, tenant, o.Referrer)
		fatal(t, err)
		o.Referrer = "  " + org.Name
		r, _, err := w.importFile([]byte("name,email,country of qualification\nအောင် ဆန်း,aung@example.org,Myanmar\n"), o)
		fatal(t, err)
		if r.Added != 1 || r.Referrer != org.ID {
			t.Errorf("report %+v", r)
		}
		o.Referrer = "Nobody of that name"
		if _, _, err := w.importFile([]byte("name,email\nA B,a@example.org\n"), o); problem.KindOf(err) != problem.Refused {
			t.Errorf("unknown referrer: %v", err)
		}
	})
}

func TestEveryCountryHasAName(t *testing.T) {
	l := newCountries()
	if _, found := l.code(""); found || len(l.names) < 190 {
		t.Errorf("nothing is a country (%v), or only %d are", found, len(l.names))
	}
	for _, c := range l.names {
		if c[1] == "" {
			t.Errorf("%s has no name", c[0])
		}
	}
	if code, _ := l.code("Myanmar"); code != "MM" {
		t.Errorf("Myanmar is %q", code)
	}
}
