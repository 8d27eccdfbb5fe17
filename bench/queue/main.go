// Command queue measures the assessors' queue as they meet it: over HTTP, signed
// in, with names and looks written down, from its first page to its last by key.
// It lets msw demo make the doctors, puts every case of the store into the queue,
// and writes its own section of bench/results.md. It decides nothing and is no
// test.
package main

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"msw/bench/results"
)

func main() {
	binary := flag.String("msw", "bin/msw", "the binary to measure")
	sizes := flag.String("sizes", "2000,200000", "how many doctors, by comma")
	requests := flag.Int("requests", 500, "how many pages are measured at each size and place")
	at := flag.String("at", "", "a folder with stores made before, named SIZE.db, which are copied; others are made anew")
	out := flag.String("out", "bench/results.md", "where the section is written; - prints it only")
	flag.Parse()
	if err := run(*binary, *sizes, *at, *requests, *out); err != nil {
		fmt.Fprintln(os.Stderr, "queue:", err)
		os.Exit(1)
	}
}

func run(binary, sizes, at string, requests int, out string) error {
	dir, err := os.MkdirTemp("", "msw-queue-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if binary, err = filepath.Abs(binary); err != nil {
		return err
	}
	text := "## The assessors' queue\n\nEvery case of the store is in the queue. `/assessments` over HTTP, signed in, with names and looks written down, page after page by key, one after another. Load at the start: " + results.Load() + ".\n\n| cases in the queue | where | p50 | p99 | longest |\n|---|---|---|---|---|\n"
	for _, size := range strings.Split(sizes, ",") {
		if made := filepath.Join(at, size+".db"); at != "" {
			if text, err := exec.Command("cp", made, filepath.Join(dir, size+".db")).CombinedOutput(); err != nil {
				return fmt.Errorf("%w: %s", err, text)
			}
		}
		rows, err := measure(binary, filepath.Join(dir, size+".db"), size, requests)
		if err != nil {
			return fmt.Errorf("%s doctors: %w", size, err)
		}
		text += rows
	}
	fmt.Println(text)
	if out == "-" {
		return nil
	}
	return results.Write(out, "queue", text)
}

func measure(binary, file, size string, requests int) (string, error) {
	base, stop, err := serve(binary, file, size)
	if err != nil {
		return "", err
	}
	defer stop()
	// Each page is of whole people: what stands in the row is what the case says.
	if _, err := sqlite(file, `DELETE FROM eligibility_work WHERE tenant_id = 'msw';
		INSERT INTO eligibility_work (tenant_id, doctor_id, ref, number, assessing, sent_on, looked, early_on, again_on, step, turn, since, lane, assessor, version, same_as)
		SELECT tenant_id, doctor_id, ref, 1, 1, opened, 0, '', '', 'first', 'assessor', opened, 1 - (rowid % 20 = 0), '', 1, '' FROM casefile_case WHERE tenant_id = 'msw'; ANALYZE`); err != nil {
		return "", err
	}
	count, err := sqlite(file, `SELECT count(*) FROM eligibility_work WHERE tenant_id = 'msw'`)
	if err != nil {
		return "", err
	}
	n, err := strconv.Atoi(count)
	if err != nil {
		return "", err
	}
	v, err := enter(base, "assessor")
	if err != nil {
		return "", err
	}
	rows := ""
	for _, place := range []struct {
		words string
		after int
	}{{"from the first page", 0}, {"from the middle", n / 2}, {"near the end", n * 49 / 50}} {
		path := "/assessments"
		if place.after > 0 {
			if path, err = from(file, place.after); err != nil {
				return "", err
			}
		}
		took, err := v.walk(path, requests)
		if err != nil {
			return "", err
		}
		rows += fmt.Sprintf("| %d | %s | %.1f ms | %.1f ms | %.1f ms |\n", n, place.words, ms(took[len(took)/2]), ms(took[len(took)*99/100]), ms(took[len(took)-1]))
	}
	return rows, nil
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// from is the address of the page after a row of the queue.
func from(file string, row int) (string, error) {
	text, err := sqlite(file, `SELECT lane, since, doctor_id FROM eligibility_work WHERE tenant_id = 'msw' AND turn = 'assessor' ORDER BY lane, since, doctor_id LIMIT 1 OFFSET `+strconv.Itoa(row))
	if err != nil {
		return "", err
	}
	keys, err := json.Marshal(strings.Split(text, "|"))
	return "/assessments?after=" + base64.RawURLEncoding.EncodeToString(keys), err
}

// serve runs the demo and waits until it says that it is ready.
func serve(binary, file, size string) (base string, stop func(), err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	address := l.Addr().String()
	if err := l.Close(); err != nil {
		return "", nil, err
	}
	cmd := exec.Command(binary, "demo", "--addr", address, "--people", size, "--database", "sqlite:"+file)
	cmd.Stderr = os.Stderr
	said, err := cmd.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err := cmd.Start(); err != nil {
		return "", nil, err
	}
	stop = func() {
		_ = cmd.Process.Signal(syscall.SIGTERM) // it may have ended by itself
		_ = cmd.Wait()
	}
	line, err := bufio.NewReader(said).ReadString('\n')
	if err != nil || !strings.Contains(line, "ready") {
		stop()
		return "", nil, fmt.Errorf("the demo said %q, %v", line, err)
	}
	go func() { _, _ = io.Copy(io.Discard, said) }() // so that it never waits for a reader
	return "http://" + address, stop, nil
}

// visitor is somebody with a browser.
type visitor struct {
	*http.Client
	base string
}

func enter(base, persona string) (visitor, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return visitor{}, err
	}
	v := visitor{&http.Client{Jar: jar, Timeout: time.Minute}, base}
	r, err := v.PostForm(base+"/sign-in/as", url.Values{"persona": {persona}})
	if err != nil {
		return v, err
	}
	return v, r.Body.Close()
}

var next = regexp.MustCompile(`href="(/assessments\?after=[^"]+)"`)

// walk goes on from page to page, from its beginning again at the end, and gives
// how long each took, sorted. The first ten are not counted: they fill caches.
func (v visitor) walk(first string, requests int) ([]time.Duration, error) {
	var took []time.Duration
	path := first
	for i := range requests + 10 {
		began := time.Now()
		r, err := v.Get(v.base + path)
		if err != nil {
			return nil, err
		}
		text, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		if err := r.Body.Close(); err != nil || r.StatusCode != http.StatusOK {
			return nil, fmt.Errorf("%s answered %s, %v", path, r.Status, err)
		}
		if i >= 10 {
			took = append(took, time.Since(began))
		}
		if path = first; next.Match(text) {
			path = string(next.FindSubmatch(text)[1])
		}
	}
	slices.Sort(took)
	return took, nil
}

// sqlite asks the plain tool.
func sqlite(file, query string) (string, error) {
	text, err := exec.Command("sqlite3", "-cmd", ".timeout 60000", file, query).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("sqlite3: %s", text)
	}
	return strings.TrimSpace(string(text)), nil
}
