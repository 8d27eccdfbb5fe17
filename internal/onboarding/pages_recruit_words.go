package onboarding

import (
	"slices"
	"sort"
	"strconv"
	"strings"

	"msw/internal/nhs"
	"msw/internal/post"
)

func (s ApplicationState) tag() nhs.Tag {
	return nhs.Tag{Text: s.Words(), Colour: map[ApplicationState]string{Applied: "blue", Shortlisted: "purple", JobOffer: "green"}[s]}
}

func (s VacancyState) tag() nhs.Tag {
	return nhs.Tag{Text: s.Words(), Colour: map[VacancyState]string{VacancyOpen: "green", VacancyInterviews: "purple", VacancyClosed: "grey"}[s]}
}

func (t Slot) when() string {
	return t.Starts.Local().Long() + ", " + t.Starts.LocalTime() + ", " + strconv.Itoa(t.Minutes) + " minutes"
}

func slotOptions(list []Slot) []nhs.Option {
	out := make([]nhs.Option, len(list))
	for i, t := range list {
		out[i] = nhs.Option{Value: t.ID, Label: t.when(), Hint: t.Place}
	}
	return out
}

func slotLegend(chosen *Slot) string {
	if chosen != nil {
		return "Choose another time"
	}
	return "When can you come?"
}

func (v VacancyRow) doctorHref() string {
	if v.Mine != nil {
		return "/applications/" + v.Mine.ID
	}
	return "/vacancies/" + v.ID
}

// line is a vacancy in one line.
func (v VacancyRow) line() string {
	return v.At.Setting.Words() + ", " + post.Hours(v.At.MinutesWeek) + ", from " + v.At.StartFrom.Long()
}

func (v VacancyRow) summary() []nhs.SummaryRow {
	return []nhs.SummaryRow{
		{Key: "The work", Value: "Medical Support Worker, " + v.At.Specialty},
		{Key: "Place of work", Value: v.HostName},
		{Key: "Employer", Value: v.EmployerName},
		{Key: "Hours", Value: post.Hours(v.At.MinutesWeek) + ", " + post.Share(v.At.WholeTime)},
		{Key: "Pay", Value: v.At.Pay.Words()},
		{Key: "Start", Value: "From " + v.At.StartFrom.Long()},
		{Key: "Contract ends", Value: post.Day(v.At.ContractEnd)},
		{Key: "Apply by", Value: v.ClosesOn.Long()},
	}
}

func wantedHint(w Wanted) string {
	if w.Essential {
		return "Essential for this post."
	}
	return "You can leave this empty."
}

func (v applicationView) answers() []nhs.SummaryRow {
	var out []nhs.SummaryRow
	for _, w := range v.Vacancy.Criteria {
		text := v.Answers[w.Code]
		if text == "" {
			text = "Nothing"
		}
		out = append(out, nhs.SummaryRow{Key: v.Rules.words(w.Code), Value: text})
	}
	return out
}

func vacancyTable(rows []VacancyRow) nhs.Table {
	t := nhs.Table{Caption: "Vacancies, the latest first", HiddenCaption: true, Responsive: true, FirstCellIsHeader: true,
		Head: []nhs.Head{{Text: "Post"}, {Text: "Place of work"}, {Text: "State"}, {Text: "Apply by"}}}
	for _, v := range rows {
		t.Rows = append(t.Rows, []nhs.Cell{{Text: v.At.Specialty, Href: "/recruitment/" + v.ID}, {Text: v.HostName}, {Body: v.State.tag()}, {Text: v.ClosesOn.Long()}})
	}
	return t
}

func (v advertiseView) posts() []nhs.Option {
	var out []nhs.Option
	for _, p := range v.Posts {
		out = append(out, nhs.Option{Value: p.ID, Label: p.Specialty + " at " + v.Places[p.Host].Name, Hint: post.Hours(p.MinutesWeek) + ", from " + p.StartFrom.Long()})
	}
	return out
}

func (v advertiseView) criteria() []nhs.Option {
	var out []nhs.Option
	for _, c := range v.Rules.Criteria {
		out = append(out, nhs.Option{Value: c.ID, Label: c.Words})
	}
	return out
}

// table lists applications by reference; a name stands there only once
// somebody is invited.
func (v runView) table() nhs.Table {
	t := nhs.Table{Caption: "Applications", HiddenCaption: true, Responsive: true, FirstCellIsHeader: true,
		Head: []nhs.Head{{Text: "Application"}, {Text: "State"}, {Text: "Marks"}, {Text: "Interview"}, {Text: "Next"}}}
	for _, a := range v.Applicants {
		who := nhs.Cell{Text: a.ID}
		if v.MayScore && a.State != PulledOut {
			who.Href = "/recruitment/" + v.ID + "/" + a.ID
		}
		if a.Name != "" {
			who.Text, who.Body = "", nhs.Name{Text: a.Name}
		}
		next := nhs.Cell{Text: v.next(a)}
		if v.MayRun && a.State == JobOffer {
			next = nhs.Cell{Text: "Offer", Href: "/offers/" + a.Offer}
		}
		when := ""
		if a.Slot != nil {
			when = a.Slot.when() + ", " + a.Slot.Place
		}
		t.Rows = append(t.Rows, []nhs.Cell{who, {Body: a.State.tag()}, {Text: v.marked(a)}, {Text: when}, next})
	}
	return t
}

// choices are the people who can be made an offer, the best marks first.
func (v runView) choices() []nhs.Option {
	if v.Vacancy.State == VacancyClosed {
		return nil
	}
	list := slices.DeleteFunc(slices.Clone(v.Applicants), func(a Applicant) bool { return a.State != Shortlisted })
	sort.SliceStable(list, func(i, j int) bool {
		a, b := list[i], list[j]
		return b.Score-a.Score < 0
	})
	out := make([]nhs.Option, len(list))
	for i, a := range list {
		out[i] = nhs.Option{Value: a.ID, Label: a.Name, Hint: strconv.Itoa(a.Score) + " of 100"}
	}
	return out
}

// marked says what the marks come to, once the decision is made; before it only
// how many people have scored.
func (v runView) marked(a Applicant) string {
	if v.Vacancy.State == VacancyOpen {
		text := strconv.Itoa(a.Assessed.Count) + " of " + strconv.Itoa(leastScorers) + " people"
		if a.Own && len(a.Assessed.Apart) > 0 {
			var apart []string
			for _, code := range a.Assessed.Apart {
				apart = append(apart, lowerFirst(v.Rules.words(code)))
			}
			text += ". Far apart, talk about it: " + strings.Join(apart, ", ")
		}
		return text
	}
	return strconv.Itoa(a.Score) + " of 100"
}

func (v runView) next(a Applicant) string {
	switch {
	case v.Vacancy.State != VacancyOpen || a.State != Applied:
		return ""
	case !a.Own && v.MayScore:
		return "You score it"
	case a.Assessed.Count < leastScorers:
		return "Somebody else scores it"
	}
	return "Ready"
}

func (v markView) marks() []nhs.Option {
	var out []nhs.Option
	for m := 0; m <= v.Rules.Most; m++ {
		out = append(out, nhs.Option{Value: strconv.Itoa(m), Label: strconv.Itoa(m)})
	}
	return out
}

func (v markView) markHint(w Wanted) string {
	text := "0 is nothing, " + strconv.Itoa(v.Rules.Most) + " is excellent."
	if w.Essential {
		text += " Essential: " + strconv.Itoa(v.Rules.Enough) + " is enough."
	}
	return text
}

func (v markView) table() nhs.Table {
	t := nhs.Table{Caption: "Marks", HiddenCaption: true, FirstCellIsHeader: true, Head: []nhs.Head{{Text: "Criterion"}, {Text: "You"}, {Text: "Others"}}}
	for _, w := range v.Vacancy.Criteria {
		own := "No mark"
		if m, ok := v.Own[w.Code]; ok {
			own = strconv.Itoa(m)
		}
		var others []string
		for _, m := range v.Others {
			others = append(others, strconv.Itoa(m.Marks[w.Code]))
		}
		slices.Sort(others) // in an order that tells nothing of who gave them
		t.Rows = append(t.Rows, []nhs.Cell{{Text: v.Rules.words(w.Code)}, {Text: own}, {Text: strings.Join(others, ", ")}})
	}
	return t
}
