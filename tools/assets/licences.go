package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
)

// bundled are the packages whose files reach the browser.
var bundled = []string{"accessible-autocomplete", "nhsuk-frontend"}

// licences gathers what the bundled packages say of their licence.
func (o *output) licences(modules string) error {
	sort.Strings(bundled)
	var text strings.Builder
	text.WriteString("The styles, script and icons on this site hold parts of these packages.\n")
	for _, name := range bundled {
		section, err := licence(filepath.Join(modules, name))
		if err != nil {
			return err
		}
		text.WriteString("\n" + strings.Repeat("=", 72) + "\n" + section)
	}
	o.add("licences.txt", []byte(text.String()))
	return nil
}

func licence(dir string) (string, error) {
	text, err := os.ReadFile(filepath.Join(dir, "package.json"))
	if err != nil {
		return "", err
	}
	var about struct{ Name, Version, License, Homepage string }
	if err := json.Unmarshal(text, &about); err != nil {
		return "", fmt.Errorf("%s: %w", dir, err)
	}
	if about.License == "" {
		return "", fmt.Errorf("%s names no licence", dir)
	}
	head := fmt.Sprintf("%s %s, licence %s\n%s\n\n", about.Name, about.Version, about.License, about.Homepage)
	for _, file := range []string{"LICENSE", "LICENSE.txt", "LICENSE.md", "LICENCE"} {
		if text, err := os.ReadFile(filepath.Join(dir, file)); err == nil {
			return head + string(text), nil
		}
	}
	readme, err := os.ReadFile(filepath.Join(dir, "README.md"))
	if err != nil {
		return "", err
	}
	_, section, found := strings.Cut(string(readme), "## Licence\n")
	if !found {
		return "", fmt.Errorf("%s has neither a licence file nor a section about it", dir)
	}
	section, _, _ = strings.Cut(section, "\n## ")
	return head + "The package says:\n" + strings.TrimSpace(section) + "\n", nil
}
