package tabular

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
)

// texts is the workbook's list of shared texts, kept as one run of bytes.
type texts struct {
	all  []byte
	ends []uint32
}

// at gives the bytes of text i, valid while the list is; false when there is none.
func (t *texts) at(i int) ([]byte, bool) {
	if i < 0 || i >= len(t.ends) {
		return nil, false
	}
	from := uint32(0)
	if i > 0 {
		from = t.ends[i-1]
	}
	return t.all[from:t.ends[i]], true
}

// readShared reads the shared texts, without the reading aids (rPh) beside them.
func (w *workbook) readShared(name string, limit int64) error {
	p, err := w.part(name)
	if err != nil || p == nil {
		return err
	}
	defer p.Close()
	inText, aid, from := false, 0, 0
	for {
		tok, err := p.token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		switch x := tok.(type) {
		case xml.StartElement:
			switch x.Name.Local {
			case "si":
				from = len(w.shared.all)
			case "rPh":
				aid++
			case "t":
				inText = aid == 0
			}
		case xml.EndElement:
			switch x.Name.Local {
			case "si":
				w.shared.all = append(w.shared.all[:from], unescape(string(w.shared.all[from:]))...)
				w.shared.ends = append(w.shared.ends, uint32(len(w.shared.all)))
			case "rPh":
				aid--
			case "t":
				inText = false
			}
		case xml.CharData:
			if inText {
				w.shared.all = append(w.shared.all, x...)
			}
		}
		if int64(len(w.shared.all)+4*len(w.shared.ends)) > min(limit, math.MaxUint32) {
			return invalid(fmt.Sprintf("This Excel workbook holds more than %s of different texts. Save the table as CSV and send that.", size(limit)))
		}
	}
}

// unescape turns the _x000D_ of spreadsheets into the character it stands for.
func unescape(s string) string {
	if !strings.Contains(s, "_x") {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '_' && len(s) >= i+7 && s[i+1] == 'x' && s[i+6] == '_' {
			if n, err := strconv.ParseUint(s[i+2:i+6], 16, 16); err == nil && !utf16.IsSurrogate(rune(n)) {
				b.WriteRune(rune(n))
				i += 6
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// cellStyle is what a number format says about how a number is meant.
type cellStyle struct {
	date, time bool
	zeros      int // shown with at least so many digits, like 0012345
}

// readStyles learns which cell styles show dates, times and leading zeros.
func (w *workbook) readStyles(name string) error {
	custom := map[string]string{}
	cells := false
	p, err := w.part(name)
	if err != nil || p == nil {
		return err
	}
	defer p.Close()
	for {
		tok, err := p.token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		switch x := tok.(type) {
		case xml.StartElement:
			switch x.Name.Local {
			case "numFmt":
				custom[attr(x, "numFmtId")] = attr(x, "formatCode")
			case "cellXfs":
				cells = true
			case "xf":
				if cells && len(w.styles) < 1<<16 {
					w.styles = append(w.styles, styleOf(attr(x, "numFmtId"), custom))
				}
			}
		case xml.EndElement:
			if x.Name.Local == "cellXfs" {
				cells = false
			}
		}
	}
}

// styleOf knows the built-in formats for dates and times and reads custom codes.
func styleOf(id string, custom map[string]string) cellStyle {
	if code, ok := custom[id]; ok {
		return styleOfCode(code)
	}
	switch n := atoi(id); {
	case n >= 14 && n <= 17, n >= 27 && n <= 31, n == 36, n >= 50 && n <= 54, n == 57, n == 58:
		return cellStyle{date: true}
	case n == 22:
		return cellStyle{date: true, time: true}
	case n >= 18 && n <= 21, n >= 32 && n <= 35, n >= 45 && n <= 47, n == 55, n == 56:
		return cellStyle{time: true}
	}
	return cellStyle{}
}

// styleOfCode reads a format code's first section, passing over quoted text,
// escaped characters and [colour] or [condition] parts; [h] counts hours.
func styleOfCode(code string) cellStyle {
	var s cellStyle
	plain, months := true, false
	for i := 0; i < len(code) && code[i] != ';'; i++ {
		switch c := code[i] | 0x20; {
		case code[i] == '"':
			plain = false
			for i++; i < len(code) && code[i] != '"'; i++ {
			}
		case code[i] == '\\' || code[i] == '_' || code[i] == '*':
			plain = false
			i++
		case code[i] == '[':
			plain = false
			if i+1 < len(code) && strings.IndexByte("hms", code[i+1]|0x20) >= 0 {
				s.time = true
			}
			for ; i < len(code) && code[i] != ']'; i++ {
			}
		case c == 'd' || c == 'y':
			s.date = true
		case c == 'h' || c == 's':
			s.time = true
		case c == 'm':
			months = true
		case code[i] != '0':
			plain = false
			if strings.HasPrefix(strings.ToLower(code[i:]), "general") {
				i += len("general") - 1
			}
		}
	}
	if months && !s.time {
		s.date = true
	}
	if plain && !s.date && !s.time && len(code) > 1 && strings.IndexByte(code, ';') < 0 {
		s.zeros = len(code)
	}
	return s
}

// number gives a number as the sheet means it: a date or time in ISO form,
// else as it would be typed. fault says why it cannot.
func (w *workbook) number(v string, style int) (cell, fault string) {
	x, err := strconv.ParseFloat(strings.TrimSpace(v), 64)
	if err != nil || math.IsInf(x, 0) || math.IsNaN(x) {
		return v, fmt.Sprintf("holds %q, which is not a number. Type it again.", short(v))
	}
	var s cellStyle
	if style >= 0 && style < len(w.styles) {
		s = w.styles[style]
	}
	if s.date || s.time {
		return w.moment(x, s)
	}
	cell = plainNumber(x)
	if s.zeros > len(cell) && x >= 0 && x == math.Trunc(x) {
		cell = strings.Repeat("0", s.zeros-len(cell)) + cell
	}
	return cell, ""
}

// plainNumber writes a number with the 15 digits a spreadsheet keeps, without an
// exponent where a person would not write one.
func plainNumber(x float64) string {
	s := strconv.FormatFloat(x, 'g', 15, 64)
	if a := math.Abs(x); a == 0 || a >= 1e-9 && a < 1e21 {
		if y, err := strconv.ParseFloat(s, 64); err == nil {
			return strconv.FormatFloat(y, 'f', -1, 64)
		}
	}
	return s
}

// moment turns a day number into ISO form. Day 60 of the 1900 count is a 29
// February that never was.
func (w *workbook) moment(x float64, s cellStyle) (cell, fault string) {
	seconds := math.Round(x * 86400)
	day := math.Floor(seconds / 86400)
	clock := time.Duration(seconds-day*86400) * time.Second
	base := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	switch {
	case w.dates:
		base = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	case day >= 1 && day < 60:
		day++
	case day == 60:
		return plainNumber(x), "holds 29 February 1900, a day that never was. Type the date again."
	}
	if x < 0 || day > 2958465 {
		return plainNumber(x), "is formatted as a date but its number is none. Type the date again."
	}
	if !s.date && x < 1 {
		return time.Time{}.Add(clock).Format(time.TimeOnly), ""
	}
	if !s.date { // a count of hours longer than a day is not a date
		return plainNumber(x), "holds a length of time longer than a day. Format it as a number or as text."
	}
	if day == 0 && !w.dates {
		return plainNumber(x), "is formatted as a date but its number is none. Type the date again."
	}
	at := base.AddDate(0, 0, int(day)).Add(clock)
	if clock == 0 {
		return at.Format(time.DateOnly), ""
	}
	return at.Format("2006-01-02T15:04:05"), ""
}
