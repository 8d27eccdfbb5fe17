package support

import (
	"strings"

	"msw/internal/nhs"
	"msw/internal/post"
)

// rows are the answers of a check-in; what was not said is left out.
func (c CheckIn) rows() []nhs.SummaryRow {
	var out []nhs.SummaryRow
	for _, area := range Areas() {
		if a := c.Answers[area.Value]; a != NotSaid {
			out = append(out, nhs.SummaryRow{Key: area.Words, Value: Answers()[a-1].Words})
		}
	}
	if c.Note != "" {
		out = append(out, nhs.SummaryRow{Key: "Your note", Value: c.Note})
	}
	return out
}

func (p Pair) wish() []nhs.SummaryRow {
	ways := make([]string, len(p.Wish.Ways))
	for i, w := range p.Wish.Ways {
		ways[i] = words(Ways(), w)
	}
	rows := []nhs.SummaryRow{{Key: "Languages", Value: strings.Join(p.Wish.Languages, ", ")}}
	if p.Wish.Area != "" {
		rows = append(rows, nhs.SummaryRow{Key: "Area of medicine", Value: p.Wish.Area})
	}
	return append(rows, nhs.SummaryRow{Key: "Ways to talk", Value: strings.Join(ways, ", ")})
}

func (p Pair) answers() string {
	switch {
	case p.DoctorYes:
		return "The doctor said yes."
	case p.MentorYes:
		return "The mentor said yes."
	}
	return "Nobody has answered yet."
}

func (h Help) rows() []nhs.SummaryRow {
	rows := []nhs.SummaryRow{{Key: "For", Value: h.Takes}}
	if h.Reach != "" {
		rows = append(rows, nhs.SummaryRow{Key: "How to reach it", Value: h.Reach})
	}
	if h.Link != "" {
		rows = append(rows, nhs.SummaryRow{Key: "Web", Body: helpLink(h)})
	}
	return rows
}

func (h Hardship) tag() nhs.Tag {
	colour := map[HardshipState]string{Asked: "yellow", Agreed: "green", NotPossible: "grey", Withdrawn: "grey"}[h.State]
	return nhs.Tag{Text: h.State.Words(), Colour: colour}
}

// answer is what the doctor reads of a decision.
func (h Hardship) answer() string {
	switch h.State {
	case Agreed:
		return "Agreed on " + h.DecidedOn.Long() + ". Your caseworker tells you how it is paid."
	case NotPossible:
		return words(Refusals(), h.Reason)
	}
	return ""
}

func (h HardshipSight) rows() []nhs.SummaryRow {
	rows := []nhs.SummaryRow{{Key: "For", Value: words(Purposes(), h.Kind)}, {Key: "How much", Value: post.Pounds(h.Pence)}, {Key: "Asked on", Value: h.AskedOn.Long()}}
	if !h.NeededBy.IsZero() {
		rows = append(rows, nhs.SummaryRow{Key: "Needed by", Value: h.NeededBy.Long()})
	}
	if h.Why != "" {
		rows = append(rows, nhs.SummaryRow{Key: "The doctor writes", Value: h.Why})
	}
	return rows
}
