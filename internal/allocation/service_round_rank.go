package allocation

import (
	"context"
	"slices"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/casefile"
	"msw/internal/problem"
)

// RankPost is one post a host can rank doctors for.
type RankPost struct {
	Round  Round
	Post   string
	Title  string
	Ranked int
}

// RankSheet is a host's ranking as its page shows it.
type RankSheet struct {
	RankPost
	Version int
	Lines   []RankLine // best first
	Out     []RankLine // said not to go on
	Open    bool
}

// RankLine is one doctor the host interviewed, by the reference they gave.
type RankLine struct{ Doctor, Ref, Reason string }

// Rankable lists the posts of the actor's organisations in ranked rounds that
// are announced or open.
func (s *Rounds) Rankable(ctx context.Context, call access.Call) ([]RankPost, error) {
	running, err := s.running(ctx, call.Actor.Tenant)
	if err != nil {
		return nil, err
	}
	running = slices.DeleteFunc(running, func(r Round) bool { return r.Way != WayRanked || r.State(call.Today) != RoundOpen })
	if len(running) == 0 {
		return nil, nil
	}
	openings, _, err := s.o.Wishes.Openings(ctx, call)
	if err != nil {
		return nil, err
	}
	var out []RankPost
	for _, r := range running {
		rankings, err := s.rankings(ctx, call.Actor.Tenant, r.ID)
		if err != nil {
			return nil, err
		}
		for _, o := range openings {
			if (r.Region == "" || r.Region == o.Region) && s.mayRank(call, o.Employer, o.Host) == nil {
				out = append(out, RankPost{Round: r, Post: o.Post, Title: o.Specialty + " at " + o.HostName, Ranked: len(rankings[o.Post].Doctors)})
			}
		}
	}
	return out, nil
}

func (s *Rounds) mayRank(call access.Call, employer, host string) error {
	return s.access.May(call.Actor, ActRank, access.Resource{Kind: "ranking", Tenant: call.Actor.Tenant, Organisations: []string{employer, host}})
}

// rankSheet loads a ranking the actor may make; Missing otherwise.
func (s *Rounds) rankSheet(ctx context.Context, call access.Call, round, id string) (RankSheet, Ranking, error) {
	r, err := s.loadRound(ctx, call.Actor.Tenant, round)
	if err != nil {
		return RankSheet{}, Ranking{}, err
	}
	p, err := s.o.Posts.Get(ctx, call.Actor.Tenant, id)
	if err != nil {
		return RankSheet{}, Ranking{}, err
	}
	if r.Way != WayRanked || r.Region != "" && r.Region != p.Region || s.mayRank(call, p.Employer, p.Host) != nil {
		return RankSheet{}, Ranking{}, problem.Missing()
	}
	places, err := s.o.Posts.Places(ctx, call.Actor.Tenant, []string{p.Host})
	if err != nil {
		return RankSheet{}, Ranking{}, err
	}
	all, err := s.rankings(ctx, call.Actor.Tenant, round)
	if err != nil {
		return RankSheet{}, Ranking{}, err
	}
	have := all[id]
	have.Round, have.Post, have.Host = round, id, p.Host
	if have.Refused == nil {
		have.Refused = map[string]string{}
	}
	sheet := RankSheet{RankPost: RankPost{Round: r, Post: id, Title: p.Specialty + " at " + places[p.Host].Name, Ranked: len(have.Doctors)},
		Version: have.Version, Open: r.State(call.Today) == RoundOpen}
	people, err := s.o.Casefile.Many(ctx, call.Actor.Tenant, append(slices.Clone(have.Doctors), keys(have.Refused)...))
	if err != nil {
		return sheet, have, err
	}
	for _, d := range have.Doctors {
		if !slices.Contains(call.Actor.Hidden, d) {
			sheet.Lines = append(sheet.Lines, RankLine{Doctor: d, Ref: people[d].Ref})
		}
	}
	for _, d := range keys(have.Refused) {
		if !slices.Contains(call.Actor.Hidden, d) {
			sheet.Out = append(sheet.Out, RankLine{d, people[d].Ref, have.Refused[d]})
		}
	}
	return sheet, have, nil
}

// RankSheet shows a host its own ranking. It holds nothing of what doctors chose.
func (s *Rounds) RankSheet(ctx context.Context, call access.Call, round, post string) (RankSheet, error) {
	sheet, have, err := s.rankSheet(ctx, call, round, post)
	if err != nil {
		return sheet, err
	}
	return sheet, s.audit.Look(ctx, call, audit.Look{Action: ActRank, Kind: "ranking", Query: round + " " + post, IDs: have.Doctors})
}

// RankStep is one change of a host's ranking.
type RankStep struct {
	Round, Post string
	Version     int
	Ref         string
	Do          string // add, up, down, remove, or out with Reason
	Reason      string
}

// Rank makes one change of a ranking and keeps it at once.
func (s *Rounds) Rank(ctx context.Context, call access.Call, cmd RankStep) error {
	return s.db.Tx(ctx, func(ctx context.Context) error {
		sheet, have, err := s.rankSheet(ctx, call, cmd.Round, cmd.Post)
		if err != nil {
			return err
		}
		if !sheet.Open {
			return problem.Refuse("This ranking cannot be changed.", "Preferences have closed for this round.")
		}
		if cmd.Version != have.Version {
			return problem.Stale()
		}
		id, err := s.byRef(ctx, call.Actor.Tenant, cmd.Ref)
		if err != nil {
			return err
		}
		if err := s.takesPart(ctx, call, have, id); err != nil {
			return err
		}
		before := have
		if have, err = have.step(id, cmd); err != nil {
			return err
		}
		if err := s.saveRanking(ctx, call, have); err != nil {
			return err
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: ActRank, Kind: "ranking", ID: cmd.Round + ":" + cmd.Post, Before: before, After: have})
	})
}

// takesPart answers one and the same for a reference that is nobody's, for a
// doctor who waits for no post and for one whom these people must not meet.
func (s *Rounds) takesPart(ctx context.Context, call access.Call, r Ranking, id string) error {
	unknown := &problem.Error{Kind: problem.Invalid, Message: "There is a problem", Fields: []problem.Field{{Name: "ref", Message: "No doctor who waits for a post has this reference. Ask the doctor to read it to you again"}}}
	if id == "" || slices.Contains(call.Actor.Hidden, id) {
		return unknown
	}
	if slices.Contains(r.Doctors, id) || r.Refused[id] != "" {
		return nil
	}
	c, err := s.o.Casefile.Get(ctx, id, call.Actor.Tenant)
	if err != nil {
		return err
	}
	if c.Stage != casefile.StageEligible {
		return unknown
	}
	p, err := s.o.Posts.Get(ctx, call.Actor.Tenant, r.Post)
	if err != nil {
		return err
	}
	hidden, err := s.hiddenPairs(ctx, call.Actor.Tenant, map[string]*RoundPost{p.ID: {ID: p.ID, Host: p.Host, Employer: p.Employer, Clinical: p.Clinical}})
	if err != nil {
		return err
	}
	if hidden[id][p.ID] {
		return unknown
	}
	return nil
}

// step makes one change; the ranking given is not touched.
func (r Ranking) step(id string, cmd RankStep) (Ranking, error) {
	list := slices.Clone(r.Doctors)
	refused := make(map[string]string, len(r.Refused))
	for k, v := range r.Refused {
		refused[k] = v
	}
	i := slices.Index(list, id)
	var c problem.Check
	switch cmd.Do {
	case "add":
		c.That(i < 0, "ref", "This doctor is on your list already")
		delete(refused, id)
		list = append(list, id)
	case "up":
		if i > 0 {
			list[i-1], list[i] = list[i], list[i-1]
		}
	case "down":
		if i >= 0 && i < len(list)-1 {
			list[i+1], list[i] = list[i], list[i+1]
		}
	case "remove":
		delete(refused, id)
		list = slices.DeleteFunc(list, func(d string) bool { return d == id })
	case "out":
		c.That(slices.ContainsFunc(RankReasons(), func(x RankReason) bool { return x.Code == cmd.Reason }), "reason", "Choose why")
		refused[id] = cmd.Reason
		list = slices.DeleteFunc(list, func(d string) bool { return d == id })
	default:
		c.That(false, "ref", "Choose what to do")
	}
	r.Doctors, r.Refused = list, refused
	return r, c.Err()
}
