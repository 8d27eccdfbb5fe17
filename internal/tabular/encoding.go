package tabular

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	xunicode "golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
)

// Encodings are the names Options.Encoding may declare.
func Encodings() []string {
	return []string{"UTF-8", "UTF-16LE", "UTF-16BE", "UTF-32LE", "UTF-32BE",
		"Windows-1250", "Windows-1251", "Windows-1252", "Windows-1254", "Windows-1256", "ISO-8859-1"}
}

const saveAsUTF8 = "Save it again as “CSV UTF-8”, which Excel and other programs offer, or as an Excel workbook (.xlsx)."

// wideEncoding gives the decoder of an encoding that is not a superset of ASCII, or nil.
func wideEncoding(name string) encoding.Encoding {
	switch name {
	case "UTF-16LE":
		return xunicode.UTF16(xunicode.LittleEndian, xunicode.IgnoreBOM)
	case "UTF-16BE":
		return xunicode.UTF16(xunicode.BigEndian, xunicode.IgnoreBOM)
	case "UTF-32LE":
		return utf32.UTF32(utf32.LittleEndian, utf32.IgnoreBOM)
	case "UTF-32BE":
		return utf32.UTF32(utf32.BigEndian, utf32.IgnoreBOM)
	}
	return nil
}

// byteEncoding gives the table of an encoding of one byte a letter, or nil.
func byteEncoding(name string) *charmap.Charmap {
	switch name {
	case "Windows-1250":
		return charmap.Windows1250
	case "Windows-1251":
		return charmap.Windows1251
	case "Windows-1252":
		return charmap.Windows1252
	case "Windows-1254":
		return charmap.Windows1254
	case "Windows-1256":
		return charmap.Windows1256
	case "ISO-8859-1":
		return charmap.ISO8859_1
	}
	return nil
}

// bom gives the encoding a byte order mark names and its length. The four-byte
// marks come first: one begins with a two-byte one.
func bom(head []byte) (name string, length int) {
	for _, m := range []struct{ name, mark string }{
		{"UTF-32LE", "\xff\xfe\x00\x00"}, {"UTF-32BE", "\x00\x00\xfe\xff"},
		{"UTF-8", "\xef\xbb\xbf"}, {"UTF-16LE", "\xff\xfe"}, {"UTF-16BE", "\xfe\xff"},
	} {
		if bytes.HasPrefix(head, []byte(m.mark)) {
			return m.name, len(m.mark)
		}
	}
	return "", 0
}

// guessWide tells which UTF-16 or UTF-32 bytes without a mark are, or "". Only
// bytes with zeros among them can be: each line end and delimiter brings one.
func guessWide(head []byte) string {
	if bytes.IndexByte(head, 0) < 0 {
		return ""
	}
	best, bestScore, second := "", 0, 0
	for _, name := range []string{"UTF-32LE", "UTF-32BE", "UTF-16LE", "UTF-16BE"} {
		score := asciiRunes(head, name)
		if score > bestScore {
			best, bestScore, second = name, score, bestScore
		} else {
			second = max(second, score)
		}
	}
	if bestScore < 2*second || bestScore < 2 {
		return ""
	}
	return best
}

// asciiRunes decodes head and counts the ASCII characters in it; 0 when it does
// not hold as that encoding.
func asciiRunes(head []byte, name string) int {
	n, odd := 0, false
	for len(head) > 0 {
		var r rune
		var size int
		switch {
		case strings.HasPrefix(name, "UTF-32") && len(head) < 4, len(head) < 2:
			return n // cut short by the sample, or by whoever made the file
		case name == "UTF-32LE":
			r, size = rune(binary.LittleEndian.Uint32(head)), 4
		case name == "UTF-32BE":
			r, size = rune(binary.BigEndian.Uint32(head)), 4
		case name == "UTF-16LE":
			r, size = rune(binary.LittleEndian.Uint16(head)), 2
		default:
			r, size = rune(binary.BigEndian.Uint16(head)), 2
		}
		low := r >= 0xDC00 && r <= 0xDFFF && size == 2
		if low != odd || r < 0 || r > unicode.MaxRune || (r < ' ' && !allowedControl(byte(r))) {
			return 0
		}
		odd = r >= 0xD800 && r <= 0xDBFF && size == 2
		if r < utf8.RuneSelf {
			n++
		}
		head = head[size:]
	}
	return n
}

// allowedControl tells the control characters that text may hold.
func allowedControl(c byte) bool {
	return c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f' || c == unitSeparator
}

// text knows the encoding of a file whose delimiters are plain bytes, and learns
// it when the first letter outside ASCII comes late.
type text struct {
	label string           // "" while all was ASCII
	table *charmap.Charmap // nil for UTF-8
	sure  bool             // declared, or told by a mark
	wide  string           // what the bytes were before they became UTF-8
	notes *notes
}

func (x *text) name() string {
	if x.wide != "" {
		return x.wide
	}
	if x.label == "" {
		return "UTF-8"
	}
	return x.label
}

// settle decides from a sample of the file. It gives the reason when the letters
// could belong to several alphabets.
func (x *text) settle(sample []byte) string {
	if x.sure || isASCII(sample) {
		return ""
	}
	good, bad := 0, 0
	var lone []byte
	for rest := sample; len(rest) > 0; {
		r, n := utf8.DecodeRune(rest)
		switch {
		case r == utf8.RuneError && n == 1 && !utf8.FullRune(rest):
			rest = nil
			continue
		case r == utf8.RuneError && n == 1:
			bad++
		case n > 1:
			good++
		}
		lone = append(lone, rest[:n]...)
		rest = rest[n:]
	}
	if good > bad || bad == 0 {
		x.label = "UTF-8"
		return ""
	}
	if doubtful(lone) {
		return "We cannot tell which alphabet this file uses, so names in it could come out wrong. " + saveAsUTF8
	}
	x.western(0)
	return ""
}

func (x *text) western(line int) {
	x.label, x.table = "Windows-1252", charmap.Windows1252
	x.notes.add("western", line, "The file is not in UTF-8. It was read as Windows-1252 (Western European). If letters with accents look wrong, save it again as “CSV UTF-8”")
}

// row checks one row that has bytes outside ASCII and gives why it cannot be read, or "".
func (x *text) row(raw []byte, line int) string {
	valid := utf8.Valid(raw)
	if x.label == "" {
		switch {
		case valid:
			x.label = "UTF-8"
		case doubtful(raw):
			return "We cannot tell which alphabet it is in. Save the file again as “CSV UTF-8”."
		default:
			x.western(line)
		}
	}
	switch {
	case x.table == nil && !valid:
		return "It has letters that are not in UTF-8 like the rest of the file. Type them again, or save the file again as “CSV UTF-8”."
	case x.table == nil && bytes.Contains(raw, []byte("\uFFFD")):
		if x.wide != "" {
			return "It has letters that cannot be read. Type them again and save the file as “CSV UTF-8”."
		}
		x.notes.add("lost", line, "There is a “\uFFFD” where a letter was lost before this file was made")
	case x.table != nil && !x.sure && valid:
		return "It seems to be in UTF-8 while the rest of the file is not. Save the whole file again as “CSV UTF-8”."
	case x.table != nil && !x.sure && doubtful(raw):
		return "We cannot tell which alphabet it is in. Save the file again as “CSV UTF-8”."
	}
	return ""
}

// decode brings one cell to UTF-8.
func (x *text) decode(cell string) string {
	if x.table == nil {
		return strings.ToValidUTF8(cell, "\uFFFD")
	}
	for i := 0; i < len(cell); i++ {
		if cell[i] >= utf8.RuneSelf {
			var b strings.Builder
			b.Grow(len(cell) + 8)
			for j := 0; j < len(cell); j++ {
				b.WriteRune(x.table.DecodeByte(cell[j]))
			}
			return b.String()
		}
	}
	return cell
}

// Bytes that Windows-1252 leaves empty, and its signs that other alphabets use
// for letters (Polish ł is ³ there, Turkish ş is þ).
const (
	noLetter    = "\x81\x8d\x8f\x90\x9d"
	otherLetter = "\xd0\xde\xf0\xfe"
)

// doubtful tells bytes that are not plainly Windows-1252: a code with no letter,
// long runs of letters outside ASCII or words of them alone (another alphabet:
// a short Arabic name), signs inside words.
func doubtful(raw []byte) bool {
	if slices.ContainsFunc(raw, func(c byte) bool {
		return strings.IndexByte(noLetter, c) >= 0 || strings.IndexByte(otherLetter, c) >= 0
	}) {
		return true
	}
	run := 0
	for i, c := range raw {
		if c < utf8.RuneSelf {
			run = 0
			continue
		}
		if run++; run >= 4 || run >= 2 && wholeWord(raw, i-run+1, i) {
			return true
		}
		sign := (c > 0xA0 && c < 0xC0 && strings.IndexByte("\xaa\xad\xb4\xb7\xba", c) < 0) || c == 0xD7 || c == 0xF7
		if sign && i > 0 && i+1 < len(raw) && asciiLetter(raw[i-1]) && asciiLetter(raw[i+1]) {
			return true
		}
	}
	return false
}

// wholeWord tells that the letters from first to last are a word of their own.
func wholeWord(raw []byte, first, last int) bool {
	for _, c := range raw[first : last+1] {
		if c < 0xC0 {
			return false
		}
	}
	return (first == 0 || !asciiLetter(raw[first-1])) && (last+1 == len(raw) || raw[last+1] < utf8.RuneSelf && !asciiLetter(raw[last+1]))
}

func asciiLetter(c byte) bool { c |= 0x20; return c >= 'a' && c <= 'z' }

func isASCII(b []byte) bool {
	for len(b) >= 8 {
		if binary.LittleEndian.Uint64(b)&0x8080808080808080 != 0 {
			return false
		}
		b = b[8:]
	}
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
