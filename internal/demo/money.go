package demo

import (
	"context"

	"msw/internal/clock"
	"msw/internal/funding"
	"msw/internal/newsroom"
	"msw/internal/programme"
)

// budgets splits each phase's places and money among the regions. The split is
// invented; where the number of places was not published, room for the starts
// of the history is set by the demo.
func (l *loader) budgets(ctx context.Context) error {
	for scheme := range 2 {
		phases, err := l.Programme.Phases(ctx, tenantOf(scheme))
		if err != nil {
			return err
		}
		for _, p := range phases {
			places := int64(p.Places)
			if !p.Known(programme.FieldPlaces) {
				places = 600
			}
			for _, r := range regions {
				b := funding.Budget{Phase: p.ID, Region: r.code, Places: int(places*int64(r.weight)/100) + 8, Pence: p.Money * int64(r.weight) / 100, Version: funding.Unset, Note: "Split invented for the demonstration"}
				if _, err := l.Funding.SetBudget(ctx, l.as(scheme, max(p.Starts, firstDay), "national"), b); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// newsroom writes a few news items and stories of people who do not exist.
func (l *loader) newsroom(ctx context.Context) error {
	day := l.o.Today - 20
	for i, n := range []newsroom.NewPiece{
		{Kind: newsroom.News, Category: newsroom.Categories()[0], Title: "How long checks take, month by month", Summary: "We now show how long each employment check takes.", Author: "Programme team",
			Body: "Doctors told us that waiting is easier when they know how long it takes.\n\n## What changed\n\nEvery employer now sees which check waits for whom, and since when. So does the doctor.\n\n- Right to work checks are the quickest.\n- Criminal record checks by fingerprints are the slowest."},
		{Kind: newsroom.News, Category: newsroom.Categories()[0], Title: "GP practices can host doctors", Summary: "A practice, a network or a training hub can be the employer.", Author: "Programme team",
			Body: "A Medical Support Worker can work in a GP practice under supervision. The practice can employ them, or a trust or training hub can.\n\nAsk your regional team how to offer a post."},
		{Kind: newsroom.Story, Title: "“I could stop counting days”", Summary: "A doctor from Syria waited two years before she heard of the programme.", Author: "Programme team",
			Body: "Mariam (not her real name, and not a real person) trained in internal medicine. A charity worker told her about the programme.\n\nShe started on an acute ward under supervision. “I learnt how handover works here, and how to speak up,” she says."},
		{Kind: newsroom.Story, Title: "From the vaccination centre to the ward", Summary: "A fictional doctor from Sudan found his way back to medicine.", Author: "Programme team",
			Body: "Idris (not his real name, and not a real person) helped in a vaccination centre first. His supervisor there wrote his first reference in English.\n\nToday he works as a registered doctor."},
	} {
		if err := l.piece(ctx, n, day-clock.Date(i*9)); err != nil {
			return err
		}
	}
	return nil
}

func (l *loader) piece(ctx context.Context, n newsroom.NewPiece, day clock.Date) error {
	p, err := l.Newsroom.Write(ctx, l.as(0, day, "editor"), n)
	if err != nil {
		return err
	}
	if n.Kind == newsroom.Story {
		err := l.Newsroom.RecordConsent(ctx, l.as(0, day, "editor"), newsroom.NewConsent{Piece: p.ID, Channels: newsroom.Channels(), GivenOn: day, Expires: clock.AddMonths(day, 24),
			Whose: newsroom.Whose{Person: "fictional", Given: "Nobody: the person does not exist"}})
		if err != nil {
			return err
		}
	}
	if p, err = l.Newsroom.Submit(ctx, l.as(0, day, "editor"), p.ID); err != nil {
		return err
	}
	if p, err = l.Newsroom.Review(ctx, l.as(0, day, "national"), newsroom.Review{ID: p.ID, Version: p.Version, Agrees: true, For: "Harbour Light Refugee Support"}); err != nil {
		return err
	}
	_, err = l.Newsroom.Publish(ctx, l.as(0, day, "editor"), newsroom.Publish{ID: p.ID, Version: p.Version, From: day})
	return err
}
