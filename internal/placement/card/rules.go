package card

import (
	"bytes"
	"fmt"
	"io/fs"
	"net/url"
	"slices"

	"go.yaml.in/yaml/v3"

	"msw/internal/rulebook"
)

// Origin is where an entry comes from and how well it is known.
type Origin struct {
	Mark rulebook.Mark
	URL  string `yaml:"url"`
	Says string
}

// derived marks what follows from confirmed entries.
const derived rulebook.Mark = "derived"

// MarkWords is the mark as a person reads it.
func (o Origin) MarkWords() string {
	switch o.Mark {
	case rulebook.Confirmed:
		return "Confirmed"
	case rulebook.Recalled:
		return "Recalled, not confirmed"
	case rulebook.SetByUs:
		return "Set by this programme"
	case derived:
		return "Follows from other rules"
	}
	return ""
}

// Task is one named thing somebody can be signed off for.
type Task struct {
	ID, Title, Group string
	Highest          Level
	Manages          bool // part of managing a patient: never above Direct
	Origin           `yaml:",inline"`
}

// Never is something that is not allowed at any level, anywhere.
type Never struct {
	ID, Words string
	Origin    `yaml:",inline"`
}

// LevelWords explains one level.
type LevelWords struct {
	Level        Level
	Words, Short string
	Origin       `yaml:",inline"`
}

// Longest is for how many months a sign-off can count at most.
type Longest struct {
	Months int
	Origin `yaml:",inline"`
}

// Rules are the tasks, the levels and what is never allowed. Read only.
type Rules struct {
	ID, Title string
	Effective string
	Sources   []struct {
		Title  string
		Origin `yaml:",inline"`
	}
	Levels  []LevelWords
	Longest Longest
	Tasks   []Task
	Never   []Never
}

// LoadRules reads placement/tasks.yaml strictly.
func LoadRules(fsys fs.FS) (*Rules, error) {
	text, err := fs.ReadFile(fsys, "placement/tasks.yaml")
	if err != nil {
		return nil, fmt.Errorf("rules of tasks: %w", err)
	}
	return ParseRules(text)
}

// ParseRules reads the text of a file of tasks: an unknown key, mark or address,
// or a level above what the role allows, is an error.
func ParseRules(text []byte) (*Rules, error) {
	r := new(Rules)
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(r); err != nil {
		return nil, fmt.Errorf("rules of tasks: %w", err)
	}
	return r, r.check()
}

func (r *Rules) check() error {
	origins := []Origin{r.Longest.Origin}
	if r.Longest.Months < 1 || len(r.Tasks) == 0 || len(r.Never) == 0 || len(r.Levels) != int(Indirect) {
		return fmt.Errorf("rules of tasks: tasks, what is never allowed, %d levels and the longest time are needed", Indirect)
	}
	for i, l := range r.Levels {
		if l.Level != Level(i+1) || l.Words == "" || l.Short == "" {
			return fmt.Errorf("rules of tasks: level %d is not explained", i+1)
		}
		origins = append(origins, l.Origin)
	}
	ids := map[string]bool{}
	for _, t := range r.Tasks {
		if ids[t.ID] || t.ID == "" || t.Title == "" || t.Group == "" || !t.Highest.Known() {
			return fmt.Errorf("rules of tasks: task %q is there twice, or lacks its title, group or level", t.ID)
		}
		if t.Manages && t.Highest > Direct {
			return fmt.Errorf("rules of tasks: %s manages a patient and cannot go above level %d", t.ID, Direct)
		}
		ids[t.ID] = true
		origins = append(origins, t.Origin)
	}
	for _, n := range r.Never {
		if ids[n.ID] || n.ID == "" || n.Words == "" {
			return fmt.Errorf("rules of tasks: %q of what is never allowed is there twice or has no words", n.ID)
		}
		ids[n.ID] = true
		origins = append(origins, n.Origin)
	}
	for _, s := range r.Sources {
		origins = append(origins, s.Origin)
	}
	for _, o := range origins {
		if o.MarkWords() == "" {
			return fmt.Errorf("rules of tasks: unknown mark %q", o.Mark)
		}
		if u, err := url.Parse(o.URL); err != nil || o.URL != "" && u.Host == "" || o.Mark == rulebook.Confirmed && o.URL == "" {
			return fmt.Errorf("rules of tasks: a confirmed entry needs its address, and %q is none", o.URL)
		}
	}
	return nil
}

// Task finds a task by its id.
func (r *Rules) Task(id string) (Task, bool) {
	i := slices.IndexFunc(r.Tasks, func(t Task) bool { return t.ID == id })
	if i < 0 {
		return Task{ID: id, Title: id}, false
	}
	return r.Tasks[i], true
}

// Words explains a level.
func (r *Rules) Words(l Level) LevelWords {
	if !l.Known() {
		return LevelWords{Level: l, Words: "Not allowed", Short: "Not allowed"}
	}
	return r.Levels[l-1]
}
