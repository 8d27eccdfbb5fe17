package document

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"msw/internal/access"
	"msw/internal/problem"
)

// Nothing of a page reaches anybody but the doctor before a scanner called it clean.
func TestNothingIsShownToOthersBeforeItIsScanned(t *testing.T) {
	run(t, true, func(t *testing.T, w *world) {
		own := w.doctor("d1")
		d := w.add(own, "d1", "degree")
		p := w.send(own, d.ID, photo(t, 1))
		if p.Scan != ScanWaiting || w.state(d.ID) != Waiting {
			t.Fatalf("scan %s, state %s", p.Scan, w.state(d.ID))
		}
		if w.opens(w.staff("assessor"), d.ID, p.ID) {
			t.Error("an assessor opened a page that was not scanned")
		}
		if !w.opens(own, d.ID, p.ID) {
			t.Error("the doctor cannot look at what they sent")
		}
		w.scanner.err = errors.New("no answer")
		_ = w.worker.Drain(w.ctx)
		if w.state(d.ID) != Waiting || w.opens(w.staff("assessor"), d.ID, p.ID) {
			t.Error("a scanner that is down made a page open")
		}
		w.scanner.err, w.now = nil, w.now.Add(time.Hour) // tried again after a while
		w.work()
		if w.state(d.ID) != Ready || !w.opens(w.staff("assessor"), d.ID, p.ID) {
			t.Error("a clean page does not open")
		}
		if len(w.ready) != 1 || w.ready[0] != d.ID {
			t.Errorf("told ready: %v", w.ready)
		}
	})
}

func TestInfectedOpensForNobody(t *testing.T) {
	run(t, true, func(t *testing.T, w *world) {
		own := w.doctor("d1")
		d := w.add(own, "d1", "degree")
		p := w.send(own, d.ID, photo(t, 1))
		w.scanner.found = "Test.Signature"
		w.work()
		if w.state(d.ID) != Infected || w.opens(w.staff("assessor"), d.ID, p.ID) || w.opens(own, d.ID, p.ID) {
			t.Error("an infected page opens")
		}
		if err := w.s.TakeOut(w.ctx, own, d.ID, p.ID); err != nil {
			t.Fatal(err)
		}
		if w.state(d.ID) != Empty {
			t.Errorf("state %s", w.state(d.ID))
		}
	})
}

func TestWithoutAScannerNobodyElseOpens(t *testing.T) {
	run(t, false, func(t *testing.T, w *world) {
		own := w.doctor("d1")
		d := w.add(own, "d1", "degree")
		p := w.send(own, d.ID, photo(t, 1))
		w.work()
		if got, _ := w.s.page(w.ctx, tenant, p.ID); got.Scan != ScanNone || w.state(d.ID) != Waiting || w.opens(w.staff("assessor"), d.ID, p.ID) {
			t.Errorf("scan %s, state %s", got.Scan, w.state(d.ID))
		}
		w.s.o.Scanner = w.scanner // one is configured later
		if n, err := w.s.Rescan(w.ctx, tenant); n != 1 || err != nil {
			t.Fatal(n, err)
		}
		w.work()
		if w.state(d.ID) != Ready || !w.opens(w.staff("assessor"), d.ID, p.ID) {
			t.Error("not ready after the scanner came")
		}
	})
}

// Evidence of the right to work is the employer's of record and the doctor's.
func TestWhoOpensWhat(t *testing.T) {
	run(t, true, func(t *testing.T, w *world) {
		own := w.doctor("d1")
		for _, row := range []struct {
			kind string
			may  map[string]bool
		}{
			{"degree", map[string]bool{"own": true, "caseworker": true, "assessor": true}},
			{"right_to_work", map[string]bool{"own": true, "employer": true}},
			{"protected_reason", map[string]bool{"own": true, "assessor": true, "national_lead": true}},
		} {
			d := w.add(own, "d1", row.kind)
			p := w.send(own, d.ID, photo(t, row.kind[0]))
			w.work()
			for _, name := range []string{"own", "other", "employer", "host", "caseworker", "assessor", "national_lead", "operator", "supervisor", "referrer", "board_member"} {
				c := w.staff(access.Role(name))
				switch name {
				case "own":
					c = own
				case "other":
					c = w.doctor("d2")
				case "employer":
					c = w.hr("employer-of-d1")
				case "host":
					c = w.hr("host")
				}
				if got := w.opens(c, d.ID, p.ID); got != row.may[name] {
					t.Errorf("%s opens %s: %v", name, row.kind, got)
				}
				list, err := w.s.List(w.ctx, c, "d1")
				seen := false
				for _, l := range list {
					seen = seen || l.ID == d.ID
				}
				if err != nil && problem.KindOf(err) != problem.NotFound || seen != row.may[name] {
					t.Errorf("%s sees %s in the list: %v, %v", name, row.kind, seen, err)
				}
				if _, err := w.s.Look(w.ctx, c, d.ID); (err == nil) != row.may[name] || err != nil && problem.KindOf(err) != problem.NotFound {
					t.Errorf("%s looks at %s: %v", name, row.kind, err)
				}
			}
		}
		if _, err := w.s.Add(w.ctx, w.staff("caseworker"), NewDocument{Doctor: "d1", Kind: "right_to_work"}); problem.KindOf(err) != problem.NotFound {
			t.Errorf("a caseworker brings evidence of the right to work: %v", err)
		}
	})
}

// A broken line loses no finished part, and sending a file twice makes one page.
func TestUploadInParts(t *testing.T) {
	run(t, true, func(t *testing.T, w *world) {
		own := w.doctor("d1")
		d := w.add(own, "d1", "degree")
		data := append(photo(t, 1), bytes.Repeat([]byte("x"), 2*PartBytes)...) // the tail is cut away
		up, err := w.s.Begin(w.ctx, own, d.ID, "front", `..\..\C:\evil`+"\u202e"+`gpj.exe`, int64(len(data)))
		if err != nil {
			t.Fatal(err)
		}
		send := func(n int) error {
			return w.s.Part(w.ctx, own, d.ID, up.ID, n, data[n*PartBytes:min(len(data), (n+1)*PartBytes)])
		}
		if err := errors.Join(send(0), send(2)); err != nil {
			t.Fatal(err)
		}
		if _, err := w.s.Finish(w.ctx, own, d.ID, up.ID); problem.KindOf(err) != problem.Conflict {
			t.Errorf("finished without a part: %v", err)
		}
		if err := w.s.Part(w.ctx, own, d.ID, up.ID, 1, data[:100]); problem.KindOf(err) != problem.Invalid {
			t.Errorf("a short part was taken: %v", err)
		}
		if err := w.s.Part(w.ctx, w.doctor("d2"), d.ID, up.ID, 1, data[PartBytes:2*PartBytes]); problem.KindOf(err) != problem.NotFound {
			t.Errorf("somebody else's part was taken: %v", err)
		}
		got, err := w.s.Progress(w.ctx, own, d.ID, up.ID)
		if err != nil || len(got.Parts) != 2 || got.Parts[0] != 0 || got.Parts[1] != 2 {
			t.Fatalf("%+v, %v", got, err)
		}
		if err := errors.Join(send(1), send(1)); err != nil { // the answer to the first got lost
			t.Fatal(err)
		}
		sent, err := w.s.Finish(w.ctx, own, d.ID, up.ID)
		if err != nil || sent.File != "evilgpj.exe" && sent.File != "C:evilgpj.exe" {
			t.Fatalf("%q, %v", sent.File, err)
		}
		again, err := w.s.Finish(w.ctx, own, d.ID, up.ID)
		if err != nil || again.ID != sent.ID || !again.Again {
			t.Errorf("%+v, %v", again, err)
		}
		if twice := w.send(own, d.ID, data); twice.ID != sent.ID || !twice.Again {
			t.Errorf("the same file made another page: %+v", twice)
		}
		if n := len(w.blobs.blobs); n != 1 {
			t.Errorf("%d blobs are left, not 1", n)
		}
	})
}
