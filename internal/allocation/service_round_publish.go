package allocation

import (
	"context"
	"fmt"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/clock"
	"msw/internal/problem"
)

// Propose is the first person's act: they have read the last dry run and want
// it published.
func (s *Rounds) Propose(ctx context.Context, call access.Call, round, run string) error {
	return s.change(ctx, call, ActPublish, round, func(ctx context.Context, r *Round) error {
		if st := r.State(call.Today); st != RoundTried {
			return problem.Refuse("This round cannot be put up for publication now.", "It is: "+st.Words()+".")
		}
		if run != r.LastRun {
			return problem.New(problem.Conflict, "There is a newer dry run. Read that one first.")
		}
		report, err := s.report(ctx, call.Actor.Tenant, run)
		if err != nil {
			return err
		}
		if !report.Fit() {
			return problem.Refuse("This result must not be published: the independent check found it wrong.", report.Faults...)
		}
		r.ProposedRun, r.ProposedBy, r.ProposedAt = run, call.Actor.Account, call.Now
		return nil
	})
}

// TakeBack undoes the first person's act, by anybody who may publish.
func (s *Rounds) TakeBack(ctx context.Context, call access.Call, round string) error {
	return s.change(ctx, call, ActPublish, round, func(_ context.Context, r *Round) error {
		if r.State(call.Today) != RoundSigned {
			return problem.New(problem.Conflict, "Nothing waits for a second person in this round.")
		}
		r.ProposedRun, r.ProposedBy = "", ""
		r.ProposedAt = clock.Instant{}
		return nil
	})
}

// Publish is the second person's act. In one transaction every placement is
// checked against the hard rules of this moment, kept, and made a proposal;
// everybody is told afterwards. Either all of it happens or none.
func (s *Rounds) Publish(ctx context.Context, call access.Call, round string) error {
	return s.change(ctx, call, ActPublish, round, func(ctx context.Context, r *Round) error {
		if r.State(call.Today) != RoundSigned {
			return problem.New(problem.Conflict, "Nothing waits for a second person in this round.")
		}
		if r.ProposedBy == call.Actor.Account {
			return problem.Refuse("A second person must publish.", "You asked for it to be published. Somebody else has to read the result and publish it.")
		}
		tenant := call.Actor.Tenant
		list, err := s.readings(ctx, tenant, r.ProposedRun, "", 1_000_000)
		if err != nil {
			return err
		}
		if err := s.stillHolds(ctx, call, *r, list); err != nil {
			return err
		}
		placed := placementsOf(list)
		if err := s.insertPlaced(ctx, tenant, r.ID, "", call.Today, placed); err != nil {
			return err
		}
		if s.o.Publish != nil {
			if err := s.o.Publish(ctx, call, placed, true); err != nil {
				return err
			}
		}
		if err := s.tell(ctx, tenant, r.ID, list); err != nil {
			return err
		}
		r.Published, r.PublishedBy, r.PublishedAt = r.ProposedRun, call.Actor.Account, call.Now
		return s.RefreshWaiting(ctx, call)
	})
}

func placementsOf(list []Reading) []RoundPlacement {
	var out []RoundPlacement
	for _, r := range list {
		if r.Post != "" {
			out = append(out, RoundPlacement{r.Doctor, r.Post})
		}
	}
	return out
}

// stillHolds asks the hard rules again for every placement: days may have gone
// by since the dry run.
func (s *Rounds) stillHolds(ctx context.Context, call access.Call, r Round, list []Reading) error {
	placed := map[string]bool{}
	for _, one := range list {
		if one.Post != "" {
			placed[one.Doctor] = true
		}
	}
	now, err := s.gather(ctx, call, r, placed)
	if err != nil {
		return err
	}
	doctors := map[string]RoundDoctor{}
	for _, d := range now.doctors {
		doctors[d.Doctor] = d
	}
	var reasons []string
	people, err := s.people(ctx, call.Actor.Tenant, doctorsOf(list))
	if err != nil {
		return err
	}
	for _, one := range list {
		if one.Post == "" {
			continue
		}
		d, takes := doctors[one.Doctor]
		ref := people[one.Doctor].Ref
		if !takes {
			reasons = append(reasons, fmt.Sprintf("%s: cannot be given a post in this round now.", ref))
			continue
		}
		if stops := HardRules(d, now.posts[one.Post], r); len(stops) > 0 {
			reasons = append(reasons, fmt.Sprintf("%s and %s: %s", ref, one.Title(), coarse(stops[0])))
		}
	}
	if len(reasons) > 0 {
		return problem.Refuse("Something changed since the dry run. Take it back, do another dry run and compare.", reasons...)
	}
	return nil
}

func doctorsOf(list []Reading) []string {
	out := make([]string, len(list))
	for i, r := range list {
		out[i] = r.Doctor
	}
	return out
}

// tell enqueues a neutral message to everybody who took part.
func (s *Rounds) tell(ctx context.Context, tenant, round string, list []Reading) error {
	if s.o.Jobs == nil {
		return nil
	}
	for _, r := range list {
		if err := s.o.Jobs.Enqueue(ctx, tenant, JobResult, map[string]string{"doctor": r.Doctor, "round": round}); err != nil {
			return err
		}
	}
	return nil
}

// File is a run or result file as it leaves msw.
type File struct {
	Name string
	Text []byte
}

// Export gives the run or the result file of a run that is done: every such act
// is recorded with what left and its hash. Which is "run" or "result".
func (s *Rounds) Export(ctx context.Context, call access.Call, round, run, which string) (File, error) {
	r, err := s.get(ctx, call, ActExport, round)
	if err != nil {
		return File{}, err
	}
	one, err := s.loadRun(ctx, call.Actor.Tenant, run)
	if err != nil {
		return File{}, err
	}
	if one.Round != r.ID || which != "run" && which != "result" {
		return File{}, problem.Missing()
	}
	in, out, err := s.files(ctx, call.Actor.Tenant, run)
	if err != nil {
		return File{}, err
	}
	f := File{Name: fmt.Sprintf("round-%s-%d-%s.json", r.ID, one.Number, which), Text: in}
	if which == "result" {
		f.Text = out
	}
	return f, s.audit.Look(ctx, call, audit.Look{Action: ActExport, Query: f.Name + " sha256 " + digest(f.Text), Kind: "round", IDs: []string{r.ID, run}})
}
