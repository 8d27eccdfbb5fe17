package app

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"msw/internal/cli"
	"msw/internal/clock"
	"msw/internal/eligibility"
	"msw/internal/problem"
	"msw/internal/registration"
	"msw/internal/rulebook"
	"msw/rules"
)

// ruleFiles are the flags of a command that may read proposed rules as well.
// All the rules commands but replay and reevaluate need no database: they work
// on the rule files of this build and these.
type ruleFiles struct {
	File []string `help:"A proposed rule file, read as if it were switched on; may be given again for more." placeholder:"FILE" type:"existingfile"`
}

// book reads the rules of this build and the proposed ones.
func (f ruleFiles) book() (*rulebook.Book, error) {
	book, err := rulebook.Load(rules.Files, ".")
	if err != nil {
		return nil, err
	}
	var more []rulebook.File
	for _, name := range f.File {
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, unreadable("rules", name, err)
		}
		more = append(more, rulebook.File{Name: name, Text: string(text)})
	}
	if len(more) == 0 {
		return book, nil
	}
	if book, err = book.With(more...); err != nil {
		return nil, ruleFaults(err)
	}
	return book, nil
}

// ruleFaults lists the faults of rule files, one a line.
func ruleFaults(err error) error {
	e, ok := err.(*rulebook.LoadError)
	if !ok {
		return err
	}
	lines := make([]string, len(e.Issues))
	for i, issue := range e.Issues {
		lines[i] = issue.String()
	}
	refused := problem.Refuse(fmt.Sprintf("The rules hold %d faults.", len(lines)), lines...)
	return refused
}

// day reads --on.
func day(text, flag string) (clock.Date, error) {
	d, err := clock.ParseDate(text)
	if err != nil {
		return 0, cli.Wrong("%s: %s", flag, err)
	}
	return d, nil
}

// setOn gives the version of a rule set in force on a day, or says what there is.
func setOn(book *rulebook.Book, id string, on clock.Date) (*rulebook.Set, error) {
	set, err := book.Set(id, on)
	if err == nil {
		return set, nil
	}
	var days []string
	for _, s := range book.Sets() {
		if s.ID() == id {
			days = append(days, daysOf(s))
		}
	}
	if len(days) == 0 {
		return nil, cli.Wrong("there is no rule set %q: there are %s", id, strings.Join(setIDs(book), ", "))
	}
	return nil, problem.Refuse(fmt.Sprintf("No version of the rule set %s is in force on %s. Its versions are:", id, on), days...)
}

// daysOf says which days a version is for.
func daysOf(s *rulebook.Set) string {
	if s.To() != 0 {
		return fmt.Sprintf("%s: %s to %s", s.Name(), s.From(), s.To())
	}
	return fmt.Sprintf("%s: %s with no end", s.Name(), s.From())
}

func setIDs(book *rulebook.Book) []string {
	var ids []string
	for _, s := range book.Sets() {
		if !slices.Contains(ids, s.ID()) {
			ids = append(ids, s.ID())
		}
	}
	return ids
}

// readFacts reads a file of facts, or standard input as "-".
func readFacts(name string, schema *rulebook.Schema) ([]rulebook.Fact, error) {
	var text []byte
	var err error
	if name == "-" {
		text, err = io.ReadAll(os.Stdin)
	} else {
		text, err = os.ReadFile(name)
	}
	if err != nil {
		return nil, unreadable("facts", name, err)
	}
	facts, err := schema.ReadFacts(text)
	if e, ok := errors.AsType[*problem.Error](err); ok { // it does not know the file's name
		told := *e
		if told.Message = name + ": " + e.Message; name == "-" {
			told.Message = "Standard input: " + e.Message
		}
		return nil, &told
	}
	return facts, err
}

// unreadable says why a file of some kind cannot be read.
func unreadable(kind, name string, err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return cli.Wrong("there is no file %q of %s: check its name and folder", name, kind)
	case errors.Is(err, fs.ErrPermission):
		return cli.Wrong("the file %q of %s may not be read by you", name, kind)
	}
	return problem.Wrap(problem.Invalid, fmt.Sprintf("The file %q of %s cannot be read: %s", name, kind, oneLine(err)), err)
}

type rulesCheckCommand struct {
	ruleFiles
	Ruleset string `required:"" help:"Which rules to ask: registration or eligibility." placeholder:"ID"`
	On      string `required:"" help:"The day to ask about; the version in force that day answers." placeholder:"YYYY-MM-DD"`
	Facts   string `arg:"" help:"A JSON list of dated records such as {\"fact\": \"exam\", \"date\": \"2025-02-10\", \"state\": \"verified\", \"name\": \"PLAB2\", \"outcome\": \"passed\"}; - for standard input. docs/facts.md lists every fact and field." placeholder:"FACTS.json"`
}

// checked is the answer of a whole rule set as scripts read it.
type checked struct {
	RuleSet      string               `json:"ruleset"`
	Name         string               `json:"name"`
	Version      string               `json:"version"`
	On           clock.Date           `json:"on"`
	State        rulebook.Answer      `json:"state"`
	Until        *clock.Date          `json:"until"`
	Requirements []checkedRequirement `json:"requirements"`
	Uses         []rulebook.Used      `json:"uses,omitempty"`
}

// checkedRequirement is one answer. Until is null where no date ends it.
// Because tells why in sentences, Facts and Dates which records decided it.
type checkedRequirement struct {
	ID           string               `json:"id"`
	Title        string               `json:"title"`
	State        rulebook.Answer      `json:"state"`
	Until        *clock.Date          `json:"until"`
	Because      []string             `json:"because"`
	Source       []rulebook.Source    `json:"source"`
	Kind         string               `json:"kind,omitempty"`
	Waiting      bool                 `json:"waiting,omitempty"`
	NotNeeded    bool                 `json:"not_needed,omitempty"`
	BlockedBy    []string             `json:"blocked_by,omitempty"`
	By           string               `json:"by,omitempty"`
	Decides      string               `json:"decides,omitempty"`
	Values       []string             `json:"values,omitempty"`
	Facts        []int                `json:"facts,omitempty"`
	Dates        []clock.Date         `json:"dates,omitempty"`
	Alternatives []checkedRequirement `json:"alternatives,omitempty"`
}

func (cmd *rulesCheckCommand) Run(c cli.Console) error {
	on, err := day(cmd.On, "--on")
	if err != nil {
		return err
	}
	book, err := cmd.book()
	if err != nil {
		return err
	}
	set, err := setOn(book, cmd.Ruleset, on)
	if err != nil {
		return err
	}
	facts, err := readFacts(cmd.Facts, book.Schema())
	if err != nil {
		return err
	}
	res := set.Evaluate(facts, on)
	out := checked{RuleSet: res.RuleSet, Name: res.Name, Version: res.Version, On: on, State: res.State, Until: orNull(res.Until), Uses: res.Uses}
	for i := range res.Requirements {
		out.Requirements = append(out.Requirements, check("", &res, &res.Requirements[i], facts))
	}
	return c.Print(out, func(w io.Writer) { out.write(w) })
}

func orNull(d clock.Date) *clock.Date {
	if d == 0 {
		return nil
	}
	return &d
}

func check(prefix string, res *rulebook.Result, o *rulebook.Outcome, facts []rulebook.Fact) checkedRequirement {
	out := checkedRequirement{ID: prefix + o.ID, Title: o.Title, State: o.State, Until: orNull(o.Until), Because: []string{}, Source: append([]rulebook.Source{}, o.Sources...),
		Waiting: o.Waiting, NotNeeded: o.NotNeeded != nil, By: o.By, Decides: o.Decides, Values: o.Values, Facts: o.Facts, Dates: o.Dates}
	if prefix == "" {
		out.BlockedBy = res.BlockedBy(o)
	}
	if o.NotNeeded != nil {
		out.Because = append(out.Because, "Not needed: "+o.NotNeeded.Staff)
	}
	if o.Reason != nil {
		out.Kind = o.Reason.Kind
		out.Because = append(out.Because, o.Reason.Staff)
	}
	for _, i := range o.Facts {
		out.Because = append(out.Because, factInWords(facts[i]))
	}
	if o.Refused {
		out.Because = append(out.Because, "A record that could have served was refused.")
	}
	for i := range o.Alternatives {
		out.Alternatives = append(out.Alternatives, check(out.ID+"/", res, &o.Alternatives[i], facts))
	}
	return out
}

// factInWords names a fact as "english_test of 2024-03-10, verified".
func factInWords(f rulebook.Fact) string {
	text := f.Kind
	if f.Date != 0 {
		text += " of " + f.Date.String()
	}
	if f.Until != 0 {
		text += " until " + f.Until.String()
	}
	return text + ", " + f.State.String()
}

func (a *checked) write(w io.Writer) {
	fmt.Fprintf(w, "%s %s on %s: %s%s\n", a.RuleSet, a.Name, a.On, a.State, untilWords(a.Until))
	fmt.Fprintf(w, "version %s\n", a.Version)
	var write func(indent string, list []checkedRequirement)
	write = func(indent string, list []checkedRequirement) {
		for _, r := range list {
			state := r.State.String()
			switch {
			case r.NotNeeded:
				state = "not needed"
			case r.Waiting:
				state += " (waits for proof)"
			}
			fmt.Fprintf(w, "%s%-10s %s%s: %s\n", indent, r.ID, state, untilWords(r.Until), r.Title)
			for _, line := range r.Because {
				fmt.Fprintf(w, "%s           %s\n", indent, line)
			}
			write(indent+"  ", r.Alternatives)
		}
	}
	write("", a.Requirements)
}

func untilWords(until *clock.Date) string {
	if until == nil {
		return ""
	}
	return " until " + until.String()
}

type rulesTestCommand struct {
	Dir      string `arg:"" optional:"" type:"existingdir" help:"Another folder of rule files than that of this build, with facts.yaml and the tests in it."`
	Coverage bool   `help:"Print also how often each requirement, and each condition within it, was seen true, false and unknown."`
}

func (cmd *rulesTestCommand) Run(c cli.Console) error {
	report := rulebook.RunTests(rules.Files, ".")
	if cmd.Dir != "" {
		report = rulebook.RunTests(os.DirFS(cmd.Dir), ".")
	}
	if err := c.Print(report, func(w io.Writer) {
		if cmd.Coverage {
			for _, line := range report.Seen() {
				fmt.Fprintln(w, line)
			}
		}
		for _, line := range report.Lines() {
			fmt.Fprintln(w, line)
		}
	}); err != nil {
		return err
	}
	if report.Failed() {
		return problem.New(problem.Refused, "Some rules do not do what their tests say.")
	}
	return nil
}

type rulesReviewCommand struct{ ruleFiles }

func (cmd *rulesReviewCommand) Run(c cli.Console) error {
	book, err := cmd.book()
	if err != nil {
		return err
	}
	list := book.Review()
	if road, err := registration.NewRoad(book, rules.Road); err == nil { // another folder's rules need not be of a road
		list = append(list, road.Review()...)
	}
	return c.Print(list, func(w io.Writer) {
		fmt.Fprintf(w, "%d things in the rules are not confirmed by a published page:\n", len(list))
		for _, l := range list {
			at := strings.TrimSuffix(l.RuleSet+"@"+l.Name+"/"+l.Requirement, "/")
			says := l.Says
			if says != "" {
				says = ": " + says
			}
			fmt.Fprintf(w, "%s (%s) %s%s\n", at, l.Mark, l.Title, says)
		}
	})
}

type rulesDiffCommand struct {
	Old string `arg:"" help:"The older rules: SET@VERSION such as eligibility@A, or a rule file."`
	New string `arg:"" help:"The newer rules, named in the same way."`
}

func (cmd *rulesDiffCommand) Run(c cli.Console) error {
	older, err := namedRules(cmd.Old)
	if err != nil {
		return err
	}
	newer, err := namedRules(cmd.New)
	if err != nil {
		return err
	}
	list := rulebook.Diff(older, newer)
	out := map[string]any{"old": older.Version(), "new": newer.Version(), "differences": append([]rulebook.Difference{}, list...)}
	return c.Print(out, func(w io.Writer) {
		fmt.Fprintf(w, "%s@%s and %s@%s: %d differences\n", older.ID(), older.Name(), newer.ID(), newer.Name(), len(list))
		for _, d := range list {
			fmt.Fprintln(w, strings.TrimSpace(d.Requirement+" "+d.What))
			if d.Was != "" {
				fmt.Fprintf(w, "  - %s\n", d.Was)
			}
			if d.Is != "" {
				fmt.Fprintf(w, "  + %s\n", d.Is)
			}
		}
	})
}

// namedRules finds SET@VERSION among the rules of this build, or reads a file.
func namedRules(name string) (*rulebook.Set, error) {
	if _, err := os.Stat(name); err == nil {
		book, err := ruleFiles{File: []string{name}}.book()
		if err != nil {
			return nil, err
		}
		for _, set := range book.Sets() {
			if set.File() == name {
				return set, nil
			}
		}
	}
	book, err := ruleFiles{}.book()
	if err != nil {
		return nil, err
	}
	id, version, ok := strings.Cut(name, "@")
	if set, err := book.Named(id, version); ok && err == nil {
		return set, nil
	}
	var names []string
	for _, s := range book.Sets() {
		names = append(names, s.ID()+"@"+s.Name())
	}
	return nil, cli.Wrong("%q is no rule file and none of %s", name, strings.Join(names, ", "))
}

type rulesReplayCommand struct {
	Case string `help:"Only the case with this reference." placeholder:"REF"`
}

// Run replays through the service, so that the reading of people's facts is
// permitted and audited like any other.
func (cmd *rulesReplayCommand) Run(x cli.Context, a *App) error {
	progress := x.Progress(-1, "Replaying")
	start := time.Now()
	report, err := a.Eligibility.ReplayAll(x.Context, x.Call, cmd.Case, func(eligibility.Replayed) { progress.Add(1) })
	progress.Done()
	if cmd.Case != "" && problem.KindOf(err) == problem.NotFound {
		return cli.Wrong("--case: there is no case %q in this programme, or it is not yours to see: give the reference as its page shows it", cmd.Case)
	}
	if err != nil {
		return err
	}
	if err := x.Print(report, func(w io.Writer) {
		for _, f := range report.Faults {
			fmt.Fprintf(w, "decision %s of %s (%s): %s\n", f.Decision, f.On, f.Moment, f.Fault)
		}
		fmt.Fprintf(w, "%d decisions replayed in %s: %d the same to the byte, %d not.\n", report.Replayed, time.Since(start).Round(time.Millisecond), report.Same, len(report.Faults))
	}); err != nil {
		return err
	}
	if len(report.Faults) > 0 {
		return problem.New(problem.Refused, fmt.Sprintf("%d decisions do not replay.", len(report.Faults)))
	}
	return nil
}
