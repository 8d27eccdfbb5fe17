package inspect

import (
	"bytes"
	"compress/zlib"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"math/rand/v2"
	"testing"
	"time"

	"msw/bench/hostile"
)

// Every hostile file becomes what it must, in bounded time, and nothing of what
// is kept tells where a photo was taken or goes on behind its end.
func TestHostileFiles(t *testing.T) {
	counts := map[Verdict]int{}
	for f := range hostile.Each(1000) {
		start := time.Now()
		r := Check(t.Context(), f.Data)
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("%s took %s", f.Kind, took)
		}
		counts[r.Verdict]++
		ok := string(r.Verdict) == f.Want || f.Want == hostile.Harmless && r.Verdict != Refused
		if !ok {
			t.Errorf("%s (%s): %s, not %s: %s", f.Kind, f.Name, r.Verdict, f.Want, r.Reason)
		}
		if r.Verdict == Refused && (r.Reason == "" || len(r.Data) > 0) {
			t.Errorf("%s: refused with %d bytes and reason %q", f.Kind, len(r.Data), r.Reason)
		}
		for _, canary := range []string{"CANARY", "GPSL", "HALT_COMPILER", "<script", "PK\x05\x06"} {
			if bytes.Contains(r.Data, []byte(canary)) {
				t.Errorf("%s: %q is still in what is kept", f.Kind, canary)
			}
		}
		if r.Format == "jpeg" || r.Format == "png" {
			again := Check(t.Context(), bytes.Clone(r.Data))
			if again.Verdict != Accepted {
				t.Errorf("%s: what was made is %s: %s", f.Kind, again.Verdict, again.Reason)
			}
		}
	}
	t.Logf("%v", counts)
}

// A photo is turned upright for each of the eight ways a phone can be held.
func TestPhotosAreTurnedUpright(t *testing.T) {
	stored := func(orientation int) image.Image { // what a camera stores so that red comes out top left, and the picture is 64 wide
		w, h := 64, 32
		if orientation >= 5 {
			w, h = 32, 64
		}
		img := image.NewRGBA(image.Rect(0, 0, w, h))
		for y := range 32 {
			for x := range 64 {
				c := color.RGBA{0, 0, 255, 255}
				if x < 32 && y < 16 {
					c = color.RGBA{255, 0, 0, 255}
				}
				sx, sy := source(x, y, w, h, orientation)
				img.SetRGBA(sx, sy, c)
			}
		}
		return img
	}
	for orientation := 1; orientation <= 8; orientation++ {
		var b bytes.Buffer
		if err := jpeg.Encode(&b, stored(orientation), &jpeg.Options{Quality: 95}); err != nil {
			t.Fatal(err)
		}
		r := Check(t.Context(), hostile.Located(b.Bytes(), orientation))
		if r.Verdict != Neutralised || r.Width != 64 || r.Height != 32 {
			t.Fatalf("%d: %s, %d by %d: %s", orientation, r.Verdict, r.Width, r.Height, r.Reason)
		}
		img, err := jpeg.Decode(bytes.NewReader(r.Data))
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range []struct {
			x, y int
			red  bool
		}{{4, 4, true}, {60, 4, false}, {4, 28, false}, {60, 28, false}} {
			if red, _, blue, _ := img.At(p.x, p.y).RGBA(); (red > blue) != p.red {
				t.Errorf("orientation %d: the point at %d, %d is wrong", orientation, p.x, p.y)
			}
		}
	}
}

// Of a PDF that is kept, what a camera wrote about its photos is gone from every
// stream, also from those that are packed, and the photos are still there.
func TestNoPhotoInAPDFTellsWhere(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	photo := hostile.JPEG(r)
	kept := 0
	for f := range hostile.Each(1000) {
		if !bytes.HasPrefix(f.Data, []byte("%PDF-")) || f.Want == hostile.Refused || bytes.Contains(f.Data, []byte("PK\x05\x06")) {
			continue
		}
		got := Check(t.Context(), bytes.Clone(f.Data))
		if got.Verdict == Refused {
			t.Errorf("%s: %s", f.Kind, got.Reason)
		}
		kept++
		for _, part := range bytes.Split(got.Data, []byte("stream\n")) {
			if z, err := zlib.NewReader(bytes.NewReader(part)); err == nil {
				unpacked, _ := io.ReadAll(z) // ends where the stream does
				part = append(part, unpacked...)
			}
			for _, sign := range []string{"Exif", "GPS", "CANARY"} {
				if bytes.Contains(part, []byte(sign)) {
					t.Errorf("%s: %s is still in what is kept", f.Kind, sign)
				}
			}
		}
	}
	if kept < 30 {
		t.Errorf("only %d were kept", kept)
	}
	coloured := append(bytes.Clone(photo[:2]), "\xff\xe2\x00\x12ICC_PROFILE\x00\x01\x01xy\xff\xee\x00\x0eAdobe\x00\x64\x00\x00\x00\x00\x01"...)
	coloured = append(coloured, photo[2:]...)
	if was := bytes.Clone(coloured); blank(coloured) != nil || !bytes.Equal(was, coloured) {
		t.Error("what says how to show a photo was taken away")
	}
}

// Whatever bytes come, the check ends with an answer.
func FuzzCheck(f *testing.F) {
	for file := range hostile.Each(90) {
		if len(file.Data) < 1<<16 {
			f.Add(file.Data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if r := Check(t.Context(), data); r.Verdict == Refused && r.Reason == "" {
			t.Error("no reason")
		}
	})
}

// A PDF of which single bytes were changed never gets a program past the check.
func TestPDFsChangedByAByte(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	base := hostile.PDF(r, "<</Type/Catalog/Pages 2 0 R/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>>>")
	for range 3000 {
		data := bytes.Clone(base)
		data[r.IntN(len(data))] = byte(r.Uint32())
		if got := Check(t.Context(), bytes.Clone(data)); got.Verdict != Refused && bytes.Contains(got.Data, []byte("/JavaScript/JS(")) {
			t.Fatalf("kept: %q", got.Data)
		}
	}
}
