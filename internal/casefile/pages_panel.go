package casefile

import (
	"context"
	"sort"

	"github.com/a-h/templ"

	"msw/internal/access"
)

// Panel is a part of the case page that another station owns.
type Panel struct {
	ID, Title string
	Order     int
	// Render draws it for who looks; nil = there is nothing this actor may see.
	Render func(ctx context.Context, call access.Call, doctor string) (templ.Component, error)
}

// Section is one step of the doctor's application, filled in on another
// station's page.
type Section struct {
	ID, Title, URL, Hint string
	Order                int
	Optional             bool // the application can be sent without it
	// State tells how far it is: one of the States.
	State func(ctx context.Context, call access.Call, doctor string) (state string, err error)
}

// The states of a section.
const (
	StateNotStarted = "not started"
	StateInProgress = "in progress"
	StateDone       = "done"
	StateCannotYet  = "cannot start yet"
)

// SetPanels hangs the panels on the case page; call it once, while wiring.
func (s *Service) SetPanels(panels ...Panel) {
	s.panels = append([]Panel(nil), panels...)
	sort.SliceStable(s.panels, func(i, j int) bool { return s.panels[i].Order < s.panels[j].Order })
}

// SetSections sets the steps of the application; call it once, while wiring.
func (s *Service) SetSections(sections ...Section) {
	s.sections = append([]Section(nil), sections...)
	sort.SliceStable(s.sections, func(i, j int) bool { return s.sections[i].Order < s.sections[j].Order })
}
