package nhs

import (
	"context"
	"io"
	"strconv"

	"github.com/a-h/templ"

	"msw/internal/clock"
)

// FieldError is what is wrong with the field of that name.
type FieldError struct {
	Name    string
	Message string
}

// Errors are the errors of one form.
type Errors []FieldError

// Of gives the first message for the field, or nothing. Pass it on:
// nhs.TextField{Name: "email", Error: errs.Of("email")}.
func (e Errors) Of(name string) string {
	for _, f := range e {
		if f.Name == name {
			return f.Message
		}
	}
	return ""
}

// Option is one answer a person may choose.
type Option struct {
	Value       string
	Label       string
	Hint        string
	Conditional templ.Component // further questions, shown while chosen
	Divider     bool            // Label is a word such as "or" between options
	Exclusive   bool            // a checkbox that clears the others: "None of these"
	Disabled    bool
}

// TextField asks for a text: one line, or several when Rows is set.
type TextField struct {
	Name         string
	ID           string // Name when empty
	Label        string
	LabelSize    string // s, m, l or xl
	PageHeading  bool   // the label is the page's heading (size l unless LabelSize)
	HiddenLabel  bool   // the label is only heard
	Hint         string
	HintBody     templ.Component // instead of Hint, for a hint with links
	Error        string
	Value        string
	Type         string // text when empty; email, tel, password, search, number, url
	Width        string // 2, 3, 4, 5, 10, 20 or 30 characters
	Prefix       string // such as £
	Suffix       string
	InputMode    string // such as numeric
	Autocomplete string // such as email, given-name
	PersonName   bool   // a person's name: dir="auto", no spelling check
	NoSpellcheck bool
	Rows         int    // more than 0 makes a textarea
	MaxLength    int    // with Rows: shows how many characters are left
	MaxWords     int    // with Rows: shows how many words are left
	Suggest      string // path answering ?q= with suggestions, see msw.js
	Disabled     bool
	Attributes   Attrs
}

// Render writes the field.
func (f TextField) Render(ctx context.Context, w io.Writer) error {
	label := fieldLabel(f.Label, f.LabelSize, f.PageHeading, f.HiddenLabel)
	hint, message := Hint{Text: f.Hint, Body: f.HintBody}, ErrorMessage{Text: f.Error}
	spell := when(f.NoSpellcheck || f.PersonName, "false")
	if f.Rows == 0 {
		return Input{
			Name: f.Name, ID: f.ID, Type: f.Type, Value: f.Value, Label: label, Hint: hint, ErrorMessage: message,
			Width: f.Width, Prefix: Affix{Text: f.Prefix}, Suffix: Affix{Text: f.Suffix}, InputMode: f.InputMode,
			Autocomplete: f.Autocomplete, Spellcheck: spell, Disabled: f.Disabled, Attributes: f.attributes(),
		}.Render(ctx, w)
	}
	area := Textarea{
		Name: f.Name, ID: f.ID, Value: f.Value, Rows: f.Rows, Label: label, Hint: hint, ErrorMessage: message,
		Autocomplete: f.Autocomplete, Spellcheck: spell, Disabled: f.Disabled, Attributes: f.attributes(),
	}
	if f.MaxLength > 0 || f.MaxWords > 0 {
		return CharacterCount{Textarea: area, MaxLength: f.MaxLength, MaxWords: f.MaxWords}.Render(ctx, w)
	}
	return area.Render(ctx, w)
}

func (f TextField) attributes() Attrs {
	a := optional("dir", when(f.PersonName, "auto"), "data-suggest", f.Suggest)
	for k, v := range f.Attributes {
		a[k] = v
	}
	return a
}

// DateParts are a date as DateField has it, all empty for none.
func DateParts(d clock.Date) [3]string {
	if d.IsZero() {
		return [3]string{}
	}
	return [3]string{strconv.Itoa(d.Day()), strconv.Itoa(int(d.Month())), strconv.Itoa(d.Year())}
}

// DateField asks for a date in three inputs named Name-day, Name-month and
// Name-year. The first one's id is Name, so that an error summary leads to it.
type DateField struct {
	Name             string
	Legend           string
	LegendSize       string // s, m, l or xl; m when empty
	PageHeading      bool
	Hint             string // "For example, 31 3 2024" is a good one
	Error            string
	Day, Month, Year string // as typed
	// WrongDay, WrongMonth and WrongYear mark single parts; all are marked when none is.
	WrongDay, WrongMonth, WrongYear bool
	Birthday                        bool // lets the browser fill in a date of birth
	Disabled                        bool
}

// Render writes the field.
func (f DateField) Render(ctx context.Context, w io.Writer) error {
	part := func(name, value, width string, wrong bool) DateInputItem {
		return DateInputItem{
			Name: f.Name + "-" + name, ID: f.Name + "-" + name, Label: capitalised(name), Value: value, Width: width,
			Error: wrong, Autocomplete: when(f.Birthday, "bday-"+name),
		}
	}
	items := []DateInputItem{
		part("day", f.Day, "2", f.WrongDay), part("month", f.Month, "2", f.WrongMonth), part("year", f.Year, "4", f.WrongYear),
	}
	items[0].ID = f.Name
	return DateInput{
		Items: items, Legend: fieldLegend(f.Legend, f.LegendSize, f.PageHeading), Disabled: f.Disabled,
		Hint: Hint{Text: f.Hint, ID: f.Name + "-hint"}, ErrorMessage: ErrorMessage{Text: f.Error, ID: f.Name + "-error"},
	}.Render(ctx, w)
}

// RadioField asks for one of a few answers.
type RadioField struct {
	Name        string
	Legend      string
	LegendSize  string // s, m, l or xl; m when empty
	PageHeading bool
	Hint        string
	HintBody    templ.Component // instead of Hint
	Error       string
	Options     []Option
	Value       string // of the chosen option
	Inline      bool   // in one line, for yes and no
	Small       bool
	Disabled    bool
	Attributes  Attrs
}

// Render writes the field.
func (f RadioField) Render(ctx context.Context, w io.Writer) error {
	return Radios{
		Name: f.Name, Items: choices(f.Options), Value: f.Value, Legend: fieldLegend(f.Legend, f.LegendSize, f.PageHeading),
		Hint: Hint{Text: f.Hint, Body: f.HintBody}, ErrorMessage: ErrorMessage{Text: f.Error}, Disabled: f.Disabled,
		Classes:    classes(when(f.Inline, "nhsuk-radios--inline"), when(f.Small, "nhsuk-radios--small")),
		Attributes: f.Attributes,
	}.Render(ctx, w)
}

// YesNo are the options "Yes" (yes) and "No" (no).
func YesNo() []Option { return []Option{{Value: "yes", Label: "Yes"}, {Value: "no", Label: "No"}} }

// CheckField asks for any of a few answers; one option without a legend is a
// single box to tick.
type CheckField struct {
	Name        string
	IDPrefix    string // Name when empty; needed where a name is asked for twice on a page
	Legend      string
	LegendSize  string // s, m, l or xl; m when empty
	PageHeading bool
	Hint        string
	HintBody    templ.Component // instead of Hint
	Error       string
	Options     []Option
	Values      []string // of the chosen options
	Small       bool
	Disabled    bool
	Attributes  Attrs
}

// Render writes the field.
func (f CheckField) Render(ctx context.Context, w io.Writer) error {
	return Checkboxes{
		Name: f.Name, IDPrefix: f.IDPrefix, Items: choices(f.Options), Values: f.Values, Legend: fieldLegend(f.Legend, f.LegendSize, f.PageHeading),
		Hint: Hint{Text: f.Hint, Body: f.HintBody}, ErrorMessage: ErrorMessage{Text: f.Error}, Disabled: f.Disabled,
		Classes: when(f.Small, "nhsuk-checkboxes--small"), Attributes: f.Attributes,
	}.Render(ctx, w)
}

// SelectField asks for one answer of a long list.
type SelectField struct {
	Name        string
	ID          string // Name when empty
	Label       string
	LabelSize   string // s, m, l or xl
	PageHeading bool
	HiddenLabel bool // the label is only heard
	Hint        string
	Error       string
	Options     []Option
	Empty       string // text of a first option without a value, such as "Choose one"
	Value       string // of the chosen option
	Disabled    bool
	Attributes  Attrs
}

// Render writes the field.
func (f SelectField) Render(ctx context.Context, w io.Writer) error {
	items := make([]SelectItem, 0, len(f.Options)+1)
	if f.Empty != "" {
		items = append(items, SelectItem{Text: f.Empty})
	}
	for _, o := range f.Options {
		items = append(items, SelectItem{Value: o.Value, Text: o.Label, Disabled: o.Disabled, Divider: o.Divider})
	}
	return Select{
		Name: f.Name, ID: f.ID, Items: items, Value: f.Value, Disabled: f.Disabled,
		Label: fieldLabel(f.Label, f.LabelSize, f.PageHeading, f.HiddenLabel),
		Hint:  Hint{Text: f.Hint}, ErrorMessage: ErrorMessage{Text: f.Error}, Attributes: f.Attributes,
	}.Render(ctx, w)
}

// FileField asks for a file. Its form must be Multipart.
type FileField struct {
	Name        string
	Label       string
	LabelSize   string // s, m, l or xl
	PageHeading bool
	Hint        string
	Error       string
	Accept      string // such as ".pdf,image/jpeg"
	Multiple    bool
	Disabled    bool
	Attributes  Attrs
}

// Render writes the field.
func (f FileField) Render(ctx context.Context, w io.Writer) error {
	a := optional("accept", f.Accept)
	for k, v := range f.Attributes {
		a[k] = v
	}
	return FileUpload{
		Name: f.Name, Label: fieldLabel(f.Label, f.LabelSize, f.PageHeading, false), Hint: Hint{Text: f.Hint},
		ErrorMessage: ErrorMessage{Text: f.Error}, Multiple: f.Multiple, Disabled: f.Disabled, Attributes: a,
	}.Render(ctx, w)
}

// HiddenField carries a value unseen.
type HiddenField struct{ Name, Value string }

// Render writes the hidden input.
func (f HiddenField) Render(ctx context.Context, w io.Writer) error {
	return hiddenView(f).Render(ctx, w)
}

// Form sends its children to Action by POST, or by GET for a search. The
// browser's own checks are off: the server's messages are better.
type Form struct {
	Action     string
	Get        bool
	Multipart  bool // for a FileField
	Hidden     []HiddenField
	ID         string
	Classes    string
	Attributes Attrs
}

// Render writes the form with its children.
func (f Form) Render(ctx context.Context, w io.Writer) error { return formView(f).Render(ctx, w) }

// ErrorSummary lists what is wrong on a page, each linking to its field; it
// is nothing when there are no errors. Put it above the heading.
func ErrorSummary(errors []FieldError) templ.Component {
	if len(errors) == 0 {
		return templ.NopComponent
	}
	box := ErrorSummaryBox{Heading: "There is a problem"}
	for _, e := range errors {
		item := ErrorSummaryItem{Text: e.Message}
		if e.Name != "" {
			item.Href = "#" + e.Name
		}
		box.Items = append(box.Items, item)
	}
	return box
}

func fieldLabel(text, size string, pageHeading, hidden bool) Label {
	if pageHeading {
		size = or(size, "l")
	}
	return Label{Text: text, Size: size, IsPageHeading: pageHeading, Classes: when(hidden, "nhsuk-u-visually-hidden")}
}

func fieldLegend(text, size string, pageHeading bool) Legend {
	if pageHeading {
		size = or(size, "l")
	}
	return Legend{Text: text, Size: or(size, "m"), IsPageHeading: pageHeading}
}

func choices(options []Option) []Choice {
	items := make([]Choice, 0, len(options))
	for _, o := range options {
		if o.Divider {
			items = append(items, Choice{Divider: o.Label})
			continue
		}
		items = append(items, Choice{
			Value: o.Value, Text: o.Label, Hint: Hint{Text: o.Hint}, Conditional: o.Conditional,
			Behaviour: when(o.Exclusive, "exclusive"), Disabled: o.Disabled,
		})
	}
	return items
}

func formMethod(f Form) string {
	if f.Get {
		return "get"
	}
	return "post"
}
