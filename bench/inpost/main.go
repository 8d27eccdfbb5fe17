// Command inpost measures what a ward and a doctor feel of a time in post: the
// scope card and the sign-off on a slow line, a long portfolio, passports checked,
// coverage worked out for many. It serves msw demo, drives Chromium, and writes its
// own section of bench/results.md. It decides nothing and is no test.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
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
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"msw/bench/results"
	"msw/internal/clock"
	"msw/internal/portfolio"
	"msw/internal/sdjwt"
	"msw/rules"
)

// row is one line of the table.
type row struct{ what, value, spread string }

func main() {
	binary := flag.String("msw", "bin/msw", "the binary to measure")
	chromium := flag.String("chromium", "/usr/bin/chromium", "the browser to drive")
	rounds := flag.Int("rounds", 5, "how often each page is opened on the slow line")
	out := flag.String("out", "bench/results.md", "where the section is written")
	flag.Parse()
	if err := run(*binary, *chromium, *rounds, *out); err != nil {
		fmt.Fprintln(os.Stderr, "inpost:", err)
		os.Exit(1)
	}
}

func run(binary, chromium string, rounds int, out string) error {
	binary, err := filepath.Abs(binary)
	if err != nil {
		return err
	}
	address, stop, err := serve(binary)
	if err != nil {
		return err
	}
	defer stop()
	me, err := enter(address, "doctor-hospital")
	if err != nil {
		return err
	}
	d, err := openBrowser(chromium)
	if err != nil {
		return err
	}
	defer d.close()
	var rows []row
	for _, measure := range []func() ([]row, error){
		func() ([]row, error) { return card(me, d, rounds) },
		func() ([]row, error) { return signOff(me, d, rounds) },
		func() ([]row, error) { return passports(me) },
		func() ([]row, error) { return long(me) },
		coverage,
	} {
		more, err := measure()
		if err != nil {
			return err
		}
		for _, r := range more {
			fmt.Println(r.what, r.value, r.spread)
		}
		rows = append(rows, more...)
	}
	return results.Write(out, "inpost", section(binary, rows))
}

// serve runs the demo until stop.
func serve(binary string) (address string, stop func(), err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	addr := l.Addr().String()
	if err := l.Close(); err != nil {
		return "", nil, err
	}
	cmd := exec.Command(binary, "demo", "--addr", addr)
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
	if line, err := bufio.NewReader(said).ReadString('\n'); err != nil || !strings.Contains(line, "ready") {
		stop()
		return "", nil, fmt.Errorf("the demo said %q, %v", line, err)
	}
	go func() { _, _ = io.Copy(io.Discard, said) }() // so that it never waits for a reader
	return "http://" + addr, stop, nil
}

// visitor is somebody signed in.
type visitor struct {
	*http.Client
	base, path, body string
}

func enter(address, persona string) (*visitor, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	v := &visitor{Client: &http.Client{Jar: jar, Timeout: time.Minute}, base: address}
	if persona == "" {
		return v, nil
	}
	r, err := v.PostForm(address+"/sign-in/as", url.Values{"persona": {persona}})
	return v, v.read(r, err)
}

func (v *visitor) read(r *http.Response, err error) error {
	if err != nil {
		return err
	}
	text, err := io.ReadAll(r.Body)
	v.path, v.body = r.Request.URL.RequestURI(), string(text)
	if r.StatusCode != http.StatusOK {
		err = errors.Join(err, fmt.Errorf("%s answered %s", v.path, r.Status))
	}
	return errors.Join(err, r.Body.Close())
}

func (v *visitor) open(path string) error {
	r, err := v.Get(v.base + path)
	return v.read(r, err)
}

var hiddenField = regexp.MustCompile(`<input type="hidden" name="([a-z_-]+)" value="([^"]*)"`)

// send fills in the form of the present page that leads to an address.
func (v *visitor) send(action string, in url.Values) error {
	form := regexp.MustCompile(`(?s)<form[^>]*action="([^"]*` + regexp.QuoteMeta(action) + `)".*?</form>`).FindStringSubmatch(v.body)
	if form == nil {
		return fmt.Errorf("no form to %s on %s", action, v.path)
	}
	for _, m := range hiddenField.FindAllStringSubmatch(form[0], -1) {
		if !in.Has(m[1]) {
			in.Set(m[1], m[2])
		}
	}
	r, err := v.PostForm(v.base+form[1], in)
	return v.read(r, err)
}

// find gives the first match on the present page.
func (v *visitor) find(pattern string) (string, error) {
	m := regexp.MustCompile(pattern).FindStringSubmatch(v.body)
	if m == nil {
		return "", fmt.Errorf("%s does not say %s", v.path, pattern)
	}
	return m[len(m)-1], nil
}

// passports checks the doctor's own whole passport over and over, as somebody
// outside does: with the keys, and without asking anybody.
func passports(me *visitor) ([]row, error) {
	if err := me.open("/portfolio/passport"); err != nil {
		return nil, err
	}
	if err := me.send("/portfolio/passport", url.Values{}); err != nil { // a new one
		return nil, err
	}
	id, err := me.find(`name="passport" value="([0-9A-Z]{9})"`)
	if err != nil {
		return nil, err
	}
	q := url.Values{"passport": {id}}
	for _, m := range regexp.MustCompile(`name="show"[^>]*value="([a-z_0-9]+)"`).FindAllStringSubmatch(me.body, -1) {
		q.Add("show", m[1])
	}
	if err := me.open("/portfolio/passport/file?" + q.Encode()); err != nil {
		return nil, err
	}
	file := []byte(me.body)
	if err := me.open("/.well-known/msw-passport-keys.json"); err != nil {
		return nil, err
	}
	keys, err := sdjwt.ParseKeys([]byte(me.body))
	if err != nil {
		return nil, err
	}
	var f portfolio.File
	if err := json.Unmarshal(file, &f); err != nil {
		return nil, err
	}
	at := clock.StartOf(f.Saved)
	var each []float64
	for range 5 {
		n, began := 0, time.Now()
		for time.Since(began) < time.Second {
			if v := portfolio.Check(file, &keys, "", at); v.State != portfolio.Valid {
				return nil, fmt.Errorf("the passport is %s: %s", v.State, v.Reason)
			}
			n++
		}
		each = append(each, float64(n)/time.Since(began).Seconds())
	}
	slices.Sort(each)
	what := fmt.Sprintf("passport with %d claims: checked offline, signature, list and claims, on one core", len(q["show"]))
	return []row{{what, fmt.Sprintf("%.0f a second", each[2]), fmt.Sprintf("%.0f to %.0f", each[0], each[4])},
		{"  its file with keys and list; the statement alone", fmt.Sprintf("%.1f kB", float64(len(file))/1000), fmt.Sprintf("%.1f kB", float64(len(f.Passport))/1000)}}, nil
}

// long is a portfolio of 2,000 items, written through its pages, and how fast its
// pages and the picture of coverage open.
func long(me *visitor) ([]row, error) {
	const items, reads = 2000, 400
	for i := range items {
		if err := me.open("/portfolio/new?kind=procedure"); err != nil {
			return nil, err
		}
		day := time.Date(2026, 10, 29, 0, 0, 0, 0, time.UTC).AddDate(0, 0, -i%1000)
		if err := me.send("/portfolio/new", url.Values{"title": {"Cannula " + strconv.Itoa(i)}, "what": {"Placed at the first try."}, "tags": {"ukfp/2021/fpc1"},
			"on-day": {strconv.Itoa(day.Day())}, "on-month": {strconv.Itoa(int(day.Month()))}, "on-year": {strconv.Itoa(day.Year())}}); err != nil {
			return nil, err
		}
	}
	if err := me.open("/portfolio"); err != nil {
		return nil, err
	}
	picture, err := me.find(`href="(/portfolios/[0-9A-Z]+/coverage)"`)
	if err != nil {
		return nil, err
	}
	var rows []row
	for _, page := range []struct{ what, path string }{{"portfolio of 2,000 items: its first page", "/portfolio"}, {"  what it shows (coverage)", picture}} {
		var took []time.Duration
		for range reads {
			began := time.Now()
			if err := me.open(page.path); err != nil {
				return nil, err
			}
			took = append(took, time.Since(began))
		}
		slices.Sort(took)
		rows = append(rows, row{page.what, "p99 " + millis(took[reads*99/100]), "p50 " + millis(took[reads/2])})
	}
	began := time.Now()
	if err := me.open("/portfolio/export/file?format=json"); err != nil {
		return nil, err
	}
	return append(rows, row{"  taken along whole, as JSON", millis(time.Since(began)), fmt.Sprintf("%.1f MB", float64(len(me.body))/1e6)}), nil
}

func millis(d time.Duration) string { return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000) }

// coverage works out the picture of two frameworks for 100,000 portfolios.
func coverage() ([]row, error) {
	fw, err := portfolio.LoadFrameworks(rules.Portfolio)
	if err != nil {
		return nil, err
	}
	today := clock.MustDate("2026-10-30")
	ukfp, found := fw.Find("ukfp/2021")
	crest, also := fw.Find("crest/2024")
	if !found || !also {
		return nil, errors.New("the frameworks are not there")
	}
	const portfolios, different, items = 100_000, 200, 60
	list := make([][]portfolio.Mark, different)
	for i := range list {
		for j := range items {
			list[i] = append(list[i], portfolio.Mark{Shows: fw.Numbers(ukfp.Headings[(i+j)%len(ukfp.Headings)].Tag, crest.Headings[j%len(crest.Headings)].Tag), On: today - clock.Date(i+j*9),
				State: []portfolio.State{portfolio.Vouched, portfolio.Kept, portfolio.Signed, portfolio.Draft}[(i+j)%4], Role: []string{"consultant", "nurse", ""}[j%3]})
		}
	}
	times := []portfolio.Time{{From: today - 200, Share: 1000, MSW: true, With: "a"}}
	var took []time.Duration
	for range 5 {
		began := time.Now()
		for i := range portfolios {
			portfolio.Picture(ukfp, list[i%different], times, today)
			portfolio.Picture(crest, list[i%different], times, today)
		}
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	return []row{{"coverage of 100,000 portfolios of 60 items, UKFP and CREST, on one core", fmt.Sprintf("%.2f s", took[2].Seconds()), fmt.Sprintf("%.2f to %.2f s", took[0].Seconds(), took[4].Seconds())}}, nil
}

func section(binary string, rows []row) string {
	version, _ := exec.Command(binary, "version").Output()
	var b strings.Builder
	fmt.Fprintf(&b, "## In post: card, sign-off, portfolio, passport\n\nWritten by `make build && go run ./bench/inpost` on %s UTC. %s/%s, %d cores; load at the end: %s. %s.\n\n",
		time.Now().UTC().Format("2006-01-02 15:04"), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), results.Load(), strings.TrimSpace(string(version)))
	fmt.Fprintf(&b, "The slow line is Chromium's own emulation: 0.26 Mbit/s each way, 300 ms there and back, nothing in the cache; the window is 375 pixels wide. Seconds of a sign-off are those of the pages and the driven hand, which does not think: a person adds their reading. Taps and letters are counted.\n\n")
	fmt.Fprintf(&b, "| what | middle | spread or beside |\n|---|---|---|\n")
	for _, r := range rows {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", r.what, r.value, r.spread)
	}
	return b.String()
}
