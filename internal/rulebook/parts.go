package rulebook

import (
	"path"
	"slices"
	"strings"
)

// joined says which lines of a file came from which part.
type joined struct{ parts []part }

type part struct {
	name string
	from int // the first of its lines in the whole, counted from 1
}

// join puts the parts of each file behind it, as if it had been one file: its
// text, and so its version, does not tell that it is kept in parts.
func join(files []File) []File {
	var out []File
	for _, f := range files {
		if f.Test() || !slices.ContainsFunc(files, func(o File) bool { return o.Name == wholeOf(f.Name) }) {
			out = append(out, f)
		}
	}
	for i := range out {
		whole := &out[i]
		for _, f := range files {
			if f.Test() || wholeOf(f.Name) != whole.Name {
				continue
			}
			if whole.joined == nil {
				whole.joined = &joined{[]part{{whole.Name, 1}}}
			}
			if whole.Text != "" && !strings.HasSuffix(whole.Text, "\n") {
				whole.Text += "\n"
			}
			whole.joined.parts = append(whole.joined.parts, part{f.Name, strings.Count(whole.Text, "\n") + 1})
			whole.Text += f.Text
		}
	}
	return out
}

// wholeOf gives the name of the file that one in that place would be a part of.
func wholeOf(name string) string { return path.Dir(name) + ".yaml" }

// inParts names the part and its own line in place of the whole.
func inParts(files []File, issues []Issue) []Issue {
	for i := range issues {
		at := &issues[i]
		for _, f := range files {
			if f.joined != nil && f.Name == at.File {
				at.File, at.Line = f.joined.find(f.Name, at.Line)
				break
			}
		}
	}
	return issues
}

func (j *joined) find(name string, line int) (string, int) {
	for _, p := range slices.Backward(j.parts) {
		if line >= p.from {
			return p.name, line - p.from + 1
		}
	}
	return name, line
}
