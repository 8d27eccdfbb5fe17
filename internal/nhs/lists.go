package nhs

import (
	"context"
	"io"
	"strings"

	"github.com/a-h/templ"
)

// SummaryList shows what is known, a key and a value a row.
type SummaryList struct {
	Rows            []SummaryRow
	NoBorder        bool
	NoLastRowBorder bool
	Card            *Card // surrounds the list
	ID              string
	Classes         string
	Attributes      Attrs
}

// SummaryRow is one row of a SummaryList.
type SummaryRow struct {
	Key        string
	Value      string
	Body       templ.Component // instead of Value
	Actions    []Action
	NoBorder   bool
	KeyWidth   string // one-half, one-third and so on
	Classes    string
	Attributes Attrs
}

// Render writes the list.
func (s SummaryList) Render(ctx context.Context, w io.Writer) error {
	if s.Card == nil {
		return summaryListView(s).Render(ctx, w)
	}
	card := *s.Card
	card.Body = summaryListView(s)
	return card.Render(ctx, w)
}

func (s SummaryList) heading() string {
	if s.Card == nil {
		return ""
	}
	return s.Card.Heading
}

func (s SummaryList) rowClasses(r SummaryRow) string {
	actions := false
	for _, other := range s.Rows {
		actions = actions || len(other.Actions) > 0
	}
	return classes("nhsuk-summary-list__row", when(actions && len(r.Actions) == 0, "nhsuk-summary-list__row--no-actions"),
		when(r.NoBorder, "nhsuk-summary-list__row--no-border"), r.Classes)
}

func (s SummaryList) classes() string {
	return classes("nhsuk-summary-list", when(s.NoBorder, "nhsuk-summary-list--no-border"),
		when(s.NoLastRowBorder && !s.NoBorder, "nhsuk-summary-list--no-last-row-border"), s.Classes)
}

// Table shows rows under headings. Give it a Caption: it is how the table is
// named to those who hear it.
type Table struct {
	Caption           string
	CaptionBody       templ.Component // instead of Caption
	CaptionSize       string          // s, m, l or xl
	CaptionID         string
	CaptionClasses    string
	HiddenCaption     bool // the caption is only heard
	Head              []Head
	Rows              [][]Cell
	FirstCellIsHeader bool
	Compact           bool
	Striped           bool
	Responsive        bool // rows become blocks on a narrow screen
	Scroll            bool // scrolls sideways on a narrow screen
	NoBorder          bool
	NoLastRowBorder   bool
	Variant           string // reverse
	Card              *Card  // surrounds the table
	ID                string
	Classes           string
	Attributes        Attrs
}

// Head is a column's heading.
type Head struct {
	Text               string
	Body               templ.Component // instead of Text
	VisuallyHiddenText string
	Numeric            bool   // figures, aligned right, in the whole column
	Sort               string // none, ascending or descending: the column can be sorted
	SortNext           string // ascending or descending: how it is sorted first
	Href               string // sorts on the server
	Align              string // left, centre or right
	Width              string // one-half, one-third and so on
	Classes            string
	Attributes         Attrs
}

// Cell is one cell of a row.
type Cell struct {
	Text               string
	Body               templ.Component // instead of Text
	VisuallyHiddenText string
	Href               string
	Format             string // numeric, or string in a numeric column
	SortValue          string
	Colspan, Rowspan   int
	Align              string
	Width              string
	Classes            string
	Attributes         Attrs
}

// Render writes the table.
func (t Table) Render(ctx context.Context, w io.Writer) error {
	var c templ.Component = tableView(t)
	if t.Scroll {
		c = scrollView(t, c)
	}
	if t.Card != nil {
		card := *t.Card
		card.Body = c
		c = card
	}
	return c.Render(ctx, w)
}

func (t Table) sortable() (sorted, onServer bool) {
	for _, h := range t.Head {
		sorted = sorted || h.Sort != ""
		onServer = onServer || (sorted && h.Href != "")
	}
	return sorted, onServer
}

func (t Table) classes() string {
	sortable, _ := t.sortable()
	return classes("nhsuk-table", when(t.Variant == "reverse", "nhsuk-table--reverse"), when(t.Compact, "nhsuk-table--compact"),
		when(t.Responsive, "nhsuk-table--responsive"), when(t.NoBorder, "nhsuk-table--no-border"),
		when(t.NoLastRowBorder && !t.NoBorder, "nhsuk-table--no-last-row-border"), when(sortable, "nhsuk-table--sortable"),
		when(t.Striped, "nhsuk-table--striped"), t.Classes)
}

func (t Table) attributes() Attrs {
	sortable, onServer := t.sortable()
	return optional("id", t.ID, "data-module", when(sortable && !onServer, "nhsuk-table"), "role", when(t.Responsive, "table"))
}

func (t Table) caption() Heading {
	hidden := ""
	if sortable, _ := t.sortable(); sortable {
		hidden = "(Column headers are sortable)"
	}
	size := when(oneOf(t.CaptionSize, "s", "m", "l", "xl"), t.CaptionSize)
	return Heading{
		Text: t.Caption, Body: t.CaptionBody, VisuallyHiddenText: hidden, Size: size, ID: t.captionID(),
		Classes: classes(t.CaptionClasses, when(t.HiddenCaption, "nhsuk-u-visually-hidden")),
		base:    "nhsuk-table__caption", prefix: "nhsuk-table__caption--",
	}
}

func (t Table) captionID() string {
	if t.CaptionID != "" || !t.Scroll {
		return t.CaptionID
	}
	if t.ID != "" {
		return t.ID + "-caption"
	}
	if t.Caption == "" {
		return ""
	}
	name := strings.ToLower(strings.ReplaceAll(t.Caption, " ", "-"))
	return "table-" + name[:min(len(name), 40)] + "-caption"
}

// role gives name in a responsive table, whose cells are no longer drawn as
// cells and would lose their meaning.
func (t Table) role(name string) string { return when(t.Responsive, name) }

func (t Table) column(i int) Head {
	if i < len(t.Head) {
		return t.Head[i]
	}
	return Head{}
}

func (t Table) headAttributes(h Head) Attrs {
	sortable, onServer := t.sortable()
	sorted := sortable && h.Sort != ""
	a := optional("data-sort-next", when(sortable && !onServer, h.SortNext),
		"aria-sort", when(sorted && h.Sort != "none", h.Sort), "role", t.role("columnheader"))
	a["data-sort"] = sorted
	return a
}

func (t Table) headClasses(h Head) string {
	return classes("nhsuk-table__header", when(h.Numeric, "nhsuk-table__header--numeric"), alignment(h.Align), width(h.Width), h.Classes)
}

func (t Table) isHeader(i int) bool { return t.FirstCellIsHeader && i == 0 }

func (t Table) cellAttributes(i int, c Cell) Attrs {
	role := "cell"
	if t.isHeader(i) {
		role = "rowheader"
	}
	colspan := number(c.Colspan)
	if t.Responsive {
		colspan = ""
	}
	return optional("scope", when(t.isHeader(i), "row"), "role", t.role(role), "colspan", colspan,
		"rowspan", number(c.Rowspan), "data-sort-value", c.SortValue)
}

func (t Table) cellClasses(i int, c Cell) string {
	base, h := "nhsuk-table__cell", t.column(i)
	if t.isHeader(i) {
		base = "nhsuk-table__header"
	}
	align := c.Align
	if align == "" {
		align = or(when(c.Format == "string" && h.Numeric, "right"), h.Align)
	}
	numeric := c.Format == "numeric" || (c.Format == "" && h.Numeric)
	return classes(base, when(numeric, base+"--numeric"), alignment(align), width(c.Width), c.Classes)
}

func alignment(a string) string {
	return when(oneOf(a, "left", "centre", "right"), "nhsuk-u-text-align-"+a)
}

func width(w string) string { return when(w != "", "nhsuk-u-width-"+w) }

// TaskList shows what is to be done and how far each task is.
type TaskList struct {
	Items      []TaskItem
	IDPrefix   string // task-list when empty
	ID         string
	Classes    string
	Attributes Attrs
}

// TaskItem is one task: a link unless it cannot be started yet.
type TaskItem struct {
	Heading       string
	Href          string
	Hint          string
	HintBody      templ.Component // instead of Hint
	Status        string          // in plain text
	Tag           *Tag            // instead of Status
	StatusClasses string          // nhsuk-task-list__status--completed
	Classes       string
}

// Render writes the list.
func (t TaskList) Render(ctx context.Context, w io.Writer) error {
	return taskListView(t).Render(ctx, w)
}

func (t TaskList) id(i int, part string) string {
	return or(t.IDPrefix, "task-list") + "-" + number(i+1) + "-" + part
}

func (t TaskList) describedBy(i int) string {
	item := t.Items[i]
	return classes(when(item.Hint != "" || item.HintBody != nil, t.id(i, "hint")), t.id(i, "status"))
}

// Done, InProgress, NotStarted and CannotStart are the states of a task.
func (t TaskItem) Done() TaskItem {
	t.Status, t.StatusClasses, t.Tag = "Completed", "nhsuk-task-list__status--completed", nil
	return t
}

// InProgress marks a task that was begun.
func (t TaskItem) InProgress() TaskItem {
	t.Status, t.Tag = "", &Tag{Text: "In progress", Colour: "blue"}
	return t
}

// NotStarted marks a task that may be begun.
func (t TaskItem) NotStarted() TaskItem {
	t.Status, t.Tag = "", &Tag{Text: "Not started"}
	return t
}

// CannotStart marks a task that waits for another and takes its link away.
func (t TaskItem) CannotStart() TaskItem {
	t.Href, t.Tag = "", nil
	t.Status, t.StatusClasses = "Cannot start yet", "nhsuk-task-list__status--cannot-start-yet"
	return t
}

// Tabs shows one of several panels at a time; without script, all of them.
type Tabs struct {
	Items              []TabItem
	IDPrefix           string // of panels without an ID; ID when empty
	VisuallyHiddenText string // "Contents" when empty
	ID                 string
	Classes            string
	Attributes         Attrs
}

// TabItem is one tab and its panel.
type TabItem struct {
	ID         string
	Label      string
	Text       string
	Body       templ.Component // instead of Text
	Attributes Attrs
}

// Render writes the tabs.
func (t Tabs) Render(ctx context.Context, w io.Writer) error { return tabsView(t).Render(ctx, w) }

func (t Tabs) panelID(i int) string {
	return or(t.Items[i].ID, or(t.IDPrefix, t.ID)+"-"+number(i+1))
}

func hiddenPart(c Cell) string {
	if c.Text == "" && c.Body == nil {
		return c.VisuallyHiddenText
	}
	return " " + c.VisuallyHiddenText
}
