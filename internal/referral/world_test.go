package referral

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/casefile"
	"msw/internal/clock"
	"msw/internal/consent"
	"msw/internal/database"
	"msw/internal/database/dbtest"
	"msw/internal/doctor"
	"msw/internal/fact"
	"msw/internal/jobs"
	"msw/internal/notify"
	"msw/internal/organisation"
	"msw/internal/problem"
	"msw/internal/programme"
	"msw/internal/rulebook"
	"msw/internal/web"
	"msw/rules"
)

// grants are the rows this package proposes, and those of others it needs.
const grants = `referrer referral.refer organisation
caseworker referral.refer tenant
operator referral.refer tenant
referrer referral.desk organisation
caseworker referral.desk tenant
operator referral.desk tenant
referrer referral.withdraw organisation
caseworker referral.withdraw tenant
referrer referral.renew organisation
referrer referral.import organisation
operator referral.import tenant
doctor referral.agree own
caseworker referral.agree tenant
- referral.self public
- referral.take_over public
caseworker referral.staff tenant
operator referral.staff tenant
caseworker referral.invite tenant
operator referral.invite tenant
caseworker referral.follow tenant
national_lead referral.routes tenant
operator doctor.create tenant
operator doctor.compare tenant
caseworker doctor.compare tenant
operator consent.give tenant
operator consent.withdraw tenant
doctor consent.withdraw own
doctor consent.hide own
operator fact.record tenant
referrer case.coarse referred
caseworker case.read tenant
caseworker case.home self
doctor case.home self
caseworker case.list tenant
operator organisation.create tenant
operator organisation.search tenant`

const tenant = "msw"

var today = clock.MustDate("2026-11-22")

type world struct {
	*Service
	t        *testing.T
	ctx      context.Context
	doctors  *doctor.Service
	cases    *casefile.Service
	consents *consent.Service
	box      *notify.Mailbox
	worker   *jobs.Worker
	a, b     string // two charities
	table    *access.Table
	accounts map[string]string // by email
}

func call(a access.Actor) access.Call {
	a.Tenant = tenant
	return access.Call{Actor: a, Now: clock.At(today.Time().Add(10 * time.Hour)), Today: today}
}

func by(role access.Role, org string) access.Call {
	return call(access.Actor{Account: "acc-" + string(role) + "-" + org, Name: "A person", Members: []access.Membership{{Role: role, Organisation: org}}})
}

func later(c access.Call, days int) access.Call {
	c.Today = c.Today.AddDays(days)
	c.Now = c.Now.Add(time.Duration(days) * 24 * time.Hour)
	return c
}

var (
	operator   = by(organisation.RoleOperator, "")
	caseworker = by(organisation.RoleCaseworker, "")
	national   = by(organisation.RoleNationalLead, "")
	nobody     = call(access.Actor{})
)

func (w *world) charityA() access.Call { return by(organisation.RoleReferrer, w.a) }
func (w *world) charityB() access.Call { return by(organisation.RoleReferrer, w.b) }

func fatal(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func inWorld(t *testing.T, fn func(t *testing.T, w *world)) {
	t.Helper()
	book, err := rulebook.Load(rules.Files, ".")
	fatal(t, err)
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		var rows []access.Grant
		for line := range strings.Lines(grants) {
			f := strings.Fields(line)
			rows = append(rows, access.Grant{Role: access.Role(f[0]), Action: access.Action(f[1]), Relation: access.Relation(f[2])})
		}
		table, err := access.NewTable(rows...)
		fatal(t, err)
		log, err := audit.New(db)
		fatal(t, err)
		now := func() clock.Instant { return operator.Now }
		out := jobs.NewOutbox(db, now)
		w := &world{t: t, ctx: context.Background(), box: notify.NewMailbox(50, now), table: table, accounts: map[string]string{}}
		orgs, err := organisation.New(organisation.Options{DB: db, Access: table, Audit: log})
		fatal(t, err)
		w.doctors, err = doctor.New(doctor.Options{DB: db, Access: table, Audit: log})
		fatal(t, err)
		facts, err := fact.New(fact.Options{DB: db, Access: table, Audit: log, Schema: book.Schema()})
		fatal(t, err)
		w.consents, err = consent.New(consent.Options{DB: db, Access: table, Audit: log, Changed: func(ctx context.Context, c access.Call, id string) error {
			return w.Service.ConsentChanged(ctx, c, id)
		}})
		fatal(t, err)
		w.cases, err = casefile.New(casefile.Options{DB: db, Access: table, Audit: log, Jobs: out})
		fatal(t, err)
		w.Service, err = New(Options{DB: db, Access: table, Audit: log, Jobs: out, Organisations: orgs, Doctors: w.doctors, Facts: facts, Consents: w.consents,
			Cases: w.cases, Sender: notify.NewOnce(db, w.box, now), Now: now, Address: "https://example.org/",
			Setting: func(_ context.Context, _, name string) (int, error) {
				return map[string]int{programme.ConsentFirstMonths: 12, programme.ConsentLongestMonths: 24, programme.ReferralReplyDays: 5,
					programme.InvitationDays: 60, programme.PaperCodeDays: 30}[name], nil
			}})
		fatal(t, err)
		w.worker = jobs.NewWorker(out, slog.New(slog.DiscardHandler))
		w.worker.Handle(JobInvite, w.Invite)
		for _, o := range []struct {
			id   *string
			name string
			kind organisation.Kind
		}{{&w.a, "Canary Charity", organisation.Charity}, {&w.b, "Budgie Network", organisation.Network}} {
			made, err := orgs.Create(w.ctx, operator, organisation.NewOrganisation{Kind: o.kind, Name: o.name, Region: "Y56"})
			fatal(t, err)
			*o.id = made.ID
		}
		fn(t, w)
	})
}

var amina = doctor.NewDoctor{Given: "Amina Khalid", Family: "Al-Hadi", Native: "أمينة خالد الهادي", Email: "amina@example.org", BirthDate: clock.MustDate("1988-05-14")}

func (w *world) referral(org string, d doctor.NewDoctor) NewReferral {
	return NewReferral{Referrer: org, Person: d, Country: "SY", ConsentScope: []string{consent.ScopeProgress, consent.ScopeContact}, ConsentUntil: today.AddDays(100)}
}

func (w *world) refer(c access.Call, d doctor.NewDoctor) Referral {
	w.t.Helper()
	r, err := w.Refer(w.ctx, c, w.referral(c.Actor.Members[0].Organisation, d))
	fatal(w.t, err)
	return r
}

func (w *world) desk(c access.Call, g Group) []Answer {
	w.t.Helper()
	d, err := w.Desk(w.ctx, c, DeskQuery{Group: g})
	fatal(w.t, err)
	return d.Answers
}

func (w *world) tasks(kind string) (n int) {
	w.t.Helper()
	fatal(w.t, w.db.Q(w.ctx).QueryRow(w.ctx, "SELECT count(*) FROM casefile_task WHERE tenant_id = $1 AND kind = $2 AND closed_on = ''", tenant, kind).Scan(&n))
	return n
}

// counts gives the number of rows of every table.
func (w *world) counts() map[string]int {
	w.t.Helper()
	text := "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
	if w.db.Engine() == database.Postgres {
		text = "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
	}
	rows, err := w.db.Q(w.ctx).Query(w.ctx, text)
	fatal(w.t, err)
	var names []string
	for rows.Next() {
		var n string
		fatal(w.t, rows.Scan(&n))
		names = append(names, n)
	}
	fatal(w.t, rows.Close())
	out := map[string]int{}
	for _, name := range names {
		var n int
		fatal(w.t, w.db.Q(w.ctx).QueryRow(w.ctx, "SELECT count(*) FROM "+name).Scan(&n))
		out[name] = n
	}
	return out
}

// site serves the pages; the header Who names the actor.
func (w *world) site(people map[string]access.Call) http.Handler {
	w.t.Helper()
	s, err := web.New(web.Options{DB: w.db, Access: w.table, Log: slog.New(slog.DiscardHandler), Now: func() clock.Instant { return operator.Now },
		Actor: func(r *http.Request) (access.Actor, bool, error) {
			c, ok := people[r.Header.Get("Who")]
			if !ok {
				return access.Actor{Tenant: tenant}, false, nil
			}
			return c.Actor, true, nil
		}})
	fatal(w.t, err)
	fatal(w.t, s.Handle(NewPages(w.Service, w.signIn()).Routes()...))
	fatal(w.t, s.Handle(web.Route{Method: "GET", Pattern: "/cases/{ref}", Action: ActStaff, Handle: func(r *web.Request) (web.Response, error) {
		c, err := w.cases.ByRef(r.Context(), tenant, r.PathValue("ref"))
		if err != nil {
			return web.Response{}, err
		}
		body, err := w.Panel().Render(r.Context(), r.Call, c.Doctor)
		return web.Page(r, web.PageData{Title: "Case", Body: body}), err
	}}))
	return s
}

// signIn stands in for package signin: any address is proved by the code 123456.
func (w *world) signIn() SignIn {
	return SignIn{
		Ensure: func(_ context.Context, email string) (string, error) {
			if !strings.Contains(email, "@") {
				return "", &problem.Error{Kind: problem.Invalid, Message: "There is a problem", Fields: []problem.Field{{Name: "email", Message: "Enter an email address"}}}
			}
			w.accounts[email] = "account of " + email
			return w.accounts[email], nil
		},
		Ask: func(_ context.Context, _ clock.Instant, email string) (string, error) { return "ticket+" + email, nil },
		Answer: func(_ context.Context, _ clock.Instant, ticket, code string) (string, error) {
			if code != "123456" {
				return "", &problem.Error{Kind: problem.Invalid, Message: "There is a problem", Fields: []problem.Field{{Name: "code", Message: "Wrong numbers"}}}
			}
			return w.accounts[strings.TrimPrefix(ticket, "ticket+")], nil
		},
		Start: func(_ context.Context, _ access.Call, account, tenant string) ([]*http.Cookie, error) {
			return []*http.Cookie{{Name: "session", Value: url.QueryEscape(account + " in " + tenant)}}, nil
		},
	}
}

type answer struct {
	status int
	body   string
	header http.Header
}

func (w *world) ask(h http.Handler, who, path string, form url.Values, cookies ...string) answer {
	w.t.Helper()
	method, body := "GET", io.Reader(nil)
	if form != nil {
		method = "POST"
		form.Set("idempotency-key", database.NewID())
		body = strings.NewReader(form.Encode())
	}
	r := httptest.NewRequest(method, path, body)
	r.RemoteAddr = fmt.Sprintf("192.0.2.%d:1", len(path)%200+1)
	r.Header.Set("Who", who)
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	for _, c := range cookies {
		r.Header.Add("Cookie", c)
	}
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, r)
	return answer{rec.Code, rec.Body.String(), rec.Header()}
}

func (w *world) send(h http.Handler, who, path, name string, file []byte, fields map[string]string) answer {
	w.t.Helper()
	var b strings.Builder
	m := multipart.NewWriter(&b)
	for k, v := range fields {
		fatal(w.t, m.WriteField(k, v))
	}
	f, err := m.CreateFormFile("file", name)
	fatal(w.t, err)
	_, err = f.Write(file)
	fatal(w.t, err)
	fatal(w.t, m.Close())
	r := httptest.NewRequest("POST", path, strings.NewReader(b.String()))
	r.Header.Set("Who", who)
	r.Header.Set("Content-Type", m.FormDataContentType())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, r)
	return answer{rec.Code, rec.Body.String(), rec.Header()}
}

func (w *world) expect(a answer, status int, must []string, not ...string) {
	w.t.Helper()
	if a.status != status {
		w.t.Errorf("status %d, want %d\n%s", a.status, status, a.body)
		return
	}
	for _, m := range must {
		if !strings.Contains(a.body, m) {
			w.t.Errorf("%q is missing in\n%s", m, a.body)
		}
	}
	for _, m := range append(not, "Dr ") {
		if strings.Contains(a.body, m) {
			w.t.Errorf("%q must not be in\n%s", m, a.body)
		}
	}
}
