package sdjwt

import (
	"bytes"
	"compress/zlib"
	"crypto"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

const fingerprintHash = crypto.SHA256

// ListKind is the kind of a signed list of what was taken back, as in the
// Token Status List draft of the same working group.
const ListKind = "statuslist+jwt"

// biggestList is how many statements one list may speak of.
const biggestList = 1 << 20

// List says of each place in it whether that statement was taken back.
type List struct{ bits []byte }

// NewList makes a list of a size, in which nothing was taken back.
func NewList(size int) List { return List{make([]byte, (size+7)/8)} }

// TakeBack marks a place.
func (l List) TakeBack(place int) {
	if place >= 0 && place/8 < len(l.bits) {
		l.bits[place/8] |= 1 << (place % 8)
	}
}

// TakenBack tells of a place; known is false when the list does not have it.
func (l List) TakenBack(place int) (taken, known bool) {
	if place < 0 || place/8 >= len(l.bits) {
		return false, false
	}
	return l.bits[place/8]&(1<<(place%8)) != 0, true
}

// MarshalJSON writes the list as the draft does.
func (l List) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	if _, err := w.Write(l.bits); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return json.Marshal(map[string]any{"bits": 1, "lst": b64.EncodeToString(b.Bytes())})
}

// UnmarshalJSON reads what MarshalJSON wrote, never more than a list can have.
func (l *List) UnmarshalJSON(text []byte) error {
	var v struct {
		Bits int    `json:"bits"`
		List string `json:"lst"`
	}
	if err := json.Unmarshal(text, &v); err != nil {
		return err
	}
	raw, err := b64.DecodeString(v.List)
	if err != nil || v.Bits != 1 {
		return errors.New("not a list of this kind")
	}
	r, err := zlib.NewReader(bytes.NewReader(raw))
	if err != nil {
		return fmt.Errorf("list: %w", err)
	}
	l.bits, err = io.ReadAll(io.LimitReader(r, biggestList/8+1))
	if err == nil && len(l.bits) > biggestList/8 {
		err = errors.New("the list is too long")
	}
	return errors.Join(err, r.Close())
}
