package doctor

import "strings"

func listWords(list []string) string { return strings.Join(list, ", ") }

func wayList(ways []string) string {
	words := make([]string, len(ways))
	for i, w := range ways {
		words[i] = WayWords(w)
	}
	return listWords(words)
}

func quietWords(d Details) string {
	if d.QuietFrom == "" || d.QuietTo == "" {
		return ""
	}
	return "Not between " + d.QuietFrom + " and " + d.QuietTo
}
