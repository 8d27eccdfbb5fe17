package allocation

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"

	"msw/internal/access"
	"msw/internal/allocation/runfile"
	"msw/internal/casefile"
	"msw/internal/clock"
	"msw/internal/post"
	"msw/internal/problem"
)

// field is everything a round is worked out from on a day.
type field struct {
	round   Round
	doctors []RoundDoctor // by reference
	posts   map[string]*RoundPost
	linked  [][2]string         // references
	missing map[string][]string // doctor -> posts on their list that are not in the round for them
	left    map[string][]Left   // doctor -> posts they named that their own limits leave out
}

// gather reads the frozen lists, the posts as they are today and every hard
// fact, in few statements but for the rules, which are asked once a doctor; of
// the doctors in only, or of all when it is nil.
func (s *Rounds) gather(ctx context.Context, call access.Call, r Round, only map[string]bool) (field, error) {
	f := field{round: r, missing: map[string][]string{}, left: map[string][]Left{}}
	openings, atlas, err := s.o.Wishes.Openings(ctx, call)
	if err != nil {
		return f, err
	}
	if openings, err = s.free(ctx, call.Actor.Tenant, r, openings); err != nil {
		return f, err
	}
	if f.posts, err = s.roundPosts(ctx, call, r, openings); err != nil {
		return f, err
	}
	cases, err := s.o.Casefile.Placeable(ctx, call.Actor.Tenant)
	if err != nil {
		return f, err
	}
	wishes, err := s.entries(ctx, call.Actor.Tenant, r.ID)
	if err != nil {
		return f, err
	}
	cases = slices.DeleteFunc(cases, func(c casefile.Placeable) bool {
		_, takes := wishes[c.Doctor]
		return !takes || only != nil && !only[c.Doctor]
	})
	ids := make([]string, len(cases))
	for i, c := range cases {
		ids[i] = c.Doctor
	}
	listed, err := s.listed(ctx, call.Actor.Tenant, wishes)
	if err != nil {
		return f, err
	}
	hidden, err := s.hiddenPairs(ctx, call.Actor.Tenant, f.posts)
	if err != nil {
		return f, err
	}
	homes, err := s.homes(ctx, call.Actor.Tenant, ids)
	if err != nil {
		return f, err
	}
	recorded, err := s.recorded(ctx, call.Actor.Tenant, ids)
	if err != nil {
		return f, err
	}
	granted, err := s.granted(ctx, call.Actor.Tenant, ids)
	if err != nil {
		return f, err
	}
	for _, c := range cases {
		w := wishes[c.Doctor]
		w.Granted = granted[c.Doctor] // a protected reason may be agreed after preferences have closed
		d := taker(c, w, recorded[c.Doctor], hidden[c.Doctor])
		d.Protected = len(w.Granted) > 0
		d.Priority = r.Rules.PriorityDays > 0 && c.Eligible.DaysUntil(r.Closes) >= r.Rules.PriorityDays
		w.Outcode = homes[c.Doctor]
		f.spell(&d, w, openings, atlas, listed)
		if len(d.Choices)+len(f.missing[d.Doctor])+len(f.left[d.Doctor]) == 0 {
			continue // wants nothing that this round reaches
		}
		if err := s.holds(ctx, call, &d); err != nil {
			return f, err
		}
		f.doctors = append(f.doctors, d)
	}
	f.pair(wishes)
	sort.Slice(f.doctors, func(i, j int) bool {
		a, b := f.doctors[i], f.doctors[j]
		return strings.Compare(a.Ref, b.Ref) < 0
	})
	return f, nil
}

// pair notes the linked partners who both take part.
func (f *field) pair(wishes map[string]Wishes) {
	refs := map[string]string{}
	for _, d := range f.doctors {
		refs[d.Doctor] = d.Ref
	}
	for _, d := range f.doctors {
		if other := refs[wishes[d.Doctor].Partner]; other != "" && d.Ref < other {
			f.linked = append(f.linked, [2]string{d.Ref, other})
		}
	}
}

// taker is a doctor as the hard rules see them, but for the rules of who may
// join.
func taker(c casefile.Placeable, w Wishes, p Recorded, hidden map[string]bool) RoundDoctor {
	d := RoundDoctor{Doctor: c.Doctor, Ref: c.Ref, Region: c.Region, Since: c.Eligible, Paused: c.Paused, RightEnds: p.RightEnds, Months: p.Months,
		FreeFrom: w.Preference.FreeFrom, Private: map[string]bool{}}
	maps.Copy(d.Private, hidden)
	return d
}

// limited adds the posts that a doctor's own limits rule out; those of the codes
// in but are told openly where they are told.
func (d *RoundDoctor) limited(w Wishes, openings []post.Opening, atlas post.Atlas, but ...string) {
	for _, o := range openings {
		miles, known := atlas.Miles(w.Outcode, o.Outcode)
		if !known {
			miles = -1
		}
		if l := w.leaves(o, miles); l.Code != "" && !slices.Contains(but, l.Code) {
			d.Private[o.Post] = true
		}
	}
}

// recorded gives what is recorded of doctors that the hard rules ask for.
func (s *Rounds) recorded(ctx context.Context, tenant string, doctors []string) (map[string]Recorded, error) {
	if s.o.Recorded == nil {
		return nil, nil
	}
	return s.o.Recorded(ctx, tenant, doctors)
}

// granted gives the protected reasons that were agreed for doctors.
func (s *Rounds) granted(ctx context.Context, tenant string, doctors []string) (map[string][]Granted, error) {
	out := make(map[string][]Granted, len(doctors))
	for part := range slices.Chunk(doctors, batch) {
		some, err := s.o.Wishes.granted(ctx, tenant, part)
		if err != nil {
			return nil, err
		}
		maps.Copy(out, some)
	}
	return out, nil
}

// homes gives where doctors live today, for distances.
func (s *Rounds) homes(ctx context.Context, tenant string, doctors []string) (map[string]string, error) {
	out := make(map[string]string, len(doctors))
	for part := range slices.Chunk(doctors, batch) {
		some, err := s.o.Wishes.homes(ctx, tenant, part)
		if err != nil {
			return nil, err
		}
		maps.Copy(out, some)
	}
	return out, nil
}

func (s *Rounds) holds(ctx context.Context, call access.Call, d *RoundDoctor) error {
	ok, staff, own, err := s.o.Holds(ctx, call, d.Doctor)
	if err != nil {
		return fmt.Errorf("eligibility of %s: %w", d.Ref, err)
	}
	d.Eligible = ok
	for i, why := range staff {
		st := Stop{"eligible", "Not eligible today: " + why, "You cannot take up a post at the moment. Ask your caseworker why."}
		if i < len(own) {
			st.Doctor = own[i]
		}
		if !ok {
			d.EligibleWhy = append(d.EligibleWhy, st)
		}
	}
	return nil
}

// spell puts the doctor's choices in. A post they must not meet is left out
// altogether, as one that is not there.
func (f *field) spell(d *RoundDoctor, w Wishes, openings []post.Opening, atlas post.Atlas, listed map[string]post.Post) {
	mine := make([]post.Opening, 0, len(openings))
	for _, o := range openings {
		if f.posts[o.Post] != nil && !d.Private[o.Post] {
			mine = append(mine, o)
		}
	}
	ranked, left := Spell(w, mine, atlas)
	d.Travel = w.Preference.Travel
	anyWay := w
	anyWay.Preference.Travel = 0
	for i, l := range left { // too far, but ruled out however far they would go
		o := mine[slices.IndexFunc(mine, func(o post.Opening) bool { return o.Post == l.Post })]
		if more := anyWay.leaves(o, l.Miles); l.Code == LeftTravel && more.Code != "" {
			left[i].Code, left[i].Text = more.Code, more.Text
		}
	}
	near := nearest(left)
	for _, l := range left {
		if l != near && !slices.ContainsFunc(w.List.Wishes, func(x Wish) bool { return x.Post == l.Post }) {
			continue
		}
		f.left[d.Doctor] = append(f.left[d.Doctor], l)
		if l.Code == LeftTravel {
			d.Far = append(d.Far, RoundChoice{Post: l.Post, Miles: l.Miles})
		}
	}
	for _, r := range ranked {
		d.Choices = append(d.Choices, RoundChoice{Post: r.Post, Miles: r.Miles})
	}
	for _, wish := range w.List.Wishes {
		if wish.Post == "" || f.round.Region != "" && listed[wish.Post].Region != f.round.Region {
			continue
		}
		if f.posts[wish.Post] == nil || d.Private[wish.Post] {
			f.missing[d.Doctor] = append(f.missing[d.Doctor], wish.Post)
		}
	}
	for _, l := range left {
		d.Private[l.Post] = true
	}
}

// nearest gives the post that the fewest more miles would reach, so that a doctor
// without a post can read what they would change.
func nearest(left []Left) (near Left) {
	for _, l := range left {
		if l.Code == LeftTravel && (near.Code == "" || l.Miles < near.Miles) {
			near = l
		}
	}
	return near
}

// free leaves out the posts that were given already: by another round, or by an
// offer that still waits for its answer.
func (s *Rounds) free(ctx context.Context, tenant string, r Round, openings []post.Opening) ([]post.Opening, error) {
	given, err := s.given(ctx, tenant, r.ID)
	if err != nil {
		return nil, err
	}
	if s.o.Taken != nil {
		offered, err := s.o.Taken(ctx, tenant)
		if err != nil {
			return nil, err
		}
		given = append(given, offered...)
	}
	return slices.DeleteFunc(openings, func(o post.Opening) bool { return slices.Contains(given, o.Post) }), nil
}

// listed reads the posts that doctors listed outright, to tell those that a round
// would have reached.
func (s *Rounds) listed(ctx context.Context, tenant string, wishes map[string]Wishes) (map[string]post.Post, error) {
	seen := map[string]bool{}
	for _, w := range wishes {
		for _, wish := range w.List.Wishes {
			if wish.Post != "" {
				seen[wish.Post] = true
			}
		}
	}
	return s.manyPosts(ctx, tenant, keys(seen))
}

// roundPosts are the open posts a round reaches, with the hosts' rankings.
func (s *Rounds) roundPosts(ctx context.Context, call access.Call, r Round, openings []post.Opening) (map[string]*RoundPost, error) {
	out := map[string]*RoundPost{}
	rankings := map[string]Ranking{}
	if r.Way == WayRanked {
		var err error
		if rankings, err = s.rankings(ctx, call.Actor.Tenant, r.ID); err != nil {
			return nil, err
		}
	}
	for _, o := range openings {
		if r.Region != "" && o.Region != r.Region {
			continue
		}
		out[o.Post] = &RoundPost{ID: o.Post, Host: o.Host, Employer: o.Employer, HostName: o.HostName, Region: o.Region, Setting: string(o.Setting),
			Specialty: o.Specialty, Phase: o.Phase, Clinical: o.Supervisor, SupervisorRoom: o.Room, Outcode: o.Outcode, Starts: o.StartFrom,
			ContractEnd: o.ContractEnd, Requires: o.Requires, Room: o.Room > 0, Ranking: rankings[o.Post].Doctors}
	}
	return out, nil
}

// hiddenPairs gives, by doctor, the posts whose people or place the doctor hides
// from.
func (s *Rounds) hiddenPairs(ctx context.Context, tenant string, posts map[string]*RoundPost) (map[string]map[string]bool, error) {
	subjects := map[string][]string{} // subject -> posts
	full, err := s.manyPosts(ctx, tenant, keys(posts))
	if err != nil {
		return nil, err
	}
	var hosts []string
	for _, p := range posts {
		hosts = append(hosts, p.Host, p.Employer)
	}
	slices.Sort(hosts)
	places, err := s.places(ctx, tenant, slices.Compact(hosts))
	if err != nil {
		return nil, err
	}
	for id, p := range posts {
		for _, org := range []string{p.Host, p.Employer} {
			for _, subject := range []string{"org:" + org, "place:" + places[org].Outcode, "region:" + places[org].Region} {
				subjects[subject] = append(subjects[subject], id)
			}
		}
		for _, account := range []string{p.Clinical, full[id].Educational} {
			if account != "" {
				subjects["account:"+account] = append(subjects["account:"+account], id)
			}
		}
	}
	out := map[string]map[string]bool{}
	for _, subject := range keys(subjects) {
		doctors, err := s.o.HiddenFrom(ctx, tenant, []string{subject})
		if err != nil {
			return nil, err
		}
		for _, d := range doctors {
			if out[d] == nil {
				out[d] = map[string]bool{}
			}
			for _, id := range subjects[subject] {
				out[d][id] = true
			}
		}
	}
	return out, nil
}

func (s *Rounds) places(ctx context.Context, tenant string, ids []string) (map[string]post.Place, error) {
	out := map[string]post.Place{}
	for from := 0; from < len(ids); from += batch {
		part, err := s.o.Posts.Places(ctx, tenant, ids[from:min(from+batch, len(ids))])
		if err != nil {
			return nil, err
		}
		for id, p := range part {
			out[id] = p
		}
	}
	return out, nil
}

func (s *Rounds) manyPosts(ctx context.Context, tenant string, ids []string) (map[string]post.Post, error) {
	out := make(map[string]post.Post, len(ids))
	for from := 0; from < len(ids); from += batch {
		part, err := s.o.Posts.GetMany(ctx, tenant, ids[from:min(from+batch, len(ids))])
		if err != nil {
			return nil, err
		}
		for id, p := range part {
			out[id] = p
		}
	}
	return out, nil
}

func keys[T any](m map[string]T) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// title is how a post is called in a round's sentences.
func (p *RoundPost) title() string { return p.Specialty + " at " + p.HostName }

// run writes the run file: every input, and nothing else decides.
func (f field) run(id string, seed, build string, today clock.Date) (*runfile.Run, error) {
	run := &runfile.Run{Format: 1, ID: id, AsOf: today, Rule: runfile.Flow, RuleVersion: runfile.RuleVersion, Seed: runfile.Seed(seed),
		Commitment: f.round.SeedHash, Build: build, Doctors: []runfile.Doctor{}, Posts: []runfile.Post{}}
	if f.round.Way == WayRanked {
		run.Rule = runfile.Ranked
	}
	refs, far := map[string]string{}, f.longest()
	for _, d := range f.doctors {
		refs[d.Doctor] = d.Ref
		run.Doctors = append(run.Doctors, f.runDoctor(d, far))
	}
	run.Limits = f.limits()
	for _, id := range keys(f.posts) {
		run.Posts = append(run.Posts, f.runPost(f.posts[id], refs))
	}
	for _, pair := range f.linked {
		run.Linked = append(run.Linked, runfile.Pair{Doctors: pair, Area: f.areaOf(pair)})
	}
	if err := run.Check(); err != nil {
		return nil, problem.Wrap(problem.Refused, "The run file is not sound: "+err.Error(), err)
	}
	return run.Canonical(), nil
}

func (f field) runDoctor(d RoundDoctor, far int) runfile.Doctor {
	out := runfile.Doctor{ID: d.Ref, Choices: []string{}, Priority: d.Priority, WaitingSince: d.Since, Travel: map[string]int{}, Pinned: d.Pinned}
	for _, c := range d.Choices {
		out.Choices = append(out.Choices, c.Post)
		out.Travel[c.Post] = c.Miles
		if c.Miles < 0 {
			out.Travel[c.Post] = far // nobody gains by not saying where they live
			if d.Travel > 0 {
				out.Travel[c.Post] = min(far, d.Travel)
			}
		}
		if stops := HardRules(d, f.posts[c.Post], f.round); len(stops) > 0 {
			out.Refused = append(out.Refused, runfile.Refusal{Post: c.Post, Rule: stops[0].Code, Sentence: coarse(stops[0])})
		}
	}
	for _, c := range d.Far { // after those that can be given, as the doctor reads them
		out.TravelLimit = d.Travel
		out.Choices, out.Travel[c.Post] = append(out.Choices, c.Post), c.Miles
		if stops := HardRules(d.without(c.Post), f.posts[c.Post], f.round); len(stops) > 0 {
			out.Refused = append(out.Refused, runfile.Refusal{Post: c.Post, Rule: stops[0].Code, Sentence: coarse(stops[0])})
		}
	}
	return out
}

// without asks the hard rules as if nothing private ruled a post out.
func (d RoundDoctor) without(post string) RoundDoctor {
	d.Private = maps.Clone(d.Private)
	delete(d.Private, post)
	return d
}

// longest is the longest way known in the round.
func (f field) longest() (miles int) {
	for _, d := range f.doctors {
		for _, c := range d.Choices {
			miles = max(miles, c.Miles)
		}
	}
	return miles
}

// coarse is a stop as it stands in a run file, which leaves msw: nothing of a
// person's papers is in it. The doctor reads the whole sentence on their page.
func coarse(s Stop) string {
	if s.Code == "eligible" || s.Code == "right_to_work" {
		return "A rule on who can take up a post is not met today."
	}
	if s.Code == "specialty" {
		return "The post needs more experience than is recorded."
	}
	return s.Doctor
}

func (f field) runPost(p *RoundPost, refs map[string]string) runfile.Post {
	out := runfile.Post{ID: p.ID, Name: p.title(), Places: 1, Within: "region:" + p.Region}
	if p.Clinical != "" {
		name := f.supervisorLimit(p.Clinical)
		if f.crosses(p.Clinical) {
			out.Counts = append(out.Counts, name)
		} else {
			out.Within = name
		}
	}
	for _, l := range f.round.Rules.Limits {
		switch {
		case l.Kind == LimitFunder && l.Of == p.Phase:
			out.Counts = append(out.Counts, "funder:"+l.Of)
		case l.Kind == LimitFloor && l.Of == p.Setting:
			out.Counts = append(out.Counts, "floor:"+l.Of)
		}
	}
	for _, id := range p.Ranking {
		if ref := refs[id]; ref != "" {
			out.Ranking = append(out.Ranking, []string{ref})
		}
	}
	if f.round.Way == WayRanked && out.Ranking == nil {
		out.Places = 0 // a host that ranked nobody takes nobody: in the file, no ranking would mean that all are alike
	}
	return out
}

// supervisorLimit names a supervisor's limit by something that tells nobody's
// account.
func (f field) supervisorLimit(account string) string {
	sum := sha256.Sum256([]byte(f.round.ID + "\x00" + account))
	return "supervisor:" + hex.EncodeToString(sum[:5])
}

// crosses tells whether a supervisor's posts lie in several regions, so that
// their limit does not nest.
func (f field) crosses(account string) bool {
	region := ""
	for _, p := range f.posts {
		if p.Clinical == account {
			if region != "" && region != p.Region {
				return true
			}
			region = p.Region
		}
	}
	return false
}

func (f field) limits() []runfile.Limit {
	seen := map[string]bool{}
	out := []runfile.Limit{}
	add := func(l runfile.Limit) {
		if !seen[l.ID] {
			seen[l.ID] = true
			out = append(out, l)
		}
	}
	for _, id := range keys(f.posts) {
		p := f.posts[id]
		region := runfile.Limit{ID: "region:" + p.Region, Name: regionName(p.Region), Kind: "region"}
		for _, l := range f.round.Rules.Limits {
			if l.Kind == LimitRegion && l.Of == p.Region {
				n := l.Number
				region.AtMost = &n
			}
		}
		add(region)
		if p.Clinical != "" {
			room := p.SupervisorRoom
			l := runfile.Limit{ID: f.supervisorLimit(p.Clinical), Name: "the supervisor at " + p.HostName, Kind: "supervisor", Within: region.ID, AtMost: &room}
			if l.Crossing = f.crosses(p.Clinical); l.Crossing {
				l.Within = ""
			}
			add(l)
		}
	}
	for _, l := range f.round.Rules.Limits {
		n := l.Number
		switch l.Kind {
		case LimitFunder:
			add(runfile.Limit{ID: "funder:" + l.Of, Name: "the money of this phase", Kind: "funder", Crossing: true, AtMost: &n})
		case LimitFloor:
			add(runfile.Limit{ID: "floor:" + l.Of, Name: SettingWords(l.Of), Kind: "floor", Crossing: true, AtLeast: n})
		}
	}
	return out
}
