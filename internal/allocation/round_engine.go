package allocation

import (
	"msw/internal/allocation/match"
	"msw/internal/allocation/runfile"
	"msw/internal/allocation/verify"
)

// solve works out a run by its rule.
func solve(run *runfile.Run) (*runfile.Result, error) {
	return match.Solve(run, match.Options{Build: run.Build})
}

// check has the result looked at by the independent check: what it found wrong,
// and what it looked at.
func check(run *runfile.Run, result *runfile.Result) (faults, checks []string) {
	checks = []string{"Every doctor stands in the result once, and has a post of their own list that no hard rule forbids.",
		"Every limit is kept.", "What the result says it reaches is counted again.", "No exchange of posts would be better by the rule, down to the lot.",
		"What the other rules would have done is worked out again.", "Every sentence that doctors and hosts read, with its numbers, is worked out again and compared."}
	return verify.Check(run, result), checks
}
