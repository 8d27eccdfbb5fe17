package web

import (
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"msw/internal/problem"
)

func typed(values ...string) *Request {
	form := url.Values{}
	for i := 0; i+1 < len(values); i += 2 {
		form.Add(values[i], values[i+1])
	}
	r := httptest.NewRequest("POST", "/", strings.NewReader(""))
	r.Form = form
	return &Request{Request: r}
}

func TestDatesAreReadAsPeopleTypeThem(t *testing.T) {
	for _, c := range []struct{ day, month, year, want string }{
		{"27", "3", "1985", "1985-03-27"}, {"07", "march", "2022", "2022-03-07"}, {" 1 ", "Sept", "2024", "2024-09-01"},
		{"29", "2", "2024", "2024-02-29"}, {"", "", "", ""},
		{"29", "2", "2023", "error"}, {"31", "4", "2024", "error"}, {"1", "13", "2024", "error"}, {"1", "1", "24", "error"},
		{"1", "", "2024", "error"}, {"one", "1", "2024", "error"}, {"1", "ju", "2024", "error"}, {"-1", "1", "2024", "error"}, {"1", "1", "0000", "error"},
	} {
		d, err := typed("born-day", c.day, "born-month", c.month, "born-year", c.year).Date("born")
		got := d.String()
		if err != nil {
			got = "error"
			if errs, ok := FieldErrors(err); !ok || errs.Of("born") == "" {
				t.Errorf("%v: the error is not the field's: %v", c, err)
			}
		}
		if got != c.want {
			t.Errorf("%v: %s", c, got)
		}
	}
	if d, err := typed("on", "2026-03-31").Date("on"); err != nil || d.String() != "2026-03-31" {
		t.Errorf("ISO: %s, %v", d, err)
	}
	if _, err := typed("on-day", "1", "on-month", "", "on-year", "").Date("on"); !strings.Contains(err.Error(), "a month and a year") {
		t.Errorf("what is missing is not named: %v", err)
	}
}

func TestAmountsAndNumbers(t *testing.T) {
	for typedText, want := range map[string]int64{"": 0, "20": 2000, "£1,234.50": 123450, "0.05": 5, "1.5": 150, "-3": -300} {
		if got, err := typed("x", typedText).Pence("x"); err != nil || got != want {
			t.Errorf("%q is %d pence, %v", typedText, got, err)
		}
	}
	for _, s := range []string{"1.234", "a", "1.x", "1.2.3", ".", "99999999999999999999"} {
		if got, err := typed("x", s).Pence("x"); problem.KindOf(err) != problem.Invalid {
			t.Errorf("%q was read as %d pence", s, got)
		}
	}
	if n, err := typed("x", "12,000").Int("x"); n != 12000 || err != nil {
		t.Error(n, err)
	}
	if _, err := typed("x", "1.5").Int("x"); err == nil {
		t.Error("1.5 is whole")
	}
}

func TestTextIsMadeClean(t *testing.T) {
	r := typed("a", " x\r\ny\x00\xff ", "b", "1", "b", " ", "b", "2", "yes", "on")
	if got := r.Text("a"); got != "x\ny\uFFFD" {
		t.Errorf("%q", got)
	}
	if got := r.Texts("b"); !slices.Equal(got, []string{"1", "2"}) {
		t.Error(got)
	}
	if !r.Bool("yes") || r.Bool("b") == false || r.Bool("none") {
		t.Error("yes and no are mixed up")
	}
}

func TestOnlySafeAddressesBecomeLinks(t *testing.T) {
	for s, want := range map[string]string{
		"/cases/1?x=2": "/cases/1?x=2", "https://example.org/a": "https://example.org/a", "mailto:a@example.org": "mailto:a@example.org",
		"javascript:alert(1)": "#", "JaVaScRiPt:alert(1)": "#", "//evil.example": "#", `/\evil.example`: "#", "data:text/html,x": "#",
		"java\nscript:alert(1)": "#", "": "#", "https:evil": "#", "relative": "#",
	} {
		if got := string(SafeURL(s)); got != want {
			t.Errorf("%q became %q", s, got)
		}
	}
	for s, want := range map[string]string{"/a?b=c": "/a?b=c", "": "/", "https://evil.example": "/", "//evil.example": "/", "///evil.example": "/", "/\\evil": "/", "/a\r\nSet-Cookie: x": "/"} {
		if got := Local(s); got != want {
			t.Errorf("%q became %q", s, got)
		}
	}
}

func TestACursorComesBackAsItWent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		keys := rapid.SliceOfN(rapid.StringMatching(`[ -~é]{0,20}`), 1, 3).Draw(t, "keys")
		for i := range keys {
			keys[i] = clean(keys[i])
		}
		first := &Request{Request: httptest.NewRequest("GET", "/list?q=a%26b&after=old", nil)}
		next := &Request{Request: httptest.NewRequest("GET", first.NextPage(keys...), nil)}
		if got := next.After(len(keys)); !slices.Equal(got, keys) || next.URL.Query().Get("q") != "a&b" {
			t.Fatalf("%q became %q", keys, got)
		}
		if next.After(len(keys)+1) != nil {
			t.Fatal("a cursor of another list was taken")
		}
	})
	for _, nonsense := range []string{"", "x", "%00", "W10", "bnVsbA"} {
		r := &Request{Request: httptest.NewRequest("GET", "/list?after="+nonsense, nil)}
		if got := r.After(1); got != nil {
			t.Errorf("%q was read as %q", nonsense, got)
		}
	}
}
