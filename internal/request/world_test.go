package request

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/casefile"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/database/dbtest"
	"msw/internal/doctor"
	"msw/internal/fact"
	"msw/internal/jobs"
	"msw/internal/notify"
	"msw/internal/organisation"
	"msw/internal/programme"
	"msw/internal/rulebook"
	"msw/rules"
)

const grants = `caseworker request.board tenant
assessor request.board tenant
doctor request.see own
caseworker request.see tenant
assessor request.see tenant
employer_hr request.see organisation
doctor request.own own
doctor request.make own
caseworker request.make tenant
assessor request.make tenant
operator request.make tenant
doctor request.ask own
operator request.ask tenant
assessor request.judge tenant
- request.answer public
doctor doctor.asking own
caseworker doctor.asking tenant
operator doctor.create tenant
operator fact.record tenant
assessor fact.record tenant
assessor fact.verify tenant
doctor case.home self
caseworker case.home self`

const tenant = "msw"

var today = clock.MustDate("2026-11-23") // a Monday

type world struct {
	*Service
	t       *testing.T
	ctx     context.Context
	doctors *doctor.Service
	cases   *casefile.Service
	facts   *fact.Service
	box     *notify.Mailbox
	once    *notify.Once
	worker  *jobs.Worker
	table   *access.Table
	at      clock.Date
	ticks   int    // seconds that have passed since ten
	id, ref string // the doctor
}

func (w *world) as(a access.Actor) access.Call {
	a.Tenant = tenant
	w.ticks++
	return access.Call{Actor: a, Now: clock.At(w.at.Time().Add(10*time.Hour + time.Duration(w.ticks)*time.Second)), Today: w.at}
}

func (w *world) by(role access.Role) access.Call { return w.named(role, "acc-"+string(role)) }

func (w *world) named(role access.Role, account string) access.Call {
	return w.as(access.Actor{Account: account, Name: "A colleague", Members: []access.Membership{{Role: role, Organisation: map[access.Role]string{organisation.RoleEmployerHR: "T1"}[role]}}})
}

func (w *world) operator() access.Call   { return w.by(organisation.RoleOperator) }
func (w *world) caseworker() access.Call { return w.by(organisation.RoleCaseworker) }
func (w *world) assessor() access.Call   { return w.by(organisation.RoleAssessor) }
func (w *world) nobody() access.Call     { return w.as(access.Actor{}) }
func (w *world) own() access.Call {
	return w.as(access.Actor{Account: "acc-doctor", Name: "Layla", Doctor: w.id})
}

func fatal(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

var numbers = map[string]int{programme.RequestReferenceDays: 42, programme.RequestIssuerDays: 42, programme.RequestStandingDays: 252, programme.RequestReportDays: 252,
	programme.RequestCheckDays: 14, programme.RequestFurtherDays: 42, programme.RequestFurtherAgainDays: 21, programme.RequestLinkDays: 28, programme.RequestRounds: 3,
	programme.RequestAmberDays: 10, programme.RequestRedDays: 20}

func loadRules(t testing.TB) *Rules {
	t.Helper()
	r, err := LoadRules(rules.Checks, map[clock.Date]bool{clock.MustDate("2026-12-25"): true, clock.MustDate("2026-12-28"): true, clock.MustDate("2027-01-01"): true})
	fatal(t, err)
	return r
}

func inWorld(t *testing.T, fn func(t *testing.T, w *world)) {
	t.Helper()
	book, err := rulebook.Load(rules.Files, ".")
	fatal(t, err)
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		var rows []access.Grant
		for line := range strings.Lines(grants) {
			f := strings.Fields(line)
			if f[0] == "-" {
				f[0] = ""
			}
			rows = append(rows, access.Grant{Role: access.Role(f[0]), Action: access.Action(f[1]), Relation: access.Relation(f[2])})
		}
		w := &world{t: t, ctx: context.Background(), at: today}
		var err error
		w.table, err = access.NewTable(rows...)
		fatal(t, err)
		log, err := audit.New(db)
		fatal(t, err)
		now := func() clock.Instant { return w.operator().Now }
		out := jobs.NewOutbox(db, now)
		w.box = notify.NewMailbox(5000, now)
		w.once = notify.NewOnce(db, w.box, now)
		w.doctors, err = doctor.New(doctor.Options{DB: db, Access: w.table, Audit: log,
			AskingChanged: func(ctx context.Context, c access.Call, id string) error { return w.AskingChanged(ctx, c, id) }})
		fatal(t, err)
		w.facts, err = fact.New(fact.Options{DB: db, Access: w.table, Audit: log, Schema: book.Schema()})
		fatal(t, err)
		w.cases, err = casefile.New(casefile.Options{DB: db, Access: w.table, Audit: log, Jobs: out})
		fatal(t, err)
		w.Service, err = New(Options{DB: db, Access: w.table, Audit: log, Jobs: out, Cases: w.cases, Doctors: w.doctors, Facts: w.facts, Sender: w.once, Rules: loadRules(t), Now: now,
			Address: "https://example.org/",
			Setting: func(_ context.Context, _, name string) (int, error) { return numbers[name], nil },
			Numbers: func(context.Context, string, string) ([]int, error) { return []int{28, 14}, nil }})
		fatal(t, err)
		w.once.SetGuard(w.May)
		w.worker = jobs.NewWorker(out, slog.New(slog.DiscardHandler))
		w.worker.Handle(JobSend, w.Deliver)
		w.worker.Handle(JobRemind, w.Deliver)
		w.worker.Handle(JobRemindDoctor, func(context.Context, jobs.Job) error { return nil })
		w.person()
		fn(t, w)
	})
}

// person makes the doctor of a world anew.
func (w *world) person() {
	w.t.Helper()
	var err error
	w.id, w.ref, err = w.doctors.Create(w.ctx, w.operator(), doctor.NewDoctor{Given: "Layla", Family: "Haddad", Email: "layla@example.org", Mobile: "07700 900123", BirthDate: clock.MustDate("1988-05-14")})
	fatal(w.t, err)
	fatal(w.t, w.cases.Open(w.ctx, w.operator(), casefile.NewCase{Doctor: w.id, Ref: w.ref, Region: "Y56", Opened: today.AddDays(-30),
		First: []casefile.Milestone{{Kind: casefile.Referred, On: today.AddDays(-30)}}}))
}

// referee is somebody abroad who could be asked.
func referee() Whom {
	return Whom{Name: "Samir Nasser", Place: "Aleppo Teaching Hospital", Country: "SY", Email: "s.nasser@hospital.example", From: clock.MustDate("2012-01-01"), To: clock.MustDate("2014-06-30")}
}

func (w *world) make(kind string, whom Whom) Request {
	w.t.Helper()
	r, err := w.Make(w.ctx, w.caseworker(), Fresh{Doctor: w.id, Kind: kind, Whom: whom})
	fatal(w.t, err)
	return r
}

func (w *world) get(id string) Request {
	w.t.Helper()
	r, err := w.Get(w.ctx, tenant, id)
	fatal(w.t, err)
	return r
}

// stands checks state, who owes, and why.
func (w *world) stands(id string, state State, owes Owes, why string) Request {
	w.t.Helper()
	r := w.get(id)
	if r.State != state || r.Owes != owes || r.Why != why {
		w.t.Fatalf("request stands %s, owed by %s for %s; want %s, %s, %s", r.State, r.Owes, r.Why, state, owes, why)
	}
	return r
}

// link gives the link the doctor sees, as it is typed in a browser after the
// site's address.
func (w *world) link(id string) string {
	w.t.Helper()
	v, err := w.See(w.ctx, w.own(), id)
	fatal(w.t, err)
	if v.Link.Address == "" {
		return ""
	}
	text, ok := strings.CutPrefix(v.Link.Address, "https://example.org/asked/")
	if !ok {
		w.t.Fatalf("link %s", v.Link.Address)
	}
	return text
}

// drain does what waits in the outbox.
func (w *world) drain() {
	w.t.Helper()
	fatal(w.t, w.worker.Drain(w.ctx))
}

// count counts the rows of a table.
func (w *world) tasks(owner string) (n int) {
	w.t.Helper()
	fatal(w.t, w.db.Q(w.ctx).QueryRow(w.ctx, "SELECT count(*) FROM casefile_task WHERE tenant_id = $1 AND party = $2 AND kind = 'request' AND closed_on = ''", tenant, owner).Scan(&n))
	return n
}
