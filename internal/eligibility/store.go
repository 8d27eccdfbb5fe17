package eligibility

import (
	"context"
	"encoding/json"

	"msw/internal/database"
	"msw/internal/eligibility/assessment"
	"msw/internal/rulebook"
)

type store struct{ db *database.DB }

// sealedDecision is what of a decision only its readers may see.
type sealedDecision struct {
	Facts   json.RawMessage    `json:"facts"`
	Uses    []rulebook.Used    `json:"uses,omitempty"`
	Reasons []string           `json:"reasons,omitempty"`
	Note    string             `json:"note,omitempty"`
	Codes   []string           `json:"codes,omitempty"`
	Letter  *assessment.Letter `json:"letter,omitempty"`
}

func place(tenant, doctor, id string) database.Place {
	return database.Place{Tenant: tenant, Person: doctor, Table: "eligibility_decision", Row: id, Column: "sealed"}
}

func (s store) insert(ctx context.Context, tenant string, d Decision, schema *rulebook.Schema) error {
	seal, err := s.db.Vault().Sealer(ctx, place(tenant, d.Doctor, d.ID))
	if err != nil {
		return err
	}
	return s.db.Put(ctx, decisionRows, func(args []any) ([]any, error) {
		facts, err := schema.WriteFacts(d.Facts)
		if err != nil {
			return nil, err
		}
		plain, err := json.Marshal(sealedDecision{Facts: facts, Uses: d.Uses, Reasons: d.Reasons, Note: d.Note, Codes: d.Codes, Letter: d.Letter})
		return append(args, tenant, d.ID, d.Doctor, d.On, string(d.Moment), string(d.Outcome), d.RuleSet, d.RuleVersion, d.AnswerHash, d.By, seal(plain), d.Reverses, d.Review), err
	})
}

var decisionRows = database.Into{Table: "eligibility_decision", Columns: "tenant_id, " + decisionColumns}

const decisionColumns = `id, doctor_id, made_on, moment, outcome, rule_set, rule_version, answer_hash, made_by, sealed, reverses, review_id`

// decisions gives a doctor's decisions and checks, newest first.
func (s store) decisions(ctx context.Context, tenant, doctor string, schema *rulebook.Schema) ([]Decision, error) {
	return s.opened(ctx, tenant, schema, `SELECT `+decisionColumns+`
		FROM eligibility_decision WHERE tenant_id = $1 AND doctor_id = $2 ORDER BY made_on DESC, id DESC LIMIT 50`, tenant, doctor)
}

// page gives the decisions after one by id, of a doctor or of all.
func (s store) page(ctx context.Context, tenant, doctor, after string, schema *rulebook.Schema) ([]Decision, error) {
	if doctor != "" {
		return s.opened(ctx, tenant, schema, `SELECT `+decisionColumns+`
			FROM eligibility_decision WHERE tenant_id = $1 AND doctor_id = $2 AND id > $3 ORDER BY id LIMIT $4`, tenant, doctor, after, replayPage)
	}
	return s.opened(ctx, tenant, schema, `SELECT `+decisionColumns+`
		FROM eligibility_decision WHERE tenant_id = $1 AND id > $2 ORDER BY id LIMIT $3`, tenant, after, replayPage)
}

// decisionsBetween gives the decisions of every doctor between two ids, both
// included, oldest first.
func (s store) decisionsBetween(ctx context.Context, tenant, first, last string, schema *rulebook.Schema) ([]Decision, error) {
	return s.opened(ctx, tenant, schema, `SELECT `+decisionColumns+`
		FROM eligibility_decision WHERE tenant_id = $1 AND doctor_id >= $2 AND doctor_id <= $3 ORDER BY doctor_id, made_on, id`, tenant, first, last)
}

// opened reads decisions and opens what is sealed of them.
func (s store) opened(ctx context.Context, tenant string, schema *rulebook.Schema, query string, args ...any) ([]Decision, error) {
	db := s.db
	rows, err := db.Q(ctx).Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Decision
	var sealed [][]byte
	for rows.Next() {
		var d Decision
		var b []byte
		if err := rows.Scan(&d.ID, &d.Doctor, &d.On, &d.Moment, &d.Outcome, &d.RuleSet, &d.RuleVersion, &d.AnswerHash, &d.By, &b, &d.Reverses, &d.Review); err != nil {
			return nil, err
		}
		out, sealed = append(out, d), append(sealed, b)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	rows.Close()
	for i := range out {
		var open sealedDecision
		if err := db.Vault().OpenJSON(ctx, place(tenant, out[i].Doctor, out[i].ID), sealed[i], &open); err != nil {
			return nil, err
		}
		out[i].Reasons, out[i].Note, out[i].Uses = open.Reasons, open.Note, open.Uses
		out[i].Codes, out[i].Letter = open.Codes, open.Letter
		if out[i].Facts, err = schema.ReadFacts(open.Facts); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// last is the answer's hash of the decision that stands.
func (s store) last(ctx context.Context, tenant, doctor string) (hash string, found bool, err error) {
	err = s.db.Q(ctx).QueryRow(ctx, `SELECT answer_hash FROM eligibility_decision
		WHERE tenant_id = $1 AND doctor_id = $2 AND moment = 'decision' ORDER BY made_on DESC, id DESC LIMIT 1`, tenant, doctor).Scan(&hash)
	if database.IsNoRows(err) {
		return "", false, nil
	}
	return hash, err == nil, err
}
