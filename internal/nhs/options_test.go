package nhs

import (
	"fmt"
	"sort"
	"strconv"

	"github.com/a-h/templ"
)

// opts are the options of one example. Reading an option takes it out, so
// that what nobody read is found.
type opts map[string]any

func (o opts) take(key string) any {
	v := o[key]
	delete(o, key)
	return v
}

func (o opts) str(key string) string {
	switch v := o.take(key).(type) {
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case bool:
		return strconv.FormatBool(v)
	}
	return ""
}

func (o opts) integer(key string) int {
	n, _ := strconv.Atoi(o.str(key))
	return n
}

func (o opts) flag(key string) bool {
	v, _ := o.take(key).(bool)
	return v
}

// off tells whether the option is false, which is not the same as absent.
func (o opts) off(key string) bool {
	v, ok := o.take(key).(bool)
	return ok && !v
}

func (o opts) has(key string) bool { return o[key] != nil && o[key] != false && o[key] != "" }

// sub gives an option that is an object; a plain text stands for its text.
func (o opts) sub(key string) opts {
	switch v := o[key].(type) {
	case map[string]any:
		return v
	case string:
		delete(o, key)
		return opts{"text": v}
	}
	return opts{}
}

func (o opts) list(key string) []opts {
	o.mark(key)
	all, _ := o[key].([]any)
	return objects(all)
}

// mark says that a list was read; its items are looked at one by one.
func (o opts) mark(key string) { o["read "+key] = nil }

func objects(all []any) []opts {
	var found []opts
	for _, item := range all {
		switch v := item.(type) {
		case map[string]any:
			found = append(found, v)
		case string:
			if v != "" {
				found = append(found, opts{"text": v})
			}
		}
	}
	return found
}

func (o opts) html(key string) templ.Component {
	if text := o.str(key); text != "" {
		return templ.Raw(text)
	}
	if text := o.str("callBlock"); key == "html" && text != "" {
		return templ.Raw(text)
	}
	return nil
}

// either gives a part that stands before or after an input.
func (o opts) either(key string) templ.Component {
	if !o.has(key) {
		return nil
	}
	part := o.sub(key)
	return words(part.str("text"), part.html("html"))
}

func (o opts) attrs() Attrs {
	given, _ := o.take("attributes").(map[string]any)
	found := Attrs{}
	for k, v := range given {
		found[k] = fmt.Sprint(v)
	}
	return found
}

// unread gives the paths of options that were not taken out.
func (o opts) unread(prefix string) []string {
	var found []string
	for key, value := range o {
		switch v := value.(type) {
		case nil:
		case map[string]any:
			found = append(found, opts(v).unread(prefix+key+".")...)
		case []any:
			if _, read := o["read "+key]; !read {
				found = append(found, prefix+key)
			}
			for _, item := range v {
				if inner, ok := item.(map[string]any); ok {
					found = append(found, opts(inner).unread(prefix+key+".")...)
				} else if row, ok := item.([]any); ok {
					for _, cell := range objects(row) {
						if _, plain := cell["text"]; !plain || len(cell) > 1 {
							found = append(found, cell.unread(prefix+key+".")...)
						}
					}
				}
			}
		default:
			found = append(found, prefix+key)
		}
	}
	sort.Strings(found)
	return found
}
