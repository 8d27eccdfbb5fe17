package document

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/database/dbtest"
	"msw/internal/jobs"
	"msw/internal/problem"
)

const grants = `doctor document.add own
caseworker document.add tenant
assessor document.add tenant
operator document.add tenant
doctor document.see own
caseworker document.see tenant
assessor document.see tenant
national_lead document.see tenant
employer_hr document.see organisation
doctor document.open own
caseworker document.open tenant
assessor document.open tenant
doctor document.open_right_to_work own
employer_hr document.open_right_to_work organisation
doctor document.open_protected own
assessor document.open_protected tenant
national_lead document.open_protected tenant
assessor document.same tenant`

const tenant = "msw"

var start = clock.At(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC))

// world is a service on a real database with a scanner that can be told what to say.
type world struct {
	t       testing.TB
	ctx     context.Context
	db      *database.DB
	s       *Service
	blobs   *spy
	scanner *fakeScanner
	worker  *jobs.Worker
	now     clock.Instant
	ready   []string
	limits  map[string]int
}

// spy is the memory store, which also tells what was ever put in it.
type spy struct {
	*Memory
	mu   sync.Mutex
	all  [][]byte
	fail bool
}

func (s *spy) Put(ctx context.Context, name string, r io.Reader) error {
	data, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fail {
		return io.ErrUnexpectedEOF
	}
	s.all = append(s.all, data)
	return s.Memory.Put(ctx, name, bytes.NewReader(data))
}

// fakeScanner stands for clamd where a test is not about it.
type fakeScanner struct {
	found string
	err   error
	seen  [][]byte
}

func (f *fakeScanner) Scan(_ context.Context, r io.Reader) (string, error) {
	data, err := io.ReadAll(r)
	if err != nil {
		return "", err
	}
	f.seen = append(f.seen, data)
	return f.found, f.err
}

func newWorld(t testing.TB, db *database.DB, scanner bool) *world {
	t.Helper()
	log, err := audit.New(db)
	if err != nil {
		t.Fatal(err)
	}
	var rows []access.Grant
	for line := range strings.Lines(grants) {
		f := strings.Fields(line)
		rows = append(rows, access.Grant{Role: access.Role(f[0]), Action: access.Action(f[1]), Relation: access.Relation(f[2])})
	}
	table, err := access.NewTable(rows...)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, ctx: t.Context(), db: db, blobs: &spy{Memory: NewMemory()}, scanner: &fakeScanner{}, now: start,
		limits: map[string]int{"document_megabytes": 2, "document_pages": 3, "document_count": 4}}
	outbox := jobs.NewOutbox(db, func() clock.Instant { return w.now })
	w.worker = jobs.NewWorker(outbox, slog.New(slog.DiscardHandler))
	o := Options{DB: db, Access: table, Audit: log, Jobs: outbox, Blobs: w.blobs,
		Resource: func(_ context.Context, tenant, doctor string) (access.Resource, error) { // the host is near the case, and no employer
			return access.Resource{Kind: "case", ID: doctor, Tenant: tenant, Doctor: doctor, Organisations: []string{"host"}}, nil
		},
		Employers: func(_ context.Context, _, doctor string) ([]string, error) {
			return []string{"employer-of-" + doctor}, nil
		},
		Setting: func(_ context.Context, _, name string) (int, error) { return w.limits[name], nil },
		Ready: func(_ context.Context, _ access.Call, d Document) error {
			w.ready = append(w.ready, d.ID)
			return nil
		}}
	if scanner {
		o.Scanner = w.scanner
	}
	if w.s, err = New(o); err != nil {
		t.Fatal(err)
	}
	w.worker.Handle(JobScan, func(ctx context.Context, job jobs.Job) error { return w.s.Scan(ctx, w.staff("operator"), job) })
	return w
}

func (w *world) call(account string, members ...access.Membership) access.Call {
	return access.Call{Actor: access.Actor{Account: account, Tenant: tenant, Members: members}, Now: w.now, Today: w.now.Local()}
}

func (w *world) doctor(id string) access.Call {
	c := w.call("account-of-" + id)
	c.Actor.Doctor = id
	return c
}

func (w *world) staff(role access.Role) access.Call {
	return w.call("the-"+string(role), access.Membership{Role: role})
}

func (w *world) hr(organisation string) access.Call {
	return w.call("hr-of-"+organisation, access.Membership{Role: "employer_hr", Organisation: organisation})
}

func (w *world) add(call access.Call, doctor, kind string) Document {
	w.t.Helper()
	d, err := w.s.Add(w.ctx, call, NewDocument{Doctor: doctor, Kind: kind, Words: Words{Title: "Title of " + kind}})
	if err != nil {
		w.t.Fatal(err)
	}
	return d
}

func (w *world) send(call access.Call, id string, data []byte) Sent {
	w.t.Helper()
	sent, err := w.s.Receive(w.ctx, call, id, "front", "photo.jpg", bytes.NewReader(data))
	if err != nil {
		w.t.Fatal(err)
	}
	return sent
}

func (w *world) work() {
	w.t.Helper()
	if err := w.worker.Drain(w.ctx); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) state(id string) State {
	w.t.Helper()
	d, err := w.s.Get(w.ctx, tenant, id)
	if err != nil {
		w.t.Fatal(err)
	}
	return d.State
}

func (w *world) opens(call access.Call, id, page string) bool {
	w.t.Helper()
	o, err := w.s.Open(w.ctx, call, id, page)
	if problem.KindOf(err) == problem.NotFound {
		return false
	}
	if err != nil {
		w.t.Fatal(err)
	}
	data, err := io.ReadAll(o)
	if err != nil || len(data) == 0 {
		w.t.Fatalf("opened, but %d bytes and %v", len(data), err)
	}
	if err := o.Close(); err != nil {
		w.t.Fatal(err)
	}
	return true
}

// photo is a JPEG that differs with shade.
func photo(t testing.TB, shade uint8) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, 64, 48))
	for i := range img.Pix {
		img.Pix[i] = uint8(i) ^ shade
	}
	img.Set(1, 1, color.White)
	var out bytes.Buffer
	if err := jpeg.Encode(&out, img, nil); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func run(t *testing.T, scanner bool, fn func(t *testing.T, w *world)) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) { fn(t, newWorld(t, db, scanner)) })
}
