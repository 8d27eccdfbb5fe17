package nhs

import (
	"context"
	"io"

	"github.com/a-h/templ"
)

// Affix stands beside an input: a unit or a currency.
type Affix struct {
	Text       string
	Body       templ.Component // instead of Text
	Classes    string
	Attributes Attrs
}

func (a Affix) empty() bool { return a.Text == "" && a.Body == nil }

// Input is a text input with every option of the design system. Pages mostly
// use TextField.
type Input struct {
	Name              string
	ID                string // Name when empty
	Type              string // text when empty
	Value             string
	Label             Label
	Hint              Hint
	ErrorMessage      ErrorMessage
	Error             bool   // shown as wrong without a message of its own
	Width             string // 2, 3, 4, 5, 10, 20 or 30 characters
	Large, Code       bool
	Prefix, Suffix    Affix
	Disabled          bool
	DescribedBy       string
	Autocomplete      string
	Autocapitalize    string
	InputMode         string
	Pattern           string
	Placeholder       string
	Spellcheck        string // true, false or empty
	FormGroup         FormGroup
	WrapperClasses    string
	WrapperAttributes Attrs
	Classes           string
	Attributes        Attrs
}

// Render writes the form group with label, hint, error and input.
func (i Input) Render(ctx context.Context, w io.Writer) error {
	i.ID = or(i.ID, i.Name)
	i.Label.For = or(i.Label.For, i.ID)
	i.Hint.ID = or(i.Hint.ID, i.ID+"-hint")
	i.ErrorMessage.ID = or(i.ErrorMessage.ID, i.ID+"-error")
	return inputView(i).Render(ctx, w)
}

func (i Input) wrong() bool { return i.Error || !i.ErrorMessage.empty() }

func (i Input) wrapped() bool {
	return !i.Prefix.empty() || !i.Suffix.empty() || i.FormGroup.Before != nil || i.FormGroup.After != nil ||
		i.WrapperClasses != "" || len(i.WrapperAttributes) > 0
}

func (i Input) classes() string {
	width := ""
	if oneOf(i.Width, "2", "3", "4", "5", "10", "20", "30") {
		width = modifier("nhsuk-input--width-", i.Width, i.Classes)
	}
	return classes("nhsuk-input", when(i.Large, "nhsuk-input--large"), when(i.Code, "nhsuk-input--code"),
		when(i.wrong(), "nhsuk-input--error"), width, i.Classes)
}

func (i Input) attributes() Attrs {
	return optional("spellcheck", i.Spellcheck, "value", i.Value,
		"aria-describedby", described(i.DescribedBy, i.Hint, i.ErrorMessage), "autocomplete", i.Autocomplete,
		"autocapitalize", i.Autocapitalize, "pattern", i.Pattern, "placeholder", i.Placeholder, "inputmode", i.InputMode)
}

// Textarea is an input of several lines. Pages mostly use TextField with Rows.
type Textarea struct {
	Name         string
	ID           string // Name when empty
	Value        string
	Rows         int // 5 when 0
	Label        Label
	Hint         Hint
	ErrorMessage ErrorMessage
	Error        bool
	Disabled     bool
	DescribedBy  string
	Autocomplete string
	Spellcheck   string // true, false or empty
	FormGroup    FormGroup
	Classes      string
	Attributes   Attrs
}

// Render writes the form group with label, hint, error and textarea.
func (t Textarea) Render(ctx context.Context, w io.Writer) error {
	t.ID = or(t.ID, t.Name)
	t.Label.For = or(t.Label.For, t.ID)
	t.Hint.ID = or(t.Hint.ID, t.ID+"-hint")
	t.ErrorMessage.ID = or(t.ErrorMessage.ID, t.ID+"-error")
	return textareaView(t).Render(ctx, w)
}

func (t Textarea) wrong() bool { return t.Error || !t.ErrorMessage.empty() }

// CharacterCount is a textarea that says how much may still be written. The
// limit is a help, not a check: the server checks.
type CharacterCount struct {
	Textarea
	MaxLength int // characters
	MaxWords  int // instead of MaxLength
	Threshold int // per cent of the limit from which the count shows
	// CountMessageClasses are put on the line that counts.
	CountMessageClasses string
}

// Render writes the textarea with its limit.
func (c CharacterCount) Render(ctx context.Context, w io.Writer) error {
	t := c.Textarea
	id := or(t.ID, t.Name)
	kind := when(c.MaxWords > 0, "words")
	t.Classes = classes("nhsuk-js-character-count", t.Classes)
	t.DescribedBy = id + "-info"
	attributes := optional("data-maxlength", number(c.MaxLength), "data-maxwords", number(c.MaxWords),
		"data-threshold", number(c.Threshold), "data-count-type", kind)
	attributes["data-module"] = "nhsuk-character-count"
	for k, v := range t.FormGroup.Attributes {
		attributes[k] = v
	}
	after := t.FormGroup.After
	t.FormGroup = FormGroup{
		Classes:    classes(t.FormGroup.Classes, "nhsuk-character-count"),
		Attributes: attributes,
		Before:     t.FormGroup.Before,
		After:      templ.Join(countMessage(id, c), maybe(after)),
	}
	return t.Render(ctx, w)
}

func (c CharacterCount) limit() string {
	if c.MaxWords > 0 {
		return "You can enter up to " + number(c.MaxWords) + " words"
	}
	if c.MaxLength == 0 {
		return ""
	}
	return "You can enter up to " + number(c.MaxLength) + " characters"
}

// DateInput asks for a date in three inputs. Pages mostly use DateField.
type DateInput struct {
	ID           string
	NamePrefix   string // names become prefix[day]
	Items        []DateInputItem
	Legend       Legend // a fieldset surrounds the inputs when it has words
	FieldsetID   string
	FieldsetRole string // group when empty
	DescribedBy  string
	Hint         Hint
	ErrorMessage ErrorMessage
	Error        bool
	Disabled     bool
	FormGroup    FormGroup
	Classes      string
	Attributes   Attrs

	fieldset bool // draw the fieldset even without a legend
}

// DateInputItem is one part of a date.
type DateInputItem struct {
	Name         string
	Label        string // Name with a capital when empty
	ID           string // ID of the date, "-", Name when empty
	Value        string
	Width        string // 2 when empty
	InputMode    string // numeric when empty
	Autocomplete string
	Pattern      string
	Error        bool
	NoError      bool // not marked although the date has an error
	Disabled     bool
	Classes      string
	Attributes   Attrs
}

// Render writes the form group with the parts of the date.
func (d DateInput) Render(ctx context.Context, w io.Writer) error {
	d.Hint.ID = or(d.Hint.ID, d.ID+"-hint")
	d.ErrorMessage.ID = or(d.ErrorMessage.ID, d.ID+"-error")
	return dateInputView(d).Render(ctx, w)
}

func (d DateInput) anyItemWrong() bool {
	for _, i := range d.Items {
		if i.Error {
			return true
		}
	}
	return false
}

func (d DateInput) wrong() bool { return d.Error || !d.ErrorMessage.empty() }

func (d DateInput) input(i DateInputItem) Input {
	name := i.Name
	if d.NamePrefix != "" {
		name = d.NamePrefix + "[" + i.Name + "]"
	}
	return Input{
		Name: name, ID: or(i.ID, d.ID+"-"+i.Name), Value: i.Value, Width: or(i.Width, "2"),
		Label:     Label{Text: or(i.Label, capitalised(i.Name)), Classes: "nhsuk-date-input__label"},
		Error:     i.Error || (!i.NoError && d.wrong() && !d.anyItemWrong()),
		InputMode: or(i.InputMode, "numeric"), Autocomplete: i.Autocomplete, Pattern: i.Pattern,
		Disabled: i.Disabled || d.Disabled,
		Classes:  classes("nhsuk-date-input__input", i.Classes), Attributes: i.Attributes,
	}
}

// FileUpload asks for one file or several. Pages mostly use FileField.
type FileUpload struct {
	Name         string
	ID           string // Name when empty
	Label        Label
	Hint         Hint
	ErrorMessage ErrorMessage
	Error        bool
	Disabled     bool
	Multiple     bool
	DescribedBy  string
	FormGroup    FormGroup
	Classes      string
	Attributes   Attrs
}

// Render writes the form group with label, hint, error and file input.
func (f FileUpload) Render(ctx context.Context, w io.Writer) error {
	f.ID = or(f.ID, f.Name)
	f.Label.For = or(f.Label.For, f.ID)
	f.Hint.ID = or(f.Hint.ID, f.ID+"-hint")
	f.ErrorMessage.ID = or(f.ErrorMessage.ID, f.ID+"-error")
	return fileUploadView(f).Render(ctx, w)
}

func (f FileUpload) wrong() bool { return f.Error || !f.ErrorMessage.empty() }
