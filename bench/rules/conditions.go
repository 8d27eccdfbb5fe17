package main

import (
	"fmt"
	"strings"

	"msw/internal/clock"
	"msw/internal/rulebook"
)

// condition is one of the thirty, as each contestant takes it. cel and expr
// read the same lists of records; there the windows in months are fields that
// were worked out before, since neither counts months on civil dates.
type condition struct {
	id, kind, rule string
	cel, expr      string
	rego           string
	hand           func(p *person, on clock.Date) rulebook.Answer
}

// asked is true of a record that counts: proved and happened.
func asked(r *record, on clock.Date) bool { return r.State == rulebook.Verified && r.Date <= on }

// some is what a programmer writes by hand for "any … where …".
func some[T any](list []T, of func(*T) *record, on clock.Date, yes func(*T) bool) rulebook.Answer {
	answer := rulebook.Unknown
	for i := range list {
		if !asked(of(&list[i]), on) {
			continue
		}
		if yes(&list[i]) {
			return rulebook.Met
		}
		answer = rulebook.Unmet
	}
	return answer
}

func not(a rulebook.Answer) rulebook.Answer {
	switch a {
	case rulebook.Met:
		return rulebook.Unmet
	case rulebook.Unmet:
		return rulebook.Met
	}
	return a
}

func english(yes func(*sitting, clock.Date) bool) func(*person, clock.Date) rulebook.Answer {
	return func(p *person, on clock.Date) rulebook.Answer {
		answer := rulebook.Unknown
		for i := range p.English {
			e := &p.English[i]
			if !asked(&e.record, on) {
				continue
			}
			if yes(e, on) {
				return rulebook.Met
			}
			answer = rulebook.Unmet
		}
		return answer
	}
}

func exams(yes func(*exam, clock.Date) bool) func(*person, clock.Date) rulebook.Answer {
	return func(p *person, on clock.Date) rulebook.Answer {
		answer := rulebook.Unknown
		for i := range p.Exams {
			e := &p.Exams[i]
			if !asked(&e.record, on) {
				continue
			}
			if yes(e, on) {
				return rulebook.Met
			}
			answer = rulebook.Unmet
		}
		return answer
	}
}

func months(want int64, group string) func(*person, clock.Date) rulebook.Answer {
	return func(p *person, on clock.Date) rulebook.Answer {
		sum, any := int64(0), false
		for i := range p.Experience {
			e := &p.Experience[i]
			if !asked(&e.record, on) {
				continue
			}
			any = true
			if group == "" || e.Group == group {
				sum += e.Months
			}
		}
		switch {
		case !any:
			return rulebook.Unknown
		case sum >= want:
			return rulebook.Met
		}
		return rulebook.Unmet
	}
}

var day2020, day2025 = clock.MustDate("2020-01-01"), clock.MustDate("2025-01-01")

func permission(p *leave) *record { return &p.record }

// conditions are the thirty.
var conditions = []condition{
	{"C01", "english_test", `any english_test where test = "IELTS" and overall >= 75`,
		`english.exists(f, f.test == "IELTS" && f.overall >= 75)`, `any(english, .test == "IELTS" && .overall >= 75)`,
		`some f in input.english; f.test == "IELTS"; f.overall >= 75`,
		english(func(e *sitting, _ clock.Date) bool { return e.Test == "IELTS" && e.Overall >= 75 })},
	{"C02", "english_test", `any english_test where listening >= 70`, `english.exists(f, f.listening >= 70)`, `any(english, .listening >= 70)`,
		`some f in input.english; f.listening >= 70`, english(func(e *sitting, _ clock.Date) bool { return e.Listening >= 70 })},
	{"C03", "english_test", `any english_test where reading >= 70`, `english.exists(f, f.reading >= 70)`, `any(english, .reading >= 70)`,
		`some f in input.english; f.reading >= 70`, english(func(e *sitting, _ clock.Date) bool { return e.Reading >= 70 })},
	{"C04", "english_test", `any english_test where writing >= 70`, `english.exists(f, f.writing >= 70)`, `any(english, .writing >= 70)`,
		`some f in input.english; f.writing >= 70`, english(func(e *sitting, _ clock.Date) bool { return e.Writing >= 70 })},
	{"C05", "english_test", `any english_test where speaking >= 70`, `english.exists(f, f.speaking >= 70)`, `any(english, .speaking >= 70)`,
		`some f in input.english; f.speaking >= 70`, english(func(e *sitting, _ clock.Date) bool { return e.Speaking >= 70 })},
	{"C06", "english_test", `any english_test where date within 24 months`, `english.exists(f, f.end24 > on)`, `any(english, .end24 > on)`,
		`some f in input.english; f.end24 > input.on`, english(func(e *sitting, on clock.Date) bool { return on < clock.AddMonths(e.Date, 24) })},
	{"C07", "english_test", `any english_test where test in ["IELTS", "OET"]`, `english.exists(f, f.test in ["IELTS", "OET"])`, `any(english, .test in ["IELTS", "OET"])`,
		`some f in input.english; f.test in {"IELTS", "OET"}`, english(func(e *sitting, _ clock.Date) bool { return e.Test == "IELTS" || e.Test == "OET" })},
	{"C08", "exam", `any exam where name = "PLAB1" and outcome = "passed"`, `exams.exists(f, f.name == "PLAB1" && f.outcome == "passed")`,
		`any(exams, .name == "PLAB1" && .outcome == "passed")`, `some f in input.exams; f.name == "PLAB1"; f.outcome == "passed"`,
		exams(func(e *exam, _ clock.Date) bool { return e.Name == "PLAB1" && e.Outcome == "passed" })},
	{"C09", "exam", `any exam where name = "PLAB2" and outcome = "passed"`, `exams.exists(f, f.name == "PLAB2" && f.outcome == "passed")`,
		`any(exams, .name == "PLAB2" && .outcome == "passed")`, `some f in input.exams; f.name == "PLAB2"; f.outcome == "passed"`,
		exams(func(e *exam, _ clock.Date) bool { return e.Name == "PLAB2" && e.Outcome == "passed" })},
	{"C10", "exam", `no exam where outcome = "failed"`, `!exams.exists(f, f.outcome == "failed")`, `none(exams, .outcome == "failed")`,
		`count([f | some f in input.exams; f.outcome == "failed"]) == 0`, func(p *person, on clock.Date) rulebook.Answer {
			return not(some(p.Exams, func(e *exam) *record { return &e.record }, on, func(e *exam) bool { return e.Outcome == "failed" }))
		}},
	{"C11", "exam", `any exam where name = "PLAB1" and outcome = "passed" and date within 24 months`,
		`exams.exists(f, f.name == "PLAB1" && f.outcome == "passed" && f.end24 > on)`, `any(exams, .name == "PLAB1" && .outcome == "passed" && .end24 > on)`,
		`some f in input.exams; f.name == "PLAB1"; f.outcome == "passed"; f.end24 > input.on`,
		exams(func(e *exam, on clock.Date) bool {
			return e.Name == "PLAB1" && e.Outcome == "passed" && on < clock.AddMonths(e.Date, 24)
		})},
	{"C12", "exam", `count(exam where outcome = "failed") < 2`, `exams.filter(f, f.outcome == "failed").size() < 2`, `count(exams, .outcome == "failed") < 2`,
		`count([f | some f in input.exams; f.outcome == "failed"]) < 2`, func(p *person, on clock.Date) rulebook.Answer {
			n, any := 0, false
			for i := range p.Exams {
				if e := &p.Exams[i]; asked(&e.record, on) {
					if any = true; e.Outcome == "failed" {
						n++
					}
				}
			}
			switch {
			case !any:
				return rulebook.Unknown
			case n < 2:
				return rulebook.Met
			}
			return rulebook.Unmet
		}},
	{"C13", "exam", `all exam where attempt <= 3`, `exams.all(f, f.attempt <= 3)`, `all(exams, .attempt <= 3)`,
		`every f in input.exams { f.attempt <= 3 }`, func(p *person, on clock.Date) rulebook.Answer {
			return not(some(p.Exams, func(e *exam) *record { return &e.record }, on, func(e *exam) bool { return e.Attempt > 3 }))
		}},
	{"C14", "medical_qualification", `any medical_qualification where registrable = "yes"`, `qualifications.exists(f, f.registrable == "yes")`, `any(qualifications, .registrable == "yes")`,
		`some f in input.qualifications; f.registrable == "yes"`, qualified(func(q *qualification) bool { return q.Registrable == "yes" })},
	{"C15", "medical_qualification", `any medical_qualification where taught_in_english`, `qualifications.exists(f, f.taught_in_english)`, `any(qualifications, .taught_in_english)`,
		`some f in input.qualifications; f.taught_in_english`, qualified(func(q *qualification) bool { return q.TaughtInEnglish })},
	{"C16", "medical_qualification", `any medical_qualification where date < 2020-01-01`, fmt.Sprintf(`qualifications.exists(f, f.date < %d)`, day2020), fmt.Sprintf(`any(qualifications, .date < %d)`, day2020),
		fmt.Sprintf(`some f in input.qualifications; f.date < %d`, day2020), qualified(func(q *qualification) bool { return q.Date < day2020 })},
	{"C17", "experience", `sum(experience.length) >= 12`, `experience.map(f, f.length).sum() >= 12`, `sum(experience, .length) >= 12`,
		`sum([f.length | some f in input.experience]) >= 12`, months(12, "")},
	{"C18", "experience", `sum(experience.length where group = "medicine") >= 3`, `experience.filter(f, f.group == "medicine").map(f, f.length).sum() >= 3`, `sum(filter(experience, .group == "medicine"), .length) >= 3`,
		`sum([f.length | some f in input.experience; f.group == "medicine"]) >= 3`, months(3, "medicine")},
	{"C19", "experience", `sum(experience.length where group = "surgery") >= 3`, `experience.filter(f, f.group == "surgery").map(f, f.length).sum() >= 3`, `sum(filter(experience, .group == "surgery"), .length) >= 3`,
		`sum([f.length | some f in input.experience; f.group == "surgery"]) >= 3`, months(3, "surgery")},
	{"C20", "experience", `all experience where postgraduate`, `experience.all(f, f.postgraduate)`, `all(experience, .postgraduate)`,
		`every f in input.experience { f.postgraduate }`, func(p *person, on clock.Date) rulebook.Answer {
			return not(some(p.Experience, func(e *experience) *record { return &e.record }, on, func(e *experience) bool { return !e.Postgraduate }))
		}},
	{"C21", "right_to_work", `any right_to_work where may_work and may_reside`, `permissions.exists(f, f.may_work && f.may_reside)`, `any(permissions, .may_work && .may_reside)`,
		`some f in input.permissions; f.may_work; f.may_reside`, func(p *person, on clock.Date) rulebook.Answer {
			return some(p.Permissions, permission, on, func(f *leave) bool { return f.MayWork && f.MayReside })
		}},
	{"C22", "right_to_work", `no right_to_work where visitor`, `!permissions.exists(f, f.visitor)`, `none(permissions, .visitor)`,
		`count([f | some f in input.permissions; f.visitor]) == 0`, func(p *person, on clock.Date) rulebook.Answer {
			return not(some(p.Permissions, permission, on, func(f *leave) bool { return f.Visitor }))
		}},
	{"C23", "right_to_work", `any right_to_work where category in ["refugee", "humanitarian", "settled"]`, `permissions.exists(f, f.category in ["refugee", "humanitarian", "settled"])`,
		`any(permissions, .category in ["refugee", "humanitarian", "settled"])`, `some f in input.permissions; f.category in {"refugee", "humanitarian", "settled"}`,
		func(p *person, on clock.Date) rulebook.Answer {
			return some(p.Permissions, permission, on, func(f *leave) bool {
				return f.Category == "refugee" || f.Category == "humanitarian" || f.Category == "settled"
			})
		}},
	{"C24", "right_to_work", `any right_to_work where in_force`, `permissions.exists(f, f.until >= on)`, `any(permissions, .until >= on)`,
		`some f in input.permissions; f.until >= input.on`, func(p *person, on clock.Date) rulebook.Answer {
			return some(p.Permissions, permission, on, func(f *leave) bool { return f.Until == 0 || f.Until >= on })
		}},
	{"C25", "residence", `any residence where in_uk`, `residence.exists(f, f.in_uk)`, `any(residence, .in_uk)`,
		`some f in input.residence; f.in_uk`, func(p *person, on clock.Date) rulebook.Answer {
			return some(p.Residence, func(f *residence) *record { return &f.record }, on, func(f *residence) bool { return f.InUK })
		}},
	{"C26", "registration", `no registration where kind in ["full", "provisional"]`, `!registrations.exists(f, f.kind in ["full", "provisional"])`, `none(registrations, .kind in ["full", "provisional"])`,
		`count([f | some f in input.registrations; f.kind in {"full", "provisional"}]) == 0`, func(p *person, on clock.Date) rulebook.Answer {
			return not(some(p.Registrations, func(f *registration) *record { return &f.record }, on, func(f *registration) bool { return f.Kind == "full" || f.Kind == "provisional" }))
		}},
	{"C27", "good_standing", `any good_standing where signed within 3 months`, `certificates.exists(f, f.end3 > on)`, `any(certificates, .end3 > on)`,
		`some f in input.certificates; f.end3 > input.on`, func(p *person, on clock.Date) rulebook.Answer {
			return some(p.Certificates, func(f *certificate) *record { return &f.record }, on, func(f *certificate) bool { return f.Signed <= on && on < clock.AddMonths(f.Signed, 3) })
		}},
	{"C28", "good_standing", `any good_standing where signed > 2025-01-01`, fmt.Sprintf(`certificates.exists(f, f.signed > %d)`, day2025), fmt.Sprintf(`any(certificates, .signed > %d)`, day2025),
		fmt.Sprintf(`some f in input.certificates; f.signed > %d`, day2025), func(p *person, on clock.Date) rulebook.Answer {
			return some(p.Certificates, func(f *certificate) *record { return &f.record }, on, func(f *certificate) bool { return f.Signed > day2025 })
		}},
	{"C29", "placement", `no placement where placed`, `!placements.exists(f, f.placed)`, `none(placements, .placed)`,
		`count([f | some f in input.placements; f.placed]) == 0`, func(p *person, on clock.Date) rulebook.Answer {
			return not(some(p.Placements, func(f *placement) *record { return &f.record }, on, func(f *placement) bool { return f.Placed }))
		}},
	{"C30", "identity", `any identity where name_matches and until > on`, `identities.exists(f, f.name_matches && f.until > on)`, `any(identities, .name_matches && .until > on)`,
		`some f in input.identities; f.name_matches; f.until > input.on`, func(p *person, on clock.Date) rulebook.Answer {
			return some(p.Identities, func(f *identity) *record { return &f.record }, on, func(f *identity) bool { return f.NameMatches && f.Until > on })
		}},
}

func qualified(yes func(*qualification) bool) func(*person, clock.Date) rulebook.Answer {
	return func(p *person, on clock.Date) rulebook.Answer {
		return some(p.Qualifications, func(q *qualification) *record { return &q.record }, on, yes)
	}
}

// ruleFile is the thirty conditions as a rule file of msw, each with reasons and
// a source as a real one has.
func ruleFile() string {
	var b strings.Builder
	b.WriteString("id: bench\nname: one\ntitle: Thirty conditions\neffective: {from: 2000-01-01, mark: set-by-us}\nsources: [{title: The benchmark, mark: set-by-us}]\nrequirements:\n")
	for _, c := range conditions {
		fmt.Fprintf(&b, `  - id: %s
    title: Condition %s
    accepts: verified
    needs: [%s]
    when: |
      %s
    unmet: {kind: fixable, staff: It is not so., doctor: It is not so., bring: Proof.}
    unknown: {staff: Nobody knows., doctor: Nobody knows.}
    sources: [{title: The benchmark, mark: set-by-us}]
`, c.id, c.id, c.kind, c.rule)
	}
	return b.String()
}
