package organisation

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestAsAtOf(t *testing.T) {
	for name, want := range map[string]string{
		"epraccur-2025-11.csv": "2025-11-30", "etr-2025-12.csv": "2025-12-31", "icb_names_codes_dec_2024.csv": "2024-12-31",
		"etrust-trusts-and-sites-2018-09.csv.gz": "2018-09-30", "egpam-2015-12-18.csv": "2015-12-18", "epraccur20240131.zip": "2024-01-31",
		"epraccur.csv": "", "report-2025-13.csv": "", "feb2024.csv": "2024-02-29",
	} {
		if d, ok := asAtOf(name); d.String() != want || ok != (want != "") {
			t.Errorf("%s: %v %v, want %s", name, d, ok, want)
		}
	}
}

func practice(code, name, region, icb, status, setting, closed string) []string {
	row := make([]string, 27)
	row[0], row[1], row[2], row[3], row[4], row[9], row[10], row[11], row[12], row[13], row[25] = code, name, region, icb, "1 HIGH STREET", "LS1 1AA", "19740401", closed, status, "B", setting
	return row
}

func TestRecogniseAndParse(t *testing.T) {
	trust := make([]string, 27)
	trust[0], trust[1], trust[2], trust[3], trust[23] = "R0A", "A TRUST", "Y62", "QOP", "B"
	site := append([]string(nil), trust...)
	site[0] = "R0A01"
	sub := make([]string, 27)
	sub[0], sub[1], sub[2], sub[3], sub[13] = "00L", "NHS X ICB - 00L", "Y63", "QHM", "RO319"
	cases := []struct {
		name string
		rows [][]string
		want Content
	}{
		{"practices", [][]string{practice("A81001", "X", "Y63", "QHM", "A", "4", "")}, Practices},
		{"trusts", [][]string{trust}, Trusts},
		{"24 columns", [][]string{trust[:24]}, Trusts},
		{"sites", [][]string{trust, site}, TrustsSites},
		{"sub-ICBs", [][]string{sub}, SubICBs},
		{"boards", [][]string{{"ICB24CD", "ICB24CDH", "ICB24NM", "ObjectId"}, {"E54", "QYG", "NHS X", "1"}}, ICBs},
		{"anything else", [][]string{{"a", "b", "c"}}, notRecognised},
		{"27 columns of something", [][]string{make([]string, 27)}, notRecognised},
		{"nothing", nil, notRecognised},
	}
	for _, c := range cases {
		l, err := recognise(c.rows)
		if l.content != c.want || (err != nil) != (c.want == notRecognised) {
			t.Errorf("%s: %q %v", c.name, l.content, err)
		}
	}
	for _, c := range []struct {
		row    []string
		reason string
	}{
		{practice("A81001", "X", "Y63", "QHM", "A", "4", ""), ""},
		{practice("G0324090", "CRANE WP", "Y55", "Q78", "A", "", ""), reasonPrescriber},
		{practice("G82001", "A PRACTICE WHOSE CODE BEGINS WITH G", "Y59", "QKS", "A", "4", ""), ""},
		{practice("Y00001", "X", "Y63", "QHM", "A", "9", ""), reasonSetting},
		{practice("Y00001", "X", "Y63", "QHM", "A", "", ""), reasonNoSetting},
		{practice("", "X", "Y63", "QHM", "A", "4", ""), reasonCode},
		{practice("A81001", "", "Y63", "QHM", "A", "4", ""), reasonName},
		{practice("A81001", "X", "Y63", "QHM", "C", "4", "20251301"), reasonDate},
	} {
		if _, _, reason := (layout{content: Practices}).parse(c.row); reason != c.reason {
			t.Errorf("%v: %q, want %q", c.row[:2], reason, c.reason)
		}
	}
	if parentOf("R0A01") != "R0A" || parentOf("G6V2S") != "" || parentOf("R0A") != "" || parentOf("G6V2S01") != "G6V2S" {
		t.Error("parents of sites")
	}
}

// TestMergeDoesNotMindTheOrder: any order of any statements ends alike, and a
// second time changes nothing.
func TestMergeDoesNotMindTheOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		type statement struct {
			v     values
			stamp string
		}
		draw := rapid.Custom(func(t *rapid.T) statement {
			var s statement
			for i := range s.v {
				s.v[i] = rapid.SampledFrom([]string{"", "", "a", "b"}).Draw(t, "value")
			}
			s.stamp = rapid.SampledFrom([]string{"2015-12-18", "2015-12-18+", "2025-11-30"}).Draw(t, "stamp")
			return s
		})
		all := rapid.SliceOfN(draw, 1, 6).Draw(t, "statements")
		end := func(order []int) record {
			var r record
			for _, i := range order {
				r.merge(all[i].v, all[i].stamp)
			}
			return r
		}
		order := make([]int, len(all))
		for i := range order {
			order[i] = i
		}
		first := end(order)
		if second := end(append(rapid.Permutation(order).Draw(t, "order"), order...)); first != second {
			t.Fatalf("%+v\n%+v", first, second)
		}
		if back := decodeStamps(first.stamps.encode(first.values), first.values); back != first.stamps {
			t.Fatalf("stamps %q read back as %v, were %v", first.stamps.encode(first.values), back, first.stamps)
		}
	})
}

func TestAnOlderFileOnlyFillsWhatIsAbsent(t *testing.T) {
	var r record
	r.merge(values{vName: "NEW", vPhone: "", vStatus: "A"}, "2025-11-30")
	r.merge(values{vName: "OLD", vPhone: "01234", vStatus: "C 2015-01-01"}, "2015-12-18+")
	if r.values[vName] != "NEW" || r.values[vPhone] != "01234" || r.values[vStatus] != "A" {
		t.Errorf("%v", r.values)
	}
	r.merge(values{vName: "AMENDED"}, "2025-11-30+")
	if r.values[vName] != "AMENDED" {
		t.Error("an amendment of the same day must stand")
	}
}

func TestDeriveNeverReadsAnOldRegionAsANewOne(t *testing.T) {
	rec := func(code string, kind Kind, region, icb, parent, commissioner, status string) record {
		return record{code: code, values: values{vKind: string(kind), vRegion: region, vICB: icb, vParent: parent, vCommissioner: commissioner, vStatus: status, vSetting: "4"}}
	}
	l := newLinks([]record{
		rec("QHM", ICB, "", "", "", "", "A"),
		rec("00K", SubICB, "Y63", "QHM", "", "", "A 2020-03-31"),
		rec("R0A", NHSTrust, "Y62", "QOP", "", "", "A"),
		rec("R0B", NHSTrust, "Y63", "QHM", "", "", "A 2024-03-31"),
	})
	for _, c := range []struct {
		name                 string
		r                    record
		region, icb, country string
		closes               string
	}{
		{"a practice with the old region and its board by its sub-ICB", rec("A81003", GPPractice, "Y54", "Q74", "", "00K", "C 2017-10-31"), "Y63", "QHM", England, "2017-10-31"},
		{"an old region with nothing to help", rec("A9", GPPractice, "Y57", "Q82", "", "", "A"), "", "", England, ""},
		{"a site by its trust", rec("R0A01", Site, "Y54", "Q83", "R0A", "", "A"), "Y62", "", England, ""},
		{"a site of a closed trust", rec("R0B01", Site, "Y54", "Q74", "R0B", "", "A"), "Y63", "QHM", England, "2024-03-31"},
		{"a Welsh practice", rec("W91003", GPPractice, "W00", "Q99", "", "7A2", "A"), "", "", "Wales", ""},
		{"an island", rec("JER002", GPPractice, "", "YAD", "", "", "A"), "", "", "Jersey", ""},
		{"a board", rec("QHM", ICB, "", "", "", "", "A"), "Y63", "QHM", England, ""},
	} {
		if d := l.derive(&c.r); d.region != c.region || d.icb != c.icb || d.country != c.country || d.closes != c.closes {
			t.Errorf("%s: %+v", c.name, d)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(strings.Join(practice("A81001", "THE SURGERY", "Y63", "QHM", "A", "4", ""), "\x1f"), 0)
	f.Add("G0324090\x1fX", 0)
	f.Add("R0A01", 2)
	f.Fuzz(func(t *testing.T, text string, n int) {
		row := strings.Split(text, "\x1f")
		contents := []Content{Practices, Trusts, TrustsSites, SubICBs, ICBs}
		l := layout{content: contents[((n%5)+5)%5], code: 1, nm: 2}
		code, v, reason := l.parse(row)
		_, _ = recognise([][]string{row})
		if reason != "" {
			return
		}
		if !codeForm.MatchString(code) || v[vName] == "" || v[vKind] == "" || v[vStatus] == "" {
			t.Fatalf("accepted %q as %v", text, v)
		}
		r := record{code: code}
		r.merge(v, "2025-11-30")
		if again := decodeStamps(r.stamps.encode(v), v); again != r.stamps {
			t.Fatalf("stamps of %v", v)
		}
		_ = fmt.Sprint(displayName(v[vName]), searchTokens(v[vName], code, v[vPostcode]))
	})
}
