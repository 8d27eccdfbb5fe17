package demo

import (
	"context"
	"fmt"

	"msw/internal/placement"
)

// ends gives the posts that ended last a certificate and, from some doctors,
// exit answers; one running post gets a planned end.
func (l *loader) ends(ctx context.Context) error {
	call := l.on(0, l.o.Today)
	over, err := l.Placements.List(ctx, call, placement.Query{Which: placement.Over, Limit: 7})
	if err != nil {
		return err
	}
	for i, p := range over {
		if _, err := l.Placements.IssueCertificate(ctx, call, placement.Issuing{Placement: p.ID, Name: p.Name, IssuedBy: "Robin Keeper", IssuedAs: "HR manager"}); err != nil {
			return fmt.Errorf("certificate: %w", err)
		}
		if l.accounts[p.Doctor] == "" {
			continue
		}
		said := placement.Exit{Placement: p.ID, Reader: []string{placement.ReadTeam, placement.ReadNobody}[i%2], Answers: placement.Answers{
			Helped: []string{"helped_study", "helped_colleagues"}, Hindered: []string{[]string{"hindered_it", "hindered_role"}[i%2]}, Recommend: "recommend_yes"}}
		if i == 0 {
			said.Note = "The team made room for me to study. I waited three weeks for a login."
		}
		if err := l.Placements.SayExit(ctx, l.self(p.Doctor, l.o.Today), said); err != nil {
			return fmt.Errorf("exit answers: %w", err)
		}
	}
	return l.plannedEnd(ctx)
}

// plannedEnd sets the end of one running post ahead, so that the page can be seen.
func (l *loader) plannedEnd(ctx context.Context) error {
	call, last := l.on(0, l.o.Today), l.o.Today+10
	running, err := l.Placements.List(ctx, call, placement.Query{Which: placement.Now, Limit: 20})
	if err != nil {
		return err
	}
	for _, p := range running {
		if end := p.Terms.ContractEnd; end.IsZero() || end < last {
			continue
		}
		return l.Placements.SetEnd(ctx, call, 0, placement.Leaving{Placement: p.ID, Kind: placement.EndFinished, Code: "contract_ended_unfunded", LastDay: last})
	}
	return nil
}
