package post

import (
	"math/bits"
	"strings"
)

// Spot is where the middle of a postcode district lies on the national grid,
// in metres.
type Spot struct{ Easting, Northing int }

// Atlas gives the spots of postcode districts (outcodes, such as SE5).
type Atlas map[string]Spot

// Miles is the distance between the middles of two districts in whole miles,
// rounded half up, in a straight line: roads are longer. False when either is
// not known. It counts in whole numbers, so that it is the same everywhere.
func (a Atlas) Miles(from, to string) (int, bool) {
	p, known := a[Outcode(from)]
	q, also := a[Outcode(to)]
	if !known || !also {
		return 0, false
	}
	dx, dy := uint64(abs(p.Easting-q.Easting)), uint64(abs(p.Northing-q.Northing))
	const millimetresInAMile = 1_609_344
	metres := root(dx*dx + dy*dy)
	return int((metres*1000*2 + millimetresInAMile) / (2 * millimetresInAMile)), true
}

// Outcode brings a postcode or its first half to the form the atlas uses:
// "se5 9rs", "SE5 9RS" and "SE5" give "SE5".
func Outcode(text string) string {
	text = strings.ToUpper(strings.TrimSpace(text))
	if first, _, two := strings.Cut(text, " "); two {
		return first
	}
	if len(text) >= 5 && text[len(text)-3] >= '0' && text[len(text)-3] <= '9' && (text[len(text)-1] < '0' || text[len(text)-1] > '9') {
		return text[:len(text)-3] // written without the space
	}
	return text
}

func abs(n int) int { return max(n, -n) }

// root is the whole part of the square root.
func root(n uint64) uint64 {
	if n < 2 {
		return n
	}
	x := uint64(1) << ((bits.Len64(n) + 1) / 2)
	for {
		y := (x + n/x) / 2
		if y >= x {
			return x
		}
		x = y
	}
}
