package document

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"os"
	"strconv"
	"testing"
	"time"

	"msw/internal/database/dbtest"
)

// BenchmarkUploadToReady measures from the first byte of a photo to the moment
// somebody else may open it, by the photo's size: parts, check, writing anew,
// sealing, scan. With MSW_TEST_CLAMAV a real clamd scans.
//
// One command, with a clamd and a section in bench/results.md: bench/upload/run.sh
func BenchmarkUploadToReady(b *testing.B) {
	for _, side := range []int{800, 1600, 3000, 4000} {
		data := noisy(b, side, 3*side/4)
		b.Run(strconv.Itoa(len(data)>>10)+"KiB", func(b *testing.B) {
			w := newWorld(b, dbtest.SQLite(b), true)
			w.limits = map[string]int{"document_megabytes": 25, "document_pages": 100000, "document_count": 10}
			if address := os.Getenv("MSW_TEST_CLAMAV"); address != "" {
				w.s.o.Scanner = ClamAV{Address: address}
			}
			d, err := w.s.Add(w.ctx, w.doctor("d1"), NewDocument{Doctor: "d1", Kind: "degree"})
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			took := make([]float64, 0, b.N)
			for i := 0; b.Loop(); i++ {
				start := time.Now()
				copied := append(bytes.Clone(data), strconv.Itoa(i)...) // another file each time
				sent, err := w.s.Receive(w.ctx, w.doctor("d1"), d.ID, "", "photo.jpg", bytes.NewReader(copied))
				if err != nil {
					b.Fatal(err)
				}
				if err := w.worker.Drain(w.ctx); err != nil {
					b.Fatal(err)
				}
				o, err := w.s.Open(w.ctx, w.staff("assessor"), d.ID, sent.ID)
				if err != nil {
					b.Fatal(err)
				}
				_ = o.Close()
				took = append(took, float64(time.Since(start).Microseconds())/1000)
				w.scanner.seen = nil
			}
			b.ReportMetric(median(took), "ms-median")
		})
	}
}

func median(list []float64) float64 {
	for i := range list {
		for j := i; j > 0 && list[j] < list[j-1]; j-- {
			list[j], list[j-1] = list[j-1], list[j]
		}
	}
	return list[len(list)/2]
}

// noisy is a photo as a phone makes it: about as many bytes for its size.
func noisy(tb testing.TB, w, h int) []byte {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	seed := uint32(1)
	for y := range h {
		for x := range w {
			seed = seed*1664525 + 1013904223
			n := uint8(seed >> 28)
			img.SetRGBA(x, y, color.RGBA{uint8(x>>4) + n, uint8(y>>4) + n, 120 + n, 255})
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 92}); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}
