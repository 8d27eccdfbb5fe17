package onboarding

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/casefile"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/database/dbtest"
	"msw/internal/post"
	"msw/internal/web"
	"msw/rules"
)

// grants are the rows this package proposes for the permission table, and the
// few of post that these tests need.
const grants = `caseworker post.see tenant
operator post.see tenant
operator post.register tenant
operator post.approve tenant
operator post.open tenant
operator post.supervise tenant
doctor offer.see own
employer_hr offer.see organisation
caseworker offer.see tenant
operator offer.see tenant
regional_lead offer.see region
caseworker offer.propose tenant
regional_lead offer.propose region
operator offer.propose tenant
employer_hr offer.make organisation
operator offer.make tenant
doctor offer.answer own
operator offer.answer tenant
employer_hr offer.withdraw organisation
caseworker offer.withdraw tenant
operator offer.withdraw tenant
doctor check.see own
employer_hr check.see organisation
caseworker check.see tenant
regional_lead check.see region
employer_hr check.tick organisation
operator check.tick tenant
employer_hr check.evidence organisation
employer_hr recruit.run organisation
employer_hr recruit.score organisation
supervisor recruit.score organisation
doctor recruit.apply own
employer_hr post.see organisation
caseworker offer.second tenant
employer_hr offer.second organisation
doctor check.reply own
employer_hr check.board organisation
caseworker check.board tenant
regional_lead check.board region`

const tenant = "msw"

var today = clock.MustDate("2022-08-01")

func call(account string, members ...access.Membership) access.Call {
	now := clock.At(today.Time().Add(9 * time.Hour))
	return access.Call{Actor: access.Actor{Account: account, Tenant: tenant, Name: "Name of " + account, Members: members}, Now: now, Today: today}
}

func byDoctor(id string) access.Call {
	c := call("acc-" + id)
	c.Actor.Doctor = id
	return c
}

var (
	system     = call("system", access.Membership{Role: "operator"})
	employer   = call("hr", access.Membership{Role: "employer_hr", Organisation: "RX1"})
	other      = call("hr2", access.Membership{Role: "employer_hr", Organisation: "RX2"})
	caseworker = call("cw", access.Membership{Role: "caseworker"})
	london     = call("lon", access.Membership{Role: "regional_lead", Region: "Y56"})
	north      = call("nor", access.Membership{Role: "regional_lead", Region: "Y62"})
	supervisor = call("sup", access.Membership{Role: "supervisor", Organisation: "RX1"})
	board      = call("board", access.Membership{Role: "board"})
)

type outbox struct{ list *[]string }

func (o outbox) Enqueue(_ context.Context, _, kind string, ids map[string]string) error {
	*o.list = append(*o.list, kind+" "+ids["doctor"])
	return nil
}

func (o outbox) EnqueueAt(_ context.Context, _, kind string, ids map[string]string, due clock.Instant) error {
	*o.list = append(*o.list, kind+" "+ids["rung"]+" "+due.Local().String())
	return nil
}

type world struct {
	*Service
	t       *testing.T
	ctx     context.Context
	rulings map[string][]string
	hidden  map[string][]string
	sent    *[]string
	fallen  *[]string
}

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func inWorld(t *testing.T, fn func(t *testing.T, w world)) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		w := world{t: t, ctx: context.Background(), rulings: map[string][]string{}, hidden: map[string][]string{}, sent: &[]string{}, fallen: &[]string{}}
		w.build(db)
		fn(t, w)
	})
}

func (w *world) build(db *database.DB) {
	var rows []access.Grant
	for line := range strings.Lines(grants) {
		f := strings.Fields(line)
		rows = append(rows, access.Grant{Role: access.Role(f[0]), Action: access.Action(f[1]), Relation: access.Relation(f[2])})
	}
	t := w.t
	table := must[*access.Table](t)(access.NewTable(rows...))
	log := must[*audit.Log](t)(audit.New(db))
	names := func(_ context.Context, _ string, ids []string) (map[string]string, error) {
		out := map[string]string{}
		for _, id := range ids {
			out[id] = "Canary of " + id
		}
		return out, nil
	}
	cases := must[*casefile.Service](t)(casefile.New(casefile.Options{DB: db, Access: table, Audit: log, Jobs: outbox{w.sent}, Names: names}))
	posts := must[*post.Service](t)(post.New(post.Options{DB: db, Access: table, Audit: log, Places: places}))
	w.Service = must[*Service](t)(New(Options{DB: db, Access: table, Audit: log, Casefile: cases, Posts: posts, Names: names, Jobs: outbox{w.sent},
		CheckAgain: func(_ context.Context, _ access.Call, doctor, at string) (bool, []string, string, error) {
			reasons := w.rulings[doctor+" "+at]
			return len(reasons) == 0, reasons, "eligibility/B 2022-04-01", nil
		},
		HiddenFrom: func(_ context.Context, _ string, subjects []string) ([]string, error) {
			var out []string
			for _, s := range subjects {
				out = append(out, w.hidden[s]...)
			}
			return out, nil
		},
		ReplyDays: func(context.Context, string) (int, error) { return 7, nil },
		HoldDays:  func(context.Context, string) (int, error) { return 5, nil },
		Rules:     must[*Rules](t)(LoadRules(rules.Checks)),
		Fits: func(_ context.Context, _ access.Call, _ string, posts []post.Post) (map[string][]string, error) {
			out := map[string][]string{}
			for _, p := range posts {
				out[p.ID] = []string{"Said of all.", "Choice of " + p.ID + "."}
			}
			return out, nil
		},
		Telling: func(_ context.Context, _, doctor string) ([]string, error) {
			return []string{"Canary of " + doctor, "School canary"}, nil
		},
		Fell: func(_ context.Context, _ access.Call, o Offer) error {
			*w.fallen = append(*w.fallen, string(o.State)+" "+o.Doctor)
			return nil
		},
		MoreChecks: func(context.Context, string) ([]CheckKind, error) {
			return []CheckKind{{Code: "induction_booked", Title: "Induction booked"}}, nil
		}}))
	must[post.Supervisor](t)(posts.SetSupervisor(w.ctx, system, post.NewSupervisor{Account: "sup", Organisation: "RX1", Name: "Senior sup", Capacity: 9}))
}

func places(_ context.Context, _ string, ids []string) (map[string]post.Place, error) {
	out := map[string]post.Place{}
	for _, p := range []post.Place{{ID: "RX1", Name: "Riverside Trust", Region: "Y56", Outcode: "E1"}, {ID: "RX2", Name: "Hillside Trust", Region: "Y62"}} {
		p.Found, p.England = true, true
		if slices.Contains(ids, p.ID) {
			out[p.ID] = p
		}
	}
	return out, nil
}

func (w world) doctor(id string, more ...casefile.Kind) string {
	w.t.Helper()
	ref := database.NewRef()
	first := []casefile.Milestone{{Kind: casefile.Referred, On: today - 90}, {Kind: casefile.Submitted, On: today - 80}}
	if len(more) == 0 {
		more = []casefile.Kind{casefile.FoundEligible}
	}
	for _, k := range more {
		first = append(first, casefile.Milestone{Kind: k, On: today - 70})
	}
	err := w.db.Tx(w.ctx, func(ctx context.Context) error {
		return w.cases.Open(ctx, system, casefile.NewCase{Doctor: id, Ref: ref, Region: "Y56", Opened: today - 90, First: first})
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return ref
}

func (w world) post() post.Post {
	w.t.Helper()
	p := must[post.Post](w.t)(w.posts.Register(w.ctx, system, post.Registration{Details: post.Details{Setting: post.Hospital, Employer: "RX1", Host: "RX1",
		Specialty: "General medicine", MinutesWeek: 1800, Pay: post.Pay{Kind: post.LocalPay, Pence: 3350000}, StartFrom: today + 30,
		ContractEnd: today + 395, Indemnity: post.TrustScheme, Clinical: "sup"}}))
	must[post.Post](w.t)(w.posts.Approve(w.ctx, system, post.Step{ID: p.ID}))
	return must[post.Post](w.t)(w.posts.Open(w.ctx, system, post.Step{ID: p.ID}))
}

func (w world) propose(doctor string, p post.Post) Offer {
	w.t.Helper()
	return must[Offer](w.t)(w.Propose(w.ctx, caseworker, Proposal{Doctor: doctor, Post: p.ID}))
}

func (w world) offered(doctor string, p post.Post) Offer {
	w.t.Helper()
	return must[Offer](w.t)(w.Offer(w.ctx, employer, Making{ID: w.propose(doctor, p).ID}))
}

func (w world) stage(doctor string) casefile.Stage {
	w.t.Helper()
	return must[casefile.Case](w.t)(w.cases.Get(w.ctx, doctor, tenant)).Stage
}

func (w world) site() http.Handler {
	people := map[string]access.Call{"employer": employer, "other": other, "caseworker": caseworker, "london": london, "north": north,
		"supervisor": supervisor, "board": board, "d1": byDoctor("d1"), "d2": byDoctor("d2")}
	s := must[*web.Server](w.t)(web.New(web.Options{DB: w.db, Access: w.access, Log: slog.New(slog.DiscardHandler), Now: func() clock.Instant { return system.Now },
		Actor: func(r *http.Request) (access.Actor, bool, error) {
			c, ok := people[r.Header.Get("Who")]
			return c.Actor, ok, nil
		}}))
	if err := s.Handle(NewPages(w.Service).Routes()...); err != nil {
		w.t.Fatal(err)
	}
	return s
}

func ask(h http.Handler, who, path string, form url.Values) (int, string, string) {
	method, body := "GET", io.Reader(nil)
	if form != nil {
		method = "POST"
		form.Set("idempotency-key", database.NewID())
		body = strings.NewReader(form.Encode())
	}
	r := httptest.NewRequest(method, path, body)
	r.Header.Set("Who", who)
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, r)
	return rec.Code, rec.Body.String(), rec.Header().Get("Location")
}
