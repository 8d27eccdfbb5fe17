package post

import (
	"cmp"
	"context"
	"slices"
	"sort"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/clock"
	"msw/internal/database"
)

// Funded is the money for people in one region, as another station counts it.
type Funded struct {
	Phase, Title string
	Ends         clock.Date
	Region       string // "" when the phase is not split by region
	Places       int    // funded
	Taken        int    // by people who have started
}

// AtRisk are funded places of a phase and region that nobody may come to use.
type AtRisk struct {
	Funded
	Coming int // posts filled, not started yet
	Open   int // posts open, nobody in them yet
	Unused int // places with neither a person nor an open post
}

// Gap is one place of work where posts wait for a supervisor.
type Gap struct {
	Host, Name string
	Region     string
	Outcode    string
	Posts      []Waiting
}

// Waiting is one post that one more supervisor with room would open.
type Waiting struct {
	Post
	Why      []Stop // about supervision
	Approval bool   // the programme's approval is missing too
}

// Gaps are what stands between the programme and more people in post.
type Gaps struct {
	Hosts   []Gap // the most posts first
	Posts   int
	Risks   []AtRisk // the most unused first
	YearEnd clock.Date
	Atlas   Atlas
	Cut     bool // there were too many posts to look at
}

// mostGaps is how many draft and approved posts one look goes through.
const mostGaps = 1000

// YearEnd is the next 31 March, on which money of a financial year lapses.
func YearEnd(today clock.Date) clock.Date {
	end := clock.MakeDate(today.Year(), 3, 31)
	if end < today {
		end = clock.MakeDate(today.Year()+1, 3, 31)
	}
	return end
}

// LookGaps gives the posts that one more named supervisor would open and the
// funded places that may go unused by 31 March.
func (s *Service) LookGaps(ctx context.Context, call access.Call) (Gaps, error) {
	tenant := call.Actor.Tenant
	scope := s.access.Scope(call.Actor, ActMap)
	g := Gaps{YearEnd: YearEnd(call.Today)}
	var posts []Post
	for _, status := range []Status{Draft, Approved} {
		list, err := s.list(ctx, scope, Query{Status: status, Limit: mostGaps + 1})
		if err != nil {
			return g, err
		}
		g.Cut = g.Cut || len(list) > mostGaps
		posts = append(posts, list...)
	}
	hosts, err := s.waiting(ctx, tenant, posts, call.Today)
	if err != nil {
		return g, err
	}
	g.Hosts = hosts
	var ids []string
	for _, h := range hosts {
		g.Posts += len(h.Posts)
		for _, p := range h.Posts {
			ids = append(ids, p.ID)
		}
	}
	if g.Risks, err = s.risks(ctx, call, scope, g.YearEnd); err != nil {
		return g, err
	}
	if g.Atlas, err = s.Atlas(ctx); err != nil {
		return g, err
	}
	return g, s.audit.Look(ctx, call, audit.Look{Action: ActMap, Kind: "post", IDs: ids, Query: "gaps"})
}

// waiting keeps the posts that nothing but supervision, or approval besides,
// stops from opening, by place of work.
func (s *Service) waiting(ctx context.Context, tenant string, posts []Post, today clock.Date) ([]Gap, error) {
	var ids, accounts []string
	for _, p := range posts {
		ids = append(ids, p.Employer, p.Host)
		if p.Clinical != "" {
			accounts = append(accounts, p.Clinical)
		}
	}
	places, err := s.placesIn(ctx, tenant, database.Distinct(ids))
	if err != nil {
		return nil, err
	}
	supervisors, err := s.supervisorsIn(ctx, tenant, database.Distinct(accounts))
	if err != nil {
		return nil, err
	}
	byHost := map[string]*Gap{}
	for _, p := range posts {
		around := Surroundings{Today: today, Employer: places[p.Employer], Host: places[p.Host]}
		around.Employer.ID, around.Host.ID = p.Employer, p.Host
		if v, known := supervisors[p.Clinical]; known {
			around.Clinical = &v
		}
		w, waits := waitingFor(p, around)
		if !waits {
			continue
		}
		h := byHost[p.Host]
		if h == nil {
			h = &Gap{Host: p.Host, Name: placeName(places, p.Host), Region: p.Region, Outcode: places[p.Host].Outcode}
			byHost[p.Host] = h
		}
		h.Posts = append(h.Posts, w)
	}
	var out []Gap
	for _, h := range byHost {
		out = append(out, *h)
	}
	sort.Slice(out, func(i, j int) bool {
		a, b := out[i], out[j]
		return cmp.Or(len(b.Posts)-len(a.Posts), cmp.Compare(a.Host, b.Host)) < 0
	})
	return out, nil
}

// waitingFor tells whether a supervisor with room is all that a post lacks.
func waitingFor(p Post, around Surroundings) (Waiting, bool) {
	w := Waiting{Post: p}
	for _, stop := range Stops(p, around) {
		switch {
		case ofSupervision(stop.Code):
			w.Why = append(w.Why, stop)
		case stop.Code == "not_approved":
			w.Approval = true
		default:
			return w, false
		}
	}
	return w, len(w.Why) > 0
}

// risks compares funded places with people and posts.
func (s *Service) risks(ctx context.Context, call access.Call, scope access.Scope, end clock.Date) ([]AtRisk, error) {
	if s.o.Funded == nil {
		return nil, nil
	}
	funded, err := s.o.Funded(ctx, call)
	if err != nil {
		return nil, err
	}
	tally, err := s.tally(ctx, scope, call.Today)
	if err != nil {
		return nil, err
	}
	var out []AtRisk
	for _, f := range funded {
		if f.Ends > end || f.Ends < call.Today || !scope.All && !slices.Contains(scope.Regions, f.Region) {
			continue
		}
		r := AtRisk{Funded: f}
		for key, n := range tally {
			if key.phase == f.Phase && (f.Region == "" || key.region == f.Region) {
				r.Coming, r.Open = r.Coming+n.coming, r.Open+n.open
			}
		}
		r.Unused = max(0, f.Places-f.Taken-r.Coming-r.Open)
		out = append(out, r)
	}
	sort.Slice(out, func(i, j int) bool {
		a, b := out[i], out[j]
		return cmp.Or(b.Unused-a.Unused, cmp.Compare(a.Ends, b.Ends), cmp.Compare(a.Title, b.Title), cmp.Compare(a.Region, b.Region)) < 0
	})
	return out, nil
}

type tallyKey struct{ phase, region string }

type tallied struct{ coming, open int }

// tally counts by phase and region the open posts, and those held by somebody
// who has yet to start.
func (s *Service) tally(ctx context.Context, scope access.Scope, today clock.Date) (map[tallyKey]tallied, error) {
	out := map[tallyKey]tallied{}
	open, err := s.list(ctx, scope, Query{Status: Open, Limit: mostGaps})
	if err != nil {
		return nil, err
	}
	for _, p := range open {
		n := out[tallyKey{p.Phase, p.Region}]
		n.open++
		out[tallyKey{p.Phase, p.Region}] = n
	}
	filled, err := s.list(ctx, scope, Query{Status: Filled, From: today, Limit: mostGaps})
	if err != nil {
		return nil, err
	}
	for _, p := range filled {
		n := out[tallyKey{p.Phase, p.Region}]
		n.coming++
		out[tallyKey{p.Phase, p.Region}] = n
	}
	return out, nil
}
