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
	mine := &r.Comparisons[0]
	*mine = runfile.Comparison{Rule: r.Rule, Filled: len(r.Placements), Profile: profile}
	for i, n := range profile {
		if mine.Ranks += (i + 1) * n; i == 0 {
			mine.First = n
		}
		if i < 3 {
			mine.TopThree += n
		}
	}
	for _, p := range r.Placements {
		mine.Travel += p.Travel
	}
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

// number changes the first number of a sentence that has one.
func number(text string) (string, bool) {
	i := strings.IndexAny(text, "123456789")
	if i < 0 {
		return text, false
	}
	digit := byte('1')
	if text[i] == '1' {
		digit = '2'
	}
	return text[:i] + string(digit) + text[i+1:], true
}

// A sentence that is false about a right allocation is found: a position, a
// count, what an aim would lose, what would change it, and what a host is told.
func TestAFalseSentenceIsFound(t *testing.T) {
	tight := runfile.Shape{Doctors: 120, Posts: 40, Choices: 5, Seed: 5}
	crossing, ranked := tight, tight
	crossing = shape
	crossing.Crossing, ranked.Ranked = true, true
	better := func(holds func(w runfile.Why) bool, change func(w *runfile.Why) bool) func(r *runfile.Result) bool {
		return func(r *runfile.Result) bool {
			for i := range r.Explanations {
				for j := range r.Explanations[i].Better {
					if w := &r.Explanations[i].Better[j]; holds(*w) && change(w) {
						return true
					}
				}
			}
			return false
		}
	}
	miscount := func(w *runfile.Why) (done bool) { w.Sentence, done = number(w.Sentence); return done }
	of := func(codes ...string) func(w runfile.Why) bool {
		return func(w runfile.Why) bool { return slices.Contains(codes, w.Code) }
	}
	story := func(change func(s *runfile.PostStory) bool) func(r *runfile.Result) bool {
		return func(r *runfile.Result) bool {
			return slices.ContainsFunc(r.Posts, func(s runfile.PostStory) bool {
				return change(&r.Posts[slices.Index(r.Posts, s)])
			})
		}
	}
	for name, c := range map[string]struct {
		shape runfile.Shape
		rule  string
		plant func(r *runfile.Result) bool
	}{
		"a place in the queue": {tight, runfile.Priority, better(of("ahead"), func(w *runfile.Why) bool {
			before, after, found := strings.Cut(w.Sentence, "place ")
			after, _ = number(after)
			w.Sentence = before + "place " + after
			return found
		})},
		"a place by the draw": {tight, runfile.Informed, better(of("ahead"), func(w *runfile.Why) bool {
			before, after, found := strings.Cut(w.Sentence, "place ")
			after, _ = number(after)
			w.Sentence = before + "place " + after
			return found
		})},
		"how many places": {tight, runfile.Flow, better(of(runfile.AimFilled), miscount)},
		"how many lose": {tight, runfile.Flow, better(of(runfile.AimFilled, runfile.AimGenerous), func(w *runfile.Why) bool {
			s := w.Sentence
			w.Sentence = strings.Replace(s, "1 more doctor ", "2 more doctors ", 1)
			return w.Sentence != s
		})},
		"which rule": {tight, runfile.Flow, better(of(runfile.AimGenerous), func(w *runfile.Why) bool {
			w.Sentence = strings.Replace(w.Sentence, "(rule c)", "(rule a)", 1)
			return true
		})},
		"which aim":             {tight, runfile.Flow, better(of(runfile.AimGenerous), func(w *runfile.Why) bool { w.Code = runfile.AimFilled; return true })},
		"a choice's number":     {tight, runfile.Flow, better(of(runfile.AimFilled), func(w *runfile.Why) bool { w.Choice++; return true })},
		"miles to a limit":      {tight, runfile.Flow, better(of("too_far"), miscount)},
		"among crossing limits": {crossing, runfile.Flow, better(func(runfile.Why) bool { return true }, miscount)},
		"places of a ranking":   {ranked, runfile.Ranked, better(of("ahead"), miscount)},
		"not ranked, and was": {ranked, runfile.Ranked, better(of("ahead"), func(w *runfile.Why) bool {
			w.Code, w.Sentence = "not_ranked", "The host did not rank you, and takes only doctors it ranked."
			return true
		})},
		"a headline": {tight, runfile.Flow, func(r *runfile.Result) bool {
			r.Explanations[0].Sentence, _ = number("9" + r.Explanations[0].Sentence)
			return true
		}},
		"how many listed a post": {tight, runfile.Flow, story(func(s *runfile.PostStory) bool { s.Listed++; return true })},
		"how many were refused":  {tight, runfile.Flow, story(func(s *runfile.PostStory) bool { s.Refused++; return true })},
		"a host's sentence":      {tight, runfile.Flow, story(func(s *runfile.PostStory) (done bool) { s.Sentence, done = number(s.Sentence); return done })},
		"a host not told":        {tight, runfile.Flow, func(r *runfile.Result) bool { r.Posts = r.Posts[1:]; return true }},
		"a rule's letter":        {tight, runfile.Flow, func(r *runfile.Result) bool { r.Objective[1].Letter = "z"; return true }},
		"what binds": {tight, runfile.Flow, func(r *runfile.Result) bool {
			for i := range r.Explanations {
				if e := &r.Explanations[i]; len(e.Binds) > 0 {
					free := slices.IndexFunc(r.Posts, func(s runfile.PostStory) bool { return s.Filled < s.Places })
					e.Binds[0] = r.Posts[free].Post
					return true
				}
			}
			return false
		}},
		"what would change it": {tight, runfile.Flow, func(r *runfile.Result) bool {
			for i := range r.Explanations {
				if e := &r.Explanations[i]; e.Post == "" {
					e.Change = append(e.Change, "With one more place anywhere you could have your first choice, and nobody would lose a post.")
					return true
				}
			}
			return false
		}},
	} {
		t.Run(name, func(t *testing.T) {
			run, right := solved(t, c.shape, c.rule)
			forged := copied(t, right)
			if !c.plant(forged) {
				t.Fatal("the example has nothing to forge")
			}
			if faults := verify.Check(run, forged); len(faults) == 0 {
				t.Error("not found")
			}
		})
	}
}
