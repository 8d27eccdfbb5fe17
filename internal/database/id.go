package database

import (
	"crypto/rand"
	"strings"

	"github.com/google/uuid"
)

// NewID makes an inside id: a UUIDv7, ordered by the time it was made. It is
// never shown, since it tells that time; outside references are NewRef's.
func NewID() string { return uuid.Must(uuid.NewV7()).String() }

// refAlphabet leaves out the letters that are misread on paper or by phone
// (I, L, O, U), as Crockford's base 32 does.
const refAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

const refLength = 9 // 40 random bits and a check character

// NewRef makes a short random outside reference with a check character: it
// cannot be guessed from another and tells nothing of when it was made.
func NewRef() string {
	var b [refLength - 1]byte
	rand.Read(b[:])
	for i := range b {
		b[i] = refAlphabet[b[i]%32]
	}
	return string(b[:]) + string(refCheck(string(b[:])))
}

// CheckRef brings a reference as a person typed it (lower case, spaces, dashes,
// O for 0, I or L for 1) into its one form and tells whether it is well made.
func CheckRef(s string) (string, bool) {
	s = strings.NewReplacer(" ", "", "-", "", "O", "0", "I", "1", "L", "1").Replace(strings.ToUpper(s))
	if len(s) != refLength {
		return "", false
	}
	for _, c := range s {
		if !strings.ContainsRune(refAlphabet, c) {
			return "", false
		}
	}
	return s, refCheck(s[:refLength-1]) == s[refLength-1]
}

// refCheck weighs each place differently modulo a prime, so that one wrong
// character or two swapped neighbours are nearly always found.
func refCheck(s string) byte {
	sum := 0
	for i := range len(s) {
		sum = (sum*5 + strings.IndexByte(refAlphabet, s[i]) + 1) % 31
	}
	return refAlphabet[sum]
}
