package placement

import (
	"slices"
	"strings"
	"testing"

	"msw/internal/clock"
	"msw/internal/placement/card"
	"msw/internal/post"
	"msw/rules"
)

func TestPlanIsDatedFromTheStart(t *testing.T) {
	r := must[*Induction](t)(LoadInduction(rules.Placement))
	start, end := clock.MustDate("2026-01-05"), clock.MustDate("2027-01-04")
	find := func(list []Due, kind, id string) Due {
		i := slices.IndexFunc(list, func(d Due) bool { return d.Kind == kind && (id == "" || d.ID == id) })
		if i < 0 {
			t.Fatalf("no %s %s in %+v", kind, id, list)
		}
		return list[i]
	}
	list := r.plan(planned{Start: start, End: end, Weeks: 4})
	if d := find(list, "induction", "it_access"); d.By != start || !d.Overdue(start+1) || d.Overdue(start) {
		t.Errorf("IT access: %+v", d)
	}
	for kind, by := range map[string]clock.Date{MeetingStart: start + 7, MeetingMiddle: start + 182, MeetingEnd: end - 28, MeetingRhythm: start + 28} {
		if d := find(list, kind, ""); d.By != by {
			t.Errorf("%s is due %s, want %s", kind, d.By, by)
		}
	}
	held := Meeting{ID: "m", Kind: MeetingStart, On: start + 3}
	list = r.plan(planned{Start: start, End: end, Weeks: 4, Meetings: []Meeting{held}, Steps: map[string]clock.Date{"buddy": start}})
	if d := find(list, MeetingStart, ""); d.Done != start+3 || !d.Agree {
		t.Errorf("held and not agreed: %+v", d)
	}
	if d := find(list, MeetingRhythm, ""); d.By != start+31 {
		t.Errorf("the rhythm goes on from the last one held: %s", d.By)
	}
	if d := find(list, "induction", "buddy"); d.Overdue(start + 99) {
		t.Error("what is done is overdue")
	}
}

func TestJudgeTellsEveryReasonAndTheWorstLight(t *testing.T) {
	today := clock.MustDate("2026-03-01")
	late, soonDue, later := Due{Title: "A", By: today - 1}, Due{Title: "B", By: today + 14}, Due{Title: "C", By: today + 15}
	for name, sc := range map[string]struct {
		dues     []Due
		clinical string
		again    int
		want     Light
		reasons  int
	}{
		"nothing":       {[]Due{later}, "", 0, Green, 0},
		"soon":          {[]Due{later, soonDue}, "", 0, Amber, 1},
		"late":          {[]Due{soonDue, late}, "", 0, Red, 2},
		"no supervisor": {nil, "Clinical supervisor: has left.", 0, Red, 1},
		"to see again":  {nil, "", 2, Amber, 1},
		"all":           {[]Due{late, soonDue}, "Clinical supervisor: has left.", 1, Red, 4},
	} {
		if light, reasons := judge(sc.dues, sc.clinical, "", sc.again, today); light != sc.want || len(reasons) != sc.reasons {
			t.Errorf("%s: %s with %v", name, light, reasons)
		}
	}
}

func TestFitNeverCoversWithoutApprovalOrWhileAway(t *testing.T) {
	first := clock.MustDate("2026-01-01")
	base := post.Supervisor{Account: "a", Name: "A"}
	for name, sc := range map[string]struct {
		v     post.Supervisor
		there bool
		not   []clock.Date
		on    []clock.Date
	}{
		"always":   {base, true, nil, []clock.Date{first, first + 500}},
		"left":     {base, false, []clock.Date{first, first + 500}, nil},
		"lapses":   {post.Supervisor{Account: "a", ApprovedUntil: first + 10}, true, []clock.Date{first + 11, first + 500}, []clock.Date{first + 10}},
		"away":     {post.Supervisor{Account: "a", AwayFrom: first + 5, AwayUntil: first + 9}, true, []clock.Date{first + 5, first + 9}, []clock.Date{first + 4, first + 10}},
		"for good": {post.Supervisor{Account: "a", AwayFrom: first + 5}, true, []clock.Date{first + 5, first + 500}, []clock.Date{first + 4}},
		"both":     {post.Supervisor{Account: "a", AwayFrom: first + 5, AwayUntil: first + 9, ApprovedUntil: first + 7}, true, []clock.Date{first + 6, first + 10}, []clock.Date{first}},
	} {
		spans := fit(sc.v, sc.there, false, first, 0)
		covers := func(day clock.Date) bool {
			return slices.ContainsFunc(spans, func(c card.Cover) bool { return c.From <= day && (c.To.IsZero() || day <= c.To) })
		}
		for _, day := range sc.not {
			if covers(day) {
				t.Errorf("%s covers %s: %+v", name, day, spans)
			}
		}
		for _, day := range sc.on {
			if !covers(day) {
				t.Errorf("%s does not cover %s: %+v", name, day, spans)
			}
		}
	}
}

func TestLastQuarter(t *testing.T) {
	for today, want := range map[string]string{"2026-01-01": "2025-12-31", "2026-03-31": "2025-12-31", "2026-04-01": "2026-03-31", "2026-11-30": "2026-09-30"} {
		if got := lastQuarter(clock.MustDate(today)).String(); got != want {
			t.Errorf("%s: %s, want %s", today, got, want)
		}
	}
	if q := (Roll{Ends: clock.MustDate("2026-09-30")}).Quarter(); !strings.Contains(q, "3 of 2026") {
		t.Errorf("%s", q)
	}
}
