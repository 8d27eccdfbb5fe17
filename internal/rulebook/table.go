package rulebook

import (
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"msw/internal/clock"
)

// typeLength is the type of a value that is a length of time; no field has it.
const typeLength Type = "length"

// Value is a number, date or length of time that a rule file keeps by date, so
// that a change of it is one row and not one more version of the file.
type Value struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	Type  Type   `json:"type"` // int, date or length
	Unit  string `json:"unit,omitempty"`
	Rows  []Row  `json:"rows"`

	line, column int
}

// Row is what a value is from a day on, until the next row. A row that is not
// Known says that nobody knows the value from that day.
type Row struct {
	From  clock.Date `json:"from,omitzero"`
	Known bool       `json:"known"`
	// Int is the number, of whole days or months for a length; Date the date.
	Int    int64      `json:"int,omitempty"`
	Date   clock.Date `json:"date,omitzero"`
	Days   bool       `json:"days,omitempty"` // a length counted in days, else in months
	Source Source     `json:"source"`
}

// At gives the row in force on a day; ok is false before the first one and
// where the row says that the value is not known.
func (v *Value) At(on clock.Date) (row Row, ok bool) {
	for i := len(v.Rows) - 1; i >= 0; i-- {
		if v.Rows[i].From <= on {
			return v.Rows[i], v.Rows[i].Known
		}
	}
	return Row{}, false
}

// until gives the last day on which what At says of a day still holds.
func (v *Value) until(on clock.Date) clock.Date {
	for i := range v.Rows {
		if v.Rows[i].From > on {
			return v.Rows[i].From - 1
		}
	}
	return forever
}

// text is a row in words: "24 months from 2025-03-31".
func (v *Value) text(row Row) string {
	out := "Not known"
	switch {
	case !row.Known:
	case v.Type == TypeInt:
		out = strings.TrimSpace(strconv.FormatInt(row.Int, 10) + " " + v.Unit)
	case v.Type == TypeDate:
		out = row.Date.String()
	default:
		out = stretch{n: int(row.Int), days: row.Days, ok: true}.String()
	}
	if row.From != 0 {
		out += " from " + row.From.String()
	}
	return out
}

var lengthWords = map[string]string{"day": "days", "month": "months"}

// readValues reads the values of a rule file.
func (r *reader) readValues(n *yaml.Node) []*Value {
	var list []*Value
	for _, item := range r.items(n, "values") {
		m := r.mapping(item, "a value", "id", "title", "type", "unit", "rows")
		v := &Value{line: item.Line, column: item.Column, ID: r.id(m["id"], item, "id"), Title: r.text(m["title"], item, "title"),
			Type: Type(r.choice(m["type"], item, "type", string(typeLength), string(TypeInt), string(TypeDate))), Unit: r.optional(m["unit"], "unit")}
		if strings.ContainsRune(v.ID, '-') {
			r.report(item, "a value is named in conditions: %s must do without a hyphen", v.ID)
		}
		if slices.ContainsFunc(list, func(o *Value) bool { return o.ID == v.ID }) {
			r.report(item, "the value %s comes twice", v.ID)
		}
		for _, row := range r.items(m["rows"], "rows") {
			v.Rows = append(v.Rows, r.row(row, v))
		}
		if len(v.Rows) == 0 {
			r.report(item, "the value %s has no rows", v.ID)
		}
		if !slices.IsSortedFunc(v.Rows, func(a, b Row) int { return int(a.From) - int(b.From) }) {
			r.report(item, "the rows of %s must stand in the order of their dates", v.ID)
		}
		list = append(list, v)
	}
	return list
}

func (r *reader) row(n *yaml.Node, v *Value) Row {
	m := r.mapping(n, "a row", "from", "is", "url", "title", "read", "mark", "says")
	row := Row{From: r.date(m["from"], "from"), Known: true, Source: Source{
		URL: r.optional(m["url"], "url"), Title: r.optional(m["title"], "title"), Read: r.date(m["read"], "read"),
		Mark: Mark(r.choice(m["mark"], n, "mark", string(Confirmed), string(Recalled), string(SetByUs))), Says: r.optional(m["says"], "says")}}
	if row.Source.Mark == Confirmed && row.Source.URL == "" {
		r.report(n, "a confirmed row names its url")
	}
	text, ok := r.scalar(m["is"], n, "is")
	switch {
	case !ok:
	case text == unknownCode:
		row.Known = false
	case v.Type == TypeInt:
		row.Int = r.whole(m["is"], n, "is")
	case v.Type == TypeDate:
		row.Date = r.date(m["is"], "is")
	default:
		number, unit, _ := strings.Cut(text, " ")
		size, err := strconv.ParseInt(number, 10, 64)
		switch units[unit] {
		case "day":
			row.Int, row.Days = size, true
		case "month":
			row.Int = size
		case "year":
			row.Int = size * 12
		}
		if err != nil || units[unit] == "" || row.Int < 0 || row.Int > maxLength {
			r.report(m["is"], "is must be a length of time such as 24 months or 90 days")
		}
	}
	return row
}

// stretch is a length of time; not ok where it is not known.
type stretch struct {
	n     int
	days  bool
	ok    bool
	until clock.Date
	facts factSet
}

type stretchFn func(*machine) stretch

func (s stretch) from(d clock.Date) clock.Date {
	switch {
	case d == 0 || !s.ok:
		return 0
	case s.days:
		return d.AddDays(s.n)
	}
	return clock.AddMonths(d, s.n)
}

// stretch compiles a length, as written or as a value of the file.
func (c *compiler) stretch(e *expr) stretchFn {
	if e.length == nil {
		s := stretch{n: int(e.number), days: e.unit == "day", ok: true, until: forever}
		return func(*machine) stretch { return s }
	}
	v, row := c.value(e.length)
	if v.Type != typeLength {
		c.fault(e.length, "%s is a %s, and a length of time is needed here", e.length.text, v.Type)
	}
	text := c.source[e.length.pos:e.length.end]
	return func(m *machine) stretch {
		r, ok, until, facts := row(m)
		s := stretch{n: int(r.Int), days: r.Days, ok: ok, until: until, facts: facts}
		if m.trace != nil {
			outer := m.trace.open(text)
			m.trace.closeValue(outer, s.String(), facts)
		}
		return s
	}
}

func (s stretch) String() string {
	switch {
	case !s.ok:
		return "not known"
	case s.days:
		return strconv.Itoa(s.n) + " " + lengthWords["day"]
	}
	return strconv.Itoa(s.n) + " " + lengthWords["month"]
}

type lookFn func(*machine) (row Row, ok bool, until clock.Date, facts factSet)

// value compiles the look-up of a value: on the day of evaluation, or at the
// date that is given.
func (c *compiler) value(e *expr) (*Value, lookFn) {
	i := slices.IndexFunc(c.values, func(v *Value) bool { return v.ID == e.text })
	if i < 0 {
		c.fault(e, "there is no value %q in this file", e.text)
		return &Value{}, func(*machine) (Row, bool, clock.Date, factSet) { return Row{}, false, forever, factSet{} }
	}
	v := c.values[i]
	if !slices.Contains(c.used, v.ID) {
		c.used = append(c.used, v.ID)
	}
	if e.a == nil || e.a.op == "on" {
		return v, func(m *machine) (Row, bool, clock.Date, factSet) {
			row, ok := v.At(m.on)
			return row, ok, v.until(m.on), factSet{}
		}
	}
	if t := c.typeOf(e.a); t != TypeDate && t != "" {
		c.fault(e.a, "a value is looked up at a date")
	}
	at := c.day(e.a)
	return v, func(m *machine) (Row, bool, clock.Date, factSet) {
		d := at(m)
		row, ok := v.At(d.date)
		return row, ok && d.date != 0, d.until, d.facts
	}
}

func (c *compiler) valueInt(e *expr) intFn {
	v, row := c.value(e)
	if v.Type != TypeInt {
		c.fault(e, "%s is a %s, and a whole number is needed here", e.text, v.Type)
	}
	return func(m *machine) span {
		r, ok, until, facts := row(m)
		if !ok {
			return span{-unbounded, unbounded, until, facts}
		}
		return span{r.Int, r.Int, until, facts}
	}
}

func (c *compiler) valueDay(e *expr) dayFn {
	v, row := c.value(e)
	if v.Type != TypeDate {
		c.fault(e, "%s is a %s, and a date is needed here", e.text, v.Type)
	}
	return func(m *machine) day {
		r, ok, until, facts := row(m)
		if !ok {
			r.Date = 0
		}
		return day{date: r.Date, until: until, facts: facts}
	}
}

// Words gives each row in words with its mark: "24 months from 2025-03-31
// (confirmed)".
func (v Value) Words() []string {
	list := make([]string, len(v.Rows))
	for i, row := range v.Rows {
		list[i] = v.text(row) + " (" + string(row.Source.Mark) + ")"
	}
	return list
}
