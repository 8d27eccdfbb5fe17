package onboarding

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"msw/internal/access"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/problem"
)

const columns = `id, version, state, doctor_id, post_id, employer_id, host_id, region, clinical_id, proposed_on, offered_on, reply_by,
	answered_on, checked_on, started_on, withdrawn_on, reason, rule, checks, terms, since, conditions, reminded, held_on, ask_reason, ask_by, ask_on`

type scanner interface{ Scan(dest ...any) error }

func scanOffer(row scanner) (o Offer, err error) {
	var checks, terms, conditions, reminded string
	err = row.Scan(&o.ID, &o.Version, &o.State, &o.Doctor, &o.Post, &o.Employer, &o.Host, &o.Region, &o.Clinical, &o.ProposedOn, &o.OfferedOn,
		&o.ReplyBy, &o.AnsweredOn, &o.CheckedOn, &o.StartedOn, &o.WithdrawnOn, &o.Reason, &o.Rule, &checks, &terms, &o.Since,
		&conditions, &reminded, &o.HeldOn, &o.Ask.Reason, &o.Ask.By, &o.Ask.On)
	if err != nil {
		return o, err
	}
	if checks != "" {
		o.Checks = strings.Split(checks, " ")
	}
	o.Reminded = strings.Fields(reminded)
	if o.Conditions, err = readConditions(conditions); err != nil {
		return o, err
	}
	if terms != "" {
		err = json.Unmarshal([]byte(terms), &o.Terms)
	}
	return o, err
}

func writeConditions(list []Condition) string {
	words := make([]string, len(list))
	for i, c := range list {
		words[i] = c.Code + ":" + string(c.State) + ":" + c.On.String()
	}
	return strings.Join(words, " ")
}

func readConditions(text string) (list []Condition, err error) {
	for _, word := range strings.Fields(text) {
		f := strings.SplitN(word, ":", 3)
		if len(f) != 3 {
			return nil, fmt.Errorf("condition %q", word)
		}
		on, err := clock.ParseDate(f[2])
		if err != nil {
			return nil, err
		}
		list = append(list, Condition{f[0], ConditionState(f[1]), on})
	}
	return list, nil
}

// insert adds a proposal; false when this doctor is already put forward for
// this post.
func (s *Service) insert(ctx context.Context, tenant string, o Offer) (bool, error) {
	n, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO onboarding_offer (tenant_id, id, version, state, doctor_id, post_id, employer_id, host_id,
		region, clinical_id, proposed_on, since) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12) ON CONFLICT DO NOTHING`,
		tenant, o.ID, o.Version, string(o.State), o.Doctor, o.Post, o.Employer, o.Host, o.Region, o.Clinical, o.ProposedOn, o.Since)
	if err != nil {
		return false, fmt.Errorf("insert offer %s: %w", o.ID, err)
	}
	return n == 1, nil
}

// update stores all that moves in an offer of a known version.
func (s *Service) update(ctx context.Context, tenant string, o Offer) error {
	terms := ""
	if o.Terms.Employer != "" {
		b, err := json.Marshal(o.Terms)
		if err != nil {
			return fmt.Errorf("terms of offer %s: %w", o.ID, err)
		}
		terms = string(b)
	}
	n, err := s.db.Q(ctx).Exec(ctx, `UPDATE onboarding_offer SET state = $1, offered_on = $2, reply_by = $3, answered_on = $4, checked_on = $5,
		started_on = $6, withdrawn_on = $7, reason = $8, rule = $9, checks = $10, terms = $11, since = $12,
		conditions = $13, reminded = $14, held_on = $15, ask_reason = $16, ask_by = $17, ask_on = $18, version = version + 1
		WHERE tenant_id = $19 AND id = $20 AND version = $21`,
		string(o.State), o.OfferedOn, o.ReplyBy, o.AnsweredOn, o.CheckedOn, o.StartedOn, o.WithdrawnOn, o.Reason, o.Rule,
		strings.Join(o.Checks, " "), terms, o.Since, writeConditions(o.Conditions), strings.Join(o.Reminded, " "), o.HeldOn,
		o.Ask.Reason, o.Ask.By, o.Ask.On, tenant, o.ID, o.Version)
	if database.IsDuplicate(err) {
		return problem.Wrap(problem.Conflict, "The doctor has just taken or is holding another offer, or someone else has this post.", err)
	}
	if err != nil {
		return fmt.Errorf("update offer %s: %w", o.ID, err)
	}
	if n == 0 {
		return problem.Stale()
	}
	return nil
}

func (s *Service) load(ctx context.Context, tenant, id string) (Offer, error) {
	o, err := scanOffer(s.db.Q(ctx).QueryRow(ctx, `SELECT `+columns+` FROM onboarding_offer WHERE tenant_id = $1 AND id = $2`, tenant, id))
	if database.IsNoRows(err) {
		return Offer{}, problem.Missing()
	}
	if err != nil {
		return Offer{}, fmt.Errorf("load offer %s: %w", id, err)
	}
	return o, nil
}

func (s *Service) query(ctx context.Context, text string, args ...any) ([]Offer, error) {
	rows, err := s.db.Q(ctx).Query(ctx, text, args...)
	if err != nil {
		return nil, fmt.Errorf("read offers: %w", err)
	}
	defer rows.Close()
	var list []Offer
	for rows.Next() {
		o, err := scanOffer(rows)
		if err != nil {
			return nil, fmt.Errorf("read offers: %w", err)
		}
		list = append(list, o)
	}
	return list, rows.Err()
}

// list reads one page of a scope, the longest waiting last.
func (s *Service) list(ctx context.Context, scope access.Scope, q Query) ([]Offer, error) {
	cond, args := narrow(2, scope)
	args = append([]any{scope.Tenant}, args...)
	add := func(text string, value any) {
		args = append(args, value)
		cond += fmt.Sprintf(" AND "+text, len(args))
	}
	if q.State != "" {
		add("state = $%d", string(q.State))
	}
	if q.Doctor != "" {
		add("doctor_id = $%d", q.Doctor)
	}
	if q.Post != "" {
		add("post_id = $%d", q.Post)
	}
	if len(q.After) == 2 {
		cond += fmt.Sprintf(" AND (since, id) < ($%d, $%d)", len(args)+1, len(args)+2)
		args = append(args, q.After[0], q.After[1])
	}
	args = append(args, q.Limit)
	return s.query(ctx, `SELECT `+columns+` FROM onboarding_offer WHERE tenant_id = $1 AND `+cond+fmt.Sprintf(` ORDER BY since DESC, id DESC LIMIT $%d`, len(args)), args...)
}

// narrow keeps a list inside a scope; an offer is its employer's and its host's.
func narrow(n int, scope access.Scope) (string, []any) {
	return narrowTo(n, scope, database.Columns{Tenant: "tenant_id", Doctor: "doctor_id", Organisation: "employer_id", Region: "region", Supervisor: "clinical_id"})
}

func narrowTo(n int, scope access.Scope, c database.Columns) (string, []any) {
	cond, args := database.Narrow(n, scope, c)
	if scope.All || len(scope.Organisations) == 0 {
		return cond, args
	}
	c.Organisation = "host_id"
	host, more := database.Narrow(n+len(args), scope, c)
	return "(" + cond + " OR " + host + ")", append(args, more...)
}

// queue makes acceptances of one doctor wait for one another: whoever comes
// second finds their offer withdrawn, instead of each blocking the other.
func (s *Service) queue(ctx context.Context, tenant, doctor string) error {
	_, err := s.db.Q(ctx).Exec(ctx, `UPDATE onboarding_offer SET version = version WHERE tenant_id = $1 AND doctor_id = $2
		AND state IN ('proposed', 'offered', 'held')`, tenant, doctor)
	if err != nil {
		return fmt.Errorf("queue for offers of %s: %w", doctor, err)
	}
	return nil
}

// heldBy gives the offer a doctor is holding, "" for none.
func (s *Service) heldBy(ctx context.Context, tenant, doctor string) (string, error) {
	var id string
	err := s.db.Q(ctx).QueryRow(ctx, `SELECT id FROM onboarding_offer WHERE tenant_id = $1 AND doctor_id = $2 AND state = 'held'`, tenant, doctor).Scan(&id)
	if database.IsNoRows(err) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("offer held by %s: %w", doctor, err)
	}
	return id, nil
}

// rivals are the other proposals and offers that an acceptance ends: of the
// same doctor, and for the same post.
func (s *Service) rivals(ctx context.Context, tenant string, o Offer) ([]Offer, error) {
	return s.query(ctx, `SELECT `+columns+` FROM onboarding_offer WHERE tenant_id = $1 AND doctor_id = $2 AND id <> $3 AND state IN ('proposed', 'offered', 'held')
		UNION ALL SELECT `+columns+` FROM onboarding_offer WHERE tenant_id = $4 AND post_id = $5 AND id <> $6 AND doctor_id <> $7
		AND state IN ('proposed', 'offered', 'held')`, tenant, o.Doctor, o.ID, tenant, o.Post, o.ID, o.Doctor)
}

// Employing gives the employers whose offer a doctor accepted and whose checks
// are under way or done: from then the employer of record checks papers.
func (s *Service) Employing(ctx context.Context, tenant, doctor string) ([]string, error) {
	list, err := s.query(ctx, `SELECT `+columns+` FROM onboarding_offer WHERE tenant_id = $1 AND doctor_id = $2 AND state IN ('accepted', 'checked') ORDER BY since DESC, id DESC LIMIT 5`, tenant, doctor)
	var out []string
	for _, o := range list {
		out = append(out, o.Employer)
	}
	return out, err
}

// Taken gives the posts for which a proposal or offer is live, in order. It asks
// no permission.
func (s *Service) Taken(ctx context.Context, tenant string) ([]string, error) {
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT DISTINCT post_id FROM onboarding_offer WHERE tenant_id = $1
		AND state IN ('proposed', 'offered', 'held', 'accepted', 'checked') ORDER BY post_id`, tenant)
	if err != nil {
		return nil, fmt.Errorf("posts with a live offer: %w", err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, fmt.Errorf("posts with a live offer: %w", err)
		}
		out = append(out, id)
	}
	return out, rows.Err()
}
