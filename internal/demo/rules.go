package demo

import (
	"context"
	"strings"

	"msw/internal/programme"
)

// workbench proposes a version of the eligibility rules and asks to try it on
// all cases, which the worker does once the demo is served.
func (l *loader) workbench(ctx context.Context) error {
	if l.o.People > smallHistory {
		return nil
	}
	call := l.as(0, l.o.Today.AddDays(-2), "assessor")
	row, found, err := l.Programme.RuleSet(ctx, programme.National, "eligibility", l.o.Today)
	if err != nil || !found {
		return err
	}
	text := strings.ReplaceAll(row.Text, "where postgraduate) >= 12", "where postgraduate) >= 18")
	text = strings.ReplaceAll(text, "where postgraduate) < 12", "where postgraduate) < 18")
	text = strings.ReplaceAll(text, "Fewer than 12 full-time", "Fewer than 18 full-time")
	text = strings.ReplaceAll(text, "at least 12 months", "at least 18 months")
	if text == row.Text { // the first published version asks for no number of months
		return nil
	}
	v, err := l.Programme.ProposeRuleSet(ctx, call, text, "Fictional: what if 18 months as a doctor were asked for instead of 12?")
	if err != nil {
		return err
	}
	_, err = l.Programme.AskTrial(ctx, call, v.ID, "eligibility")
	return err
}
