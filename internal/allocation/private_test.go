package allocation

import (
	"encoding/json"
	"strings"
	"testing"
)

// A row of an earlier version holds sentences alone: any may be about papers.
func TestWhoMayNotReadPapersReadsNone(t *testing.T) {
	var old, now keptStops
	for kept, into := range map[string]*keptStops{`["Permission to work ends on 1 May 2027, before the start.","Not eligible today: no English."]`: &old,
		`[{"code":"right_to_work","staff":"Permission to work ends on 1 May 2027.","doctor":"It ends."},{"code":"specialty","staff":"8 months are recorded.","doctor":"8 months."},{"code":"dates","staff":"Free from May.","doctor":"You said."}]`: &now} {
		if err := json.Unmarshal([]byte(kept), into); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]int{"old": 1, "now": 3} {
		list := map[string]keptStops{"old": old, "now": now}[name]
		out := withoutPapers(list)
		if len(out) != want {
			t.Errorf("%s: %+v", name, out)
		}
		for _, s := range out {
			if strings.Contains(s.Staff, "Permission") || strings.Contains(s.Staff, "English") || strings.Contains(s.Staff, "8 months") {
				t.Errorf("%s: %s", name, s.Staff)
			}
		}
	}
	if out := withoutPapers(now); out[2].Staff != "Free from May." {
		t.Errorf("dates are no papers: %+v", out[2])
	}
}
