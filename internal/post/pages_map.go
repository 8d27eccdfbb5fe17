package post

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"msw/internal/nhs"
	"msw/internal/web"
)

// mapView is the page of gaps.
type mapView struct {
	Gaps
	Regions []Region
	Picture picture
}

func (p *Pages) gaps(r *web.Request) (web.Response, error) {
	g, err := p.s.LookGaps(r.Context(), r.Call)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(r, web.PageData{Title: "What would open more posts", Caption: "Posts", Back: "/posts", BackText: "Posts", Wide: true,
		Body: mapPage(mapView{g, p.regions, draw(g)})}), nil
}

// picture is a map in an SVG of its own: districts as faint dots show the shape
// of the country, places of work as discs.
type picture struct {
	Width, Height int
	Land          string // path of the coast and border, a rough sketch
	Ground        string // path of the districts
	Discs         []disc
	Missing       int // places of work that cannot be drawn
}

type disc struct {
	X, Y, R int
	Label   string // the number in the disc
}

// picture units are kilometres; these keep to Great Britain's south, where the
// programme works.
const (
	mapWest, mapEast   = 80, 660
	mapSouth, mapNorth = 0, 660
)

// coast sketches England on the national grid in kilometres, clockwise from
// Berwick: enough to know where a disc lies, and no more exact than that.
func coast() [][2]int {
	return [][2]int{{400, 653}, {420, 634}, {428, 600}, {437, 569}, {455, 535}, {490, 511}, {505, 488}, {526, 470}, {520, 450}, {542, 411}, {520, 424}, {540, 405}, {557, 363},
		{545, 345}, {560, 330}, {567, 343}, {595, 346}, {622, 342}, {645, 325}, {655, 293}, {646, 262}, {630, 234}, {618, 214}, {600, 200}, {590, 184}, {572, 176}, {592, 174},
		{636, 171}, {637, 150}, {632, 141}, {618, 133}, {609, 117}, {583, 109}, {559, 95}, {531, 103}, {485, 93}, {464, 99}, {435, 92}, {409, 90}, {380, 80}, {368, 69},
		{345, 90}, {320, 88}, {298, 79}, {290, 60}, {283, 38}, {265, 40}, {247, 50}, {215, 50}, {190, 32}, {170, 12}, {155, 30}, {134, 25}, {152, 41}, {165, 45}, {181, 62},
		{193, 79}, {208, 92}, {223, 128}, {238, 132}, {252, 148}, {297, 147}, {326, 148}, {331, 163}, {351, 178}, {362, 195}, {354, 205}, {350, 225}, {327, 240}, {325, 275}, {331, 310},
		{333, 345}, {347, 350}, {338, 366}, {330, 372}, {321, 388}, {333, 395}, {332, 418}, {330, 436}, {334, 448}, {343, 463}, {335, 475}, {318, 467}, {312, 482}, {296, 512}, {299, 530},
		{311, 553}, {332, 567}, {352, 584}, {370, 606}, {388, 618}, {384, 640}}
}

// draw places the gaps on the national grid, north up. Places in one district
// share a disc.
func draw(g Gaps) picture {
	p := picture{Width: mapEast - mapWest, Height: mapNorth - mapSouth}
	at := func(s Spot) (int, int, bool) {
		x, y := s.Easting/1000-mapWest, mapNorth-s.Northing/1000
		return x, y, x > 0 && x < p.Width && y > 0 && y < p.Height
	}
	for i, c := range coast() {
		p.Land += map[bool]string{true: "M", false: "L"}[i == 0] + strconv.Itoa(c[0]-mapWest) + " " + strconv.Itoa(mapNorth-c[1])
	}
	p.Land += "Z"
	codes := make([]string, 0, len(g.Atlas))
	for code := range g.Atlas {
		codes = append(codes, code)
	}
	slices.Sort(codes)
	var ground strings.Builder
	for _, code := range codes {
		if x, y, in := at(g.Atlas[code]); in {
			ground.WriteString("M" + strconv.Itoa(x) + " " + strconv.Itoa(y) + "h0")
		}
	}
	p.Ground = ground.String()
	posts := map[string]int{}
	for _, h := range g.Hosts {
		code := Outcode(h.Outcode)
		if _, known := g.Atlas[code]; !known {
			p.Missing++
			continue
		}
		posts[code] += len(h.Posts)
	}
	for code, n := range posts {
		if x, y, in := at(g.Atlas[code]); in {
			p.Discs = append(p.Discs, disc{X: x, Y: y, R: int(9 + root(uint64(n)*16)), Label: strconv.Itoa(n)})
		}
	}
	slices.SortFunc(p.Discs, func(a, b disc) int { return cmp.Or(b.R-a.R, a.X-b.X, a.Y-b.Y) }) // the small ones on top
	return p
}

func (p picture) viewBox() string {
	return "0 0 " + strconv.Itoa(p.Width) + " " + strconv.Itoa(p.Height)
}

func (v mapView) regionName(code string) string {
	for _, r := range v.Regions {
		if r.Code == code {
			return r.Name
		}
	}
	return or(code, "All regions")
}

// summary says the picture in a sentence.
func (v mapView) summary() string {
	if v.Posts == 0 {
		return "No post waits for a supervisor only."
	}
	return counted(v.Posts, "post waits", "posts wait") + " at " + counted(len(v.Hosts), "place", "places") + " for nothing but a clinical supervisor with room."
}

func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

func (v mapView) hostTable() nhs.Table {
	t := nhs.Table{Caption: "Posts that one more named supervisor would open", Responsive: true, FirstCellIsHeader: true,
		Head: []nhs.Head{{Text: "Place of work"}, {Text: "Region"}, {Text: "Posts", Numeric: true}, {Text: "What is missing"}}}
	for _, h := range v.Hosts[:min(len(v.Hosts), 100)] {
		t.Rows = append(t.Rows, []nhs.Cell{{Text: h.Name}, {Text: v.regionName(h.Region)}, {Text: strconv.Itoa(len(h.Posts))}, {Body: missing(h.Posts)}})
	}
	return t
}

func missingWords(w Waiting) string {
	words := map[string]string{"no_supervisor": "nobody is named", "no_room": "the supervisor has no room", "supervisor_lapsed": "the supervisor's approval lapses",
		"supervisor_away": "the supervisor is away at the start"}
	var parts []string
	for _, stop := range w.Why {
		parts = append(parts, words[stop.Code])
	}
	if w.Approval {
		parts = append(parts, "also waits for the programme's approval")
	}
	return strings.Join(parts, ", ")
}

func (v mapView) riskTable() nhs.Table {
	t := nhs.Table{Caption: "Funded places that end by " + v.YearEnd.Long(), Responsive: true, FirstCellIsHeader: true,
		Head: []nhs.Head{{Text: "Region and phase"}, {Text: "Ends"}, {Text: "Funded", Numeric: true}, {Text: "People started", Numeric: true},
			{Text: "Held, not started", Numeric: true}, {Text: "Open posts", Numeric: true}, {Text: "At risk", Numeric: true}}}
	for _, r := range v.Risks {
		t.Rows = append(t.Rows, []nhs.Cell{{Text: v.regionName(r.Region) + ": " + r.Title}, {Text: r.Ends.Long()}, {Text: strconv.Itoa(r.Places)}, {Text: strconv.Itoa(r.Taken)},
			{Text: strconv.Itoa(r.Coming)}, {Text: strconv.Itoa(r.Open)}, {Text: strconv.Itoa(r.Unused)}})
	}
	return t
}

func (v mapView) unused() int {
	n := 0
	for _, r := range v.Risks {
		n += r.Unused
	}
	return n
}
