package allocation

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"msw/internal/access"
	"msw/internal/allocation/runfile"
	"msw/internal/audit"
	"msw/internal/database"
	"msw/internal/problem"
)

// Try asks for a dry run of a round whose preferences have closed. It is done
// as a job: look at the run to see how far it is.
func (s *Rounds) Try(ctx context.Context, call access.Call, round string) (DryRun, error) {
	var run DryRun
	err := s.db.Tx(ctx, func(ctx context.Context) error {
		r, err := s.get(ctx, call, ActDryRun, round)
		if err != nil {
			return err
		}
		if st := r.State(call.Today); st != RoundClosed && st != RoundTried {
			return problem.Refuse("This round cannot be tried out now.", "It is: "+st.Words()+". A dry run is possible when preferences have closed and before anybody has asked for it to be published.")
		}
		run, err = s.insertRun(ctx, call.Actor.Tenant, DryRun{ID: database.NewRef(), Round: r.ID, State: RunWaiting, Step: "Waiting to begin", AskedBy: call.Actor.Account, AskedAt: call.Now})
		if err != nil {
			return err
		}
		if s.o.Jobs != nil {
			if err := s.o.Jobs.Enqueue(ctx, call.Actor.Tenant, JobDryRun, map[string]string{"run": run.ID}); err != nil {
				return err
			}
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: ActDryRun, Kind: "round", ID: r.ID, After: map[string]any{"run": run.ID, "number": run.Number}})
	})
	return run, err
}

// Freeze takes the doctors' lists of every round as they stand when its
// preferences have closed, once. It is msw's own work, done hourly and before
// the first dry run.
func (s *Rounds) Freeze(ctx context.Context, call access.Call) error {
	list, err := s.running(ctx, call.Actor.Tenant)
	if err != nil {
		return err
	}
	for _, r := range list {
		if r.Revealed(call.Today) && r.FrozenAt.IsZero() {
			if err := s.freeze(ctx, call, r.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Rounds) freeze(ctx context.Context, call access.Call, id string) error {
	tenant := call.Actor.Tenant
	return s.db.Tx(ctx, func(ctx context.Context) error {
		r, err := s.loadRound(ctx, tenant, id)
		if err != nil || !r.FrozenAt.IsZero() {
			return err
		}
		cases, err := s.o.Casefile.Placeable(ctx, tenant)
		if err != nil {
			return err
		}
		var ids []string
		for _, c := range cases {
			ids = append(ids, c.Doctor)
		}
		wishes, err := s.o.Wishes.Wishes(ctx, call, ids)
		if err != nil {
			return err
		}
		var list []Wishes
		for _, id := range ids {
			if w := wishes[id]; len(w.List.Wishes) >= max(1, r.Rules.LeastChoices) || len(w.List.Wishes) == 0 && w.Preference.Version > 0 && r.Rules.LeastChoices == 0 {
				w.Outcode = "" // where somebody lives is kept in one place only
				list = append(list, w)
			}
		}
		if err := s.saveEntries(ctx, tenant, r.ID, list); err != nil {
			return err
		}
		r.FrozenAt = call.Now
		if err := s.updateRound(ctx, tenant, r); err != nil {
			return err
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: ActDryRun, Kind: "round", ID: r.ID, After: map[string]any{"frozen": len(list)}})
	})
}

// Work does a dry run that was asked for. Done twice, the second does nothing.
// It answers an error only when trying again may help; what a round cannot do
// is said on the run.
func (s *Rounds) Work(ctx context.Context, call access.Call, id string) error {
	tenant := call.Actor.Tenant
	run, err := s.loadRun(ctx, tenant, id)
	if err != nil || run.State != RunWaiting && run.State != RunWorking {
		return err
	}
	err = s.work(ctx, call, run)
	if kind := problem.KindOf(err); kind != problem.Refused && kind != problem.Invalid {
		return err
	}
	return s.db.Tx(ctx, func(ctx context.Context) error { return s.stopRun(ctx, tenant, id, sentencesOf(err), call.Now) })
}

// sentencesOf is a refusal as staff read it on the run.
func sentencesOf(err error) string {
	e, ok := errors.AsType[*problem.Error](err)
	if !ok || len(e.Reasons) == 0 {
		return err.Error()
	}
	return e.Message + " " + strings.Join(e.Reasons, " ")
}

// made is what one run has worked out, before it is stored.
type made struct {
	field
	run    *runfile.Run
	result *runfile.Result
	faults []string
	checks []string
}

func (s *Rounds) work(ctx context.Context, call access.Call, run DryRun) error {
	step := func(percent int, words string) error {
		return s.db.Tx(ctx, func(ctx context.Context) error { return s.advance(ctx, call.Actor.Tenant, run.ID, percent, words) })
	}
	if err := s.freeze(ctx, call, run.Round); err != nil {
		return err
	}
	if err := step(10, "Asking the rules about each doctor and post"); err != nil {
		return err
	}
	r, err := s.loadRound(ctx, call.Actor.Tenant, run.Round)
	if err != nil {
		return err
	}
	m := made{}
	if m.field, err = s.gather(ctx, call, r, nil); err != nil {
		return err
	}
	seed, err := s.seed(ctx, call.Actor.Tenant, r.ID)
	if err != nil {
		return err
	}
	if err := m.placeFirst(seed, call.Today); err != nil {
		return err
	}
	if m.run, err = m.field.run(r.ID+"-"+strconv.Itoa(run.Number), seed, s.o.Build, call.Today); err != nil {
		return err
	}
	if err := step(40, "Working out who gets which post"); err != nil {
		return err
	}
	if m.result, err = solve(m.run); err != nil {
		return err
	}
	if err := step(70, "Checking the result with the independent check"); err != nil {
		return err
	}
	m.faults, m.checks = check(m.run, m.result)
	if err := step(85, "Writing down why, for each doctor and host"); err != nil {
		return err
	}
	return s.store(ctx, call, run, m)
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// store keeps all of a run in one transaction.
func (s *Rounds) store(ctx context.Context, call access.Call, run DryRun, m made) error {
	var in, out bytes.Buffer
	if err := runfile.Encode(&in, m.run); err != nil {
		return fmt.Errorf("write run file: %w", err)
	}
	if err := runfile.Encode(&out, m.result); err != nil {
		return fmt.Errorf("write result file: %w", err)
	}
	run.DoneAt, run.Rule, run.RuleVersion, run.Build = call.Now, m.run.Rule, m.run.RuleVersion, s.o.Build
	run.Doctors, run.Posts, run.Placed = len(m.run.Doctors), len(m.run.Posts), len(m.result.Placements)
	run.RunHash, run.ResultHash = digest(in.Bytes()), digest(out.Bytes())
	readings, posts := m.readings(), m.runPosts()
	return s.db.Tx(ctx, func(ctx context.Context) error {
		tenant := call.Actor.Tenant
		r, err := s.loadRound(ctx, tenant, run.Round)
		if err != nil {
			return err
		}
		report := m.report(readings)
		if r.LastRun != "" {
			before, err := s.loadRun(ctx, tenant, r.LastRun)
			if err != nil {
				return err
			}
			old, err := s.readings(ctx, tenant, r.LastRun, "", 1_000_000)
			if err != nil {
				return err
			}
			report.Before, report.Shifts = before.Number, Shifts(old, readings, there(m.posts))
		}
		first, err := s.finish(ctx, tenant, run, in.Bytes(), out.Bytes(), report)
		if err != nil || !first {
			return err
		}
		if err := s.saveReadings(ctx, tenant, run.ID, readings); err != nil {
			return err
		}
		if err := s.saveRunPosts(ctx, tenant, run.ID, posts); err != nil {
			return err
		}
		r.LastRun = run.ID
		if err := s.updateRound(ctx, tenant, r); err != nil {
			return err
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: ActDryRun, Kind: "round", ID: r.ID,
			After: map[string]any{"run": run.ID, "run_hash": run.RunHash, "result_hash": run.ResultHash, "placed": run.Placed}})
	})
}

// readings turns the result into what each doctor reads.
func (m made) readings() []Reading {
	said := make(map[string]runfile.Explanation, len(m.result.Explanations))
	for _, e := range m.result.Explanations {
		said[e.Doctor] = e
	}
	out := make([]Reading, 0, len(m.doctors))
	for _, d := range m.doctors {
		e := said[d.Ref]
		r := Reading{Doctor: d.Doctor, Post: e.Post, Choice: e.Choice, Pinned: d.Pinned != "" && d.Pinned == e.Post, Sentence: e.Sentence}
		why := map[string]string{}
		maps.Copy(why, d.First)
		for _, w := range e.Better {
			why[w.Post] = w.Sentence
		}
		for _, c := range d.Choices {
			p := m.posts[c.Post]
			r.Choices = append(r.Choices, ReadChoice{Post: c.Post, Title: p.title(), Miles: c.Miles, Stops: HardRules(d, p, m.round), Got: c.Post == e.Post, Why: why[c.Post]})
		}
		for _, l := range m.left[d.Doctor] {
			r.Choices = append(r.Choices, ReadChoice{Post: l.Post, Title: m.posts[l.Post].title(), Miles: -1, Stops: []Stop{{"own_" + l.Code, private().Staff, cmp.Or(why[l.Post], l.Text)}}})
		}
		for _, id := range m.missing[d.Doctor] {
			r.Choices = append(r.Choices, ReadChoice{Post: id, Title: "A post on your list", Miles: -1, Stops: []Stop{gone()}})
		}
		if e.Post == "" {
			r.Unplaced = append(m.binding(e.Binds), e.Change...)
		}
		out = append(out, r)
	}
	return out
}

// binding says in words which limits kept a doctor without a post.
func (m made) binding(ids []string) (out []string) {
	for _, l := range m.run.Limits {
		if slices.Contains(ids, l.ID) && l.Name != "" {
			out = append(out, "What stood in the way: the limit of "+l.Name+".")
		}
	}
	return out
}

func there(posts map[string]*RoundPost) map[string]bool {
	out := make(map[string]bool, len(posts))
	for id := range posts {
		out[id] = true
	}
	return out
}

func (m made) runPosts() []RunPost {
	var out []RunPost
	for _, story := range m.result.Posts {
		p := m.posts[story.Post]
		if p == nil {
			continue
		}
		one := RunPost{Post: p.ID, Host: p.Host, Employer: p.Employer, Region: p.Region, Filled: story.Filled > 0}
		if !one.Filled {
			one.Why = story.Sentence
			if m.round.Way == WayRanked && len(p.Ranking) == 0 {
				one.Why = "You ranked nobody for this post, so nobody could get it."
			}
		}
		out = append(out, one)
	}
	return out
}

// report is what staff read of the run.
func (m made) report(readings []Reading) RunReport {
	rep := RunReport{Checked: true, Faults: m.faults, Checks: m.checks}
	for _, l := range m.result.Objective {
		v := thousands(l.Value)
		if len(l.Profile) > 0 {
			v = profileWords(l.Profile)
		}
		if l.Aim == runfile.AimDraw {
			continue // a sum of lots tells nobody anything
		}
		rep.Aims = append(rep.Aims, AimValue{capital(l.Words), v})
	}
	if m.result.Stability != nil {
		rep.Aims = append(rep.Aims, AimValue{"Doctors and hosts who would both rather have each other", strconv.Itoa(m.result.Stability.BlockingPairs)})
	}
	if m.result.Bound != nil {
		rep.Gap = m.result.Bound.Gap
	}
	for _, c := range m.result.Comparisons {
		placed := 0
		for _, n := range c.Profile {
			placed += n
		}
		rep.Compare = append(rep.Compare, Comparison{Rule: ruleWords(c.Rule), Placed: c.Filled, First: c.First, Top3: c.TopThree,
			MeanChoice: mean(c.Ranks, placed), MeanMiles: mean(c.Travel, c.Filled)})
	}
	for _, r := range readings {
		open := false
		for _, c := range r.Choices {
			open = open || len(c.Stops) == 0
		}
		if len(r.Choices) > 0 && !open {
			rep.Excluded++
		}
	}
	return rep
}

func profileWords(profile []int) string {
	out := ""
	for i, n := range profile {
		if n == 0 && i > 2 {
			continue
		}
		if out != "" {
			out += ", "
		}
		out += fmt.Sprintf("%d got %s", n, choiceLower(i+1))
	}
	return out
}

func choiceLower(n int) string {
	switch n {
	case 1:
		return "their first choice"
	case 2:
		return "their second"
	case 3:
		return "their third"
	}
	return "choice " + strconv.Itoa(n)
}

func ruleWords(rule string) string {
	switch rule {
	case runfile.Flow:
		return "Published aims in their order"
	case runfile.Ranked:
		return "Both sides rank"
	case runfile.Informed:
		return "Preference-informed allocation, as for foundation doctors"
	case runfile.Priority:
		return "One pass in order of priority"
	}
	return rule
}
