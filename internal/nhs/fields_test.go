package nhs

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/a-h/templ"
)

func draw(t *testing.T, c templ.Component, children ...string) string {
	t.Helper()
	ctx := context.Background()
	if len(children) > 0 {
		ctx = templ.WithChildren(ctx, templ.Raw(children[0]))
	}
	var b bytes.Buffer
	if err := c.Render(ctx, &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestFields(t *testing.T) {
	options := []Option{{Value: "a", Label: "A", Hint: "first"}, {Label: "or", Divider: true}, {Value: "b", Label: "B", Conditional: templ.Raw("<i>more</i>")}}
	tests := []struct {
		name     string
		field    templ.Component
		has, not []string
	}{
		{"text", TextField{Name: "email", Label: "Email", Hint: "Yours", Error: "Enter an email", Value: `"<x>`, Type: "email", Width: "20"},
			[]string{`<label class="nhsuk-label" for="email">Email</label>`, `type="email"`, `aria-describedby="email-hint email-error"`, `value="&#34;&lt;x&gt;"`, "nhsuk-input--width-20", "nhsuk-form-group--error"}, []string{"dir="}},
		{"a person's name", TextField{Name: "given", Label: "First name", PersonName: true}, []string{`dir="auto"`, `spellcheck="false"`}, nil},
		{"suggest", TextField{Name: "trust", Label: "Trust", Suggest: "/organisations/suggest"}, []string{`data-suggest="/organisations/suggest"`}, nil},
		{"page heading", TextField{Name: "n", Label: "What is your name?", PageHeading: true}, []string{`<h1 class="nhsuk-label-wrapper">`, "nhsuk-label--l"}, nil},
		{"textarea", TextField{Name: "why", Label: "Why?", Rows: 4, Value: "a\nb"}, []string{`<textarea`, `rows="4"`, ">a\nb</textarea>"}, []string{"<input"}},
		{"counted", TextField{Name: "why", Label: "Why?", Rows: 4, MaxLength: 200}, []string{`data-maxlength="200"`, "You can enter up to 200 characters", `aria-describedby="why-info"`}, nil},
		{"date", DateField{Name: "born", Legend: "Date of birth", Day: "3", Year: "1984", Error: "Enter a month", WrongMonth: true, Birthday: true},
			[]string{`id="born" name="born-day"`, `id="born-month" name="born-month"`, `name="born-year"`, `role="group"`, `aria-describedby="born-error"`, `value="1984"`, `autocomplete="bday-month"`}, []string{`id="born-day"`}},
		{"radios", RadioField{Name: "route", Legend: "Route", Options: options, Value: "b"},
			[]string{`id="route" name="route" type="radio" value="a"`, `value="b" checked`, `<div class="nhsuk-radios__divider">or</div>`, `data-aria-controls="conditional-route-3"`, "<i>more</i>", "first"}, []string{"conditional--hidden"}},
		{"checkboxes", CheckField{Name: "l", Legend: "Languages", Options: []Option{{Value: "ar", Label: "Arabic"}, {Value: "none", Label: "None", Exclusive: true}}, Values: []string{"ar"}},
			[]string{`value="ar" checked`, `data-behaviour="exclusive"`, `id="l-2"`}, nil},
		{"one box", CheckField{Name: "ok", Options: []Option{{Value: "yes", Label: "I agree"}}, Error: "Agree to go on"}, []string{`aria-describedby="ok-error"`}, []string{"<fieldset"}},
		{"select", SelectField{Name: "r", Label: "Region", Empty: "Choose one", Options: []Option{{Value: "Y56", Label: "London"}}, Value: "Y56"},
			[]string{`<option value="">Choose one</option>`, `<option value="Y56" selected>London</option>`}, nil},
		{"file", FileField{Name: "f", Label: "Passport", Accept: ".pdf"}, []string{`type="file"`, `accept=".pdf"`}, nil},
		{"error summary", ErrorSummary([]FieldError{{"born", "Enter a month"}, {"", "Try again"}}), []string{"There is a problem", `<a href="#born">Enter a month</a>`, "Try again"}, []string{`href="#"`}},
		{"no errors", ErrorSummary(nil), nil, []string{"div"}},
		{"unsafe link", Button{Text: "x", Href: "javascript:alert(1)"}, nil, []string{"javascript"}},
		{"unsafe card", Card{Heading: "x", Href: "javascript:alert(1)"}, nil, []string{"javascript"}},
		{"empty pagination", Pagination{}, nil, []string{"nav"}},
		{"name", Name{Text: "محمد", Lang: "ar"}, []string{`<bdi lang="ar">محمد</bdi>`}, nil},
		{"stat", Stat{Label: "In post", Value: "12", Definition: "On 1 May"}, []string{"<figure", "<figcaption", "On 1 May"}, nil},
		{"timeline", Timeline{Items: []TimelineItem{{Date: "3 May 2026", DateTime: "2026-05-03", Heading: "Referred"}}}, []string{`<time datetime="2026-05-03">3 May 2026</time>`, "Referred"}, nil},
		{"task that waits", TaskList{Items: []TaskItem{TaskItem{Heading: "Send", Href: "/send"}.CannotStart()}}, []string{"Cannot start yet"}, []string{"/send"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := draw(t, tt.field)
			for _, want := range tt.has {
				if !strings.Contains(got, want) {
					t.Errorf("lacks %s:\n%s", want, got)
				}
			}
			for _, unwanted := range tt.not {
				if strings.Contains(got, unwanted) {
					t.Errorf("has %s:\n%s", unwanted, got)
				}
			}
		})
	}
}

func TestChildrenAreDrawnOnce(t *testing.T) {
	for name, c := range map[string]templ.Component{
		"card": Card{Heading: "x"}, "details": Details{Summary: "x"}, "inset text": InsetText{}, "callout": WarningCallout{Heading: "x"},
		"banner": NotificationBanner{}, "panel": Panel{Heading: "x"}, "fieldset": Fieldset{}, "form": Form{Action: "/x"},
		"empty state": EmptyState{Heading: "x", Text: "y", Action: "z", Href: "/z"}, "two thirds": TwoThirds(), "column": Column("one-half"),
	} {
		if n := strings.Count(draw(t, c, "<u>child</u>"), "<u>child</u>"); n != 1 {
			t.Errorf("%s draws its children %d times", name, n)
		}
	}
}

func TestForm(t *testing.T) {
	got := draw(t, Form{Action: "/files", Multipart: true, Hidden: []HiddenField{{"key", "k1"}}})
	for _, want := range []string{`action="/files"`, `method="post"`, "novalidate", `enctype="multipart/form-data"`, `<input type="hidden" name="key" value="k1">`} {
		if !strings.Contains(got, want) {
			t.Errorf("lacks %s: %s", want, got)
		}
	}
	if got := draw(t, Form{Action: "/x", Get: true}); !strings.Contains(got, `method="get"`) {
		t.Error(got)
	}
}

func TestErrorsOf(t *testing.T) {
	e := Errors{{"a", "one"}, {"a", "two"}}
	if e.Of("a") != "one" || e.Of("b") != "" {
		t.Error(e.Of("a"), e.Of("b"))
	}
}
