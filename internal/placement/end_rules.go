package placement

import (
	"bytes"
	"fmt"
	"io/fs"
	"slices"

	"go.yaml.in/yaml/v3"

	"msw/internal/clock"
	"msw/internal/placement/card"
)

// EndStep is one thing that must be done when a placement ends.
type EndStep struct {
	ID, Who, Words string
	Kinds          []EndKind // none = every kind
	Days           int       // after the last day
	Record         string    // what the record itself proves: nobody ticks it
	card.Origin    `yaml:",inline"`
}

// EndRules are what must be done at an end. Read only.
type EndRules struct {
	ID, Title, Effective string
	Steps                []EndStep
}

// Who does a step.
const (
	doerEmployer   = "employer"
	doerSupervisor = "supervisor"
	doerDoctor     = "doctor"
	doerProgramme  = "programme"
	doerNobody     = "nobody"
)

// LoadEndRules reads placement/end.yaml strictly.
func LoadEndRules(fsys fs.FS) (*EndRules, error) {
	text, err := fs.ReadFile(fsys, "placement/end.yaml")
	if err != nil {
		return nil, fmt.Errorf("rules of the end: %w", err)
	}
	r := new(EndRules)
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(r); err != nil {
		return nil, fmt.Errorf("rules of the end: %w", err)
	}
	seen := map[string]bool{}
	for _, s := range r.Steps {
		wrong := s.ID == "" || seen[s.ID] || s.Words == "" || s.MarkWords() == "" || (s.Record == "") == (s.Who == doerNobody) ||
			!slices.Contains([]string{doerEmployer, doerSupervisor, doerDoctor, doerProgramme, doerNobody}, s.Who) ||
			!slices.Contains([]string{"", "ended", "registered", "doctor_post"}, s.Record)
		for _, k := range s.Kinds {
			wrong = wrong || k.Words() == ""
		}
		if wrong {
			return nil, fmt.Errorf("rules of the end: step %q is not complete", s.ID)
		}
		seen[s.ID] = true
	}
	if len(seen) == 0 {
		return nil, fmt.Errorf("rules of the end: no steps")
	}
	return r, nil
}

// Of gives the steps of a kind.
func (r *EndRules) Of(kind EndKind) []EndStep {
	var out []EndStep
	for _, s := range r.Steps {
		if len(s.Kinds) == 0 || slices.Contains(s.Kinds, kind) {
			out = append(out, s)
		}
	}
	return out
}

// StepState is a step of one end, as it stands.
type StepState struct {
	EndStep
	Due     clock.Date
	DoneOn  clock.Date
	MayTick bool
}

// Late tells whether a step should have been done.
func (s StepState) Late(today clock.Date) bool { return s.DoneOn.IsZero() && s.Due < today }

// Proof is what the record proves of an end.
type Proof struct{ Registered, DoctorPost clock.Date }

// states sets the steps beside what is done.
func (r *EndRules) states(l Leaving, ticks map[string]clock.Date, proof Proof) []StepState {
	var out []StepState
	for _, s := range r.Of(l.Kind) {
		st := StepState{EndStep: s, Due: l.LastDay.AddDays(s.Days), DoneOn: ticks[s.ID]}
		switch s.Record {
		case "ended":
			if l.State == LeavingEnded {
				st.DoneOn = l.LastDay
			}
		case "registered":
			st.DoneOn = proof.Registered
		case "doctor_post":
			st.DoneOn = proof.DoctorPost
		}
		out = append(out, st)
	}
	return out
}
