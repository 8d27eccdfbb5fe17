package portfolio

import (
	"context"
	"fmt"
	"strings"

	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/problem"
)

const roundColumns = `id, version, doctor_id, state, opened_on, closes_on, minimum, read_by, shown_on, reminded_on, device, own_tries, tags, sealed`

// heardSealed is what is sealed of a round.
type heardSealed struct {
	Self   *Answer `json:"self,omitempty"`
	Result *Result `json:"result,omitempty"`
}

func roundPlace(tenant, doctor, id string, version int) database.Place {
	return database.Place{Tenant: tenant, Person: doctor, Table: "portfolio_round", Row: id, Column: "sealed", Version: version}
}

// saveRound writes a round, a new one when was is 0, and moves its version on.
func (s *Service) saveRound(ctx context.Context, tenant string, f *Feedback, was int) error {
	f.Version = was + 1
	sealed, err := s.db.Vault().SealJSON(ctx, roundPlace(tenant, f.Doctor, f.ID, f.Version), heardSealed{f.Self, f.Result})
	if err != nil {
		return fmt.Errorf("round %s: %w", f.ID, err)
	}
	var n int64
	if was == 0 {
		n, err = s.db.Q(ctx).Exec(ctx, `INSERT INTO portfolio_round (tenant_id, `+roundColumns+`) VALUES `+database.Rows(1, 15, 1),
			tenant, f.ID, f.Version, f.Doctor, string(f.State), f.OpenedOn, f.ClosesOn, f.Minimum, f.ReadBy, f.ShownOn, f.RemindedOn, f.Device, f.OwnTries, joined(f.Tags), sealed)
	} else {
		n, err = s.db.Q(ctx).Exec(ctx, `UPDATE portfolio_round SET version = $1, state = $2, closes_on = $3, read_by = $4, shown_on = $5, reminded_on = $6, sealed = $7
			WHERE tenant_id = $8 AND id = $9 AND version = $10`,
			f.Version, string(f.State), f.ClosesOn, f.ReadBy, f.ShownOn, f.RemindedOn, sealed, tenant, f.ID, was)
	}
	if err != nil {
		return fmt.Errorf("round %s: %w", f.ID, err)
	}
	if n == 0 {
		return problem.Stale()
	}
	return nil
}

// lockRound keeps a round from being closed, or answered, by somebody else at the
// same time; false when it is in another state.
func (s *Service) lockRound(ctx context.Context, tenant, id string, state RoundState) (bool, error) {
	n, err := s.db.Q(ctx).Exec(ctx, `UPDATE portfolio_round SET own_tries = own_tries WHERE tenant_id = $1 AND id = $2 AND state = $3`, tenant, id, string(state))
	if err != nil {
		return false, fmt.Errorf("round %s: %w", id, err)
	}
	return n == 1, nil
}

// countTry counts an answer that was refused because it came from the doctor.
func (s *Service) countTry(ctx context.Context, tenant, round string) error {
	if _, err := s.db.Q(ctx).Exec(ctx, `UPDATE portfolio_round SET own_tries = own_tries + 1 WHERE tenant_id = $1 AND id = $2`, tenant, round); err != nil {
		return fmt.Errorf("round %s: %w", round, err)
	}
	return nil
}

func (s *Service) rounds(ctx context.Context, tenant, cond string, args ...any) ([]Feedback, error) {
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT `+roundColumns+` FROM portfolio_round WHERE tenant_id = $1 AND `+cond, append([]any{tenant}, args...)...)
	if err != nil {
		return nil, fmt.Errorf("rounds of feedback: %w", err)
	}
	defer rows.Close()
	var list []Feedback
	var sealed [][]byte
	for rows.Next() {
		var f Feedback
		var b []byte
		var state, tags string
		if err := rows.Scan(&f.ID, &f.Version, &f.Doctor, &state, &f.OpenedOn, &f.ClosesOn, &f.Minimum, &f.ReadBy, &f.ShownOn, &f.RemindedOn, &f.Device, &f.OwnTries, &tags, &b); err != nil {
			return nil, fmt.Errorf("rounds of feedback: %w", err)
		}
		f.State = RoundState(state)
		for _, t := range strings.Fields(tags) {
			f.Tags = append(f.Tags, Tag(t))
		}
		list, sealed = append(list, f), append(sealed, b)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("rounds of feedback: %w", err)
	}
	for i := range list {
		var v heardSealed
		if err := s.db.Vault().OpenJSON(ctx, roundPlace(tenant, list[i].Doctor, list[i].ID, list[i].Version), sealed[i], &v); err != nil {
			return nil, err
		}
		list[i].Self, list[i].Result = v.Self, v.Result
	}
	return list, nil
}

func (s *Service) round(ctx context.Context, tenant, id string) (Feedback, error) {
	list, err := s.rounds(ctx, tenant, `id = $2`, id)
	if err != nil {
		return Feedback{}, err
	}
	if len(list) == 0 {
		return Feedback{}, problem.Missing()
	}
	return list[0], nil
}

func (s *Service) roundsOf(ctx context.Context, tenant, doctor string) ([]Feedback, error) {
	return s.rounds(ctx, tenant, `doctor_id = $2 ORDER BY opened_on DESC, id DESC`, doctor)
}

// dueRounds are those that a day has come for.
func (s *Service) dueRounds(ctx context.Context, tenant string, today clock.Date) ([]Feedback, error) {
	return s.rounds(ctx, tenant, `(state = 'open' AND closes_on < $2 OR state = 'reading' AND read_by < $3) ORDER BY id LIMIT 200`, today, today)
}

// rater is somebody who was asked, never kept beside what they said.
type rater struct {
	ID, Round, Doctor string
	Link, Token       string // hashes
	Used              bool
	Sealed            raterSealed
}

type raterSealed struct {
	To     string `json:"to"`
	Secret string `json:"secret,omitempty"` // until it is sent
}

const raterColumns = `id, round_id, doctor_id, link_hash, to_token, used, sealed`

func raterPlace(tenant string, r rater) database.Place {
	return database.Place{Tenant: tenant, Person: r.Doctor, Table: "portfolio_rater", Row: r.ID, Column: "sealed"}
}

func (s *Service) insertRaters(ctx context.Context, tenant string, list []rater) error {
	if len(list) == 0 {
		return nil
	}
	var args []any
	for _, r := range list {
		sealed, err := s.db.Vault().SealJSON(ctx, raterPlace(tenant, r), r.Sealed)
		if err != nil {
			return fmt.Errorf("raters: %w", err)
		}
		args = append(args, tenant, r.ID, r.Round, r.Doctor, r.Link, r.Token, r.Used, sealed)
	}
	if _, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO portfolio_rater (tenant_id, `+raterColumns+`) VALUES `+database.Rows(1, 8, len(list)), args...); err != nil {
		return fmt.Errorf("raters: %w", err)
	}
	return nil
}

func (s *Service) raters(ctx context.Context, tenant, cond string, args ...any) ([]rater, error) {
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT `+raterColumns+` FROM portfolio_rater WHERE tenant_id = $1 AND `+cond+` ORDER BY id`, append([]any{tenant}, args...)...)
	if err != nil {
		return nil, fmt.Errorf("raters: %w", err)
	}
	defer rows.Close()
	var list []rater
	var sealed [][]byte
	for rows.Next() {
		var r rater
		var b []byte
		if err := rows.Scan(&r.ID, &r.Round, &r.Doctor, &r.Link, &r.Token, &r.Used, &b); err != nil {
			return nil, fmt.Errorf("raters: %w", err)
		}
		list, sealed = append(list, r), append(sealed, b)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("raters: %w", err)
	}
	for i := range list {
		if len(sealed[i]) == 0 {
			continue // forgotten when the round was shown
		}
		if err := s.db.Vault().OpenJSON(ctx, raterPlace(tenant, list[i]), sealed[i], &list[i].Sealed); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// relinkRater gives somebody who was asked another link.
func (s *Service) relinkRater(ctx context.Context, tenant string, r rater) error {
	sealed, err := s.db.Vault().SealJSON(ctx, raterPlace(tenant, r), r.Sealed)
	if err != nil {
		return fmt.Errorf("rater: %w", err)
	}
	if _, err = s.db.Q(ctx).Exec(ctx, `UPDATE portfolio_rater SET link_hash = $1, sealed = $2 WHERE tenant_id = $3 AND id = $4 AND used = $5`, r.Link, sealed, tenant, r.ID, false); err != nil {
		return fmt.Errorf("rater: %w", err)
	}
	return nil
}

// useRater marks a link used; false when it was used before.
func (s *Service) useRater(ctx context.Context, tenant, id string) (bool, error) {
	n, err := s.db.Q(ctx).Exec(ctx, `UPDATE portfolio_rater SET used = $1 WHERE tenant_id = $2 AND id = $3 AND used = $4`, true, tenant, id, false)
	if err != nil {
		return false, fmt.Errorf("rater: %w", err)
	}
	return n == 1, nil
}

// forgetRaters takes the addresses away; links stay known as used or over.
func (s *Service) forgetRaters(ctx context.Context, tenant, round string) error {
	if _, err := s.db.Q(ctx).Exec(ctx, `UPDATE portfolio_rater SET to_token = '', sealed = NULL WHERE tenant_id = $1 AND round_id = $2`, tenant, round); err != nil {
		return fmt.Errorf("raters: %w", err)
	}
	return nil
}

func answerPlace(tenant, doctor, id string) database.Place {
	return database.Place{Tenant: tenant, Person: doctor, Table: "portfolio_answer", Row: id, Column: "sealed"}
}

// insertAnswer keeps what somebody said, under an id that tells nothing.
func (s *Service) insertAnswer(ctx context.Context, tenant string, f Feedback, a Answer) error {
	id := database.NewRef()
	sealed, err := s.db.Vault().SealJSON(ctx, answerPlace(tenant, f.Doctor, id), a)
	if err != nil {
		return fmt.Errorf("answer: %w", err)
	}
	if _, err = s.db.Q(ctx).Exec(ctx, `INSERT INTO portfolio_answer (tenant_id, id, round_id, doctor_id, sealed) VALUES ($1, $2, $3, $4, $5)`, tenant, id, f.ID, f.Doctor, sealed); err != nil {
		return fmt.Errorf("answer: %w", err)
	}
	return nil
}

func (s *Service) answers(ctx context.Context, tenant string, f Feedback) ([]Answer, error) {
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT id, sealed FROM portfolio_answer WHERE tenant_id = $1 AND round_id = $2 ORDER BY id`, tenant, f.ID)
	if err != nil {
		return nil, fmt.Errorf("answers: %w", err)
	}
	defer rows.Close()
	var ids []string
	var sealed [][]byte
	for rows.Next() {
		var id string
		var b []byte
		if err := rows.Scan(&id, &b); err != nil {
			return nil, fmt.Errorf("answers: %w", err)
		}
		ids, sealed = append(ids, id), append(sealed, b)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("answers: %w", err)
	}
	list := make([]Answer, len(ids))
	for i := range ids {
		if err := s.db.Vault().OpenJSON(ctx, answerPlace(tenant, f.Doctor, ids[i]), sealed[i], &list[i]); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func (s *Service) countAnswers(ctx context.Context, tenant, round string) (n int, err error) {
	if err = s.db.Q(ctx).QueryRow(ctx, `SELECT COUNT(*) FROM portfolio_answer WHERE tenant_id = $1 AND round_id = $2`, tenant, round).Scan(&n); err != nil {
		return 0, fmt.Errorf("answers: %w", err)
	}
	return n, nil
}

func (s *Service) deleteAnswers(ctx context.Context, tenant, round string) error {
	if _, err := s.db.Q(ctx).Exec(ctx, `DELETE FROM portfolio_answer WHERE tenant_id = $1 AND round_id = $2`, tenant, round); err != nil {
		return fmt.Errorf("answers: %w", err)
	}
	return nil
}
