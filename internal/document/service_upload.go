package document

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"io"
	"slices"
	"strconv"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/document/inspect"
	"msw/internal/problem"
)

// PartBytes is the length of every part of an upload but the last.
const PartBytes = 512 << 10

// Sending is how far an upload is: which parts are safe.
type Sending struct {
	ID        string `json:"id"`
	PartBytes int    `json:"part_bytes"`
	Parts     []int  `json:"parts"`
	Page      string `json:"page,omitempty"` // once it is done
}

// Sent is a page that was taken in.
type Sent struct {
	Page
	Again bool // the very same file was already a page of this document
}

// Begin opens an upload of a page in parts; size is the length of the whole.
func (s *Service) Begin(ctx context.Context, call access.Call, document, pageName, fileName string, size int64) (Sending, error) {
	u, err := s.begin(ctx, call, document, PageWords{Name: pageName, File: harmless(fileName)}, size)
	return Sending{ID: u.ID, PartBytes: PartBytes, Parts: []int{}}, err
}

func (s *Service) begin(ctx context.Context, call access.Call, document string, words PageWords, size int64) (u upload, err error) {
	tenant := call.Actor.Tenant
	if words.Name = harmless(words.Name); len([]rune(words.Name)) > titleLength {
		words.Name = string([]rune(words.Name)[:titleLength])
	}
	err = s.db.Tx(ctx, func(ctx context.Context) error {
		d, err := s.changeable(ctx, call, document)
		if err != nil {
			return err
		}
		limits, err := s.Limits(ctx, tenant)
		if err != nil {
			return err
		}
		if err := fits(d, limits); err != nil {
			return err
		}
		if size >= 0 {
			if err := limits.checkSize(size); err != nil {
				return err
			}
		}
		u = upload{ID: database.NewRef(), Document: document, Doctor: d.Doctor, By: call.Actor.Account, Bytes: size, BegunAt: call.Now, PageWords: words}
		return s.insertUpload(ctx, tenant, u)
	})
	return u, err
}

func fits(d Document, l Limits) error {
	if !d.Live() {
		return problem.Stale()
	}
	if d.Pages >= l.Pages {
		return problem.Refuse("This document has no room for another page.", "A document has at most "+strconv.Itoa(l.Pages)+" pages here. Add another document for the rest.")
	}
	return nil
}

// mine finds an upload of the actor's own.
func (s *Service) mine(ctx context.Context, call access.Call, document, id string) (upload, error) {
	u, err := s.upload(ctx, call.Actor.Tenant, id)
	if err == nil && (u.Document != document || u.By != call.Actor.Account) {
		err = problem.Missing()
	}
	if err != nil {
		return u, err
	}
	_, err = s.changeable(ctx, call, document)
	return u, err
}

// Progress tells which parts of an upload are safe.
func (s *Service) Progress(ctx context.Context, call access.Call, document, id string) (Sending, error) {
	u, err := s.mine(ctx, call, document, id)
	if err != nil {
		return Sending{}, err
	}
	out := Sending{ID: u.ID, PartBytes: PartBytes, Parts: []int{}, Page: u.Page}
	list, err := s.parts(ctx, call.Actor.Tenant, id)
	for _, p := range list {
		out.Parts = append(out.Parts, p.Number)
	}
	return out, err
}

// Part keeps one part; one that is there already stays as it is.
func (s *Service) Part(ctx context.Context, call access.Call, document, id string, number int, data []byte) error {
	u, err := s.mine(ctx, call, document, id)
	if err != nil {
		return err
	}
	if want := partLength(u.Bytes, number); u.Done || want == 0 || int64(len(data)) != want {
		return problem.New(problem.Invalid, "This part is not the one that is missing. Reload the page and choose the file again.")
	}
	return s.keepPart(ctx, call, u, number, data)
}

// partLength is how long a part must be; 0 when there is no such part.
func partLength(size int64, number int) int64 {
	left := size - int64(number)*PartBytes
	if number < 0 || left <= 0 {
		return 0
	}
	return min(left, PartBytes)
}

func partHome(tenant string, u upload, number int, blob string) home {
	return home{tenant: tenant, doctor: u.Doctor, document: u.Document, page: u.ID + "." + strconv.Itoa(number), blob: blob}
}

func (s *Service) keepPart(ctx context.Context, call access.Call, u upload, number int, data []byte) error {
	tenant := call.Actor.Tenant
	blob, err := s.put(ctx, tenant, u.Doctor, call.Now, func(blob string) io.Reader {
		return s.sealing(ctx, partHome(tenant, u, number, blob), bytes.NewReader(data))
	})
	if err != nil {
		return err
	}
	return s.db.Tx(ctx, func(ctx context.Context) error {
		fresh, err := s.insertPart(ctx, tenant, u.ID, part{Number: number, Bytes: int64(len(data)), blob: blob})
		if err != nil {
			return err
		}
		if !fresh {
			return s.drop(ctx, tenant, call.Now, blob)
		}
		return s.markBlobs(ctx, tenant, "kept", call.Now, blob)
	})
}

// put stores a new blob: its name is written down first, so that nothing lies in
// the store that no row knows. Whoever keeps it marks it so.
func (s *Service) put(ctx context.Context, tenant, doctor string, at clock.Instant, content func(blob string) io.Reader) (string, error) {
	blob := rand.Text()
	if err := s.db.Tx(ctx, func(ctx context.Context) error { return s.noteBlob(ctx, tenant, blob, doctor, at) }); err != nil {
		return "", err
	}
	if err := s.o.Blobs.Put(ctx, blob, content(blob)); err != nil {
		return "", problem.Wrap(problem.Unavailable, "The file could not be stored. Try again in a few minutes: what was sent before is safe.", err)
	}
	return blob, nil
}

// drop marks blobs as going and takes them away once that is saved.
func (s *Service) drop(ctx context.Context, tenant string, at clock.Instant, blobs ...string) error {
	if err := s.markBlobs(ctx, tenant, "going", at, blobs...); err != nil {
		return err
	}
	gone := context.WithoutCancel(ctx)
	s.db.AfterCommit(ctx, func() {
		for _, b := range blobs {
			_ = s.o.Blobs.Delete(gone, b) // what is left behind is swept up later
		}
	})
	return nil
}

// Finish makes a page of an upload whose parts are all there: puts them
// together, checks what they are, cleans it, seals it and asks for a scan. A
// file that is refused says why, and its parts are destroyed.
func (s *Service) Finish(ctx context.Context, call access.Call, document, id string) (Sent, error) {
	u, err := s.mine(ctx, call, document, id)
	if err != nil {
		return Sent{}, err
	}
	return s.finish(ctx, call, u)
}

func (s *Service) finish(ctx context.Context, call access.Call, u upload) (Sent, error) {
	tenant := call.Actor.Tenant
	if u.Done {
		p, err := s.page(ctx, tenant, u.Page)
		return Sent{Page: p, Again: true}, err
	}
	list, err := s.parts(ctx, tenant, u.ID)
	if err != nil {
		return Sent{}, err
	}
	var size int64
	for i, p := range list {
		if p.Number != i {
			break
		}
		size += p.Bytes
	}
	if u.Bytes >= 0 && size != u.Bytes {
		return Sent{}, problem.New(problem.Conflict, "Some parts have not arrived yet. Send those that are missing, then finish.")
	}
	select {
	case s.room <- struct{}{}:
		defer func() { <-s.room }()
	case <-ctx.Done():
		return Sent{}, ctx.Err()
	}
	data, err := s.join(ctx, tenant, u, list, size)
	if err != nil {
		return Sent{}, err
	}
	sum := sha256.Sum256(data)
	hash := s.db.Vault().Token(tenant, "document file", string(sum[:]))
	r := inspect.Check(ctx, data)
	if r.Verdict == inspect.Refused {
		return Sent{}, errors.Join(problem.Refuse("This file was not added.", r.Reason), s.db.Tx(ctx, func(ctx context.Context) error { return s.forget(ctx, tenant, u.ID, call.Now) }))
	}
	return s.take(ctx, call, u, r, hash)
}

func (s *Service) join(ctx context.Context, tenant string, u upload, list []part, size int64) ([]byte, error) {
	data := make([]byte, 0, size)
	for _, p := range list {
		in, err := s.o.Blobs.Open(ctx, p.blob)
		if err != nil {
			return nil, problem.Wrap(problem.Unavailable, "The store of documents does not answer. Try again in a few minutes.", err)
		}
		r := s.opening(ctx, partHome(tenant, u, p.Number, p.blob), in)
		part, err := io.ReadAll(r)
		if err = errors.Join(err, r.Close()); err != nil {
			return nil, err
		}
		data = append(data, part...)
	}
	return data, nil
}

// take stores the cleaned file and makes its page.
func (s *Service) take(ctx context.Context, call access.Call, u upload, r inspect.Result, hash string) (Sent, error) {
	tenant := call.Actor.Tenant
	p := Page{ID: database.NewRef(), Version: 1, Document: u.Document, Doctor: u.Doctor, Format: Format(r.Format), Scan: ScanWaiting, Cut: r.Cut,
		Bytes: int64(len(r.Data)), Width: r.Width, Height: r.Height, AddedAt: call.Now, PageWords: u.PageWords, hash: hash}
	var err error
	p.blob, err = s.put(ctx, tenant, u.Doctor, call.Now, func(blob string) io.Reader {
		return s.sealing(ctx, home{tenant: tenant, doctor: u.Doctor, document: u.Document, page: p.ID, blob: blob}, bytes.NewReader(r.Data))
	})
	if err != nil {
		return Sent{}, err
	}
	sent := Sent{Page: p}
	err = s.db.Tx(ctx, func(ctx context.Context) error {
		sent, err = s.enter(ctx, call, u, p)
		return err
	})
	return sent, err
}

// enter writes the page into its document.
func (s *Service) enter(ctx context.Context, call access.Call, u upload, p Page) (Sent, error) {
	tenant := call.Actor.Tenant
	d, err := s.changeable(ctx, call, u.Document)
	if err != nil {
		return Sent{}, err
	}
	limits, err := s.Limits(ctx, tenant)
	if err != nil {
		return Sent{}, err
	}
	pages, err := s.pagesOf(ctx, tenant, d.ID)
	if err != nil {
		return Sent{}, err
	}
	if i := slices.IndexFunc(pages, func(o Page) bool { return o.hash == p.hash }); i >= 0 { // sent twice, as after a broken line
		if _, err := s.finishUpload(ctx, tenant, u.ID, pages[i].ID); err != nil {
			return Sent{}, err
		}
		return Sent{Page: pages[i], Again: true}, errors.Join(s.drop(ctx, tenant, call.Now, p.blob), s.clear(ctx, tenant, u.ID, call.Now))
	}
	if err := fits(d, limits); err != nil {
		return Sent{}, err
	}
	if p.Number = 1; len(pages) > 0 {
		p.Number = pages[len(pages)-1].Number + 1
	}
	fresh, err := s.finishUpload(ctx, tenant, u.ID, p.ID)
	if err != nil {
		return Sent{}, err
	}
	if !fresh {
		return Sent{}, problem.Stale()
	}
	if err := s.save(ctx, call, d, p, append(pages, p)); err != nil {
		return Sent{}, err
	}
	return Sent{Page: p}, s.clear(ctx, tenant, u.ID, call.Now)
}

func (s *Service) save(ctx context.Context, call access.Call, d Document, p Page, pages []Page) error {
	tenant := call.Actor.Tenant
	if err := s.noteSame(ctx, tenant, p); err != nil {
		return err
	}
	if err := s.insertPage(ctx, tenant, p); err != nil {
		return err
	}
	if err := s.markBlobs(ctx, tenant, "kept", call.Now, p.blob); err != nil {
		return err
	}
	d.Pages, d.State = len(pages), stateOf(d, pages)
	if err := s.update(ctx, tenant, d); err != nil {
		return err
	}
	if err := s.replace(ctx, call, d); err != nil {
		return err
	}
	if p.Scan == ScanWaiting {
		if err := s.askScan(ctx, tenant, p.ID); err != nil {
			return err
		}
	}
	return s.audit.Record(ctx, call, audit.Entry{Action: ActAdd, Kind: "document page", ID: p.ID, Person: d.Doctor, After: p})
}

// clear destroys the parts of an upload.
func (s *Service) clear(ctx context.Context, tenant, id string, at clock.Instant) error {
	list, err := s.parts(ctx, tenant, id)
	if err != nil || len(list) == 0 {
		return err
	}
	var blobs []string
	for _, p := range list {
		blobs = append(blobs, p.blob)
	}
	return errors.Join(s.drop(ctx, tenant, at, blobs...), s.deleteParts(ctx, tenant, id))
}

func (s *Service) forget(ctx context.Context, tenant, id string, at clock.Instant) error {
	return errors.Join(s.clear(ctx, tenant, id, at), s.deleteUpload(ctx, tenant, id))
}

// Receive takes in a page from a reader, as a browser without script sends it:
// it goes into sealed parts as it comes, so that nothing of it is ever written
// in the open.
func (s *Service) Receive(ctx context.Context, call access.Call, document, pageName, fileName string, r io.Reader) (Sent, error) {
	u, err := s.begin(ctx, call, document, PageWords{Name: pageName, File: harmless(fileName)}, -1)
	if err != nil {
		return Sent{}, err
	}
	sent, err := s.receive(ctx, call, u, r)
	if err != nil { // what came of it is worth nothing without the rest
		after := context.WithoutCancel(ctx)
		err = errors.Join(err, s.db.Tx(after, func(ctx context.Context) error { return s.forget(ctx, call.Actor.Tenant, u.ID, call.Now) }))
	}
	return sent, err
}

func (s *Service) receive(ctx context.Context, call access.Call, u upload, r io.Reader) (Sent, error) {
	limits, err := s.Limits(ctx, call.Actor.Tenant)
	if err != nil {
		return Sent{}, err
	}
	buffer := make([]byte, PartBytes)
	var size int64
	for number := 0; ; number++ {
		n, err := io.ReadFull(r, buffer)
		if size += int64(n); size > limits.FileBytes {
			return Sent{}, limits.checkSize(size)
		}
		if n > 0 {
			if err := s.keepPart(ctx, call, u, number, buffer[:n]); err != nil {
				return Sent{}, err
			}
		}
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			break
		}
		if err != nil {
			return Sent{}, problem.Wrap(problem.Invalid, "The file did not arrive whole. Try again.", err)
		}
	}
	if err := limits.checkSize(size); err != nil {
		return Sent{}, err
	}
	return s.finish(ctx, call, u)
}
