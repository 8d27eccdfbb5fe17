package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"time"
)

var (
	caseLink = regexp.MustCompile(`href="(/cases/[0-9A-Z]{6,12})"`)
	nextLink = regexp.MustCompile(`href="(/cases\?after=[^"]+)"`)
)

// visitor is somebody with a browser.
type visitor struct {
	*http.Client
	base string
}

func (s *server) visit() (visitor, error) {
	jar, err := cookiejar.New(nil)
	return visitor{&http.Client{Jar: jar, Timeout: time.Minute}, s.address}, err
}

// signIn is the demo's one click.
func (v visitor) signIn(persona string) error {
	r, err := v.PostForm(v.base+"/sign-in/as", url.Values{"persona": {persona}})
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, r.Body)
	return errors.Join(err, r.Body.Close(), ok(r))
}

func ok(r *http.Response) error {
	if r.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answered %s", r.Request.URL.Path, r.Status)
	}
	return nil
}

// get reads a page whole and says how long that took.
func (v visitor) get(path string) (string, time.Duration, error) {
	began := time.Now()
	r, err := v.Get(v.base + path)
	if err != nil {
		return "", 0, err
	}
	text, err := io.ReadAll(r.Body)
	took := time.Since(began)
	return string(text), took, errors.Join(err, r.Body.Close(), ok(r))
}

// measure is the list, from its beginning as deep as the requests go, then the
// case pages found on the way, then the public figures.
func (b *bench) measure(s *server) error {
	v, err := s.visit()
	if err != nil {
		return err
	}
	if err := v.signIn("caseworker"); err != nil {
		return err
	}
	for range 10 { // first uses prepare statements and fill caches, as in any day's first minute
		if _, _, err := v.get("/cases"); err != nil {
			return err
		}
	}
	if err := s.forgetPeak(); err != nil {
		b.note("the peak at %s includes the making: %v", doctors(s.people), err)
	}
	before, err := s.looks()
	if err != nil {
		return err
	}
	list, cases, depth, err := b.walk(v)
	if err != nil {
		return err
	}
	pages, err := v.all(cases)
	if err != nil {
		return err
	}
	after, err := s.looks()
	if err != nil {
		return err
	}
	peak, err := s.peak()
	if err != nil {
		return err
	}
	tracker, err := v.all(slices.Repeat([]string{"/tracker.json"}, 100))
	if err != nil {
		return err
	}
	size := doctors(s.people)
	b.addTimes("case list /cases", size, list)
	b.addTimes("case page /cases/{ref}", size, pages)
	b.addTimes("/tracker.json", size, tracker)
	b.add("most memory during list and case", size, fmt.Sprintf("%.0f MB", peak), "")
	b.add("looks written down", size, fmt.Sprintf("%d", after-before), fmt.Sprintf("for %d pages, the list read %d pages deep", len(list)+len(pages), depth))
	if after-before < len(list)+len(pages) {
		return fmt.Errorf("%d pages were shown and only %d looks written down", len(list)+len(pages), after-before)
	}
	return nil
}

// walk follows the list page after page, from the beginning again at its end,
// and gathers cases along the way.
func (b *bench) walk(v visitor) (times []time.Duration, cases []string, depth int, err error) {
	path, at := "/cases", 0
	for range b.requests {
		text, took, err := v.get(path)
		if err != nil {
			return nil, nil, 0, err
		}
		times = append(times, took)
		at++
		depth = max(depth, at)
		for i, m := range caseLink.FindAllStringSubmatch(text, -1) {
			if i%7 == 0 && len(cases) < b.requests {
				cases = append(cases, m[1])
			}
		}
		next := nextLink.FindStringSubmatch(text)
		if next == nil {
			path, at = "/cases", 0
			continue
		}
		path = next[1]
	}
	if len(cases) == 0 {
		return nil, nil, 0, errors.New("the list shows no case")
	}
	return times, cases, depth, nil
}

func (v visitor) all(paths []string) ([]time.Duration, error) {
	var times []time.Duration
	for _, path := range paths {
		_, took, err := v.get(path)
		if err != nil {
			return nil, err
		}
		times = append(times, took)
	}
	return times, nil
}

// looks counts what the audit wrote down of pages shown.
func (s *server) looks() (int, error) {
	text, err := sqlite(s.file, "SELECT count(*) FROM audit_entry WHERE look = 1")
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(text)
}

func sorted(all []time.Duration) []time.Duration {
	all = slices.Clone(all)
	slices.Sort(all)
	return all
}

func (b *bench) addTimes(what, size string, all []time.Duration) {
	v := sorted(all)
	b.add(what, size, "p50 "+millis(v[len(v)/2]), fmt.Sprintf("p99 %s, %d requests one after another", millis(v[len(v)*99/100]), len(v)))
}

func millis(d time.Duration) string  { return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000) }
func seconds(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) }

func doctors(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s + " doctors"
}
