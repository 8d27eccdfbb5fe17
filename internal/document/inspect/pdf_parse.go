package inspect

import (
	"bytes"
	"errors"
	"strconv"
)

// A small reader of the words PDF is written in. It keeps of each object only
// what the check asks about, so that no file makes it hold much.
type valueKind byte

const (
	anyValue valueKind = iota // a text, a truth, nothing
	numberValue
	nameValue
	referenceValue
	listValue
	dictValue
)

type value struct {
	kind   valueKind
	name   string
	number int
	list   []value
	dict   map[string]value
}

var (
	errBroken = errors.New("not written as PDF is")
	errHuge   = errors.New("more than a document needs")
)

const (
	mostWords = 6_000_000 // of a whole file
	mostDepth = 60
	mostList  = 64 // items of a list that are kept
	mostKeys  = 4096
)

type reader struct {
	data  []byte
	at    int
	words *int         // left for the whole file
	name  func(string) // told every name
	text  func([]byte) // told every text and remark
}

func isSpace(c byte) bool {
	return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == 0 || c == '\f'
}

func isDelimiter(c byte) bool { return bytes.IndexByte([]byte("()<>[]{}/%"), c) >= 0 }

func (r *reader) skip() {
	for r.at < len(r.data) {
		switch c := r.data[r.at]; {
		case isSpace(c):
			r.at++
		case c == '%':
			end := bytes.IndexAny(r.data[r.at:], "\r\n")
			if end < 0 {
				end = len(r.data) - r.at
			}
			r.text(r.data[r.at : r.at+end])
			r.at += end
		default:
			return
		}
	}
}

func (r *reader) end() bool { r.skip(); return r.at >= len(r.data) }

// word reads a run of ordinary characters: a number or a keyword.
func (r *reader) word() string {
	start := r.at
	for r.at < len(r.data) && !isSpace(r.data[r.at]) && !isDelimiter(r.data[r.at]) {
		r.at++
	}
	return string(r.data[start:min(r.at, start+40)])
}

// readName reads a name after its slash, with #xx written out.
func (r *reader) readName() string {
	r.at++
	start := r.at
	for r.at < len(r.data) && !isSpace(r.data[r.at]) && !isDelimiter(r.data[r.at]) {
		r.at++
	}
	raw := r.data[start:min(r.at, start+300)]
	if bytes.IndexByte(raw, '#') < 0 {
		return string(raw)
	}
	var out []byte
	for i := 0; i < len(raw); i++ {
		if raw[i] == '#' && i+2 < len(raw) {
			if n, err := strconv.ParseUint(string(raw[i+1:i+3]), 16, 8); err == nil {
				out = append(out, byte(n))
				i += 2
				continue
			}
		}
		out = append(out, raw[i])
	}
	return string(out)
}

func (r *reader) readText() error {
	start, depth := r.at, 0
	for ; r.at < len(r.data); r.at++ {
		switch r.data[r.at] {
		case '\\':
			r.at++
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				r.at++
				r.text(r.data[start:r.at])
				return nil
			}
		}
	}
	return errBroken
}

// value reads one value; a keyword that is none comes back as a name of kind
// anyValue, for the caller to judge.
func (r *reader) value(depth int) (value, error) {
	if *r.words--; *r.words < 0 {
		return value{}, errHuge
	}
	if depth > mostDepth || r.end() {
		return value{}, errBroken
	}
	switch c := r.data[r.at]; {
	case c == '/':
		name := r.readName()
		r.name(name)
		return value{kind: nameValue, name: name}, nil
	case c == '(':
		return value{}, r.readText()
	case c == '[':
		r.at++
		return r.readList(depth)
	case c == '<' && r.at+1 < len(r.data) && r.data[r.at+1] == '<':
		r.at += 2
		return r.readDict(depth)
	case c == '<':
		end := bytes.IndexByte(r.data[r.at:], '>')
		if end < 0 {
			return value{}, errBroken
		}
		r.at += end + 1
		return value{}, nil
	case isDelimiter(c):
		return value{}, errBroken
	}
	word := r.word()
	n, err := strconv.Atoi(word)
	if err != nil {
		if _, err := strconv.ParseFloat(word, 64); err == nil {
			return value{kind: numberValue}, nil
		}
		return value{name: word}, nil
	}
	if before := r.at; r.reference() {
		return value{kind: referenceValue, number: n}, nil
	} else {
		r.at = before
	}
	return value{kind: numberValue, number: n}, nil
}

// reference tells whether "G R" follows, and reads past it.
func (r *reader) reference() bool {
	r.skip()
	if r.at >= len(r.data) || r.data[r.at] < '0' || r.data[r.at] > '9' {
		return false
	}
	if _, err := strconv.Atoi(r.word()); err != nil {
		return false
	}
	r.skip()
	return r.at < len(r.data) && r.data[r.at] == 'R' && r.word() == "R"
}

func (r *reader) readList(depth int) (value, error) {
	v := value{kind: listValue}
	for {
		if r.end() {
			return v, errBroken
		}
		if r.data[r.at] == ']' {
			r.at++
			return v, nil
		}
		item, err := r.value(depth + 1)
		if err != nil {
			return v, err
		}
		if len(v.list) < mostList {
			v.list = append(v.list, item)
		}
	}
}

func (r *reader) readDict(depth int) (value, error) {
	v := value{kind: dictValue, dict: map[string]value{}}
	for {
		if r.end() {
			return v, errBroken
		}
		if bytes.HasPrefix(r.data[r.at:], []byte(">>")) {
			r.at += 2
			return v, nil
		}
		if r.data[r.at] != '/' {
			return v, errBroken
		}
		key := r.readName()
		r.name(key)
		item, err := r.value(depth + 1)
		if err != nil {
			return v, err
		}
		if len(v.dict) >= mostKeys {
			return v, errHuge
		}
		if _, twice := v.dict[key]; twice && suspectTwice[key] {
			return v, errBroken // two readers would each believe another one
		}
		v.dict[key] = item
	}
}

// suspectTwice are keys by which this check decides: each may stand once.
var suspectTwice = map[string]bool{"Type": true, "Length": true, "Filter": true, "First": true, "N": true, "S": true, "F": true, "OpenAction": true, "DecodeParms": true}
