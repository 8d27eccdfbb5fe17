package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// systemFonts stand in for Frutiger, whose licence covers NHS services only.
const systemFonts = `system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", arial, sans-serif`

// unused names the parts of the design system that no component of package
// nhs draws, the logo among them. Rules for these alone are left out.
var unused = regexp.MustCompile(`\.nhsuk-(hero|images?|contents-list|password-input|code|lede-text|review-date|promo|` +
	`header__(logo|organisation-logo|organisation-name|service-logo)|header--organisation|footer__logo|` +
	`u-static-[a-z-]+\d*|card-group__item--[a-z-]+|table-responsive|search-input|button--(brand|login))(__|\b)`)

// prune leaves out fonts and unused rules of a style sheet.
func prune(css string) (string, error) {
	var out strings.Builder
	rest := css
	for {
		prelude, body, after, err := nextRule(rest)
		if err != nil {
			return "", err
		}
		if prelude == "" && body == "" && after == "" {
			return out.String(), nil
		}
		rest = after
		if err := keep(&out, prelude, body); err != nil {
			return "", err
		}
	}
}

func keep(out *strings.Builder, prelude, body string) error {
	switch {
	case body == "" && strings.HasPrefix(prelude, "@"):
		out.WriteString(prelude + ";\n")
	case strings.HasPrefix(prelude, "@font-face"):
	case strings.HasPrefix(prelude, "@media"), strings.HasPrefix(prelude, "@supports"):
		inner, err := prune(body)
		if err != nil {
			return err
		}
		if strings.TrimSpace(inner) != "" {
			out.WriteString(prelude + " {\n" + inner + "}\n")
		}
	case strings.HasPrefix(prelude, "@"):
		out.WriteString(prelude + " {" + body + "}\n")
	default:
		if selectors := used(prelude); selectors != "" && strings.TrimSpace(body) != "" {
			out.WriteString(selectors + " {" + body + "}\n")
		}
	}
	return nil
}

// used gives the selectors of a list that are not for unused parts.
func used(list string) string {
	var kept []string
	depth, start := 0, 0
	for i, c := range list + "," {
		switch {
		case c == '(' || c == '[':
			depth++
		case c == ')' || c == ']':
			depth--
		case c == ',' && depth == 0:
			if selector := strings.TrimSpace(list[start:i]); selector != "" && !unused.MatchString(selector) {
				kept = append(kept, selector)
			}
			start = i + 1
		}
	}
	return strings.Join(kept, ", ")
}

// nextRule splits off the first rule: what stands before its braces, what
// stands within, and the rest. A statement such as @charset has no body.
func nextRule(css string) (prelude, body, rest string, err error) {
	depth, open := 0, -1
	var head strings.Builder
	for i := 0; i < len(css); i++ {
		if skip := skipped(css[i:]); skip > 0 {
			if open < 0 && css[i] != '/' {
				head.WriteString(css[i : i+skip])
			}
			i += skip - 1
			continue
		}
		switch c := css[i]; {
		case c == '{':
			if depth == 0 {
				open = i + 1
			}
			depth++
		case c == '}':
			depth--
			if depth < 0 {
				return "", "", "", fmt.Errorf("styles: a brace too many near %.60q", css[i:])
			}
			if depth == 0 {
				return strings.TrimSpace(head.String()), css[open:i], css[i+1:], nil
			}
		case c == ';' && depth == 0:
			return strings.TrimSpace(head.String()), "", css[i+1:], nil
		case open < 0:
			head.WriteByte(c)
		}
	}
	if depth != 0 || strings.TrimSpace(head.String()) != "" {
		return "", "", "", fmt.Errorf("styles: a rule does not end: %.60q", css)
	}
	return "", "", "", nil
}

// skipped gives the length of a comment or quoted text at the start, else 0.
func skipped(css string) int {
	if strings.HasPrefix(css, "/*") {
		if end := strings.Index(css, "*/"); end >= 0 {
			return end + 2
		}
		return len(css)
	}
	if css[0] != '"' && css[0] != '\'' {
		return 0
	}
	for i := 1; i < len(css); i++ {
		if css[i] == '\\' {
			i++
		} else if css[i] == css[0] {
			return i + 1
		}
	}
	return len(css)
}

var imageURL = regexp.MustCompile(`url\("?/assets/images/([a-z-]+\.svg)"?\)`)

// icons takes in the pictures that the styles name and points to them.
func (o *output) icons(css, design string) (string, error) {
	var failed error
	css = imageURL.ReplaceAllStringFunc(css, func(found string) string {
		name := imageURL.FindStringSubmatch(found)[1]
		content, err := os.ReadFile(filepath.Join(design, "assets", "images", name))
		if err != nil {
			failed = err
			return found
		}
		return `url("` + o.add(strings.TrimPrefix(name, "nhsuk-"), content) + `")`
	})
	return css, failed
}
