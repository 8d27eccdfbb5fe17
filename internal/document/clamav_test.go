package document

import (
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"msw/bench/hostile"
	"msw/internal/database/dbtest"
)

func clamd(t *testing.T) ClamAV {
	t.Helper()
	address := os.Getenv("MSW_TEST_CLAMAV")
	if address == "" {
		if os.Getenv("MSW_TEST_STRICT") != "" {
			t.Fatal("MSW_TEST_CLAMAV is not set")
		}
		t.Skip("left out: ClamAV (set MSW_TEST_CLAMAV to a socket, as scripts/clamav.sh makes, or run make test)")
	}
	return ClamAV{Address: address}
}

// A real clamd finds the real EICAR string, plain and inside a PDF that the
// check takes, and finds nothing in a photo.
func TestClamAV(t *testing.T) {
	c := clamd(t)
	r := rand.New(rand.NewPCG(1, 1))
	for name, row := range map[string]struct {
		data  []byte
		found bool
	}{
		"EICAR": {hostile.EICAR(), true}, "photo": {hostile.JPEG(r), false}, "nothing": {nil, false},
		"long": {make([]byte, 5<<20), false}, "EICAR at the end of much": {append(make([]byte, 300<<10), hostile.EICAR()...), true},
	} {
		found, err := c.Scan(t.Context(), bytes.NewReader(row.data))
		if err != nil || strings.Contains(found, "Eicar") != row.found {
			t.Errorf("%s: %q, %v", name, found, err)
		}
	}
	if found, err := c.Scan(t.Context(), io.LimitReader(zeroes{}, 40<<20)); err == nil {
		t.Errorf("longer than clamd takes: %q and no error", found)
	}
	w := newWorld(t, dbtest.SQLite(t), true)
	w.s.o.Scanner = c
	d := w.add(w.doctor("d1"), "d1", "degree")
	infected := w.send(w.doctor("d1"), d.ID, hostile.PDF(r, "<</Type/Catalog/Pages 2 0 R>>", "<</Length 68>>\nstream\n"+string(hostile.EICAR())+"\nendstream"))
	clean := w.send(w.doctor("d1"), d.ID, hostile.JPEG(r))
	w.work()
	if w.state(d.ID) != Infected || w.opens(w.staff("assessor"), d.ID, infected.ID) || !w.opens(w.staff("assessor"), d.ID, clean.ID) {
		t.Errorf("state %s", w.state(d.ID))
	}
}

type zeroes struct{}

func (zeroes) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// Whatever goes wrong with a scanner is an error, never a clean file.
func TestAScannerThatFailsIsNotClean(t *testing.T) {
	for name, answer := range map[string]string{"hangs up": "", "an error": "stream: lstat() failed. ERROR\x00", "too long": "INSTREAM size limit exceeded. ERROR\x00", "something else": "HTTP/1.1 200 OK\r\n"} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = io.ReadAtLeast(conn, make([]byte, 64), 18)
			_, _ = io.WriteString(conn, answer)
			_ = conn.Close()
		}()
		if found, err := (ClamAV{Address: l.Addr().String()}).Scan(t.Context(), strings.NewReader("x")); err == nil {
			t.Errorf("%s: found %q and no error", name, found)
		}
		_ = l.Close()
	}
	if _, err := (ClamAV{Address: "127.0.0.1:1"}).Scan(t.Context(), strings.NewReader("x")); err == nil {
		t.Error("nobody listens, and no error")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0") // takes everything and never answers
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if _, err := (ClamAV{Address: l.Addr().String()}).Scan(ctx, strings.NewReader("x")); err == nil {
		t.Error("no answer, and no error")
	}
}
