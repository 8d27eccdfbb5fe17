package registration

import (
	"strings"
	"unicode/utf8"

	"msw/internal/clock"
)

// CalendarDay is one day in a doctor's calendar. Title is neutral: others may look
// over a shoulder or share the telephone.
type CalendarDay struct {
	UID   string // stays the same while the entry stands
	On    clock.Date
	Title string
	Alarm int // days before it, 0 for none
}

// The titles of calendar entries. They say that there is a date and never what
// of: not which exam, which paper or which permission.
const (
	TitleExamDay = "Exam day"
	TitleRunsOut = "Last day of something: sign in to see what"
)

// Feed writes entries as an iCalendar file (RFC 5545), one all-day event each;
// url is where the doctor signs in.
func Feed(name, url string, entries []CalendarDay, now clock.Instant) string {
	f := feed{}
	f.line("BEGIN", "VCALENDAR")
	f.line("VERSION", "2.0")
	f.line("PRODID", "-//msw//road to registration//EN")
	f.line("CALSCALE", "GREGORIAN")
	f.line("METHOD", "PUBLISH")
	f.line("X-WR-CALNAME", escapeText(name))
	f.line("REFRESH-INTERVAL;VALUE=DURATION", "PT12H")
	f.line("X-PUBLISHED-TTL", "PT12H")
	stamp := now.Time().Format("20060102T150405Z")
	for _, e := range entries {
		f.line("BEGIN", "VEVENT")
		f.line("UID", escapeText(e.UID))
		f.line("DTSTAMP", stamp)
		f.line("DTSTART;VALUE=DATE", basicDate(e.On))
		f.line("DTEND;VALUE=DATE", basicDate(e.On.AddDays(1)))
		f.line("SUMMARY", escapeText(e.Title))
		if url != "" {
			f.line("URL", url)
		}
		f.line("CLASS", "PRIVATE")
		f.line("TRANSP", "TRANSPARENT")
		if e.Alarm > 0 {
			f.line("BEGIN", "VALARM")
			f.line("ACTION", "DISPLAY")
			f.line("DESCRIPTION", escapeText(e.Title))
			f.line("TRIGGER", "-P"+decimal(e.Alarm)+"D")
			f.line("END", "VALARM")
		}
		f.line("END", "VEVENT")
	}
	f.line("END", "VCALENDAR")
	return f.b.String()
}

func basicDate(d clock.Date) string { return strings.ReplaceAll(d.String(), "-", "") }

// feed writes content lines, folded so that none is longer than 75 octets and
// no letter is cut.
type feed struct{ b strings.Builder }

func (f *feed) line(name, value string) {
	const most = 75
	text, room := name+":"+value, most
	for len(text) > room {
		cut := room
		for cut > 1 && !utf8.RuneStart(text[cut]) {
			cut--
		}
		f.b.WriteString(text[:cut] + "\r\n ")
		text, room = text[cut:], most-1
	}
	f.b.WriteString(text + "\r\n")
}

// escapeText writes a text value; control characters have no place in it.
func escapeText(s string) string {
	s = strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\r\n", `\n`, "\n", `\n`).Replace(strings.ToValidUTF8(s, ""))
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' || r == 0x7f {
			return -1
		}
		return r
	}, s)
}
