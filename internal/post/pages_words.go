package post

import (
	"strconv"
	"strings"

	"msw/internal/clock"
	"msw/internal/nhs"
)

// Tag is the status as a tag.
func (s Status) Tag() nhs.Tag {
	colour := map[Status]string{Draft: "grey", Approved: "blue", Open: "green", Filled: "purple", Closed: "white"}[s]
	return nhs.Tag{Text: s.Words(), Colour: colour}
}

// Day writes a date, or says that there is none.
func Day(d clock.Date) string {
	if d.IsZero() {
		return "Not stated"
	}
	return d.Long()
}

// Share writes thousandths of full time as a person reads them.
func Share(thousandths int) string {
	if thousandths == 1000 {
		return "full time"
	}
	return strconv.FormatFloat(float64(thousandths)/10, 'f', -1, 64) + "% of full time"
}

func options[T ~string](list []T, words func(T) string) []nhs.Option {
	out := make([]nhs.Option, len(list))
	for i, v := range list {
		out[i] = nhs.Option{Value: string(v), Label: words(v)}
	}
	return out
}

func regionOptions(list []Region) []nhs.Option {
	out := make([]nhs.Option, len(list))
	for i, r := range list {
		out[i] = nhs.Option{Value: r.Code, Label: r.Name}
	}
	return out
}

func phaseOptions(list []Phase) []nhs.Option {
	out := make([]nhs.Option, len(list))
	for i, p := range list {
		label := p.Title
		if !p.Ends.IsZero() {
			label += ", until " + p.Ends.Long()
		}
		out[i] = nhs.Option{Value: p.ID, Label: label}
	}
	return out
}

func placeOptions(list []Place) []nhs.Option {
	out := make([]nhs.Option, len(list))
	for i, p := range list {
		out[i] = nhs.Option{Value: p.ID, Label: p.Name}
	}
	return out
}

// SupervisorOptions are supervisors to choose from, each with their room.
func SupervisorOptions(list []Supervisor) []nhs.Option {
	out := make([]nhs.Option, len(list))
	for i, v := range list {
		out[i] = nhs.Option{Value: v.Account, Label: v.Name + " (" + RoomWords(v) + ")"}
	}
	return out
}

// RoomWords says how many more people a supervisor can take on.
func RoomWords(v Supervisor) string {
	switch n := v.Room(); n {
	case 0:
		return "no room"
	case 1:
		return "room for 1"
	default:
		return "room for " + strconv.Itoa(n)
	}
}

func placeName(places map[string]Place, id string) string {
	if p, ok := places[id]; ok && p.Name != "" {
		return p.Name
	}
	return id
}

func (v listView) table() nhs.Table {
	t := nhs.Table{Caption: "Posts, the latest start first", HiddenCaption: true, Responsive: true, FirstCellIsHeader: true,
		Head: []nhs.Head{{Text: "Post"}, {Text: "Place of work"}, {Text: "Hours a week"}, {Text: "Start from"}, {Text: "Stands empty"}, {Text: "Status"}}}
	for _, p := range v.Posts {
		t.Rows = append(t.Rows, []nhs.Cell{
			{Text: p.Specialty + ", " + strings.Replace(lower(p.Setting.Words()), "gp ", "GP ", 1), Href: "/posts/" + p.ID},
			{Text: atWhom(v.Places, p)}, {Text: strings.TrimSuffix(Hours(p.MinutesWeek), " hours a week")}, {Text: p.StartFrom.Long()}, {Text: vacancyShort(p, v.Today)}, {Body: p.Status.Tag()},
		})
	}
	return t
}

// atWhom is the place of work, with the employer where it is another.
func atWhom(places map[string]Place, p Post) string {
	text := placeName(places, p.Host)
	if p.Employer != p.Host {
		text += ", employed by " + placeName(places, p.Employer)
	}
	return text
}

// vacancyShort is how many days a post that can be filled stands empty.
func vacancyShort(p Post, today clock.Date) string {
	if v := VacancyOf(p, today); v.Empty && v.Days > 0 && p.Status != Draft {
		return days(v.Days)
	}
	return ""
}

func supervisorName(known map[string]Supervisor, account string) string {
	if account == "" {
		return "Not named yet"
	}
	if v, ok := known[account]; ok {
		return v.Name + " (" + RoomWords(v) + ")"
	}
	return "Not known"
}

// rows are the facts of a post as its page lists them.
func (v showView) rows() []nhs.SummaryRow {
	rows := []nhs.SummaryRow{
		{Key: "Setting", Value: v.Setting.Words()}, {Key: "Specialty", Value: v.Specialty},
		{Key: "Employer", Value: v.EmployerName}, {Key: "Place of work", Value: v.HostName},
		{Key: "Hours", Value: Hours(v.MinutesWeek) + ", " + Share(v.WholeTime)}, {Key: "Pay", Value: v.Pay.Words()},
		{Key: "Indemnity", Value: indemnityWords(v.Indemnity)},
		{Key: "Clinical supervisor", Value: supervisorName(v.Supervisors, v.Clinical)},
		{Key: "Educational supervisor", Value: supervisorName(v.Supervisors, v.Educational)},
		{Key: "Least experience, checked against each application", Body: bullets(v.Requires.Lines())}, {Key: "Must bring", Body: bullets(Lines(v.Essential))}, {Key: "Would help", Body: bullets(Lines(v.Wished))},
		{Key: "Who pays", Value: or(v.PaidBy().Words(), "Not stated")},
	}
	return rows
}

// dates are the three dates that must never be taken for one another, and the
// start.
func (v showView) dates() []nhs.SummaryRow {
	phase := "No programme money asked for"
	if v.PhaseEnds.ID != "" {
		phase = v.PhaseEnds.Title + ", ends " + Day(v.PhaseEnds.Ends)
	}
	rows := []nhs.SummaryRow{
		{Key: "Can start from", Value: Day(v.StartFrom)}, {Key: "Contract ends", Value: Day(v.ContractEnd)},
		{Key: "Funded until", Value: Day(v.FundedUntil)}, {Key: "Programme phase", Value: phase},
	}
	if v.Status != Closed {
		rows = append(rows, nhs.SummaryRow{Key: "Vacancy", Value: v.Vacancy.Words()})
	}
	if v.Before.ID != "" {
		rows = append(rows, nhs.SummaryRow{Key: "Takes over from", Body: beforeLink(v.Before, v.Overlap.Words())})
	}
	return rows
}

func indemnityWords(i Indemnity) string {
	if w := i.Words(); w != "" {
		return w
	}
	return "Not stated yet"
}

func (v supervisorsView) table() nhs.Table {
	t := nhs.Table{Caption: "Supervisors and how many people they can take on", Responsive: true, FirstCellIsHeader: true,
		Head: []nhs.Head{{Text: "Name"}, {Text: "Organisation"}, {Text: "At once", Numeric: true}, {Text: "Has now", Numeric: true}, {Text: "Room today"}, {Text: "Approval"}, {Text: "Change"}}}
	for _, one := range v.List {
		t.Rows = append(t.Rows, []nhs.Cell{{Text: one.Name}, {Text: placeName(v.Places, one.Organisation)},
			{Text: strconv.Itoa(one.Capacity)}, {Text: strconv.Itoa(one.Holding)}, {Text: RoomToday(one, v.Today)}, {Text: approvalWords(one, v.Today)},
			{Text: "Change", VisuallyHiddenText: one.Name, Href: "/supervisors?change=" + one.Account + "#name"}})
	}
	return t
}

// RoomToday says how many more people a supervisor can take on today, or from
// when.
func RoomToday(v Supervisor, today clock.Date) string {
	free := v.FreeFrom(today)
	switch {
	case v.Lapsed(today):
		return "None: the approval has lapsed"
	case v.Away(today) && !free.IsZero():
		return "Away: from " + free.Long()
	case v.Away(today):
		return "Away" + untilWords(v.AwayUntil)
	case !v.AwayFrom.IsZero() && v.AwayFrom > today:
		return capital(RoomWords(v)) + ", away from " + v.AwayFrom.Long()
	}
	return capital(RoomWords(v))
}

// capital writes a text's first letter large.
func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

func approvalWords(v Supervisor, today clock.Date) string {
	switch {
	case v.ApprovedUntil.IsZero():
		return "No end stated"
	case v.Lapsed(today):
		return "Ended on " + v.ApprovedUntil.Long()
	}
	return "Until " + v.ApprovedUntil.Long()
}
