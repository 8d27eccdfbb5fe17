package tabular

import (
	"maps"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Fold brings a column name to the form in which names are compared: lower
// case letters and digits only, without accents, spaces, punctuation or marks.
func Fold(name string) string {
	ascii := true
	for i := 0; i < len(name); i++ {
		if name[i] >= 0x80 {
			ascii = false
			break
		}
	}
	if !ascii {
		name = norm.NFKD.String(name)
	}
	var b strings.Builder
	b.Grow(len(name))
	for _, r := range name {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}

// Columns finds columns by name. want maps each wanted column to other names it
// may have; its own name counts too. found gives the index in header, missing
// the wanted columns that are not there, unknown the header names that matched
// nothing; both lists are sorted as wanted or written. A column named twice is
// ambiguous: it is missing, and both its names are unknown.
func Columns(header []string, want map[string][]string) (found map[string]int, missing, unknown []string) {
	byName := map[string][]string{}
	for _, key := range slices.Sorted(maps.Keys(want)) {
		for _, name := range append([]string{key}, want[key]...) {
			folded := Fold(name)
			if folded != "" && !slices.Contains(byName[folded], key) {
				byName[folded] = append(byName[folded], key)
			}
		}
	}
	hits := map[string][]int{}
	for i, name := range header {
		for _, key := range byName[Fold(name)] {
			hits[key] = append(hits[key], i)
		}
	}
	found = map[string]int{}
	used := map[int]bool{}
	for _, key := range slices.Sorted(maps.Keys(want)) {
		if len(hits[key]) != 1 {
			missing = append(missing, key)
			continue
		}
		found[key] = hits[key][0]
		used[hits[key][0]] = true
	}
	for i, name := range header {
		if !used[i] && cleanName(name) != "" {
			unknown = append(unknown, name)
		}
	}
	return found, missing, unknown
}

// cleanName takes white space and invisible marks off both ends of a column name.
func cleanName(name string) string {
	return strings.TrimFunc(name, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r)
	})
}

// columnName gives the letters a spreadsheet shows over column i, counted from 0.
func columnName(i int) string {
	name := ""
	for i++; i > 0; i = (i - 1) / 26 {
		name = string(rune('A'+(i-1)%26)) + name
	}
	return name
}
