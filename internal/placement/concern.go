package placement

import (
	"slices"
	"strings"

	"msw/internal/access"
	"msw/internal/clock"
)

// Concern is a worry about work or conduct, with what was written to it later.
// It is no part of the learning record.
type Concern struct {
	ID, Placement, Doctor string
	About                 string // the concern a later entry belongs to
	Closes                bool
	KeptFrom              []string // accounts, and keptHR: whom it is about. They never read it
	By, ByName            string
	RecordedAt            clock.Instant
	Text                  string
}

// keptHR keeps a concern from the HR teams.
const keptHR = "hr"

// About is whom a concern may be about, with who reads it then.
type About struct {
	ID       string // one of the words below
	Who      string
	Readers  []string
	KeptFrom []string
}

// Whom a concern may be about. Anything else is for all who read concerns.
const (
	AboutWork        = "work"
	AboutClinical    = "clinical"
	AboutEducational = "educational"
	AboutBoth        = "supervisors"
	AboutHR          = "hr"
)

// abouts lists whom a concern on a post may be about. Nobody is on the list about
// whom nobody would be left to read.
func (p Placement) abouts(name func(account string) string) []About {
	named := func(account, role string) string {
		return strings.TrimPrefix(name(account)+", the "+role+" supervisor", ", ")
	}
	all := []About{{ID: AboutWork, Who: "The work, safety, the person in post, or anything else"}}
	c, e := p.Clinical, p.Educational
	if c == e {
		e = ""
	}
	if c != "" {
		all = append(all, About{ID: AboutClinical, Who: named(c, "clinical"), KeptFrom: []string{c}})
	}
	if e != "" {
		all = append(all, About{ID: AboutEducational, Who: named(e, "educational"), KeptFrom: []string{e}})
	}
	if c != "" && e != "" {
		all = append(all, About{ID: AboutBoth, Who: "Both supervisors", KeptFrom: []string{c, e}})
	}
	all = append(all, About{ID: AboutHR, Who: "Somebody in the HR team", KeptFrom: []string{keptHR}})
	for i, a := range all {
		k := Concern{KeptFrom: a.KeptFrom}
		r := k.resource(p, "")
		for _, account := range slices.Compact(r.Supervisors) {
			role := "clinical"
			if account != c {
				role = "educational"
			}
			all[i].Readers = append(all[i].Readers, named(account, role))
		}
		if len(r.Organisations) > 0 {
			all[i].Readers = append(all[i].Readers, "the HR team of the employer and the place of work")
		}
	}
	return slices.DeleteFunc(all, func(a About) bool { return len(a.Readers) == 0 })
}

// words says who reads a concern about them.
func (a About) words() string {
	text := "Read by " + joined(a.Readers) + "."
	if len(a.KeptFrom) > 0 {
		text += " Not by who it is about."
	}
	return text
}

func joined(list []string) string {
	if len(list) < 2 {
		return strings.Join(list, "")
	}
	return strings.Join(list[:len(list)-1], ", ") + " and " + list[len(list)-1]
}

// resource is the placement as access sees it for one concern: without those it
// is about.
func (c Concern) resource(p Placement, tenant string) access.Resource {
	r := p.Resource(tenant)
	r.Supervisors = slices.DeleteFunc(r.Supervisors, func(a string) bool { return slices.Contains(c.KeptFrom, a) })
	if slices.Contains(c.KeptFrom, keptHR) {
		r.Organisations = nil
	}
	return r
}

// readable keeps of the concerns on a post those that somebody may read: nobody
// reads of a worry about themselves, whatever else they are.
func readable(t *access.Table, a access.Actor, p Placement, list []Concern) []Concern {
	may := map[string]bool{}
	for _, c := range list {
		if c.About == c.ID {
			may[c.ID] = !slices.Contains(c.KeptFrom, a.Account) && t.May(a, ActConcern, c.resource(p, a.Tenant)) == nil
		}
	}
	return slices.DeleteFunc(slices.Clone(list), func(c Concern) bool { return !may[c.About] })
}

// waiting counts the concerns that nobody has settled.
func waiting(list []Concern) int {
	n := 0
	for _, c := range list {
		if c.About == c.ID && !slices.ContainsFunc(list, func(o Concern) bool { return o.About == c.ID && o.Closes }) {
			n++
		}
	}
	return n
}
