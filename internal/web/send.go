package web

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// zipper keeps buffers and compressors for use again.
type zipper struct{ buffers, writers sync.Pool }

const keepBuffer = 1 << 20 // a larger one is left to the collector

func (z *zipper) buffer() *bytes.Buffer {
	if b, ok := z.buffers.Get().(*bytes.Buffer); ok {
		b.Reset()
		return b
	}
	return bytes.NewBuffer(make([]byte, 0, 32<<10))
}

func (z *zipper) release(b *bytes.Buffer) {
	if b.Cap() <= keepBuffer {
		z.buffers.Put(b)
	}
}

func (z *zipper) compress(dst io.Writer, b []byte) {
	g, ok := z.writers.Get().(*gzip.Writer)
	if !ok {
		g, _ = gzip.NewWriterLevel(io.Discard, gzip.BestSpeed) // the level is a right one
	}
	g.Reset(dst)
	_, _ = g.Write(b) // dst is a buffer, which does not fail
	_ = g.Close()
	z.writers.Put(g)
}

// bytes sends a whole text, compressed where the browser takes it.
func (s *Server) bytes(w http.ResponseWriter, q *http.Request, r Response, b []byte) {
	h := w.Header()
	h.Set("Content-Type", r.kind+"; charset=utf-8")
	h.Add("Vary", "Accept-Encoding")
	if len(b) > 1000 && strings.Contains(q.Header.Get("Accept-Encoding"), "gzip") {
		buf := s.gzip.buffer()
		defer s.gzip.release(buf)
		s.gzip.compress(buf, b)
		b = buf.Bytes()
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("Content-Length", strconv.Itoa(len(b)))
	w.WriteHeader(r.status)
	if q.Method != http.MethodHead {
		_, _ = w.Write(b) // the sender has gone: nothing to be done
	}
}

// stream sends a body of any length.
func (s *Server) stream(w http.ResponseWriter, q *http.Request, r Response) {
	if c, ok := r.body.(io.Closer); ok {
		defer c.Close()
	}
	h := w.Header()
	h.Set("Content-Type", r.kind)
	if r.name != "" {
		h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": r.name}))
	}
	w.WriteHeader(r.status)
	if q.Method == http.MethodHead {
		return
	}
	if _, err := io.Copy(w, r.body); err != nil {
		s.o.Log.Error("download broke off", "request", traceOf(q).id, "route", traceOf(q).pattern, "err", err)
		panic(http.ErrAbortHandler) // so that the browser does not take a part for the whole
	}
}

func (s *Server) flashName() string { return CookieName("msw-said", s.o.Secure) }

// CookieName gives the name under which a cookie is bound to this very site
// when it is served over TLS.
func CookieName(name string, secure bool) string {
	if secure {
		return "__Host-" + name
	}
	return name
}

// setFlash leaves what the next page says. It is signed, so that no one else
// can put words into our page, and lives for one minute.
func (s *Server) setFlash(w http.ResponseWriter, _ *http.Request, text string) {
	if text == "" {
		return
	}
	if len(text) > 1000 {
		text = strings.ToValidUTF8(text[:1000], "")
	}
	value := base64.RawURLEncoding.EncodeToString([]byte(text)) + "." + s.o.DB.Vault().Token("", "web flash", text)
	http.SetCookie(w, &http.Cookie{Name: s.flashName(), Value: value, Path: "/", MaxAge: 60, HttpOnly: true, Secure: s.o.Secure, SameSite: http.SameSiteLaxMode})
}

func (s *Server) takeFlash(w http.ResponseWriter, q *http.Request) string {
	c, err := q.Cookie(s.flashName())
	if err != nil {
		return ""
	}
	http.SetCookie(w, &http.Cookie{Name: s.flashName(), Path: "/", MaxAge: -1, HttpOnly: true, Secure: s.o.Secure, SameSite: http.SameSiteLaxMode})
	encoded, sum, _ := strings.Cut(c.Value, ".")
	text, err := base64.RawURLEncoding.DecodeString(encoded)
	if err != nil || s.o.DB.Vault().Token("", "web flash", string(text)) != sum {
		return ""
	}
	return string(text)
}
