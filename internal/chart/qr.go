package chart

import (
	"bufio"
	"context"
	"io"
	"strconv"
	"strings"

	"rsc.io/qr"
)

// QR is a code that a telephone reads. The text stands beside it on the page,
// for those who cannot scan.
type QR struct {
	ID    string // unique on the page
	Title string
	Text  string
}

// Render writes the code with the quiet edge it needs.
func (q QR) Render(_ context.Context, w io.Writer) error {
	code, err := qr.Encode(q.Text, qr.M)
	if err != nil {
		return err
	}
	const edge = 4
	size := strconv.Itoa(code.Size + 2*edge)
	out := bufio.NewWriter(w)
	p := &pen{w: out}
	p.put(`<svg id="`, q.ID, `" role="img" aria-labelledby="`, q.ID, `-title" width="220" height="220" viewBox="0 0 `, size, ` `, size, `" shape-rendering="crispEdges" xmlns="http://www.w3.org/2000/svg"><title id="`, q.ID, `-title">`, q.Title, `</title>`)
	p.raw(`<rect width="100%" height="100%" fill="#fff"/><path fill="#000" d="`)
	var path strings.Builder
	for y := range code.Size {
		for x := range code.Size {
			if code.Black(x, y) {
				path.WriteString("M" + strconv.Itoa(x+edge) + " " + strconv.Itoa(y+edge) + "h1v1h-1z")
			}
		}
	}
	p.raw(path.String())
	p.raw(`"/></svg>`)
	return out.Flush()
}
