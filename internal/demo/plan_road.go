package demo

import (
	"slices"

	"msw/internal/clock"
)

// placed decides the life of somebody who starts in a cohort's phase.
func (p *planner) placed(l *life, index int, earlyDoctor bool) {
	c := cohorts[index]
	l.cohort = index
	last := clock.MustDate(c.to)
	if earlyDoctor { // registration and a first doctor post must fit before June 2022
		last = min(last, clock.MustDate("2021-11-30"))
	}
	start := p.between(clock.MustDate(c.from), last)
	for !clock.WorkingDay(start, nil) {
		start++
	}
	l.referred = start - clock.Date(70+p.r.IntN(240))
	l.invited = l.referred + clock.Date(1+p.r.IntN(6))
	l.taken = l.invited + clock.Date(1+p.r.IntN(10))
	l.submitted = l.taken + clock.Date(2+p.r.IntN(12))
	l.decided = l.submitted + clock.Date(3+p.r.IntN(9))
	l.decision = "eligible"
	l.proposed = l.decided + clock.Date(1+p.r.IntN(3))
	l.offered = l.proposed + clock.Date(1+p.r.IntN(4))
	l.accepted = l.offered + clock.Date(1+p.r.IntN(4))
	l.checked = start - clock.Date(1+p.r.IntN(4))
	l.begins = start
	p.past(l)
	p.english(l, l.submitted, true)
	l.mayWork = true
	l.rightEnds = clock.AddMonths(start, 26+p.r.IntN(40))
	l.setting = "hospital"
	if k := p.r.IntN(20); k < 3 {
		l.setting = "gp_practice"
	} else if k == 3 {
		l.setting = "community"
	}
	l.fundedUntil = clock.MustDate(c.fundedUntil)
	l.contractEnds = clock.AddMonths(start, 12)
	p.clip(l)
	if l.begins == 0 {
		return
	}
	switch {
	case earlyDoctor:
		l.registered = p.between(start+90, clock.MustDate("2022-05-20"))
		l.confirmed = l.registered + 2
		l.doctorPost = p.between(l.registered+7, clock.MustDate("2022-06-17"))
		l.ended, l.endReason = l.doctorPost-1, "registered_and_hired"
		p.exams(l)
	case index < 3: // still in role on the published day
		l.contractEnds = clock.AddMonths(start, 24)
		p.afterJune2022(l, clock.MustDate(published2022))
	default:
		p.afterJune2022(l, start+60)
	}
}

// afterJune2022 ends a placement as placements do, and says what became of the
// person: the published figures show no leavers, life does.
func (p *planner) afterJune2022(l *life, earliest clock.Date) {
	k := p.r.IntN(100)
	switch {
	case k < 58:
		l.registered = p.after(max(earliest, l.begins+120), 20, 420)
		l.confirmed = p.after(l.registered, 1, 9)
		if l.confirmed == 0 {
			l.registered = 0
		}
		if p.r.IntN(9) != 0 {
			l.doctorPost = p.after(l.confirmed, 10, 120)
		}
		if l.doctorPost != 0 {
			l.ended, l.endReason = l.doctorPost-1, "registered_and_hired"
		}
	case k < 70:
		l.ended = p.after(max(earliest, l.begins+45), 10, 300)
		l.endReason = pick(p.r, []string{"moved_to_other_nhs_role", "moved_country", "exams_exhausted", "family_or_health", "right_to_work_ended", "contract_ended_unfunded", "conduct_or_capability"})
		l.left, l.leftReason = l.ended, l.endReason
	case k < 78:
		l.ended = p.after(max(earliest, l.begins+200), 10, 200)
		l.endReason = "unknown"
		l.unknown = p.after(l.ended, 30, 90)
	}
	if l.ended == 0 && l.contractEnds <= p.today {
		if p.r.IntN(3) == 0 {
			l.contractEnds = p.today + clock.Date(5+p.r.IntN(200)) // extended
		} else {
			l.ended, l.endReason = max(earliest+1, l.contractEnds), "contract_ended_unfunded"
			if l.ended > p.today {
				l.ended, l.endReason = 0, ""
			} else if p.r.IntN(2) == 0 && l.registered == 0 {
				l.left, l.leftReason = l.ended, l.endReason
			} else if l.registered == 0 {
				l.unknown = p.after(l.ended, 20, 60)
			}
		}
	}
	p.exams(l)
}

// clip forgets what lies after the demo's day.
func (p *planner) clip(l *life) {
	for _, d := range []*clock.Date{&l.invited, &l.taken, &l.submitted, &l.decided, &l.proposed, &l.offered, &l.accepted, &l.checked, &l.begins} {
		if *d > p.today {
			*d = 0
		}
	}
	if l.referred > p.today {
		l.referred = p.today - clock.Date(p.r.IntN(40))
	}
	if l.decided == 0 {
		l.decision = ""
	}
	for _, pair := range [][2]*clock.Date{{&l.accepted, &l.checked}, {&l.checked, &l.begins}} {
		if *pair[0] == 0 {
			*pair[1] = 0
		}
	}
}

// queued decides the life of somebody who has not been placed.
func (p *planner) queued(l *life) {
	l.referred = p.between(clock.MustDate("2020-12-21"), p.today-1)
	if p.r.IntN(3) > 0 { // most of those still waiting came lately
		l.referred = p.between(p.today-500, p.today-1)
	}
	l.invited = p.after(l.referred, 1, 8)
	p.past(l)
	l.mayWork = p.r.IntN(8) != 0
	l.rightEnds = clock.AddMonths(l.referred, 14+p.r.IntN(44))
	if p.r.IntN(6) == 0 {
		return // never took the record over
	}
	l.taken = p.after(l.invited, 1, 30)
	if p.r.IntN(5) == 0 {
		return
	}
	l.submitted = p.after(l.taken, 3, 50)
	hasEnglish := p.r.IntN(4) > 0
	p.english(l, max(l.submitted, l.taken), hasEnglish)
	l.decided = p.after(l.submitted, 4, 40)
	if l.decided == 0 {
		return
	}
	switch {
	case !l.mayWork:
		l.decision = "supported"
	case !hasEnglish:
		l.decision = "not_yet"
	case l.medicine < 3 || l.surgery < 3 || l.medicine+l.surgery+l.other < 12:
		l.decision = "not_eligible"
	default:
		l.decision = "eligible"
	}
	if l.decision == "eligible" && p.r.IntN(5) == 0 && l.scheme == 0 {
		l.exams = append(l.exams, sitting{test: "PLAB1", on: p.between(l.decided-300, l.decided-20), passed: p.r.IntN(3) > 0})
	}
	if old := l.decided < p.today-700; old && l.decision != "eligible" && p.r.IntN(2) == 0 {
		l.left, l.leftReason = p.after(l.decided, 60, 500), "moved_country"
	}
}

// past invents where somebody trained and worked.
func (p *planner) past(l *life) {
	l.graduated = clock.MakeDate(l.born.Year()+25+p.r.IntN(3), 6, 15+p.r.IntN(14))
	l.arrived = min(l.referred, max(l.graduated+700, l.referred-clock.Date(200+p.r.IntN(1500))))
	l.medicine, l.surgery, l.other = 3+p.r.IntN(18), 3+p.r.IntN(12), 6+p.r.IntN(60)
	if l.decision == "" && p.r.IntN(9) == 0 {
		l.surgery = p.r.IntN(3)
	}
}

// english gives one or two sittings before a date; the last one decides.
func (p *planner) english(l *life, by clock.Date, passes bool) {
	if by == 0 {
		return
	}
	test, good, poor := "IELTS", [5]int{75, 80, 80, 70, 75}, [5]int{65, 65, 70, 60, 65}
	if p.r.IntN(2) == 0 {
		test, good, poor = "OET", [5]int{0, 390, 370, 350, 380}, [5]int{0, 360, 340, 300, 330}
	}
	on := by - clock.Date(30+p.r.IntN(330))
	if p.r.IntN(3) == 0 || !passes {
		l.english = append(l.english, sitting{test: test, on: on - clock.Date(40+p.r.IntN(200)), scores: poor})
	}
	if passes {
		l.english = append(l.english, sitting{test: test, on: on, passed: true, scores: good})
	}
}

// exams gives PLAB 1 and 2 during the post, some after a failure, so that the
// second is passed before registration and never before the start.
func (p *planner) exams(l *life) {
	end := p.today
	if l.registered != 0 {
		end = l.registered - 15
	}
	room := end - l.begins
	if room < 60 {
		if l.registered == 0 {
			return
		}
		room = max(room, 40)
	}
	first := l.begins - clock.Date(20+p.r.IntN(200))
	if p.r.IntN(4) == 0 {
		l.exams = append(l.exams, sitting{test: "PLAB1", on: first - 120})
	}
	l.exams = append(l.exams, sitting{test: "PLAB1", on: first, passed: true})
	if l.registered == 0 {
		if p.r.IntN(2) == 0 {
			l.exams = append(l.exams, sitting{test: "PLAB2", on: l.begins + room/2, passed: false})
		}
	} else {
		l.exams = append(l.exams, sitting{test: "PLAB2", on: max(l.begins+3, end-clock.Date(p.r.IntN(int(room/3)+1))), passed: true})
	}
	slices.SortStableFunc(l.exams, func(a, b sitting) int { return int(a.on - b.on) })
}
