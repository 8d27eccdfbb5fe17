package tabular

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
)

const (
	chunk = 64 << 10
	// A quoted cell of more lines than this is a quote that was never closed.
	maxCellLines = 200
	rawShown     = 200
)

var errLong = errors.New("row too long")

// record is one logical row as the scanner found it; raw is valid until the next call.
type record struct {
	line  int
	lines int
	cells []string
	raw   []byte
	fault string
}

// scanner splits bytes in which the delimiter, quotes and line ends are single
// ASCII bytes into records. LF, CRLF and CR each end a line. A record whose
// quotes do not hold gives up its first physical line only, and reading goes on
// at the next, so that a stray quote never swallows the rows below it.
type scanner struct {
	r      io.Reader
	buf    []byte // offsets into buf stay good within a record
	start  int
	line   int
	max    int
	delim  byte
	eof    bool
	err    error
	lf, cr mark
	field  []byte
	ends   []int
	sawLF  bool
	sawCR  bool
}

// mark remembers where the next of one byte is, so that no byte is searched twice.
type mark struct{ at, seen int }

func (m *mark) find(buf []byte, c byte, from int) int {
	if m.at >= from {
		return m.at
	}
	m.seen = max(m.seen, from)
	i := bytes.IndexByte(buf[m.seen:], c)
	if i < 0 {
		m.at, m.seen = -1, len(buf)
		return -1
	}
	m.at = m.seen + i
	m.seen = m.at + 1
	return m.at
}

func (m *mark) shift(n int) {
	if m.at -= n; m.at < 0 {
		m.at = -1
	}
	m.seen = max(0, m.seen-n)
}

// newScanner reads first and then r; line numbers the first line.
func newScanner(first []byte, r io.Reader, delim byte, maxRow int) *scanner {
	s := &scanner{r: r, line: 1, max: maxRow, delim: delim}
	s.buf = make([]byte, len(first), max(len(first), chunk)+chunk)
	copy(s.buf, first)
	s.rewind(0)
	return s
}

// rewind sets the place to read on from; it may lie before what was searched.
func (s *scanner) rewind(to int) {
	s.start = to
	s.lf, s.cr = mark{-1, to}, mark{-1, to}
}

// compact drops what was read; only between records.
func (s *scanner) compact() {
	if s.start < chunk || s.start*2 < len(s.buf) {
		return
	}
	n := copy(s.buf, s.buf[s.start:])
	s.buf = s.buf[:n]
	s.lf.shift(s.start)
	s.cr.shift(s.start)
	s.start = 0
}

// fill adds bytes to buf, or sets eof.
func (s *scanner) fill() error {
	if s.err != nil {
		return s.err
	}
	if cap(s.buf)-len(s.buf) < chunk/2 {
		bigger := make([]byte, len(s.buf), 2*cap(s.buf))
		copy(bigger, s.buf)
		s.buf = bigger
	}
	for range 100 {
		n, err := s.r.Read(s.buf[len(s.buf):cap(s.buf)])
		s.buf = s.buf[:len(s.buf)+n]
		switch {
		case errors.Is(err, io.EOF):
			s.eof = true
			return nil
		case err != nil:
			s.err = err
			if n > 0 {
				return nil
			}
			return err
		case n > 0:
			return nil
		}
	}
	s.err = io.ErrNoProgress
	return s.err
}

// lineEnd gives where the line at from ends and where the next one starts.
func (s *scanner) lineEnd(from int) (end, next int, err error) {
	for {
		lf := s.lf.find(s.buf, '\n', from)
		cr := s.cr.find(s.buf, '\r', from)
		switch {
		case cr >= 0 && (lf < 0 || cr < lf):
			if cr+1 < len(s.buf) && s.buf[cr+1] == '\n' {
				return cr, cr + 2, nil
			}
			if cr+1 < len(s.buf) || s.eof {
				s.sawCR = true
				return cr, cr + 1, nil
			}
		case lf >= 0:
			s.sawLF = true
			return lf, lf + 1, nil
		case s.eof:
			return len(s.buf), len(s.buf), nil
		}
		if len(s.buf)-s.start > s.max {
			return 0, 0, errLong
		}
		if err := s.fill(); err != nil {
			return 0, 0, err
		}
	}
}

// record gives the next record, and io.EOF at the end.
func (s *scanner) record() (record, error) {
	s.compact()
	begin := s.start
	end, next, err := s.lineEnd(begin)
	if errors.Is(err, errLong) {
		return s.skipLong()
	}
	if err != nil {
		return record{}, err
	}
	if next == begin {
		return record{}, io.EOF
	}
	line := s.buf[begin:end]
	if bytes.IndexByte(line, '"') >= 0 {
		return s.quoted(end, next)
	}
	rec := record{line: s.line, lines: 1, raw: line, cells: split(string(line), s.delim)}
	s.start = next
	s.line++
	return rec, nil
}

func split(line string, delim byte) []string {
	cells := make([]string, strings.Count(line, string(rune(delim)))+1)
	last := len(cells) - 1
	for i := range last {
		j := strings.IndexByte(line, delim)
		cells[i], line = line[:j], line[j+1:]
	}
	cells[last] = line
	return cells
}

// quoted reads a record whose first line, which ends at end, holds a quote.
func (s *scanner) quoted(end, next int) (record, error) {
	begin, firstEnd, firstNext := s.start, end, next
	s.field, s.ends = s.field[:0], s.ends[:0]
	lines, pos := 1, begin
	fail := func(fault string) (record, error) {
		rec := record{line: s.line, lines: 1, raw: s.buf[begin:firstEnd], cells: []string{string(s.buf[begin:firstEnd])}, fault: fault}
		s.rewind(firstNext)
		s.line++
		return rec, nil
	}
	for {
		if pos == end || s.buf[pos] != '"' {
			stop := end
			if i := bytes.IndexByte(s.buf[pos:end], s.delim); i >= 0 {
				stop = pos + i
			}
			if bytes.IndexByte(s.buf[pos:stop], '"') >= 0 {
				return fail("It has a quote mark inside a cell that does not begin with one. Put the whole cell in quote marks and double the ones inside it.")
			}
			s.field = append(s.field, s.buf[pos:stop]...)
			pos = stop
		} else {
			n, to, e, nx, err := s.inQuotes(pos+1, end, next, lines)
			if err != nil && !errors.Is(err, errLong) {
				return record{}, err
			}
			if err != nil {
				return fail("A quote mark opens a cell and is never closed. Close it, or take it away.")
			}
			lines, pos, end, next = n, to, e, nx
			if pos < end && s.buf[pos] != s.delim {
				return fail(badClose(s.line, lines))
			}
		}
		s.ends = append(s.ends, len(s.field))
		if pos == end {
			break
		}
		pos++
	}
	rec := record{line: s.line, lines: lines, raw: s.buf[begin:end], cells: s.cells()}
	s.start = next
	s.line += lines
	return rec, nil
}

func badClose(line, lines int) string {
	if lines > 1 {
		return fmt.Sprintf("A quote mark opens a cell here and the next one, on line %d, is not at the end of a cell. Close the cell, and double any quote mark inside it.", line+lines-1)
	}
	return "A cell in quote marks goes on after its closing quote mark. Double each quote mark that belongs to the text."
}

// inQuotes appends the cell whose text starts at pos to field. It gives the
// lines so far, the place after the closing quote and the bounds of its line;
// errLong means that no closing quote was found.
func (s *scanner) inQuotes(pos, end, next, lines int) (n, to, e, nx int, err error) {
	for {
		i := bytes.IndexByte(s.buf[pos:end], '"')
		if i >= 0 {
			s.field = append(s.field, s.buf[pos:pos+i]...)
			pos += i + 1
			if pos == end || s.buf[pos] != '"' {
				return lines, pos, end, next, nil
			}
			s.field = append(s.field, '"')
			pos++
			continue
		}
		s.field = append(s.field, s.buf[pos:next]...)
		pos = next
		if lines++; lines > maxCellLines {
			return 0, 0, 0, 0, errLong
		}
		end, next, err = s.lineEnd(pos)
		if err != nil {
			return 0, 0, 0, 0, err
		}
		if next == pos {
			return 0, 0, 0, 0, errLong
		}
	}
}

// cells copies field out once and cuts it up.
func (s *scanner) cells() []string {
	all := string(s.field)
	cells := make([]string, len(s.ends))
	from := 0
	for i, end := range s.ends {
		cells[i] = all[from:end]
		from = end
	}
	return cells
}

// skipLong passes over a line longer than a row may be.
func (s *scanner) skipLong() (record, error) {
	shown := strings.ToValidUTF8(string(s.buf[s.start:s.start+min(rawShown, len(s.buf)-s.start)]), "\uFFFD")
	rec := record{line: s.line, lines: 1, cells: []string{shown}, fault: fmt.Sprintf("It is longer than %s. Shorten it, or look for missing line ends.", size(int64(s.max)))}
	for {
		_, next, err := s.lineEnd(s.start)
		if errors.Is(err, errLong) {
			s.buf[0] = s.buf[len(s.buf)-1] // it may be half of a CRLF
			s.buf = s.buf[:1]
			s.rewind(0)
			continue
		}
		if err != nil {
			return record{}, err
		}
		s.start = next
		s.line++
		return rec, nil
	}
}

// size writes a number of bytes as people do.
func size(n int64) string {
	switch {
	case n >= 1<<20:
		return fmt.Sprintf("%d MB", n>>20)
	case n >= 1<<10:
		return fmt.Sprintf("%d KB", n>>10)
	}
	return fmt.Sprintf("%d bytes", n)
}
