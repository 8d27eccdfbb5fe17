package demo

import (
	"math/rand/v2"
	"slices"

	"msw/internal/clock"
)

// life is one fictional doctor's whole road, decided before anything is
// written: pure, the same for the same seed. A zero date means it has not
// happened by the demo's day.
type life struct {
	scheme  int // 0 the national programme, 1 the local scheme for general practice
	origin  origin
	name    name
	born    clock.Date
	female  bool
	region  string
	outcode string
	route   string // code of the way they were found
	charity int    // which referring organisation, -1 for none
	second  int    // another organisation that referred the same doctor, -1 for none

	graduated, arrived                           clock.Date
	referred, invited, taken, submitted, decided clock.Date
	decision                                     string // eligible, not_yet, not_eligible, supported, "" for none
	english                                      []sitting
	exams                                        []sitting
	medicine, surgery, other                     int // full-time months as a doctor after qualifying
	mayWork                                      bool
	rightEnds                                    clock.Date

	cohort                                       int    // which phase pays, index into cohorts, -1 for none
	setting                                      string // hospital, gp_practice, community
	proposed, offered, accepted, checked, begins clock.Date
	contractEnds, fundedUntil, ended             clock.Date
	endReason                                    string
	registered, confirmed, doctorPost, left      clock.Date
	leftReason                                   string
	unknown                                      clock.Date
	hours                                        int // a week, in minutes
}

// sitting is one test or examination taken.
type sitting struct {
	test   string // IELTS, OET, PLAB1, PLAB2
	on     clock.Date
	passed bool
	scores [5]int // IELTS in tenths, OET as is: overall, listening, reading, writing, speaking
}

// cohort is one run of starts that one phase pays for.
type cohort struct {
	phase       string // code of the phase
	from, to    string // starts lie between
	starts      int    // of 2,640 people
	london      int    // how many of them in London; the split among other regions is invented
	rules       string // which published criteria hold
	fundedUntil string
	leaves      bool // whether leavers happen; none are published before June 2022
}

// The first two cohorts carry the published position of June 2022 (domain.md
// 1.1): over 400 in roles on 6 December 2021; about 470 employed by June 2022,
// more than 140 of them in London, more than 120 in doctor posts, 350 in role.
// The later ones are fictional and smaller: nothing was found published after
// March 2023, and local money pays for fewer.
var cohorts = []cohort{
	{phase: "winter-2020-21", from: "2021-01-11", to: "2021-03-29", starts: 96, london: 30, rules: "A", fundedUntil: "2021-03-31"},
	{phase: "2021-22", from: "2021-04-06", to: "2021-12-03", starts: 312, london: 93, rules: "A", fundedUntil: "2022-03-31"},
	{phase: "2021-22", from: "2021-12-07", to: "2022-03-28", starts: 63, london: 20, rules: "A", fundedUntil: "2022-03-31"},
	{phase: "2022-23", from: "2022-07-04", to: "2023-03-20", starts: 471, london: 128, rules: "B", fundedUntil: "2023-03-31", leaves: true},
	{phase: "local-2023-24", from: "2023-05-02", to: "2024-03-18", starts: 120, london: 27, rules: "B", fundedUntil: "2024-03-31", leaves: true},
	{phase: "local-2024-25", from: "2024-04-15", to: "2025-03-17", starts: 104, london: 23, rules: "B", fundedUntil: "2025-03-31", leaves: true},
	{phase: "local-2025-26", from: "2025-04-14", to: "2026-03-16", starts: 96, london: 22, rules: "B", fundedUntil: "2026-03-31", leaves: true},
	{phase: "local-2026-27", from: "2026-04-13", to: "2027-03-15", starts: 90, london: 20, rules: "B", fundedUntil: "2027-03-31", leaves: true},
}

const (
	published2022  = "2022-06-20"
	earlyDoctors   = 121 // of the first 471, in doctor posts by then; 350 still in role
	standardPeople = 2640
	schemePeople   = 120 // of 2,640, in the local scheme for general practice
)

var regions = []struct {
	code     string
	outcodes []string
	weight   int
}{
	{"Y56", []string{"E1", "N17", "SE5", "W12", "SW17", "IG1"}, 27}, {"Y58", []string{"BS2", "EX4", "PL4"}, 8},
	{"Y59", []string{"CT1", "SO14", "BN1", "OX3"}, 12}, {"Y60", []string{"B18", "LE2", "NG7", "DE23"}, 18},
	{"Y61", []string{"NR2", "PE1", "LU1"}, 9}, {"Y62", []string{"M6", "L8", "BL3"}, 15}, {"Y63", []string{"LS8", "S3", "NE4", "BD3", "HU3"}, 11},
}

// planner draws lives one after another from one stream of chance.
type planner struct {
	r     *rand.Rand
	today clock.Date
}

// plan decides every life. Fewer people than the standard number keep each
// cohort's share; more people lengthen the queue, not the published cohorts.
func plan(people int, seed uint64, today clock.Date) []life {
	p := planner{r: rand.New(rand.NewPCG(seed, 0x6d7377)), today: today}
	share := func(n int) int {
		if people >= standardPeople {
			return n
		}
		return n * people / standardPeople
	}
	lives := make([]life, 0, people)
	early := share(earlyDoctors)
	for i, c := range cohorts {
		n, london := share(c.starts), share(c.london)
		for k := range n {
			l := p.person(0)
			if k < london {
				p.live(&l, "Y56")
			} else if l.region == "Y56" {
				p.live(&l, pick(p.r, []string{"Y58", "Y59", "Y60", "Y61", "Y62", "Y63"}))
			}
			inDoctorPost := i < 3 && early > 0 && (p.r.IntN(4) == 0 || remaining(i, k, share) <= early)
			if inDoctorPost {
				early--
			}
			p.placed(&l, i, inDoctorPost)
			lives = append(lives, l)
		}
	}
	for range share(schemePeople) {
		l := p.person(1)
		p.queued(&l)
		if l.decision == "eligible" && p.r.IntN(2) == 0 {
			again := p.person(1) // the same kind of person, on the road that ends in a post
			index := len(cohorts) - 1 - p.r.IntN(3)
			p.placed(&again, index, false)
			again.setting = "gp_practice"
			l = again
		}
		lives = append(lives, l)
	}
	for len(lives) < people {
		l := p.person(0)
		p.queued(&l)
		lives = append(lives, l)
	}
	lives = lives[:people]
	p.r.Shuffle(len(lives), func(i, j int) { lives[i], lives[j] = lives[j], lives[i] })
	slices.SortStableFunc(lives, func(a, b life) int { return int(a.referred - b.referred) })
	return lives
}

// remaining counts the starts of the published cohorts from this one on.
func remaining(i, k int, share func(int) int) int {
	n := share(cohorts[i].starts) - k
	for j := i + 1; j < 3; j++ {
		n += share(cohorts[j].starts)
	}
	return n
}

func (p *planner) between(from, to clock.Date) clock.Date {
	if to <= from {
		return from
	}
	return from + clock.Date(p.r.IntN(int(to-from)+1))
}

// after gives a date some days on, or none when that is past the demo's day.
func (p *planner) after(d clock.Date, least, most int) clock.Date {
	if d == 0 {
		return 0
	}
	d += clock.Date(least + p.r.IntN(most-least+1))
	if d > p.today {
		return 0
	}
	return d
}

func (p *planner) person(scheme int) life {
	o := pickOrigin(p.r)
	l := life{scheme: scheme, origin: o, name: o.name(p.r), female: p.r.IntN(100) < 46, charity: -1, second: -1, cohort: -1, hours: 2250}
	l.born = p.between(clock.MustDate("1966-01-01"), clock.MustDate("1991-12-31"))
	if o.refugee && p.r.IntN(6) == 0 {
		l.born = clock.MakeDate(l.born.Year(), 1, 1) // papers often give only a year
	}
	n := p.r.IntN(100)
	for _, region := range regions {
		if n -= region.weight; n < 0 {
			p.live(&l, region.code)
			break
		}
	}
	if p.r.IntN(5) == 0 {
		l.hours = pick(p.r, []int{1125, 1350, 1800})
	}
	switch k := p.r.IntN(100); {
	case k < 34:
		l.route, l.charity = "refugee_charity", p.r.IntN(6)
	case k < 56:
		l.route, l.charity = "bma_network", 6
	case k < 72:
		l.route, l.charity = "local_scheme", 7+p.r.IntN(2)
	case k < 82:
		l.route = "employer"
	default:
		l.route = "self"
	}
	if l.charity >= 0 && p.r.IntN(14) == 0 {
		l.second = (l.charity + 1 + p.r.IntN(7)) % 9
	}
	return l
}

func (p *planner) live(l *life, region string) {
	if region == "" {
		region = "Y56"
	}
	l.region = region
	for _, g := range regions {
		if g.code == region {
			l.outcode = pick(p.r, g.outcodes)
		}
	}
}
