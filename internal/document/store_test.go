package document

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"msw/internal/database/dbtest"
)

// keepsBlobs is what every store must do.
func keepsBlobs(t *testing.T, b Blobs) {
	t.Helper()
	name := "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	if _, err := b.Open(t.Context(), name); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("nothing is there: %v", err)
	}
	want := bytes.Repeat([]byte("sealed "), 60_000)
	if err := b.Put(t.Context(), name, bytes.NewReader(want)); err != nil {
		t.Fatal(err)
	}
	r, err := b.Open(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(r)
	if err = errors.Join(err, r.Close()); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	broken := io.MultiReader(strings.NewReader("half"), &failing{})
	if err := b.Put(t.Context(), "BBCDEFGHIJKLMNOPQRSTUVWXYZ", broken); err == nil {
		t.Error("half a blob was kept")
	}
	if _, err := b.Open(t.Context(), "BBCDEFGHIJKLMNOPQRSTUVWXYZ"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("half a blob lies there: %v", err)
	}
	if err := errors.Join(b.Delete(t.Context(), name), b.Delete(t.Context(), name)); err != nil {
		t.Error(err)
	}
	if _, err := b.Open(t.Context(), name); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("deleted, but: %v", err)
	}
}

type failing struct{}

func (*failing) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestFolder(t *testing.T) {
	root := filepath.Join(t.TempDir(), "blobs")
	f := NewFolder(root, false)
	keepsBlobs(t, f)
	for _, name := range []string{"../../etc/passwd", "", "short", "lower-case-name", "AB/../../../../X"} {
		if err := f.Put(t.Context(), name, strings.NewReader("x")); !errors.Is(err, fs.ErrInvalid) {
			t.Errorf("%q: %v", name, err)
		}
	}
	_ = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			t.Errorf("%s is left", path)
		}
		if about, err := os.Stat(path); err == nil && about.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s may be read by others: %s", path, about.Mode())
		}
		return nil
	})
}

func TestMemory(t *testing.T) { keepsBlobs(t, NewMemory()) }

// bucket is a small store that speaks S3: it keeps objects under keys, checks
// each request's signature with the secret, and each body's checksum.
type bucket struct {
	mu           sync.Mutex
	objects      map[string][]byte
	bad, refused int
}

const s3Key, s3Secret = "THEKEY", "the/secret"

func (b *bucket) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !signed(r) {
		b.refused++
		http.Error(w, "<Error><Code>SignatureDoesNotMatch</Code></Error>", http.StatusForbidden)
		return
	}
	body, _ := io.ReadAll(r.Body)
	switch r.Method {
	case http.MethodPut:
		sum := sha256.Sum256(body)
		if r.Header.Get("X-Amz-Content-Sha256") != hex.EncodeToString(sum[:]) || r.ContentLength != int64(len(body)) {
			b.bad++
			http.Error(w, "<Error><Code>XAmzContentSHA256Mismatch</Code></Error>", http.StatusBadRequest)
			return
		}
		b.objects[r.URL.Path] = body
	case http.MethodDelete:
		delete(b.objects, r.URL.Path)
		w.WriteHeader(http.StatusNoContent)
	default:
		data, ok := b.objects[r.URL.Path]
		if !ok {
			w.Header().Set("Content-Type", "application/xml")
			w.WriteHeader(http.StatusNotFound)
			_, _ = io.WriteString(w, "<Error><Code>NoSuchKey</Code></Error>")
			return
		}
		w.Header().Set("Last-Modified", "Mon, 02 Mar 2026 09:00:00 GMT")
		http.ServeContent(w, r, "", start.Time(), bytes.NewReader(data))
	}
}

// signed works out a request's signature (version 4) anew and compares.
func signed(r *http.Request) bool {
	fields := map[string]string{}
	for _, part := range strings.Split(strings.TrimPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 "), ",") {
		k, v, _ := strings.Cut(strings.TrimSpace(part), "=")
		fields[k] = v
	}
	scope := strings.Split(fields["Credential"], "/")
	if len(scope) != 5 || scope[0] != s3Key {
		return false
	}
	var heads string
	names := strings.Split(fields["SignedHeaders"], ";")
	if !slices.Contains(names, "host") {
		return false
	}
	for _, name := range names {
		value := strings.Join(r.Header.Values(name), ",")
		if name == "host" {
			value = r.Host
		}
		if name == "content-length" {
			value = fmt.Sprint(r.ContentLength)
		}
		heads += name + ":" + strings.TrimSpace(value) + "\n"
	}
	canonical := strings.Join([]string{r.Method, r.URL.EscapedPath(), r.URL.Query().Encode(), heads, fields["SignedHeaders"], r.Header.Get("X-Amz-Content-Sha256")}, "\n")
	sum := sha256.Sum256([]byte(canonical))
	text := "AWS4-HMAC-SHA256\n" + r.Header.Get("X-Amz-Date") + "\n" + strings.Join(scope[1:], "/") + "\n" + hex.EncodeToString(sum[:])
	key := []byte("AWS4" + s3Secret)
	for _, part := range append(scope[1:], text) {
		h := hmac.New(sha256.New, key)
		h.Write([]byte(part))
		key = h.Sum(nil)
	}
	return hex.EncodeToString(key) == fields["Signature"]
}

func TestBucket(t *testing.T) {
	b := &bucket{objects: map[string][]byte{}}
	site := httptest.NewServer(b)
	defer site.Close()
	address := func(secret string) string {
		u, _ := url.Parse(site.URL)
		return "s3+http://" + s3Key + ":" + url.QueryEscape(secret) + "@" + u.Host + "/papers/msw?region=eu-west-2"
	}
	s, err := NewBucket(address(s3Secret), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	keepsBlobs(t, s)
	if b.refused+b.bad > 0 {
		t.Errorf("%d requests were refused, %d were spoilt", b.refused, b.bad)
	}
	if err := s.Put(t.Context(), "ZZZZZZZZZZ", strings.NewReader("x")); err != nil || string(b.objects["/papers/msw/ZZZZZZZZZZ"]) != "x" {
		t.Errorf("%v, %v", err, b.objects)
	}
	other, err := NewBucket(address("another secret"), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Put(t.Context(), "ZZZZZZZZZZ", strings.NewReader("y")); err == nil || b.refused == 0 {
		t.Errorf("a wrong secret was taken: %v", err)
	}
	for _, wrong := range []string{"s3://host/bucket", "s3://k:HUSH@host", "s3://k:HUSH@/b", "ftp://k:HUSH@h/b", "s3://k:HUSH@h:port/b"} {
		if _, err := NewBucket(wrong, time.Now); err == nil || strings.Contains(err.Error(), "HUSH") {
			t.Errorf("%s: %v", wrong, err)
		}
	}
}

// A blob that was cut short, lengthened, changed, moved to another page or whose
// person's key was destroyed gives nothing but an error, and nothing readable
// lies in the store.
func TestSealedBlobs(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t), true)
	h := home{tenant: tenant, doctor: "d1", document: "D", page: "P", blob: "B"}
	if err := w.db.Tx(w.ctx, func(ctx context.Context) error { return w.db.Vault().Make(ctx, tenant, "d1") }); err != nil {
		t.Fatal(err)
	}
	for _, size := range []int{0, 1, chunkBytes - 1, chunkBytes, chunkBytes + 1, 3*chunkBytes + 7} {
		plain := bytes.Repeat([]byte("CANARY."), size/7+1)[:size]
		sealed, err := io.ReadAll(w.s.sealing(w.ctx, h, bytes.NewReader(plain)))
		if err != nil || bytes.Contains(sealed, []byte("CANARY")) {
			t.Fatalf("%d: %v", size, err)
		}
		open := func(h home, b []byte) ([]byte, error) {
			return io.ReadAll(w.s.opening(w.ctx, h, io.NopCloser(bytes.NewReader(b))))
		}
		if got, err := open(h, sealed); err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("%d: %d bytes, %v", size, len(got), err)
		}
		for _, cut := range []int{1, chunkHeader, len(sealed) / 2, len(sealed) - 1, len(sealed)} {
			if _, err := open(h, sealed[:len(sealed)-min(cut, len(sealed))]); err == nil {
				t.Errorf("%d: %d bytes shorter, and it opens", size, cut)
			}
		}
		if _, err := open(h, append(bytes.Clone(sealed), 0)); err == nil {
			t.Errorf("%d: longer, and it opens", size)
		}
		for at := 0; at < len(sealed); at += 1 + len(sealed)/50 {
			changed := bytes.Clone(sealed)
			changed[at] ^= 1
			if _, err := open(h, changed); err == nil {
				t.Errorf("%d: byte %d changed, and it opens", size, at)
			}
		}
		for _, other := range []home{{"other", "d1", "D", "P", "B"}, {tenant, "d2", "D", "P", "B"}, {tenant, "d1", "E", "P", "B"}, {tenant, "d1", "D", "Q", "B"}, {tenant, "d1", "D", "P", "C"}} {
			if _, err := open(other, sealed); err == nil {
				t.Errorf("opens as %+v", other)
			}
		}
		if size > 2*chunkBytes { // the last chunk alone, or the first two the other way round
			chunk := chunkHeader + chunkBytes + 28
			if _, err := open(h, append(bytes.Clone(sealed[chunk:2*chunk]), sealed[:chunk]...)); err == nil {
				t.Error("chunks in another order open")
			}
		}
	}
	sealed, _ := io.ReadAll(w.s.sealing(w.ctx, h, strings.NewReader("x")))
	if err := w.db.Tx(w.ctx, func(ctx context.Context) error { return w.db.Vault().Forget(ctx, tenant, "d1") }); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(w.s.opening(w.ctx, h, io.NopCloser(bytes.NewReader(sealed)))); err == nil {
		t.Error("the key is gone, and it opens")
	}
}

// Nothing readable is ever put in the store, not even for a moment, and nothing
// of a place remains.
func TestNothingReadableIsStored(t *testing.T) {
	run(t, true, func(t *testing.T, w *world) {
		d := w.add(w.doctor("d1"), "d1", "degree")
		w.send(w.doctor("d1"), d.ID, append(photo(t, 1), "CANARY"...))
		w.work()
		for _, b := range w.blobs.all {
			if bytes.Contains(b, []byte("CANARY")) || bytes.Contains(b, []byte("\xff\xd8\xff")) || bytes.Contains(b, []byte("JFIF")) {
				t.Error("something readable was stored")
			}
		}
		if len(w.blobs.all) < 2 {
			t.Errorf("only %d blobs were stored", len(w.blobs.all))
		}
		if bytes.Contains(w.scanner.seen[0], []byte("CANARY")) || !bytes.HasPrefix(w.scanner.seen[0], []byte("\xff\xd8\xff")) {
			t.Error("the scanner was not shown what is handed out")
		}
	})
}

func TestTheSameFileUnderTwoPeople(t *testing.T) {
	run(t, true, func(t *testing.T, w *world) {
		one, two := w.add(w.doctor("d1"), "d1", "degree"), w.add(w.doctor("d2"), "d2", "degree")
		a, b := w.send(w.doctor("d1"), one.ID, photo(t, 1)), w.send(w.doctor("d2"), two.ID, photo(t, 1))
		w.send(w.doctor("d2"), two.ID, photo(t, 2))
		list, err := w.s.SameFile(w.ctx, w.staff("assessor"), "", 10)
		if err != nil || len(list) != 1 || list[0].Page != b.ID || list[0].OtherPage != a.ID {
			t.Fatalf("%+v, %v", list, err)
		}
		if rest, err := w.s.SameFile(w.ctx, w.staff("assessor"), list[0].ID, 10); err != nil || len(rest) != 0 {
			t.Errorf("%+v, %v", rest, err)
		}
		for _, doctor := range []string{"d1", "d2"} {
			if list, err := w.s.SameFileOf(w.ctx, tenant, doctor); err != nil || len(list) != 1 {
				t.Errorf("%s: %+v, %v", doctor, list, err)
			}
		}
		if _, err := w.s.SameFile(w.ctx, w.staff("caseworker"), "", 10); err == nil {
			t.Error("a caseworker sees the list")
		}
	})
}

// A replaced document is kept as history; one taken back is the doctor's alone.
func TestReplaceAndWithdraw(t *testing.T) {
	run(t, true, func(t *testing.T, w *world) {
		own := w.doctor("d1")
		old := w.add(own, "d1", "degree")
		page := w.send(own, old.ID, photo(t, 1))
		w.work()
		fresh, err := w.s.Add(w.ctx, own, NewDocument{Doctor: "d1", Kind: "degree", Replaces: old.ID})
		if err != nil {
			t.Fatal(err)
		}
		if w.state(old.ID) != Ready {
			t.Error("replaced before the new one has a page")
		}
		w.send(own, fresh.ID, photo(t, 2))
		w.work()
		if w.state(old.ID) != Replaced || w.state(fresh.ID) != Ready || !w.opens(w.staff("assessor"), old.ID, page.ID) {
			t.Errorf("%s, %s", w.state(old.ID), w.state(fresh.ID))
		}
		if ok, _ := w.s.Exists(w.ctx, tenant, "d1", old.ID); ok {
			t.Error("a replaced document stands")
		}
		if ok, _ := w.s.Exists(w.ctx, tenant, "d2", fresh.ID); ok {
			t.Error("it is another doctor's")
		}
		d, _ := w.s.Get(w.ctx, tenant, fresh.ID)
		if err := w.s.Withdraw(w.ctx, own, fresh.ID, d.Version-1); err == nil {
			t.Error("withdrawn with an old version")
		}
		if err := w.s.Withdraw(w.ctx, own, fresh.ID, d.Version); err != nil {
			t.Fatal(err)
		}
		if _, err := w.s.Look(w.ctx, w.staff("assessor"), fresh.ID); err == nil {
			t.Error("an assessor sees what was taken back")
		}
	})
}

// What was left behind is destroyed: an upload nobody finished, and a blob that
// no row came to keep.
func TestSweep(t *testing.T) {
	run(t, true, func(t *testing.T, w *world) {
		own := w.doctor("d1")
		d := w.add(own, "d1", "degree")
		kept := w.send(own, d.ID, photo(t, 1))
		up, err := w.s.Begin(w.ctx, own, d.ID, "", "a.jpg", 2*PartBytes)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.s.Part(w.ctx, own, d.ID, up.ID, 0, make([]byte, PartBytes)); err != nil {
			t.Fatal(err)
		}
		if _, err := w.s.put(w.ctx, tenant, "d1", w.now, func(string) io.Reader { return strings.NewReader("x") }); err != nil {
			t.Fatal(err)
		}
		sweep := func(later int) int {
			t.Helper()
			for range 2 { // what an upload leaves goes with the next round
				if err := w.s.Sweep(w.ctx, tenant, w.now.Add(time.Duration(later)*24*time.Hour)); err != nil {
					t.Fatal(err)
				}
			}
			return len(w.blobs.blobs)
		}
		if n := sweep(0); n != 3 {
			t.Errorf("%d blobs, while all of it is young", n)
		}
		if n := sweep(2); n != 2 {
			t.Errorf("%d blobs after 2 days", n)
		}
		if n := sweep(4); n != 1 {
			t.Errorf("%d blobs after 4 days", n)
		}
		if !w.opens(own, d.ID, kept.ID) {
			t.Error("a page was swept away")
		}
		if _, err := w.s.Progress(w.ctx, own, d.ID, up.ID); err == nil {
			t.Error("the upload is still there")
		}
	})
}
