package programme

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sort"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"

	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/problem"
	"msw/internal/rulebook"
)

// Compiler turns rule texts into sets that answer. A Reader that is one too
// lets stations ask the programme for compiled rules.
type Compiler interface {
	// Compile reads a text beside the sets that came with the software, with
	// instead in their places: those it extends or uses.
	Compile(text string, instead []RuleSet) (*rulebook.Set, error)
	// Embedded gives the sets that came with the software.
	Embedded() []*rulebook.Set
}

// library keeps compiled sets by their version and what stands beside them.
type library struct {
	mu    sync.Mutex
	sets  map[string]*rulebook.Set
	books map[string]*rulebook.Book
}

// mostSets bounds the library; past it, it starts anew.
const mostSets = 200

// Rules gives the compiled rules of a purpose that hold on a day: of the name
// that the day's phase asks for, else the newest that were switched on. The
// rows are the truth; only a programme without any has the embedded ones.
func (s *Service) Rules(ctx context.Context, tenant, purpose string, on clock.Date) (*rulebook.Set, error) {
	rows, err := s.ruleRows(ctx, tenant)
	if err != nil {
		return nil, err
	}
	name := ""
	if purpose == "eligibility" {
		phase, found, err := s.PhaseOn(ctx, tenant, on)
		if err != nil {
			return nil, err
		}
		if found {
			name = phase.Eligibility
		}
	}
	if row, ok := chooseRules(rows, purpose, name, on); ok {
		return s.compiled(ctx, row, rows, nil)
	}
	c, ok := s.rules.(Compiler)
	if !ok {
		return nil, problem.New(problem.Unavailable, "There are no rules here.")
	}
	var best *rulebook.Set
	for _, set := range c.Embedded() {
		if set.ID() == purpose && (set.Name() == name || best == nil || best.Name() != name && set.From() <= on && set.From() > best.From()) {
			best = set
		}
	}
	if best == nil {
		return nil, problem.New(problem.Unavailable, "There are no rules for that day. Ask the national team to switch some on.")
	}
	return best, nil
}

// chooseRules picks the row: of the name asked for where there is one, also
// outside its own dates (the phase decides); else by the day alone.
func chooseRules(rows []RuleSet, purpose, name string, on clock.Date) (RuleSet, bool) {
	ofName := func(anyDay bool) []RuleSet {
		var out []RuleSet
		for _, r := range rows {
			if r.Purpose != purpose || name != "" && r.Name != name || r.State != RuleSetApproved {
				continue
			}
			if anyDay && r.SwitchedFrom <= on {
				r.From, r.Until = min(r.From, on), 0
			}
			out = append(out, r)
		}
		return out
	}
	if row, ok := ruleSetOn(ofName(false), on); ok {
		return row, true
	}
	if name != "" {
		if row, ok := ruleSetOn(ofName(true), on); ok {
			return row, true
		}
		name = ""
		return ruleSetOn(ofName(false), on)
	}
	return RuleSet{}, false
}

// RulesOf gives the compiled rules of a version, for a replay; uses are the
// versions of other sets it was evaluated with.
func (s *Service) RulesOf(ctx context.Context, tenant, version string, uses []rulebook.Used) (*rulebook.Set, error) {
	rows, err := s.ruleRows(ctx, tenant)
	if err != nil {
		return nil, err
	}
	var beside []RuleSet
	for _, u := range uses {
		for _, r := range rows {
			if r.Hash == u.Version {
				beside = append(beside, r)
			}
		}
	}
	for _, r := range rows {
		if r.Hash == version {
			return s.compiled(ctx, r, rows, beside)
		}
	}
	if c, ok := s.rules.(Compiler); ok {
		for _, set := range c.Embedded() {
			if set.Version() == version {
				return set, nil
			}
		}
	}
	return nil, problem.New(problem.Unavailable, "The rule version of this decision is not kept here.")
}

// Candidate gives the compiled rules of one row, proposed ones too, as they
// would answer today.
func (s *Service) Candidate(ctx context.Context, tenant, id string) (*rulebook.Set, RuleSet, error) {
	row, err := s.store.ruleSet(ctx, tenant, id)
	if err != nil {
		return nil, row, err
	}
	rows, err := s.ruleRows(ctx, tenant)
	if err != nil {
		return nil, row, err
	}
	set, err := s.compiled(ctx, row, rows, nil)
	return set, row, err
}

// ruleRows gives every row without its text, once per transaction.
func (s *Service) ruleRows(ctx context.Context, tenant string) ([]RuleSet, error) {
	return database.Once(ctx, s.db, rowsKey+tenant, func() ([]RuleSet, error) { return s.store.ruleRows(ctx, tenant) })
}

const rowsKey = "programme rules "

// beside are the rows that stand where embedded sets of other names stood: of
// each purpose and name the newest that is switched on.
func besideOf(rows []RuleSet, row RuleSet) []RuleSet {
	newest := map[[2]string]RuleSet{}
	for _, r := range rows {
		at := [2]string{r.Purpose, r.Name}
		if r.State != RuleSetApproved || r.ID == row.ID || r.Purpose == row.Purpose && r.Name == row.Name {
			continue
		}
		if old, ok := newest[at]; !ok || r.Effective() > old.Effective() || r.Effective() == old.Effective() && r.ID > old.ID {
			newest[at] = r
		}
	}
	var out []RuleSet
	for _, r := range newest {
		out = append(out, r)
	}
	sort.Slice(out, func(i, j int) bool {
		a, b := out[i], out[j]
		return strings.Compare(a.Hash, b.Hash) < 0
	})
	return out
}

func (s *Service) compiled(ctx context.Context, row RuleSet, rows, uses []RuleSet) (*rulebook.Set, error) {
	c, ok := s.rules.(Compiler)
	if !ok {
		return nil, problem.New(problem.Unavailable, "Rule sets cannot be read here.")
	}
	known := map[string]*rulebook.Set{}
	for _, set := range c.Embedded() {
		known[set.Version()] = set
	}
	var instead []RuleSet
	key := row.Hash
	for _, r := range append(besideOf(rows, row), uses...) {
		if known[r.Hash] == nil || len(uses) > 0 {
			instead = append(instead, r)
			key += " " + r.Hash
		}
	}
	if set := known[row.Hash]; set != nil && len(instead) == 0 {
		return set, nil
	}
	s.library.mu.Lock()
	set := s.library.sets[key]
	s.library.mu.Unlock()
	if set != nil {
		return set, nil
	}
	set, err := s.compileRow(ctx, c, row, instead)
	if err != nil {
		return nil, err
	}
	s.library.mu.Lock()
	defer s.library.mu.Unlock()
	if len(s.library.sets) >= mostSets {
		clear(s.library.sets)
	}
	s.library.sets[key] = set
	return set, nil
}

// compileRow fetches the texts and compiles. A version whose hash is over the
// texts it extends is tried with every kept text of the one it extends.
func (s *Service) compileRow(ctx context.Context, c Compiler, row RuleSet, instead []RuleSet) (*rulebook.Set, error) {
	for _, r := range append(slices.Clone(instead), row) {
		full, err := s.store.ruleSet(ctx, row.Tenant, r.ID)
		if err != nil {
			return nil, err
		}
		for i := range instead {
			if instead[i].ID == full.ID {
				instead[i] = full
			}
		}
		if row.ID == full.ID {
			row = full
		}
	}
	set, err := c.Compile(row.Text, instead)
	if err == nil && set.Version() == row.Hash {
		return set, nil
	}
	all, loadErr := s.store.ruleSets(ctx, row.Tenant, row.Purpose)
	if loadErr != nil {
		return nil, loadErr
	}
	for _, base := range all {
		if base.ID == row.ID {
			continue
		}
		if other, err := c.Compile(row.Text, append(slices.Clone(instead), base)); err == nil && other.Version() == row.Hash {
			return other, nil
		}
	}
	if err != nil {
		return nil, fmt.Errorf("rule set %s %s: %w", row.Purpose, row.Name, err)
	}
	return nil, fmt.Errorf("rule set %s %s: what it extends is not kept as it was", row.Purpose, row.Name)
}

// label is what a rule text says of itself at its top.
type label struct {
	ID        string `yaml:"id"`
	Name      string `yaml:"name"`
	Extends   string `yaml:"extends"`
	Effective struct {
		From string `yaml:"from"`
		To   string `yaml:"to"`
	} `yaml:"effective"`
}

func labelOf(text string) (l label) {
	_ = yaml.Unmarshal([]byte(text), &l) // a text that cannot be read has no label, and is refused when compiled
	return l
}

func (l label) overlaps(o label) bool {
	return l.ID == o.ID && (l.Effective.To == "" || o.Effective.From <= l.Effective.To) && (o.Effective.To == "" || l.Effective.From <= o.Effective.To)
}

// Embedded gives the sets that came with the software.
func (r reader) Embedded() []*rulebook.Set { return r.book.Sets() }

// Compile reads a text as the version it says it is: beside the versions it
// extends and every other set, of each the newest where two would apply on the
// same days.
func (r reader) Compile(text string, instead []RuleSet) (*rulebook.Set, error) {
	own := labelOf(text)
	type entry struct {
		label
		rulebook.File
		ours bool
	}
	var shelf []entry
	for i, row := range instead {
		shelf = append(shelf, entry{labelOf(row.Text), rulebook.File{Name: fmt.Sprintf("switched-on-%d.yaml", i+1), Text: row.Text}, true})
	}
	var files []rulebook.File
	for _, f := range r.files {
		if f.Name == rulebook.SchemaFile {
			files = append(files, f)
			continue
		}
		l := labelOf(f.Text)
		if !slices.ContainsFunc(shelf, func(e entry) bool { return e.ID == l.ID && e.label.Name == l.Name }) {
			shelf = append(shelf, entry{l, f, false})
		}
	}
	sort.SliceStable(shelf, func(i, j int) bool {
		a, b := shelf[i], shelf[j]
		return strings.Compare(b.Effective.From, a.Effective.From) < 0
	})
	var kept []entry
	for _, e := range shelf {
		if e.ID == own.ID && (e.label.Name == own.Name || own.Extends == "") || slices.ContainsFunc(kept, func(k entry) bool { return k.overlaps(e.label) }) {
			continue
		}
		kept = append(kept, e)
		files = append(files, e.File)
	}
	return rulebook.CompileBeside(rulebook.File{Name: proposedFile, Text: text}, files)
}

// Book gives every rule set as it is switched on by a day, in one book: the
// sets that came with the software, with what people switched on in the place of
// the version of the same name, or taking over from its own day on.
func (s *Service) Book(ctx context.Context, tenant string, on clock.Date) (*rulebook.Book, error) {
	c, ok := s.rules.(bookmaker)
	if !ok {
		return nil, problem.New(problem.Unavailable, "Rule sets cannot be read here.")
	}
	rows, err := s.ruleRows(ctx, tenant)
	if err != nil {
		return nil, err
	}
	key := ""
	for _, r := range rows {
		if switchedOn(r, on) {
			key += " " + r.Hash
		}
	}
	if key == "" {
		return c.Whole(nil)
	}
	s.library.mu.Lock()
	book := s.library.books[key]
	s.library.mu.Unlock()
	if book != nil {
		return book, nil
	}
	changed, err := s.changedRows(ctx, tenant, on)
	if err != nil {
		return nil, err
	}
	if book, err = c.Whole(changed); err != nil {
		return nil, fmt.Errorf("the rules that are switched on do not fit together: %w", err)
	}
	s.library.mu.Lock()
	defer s.library.mu.Unlock()
	if len(s.library.books) >= mostBooks {
		clear(s.library.books)
	}
	s.library.books[key] = book
	return book, nil
}

const mostBooks = 20

func switchedOn(r RuleSet, on clock.Date) bool {
	return r.State == RuleSetApproved && !r.Embedded && r.Effective() <= on
}

// changedRows gives what people switched on by a day with its text, in the order
// in which each took over.
func (s *Service) changedRows(ctx context.Context, tenant string, on clock.Date) ([]RuleSet, error) {
	rows, err := s.ruleRows(ctx, tenant)
	if err != nil {
		return nil, err
	}
	var changed []RuleSet
	for _, r := range rows {
		if !switchedOn(r, on) {
			continue
		}
		if r, err = s.store.ruleSet(ctx, tenant, r.ID); err != nil {
			return nil, err
		}
		changed = append(changed, r)
	}
	sort.Slice(changed, func(i, j int) bool {
		a, b := changed[i], changed[j]
		return cmp.Or(cmp.Compare(a.Effective(), b.Effective()), cmp.Compare(a.ApprovedOn, b.ApprovedOn), strings.Compare(a.ID, b.ID)) < 0
	})
	return changed, nil
}

// bookmaker reads all sets together.
type bookmaker interface {
	Whole(changed []RuleSet) (*rulebook.Book, error)
}

// Whole gives the sets that came with the software, with those that were
// switched on since, the oldest first.
func (r reader) Whole(changed []RuleSet) (*rulebook.Book, error) {
	if len(changed) == 0 {
		return r.book, nil
	}
	files := slices.Clone(r.files)
	newer := map[string]rulebook.File{} // by name, the last one counts
	var order []string
	for i, row := range changed {
		l := labelOf(row.Text)
		at := slices.IndexFunc(files, func(f rulebook.File) bool {
			own := labelOf(f.Text)
			return f.Name != rulebook.SchemaFile && own.ID == l.ID && own.Name == l.Name
		})
		if at >= 0 {
			files[at].Text = row.Text
			continue
		}
		name := l.ID + " " + l.Name
		if _, seen := newer[name]; !seen {
			order = append(order, name)
		}
		newer[name] = rulebook.File{Name: fmt.Sprintf("switched-on-%d.yaml", i+1), Text: row.Text}
	}
	book, err := rulebook.Compile(files)
	if err != nil || len(order) == 0 {
		return book, err
	}
	more := make([]rulebook.File, len(order))
	for i, name := range order {
		more[i] = newer[name]
	}
	return book.With(more...)
}
