package nhs

import (
	"strconv"

	"github.com/a-h/templ"
)

const translated = "every message is in English; the script's own words are the same"

func formOracles() []oracle {
	return []oracle{
		{component: "character-count", atLeast: 22, draw: drawCharacterCount, notOffered: map[string]string{
			"countType": unneeded, "textareaDescriptionText": translated, "charactersAtLimitText": translated,
			"charactersOverLimitText.few": translated, "charactersOverLimitText.many": translated, "charactersOverLimitText.one": translated,
			"charactersOverLimitText.other": translated, "charactersOverLimitText.two": translated,
			"charactersUnderLimitText.few": translated, "charactersUnderLimitText.many": translated, "charactersUnderLimitText.one": translated,
			"charactersUnderLimitText.other": translated, "charactersUnderLimitText.two": translated}},
		{component: "checkboxes", atLeast: 50, draw: drawCheckboxes, notOffered: map[string]string{
			"items.exclusive": old, "items.exclusiveGroup": old}, differs: map[string]string{"disabled with enabled input": whole}},
		{component: "date-input", atLeast: 35, draw: drawDate, differs: map[string]string{"disabled with enabled input": whole}},
		{component: "fieldset", atLeast: 4, draw: func(o opts) templ.Component {
			return Fieldset{Legend: legend(o.sub("legend")), Body: o.html("html")}
		}},
		{component: "file-upload", atLeast: 16, draw: drawFile, notOffered: map[string]string{
			"chooseFilesButtonText": translated, "chooseFilesButtonClassList": unneeded, "dropInstructionText": translated, "noFileChosenText": translated, "multipleFilesChosenText.one": translated,
			"multipleFilesChosenText.other": translated, "enteredDropZoneText": translated, "leftDropZoneText": translated}},
		{component: "input", atLeast: 44, draw: drawInput},
		{component: "radios", atLeast: 46, draw: drawRadios, differs: map[string]string{"disabled with enabled input": whole}},
		{component: "select", atLeast: 20, draw: drawSelect},
		{component: "textarea", atLeast: 16, draw: func(o opts) templ.Component { return textarea(o) }},
	}
}

func hint(o opts) Hint { return Hint{Text: o.str("text"), Body: o.html("html")} }

func errorMessage(o opts) ErrorMessage {
	e := ErrorMessage{Text: o.str("text"), Body: o.html("html")}
	if o["visuallyHiddenText"] == false || o["visuallyHiddenText"] == "" {
		o.take("visuallyHiddenText")
		e.VisuallyHiddenText = "-"
		return e
	}
	e.VisuallyHiddenText = o.str("visuallyHiddenText")
	return e
}

// wrong reads an error that is only a mark, without a message.
func wrong(o opts) bool {
	if o["errorMessage"] == true {
		return o.flag("errorMessage")
	}
	return false
}

func label(o opts) Label {
	l := Label{Text: o.str("text"), Body: o.html("html"), ID: o.str("id"), Size: o.str("size"), Classes: o.str("classes"),
		Caption: caption(o.sub("caption"))}
	never := o["isPageHeading"] == false
	l.IsPageHeading = o.flag("isPageHeading")
	if !o.has("heading") {
		o.take("heading")
		return l
	}
	if o["heading"] == true {
		o.take("heading")
	}
	h := o.sub("heading")
	l.IsPageHeading, l.HeadingLevel = !never, h.integer("level")
	l.Text = or(h.str("text"), l.Text)
	if size := h.str("size"); !never {
		l.Size = or(size, l.Size)
	}
	if body := h.html("html"); body != nil {
		l.Body = body
	}
	return l
}

func legend(o opts) Legend {
	l := label(o)
	return Legend{Text: l.Text, Body: l.Body, ID: l.ID, Size: l.Size, Classes: l.Classes, Caption: l.Caption, IsPageHeading: l.IsPageHeading, HeadingLevel: l.HeadingLevel}
}

func group(o opts) FormGroup {
	g := o.sub("formGroup")
	return FormGroup{Before: g.either("beforeInput"), After: g.either("afterInput")}
}

func textarea(o opts) Textarea {
	return Textarea{Name: o.str("name"), ID: o.str("id"), Value: o.str("value"), Rows: o.integer("rows"), Label: label(o.sub("label")), Hint: hint(o.sub("hint")),
		Error: wrong(o), ErrorMessage: errorMessage(o.sub("errorMessage")), Disabled: o.flag("disabled"), Autocomplete: o.str("autocomplete"),
		FormGroup: group(o), Attributes: o.attrs()}
}

func drawCharacterCount(o opts) templ.Component {
	return CharacterCount{Textarea: textarea(o), MaxLength: o.integer("maxlength"), MaxWords: o.integer("maxwords"), Threshold: o.integer("threshold")}
}

func affixOf(o opts) Affix { return Affix{Text: o.str("text"), Body: o.html("html")} }

func drawInput(o opts) templ.Component {
	return Input{Name: o.str("name"), ID: o.str("id"), Type: o.str("type"), Value: o.str("value"), Label: label(o.sub("label")), Hint: hint(o.sub("hint")),
		Error: wrong(o), ErrorMessage: errorMessage(o.sub("errorMessage")), Width: o.str("width"), Code: o.flag("code"),
		Prefix: affixOf(o.sub("prefix")), Suffix: affixOf(o.sub("suffix")), Disabled: o.flag("disabled"), Autocomplete: o.str("autocomplete"),
		InputMode: o.str("inputmode"), Spellcheck: o.str("spellcheck"), FormGroup: group(o), Classes: o.str("classes"), Attributes: o.attrs()}
}

func drawFile(o opts) templ.Component {
	return FileUpload{Name: o.str("name"), ID: o.str("id"), Label: label(o.sub("label")), Hint: hint(o.sub("hint")), Error: wrong(o),
		ErrorMessage: errorMessage(o.sub("errorMessage")), Disabled: o.flag("disabled"), Multiple: o.flag("multiple")}
}

func choicesOf(o opts, group bool) []Choice {
	var found []Choice
	for _, i := range o.list("items") {
		c := Choice{Value: i.str("value"), Text: i.str("text"), Hint: hint(i.sub("hint")), Divider: i.str("divider"), Disabled: i.flag("disabled"),
			Conditional: i.sub("conditional").html("html"), Checked: i.flag("checked")}
		if group {
			c.Name, c.Behaviour, c.Group = i.str("name"), i.str("behaviour"), i.str("behaviourGroup")
		}
		found = append(found, c)
	}
	return found
}

func variants(o opts, kind string) string {
	return classes(when(o.flag("small"), kind+"--small"), when(o.flag("inline"), kind+"--inline"))
}

func drawRadios(o opts) templ.Component {
	return Radios{Name: o.str("name"), IDPrefix: o.str("idPrefix"), Items: choicesOf(o, false), Value: o.str("value"),
		fieldset: o["fieldset"] != nil, Legend: legend(o.sub("fieldset").sub("legend")), Hint: hint(o.sub("hint")), Error: wrong(o),
		ErrorMessage: errorMessage(o.sub("errorMessage")), Disabled: o.flag("disabled"), Classes: variants(o, "nhsuk-radios")}
}

func drawCheckboxes(o opts) templ.Component {
	b := Checkboxes{Name: o.str("name"), IDPrefix: o.str("idPrefix"), Items: choicesOf(o, true),
		fieldset: o["fieldset"] != nil, Legend: legend(o.sub("fieldset").sub("legend")), Hint: hint(o.sub("hint")), Error: wrong(o),
		ErrorMessage: errorMessage(o.sub("errorMessage")), Disabled: o.flag("disabled"), Classes: variants(o, "nhsuk-checkboxes")}
	values, _ := o.take("values").([]any)
	for _, v := range values {
		if text, ok := v.(string); ok {
			b.Values = append(b.Values, text)
		}
	}
	return b
}

func drawSelect(o opts) templ.Component {
	s := Select{Name: o.str("name"), ID: o.str("id"), Value: o.str("value"), Label: label(o.sub("label")), Hint: hint(o.sub("hint")),
		Error: wrong(o), ErrorMessage: errorMessage(o.sub("errorMessage")), Disabled: o.flag("disabled"), FormGroup: group(o)}
	for _, i := range o.list("items") {
		_, valued := i["value"]
		s.Items = append(s.Items, SelectItem{Value: i.str("value"), NoValue: !valued, Text: i.str("text"), Divider: i.flag("divider"), Disabled: i.flag("disabled")})
	}
	return s
}

func drawDate(o opts) templ.Component {
	d := DateInput{ID: o.str("id"), NamePrefix: o.str("namePrefix"), fieldset: o["fieldset"] != nil, Legend: legend(o.sub("fieldset").sub("legend")),
		Hint: hint(o.sub("hint")), Error: wrong(o), ErrorMessage: errorMessage(o.sub("errorMessage")), Disabled: o.flag("disabled")}
	values := o.sub("values")
	parts := o.list("items")
	if _, given := o["items"]; !given {
		for n, name := range []string{"day", "month", "year"} {
			part := opts{"name": name, "width": strconv.Itoa([]int{2, 2, 4}[n])}
			if o[name] == false {
				o.take(name)
				continue
			}
			for k, v := range o.sub(name) {
				part[k] = v
			}
			o.take(name)
			parts = append(parts, part)
		}
	}
	for _, i := range parts {
		name := i.str("name")
		wide := i.str("width")
		if wide == "" && name == "year" {
			wide = "4"
		}
		d.Items = append(d.Items, DateInputItem{Name: name, Label: i.str("label"), Value: or(i.str("value"), values.str(name)), Width: wide,
			Autocomplete: i.str("autocomplete"), NoError: i["error"] == false, Error: i.flag("error"), Disabled: i.flag("disabled")})
	}
	return d
}
