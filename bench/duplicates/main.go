// Command duplicates measures finding records that may be one person among very
// many: how long one search takes, and how many of the labelled pairs it finds
// with all the others in the store. It makes invented people in a store of its
// own, writes its section of bench/results.md, and decides nothing.
package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime/pprof"
	"slices"
	"strings"
	"syscall"
	"time"

	"msw/bench/results"
	"msw/internal/access"
	"msw/internal/app"
	"msw/internal/audit"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/doctor"
)

func main() {
	people := flag.Int("people", 200000, "how many records are in the store")
	searches := flag.Int("searches", 2000, "how many searches are measured")
	data := flag.String("data", "internal/doctor/testdata", "where shapes.csv and pairs.csv are")
	out := flag.String("out", "bench/results.md", "where the section is written; - prints it only")
	profile := flag.String("profile", "", "where a profile of the searches is written, for go tool pprof")
	flag.Parse()
	if err := run(*people, *searches, *data, *out, *profile); err != nil {
		fmt.Fprintln(os.Stderr, "duplicates:", err)
		os.Exit(1)
	}
}

var call = access.Call{Actor: access.Actor{Account: "bench", Tenant: "msw", Members: []access.Membership{{Role: "caseworker"}}}, Now: clock.At(time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC)), Today: clock.MustDate("2026-11-01")}

func run(people, searches int, data, out, profile string) error {
	dir, err := os.MkdirTemp("", "msw-duplicates-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	ctx := context.Background()
	db, s, err := open(ctx, filepath.Join(dir, "bench.db"))
	if err != nil {
		return err
	}
	defer db.Close()
	m, err := newMaker(data)
	if err != nil {
		return err
	}
	began := time.Now()
	if err := fill(ctx, db, s, m, people); err != nil {
		return err
	}
	filled := time.Since(began)
	found, same, err := recall(ctx, db, s, filepath.Join(data, "pairs.csv"))
	if err != nil {
		return err
	}
	took, processor, err := search(ctx, s, m, searches, profile)
	if err != nil {
		return err
	}
	text := fmt.Sprintf("## Finding duplicates\n\n%d invented records on SQLite, filled in %.0f s. %d searches for somebody drawn like them, with all names, access and comparison, wall clock:\n\n| p50 | p99 | longest | processor time a search | labelled pairs found among all |\n|---|---|---|---|---|\n| %.1f ms | %.1f ms | %.1f ms | %.1f ms | %d of %d (%.3f) |\n",
		people, filled.Seconds(), searches, ms(took[searches/2]), ms(took[searches*99/100]), ms(took[searches-1]), ms(processor/time.Duration(searches)), found, same, float64(found)/float64(same))
	fmt.Println(text)
	if out == "-" {
		return nil
	}
	return results.Write(out, "duplicates", text)
}

// search times searches, wall clock each and processor time of all.
func search(ctx context.Context, s *doctor.Service, m *maker, searches int, profile string) (took []time.Duration, processor time.Duration, err error) {
	if profile != "" {
		f, err := os.Create(filepath.Clean(profile))
		if err != nil {
			return nil, 0, err
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			return nil, 0, err
		}
		defer pprof.StopCPUProfile()
	}
	took = make([]time.Duration, searches)
	before := used()
	for i := range took {
		d := m.person()
		began := time.Now()
		if _, err := s.Similar(ctx, call, d); err != nil {
			return nil, 0, err
		}
		took[i] = time.Since(began)
	}
	processor = used() - before
	slices.Sort(took)
	return took, processor, nil
}

// used is the processor time of this process so far.
func used() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func open(ctx context.Context, file string) (*database.DB, *doctor.Service, error) {
	db, err := database.Open(ctx, "sqlite:"+file, database.Options{Key: bytes.Repeat([]byte{7}, 32), Fast: true})
	if err != nil {
		return nil, nil, err
	}
	if err := db.Migrate(ctx); err != nil {
		return nil, nil, err
	}
	table, err := app.Permissions()
	if err != nil {
		return nil, nil, err
	}
	log, err := audit.New(db)
	if err != nil {
		return nil, nil, err
	}
	s, err := doctor.New(doctor.Options{DB: db, Access: table, Audit: log})
	return db, s, err
}

// maker draws people whose names are as unevenly common as names are.
type maker struct {
	*rand.Rand
	given, family [][]string
	common        *rand.Zipf
}

func newMaker(data string) (*maker, error) {
	text, err := os.ReadFile(filepath.Join(data, "shapes.csv"))
	if err != nil {
		return nil, err
	}
	rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		return nil, err
	}
	m := &maker{Rand: rand.New(rand.NewPCG(7, 2026))}
	for _, r := range rows[1:] {
		if r[0] == "given" {
			m.given = append(m.given, strings.Split(r[2], "|"))
		} else {
			m.family = append(m.family, strings.Split(r[2], "|"))
		}
	}
	m.common = rand.NewZipf(m.Rand, 1.1, 1, uint64(len(m.given)-1))
	return m, nil
}

func (m *maker) invented() string {
	syllables := []string{"ba", "de", "ki", "lo", "mu", "ra", "sha", "ti", "no", "ga", "ze", "wa", "fi", "hu"}
	var b strings.Builder
	for range 3 + m.IntN(2) {
		b.WriteString(syllables[m.IntN(len(syllables))])
	}
	text := b.String()
	return strings.ToUpper(text[:1]) + text[1:]
}

func (m *maker) person() doctor.NewDoctor {
	d := doctor.NewDoctor{BirthDate: clock.MustDate("1960-01-01") + clock.Date(m.IntN(14000))}
	spellings := m.given[m.common.Uint64()]
	d.Given = spellings[m.IntN(len(spellings))]
	if m.IntN(3) == 0 {
		d.Given += " " + m.given[m.IntN(len(m.given))][0]
	}
	if m.IntN(10) < 3 {
		spellings := m.family[m.IntN(len(m.family))]
		d.Family = spellings[m.IntN(len(spellings))]
	} else {
		d.Family = m.invented()
	}
	if m.IntN(6) == 0 {
		d.BirthDate = clock.MakeDate(d.BirthDate.Year(), 1, 1)
	}
	return d
}

func fill(ctx context.Context, db *database.DB, s *doctor.Service, m *maker, people int) error {
	for done := 0; done < people; {
		err := db.Tx(ctx, func(ctx context.Context) error {
			for range min(2000, people-done) {
				if _, _, err := s.Create(ctx, call, m.person()); err != nil {
					return err
				}
				done++
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// recall stores one of each labelled pair that is one person and looks for it
// by the other.
func recall(ctx context.Context, db *database.DB, s *doctor.Service, file string) (found, same int, err error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return 0, 0, err
	}
	list, err := doctor.ReadLabelled(bytes.NewReader(text))
	if err != nil {
		return 0, 0, err
	}
	for i, l := range list {
		if !l.Same {
			continue
		}
		same++
		if l.A.Email != "" { // each pair has an address of its own
			l.A.Email = fmt.Sprintf("pair%d@doctor.example", i)
			l.B.Email = strings.ToUpper(l.A.Email[:4]) + l.A.Email[4:]
		}
		id, _, err := s.Create(ctx, call, l.A)
		if err != nil {
			return found, same, err
		}
		alike, err := s.Similar(ctx, call, l.B)
		if err != nil {
			return found, same, err
		}
		if slices.ContainsFunc(alike, func(c doctor.Candidate) bool { return c.ID == id }) {
			found++
		}
	}
	return found, same, nil
}
