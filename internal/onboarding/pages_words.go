package onboarding

import (
	"slices"
	"strconv"
	"strings"

	"msw/internal/clock"
	"msw/internal/nhs"
	"msw/internal/post"
)

// Tag is the state as a tag.
func (s State) Tag() nhs.Tag {
	colour := map[State]string{Proposed: "blue", Offered: "yellow", Held: "aqua-green", Accepted: "purple", Checked: "green", Started: "green", Declined: "grey", Withdrawn: "grey", Lapsed: "grey"}[s]
	return nhs.Tag{Text: s.Words(), Colour: colour}
}

func reasonOptions(list []Reason) []nhs.Option {
	out := make([]nhs.Option, len(list))
	for i, r := range list {
		out[i] = nhs.Option{Value: r.Code, Label: r.Words}
	}
	return out
}

func stateOptions() []nhs.Option {
	var out []nhs.Option
	for _, s := range States() {
		out = append(out, nhs.Option{Value: string(s), Label: s.Words()})
	}
	return out
}

func settingOptions() []nhs.Option {
	var out []nhs.Option
	for _, s := range post.Settings() {
		out = append(out, nhs.Option{Value: string(s), Label: s.Words()})
	}
	return out
}

func (v newView) options() []nhs.Option {
	var out []nhs.Option
	for _, p := range v.Posts {
		var own []string
		for _, text := range v.Fits[p.ID] {
			if !slices.Contains(v.About, text) {
				own = append(own, text)
			}
		}
		out = append(out, nhs.Option{Value: p.ID, Label: p.Specialty + " at " + v.Places[p.Host].Name,
			Hint: p.Setting.Words() + ", employed by " + v.Places[p.Employer].Name + ", " + post.Hours(p.MinutesWeek) + ", from " + p.StartFrom.Long() + ". " + strings.Join(own, " ")})
	}
	return out
}

func (v listView) table() nhs.Table {
	t := nhs.Table{Caption: "Offers, the latest first", HiddenCaption: true, Responsive: true, FirstCellIsHeader: true,
		Head: []nhs.Head{{Text: "Person"}, {Text: "Post"}, {Text: "Place of work"}, {Text: "State"}, {Text: "Since"}, {Text: "Days"}}}
	for _, o := range v.Rows {
		days := ""
		if o.State.Live() {
			days = strconv.Itoa(o.Since.DaysUntil(v.Today))
		}
		t.Rows = append(t.Rows, []nhs.Cell{{Body: nhs.Name{Text: o.Name}, Href: "/offers/" + o.ID}, {Text: o.Specialty}, {Text: o.HostName},
			{Body: o.State.Tag()}, {Text: o.Since.Long()}, {Text: days}})
	}
	return t
}

// supervisorName is a supervisor as shown with an offer: without their room.
func supervisorName(known map[string]post.Supervisor, account string) string {
	if v, ok := known[account]; ok {
		return v.Name
	}
	return "Not named yet"
}

// terms are what is offered, in the words of the person it is offered to.
func (v showView) terms() []nhs.SummaryRow {
	t := v.Terms
	return []nhs.SummaryRow{
		{Key: "The work", Value: "Medical Support Worker, " + t.Specialty},
		{Key: "Place of work", Value: v.HostName + " (" + lowerFirst(t.Setting.Words()) + ")"},
		{Key: "Employer", Value: v.EmployerName},
		{Key: "Hours", Value: post.Hours(t.MinutesWeek) + ", " + post.Share(v.Terms.WholeTime)},
		{Key: "Pay", Value: t.Pay.Words()},
		{Key: "Start", Value: "From " + t.StartFrom.Long()},
		{Key: "Contract ends", Value: post.Day(t.ContractEnd)},
		{Key: "Funded until", Value: post.Day(t.FundedUntil)},
		{Key: "Clinical supervisor", Value: supervisorName(v.Supervisors, t.Clinical)},
		{Key: "Educational supervisor", Value: supervisorName(v.Supervisors, t.Educational)},
		{Key: "Who covers your work if a patient is harmed", Value: indemnityWords(t.Indemnity)},
	}
}

func indemnityWords(i post.Indemnity) string {
	if w := i.Words(); w != "" {
		return w
	}
	return "Not stated"
}

func lowerFirst(s string) string {
	if len(s) < 2 || s[:2] == "GP" {
		return s
	}
	return string(s[0]|0x20) + s[1:]
}

// steps are what has happened to the offer, with its dates.
func (v showView) steps() nhs.Timeline {
	t := nhs.Timeline{Label: "What has happened"}
	add := func(d clock.Date, heading, text string) {
		if !d.IsZero() {
			t.Items = append(t.Items, nhs.TimelineItem{Date: d.Long(), DateTime: d.String(), Heading: heading, Text: text})
		}
	}
	reason := ""
	if v.MaySeeDecisions {
		reason = ReasonWords(v.Offer.Reason)
	}
	add(v.ProposedOn, "Proposed to the employer", "")
	add(v.OfferedOn, "Offer made", v.ruleText())
	add(v.HeldOn, "Held", "")
	if v.Offer.State == Declined {
		add(v.AnsweredOn, "Turned down", reason)
	} else {
		add(v.AnsweredOn, "Accepted", "")
	}
	add(v.CheckedOn, "Employment checks complete", "")
	add(v.StartedOn, "Started", "")
	add(v.WithdrawnOn, "Withdrawn", reason)
	if v.Offer.State == Lapsed {
		add(v.Since, "Ended, no answer came", "")
	}
	return t
}

func (v showView) ruleText() string {
	if v.Rule == "" || v.OwnOffer {
		return ""
	}
	return "Eligibility was checked again with rules " + v.Rule + "."
}

func choiceOptions(list []Choice) []nhs.Option {
	out := make([]nhs.Option, len(list))
	for i, c := range list {
		out[i] = nhs.Option{Value: c.ID, Label: c.Words}
	}
	return out
}

func conditionStates() []nhs.Option {
	var out []nhs.Option
	for _, s := range []ConditionState{Met, NotMet, Pending} {
		out = append(out, nhs.Option{Value: string(s), Label: s.Words()})
	}
	return out
}

func (v showView) conditionOptions() []nhs.Option {
	var out []nhs.Option
	for _, c := range v.Conditions {
		out = append(out, nhs.Option{Value: c.Code, Label: choiceWords(v.Rules.Conditions, c.Code), Hint: c.State.Words()})
	}
	return out
}

func (v showView) conditionList() nhs.TaskList {
	list := nhs.TaskList{IDPrefix: "condition"}
	for _, c := range v.Conditions {
		tag := nhs.Tag{Text: c.State.Words(), Colour: map[ConditionState]string{Met: "green", NotMet: "orange", Pending: "grey"}[c.State]}
		item := nhs.TaskItem{Heading: choiceWords(v.Rules.Conditions, c.Code), Tag: &tag}
		if !c.On.IsZero() {
			item.Hint = "Since " + c.On.Long()
		}
		list.Items = append(list.Items, item)
	}
	return list
}
