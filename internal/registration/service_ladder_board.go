package registration

import (
	"context"
	"strconv"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/clock"
	"msw/internal/problem"
)

const boardRows = 25

// BoardQuery asks for one page of what runs out in the next days; empty parts
// do not narrow it.
type BoardQuery struct {
	Days   int // 30, 60 or 90
	Region string
	Kind   LapseKind
	After  []string

	reader      Reader
	from, until clock.Date
}

// BoardRow is one thing that runs out, with whose it is.
type BoardRow struct {
	Lapse
	Doctor, Ref, Name, Region string
	Days                      int // from today
}

// Board is one page of what runs out across all doctors the actor may see.
type Board struct {
	Rows   []BoardRow
	Next   []string // keys of the last row when there are more
	Reader Reader
	Days   int
}

// Lapses gives the board, the soonest first, and notes who was shown.
func (s *Service) Lapses(ctx context.Context, call access.Call, q BoardQuery) (Board, error) {
	if q.Days != 30 && q.Days != 60 && q.Days != 90 {
		q.Days = 30
	}
	if !s.access.Can(call.Actor, ActLapses) {
		return Board{}, problem.Missing()
	}
	sc := s.access.Scope(call.Actor, ActLapses)
	q.reader, q.from, q.until = readerOf(call.Actor), call.Today, call.Today.AddDays(q.Days)
	list, err := s.board(ctx, sc, q)
	if err != nil {
		return Board{}, err
	}
	b := Board{Reader: q.reader, Days: q.Days}
	if len(list) > boardRows {
		list = list[:boardRows]
		last := list[boardRows-1]
		b.Next = []string{last.On.String(), last.Doctor, string(last.Kind), last.Source}
	}
	if b.Rows, err = s.boardRows(ctx, call, list); err != nil {
		return Board{}, err
	}
	ids := make([]string, len(b.Rows))
	for i, r := range b.Rows {
		ids[i] = r.Doctor
	}
	return b, s.audit.Look(ctx, call, audit.Look{Action: ActLapses, Query: "runs out in " + strconv.Itoa(q.Days) + " days", Kind: "case", IDs: ids})
}

func (s *Service) boardRows(ctx context.Context, call access.Call, list []lapseRow) ([]BoardRow, error) {
	doctors := make([]string, 0, len(list))
	seen := map[string]bool{}
	for _, r := range list {
		if !seen[r.Doctor] {
			seen[r.Doctor] = true
			doctors = append(doctors, r.Doctor)
		}
	}
	cases, err := s.cases.Many(ctx, call.Actor.Tenant, doctors)
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	if s.o.Names != nil && len(doctors) > 0 {
		if names, err = s.o.Names(ctx, call.Actor.Tenant, doctors); err != nil {
			return nil, err
		}
	}
	var out []BoardRow
	for _, r := range list {
		c, ok := cases[r.Doctor]
		if !ok {
			continue
		}
		row := BoardRow{Lapse: r.Lapse, Doctor: r.Doctor, Ref: c.Ref, Name: names[r.Doctor], Region: r.Region, Days: call.Today.DaysUntil(r.On)}
		if row.Name == "" {
			row.Name = c.Ref
		}
		out = append(out, row)
	}
	return out, nil
}
