package placement

import (
	"msw/internal/clock"
	"msw/internal/nhs"
	"msw/internal/post"
)

func (p Placement) tag() nhs.Tag {
	if p.EndedOn.IsZero() {
		return nhs.Tag{Text: "In post", Colour: "green"}
	}
	return nhs.Tag{Text: "Ended", Colour: "grey"}
}

func (v listView) table() nhs.Table {
	t := nhs.Table{Caption: "People in post, the latest start first", HiddenCaption: true, Responsive: true, FirstCellIsHeader: true,
		Head: []nhs.Head{{Text: "Person"}, {Text: "Place of work"}, {Text: "Employer"}, {Text: "Clinical supervisor"}, {Text: "Started"}, {Text: "Contract ends"}, {Text: "State"}}}
	for _, p := range v.Rows {
		t.Rows = append(t.Rows, []nhs.Cell{{Body: nhs.Name{Text: p.Name}, Href: "/placements/" + p.ID}, {Text: p.HostName}, {Text: p.EmployerName},
			{Text: orNone(p.SupervisorName)}, {Text: p.StartedOn.Long()}, {Text: post.Day(p.Terms.ContractEnd)}, {Body: p.tag()}})
	}
	return t
}

func orNone(s string) string {
	if s == "" {
		return "Not named"
	}
	return s
}

func (v showView) now() []nhs.SummaryRow {
	rows := []nhs.SummaryRow{
		{Key: "Work", Value: v.Specialty + ", " + v.Setting.Words()}, {Key: "Employer", Value: v.EmployerName}, {Key: "Place of work", Value: v.HostName},
		{Key: "Hours", Value: post.Hours(v.Terms.MinutesWeek) + ", " + post.Share(v.Terms.WholeTime)},
		{Key: "Clinical supervisor", Value: v.who(v.Terms.Clinical)}, {Key: "Educational supervisor", Value: v.who(v.Terms.Educational)},
	}
	if v.MaySeePay {
		rows = append(rows, nhs.SummaryRow{Key: "Pay", Value: v.Terms.Pay.Words()})
	}
	return rows
}

func (v Sight) who(account string) string { return orNone(v.Supervisors[account].Name) }

// dates are shown apart: contract, money and phase end on days of their own.
func (v showView) dates() []nhs.SummaryRow {
	phase := "No programme phase"
	if v.Phase.ID != "" {
		phase = v.Phase.Title + ", ends " + post.Day(v.Phase.Ends)
	}
	rows := []nhs.SummaryRow{{Key: "Started", Value: v.StartedOn.Long()}, {Key: "Contract ends", Value: post.Day(v.Terms.ContractEnd)},
		{Key: "Funded until", Value: post.Day(v.Terms.FundedUntil)}, {Key: "Programme phase", Value: phase}}
	if !v.EndedOn.IsZero() {
		rows = append(rows, nhs.SummaryRow{Key: "Last day in post", Value: v.EndedOn.Long()})
		if v.MaySeeReason {
			rows = append(rows, nhs.SummaryRow{Key: "Why it ended", Value: EndWords(v.EndCode)})
		}
	}
	return rows
}

// warnings say which of the dates has passed while the placement runs.
func (v showView) warnings() []string {
	if !v.EndedOn.IsZero() {
		return nil
	}
	var out []string
	passed := func(d clock.Date, text string) {
		if !d.IsZero() && d < v.Today {
			out = append(out, text+" on "+d.Long()+".")
		}
	}
	passed(v.Terms.ContractEnd, "The contract ended")
	passed(v.Terms.FundedUntil, "The funding ended")
	passed(v.Phase.Ends, "The programme phase ended")
	return out
}

// history lists the spells, the latest first.
func (v showView) history() nhs.Timeline {
	t := nhs.Timeline{Label: "History of this placement"}
	for i := len(v.Spells) - 1; i >= 0; i-- {
		s := v.Spells[i]
		text := post.Hours(s.MinutesWeek) + " at " + v.Places[s.Host].Name + ". Clinical supervisor: " + v.who(s.Clinical) +
			". Contract ends: " + post.Day(s.ContractEnd) + ". Funded until: " + post.Day(s.FundedUntil) + "."
		if !s.To.IsZero() && s.To < s.From {
			text = "Replaced on the same day. " + text
		}
		t.Items = append(t.Items, nhs.TimelineItem{Date: s.From.Long(), DateTime: s.From.String(), Heading: ChangeWords(s.Changed), Text: text})
	}
	return t
}

func leaveOptions() []nhs.Option {
	var out []nhs.Option
	for _, c := range EndCodes() {
		if c.Code != CodeUnknown && c.Code != CodeTransferred {
			out = append(out, nhs.Option{Value: c.Code, Label: c.Words})
		}
	}
	return out
}
