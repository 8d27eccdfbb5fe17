package app

import (
	"context"
	"sync"

	"msw/internal/access"
	"msw/internal/registration"
	"msw/internal/rulebook"
	"msw/rules"
)

// roads keeps the roads of books other than the one that came with the software.
type roads struct {
	mu sync.Mutex
	of map[*rulebook.Book]*registration.Road
}

// mostRoads bounds what is kept; past it, it starts anew.
const mostRoads = 20

// roadOf gives the road by the rules that are switched on in a programme today.
func (a *App) roadOf(ctx context.Context, tenant string) (*registration.Road, error) {
	book, err := a.Programme.Book(ctx, tenant, a.Now().Local())
	if err != nil {
		return nil, err
	}
	a.roads.mu.Lock()
	defer a.roads.mu.Unlock()
	if road := a.roads.of[book]; road != nil {
		return road, nil
	}
	road := a.Road
	if !book.Same(a.Book) {
		if road, err = registration.NewRoad(book, rules.Road); err != nil {
			return nil, err
		}
	}
	if a.roads.of == nil || len(a.roads.of) >= mostRoads {
		a.roads.of = map[*rulebook.Book]*registration.Road{}
	}
	a.roads.of[book] = road
	return road, nil
}

// registrationRules are those in force, for the rule workbench.
func (a *App) registrationRules(ctx context.Context, tenant string, call access.Call) (*rulebook.Set, error) {
	book, err := a.Programme.Book(ctx, tenant, call.Today)
	if err != nil {
		return nil, err
	}
	return book.Set(registration.RoadRuleSet, call.Today)
}

// rulesFit tells whether stations can work with a book of rules, before a
// version in it is switched on.
func (a *App) rulesFit(book *rulebook.Book) error {
	_, err := registration.NewRoad(book, rules.Road)
	return err
}
