package allocation

import (
	"slices"

	"msw/internal/clock"
)

// placeFirst pins the doctors whose protected reason was agreed to the posts they
// would get if nobody else took part: their reasons go before all wishes. A floor
// is for all together, so that it binds only afterwards. In a ranked round the
// hosts choose, and nobody is pinned.
func (f *field) placeFirst(seed string, today clock.Date) error {
	alone := *f
	alone.doctors = slices.DeleteFunc(slices.Clone(f.doctors), func(d RoundDoctor) bool { return !d.Protected })
	if f.round.Way != WayAllocation || len(alone.doctors) == 0 {
		return nil
	}
	takes := func(ref string) bool {
		return slices.ContainsFunc(alone.doctors, func(d RoundDoctor) bool { return d.Ref == ref })
	}
	alone.linked = slices.DeleteFunc(slices.Clone(f.linked), func(p [2]string) bool { return !takes(p[0]) || !takes(p[1]) })
	alone.round.Rules.Limits = slices.DeleteFunc(slices.Clone(f.round.Rules.Limits), func(l RoundLimit) bool { return l.Kind == LimitFloor })
	run, err := alone.run(f.round.ID+"-first", seed, "", today)
	if err != nil {
		return err
	}
	result, err := solve(run)
	if err != nil {
		return err
	}
	for _, e := range result.Explanations {
		i := slices.IndexFunc(f.doctors, func(d RoundDoctor) bool { return d.Ref == e.Doctor })
		if e.Post == "" {
			continue
		}
		d := &f.doctors[i]
		d.Pinned, d.First = e.Post, map[string]string{}
		for _, w := range e.Better {
			d.First[w.Post] = "Among the doctors placed first: " + w.Sentence
		}
	}
	return nil
}

// areaOf is where a linked pair is cut to when one of them was placed first.
func (f *field) areaOf(pair [2]string) string {
	for _, d := range f.doctors {
		if p := f.posts[d.Pinned]; p != nil && (d.Ref == pair[0] || d.Ref == pair[1]) {
			return "region:" + p.Region
		}
	}
	return ""
}
