// Package sdjwt makes and reads Selective Disclosure JWTs (RFC 9901): a signed
// statement whose holder shows as much of it as they choose, and whose reader
// needs nothing but the signer's public key.
//
// It knows no word of the programme, no database and no network. Signatures and
// key sets are jwx's; only Ed25519 is made or accepted.
package sdjwt

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// What a reader accepts at most: more is nobody's passport.
const (
	longest         = 512 << 10
	mostDisclosures = 2000
	deepest         = 16
)

var b64 = base64.RawURLEncoding

// Why a token is not accepted. Altered covers everything that is not as it was
// signed, however it came about.
var (
	ErrAltered    = errors.New("it is not as it was signed")
	ErrUnknownKey = errors.New("it is not signed with a key that is known here")
)

// Claim is one statement the holder can show or keep back.
type Claim struct {
	Name  string
	Value any
}

// Token is a signed statement with those disclosures that go with it.
type Token struct {
	JWT         string
	Disclosures []string
}

// Parse splits what String wrote. A key binding is not asked for and refused.
func Parse(text string) (Token, error) {
	text = strings.TrimSpace(text)
	if len(text) > longest {
		return Token{}, fmt.Errorf("%w: it is too long", ErrAltered)
	}
	parts := strings.Split(text, "~")
	if len(parts) < 2 || parts[len(parts)-1] != "" || strings.Count(parts[0], ".") != 2 {
		return Token{}, fmt.Errorf("%w: it does not have the form of one", ErrAltered)
	}
	t := Token{JWT: parts[0], Disclosures: parts[1 : len(parts)-1]}
	if len(t.Disclosures) > mostDisclosures {
		return Token{}, fmt.Errorf("%w: it has too many parts", ErrAltered)
	}
	return t, nil
}

// String is the token as one line: the statement, then each disclosure, each
// ended with a tilde.
func (t Token) String() string {
	return t.JWT + "~" + strings.Join(append(slices.Clone(t.Disclosures), ""), "~")
}

// Only keeps back every disclosure but those of the named claims.
func (t Token) Only(names ...string) Token {
	out := Token{JWT: t.JWT}
	for _, d := range t.Disclosures {
		if _, name, _, err := readDisclosure(d); err == nil && slices.Contains(names, name) {
			out.Disclosures = append(out.Disclosures, d)
		}
	}
	return out
}

// Claims lists what the disclosures say, in their order, unchecked: for the
// holder's own choice of what to show.
func (t Token) Claims() []Claim {
	var out []Claim
	for _, d := range t.Disclosures {
		if _, name, value, err := readDisclosure(d); err == nil && name != "" {
			out = append(out, Claim{name, value})
		}
	}
	return out
}

// disclosure writes [salt, name, value] and gives it with its digest.
func disclosure(salt, name string, value any) (text, digest string, err error) {
	raw, err := json.Marshal([]any{salt, name, value})
	if err != nil {
		return "", "", fmt.Errorf("disclose %s: %w", name, err)
	}
	text = b64.EncodeToString(raw)
	return text, Digest(text), nil
}

// Digest is by what a disclosure is found in the statement.
func Digest(disclosure string) string {
	sum := sha256.Sum256([]byte(disclosure))
	return b64.EncodeToString(sum[:])
}

// readDisclosure gives the parts of one; name is "" for that of an element of
// a list.
func readDisclosure(text string) (salt, name string, value any, err error) {
	raw, err := b64.DecodeString(text)
	if err != nil {
		return "", "", nil, fmt.Errorf("%w: a part cannot be read", ErrAltered)
	}
	var parts []any
	if err := json.Unmarshal(raw, &parts); err != nil || len(parts) < 2 || len(parts) > 3 {
		return "", "", nil, fmt.Errorf("%w: a part cannot be read", ErrAltered)
	}
	salt, ok := parts[0].(string)
	if !ok {
		return "", "", nil, fmt.Errorf("%w: a part has no salt", ErrAltered)
	}
	if len(parts) == 2 {
		return salt, "", parts[1], nil
	}
	if name, ok = parts[1].(string); !ok || name == "_sd" || name == "..." || name == "" {
		return "", "", nil, fmt.Errorf("%w: a part has no fitting name", ErrAltered)
	}
	return salt, name, parts[2], nil
}

// Issue signs a statement: what is open, and what the holder may keep back. As
// many empty digests are added as bring their number to a multiple of round, so
// that it tells little of how much there is.
func Issue(key Key, kind string, open map[string]any, hidden []Claim, round int) (Token, error) {
	var t Token
	digests := make([]string, 0, len(hidden)+round)
	for _, c := range hidden {
		text, digest, err := disclosure(salt(), c.Name, c.Value)
		if err != nil {
			return Token{}, err
		}
		t.Disclosures, digests = append(t.Disclosures, text), append(digests, digest)
	}
	for round > 1 && len(digests)%round != 0 {
		digests = append(digests, Digest(salt()))
	}
	slices.Sort(digests) // their order must not tell which is which
	payload := map[string]any{"_sd": digests, "_sd_alg": "sha-256"}
	for name, value := range open {
		payload[name] = value
	}
	var err error
	t.JWT, err = Sign(key, kind, payload)
	return t, err
}

func salt() string {
	var b [16]byte
	rand.Read(b[:])
	return b64.EncodeToString(b[:])
}

// Opened is a token whose signature holds, with what its disclosures say in
// their places.
type Opened struct {
	Claims map[string]any
	Key    string // id of the key it is signed with
	Shown  []string
}

// Open checks a token against the keys and puts the disclosures into their
// places, as RFC 9901 section 7.1 asks: each exactly once, none left over.
func Open(t Token, kind string, keys Keys) (Opened, error) {
	raw, id, err := Verify(t.JWT, kind, keys)
	if err != nil {
		return Opened{}, err
	}
	o, err := reveal(raw, t.Disclosures)
	o.Key = id
	return o, err
}

// reveal puts the disclosures into a payload whose signature was checked.
func reveal(raw []byte, disclosures []string) (Opened, error) {
	var payload map[string]any
	if err := json.Unmarshal(raw, &payload); err != nil {
		return Opened{}, fmt.Errorf("%w: it is not a statement", ErrAltered)
	}
	if alg, ok := payload["_sd_alg"]; ok && alg != "sha-256" {
		return Opened{}, fmt.Errorf("%w: its parts are hashed in a way not known here", ErrAltered)
	}
	r := revealer{by: map[string]string{}, met: map[string]bool{}}
	for _, d := range disclosures {
		digest := Digest(d)
		if _, twice := r.by[digest]; twice {
			return Opened{}, fmt.Errorf("%w: a part stands in it twice", ErrAltered)
		}
		r.by[digest] = d
	}
	if err := r.object(payload, 0); err != nil {
		return Opened{}, err
	}
	if r.used != len(disclosures) {
		return Opened{}, fmt.Errorf("%w: a part is not of this statement", ErrAltered)
	}
	delete(payload, "_sd_alg")
	return Opened{Claims: payload, Shown: r.names}, nil
}

type revealer struct {
	by    map[string]string // disclosures by digest
	met   map[string]bool   // digests met so far: none may stand twice
	used  int
	names []string
}

func (r *revealer) take(digest any) (disclosure string, found bool, err error) {
	text, ok := digest.(string)
	if !ok || r.met[text] {
		return "", false, fmt.Errorf("%w: its list of parts is not in order", ErrAltered)
	}
	r.met[text] = true
	d, found := r.by[text]
	if found {
		r.used++
	}
	return d, found, nil
}

func (r *revealer) object(o map[string]any, depth int) error {
	if depth > deepest {
		return fmt.Errorf("%w: it is too deep", ErrAltered)
	}
	for name, value := range o {
		if name == "_sd" {
			continue
		}
		if name == "..." {
			return fmt.Errorf("%w: a name in it is not allowed", ErrAltered)
		}
		revealed, err := r.value(value, depth+1)
		if err != nil {
			return err
		}
		o[name] = revealed
	}
	list, ok := o["_sd"]
	if !ok {
		return nil
	}
	digests, ok := list.([]any)
	if !ok {
		return fmt.Errorf("%w: its list of parts is not in order", ErrAltered)
	}
	delete(o, "_sd")
	for _, digest := range digests {
		d, found, err := r.take(digest)
		if err != nil {
			return err
		}
		if !found {
			continue
		}
		_, name, value, err := readDisclosure(d)
		if err != nil {
			return err
		}
		if _, exists := o[name]; exists || name == "" {
			return fmt.Errorf("%w: a part would replace another", ErrAltered)
		}
		if o[name], err = r.value(value, depth+1); err != nil {
			return err
		}
		r.names = append(r.names, name)
	}
	return nil
}

func (r *revealer) value(v any, depth int) (any, error) {
	switch v := v.(type) {
	case map[string]any:
		return v, r.object(v, depth)
	case []any:
		return r.list(v, depth)
	}
	return v, nil
}

func (r *revealer) list(list []any, depth int) ([]any, error) {
	if depth > deepest {
		return nil, fmt.Errorf("%w: it is too deep", ErrAltered)
	}
	out := make([]any, 0, len(list))
	for _, v := range list {
		o, ok := v.(map[string]any)
		digest, hidden := o["..."]
		if !ok || !hidden {
			revealed, err := r.value(v, depth+1)
			if err != nil {
				return nil, err
			}
			out = append(out, revealed)
			continue
		}
		if len(o) != 1 {
			return nil, fmt.Errorf("%w: a list in it is not in order", ErrAltered)
		}
		d, found, err := r.take(digest)
		if err != nil {
			return nil, err
		}
		if !found {
			continue
		}
		_, name, value, err := readDisclosure(d)
		if err != nil || name != "" {
			return nil, errors.Join(fmt.Errorf("%w: a list in it is not in order", ErrAltered), err)
		}
		revealed, err := r.value(value, depth+1)
		if err != nil {
			return nil, err
		}
		out = append(out, revealed)
	}
	return out, nil
}
