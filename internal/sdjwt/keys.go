package sdjwt

import (
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/lestrrat-go/jwx/v3/jwa"
	"github.com/lestrrat-go/jwx/v3/jwk"
	"github.com/lestrrat-go/jwx/v3/jws"
)

// Key signs. Its id stands in what it signs and in the published set.
type Key struct {
	ID      string
	Private ed25519.PrivateKey
}

// Keys are the public keys a reader knows. The zero value knows none.
type Keys struct{ set jwk.Set }

// PublicKey is one published key.
type PublicKey struct {
	ID     string
	Public ed25519.PublicKey
}

// NewKeys makes a set to publish.
func NewKeys(list ...PublicKey) (Keys, error) {
	set := jwk.NewSet()
	for _, p := range list {
		k, err := jwk.Import(p.Public)
		if err != nil {
			return Keys{}, fmt.Errorf("key %s: %w", p.ID, err)
		}
		for name, value := range map[string]any{jwk.KeyIDKey: p.ID, jwk.AlgorithmKey: jwa.EdDSA(), jwk.KeyUsageKey: "sig"} {
			if err := k.Set(name, value); err != nil {
				return Keys{}, fmt.Errorf("key %s: %w", p.ID, err)
			}
		}
		if err := set.AddKey(k); err != nil {
			return Keys{}, fmt.Errorf("key %s: %w", p.ID, err)
		}
	}
	return Keys{set}, nil
}

// ParseKeys reads a published set (a JWK set). Keys of another kind than
// Ed25519, or without an id, are an error: they could check nothing here.
func ParseKeys(text []byte) (Keys, error) {
	set, err := jwk.Parse(text)
	if err != nil {
		return Keys{}, fmt.Errorf("not a set of keys: %w", err)
	}
	var list []PublicKey
	for i := range set.Len() {
		k, _ := set.Key(i)
		id, ok := k.KeyID()
		if !ok || id == "" {
			return Keys{}, errors.New("a key has no id")
		}
		var public ed25519.PublicKey
		if err := jwk.Export(k, &public); err != nil {
			return Keys{}, fmt.Errorf("key %s is not a public Ed25519 key", id)
		}
		list = append(list, PublicKey{id, public})
	}
	return NewKeys(list...)
}

// MarshalJSON writes the set as it is published.
func (k Keys) MarshalJSON() ([]byte, error) {
	if k.set == nil {
		return []byte(`{"keys":[]}`), nil
	}
	return json.Marshal(k.set)
}

// Len is how many keys there are.
func (k Keys) Len() int {
	if k.set == nil {
		return 0
	}
	return k.set.Len()
}

// Fingerprint is what two people read to each other to compare a key (the
// thumbprint of RFC 7638); "" when there is no such key.
func (k Keys) Fingerprint(id string) string {
	if k.set == nil {
		return ""
	}
	key, ok := k.set.LookupKeyID(id)
	if !ok {
		return ""
	}
	sum, err := key.Thumbprint(fingerprintHash)
	if err != nil {
		return ""
	}
	return b64.EncodeToString(sum)
}

// KeyOf is the id of the key a statement says it is signed with, unchecked.
func KeyOf(text string) string {
	m, err := jws.Parse([]byte(text), jws.WithCompact())
	if err != nil || len(m.Signatures()) != 1 {
		return ""
	}
	id, _ := m.Signatures()[0].ProtectedHeaders().KeyID()
	return id
}

// Sign writes a payload as a signed statement of a kind ("vc+sd-jwt").
func Sign(key Key, kind string, payload any) (string, error) {
	raw, err := json.Marshal(payload)
	if err != nil {
		return "", fmt.Errorf("sign: %w", err)
	}
	h := jws.NewHeaders()
	if err := errors.Join(h.Set(jws.KeyIDKey, key.ID), h.Set(jws.TypeKey, kind)); err != nil {
		return "", fmt.Errorf("sign: %w", err)
	}
	out, err := jws.Sign(raw, jws.WithKey(jwa.EdDSA(), key.Private, jws.WithProtectedHeaders(h)))
	if err != nil {
		return "", fmt.Errorf("sign: %w", err)
	}
	return string(out), nil
}

// Verify checks a statement of a kind and gives its payload and the id of the
// key that signed it.
func Verify(text, kind string, keys Keys) (payload []byte, id string, err error) {
	if len(text) > longest {
		return nil, "", fmt.Errorf("%w: it is too long", ErrAltered)
	}
	m, err := jws.Parse([]byte(text), jws.WithCompact())
	if err != nil || len(m.Signatures()) != 1 {
		return nil, "", fmt.Errorf("%w: it cannot be read", ErrAltered)
	}
	h := m.Signatures()[0].ProtectedHeaders()
	id, _ = h.KeyID()
	if typ, _ := h.Type(); typ != kind {
		return nil, "", fmt.Errorf("%w: it is a statement of another kind", ErrAltered)
	}
	if keys.set == nil {
		return nil, id, ErrUnknownKey
	}
	if _, known := keys.set.LookupKeyID(id); !known {
		return nil, id, ErrUnknownKey
	}
	payload, err = jws.Verify([]byte(text), jws.WithCompact(), jws.WithKeySet(keys.set))
	if err != nil {
		return nil, id, fmt.Errorf("%w: the signature does not fit", ErrAltered)
	}
	return payload, id, nil
}
