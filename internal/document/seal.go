package document

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"

	"msw/internal/database"
)

// A blob is sealed in chunks with the person's own key, so that it can be read
// and written without being held whole. Each chunk is bound to programme,
// person, document, page, its own number and whether it is the last: a chunk
// that was moved, a blob that was cut short or lengthened does not open.
const (
	chunkBytes  = 64 << 10
	chunkMost   = chunkBytes + 64 // sealed: a nonce and a tag more
	chunkHeader = 5               // 1 when it is the last, and its sealed length
)

var errBlob = errors.New("a blob is not as it was sealed")

// home is what a blob is bound to.
type home struct {
	tenant, doctor, document string
	page                     string // or the upload and the number of its part
	blob                     string
}

func (h home) place(number int, last bool) database.Place {
	column := "chunk"
	if last {
		column = "last chunk"
	}
	return database.Place{Tenant: h.tenant, Person: h.doctor, Table: "document_blob", Row: h.document + "/" + h.page + "/" + h.blob, Column: column, Version: number}
}

// sealer reads plain bytes and gives sealed ones.
type sealer struct {
	ctx   context.Context
	vault *database.Vault
	home  home
	in    *bufio.Reader
	plain []byte
	out   bytes.Buffer
	next  int
	done  bool
}

func (s *Service) sealing(ctx context.Context, h home, r io.Reader) io.Reader {
	return &sealer{ctx: ctx, vault: s.db.Vault(), home: h, in: bufio.NewReader(r), plain: make([]byte, chunkBytes)}
}

// Read gives the next sealed bytes.
func (r *sealer) Read(p []byte) (int, error) {
	for r.out.Len() == 0 {
		if r.done {
			return 0, io.EOF
		}
		if err := r.chunk(); err != nil {
			return 0, err
		}
	}
	return r.out.Read(p)
}

func (r *sealer) chunk() error {
	n, err := io.ReadFull(r.in, r.plain)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return err
	}
	if err == nil {
		if _, err = r.in.Peek(1); err != nil && err != io.EOF {
			return err
		}
	}
	r.done = err != nil
	sealed, err := r.vault.Seal(r.ctx, r.home.place(r.next, r.done), r.plain[:n])
	if err != nil {
		return err
	}
	r.next++
	var head [chunkHeader]byte
	if r.done {
		head[0] = 1
	}
	binary.BigEndian.PutUint32(head[1:], uint32(len(sealed)))
	r.out.Write(head[:])
	r.out.Write(sealed)
	return nil
}

// opener reads sealed bytes and gives plain ones, chunk by chunk: nothing is
// given of a chunk that does not open.
type opener struct {
	ctx    context.Context
	vault  *database.Vault
	home   home
	in     io.ReadCloser
	sealed []byte
	plain  []byte
	next   int
	done   bool
}

func (s *Service) opening(ctx context.Context, h home, in io.ReadCloser) io.ReadCloser {
	return &opener{ctx: ctx, vault: s.db.Vault(), home: h, in: in, sealed: make([]byte, chunkMost)}
}

// Read gives the next plain bytes.
func (r *opener) Read(p []byte) (int, error) {
	for len(r.plain) == 0 {
		if r.done {
			return 0, io.EOF
		}
		if err := r.chunk(); err != nil {
			return 0, err
		}
	}
	n := copy(p, r.plain)
	r.plain = r.plain[n:]
	return n, nil
}

func (r *opener) chunk() error {
	var head [chunkHeader]byte
	if _, err := io.ReadFull(r.in, head[:]); err != nil {
		return errBlob // cut short, or the store failed: both are no end
	}
	size := binary.BigEndian.Uint32(head[1:])
	if head[0] > 1 || size > chunkMost {
		return errBlob
	}
	sealed := r.sealed[:size]
	if _, err := io.ReadFull(r.in, sealed); err != nil {
		return errBlob
	}
	var err error
	r.done = head[0] == 1
	if r.plain, err = r.vault.Open(r.ctx, r.home.place(r.next, r.done), sealed); err != nil {
		return err
	}
	r.next++
	if r.done {
		if _, err := io.ReadFull(r.in, head[:1]); err != io.EOF {
			return errBlob // something follows the end
		}
	}
	return nil
}

// Close closes what is below.
func (r *opener) Close() error { return r.in.Close() }
