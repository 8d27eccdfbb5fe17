package organisation

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

var (
	keepCapitals = words("NHS ICB ICS CCG CIC UK GP GPS PCN HQ FT PMS APMS IT AE CAMHS OOH UTC MIU WIC ATC BMI HMP II III IV YMCA RAF")
	smallWords   = words("of and the at in on for with by to under le la upon")
	wordCase     = regexp.MustCompile(`[\pL\pN'’.]+`)
	ordinal      = regexp.MustCompile(`^[0-9]+(ST|ND|RD|TH)$`)
)

func words(s string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(s) {
		m[w] = true
	}
	return m
}

// displayName turns a name in capitals, as ODS gives it, into one that reads
// well. A name that already has small letters is left as it is.
func displayName(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if strings.IndexFunc(s, unicode.IsLower) >= 0 {
		return s
	}
	spans := wordCase.FindAllStringIndex(s, -1)
	var b strings.Builder
	at := 0
	for i, span := range spans {
		b.WriteString(s[at:span[0]])
		at = span[1]
		word := s[span[0]:span[1]]
		previous := ""
		if i > 0 {
			previous = strings.TrimSuffix(s[spans[i-1][0]:spans[i-1][1]], ".")
		}
		inBrackets := span[0] > 0 && s[span[0]-1] == '(' && at < len(s) && s[at] == ')'
		initials := (previous == "DR" || previous == "DRS") && utf8.RuneCountInString(word) <= 3 && i+1 < len(spans)
		b.WriteString(wordOf(word, i == 0, i+1 == len(spans), inBrackets, initials))
	}
	b.WriteString(s[at:])
	return b.String()
}

func wordOf(w string, first, last, inBrackets, initials bool) string {
	switch {
	case keepCapitals[w], initials, inBrackets && len(w) <= 4:
		return w
	case ordinal.MatchString(w):
		return strings.ToLower(w)
	case strings.ContainsAny(w, "0123456789"):
		return w
	case !first && !last && smallWords[strings.ToLower(w)]:
		return strings.ToLower(w)
	case len(w) > 1 && len(w) <= 4 && !strings.ContainsAny(w, "AEIOUY'’.") && !slices.Contains([]string{"ST", "DR", "DRS", "MR", "MRS", "LTD", "RD", "MT", "SQ"}, w):
		return w // no vowel: letters that stand for words
	case strings.Count(w, ".") > 1:
		return w // A.B. stands for words too
	}
	return capital(w)
}

// capital gives one large letter at the start, after O', D' and Mc.
func capital(w string) string {
	runes := []rune(strings.ToLower(w))
	runes[0] = unicode.ToUpper(runes[0])
	if len(runes) > 3 && (runes[1] == '\'' || runes[1] == '’') {
		runes[2] = unicode.ToUpper(runes[2])
	}
	if len(runes) > 4 && string(runes[:2]) == "Mc" {
		runes[2] = unicode.ToUpper(runes[2])
	}
	return string(runes)
}

// foldWords are the words of a text in the form in which they are searched:
// small letters and digits without accents; an apostrophe joins.
func foldWords(s string) []string {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			s = norm.NFKD.String(s)
			break
		}
	}
	var out []string
	var b strings.Builder
	flush := func() {
		if b.Len() > 0 {
			out = append(out, b.String())
			b.Reset()
		}
	}
	for _, r := range s {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			b.WriteRune(unicode.ToLower(r))
		case r == '\'' || r == '’' || unicode.Is(unicode.Mn, r):
		default:
			flush()
		}
	}
	flush()
	return out
}

func nameKey(name string) string { return strings.Join(foldWords(name), " ") }

var skipWords = words("the of and at in for")

// searchTokens are the words under which an organisation is found, sorted,
// each once: words of its name, its code, its postcode without the space.
func searchTokens(name, code, postcode string) []string {
	var out []string
	for _, w := range foldWords(name) {
		if !skipWords[w] {
			out = append(out, w)
		}
	}
	if code != "" {
		out = append(out, strings.ToLower(code))
	}
	if p := compact(postcode); p != "" {
		out = append(out, strings.ToLower(p))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func compact(s string) string { return strings.Join(strings.Fields(s), "") }

var (
	outcodeForm  = regexp.MustCompile(`^[a-z]{1,2}[0-9][a-z0-9]?$`)
	incodeForm   = regexp.MustCompile(`^[0-9][a-z]{0,2}$`)
	postcodeForm = regexp.MustCompile(`^[A-Z]{1,2}[0-9][A-Z0-9]? ?[0-9][A-Z]{2}$`)
)

// queryWords folds what a person typed. The halves of a postcode are joined;
// words that are in nearly every name are left out unless nothing else is said.
func queryWords(text string) []string {
	folded := foldWords(text)
	var out []string
	for i := 0; i < len(folded); i++ {
		w := folded[i]
		if i+1 < len(folded) && outcodeForm.MatchString(w) && incodeForm.MatchString(folded[i+1]) {
			w += folded[i+1]
			i++
		}
		if !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	if len(out) > 1 {
		kept := slices.DeleteFunc(slices.Clone(out), func(w string) bool { return skipWords[w] })
		if len(kept) > 0 {
			out = kept
		}
	}
	return out[:min(len(out), maxWords)]
}

const maxWords = 6

// regionOf reads a whole query as a region's name or code.
func regionOf(text string) string {
	key := nameKey(text)
	for _, r := range Regions() {
		if key == nameKey(r.Name) || key == strings.ToLower(r.Code) || key == nameKey(r.Name)+" region" {
			return r.Code
		}
	}
	return ""
}

// regionsWith are the regions with a word that begins like w.
func regionsWith(w string) []string {
	var out []string
	for _, r := range Regions() {
		if len(w) >= 4 && slices.ContainsFunc(foldWords(r.Name), func(n string) bool { return strings.HasPrefix(n, w) }) {
			out = append(out, r.Code)
		}
	}
	return out
}

// upTo is the least text above every text that begins with prefix, for a
// range that holds under any sort order of letters and digits.
func upTo(prefix string) string {
	runes := []rune(prefix)
	for i := len(runes) - 1; i >= 0; i-- {
		switch r := runes[i]; {
		case r == '9':
			return string(runes[:i]) + "a"
		case r == 'z':
			continue
		default:
			return string(runes[:i]) + string(r+1)
		}
	}
	return "\U0010FFFF"
}

// tidyPostcode brings a postcode into its usual form; what is none is "".
func tidyPostcode(s string) string {
	p := strings.ToUpper(compact(s))
	if len(p) < 5 || len(p) > 7 {
		return ""
	}
	p = p[:len(p)-3] + " " + p[len(p)-3:]
	if !postcodeForm.MatchString(p) {
		return ""
	}
	return p
}

// Outcode is the district of a postcode: "TS18" of "TS18 1HU".
func Outcode(postcode string) string {
	out, _, _ := strings.Cut(tidyPostcode(postcode), " ")
	return out
}
