package app

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"msw/internal/cli"
	"msw/internal/clock"
	"msw/internal/problem"
	"msw/internal/rulebook"
)

type rulesExplainCommand struct {
	ruleFiles
	ID    string `arg:"" help:"A requirement: ID, SET/ID or SET/ID/ALTERNATIVE, such as B3, eligibility/B3 or eligibility/B3/OET."`
	On    string `help:"The version in force on this day; today when not given." placeholder:"YYYY-MM-DD"`
	Facts string `help:"A JSON file of facts as in check: show the working for them, step by step." placeholder:"FACTS.json"`
}

func (cmd *rulesExplainCommand) Run(c cli.Console) error {
	on := now().Local()
	var err error
	if cmd.On != "" {
		if on, err = day(cmd.On, "--on"); err != nil {
			return err
		}
	}
	book, err := cmd.book()
	if err != nil {
		return err
	}
	set, rule, err := findRule(book, cmd.ID, on)
	if err != nil {
		return err
	}
	if cmd.Facts == "" {
		return c.Print(rule, func(w io.Writer) { writeRule(w, "", rule) })
	}
	facts, err := readFacts(cmd.Facts, book.Schema())
	if err != nil {
		return err
	}
	explained := set.Explain(facts, on)
	working := slices.DeleteFunc(explained.Working, func(w rulebook.Working) bool {
		path, _, _ := strings.Cut(w.Requirement, " ")
		return path != rule.Path && !strings.HasPrefix(path, rule.Path+"/")
	})
	return c.Print(map[string]any{"rule": rule, "on": on, "working": working}, func(w io.Writer) {
		writeRule(w, "", rule)
		for _, pass := range working {
			fmt.Fprintf(w, "\nThe working of %s on %s, over %s:\n", pass.Requirement, on, passWords[pass.Pass])
			writeStep(w, "  ", pass.Step, facts)
		}
	})
}

var passWords = map[string]string{"proved": "the facts proved as it asks", "all": "all facts that are not refused"}

// findRule finds a requirement in the version of its set in force on a day; one
// named without its set must be the only one of that name.
func findRule(book *rulebook.Book, id string, on clock.Date) (*rulebook.Set, rulebook.Rule, error) {
	first, rest, _ := strings.Cut(id, "/")
	if slices.Contains(setIDs(book), first) {
		set, err := setOn(book, first, on)
		if err != nil {
			return nil, rulebook.Rule{}, err
		}
		if rule, ok := set.Rule(rest); ok {
			return set, rule, nil
		}
		return nil, rulebook.Rule{}, cli.Wrong("%s has no requirement %q on %s: it has %s", first, rest, on, strings.Join(set.Paths(), ", "))
	}
	var found *rulebook.Set
	var names []string
	for _, of := range setIDs(book) {
		set, err := book.Set(of, on)
		if err != nil {
			continue
		}
		names = append(names, of+"/…")
		if _, ok := set.Rule(id); ok {
			if found != nil {
				return nil, rulebook.Rule{}, cli.Wrong("%s is in %s and in %s: say %s/%s", id, found.ID(), of, of, id)
			}
			found = set
		}
	}
	if len(names) == 0 {
		return nil, rulebook.Rule{}, problem.Refuse(fmt.Sprintf("No rules are in force on %s. What there is:", on), versions(book, "")...)
	}
	if days := versions(book, id); found == nil && len(days) > 0 {
		return nil, rulebook.Rule{}, problem.Refuse(fmt.Sprintf("%s is asked by no rules in force on %s. It stands in:", id, on), days...)
	}
	if found == nil {
		return nil, rulebook.Rule{}, cli.Wrong("there is no requirement %q on %s in %s", id, on, strings.Join(names, ", "))
	}
	rule, _ := found.Rule(id)
	return found, rule, nil
}

// versions lists the versions of all rule sets with their days; with an id, only
// those that have that requirement.
func versions(book *rulebook.Book, id string) []string {
	var list []string
	for _, s := range book.Sets() {
		if _, ok := s.Rule(id); id == "" || ok {
			list = append(list, s.ID()+" "+daysOf(s))
		}
	}
	return list
}

func writeRule(w io.Writer, indent string, r rulebook.Rule) {
	line := func(name, text string) {
		if text != "" {
			fmt.Fprintf(w, "%s  %-12s %s\n", indent, name, text)
		}
	}
	fmt.Fprintf(w, "%s%s: %s\n", indent, r.Path, r.Title)
	if indent == "" {
		line("rules", fmt.Sprintf("%s %s, version %s", r.RuleSet, r.Name, r.Version))
	}
	name := "met when"
	if r.Kind == "exclusion" {
		name = "excluded when"
	}
	line(name, strings.Join(strings.Fields(r.Condition), " "))
	line("reads", strings.Join(r.Needs, ", "))
	line("proof", "at least "+r.Accepts.String())
	line("what counts", r.ProofText)
	line("comes after", strings.Join(r.After, ", "))
	line("routes", strings.Join(r.Routes, ", "))
	line("decided by", r.Decides)
	line("asked at", strings.Join(r.CheckedAt, ", "))
	reasons := func(name string, list []rulebook.RuleReason) {
		for _, reason := range list {
			text := reason.Staff
			if reason.Kind != "" {
				text = "(" + reason.Kind + ") " + text
			}
			if reason.When != "" {
				text += " When: " + reason.When
			}
			line(name, text)
		}
	}
	reasons("not needed", r.NotNeeded)
	reasons("unmet", r.Unmet)
	reasons("unknown", r.Unknown)
	reasons("waiting", r.Waiting)
	for _, v := range r.Reads {
		for _, row := range v.Words() {
			line("value", v.Title+": "+row)
		}
	}
	for _, source := range r.Sources {
		line("source", source.String())
	}
	for _, a := range r.Alternatives {
		writeRule(w, indent+"    ", a)
	}
}

func writeStep(w io.Writer, indent string, s rulebook.Step, facts []rulebook.Fact) {
	text := s.Text
	if s.Fact != nil {
		text = factInWords(facts[*s.Fact])
	}
	answer := s.Value
	if answer == "" {
		answer = s.State.String()
	}
	if s.Until != 0 {
		answer += " until " + s.Until.String()
	}
	fmt.Fprintf(w, "%s%s = %s\n", indent, text, answer)
	for _, step := range s.Steps {
		writeStep(w, indent+"  ", step, facts)
	}
}
