package match

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"msw/internal/allocation/runfile"
	"msw/internal/allocation/verify"
)

func must(t *testing.T, run *runfile.Run) *runfile.Result {
	t.Helper()
	r, err := Solve(run, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if faults := verify.Check(run, r); len(faults) > 0 {
		t.Fatal(faults)
	}
	return r
}

func of(doctors []runfile.Doctor, posts []runfile.Post, limits ...runfile.Limit) *runfile.Run {
	return &runfile.Run{Rule: runfile.Flow, Seed: "edges", Doctors: doctors, Posts: posts, Limits: limits}
}

func explained(t *testing.T, r *runfile.Result, doctor string) runfile.Explanation {
	t.Helper()
	for _, e := range r.Explanations {
		if e.Doctor == doctor {
			return e
		}
	}
	t.Fatalf("%s is not told", doctor)
	return runfile.Explanation{}
}

func TestEdgesHaveClearAnswers(t *testing.T) {
	for _, rule := range runfile.Rules() {
		for name, c := range map[string]struct {
			run  *runfile.Run
			says string
		}{
			"nobody and nothing": {of(nil, nil), ""},
			"no posts":           {of([]runfile.Doctor{{ID: "a"}}, nil), "since your list was empty"},
			"no doctors":         {of(nil, []runfile.Post{{ID: "p", Places: 3}}), ""},
			"an empty list":      {of([]runfile.Doctor{{ID: "a"}}, []runfile.Post{{ID: "p", Places: 3}}), "since your list was empty"},
			"nothing acceptable": {of([]runfile.Doctor{{ID: "a", Choices: []string{"p"}, NotAcceptable: []string{"p"}}}, []runfile.Post{{ID: "p", Places: 3}}), "none of the posts on your list could be given to you"},
			"all refused": {of([]runfile.Doctor{{ID: "a", Choices: []string{"p"}, Refused: []runfile.Refusal{{Post: "p", Rule: "dates", Sentence: "It begins too early."}}}},
				[]runfile.Post{{ID: "p", Places: 3}}), "It begins too early."},
			"no places":        {of([]runfile.Doctor{{ID: "a", Choices: []string{"p"}}}, []runfile.Post{{ID: "p"}}), "It has no places."},
			"a limit of none":  {of([]runfile.Doctor{{ID: "a", Choices: []string{"p"}}}, []runfile.Post{{ID: "p", Places: 1, Within: "l"}}, runfile.Limit{ID: "l", Name: "Ash", Kind: "host", AtMost: new(0)}), "Its 1 place is not filled, and the host Ash is full: 0 of 0"},
			"two want the one": {of([]runfile.Doctor{{ID: "a", Choices: []string{"p"}}, {ID: "b", Choices: []string{"p"}}}, []runfile.Post{{ID: "p", Places: 1}}), "Its 1 place went to others."},
		} {
			c.run.Rule = rule
			r := must(t, c.run)
			var told strings.Builder
			for _, e := range r.Explanations {
				fmt.Fprintln(&told, e.Sentence, e.Better)
			}
			if !strings.Contains(told.String(), c.says) {
				t.Errorf("%s by %s: %s, want %q", name, rule, told.String(), c.says)
			}
		}
	}
}

func TestTenThousandWantOnePost(t *testing.T) {
	run := of(nil, []runfile.Post{{ID: "p", Places: 1}})
	for i := range 10000 {
		run.Doctors = append(run.Doctors, runfile.Doctor{ID: fmt.Sprint(i), Choices: []string{"p"}})
	}
	for _, rule := range runfile.Rules() {
		run.Rule = rule
		began := time.Now()
		r := must(t, run)
		if len(r.Placements) != 1 || len(r.Unplaced) != 9999 {
			t.Fatalf("%s: %d placed", rule, len(r.Placements))
		}
		if took := time.Since(began); took > 20*time.Second {
			t.Errorf("%s took %s", rule, took)
		}
		if e := explained(t, r, r.Unplaced[0]); rule == runfile.Flow && (len(e.Change) != 1 || !strings.Contains(e.Change[0], "With one more place in post p you could have your first choice")) {
			t.Error(e)
		}
	}
}

// What would change it is tried out: with the named limit raised by one, one
// more doctor is placed; with the named miles, too.
func TestWhatWouldChangeItDoes(t *testing.T) {
	raised, further := 0, 0
	for seed := range uint64(6) {
		run := runfile.Generate(runfile.Shape{Doctors: 80, Posts: 40, Choices: 4, Seed: seed})
		for i := range run.Doctors {
			run.Doctors[i].TravelLimit = 40 + 10*(i%5)
		}
		r := must(t, run)
		for _, e := range r.Explanations {
			for i, id := range e.Binds {
				if i >= len(e.Change) || !strings.HasPrefix(e.Change[i], "With one more place") {
					continue
				}
				raised++
				if n := len(must(t, raise(run, id)).Placements); n != len(r.Placements)+1 {
					t.Errorf("seed %d: %s for %s: %d placed, before %d", seed, e.Change[i], e.Doctor, n, len(r.Placements))
				}
			}
			for _, s := range e.Change {
				if miles := 0; strings.HasPrefix(s, "With a travel limit of ") {
					further++
					if _, err := fmt.Sscanf(s, "With a travel limit of %d", &miles); err != nil {
						t.Fatal(err)
					}
					if n := len(must(t, allow(run, e.Doctor, miles)).Placements); n != len(r.Placements)+1 {
						t.Errorf("seed %d: %s: %d placed, before %d", seed, s, n, len(r.Placements))
					}
				}
			}
		}
	}
	if raised < 20 || further < 3 {
		t.Errorf("only %d limits and %d distances tried", raised, further)
	}
}

func raise(run *runfile.Run, id string) *runfile.Run {
	out := *run
	out.Posts, out.Limits = append([]runfile.Post{}, run.Posts...), append([]runfile.Limit{}, run.Limits...)
	for i := range out.Posts {
		if out.Posts[i].ID == id {
			out.Posts[i].Places++
		}
	}
	for i := range out.Limits {
		if out.Limits[i].ID == id {
			out.Limits[i].AtMost = new(*out.Limits[i].AtMost + 1)
		}
	}
	return &out
}

func allow(run *runfile.Run, doctor string, miles int) *runfile.Run {
	out := *run
	out.Doctors = append([]runfile.Doctor{}, run.Doctors...)
	for i := range out.Doctors {
		if out.Doctors[i].ID == doctor {
			out.Doctors[i].TravelLimit = miles
		}
	}
	return &out
}

// Each sentence "giving you one would …" is tried out: the doctor is pinned to
// the post, and the best of the rest is worse by just that aim.
func TestEachBetterChoiceCostsWhatIsSaid(t *testing.T) {
	tried := map[string]int{}
	for seed := range uint64(2) {
		run := runfile.Generate(runfile.Shape{Doctors: 60, Posts: 25, Choices: 5, Seed: seed})
		r := must(t, run)
		base, err := Prepare(run, "")
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range r.Explanations {
			for _, w := range e.Better {
				aims := []string{runfile.AimFilled, runfile.AimPriority, runfile.AimGenerous, runfile.AimTravel, runfile.AimWaiting, runfile.AimDraw}
				if w.Code == CodeTooFar || w.Code == CodeRefused {
					continue
				}
				tried[w.Code]++
				forced := forcedTo(run, e.Doctor, w.Post)
				out, err := Solve(forced, Options{})
				if err != nil {
					t.Fatal(err)
				}
				given := make([]int32, len(base.pinned))
				for d := range given {
					given[d] = -1
					if p, ok := out.At(base.run.Doctors[d].ID); ok {
						given[d] = base.known.Posts[p.Post]
					}
				}
				if got := firstWorse(base, r.Objective, base.levels(given), aims); got != w.Code {
					t.Errorf("seed %d, %s and %s: %s suffers, but it says %q", seed, e.Doctor, w.Post, got, w.Sentence)
				}
			}
		}
	}
	t.Log(tried)
	if tried[runfile.AimFilled] < 3 || tried[runfile.AimGenerous] < 10 || tried[runfile.AimTravel] < 3 {
		t.Error("too few of a kind")
	}
}

// forcedTo pins a doctor to a post.
func forcedTo(run *runfile.Run, doctor, post string) *runfile.Run {
	out := *run
	out.Doctors = append([]runfile.Doctor{}, run.Doctors...)
	for i := range out.Doctors {
		if out.Doctors[i].ID == doctor {
			out.Doctors[i].Pinned = post
		}
	}
	return &out
}

// firstWorse names the first aim in which b differs from a.
func firstWorse(in *Instance, a, b []runfile.Level, aims []string) string {
	for i, aim := range aims {
		if aim == runfile.AimGenerous {
			for c := in.choices; c > 1; c-- {
				if at(a[i].Profile, c) != at(b[i].Profile, c) {
					return aim
				}
			}
			continue
		}
		if a[i].Value != b[i].Value {
			return aim
		}
	}
	return ""
}

func at(profile []int, c int) int {
	if c <= len(profile) {
		return profile[c-1]
	}
	return 0
}

// A run from which only the posts were taken is told once, not line by line.
func TestARunWithoutPostsIsToldOnce(t *testing.T) {
	run := runfile.Generate(runfile.Shape{Doctors: 40, Posts: 10, Choices: 4, Seed: 3})
	run.Posts = []runfile.Post{}
	err := run.Check()
	if err == nil || strings.Count(err.Error(), "\n") > 0 || !strings.Contains(err.Error(), "The run has no posts") || strings.Contains(err.Error(), "There is no post") {
		t.Errorf("it says %v", err)
	}
}
