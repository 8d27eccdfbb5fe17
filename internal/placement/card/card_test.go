package card

import (
	"strings"
	"testing"
	"time"

	"msw/internal/clock"
	"msw/rules"
)

var (
	day = clock.MustDate("2026-06-10")
	at  = clock.At(day.Time().Add(9 * time.Hour))
)

func real(t *testing.T) *Rules {
	t.Helper()
	r, err := LoadRules(rules.Placement)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// good is a history in which somebody may take blood at level 3.
func good() History {
	return History{ReadAt: at,
		Stints:   []Stint{{Host: "RX1", From: day - 60}},
		Levels:   []HostLevel{{"RX1", "venepuncture", Indirect, at.Add(-time.Hour * 24 * 30)}, {"RX1", "ecg_read", Indirect, at.Add(-time.Hour * 24 * 30)}},
		SignOffs: []SignOff{{ID: "1", Task: "venepuncture", Host: "RX1", Level: Indirect, On: day - 20, Recheck: day + 100, RecordedAt: at.Add(-time.Hour * 24 * 20), ConfirmedAt: at.Add(-time.Hour * 24 * 20), Assessor: "A, consultant"}},
		Covers:   []Cover{{Account: "sup", Name: "Senior", From: day - 60}}}
}

func line(c Card, task string) Line {
	for _, l := range c.Lines {
		if l.Task.ID == task {
			return l
		}
	}
	return Line{}
}

func TestEveryReasonForNo(t *testing.T) {
	r := real(t)
	for _, sc := range []struct {
		name string
		with func(h *History)
		want State
		at   Level
	}{
		{"all in order", func(*History) {}, Allowed, Indirect},
		{"host gives less", func(h *History) { h.Levels[0].Level = Direct }, Allowed, Direct},
		{"host says no", func(h *History) { h.Levels[0].Level = 0 }, NotHere, 0},
		{"host has not said", func(h *History) { h.Levels = nil }, NoLevel, 0},
		{"a level of 4", func(h *History) { h.SignOffs[0].Level = 4 }, Unclear, 0},
		{"last day of the sign-off", func(h *History) { h.SignOffs[0].Recheck = day }, Allowed, Indirect},
		{"the day after", func(h *History) { h.SignOffs[0].Recheck = day - 1 }, Expired, 0},
		{"no re-check date", func(h *History) { h.SignOffs[0].Recheck = 0 }, Unclear, 0},
		{"in the future", func(h *History) { h.SignOffs[0].On = day + 1 }, Unclear, 0},
		{"withdrawn", func(h *History) { h.SignOffs[0].WithdrawnAt = at }, Withdrawn, 0},
		{"assessor not vouched for", func(h *History) { h.SignOffs[0].ConfirmedAt = clock.Instant{} }, Unconfirmed, 0},
		{"another host", func(h *History) { h.SignOffs[0].Host = "RX2" }, Elsewhere, 0},
		{"nobody signed", func(h *History) { h.SignOffs = nil }, NotSigned, 0},
		{"no supervisor", func(h *History) { h.Covers = nil }, Nobody, 0},
		{"cover ended", func(h *History) { h.Covers[0].To = day - 1 }, Nobody, 0},
		{"away", func(h *History) { h.Away = []Away{{day, 0}} }, NotAtWork, 0},
		{"after the end", func(h *History) { h.Stints[0].To = day - 1 }, NotInPost, 0},
		{"two hosts at once", func(h *History) { h.Stints = append(h.Stints, Stint{Host: "RX2", From: day - 1}) }, NotInPost, 0},
		{"registered", func(h *History) { h.Registered = day }, Ended, 0},
		{"read a day ago", func(h *History) { h.ReadAt = at.Add(-Life) }, TooOld, 0},
	} {
		h := good()
		sc.with(&h)
		if l := line(r.At(h, at), "venepuncture"); l.State != sc.want || l.Level != sc.at {
			t.Errorf("%s: %s at level %d, want %s at %d", sc.name, l.State, l.Level, sc.want, sc.at)
		}
	}
}

func TestManagingAPatientIsNeverAboveLevelTwo(t *testing.T) {
	r := real(t)
	h := good()
	for _, task := range r.Tasks {
		h.Levels = append(h.Levels, HostLevel{"RX1", task.ID, Indirect, at.Add(-time.Minute)})
		h.SignOffs = append(h.SignOffs, SignOff{ID: "2", Task: task.ID, Host: "RX1", Level: Indirect, On: day, Recheck: day, RecordedAt: at, ConfirmedAt: at})
	}
	managing := 0
	for _, l := range r.At(h, at).Lines {
		if l.State != Allowed || l.Task.Manages && l.Level > Direct || l.Level > l.Task.Highest {
			t.Errorf("%s is %s at level %d", l.Task.ID, l.State, l.Level)
		}
		if l.Task.Manages {
			managing++
		}
	}
	if managing < 3 {
		t.Errorf("only %d tasks manage a patient", managing)
	}
	// The rule holds in the decision also when a file would get it wrong.
	loose := &Rules{Tasks: []Task{{ID: "ecg_read", Highest: Indirect, Manages: true}}}
	if l := loose.At(h, at).Lines[0]; l.Level != Direct {
		t.Errorf("a loose rule gave level %d", l.Level)
	}
}

func TestACardEndsWithWhatItRestsOn(t *testing.T) {
	r := real(t)
	midnight := clock.StartOf(day + 1)
	for name, with := range map[string]func(h *History){
		"sign-off":  func(h *History) { h.SignOffs[0].Recheck = day },
		"post":      func(h *History) { h.Stints[0].To = day },
		"cover":     func(h *History) { h.Covers[0].To = day },
		"leave":     func(h *History) { h.Away = []Away{{day + 1, day + 5}} },
		"registers": func(h *History) { h.Registered = day + 1 },
	} {
		h := good()
		with(&h)
		if l := line(r.At(h, at), "venepuncture"); l.State != Allowed || l.NotAfter != midnight {
			t.Errorf("%s ends today: %s until %s", name, l.State, l.NotAfter)
		}
	}
	c := r.At(good(), at)
	if c.NotAfter != at.Add(24*time.Hour) || len(c.Allowed(at)) != 1 || len(c.Allowed(c.NotAfter)) != 0 || len(c.Allowed(at.Add(-time.Minute))) != 0 {
		t.Errorf("a card of a day: until %s, %d lines now, %d at its end", c.NotAfter, len(c.Allowed(at)), len(c.Allowed(c.NotAfter)))
	}
}

func TestAWithdrawnSignOffBringsNoOlderOneBack(t *testing.T) {
	h := good()
	newer := h.SignOffs[0]
	newer.ID, newer.RecordedAt, newer.WithdrawnAt = "2", at.Add(-time.Hour), at.Add(-time.Minute)
	h.SignOffs = append(h.SignOffs, newer)
	if l := line(real(t).At(h, at), "venepuncture"); l.State != Withdrawn {
		t.Errorf("after the newer one was withdrawn: %s", l.State)
	}
	if l := line(real(t).At(h, at.Add(-30*time.Minute)), "venepuncture"); l.State != Allowed {
		t.Errorf("half an hour ago: %s", l.State)
	}
}

func TestRulesOfTasksAreReadStrictly(t *testing.T) {
	text, err := rules.Placement.ReadFile("placement/tasks.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, sc := range [][2]string{{"highest: 2, manages: true", "highest: 3, manages: true"}, {"highest: 3", "highest: 4"}, {"mark: recalled", "mark: certain"},
		{"group: Tests", "grupo: Tests"}, {"id: records", "id: observations"}, {"url: \"https://www.healthcareers", "says: \"https://www.healthcareers"}} {
		if !strings.Contains(string(text), sc[0]) {
			t.Fatalf("%q is not in the file any more", sc[0])
		}
		if _, err := ParseRules([]byte(strings.Replace(string(text), sc[0], sc[1], 1))); err == nil {
			t.Errorf("%q was accepted", sc[1])
		}
	}
}
