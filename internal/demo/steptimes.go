package demo

import (
	"context"

	"msw/internal/programme"
)

// stepTimes sets how long steps take where no published page says it, so that
// forecasts can be read. The numbers are invented, and say so.
func (l *loader) stepTimes(ctx context.Context) error {
	call := l.as(0, l.o.Today.AddDays(-60), "national")
	return l.DB.Tx(ctx, func(ctx context.Context) error {
		for _, s := range [][2]string{{programme.StepEnglish, "30,120,365"}, {programme.StepEnglishVerified, "0,2,14"}, {programme.StepPLAB1Sitting, "0,46,120"},
			{programme.StepPLAB1Result, "42,42,49"}, {programme.StepPLAB2Sitting, "30,90,180"}, {programme.StepPLAB2Result, "21,28,42"},
			{programme.StepVerification, "14,60,180"}, {programme.StepPapers, "14,42,90"}, {programme.StepDecision, "14,40,90"}} {
			if _, err := l.Programme.SetSetting(ctx, call, programme.SetSetting{Name: s[0], Value: s[1], Note: "Fictional: invented for this demonstration.", Anyway: true}); err != nil {
				return err
			}
		}
		return nil
	})
}
