package cli

import (
	"encoding"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// Command is one command, or a group of them. Make it with Do, With or Group.
type Command struct {
	name, help string
	fields     any // pointer to the struct that holds its flags and arguments
	run        func(*runner, Console) error
	sub        []Command
	hidden     bool
}

// Do makes a command of a struct: its fields are flags, those with the tag arg
// are arguments, its Run does the work with a Console or, when it wants to know
// who acts, a Context. Tags of a field:
//
//	help:"…"           what it is for; every field has one
//	name:"as-at"       its name where that is not the field's own in small letters
//	placeholder:"DATE" what help shows for its value
//	default:"8"        its value when not given
//	required:"" enum:"a,b" type:"existingfile|existingdir" xor:"group" optional:""
//
// A method Help() string adds paragraphs to --help.
func Do[X Console | Context](name, help string, cmd interface{ Run(X) error }) Command {
	return Command{name: name, help: help, fields: cmd, run: func(r *runner, c Console) error {
		x, err := with[X](r, c)
		if err != nil {
			return err
		}
		return cmd.Run(x)
	}}
}

// With makes a command whose Run also takes a service, which open gives when
// the command is run.
func With[X Console | Context, S any](name, help string, cmd interface{ Run(X, S) error }, open func(Console) (S, error)) Command {
	return Command{name: name, help: help, fields: cmd, run: func(r *runner, c Console) error {
		x, err := with[X](r, c)
		if err != nil {
			return err
		}
		service, err := open(c)
		if err != nil {
			return err
		}
		return cmd.Run(x, service)
	}}
}

// Group makes a group of commands.
func Group(name, help string, commands ...Command) Command {
	return Command{name: name, help: help, sub: commands}
}

// OrElse names the command that is meant when a group is given something that
// is the name of none of its commands.
func (c Command) OrElse(usual Command) Command {
	c.fields, c.run = usual.fields, usual.run
	return c
}

// Hidden leaves the command out of lists.
func (c Command) Hidden() Command {
	c.hidden = true
	return c
}

func with[X Console | Context](r *runner, c Console) (x X, err error) {
	switch p := any(&x).(type) {
	case *Console:
		*p = c
	case *Context:
		*p, err = r.context(c)
	}
	return x, err
}

// field is a flag or an argument: a field of a command's struct, read by its
// tags. It is the flag package's Value too.
type field struct {
	name     string
	tag      reflect.StructTag
	target   any // pointer to the struct's field
	argument bool
}

// fieldsOf reads a command's struct, and what is embedded in it, in order.
func fieldsOf(command any) (list []*field, err error) {
	v := reflect.ValueOf(command)
	if v.Kind() != reflect.Pointer {
		return nil, nil // a command without flags
	}
	var read func(v reflect.Value) error
	read = func(v reflect.Value) error {
		for i := range v.NumField() {
			t := v.Type().Field(i)
			switch {
			case t.Anonymous && t.Type.Kind() == reflect.Struct:
				if err := read(v.Field(i)); err != nil {
					return err
				}
			case t.IsExported() && t.Tag.Get("help") != "":
				f := &field{name: t.Tag.Get("name"), tag: t.Tag, target: v.Field(i).Addr().Interface()}
				if f.name == "" {
					f.name = kebab(t.Name)
				}
				_, f.argument = t.Tag.Lookup("arg")
				if err := f.begin(); err != nil {
					return fmt.Errorf("%s: %w", t.Name, err)
				}
				list = append(list, f)
			}
		}
		return nil
	}
	return list, read(v.Elem())
}

// kebab writes DryRun as dry-run, and ID as id.
func kebab(name string) string {
	var b strings.Builder
	small := false // the letter before
	for _, r := range name {
		if small && unicode.IsUpper(r) {
			b.WriteByte('-')
		}
		small = unicode.IsLower(r)
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// begin refuses a field of a type that Set does not know, and gives it its
// default.
func (f *field) begin() error {
	switch f.target.(type) {
	case *string, *[]string, *bool, *int, *int64, *uint64, encoding.TextUnmarshaler:
	default:
		return fmt.Errorf("%T cannot be a flag", f.target)
	}
	if text := f.tag.Get("default"); text != "" {
		return f.Set(text)
	}
	return nil
}

func (f *field) has(tag string) bool {
	_, yes := f.tag.Lookup(tag)
	return yes
}

// several tells whether the field takes more than one value.
func (f *field) several() bool {
	_, yes := f.target.(*[]string)
	return yes
}

// Set takes a value from the command line.
func (f *field) Set(text string) (err error) {
	if list, is := f.target.(*[]string); is {
		return f.add(list, text)
	}
	if err := f.allowed(text); err != nil {
		return err
	}
	switch p := f.target.(type) {
	case *string:
		*p = text
	case *bool:
		if *p, err = strconv.ParseBool(text); err != nil {
			return fmt.Errorf("takes true or false, not %q", text)
		}
	case *int:
		if *p, err = strconv.Atoi(text); err != nil {
			return fmt.Errorf("must be a whole number, not %q", text)
		}
	case *int64:
		if *p, err = strconv.ParseInt(text, 10, 64); err != nil {
			return fmt.Errorf("must be a whole number, not %q", text)
		}
	case *uint64:
		if *p, err = strconv.ParseUint(text, 10, 64); err != nil {
			return fmt.Errorf("must be a whole number of 0 or more, not %q", text)
		}
	case encoding.TextUnmarshaler:
		err = p.UnmarshalText([]byte(text))
	}
	return err
}

// add takes one value more, or, of a flag, several with commas.
func (f *field) add(list *[]string, text string) error {
	words := []string{text}
	if !f.argument {
		words = strings.Split(text, ",")
	}
	for _, word := range words {
		if err := f.allowed(word); err != nil {
			return err
		}
	}
	*list = append(*list, words...)
	return nil
}

// allowed checks what the tags enum and type ask of a value.
func (f *field) allowed(text string) error {
	if list, yes := f.tag.Lookup("enum"); yes {
		words := strings.Split(strings.TrimPrefix(list, ","), ",")
		if slices.Contains(words, text) {
			return nil
		}
		return fmt.Errorf("must be one of %s, not %q", strings.Join(words, ", "), text)
	}
	kind := f.tag.Get("type")
	if kind != "existingfile" && kind != "existingdir" {
		return nil
	}
	info, err := os.Stat(text)
	switch {
	case os.IsNotExist(err):
		return fmt.Errorf("there is no file or folder %s", text)
	case err != nil:
		return err
	case kind == "existingfile" && info.IsDir():
		return fmt.Errorf("%s is a folder, not a file", text)
	case kind == "existingdir" && !info.IsDir():
		return fmt.Errorf("%s is a file, not a folder", text)
	}
	return nil
}

// String is the value as help shows a default.
func (f *field) String() string {
	switch p := f.target.(type) {
	case *string:
		return *p
	case *[]string:
		return strings.Join(*p, ",")
	case *int:
		return strconv.Itoa(*p)
	case *int64:
		return strconv.FormatInt(*p, 10)
	case *uint64:
		return strconv.FormatUint(*p, 10)
	}
	return ""
}

// Type is what help shows for a flag's value: nothing for yes or no.
func (f *field) Type() string {
	if _, is := f.target.(*bool); is {
		return ""
	}
	if shown := f.tag.Get("placeholder"); shown != "" {
		return shown
	}
	switch f.target.(type) {
	case *int, *int64, *uint64:
		return "N"
	}
	return strings.ToUpper(f.name)
}

// usage is an argument in the line that says how a command is called.
func (f *field) usage() string {
	text := f.tag.Get("placeholder")
	if text == "" {
		text = strings.ToUpper(f.name)
	}
	if f.several() {
		text += "..."
	}
	if f.has("optional") {
		text = "[" + text + "]"
	}
	return text
}
