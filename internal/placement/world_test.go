package placement

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
	"msw/internal/fact"
	"msw/internal/onboarding"
	"msw/internal/placement/card"
	"msw/internal/post"
	"msw/internal/rulebook"
	"msw/internal/web"
	"msw/rules"
)

// grants are the rows the three packages propose for the permission table, as
// far as these tests need them.
const grants = `employer_hr post.see organisation
operator post.see tenant
operator post.register tenant
operator post.approve tenant
operator post.open tenant
operator post.supervise tenant
doctor offer.see own
employer_hr offer.see organisation
caseworker offer.see tenant
operator offer.see tenant
operator offer.propose tenant
operator offer.make tenant
operator offer.answer tenant
employer_hr offer.withdraw organisation
operator offer.withdraw tenant
operator check.tick tenant
operator fact.record tenant
operator fact.verify tenant
doctor placement.see own
employer_hr placement.see organisation
supervisor placement.see supervised
caseworker placement.see tenant
operator placement.see tenant
regional_lead placement.see region
doctor placement.pay own
employer_hr placement.pay organisation
regional_lead placement.pay region
operator placement.pay tenant
employer_hr placement.start organisation
operator placement.start tenant
employer_hr placement.change organisation
operator placement.change tenant
employer_hr placement.end organisation
operator placement.end tenant
caseworker placement.follow_up tenant
operator placement.follow_up tenant
doctor placement.card own
employer_hr placement.card organisation
shift_lead placement.card organisation
supervisor placement.card supervised
operator placement.card tenant
- placement.code public
doctor placement.supervision own
employer_hr placement.supervision organisation
supervisor placement.supervision supervised
operator placement.supervision tenant
doctor placement.agree own
supervisor placement.agree supervised
employer_hr placement.cover organisation
supervisor placement.cover supervised
doctor placement.raise own
employer_hr placement.raise organisation
shift_lead placement.raise organisation
supervisor placement.raise supervised
employer_hr placement.concerns organisation
supervisor placement.concerns supervised
employer_hr placement.team organisation
regional_lead placement.team region
employer_hr placement.roll organisation
regional_lead placement.roll region
employer_hr placement.roll_sign organisation
employer_hr placement.levels organisation
operator placement.levels tenant
supervisor placement.sign supervised
operator placement.sign tenant
employer_hr placement.vouch organisation
operator placement.vouch tenant
caseworker placement.match tenant
operator placement.match tenant
doctor placement.leaving own
employer_hr placement.leaving organisation
supervisor placement.leaving supervised
caseworker placement.leaving tenant
operator placement.leaving tenant
regional_lead placement.leaving region
doctor placement.leaving_step own
employer_hr placement.leaving_step organisation
supervisor placement.leaving_step supervised
caseworker placement.leaving_step tenant
operator placement.end_due tenant
- placement.certificate_check public
employer_hr placement.certify organisation
operator placement.certify tenant
doctor placement.certificate own
employer_hr placement.certificate organisation
caseworker placement.certificate tenant
operator placement.certificate tenant
doctor placement.exit own
caseworker placement.exit_read tenant
operator placement.exit_read tenant`

const tenant = "msw"

var today = clock.MustDate("2022-12-01")

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
	host       = call("hr3", access.Membership{Role: "employer_hr", Organisation: "G1"})
	caseworker = call("cw", access.Membership{Role: "caseworker"})
	supervisor = call("sup", access.Membership{Role: "supervisor", Organisation: "RX1"})
	educator   = call("edu", access.Membership{Role: "supervisor", Organisation: "RX1"})
	stranger   = call("sup2", access.Membership{Role: "supervisor", Organisation: "RX1"})
	london     = call("lon", access.Membership{Role: "regional_lead", Region: "Y56"})
	north      = call("nor", access.Membership{Role: "regional_lead", Region: "Y62"})
	shift      = call("shift", access.Membership{Role: "shift_lead", Organisation: "RX1"})
	elsewhere  = call("shift2", access.Membership{Role: "shift_lead", Organisation: "RX2"})
	board      = call("board", access.Membership{Role: "board"})
)

type world struct {
	*Service
	t       *testing.T
	ctx     context.Context
	rulings map[string][]string // reasons by doctor, while the rules say no
	hidden  map[string][]string // doctors by subject
	tokens  map[string]string
	titles  map[string]string // names as doctors wrote them
	gone    map[string]bool   // supervisors who left
}

type noMail struct{}

func (noMail) Enqueue(context.Context, string, string, map[string]string) error { return nil }

func inWorld(t *testing.T, fn func(t *testing.T, w world)) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		w := world{t: t, ctx: context.Background(), rulings: map[string][]string{}, hidden: map[string][]string{}, tokens: map[string]string{}, gone: map[string]bool{}, titles: map[string]string{}}
		w.build(db)
		fn(t, w)
	})
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

func (w *world) build(db *database.DB) {
	var rows []access.Grant
	for line := range strings.Lines(grants) {
		f := strings.Fields(line)
		rows = append(rows, access.Grant{Role: access.Role(strings.TrimPrefix(f[0], "-")), Action: access.Action(f[1]), Relation: access.Relation(f[2])})
	}
	t := w.t
	table := must[*access.Table](t)(access.NewTable(rows...))
	log := must[*audit.Log](t)(audit.New(db))
	book := must[*rulebook.Book](t)(rulebook.Load(rules.Files, "."))
	names := func(_ context.Context, _ string, ids []string) (map[string]string, error) {
		out := map[string]string{}
		for _, id := range ids {
			out[id] = "Canary of " + id
			if title := w.titles[id]; title != "" {
				out[id] = title
			}
		}
		return out, nil
	}
	cases := must[*casefile.Service](t)(casefile.New(casefile.Options{DB: db, Access: table, Audit: log, Jobs: noMail{}, Names: names}))
	facts := must[*fact.Service](t)(fact.New(fact.Options{DB: db, Access: table, Audit: log, Schema: book.Schema()}))
	posts := must[*post.Service](t)(post.New(post.Options{DB: db, Access: table, Audit: log, Places: places,
		Phases: func(context.Context, string) ([]post.Phase, error) {
			return []post.Phase{{ID: "ph", Title: "2022/23", Ends: clock.MustDate("2023-03-31")}}, nil
		}}))
	offers := must[*onboarding.Service](t)(onboarding.New(onboarding.Options{Rules: must[*onboarding.Rules](t)(onboarding.LoadRules(rules.Checks)), DB: db, Access: table, Audit: log, Casefile: cases, Posts: posts, Names: names,
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
		}}))
	w.Service = must[*Service](t)(New(Options{DB: db, Access: table, Audit: log, Casefile: cases, Facts: facts, Posts: posts, Offers: offers,
		Ends:       must[*EndRules](t)(LoadEndRules(rules.Placement)),
		AccessDays: func(context.Context, string) (int, error) { return 14, nil },
		Tenants:    func(context.Context) ([]string, error) { return []string{tenant}, nil },
		Induction:  must[*Induction](t)(LoadInduction(rules.Placement)),
		Tasks:      must[*card.Rules](t)(card.LoadRules(rules.Placement)),
		Gone: func(context.Context, string, []string, clock.Date) ([]string, error) {
			var out []string
			for account := range w.gone {
				out = append(out, account)
			}
			return out, nil
		},
		PersonToken: func(_ context.Context, _, doctor string) (string, error) { return w.tokens[doctor], nil }}))
	for account, room := range map[string]int{"sup": 5, "edu": 5, "sup2": 1} {
		must[post.Supervisor](t)(posts.SetSupervisor(w.ctx, system, post.NewSupervisor{Account: account, Organisation: "RX1", Name: "Senior " + account, Capacity: room}))
	}
}

func places(_ context.Context, _ string, ids []string) (map[string]post.Place, error) {
	all := []post.Place{{ID: "RX1", Name: "Riverside Trust", Region: "Y56", Outcode: "E1"}, {ID: "RX2", Name: "Hillside Trust", Region: "Y62"},
		{ID: "G1", Name: "Canal Practice", Region: "Y62", Outcode: "M6"}}
	out := map[string]post.Place{}
	for _, p := range all {
		p.Found, p.England = true, true
		if slices.Contains(ids, p.ID) {
			out[p.ID] = p
		}
	}
	return out, nil
}

func (w world) doctor(id string) string {
	w.t.Helper()
	ref := database.NewRef()
	err := w.db.Tx(w.ctx, func(ctx context.Context) error {
		return w.cases.Open(ctx, system, casefile.NewCase{Doctor: id, Ref: ref, Region: "Y62", Opened: today - 200,
			First: []casefile.Milestone{{Kind: casefile.Referred, On: today - 200}, {Kind: casefile.Submitted, On: today - 190}, {Kind: casefile.FoundEligible, On: today - 180}}})
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return ref
}

func (w world) post() post.Post {
	w.t.Helper()
	p := must[post.Post](w.t)(w.posts.Register(w.ctx, system, post.Registration{On: today - 190, Details: post.Details{Setting: post.Hospital, Employer: "RX1", Host: "RX1",
		Specialty: "General medicine", MinutesWeek: 2250, Pay: post.Pay{Kind: post.AgendaForChange, Point: post.Entry, HCAS: post.Inner},
		StartFrom: today - 100, ContractEnd: today + 265, FundedUntil: clock.MustDate("2023-02-28"), Phase: "ph", Indemnity: post.TrustScheme, Clinical: "sup"}}))
	must[post.Post](w.t)(w.posts.Approve(w.ctx, system, post.Step{ID: p.ID}))
	return must[post.Post](w.t)(w.posts.Open(w.ctx, system, post.Step{ID: p.ID, On: today - 189}))
}

// offer brings a doctor to an accepted offer.
func (w world) offer(doctor string, p post.Post) onboarding.Offer {
	w.t.Helper()
	o := must[onboarding.Offer](w.t)(w.offers.Propose(w.ctx, system, onboarding.Proposal{Doctor: doctor, Post: p.ID, On: today - 150}))
	must[onboarding.Offer](w.t)(w.offers.Offer(w.ctx, system, onboarding.Making{ID: o.ID, On: today - 148}))
	return must[onboarding.Offer](w.t)(w.offers.Accept(w.ctx, system, onboarding.Answer{ID: o.ID, On: today - 145}))
}

func (w world) tick(o onboarding.Offer) onboarding.Offer {
	w.t.Helper()
	var ticks []onboarding.Tick
	for _, kind := range o.Checks {
		ticks = append(ticks, onboarding.Tick{Kind: kind, State: onboarding.Done, On: today - 120})
	}
	return must[onboarding.Offer](w.t)(w.offers.Tick(w.ctx, system, onboarding.Ticking{ID: o.ID, On: today - 120, Ticks: ticks}))
}

// inPost brings a doctor into a new post.
func (w world) inPost(doctor string) Placement {
	w.t.Helper()
	o := w.tick(w.offer(doctor, w.post()))
	return must[Placement](w.t)(w.Start(w.ctx, system, Starting{Offer: o.ID, On: today - 100, Educational: "edu"}))
}

func (w world) stage(doctor string) casefile.Stage {
	w.t.Helper()
	return must[casefile.Case](w.t)(w.cases.Get(w.ctx, doctor, tenant)).Stage
}

func (w world) site() http.Handler {
	people := map[string]access.Call{"employer": employer, "other": other, "host": host, "caseworker": caseworker, "supervisor": supervisor, "educator": educator,
		"stranger": stranger, "london": london, "north": north, "board": board, "shift": shift, "elsewhere": elsewhere, "d1": byDoctor("d1"), "d2": byDoctor("d2")}
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
