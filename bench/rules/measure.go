package main

import (
	"runtime"
	"slices"
	"syscall"
	"time"
)

// contestant answers cases, one after another, and is measured.
type contestant struct {
	name, note string
	run        func(cases int) // answers so many cases
	nsPerCase  []float64       // of each round, CPU time
}

// cpu is the time that this process has worked so far, on all cores: other
// programs on the machine do not count.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// measure runs every contestant in turn, several times, so that a slow minute of
// the machine falls on all of them.
func measure(list []*contestant, rounds int, each time.Duration) {
	for range rounds {
		for _, c := range list {
			n := 64
			for {
				runtime.GC()
				start := cpu()
				c.run(n)
				took := cpu() - start
				if took >= each {
					c.nsPerCase = append(c.nsPerCase, float64(took.Nanoseconds())/float64(n))
					break
				}
				n = max(n*2, int(float64(n)*1.2*float64(each)/float64(took+1)))
			}
		}
	}
}

// middle, least and most are over the rounds.
func (c *contestant) middle() float64 {
	sorted := slices.Sorted(slices.Values(c.nsPerCase))
	return sorted[len(sorted)/2]
}

func (c *contestant) least() float64 { return slices.Min(c.nsPerCase) }
func (c *contestant) most() float64  { return slices.Max(c.nsPerCase) }
