// Command bench measures msw as its users meet it: over HTTP, signed in, with
// looks written down. It prints a table and writes bench/results.md. README.md
// beside it says how a run is honest. It decides nothing and is no test.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"msw/bench/results"
)

// figure is one row of the table.
type figure struct{ what, size, value, spread string }

// bench is one run.
type bench struct {
	binary, data, dir string
	requests          int
	figures           []figure
	notes             []string
}

func main() {
	var b bench
	sizes, at, out := "", "", ""
	flag.StringVar(&b.binary, "msw", "bin/msw", "the binary to measure")
	flag.StringVar(&b.data, "data", fallback(os.Getenv("MSW_DATA"), "../shared/data"), "folder with ods/epraccur-2025-11.csv; the import is left out without it (MSW_DATA)")
	flag.StringVar(&sizes, "sizes", "2000,200000", "how many doctors, by comma")
	flag.IntVar(&b.requests, "requests", 300, "how many pages of each kind at each size")
	flag.StringVar(&at, "at", "", "a demo that runs already, as DOCTORS,ADDRESS,PID,FILE: not made anew")
	flag.StringVar(&out, "out", "bench/results.md", "where the table is written")
	flag.Parse()
	if err := b.run(sizes, at, out); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func fallback(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

func (b *bench) run(sizes, at, out string) (err error) {
	if b.dir, err = os.MkdirTemp("", "msw-bench-"); err != nil {
		return err
	}
	defer os.RemoveAll(b.dir)
	if b.binary, err = filepath.Abs(b.binary); err != nil {
		return err
	}
	steps := []func() error{b.size, b.ready}
	for _, s := range strings.Split(sizes, ",") {
		people, err := strconv.Atoi(s)
		if err != nil {
			return fmt.Errorf("-sizes: %w", err)
		}
		if strings.HasPrefix(at, s+",") {
			steps = append(steps, func() error { return b.running(at) })
			continue
		}
		steps = append(steps, func() error { return b.pages(people) })
	}
	for _, step := range append(steps, b.imports) {
		if err := step(); err != nil {
			return err
		}
	}
	return os.WriteFile(out, []byte(b.table()+sections(out)), 0o644)
}

// sections are the parts of the results that other programs of this folder
// wrote; each begins with a mark of its own.
func sections(out string) string {
	old, err := os.ReadFile(out)
	if err != nil {
		return ""
	}
	if _, rest, found := strings.Cut(string(old), "<!-- section: "); found {
		return "\n<!-- section: " + rest
	}
	return ""
}

func (b *bench) add(what, size, value, spread string) {
	b.figures = append(b.figures, figure{what, size, value, spread})
	fmt.Printf("%-44s %-16s %-14s %s\n", what, size, value, spread)
}

func (b *bench) note(format string, args ...any) {
	b.notes = append(b.notes, fmt.Sprintf(format, args...))
	fmt.Println("note:", b.notes[len(b.notes)-1])
}

// size is that of the one file people install.
func (b *bench) size() error {
	i, err := os.Stat(b.binary)
	if err != nil {
		return fmt.Errorf("run make build first: %w", err)
	}
	b.add("binary", "", fmt.Sprintf("%.1f MB", float64(i.Size())/1e6), "")
	return nil
}

func (b *bench) table() string {
	var t strings.Builder
	fmt.Fprintf(&t, "# Results of %s\n\nWritten by `make bench`. Machine: %s. Load at the start of writing: %s.\nmsw: %s. Go %s.\n\n", time.Now().UTC().Format("2006-01-02 15:04 UTC"),
		machine(), results.Load(), version(b.binary), runtime.Version())
	t.WriteString("| what | size | middle value | spread |\n|---|---|---|---|\n")
	for _, f := range b.figures {
		fmt.Fprintf(&t, "| %s | %s | %s | %s |\n", f.what, f.size, f.value, f.spread)
	}
	if len(b.notes) > 0 {
		t.WriteString("\n")
		for _, n := range b.notes {
			t.WriteString("- " + n + "\n")
		}
	}
	return t.String()
}

func machine() string {
	model := "unknown processor"
	if text, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(text)) {
			if name, ok := strings.CutPrefix(line, "model name"); ok {
				model = strings.Trim(name, "\t :\n")
				break
			}
		}
	}
	return fmt.Sprintf("%s/%s, %d cores, %s", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), model)
}

func version(binary string) string {
	text, err := exec.Command(binary, "version").Output()
	if err != nil {
		return "unknown"
	}
	first, _, _ := strings.Cut(strings.TrimSpace(string(text)), "\n")
	return first
}

// sqlite asks the plain tool, which is also the peer of the import.
func sqlite(file, query string) (string, error) {
	text, err := exec.Command("sqlite3", "-cmd", ".timeout 10000", file, query).Output()
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		return "", fmt.Errorf("sqlite3: %s", failed.Stderr)
	}
	return strings.TrimSpace(string(text)), err
}
