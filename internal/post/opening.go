package post

import (
	"context"
	"strings"

	"msw/internal/clock"
)

// Opening is an open post as an allocation needs it: what it is, where, and
// which limits it counts against.
type Opening struct {
	Post           string // outside reference
	Setting        Setting
	Specialty      string // in the employer's words
	Code           string // of Specialties, "" when not recognised
	Employer, Host string // organisation ids: who signs, where the work is
	HostName       string
	Outcode        string // of the host
	Region         string
	Supervisor     string // clinical supervisor's account
	Room           int    // how many of the supervisor's open posts can be filled, 0 when lapsed or away at the start
	Funder         Funder // whose money
	Phase          string // id of the phase that pays, "" for none
	MinutesWeek    int
	Pay            Pay
	StartFrom      clock.Date
	ContractEnd    clock.Date
	Essential      []string // requirements in words, each a line
	Requires       Requires // the least experience, compared with facts
	Wished         []string
}

// mostOpenings is more than are ever open at once; beyond it the answer would
// be cut, so Openings refuses instead.
const mostOpenings = 20_000

// Openings lists the open posts of a tenant in the order of their references,
// in three statements. Posts whose place of work is unknown or shut are left
// out. It asks no permission: callers show each actor what they may know.
func (s *Service) Openings(ctx context.Context, tenant string, today clock.Date) ([]Opening, error) {
	posts, err := s.openPosts(ctx, tenant)
	if err != nil {
		return nil, err
	}
	var hosts, accounts []string
	seen := map[string]bool{}
	for _, p := range posts {
		if !seen[p.Host] {
			hosts = append(hosts, p.Host)
		}
		if p.Clinical != "" && !seen["a:"+p.Clinical] {
			accounts = append(accounts, p.Clinical)
		}
		seen[p.Host], seen["a:"+p.Clinical] = true, true
	}
	places, err := s.placesIn(ctx, tenant, hosts)
	if err != nil {
		return nil, err
	}
	supervisors, err := s.supervisorsIn(ctx, tenant, accounts)
	if err != nil {
		return nil, err
	}
	return openings(posts, places, supervisors, today), nil
}

// openings joins open posts with their places and supervisors. An open post
// has taken its place with the supervisor already: the room is what all of the
// supervisor's open posts may still use.
func openings(posts []Post, places map[string]Place, supervisors map[string]Supervisor, today clock.Date) []Opening {
	open := map[string]int{}
	for _, p := range posts {
		open[p.Clinical]++
	}
	var out []Opening
	for _, p := range posts {
		at, known := places[p.Host]
		if !known || at.closedOn(today) {
			continue
		}
		v := supervisors[p.Clinical]
		begins := max(today, p.StartFrom)
		room := min(open[p.Clinical], v.Capacity-(v.Holding-open[p.Clinical]))
		if room < 0 || v.Lapsed(begins) || v.Away(begins) {
			room = 0
		}
		out = append(out, Opening{Post: p.ID, Setting: p.Setting, Specialty: p.Specialty, Code: SpecialtyCode(p.Specialty), Employer: p.Employer, Host: p.Host,
			HostName: at.Name, Outcode: at.Outcode, Region: p.Region, Supervisor: p.Clinical, Room: room, Funder: p.PaidBy(), Phase: p.Phase,
			MinutesWeek: p.MinutesWeek, Pay: p.Pay, StartFrom: p.StartFrom, ContractEnd: p.ContractEnd, Essential: Lines(p.Essential), Wished: Lines(p.Wished), Requires: p.Requires})
	}
	return out
}

// Lines cuts a text of one requirement a line; empty lines are left out.
func Lines(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
	}
	return out
}

// batch is how many ids go into one statement.
const batch = 150

func (s *Service) placesIn(ctx context.Context, tenant string, ids []string) (map[string]Place, error) {
	all := map[string]Place{}
	for from := 0; from < len(ids); from += batch {
		part, err := s.o.Places(ctx, tenant, ids[from:min(from+batch, len(ids))])
		if err != nil {
			return nil, err
		}
		for id, p := range part {
			all[id] = p
		}
	}
	return all, nil
}

func (s *Service) supervisorsIn(ctx context.Context, tenant string, accounts []string) (map[string]Supervisor, error) {
	all := map[string]Supervisor{}
	for from := 0; from < len(accounts); from += batch {
		part, err := s.supervisors(ctx, tenant, "account_id", accounts[from:min(from+batch, len(accounts))])
		if err != nil {
			return nil, err
		}
		for _, v := range part {
			all[v.Account] = v
		}
	}
	return all, nil
}
