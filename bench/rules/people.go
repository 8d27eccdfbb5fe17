package main

import (
	"math/rand/v2"

	"msw/internal/clock"
	"msw/internal/rulebook"
)

// record is what every fact has.
type record struct {
	Date  clock.Date     `json:"date" expr:"date"`
	Until clock.Date     `json:"until,omitempty" expr:"until"`
	State rulebook.State `json:"state" expr:"state"`
}

type sitting struct {
	record
	Test                                           string
	Overall, Listening, Reading, Writing, Speaking int64
}

type exam struct {
	record
	Name    string
	Attempt int64
	Outcome string
}

type qualification struct {
	record
	Registrable     string
	TaughtInEnglish bool
}

type experience struct {
	record
	Group        string
	Months       int64
	Postgraduate bool
}

type leave struct {
	record
	Category                    string
	MayWork, MayReside, Visitor bool
}

type residence struct {
	record
	InUK bool
}

type registration struct {
	record
	Kind string
}

type certificate struct {
	record
	Signed clock.Date
}

type placement struct {
	record
	Placed bool
}

type identity struct {
	record
	NameMatches bool
}

// person is the facts of one case as a Go programmer would type them.
type person struct {
	English        []sitting
	Exams          []exam
	Qualifications []qualification
	Experience     []experience
	Permissions    []leave
	Residence      []residence
	Registrations  []registration
	Certificates   []certificate
	Placements     []placement
	Identities     []identity
}

// on is the day that every case is asked about.
var on = clock.MustDate("2026-11-22")

// draw makes a case. Every fact is verified and has happened, and every kind is
// there, so that contestants who know only yes and no can take part.
func draw(r *rand.Rand) *person {
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	yes := func() bool { return r.IntN(3) > 0 }
	score := func() int64 { return int64(60 + 5*r.IntN(7)) }
	past := func(days int) record {
		return record{Date: on - 1 - clock.Date(r.IntN(days)), State: rulebook.Verified}
	}
	ends := func(rec record) record {
		rec.Until = on - 200 + clock.Date(r.IntN(900))
		if rec.Until < rec.Date {
			rec.Until = rec.Date
		}
		return rec
	}
	p := &person{}
	for range 1 + r.IntN(2) {
		p.English = append(p.English, sitting{past(1100), pick("IELTS", "OET", "TOEFL"), score(), score(), score(), score(), score()})
	}
	for range 1 + r.IntN(3) {
		p.Exams = append(p.Exams, exam{past(1100), pick("PLAB1", "PLAB2"), int64(1 + r.IntN(4)), pick("passed", "passed", "failed", "not_taken")})
	}
	p.Qualifications = append(p.Qualifications, qualification{past(5000), pick("yes", "yes", "no"), yes()})
	for range 2 {
		p.Experience = append(p.Experience, experience{past(3000), pick("medicine", "surgery"), int64(r.IntN(14)), yes()})
	}
	p.Permissions = append(p.Permissions, leave{ends(past(900)), pick("refugee", "humanitarian", "settled", "student", "visitor"), yes(), yes(), !yes()})
	p.Residence = append(p.Residence, residence{past(300), yes()})
	p.Registrations = append(p.Registrations, registration{past(300), pick("none", "none", "full")})
	p.Certificates = append(p.Certificates, certificate{past(200), on - clock.Date(r.IntN(800))})
	p.Placements = append(p.Placements, placement{past(300), !yes()})
	p.Identities = append(p.Identities, identity{ends(past(300)), yes()})
	return p
}

// facts are the same as dated facts of msw.
func (p *person) facts() []rulebook.Fact {
	var list []rulebook.Fact
	add := func(kind string, r record, fields map[string]any) {
		list = append(list, rulebook.Fact{Kind: kind, Date: r.Date, Until: r.Until, State: r.State, Fields: fields})
	}
	for _, f := range p.English {
		add("english_test", f.record, map[string]any{"test": f.Test, "overall": f.Overall, "listening": f.Listening, "reading": f.Reading, "writing": f.Writing, "speaking": f.Speaking})
	}
	for _, f := range p.Exams {
		add("exam", f.record, map[string]any{"name": f.Name, "attempt": f.Attempt, "outcome": f.Outcome})
	}
	for _, f := range p.Qualifications {
		add("medical_qualification", f.record, map[string]any{"registrable": f.Registrable, "taught_in_english": f.TaughtInEnglish})
	}
	for _, f := range p.Experience {
		add("experience", f.record, map[string]any{"group": f.Group, "length": f.Months, "postgraduate": f.Postgraduate})
	}
	for _, f := range p.Permissions {
		add("right_to_work", f.record, map[string]any{"category": f.Category, "may_work": f.MayWork, "may_reside": f.MayReside, "visitor": f.Visitor})
	}
	for _, f := range p.Residence {
		add("residence", f.record, map[string]any{"in_uk": f.InUK})
	}
	for _, f := range p.Registrations {
		add("registration", f.record, map[string]any{"kind": f.Kind})
	}
	for _, f := range p.Certificates {
		add("good_standing", f.record, map[string]any{"signed": f.Signed})
	}
	for _, f := range p.Placements {
		add("placement", f.record, map[string]any{"placed": f.Placed})
	}
	for _, f := range p.Identities {
		add("identity", f.record, map[string]any{"name_matches": f.NameMatches})
	}
	return list
}

// lists are the same as records for cel, expr, OPA and the JavaScript engine:
// fields by name, dates as numbers of days, windows in months worked out.
func (p *person) lists() map[string]any {
	out := map[string]any{"on": int64(on)}
	for _, f := range p.facts() {
		m := map[string]any{"date": int64(f.Date), "until": int64(f.Until), "end24": int64(clock.AddMonths(f.Date, 24))}
		for name, value := range f.Fields {
			if d, ok := value.(clock.Date); ok {
				m["end3"] = int64(clock.AddMonths(d, 3))
				value = int64(d)
			}
			m[name] = value
		}
		list, _ := out[listOf[f.Kind]].([]any)
		out[listOf[f.Kind]] = append(list, m)
	}
	return out
}

var listOf = map[string]string{"english_test": "english", "exam": "exams", "medical_qualification": "qualifications", "experience": "experience",
	"right_to_work": "permissions", "residence": "residence", "registration": "registrations", "good_standing": "certificates",
	"placement": "placements", "identity": "identities"}
