package eligibility

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"

	"msw/internal/database"
	"msw/internal/problem"
)

// sealedRows reads rows whose last column is sealed: scan takes one row, open
// what was in its seal.
func (s store) sealedRows(ctx context.Context, what string, scan func(rows *sql.Rows, sealed *[]byte) error, open func(i int, sealed []byte) error, query string, args ...any) error {
	rows, err := s.db.Q(ctx).Query(ctx, query, args...)
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	var all [][]byte
	for rows.Next() {
		var b []byte
		if err := scan(rows, &b); err != nil {
			rows.Close()
			return fmt.Errorf("%s: %w", what, err)
		}
		all = append(all, b)
	}
	rows.Close()
	if err := rows.Err(); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	for i, b := range all {
		if err := open(i, b); err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
	}
	return nil
}

func (s store) addJudgement(ctx context.Context, tenant string, j Judgement) error {
	_, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO eligibility_judgement (tenant_id, id, doctor_id, fact_id, to_state, state, second_on, third_on) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		tenant, j.ID, j.Doctor, j.Fact, j.To, j.State, j.Second, j.Third)
	return err
}

func (s store) saveJudgement(ctx context.Context, tenant string, j Judgement) error {
	_, err := s.db.Q(ctx).Exec(ctx, `UPDATE eligibility_judgement SET state = $1, second_on = $2, third_on = $3 WHERE tenant_id = $4 AND id = $5`, j.State, j.Second, j.Third, tenant, j.ID)
	return err
}

func voiceRow(id string, seat int) string { return id + "/" + strconv.Itoa(seat) }

func (s store) addVoice(ctx context.Context, tenant, doctor, judgement string, v Voice) error {
	sealed, err := s.db.Vault().SealJSON(ctx, s.cell(tenant, doctor, "eligibility_voice", voiceRow(judgement, int(v.Seat))), v.Why)
	if err != nil {
		return err
	}
	n, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO eligibility_voice (tenant_id, judgement_id, seat, doctor_id, by_account, holds, at, sealed) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING`,
		tenant, judgement, int(v.Seat), doctor, v.By, v.Holds, v.At, sealed)
	if err == nil && n == 0 {
		return problem.Stale()
	}
	return err
}

// judgements gives a doctor's judgements with their voices, oldest first.
func (s store) judgements(ctx context.Context, tenant, doctor string) ([]Judgement, error) {
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT id, doctor_id, fact_id, to_state, state, second_on, third_on FROM eligibility_judgement WHERE tenant_id = $1 AND doctor_id = $2 ORDER BY id`, tenant, doctor)
	if err != nil {
		return nil, fmt.Errorf("judgements: %w", err)
	}
	var out []Judgement
	at := map[string]int{}
	for rows.Next() {
		var j Judgement
		if err := rows.Scan(&j.ID, &j.Doctor, &j.Fact, &j.To, &j.State, &j.Second, &j.Third); err != nil {
			rows.Close()
			return nil, err
		}
		at[j.ID] = len(out)
		out = append(out, j)
	}
	rows.Close()
	if err := rows.Err(); err != nil || len(out) == 0 {
		return out, err
	}
	ids := make([]string, len(out))
	for i, j := range out {
		ids[i] = j.ID
	}
	var list []Voice
	var of []string
	err = s.sealedRows(ctx, "voices", func(rows *sql.Rows, b *[]byte) error {
		var v Voice
		var id string
		err := rows.Scan(&id, &v.Seat, &v.By, &v.Holds, &v.At, b)
		list, of = append(list, v), append(of, id)
		return err
	}, func(i int, b []byte) error {
		err := s.db.Vault().OpenJSON(ctx, s.cell(tenant, doctor, "eligibility_voice", voiceRow(of[i], int(list[i].Seat))), b, &list[i].Why)
		j := &out[at[of[i]]]
		j.Voices = append(j.Voices, list[i])
		return err
	}, `SELECT judgement_id, seat, by_account, holds, at, sealed FROM eligibility_voice WHERE tenant_id = $1 AND judgement_id IN `+database.In(2, len(ids))+` ORDER BY judgement_id, seat`,
		append([]any{tenant}, database.Args(ids)...)...)
	return out, err
}

// rounds gives the rounds of further information with their items, oldest
// first; of one application, or of all when number is 0.
func (s store) rounds(ctx context.Context, tenant, doctor string) ([]Round, error) {
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT doctor_id, number, round, asked_by, asked_on, due, answered_on, closed_on, reminded, request_id FROM eligibility_round WHERE tenant_id = $1 AND doctor_id = $2 ORDER BY number, round`, tenant, doctor)
	if err != nil {
		return nil, fmt.Errorf("rounds: %w", err)
	}
	var out []Round
	for rows.Next() {
		var r Round
		if err := rows.Scan(&r.Doctor, &r.Number, &r.Round, &r.By, &r.Asked, &r.Due, &r.Answered, &r.Closed, &r.Reminded, &r.Request); err != nil {
			rows.Close()
			return nil, err
		}
		out = append(out, r)
	}
	rows.Close()
	if err := rows.Err(); err != nil || len(out) == 0 {
		return out, err
	}
	items, err := s.items(ctx, tenant, `doctor_id = $2 ORDER BY number, round, id`, doctor)
	for _, it := range items {
		for i := range out {
			if out[i].Number == it.Number && out[i].Round == it.Round {
				out[i].Items = append(out[i].Items, it)
			}
		}
	}
	return out, err
}

func (s store) items(ctx context.Context, tenant, where string, arg string) ([]Item, error) {
	var out []Item
	err := s.sealedRows(ctx, "items", func(rows *sql.Rows, b *[]byte) error {
		var it Item
		err := rows.Scan(&it.ID, &it.Doctor, &it.Number, &it.Round, &it.Kind, &it.State, &it.Version, b)
		out = append(out, it)
		return err
	}, func(i int, b []byte) error {
		return s.db.Vault().OpenJSON(ctx, s.cell(tenant, out[i].Doctor, "eligibility_item", out[i].ID), b, &out[i].sealedItem)
	}, `SELECT id, doctor_id, number, round, kind, state, version, sealed FROM eligibility_item WHERE tenant_id = $1 AND `+where, tenant, arg)
	return out, err
}

func (s store) item(ctx context.Context, tenant, id string) (Item, error) {
	list, err := s.items(ctx, tenant, `id = $2`, id)
	if err != nil {
		return Item{}, err
	}
	if len(list) == 0 {
		return Item{}, problem.Missing()
	}
	return list[0], nil
}

func (s store) addRound(ctx context.Context, tenant string, r Round) error {
	n, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO eligibility_round (tenant_id, doctor_id, number, round, asked_by, asked_on, due, request_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING`,
		tenant, r.Doctor, r.Number, r.Round, r.By, r.Asked, r.Due, r.Request)
	if err != nil {
		return err
	}
	if n == 0 {
		return problem.Stale()
	}
	for _, it := range r.Items {
		sealed, err := s.db.Vault().SealJSON(ctx, s.cell(tenant, r.Doctor, "eligibility_item", it.ID), it.sealedItem)
		if err != nil {
			return err
		}
		if _, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO eligibility_item (tenant_id, id, doctor_id, number, round, kind, state, version, sealed) VALUES ($1, $2, $3, $4, $5, $6, $7, 1, $8)`,
			tenant, it.ID, r.Doctor, r.Number, r.Round, string(it.Kind), string(it.State), sealed); err != nil {
			return err
		}
	}
	return nil
}

func (s store) saveItem(ctx context.Context, tenant string, it Item) error {
	sealed, err := s.db.Vault().SealJSON(ctx, s.cell(tenant, it.Doctor, "eligibility_item", it.ID), it.sealedItem)
	if err != nil {
		return err
	}
	n, err := s.db.Q(ctx).Exec(ctx, `UPDATE eligibility_item SET state = $1, version = $2, sealed = $3 WHERE tenant_id = $4 AND id = $5 AND version = $6`, string(it.State), it.Version+1, sealed, tenant, it.ID, it.Version)
	if err == nil && n == 0 {
		return problem.Stale()
	}
	return err
}

func (s store) saveRound(ctx context.Context, tenant string, r Round) error {
	_, err := s.db.Q(ctx).Exec(ctx, `UPDATE eligibility_round SET answered_on = $1, closed_on = $2, request_id = $3 WHERE tenant_id = $4 AND doctor_id = $5 AND number = $6 AND round = $7`,
		r.Answered, r.Closed, r.Request, tenant, r.Doctor, r.Number, r.Round)
	return err
}

// unjoined lists doctors with rounds that were asked before each had a request.
func (s store) unjoined(ctx context.Context, tenant string, limit int) ([]string, error) {
	return s.doctors(ctx, `SELECT DISTINCT doctor_id FROM eligibility_round WHERE tenant_id = $1 AND request_id = '' ORDER BY doctor_id LIMIT $2`, tenant, limit)
}

const reviewColumns = `id, doctor_id, decision_id, asked_on, late, state, decided_by, decided_on, sealed`

// reviews gives a doctor's reviews, newest first.
func (s store) reviews(ctx context.Context, tenant, doctor string) ([]Review, error) {
	var out []Review
	err := s.sealedRows(ctx, "reviews", func(rows *sql.Rows, b *[]byte) error {
		var r Review
		err := rows.Scan(&r.ID, &r.Doctor, &r.Decision, &r.Asked, &r.Late, &r.State, &r.DecidedBy, &r.DecidedOn, b)
		out = append(out, r)
		return err
	}, func(i int, b []byte) error {
		return s.db.Vault().OpenJSON(ctx, s.cell(tenant, out[i].Doctor, "eligibility_review", out[i].ID), b, &out[i].sealedReview)
	}, `SELECT `+reviewColumns+` FROM eligibility_review WHERE tenant_id = $1 AND doctor_id = $2 ORDER BY id DESC`, tenant, doctor)
	return out, err
}

func (s store) addReview(ctx context.Context, tenant string, r Review) error {
	sealed, err := s.db.Vault().SealJSON(ctx, s.cell(tenant, r.Doctor, "eligibility_review", r.ID), r.sealedReview)
	if err != nil {
		return err
	}
	n, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO eligibility_review (tenant_id, `+reviewColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING`,
		tenant, r.ID, r.Doctor, r.Decision, r.Asked, r.Late, r.State, r.DecidedBy, r.DecidedOn, sealed)
	if err == nil && n == 0 {
		return problem.Stale()
	}
	return err
}

// endReview keeps what a review came to, once.
func (s store) endReview(ctx context.Context, tenant string, r Review) error {
	n, err := s.db.Q(ctx).Exec(ctx, `UPDATE eligibility_review SET state = $1, decided_by = $2, decided_on = $3 WHERE tenant_id = $4 AND id = $5 AND state = 'open'`, r.State, r.DecidedBy, r.DecidedOn, tenant, r.ID)
	if err == nil && n == 0 {
		return problem.Stale()
	}
	return err
}

// earlies gives a doctor's early checks, newest first.
func (s store) earlies(ctx context.Context, tenant, doctor string) ([]Early, error) {
	var out []Early
	err := s.sealedRows(ctx, "early checks", func(rows *sql.Rows, b *[]byte) error {
		var e Early
		err := rows.Scan(&e.ID, &e.Doctor, &e.Asked, &e.Answered, &e.By, b)
		out = append(out, e)
		return err
	}, func(i int, b []byte) error {
		return s.db.Vault().OpenJSON(ctx, s.cell(tenant, doctor, "eligibility_early", out[i].ID), b, &out[i].sealedEarly)
	}, `SELECT id, doctor_id, asked_on, answered_on, answered_by, sealed FROM eligibility_early WHERE tenant_id = $1 AND doctor_id = $2 ORDER BY id DESC LIMIT 20`, tenant, doctor)
	return out, err
}

func (s store) saveEarly(ctx context.Context, tenant string, e Early) error {
	sealed, err := s.db.Vault().SealJSON(ctx, s.cell(tenant, e.Doctor, "eligibility_early", e.ID), e.sealedEarly)
	if err != nil {
		return err
	}
	_, err = s.db.Q(ctx).Exec(ctx, `INSERT INTO eligibility_early (tenant_id, id, doctor_id, asked_on, answered_on, answered_by, sealed) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (tenant_id, id) DO UPDATE SET answered_on = excluded.answered_on, answered_by = excluded.answered_by, sealed = excluded.sealed`,
		tenant, e.ID, e.Doctor, e.Asked, e.Answered, e.By, sealed)
	return err
}
