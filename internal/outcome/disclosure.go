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
	d.closeSum(p.Total, func(q Publication) map[Measure]Cell { return q.Total })
	if PublishesRegions(asAt) && len(regions) > 1 { // one region alone is the total again
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
			changed = d.closeSum(out[code], func(q Publication) map[Measure]Cell { return q.Regions[code] }) || changed
		}
		for _, m := range counted {
			changed = d.closeColumn(out, codes, m, total[m]) || changed
		}
	}
	return out
}

// closeSum guards started, which is the sum of its parts.
func (d discloser) closeSum(cells map[Measure]Cell, at func(Publication) map[Measure]Cell) bool {
	now := make([]Cell, len(parts))
	for i, m := range parts {
		now[i] = cells[m]
	}
	total := cells[Started]
	same := func(q Publication) ([]Cell, Cell) {
		was := at(q)
		if was == nil || cells[InPost].Hidden { // a rest with a stock in it points to nobody
			return nil, Cell{}
		}
		then := make([]Cell, len(parts))
		for i, m := range parts {
			then[i] = was[m]
		}
		return then, was[Started]
	}
	if !d.guard(now, &total, same) {
		return false
	}
	for i, m := range parts {
		cells[m] = now[i]
	}
	cells[Started] = total
	return true
}

// closeColumn guards the total of all regions, which is the sum of theirs. The
// total itself is not changed here: it was decided before.
func (d discloser) closeColumn(out map[string]map[Measure]Cell, codes []string, m Measure, total Cell) bool {
	now := make([]Cell, len(codes))
	for i, code := range codes {
		now[i] = out[code][m]
	}
	same := func(q Publication) ([]Cell, Cell) {
		if m == InPost || len(q.Regions) != len(codes) {
			return nil, Cell{}
		}
		then := make([]Cell, len(codes))
		for i, code := range codes {
			then[i] = q.Regions[code][m]
		}
		return then, q.Total[m]
	}
	if !d.guard(now, &total, same) {
		return false
	}
	changed := false // of the regions: the total here is a copy
	for i, code := range codes {
		changed = changed || out[code][m] != now[i]
		out[code][m] = now[i]
	}
	return changed
}

// guard hides further parts of a sum until what is hidden cannot be worked out:
// neither one hidden number from all the others, nor a small rest of several,
// nor a small change of such a rest since a publication that hid the same. It
// tells whether it hid anything.
func (d discloser) guard(now []Cell, total *Cell, same func(Publication) ([]Cell, Cell)) bool {
	changed := false
	for {
		hidden, rest := 0, total.Value
		for _, c := range now {
			if c.Hidden {
				hidden++
			} else {
				rest -= c.Value
			}
		}
		var open bool
		switch {
		case total.Hidden:
			open = hidden == 0
		case hidden == 1:
			open = true
		case hidden > 1:
			open = d.tiny(rest) || d.restJumps(now, rest, same)
		}
		if !open || !hideSmallest(now, total) {
			return changed
		}
		changed = true
	}
}

func (d discloser) restJumps(now []Cell, rest int64, same func(Publication) ([]Cell, Cell)) bool {
	for _, q := range d.before {
		then, total := same(q)
		if len(then) != len(now) || total.Hidden {
			continue
		}
		was, alike := total.Value, true
		for i, c := range then {
			if alike = c.Hidden == now[i].Hidden; !alike {
				break
			}
			if !c.Hidden {
				was -= c.Value
			}
		}
		if alike && d.tiny(rest-was) {
			return true
		}
	}
	return false
}

// hideSmallest hides the smallest shown part, or the total when none is left.
func hideSmallest(now []Cell, total *Cell) bool {
	best := -1
	for i, c := range now {
		if !c.Hidden && (best < 0 || c.Value != 0 && (now[best].Value == 0 || c.Value < now[best].Value)) {
			best = i
		}
	}
	switch {
	case best >= 0:
		now[best].Hidden = true
	case !total.Hidden:
		total.Hidden = true
	default:
		return false
	}
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
