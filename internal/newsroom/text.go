package newsroom

import (
	"regexp"
	"strings"
)

// BlockKind is what a block of text is.
type BlockKind string

// The kinds of block.
const (
	Paragraph BlockKind = "paragraph"
	Heading   BlockKind = "heading"
	List      BlockKind = "list"
)

// Block is one part of a text. Items has one line for a paragraph or heading,
// one for each point of a list.
type Block struct {
	Kind  BlockKind
	Items []Line
}

// Line is words and links in the order they are read.
type Line []Span

// Span is words, with an address when they are a link.
type Span struct{ Text, Href string }

// Blocks reads the few marks a text may have: blank lines part paragraphs,
// "## " begins a heading, "- " a point of a list, [words](https://…) is a
// link. Everything else, HTML too, is words.
func Blocks(text string) []Block {
	var out []Block
	var open []string // lines of the paragraph being read
	closeOpen := func() {
		if len(open) > 0 {
			out = append(out, Block{Paragraph, []Line{spans(strings.Join(open, " "))}})
			open = nil
		}
	}
	for _, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		switch {
		case line == "":
			closeOpen()
			if n := len(out); n > 0 && out[n-1].Kind == List { // a blank line ends a list too
				out = append(out, Block{})
			}
		case strings.HasPrefix(line, "## "):
			closeOpen()
			out = append(out, Block{Heading, []Line{spans(strings.TrimSpace(line[3:]))}})
		case strings.HasPrefix(line, "- "):
			closeOpen()
			point := spans(strings.TrimSpace(line[2:]))
			if n := len(out); n > 0 && out[n-1].Kind == List {
				out[n-1].Items = append(out[n-1].Items, point)
			} else {
				out = append(out, Block{List, []Line{point}})
			}
		default:
			open = append(open, line)
		}
	}
	closeOpen()
	return full(out)
}

func full(blocks []Block) []Block {
	kept := blocks[:0]
	for _, b := range blocks {
		if b.Kind != "" {
			kept = append(kept, b)
		}
	}
	return kept
}

var link = regexp.MustCompile(`\[([^\[\]]+)\]\((https?://[^\s()<>"]+|/[^\s()<>"]*)\)`)

func spans(line string) Line {
	var out Line
	at := 0
	for _, m := range link.FindAllStringSubmatchIndex(line, -1) {
		if m[0] > at {
			out = append(out, Span{Text: line[at:m[0]]})
		}
		out = append(out, Span{Text: line[m[2]:m[3]], Href: line[m[4]:m[5]]})
		at = m[1]
	}
	if at < len(line) {
		out = append(out, Span{Text: line[at:]})
	}
	return out
}

// Plain is a text without its marks, for feeds that take words only.
func Plain(text string) string {
	var b strings.Builder
	for i, block := range Blocks(text) {
		if i > 0 {
			b.WriteString("\n\n")
		}
		for j, line := range block.Items {
			if j > 0 {
				b.WriteString("\n")
			}
			if block.Kind == List {
				b.WriteString("• ")
			}
			for _, s := range line {
				b.WriteString(s.Text)
			}
		}
	}
	return b.String()
}

// slugOf makes an address part from a title; "" when no letter or number is in
// it, as of a title in another script.
func slugOf(title string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(title) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-") && r != '\'' && r != '’':
			b.WriteByte('-')
		}
		if b.Len() >= 60 {
			break
		}
	}
	return strings.Trim(b.String(), "-")
}
