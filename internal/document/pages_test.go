package document

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image/jpeg"
	"image/png"
	"log/slog"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"msw/bench/hostile"
	"msw/internal/access"
	"msw/internal/clock"
	"msw/internal/database/dbtest"
	"msw/internal/problem"
	"msw/internal/web"
)

func (w *world) site() http.Handler {
	w.s.o.Ref = func(_ context.Context, _, doctor string) (string, error) { return "REF-" + doctor, nil }
	w.s.o.ByRef = func(_ context.Context, _, ref string) (string, error) {
		if id, ok := strings.CutPrefix(ref, "REF-"); ok {
			return id, nil
		}
		return "", problem.Missing()
	}
	w.s.o.Names = func(_ context.Context, _ string, ids []string) (map[string]string, error) {
		out := map[string]string{}
		for _, id := range ids {
			out[id] = "Name of " + id
		}
		return out, nil
	}
	w.s.o.RightToWork = func(context.Context, access.Call, string) (string, error) {
		return "CATEGORY, until 1 May 2027.", nil
	}
	people := map[string]access.Call{"d1": w.doctor("d1"), "d2": w.doctor("d2"), "employer": w.hr("employer-of-d1"), "host": w.hr("host")}
	for _, role := range []access.Role{"caseworker", "assessor", "national_lead", "supervisor", "operator"} {
		people[string(role)] = w.staff(role)
	}
	s, err := web.New(web.Options{DB: w.db, Access: w.s.access, Log: slog.New(slog.DiscardHandler), Now: func() clock.Instant { return w.now },
		Actor: func(r *http.Request) (access.Actor, bool, error) {
			c, ok := people[r.Header.Get("Who")]
			return c.Actor, ok, nil
		}})
	if err != nil {
		w.t.Fatal(err)
	}
	if err := s.Handle(NewPages(w.s).Routes()...); err != nil {
		w.t.Fatal(err)
	}
	return s
}

var senders atomic.Int32

func ask(site http.Handler, who, method, path, kind string, body []byte) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, bytes.NewReader(body))
	r.Header.Set("Who", who)
	r.RemoteAddr = "[2001:db8:" + strconv.FormatInt(int64(senders.Add(1)), 16) + "::1]:1" // one address may not send so much
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	out := httptest.NewRecorder()
	site.ServeHTTP(out, r)
	return out
}

func form(site http.Handler, who, path string, fields url.Values) *httptest.ResponseRecorder {
	return ask(site, who, "POST", path, "application/x-www-form-urlencoded", []byte(fields.Encode()))
}

// file sends one page as a browser without script does.
func file(t *testing.T, site http.Handler, who, path, name string, data []byte) *httptest.ResponseRecorder {
	t.Helper()
	var b bytes.Buffer
	f := multipart.NewWriter(&b)
	_ = f.WriteField("idempotency-key", "k")
	_ = f.WriteField("name", "front")
	w, err := f.CreateFormFile("file", name)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = w.Write(data)
	_ = f.Close()
	return ask(site, who, "POST", path, f.FormDataContentType(), b.Bytes())
}

// A doctor's way without script, and what everybody else is shown of it.
func TestPagesWithoutScript(t *testing.T) {
	run(t, true, func(t *testing.T, w *world) {
		site := w.site()
		bad := form(site, "d1", "/documents/add", url.Values{"title": {"KEPT WORDS"}})
		if bad.Code != 422 || !strings.Contains(bad.Body.String(), "KEPT WORDS") || !strings.Contains(bad.Body.String(), "Choose what kind of document it is") {
			t.Fatalf("%d", bad.Code)
		}
		made := form(site, "d1", "/documents/add", url.Values{"kind": {"degree"}, "title": {"My degree"}})
		at := made.Header().Get("Location")
		if made.Code != 303 || !strings.HasPrefix(at, "/documents/") {
			t.Fatalf("%d %s", made.Code, made.Body)
		}
		if got := ask(site, "d1", "POST", at+"/pages", "multipart/form-data; boundary=x", []byte("--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"\"\r\n\r\n\r\n--x--\r\n")); got.Code != 422 || !strings.Contains(got.Body.String(), "Choose a photo or a PDF") {
			t.Errorf("no file: %d", got.Code)
		}
		if got := file(t, site, "d1", at+"/pages", "a.jpg", make([]byte, 3<<20)); got.Code != 422 || !strings.Contains(got.Body.String(), "larger than 2 MB") {
			t.Errorf("too large: %d", got.Code)
		}
		if got := file(t, site, "d1", at+"/pages", "cv.docx", []byte("<svg xmlns='http://www.w3.org/2000/svg'/>")); got.Code != 422 || !strings.Contains(got.Body.String(), "can run programs") || !strings.Contains(got.Body.String(), "front") {
			t.Errorf("a drawing: %d", got.Code)
		}
		if got := file(t, site, "d1", at+"/pages", "photo.exe", hostile.Located(photo(t, 3), 6)); got.Code != 303 {
			t.Fatalf("a photo: %d %s", got.Code, got.Body)
		}
		if got := file(t, site, "d2", at+"/pages", "photo.jpg", photo(t, 9)); got.Code != 404 {
			t.Errorf("somebody else's page: %d", got.Code)
		}
		if got := file(t, site, "assessor", at+"/pages", "photo.jpg", photo(t, 9)); got.Code != 404 {
			t.Errorf("an assessor's page in a doctor's document: %d", got.Code)
		}
		right := form(site, "d1", "/documents/add", url.Values{"kind": {"right_to_work"}, "title": {"SECRET PAPER"}}).Header().Get("Location")
		if got := file(t, site, "d1", right+"/pages", "p.jpg", photo(t, 5)); got.Code != 303 {
			t.Fatal(got.Code)
		}
		before := ask(site, "assessor", "GET", at, "", nil).Body.String()
		if !strings.Contains(before, "cannot be opened before it was scanned") || strings.Contains(before, "/picture") {
			t.Error("a page that was not scanned is shown to an assessor")
		}
		w.work()
		for _, row := range []struct {
			who, path string
			code      int
			must, not []string
		}{
			{"d1", "/documents", 200, []string{"My degree", "SECRET PAPER", "Ready", "up to 2 MB each", "set by this programme"}, nil},
			{"d1", at, 200, []string{"/picture", "where the photo was taken", "Remove this page", "front"}, nil},
			{"assessor", at, 200, []string{"/picture", "Name of d1"}, []string{"Remove this page", "Take it back"}},
			{"assessor", "/cases/REF-d1/documents", 200, []string{"My degree", "CATEGORY, until 1 May 2027"}, []string{"SECRET PAPER", right}},
			{"caseworker", "/cases/REF-d1/documents", 200, []string{"My degree"}, []string{"SECRET PAPER", right}},
			{"employer", "/cases/REF-d1/documents", 200, []string{"SECRET PAPER"}, []string{"My degree", at, "CATEGORY"}},
			{"host", "/cases/REF-d1/documents", 404, nil, []string{"SECRET PAPER", "My degree"}},
			{"supervisor", "/cases/REF-d1/documents", 404, nil, []string{"SECRET PAPER", "My degree"}},
			{"d2", "/cases/REF-d1/documents", 404, nil, []string{"SECRET PAPER", "My degree"}},
			{"assessor", right, 404, nil, []string{"SECRET"}},
			{"employer", right, 200, []string{"SECRET PAPER", "/picture"}, []string{"Remove"}},
			{"employer", at, 404, nil, []string{"My degree"}},
			{"caseworker", "/documents/add?case=REF-d1", 200, []string{"Medical degree certificate", "Name of d1"}, []string{"right to work"}},
			{"host", "/documents/add?case=REF-d1", 404, nil, nil},
			{"d1", at + "/withdraw", 200, []string{"Take it back"}, nil},
			{"assessor", at + "/withdraw", 404, nil, nil},
			{"assessor", "/same-files", 200, []string{"Nothing to look at"}, nil},
			{"caseworker", "/same-files", 404, nil, nil},
		} {
			got := ask(site, row.who, "GET", row.path, "", nil)
			body := got.Body.String()
			if got.Code != row.code {
				t.Errorf("%s %s: %d", row.who, row.path, got.Code)
			}
			for _, text := range row.must {
				if !strings.Contains(body, text) {
					t.Errorf("%s %s: %q is not there", row.who, row.path, text)
				}
			}
			for _, text := range row.not {
				if strings.Contains(body, text) {
					t.Errorf("%s %s: %q is there", row.who, row.path, text)
				}
			}
		}
	})
}

// The way with script: begin, parts, finish; each error with words for the page.
func TestUploadAddresses(t *testing.T) {
	run(t, true, func(t *testing.T, w *world) {
		site := w.site()
		d := w.add(w.doctor("d1"), "d1", "degree")
		data := append(photo(t, 1), make([]byte, PartBytes)...)
		at := "/documents/" + d.ID + "/uploads"
		var up Sending
		got := ask(site, "d1", "POST", at+".json", "application/json", fmt.Appendf(nil, `{"name":"a.jpg","page":"back","size":%d}`, len(data)))
		if err := json.Unmarshal(got.Body.Bytes(), &up); err != nil || got.Code != 200 || up.PartBytes != PartBytes {
			t.Fatalf("%d %s", got.Code, got.Body)
		}
		at += "/" + up.ID
		if got := ask(site, "d1", "POST", at+"/part.json?number=0", "application/octet-stream", data[:PartBytes]); got.Code != 200 {
			t.Fatalf("%d %s", got.Code, got.Body)
		}
		if got := ask(site, "d1", "GET", at+"/progress.json", "", nil); got.Code != 200 || !strings.Contains(got.Body.String(), `"parts":[0]`) {
			t.Errorf("%d %s", got.Code, got.Body)
		}
		if got := ask(site, "d2", "GET", at+"/progress.json", "", nil); got.Code != 404 {
			t.Errorf("somebody else's upload: %d", got.Code)
		}
		w.blobs.fail = true
		if got := ask(site, "d1", "POST", at+"/part.json?number=1", "application/octet-stream", data[PartBytes:]); got.Code != 503 {
			t.Errorf("the store is down: %d", got.Code)
		}
		w.blobs.fail = false
		if got := ask(site, "d1", "POST", at+"/part.json?number=1", "application/octet-stream", data[PartBytes:]); got.Code != 200 {
			t.Fatalf("%d %s", got.Code, got.Body)
		}
		if got := ask(site, "d1", "POST", at+"/finish.json", "", nil); got.Code != 200 || !strings.Contains(got.Body.String(), "Page 1 was added. We removed hidden data after the end") {
			t.Errorf("%d %s", got.Code, got.Body)
		}
		bad := []byte("<html><script>alert(1)</script>")
		got = ask(site, "d1", "POST", "/documents/"+d.ID+"/uploads.json", "application/json", fmt.Appendf(nil, `{"name":"a.jpg","page":"","size":%d}`, len(bad)))
		_ = json.Unmarshal(got.Body.Bytes(), &up)
		at = "/documents/" + d.ID + "/uploads/" + up.ID
		_ = ask(site, "d1", "POST", at+"/part.json?number=0", "application/octet-stream", bad)
		if got := ask(site, "d1", "POST", at+"/finish.json", "", nil); got.Code != 422 || !strings.Contains(got.Body.String(), "can run programs") {
			t.Errorf("%d %s", got.Code, got.Body)
		}
	})
}

// 1,000 hostile files are sent as a browser sends them. Whatever was kept is
// asked for again, by its doctor and by an assessor: nothing is ever served as
// anything but our own picture or a file to save, in a sandbox.
func TestHostileFilesAreNeverServedAsActiveContent(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t), true)
	w.scanner.found = ""
	w.limits = map[string]int{"document_megabytes": 20, "document_pages": 2000, "document_count": 10}
	site := w.site()
	d := w.add(w.doctor("d1"), "d1", "degree")
	kept, refused := 0, 0
	for f := range hostile.Each(1000) {
		got := file(t, site, "d1", "/documents/"+d.ID+"/pages", f.Name, f.Data)
		switch {
		case got.Code == 303:
			kept++
		case (got.Code == 422 || got.Code == 413) && f.Want != hostile.Neutralised:
			refused++
		default:
			t.Fatalf("%s: %d %s", f.Kind, got.Code, got.Body)
		}
	}
	w.work()
	pages, err := w.s.pagesOf(w.ctx, tenant, d.ID)
	if err != nil || len(pages) == 0 {
		t.Fatal(len(pages), err)
	}
	for _, p := range pages {
		for _, what := range []string{"file", "picture"} {
			got := ask(site, "assessor", "GET", "/documents/"+d.ID+"/pages/"+p.ID+"/"+what, "", nil)
			if what == "picture" && !p.Format.Picture() {
				if got.Code != 404 {
					t.Errorf("a PDF is shown inside a page: %d", got.Code)
				}
				continue
			}
			inert(t, got, what)
		}
	}
	t.Logf("%d sent: %d kept as %d pages, %d refused, 0 served as active content", kept+refused, kept, len(pages), refused)
}

func inert(t *testing.T, got *httptest.ResponseRecorder, what string) {
	t.Helper()
	h := got.Header()
	kind, body := h.Get("Content-Type"), got.Body.Bytes()
	how, params, err := mime.ParseMediaType(h.Get("Content-Disposition"))
	switch {
	case got.Code != 200, h.Get("X-Content-Type-Options") != "nosniff", !strings.HasPrefix(h.Get("Content-Security-Policy"), "sandbox;"), h.Get("Cache-Control") != "no-store":
		t.Errorf("%d %v", got.Code, h)
	case what == "file" && (err != nil || how != "attachment" || strings.ContainsAny(params["filename"], "/\\<>\"")):
		t.Errorf("not a file to save: %q", h.Get("Content-Disposition"))
	case kind == "image/jpeg":
		_, err = jpeg.Decode(bytes.NewReader(body))
	case kind == "image/png":
		_, err = png.Decode(bytes.NewReader(body))
	case kind == "application/pdf" && what == "file":
		if !bytes.HasPrefix(body, []byte("%PDF-")) {
			t.Error("not a PDF")
		}
	default:
		t.Errorf("served as %q", kind)
	}
	if err != nil && what == "picture" {
		t.Errorf("not our own picture: %v", err)
	}
	for _, canary := range []string{"CANARY", "<script", "HALT_COMPILER", "/JavaScript"} {
		if bytes.Contains(body, []byte(canary)) {
			t.Errorf("%q is served", canary)
		}
	}
}
