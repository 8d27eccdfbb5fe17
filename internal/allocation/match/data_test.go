package match

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"msw/internal/allocation/runfile"
)

// shared gives the lines of a file of the shared matching problems, or leaves
// the test out.
func shared(t *testing.T, name string) []string {
	t.Helper()
	path := filepath.Join("..", "..", "..", "..", "shared", "data", "matching", name)
	file, err := os.Open(path)
	if os.IsNotExist(err) {
		t.Skipf("left out: %s is not here", path)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var out []string
	for s := bufio.NewScanner(file); s.Scan(); {
		if line := strings.TrimSpace(s.Text()); line != "" {
			out = append(out, line)
		}
	}
	return out
}

// PrefLib's course choices: every student ranks every course. Courses get as
// many places as share all students out, and one fewer, so that somebody must
// stay without.
func TestPrefLibCourseChoices(t *testing.T) {
	for _, name := range []string{"00009-00000001.soc", "00009-00000002.soc"} {
		run := &runfile.Run{Rule: runfile.Flow, Seed: runfile.Seed(name)}
		courses := 0
		for _, line := range shared(t, "preflib-agh/"+name) {
			if n, ok := strings.CutPrefix(line, "# NUMBER ALTERNATIVES: "); ok {
				courses = number0(t, n)
			}
			times, order, ok := strings.Cut(line, ": ")
			if strings.HasPrefix(line, "#") || !ok {
				continue
			}
			for range number0(t, times) {
				run.Doctors = append(run.Doctors, runfile.Doctor{ID: fmt.Sprintf("voter%03d", len(run.Doctors)), Choices: strings.Split(order, ",")})
			}
		}
		places := len(run.Doctors) / courses
		for c := range courses {
			run.Posts = append(run.Posts, runfile.Post{ID: strconv.Itoa(c + 1), Places: places})
		}
		r := must(t, run)
		if len(r.Placements) != places*courses {
			t.Errorf("%s: %d of %d places filled", name, len(r.Placements), places*courses)
		}
		for _, c := range r.Comparisons {
			t.Logf("%s %s: %v", name, c.Rule, c.Profile)
			if c.Filled > r.Comparisons[0].Filled {
				t.Errorf("%s: %s fills more", name, c.Rule)
			}
		}
	}
}

// couplesProblem reads the couples format of the stable matching suite.
//
// Our model differs: a couple there ranks pairs of programmes and is placed as
// one or not at all. Here each of a linked pair is an ordinary doctor with
// their own side of that list, once each programme in the order of its first
// mention, and both are cut to one area. The files know no areas, so that the
// area is the whole. A couple can therefore end up with a pair that they did
// not rank, or with one of them left out: then both return to the panel.
func couplesProblem(t *testing.T, name string) *runfile.Run {
	run := &runfile.Run{Rule: runfile.Ranked, Seed: runfile.Seed(name)}
	doctor := func(id string, list []string) {
		d := runfile.Doctor{ID: id}
		for _, p := range list {
			if !slices.Contains(d.Choices, "p"+p) {
				d.Choices = append(d.Choices, "p"+p)
			}
		}
		run.Doctors = append(run.Doctors, d)
	}
	for _, line := range shared(t, "smc-couples/"+name) {
		w := strings.Fields(line)
		switch w[0] {
		case "r":
			doctor(w[1], w[2:])
		case "c":
			var lists [2][]string
			for i, p := range w[4:] {
				lists[i%2] = append(lists[i%2], p)
			}
			doctor(w[2], lists[0])
			doctor(w[3], lists[1])
			run.Linked = append(run.Linked, runfile.Pair{Doctors: [2]string{w[2], w[3]}})
		case "p":
			post := runfile.Post{ID: "p" + w[1], Places: number0(t, w[2])}
			for _, id := range w[3:] {
				post.Ranking = append(post.Ranking, []string{id})
			}
			run.Posts = append(run.Posts, post)
		}
	}
	known := map[string]bool{}
	for _, p := range run.Posts {
		known[p.ID] = true
	}
	people := map[string]bool{}
	for i := range run.Doctors {
		d := &run.Doctors[i]
		people[d.ID] = true
		d.Choices = slices.DeleteFunc(d.Choices, func(p string) bool { return !known[p] })
	}
	for i := range run.Posts {
		run.Posts[i].Ranking = slices.DeleteFunc(run.Posts[i].Ranking, func(s []string) bool { return !people[s[0]] })
	}
	return run
}

func TestCouplesProblemsOfTheStableMatchingSuite(t *testing.T) {
	for _, name := range []string{"test0", "test1", "test2", "test3", "test4", "try1", "try2", "try3"} {
		run := couplesProblem(t, name)
		r := must(t, run)
		back := 0
		for _, p := range r.Linked {
			if p.Back {
				back++
			}
		}
		t.Logf("%s: %d of %d placed, %d blocking pairs, %d of %d linked pairs return to the panel", name, len(r.Placements), len(run.Doctors), r.Stability.BlockingPairs, back, len(r.Linked))
		if len(run.Linked) > 0 {
			continue // the answers there are for another model
		}
		want := map[string]string{}
		for _, line := range shared(t, "smc-couples/match_"+name) {
			if w := strings.Fields(line); w[0] == "r" && w[2] != "-1" {
				want[w[1]] = "p" + w[2]
			}
		}
		for _, d := range run.Doctors {
			if p, _ := r.At(d.ID); p.Post != want[d.ID] {
				t.Errorf("%s: %s has %q, the suite has %q", name, d.ID, p.Post, want[d.ID])
			}
		}
	}
}

// algmatch reads the text formats of that library. kind is sm, hr or spa.
func algmatch(t *testing.T, kind, name string) *runfile.Run {
	run := &runfile.Run{Rule: runfile.Ranked, Seed: runfile.Seed(name)}
	lines := shared(t, "algmatch/examples/"+name)
	sizes := strings.Fields(lines[0])
	n, m := number0(t, sizes[0]), number0(t, sizes[1])
	rank := func(list []string) (out runfile.Ranking) {
		for _, id := range list {
			out = append(out, []string{"s" + id})
		}
		return out
	}
	for _, line := range lines[1 : n+1] {
		w := strings.Fields(line)
		d := runfile.Doctor{ID: "s" + w[0]}
		for _, p := range w[1:] {
			d.Choices = append(d.Choices, "p"+p)
		}
		run.Doctors = append(run.Doctors, d)
	}
	for _, line := range lines[n+1 : n+m+1] {
		w := strings.Fields(line)
		p := runfile.Post{ID: "p" + w[0], Places: 1}
		switch kind {
		case "sm":
			p.Ranking = rank(w[1:])
		case "hr":
			p.Places, p.Ranking = number0(t, w[1]), rank(w[2:])
		case "spa":
			p.Places, p.Within = number0(t, w[1]), "l"+w[2]
		}
		run.Posts = append(run.Posts, p)
	}
	for _, line := range lines[n+m+1:] { // lecturers: a limit above their projects
		w := strings.Fields(line)
		most := number0(t, w[1])
		run.Limits = append(run.Limits, runfile.Limit{ID: "l" + w[0], Kind: "lecturer", AtMost: &most})
		for i := range run.Posts {
			if run.Posts[i].Within == "l"+w[0] {
				run.Posts[i].Ranking = rank(w[2:])
			}
		}
	}
	return run
}

// The lecturers' own order decides among all their projects, as the formats
// say. Our limit lets nobody who holds one of its places push a colleague out
// by asking for another; the examples do not show that difference.
func TestAlgmatchExamples(t *testing.T) {
	for _, c := range []struct{ kind, name, want string }{
		{"hr", "hr1.txt", "s1=p1 s2=p2 s3=p1"},
		{"sm", "sm1.txt", "s1=p4 s2=p3 s3=p2 s4=p1"},
		{"spa", "spa1.txt", "s1=p1 s2=p2 s3=p3 s4=p4"},
	} {
		r := must(t, algmatch(t, c.kind, c.name))
		var got []string
		for _, p := range r.Placements {
			got = append(got, p.Doctor+"="+p.Post)
		}
		if text := strings.Join(got, " "); text != c.want || r.Stability.BlockingPairs != 0 {
			t.Errorf("%s: %s with %d blocking pairs, want %s", c.name, text, r.Stability.BlockingPairs, c.want)
		}
	}
}

func number0(t *testing.T, s string) int {
	t.Helper()
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
