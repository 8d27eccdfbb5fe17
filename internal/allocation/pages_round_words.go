package allocation

import (
	"strconv"
	"strings"

	"msw/internal/clock"
	"msw/internal/nhs"
)

// Tag is the state as a tag.
func (s RoundState) Tag() nhs.Tag {
	colour := map[RoundState]string{RoundDeclared: "white", RoundOpen: "blue", RoundClosed: "yellow", RoundTried: "yellow", RoundSigned: "purple", RoundPublished: "green", RoundCancelled: "grey"}[s]
	return nhs.Tag{Text: s.Words(), Colour: colour}
}

// Tag is the state as a tag.
func (s RunState) Tag() nhs.Tag {
	colour := map[RunState]string{RunWaiting: "white", RunWorking: "blue", RunDone: "green", RunStopped: "red"}[s]
	return nhs.Tag{Text: s.Words(), Colour: colour}
}

func (v roundListView) table() nhs.Table {
	t := nhs.Table{Caption: "Rounds, the last to close first", HiddenCaption: true, Responsive: true, FirstCellIsHeader: true,
		Head: []nhs.Head{{Text: "Round"}, {Text: "Kind"}, {Text: "Where"}, {Text: "State"}, {Text: "Preferences close"}, {Text: "Results by"}, {Text: "Next"}}}
	for _, r := range v.Rounds {
		who, _ := r.NextStep(v.Today)
		t.Rows = append(t.Rows, []nhs.Cell{{Text: r.Title, Href: "/rounds/" + r.ID}, {Text: r.Way.Words()}, {Text: r.RegionName()}, {Body: r.State(v.Today).Tag()},
			{Text: r.Closes.Long()}, {Text: r.Results.Long()}, {Text: who}})
	}
	return t
}

func wayOptions() (out []nhs.Option) {
	for _, w := range RoundWays() {
		out = append(out, nhs.Option{Value: string(w), Label: w.Words(), Hint: w.Explains()})
	}
	return out
}

func (v roundForm) limitOptions() (out []nhs.Option) {
	for _, r := range v.Regions {
		out = append(out, nhs.Option{Value: LimitRegion + ":" + r.Value, Label: "At most this many in " + r.Label})
	}
	out = append(out, v.Phases...)
	for _, s := range Settings() {
		out = append(out, nhs.Option{Value: LimitFloor + ":" + s, Label: "At least this many in: " + SettingWords(s)})
	}
	return out
}

func (v roundForm) regionOptions() []nhs.Option {
	if !v.All {
		return v.Regions
	}
	return append([]nhs.Option{{Value: "", Label: "All regions"}}, v.Regions...)
}

// declared is everything that was said beforehand, as a summary list.
func declared(r Round, today clock.Date) []nhs.SummaryRow {
	rows := []nhs.SummaryRow{{Key: "Kind", Value: r.Way.Words()}, {Key: "Where", Value: r.RegionName()}, {Key: "Preferences open", Value: r.Opens.Long()},
		{Key: "Last day for preferences", Value: r.Closes.Long()}, {Key: "Results by", Value: r.Results.Long()}}
	switch {
	case r.Rules.PriorityDays > 0:
		rows = append(rows, nhs.SummaryRow{Key: "Priority class", Value: "Found eligible at least " + strconv.Itoa(r.Rules.PriorityDays) + " days before preferences close. Set by this programme: " + r.Rules.PrioritySource})
	default:
		rows = append(rows, nhs.SummaryRow{Key: "Priority class", Value: "None"})
	}
	if r.Rules.LeastChoices > 0 {
		rows = append(rows, nhs.SummaryRow{Key: "Shortest list", Value: counted(r.Rules.LeastChoices, "choice", "choices")})
	}
	rows = append(rows, nhs.SummaryRow{Key: "Hash of the seed", Body: nhs.CopyText{ID: "seed-hash", Label: "Hash of the seed", Text: r.SeedHash}})
	switch {
	case r.Seed != "":
		rows = append(rows, nhs.SummaryRow{Key: "Seed", Body: nhs.CopyText{ID: "seed", Label: "Seed", Text: r.Seed}})
	case !r.Revealed(today):
		rows = append(rows, nhs.SummaryRow{Key: "Seed", Value: "Shown from " + r.Closes.AddDays(1).Long() + ", when nobody can change a choice any more"})
	}
	if !r.CancelledOn.IsZero() {
		rows = append(rows, nhs.SummaryRow{Key: "Cancelled", Value: r.CancelledOn.Long() + ". " + r.CancelWhy})
	}
	return rows
}

// limitLines says every limit with who set it.
func limitLines(r Round, phases map[string]string) (out []string) {
	for _, l := range r.Rules.Limits {
		name := regionName(l.Of)
		switch l.Kind {
		case LimitFunder:
			name = phases[l.Of]
		case LimitFloor:
			name = SettingWords(l.Of)
		}
		out = append(out, l.Words(name)+". Set by this programme: "+l.Source)
	}
	return out
}

func (v RoundSight) runTable() nhs.Table {
	t := nhs.Table{Caption: "Dry runs, the newest first", CaptionSize: "m", Responsive: true, FirstCellIsHeader: true,
		Head: []nhs.Head{{Text: "Dry run"}, {Text: "State"}, {Text: "Doctors", Numeric: true}, {Text: "Posts", Numeric: true}, {Text: "Placed", Numeric: true}, {Text: "Asked on"}}}
	for _, r := range v.Runs {
		t.Rows = append(t.Rows, []nhs.Cell{{Text: "Dry run " + strconv.Itoa(r.Number), Href: "/rounds/" + v.ID + "/runs/" + r.ID}, {Body: r.State.Tag()},
			{Text: strconv.Itoa(r.Doctors), Format: "numeric"}, {Text: strconv.Itoa(r.Posts), Format: "numeric"}, {Text: strconv.Itoa(r.Placed), Format: "numeric"}, {Text: r.AskedAt.Local().Long()}})
	}
	return t
}

func (r RunReport) aims() (rows []nhs.SummaryRow) {
	for _, a := range r.Aims {
		rows = append(rows, nhs.SummaryRow{Key: a.Words, Value: a.Value, KeyWidth: "one-half"})
	}
	return rows
}

// comparison shows numbers of people from below on; 0 shows all.
func (r RunReport) comparison(below int) nhs.Table {
	number := func(n int) string {
		if small(n, below) {
			return tooFew
		}
		return strconv.Itoa(n)
	}
	middle := func(n int, s string) string {
		if small(n, below) {
			return tooFew
		}
		return s
	}
	t := nhs.Table{Caption: "What other rules would have done with the same choices", CaptionSize: "m", Responsive: true, FirstCellIsHeader: true,
		Head: []nhs.Head{{Text: "Rule"}, {Text: "Posts filled", Numeric: true}, {Text: "First choice", Numeric: true}, {Text: "First three", Numeric: true}, {Text: "Mean choice", Numeric: true}, {Text: "Mean miles", Numeric: true}}}
	for i, c := range r.Compare {
		name := c.Rule
		if i == 0 {
			name += " (this round)"
		}
		t.Rows = append(t.Rows, []nhs.Cell{{Text: name}, {Text: number(c.Placed), Format: "numeric"}, {Text: number(c.First), Format: "numeric"},
			{Text: number(c.Top3), Format: "numeric"}, {Text: middle(c.Placed, c.MeanChoice), Format: "numeric"}, {Text: middle(c.Placed, c.MeanMiles), Format: "numeric"}})
	}
	return t
}

func (v runView) shiftTable() nhs.Table {
	t := nhs.Table{Caption: "Who would get something else than in dry run " + strconv.Itoa(v.Report.Before), CaptionSize: "m", Responsive: true, FirstCellIsHeader: true,
		Head: []nhs.Head{{Text: "Doctor"}, {Text: "Before"}, {Text: "Now"}, {Text: "Why"}}}
	for _, x := range v.Shifts {
		t.Rows = append(t.Rows, []nhs.Cell{{Body: nhs.Name{Text: x.Name}, Href: "/rounds/" + v.ID + "/runs/" + v.Run.ID + "/people/" + x.Ref}, {Text: x.From}, {Text: x.To}, {Text: x.Why}})
	}
	return t
}

func emptyTable(r Round, list []EmptyPost) nhs.Table {
	t := nhs.Table{Caption: "Posts that stay empty, and why", CaptionSize: "m", Responsive: true, FirstCellIsHeader: true, Head: []nhs.Head{{Text: "Post"}, {Text: "Why"}}}
	if r.Region == "" {
		t.Head = []nhs.Head{{Text: "Post"}, {Text: "Region", Width: "one-quarter"}, {Text: "Why"}}
	}
	for _, p := range list {
		row := []nhs.Cell{{Text: p.Title, Href: "/posts/" + p.Post}, {Text: p.Region}, {Text: p.Why}}
		if r.Region != "" {
			row = []nhs.Cell{row[0], row[2]}
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func (v runView) facts() []nhs.SummaryRow {
	r := v.Run
	return []nhs.SummaryRow{{Key: "Doctors who take part", Value: strconv.Itoa(r.Doctors)}, {Key: "Posts", Value: strconv.Itoa(r.Posts)}, {Key: "Doctors placed", Value: strconv.Itoa(r.Placed)},
		{Key: "Doctors none of whose choices passes the hard rules", Value: strconv.Itoa(v.Report.Excluded)}, {Key: "Rule", Value: r.Rule + ", version " + r.RuleVersion}, {Key: "Build", Value: orNot(r.Build)},
		{Key: "Hash of the run file", Body: nhs.CopyText{ID: "run-hash", Label: "Hash of the run file", Text: r.RunHash}},
		{Key: "Hash of the result file", Body: nhs.CopyText{ID: "result-hash", Label: "Hash of the result file", Text: r.ResultHash}}}
}

func orNot(s string) string {
	if s == "" {
		return "Not stated"
	}
	return s
}

func (v peopleView) table() nhs.Table {
	t := nhs.Table{Caption: "Doctors and what they would get", HiddenCaption: true, Responsive: true, FirstCellIsHeader: true,
		Head: []nhs.Head{{Text: "Doctor"}, {Text: "Reference"}, {Text: "Lives in"}, {Text: "Would get"}, {Text: "Choice"}}}
	for _, l := range v.Lines {
		t.Rows = append(t.Rows, []nhs.Cell{{Body: nhs.Name{Text: l.Name}, Href: v.Base + "/people/" + l.Ref}, {Text: l.Ref}, {Text: l.Region}, {Text: l.Title}, {Text: ChoiceWords(l.Choice)}})
	}
	return t
}

func milesWords(n int) string {
	switch {
	case n < 0:
		return ""
	case n == 1:
		return "1 mile away in a straight line"
	}
	return strconv.Itoa(n) + " miles away in a straight line"
}

func (b Breakdown) table() nhs.Table {
	t := nhs.Table{Caption: b.Title, CaptionSize: "m", Responsive: true, FirstCellIsHeader: true,
		Head: []nhs.Head{{Text: "Group"}, {Text: "Doctors", Numeric: true}, {Text: "Placed", Numeric: true}, {Text: "First choice", Numeric: true}, {Text: "First three", Numeric: true}, {Text: "Mean choice", Numeric: true}, {Text: "Mean miles", Numeric: true}}}
	for _, f := range b.Rows {
		t.Rows = append(t.Rows, f.cells())
	}
	return t
}

const tooFew = "Too few to show"

func (f Fair) cells() []nhs.Cell {
	if f.Hidden {
		return []nhs.Cell{{Text: f.Group}, {Text: tooFew, Format: "string"}, {Text: tooFew, Format: "string"}, {Text: tooFew, Format: "string"}, {Text: tooFew, Format: "string"}, {Text: tooFew, Format: "string"}, {Text: tooFew, Format: "string"}}
	}
	shares := f.Shares()
	rank, miles := f.Means()
	return []nhs.Cell{{Text: f.Group}, {Text: strconv.Itoa(f.Doctors), Format: "numeric"}, {Text: shares[0], Format: "numeric"},
		{Text: shares[1], Format: "numeric"}, {Text: shares[2], Format: "numeric"}, {Text: rank, Format: "numeric"}, {Text: miles, Format: "numeric"}}
}

func (v waitListView) table() nhs.Table {
	t := nhs.Table{Caption: "Doctors who wait for a post, in order", HiddenCaption: true, Responsive: true, FirstCellIsHeader: true,
		Head: []nhs.Head{{Text: "Place", Numeric: true}, {Text: "Doctor"}, {Text: "Region"}, {Text: "Waiting counts from"}, {Text: "Class"}, {Text: "Offers turned down", Numeric: true}}}
	for _, e := range v.Rows {
		class := "Usual"
		if e.Priority {
			class = "Priority"
		}
		t.Rows = append(t.Rows, []nhs.Cell{{Text: strconv.Itoa(e.Place), Format: "numeric"}, {Body: nhs.Name{Text: e.Name}, Href: "/cases/" + e.Ref}, {Text: regionName(e.Region)},
			{Text: e.counts().Long()}, {Text: class}, {Text: strconv.Itoa(e.Refused), Format: "numeric"}})
	}
	return t
}

func waitingTimeline(list []WaitingEvent) nhs.Timeline {
	t := nhs.Timeline{Label: "What changed your place"}
	for _, e := range list {
		heading := map[string]string{WaitJoined: "You joined the list", WaitKept: "You kept your place", WaitBehind: "You wait from a later day", WaitUp: "You moved up",
			WaitDown: "You moved down", WaitPriority: "Your class changed", WaitLeft: "You left the list"}[e.Kind]
		text := e.Why
		if e.Now > 0 {
			text += " " + BandWords(e.Now) + "."
		}
		t.Items = append(t.Items, nhs.TimelineItem{Date: e.On.Long(), DateTime: e.On.String(), Heading: heading, Text: text})
	}
	return t
}

func kindOptions() (out []nhs.Option) {
	for _, k := range MoveKinds() {
		out = append(out, nhs.Option{Value: string(k), Label: k.Words()})
	}
	return out
}

func reasonsOf(list []RankReason) (out []nhs.Option) {
	for _, r := range list {
		out = append(out, nhs.Option{Value: r.Code, Label: r.Words})
	}
	return out
}

func (v moveView) emptyOptions() (out []nhs.Option) {
	for _, p := range v.Empty {
		out = append(out, nhs.Option{Value: p.Post, Label: p.Title})
	}
	return out
}

func calledOr(names map[string]string, account string) string {
	if n := names[account]; n != "" {
		return n
	}
	return "a colleague"
}

// aimLetter is how sentences name an aim: rule a, rule b.
func aimLetter(i int) string { return string(rune('a'+i)) + "." }

// thousands writes a count as people read it: 1,204.
func thousands(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// capital writes a sentence's first letter large.
func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
