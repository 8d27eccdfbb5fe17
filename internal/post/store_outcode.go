package post

import (
	"context"
	"fmt"

	"msw/internal/database"
)

// openPosts reads every open post of a tenant by its reference.
func (s *Service) openPosts(ctx context.Context, tenant string) ([]Post, error) {
	list, err := s.query(ctx, `SELECT `+columns+` FROM post_post WHERE tenant_id = $1 AND status = $2 ORDER BY id LIMIT $3`, tenant, string(Open), mostOpenings+1)
	if err == nil && len(list) > mostOpenings {
		err = fmt.Errorf("more than %d posts are open in %s", mostOpenings, tenant)
	}
	return list, err
}

// saveOutcodes writes where postcode districts lie over what was known.
func (s *Service) saveOutcodes(ctx context.Context, codes []string, atlas Atlas) error {
	const rows = 60
	for from := 0; from < len(codes); from += rows {
		part := codes[from:min(from+rows, len(codes))]
		var args []any
		for _, code := range part {
			args = append(args, code, atlas[code].Easting, atlas[code].Northing)
		}
		_, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO post_outcode (outcode, easting, northing) VALUES `+database.Rows(1, 3, len(part))+`
			ON CONFLICT (outcode) DO UPDATE SET easting = excluded.easting, northing = excluded.northing`, args...)
		if err != nil {
			return fmt.Errorf("save postcode districts: %w", err)
		}
	}
	return nil
}

// Atlas reads where every known postcode district lies, some 3,000 rows; none
// when nobody has imported them.
func (s *Service) Atlas(ctx context.Context) (Atlas, error) {
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT outcode, easting, northing FROM post_outcode`)
	if err != nil {
		return nil, fmt.Errorf("read postcode districts: %w", err)
	}
	defer rows.Close()
	atlas := Atlas{}
	for rows.Next() {
		var code string
		var p Spot
		if err := rows.Scan(&code, &p.Easting, &p.Northing); err != nil {
			return nil, fmt.Errorf("read postcode districts: %w", err)
		}
		atlas[code] = p
	}
	return atlas, rows.Err()
}
