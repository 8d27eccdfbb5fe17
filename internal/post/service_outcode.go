package post

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/problem"
	"msw/internal/tabular"
)

// OutcodeReport says what an import of postcode districts did.
type OutcodeReport struct {
	Read    int      `json:"read"`
	Stored  int      `json:"stored"`
	Refused int      `json:"refused"`
	Why     []string `json:"why"` // the first refused rows
	DryRun  bool     `json:"dry_run"`
}

// ImportOutcodes reads a table of postcode districts and stores where their
// middles lie. A row that is not understood is refused and said; the others
// are stored.
func (s *Service) ImportOutcodes(ctx context.Context, call access.Call, in io.Reader, name string, dry bool) (OutcodeReport, error) {
	if err := s.access.May(call.Actor, ActOutcodes, access.Resource{Kind: "outcodes", Tenant: call.Actor.Tenant}); err != nil {
		return OutcodeReport{}, err
	}
	r, codes, atlas, err := readOutcodes(in, name)
	if err != nil {
		return r, err
	}
	r.DryRun = dry
	if dry {
		return r, nil
	}
	return r, s.db.Tx(ctx, func(ctx context.Context) error {
		if err := s.saveOutcodes(ctx, codes, atlas); err != nil {
			return err
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: ActOutcodes, Kind: "outcodes", ID: name, After: r})
	})
}

func readOutcodes(in io.Reader, name string) (OutcodeReport, []string, Atlas, error) {
	r := OutcodeReport{Why: []string{}}
	t, err := tabular.Open(in, tabular.Options{Header: true, Name: name, Trim: true, MaxBytes: 8 << 20})
	if err != nil {
		return r, nil, nil, err
	}
	defer t.Close()
	at, missing, _ := tabular.Columns(t.Header(), map[string][]string{"postcode": {"outcode", "district"}, "eastings": {"easting"}, "northings": {"northing"}})
	if len(missing) > 0 {
		return r, nil, nil, problem.Refuse("This is not a table of postcode districts.", "It needs the columns postcode, eastings and northings.")
	}
	atlas, codes := Atlas{}, []string{}
	for {
		row, err := t.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return r, nil, nil, err
		}
		r.Read++
		code, spot, why := outcodeRow(row, at)
		if why != "" {
			r.Refused++
			if len(r.Why) < 5 {
				r.Why = append(r.Why, fmt.Sprintf("line %d: %s", row.Line, why))
			}
			continue
		}
		if _, twice := atlas[code]; !twice {
			codes = append(codes, code)
		}
		atlas[code] = spot
	}
	slices.Sort(codes)
	r.Stored = len(codes)
	return r, codes, atlas, nil
}

func outcodeRow(row tabular.Row, at map[string]int) (string, Spot, string) {
	if row.Problem != nil {
		return "", Spot{}, row.Problem.Error()
	}
	code := Outcode(row.Cells[at["postcode"]])
	east, err1 := strconv.Atoi(row.Cells[at["eastings"]])
	north, err2 := strconv.Atoi(row.Cells[at["northings"]])
	switch {
	case len(code) < 2 || len(code) > 4:
		return "", Spot{}, "no postcode district"
	case err1 != nil || err2 != nil || east == 0 && north == 0:
		return "", Spot{}, "no place on the national grid"
	case abs(east) > 1_000_000 || abs(north) > 2_000_000:
		return "", Spot{}, "a place that is not in the country"
	}
	return code, Spot{Easting: east, Northing: north}, ""
}
