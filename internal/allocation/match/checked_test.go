package match

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"

	"msw/internal/allocation/runfile"
	"msw/internal/allocation/verify"
)

// ranks gives the posts of a tiny run rankings with ties, and takes out what a
// ranked round refuses.
func ranks(r *rand.Rand, run *runfile.Run) {
	run.Rule = runfile.Ranked
	for i := range run.Limits {
		run.Limits[i].AtLeast = 0
	}
	for i := range run.Posts {
		p := &run.Posts[i]
		p.Others = r.IntN(2) == 0
		for _, j := range r.Perm(len(run.Doctors)) {
			switch id := run.Doctors[j].ID; {
			case r.IntN(6) == 0:
			case len(p.Ranking) > 0 && r.IntN(3) == 0:
				last := &p.Ranking[len(p.Ranking)-1]
				*last = append(*last, id)
			default:
				p.Ranking = append(p.Ranking, []string{id})
			}
		}
	}
}

// shuffled gives the same run with its rows in another order.
func shuffled(r *rand.Rand, run *runfile.Run) *runfile.Run {
	s := *run
	mix := func(n int, swap func(i, j int)) { r.Shuffle(n, swap) }
	s.Doctors, s.Posts, s.Limits = slices.Clone(run.Doctors), slices.Clone(run.Posts), slices.Clone(run.Limits)
	mix(len(s.Doctors), func(i, j int) { s.Doctors[i], s.Doctors[j] = s.Doctors[j], s.Doctors[i] })
	mix(len(s.Posts), func(i, j int) { s.Posts[i], s.Posts[j] = s.Posts[j], s.Posts[i] })
	mix(len(s.Limits), func(i, j int) { s.Limits[i], s.Limits[j] = s.Limits[j], s.Limits[i] })
	return &s
}

func TestEveryRuleIsCheckedAndRowOrderNeverMatters(t *testing.T) {
	solved := map[string]int{}
	for i := range 3000 {
		r := rand.New(rand.NewPCG(3, uint64(i)))
		run := tiny(r, i%3 == 0)
		run.Rule = runfile.Rules()[i%4]
		if run.Rule == runfile.Ranked {
			run = tiny(r, false)
			ranks(r, run)
		}
		if len(run.Doctors) > 2 && i%5 == 0 {
			run.Linked = []runfile.Pair{{Doctors: [2]string{"D1", "D0"}}}
		}
		if i%7 == 0 {
			run.Aims = []string{runfile.AimFilled, runfile.AimGreedy, runfile.AimWaiting, runfile.AimDraw}
		}
		got, err := Solve(run, Options{Build: "test"})
		if err != nil {
			continue
		}
		solved[run.Rule]++
		if faults := verify.Check(run, got); len(faults) > 0 {
			t.Fatalf("run %d by %s: %v", i, run.Rule, faults)
		}
		again, err := Solve(shuffled(r, run), Options{Build: "test"})
		if err != nil {
			t.Fatal(err)
		}
		var a, b bytes.Buffer
		_, _ = runfile.Encode(&a, got), runfile.Encode(&b, again)
		if a.String() != b.String() {
			t.Fatalf("run %d by %s: another order of rows gives another result\n%s\n%s", i, run.Rule, &a, &b)
		}
		if flow, err := Solve(run, Options{Rule: runfile.Flow}); err == nil && flow.Bound == nil {
			for _, c := range flow.Comparisons {
				floor := slices.ContainsFunc(run.Limits, func(l runfile.Limit) bool { return l.AtLeast > 0 })
				if c.Filled > flow.Comparisons[0].Filled && !floor {
					t.Fatalf("run %d: %s fills %d, flow %d", i, c.Rule, c.Filled, flow.Comparisons[0].Filled)
				}
			}
		}
	}
	for _, rule := range runfile.Rules() {
		if solved[rule] < 300 {
			t.Errorf("%s: only %d runs had an answer", rule, solved[rule])
		}
	}
}

func TestFlowLargerRunsAreChecked(t *testing.T) {
	for _, s := range []runfile.Shape{{Doctors: 300, Posts: 120, Choices: 8, Seed: 4}, {Doctors: 300, Posts: 120, Choices: 8, Seed: 5, Crossing: true}, {Doctors: 300, Posts: 100, Choices: 6, Seed: 6, Ranked: true}} {
		run := runfile.Generate(s)
		got, err := Solve(run, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if faults := verify.Check(run, got); len(faults) > 0 {
			t.Errorf("%+v: %v", s, faults)
		}
	}
}

func TestAddingAPostNeverFillsFewer(t *testing.T) {
	for i := range 1500 {
		r := rand.New(rand.NewPCG(5, uint64(i)))
		run := tiny(r, false)
		for j := range run.Limits {
			run.Limits[j].AtLeast = 0
		}
		last := len(run.Posts) - 1
		more, err := Solve(run, Options{})
		if err != nil {
			continue
		}
		fewer := *run
		fewer.Posts = slices.Clone(run.Posts)
		fewer.Posts[last].Places = 0
		less, err := Solve(&fewer, Options{})
		if err != nil {
			continue // somebody is pinned to it
		}
		if len(less.Placements) > len(more.Placements) {
			t.Fatalf("run %d: %d filled with the post, %d without", i, len(more.Placements), len(less.Placements))
		}
	}
}
