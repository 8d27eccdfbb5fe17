package doctor

import (
	"context"
	"slices"
	"strings"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/database"
	"msw/internal/problem"
)

// mergeField is one thing of which a person chooses between two linked records.
type mergeField struct {
	code, title string
	show        func(Details) string
	take        func(to *Details, from Details)
}

// mergeFields lists them as the page shows them.
func mergeFields() []mergeField {
	return []mergeField{
		{"name", "Name on document", Details.AsWritten, func(to *Details, from Details) { to.Given, to.Family = from.Given, from.Family }},
		{"preferred", "Likes to be called", func(d Details) string { return d.Preferred }, func(to *Details, from Details) { to.Preferred = from.Preferred }},
		{"native", "Name in own script", func(d Details) string { return d.Native }, func(to *Details, from Details) { to.Native = from.Native }},
		{"birth", "Date of birth", func(d Details) string { return birthWords(d.BirthDate) }, func(to *Details, from Details) { to.BirthDate = from.BirthDate }},
		{"email", "Email", func(d Details) string { return d.Email }, func(to *Details, from Details) { to.Email = from.Email }},
		{"mobile", "Mobile", func(d Details) string { return d.Mobile }, func(to *Details, from Details) { to.Mobile = from.Mobile }},
		{"languages", "Languages", func(d Details) string { return listWords(d.Languages) }, func(to *Details, from Details) { to.Languages = from.Languages }},
	}
}

// choices are the fields in which two records differ.
func choices(a, b Details) []mergeField {
	return slices.DeleteFunc(mergeFields(), func(f mergeField) bool { return f.show(a) == f.show(b) })
}

// Merge is the word of staff that two records are one person: Kept goes on, and
// of the Fields named it reads what Other has.
type Merge struct {
	Kept, Other string
	Fields      []string
}

// Merge links two records as one person. No row is moved: what is taken from the
// other is read from there, so that undoing the link leaves both as they were.
func (s *Service) Merge(ctx context.Context, call access.Call, m Merge) error {
	for _, code := range m.Fields {
		if !slices.ContainsFunc(mergeFields(), func(f mergeField) bool { return f.code == code }) {
			return problem.New(problem.Invalid, "Choose for each line which record is right.")
		}
	}
	return s.pairUp(ctx, call, pair{first: min(m.Kept, m.Other), second: max(m.Kept, m.Other), verdict: Same, kept: m.Kept, fields: strings.Join(m.Fields, ",")})
}

// pairUp keeps a verdict about two records.
func (s *Service) pairUp(ctx context.Context, call access.Call, p pair) error {
	for _, d := range []string{p.first, p.second} {
		if err := s.May(ctx, call, ActCompare, d); err != nil {
			return err
		}
	}
	return s.db.Tx(ctx, func(ctx context.Context) error {
		found, err := s.raw(ctx, call.Actor.Tenant, selectDoctor+`p.id IN ($2, $3)`, call.Actor.Tenant, p.first, p.second)
		if err != nil {
			return err
		}
		if len(found) != 2 {
			return problem.Missing()
		}
		if err := s.whole(ctx, call.Actor.Tenant, p, found); err != nil {
			return err
		}
		if err := s.savePair(ctx, call, p); err != nil {
			return err
		}
		if err := s.tellSame(ctx, call, p); err != nil {
			return err
		}
		s.db.Again(ctx, linkedKey+call.Actor.Tenant)
		return s.audit.Record(ctx, call, audit.Entry{Action: ActCompare, Kind: "doctor", ID: p.first, Person: p.first,
			After: map[string]string{"other": p.second, "verdict": p.verdict, "kept": p.kept, "fields": p.fields}})
	})
}

// whole refuses a link with a record that already goes on as another: that other
// one is the person. So links make no circle, and each record goes on once.
func (s *Service) whole(ctx context.Context, tenant string, p pair, found []Doctor) error {
	if p.verdict != Same {
		return nil
	}
	for _, d := range found {
		list, err := s.pairs(ctx, tenant, d.ID)
		if err != nil {
			return err
		}
		for _, q := range list {
			if q.aside() == d.ID && q.other(d.ID) != p.other(d.ID) {
				return problem.Refuse("Record "+d.Ref+" already goes on as another record.", "Compare with the record that goes on, or undo that link first.")
			}
		}
	}
	return nil
}

// aside is the record of a link that does not go on, "" when there is no link.
func (p pair) aside() string {
	if p.verdict != Same || p.kept == "" {
		return ""
	}
	return p.other(p.kept)
}

// tellSame tells of all records that hang together with those of a verdict which
// of them goes on.
func (s *Service) tellSame(ctx context.Context, call access.Call, p pair) error {
	if s.sameAs == nil {
		return nil
	}
	goesOn := map[string]string{}
	for todo := []string{p.first, p.second}; len(todo) > 0; todo = todo[1:] {
		id := todo[0]
		if _, seen := goesOn[id]; seen {
			continue
		}
		last, err := s.Linked(ctx, call.Actor.Tenant, id)
		if err != nil {
			return err
		}
		goesOn[id] = last
		same, err := s.SamePerson(ctx, call.Actor.Tenant, id)
		if err != nil {
			return err
		}
		todo = append(todo, same...)
	}
	return s.sameAs(ctx, call, goesOn)
}

// TellSame tells the cases of links that were made before cases knew of them
// which record goes on. It asks no permission: staff decided then.
func (s *Service) TellSame(ctx context.Context, call access.Call) error {
	const most = 100
	for {
		list, err := s.untold(ctx, call.Actor.Tenant, most)
		if err != nil || len(list) == 0 {
			return err
		}
		for _, p := range list {
			err := s.db.Tx(ctx, func(ctx context.Context) error {
				if err := s.tellSame(ctx, call, p); err != nil {
					return err
				}
				return s.setTold(ctx, call.Actor.Tenant, p)
			})
			if err != nil {
				return err
			}
		}
	}
}

const linkedKey = "doctor linked "

// overlaid puts into records that go on what they take from those linked to
// them.
func (s *Service) overlaid(ctx context.Context, tenant string, list []Doctor) ([]Doctor, error) {
	if len(list) == 0 {
		return list, nil
	}
	any, err := database.Once(ctx, s.db, linkedKey+tenant, func() (bool, error) { return s.anyLinked(ctx, tenant) })
	if err != nil || !any {
		return list, err
	}
	ids := make([]string, len(list))
	for i, d := range list {
		ids[i] = d.ID
	}
	pairs, err := s.links(ctx, tenant, ids)
	if err != nil || len(pairs) == 0 {
		return list, err
	}
	for _, p := range pairs {
		others, err := s.raw(ctx, tenant, selectDoctor+`p.id = $2`, tenant, p.other(p.kept))
		if err != nil {
			return nil, err
		}
		for i := range list {
			if list[i].ID == p.kept && len(others) == 1 {
				take(&list[i].Details, others[0].Details, p.fields)
			}
		}
	}
	return list, nil
}

func take(to *Details, from Details, fields string) {
	for _, f := range mergeFields() {
		if slices.Contains(strings.Split(fields, ","), f.code) {
			f.take(to, from)
		}
	}
}

// untaken gives details as typed over an overlaid record back their own values
// where what was taken from another record was not changed: it stays there.
func (s *Service) untaken(ctx context.Context, tenant, id string, shown, typed Details) (Details, error) {
	pairs, err := s.links(ctx, tenant, []string{id})
	if err != nil || len(pairs) == 0 {
		return typed, err
	}
	own, err := s.raw(ctx, tenant, selectDoctor+`p.id = $2`, tenant, id)
	if err != nil || len(own) == 0 {
		return typed, err
	}
	for _, p := range pairs {
		for _, f := range mergeFields() {
			if slices.Contains(strings.Split(p.fields, ","), f.code) && f.show(shown) == f.show(typed) {
				f.take(&typed, own[0].Details)
			}
		}
	}
	return typed, nil
}

// Linked tells of a record that was linked as the same person which record goes
// on in its place, over as many links as it takes; "" when it goes on itself. It
// asks no permission.
func (s *Service) Linked(ctx context.Context, tenant, id string) (string, error) {
	last := ""
	for seen := map[string]bool{}; !seen[id]; {
		seen[id] = true
		list, err := s.pairs(ctx, tenant, id)
		if err != nil {
			return "", err
		}
		for _, p := range list {
			if p.aside() == id {
				last = p.kept
			}
		}
		if last != "" {
			id = last
		}
	}
	return last, nil
}
