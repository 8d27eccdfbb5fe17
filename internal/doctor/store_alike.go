package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// holderLimit is how many who have one key are read: one that so many share
// tells little, and no search may walk all who are called Mohammed Ahmed.
const holderLimit = 250

// holders gives who has each of some keys, at most holderLimit of the newest for
// each. Every key is read by its place in the index and nothing else is.
func (s *Service) holders(ctx context.Context, tenant string, keys []string) (map[string][]string, error) {
	out := make(map[string][]string, len(keys))
	for part := range slices.Chunk(keys, 100) {
		if err := s.holdersOf(ctx, tenant, part, out); err != nil {
			return nil, fmt.Errorf("holders of keys: %w", err)
		}
	}
	return out, nil
}

func (s *Service) holdersOf(ctx context.Context, tenant string, keys []string, out map[string][]string) error {
	parts, args := make([]string, len(keys)), make([]any, 0, 2*len(keys))
	for i, k := range keys {
		parts[i] = fmt.Sprintf(`SELECT * FROM (SELECT token, doctor_id FROM doctor_token WHERE tenant_id = $%d AND token = $%d ORDER BY doctor_id DESC LIMIT %d) AS k`, 2*i+1, 2*i+2, holderLimit)
		args = append(args, tenant, k)
	}
	rows, err := s.db.Q(ctx).Query(ctx, strings.Join(parts, ` UNION ALL `), args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var key, id string
		if err := rows.Scan(&key, &id); err != nil {
			return err
		}
		out[key] = append(out[key], id)
	}
	return rows.Err()
}
