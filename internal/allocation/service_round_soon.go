package allocation

import (
	"context"

	"msw/internal/access"
	"msw/internal/casefile"
)

// resultIsNews is for how many days a doctor's home leads to a result.
const resultIsNews = 28

// Soon is what rounds hold for a doctor who waits, for their home: where choices
// are taken and until when, when results come, and a result that is new. Nobody
// else is told anything.
func (s *Rounds) Soon(ctx context.Context, call access.Call) ([]casefile.Soon, error) {
	tenant, doctor := call.Actor.Tenant, call.Actor.Doctor
	if doctor == "" {
		return nil, nil
	}
	var out []casefile.Soon
	results, err := s.resultsOf(ctx, tenant, doctor)
	if err != nil {
		return nil, err
	}
	for _, r := range results {
		if r.PublishedAt.Local().DaysUntil(call.Today) <= resultIsNews {
			out = append(out, casefile.Soon{Text: "Your result: " + r.Title, URL: "/me/result/" + r.ID})
		}
	}
	c, err := s.o.Casefile.Get(ctx, doctor, tenant)
	if err != nil || c.Stage != casefile.StageEligible || c.Flags.Has(casefile.FlagPaused) {
		return out, err
	}
	rounds, err := s.running(ctx, tenant)
	for _, r := range rounds {
		switch r.State(call.Today) {
		case RoundOpen:
			out = append(out, casefile.Soon{Text: "Choose the posts you want: " + r.Title + ", until the end of " + r.Closes.Long(), URL: "/apply/wishes"})
		case RoundClosed, RoundTried, RoundSigned:
			out = append(out, casefile.Soon{Text: r.Title + ": choices have closed. Results come by " + r.Results.Long(), URL: "/rounds/" + r.ID + "/rules"})
		}
	}
	return out, err
}
