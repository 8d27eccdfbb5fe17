package cli

import (
	"fmt"
	"io"
	"strings"
)

const width = 80

// help is what --help shows of a command: how it is called, what it is for, its
// arguments, flags and commands.
func help(path string, c Command, fields, globals []*field) string {
	var b strings.Builder
	b.WriteString("Usage: " + path)
	var arguments, flags []*field
	for _, f := range fields {
		if f.argument {
			arguments = append(arguments, f)
			b.WriteString(" " + f.usage())
			continue
		}
		flags = append(flags, f)
		if f.has("required") {
			b.WriteString(" --" + f.name + " " + f.Type())
		}
	}
	if len(c.sub) > 0 && c.run == nil {
		b.WriteString(" COMMAND")
	}
	b.WriteString(" [flags]\n\n")
	paragraphs(&b, c.help)
	if h, teaches := c.fields.(interface{ Help() string }); teaches {
		paragraphs(&b, h.Help())
	}
	section := func(title string, rows [][2]string) {
		if len(rows) > 0 {
			b.WriteString(title + ":\n")
			columns(&b, rows)
			b.WriteString("\n")
		}
	}
	section("Arguments", argumentRows(arguments))
	section("Commands", commandRows(c.sub))
	section("Flags", flagRows(flags))
	section("Flags of every command", append(flagRows(globals), [2]string{"-h, --help", "Show this help."}))
	if len(c.sub) > 0 {
		fmt.Fprintf(&b, "Run %q for more on one of them.\n", path+" COMMAND --help")
	}
	return b.String()
}

// commandRows lists the commands that do something, with those of groups.
func commandRows(list []Command) (rows [][2]string) {
	for _, c := range list {
		switch {
		case c.hidden:
		case len(c.sub) > 0:
			for _, row := range commandRows(c.sub) {
				rows = append(rows, [2]string{c.name + " " + row[0], row[1]})
			}
		default:
			rows = append(rows, [2]string{c.name, c.help})
		}
	}
	return rows
}

func argumentRows(arguments []*field) (rows [][2]string) {
	for _, f := range arguments {
		rows = append(rows, [2]string{f.usage(), f.tag.Get("help")})
	}
	return rows
}

func flagRows(flags []*field) (rows [][2]string) {
	for _, f := range flags {
		text := f.tag.Get("help")
		if f.has("default") && f.String() != "" {
			text += " (" + f.String() + " when not given)"
		}
		rows = append(rows, [2]string{strings.TrimSpace("    --" + f.name + " " + f.Type()), text})
	}
	return rows
}

// columns writes names with their texts beside them.
func columns(w io.Writer, rows [][2]string) {
	widest := 0
	for _, row := range rows {
		widest = max(widest, len(row[0]))
	}
	for _, row := range rows {
		lines := wrapped(row[1], width-widest-6)
		fmt.Fprintf(w, "  %-*s    %s\n", widest, row[0], lines[0])
		for _, line := range lines[1:] {
			fmt.Fprintf(w, "  %-*s    %s\n", widest, "", line)
		}
	}
}

// paragraphs writes text with lines of a good length; a line that begins with a
// tab is an example and stays as it is.
func paragraphs(w io.Writer, text string) {
	for line := range strings.SplitSeq(text, "\n") {
		if example, is := strings.CutPrefix(line, "\t"); is {
			fmt.Fprintln(w, "    "+example)
			continue
		}
		fmt.Fprintln(w, strings.Join(wrapped(line, width), "\n"))
	}
	fmt.Fprintln(w)
}

// wrapped cuts text between words into lines; there is always one.
func wrapped(text string, width int) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		if line != "" && len(line)+1+len(word) > width {
			lines = append(lines, line)
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(lines, line)
}
