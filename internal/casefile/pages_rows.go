package casefile

import (
	"strconv"
	"strings"

	"msw/internal/clock"
	"msw/internal/nhs"
)

func count(n int) string { return strconv.Itoa(n) }

func ticked(yes bool) []string {
	if yes {
		return []string{"yes"}
	}
	return nil
}

// paragraphs splits what a person typed at its line ends.
func paragraphs(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' })
}

func textHint(own bool) string {
	if own {
		return "Do not write why you left your country, and do not write about other people. We never need it."
	}
	return "Do not ask why someone left their country. Write in plain words, without health details."
}

// calm are the things that are not urgent; those stand above them.
func (v homeView) calm() []Item {
	var list []Item
	for _, it := range v.Items {
		if !it.Urgent {
			list = append(list, it)
		}
	}
	return list
}

func (v homeView) caption() string {
	if v.Own != nil {
		return "Your list"
	}
	return "The longest waiting first"
}

// about tells whether the table needs a column for whom the task is about.
func (v homeView) about() bool {
	for _, it := range v.Items {
		if v.Own == nil || it.Doctor != v.Own.Doctor {
			return true
		}
	}
	return false
}

func (v homeView) head() []nhs.Head {
	head := []nhs.Head{{Text: "What to do"}}
	if v.about() {
		head = append(head, nhs.Head{Text: "Doctor"})
	}
	return append(head, nhs.Head{Text: "Waiting"}, nhs.Head{Text: "By"})
}

func (v homeView) rows() [][]nhs.Cell {
	var rows [][]nhs.Cell
	for _, it := range v.calm() {
		row := []nhs.Cell{{Body: taskLink(it)}}
		if v.about() {
			row = append(row, nhs.Cell{Body: caseName(it.Name, it.Ref)})
		}
		rows = append(rows, append(row, nhs.Cell{Text: days(it.Days(v.Call.Today))}, nhs.Cell{Text: dueWords(it.Due, v.Call.Today)}))
	}
	return rows
}

func listHead() []nhs.Head {
	return []nhs.Head{{Text: "Doctor"}, {Text: "Stage"}, {Text: "Waiting for"}, {Text: "Waiting"}, {Text: "Next date"}, {Text: "Region"}}
}

func (v listView) cells() [][]nhs.Cell {
	var rows [][]nhs.Cell
	for _, r := range v.Rows {
		waits := days(r.Days(v.Call.Today))
		if r.Turn == PartyNobody {
			waits = "No"
		}
		rows = append(rows, []nhs.Cell{{Body: caseLink(r)}, {Body: stageTags(r.Case)}, {Text: sentence(r.Turn.Words())}, {Text: waits},
			{Text: dueWords(r.NextDate, v.Call.Today)}, {Text: v.RegionNames[r.Region]}})
	}
	return rows
}

func (v listView) sums() [][]nhs.Cell {
	var rows [][]nhs.Cell
	for _, st := range v.Stages {
		rows = append(rows, []nhs.Cell{{Text: st.Label, Href: "/cases?stage=" + st.Value}, {Text: count(v.Sums[Stage(st.Value)])}})
	}
	return rows
}

func (v sheetView) turn() string {
	c := v.Case
	if c.Turn == PartyNobody {
		return "Nothing is waiting"
	}
	return sentence(c.Turn.Words()) + ", " + days(c.Days(v.Call.Today)) + " (since " + c.Since.Long() + ")"
}

func threadRows(sh Sheet, today clock.Date) [][]nhs.Cell {
	var rows [][]nhs.Cell
	for _, t := range sh.Threads {
		waiting := "No answer needed"
		if t.Waiting != PartyNobody {
			waiting = sentence(t.Waiting.Words())
		}
		rows = append(rows, []nhs.Cell{{Body: threadLink(sh.Case.Ref, t)}, {Text: t.Readers.Short()}, {Text: waiting}, {Text: dueWords(t.ReplyBy, today)}})
	}
	return rows
}

// urgentLink says where the link of an alarm leads: those who may not read the
// message are led to the case.
func urgentLink(it Item) string {
	if it.URL == "" {
		return "See the case"
	}
	return "Read the message now"
}

// firstSteps shows what sets a programme up, with what is done already.
func (v homeView) firstSteps() []nhs.TaskItem {
	items := make([]nhs.TaskItem, len(v.First))
	for i, f := range v.First {
		item := nhs.TaskItem{Heading: f.Title, Hint: f.Hint, Href: f.URL}
		if f.Done {
			items[i] = item.Done()
		} else {
			items[i] = item.NotStarted()
		}
	}
	return items
}
