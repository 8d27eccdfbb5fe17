package match

import (
	"fmt"
	"testing"

	"msw/internal/allocation/runfile"
)

func BenchmarkFlow(b *testing.B) {
	for _, s := range []runfile.Shape{{Doctors: 500, Posts: 180, Choices: 8}, {Doctors: 2000, Posts: 300, Choices: 8}, {Doctors: 10000, Posts: 1000, Choices: 12}} {
		s.Seed = 1
		in, err := Prepare(runfile.Generate(s), "")
		if err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprintf("%dx%dx%d", s.Doctors, s.Posts, s.Choices), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				out, err := in.Place()
				if err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(out.flow.net.pivots), "pivots")
				b.ReportMetric(float64(len(out.flow.stages)), "stages")
			}
		})
	}
}

func BenchmarkDeferred(b *testing.B) {
	for _, s := range []runfile.Shape{{Doctors: 47000, Posts: 6600, Choices: 10}, {Doctors: 200000, Posts: 20000, Choices: 10}} {
		s.Seed, s.Ranked = 1, true
		in, err := Prepare(runfile.Generate(s), "")
		if err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprint(s.Doctors, " plain"), func(b *testing.B) {
			plain := *in
			plain.limits = append([]limit{}, in.limits...)
			for i := range plain.limits {
				plain.limits[i].most = unlimited
			}
			for b.Loop() {
				plain.Place()
			}
		})
		b.Run(fmt.Sprint(s.Doctors), func(b *testing.B) {
			for b.Loop() {
				if _, err := in.Place(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkPrepare is the checking and indexing before any rule is applied.
func BenchmarkPrepare(b *testing.B) {
	run := runfile.Generate(runfile.Shape{Doctors: 100000, Posts: 10000, Choices: 10, Seed: 1, Ranked: true})
	for b.Loop() {
		if _, err := Prepare(run, ""); err != nil {
			b.Fatal(err)
		}
	}
}
