package verify

import (
	"fmt"
	"strings"
)

func (t *told) postWords(p int) string {
	if name := t.w.posts[p].Name; name != "" {
		return name
	}
	return "Post " + t.w.posts[p].ID
}

func (t *told) limitWords(l int) string {
	limit := t.run.Limits[l]
	name, kind := limit.Name, limit.Kind
	if name == "" {
		name = limit.ID
	}
	if kind == "" {
		kind = "limit"
	}
	return "the " + kind + " " + name
}

func several(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return thousands(n) + " " + word + "s"
}

func thousands(n int) string {
	digits := fmt.Sprint(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

func ordinal(n int) string {
	words := strings.Fields("first second third fourth fifth sixth seventh eighth ninth tenth")
	if n >= 1 && n <= len(words) {
		return words[n-1]
	}
	return fmt.Sprint(n) + "th"
}

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// lower takes the capital from the word post where a post has no name.
func lower(s string) string {
	if rest, is := strings.CutPrefix(s, "Post "); is && rest != "" {
		return "post " + rest
	}
	return s
}
