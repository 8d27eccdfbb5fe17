package registration

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	ics "github.com/arran4/golang-ical"
	"pgregory.net/rapid"

	"msw/internal/clock"
)

// Another reader of the format is the oracle: what it reads is what was meant.
func TestTheFeedIsReadAsItWasMeant(t *testing.T) {
	now := clock.At(time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC))
	rapid.Check(t, func(r *rapid.T) {
		var want []CalendarDay
		for i := range rapid.IntRange(0, 5).Draw(r, "entries") {
			want = append(want, CalendarDay{UID: decimal(i) + "@msw", On: clock.Date(rapid.IntRange(730_000, 760_000).Draw(r, "day")),
				Title: "T" + rapid.StringMatching(`[a-zA-Z0-9 ,;:\\"'\x{e9}\x{0634}\x{4f60}\x{1f600}\n]{0,90}`).Draw(r, "title") + ".", Alarm: rapid.IntRange(0, 28).Draw(r, "alarm")})
		}
		text := Feed("Dates", "https://msw.example/sign-in", want, now)
		for _, line := range strings.Split(strings.TrimSuffix(text, "\r\n"), "\r\n") {
			if len(line) > 75 || !utf8.ValidString(line) || strings.ContainsAny(line, "\r\n") {
				r.Fatalf("a line of %d octets: %q", len(line), line)
			}
		}
		cal, err := ics.ParseCalendar(strings.NewReader(text))
		if err != nil {
			r.Fatalf("%v in\n%s", err, text)
		}
		got := cal.Events()
		if len(got) != len(want) {
			r.Fatalf("%d events of %d", len(got), len(want))
		}
		for i, e := range got {
			on, err := e.GetAllDayStartAt()
			if err != nil {
				r.Fatal(err)
			}
			end, err := e.GetAllDayEndAt()
			if err != nil {
				r.Fatal(err)
			}
			if e.Id() != want[i].UID || on.Format("2006-01-02") != want[i].On.String() || end.Format("2006-01-02") != want[i].On.AddDays(1).String() {
				r.Fatalf("event %q from %s to %s, meant %+v", e.Id(), on, end, want[i])
			}
			if got := e.GetProperty(ics.ComponentPropertySummary).Value; got != want[i].Title {
				r.Fatalf("summary %q, meant %q", got, want[i].Title)
			}
			if n := len(e.Alarms()); (n == 1) != (want[i].Alarm > 0) {
				r.Fatalf("%d alarms for %d days", n, want[i].Alarm)
			}
		}
	})
}
