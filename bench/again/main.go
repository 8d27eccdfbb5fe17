// Command again measures asking the rules of every stored case once more, end to
// end: load, open, evaluate, save what changed. It makes the cases with msw demo
// (or takes stores that were made before), runs "msw rules reevaluate" on them,
// and writes its own section of bench/results.md. It decides nothing and is no
// test.
package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"msw/bench/results"
)

// round is one run of the command.
type round struct {
	cases, changed int
	took           time.Duration // of the work itself, as the command says
	whole, cpu     time.Duration // of the whole process
	memory         int64         // most of it, bytes
}

// size is the runs at one number of cases.
type size struct {
	file       string
	all, none  []round // every answer saved; nothing changed
	cases      int
	facts      int           // of these cases: the work there is
	start      time.Duration // processor time of starting, opening the store and reading the rules
	fileSizeMB int64
}

func main() {
	binary := flag.String("msw", "bin/msw", "the binary to measure")
	sizes := flag.String("sizes", "2000,20000,200000", "how many doctors, by comma")
	at := flag.String("at", "", "a folder with stores made before, named SIZE.db; others are made anew in a folder that is removed")
	rounds := flag.Int("rounds", 3, "runs of each kind at each size")
	out := flag.String("out", "bench/results.md", "where the section is written")
	flag.Parse()
	if err := run(*binary, *sizes, *at, *rounds, *out); err != nil {
		fmt.Fprintln(os.Stderr, "again:", err)
		os.Exit(1)
	}
}

func run(binary, sizes, at string, rounds int, out string) error {
	binary, err := filepath.Abs(binary)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "msw-again-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	key := filepath.Join(dir, "key")
	sum := sha256.Sum256([]byte("msw demo: fictional people")) // the demo's key stands in the open
	if err := os.WriteFile(key, []byte(hex.EncodeToString(sum[:])), 0o600); err != nil {
		return err
	}
	few := filepath.Join(dir, "few.db")
	if err := makeStore(binary, few, "40"); err != nil {
		return err
	}
	var list []size
	for _, text := range strings.Split(sizes, ",") {
		s, err := measure(binary, key, dir, few, at, text, rounds)
		if err != nil {
			return fmt.Errorf("%s doctors: %w", text, err)
		}
		list = append(list, s)
	}
	return results.Write(out, "again", section(binary, list))
}

func measure(binary, key, dir, few, at, people string, rounds int) (size, error) {
	s := size{file: filepath.Join(at, people+".db")}
	if _, err := os.Stat(s.file); at == "" || err != nil {
		s.file = filepath.Join(dir, people+".db")
		if err := makeStore(binary, s.file, people); err != nil {
			return s, err
		}
		defer os.Remove(s.file)
	}
	if i, err := os.Stat(s.file); err == nil {
		s.fileSizeMB = i.Size() >> 20
	}
	text, err := exec.Command("sqlite3", s.file, "SELECT count(*) FROM fact_record WHERE tenant_id = 'msw'").Output()
	if err != nil {
		return s, err
	}
	if s.facts, err = strconv.Atoi(strings.TrimSpace(string(text))); err != nil {
		return s, err
	}
	for range rounds {
		if text, err := exec.Command("sqlite3", s.file, "DELETE FROM eligibility_standing").CombinedOutput(); err != nil && !bytes.Contains(text, []byte("no such table")) {
			return s, fmt.Errorf("sqlite3: %s", text)
		}
		r, err := once(binary, key, s.file)
		if err != nil {
			return s, err
		}
		s.all, s.cases = append(s.all, r), r.cases
		if r.changed != r.cases {
			return s, fmt.Errorf("%d of %d answers were saved", r.changed, r.cases)
		}
		if r, err = once(binary, key, s.file); err != nil {
			return s, err
		}
		if s.start, err = opening(binary, key, few); err != nil {
			return s, err
		}
		if s.none = append(s.none, r); r.changed != 0 {
			return s, fmt.Errorf("%d answers changed that had no reason to", r.changed)
		}
		fmt.Printf("%s doctors, %d cases: saving all %.2f s, nothing changed %.2f s, memory %d MB\n", people, s.cases, s.all[len(s.all)-1].took.Seconds(), r.took.Seconds(), r.memory>>20)
	}
	return s, nil
}

// makeStore lets the demo write its history into a file and stops it.
func makeStore(binary, file, people string) error {
	cmd := exec.Command(binary, "demo", "--people", people, "--database", "sqlite:"+file, "--addr", "127.0.0.1:0")
	cmd.Stderr = os.Stderr
	text, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	lines := bufio.NewScanner(text)
	for lines.Scan() {
		if strings.Contains(lines.Text(), "ready in") {
			fmt.Println(lines.Text())
			break
		}
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		return err
	}
	for lines.Scan() {
	}
	_ = cmd.Wait() // it was told to stop
	return lines.Err()
}

// once runs the command as people do and takes its time and memory from the system.
func once(binary, key, file string) (round, error) {
	cmd := exec.Command(binary, "rules", "reevaluate", "--json", "--programme", "msw", "--database", "sqlite:"+file)
	cmd.Env = append(os.Environ(), "MSW_KEY_FILE="+key)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	began := time.Now()
	if err := cmd.Run(); err != nil {
		return round{}, fmt.Errorf("%w: %s", err, errs.String())
	}
	r := round{whole: time.Since(began), cpu: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		r.memory = usage.Maxrss << 10
	}
	var said struct {
		Cases, Changed int
		Seconds        float64
	}
	if err := json.Unmarshal(out.Bytes(), &said); err != nil {
		return r, err
	}
	r.cases, r.changed, r.took = said.Cases, said.Changed, time.Duration(said.Seconds*float64(time.Second))
	return r, nil
}

// opening is the processor time of a process that does the same on a store of a
// few cases: it starts, opens the store and reads the rules.
func opening(binary, key, few string) (time.Duration, error) {
	cmd := exec.Command(binary, "rules", "reevaluate", "--dry-run", "--json", "--programme", "msw", "--database", "sqlite:"+few)
	cmd.Env = append(os.Environ(), "MSW_KEY_FILE="+key)
	if text, err := cmd.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("%w: %s", err, text)
	}
	return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), nil
}

// middle gives the middle run by time, with the fastest and slowest.
func middle(list []round) (m, fast, slow round) {
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b round) int { return int(a.took - b.took) })
	return list[len(list)/2], list[0], list[len(list)-1]
}

// slope is the exponent by which a measure grows with what there is: 1 is linear.
func slope(list []size, over func(size) int, of func(size) time.Duration) float64 {
	var n, sx, sy, sxx, sxy float64
	for _, s := range list {
		x, y := math.Log(float64(over(s))), math.Log(of(s).Seconds())
		n, sx, sy, sxx, sxy = n+1, sx+x, sy+y, sxx+x*x, sxy+x*y
	}
	return (n*sxy - sx*sy) / (n*sxx - sx*sx)
}

func section(binary string, list []size) string {
	var t strings.Builder
	fmt.Fprintf(&t, "## Asking the rules of every stored case again\n\nWritten by `make build && go run ./bench/again` on %s. %s/%s, %d cores; load at the end: %s. %s.\n\n", time.Now().UTC().Format("2006-01-02 15:04 UTC"),
		runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), results.Load(), version(binary))
	t.WriteString("`msw rules reevaluate` (the time is that of the work; the process also starts, opens the store and reads the rules): loading every case with its sealed facts, opening them, evaluating, comparing with what is kept, saving what changed.\n\n")
	t.WriteString("| cases | their facts | store | what | middle time | spread | whole process | processor time of the work | most memory |\n|---|---|---|---|---|---|---|---|---|\n")
	for _, s := range list {
		for _, kind := range []struct {
			what string
			runs []round
		}{{"every answer saved", s.all}, {"nothing changed", s.none}} {
			m, fast, slow := middle(kind.runs)
			fmt.Fprintf(&t, "| %s | %s | %d MB | %s | %.2f s | %.2f to %.2f s | %.2f s | %.2f s | %d MB |\n", thousands(s.cases), thousands(s.facts), s.fileSizeMB, kind.what, m.took.Seconds(), fast.took.Seconds(), slow.took.Seconds(), m.whole.Seconds(), (m.cpu - s.start).Seconds(), m.memory>>20)
		}
	}
	if len(list) > 1 {
		all := func(s size) time.Duration { m, _, _ := middle(s.all); return m.took }
		none := func(s size) time.Duration { m, _, _ := middle(s.none); return m.took }
		allCPU := func(s size) time.Duration { m, _, _ := middle(s.all); return m.cpu - s.start }
		noneCPU := func(s size) time.Duration { m, _, _ := middle(s.none); return m.cpu - s.start }
		cases, facts := func(s size) int { return s.cases }, func(s size) int { return s.facts }
		t.WriteString("\nGrowth over these sizes (1 is linear). The fictional people beyond the first 2,640 are at the beginning of the road, so a case of a larger store has fewer facts to load and ask: growth by facts is that of the work, growth by cases that of this mix.\n\n| growth | every answer saved | nothing changed | the same, processor time | |\n|---|---|---|---|---|\n")
		for _, by := range []struct {
			what string
			over func(size) int
		}{{"by facts", facts}, {"by cases", cases}} {
			fmt.Fprintf(&t, "| %s | %.3f | %.3f | %.3f | %.3f |\n", by.what, slope(list, by.over, all), slope(list, by.over, none), slope(list, by.over, allCPU), slope(list, by.over, noneCPU))
		}
		t.WriteString("\nWhere the machine does other work at the same time (see its load), processor time is what tells.\n")
	}
	return t.String()
}

func thousands(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

func version(binary string) string {
	text, err := exec.Command(binary, "version").Output()
	if err != nil {
		return "msw unknown"
	}
	return strings.TrimSpace(string(text))
}
