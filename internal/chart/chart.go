// Package chart draws figures as SVG that can be read, heard and printed: each
// has a title, a description and the same as a table beneath it.
//
// It knows no word of the programme and computes nothing: what to draw comes in
// as dates and words. Lengths are given in per cent of the width and letters in
// the page's own size, so that a picture stays legible on a narrow screen.
package chart

import (
	"bufio"
	"context"
	"html"
	"io"
	"strconv"
	"strings"

	"msw/internal/clock"
	"msw/internal/nhs"
)

// Look is how a bar or mark is drawn. Words and the table say the same, so that
// nothing rests on colour alone.
type Look string

// The looks.
const (
	Window Look = "window" // a time in which something holds: a filled bar
	Wait   Look = "wait"   // a time of waiting, or one not sure: a framed bar
	End    Look = "end"    // a time that ends in something to be minded: a dark bar
	Day    Look = "day"    // one day: a diamond
)

// Span is one bar, or a mark when From and Until are the same day. From none is
// before the picture begins, Until none is after its end.
type Span struct {
	Label       string // what it is: "English test"
	Text        string // what the table says of it beside its dates; may be empty
	From, Until clock.Date
	Look        Look
}

// Timeline is a picture of spans over time, one a line, with today marked.
type Timeline struct {
	ID                 string // unique on the page
	Title, Description string
	Today              clock.Date
	Spans              []Span
}

const (
	lineHeight = 52 // of one span: its words, then its bar
	topSpace   = 34 // years above the first
	// longestLabel is how many letters of a label fit beside its date on a narrow
	// screen; the table has all of it.
	longestLabel = 27
	longest      = 31 * 366
)

// Render writes the picture and, beneath it, its table; nothing without spans.
func (t Timeline) Render(ctx context.Context, w io.Writer) error {
	if len(t.Spans) == 0 {
		return nil
	}
	b := bufio.NewWriter(w)
	p := &pen{w: b}
	p.put(`<figure class="msw-chart" id="`, t.ID, `">`)
	t.draw(p)
	p.raw(`</figure>`)
	if err := b.Flush(); err != nil {
		return err
	}
	return t.Table().Render(ctx, w)
}

// Table is the same in words.
func (t Timeline) Table() nhs.Table {
	table := nhs.Table{Caption: t.Title + ", as a table", CaptionSize: "s", Responsive: true, FirstCellIsHeader: true,
		Classes: "msw-whole-words", Head: []nhs.Head{{Text: "What"}, {Text: "From"}, {Text: "Until"}, {Text: "More"}}}
	for _, s := range t.Spans {
		from, until := s.From.Long(), s.Until.Long()
		if s.From == s.Until {
			until = "the same day"
		}
		table.Rows = append(table.Rows, []nhs.Cell{{Text: s.Label}, {Text: or(from, "not known")}, {Text: or(until, "no end known")}, {Text: or(s.Text, "–")}})
	}
	return table
}

// frame is the time the picture shows: all spans and today, with room beside.
func (t Timeline) frame() (from, until clock.Date) {
	from, until = t.Today, t.Today
	for _, s := range t.Spans {
		for _, d := range []clock.Date{s.From, s.Until} {
			if !d.IsZero() && d.DaysUntil(t.Today) < longest && t.Today.DaysUntil(d) < longest {
				from, until = min(from, d), max(until, d)
			}
		}
	}
	room := max(20, from.DaysUntil(until)/20)
	return from.AddDays(-room), until.AddDays(room)
}

func (t Timeline) draw(p *pen) {
	from, until := t.frame()
	at := func(d clock.Date) float64 {
		return min(100, max(0, 100*float64(from.DaysUntil(d))/float64(from.DaysUntil(until))))
	}
	height := topSpace + lineHeight*len(t.Spans) + 8
	p.put(`<svg class="msw-chart__picture" role="img" aria-labelledby="`, t.ID, `-title `, t.ID, `-text" width="100%" height="`, strconv.Itoa(height), `" xmlns="http://www.w3.org/2000/svg">`)
	p.put(`<title id="`, t.ID, `-title">`, t.Title, `</title><desc id="`, t.ID, `-text">`, t.Description, `</desc>`)
	for _, d := range ticks(from, until) {
		p.line(at(d), 26, at(d), height, "#d8dde0", "")
		p.words(at(d), 18, name(d, from, until), "#4c6272", "middle")
	}
	today := at(t.Today)
	p.line(today, 26, today, height, "#d5281b", "6 4")
	for i, s := range t.Spans {
		t.span(p, s, topSpace+i*lineHeight, at)
	}
	p.raw(`</svg>`)
	p.put(`<p class="msw-chart__key">The dashed red line is today, `, t.Today.Long(), `.</p>`)
}

func (t Timeline) span(p *pen, s Span, top int, at func(clock.Date) float64) {
	left, right := 0.0, 100.0
	if !s.From.IsZero() {
		left = at(s.From)
	}
	if !s.Until.IsZero() {
		right = at(s.Until)
	}
	p.words(0, top+18, s.caption(), "#212b32", "start") // at the edge: nowhere else is sure to be room on a narrow screen
	if s.Look == Day || s.From == s.Until {
		p.mark(left, top+34)
		return
	}
	p.bar(left, max(0.6, right-left), top+26, s.Look)
}

// caption is what stands above a bar: its end in short, since the table has it
// in full.
func (s Span) caption() string {
	label := []rune(s.Label)
	if len(label) > longestLabel {
		label = append(label[:longestLabel-1], '…')
	}
	if s.Until.IsZero() {
		return string(label)
	}
	return string(label) + ", " + short(s.Until)
}

func short(d clock.Date) string {
	return strconv.Itoa(d.Day()) + " " + d.Month().String()[:3] + " " + strconv.Itoa(d.Year())
}

// ticks are the beginnings of years, or of quarters in a short time; at most 7.
func ticks(from, until clock.Date) []clock.Date {
	months := 3
	for _, more := range []int{12, 24, 60, 120} {
		if from.DaysUntil(until) > months*30*6 {
			months = more
		}
	}
	d := clock.MakeDate(from.Year()-from.Year()%max(1, months/12), 1, 1)
	var out []clock.Date
	for ; d < until; d = clock.AddMonths(d, months) {
		if edge := from.DaysUntil(until) / 20; from.AddDays(edge) <= d && d.AddDays(edge) <= until {
			out = append(out, d)
		}
	}
	return out
}

func name(d, from, until clock.Date) string {
	if from.DaysUntil(until) > 3*30*6 {
		return strconv.Itoa(d.Year())
	}
	return d.Month().String()[:3] + " " + strconv.Itoa(d.Year())
}

func or(text, other string) string {
	if text == "" {
		return other
	}
	return text
}

// pen writes SVG; everything put through it is escaped, except by raw.
type pen struct{ w *bufio.Writer }

func (p *pen) raw(s string) { _, _ = p.w.WriteString(s) } // bufio keeps the error until Flush

// put writes markup and values in turn: every second part is escaped.
func (p *pen) put(parts ...string) {
	for i, s := range parts {
		if i%2 == 1 {
			s = html.EscapeString(strings.ToValidUTF8(s, ""))
		}
		p.raw(s)
	}
}

func percent(x float64) string { return strconv.FormatFloat(x, 'f', 2, 64) + "%" }

func (p *pen) line(x1 float64, y1 int, x2 float64, y2 int, colour, dash string) {
	p.put(`<line x1="`, percent(x1), `" y1="`, strconv.Itoa(y1), `" x2="`, percent(x2), `" y2="`, strconv.Itoa(y2), `" stroke="`, colour, `" stroke-width="2"`)
	if dash != "" {
		p.put(` stroke-dasharray="`, dash, `"`)
	}
	p.raw(`/>`)
}

func (p *pen) words(x float64, y int, text, colour, anchor string) {
	p.put(`<text x="`, percent(x), `" y="`, strconv.Itoa(y), `" fill="`, colour, `" text-anchor="`, anchor, `" font-size="16" stroke="#ffffff" stroke-width="4" paint-order="stroke">`, text, `</text>`)
}

func (p *pen) bar(x, width float64, y int, look Look) {
	fill, stroke, dash := "#005eb8", "#005eb8", ""
	switch look {
	case Wait:
		fill, dash = "#ffffff", "5 3"
	case End:
		fill, stroke = "#212b32", "#212b32"
	}
	p.put(`<rect x="`, percent(x), `" y="`, strconv.Itoa(y), `" width="`, percent(width), `" height="16" rx="2" fill="`, fill, `" stroke="`, stroke, `" stroke-width="2"`)
	if dash != "" {
		p.put(` stroke-dasharray="`, dash, `"`)
	}
	p.raw(`/>`)
}

// mark is a diamond. Its corners are pixels around a point in per cent, which
// only a nested picture can do.
func (p *pen) mark(x float64, y int) {
	p.put(`<svg x="`, percent(x), `" y="`, strconv.Itoa(y), `" overflow="visible"><path d="M0 -10L10 0L0 10L-10 0Z" fill="#330072" stroke="#ffffff" stroke-width="1"/></svg>`)
}
