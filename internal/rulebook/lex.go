package rulebook

import (
	"fmt"
	"regexp"
	"strings"
)

type tokenKind uint8

const (
	tokEnd tokenKind = iota
	tokWord
	tokInt
	tokDate
	tokText
	tokSymbol
)

type token struct {
	kind     tokenKind
	text     string // without the quotes of a text
	pos, end int
}

func (t token) String() string {
	switch t.kind {
	case tokEnd:
		return "the end"
	case tokText:
		return fmt.Sprintf("the text %q", t.text)
	}
	return fmt.Sprintf("%q", t.text)
}

// fault is an error at an offset of an expression.
type fault struct {
	pos     int
	message string
}

func (f *fault) Error() string { return f.message }

func faultAt(pos int, format string, args ...any) *fault {
	return &fault{pos, fmt.Sprintf(format, args...)}
}

var tokenForms = []struct {
	kind tokenKind
	form *regexp.Regexp
}{
	{tokDate, regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}`)},
	{tokInt, regexp.MustCompile(`^[0-9]{1,15}`)},
	{tokWord, regexp.MustCompile(`^[a-zA-Z][a-zA-Z0-9_]*`)},
	{tokText, regexp.MustCompile(`^"[^"\n]*"`)},
	{tokSymbol, regexp.MustCompile(`^(!=|<=|>=|[=<>()\[\],.+\-/])`)},
}

// lex cuts an expression into tokens; the last one is the end.
func lex(source string) ([]token, *fault) {
	var tokens []token
	for pos := 0; ; {
		pos += len(source[pos:]) - len(strings.TrimLeft(source[pos:], " \t\r\n"))
		if pos >= len(source) {
			return append(tokens, token{tokEnd, "", pos, pos}), nil
		}
		t, ok := lexOne(source, pos)
		if !ok {
			return nil, faultAt(pos, "cannot read %q here", firstRune(source[pos:]))
		}
		tokens = append(tokens, t)
		pos = t.end
	}
}

func lexOne(source string, pos int) (token, bool) {
	for _, f := range tokenForms {
		if m := f.form.FindString(source[pos:]); m != "" {
			t := token{f.kind, m, pos, pos + len(m)}
			if f.kind == tokText {
				t.text = m[1 : len(m)-1]
			}
			return t, true
		}
	}
	return token{}, false
}

func firstRune(s string) string {
	for _, r := range s {
		return string(r)
	}
	return ""
}
