// Package results keeps bench/results.md: each benchmark owns one section of it
// and puts a new one in the old one's place, with what else the machine did. It
// measures nothing.
package results

import (
	"os"
	"strings"
)

// Write puts text as the section of that name in the place of the one before, or
// at the end of the file.
func Write(file, section, text string) error {
	begin, end := "<!-- section: "+section+" -->\n", "<!-- end: "+section+" -->\n"
	old, err := os.ReadFile(file)
	if err != nil && !os.IsNotExist(err) {
		return err
	}
	before, rest, found := strings.Cut(string(old), begin)
	after := ""
	if found {
		_, after, _ = strings.Cut(rest, end)
	} else if before != "" {
		before = strings.TrimRight(before, "\n") + "\n\n"
	}
	return os.WriteFile(file, []byte(before+begin+text+end+after), 0o644)
}

// Load is how busy the machine was in the last minutes; elsewhere than on Linux
// nobody tells.
func Load() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	return strings.Join(strings.Fields(string(text))[:3], " ")
}
