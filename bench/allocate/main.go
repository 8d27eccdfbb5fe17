// Command allocate measures how fast posts are given out, beside GLPK and CBC
// on the same run, and writes its own part of bench/results.md. It decides
// nothing and is no test; what is right, internal/allocation's tests say.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"msw/bench/results"
	"msw/internal/allocation/match"
	"msw/internal/allocation/runfile"
	"msw/internal/allocation/verify"
)

// report is what one run of this program has to say.
type report struct {
	lines, notes []string
	times        int
	binary       string
}

func main() {
	var r report
	out := ""
	large := false
	flag.IntVar(&r.times, "times", 7, "how many times each is measured")
	flag.StringVar(&r.binary, "msw", "bin/msw", "the binary whose whole command is measured beside the peers")
	flag.StringVar(&out, "out", "bench/results.md", "the file whose part on allocation is written anew")
	flag.BoolVar(&large, "large", false, "also a million doctors (needs about 6 GB)")
	flag.Parse()
	if err := r.run(large); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
	if err := results.Write(out, "allocate", r.text()); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func (r *report) run(large bool) error {
	for _, s := range []runfile.Shape{{Doctors: 500, Posts: 180, Choices: 8, Seed: 1}, {Doctors: 2000, Posts: 300, Choices: 8, Seed: 1}, {Doctors: 10000, Posts: 1000, Choices: 12, Seed: 1}} {
		if err := r.flow(s); err != nil {
			return err
		}
	}
	for _, s := range []runfile.Shape{{Doctors: 500, Posts: 180, Choices: 8, Seed: 1, Crossing: true}, {Doctors: 2000, Posts: 300, Choices: 8, Seed: 1, Crossing: true}} {
		if err := r.crossing(s); err != nil {
			return err
		}
	}
	if err := r.memory(); err != nil {
		return err
	}
	sizes := []runfile.Shape{{Doctors: 47000, Posts: 6600, Choices: 10, Seed: 1, Ranked: true}}
	if large {
		sizes = append(sizes, runfile.Shape{Doctors: 1000000, Posts: 100000, Choices: 10, Seed: 1, Ranked: true})
	}
	for _, s := range sizes {
		if err := r.deferred(s); err != nil {
			return err
		}
	}
	return r.peers(runfile.Shape{Doctors: 500, Posts: 180, Choices: 8, Seed: 1})
}

func (r *report) add(what, size, value, spread string) {
	r.lines = append(r.lines, fmt.Sprintf("| %s | %s | %s | %s |", what, size, value, spread))
	fmt.Printf("%-60s %-28s %-14s %s\n", what, size, value, spread)
}

func (r *report) note(format string, args ...any) {
	r.notes = append(r.notes, fmt.Sprintf(format, args...))
	fmt.Println("note:", r.notes[len(r.notes)-1])
}

// timed runs f some times and gives the middle and the spread.
func timed(times int, f func() error) (middle time.Duration, spread string, err error) {
	var all, busy []time.Duration
	for range times {
		runtime.GC()
		began, used := time.Now(), processorTime()
		if err := f(); err != nil {
			return 0, "", err
		}
		all, busy = append(all, time.Since(began)), append(busy, processorTime()-used)
	}
	slices.Sort(all)
	slices.Sort(busy)
	return all[len(all)/2], fmt.Sprintf("%s to %s; processor time %s", short(all[0]), short(all[len(all)-1]), short(busy[len(busy)/2])), nil
}

// processorTime is what this program has used so far: on a busy machine it
// says more than the clock on the wall.
func processorTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func short(d time.Duration) string {
	switch {
	case d >= time.Second:
		return fmt.Sprintf("%.2f s", d.Seconds())
	case d >= 100*time.Millisecond:
		return fmt.Sprintf("%.0f ms", float64(d)/1e6)
	}
	return fmt.Sprintf("%.1f ms", float64(d)/1e6)
}

func size(s runfile.Shape) string {
	return fmt.Sprintf("%d × %d × %d", s.Doctors, s.Posts, s.Choices)
}

func (r *report) flow(s runfile.Shape) error {
	run := runfile.Generate(s)
	in, err := match.Prepare(run, runfile.Flow)
	if err != nil {
		return err
	}
	middle, spread, err := timed(r.times, func() error { _, err := in.Place(); return err })
	if err != nil {
		return err
	}
	r.add("flow: solved, all aims and the draw", size(s), short(middle), spread)
	var result *runfile.Result
	middle, spread, err = timed(min(r.times, 3), func() (err error) { result, err = match.Solve(run, match.Options{}); return err })
	if err != nil {
		return err
	}
	r.add("flow: checked, solved, everybody told why, compared", size(s), short(middle), spread)
	var faults []string
	middle, spread, _ = timed(min(r.times, 3), func() error { faults = verify.Check(run, result); return nil })
	if len(faults) > 0 {
		return fmt.Errorf("%s: %v", size(s), faults)
	}
	r.add("verify: independent check of the same", size(s), short(middle), spread)
	for _, c := range result.Comparisons {
		if c.Filled > result.Comparisons[0].Filled {
			return fmt.Errorf("%s: %s fills more than flow", size(s), c.Rule)
		}
		r.add("placed by "+c.Rule, size(s), fmt.Sprint(c.Filled), fmt.Sprintf("first choice %d, first three %d", c.First, c.TopThree))
	}
	return nil
}

func (r *report) crossing(s runfile.Shape) error {
	in, err := match.Prepare(runfile.Generate(s), runfile.Flow)
	if err != nil {
		return err
	}
	middle, spread, err := timed(min(r.times, 3), func() error { _, err := in.Place(); return err })
	if err != nil {
		return err
	}
	result, err := match.Solve(runfile.Generate(s), match.Options{})
	if err != nil {
		return err
	}
	gap := result.Bound.Gap
	if gap == "" {
		gap = "proven best"
	}
	r.add("flow with 2 funders and a floor across regions, with proof", size(s), short(middle), spread+"; "+gap)
	return nil
}

// memory shows how what is allocated grows with the lists.
func (r *report) memory() error {
	for _, n := range []int{1000, 4000, 16000} {
		s := runfile.Shape{Doctors: n, Posts: n / 8, Choices: 8, Seed: 1}
		run := runfile.Generate(s)
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		in, err := match.Prepare(run, runfile.Flow)
		if err != nil {
			return err
		}
		if _, err := in.Place(); err != nil {
			return err
		}
		runtime.ReadMemStats(&after)
		r.add("flow: all memory asked for, for each entry of a list", size(s), fmt.Sprintf("%d bytes", (after.TotalAlloc-before.TotalAlloc)/uint64(n*8)), "")
	}
	return nil
}

func (r *report) deferred(s runfile.Shape) error {
	for _, nested := range []bool{false, true} {
		run := runfile.Generate(s)
		what := "ranked: deferred acceptance with nested limits"
		if !nested {
			what = "ranked: deferred acceptance, limits of posts only"
			run.Limits = run.Limits[:0]
			for i := range run.Posts {
				run.Posts[i].Within = ""
			}
		}
		began := time.Now()
		in, err := match.Prepare(run, runfile.Ranked)
		if err != nil {
			return err
		}
		prepared := time.Since(began)
		middle, spread, err := timed(r.times, func() error { _, err := in.Place(); return err })
		if err != nil {
			return err
		}
		r.add(what, size(s), short(middle), spread+fmt.Sprintf("; checking and indexing the run before: %s", short(prepared)))
	}
	return nil
}

func (r *report) text() string {
	var t strings.Builder
	fmt.Fprintf(&t, "## Allocation, %s\n\nWritten by `go run ./bench/allocate`, with bin/msw built before and GLPK and CBC installed (`apt-get install glpk-utils coinor-cbc`). Runs are fictional: `msw allocate generate` with seed 1 gives them; sizes are doctors × posts × choices, places about as many as doctors. All with nested limits (supervisor, site, host, region) where not said otherwise. %s, %d cores, Go %s. Load at the end: %s.\n\n",
		time.Now().UTC().Format("2006-01-02 15:04 UTC"), processor(), runtime.NumCPU(), runtime.Version(), results.Load())
	t.WriteString("| what | size | middle value | spread |\n|---|---|---|---|\n" + strings.Join(r.lines, "\n") + "\n")
	for _, n := range r.notes {
		t.WriteString("\n- " + n)
	}
	if len(r.notes) > 0 {
		t.WriteString("\n")
	}
	return t.String()
}

func processor() string {
	text, _ := os.ReadFile("/proc/cpuinfo") // elsewhere it stays unknown
	for line := range strings.Lines(string(text)) {
		if name, ok := strings.CutPrefix(line, "model name"); ok {
			return strings.Trim(name, "\t :\n")
		}
	}
	return "Unknown processor"
}

// command times the whole of msw allocate, files and all.
func (r *report) command(run *runfile.Run, dir string) (time.Duration, error) {
	path := filepath.Join(dir, "run.json")
	file, err := os.Create(path)
	if err != nil {
		return 0, err
	}
	if err := runfile.Encode(file, run); err != nil {
		return 0, err
	}
	if err := file.Close(); err != nil {
		return 0, err
	}
	middle, _, err := timed(r.times, func() error { return exec.Command(r.binary, "allocate", path).Run() })
	return middle, err
}
