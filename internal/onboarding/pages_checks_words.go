package onboarding

import (
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"msw/internal/clock"
	"msw/internal/nhs"
	"msw/internal/request"
)

// Words is the turn as a person reads it.
func (t Turn) Words() string {
	switch t {
	case TurnEmployer:
		return "Employer"
	case TurnDoctor:
		return "Doctor"
	case TurnOther:
		return "Someone else"
	}
	return ""
}

func (t Turn) tag() nhs.Tag {
	return nhs.Tag{Text: t.Words(), Colour: map[Turn]string{TurnEmployer: "blue", TurnDoctor: "yellow", TurnOther: "purple"}[t]}
}

func turnOptions() []nhs.Option {
	return []nhs.Option{{Value: string(TurnEmployer), Label: "We do"}, {Value: string(TurnDoctor), Label: "The doctor", Hint: "They are told that something is needed."},
		{Value: string(TurnOther), Label: "Someone else", Hint: "Such as a referee, the police check or occupational health."}}
}

func (w Owing) words() string {
	if w.Since.IsZero() {
		return w.Title
	}
	return w.Title + ", since " + w.Since.Long()
}

func (v boardView) table() nhs.Table {
	t := nhs.Table{Caption: "People whose checks are under way, the longest waiting first", HiddenCaption: true, Responsive: true, FirstCellIsHeader: true,
		Head: []nhs.Head{{Text: "Person"}, {Text: "Place of work"}, {Text: "So far"}, {Text: "Waits for"}}}
	for _, b := range v.Rows {
		t.Rows = append(t.Rows, []nhs.Cell{{Body: nhs.Name{Text: b.Name}, Href: "/checks/" + b.ID}, {Text: b.Specialty + ", " + b.HostName},
			{Text: strconv.Itoa(b.Done) + " of " + strconv.Itoa(b.Of) + " done, " + strconv.Itoa(b.Days) + " days since yes"}, {Body: owing(b.Owing)}})
	}
	return t
}

func (v timesView) table() nhs.Table {
	t := nhs.Table{Caption: "Median days by place of work", HiddenCaption: true, FirstCellIsHeader: true,
		Head: []nhs.Head{{Text: "Place of work"}, {Text: "Median days"}}}
	for _, h := range v.Rows {
		days := nhs.Cell{Text: "Too few people"}
		if h.Shown {
			days.Text = strconv.Itoa(h.Median)
		}
		t.Rows = append(t.Rows, []nhs.Cell{{Text: h.Name}, days})
	}
	return t
}

func (s CheckState) tag() nhs.Tag {
	colour := map[CheckState]string{Done: "green", CheckProblem: "orange"}[s]
	if colour == "" {
		colour = "grey"
	}
	return nhs.Tag{Text: s.Words(), Colour: colour}
}

// tasks lists the checks with their outcome and dates; the employer's notes are
// not in it.
func (v checksView) tasks() nhs.TaskList {
	list := nhs.TaskList{IDPrefix: "check"}
	for _, k := range v.Kinds {
		c := checkOf(v.Checks, k.Code)
		if c.Turn == "" && c.State != Done {
			c.Turn, c.TurnOn = TurnEmployer, v.AnsweredOn
		}
		item := nhs.TaskItem{Heading: k.Title, Hint: v.hint(k, c)}
		switch {
		case v.MayTick && k.Code == GateTraining:
			item.Href = "/checks/" + v.ID + "/training"
		case v.MayTick:
			item.Href = "/checks/" + v.ID + "/" + k.Code
		case v.MayReply:
			item.Href = "/checks/" + v.ID + "/" + k.Code + "/say"
		}
		tag := c.State.tag()
		if c.State != Done && c.Turn == TurnDoctor && v.OwnOffer {
			tag = nhs.Tag{Text: "Waits for you", Colour: "yellow"}
		} else if c.State == Waiting && c.Turn != "" {
			tag = c.Turn.tag()
		}
		if k.Cleared && c.State == Done {
			tag.Text = "Cleared"
		}
		item.Tag = &tag
		list.Items = append(list.Items, item)
	}
	return list
}

func (v checksView) hint(k CheckKind, c Check) string {
	var say []string
	if !c.DoneOn.IsZero() {
		say = append(say, "Done on "+c.DoneOn.Long())
	}
	if k.Ends && c.State == Done {
		if c.Until.IsZero() {
			say = append(say, "No end date")
		} else {
			say = append(say, "Ends on "+c.Until.Long())
		}
	}
	if c.Reused != "" {
		say = append(say, "A check done elsewhere")
	}
	if c.ByName != "" && c.State == Done {
		say = append(say, "By "+c.ByName)
	}
	if c.State != Done && c.Turn != "" {
		who := c.Turn.Words()
		if v.OwnOffer && c.Turn == TurnDoctor {
			who = "You"
		}
		say = append(say, who+", since "+c.TurnOn.Long())
	}
	if l, ok := k.lane(c.Lane); ok && c.State != Done {
		say = append(say, l.Words+", since "+c.LaneOn.Long())
	}
	if s, ok := v.Standing[k.Code]; ok && c.State != Done {
		say = append(say, "One done elsewhere stands until "+s.Until.Long())
	}
	return strings.Join(say, ". ")
}

func (v checkView) question() string {
	if v.Kind.Cleared {
		return "Has occupational health cleared them?"
	}
	return "Is this check done?"
}

func (v checkView) states() []nhs.Option {
	if v.Kind.Cleared {
		return []nhs.Option{{Value: string(Done), Label: "Yes, cleared"}, {Value: string(Waiting), Label: "Not yet", Hint: "Lost vaccination records only mean blood tests and vaccination first."}}
	}
	return []nhs.Option{{Value: string(Done), Label: "Yes, done"}, {Value: string(CheckProblem), Label: "There is something to sort out"}, {Value: string(Waiting), Label: "Not yet"}}
}

func (v checkView) lanes() []nhs.Option {
	var out []nhs.Option
	for _, l := range v.Kind.Lanes {
		out = append(out, nhs.Option{Value: l.ID, Label: l.Words, Hint: "We say that it takes long after " + strconv.Itoa(l.Days) + " working days. Set by this programme."})
	}
	return out
}

func (v checkView) laneHint() string {
	if v.Check.LaneOn.IsZero() {
		return "Fingerprints help somebody who does not have the usual papers. They take longer."
	}
	return "This way since " + v.Check.LaneOn.Long() + "."
}

// evidence lists the usual ways, then those for when papers cannot be had; a
// way that means contact abroad only when the doctor said that it is safe.
func (v checkView) evidence() []nhs.Option {
	var usual, instead []nhs.Option
	for _, e := range v.Kind.Evidence {
		if e.Contact && !v.Check.ContactSafe {
			continue
		}
		o := nhs.Option{Value: e.ID, Label: e.Words}
		if e.Instead {
			o.Hint = "For when a paper was lost or cannot be had."
			instead = append(instead, o)
		} else {
			usual = append(usual, o)
		}
	}
	if len(instead) == 0 {
		return usual
	}
	return append(append(usual, nhs.Option{Divider: true, Label: "or"}), instead...)
}

func (v checkView) ask(a Ask) templ.Component {
	name := v.Kind.Code + "-" + a.ID
	switch a.Kind {
	case "date":
		d := v.Dates[a.ID]
		return nhs.DateField{Name: name, Legend: a.Words, LegendSize: "s", Hint: a.Hint, Day: d[0], Month: d[1], Year: d[2], Error: v.Errors.Of(name)}
	case "choice":
		return nhs.RadioField{Name: name, Legend: a.Words, LegendSize: "s", Hint: a.Hint, Options: choiceOptions(a.Options), Value: v.Answers[a.ID], Error: v.Errors.Of(name), Small: true}
	case "many":
		return nhs.CheckField{Name: name, Legend: a.Words, LegendSize: "s", Hint: a.Hint, Options: choiceOptions(a.Options), Values: strings.Fields(v.Answers[a.ID]), Error: v.Errors.Of(name), Small: true}
	}
	return nhs.TextField{Name: name, Label: a.Words, LabelSize: "s", Hint: a.Hint, Value: v.Answers[a.ID], Width: "10", Error: v.Errors.Of(name), NoSpellcheck: true, Autocomplete: "off"}
}

func (v checkView) sources() templ.Component {
	if len(v.Kind.Evidence) == 0 {
		return templ.NopComponent
	}
	return sourceList(v.Kind.Evidence)
}

func (v sayView) options() []nhs.Option {
	out := []nhs.Option{{Value: SaidSent, Label: "I have sent it, or will bring it"}}
	if v.Kind.Gate {
		return out
	}
	out = append(out, nhs.Option{Value: SaidLost, Label: "A paper was lost"}, nhs.Option{Value: SaidCannot, Label: "I cannot get a paper, or asking for it is not safe", Hint: "You do not have to say why."})
	if slices.ContainsFunc(v.Kind.Evidence, func(e Evidence) bool { return e.Contact }) {
		out = append(out, nhs.Option{Value: SaidSafe, Label: "It is safe to ask the country I lived in", Hint: "Without this, nobody asks there."})
	}
	return out
}

// table is what must be seen on the day, check by check.
func (v dayView) table() nhs.Table {
	t := nhs.Table{Caption: "Checks and originals", HiddenCaption: true, Responsive: true, FirstCellIsHeader: true,
		Head: []nhs.Head{{Text: "Check"}, {Text: "See the original of"}, {Text: "Stands already"}, {Text: "Seen, by whom"}}}
	for _, k := range v.Kinds {
		if k.Gate && k.Code != GateTraining {
			continue
		}
		c := checkOf(v.Checks, k.Code)
		t.Rows = append(t.Rows, []nhs.Cell{{Text: k.Title}, {Text: v.original(k, c)}, {Text: v.already(k, c)}, {Text: "________"}})
	}
	return t
}

func (v dayView) original(k CheckKind, c Check) string {
	if e, ok := k.evidence(c.Evidence); ok && e.Original != "" {
		return e.Original
	}
	if c.State == Done && k.Code != CheckIdentity || c.Reused != "" {
		return "Nothing"
	}
	return k.Bring
}

func (v dayView) already(k CheckKind, c Check) string {
	if c.State == Done {
		text := "Done on " + c.DoneOn.Long()
		if c.Reused != "" {
			text += ", elsewhere"
		}
		if !c.Until.IsZero() {
			text += ". Ends on " + c.Until.Long()
		}
		return text
	}
	if s, ok := v.Standing[k.Code]; ok {
		return "Done elsewhere on " + s.DoneOn.Long() + ". Stands until " + s.Until.Long()
	}
	return "Not yet"
}

func trainingRows(list []Trained) nhs.Table {
	t := nhs.Table{Caption: "Training", HiddenCaption: true, Responsive: true, FirstCellIsHeader: true, Head: []nhs.Head{{Text: "Subject"}, {Text: "Done"}, {Text: "Due again"}}}
	for _, d := range list {
		t.Rows = append(t.Rows, []nhs.Cell{{Text: d.Title}, {Text: d.DoneOn.Long()}, {Text: d.Until.Long()}})
	}
	return t
}

func (v trainingView) table() nhs.Table {
	t := nhs.Table{Caption: "Subjects", HiddenCaption: true, Responsive: true, FirstCellIsHeader: true, Head: []nhs.Head{{Text: "Subject"}, {Text: "Done"}, {Text: "Due again"}}}
	for _, sub := range v.Rules.Subjects {
		done, again := "Not yet", "After "+strconv.Itoa(sub.Months)+" months. "+sub.MarkWords()
		if i := slices.IndexFunc(v.Training, func(d Trained) bool { return d.Subject == sub.ID }); i >= 0 {
			done, again = v.Training[i].DoneOn.Long(), v.Training[i].Until.Long()
			if v.Training[i].Until <= v.Today {
				again += ", out of date"
			}
		}
		title := sub.Title
		if sub.First {
			title += " (before the first day)"
		}
		t.Rows = append(t.Rows, []nhs.Cell{{Text: title}, {Text: done}, {Text: again}})
	}
	return t
}

func (v trainingView) subjects() []nhs.Option {
	var out []nhs.Option
	for _, sub := range v.Rules.Subjects {
		out = append(out, nhs.Option{Value: sub.ID, Label: sub.Title})
	}
	return out
}

func (v trainingView) ready() bool {
	return checkOf(v.Checks, GateTraining).State != Done && len(MissingTraining(v.Rules, v.Training, v.Today)) == 0
}

// MissingWords says what training is still missing for the first day.
func MissingWords(r *Rules, list []Trained, today clock.Date) string {
	missing := MissingTraining(r, list, today)
	if len(missing) == 0 {
		return "Everything that comes before the first day is in date."
	}
	return "Still to do before the first day: " + lowerFirst(strings.Join(missing, "; ")) + "."
}

// referenceWords says how a reference stands. Whether the doctor has said nothing
// or no is theirs alone.
func referenceWords(s request.State) string {
	switch s {
	case request.CannotStart:
		return "nobody is asked yet"
	case request.Waiting, request.Overdue:
		return "waiting for the answer"
	case request.Received:
		return "the answer came and is being read"
	case request.Verified:
		return "came, and is enough"
	case request.Refused:
		return "not given, or not enough"
	}
	return "taken back"
}
