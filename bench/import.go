package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// imports times the full practice file beside sqlite3's own .import of it, in
// turns. msw checks each row, keeps the date of each value, makes the words by
// which it is found and writes the audit; .import stores text.
func (b *bench) imports() error {
	file, err := filepath.Abs(filepath.Join(b.data, "ods", "epraccur-2025-11.csv"))
	if err != nil {
		return err
	}
	if _, err := os.Stat(file); err != nil {
		b.note("import: not measured, the practice file is not here (set MSW_DATA)")
		return nil
	}
	if _, err := exec.LookPath("sqlite3"); err != nil {
		b.note("import: not measured, sqlite3 is not installed")
		return nil
	}
	var ours, theirs []time.Duration
	for i := range 3 {
		store := filepath.Join(b.dir, fmt.Sprintf("import-%d.db", i))
		if _, err := timed(b.binary, "migrate", "--database", "sqlite:"+store); err != nil {
			return err
		}
		took, err := timed(b.binary, "import", "organisations", file, "--database", "sqlite:"+store, "--json")
		if err != nil {
			return err
		}
		ours = append(ours, took)
		if took, err = timed("sqlite3", store+".peer", ".mode csv", ".import "+quoted(file)+" practice"); err != nil {
			return err
		}
		theirs = append(theirs, took)
	}
	o, t := sorted(ours), sorted(theirs)
	b.add("import of the practice file", "16,685 rows", seconds(o[1]), seconds(o[0])+" to "+seconds(o[2]))
	b.add("sqlite3 .import of the same", "16,685 rows", seconds(t[1]), seconds(t[0])+" to "+seconds(t[2]))
	b.add("ratio", "", fmt.Sprintf("%.1f times", o[1].Seconds()/t[1].Seconds()), "msw also checks, dates, indexes for search and audits")
	return nil
}

func quoted(path string) string { return `"` + path + `"` }

func timed(name string, args ...string) (time.Duration, error) {
	began := time.Now()
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		return 0, fmt.Errorf("%s: %w\n%s", filepath.Base(name), err, out)
	}
	return time.Since(began), nil
}
