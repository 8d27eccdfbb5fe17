package main

import (
	"bufio"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"msw/internal/allocation/match"
	"msw/internal/allocation/runfile"
)

// pair is one variable of the peers' model: a doctor in a post.
type pair struct {
	doctor, post, choice, miles int
	draw                        int64
}

// model is the run as a linear program. It is written from the run file and
// the documented meaning of the aims, not by the solver under test.
type model struct {
	run   *runfile.Run
	pairs []pair
	rows  []string // constraints
	steps []string
	costs [][]float64 // by step, by pair
	base  []float64   // by step: what nobody placed would come to
}

func newModel(run *runfile.Run, draws func(doctor, post string) int64) *model {
	m := &model{run: run}
	post := map[string]int{}
	for i, p := range run.Posts {
		post[p.ID] = i
	}
	longest := 0
	for d, doctor := range run.Doctors {
		for c, id := range doctor.Choices {
			p := post[id]
			miles := match.Miles(*doctor.Home, *run.Posts[p].At)
			refused := doctor.TravelLimit > 0 && miles > doctor.TravelLimit
			for _, r := range doctor.Refused {
				refused = refused || r.Post == id
			}
			if !refused {
				m.pairs = append(m.pairs, pair{d, p, c + 1, miles, draws(doctor.ID, id)})
				longest = max(longest, c+1)
			}
		}
	}
	m.constrain()
	step := func(name string, base float64, cost func(v pair) float64) {
		costs := make([]float64, len(m.pairs))
		for i, v := range m.pairs {
			costs[i] = cost(v)
		}
		m.steps, m.costs, m.base = append(m.steps, name), append(m.costs, costs), append(m.base, base)
	}
	step("filled", float64(len(run.Doctors)), func(pair) float64 { return -1 })
	urgent, days := 0.0, 0.0
	waited := func(d int) float64 { return float64(run.Doctors[d].WaitingSince.DaysUntil(run.AsOf)) }
	for d := range run.Doctors {
		days += waited(d)
		if run.Doctors[d].Priority {
			urgent++
		}
	}
	step("priority", urgent, func(v pair) float64 {
		if run.Doctors[v.doctor].Priority {
			return -1
		}
		return 0
	})
	for c := longest; c > 1; c-- {
		step(fmt.Sprintf("generous:%d", c), 0, func(v pair) float64 {
			if v.choice == c {
				return 1
			}
			return 0
		})
	}
	step("travel", 0, func(v pair) float64 { return float64(v.miles) })
	step("waiting", days, func(v pair) float64 { return -waited(v.doctor) })
	step("draw", 0, func(v pair) float64 { return float64(v.draw) / (1 << 40) })
	return m
}

// constrain writes one row for each doctor, post and nested limit.
func (m *model) constrain() {
	byDoctor, byPost, byLimit := map[int][]int{}, map[int][]int{}, map[string][]int{}
	within := map[string]string{}
	for _, l := range m.run.Limits {
		within[l.ID] = l.Within
	}
	for i, v := range m.pairs {
		byDoctor[v.doctor], byPost[v.post] = append(byDoctor[v.doctor], i), append(byPost[v.post], i)
		for at := m.run.Posts[v.post].Within; at != ""; at = within[at] {
			byLimit[at] = append(byLimit[at], i)
		}
	}
	row := func(vars []int, most int) {
		if len(vars) == 0 {
			return
		}
		var t strings.Builder
		for _, i := range vars {
			fmt.Fprintf(&t, " + x%d", i)
		}
		m.rows = append(m.rows, fmt.Sprintf("%s <= %d", t.String(), most))
	}
	for d := range m.run.Doctors {
		row(byDoctor[d], 1)
	}
	for p := range m.run.Posts {
		row(byPost[p], m.run.Posts[p].Places)
	}
	for _, l := range m.run.Limits {
		if l.AtMost != nil {
			row(byLimit[l.ID], *l.AtMost)
		}
	}
}

// write lays out the program for one step, the earlier ones held at their best.
func (m *model) write(path string, step int, held []float64) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	defer file.Close()
	w := bufio.NewWriter(file)
	line := func(costs []float64) {
		some := false
		for i, c := range costs {
			if c != 0 {
				fmt.Fprintf(w, " %+.17g x%d\n", c, i)
				some = true
			}
		}
		if !some {
			fmt.Fprint(w, " 0 x0")
		}
	}
	fmt.Fprint(w, "Minimize\n obj:")
	line(m.costs[step])
	fmt.Fprint(w, "\nSubject To\n")
	for i, r := range m.rows {
		fmt.Fprintf(w, " c%d:%s\n", i, r)
	}
	for s := range step {
		fmt.Fprintf(w, " h%d:", s)
		line(m.costs[s])
		fmt.Fprintf(w, " <= %.17g\n", held[s])
	}
	fmt.Fprint(w, "End\n")
	return w.Flush()
}

// peer is a solver as people would call it.
type peer struct {
	name, binary string
	args         func(in, out string) []string
	value        func(text string) (float64, error)
}

func allPeers() []peer {
	return []peer{
		{"GLPK (glpsol)", "glpsol", func(in, out string) []string { return []string{"--lp", in, "--write", out} }, func(text string) (float64, error) {
			for line := range strings.Lines(text) {
				if w := strings.Fields(line); len(w) == 7 && w[0] == "s" {
					return strconv.ParseFloat(w[6], 64)
				}
			}
			return 0, fmt.Errorf("no objective in the solution")
		}},
		{"CBC (cbc)", "cbc", func(in, out string) []string { return []string{in, "solve", "solution", out} }, func(text string) (float64, error) {
			first, _, _ := strings.Cut(text, "\n")
			if !strings.HasPrefix(first, "Optimal") {
				return 0, fmt.Errorf("%s", first)
			}
			w := strings.Fields(first)
			return strconv.ParseFloat(w[len(w)-1], 64)
		}},
	}
}

// peers solves one run aim by aim with each peer that is installed.
func (r *report) peers(s runfile.Shape) error {
	dir, err := os.MkdirTemp("", "msw-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	run := runfile.Generate(s)
	in, err := match.Prepare(run, runfile.Flow)
	if err != nil {
		return err
	}
	ours, _, err := timed(r.times, func() error { _, err := in.Place(); return err })
	if err != nil {
		return err
	}
	whole, err := r.command(run, dir)
	if err != nil {
		return fmt.Errorf("%s allocate: %w", r.binary, err)
	}
	r.add("msw allocate run.json, the whole command: read, solve, explain, compare, write", size(s), short(whole), "")
	want, err := in.Steps()
	if err != nil {
		return err
	}
	m := newModel(run, in.Draw)
	for _, p := range allPeers() {
		if _, err := exec.LookPath(p.binary); err != nil {
			r.note("%s: not measured, it is not installed.", p.name)
			continue
		}
		took, err := m.solve(p, dir, want)
		if err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		times := float64(took) / float64(ours)
		if times < leastTimes {
			return fmt.Errorf("%s: only %.1f times as long as msw, and %d are promised", p.name, times, leastTimes)
		}
		r.add(p.name+": the same, aim by aim ("+strconv.Itoa(len(m.steps))+" linear programs)", size(s), short(took), "every optimum equal to ours")
		r.add("  so many times msw, solving alone", size(s), fmt.Sprintf("%.0f times", times), fmt.Sprintf("fewer than %d is an error", leastTimes))
		r.add("  so many times the whole msw command", size(s), fmt.Sprintf("%.0f times", float64(took)/float64(whole)), "")
	}
	return nil
}

// leastTimes is how much longer a peer must take to solve what msw solves.
const leastTimes = 20

// solve gives the time a peer's processes took; an optimum that is not ours is
// an error. Writing its input files is not counted.
func (m *model) solve(p peer, dir string, want []int64) (took time.Duration, err error) {
	held := make([]float64, len(m.steps))
	for s := range m.steps {
		in, out := filepath.Join(dir, "in.lp"), filepath.Join(dir, "out.txt")
		if err := m.write(in, s, held); err != nil {
			return 0, err
		}
		began := time.Now()
		if text, err := exec.Command(p.binary, p.args(in, out)...).CombinedOutput(); err != nil {
			return 0, fmt.Errorf("%w: %.300s", err, text)
		}
		took += time.Since(began)
		text, err := os.ReadFile(out)
		if err != nil {
			return 0, err
		}
		v, err := p.value(string(text))
		if err != nil {
			return 0, fmt.Errorf("%s: %w", m.steps[s], err)
		}
		if m.steps[s] == "draw" {
			ours := float64(want[s]) / (1 << 40)
			if math.Abs(v-ours) > 1e-5 {
				return 0, fmt.Errorf("the draw differs: %.7f, ours %.7f", v, ours)
			}
			continue
		}
		held[s] = math.Round(v)
		if got := int64(math.Round(v + m.base[s])); got != want[s] {
			return 0, fmt.Errorf("%s differs: %d, ours %d", m.steps[s], got, want[s])
		}
	}
	return took, nil
}
