package onboarding

import (
	"context"
	"errors"
	"fmt"

	"msw/internal/access"
	"msw/internal/database"
)

func checkPlace(tenant, doctor, offer, kind string, version int) database.Place {
	return database.Place{Tenant: tenant, Person: doctor, Table: "onboarding_check", Row: offer + ":" + kind, Column: "sealed", Version: version}
}

const checkColumns = `offer_id, kind, version, state, done_on, until_date, turn, turn_on, lane, lane_on, reused, agreed_on, by_account, sealed`

type sealedCheck struct {
	Check
	offer  string
	sealed []byte
}

func (s *Service) readChecks(ctx context.Context, text string, args ...any) ([]sealedCheck, error) {
	rows, err := s.db.Q(ctx).Query(ctx, text, args...)
	if err != nil {
		return nil, fmt.Errorf("read checks: %w", err)
	}
	defer rows.Close()
	var list []sealedCheck
	for rows.Next() {
		var c sealedCheck
		if err := rows.Scan(&c.offer, &c.Kind, &c.Version, &c.State, &c.DoneOn, &c.Until, &c.Turn, &c.TurnOn, &c.Lane, &c.LaneOn, &c.Reused, &c.AgreedOn, &c.By, &c.sealed); err != nil {
			return nil, fmt.Errorf("read checks: %w", err)
		}
		list = append(list, c)
	}
	return list, rows.Err()
}

// checks reads the checks said so far; with notes and evidence only when they
// may be seen. What was sealed for somebody whose key was destroyed is empty.
func (s *Service) checks(ctx context.Context, tenant string, o Offer, notes bool) ([]Check, error) {
	sealed, err := s.readChecks(ctx, `SELECT `+checkColumns+` FROM onboarding_check WHERE tenant_id = $1 AND offer_id = $2 ORDER BY kind`, tenant, o.ID)
	if err != nil {
		return nil, fmt.Errorf("checks of offer %s: %w", o.ID, err)
	}
	list := make([]Check, len(sealed))
	for i, c := range sealed {
		if notes {
			err := s.db.Vault().OpenJSON(ctx, checkPlace(tenant, o.Doctor, o.ID, c.Kind, c.Version), c.sealed, &c.secret)
			if err != nil && !errors.Is(err, database.ErrNoKey) {
				return nil, fmt.Errorf("open check %s of offer %s: %w", c.Kind, o.ID, err)
			}
		}
		list[i] = c.Check
	}
	if notes && s.o.MayAskAbroad != nil && len(list) > 0 {
		safe, err := s.o.MayAskAbroad(ctx, tenant, o.Doctor)
		if err != nil {
			return nil, err
		}
		for i := range list { // what the doctor says now, whatever they said of a check before
			list[i].ContactSafe = safe
		}
	}
	return list, nil
}

// checksOf reads the checks of several offers at once, without what is sealed.
func (s *Service) checksOf(ctx context.Context, tenant string, offers []Offer) (map[string][]Check, error) {
	out := map[string][]Check{}
	if len(offers) == 0 {
		return out, nil
	}
	args := []any{tenant}
	for _, o := range offers {
		args = append(args, o.ID)
	}
	list, err := s.readChecks(ctx, `SELECT `+checkColumns+` FROM onboarding_check WHERE tenant_id = $1 AND offer_id IN `+database.In(2, len(offers)), args...)
	for _, c := range list {
		out[c.offer] = append(out[c.offer], c.Check)
	}
	return out, err
}

// doneElsewhere lists the checks done for other offers of the same doctor; in
// Reused stands the offer.
func (s *Service) doneElsewhere(ctx context.Context, tenant string, o Offer) ([]Check, error) {
	list, err := s.readChecks(ctx, `SELECT `+checkColumns+` FROM onboarding_check WHERE tenant_id = $1 AND doctor_id = $2 AND offer_id <> $3
		AND state = 'done' ORDER BY done_on DESC LIMIT 60`, tenant, o.Doctor, o.ID)
	out := make([]Check, len(list))
	for i, c := range list {
		out[i] = c.Check
		out[i].Reused = c.offer
	}
	return out, err
}

// saveChecks writes checks, each at its Version; the offer's own version, which
// moves with them, keeps two people from ticking over one another.
func (s *Service) saveChecks(ctx context.Context, tenant string, o Offer, checks []Check) error {
	const width = 16
	args := make([]any, 0, width*len(checks))
	for _, c := range checks {
		sealed, err := s.db.Vault().SealJSON(ctx, checkPlace(tenant, o.Doctor, o.ID, c.Kind, c.Version), c.secret)
		if err != nil {
			return fmt.Errorf("seal check %s of offer %s: %w", c.Kind, o.ID, err)
		}
		args = append(args, tenant, o.ID, c.Kind, o.Doctor, c.Version, string(c.State), c.DoneOn, c.Until, string(c.Turn), c.TurnOn, c.Lane, c.LaneOn,
			c.Reused, c.AgreedOn, c.By, sealed)
	}
	_, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO onboarding_check (tenant_id, offer_id, kind, doctor_id, version, state, done_on, until_date, turn, turn_on,
		lane, lane_on, reused, agreed_on, by_account, sealed) VALUES `+database.Rows(1, width, len(checks))+` ON CONFLICT (tenant_id, offer_id, kind)
		DO UPDATE SET version = excluded.version, state = excluded.state, done_on = excluded.done_on, until_date = excluded.until_date, turn = excluded.turn,
		turn_on = excluded.turn_on, lane = excluded.lane, lane_on = excluded.lane_on, reused = excluded.reused, agreed_on = excluded.agreed_on,
		by_account = excluded.by_account, sealed = excluded.sealed`, args...)
	if err != nil {
		return fmt.Errorf("save checks of offer %s: %w", o.ID, err)
	}
	return nil
}

// maxDays is how many different numbers of days are told apart.
const maxDays = 366

// took adds an offer to, or takes it from, how long checks took at its host.
func (s *Service) took(ctx context.Context, tenant string, o Offer, n int) error {
	days := min(o.AnsweredOn.DaysUntil(o.CheckedOn), maxDays-1)
	_, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO onboarding_time (tenant_id, host_id, days, employer_id, region, offers) VALUES ($1,$2,$3,$4,$5,$6)
		ON CONFLICT (tenant_id, host_id, days, employer_id, region) DO UPDATE SET offers = onboarding_time.offers + excluded.offers`,
		tenant, o.Host, days, o.Employer, o.Region, n)
	if err != nil {
		return fmt.Errorf("days of offer %s: %w", o.ID, err)
	}
	return nil
}

// times reads how long checks took, by host, for hosts after one by id; most is
// the number of rows, of which a host has one for each number of days.
func (s *Service) times(ctx context.Context, scope access.Scope, after string, most int) (map[string]map[int]int, []string, error) {
	cond, args := narrowTo(3, scope, database.Columns{Tenant: "tenant_id", Organisation: "employer_id", Region: "region"})
	args = append(append([]any{scope.Tenant, after}, args...), most)
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT host_id, days, SUM(offers) FROM onboarding_time WHERE tenant_id = $1 AND host_id > $2 AND `+cond+
		fmt.Sprintf(` GROUP BY host_id, days ORDER BY host_id, days LIMIT $%d`, len(args)), args...)
	if err != nil {
		return nil, nil, fmt.Errorf("how long checks take: %w", err)
	}
	defer rows.Close()
	out := map[string]map[int]int{}
	var order []string
	for rows.Next() {
		var host string
		var days, n int
		if err := rows.Scan(&host, &days, &n); err != nil {
			return nil, nil, fmt.Errorf("how long checks take: %w", err)
		}
		if out[host] == nil {
			out[host] = map[int]int{}
			order = append(order, host)
		}
		out[host][days] += n
	}
	return out, order, rows.Err()
}

// board reads offers whose checks are under way, those accepted first first.
func (s *Service) board(ctx context.Context, scope access.Scope, after []string, most int) ([]Offer, error) {
	cond, args := narrow(2, scope)
	args = append([]any{scope.Tenant}, args...)
	if len(after) == 2 {
		cond += fmt.Sprintf(" AND (answered_on, id) > ($%d, $%d)", len(args)+1, len(args)+2)
		args = append(args, after[0], after[1])
	}
	args = append(args, most)
	return s.query(ctx, `SELECT `+columns+` FROM onboarding_offer WHERE tenant_id = $1 AND state IN ('accepted', 'checked') AND `+cond+
		fmt.Sprintf(` ORDER BY answered_on, id LIMIT $%d`, len(args)), args...)
}

// training reads a doctor's training by subject.
func (s *Service) training(ctx context.Context, tenant, doctor string) ([]Trained, error) {
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT subject, version, done_on, until_date, employer_id, by_account FROM onboarding_training
		WHERE tenant_id = $1 AND doctor_id = $2 ORDER BY subject`, tenant, doctor)
	if err != nil {
		return nil, fmt.Errorf("training of %s: %w", doctor, err)
	}
	defer rows.Close()
	var list []Trained
	for rows.Next() {
		var t Trained
		if err := rows.Scan(&t.Subject, &t.Version, &t.DoneOn, &t.Until, &t.Employer, &t.By); err != nil {
			return nil, fmt.Errorf("training of %s: %w", doctor, err)
		}
		sub, _ := s.o.Rules.Subject(t.Subject)
		t.Title = sub.Title
		list = append(list, t)
	}
	return list, rows.Err()
}

// saveTraining keeps the newest date of each subject.
func (s *Service) saveTraining(ctx context.Context, tenant, doctor string, list []Trained) error {
	const width = 8
	var args []any
	for _, t := range list {
		args = append(args, tenant, doctor, t.Subject, 1, t.DoneOn, t.Until, t.Employer, t.By)
	}
	_, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO onboarding_training (tenant_id, doctor_id, subject, version, done_on, until_date, employer_id, by_account) VALUES `+
		database.Rows(1, width, len(list))+` ON CONFLICT (tenant_id, doctor_id, subject) DO UPDATE SET version = onboarding_training.version + 1,
		done_on = excluded.done_on, until_date = excluded.until_date, employer_id = excluded.employer_id, by_account = excluded.by_account
		WHERE onboarding_training.done_on < excluded.done_on`, args...)
	if err != nil {
		return fmt.Errorf("save training of %s: %w", doctor, err)
	}
	return nil
}
