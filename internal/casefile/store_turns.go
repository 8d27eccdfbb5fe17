package casefile

import (
	"context"
	"fmt"

	"msw/internal/clock"
)

// Span is a time in which one party had the turn, and it is over.
type Span struct {
	Party    Party
	From, To clock.Date
}

// Spans follows a case's milestones, in the order of recording, and tells who
// had the turn from when to when. What still runs is not among them.
func Spans(list []Milestone) []Span {
	var out []Span
	var now Span
	for i, m := range list {
		d := Derive(Input{Opened: list[0].On, Milestones: list[:i+1]})
		if i == 0 {
			now = Span{Party: d.Turn, From: m.On}
			continue
		}
		if d.Turn == now.Party {
			continue
		}
		if m.On >= now.From && now.Party != PartyNobody {
			now.To = m.On
			out = append(out, now)
		}
		now = Span{Party: d.Turn, From: m.On}
	}
	return out
}

// SpansBetween gives the spans of every case between two ids, both included. It
// asks no permission: figures count them, and name nobody.
func (s *Service) SpansBetween(ctx context.Context, tenant, first, last string) ([]Span, error) {
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT doctor_id, seq, kind, on_date, due, owing, organisation_id FROM casefile_milestone
		WHERE tenant_id = $1 AND doctor_id >= $2 AND doctor_id <= $3 AND superseded_by = '' ORDER BY doctor_id, on_date, seq`, tenant, first, last)
	if err != nil {
		return nil, fmt.Errorf("turns of cases: %w", err)
	}
	defer rows.Close()
	var out []Span
	var of []Milestone
	for rows.Next() {
		var m Milestone
		if err := rows.Scan(&m.Doctor, &m.Seq, &m.Kind, &m.On, &m.Due, &m.Owing, &m.Organisation); err != nil {
			return nil, fmt.Errorf("turns of cases: %w", err)
		}
		if len(of) > 0 && of[0].Doctor != m.Doctor {
			out, of = append(out, Spans(of)...), of[:0]
		}
		of = append(of, m)
	}
	if len(of) > 0 {
		out = append(out, Spans(of)...)
	}
	return out, rows.Err()
}
