// Package assets holds the browser's files (styles, script, icons) inside the
// binary and serves them under names that carry a hash of their content, so
// that browsers keep them for ever. The files are made by "make assets" from
// the pinned npm packages and src/; none of them is committed.
//
// It is not for files that people upload.
package assets

import (
	"bytes"
	"compress/gzip"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
)

//go:embed all:dist
var dist embed.FS

// Prefix is the path the handler is mounted at.
const Prefix = "/assets/"

// ErrMissing says that the binary was built without assets.
var ErrMissing = errors.New(`the browser's files were not built: run "make assets", then build again`)

// Assets are the browser's files.
type Assets struct {
	urls  map[string]string
	files map[string]file
}

// file lies in the binary once: compressed where that is smaller.
type file struct {
	kind        string
	plain, gzip []byte // one of them
}

// entry is one line of manifest.json, written by tools/assets.
type entry struct {
	File string `json:"file"`
	Type string `json:"type"`
}

// Open reads the files built into the binary. It answers ErrMissing when
// there are none.
func Open() (*Assets, error) {
	sub, err := fs.Sub(dist, "dist")
	if err != nil {
		return nil, fmt.Errorf("assets: %w", err)
	}
	return open(sub)
}

// None has no files: its URLs carry no hash and answer 404. It lets tests of
// pages run where no assets were built.
func None() *Assets { return &Assets{} }

func open(fsys fs.FS) (*Assets, error) {
	text, err := fs.ReadFile(fsys, "manifest.json")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrMissing
	}
	if err != nil {
		return nil, fmt.Errorf("assets: %w", err)
	}
	var manifest map[string]entry
	if err := json.Unmarshal(text, &manifest); err != nil {
		return nil, fmt.Errorf("assets: manifest.json: %w", err)
	}
	a := &Assets{urls: map[string]string{}, files: map[string]file{}}
	for name, e := range manifest {
		f := file{kind: e.Type}
		f.gzip, err = fs.ReadFile(fsys, e.File+".gz")
		if errors.Is(err, fs.ErrNotExist) {
			f.plain, err = fs.ReadFile(fsys, e.File)
		}
		if err != nil {
			return nil, fmt.Errorf("assets: %s: %w", name, err)
		}
		a.urls[name] = Prefix + e.File
		a.files[e.File] = f
	}
	return a, nil
}

// URL gives the path of a file by its plain name: msw.css, msw.js,
// favicon.svg, licences.txt.
func (a *Assets) URL(name string) string {
	if u, ok := a.urls[name]; ok {
		return u
	}
	return Prefix + name
}

// Has tells whether there is a file of a plain name.
func (a *Assets) Has(name string) bool { _, ok := a.urls[name]; return ok }

// Handler serves the files below Prefix.
func (a *Assets) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "Method not allowed", http.StatusMethodNotAllowed)
			return
		}
		f, ok := a.files[path.Base(r.URL.Path)]
		if !ok || !strings.HasPrefix(r.URL.Path, Prefix) {
			http.NotFound(w, r)
			return
		}
		serve(w, r, f)
	})
}

func serve(w http.ResponseWriter, r *http.Request, f file) {
	h := w.Header()
	h.Set("Content-Type", f.kind)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("X-Content-Type-Options", "nosniff")
	body := f.plain
	if f.gzip != nil {
		h.Add("Vary", "Accept-Encoding")
		if !acceptsGzip(r.Header.Get("Accept-Encoding")) {
			unpack(w, r, f)
			return
		}
		h.Set("Content-Encoding", "gzip")
		body = f.gzip
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method == http.MethodGet {
		_, _ = w.Write(body) // the reader is gone; nothing to tell it
	}
}

// unpack serves the few readers who do not take gzip.
func unpack(w http.ResponseWriter, r *http.Request, f file) {
	plain, err := gzip.NewReader(bytes.NewReader(f.gzip))
	if err != nil {
		http.Error(w, "This file is damaged.", http.StatusInternalServerError)
		return
	}
	if r.Method == http.MethodGet {
		_, _ = io.Copy(w, plain) // the reader is gone; nothing to tell it
	}
}

// acceptsGzip reads an Accept-Encoding header; q=0 means no.
func acceptsGzip(header string) bool {
	for _, part := range strings.Split(header, ",") {
		coding, parameter, _ := strings.Cut(strings.TrimSpace(part), ";")
		if coding != "gzip" && coding != "*" {
			continue
		}
		quality, found := strings.CutPrefix(strings.ReplaceAll(parameter, " ", ""), "q=")
		if !found {
			return true
		}
		q, err := strconv.ParseFloat(quality, 64)
		return err == nil && q > 0
	}
	return false
}
