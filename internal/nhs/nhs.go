// Package nhs holds the NHS design system's components as typed templ
// components, so that pages never write a raw input, table or banner and
// accessibility is settled once. Every struct here is a component: write
// @nhs.Button{Text: "Save"} in a templ file. The HTML equals that of the
// nhsuk-frontend package, which fixtures_test.go checks against the package's
// own fixtures.
//
// It knows nothing of the programme, of requests or of validation: values and
// errors come in ready to show.
package nhs

import (
	"strconv"
	"strings"

	"github.com/a-h/templ"
)

// Attrs are further HTML attributes, put on a component's main element. Keys
// are written by programmers only; values are escaped. Never put an href or
// src here: those have fields of their own, which are checked.
type Attrs = templ.Attributes

// classes joins class names, leaving out empty ones.
func classes(names ...string) string {
	kept := make([]string, 0, len(names))
	for _, n := range names {
		if n != "" {
			kept = append(kept, n)
		}
	}
	return strings.Join(kept, " ")
}

// when gives class if on, else nothing.
func when(on bool, class string) string {
	if on {
		return class
	}
	return ""
}

// modifier gives prefix+value, or nothing when value is empty or classes
// already name such a modifier.
func modifier(prefix, value, given string) string {
	if value == "" || strings.Contains(given, prefix) {
		return ""
	}
	return prefix + value
}

// optional keeps only the pairs whose value is not empty.
func optional(pairs ...string) Attrs {
	a := Attrs{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			a[pairs[i]] = pairs[i+1]
		}
	}
	return a
}

// or gives the first text that is not empty.
func or(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

// number writes n, and nothing for 0.
func number(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// numberedID is the id of the i-th item (from 0): the first has no number, so
// that an error summary can link to it.
func numberedID(prefix string, i int) string {
	if i == 0 {
		return prefix
	}
	return prefix + "-" + strconv.Itoa(i+1)
}

// capitalised gives text with a capital first letter, as one writes a label.
func capitalised(text string) string {
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + strings.ToLower(text[1:])
}
