package allocation

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"msw/internal/access"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/problem"
)

func entryPlace(tenant, round, doctor string) database.Place {
	return database.Place{Tenant: tenant, Person: doctor, Table: "allocation_entry", Row: round + ":" + doctor, Column: "sealed", Version: 1}
}

// entry is what is kept of a doctor's wishes: the versions by which Spell knows
// whether something was said are kept with it.
type entry struct {
	Wishes
	ListVersion, PreferenceVersion int
}

func (s *Rounds) saveEntries(ctx context.Context, tenant, round string, list []Wishes) error {
	const width, most = 4, 40
	for from := 0; from < len(list); from += most {
		part := list[from:min(from+most, len(list))]
		args := make([]any, 0, width*len(part))
		for _, w := range part {
			sealed, err := s.db.Vault().SealJSON(ctx, entryPlace(tenant, round, w.Doctor), entry{w, w.List.Version, w.Preference.Version})
			if err != nil {
				return fmt.Errorf("seal entry of %s: %w", w.Doctor, err)
			}
			args = append(args, tenant, round, w.Doctor, sealed)
		}
		if _, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO allocation_entry (tenant_id, round_id, doctor_id, sealed) VALUES `+
			database.Rows(1, width, len(part))+` ON CONFLICT DO NOTHING`, args...); err != nil {
			return fmt.Errorf("save entries of %s: %w", round, err)
		}
	}
	return nil
}

// entries opens what doctors wished for when the round's preferences closed.
func (s *Rounds) entries(ctx context.Context, tenant, round string) (map[string]Wishes, error) {
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT doctor_id, sealed FROM allocation_entry WHERE tenant_id = $1 AND round_id = $2`, tenant, round)
	if err != nil {
		return nil, fmt.Errorf("entries of %s: %w", round, err)
	}
	defer rows.Close()
	sealed := map[string][]byte{}
	for rows.Next() {
		var id string
		var b []byte
		if err := rows.Scan(&id, &b); err != nil {
			return nil, fmt.Errorf("entries of %s: %w", round, err)
		}
		sealed[id] = b
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	out := make(map[string]Wishes, len(sealed))
	for id, b := range sealed {
		var e entry
		if err := s.db.Vault().OpenJSON(ctx, entryPlace(tenant, round, id), b, &e); err != nil {
			return nil, fmt.Errorf("open entry of %s: %w", id, err)
		}
		e.Wishes.Doctor, e.List.Version, e.Preference.Version = id, e.ListVersion, e.PreferenceVersion
		out[id] = e.Wishes
	}
	return out, nil
}

// Ranking is how a host orders the doctors it interviewed for a post.
type Ranking struct {
	Round, Post, Host string
	Version           int
	Doctors           []string          // ids, best first
	Refused           map[string]string // id -> code of RankReasons
}

func joinRefused(m map[string]string) string {
	var out []string
	for _, id := range keys(m) {
		out = append(out, id+"="+m[id])
	}
	return strings.Join(out, " ")
}

func (s *Rounds) saveRanking(ctx context.Context, call access.Call, r Ranking) error {
	n, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO allocation_ranking (tenant_id, round_id, post_id, host_id, version, doctors, refused, updated_at)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8) ON CONFLICT (tenant_id, round_id, post_id) DO UPDATE SET version = excluded.version, doctors = excluded.doctors,
		refused = excluded.refused, updated_at = excluded.updated_at WHERE allocation_ranking.version = excluded.version - 1`,
		call.Actor.Tenant, r.Round, r.Post, r.Host, r.Version+1, strings.Join(r.Doctors, " "), joinRefused(r.Refused), call.Now)
	if err != nil {
		return fmt.Errorf("save ranking of %s: %w", r.Post, err)
	}
	if n == 0 {
		return problem.Stale()
	}
	return nil
}

// rankings gives every host's ranking of a round, by post.
func (s *Rounds) rankings(ctx context.Context, tenant, round string) (map[string]Ranking, error) {
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT post_id, host_id, version, doctors, refused FROM allocation_ranking WHERE tenant_id = $1 AND round_id = $2`, tenant, round)
	if err != nil {
		return nil, fmt.Errorf("rankings of %s: %w", round, err)
	}
	defer rows.Close()
	out := map[string]Ranking{}
	for rows.Next() {
		r := Ranking{Round: round, Refused: map[string]string{}}
		var doctors, refused string
		if err := rows.Scan(&r.Post, &r.Host, &r.Version, &doctors, &refused); err != nil {
			return nil, fmt.Errorf("rankings of %s: %w", round, err)
		}
		r.Doctors = strings.Fields(doctors)
		for _, pair := range strings.Fields(refused) {
			id, code, _ := strings.Cut(pair, "=")
			r.Refused[id] = code
		}
		out[r.Post] = r
	}
	return out, rows.Err()
}

// Placed is where a round put a doctor, as it stands now.
type Placed struct {
	Doctor, Post string
	State        PlacedState
	ByMove       string
	Since        clock.Date
}

// PlacedState is what became of a placement a round published.
type PlacedState string

// The states of a published placement.
const (
	PlacedStands  PlacedState = "placed"
	PlacedRefused PlacedState = "refused" // the doctor turned the offer down
	PlacedFell    PlacedState = "fell"    // taken out by a move, or withdrawn
)

// Words is the state as a person reads it.
func (s PlacedState) Words() string {
	switch s {
	case PlacedStands:
		return "Stands"
	case PlacedRefused:
		return "Turned down"
	case PlacedFell:
		return "Taken back"
	}
	return string(s)
}

func (s *Rounds) insertPlaced(ctx context.Context, tenant, round, move string, on clock.Date, list []RoundPlacement) error {
	const width, most = 7, 25
	for from := 0; from < len(list); from += most {
		part := list[from:min(from+most, len(list))]
		args := make([]any, 0, width*len(part))
		for _, p := range part {
			args = append(args, tenant, round, p.Doctor, p.Post, string(PlacedStands), move, on)
		}
		if _, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO allocation_placed (tenant_id, round_id, doctor_id, post_id, state, by_move, since) VALUES `+
			database.Rows(1, width, len(part))+` ON CONFLICT (tenant_id, round_id, doctor_id, post_id) DO UPDATE SET state = excluded.state,
			by_move = excluded.by_move, since = excluded.since`, args...); err != nil {
			if database.IsDuplicate(err) {
				return problem.Wrap(problem.Conflict, "A doctor or a post of this round has just been placed otherwise. Look again.", err)
			}
			return fmt.Errorf("save placements of %s: %w", round, err)
		}
	}
	return nil
}

// settlePlaced moves a placement that stands to another state; false when none stands.
func (s *Rounds) settlePlaced(ctx context.Context, tenant, round, doctor, post string, to PlacedState, on clock.Date) (bool, error) {
	n, err := s.db.Q(ctx).Exec(ctx, `UPDATE allocation_placed SET state = $1, since = $2 WHERE tenant_id = $3 AND round_id = $4 AND doctor_id = $5 AND post_id = $6 AND state = 'placed'`,
		string(to), on, tenant, round, doctor, post)
	if err != nil {
		return false, fmt.Errorf("settle placement of %s: %w", doctor, err)
	}
	return n == 1, nil
}

func (s *Rounds) placedRows(ctx context.Context, text string, args ...any) ([]Placed, []string, error) {
	rows, err := s.db.Q(ctx).Query(ctx, text, args...)
	if err != nil {
		return nil, nil, fmt.Errorf("read placements of a round: %w", err)
	}
	defer rows.Close()
	var out []Placed
	var rounds []string
	for rows.Next() {
		var p Placed
		var round string
		if err := rows.Scan(&round, &p.Doctor, &p.Post, &p.State, &p.ByMove, &p.Since); err != nil {
			return nil, nil, fmt.Errorf("read placements of a round: %w", err)
		}
		out, rounds = append(out, p), append(rounds, round)
	}
	return out, rounds, rows.Err()
}

// placed gives every placement of a round, also those that fell.
func (s *Rounds) placed(ctx context.Context, tenant, round string) ([]Placed, error) {
	list, _, err := s.placedRows(ctx, `SELECT round_id, doctor_id, post_id, state, by_move, since FROM allocation_placed WHERE tenant_id = $1 AND round_id = $2
		ORDER BY doctor_id, post_id`, tenant, round)
	return list, err
}

// given lists the posts that other rounds gave and that still stand.
func (s *Rounds) given(ctx context.Context, tenant, but string) ([]string, error) {
	list, _, err := s.placedRows(ctx, `SELECT round_id, doctor_id, post_id, state, by_move, since FROM allocation_placed WHERE tenant_id = $1 AND state = 'placed'
		AND round_id <> $2 ORDER BY post_id`, tenant, but)
	out := make([]string, len(list))
	for i, p := range list {
		out[i] = p.Post
	}
	return out, err
}

// roundOfPost gives the newest published round in which a post was, "" for none.
func (s *Rounds) roundOfPost(ctx context.Context, tenant, post string) (Round, bool, error) {
	list, err := s.queryRounds(ctx, `SELECT `+roundColumns+` FROM allocation_round WHERE tenant_id = $1 AND published IN
		(SELECT run_id FROM allocation_run_post WHERE tenant_id = $2 AND post_id = $3) ORDER BY published_at DESC LIMIT 1`, tenant, tenant, post)
	if err != nil || len(list) == 0 {
		return Round{}, false, err
	}
	return list[0], true, nil
}

// standing tells whether a list of placements has one that stands for a doctor
// or a post.
func standing(list []Placed, doctor, post string) bool {
	return slices.ContainsFunc(list, func(p Placed) bool {
		return p.State == PlacedStands && (doctor != "" && p.Doctor == doctor || post != "" && p.Post == post)
	})
}
