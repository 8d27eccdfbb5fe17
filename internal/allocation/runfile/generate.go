package runfile

import (
	"fmt"
	"math/bits"
	"slices"

	"msw/internal/clock"
)

// Shape says how large a fictional run is to be.
type Shape struct {
	Doctors, Posts int // Posts are entries; their places add up to about one for each doctor
	Choices        int // posts on each list
	Seed           uint64
	Crossing       bool // with funders across regions and a floor for GP practices
	Ranked         bool // hosts rank those who listed them; no floors or crossing limits
}

// random is SplitMix64: the same numbers on every machine and in every
// version of Go.
type random uint64

func (r *random) next() uint64 {
	*r += 0x9e3779b97f4a7c15
	z := uint64(*r)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// below gives a number from 0 to n-1.
func (r *random) below(n int) int {
	hi, _ := bits.Mul64(r.next(), uint64(n))
	return int(hi)
}

// area is a fictional region: where it lies and how many wish to go there.
type area struct {
	name        string
	east, north int
	pull        int // in hundredths of all wishes
}

func areas() []area {
	return []area{{"London", 530000, 180000, 30}, {"South East", 480000, 150000, 14}, {"South West", 330000, 120000, 8}, {"Midlands", 430000, 300000, 14},
		{"East of England", 570000, 260000, 10}, {"North West", 370000, 400000, 14}, {"North East and Yorkshire", 430000, 450000, 10}}
}

// Generate makes a fictional run: regions of uneven popularity with a limit at
// nine tenths of their places, hosts with sites, named supervisors who take
// few each, homes, waiting times, a priority class. The same shape gives the
// same run on every machine.
func Generate(s Shape) *Run {
	r := random(s.Seed)
	run := &Run{Format: 1, ID: fmt.Sprintf("fictional-%d-%d-%d-%d", s.Doctors, s.Posts, s.Choices, s.Seed), AsOf: clock.MustDate("2026-11-01"), Rule: Flow,
		RuleVersion: RuleVersion, Seed: Seed(fmt.Sprintf("fictional %d", s.Seed)), Doctors: []Doctor{}, Posts: []Post{}, Limits: []Limit{}}
	if s.Ranked {
		run.Rule = Ranked
	}
	run.Commitment = Commit(run.Seed)
	byArea := posts(run, s, &r)
	for i := range s.Doctors {
		run.Doctors = append(run.Doctors, doctor(run, s, &r, byArea, i))
	}
	if s.Ranked {
		rank(run, &r)
	} else if s.Crossing {
		cross(run)
	}
	return run
}

// posts makes regions, hosts, sites, supervisors and posts, and gives the
// posts of each region.
func posts(run *Run, s Shape, r *random) [][]int {
	regions := areas()
	out, places := make([][]int, len(regions)), make([]int, len(regions))
	host, site, supervisor := 0, 0, 0
	for i := 0; i < s.Posts; {
		a := r.below(len(regions))
		if i < len(regions) {
			a = i
		}
		host++
		hostID := fmt.Sprintf("host-%04d", host)
		hostRoom := 0
		practice := r.below(4) == 0
		sites := 1 + r.below(3)
		at := Point{regions[a].east + (r.below(100)-50)*1000, regions[a].north + (r.below(100)-50)*1000}
		first := len(run.Limits)
		run.Limits = append(run.Limits, Limit{ID: hostID, Name: fmt.Sprintf("Host %d", host), Kind: "host", Within: fmt.Sprintf("region-%d", a+1)})
		for range sites {
			if i >= s.Posts {
				break
			}
			site++
			siteID, siteRoom := fmt.Sprintf("site-%04d", site), 0
			mine := len(run.Limits)
			run.Limits = append(run.Limits, Limit{ID: siteID, Name: fmt.Sprintf("Site %d", site), Kind: "site", Within: hostID})
			where := Point{at.East + (r.below(20)-10)*1000, at.North + (r.below(20)-10)*1000}
			for range 1 + r.below(3) {
				if i >= s.Posts {
					break
				}
				supervisor++
				n := share(s, r)
				p := Post{ID: fmt.Sprintf("post-%05d", i+1), Name: fmt.Sprintf("Post %d", i+1), Places: n, Within: fmt.Sprintf("supervisor-%05d", supervisor), At: &where}
				if practice {
					p.Name = fmt.Sprintf("GP practice post %d", i+1)
				}
				room := max(1, n-r.below(4)/3)
				run.Limits = append(run.Limits, Limit{ID: p.Within, Name: fmt.Sprint(supervisor), Kind: "supervisor", Within: siteID, AtMost: &room})
				run.Posts = append(run.Posts, p)
				out[a] = append(out[a], i)
				siteRoom, places[a], i = siteRoom+room, places[a]+n, i+1
			}
			siteRoom = max(1, siteRoom-r.below(5)/4)
			run.Limits[mine].AtMost, hostRoom = &siteRoom, hostRoom+siteRoom
		}
		hostRoom = max(1, hostRoom-r.below(5)/4)
		run.Limits[first].AtMost = &hostRoom
	}
	for a, g := range regions {
		most := max(1, places[a]*9/10)
		run.Limits = append(run.Limits, Limit{ID: fmt.Sprintf("region-%d", a+1), Name: g.name, Kind: "region", AtMost: &most})
	}
	return out
}

// share gives one post's places, so that all add up to about one a doctor.
func share(s Shape, r *random) int {
	if s.Doctors <= s.Posts {
		return 1
	}
	mean := s.Doctors * 2 / s.Posts // twice the mean: the average of 1 … 2m-1 is m
	return max(1, 1+r.below(max(1, mean-1)))
}

// doctor makes one doctor, who lists posts near home and popular ones.
func doctor(run *Run, s Shape, r *random, byArea [][]int, i int) Doctor {
	regions := areas()
	home := draw(regions, r)
	d := Doctor{ID: fmt.Sprintf("doctor-%06d", i+1), Choices: []string{}, Priority: r.below(5) == 0, WaitingSince: run.AsOf.AddDays(-r.below(900)),
		Home: &Point{regions[home].east + (r.below(100)-50)*1000, regions[home].north + (r.below(100)-50)*1000}}
	var listed []int
	for tries := 0; len(listed) < min(s.Choices, s.Posts) && tries < 40*s.Choices; tries++ {
		a := home
		if r.below(10) >= 6 {
			a = draw(regions, r)
		}
		if len(byArea[a]) == 0 {
			continue
		}
		// The lower number of two is the more popular post.
		p := byArea[a][min(r.below(len(byArea[a])), r.below(len(byArea[a])))]
		if !slices.Contains(listed, p) {
			listed = append(listed, p)
			d.Choices = append(d.Choices, run.Posts[p].ID)
		}
	}
	if r.below(4) == 0 {
		d.TravelLimit = 100 + 25*r.below(8)
	}
	if r.below(20) == 0 && len(d.Choices) > 0 {
		d.Refused = []Refusal{{Post: d.Choices[r.below(len(d.Choices))], Rule: "dates", Sentence: "It begins before the day from which you can start."}}
	}
	return d
}

func draw(regions []area, r *random) int {
	n := r.below(100)
	for a, g := range regions {
		if n -= g.pull; n < 0 {
			return a
		}
	}
	return 0
}

// rank lets each host rank whoever listed it, all differently.
func rank(run *Run, r *random) {
	where := make(map[string]int, len(run.Posts))
	for i, p := range run.Posts {
		where[p.ID] = i
	}
	for _, d := range run.Doctors {
		for _, id := range d.Choices {
			p := &run.Posts[where[id]]
			p.Ranking = append(p.Ranking, []string{d.ID})
		}
	}
	for i := range run.Posts {
		list := run.Posts[i].Ranking
		for j := len(list) - 1; j > 0; j-- {
			k := r.below(j + 1)
			list[j], list[k] = list[k], list[j]
		}
	}
}

// cross adds two funders whose posts lie in every region, and a floor for GP
// practices.
func cross(run *Run) {
	money, practices := []int{0, 0}, 0
	for i := range run.Posts {
		p := &run.Posts[i]
		f := i % 2
		p.Counts = []string{fmt.Sprintf("funder-%d", f+1)}
		money[f] += p.Places
		if len(p.Name) > 2 && p.Name[:2] == "GP" {
			p.Counts = append(p.Counts, "practices")
			practices += p.Places
		}
	}
	first := money[0] * 7 / 10
	run.Limits = append(run.Limits, Limit{ID: "funder-1", Name: "Funder 1", Kind: "funder", Crossing: true, AtMost: &first},
		Limit{ID: "funder-2", Name: "Funder 2", Kind: "funder", Crossing: true, AtMost: &money[1]},
		Limit{ID: "practices", Name: "GP practices", Kind: "share for", Crossing: true, AtLeast: practices * 8 / 10})
}
