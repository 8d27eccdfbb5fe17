package outcome

import (
	"maps"
	"slices"

	"msw/internal/clock"
)

// Small is the largest count that could point to somebody: cells of one to four
// are not published (NHS practice, recalled in domain.md 5.2; a setting of the
// programme may make it larger).
const Small = 4

// parts are the measures that add up to started.
var parts = [...]Measure{InPost, DoctorPosts, Left, Unknown}

// Publish decides what may be said of a day, given everything said before. A
// number is shown only when neither it, nor its change since any earlier or
// later publication, nor what is left when the other numbers are taken from
// their sum, is one to small. The day's own exact figures stay with staff.
func Publish(before []Publication, asAt, today clock.Date, total Figures, regions map[string]Figures, small int64) Publication {
	p := Publication{AsAt: asAt, Published: today, Total: map[Measure]Cell{}}
	d := discloser{small: small, before: before}
	for m, v := range total {
		hide := m != FundedPlaces && (d.tiny(v) || d.jumps(m, v, func(q Publication) map[Measure]Cell { return q.Total }))
		p.Total[m] = Cell{Value: v, Hidden: hide}
	}
	closeSum(p.Total)
	if PublishesRegions(asAt) && len(regions) > 0 {
		p.Regions = d.regions(regions, p.Total)
	}
	blank(p.Total)
	for _, r := range p.Regions {
		blank(r)
	}
	return p
}

type discloser struct {
	small  int64
	before []Publication
}

func (d discloser) tiny(v int64) bool { return v != 0 && v >= -d.small && v <= d.small }

// jumps tells whether the change from any other publication of the same cell is
// small. In post is a stock: its change mixes comings and goings, and points to
// nobody once the flows it comes from are guarded.
func (d discloser) jumps(m Measure, v int64, cells func(Publication) map[Measure]Cell) bool {
	if m == InPost {
		return false
	}
	for _, q := range d.before {
		if c, ok := cells(q)[m]; ok && !c.Hidden && d.tiny(v-c.Value) {
			return true
		}
	}
	return false
}

func (d discloser) regions(exact map[string]Figures, total map[Measure]Cell) map[string]map[Measure]Cell {
	out := map[string]map[Measure]Cell{}
	codes := slices.Sorted(maps.Keys(exact))
	for _, code := range codes {
		out[code] = map[Measure]Cell{}
		for _, m := range counted {
			v := exact[code][m]
			hide := d.tiny(v) || d.jumps(m, v, func(q Publication) map[Measure]Cell { return q.Regions[code] })
			out[code][m] = Cell{Value: v, Hidden: hide}
		}
	}
	// Hiding in one direction can lay bare the other: until nothing changes.
	for changed := true; changed; {
		changed = false
		for _, code := range codes {
			changed = closeSum(out[code]) || changed
		}
		for _, m := range counted {
			changed = closeColumn(out, codes, m, total[m]) || changed
		}
	}
	return out
}

// closeSum hides a second part where exactly one of started and its parts is
// hidden, since the others would give it away. It tells whether it hid any.
func closeSum(cells map[Measure]Cell) bool {
	all := append([]Measure{Started}, parts[:]...)
	hidden := 0
	for _, m := range all {
		if cells[m].Hidden {
			hidden++
		}
	}
	if hidden != 1 {
		return false
	}
	return hideSmallest(cells, all)
}

func hideSmallest(cells map[Measure]Cell, among []Measure) bool {
	var best Measure
	for _, m := range among {
		c, ok := cells[m]
		if ok && !c.Hidden && m != Started && (best == "" || c.Value < cells[best].Value) && c.Value > 0 {
			best = m
		}
	}
	if best == "" {
		best = Started
	}
	cells[best] = Cell{Value: cells[best].Value, Hidden: true}
	return true
}

// closeColumn hides a second region where exactly one is hidden and the total
// of all regions is shown.
func closeColumn(out map[string]map[Measure]Cell, codes []string, m Measure, total Cell) bool {
	hidden, best := 0, ""
	for _, code := range codes {
		c := out[code][m]
		switch {
		case c.Hidden:
			hidden++
		case c.Value > 0 && (best == "" || c.Value < out[best][m].Value):
			best = code
		}
	}
	if hidden != 1 || total.Hidden || best == "" {
		return false
	}
	out[best][m] = Cell{Value: out[best][m].Value, Hidden: true}
	return true
}

// blank forgets the numbers that are not shown, so that none is stored.
func blank(cells map[Measure]Cell) {
	for m, c := range cells {
		if c.Hidden {
			cells[m] = Cell{Hidden: true}
		}
	}
}
