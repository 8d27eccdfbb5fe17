package rulebook

import (
	"slices"

	"msw/internal/clock"
)

// tracer gathers steps as the traced closures run.
type tracer struct {
	steps []Step // of the expression now open
}

// open starts a step and gives what close needs to end it.
func (t *tracer) open(text string) []Step {
	outer := t.steps
	t.steps = []Step{{Text: text}}
	return outer
}

func (t *tracer) openFact(index int) []Step {
	outer := t.open("")
	t.steps[0].Fact = &index
	return outer
}

func (t *tracer) close(outer []Step, v verdict) {
	step := t.steps[0]
	step.State, step.Until = v.answer, ended(v.until)
	t.end(outer, step, v.facts)
}

func (t *tracer) closeValue(outer []Step, value string, facts factSet) {
	step := t.steps[0]
	step.Value = value
	t.end(outer, step, facts)
}

func (t *tracer) end(outer []Step, step Step, facts factSet) {
	facts.each(func(index int) { step.Facts = append(step.Facts, index) })
	step.Steps = slices.Clone(t.steps[1:])
	t.steps = append(outer, step)
}

// notNeeded follows a requirement's path where the working is of its not_needed.
const notNeeded = " not needed"

// Explain is Evaluate with the working of every requirement: each expression as
// written, its answer or value, and the facts it was asked of.
func (s *Set) Explain(facts []Fact, on clock.Date) Explanation {
	var c Case
	s.book.schema.Prepare(facts, &c)
	m := &c.machine
	*m = machine{c: &c, set: s, base: on, on: on}
	e := Explanation{Working: []Working{}}
	s.run(m, &e.Result)
	for _, q := range s.requirements {
		e.Working = m.working(e.Working, q, q.ID)
	}
	return e
}

// working runs a requirement's traced closures: over the proved facts, and over
// all of them where that leaves some out.
func (m *machine) working(list []Working, q *requirement, path string) []Working {
	for _, alternative := range q.anyOf {
		list = m.working(list, alternative, path+"/"+alternative.ID)
	}
	if q.spared != nil {
		list = m.passes(list, q, path+notNeeded, q.sparedTraced)
	}
	if q.traced == nil {
		return list
	}
	return m.passes(list, q, path, q.traced)
}

func (m *machine) passes(list []Working, q *requirement, path string, traced condFn) []Working {
	passes := []struct {
		name  string
		least State
	}{{"proved", q.Accepts}, {"all", Claimed}}
	for i, pass := range passes {
		m.trace = &tracer{}
		m.least, m.assumed, m.skipped = pass.least, i > 0, false
		traced(m)
		list = append(list, Working{Requirement: path, Pass: pass.name, Step: m.trace.steps[0]})
		if !m.skipped {
			break
		}
	}
	m.trace = nil
	return list
}
