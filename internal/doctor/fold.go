package doctor

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// part is one part of a name as search knows it: how it is written in Latin
// letters, and its skeletons (consonants), of which a second one stands where
// a letter is commonly written in two ways.
type part struct {
	latin     string
	native    bool // written in another script, so latin is only our reading
	skeletons []string
}

// fold takes a name apart into parts that compare across scripts, spellings
// and order: Mohammed, Muhammad and محمد have a skeleton in common. Articles
// and "son of" are left out unless nothing else remains.
func fold(name string) []part {
	words := strings.FieldsFunc(strings.ToLower(norm.NFKC.String(name)), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsMark(r) && !apostrophe(r)
	})
	var kept, all []part
	for _, w := range words {
		for _, p := range readWord(w) {
			all = append(all, p)
			if !particle(p.latin) {
				kept = append(kept, p)
			}
		}
	}
	if len(kept) == 0 {
		return all
	}
	return kept
}

func apostrophe(r rune) bool { return strings.ContainsRune("'’‘ʿʾʼ`´", r) }

func particle(s string) bool {
	switch s {
	case "al", "el", "ul", "ur", "ibn", "bin", "ben", "bint":
		return true
	}
	return false
}

// readWord reads one word; a word such as Abdulrahman is two parts.
func readWord(word string) []part {
	native := false
	for _, r := range word {
		if r > 0x24F && unicode.IsLetter(r) {
			native = true
		}
	}
	if bare, ok := strings.CutPrefix(word, "ال"); ok && len([]rune(bare)) > 1 {
		word = bare
	}
	first, second := latinise(word)
	if first == "" && second == "" {
		return nil
	}
	if !native {
		first, second = breath(first), breath(second)
	}
	servant, rest := splitServant(first)
	if rest == "" {
		return []part{{servant, native, skeletons(servant, second)}}
	}
	_, secondRest := splitServant(second)
	return []part{{servant, native, skeletons(servant, servant)}, {rest, native, skeletons(rest, secondRest)}}
}

// latinise gives both readings of a lower-case word in plain Latin letters.
// Letters of scripts without a table stay as they are.
func latinise(word string) (first, second string) {
	var a, b strings.Builder
	runes := []rune(word)
	for i, r := range runes {
		if apostrophe(r) {
			continue
		}
		if got, ok := read(r); ok {
			if silenced(runes, i) {
				got = once(strings.TrimSuffix(got.first, "a"))
			}
			if i == 0 && r == 'е' {
				got = once("ye")
			}
			a.WriteString(got.first)
			b.WriteString(got.second)
			continue
		}
		for _, plain := range norm.NFKD.String(string(r)) {
			if got, ok := latin(plain); ok {
				a.WriteString(got.first)
				b.WriteString(got.second)
			} else if !unicode.IsMark(plain) {
				a.WriteRune(plain)
				b.WriteRune(plain)
			}
		}
	}
	return a.String(), b.String()
}

// silenced tells whether a Burmese consonant carries the sign that ends a syllable.
func silenced(runes []rune, i int) bool {
	const asat, virama = 0x103A, 0x1039
	return runes[i] >= 0x1000 && runes[i] <= 0x1020 && i+1 < len(runes) && (runes[i+1] == asat || runes[i+1] == virama)
}

// splitServant splits Abdulrahman, Abdelrahman and Abdurrahman into abd and
// rahman; other words come back whole.
func splitServant(s string) (first, rest string) {
	after, ok := strings.CutPrefix(s, "abd")
	if !ok {
		return s, ""
	}
	tail := strings.TrimLeft(after, "aeiou")
	vowel := len(tail) < len(after)
	switch {
	case vowel && strings.HasPrefix(tail, "l"):
		tail = tail[1:]
	case vowel && len(tail) > 2 && tail[0] == tail[1]:
		tail = tail[1:]
	default:
		return s, ""
	}
	if tail == "" {
		return "abd", ""
	}
	if len(tail) < 2 {
		return s, ""
	}
	return "abd", tail
}

// skeletons gives the consonants of both readings, each once.
func skeletons(first, second string) []string {
	out := []string{skeleton(first, false)}
	add := func(s string) {
		if s != "" && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	if second != "" {
		add(skeleton(second, true))
	}
	if len(first) >= 6 && (strings.HasPrefix(first, "al") || strings.HasPrefix(first, "el")) && !vowel(rune(first[2])) {
		add(skeleton(first[2:], false)) // Alhassan is also Hassan
	}
	return out
}

// sounds and otherSounds bring groups of letters to one letter for their class.
var (
	sounds      = soundClasses("t", "d", "h")
	otherSounds = soundClasses("s", "z", "k")
)

func soundClasses(th, dh, kh string) *strings.Replacer {
	return strings.NewReplacer("tsch", "X", "shch", "X", "sch", "X", "tch", "X", "ch", "X", "cz", "X", "sh", "X", "kh", kh,
		"dzh", "g", "gh", "g", "zh", "g", "dj", "g", "ph", "f", "th", th, "dh", dh, "ck", "k", "tz", "ts", "x", "ks",
		"q", "k", "j", "g", "ng", "n", "ce", "se", "ci", "si", "cy", "sy", "c", "k")
}

// skeleton keeps the sounds that survive a change of spelling: consonants in
// their class, a first vowel as a. The other way reads th as s, dh as z, kh as k, w as v.
func skeleton(s string, otherWay bool) string {
	if otherWay {
		s = otherSounds.Replace(s)
	} else {
		s = sounds.Replace(s)
	}
	letters := squeeze([]rune(s))
	var out []rune
	for i, r := range letters {
		last := i == len(letters)-1
		switch {
		case i == 0:
			out = append(out, initial(letters, otherWay))
		case vowel(r), r == 'h' && last:
		case r == 'w':
			if otherWay {
				out = append(out, 'v')
			}
		default:
			out = append(out, r)
		}
	}
	return string(out)
}

func squeeze(letters []rune) []rune { return slices.Compact(letters) }

// initial is the first letter of a skeleton.
func initial(letters []rune, otherWay bool) rune {
	first := letters[0]
	followed := len(letters) > 1 && strings.ContainsRune("aeouw", letters[1])
	switch {
	case first == 'v':
		return 'w'
	case first == 'y' && followed && otherWay && letters[1] == 'e':
		return 'a' // Yelena is also Elena
	case (first == 'y' || first == 'i') && followed:
		return 'y'
	case vowel(first):
		return 'a'
	}
	return first
}

func vowel(r rune) bool { return strings.ContainsRune("aeiouy", r) }

// breath drops the h that marks a breathed consonant in Burmese: Hla, Htet.
func breath(s string) string {
	if len(s) > 1 && s[0] == 'h' && strings.IndexByte("klmnpst", s[1]) >= 0 {
		return s[1:]
	}
	return s
}

// beginnings are the skeletons a name may begin with that is still being
// typed: an h at the end of "moh" is not yet silent.
func (p part) beginnings() []string {
	out := slices.Clone(p.skeletons)
	for _, other := range []bool{false, true} {
		if s := skeleton(p.latin+"a", other); !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// joined is a name's parts run together, so that a name written without
// spaces is found: عبدالرحمن, Abd ur Rahman.
func joined(parts []part) string {
	var b strings.Builder
	for _, p := range parts {
		b.WriteString(p.latin)
	}
	return skeleton(b.String(), false)
}

// personKey is the order-free key of a whole name, for the cross-programme match.
func personKey(name string) string {
	var keys []string
	for _, p := range fold(name) {
		keys = append(keys, p.skeletons[0])
	}
	slices.Sort(keys)
	return strings.Join(keys, " ")
}
