package match

import (
	"fmt"

	"msw/internal/allocation/runfile"
	"msw/internal/problem"
)

// Options for Solve.
type Options struct {
	Rule  string // replaces the run's own when not empty
	Build string // of this program, told in the result
}

// Solve places the doctors of a run and explains it to each. A floor that
// cannot be met is a problem that names it; nothing is given out then.
func Solve(run *runfile.Run, o Options) (*runfile.Result, error) {
	in, err := Prepare(run, o.Rule)
	if err != nil {
		return nil, err
	}
	out, err := in.Place()
	if err != nil {
		return nil, err
	}
	return in.result(out, o.Build), nil
}

// Outcome is who gets which post, by the places of doctors and posts in the
// sorted run; -1 is none.
type Outcome struct {
	Given []int32
	flow  *flow
	bound *runfile.Bound
}

// Place solves the instance by its rule, without explaining it.
func (in *Instance) Place() (*Outcome, error) {
	switch in.rule {
	case runfile.Informed:
		return &Outcome{Given: in.informed()}, nil
	case runfile.Priority:
		return &Outcome{Given: in.priority()}, nil
	case runfile.Ranked:
		if err := in.rankable(); err != nil {
			return nil, err
		}
		return &Outcome{Given: in.deferred()}, nil
	case runfile.Flow:
		if len(in.cross) > 0 {
			return in.crossed()
		}
		f := newFlow(in)
		if err := f.solve(); err != nil {
			return nil, err
		}
		return &Outcome{Given: f.given(), flow: f}, nil
	}
	return nil, problem.New(problem.Invalid, fmt.Sprintf("There is no rule %q.", in.rule))
}

// rankable refuses what has no stable answer in general.
func (in *Instance) rankable() error {
	var broken []string
	for i := range in.run.Limits {
		if l := in.run.Limits[i]; l.Crossing || l.AtLeast > 0 {
			broken = append(broken, capital(limitName(l))+" is a floor or a crossing limit.")
		}
	}
	if len(broken) > 0 {
		return problem.Refuse("A ranked round cannot keep floors or crossing limits: a stable answer need not exist. Take them out, or use the rule flow.", broken...)
	}
	return nil
}
