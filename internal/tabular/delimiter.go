package tabular

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
)

const (
	unitSeparator = 0x1f
	sampleRows    = 500
)

// usualDelimiters are those that are found out; others can be declared.
const usualDelimiters = ",;\t|^\x1f"

// sepLine reads Excel's “sep=;” first line; n is how many bytes it takes, 0 when there is none.
func sepLine(sample []byte) (delim byte, n int) {
	end := bytes.IndexAny(sample, "\r\n")
	next := end + 1
	switch {
	case end < 0:
		end, next = len(sample), len(sample)
	case sample[end] == '\r' && next < len(sample) && sample[next] == '\n':
		next++
	}
	line := sample[:end]
	if len(line) == 7 && line[0] == '"' && line[6] == '"' {
		line = line[1:6]
	}
	if len(line) != 5 || !strings.EqualFold(string(line[:4]), "sep=") || !canDelimit(line[4]) {
		return 0, 0
	}
	return line[4], next
}

func canDelimit(c byte) bool {
	return c != 0 && c < 0x80 && c != '"' && c != '\r' && c != '\n' && c != ' ' && c != 0x7f && !asciiLetter(c) && (c < '0' || c > '9')
}

// guess is how well a sample reads with one delimiter.
type guess struct {
	delim byte
	width int
	named bool    // the first row has that width too
	fit   float64 // the share of rows of that width
}

// findDelimiter chooses the delimiter of a sample. 0 means that there is only
// one column. A tie is refused: both readings would look right.
func findDelimiter(sample []byte, whole bool, n *notes) (byte, error) {
	var best, second guess
	for i := range len(usualDelimiters) {
		g := weigh(sample, usualDelimiters[i], whole)
		switch {
		case g.width < 2 || (!g.named && g.fit < 0.5):
		case g.better(best):
			best, second = g, best
		case g.better(second):
			second = g
		}
	}
	if best.width == 0 {
		n.add("one column", 0, "No delimiter was found. The file was read as one column")
		return 0, nil
	}
	if second.named && second.fit >= best.fit-0.05 {
		if second.width*2 > best.width {
			return 0, invalid(fmt.Sprintf("We cannot tell whether cells are separated by %s or by %s. Add a first line “sep=%c”, with the one that separates cells, and send the file again.",
				delimiterName(best.delim), delimiterName(second.delim), best.delim))
		}
		n.add("delimiter", 0, fmt.Sprintf("Cells were taken to be separated by %s; %s would also have been possible", delimiterName(best.delim), delimiterName(second.delim)))
	}
	return best.delim, nil
}

// better ranks by fit in tenths, then by number of columns.
func (g guess) better(than guess) bool {
	a, b := int(g.fit*10), int(than.fit*10)
	return a > b || (a == b && g.width > than.width)
}

func weigh(sample []byte, delim byte, whole bool) guess {
	rows := sampleOf(sample, delim, whole)
	g := guess{delim: delim}
	if len(rows) == 0 {
		return g
	}
	g.width = len(rows[0].cells)
	g.named = g.width > 1 && rows[0].fault == ""
	if !g.named {
		g.width = commonWidth(rows)
	}
	fits := 0
	for _, r := range rows {
		if r.fault == "" && len(r.cells) >= g.width && lastFilled(r.cells) <= g.width {
			fits++
		}
	}
	g.fit = float64(fits) / float64(len(rows))
	return g
}

func sampleOf(sample []byte, delim byte, whole bool) []record {
	s := newScanner(sample, bytes.NewReader(nil), delim, len(sample)+1)
	var rows []record
	for len(rows) < sampleRows {
		r, err := s.record()
		if errors.Is(err, io.EOF) {
			if !whole && len(rows) > 1 {
				rows = rows[:len(rows)-1]
			}
			break
		}
		if err != nil {
			break
		}
		if r.fault != "" || !blank(r.cells) {
			rows = append(rows, r)
		}
	}
	return rows
}

// commonWidth is the number of cells most rows have, the smaller on a tie.
func commonWidth(rows []record) int {
	times := map[int]int{}
	best := 0
	for _, r := range rows {
		if r.fault == "" {
			times[len(r.cells)]++
		}
	}
	for width, n := range times {
		if n > times[best] || (n == times[best] && width < best) {
			best = width
		}
	}
	return best
}

func delimiterName(c byte) string {
	switch c {
	case ',':
		return "commas"
	case ';':
		return "semicolons"
	case '\t':
		return "tabs"
	case '|':
		return "vertical bars"
	case '^':
		return "carets"
	}
	return fmt.Sprintf("the character %q", c)
}
