package portfolio

import (
	"crypto/ed25519"
	"encoding/json"
	"strings"
	"testing"

	"msw/internal/clock"
	"msw/internal/sdjwt"
)

// saved is a passport file as a doctor would save it, with what made it.
type saved struct {
	file File
	key  sdjwt.Key
	keys sdjwt.Keys
	uri  string
}

var carriedOn = clock.StartOf(clock.MustDate("2026-10-30"))

func (c *saved) list(t testing.TB, taken ...int) string {
	t.Helper()
	l := sdjwt.NewList(64)
	for _, p := range taken {
		l.TakeBack(p)
	}
	text, err := sdjwt.Sign(c.key, sdjwt.ListKind, listPayload{Subject: c.uri, Issued: carriedOn.Time().Unix(), List: l})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func carry(t testing.TB) *saved {
	t.Helper()
	public, private, _ := ed25519.GenerateKey(nil)
	c := &saved{key: sdjwt.Key{ID: "msw-1", Private: private}, uri: "https://msw.example/passport-keys/msw/revoked"}
	c.keys, _ = sdjwt.NewKeys(sdjwt.PublicKey{ID: "msw-1", Public: public})
	token, err := sdjwt.Issue(c.key, PassportKind, map[string]any{"iss": "https://msw.example", "vct": PassportType, "iat": carriedOn.Time().Unix(),
		"exp": clock.StartOf(clock.MustDate("2027-10-31")).Time().Unix(), "status": map[string]any{"status_list": map[string]any{"idx": 7, "uri": c.uri}}},
		[]sdjwt.Claim{{Name: "name", Value: Fact{What: "Name", Detail: "Canary Name"}}, {Name: "sign_off_1", Value: Fact{What: "Signed off", Detail: "Venepuncture", On: clock.MustDate("2026-05-04")}}}, decoys)
	if err != nil {
		t.Fatal(err)
	}
	keys, _ := json.Marshal(c.keys)
	c.file = File{Format: FileFormat, Passport: token.Only("sign_off_1").String(), Keys: keys, Revoked: c.list(t), Saved: clock.MustDate("2026-10-30")}
	return c
}

func (f File) text() []byte { b, _ := json.Marshal(f); return b }

func TestAPassportIsCheckedWithoutAskingAnybody(t *testing.T) {
	c, other := carry(t), carry(t)
	last, after := clock.StartOf(clock.MustDate("2027-10-30")), clock.StartOf(clock.MustDate("2027-10-31"))
	v := Check(c.file.text(), &c.keys, "", last)
	if v.State != Valid || !v.Confirmed || len(v.Claims) != 1 || v.Claims[0].Detail != "Venepuncture" || strings.Contains(string(c.file.text()), "Canary") {
		t.Fatalf("%+v", v)
	}
	if v := Check(c.file.text(), nil, "", last); v.State != Valid || v.Confirmed {
		t.Errorf("with the keys of the file: %+v", v)
	}
	if v := Check([]byte(c.file.Passport), &c.keys, c.file.Revoked, last); v.State != Valid {
		t.Errorf("the bare statement: %+v", v)
	}
	if v := Check(c.file.text(), &c.keys, "", after); v.State != Expired {
		t.Errorf("a day late: %+v", v)
	}
	if v := Check(c.file.text(), &c.keys, c.list(t, 7), last); v.State != Revoked {
		t.Errorf("taken back: %+v", v)
	}
	if v := Check(c.file.text(), &c.keys, c.list(t, 6), last); v.State != Valid {
		t.Errorf("another taken back: %+v", v)
	}
	if v := Check(other.file.text(), &c.keys, "", last); v.State != Altered {
		t.Errorf("signed by an impostor with a key of the same name: %+v", v)
	}
	if v := Check(c.file.text(), &c.keys, other.list(t), last); v.State != Revoked {
		t.Errorf("a list that somebody else signed: %+v", v)
	}
	none := c.file
	none.Revoked = ""
	if v := Check(none.text(), &c.keys, "", last); v.State != Revoked {
		t.Errorf("without any list: %+v", v)
	}
	for i := 0; i < len(c.file.Passport); i += 7 {
		f := c.file
		b := []byte(f.Passport)
		if b[i] == 'A' {
			b[i] = 'B'
		} else {
			b[i] = 'A'
		}
		f.Passport = string(b)
		if v := Check(f.text(), &c.keys, "", last); v.State == Valid && v.Claims[0].Detail != "Venepuncture" {
			t.Fatalf("letter %d changed, and it says %+v", i, v)
		}
	}
}

func BenchmarkPassportCheck(b *testing.B) {
	c := carry(b)
	text := c.file.text()
	b.ReportMetric(float64(len(text)), "bytes")
	for b.Loop() {
		if v := Check(text, &c.keys, "", carriedOn); v.State != Valid {
			b.Fatal(v)
		}
	}
}
