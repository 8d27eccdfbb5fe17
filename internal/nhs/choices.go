package nhs

import (
	"context"
	"io"

	"github.com/a-h/templ"
)

// Radios lets a person choose one. Pages mostly use RadioField.
type Radios struct {
	Name         string
	IDPrefix     string // Name when empty; also the id of the first radio
	ID           string // of the element around the radios
	Items        []Choice
	Value        string // of the chosen item
	Legend       Legend // a fieldset surrounds the radios when it has words
	FieldsetID   string
	FieldsetRole string
	DescribedBy  string
	Hint         Hint
	ErrorMessage ErrorMessage
	Error        bool
	Disabled     bool
	FormGroup    FormGroup
	Classes      string // nhsuk-radios--inline puts them in one line
	Attributes   Attrs

	fieldset bool
}

// Choice is one radio or checkbox.
type Choice struct {
	Value       string
	Text        string
	Body        templ.Component // instead of Text
	Hint        Hint
	Conditional templ.Component // shown while chosen
	Divider     string          // a word such as "or" instead of a choice
	Checked     bool
	Disabled    bool
	ID          string
	Name        string // checkboxes only: instead of the group's name
	Behaviour   string // checkboxes only: exclusive or inclusive
	Group       string // checkboxes only: the group Behaviour works in
	LabelID     string
	// LabelClasses and LabelAttributes are put on the label.
	LabelClasses    string
	LabelAttributes Attrs
	Classes         string
	Attributes      Attrs
}

// Render writes the form group with its radios.
func (r Radios) Render(ctx context.Context, w io.Writer) error {
	prefix := or(r.IDPrefix, r.Name)
	g := choiceGroup{
		kind: "radios", input: "radio", name: r.Name, prefix: prefix, id: r.ID,
		legend: r.Legend, fieldset: r.fieldset || !r.Legend.empty(), fieldsetID: r.FieldsetID, role: r.FieldsetRole,
		describedBy: r.DescribedBy, hint: r.Hint, message: r.ErrorMessage, wrong: r.Error || !r.ErrorMessage.empty(),
		group: r.FormGroup, classes: r.Classes, attributes: r.Attributes,
	}
	for _, c := range r.Items {
		c.Checked = c.Checked || (r.Value != "" && c.Value == r.Value)
		c.Disabled = c.Disabled || r.Disabled
		g.items = append(g.items, c)
	}
	return g.render(ctx, w)
}

// Checkboxes lets a person choose several. Pages mostly use CheckField.
type Checkboxes struct {
	Name         string
	IDPrefix     string // Name when empty; also the id of the first box
	ID           string
	Items        []Choice
	Values       []string // of the chosen items
	Legend       Legend   // a fieldset surrounds the boxes when it has words
	FieldsetID   string
	FieldsetRole string
	DescribedBy  string
	Hint         Hint
	ErrorMessage ErrorMessage
	Error        bool
	Disabled     bool
	FormGroup    FormGroup
	Classes      string
	Attributes   Attrs

	fieldset bool
}

// Render writes the form group with its checkboxes.
func (b Checkboxes) Render(ctx context.Context, w io.Writer) error {
	g := choiceGroup{
		kind: "checkboxes", input: "checkbox", name: b.Name, prefix: or(b.IDPrefix, b.Name), id: b.ID,
		legend: b.Legend, fieldset: b.fieldset || !b.Legend.empty(), fieldsetID: b.FieldsetID, role: b.FieldsetRole,
		describedBy: b.DescribedBy, hint: b.Hint, message: b.ErrorMessage, wrong: b.Error || !b.ErrorMessage.empty(),
		group: b.FormGroup, classes: b.Classes, attributes: b.Attributes,
	}
	for _, c := range b.Items {
		c.Checked = c.Checked || oneOf(c.Value, b.Values...)
		c.Disabled = c.Disabled || b.Disabled
		g.items = append(g.items, c)
	}
	return g.render(ctx, w)
}

// choiceGroup is what radios and checkboxes have in common.
type choiceGroup struct {
	kind, input, name, prefix, id string
	items                         []Choice
	legend                        Legend
	fieldset                      bool
	fieldsetID, role, describedBy string
	hint                          Hint
	message                       ErrorMessage
	wrong                         bool
	group                         FormGroup
	classes                       string
	attributes                    Attrs
}

func (g choiceGroup) render(ctx context.Context, w io.Writer) error {
	g.hint.ID = or(g.hint.ID, g.prefix+"-hint")
	g.message.ID = or(g.message.ID, g.prefix+"-error")
	g.describedBy = described(g.describedBy, g.hint, g.message)
	for i := range g.items {
		c := &g.items[i]
		c.ID = or(c.ID, numberedID(g.prefix, i))
		c.Name = or(c.Name, g.name)
		c.Hint.ID = or(c.Hint.ID, c.ID+"-item-hint")
		c.Hint.Classes = classes("nhsuk-"+g.kind+"__hint", c.Hint.Classes)
	}
	return choiceGroupView(g).Render(ctx, w)
}

// itemDescribedBy names the hint of an item; without a fieldset to carry them,
// checkboxes also carry the group's hint and error.
func (g choiceGroup) itemDescribedBy(c Choice) string {
	group := when(g.kind == "checkboxes" && !g.fieldset, g.describedBy)
	return classes(group, when(!c.Hint.empty(), c.Hint.ID))
}

func (g choiceGroup) inputAttributes(c Choice) Attrs {
	return optional("data-behaviour", c.Behaviour, "data-behaviour-group", c.Group,
		"data-aria-controls", when(c.Conditional != nil, "conditional-"+c.ID), "aria-describedby", g.itemDescribedBy(c))
}

func inclusive(c Choice) string {
	return when(c.Behaviour == "inclusive", "nhsuk-u-frontend-not-supported-hidden")
}

// Select lets a person choose one from a list. Pages mostly use SelectField.
type Select struct {
	Name              string
	ID                string // Name when empty
	Items             []SelectItem
	Value             string
	Label             Label
	Hint              Hint
	ErrorMessage      ErrorMessage
	Error             bool
	Disabled          bool
	DescribedBy       string
	FormGroup         FormGroup
	WrapperClasses    string
	WrapperAttributes Attrs
	Classes           string
	Attributes        Attrs
}

// SelectItem is one option of a Select.
type SelectItem struct {
	Value      string
	Text       string
	NoValue    bool // the text is the value
	Selected   bool
	Disabled   bool
	Divider    bool // a line instead of an option
	Attributes Attrs
}

// Render writes the form group with label, hint, error and select.
func (s Select) Render(ctx context.Context, w io.Writer) error {
	s.ID = or(s.ID, s.Name)
	s.Label.For = or(s.Label.For, s.ID)
	s.Hint.ID = or(s.Hint.ID, s.ID+"-hint")
	s.ErrorMessage.ID = or(s.ErrorMessage.ID, s.ID+"-error")
	return selectView(s).Render(ctx, w)
}

func (s Select) wrong() bool { return s.Error || !s.ErrorMessage.empty() }

func (s Select) wrapped() bool {
	return s.FormGroup.Before != nil || s.FormGroup.After != nil || s.WrapperClasses != "" || len(s.WrapperAttributes) > 0
}

func (s Select) chosen(i SelectItem) bool {
	value := i.Value
	if i.NoValue {
		value = i.Text
	}
	return i.Selected || (s.Value != "" && value == s.Value)
}

func valueAttribute(i SelectItem) Attrs {
	if i.NoValue {
		return Attrs{}
	}
	return Attrs{"value": i.Value}
}
