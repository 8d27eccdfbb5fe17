package sdjwt

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"encoding/json"
	"errors"
	"math/big"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/lestrrat-go/jwx/v3/jwa"
	"github.com/lestrrat-go/jwx/v3/jws"
	"pgregory.net/rapid"
)

// The digests of RFC 9901 sections 4.2 and 5.1.
func TestDigestsOfTheStandard(t *testing.T) {
	for _, v := range []struct{ text, digest, salt, name, value string }{
		{"WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0", "X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0", "_26bc4LT-ac6q2KI6cBW5es", "family_name", `"Möbius"`},
		{"WyJsa2x4RjVqTVlsR1RQVW92TU5JdkNBIiwgIkZSIl0", "w0I8EKcdCtUPkGCNUrfwVp2xEgNjtoIDlOxc9-PlOhs", "lklxF5jMYlGTPUovMNIvCA", "", `"FR"`},
		{"WyIyR0xDNDJzS1F2ZUNmR2ZyeU5STjl3IiwgImdpdmVuX25hbWUiLCAiSm9obiJd", "jsu9yVulwQQlhFlM_3JlzMaSFzglhQG0DpfayQwLUK4", "2GLC42sKQveCfGfryNRN9w", "given_name", `"John"`},
		{"WyI2SWo3dE0tYTVpVlBHYm9TNXRtdlZBIiwgImVtYWlsIiwgImpvaG5kb2VAZXhhbXBsZS5jb20iXQ", "JzYjH4svliH0R3PyEMfeZu6Jt69u5qehZo7F7EPYlSE", "6Ij7tM-a5iVPGboS5tmvVA", "email", `"johndoe@example.com"`},
		{"WyJRZ19PNjR6cUF4ZTQxMmExMDhpcm9BIiwgInBob25lX251bWJlcl92ZXJpZmllZCIsIHRydWVd", "XQ_3kPKt1XyX7KANkqVR6yZ2Va5NrPIvPYbyMvRKBMM", "Qg_O64zqAxe412a108iroA", "phone_number_verified", `true`},
		{"WyJHMDJOU3JRZmpGWFE3SW8wOXN5YWpBIiwgInVwZGF0ZWRfYXQiLCAxNTcwMDAwMDAwXQ", "CrQe7S5kqBAHt-nMYXgc6bdt2SH5aTY1sU_M-PgkjPI", "G02NSrQfjFXQ7Io09syajA", "updated_at", `1570000000`},
		{"WyJsa2x4RjVqTVlsR1RQVW92TU5JdkNBIiwgIlVTIl0", "pFndjkZ_VCzmyTa6UjlZo3dh-ko8aIKQc9DlGzhaVYo", "lklxF5jMYlGTPUovMNIvCA", "", `"US"`},
		{"WyJuUHVvUW5rUkZxM0JJZUFtN0FuWEZBIiwgIkRFIl0", "7Cf6JkPudry3lcbwHgeZ8khAv1U1OSlerP0VkBJrWZ0", "nPuoQnkRFq3BIeAm7AnXFA", "", `"DE"`},
	} {
		if got := Digest(v.text); got != v.digest {
			t.Errorf("digest of %s is %s, want %s", v.text, got, v.digest)
		}
		salt, name, value, err := readDisclosure(v.text)
		raw, _ := json.Marshal(value)
		if err != nil || salt != v.salt || name != v.name || string(raw) != v.value {
			t.Errorf("%s read as %q %q %s (%v)", v.text, salt, name, raw, err)
		}
	}
}

// issuerKey is the public key of the issuer in the standard's examples.
func issuerKey(t *testing.T) *ecdsa.PublicKey {
	t.Helper()
	number := func(s string) *big.Int {
		raw, err := b64.DecodeString(s)
		if err != nil {
			t.Fatal(err)
		}
		return new(big.Int).SetBytes(raw)
	}
	return &ecdsa.PublicKey{Curve: elliptic.P256(), X: number("b28d4MwZMjw8-00CG4xfnn9SLMVMM19SlqZpVb_uNtQ"), Y: number("Xv5zWwuoaTgdS6hV43yI6gBwTnjukmFQQnJ_kCxzqk8")}
}

// A whole presentation of the standard's authors, signed with their key.
func TestAPresentationOfTheStandard(t *testing.T) {
	text, err := os.ReadFile("testdata/identity_credential.txt")
	if err != nil {
		t.Fatal(err)
	}
	token, err := Parse(string(text))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := jws.Verify([]byte(token.JWT), jws.WithKey(jwa.ES256(), issuerKey(t)))
	if err != nil {
		t.Fatalf("the signature of the standard's example does not hold: %v", err)
	}
	o, err := reveal(raw, token.Disclosures)
	if err != nil {
		t.Fatal(err)
	}
	if o.Claims["given_name"] != "John" || o.Claims["family_name"] != "Doe" || o.Claims["iss"] != "https://example.com/issuer" || len(o.Shown) != 2 {
		t.Errorf("read %v, shown %v", o.Claims, o.Shown)
	}
	if _, ok := o.Claims["_sd"]; ok || o.Claims["_sd_alg"] != nil {
		t.Error("the list of digests is left in what was read")
	}
	if _, err := reveal(raw, append(token.Disclosures, token.Disclosures[0])); !errors.Is(err, ErrAltered) {
		t.Errorf("a part twice: %v", err)
	}
	if _, err := reveal(raw, []string{"WyJsa2x4RjVqTVlsR1RQVW92TU5JdkNBIiwgIkZSIl0"}); !errors.Is(err, ErrAltered) {
		t.Errorf("a part of something else: %v", err)
	}
}

// RFC 8037 appendix A: a key, its thumbprint and a signature.
func TestTheSignatureOfTheStandard(t *testing.T) {
	seed, _ := b64.DecodeString("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A")
	private := ed25519.NewKeyFromSeed(seed)
	keys, err := NewKeys(PublicKey{"k", private.Public().(ed25519.PublicKey)})
	if err != nil {
		t.Fatal(err)
	}
	if got := keys.Fingerprint("k"); got != "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k" {
		t.Errorf("thumbprint %s", got)
	}
	out, err := jws.Sign([]byte("Example of Ed25519 signing"), jws.WithKey(jwa.EdDSA(), private))
	if want := "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"; err != nil || string(out) != want {
		t.Errorf("signed %s (%v), want %s", out, err, want)
	}
}

func keyed(id string) (Key, Keys) {
	public, private, _ := ed25519.GenerateKey(nil)
	keys, _ := NewKeys(PublicKey{id, public})
	return Key{id, private}, keys
}

func TestWhatIsShownIsWhatWasSigned(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		key, keys := keyed("k1")
		var hidden []Claim
		want := map[string]any{"iss": "https://msw.example"}
		var names []string
		for i, text := range rapid.SliceOfN(rapid.String(), 0, 12).Draw(r, "values") {
			c := Claim{"c" + string(rune('a'+i)), strings.ToValidUTF8(text, "?")}
			hidden = append(hidden, c)
			if rapid.Bool().Draw(r, "shown") {
				want[c.Name], names = c.Value, append(names, c.Name)
			}
		}
		token, err := Issue(key, "vc+sd-jwt", map[string]any{"iss": "https://msw.example"}, hidden, 8)
		if err != nil {
			r.Fatal(err)
		}
		token, err = Parse(token.Only(names...).String())
		if err != nil {
			r.Fatal(err)
		}
		o, err := Open(token, "vc+sd-jwt", keys)
		if err != nil || !reflect.DeepEqual(o.Claims, want) {
			r.Fatalf("opened %v (%v), want %v", o.Claims, err, want)
		}
		text := []byte(token.String())
		at := rapid.IntRange(0, len(text)-2).Draw(r, "at")
		was := text[at]
		text[at] = rapid.SampledFrom([]byte("ABab01-_.~")).Draw(r, "to")
		if text[at] == was {
			return
		}
		if changed, err := Parse(string(text)); err == nil {
			if o, err := Open(changed, "vc+sd-jwt", keys); err == nil && !reflect.DeepEqual(o.Claims, want) {
				r.Fatalf("one letter changed, and it says %v instead of %v", o.Claims, want)
			}
		}
	})
}

func TestWhatIsNotAccepted(t *testing.T) {
	key, keys := keyed("k1")
	token, err := Issue(key, "vc+sd-jwt", map[string]any{"a": 1}, []Claim{{"name", "Somebody"}}, 4)
	if err != nil {
		t.Fatal(err)
	}
	_, others := keyed("k2")
	_, impostor := keyed("k1")
	header := b64.EncodeToString([]byte(`{"alg":"none","typ":"vc+sd-jwt","kid":"k1"}`))
	payload := strings.Split(token.JWT, ".")[1]
	for name, c := range map[string]struct {
		token Token
		kind  string
		keys  Keys
		want  error
	}{
		"another kind":          {token, ListKind, keys, ErrAltered},
		"no keys":               {token, "vc+sd-jwt", Keys{}, ErrUnknownKey},
		"another key":           {token, "vc+sd-jwt", others, ErrUnknownKey},
		"a key of the same id":  {token, "vc+sd-jwt", impostor, ErrAltered},
		"no signature":          {Token{JWT: header + "." + payload + "."}, "vc+sd-jwt", keys, ErrAltered},
		"a part of another":     {Token{token.JWT, []string{b64.EncodeToString([]byte(`["s","admin",true]`))}}, "vc+sd-jwt", keys, ErrAltered},
		"a part that is no one": {Token{token.JWT, []string{"???"}}, "vc+sd-jwt", keys, ErrAltered},
	} {
		if _, err := Open(c.token, c.kind, c.keys); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	if _, err := Open(token, "vc+sd-jwt", keys); err != nil {
		t.Errorf("the real one: %v", err)
	}
}

func TestKeysArePublishedAndRead(t *testing.T) {
	key, keys := keyed("msw-1")
	text, err := json.Marshal(keys)
	if err != nil || strings.Contains(string(text), `"d"`) {
		t.Fatalf("published %s (%v)", text, err)
	}
	read, err := ParseKeys(text)
	if err != nil || read.Len() != 1 || read.Fingerprint("msw-1") != keys.Fingerprint("msw-1") {
		t.Fatalf("read %d keys: %v", read.Len(), err)
	}
	signed, _ := Sign(key, ListKind, map[string]any{"status_list": NewList(64)})
	if _, id, err := Verify(signed, ListKind, read); err != nil || id != "msw-1" {
		t.Errorf("by %s: %v", id, err)
	}
	for _, bad := range []string{`{}`, `[]`, `{"keys":[{"kty":"oct","k":"AAAA","kid":"x"}]}`, `{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}`} {
		if k, err := ParseKeys([]byte(bad)); err == nil && k.Len() > 0 {
			t.Errorf("%s was accepted as keys", bad)
		}
	}
}

func TestTheListSaysWhatWasTakenBack(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		size := rapid.IntRange(8, 4096).Draw(r, "size")
		l, want := NewList(size), map[int]bool{}
		for _, i := range rapid.SliceOf(rapid.IntRange(0, size-1)).Draw(r, "taken") {
			l.TakeBack(i)
			want[i] = true
		}
		text, err := json.Marshal(l)
		if err != nil {
			r.Fatal(err)
		}
		var read List
		if err := json.Unmarshal(text, &read); err != nil {
			r.Fatal(err)
		}
		for i := range size {
			if taken, known := read.TakenBack(i); taken != want[i] || !known {
				r.Fatalf("place %d: %v %v", i, taken, known)
			}
		}
		if _, known := read.TakenBack(size + 8); known {
			r.Fatal("a place past the end is known")
		}
	})
}

func FuzzParse(f *testing.F) {
	key, keys := keyed("k1")
	token, _ := Issue(key, "vc+sd-jwt", map[string]any{"a": 1}, []Claim{{"name", "Somebody"}}, 4)
	f.Add(token.String())
	f.Add("a.b.c~")
	f.Fuzz(func(t *testing.T, text string) {
		if parsed, err := Parse(text); err == nil {
			_, _ = Open(parsed, "vc+sd-jwt", keys) // must answer, whatever it is given
		}
	})
}

func BenchmarkVerify(b *testing.B) {
	key, keys := keyed("k1")
	var hidden []Claim
	for i := range 30 {
		hidden = append(hidden, Claim{"sign_off_" + string(rune('a'+i)), map[string]any{"what": "Venepuncture", "on": "2026-05-04", "by": "Consultant", "level": 2}})
	}
	token, err := Issue(key, "vc+sd-jwt", map[string]any{"iss": "https://msw.example"}, hidden, 16)
	if err != nil {
		b.Fatal(err)
	}
	text := token.String()
	b.ReportMetric(float64(len(text)), "bytes")
	for b.Loop() {
		parsed, err := Parse(text)
		if err == nil {
			_, err = Open(parsed, "vc+sd-jwt", keys)
		}
		if err != nil {
			b.Fatal(err)
		}
	}
}
