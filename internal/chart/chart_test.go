package chart

import (
	"bytes"
	"encoding/xml"
	"io"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"msw/internal/clock"
)

func render(t testing.TB, line Timeline) string {
	t.Helper()
	var b bytes.Buffer
	if err := line.Render(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func picture(t testing.TB, out string) string {
	t.Helper()
	_, rest, ok := strings.Cut(out, "<svg")
	body, _, ok2 := strings.Cut(rest, "</figure>")
	if !ok || !ok2 {
		t.Fatalf("no picture in %q", out)
	}
	svg, _, _ := strings.Cut(body, "<p class")
	return "<svg" + svg
}

func TestATimelineSaysTheSameInPictureAndTable(t *testing.T) {
	d := clock.MustDate
	out := render(t, Timeline{ID: "road", Title: "Your dates", Description: "Two windows and an exam.", Today: d("2026-11-22"), Spans: []Span{
		{Label: "English <test>", From: d("2025-03-10"), Until: d("2027-03-10"), Look: Window},
		{Label: "Exam day", From: d("2027-01-12"), Until: d("2027-01-12"), Look: Day, Text: "Booked"},
		{Label: "No end", From: d("2026-01-01"), Look: End}}})
	for _, want := range []string{`role="img"`, `<title id="road-title">Your dates</title>`, `<desc id="road-text">Two windows and an exam.</desc>`,
		"English &lt;test&gt;", "10 March 2025", "10 March 2027", "the same day", "no end known", "Booked", "today, 22 November 2026", "Your dates, as a table"} {
		if !strings.Contains(out, want) {
			t.Errorf("it lacks %q:\n%s", want, out)
		}
	}
	if strings.Contains(out, "style=") || strings.Contains(out, "<test>") {
		t.Errorf("inline style or unescaped text:\n%s", out)
	}
	if render(t, Timeline{ID: "none", Today: 1}) != "" {
		t.Error("an empty timeline draws something")
	}
}

func TestAnyTimelineIsWellFormedAndInside(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		date := rapid.Custom(func(r *rapid.T) clock.Date { return clock.Date(rapid.IntRange(0, 3_000_000).Draw(r, "day")) })
		line := Timeline{ID: "x", Title: rapid.String().Draw(r, "title"), Today: clock.Date(rapid.IntRange(700_000, 760_000).Draw(r, "today"))}
		for range rapid.IntRange(1, 6).Draw(r, "spans") {
			line.Spans = append(line.Spans, Span{Label: rapid.StringMatching(`[ -~\x{0600}-\x{06ff}]{0,12}`).Draw(r, "label"), From: date.Draw(r, "from"), Until: date.Draw(r, "until"), Look: Window})
		}
		line.Title = strings.Map(func(c rune) rune {
			if c < ' ' || c == 0xfffe || c == 0xffff {
				return -1
			}
			return c
		}, line.Title)
		out := picture(t, render(t, line))
		reader := xml.NewDecoder(strings.NewReader(out))
		for {
			token, err := reader.Token()
			if err == io.EOF {
				break
			}
			if err != nil {
				r.Fatalf("%v in %s", err, out)
			}
			if e, ok := token.(xml.StartElement); ok {
				for _, a := range e.Attr {
					if strings.HasPrefix(a.Value, "-") && strings.HasSuffix(a.Value, "%") {
						r.Fatalf("left of the picture: %s", out)
					}
				}
			}
		}
		from, until := line.frame()
		if n := len(ticks(from, until)); n > 8 {
			r.Fatalf("%d ticks", n)
		}
	})
}
