package app

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"msw/internal/cli"
	"msw/internal/eligibility"
)

// reevaluateCommand is "msw rules reevaluate".
type reevaluateCommand struct {
	DryRun bool `name:"dry-run" help:"Evaluate and count; save nothing and open no task."`
}

// Help is what --help adds.
func (reevaluateCommand) Help() string {
	return `Asks the eligibility rules in force of every case once more and saves what changed. Where "not yet" or "supported" stands and the rules now say something else, the assessor gets a task; nothing is decided. The server does the same by itself when other rules come into force, and each day for cases whose answer has run out. A change of one doctor's facts looks at that case only.

Example: msw rules reevaluate --dry-run`
}

// Run goes through every case.
func (r *reevaluateCommand) Run(x cli.Context, a *App) error {
	total, err := a.Cases.HowMany(x.Console.Context, x.Call.Actor.Tenant)
	if err != nil {
		return err
	}
	var began time.Time
	bar, shown := x.Progress(int64(total), "Asking the rules"), 0
	out, err := a.Eligibility.Reevaluate(x.Console.Context, x.Call, eligibility.AgainOptions{DryRun: r.DryRun, Progress: func(done, _ int) {
		if done == 0 {
			began = time.Now()
		}
		bar.Add(done - shown)
		shown = done
	}})
	bar.Done()
	if err != nil {
		return err
	}
	took := time.Since(began).Seconds()
	return x.Print(struct {
		eligibility.Again
		Seconds float64 `json:"seconds"` // loading, evaluating and saving, without the start of the program and the reading of the rules
	}{out, took}, func(w io.Writer) {
		fmt.Fprintf(w, "%s on %s: %d cases, %d answers changed (%d of them were not kept before), %d tasks for assessors, in %.1f seconds.\n", out.RuleSet, out.On.Long(), out.Cases, out.Changed, out.First, out.Woken, took)
		for _, k := range slices.Sorted(maps.Keys(out.Now)) {
			fmt.Fprintf(w, "  %s: %d\n", eligibility.Outcome(k).Words(), out.Now[k])
		}
		if r.DryRun {
			fmt.Fprintln(w, "Nothing was saved (--dry-run).")
		}
	})
}
