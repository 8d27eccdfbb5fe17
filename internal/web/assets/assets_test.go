package assets

import (
	"bytes"
	"compress/gzip"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/fstest"
)

func zipped(text string) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write([]byte(text)) // to memory
	_ = w.Close()
	return b.Bytes()
}

func built(t *testing.T) *Assets {
	t.Helper()
	a, err := open(fstest.MapFS{
		"manifest.json":      {Data: []byte(`{"msw.css": {"file": "msw.12ab.css", "type": "text/css; charset=utf-8"}}`)},
		"msw.12ab.css.gz":    {Data: zipped("body{}")},
		"not-in-manifest.js": {Data: []byte("1")},
	})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestOpenWithoutAssetsSaysWhatToDo(t *testing.T) {
	_, err := open(fstest.MapFS{".gitignore": {Data: []byte("*")}})
	if !errors.Is(err, ErrMissing) {
		t.Fatalf("got %v, want ErrMissing", err)
	}
}

func TestOpenRefusesAManifestWithoutItsFile(t *testing.T) {
	_, err := open(fstest.MapFS{"manifest.json": {Data: []byte(`{"msw.css": {"file": "gone.css"}}`)}})
	if err == nil {
		t.Fatal("a missing file was not noticed")
	}
}

func TestURL(t *testing.T) {
	if got := built(t).URL("msw.css"); got != "/assets/msw.12ab.css" {
		t.Errorf("got %s", got)
	}
	if got := None().URL("msw.css"); got != "/assets/msw.css" {
		t.Errorf("without assets: got %s", got)
	}
}

func TestHandler(t *testing.T) {
	tests := []struct {
		name, method, path, accept string
		status                     int
		body, encoding             string
	}{
		{"plain", "GET", "/assets/msw.12ab.css", "", 200, "body{}", ""},
		{"gzip", "GET", "/assets/msw.12ab.css", "br, gzip", 200, string(zipped("body{}")), "gzip"},
		{"gzip refused", "GET", "/assets/msw.12ab.css", "gzip;q=0", 200, "body{}", ""},
		{"head", "HEAD", "/assets/msw.12ab.css", "", 200, "", ""},
		{"unknown", "GET", "/assets/msw.css", "", 404, "404 page not found\n", ""},
		{"not in the manifest", "GET", "/assets/not-in-manifest.js", "", 404, "404 page not found\n", ""},
		{"manifest", "GET", "/assets/manifest.json", "", 404, "404 page not found\n", ""},
		{"elsewhere", "GET", "/other/msw.12ab.css", "", 404, "404 page not found\n", ""},
		{"post", "POST", "/assets/msw.12ab.css", "", 405, "Method not allowed\n", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := httptest.NewRequest(tt.method, tt.path, nil)
			r.Header.Set("Accept-Encoding", tt.accept)
			w := httptest.NewRecorder()
			built(t).Handler().ServeHTTP(w, r)
			if w.Code != tt.status || w.Body.String() != tt.body || w.Header().Get("Content-Encoding") != tt.encoding {
				t.Errorf("got %d %q %q", w.Code, w.Body, w.Header().Get("Content-Encoding"))
			}
			if tt.status != http.StatusOK {
				return
			}
			for name, want := range map[string]string{
				"Content-Type": "text/css; charset=utf-8", "X-Content-Type-Options": "nosniff",
				"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding",
			} {
				if got := w.Header().Get(name); got != want {
					t.Errorf("%s: got %q, want %q", name, got, want)
				}
			}
		})
	}
}
