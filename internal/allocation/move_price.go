package allocation

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"

	"msw/internal/allocation/match"
	"msw/internal/allocation/runfile"
)

// price says what a move does to the published aims, by the same evaluator that
// tells what a run came to: the round as it stands beside the round after it.
func price(run *runfile.Run, before, after []runfile.Placement) ([]string, error) {
	was, err := match.Evaluate(run, before)
	if err != nil {
		return nil, err
	}
	now, err := match.Evaluate(run, after)
	if err != nil {
		return nil, err
	}
	var out []string
	for i, l := range now.Objective {
		old := was.Objective[i]
		switch {
		case l.Aim == runfile.AimDraw: // it only orders what is equal otherwise
		case l.Profile != nil && !slices.Equal(l.Profile, old.Profile):
			out = append(out, fmt.Sprintf("Aim %s, choices: before, %s; after, %s.", l.Letter, cmp.Or(profileWords(old.Profile), "nobody"), cmp.Or(profileWords(l.Profile), "nobody")))
		case l.Profile == nil && l.Value != old.Value:
			out = append(out, fmt.Sprintf("Aim %s, %s: %d before, %d after.", l.Letter, l.Words, old.Value, l.Value))
		}
	}
	if len(out) == 0 {
		out = append(out, "Every published aim is met as well as before.")
	}
	for _, b := range now.Broken {
		if !slices.Contains(was.Broken, b) {
			out = append(out, "It goes against what the round kept: "+b)
		}
	}
	return out, nil
}

// priced adds to a planned move what it costs.
func (s *Rounds) priced(ctx context.Context, tenant string, r Round, b board, m MoveSteps) (MoveSteps, error) {
	input, _, err := s.files(ctx, tenant, r.Published)
	if err != nil {
		return m, err
	}
	run, err := runfile.Decode(bytes.NewReader(input))
	if err != nil {
		return m, err
	}
	ids := m.doctors()
	for _, p := range b.placed {
		ids = append(ids, p.Doctor)
	}
	slices.Sort(ids)
	people, err := s.people(ctx, tenant, slices.Compact(ids))
	if err != nil {
		return m, err
	}
	posts := map[string]bool{}
	for _, p := range run.Posts {
		posts[p.ID] = true
	}
	takes := map[string]bool{}
	for _, d := range run.Doctors {
		takes[d.ID] = true
	}
	var before, after []runfile.Placement
	add := func(list *[]runfile.Placement, doctor, post string) {
		if ref := people[doctor].Ref; takes[ref] && posts[post] { // the run knows nothing of who came in along the waiting list
			*list = append(*list, runfile.Placement{Doctor: ref, Post: post})
		}
	}
	for _, p := range b.placed {
		if p.State != PlacedStands {
			continue
		}
		add(&before, p.Doctor, p.Post)
		if !slices.Contains(m.doctors(), p.Doctor) {
			add(&after, p.Doctor, p.Post)
		}
	}
	for _, st := range m.Steps {
		if st.To != "" {
			add(&after, st.Doctor, st.To)
		}
	}
	lines, err := price(run, before, after)
	m.Cost = append(lines, m.Cost...)
	return m, err
}
