package app

import (
	"context"
	"strings"

	"msw/internal/programme"
	"msw/internal/registration"
)

// stepTimes gives how long steps of the road take as a programme has set it:
// the setting step_plab2_result is of the step plab2_result.
func (a *App) stepTimes(ctx context.Context, tenant string) (map[string]registration.Given, error) {
	stored, err := a.Programme.Stored(ctx, tenant)
	if err != nil {
		return nil, err
	}
	out := map[string]registration.Given{}
	for _, name := range programme.StepTimes() {
		if least, usual, most, ok := programme.SpreadOf(stored[name].Value); ok {
			out[strings.TrimPrefix(name, "step_")] = registration.Given{Short: least, Usual: usual, Long: most, On: stored[name].SetOn}
		}
	}
	return out, nil
}
