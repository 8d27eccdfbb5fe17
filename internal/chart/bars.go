package chart

import (
	"bufio"
	"context"
	"io"
	"strconv"
)

// Bar is one line of Bars: how much there is, and how much more waits.
type Bar struct {
	Label          string
	Value, Waiting int
}

// Bars is a picture of amounts, a line each. Its table is the caller's: put it
// beneath.
type Bars struct {
	ID                 string // unique on the page
	Title, Description string
	List               []Bar
}

// Render writes the picture; nothing without bars.
func (b Bars) Render(_ context.Context, w io.Writer) error {
	if len(b.List) == 0 {
		return nil
	}
	most := 1
	for _, x := range b.List {
		most = max(most, x.Value+x.Waiting)
	}
	out := bufio.NewWriter(w)
	p := &pen{w: out}
	height := lineHeight*len(b.List) + 8
	p.put(`<figure class="msw-chart" id="`, b.ID, `"><svg class="msw-chart__picture" role="img" aria-labelledby="`, b.ID, `-title `, b.ID, `-text" width="100%" height="`, strconv.Itoa(height), `" xmlns="http://www.w3.org/2000/svg">`)
	p.put(`<title id="`, b.ID, `-title">`, b.Title, `</title><desc id="`, b.ID, `-text">`, b.Description, `</desc>`)
	for i, x := range b.List {
		top := i * lineHeight
		label := x.Label + ": " + strconv.Itoa(x.Value)
		if x.Waiting > 0 {
			label += " and " + strconv.Itoa(x.Waiting) + " waiting"
		}
		p.words(0, top+18, label, "#212b32", "start")
		value, waiting := 100*float64(x.Value)/float64(most), 100*float64(x.Waiting)/float64(most)
		if x.Value > 0 {
			p.bar(0, value, top+26, Window)
		}
		if x.Waiting > 0 {
			p.bar(value, waiting, top+26, Wait)
		}
		if x.Value+x.Waiting == 0 {
			p.line(0, top+34, 100, top+34, "#d8dde0", "4 4")
		}
	}
	p.raw(`</svg><p class="msw-chart__key">Filled: evidence that counts. Framed: waits for a signature. A dashed line: nothing yet.</p></figure>`)
	return out.Flush()
}
