package organisation

import (
	"cmp"
	"slices"
	"strings"

	"msw/internal/clock"
)

// record is one national organisation as stored.
type record struct {
	code   string
	values values
	stamps stamps
	derived
}

// derived is worked out from all records together: see derive.
type derived struct {
	country, region, icb, closes string
}

// merge takes in what a file says. For each attribute the newest statement
// stands, an amendment before a full file of the same day, and of two equal
// ones the greater text: so the end does not depend on the order of files.
// What a file leaves empty changes nothing.
func (r *record) merge(v values, stamp string) {
	for i := range v {
		if v[i] != "" && (stamp > r.stamps[i] || (stamp == r.stamps[i] && v[i] > r.values[i])) {
			r.values[i], r.stamps[i] = v[i], stamp
		}
	}
}

// encode writes the stamps as text: the newest, then those that differ.
func (s stamps) encode(v values) string {
	newest := ""
	for i := range s {
		newest = max(newest, s[i])
	}
	var b strings.Builder
	b.WriteString(newest)
	for i := range s {
		if v[i] != "" && s[i] != newest {
			b.WriteByte(' ')
			b.WriteString(attributeNames[i])
			b.WriteByte('=')
			b.WriteString(s[i])
		}
	}
	return b.String()
}

func decodeStamps(text string, v values) stamps {
	var s stamps
	newest, rest, _ := strings.Cut(text, " ")
	for i := range s {
		if v[i] != "" {
			s[i] = newest
		}
	}
	for part := range strings.FieldsSeq(rest) {
		name, stamp, _ := strings.Cut(part, "=")
		if i := slices.Index(attributeNames[:], name); i >= 0 {
			s[i] = stamp
		}
	}
	return s
}

func (r *record) listed() bool { return refusal(r.values) == "" }

func (r *record) status() (status, closed string) {
	status, closed, _ = strings.Cut(r.values[vStatus], " ")
	return status, closed
}

func (r *record) closedBy(today clock.Date) bool {
	status, closed := r.status()
	return status == "C" || (closed != "" && closed <= today.String())
}

// alone is what can be derived from the record without the others.
func (r *record) alone() derived {
	_, closed := r.status()
	d := derived{country: countryOf(r.values), closes: closed}
	if currentRegion(r.values[vRegion]) && d.country == England {
		d.region = r.values[vRegion]
	}
	return d
}

// links is what records need to know of one another: the boards, and where
// sub-ICB locations and trusts lie.
type links struct {
	boards       map[string]bool
	boardRegion  map[string]string
	commissioner map[string]string // sub-ICB code → board
	parents      map[string]derived
}

// newLinks reads it from all boards, sub-ICB locations and trusts. A board's
// region is the one most of its sub-ICB locations (and, without any, trusts)
// name; of two, the lesser code.
func newLinks(records []record) links {
	l := links{boards: map[string]bool{}, boardRegion: map[string]string{}, commissioner: map[string]string{}, parents: map[string]derived{}}
	for _, r := range records {
		switch Kind(r.values[vKind]) {
		case ICB:
			l.boards[r.code] = true
		case SubICB, Other:
			l.commissioner[r.code] = r.values[vICB]
		}
	}
	for _, kind := range []Kind{SubICB, NHSTrust} {
		for board, region := range majority(records, kind) {
			if l.boardRegion[board] == "" {
				l.boardRegion[board] = region
			}
		}
	}
	for i := range records {
		if Kind(records[i].values[vKind]) == NHSTrust {
			l.parents[records[i].code] = l.derive(&records[i])
		}
	}
	return l
}

func majority(records []record, kind Kind) map[string]string {
	count := map[[2]string]int{}
	for _, r := range records {
		if Kind(r.values[vKind]) == kind && currentRegion(r.values[vRegion]) && r.values[vICB] != "" {
			count[[2]string{r.values[vICB], r.values[vRegion]}]++
		}
	}
	pairs := make([][2]string, 0, len(count))
	for p := range count {
		pairs = append(pairs, p)
	}
	slices.SortFunc(pairs, func(a, b [2]string) int {
		return cmp.Or(cmp.Compare(count[b], count[a]), cmp.Compare(a[1], b[1]), cmp.Compare(a[0], b[0]))
	})
	best := map[string]string{}
	for _, p := range pairs {
		if best[p[0]] == "" {
			best[p[0]] = p[1]
		}
	}
	return best
}

// derive works out country, region, board and the day it closes. A region
// code of before 2019 is never read as a new one: the board decides, then the
// trust a site belongs to. A site whose trust no file knows gets no country,
// so that nobody is placed there.
func (l links) derive(r *record) derived {
	d := r.alone()
	said := r.values[vICB]
	if Kind(r.values[vKind]) == ICB {
		said = r.code
	}
	parent, hasParent := l.parents[r.values[vParent]]
	for _, board := range []string{said, l.commissioner[r.values[vCommissioner]], parent.icb} {
		if l.boards[board] && d.country == England {
			d.icb = board
			break
		}
	}
	if r.values[vParent] != "" && !hasParent {
		d.country = ""
	}
	if hasParent {
		if d.closes == "" || (parent.closes != "" && parent.closes < d.closes) {
			d.closes = parent.closes
		}
	}
	if d.country == England {
		for _, region := range []string{l.boardRegion[d.icb], parent.region} {
			if d.region == "" {
				d.region = region
			}
		}
	}
	return d
}
