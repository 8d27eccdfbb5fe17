package web

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"msw/internal/access"
	"msw/internal/problem"
)

const (
	bodyLimit = 1 << 20
	keyField  = "idempotency-key" // of a form; the header is Idempotency-Key
)

// serve answers one request to one route: who, may they, what, and the answer.
func (s *Server) serve(rt Route, w http.ResponseWriter, q *http.Request) {
	ctx, cancel := q.Context(), context.CancelFunc(func() {})
	if !rt.Upload && !rt.OwnTx {
		ctx, cancel = context.WithTimeout(ctx, s.o.Timeout)
	}
	defer cancel()
	q = q.WithContext(ctx)
	actor, signedIn, err := s.actor(q)
	if err != nil {
		s.fail(w, q, rt, access.Actor{}, err)
		return
	}
	if !s.o.Access.Can(actor, rt.Action) {
		if !signedIn {
			s.toSignIn(w, q)
			return
		}
		s.fail(w, q, rt, actor, problem.Missing())
		return
	}
	now := s.o.Now()
	r := &Request{Request: q, server: s, Call: access.Call{Actor: actor, Now: now, Today: now.Local(), Request: traceOf(q).id}}
	resp, err := s.run(rt, w, r)
	if q.MultipartForm != nil {
		defer q.MultipartForm.RemoveAll()
	}
	if err != nil {
		s.fail(w, q, rt, actor, err)
		return
	}
	s.send(w, q, actor, resp)
}

func (s *Server) actor(q *http.Request) (access.Actor, bool, error) {
	actor, signedIn, err := s.o.Actor(q)
	if err != nil {
		return access.Actor{}, false, err
	}
	if !signedIn { // whatever was handed over, nobody is nobody
		actor = access.Actor{Tenant: actor.Tenant}
	}
	t := traceOf(q)
	t.account = actor.Account
	return actor, signedIn && actor.Account != "", nil
}

func (s *Server) toSignIn(w http.ResponseWriter, q *http.Request) {
	to := "/sign-in"
	if q.Method == http.MethodGet || q.Method == http.MethodHead {
		to += "?next=" + url.QueryEscape(Local(q.URL.RequestURI()))
	}
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, q, to, http.StatusSeeOther)
}

// run reads the body, then calls the handler: a GET outside any transaction, a
// POST inside one that only a finished command commits.
func (s *Server) run(rt Route, w http.ResponseWriter, r *Request) (Response, error) {
	if err := s.read(rt, w, r); err != nil {
		return Response{}, err
	}
	if rt.Method == http.MethodGet || rt.OwnTx {
		return rt.Handle(r)
	}
	sum, err := r.digest()
	if err != nil {
		return Response{}, err
	}
	var resp Response
	undone := errors.New("shown again, nothing kept")
	err = s.o.DB.Tx(r.Context(), func(ctx context.Context) error {
		in := *r
		in.Request = r.Request.WithContext(ctx)
		resp, err = s.once(rt, &in, sum)
		if err != nil {
			return err
		}
		if !resp.commits() {
			return undone
		}
		return nil
	})
	if errors.Is(err, undone) {
		err = nil
	}
	return resp, err
}

// once runs the handler unless its key was already answered: then it gives the
// same answer again.
func (s *Server) once(rt Route, r *Request, sum string) (Response, error) {
	if r.Call.Key == "" {
		return rt.Handle(r)
	}
	st, ctx := store{s.o.DB}, r.Context()
	fresh, err := st.claim(ctx, r.Call, sum)
	if err != nil {
		return Response{}, err
	}
	if !fresh {
		return st.answer(ctx, r.Call, sum)
	}
	resp, err := rt.Handle(r)
	if err != nil || !resp.commits() || resp.body != nil {
		return resp, err
	}
	return resp, st.keep(ctx, r.Call, resp)
}

func (s *Server) read(rt Route, w http.ResponseWriter, r *Request) error {
	limit := int64(bodyLimit)
	if rt.Upload || rt.Stream {
		limit += s.o.UploadLimit
	}
	r.Body = http.MaxBytesReader(w, r.Body, limit)
	var err error
	switch kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); {
	case rt.Stream:
		r.Form = r.URL.Query()
	case rt.Method == http.MethodGet:
		err = r.ParseForm()
	case kind == "multipart/form-data":
		err = r.ParseMultipartForm(bodyLimit)
	case kind == "application/x-www-form-urlencoded" || kind == "":
		err = r.ParseForm()
	default:
		r.body, err = io.ReadAll(r.Body)
		r.Form = r.URL.Query()
	}
	if tooLarge, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return tooLarge
	}
	if err != nil {
		return problem.Wrap(problem.Invalid, "What was sent could not be read. Go back and try again.", err)
	}
	if rt.Method == http.MethodPost {
		r.Call.Key = r.Header.Get("Idempotency-Key")
		if r.PostForm != nil && r.PostForm.Get(keyField) != "" {
			r.Call.Key = r.PostForm.Get(keyField)
		}
		if len(r.Call.Key) > 64 || strings.ContainsFunc(r.Call.Key, func(c rune) bool { return c <= ' ' || c > '~' }) {
			return problem.New(problem.Invalid, "The form's key is not one of ours. Go back, reload the page and try again.")
		}
	}
	return nil
}

// digest sums up what was sent, so that a key cannot be used for two things.
func (r *Request) digest() (string, error) {
	h := sha256.New()
	_, _ = io.WriteString(h, r.Method+" "+r.URL.RequestURI()+"\n")
	if r.PostForm != nil {
		form := url.Values{}
		for k, v := range r.PostForm {
			if k != keyField {
				form[k] = v
			}
		}
		_, _ = io.WriteString(h, form.Encode()+"\n")
	}
	_, _ = io.Copy(h, bytes.NewReader(r.body))
	if err := r.digestFiles(h); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

func (r *Request) digestFiles(h hash.Hash) error {
	if r.MultipartForm == nil {
		return nil
	}
	var names []string
	for name := range r.MultipartForm.File {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		for _, head := range r.MultipartForm.File[name] {
			f, err := head.Open()
			if err != nil {
				return problem.Wrap(problem.Invalid, "The file could not be read. Choose it again.", err)
			}
			_, _ = io.WriteString(h, name+"\n"+head.Filename+"\n")
			_, err = io.Copy(h, f)
			f.Close()
			if err != nil {
				return problem.Wrap(problem.Invalid, "The file could not be read. Choose it again.", err)
			}
		}
	}
	return nil
}

// unknown answers every address that is not a route.
func (s *Server) unknown(w http.ResponseWriter, q *http.Request) {
	actor, _, err := s.actor(q)
	if err != nil {
		actor = access.Actor{}
	}
	s.fail(w, q, Route{Pattern: q.URL.Path}, actor, problem.Missing())
}
