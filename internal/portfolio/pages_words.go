package portfolio

import (
	"slices"
	"strconv"
	"strings"

	"msw/internal/chart"
	"msw/internal/clock"
	"msw/internal/nhs"
)

func stateTag(s State) nhs.Tag {
	colour := map[State]string{Draft: "grey", Asked: "yellow", Signed: "yellow", Vouched: "green", Declined: "red", Refused: "red", Kept: "blue", Elsewhere: "yellow"}[s]
	return nhs.Tag{Text: s.Words(), Colour: colour}
}

func (v showView) heading() string {
	if v.Item.Title != "" {
		return v.Item.Title
	}
	words, _ := WordsOf(v.Kind)
	return words.Title
}

func (v showView) caption() string {
	words, _ := WordsOf(v.Kind)
	if v.Own {
		return words.Title
	}
	return v.Name + ", " + words.Title
}

func (v showView) rows() []nhs.SummaryRow {
	var rows []nhs.SummaryRow
	add := func(key, value string) {
		if value != "" {
			rows = append(rows, nhs.SummaryRow{Key: key, Value: value})
		}
	}
	add("Day", v.On.Long())
	add("Where", v.Where)
	add("Task", v.Tasks[v.Task])
	if v.Task != "" && v.Item.Level > 0 {
		add("Level", strconv.Itoa(int(v.Item.Level))+": "+v.Item.Level.Words())
	}
	add("What was done", v.What)
	add("What was learnt", v.Learnt)
	if !v.Until.IsZero() {
		add("Counts until", v.Until.Long())
	}
	if v.Item.Attested() {
		add("Certificate", "Given by the organiser of the event")
	}
	add("Shows", strings.Join(v.shows(), "; "))
	if v.Own {
		add("Who can read it", map[bool]string{true: "You and your supervisors", false: "Only you"}[v.Shared])
	}
	return rows
}

func (v showView) shows() []string {
	var out []string
	for _, t := range v.Tags {
		if f, h, ok := v.fw.Heading(t); ok {
			out = append(out, h.Title+" ("+f.Title+")")
		}
	}
	return out
}

func (v showView) signature() []nhs.SummaryRow {
	g := v.Signature
	if g == nil {
		return nil
	}
	var rows []nhs.SummaryRow
	add := func(key, value string) {
		if value != "" {
			rows = append(rows, nhs.SummaryRow{Key: key, Value: value})
		}
	}
	add("Assessor", g.Name+", "+RoleWords(g.Role))
	add("GMC number", g.GMC)
	add("On", g.At.Local().Long())
	add("Went well", g.Well)
	add("To work on", g.Better)
	add("Changed by the assessor", strings.Join(g.Changed, "; "))
	add("Why not signed", g.Reason)
	if !g.VouchOn.IsZero() {
		add("Confirmed by the host", g.VouchOn.Long())
	}
	if o := v.Origin; o != nil {
		add("Where it was signed", or(o.Host, "Elsewhere"))
		add("How it is known here", o.words())
	}
	add("Why it does not count", g.VouchSay)
	add("Why it opens no task", strings.Join(g.NoTask, " "))
	return rows
}

// words says how a signature from elsewhere is known.
func (o Origin) words() string {
	if o.Issuer == "" {
		return "A file says so. Nobody here could check it, and it does not count yet"
	}
	return "The passport of " + o.Issuer + " says the same and was checked here"
}

func kindOptions() []nhs.Option {
	var out []nhs.Option
	for _, k := range Kinds() {
		out = append(out, nhs.Option{Value: string(k.Kind), Label: k.Title, Hint: k.Hint})
	}
	return out
}

// writtenKinds are those a doctor adds by hand.
func writtenKinds() []nhs.Option {
	return slices.DeleteFunc(kindOptions(), func(o nhs.Option) bool { return Kind(o.Value).Made() })
}

// source is the page of what an item was made of.
func (v showView) source() string {
	if v.Kind == Colleagues {
		return "/portfolio/feedback/" + v.Item.ID
	}
	return "/portfolio/reports/" + v.Item.ID
}

func roleOptions() []nhs.Option {
	var out []nhs.Option
	for _, r := range Roles() {
		out = append(out, nhs.Option{Value: r.Code, Label: r.Words})
	}
	return out
}

func levelOptions(highest Level) []nhs.Option {
	var out []nhs.Option
	for l := Level(1); l <= highest; l++ {
		out = append(out, nhs.Option{Value: strconv.Itoa(int(l)), Label: strconv.Itoa(int(l)) + ": " + l.Words()})
	}
	return out
}

func (r Request) highest() Level {
	for _, t := range r.Tasks {
		if t.ID == r.Item.Task && t.Highest > 0 {
			return t.Highest
		}
	}
	return 3
}

func (v formView) action() string {
	if v.ID == "" {
		return "/portfolio/new"
	}
	return "/portfolio/items/" + v.ID + "/change"
}

func (v formView) taskOptions() []nhs.Option {
	var out []nhs.Option
	for _, t := range v.Tasks {
		out = append(out, nhs.Option{Value: t.ID, Label: t.Title})
	}
	return out
}

func (v formView) subjectOptions() []nhs.Option {
	var out []nhs.Option
	for _, s := range v.Subjects {
		out = append(out, nhs.Option{Value: s.ID, Label: s.Title})
	}
	return out
}

func (v formView) level() string {
	if v.Level == 0 {
		return ""
	}
	return strconv.Itoa(int(v.Level))
}

func (v formView) send() string {
	if v.Words.Signed {
		return "Save and ask for a signature"
	}
	return "Save"
}

func headingOptions(f Framework) []nhs.Option {
	var out []nhs.Option
	for _, h := range f.Headings {
		o := nhs.Option{Value: string(h.Tag), Label: h.Title}
		out = append(out, o)
	}
	return out
}

func itemTable(v listView) nhs.Table {
	t := nhs.Table{Caption: "Evidence, the latest first", HiddenCaption: true, Responsive: true, FirstCellIsHeader: true,
		Head: []nhs.Head{{Text: "What"}, {Text: "Kind"}, {Text: "Day"}, {Text: "State"}}}
	for _, i := range v.Items {
		words, _ := WordsOf(i.Kind)
		title := i.Title
		if title == "" {
			title = words.Title
		}
		day := i.On.Long()
		if day == "" {
			day = "–"
		}
		state := nhs.Cell{Body: stateTag(i.State)}
		if until, over := i.Due(clock.MustDate(v.Today)); over {
			state = nhs.Cell{Body: nhs.Tag{Text: "Due again since " + until.Long(), Colour: "red"}}
		}
		t.Rows = append(t.Rows, []nhs.Cell{{Text: title, Href: "/portfolio/items/" + i.ID}, {Text: words.Title}, {Text: day}, state})
	}
	return t
}

// trainedTable is what employers recorded, with when it is due again.
func trainedTable(v listView) nhs.Table {
	t := nhs.Table{Caption: "Mandatory training your employers recorded", CaptionSize: "s", Responsive: true, FirstCellIsHeader: true, Head: []nhs.Head{{Text: "Subject"}, {Text: "Done"}, {Text: "Due again"}, {Text: "Recorded by"}}}
	if !v.Own {
		t.Caption = "Mandatory training that employers recorded"
	}
	today := clock.MustDate(v.Today)
	for _, x := range v.Trained {
		due := nhs.Cell{Text: x.Until.Long()}
		if x.Until <= today {
			due = nhs.Cell{Body: nhs.Tag{Text: "Due again since " + x.Until.Long(), Colour: "red"}}
		}
		t.Rows = append(t.Rows, []nhs.Cell{{Text: x.Subject}, {Text: x.On.Long()}, due, {Text: or(x.Employer, "–")}})
	}
	return t
}

func (v coverageView) picture() chart.Bars {
	b := chart.Bars{ID: "coverage", Title: v.Framework.Title, Description: strconv.Itoa(v.Covered) + " of " + strconv.Itoa(len(v.Shown)) + " headings have evidence that counts."}
	for _, s := range v.Shown {
		b.List = append(b.List, chart.Bar{Label: s.Heading.Title, Value: s.Items, Waiting: s.Waiting})
	}
	return b
}

func (v coverageView) table() nhs.Table {
	t := nhs.Table{Caption: "The same, as a table", CaptionSize: "s", Responsive: true, FirstCellIsHeader: true,
		Head: []nhs.Head{{Text: "Heading"}, {Text: "Evidence", Numeric: true}, {Text: "Waiting", Numeric: true}, {Text: "Latest"}, {Text: "Seen by"}}}
	for _, s := range v.Shown {
		latest := "Nothing yet"
		if s.Items > 0 {
			latest = s.Latest.Long()
		}
		if s.Old {
			latest += ", too long ago"
		}
		var roles []string
		for _, r := range s.Roles {
			roles = append(roles, RoleWords(r))
		}
		seen := strings.Join(roles, ", ")
		if seen == "" {
			seen = "Nobody yet"
		}
		title := s.Heading.Title
		if s.Heading.Mark == "recalled" {
			title += " (name recalled, not confirmed)"
		}
		t.Rows = append(t.Rows, []nhs.Cell{{Text: title}, {Text: strconv.Itoa(s.Items), Format: "numeric"}, {Text: strconv.Itoa(s.Waiting), Format: "numeric"}, {Text: latest}, {Text: seen}})
	}
	return t
}

func (v coverageView) options() []nhs.Option {
	var out []nhs.Option
	for _, f := range v.Frameworks {
		out = append(out, nhs.Option{Value: f.Code(), Label: f.Title})
	}
	return out
}

func (v ToVouch) rows() []nhs.SummaryRow {
	g := v.Signature
	words, _ := WordsOf(v.Kind)
	rows := []nhs.SummaryRow{{Key: "Signed by", Value: g.Name + ", " + RoleWords(g.Role)}, {Key: "GMC number", Value: or(g.GMC, "none given")}, {Key: "Written to", Value: or(g.Email, "nobody: a code was read out")},
		{Key: "For", Value: v.Name + ", " + v.HostName}, {Key: "What", Value: words.Title + ": " + v.Title + ", " + v.On.Long()}}
	if v.Task != "" {
		rows = append(rows, nhs.SummaryRow{Key: "Level", Value: strconv.Itoa(int(v.Item.Level)) + ": " + v.Item.Level.Words()})
	}
	return rows
}

func or(text, other string) string {
	if text == "" {
		return other
	}
	return text
}

func askWords(s State) string {
	if s == Asked {
		return "Ask again"
	}
	return "Ask for a signature"
}

// asked is what an assessor is asked about, in as few lines as do.
func (v signView) asked() []nhs.SummaryRow {
	words, _ := WordsOf(v.Item.Kind)
	rows := []nhs.SummaryRow{{Key: "What", Value: v.Item.Title + " (" + words.Title + ")"}, {Key: "Day", Value: v.Item.On.Long()}}
	if place := strings.Trim(v.Item.Where+", "+v.HostName, ", "); place != "" {
		rows = append(rows, nhs.SummaryRow{Key: "Where", Value: place})
	}
	if v.TaskTitle != "" {
		rows = append(rows, nhs.SummaryRow{Key: "Task", Value: v.TaskTitle})
	}
	return append(rows, nhs.SummaryRow{Key: "They wrote", Value: v.Item.What})
}

func (v signView) sawValues() []string {
	if v.Saw {
		return []string{"yes"}
	}
	return nil
}

func standingTag(state string) nhs.Tag {
	switch state {
	case Valid:
		return nhs.Tag{Text: "Valid", Colour: "green"}
	case Expired:
		return nhs.Tag{Text: "Expired", Colour: "grey"}
	}
	return nhs.Tag{Text: "Taken back", Colour: "red"}
}

func newWords(again bool) string {
	if again {
		return "Make a new one"
	}
	return "Make my passport"
}
