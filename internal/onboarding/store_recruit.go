package onboarding

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"msw/internal/access"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/problem"
)

const vacancyColumns = `id, version, post_id, employer_id, host_id, region, state, criteria, opened_on, closes_on, since`

func writeWanted(list []Wanted) string {
	words := make([]string, len(list))
	for i, w := range list {
		words[i] = w.Code
		if w.Essential {
			words[i] += "!"
		}
	}
	return strings.Join(words, " ")
}

func readWanted(text string) (list []Wanted) {
	for _, word := range strings.Fields(text) {
		code, essential := strings.CutSuffix(word, "!")
		list = append(list, Wanted{code, essential})
	}
	return list
}

func (s *Service) readVacancies(ctx context.Context, text string, args ...any) ([]Vacancy, error) {
	rows, err := s.db.Q(ctx).Query(ctx, text, args...)
	if err != nil {
		return nil, fmt.Errorf("read vacancies: %w", err)
	}
	defer rows.Close()
	var list []Vacancy
	for rows.Next() {
		var v Vacancy
		var criteria string
		if err := rows.Scan(&v.ID, &v.Version, &v.Post, &v.Employer, &v.Host, &v.Region, &v.State, &criteria, &v.OpenedOn, &v.ClosesOn, &v.Since); err != nil {
			return nil, fmt.Errorf("read vacancies: %w", err)
		}
		v.Criteria = readWanted(criteria)
		list = append(list, v)
	}
	return list, rows.Err()
}

func (s *Service) vacancies(ctx context.Context, scope access.Scope, most int) ([]Vacancy, error) {
	cond, args := database.Narrow(2, scope, database.Columns{Tenant: "tenant_id", Organisation: "employer_id"})
	args = append(append([]any{scope.Tenant}, args...), most)
	return s.readVacancies(ctx, `SELECT `+vacancyColumns+` FROM onboarding_vacancy WHERE tenant_id = $1 AND `+cond+
		fmt.Sprintf(` ORDER BY since DESC, id DESC LIMIT $%d`, len(args)), args...)
}

func (s *Service) openVacancies(ctx context.Context, tenant string, today clock.Date, most int) ([]Vacancy, error) {
	return s.readVacancies(ctx, `SELECT `+vacancyColumns+` FROM onboarding_vacancy WHERE tenant_id = $1 AND state = 'open' AND closes_on >= $2
		ORDER BY closes_on, id LIMIT $3`, tenant, today, most)
}

func (s *Service) vacanciesByID(ctx context.Context, tenant string, ids []string) ([]Vacancy, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	args := []any{tenant}
	for _, id := range ids {
		args = append(args, id)
	}
	return s.readVacancies(ctx, `SELECT `+vacancyColumns+` FROM onboarding_vacancy WHERE tenant_id = $1 AND id IN `+database.In(2, len(ids)), args...)
}

func (s *Service) vacancy(ctx context.Context, tenant, id string) (Vacancy, error) {
	list, err := s.vacanciesByID(ctx, tenant, []string{id})
	if err == nil && len(list) == 0 {
		err = problem.Missing()
	}
	if err != nil {
		return Vacancy{}, err
	}
	return list[0], nil
}

func (s *Service) insertVacancy(ctx context.Context, tenant string, v Vacancy) (bool, error) {
	n, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO onboarding_vacancy (tenant_id, id, version, post_id, employer_id, host_id, region, state, criteria,
		opened_on, closes_on, since) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12) ON CONFLICT DO NOTHING`,
		tenant, v.ID, v.Version, v.Post, v.Employer, v.Host, v.Region, string(v.State), writeWanted(v.Criteria), v.OpenedOn, v.ClosesOn, v.Since)
	if err != nil {
		return false, fmt.Errorf("insert vacancy %s: %w", v.ID, err)
	}
	return n == 1, nil
}

func (s *Service) updateVacancy(ctx context.Context, tenant string, v Vacancy) error {
	n, err := s.db.Q(ctx).Exec(ctx, `UPDATE onboarding_vacancy SET state = $1, since = $2, version = version + 1 WHERE tenant_id = $3 AND id = $4 AND version = $5`,
		string(v.State), v.Since, tenant, v.ID, v.Version)
	if err != nil {
		return fmt.Errorf("update vacancy %s: %w", v.ID, err)
	}
	if n == 0 {
		return problem.Stale()
	}
	return nil
}

const applicationColumns = `id, version, vacancy_id, doctor_id, state, score, reasons, offer_id, applied_on, since, sealed`

func answersPlace(tenant string, a Application) database.Place {
	return database.Place{Tenant: tenant, Person: a.Doctor, Table: "onboarding_application", Row: a.ID, Column: "sealed", Version: 1}
}

// readApplications reads applications; answers are opened only when asked for,
// and empty when the doctor's key was destroyed.
func (s *Service) readApplications(ctx context.Context, tenant string, answers bool, text string, args ...any) ([]Application, error) {
	rows, err := s.db.Q(ctx).Query(ctx, text, args...)
	if err != nil {
		return nil, fmt.Errorf("read applications: %w", err)
	}
	defer rows.Close()
	var list []Application
	var sealed [][]byte
	for rows.Next() {
		var a Application
		var b []byte
		var reasons string
		if err := rows.Scan(&a.ID, &a.Version, &a.Vacancy, &a.Doctor, &a.State, &a.Score, &reasons, &a.Offer, &a.AppliedOn, &a.Since, &b); err != nil {
			return nil, fmt.Errorf("read applications: %w", err)
		}
		a.Reasons = strings.Fields(reasons)
		list, sealed = append(list, a), append(sealed, b)
	}
	if err := rows.Err(); err != nil || !answers {
		return list, err
	}
	for i := range list {
		err := s.db.Vault().OpenJSON(ctx, answersPlace(tenant, list[i]), sealed[i], &list[i].Answers)
		if err != nil && !errors.Is(err, database.ErrNoKey) {
			return nil, fmt.Errorf("open application %s: %w", list[i].ID, err)
		}
	}
	return list, nil
}

// mostApplications is how many applications one vacancy's page and decision take in.
const mostApplications = 500

func (s *Service) applicationsTo(ctx context.Context, tenant, vacancy string) ([]Application, error) {
	return s.readApplications(ctx, tenant, false, `SELECT `+applicationColumns+` FROM onboarding_application WHERE tenant_id = $1 AND vacancy_id = $2
		ORDER BY id LIMIT $3`, tenant, vacancy, mostApplications)
}

func (s *Service) applicationsOf(ctx context.Context, tenant, doctor string) ([]Application, error) {
	return s.readApplications(ctx, tenant, false, `SELECT `+applicationColumns+` FROM onboarding_application WHERE tenant_id = $1 AND doctor_id = $2
		ORDER BY applied_on DESC, id LIMIT 50`, tenant, doctor)
}

func (s *Service) application(ctx context.Context, tenant, id string, answers bool) (Application, error) {
	list, err := s.readApplications(ctx, tenant, answers, `SELECT `+applicationColumns+` FROM onboarding_application WHERE tenant_id = $1 AND id = $2`, tenant, id)
	if err == nil && len(list) == 0 {
		err = problem.Missing()
	}
	if err != nil {
		return Application{}, err
	}
	return list[0], nil
}

func (s *Service) insertApplication(ctx context.Context, tenant string, a Application) (bool, error) {
	sealed, err := s.db.Vault().SealJSON(ctx, answersPlace(tenant, a), a.Answers)
	if err != nil {
		return false, fmt.Errorf("seal application %s: %w", a.ID, err)
	}
	n, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO onboarding_application (tenant_id, id, version, vacancy_id, doctor_id, state, applied_on, since, sealed)
		VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9) ON CONFLICT DO NOTHING`, tenant, a.ID, a.Version, a.Vacancy, a.Doctor, string(a.State), a.AppliedOn, a.Since, sealed)
	if err != nil {
		return false, fmt.Errorf("insert application %s: %w", a.ID, err)
	}
	return n == 1, nil
}

func (s *Service) updateApplication(ctx context.Context, tenant string, a Application) error {
	n, err := s.db.Q(ctx).Exec(ctx, `UPDATE onboarding_application SET state = $1, score = $2, reasons = $3, offer_id = $4, since = $5, version = version + 1
		WHERE tenant_id = $6 AND id = $7 AND version = $8`,
		string(a.State), a.Score, strings.Join(a.Reasons, " "), a.Offer, a.Since, tenant, a.ID, a.Version)
	if err != nil {
		return fmt.Errorf("update application %s: %w", a.ID, err)
	}
	if n == 0 {
		return problem.Stale()
	}
	return nil
}

// marksOf reads the marks of several applications, at most 190 at a time.
func (s *Service) marksOf(ctx context.Context, tenant string, list []Application) (map[string][]Marks, error) {
	const portion = 190
	out := map[string][]Marks{}
	for from := 0; from < len(list); from += portion {
		part := list[from:min(from+portion, len(list))]
		args := []any{tenant}
		for _, a := range part {
			args = append(args, a.ID)
		}
		if err := s.readMarks(ctx, out, `SELECT application_id, by_account, marks, given_on FROM onboarding_score WHERE tenant_id = $1 AND application_id IN `+
			database.In(2, len(part))+` ORDER BY application_id, by_account`, args...); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (s *Service) readMarks(ctx context.Context, out map[string][]Marks, text string, args ...any) error {
	rows, err := s.db.Q(ctx).Query(ctx, text, args...)
	if err != nil {
		return fmt.Errorf("read marks: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		m := Marks{Marks: map[string]int{}}
		var marks string
		if err := rows.Scan(&m.Application, &m.By, &marks, &m.On); err != nil {
			return fmt.Errorf("read marks: %w", err)
		}
		for _, word := range strings.Fields(marks) {
			code, value, _ := strings.Cut(word, ":")
			if m.Marks[code], err = strconv.Atoi(value); err != nil {
				return fmt.Errorf("mark %q of %s: %w", word, m.Application, err)
			}
		}
		out[m.Application] = append(out[m.Application], m)
	}
	return rows.Err()
}

func (s *Service) saveMarks(ctx context.Context, tenant, doctor string, m Marks) error {
	var words []string
	for _, c := range s.o.Rules.Criteria {
		if v, ok := m.Marks[c.ID]; ok {
			words = append(words, c.ID+":"+strconv.Itoa(v))
		}
	}
	_, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO onboarding_score (tenant_id, application_id, by_account, doctor_id, marks, given_on) VALUES ($1,$2,$3,$4,$5,$6)
		ON CONFLICT (tenant_id, application_id, by_account) DO UPDATE SET marks = excluded.marks, given_on = excluded.given_on`,
		tenant, m.Application, m.By, doctor, strings.Join(words, " "), m.On)
	if err != nil {
		return fmt.Errorf("save marks of %s: %w", m.Application, err)
	}
	return nil
}

func (s *Service) slots(ctx context.Context, tenant, vacancy string) ([]Slot, error) {
	rows, err := s.db.Q(ctx).Query(ctx, `SELECT id, version, vacancy_id, starts, minutes, place, application_id FROM onboarding_slot
		WHERE tenant_id = $1 AND vacancy_id = $2 ORDER BY starts, id LIMIT 200`, tenant, vacancy)
	if err != nil {
		return nil, fmt.Errorf("read interview times: %w", err)
	}
	defer rows.Close()
	var list []Slot
	for rows.Next() {
		var t Slot
		if err := rows.Scan(&t.ID, &t.Version, &t.Vacancy, &t.Starts, &t.Minutes, &t.Place, &t.Application); err != nil {
			return nil, fmt.Errorf("read interview times: %w", err)
		}
		list = append(list, t)
	}
	return list, rows.Err()
}

func (s *Service) insertSlot(ctx context.Context, tenant string, t Slot) error {
	_, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO onboarding_slot (tenant_id, id, version, vacancy_id, starts, minutes, place) VALUES ($1,$2,$3,$4,$5,$6,$7)`,
		tenant, t.ID, t.Version, t.Vacancy, t.Starts, t.Minutes, t.Place)
	if err != nil {
		return fmt.Errorf("insert interview time %s: %w", t.ID, err)
	}
	return nil
}

// bookSlot gives a free time to an application, or frees one with "".
func (s *Service) bookSlot(ctx context.Context, tenant string, t Slot, application string) error {
	n, err := s.db.Q(ctx).Exec(ctx, `UPDATE onboarding_slot SET application_id = $1, version = version + 1 WHERE tenant_id = $2 AND id = $3 AND version = $4`,
		application, tenant, t.ID, t.Version)
	if err != nil && !database.IsDuplicate(err) {
		return fmt.Errorf("book interview time %s: %w", t.ID, err)
	}
	if n == 0 || err != nil {
		return problem.New(problem.Conflict, "Somebody else has just chosen this time. Choose another one.")
	}
	return nil
}
