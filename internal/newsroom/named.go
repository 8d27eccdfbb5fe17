package newsroom

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"unicode"
)

// named tells whether a text names a doctor who is named in one of the articles
// this service was made from. They did not agree to appear here, so the list
// holds no name: only the hashes of pairs of words.
func named(text string) bool {
	before := ""
	for _, w := range words(text) {
		if isNamed(before + " " + w) {
			return true
		}
		before = w
	}
	return false
}

// namedAuthor tells whether a story's pseudonym is one that an article used.
func namedAuthor(author string) bool {
	all := words(author)
	return named(author) || len(all) == 1 && isNamed("author "+all[0])
}

func words(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && r != '\'' })
}

func isNamed(pair string) bool {
	sum := sha256.Sum256([]byte(pair))
	switch hex.EncodeToString(sum[:12]) {
	case "947a7bac4a2a2746d4a34341", "bced2b928147c15e5c4cd785", "4a1e9cc53d94bc11cb200369",
		"e4411e59524b411293141221", "d032193f0ad61d933c67ffc3", "b23d0c109bb83be6df64f910",
		"163bfb4efe1972879f5017fa", "edc4b95b6bf92b3d4406994a":
		return true
	}
	return false
}
