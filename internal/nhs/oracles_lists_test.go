package nhs

import "github.com/a-h/templ"

func listOracles() []oracle {
	return []oracle{
		{component: "summary-list", atLeast: 25, draw: drawSummary},
		{component: "tables", atLeast: 130, draw: drawTable, notOffered: map[string]string{"panel": old, "heading": old, "headingLevel": old}},
		{component: "tabs", atLeast: 5, draw: drawTabs},
		{component: "task-list", atLeast: 5, draw: drawTasks, differs: map[string]string{
			"with empty items": "ids number only the tasks that are drawn"}},
	}
}

func drawSummary(o opts) templ.Component {
	s := SummaryList{NoBorder: o.off("border"), NoLastRowBorder: o.off("lastRowBorder")}
	for _, r := range o.list("rows") {
		key, value := r.sub("key"), r.sub("value")
		s.Rows = append(s.Rows, SummaryRow{Key: key.str("text"), KeyWidth: key.str("width"), Value: value.str("text"), Body: value.html("html"),
			Actions: actions(r), NoBorder: r.off("border")})
	}
	if o.has("card") {
		c := card(o.sub("card"))
		s.Card = &c
	}
	return s
}

func drawTable(o opts) templ.Component {
	c := o.sub("caption")
	t := Table{Caption: c.str("text"), CaptionSize: c.str("size"), CaptionID: c.str("id"), CaptionClasses: c.str("classes"),
		FirstCellIsHeader: o.flag("firstCellIsHeader"), Compact: o.flag("compact"), Striped: o.flag("striped"), Responsive: o.flag("responsive"),
		Scroll: o.flag("scroll"), NoBorder: o.off("border"), NoLastRowBorder: o.off("lastRowBorder"), Variant: o.str("variant")}
	for _, h := range o.list("head") {
		sort := h.str("sort")
		if sort == "true" {
			sort = "none"
		}
		t.Head = append(t.Head, Head{Text: h.str("text"), VisuallyHiddenText: h.str("visuallyHiddenText"), Numeric: h.str("format") == "numeric",
			Sort: sort, SortNext: h.str("sortNext"), Href: h.str("href"), Align: h.str("align"), Width: h.str("width"), Classes: h.str("classes")})
	}
	o.mark("rows")
	rows, _ := o["rows"].([]any)
	for _, row := range rows {
		cells, ok := row.([]any)
		if !ok {
			continue
		}
		var line []Cell
		for _, i := range objects(cells) {
			line = append(line, Cell{Text: i.str("text"), Body: i.html("html"), VisuallyHiddenText: i.str("visuallyHiddenText"), Href: i.str("href"),
				Format: i.str("format"), SortValue: i.str("sortValue"), Classes: i.str("classes")})
		}
		t.Rows = append(t.Rows, line)
	}
	if o["card"] == true {
		o.take("card")
		t.Card = &Card{}
	} else if o.has("card") {
		c := card(o.sub("card"))
		t.Card = &c
	}
	return t
}

func drawTabs(o opts) templ.Component {
	t := Tabs{ID: o.str("id"), IDPrefix: o.str("idPrefix"), VisuallyHiddenText: o.str("visuallyHiddenText")}
	for _, i := range o.list("items") {
		t.Items = append(t.Items, TabItem{ID: i.str("id"), Label: i.str("label"), Body: i.sub("panel").html("html")})
	}
	return t
}

func drawTasks(o opts) templ.Component {
	t := TaskList{IDPrefix: o.str("idPrefix")}
	for _, i := range o.list("items") {
		status := i.sub("status")
		item := TaskItem{Heading: or(i.sub("heading").str("text"), i.sub("title").str("text")), Href: i.str("href"), Hint: i.sub("hint").str("text"), Status: status.str("text"), StatusClasses: status.str("classes")}
		if status.has("tag") {
			item.Tag = tag(status.sub("tag"))
		}
		t.Items = append(t.Items, item)
	}
	return t
}
