// Command again measures asking the rules of every stored case once more, end to
// end: load, open, evaluate, save what changed. It makes the largest store with
// msw demo (or takes one that was made before), draws the smaller ones from it so
// that all hold the same mix of cases, runs "msw rules reevaluate" on them, and
// writes its own section of bench/results.md. It decides nothing and is no test.
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
	from := flag.String("from", "", "a store made before with as many doctors as the largest size; else one is made and removed")
	rounds := flag.Int("rounds", 3, "runs of each kind at each size, at least")
	out := flag.String("out", "bench/results.md", "where the section is written")
	flag.Parse()
	if err := run(*binary, *sizes, *from, *rounds, *out); err != nil {
		fmt.Fprintln(os.Stderr, "again:", err)
		os.Exit(1)
	}
}

func run(binary, sizes, from string, rounds int, out string) error {
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
	counts, err := wanted(sizes)
	if err != nil {
		return err
	}
	most := counts[len(counts)-1]
	if from == "" {
		from = filepath.Join(dir, "most.db")
		if err := makeStore(binary, from, strconv.Itoa(most)); err != nil {
			return err
		}
	}
	var list []size
	for _, n := range counts {
		s := size{file: filepath.Join(dir, strconv.Itoa(n)+".db")}
		if err := draw(from, s.file, most/n); err != nil {
			return fmt.Errorf("%d doctors: %w", n, err)
		}
		if err := s.measure(binary, key, few, rounds); err != nil {
			return fmt.Errorf("%d doctors: %w", n, err)
		}
		list = append(list, s)
		if err := os.Remove(s.file); err != nil {
			return err
		}
	}
	return results.Write(out, "again", section(binary, list))
}

// wanted reads the sizes, smallest first.
func wanted(text string) ([]int, error) {
	var list []int
	for _, part := range strings.Split(text, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(part))
		if err != nil || n < 1 {
			return nil, fmt.Errorf("%q is no number of doctors", part)
		}
		list = append(list, n)
	}
	slices.Sort(list)
	return list, nil
}

// draw makes a store of every nth doctor of another one. The demo's people beyond
// its first 2,640 are at the beginning of the road, so stores made apart would
// differ in what a case is, not only in how many there are.
func draw(from, to string, nth int) error {
	tables, err := query(from, "SELECT m.name FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table' AND c.name = 'doctor_id'")
	if err != nil {
		return err
	}
	triggers, err := query(from, "SELECT name FROM sqlite_master WHERE type = 'trigger'")
	if err != nil {
		return err
	}
	whole := to + ".whole" // deleting leaves holes, so what remains is written anew
	defer os.Remove(whole)
	if _, err := query(from, "VACUUM INTO '"+whole+"'"); err != nil {
		return err
	}
	var sql strings.Builder
	sql.WriteString("PRAGMA synchronous = off; PRAGMA journal_mode = off;\n")
	for _, name := range triggers {
		fmt.Fprintf(&sql, "DROP TRIGGER %s;\n", name)
	}
	fmt.Fprintf(&sql, "CREATE TEMP TABLE drawn AS SELECT id FROM (SELECT id, row_number() OVER (ORDER BY id) AS n FROM doctor_person) WHERE n %% %d = 0;\nCREATE INDEX temp.drawn_id ON drawn (id);\n", nth)
	for _, name := range tables {
		fmt.Fprintf(&sql, "DELETE FROM %s WHERE doctor_id NOT IN (SELECT id FROM drawn);\n", name)
	}
	fmt.Fprintf(&sql, "DELETE FROM doctor_person WHERE id NOT IN (SELECT id FROM drawn);\nDELETE FROM database_key WHERE person_id <> '' AND person_id NOT IN (SELECT id FROM drawn);\nVACUUM INTO '%s';\n", to)
	_, err = query(whole, sql.String())
	return err
}

// query asks sqlite3 and gives its lines.
func query(file, sql string) ([]string, error) {
	cmd := exec.Command("sqlite3", "-bail", file)
	cmd.Stdin = strings.NewReader(sql)
	var errs bytes.Buffer
	cmd.Stderr = &errs
	text, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("sqlite3: %w: %s", err, errs.String())
	}
	return strings.Fields(string(text)), nil
}

// leastMeasured is for how long a size is measured: the middle of three runs of a
// seventh of a second tells more of the machine than of the work.
const leastMeasured = 6 * time.Second

// measure runs the command on one store, in turn with everything and with nothing
// to save.
func (s *size) measure(binary, key, few string, rounds int) error {
	if i, err := os.Stat(s.file); err == nil {
		s.fileSizeMB = i.Size() >> 20
	}
	text, err := query(s.file, "SELECT count(*) FROM fact_record WHERE tenant_id = 'msw'")
	if err != nil {
		return err
	}
	if s.facts, err = strconv.Atoi(strings.Join(text, "")); err != nil {
		return err
	}
	for spent := time.Duration(0); len(s.all) < rounds || spent < leastMeasured; {
		if _, err := query(s.file, "DELETE FROM eligibility_standing"); err != nil {
			return err
		}
		all, err := once(binary, key, s.file)
		if err != nil {
			return err
		}
		if s.cases = all.cases; all.changed != all.cases {
			return fmt.Errorf("%d of %d answers were saved", all.changed, all.cases)
		}
		none, err := once(binary, key, s.file)
		if err != nil {
			return err
		}
		if none.changed != 0 {
			return fmt.Errorf("%d answers changed that had no reason to", none.changed)
		}
		if s.start, err = opening(binary, key, few); err != nil {
			return err
		}
		s.all, s.none = append(s.all, all), append(s.none, none)
		spent += all.took + none.took
		fmt.Printf("%d cases: saving all %.2f s, nothing changed %.2f s, memory %d MB\n", s.cases, all.took.Seconds(), none.took.Seconds(), none.memory>>20)
	}
	return nil
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
		t.WriteString("\nGrowth over these sizes (1 is linear). The smaller stores hold every nth doctor of the largest one, so that a case is on average the same at each size.\n\n| growth | every answer saved | nothing changed | the same, processor time | |\n|---|---|---|---|---|\n")
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
