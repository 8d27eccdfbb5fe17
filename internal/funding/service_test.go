package funding

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/database/dbtest"
	"msw/internal/organisation"
	"msw/internal/placement"
	"msw/internal/problem"
	"msw/internal/programme"
)

// grants are the rows this package proposes for the permission table.
const grants = `national_lead funding.see tenant
operator funding.see tenant
board funding.see tenant
regional_lead funding.see region
employer_finance funding.see organisation
employer_hr funding.see organisation
national_lead funding.place tenant
operator funding.place tenant
regional_lead funding.place region
employer_finance funding.place organisation
employer_hr funding.place organisation
national_lead funding.budget tenant
operator funding.budget tenant`

const tenant = "msw"

var today = clock.MustDate("2022-09-30")

func by(role access.Role, org, region string) access.Call {
	a := access.Actor{Account: "acc-" + string(role) + org + region, Tenant: tenant, Members: []access.Membership{{Role: role, Organisation: org, Region: region}}}
	return access.Call{Actor: a, Now: clock.At(today.Time().Add(10 * time.Hour)), Today: today}
}

var (
	system     = by(organisation.RoleOperator, "", "")
	national   = by(organisation.RoleNationalLead, "", "")
	london     = by(organisation.RoleRegionalLead, "", "Y56")
	north      = by(organisation.RoleRegionalLead, "", "Y62")
	board      = by(organisation.RoleBoard, "", "")
	finance    = by(organisation.RoleEmployerFinance, "RX1", "")
	other      = by(organisation.RoleEmployerFinance, "RX2", "")
	caseworker = by(organisation.RoleCaseworker, "", "")
	supervisor = by(organisation.RoleSupervisor, "RX1", "")
	charity    = by(organisation.RoleReferrer, "CH1", "")
)

func phases() []programme.Phase {
	sure := map[programme.Field]programme.Mark{programme.FieldMoney: {Status: programme.Confirmed}, programme.FieldPlaces: {Status: programme.Confirmed}}
	return []programme.Phase{
		{ID: "ph1", Tenant: tenant, Code: "2022-23", Title: "2022 to 2023", Starts: day("2022-04-01"), Ends: day("2023-03-31"), Money: 1_900_000_000, Places: 500, Marks: sure},
		{ID: "ph2", Tenant: tenant, Code: "later", Title: "Later phase", Starts: day("2023-04-01"), Money: 100, Places: 3},
	}
}

type world struct {
	*Service
	t      *testing.T
	ctx    context.Context
	spells []placement.Spell
}

// stream answers as placement.Spells does.
func (w *world) stream(_ context.Context, _ string, q placement.SpellQuery) iter.Seq2[placement.Spell, error] {
	return func(yield func(placement.Spell, error) bool) {
		for _, s := range w.spells {
			fits := (q.Phase == "" || s.Phase == q.Phase) && (q.Region == "" || s.Region == q.Region) && (q.Employer == "" || s.Employer == q.Employer) &&
				(q.To.IsZero() || s.From <= q.To) && (q.From.IsZero() || s.To.IsZero() || s.To >= q.From)
			if fits && !yield(s, nil) {
				return
			}
		}
	}
}

func inWorld(t *testing.T, fn func(t *testing.T, w *world)) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		var rows []access.Grant
		for _, line := range strings.Split(grants, "\n") {
			f := strings.Fields(line)
			rows = append(rows, access.Grant{Role: access.Role(f[0]), Action: access.Action(f[1]), Relation: access.Relation(f[2])})
		}
		tab, err := access.NewTable(rows...)
		if err != nil {
			t.Fatal(err)
		}
		for _, act := range Actions() {
			if !tab.Known(act) {
				t.Errorf("no row names %s", act)
			}
		}
		log, err := audit.New(db)
		if err != nil {
			t.Fatal(err)
		}
		w := &world{t: t, ctx: context.Background()}
		w.Service, err = New(Options{DB: db, Access: tab, Audit: log, Rates: embedded(t), Spells: w.stream,
			Phases: func(context.Context, string) ([]programme.Phase, error) { return phases(), nil },
			OrganisationNames: func(_ context.Context, _ string, ids []string) (map[string]string, error) {
				out := map[string]string{}
				for _, id := range ids {
					out[id] = "Trust " + id
				}
				return out, nil
			}})
		if err != nil {
			t.Fatal(err)
		}
		fn(t, w)
	})
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) set(region string, places int) {
	w.t.Helper()
	_, err := w.SetBudget(w.ctx, national, Budget{Phase: "ph1", Region: region, Places: places, Pence: int64(places) * 3_800_000})
	w.must(err)
}

func (w *world) committed(region string) int {
	w.t.Helper()
	b, err := w.budget(w.ctx, tenant, "ph1", region)
	w.must(err)
	return b.Committed
}

func wants(t *testing.T, err error, kind problem.Kind, text string) {
	t.Helper()
	if problem.KindOf(err) != kind || !strings.Contains(err.Error(), text) {
		t.Errorf("got %v (%s), want %s with %q", err, problem.KindOf(err), kind, text)
	}
}

func taking(source string) Commitment {
	return Commitment{Source: source, Phase: "ph1", Region: "Y56", Employer: "RX1", On: today}
}

func TestBudgets(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		_, err := w.SetBudget(w.ctx, national, Budget{Phase: "no", Region: "Y99", Places: -1, Pence: -1})
		for _, text := range []string{"Choose a phase", "Choose a region", "Places must be", "Money must be"} {
			wants(t, err, problem.Invalid, text)
		}
		for _, who := range []access.Call{london, finance, board, charity} {
			_, err := w.SetBudget(w.ctx, who, Budget{Phase: "ph1", Region: "Y56", Places: 1})
			wants(t, err, problem.NotFound, "")
		}
		first, err := w.SetBudget(w.ctx, national, Budget{Phase: "ph1", Region: "Y56", Places: 2, Pence: 7_600_000, Version: Unset})
		w.must(err)
		_, err = w.SetBudget(w.ctx, system, Budget{Phase: "ph1", Region: "Y56", Places: 5, Version: Unset})
		wants(t, err, problem.Conflict, "")
		second, err := w.SetBudget(w.ctx, system, Budget{Phase: "ph1", Region: "Y56", Places: 3, Pence: 9_000_000, Version: first.Version, Note: "one more"})
		w.must(err)
		if second.Version != 2 || second.SetBy != system.Actor.Account || second.SetOn != today {
			t.Errorf("budget is %+v", second)
		}
		_, err = w.SetBudget(w.ctx, national, Budget{Phase: "ph1", Region: "Y56", Places: 9, Version: first.Version})
		wants(t, err, problem.Conflict, "")
		w.must(w.Commit(w.ctx, system, taking("P1")))
		w.must(w.Commit(w.ctx, system, taking("P2")))
		_, err = w.SetBudget(w.ctx, national, Budget{Phase: "ph1", Region: "Y56", Places: 1})
		wants(t, err, problem.Refused, "2 places are already committed")
		v, err := w.LookBudget(w.ctx, national, "2022-23", "Y56")
		w.must(err)
		if len(v.History) != 2 || v.History[0].Pence != 9_000_000 || v.History[1].SetBy != national.Actor.Account || v.Budget.Committed != 2 {
			t.Errorf("history is %+v", v)
		}
	})
}

func TestCommitAndRelease(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		wants(t, w.Commit(w.ctx, system, taking("P1")), problem.Refused, "or no budget is set")
		w.set("Y56", 2)
		w.must(w.Commit(w.ctx, system, Commitment{Source: "free"}))
		w.must(w.Commit(w.ctx, system, taking("P1")))
		w.must(w.Commit(w.ctx, system, taking("P1"))) // the same again takes no second place
		w.must(w.Commit(w.ctx, system, taking("P2")))
		wants(t, w.Commit(w.ctx, system, taking("P3")), problem.Refused, "No funded place is left")
		w.must(w.Release(w.ctx, system, "P3", today)) // a refused one left nothing behind
		if n := w.committed("Y56"); n != 2 {
			t.Errorf("%d places committed", n)
		}
		w.must(w.Release(w.ctx, system, "P1", today))
		w.must(w.Release(w.ctx, system, "P1", today))
		w.must(w.Commit(w.ctx, system, taking("P3")))
		wants(t, w.Commit(w.ctx, system, taking("P1")), problem.Refused, "No funded place is left")
		w.set("Y62", 1)
		moved := taking("P2")
		moved.Region = "Y62"
		w.must(w.Release(w.ctx, system, "P2", today))
		w.must(w.Commit(w.ctx, system, moved))
		if a, b := w.committed("Y56"), w.committed("Y62"); a != 1 || b != 1 {
			t.Errorf("%d and %d places committed", a, b)
		}
		v, err := w.LookPhase(w.ctx, finance, "2022-23")
		w.must(err)
		if got := v.Phases[0]; got.Committed != 2 || got.Budgeted {
			t.Errorf("the employer sees %+v", got.Figures)
		}
	})
}

// Many starts at once never take more places than there are, whatever the
// engine does with two statements at the same moment.
func TestTheLastPlaceIsTakenOnce(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		const asked, have = 24, 7
		w.set("Y56", have)
		var taken, refused atomic.Int64
		var all sync.WaitGroup
		for i := range asked {
			all.Go(func() {
				err := w.Commit(w.ctx, system, taking(fmt.Sprintf("P%d", i)))
				switch {
				case err == nil:
					taken.Add(1)
				case problem.KindOf(err) == problem.Refused:
					refused.Add(1)
				default:
					t.Errorf("start %d: %v", i, err)
				}
			})
		}
		all.Wait()
		var rows int
		w.must(w.db.Q(w.ctx).QueryRow(w.ctx, `SELECT count(*) FROM funding_commitment WHERE tenant_id = $1 AND released_on = ''`, tenant).Scan(&rows))
		if taken.Load() != have || refused.Load() != asked-have || w.committed("Y56") != have || rows != have {
			t.Errorf("%d taken, %d refused, %d committed, %d rows", taken.Load(), refused.Load(), w.committed("Y56"), rows)
		}
	})
}

// filled is a world with four places, one of which moved from London to the
// North West, one without programme funding.
func (w *world) fill() {
	w.t.Helper()
	add := func(id, doctor, employer, region, from, to string) *placement.Spell {
		s := spell(from, to, 1000)
		s.Placement, s.Doctor, s.Employer, s.Region = id, doctor, employer, region
		w.spells = append(w.spells, s)
		return &w.spells[len(w.spells)-1]
	}
	add("PLACE1", "canary-doctor-1", "RX1", "Y56", "2022-04-01", "2022-06-30")
	add("PLACE1", "canary-doctor-1", "RX1", "Y62", "2022-07-01", "")
	add("PLACE2", "canary-doctor-2", "RX2", "Y56", "2022-09-01", "").WholeTime = 500
	add("PLACE3", "canary-doctor-3", "RX1", "Y56", "2022-05-01", "2022-05-31")
	add("PLACE4", "canary-doctor-4", "RX1", "Y56", "2022-05-01", "").Phase = ""
	add("PLACE5", "canary-doctor-5", "RX1", "Y56", "2022-10-05", "")
}

func TestRefreshKeepsTotals(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.set("Y56", 3)
		w.must(w.Commit(w.ctx, system, taking("PLACE1")))
		w.fill()
		for range 2 { // the second changes nothing
			w.must(w.Refresh(w.ctx, tenant, today))
		}
		v, err := w.LookPhase(w.ctx, national, "2022-23")
		w.must(err)
		var want int64
		for _, s := range w.spells {
			if s.Phase != "" {
				want += Estimate(s, w.rates, today).Pence
			}
		}
		f := v.Phases[0]
		if f.Estimated != want || want == 0 || f.Started != 4 || f.Days != 91+92+30+31 || v.AsAt.On != today || v.AsAt.Rates != w.rates.Version {
			t.Errorf("totals are %+v, want %d pence", f.Figures, want)
		}
		if len(f.ByRegion) != 2 || f.ByRegion[0].Region != "Y56" || f.ByRegion[0].Started != 3 || f.ByRegion[0].Committed != 1 || f.ByRegion[0].Figures.Places != 3 {
			t.Errorf("by region: %+v", f.ByRegion)
		}
		mine, err := w.LookPhase(w.ctx, finance, "2022-23")
		w.must(err)
		theirs, err := w.LookPhase(w.ctx, other, "2022-23")
		w.must(err)
		if mine.Phases[0].Estimated+theirs.Phases[0].Estimated != want || theirs.Phases[0].Started != 1 || mine.Phases[0].Budget != 0 {
			t.Errorf("employers see %+v and %+v", mine.Phases[0].Figures, theirs.Phases[0].Figures)
		}
		// PLACE3 was replaced on the day it began: its money goes again.
		w.spells = append(w.spells[:3], w.spells[4:]...)
		w.must(w.Refresh(w.ctx, tenant, today.AddDays(1)))
		v, err = w.LookPhase(w.ctx, national, "2022-23")
		w.must(err)
		if f := v.Phases[0]; f.Started != 3 || f.Days != 91+93+31 || v.AsAt.On != today.AddDays(1) || f.Committed != 1 {
			t.Errorf("after a day: %+v", f.Figures)
		}
		working, err := w.LookPlace(w.ctx, finance, "2022-23", "PLACE1")
		w.must(err)
		var sum int64
		for _, s := range working.Spells {
			sum += s.Pence
		}
		if len(working.Spells) != 2 || sum != working.Pence || sum == 0 {
			t.Errorf("the working of PLACE1 comes to %d of %d in %d spells", sum, working.Pence, len(working.Spells))
		}
	})
}

func TestPlannedAverage(t *testing.T) {
	if p, ok := PlannedAverage(phases()[0]); !ok || p != 3_800_000 {
		t.Errorf("got %d, %v", p, ok)
	}
	if _, ok := PlannedAverage(phases()[1]); ok {
		t.Error("what is not known must not be divided")
	}
}

func BenchmarkRefresh(b *testing.B) {
	rates, s := embedded(b), spell("2022-04-01", "2023-03-31", 800)
	b.ReportAllocs()
	for b.Loop() {
		Estimate(s, rates, today)
	}
}
