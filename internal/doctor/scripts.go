package doctor

// How each script is read in Latin letters. A second reading is given where
// one letter is commonly written in two ways (ث is th or s). These tables are
// our own and serve finding, not spelling: they are never shown to anybody.

type reading struct{ first, second string }

func once(s string) reading { return reading{s, s} }

// read gives the Latin reading of a lower-case rune of a known script.
func read(r rune) (reading, bool) {
	switch {
	case r >= 0x0400 && r <= 0x052F:
		return cyrillic(r)
	case r >= 0x0600 && r <= 0x06FF:
		return arabic(r)
	case r >= 0x1000 && r <= 0x109F:
		return burmese(r)
	case r >= 0x1200 && r <= 0x1357:
		return ethiopic(r)
	}
	return latin(r)
}

// latin reads the letters that do not fall apart into a letter and a mark.
func latin(r rune) (reading, bool) {
	switch r {
	case 'ß':
		return once("ss"), true
	case 'ø':
		return once("o"), true
	case 'đ', 'ð', 'ɗ':
		return once("d"), true
	case 'ł':
		return once("l"), true
	case 'æ', 'ə':
		return once("a"), true
	case 'œ':
		return once("o"), true
	case 'ı':
		return once("i"), true
	case 'þ':
		return once("th"), true
	case 'ħ':
		return once("h"), true
	case 'ɓ':
		return once("b"), true
	case 'ŋ':
		return once("n"), true
	}
	return reading{}, false
}

func cyrillic(r rune) (reading, bool) {
	const letters = "абвдежзийклмнопрстуфхцчшщъыьэюяёєіїґәғқңөұүһўј"
	sounds := [...]string{"a", "b", "v", "d", "e", "zh", "z", "i", "y", "k", "l", "m", "n", "o", "p", "r", "s", "t", "u", "f",
		"kh", "ts", "ch", "sh", "shch", "", "y", "", "e", "yu", "ya", "yo", "ye", "i", "yi", "g", "a", "g", "k", "n", "o", "u", "u", "h", "u", "y"}
	if r == 'г' { // h in Ukrainian and Belarusian, g in Russian
		return reading{"g", "h"}, true
	}
	i := 0
	for _, l := range letters {
		if l == r {
			return once(sounds[i]), true
		}
		i++
	}
	return reading{}, false
}

func arabic(r rune) (reading, bool) {
	switch r {
	case 'ا', 'أ', 'آ', 'ى', 'ع', 'ة', 'ۀ', 'ٱ':
		return once("a"), true
	case 'إ':
		return once("i"), true
	case 'ء', 'ئ', 'ؤ', 'ـ':
		return once(""), true
	case 'ب':
		return once("b"), true
	case 'پ':
		return once("p"), true
	case 'ت', 'ط', 'ټ', 'ٹ':
		return once("t"), true
	case 'ث':
		return reading{"t", "s"}, true
	case 'ج', 'ژ', 'گ', 'ګ', 'غ':
		return once("g"), true
	case 'ږ':
		return reading{"g", "z"}, true
	case 'چ', 'ش':
		return once("sh"), true
	case 'ښ':
		return reading{"kh", "sh"}, true
	case 'ح', 'ه', 'ہ', 'ھ', 'ە', 'ۃ':
		return once("h"), true
	case 'خ':
		return once("kh"), true
	case 'د', 'ډ', 'ڈ':
		return once("d"), true
	case 'ذ', 'ض', 'ظ':
		return reading{"d", "z"}, true
	case 'ر', 'ړ', 'ڑ':
		return once("r"), true
	case 'ز':
		return once("z"), true
	case 'ځ':
		return reading{"dz", "z"}, true
	case 'س', 'ص':
		return once("s"), true
	case 'څ':
		return reading{"ts", "s"}, true
	case 'ف':
		return once("f"), true
	case 'ڤ':
		return once("v"), true
	case 'ق', 'ك', 'ک':
		return once("k"), true
	case 'ل':
		return once("l"), true
	case 'م':
		return once("m"), true
	case 'ن', 'ں', 'ڼ':
		return once("n"), true
	case 'و', 'ۆ':
		return once("w"), true
	case 'ي', 'ی', 'ې', 'ۍ', 'ے', 'ێ':
		return once("y"), true
	}
	return reading{}, false
}

// ethiopic reads a syllable as its row's consonant and its column's vowel.
func ethiopic(r rune) (reading, bool) {
	rows := [...]string{"h", "l", "h", "m", "s", "r", "s", "sh", "k", "k", "k", "k", "b", "v", "t", "ch", "h", "h", "n", "n",
		"", "k", "k", "h", "h", "w", "", "z", "zh", "y", "d", "d", "j", "g", "g", "g", "t", "ch", "p", "ts", "ts", "f", "p"}
	vowels := [...]string{"e", "u", "i", "a", "e", "", "o", "a"}
	row, column := int(r-0x1200)/8, int(r-0x1200)%8
	if row >= len(rows) {
		return reading{}, false
	}
	consonant, vowel := rows[row], vowels[column]
	if consonant == "" && vowel == "" {
		vowel = "e"
	}
	return once(consonant + vowel), true
}

// burmese reads consonants; silenced is set by the caller for a final one.
func burmese(r rune) (reading, bool) {
	sounds := [...]string{"k", "k", "g", "g", "n", "s", "s", "z", "z", "n", "n", "t", "t", "d", "d", "n", "t", "t", "d", "d", "n",
		"p", "p", "b", "b", "m", "y", "y", "l", "w", "th", "h", "l", "a"}
	if i := int(r - 0x1000); i < len(sounds) {
		return once(sounds[i] + "a"), true
	}
	switch {
	case r == 0x103B || r == 0x103C: // medial y and r: ky, kr
		return once("y"), true
	case r == 0x103D:
		return once("w"), true
	case r >= 0x1023 && r <= 0x102A: // vowels standing alone
		return once("a"), true
	case r == 0x103F:
		return once("tha"), true
	}
	return once(""), true // vowel signs, tones, the silencer
}
