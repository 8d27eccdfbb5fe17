package verify_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"msw/internal/allocation/match"
	"msw/internal/allocation/runfile"
	"msw/internal/allocation/verify"
)

func solved(t *testing.T, s runfile.Shape, rule string) (*runfile.Run, *runfile.Result) {
	t.Helper()
	run := runfile.Generate(s)
	result, err := match.Solve(run, match.Options{Rule: rule})
	if err != nil {
		t.Fatal(err)
	}
	if faults := verify.Check(run, result); len(faults) > 0 {
		t.Fatalf("a right result is called wrong: %v", faults)
	}
	return run, result
}

func copied(t *testing.T, r *runfile.Result) *runfile.Result {
	t.Helper()
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var out runfile.Result
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatal(err)
	}
	return &out
}

// rewrite puts everything that follows from the placements right again, as a
// careful forger would.
func rewrite(t *testing.T, run *runfile.Run, r *runfile.Result) {
	t.Helper()
	e, err := match.Evaluate(run, r.Placements)
	if err != nil {
		t.Fatal(err)
	}
	r.Objective = e.Objective
	var profile []int
	for _, l := range e.Objective {
		if l.Profile != nil {
			profile = l.Profile
		}
	}
	r.Comparisons[0].Filled, r.Comparisons[0].Profile = len(r.Placements), profile
	placed := map[string]runfile.Placement{}
	for _, p := range r.Placements {
		placed[p.Doctor] = p
	}
	for i := range r.Explanations {
		x := &r.Explanations[i]
		p := placed[x.Doctor]
		x.Post, x.Choice, x.Better = p.Post, p.Choice, nil
		d := run.Doctors[slices.IndexFunc(run.Doctors, func(d runfile.Doctor) bool { return d.ID == x.Doctor })]
		for j, id := range d.Choices {
			if p.Post == "" || j+1 < p.Choice {
				x.Better = append(x.Better, runfile.Why{Choice: j + 1, Post: id, Code: "ahead", Sentence: "Others were before you."})
			}
		}
	}
}

var shape = runfile.Shape{Doctors: 120, Posts: 50, Choices: 6, Seed: 3}

func TestPlantedFaultsAreFound(t *testing.T) {
	run, right := solved(t, shape, runfile.Flow)
	drop := func(r *runfile.Result, i int) {
		r.Unplaced = append(r.Unplaced, r.Placements[i].Doctor)
		r.Placements = slices.Delete(r.Placements, i, i+1)
	}
	for name, c := range map[string]struct {
		plant func(r *runfile.Result)
		says  string
	}{
		"a doctor twice":             {func(r *runfile.Result) { r.Placements = append(r.Placements, r.Placements[0]) }, "stands twice"},
		"placed and unplaced":        {func(r *runfile.Result) { r.Unplaced = append(r.Unplaced, r.Placements[0].Doctor) }, "stands twice"},
		"a doctor forgotten":         {func(r *runfile.Result) { r.Placements = r.Placements[1:] }, "neither placed nor unplaced"},
		"an unknown doctor":          {func(r *runfile.Result) { r.Placements[0].Doctor = "nobody" }, "no doctor"},
		"an unknown post":            {func(r *runfile.Result) { r.Placements[0].Post = "nowhere" }, "no post"},
		"a post not listed":          {func(r *runfile.Result) { r.Placements[0].Post = unlisted(run, r.Placements[0].Doctor) }, "did not list"},
		"a choice misstated":         {func(r *runfile.Result) { r.Placements[0].Choice++ }, "is choice"},
		"miles misstated":            {func(r *runfile.Result) { r.Placements[0].Travel += 3 }, "travels"},
		"another run":                {func(r *runfile.Result) { r.RunHash = strings.Repeat("0", 64) }, "another run file"},
		"other rules":                {func(r *runfile.Result) { r.RuleVersion = "2020" }, "rule_version"},
		"an objective misstated":     {func(r *runfile.Result) { r.Objective[3].Value-- }, "travel is"},
		"a profile misstated":        {func(r *runfile.Result) { r.Objective[2].Profile[0]++ }, "the profile is"},
		"an aim left out":            {func(r *runfile.Result) { r.Objective = r.Objective[1:] }, "aims"},
		"a comparison misstated":     {func(r *runfile.Result) { r.Comparisons[1].Filled++ }, "comparisons[1]"},
		"a doctor not told":          {func(r *runfile.Result) { r.Explanations = r.Explanations[1:] }, "are told"},
		"a choice not told":          {func(r *runfile.Result) { untell(r) }, "not told about"},
		"somebody without need left": {func(r *runfile.Result) { drop(r, 5); rewrite(t, run, r) }, "Not the best allocation"},
		"called pinned":              {func(r *runfile.Result) { r.Placements[0].Pinned = true }, "pinned is wrong"},
		"a bound from nowhere":       {func(r *runfile.Result) { r.Bound = &runfile.Bound{} }, "without crossing limits has none"},
		"the answer of the wrong rule": {func(r *runfile.Result) {
			*r = *other(t, run, runfile.Informed)
			r.Rule = runfile.Flow
			rewrite(t, run, r)
		}, "better by"},
		"the answer of a priority pass": {func(r *runfile.Result) {
			*r = *other(t, run, runfile.Priority)
			r.Rule = runfile.Flow
			rewrite(t, run, r)
		}, "better by"},
	} {
		forged := copied(t, right)
		c.plant(forged)
		faults := verify.Check(run, forged)
		if !strings.Contains(strings.Join(faults, "\n"), c.says) {
			t.Errorf("%s: found %q, want %q", name, faults, c.says)
		}
	}
}

func other(t *testing.T, run *runfile.Run, rule string) *runfile.Result {
	t.Helper()
	r, err := match.Solve(run, match.Options{Rule: rule})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func unlisted(run *runfile.Run, doctor string) string {
	d := run.Doctors[slices.IndexFunc(run.Doctors, func(d runfile.Doctor) bool { return d.ID == doctor })]
	return run.Posts[slices.IndexFunc(run.Posts, func(p runfile.Post) bool { return !slices.Contains(d.Choices, p.ID) })].ID
}

func untell(r *runfile.Result) {
	for i := range r.Explanations {
		if len(r.Explanations[i].Better) > 0 {
			r.Explanations[i].Better = r.Explanations[i].Better[1:]
			return
		}
	}
}

// Two doctors who are alike but for the draw: swapping them is a fault of the
// tie-break alone.
func TestATieBrokenWronglyIsFound(t *testing.T) {
	run := &runfile.Run{Rule: runfile.Flow, Seed: "s", Doctors: []runfile.Doctor{{ID: "a", Choices: []string{"p"}}, {ID: "b", Choices: []string{"p"}}}, Posts: []runfile.Post{{ID: "p", Places: 1}}}
	right, err := match.Solve(run, match.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if faults := verify.Check(run, right); len(faults) > 0 {
		t.Fatal(faults)
	}
	forged := copied(t, right)
	forged.Placements[0].Doctor, forged.Unplaced[0] = forged.Unplaced[0], forged.Placements[0].Doctor
	rewrite(t, run, forged)
	if faults := strings.Join(verify.Check(run, forged), " "); !strings.Contains(faults, "tie is broken wrongly") {
		t.Error(faults)
	}
}

func TestALimitBrokenIsFound(t *testing.T) {
	one := 1
	run := &runfile.Run{Rule: runfile.Flow, Seed: "s", Posts: []runfile.Post{{ID: "p", Places: 2, Within: "l", Counts: []string{"x"}}}, Limits: []runfile.Limit{{ID: "l"}, {ID: "x", Crossing: true}},
		Doctors: []runfile.Doctor{{ID: "a", Choices: []string{"p"}}, {ID: "b", Choices: []string{"p"}}}}
	both, err := match.Solve(run, match.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i, says := range []string{"Limit l: at most 1", "Limit x: at most 1"} {
		tighter := *run
		tighter.Limits = slices.Clone(run.Limits)
		tighter.Limits[i].AtMost = &one
		forged := copied(t, both)
		forged.RunHash = tighter.Hash()
		if faults := strings.Join(verify.Check(&tighter, forged), " "); !strings.Contains(faults, says) {
			t.Errorf("%s: %s", says, faults)
		}
	}
	floor := *run
	floor.Doctors = append(slices.Clone(run.Doctors), runfile.Doctor{ID: "c"})
	floor.Limits = []runfile.Limit{{ID: "l", AtLeast: 3}, {ID: "x", Crossing: true}}
	forged := copied(t, both)
	forged.RunHash, forged.Unplaced = floor.Hash(), []string{"c"}
	if faults := strings.Join(verify.Check(&floor, forged), " "); !strings.Contains(faults, "Limit l: at least 3") {
		t.Error(faults)
	}
}

func TestAPlantedBoundIsFound(t *testing.T) {
	crossing := shape
	crossing.Crossing = true
	run, right := solved(t, crossing, runfile.Flow)
	if right.Bound == nil || len(right.Bound.Multipliers) == 0 {
		t.Fatal("the example has no price to forge")
	}
	for name, c := range map[string]struct {
		plant func(b *runfile.Bound)
		says  string
	}{
		"a bound that flatters": {func(b *runfile.Bound) { b.Objective[0].Num += b.Objective[0].Den }, "the prices prove"},
		"prices changed":        {func(b *runfile.Bound) { b.Multipliers[0].Price[0].Num += 5 }, "the prices prove"},
		"a reward":              {func(b *runfile.Bound) { b.Multipliers[0].Price[0].Num = -1 }, "is a reward"},
		"a gap denied or made":  {func(b *runfile.Bound) { b.Gap = map[bool]string{true: "some", false: ""}[b.Gap == ""] }, "gap must be empty"},
		"another limit":         {func(b *runfile.Bound) { b.Multipliers[0].Limit = "region-1" }, "not a crossing limit"},
	} {
		forged := copied(t, right)
		c.plant(forged.Bound)
		if faults := strings.Join(verify.Check(run, forged), "\n"); !strings.Contains(faults, c.says) {
			t.Errorf("%s: found %q, want %q", name, faults, c.says)
		}
	}
}

func TestInstabilityIsFound(t *testing.T) {
	ranked := shape
	ranked.Ranked = true
	run, right := solved(t, ranked, "")
	forged := copied(t, right)
	forged.Unplaced = append(forged.Unplaced, forged.Placements[0].Doctor)
	forged.Placements = forged.Placements[1:]
	rewrite(t, run, forged)
	if faults := strings.Join(verify.Check(run, forged), "\n"); !strings.Contains(faults, "Blocking pair") {
		t.Error(faults)
	}
	for _, rule := range []string{runfile.Informed, runfile.Priority} {
		run, right := solved(t, shape, rule)
		forged := copied(t, right)
		forged.Unplaced = append(forged.Unplaced, forged.Placements[3].Doctor)
		forged.Placements = slices.Delete(forged.Placements, 3, 4)
		rewrite(t, run, forged)
		if faults := strings.Join(verify.Check(run, forged), "\n"); !strings.Contains(faults, "gets post") {
			t.Errorf("%s: %s", rule, faults)
		}
	}
}
