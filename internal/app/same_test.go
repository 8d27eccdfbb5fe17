package app

import (
	"cmp"
	"context"
	"reflect"
	"slices"
	"testing"

	"msw/internal/access"
	"msw/internal/casefile"
	"msw/internal/doctor"
	"msw/internal/eligibility"
	"msw/internal/organisation"
	"msw/internal/outcome"
	"msw/internal/programme"
	"msw/internal/referral"
)

// everywhere is where one person could be counted or shown.
type everywhere struct {
	Sums     map[casefile.Stage]int
	Found    map[string][]string // by what was searched: the references listed
	Queue    []string
	Waits    int // for a post
	Referred int // by the charity
	Figures  outcome.Figures
	Regions  map[string]outcome.Figures
}

func (r *road) everywhere(refs ...string) (e everywhere) {
	r.t.Helper()
	ctx, call := r.t.Context(), r.by(r.account("caseworker"), organisation.RoleCaseworker)
	e.Found = map[string][]string{}
	for _, ref := range refs {
		found, err := r.Cases.List(ctx, call, casefile.Query{Text: ref})
		r.fatal(err)
		e.Sums = found.Sums
		for _, row := range found.Rows {
			e.Found[ref] = append(e.Found[ref], row.Ref)
		}
	}
	for after := []string(nil); ; {
		q, err := r.Eligibility.Queue(ctx, r.by("a", organisation.RoleAssessor), eligibility.QueueQuery{Turn: "assessor", After: after}, nil)
		r.fatal(err)
		for _, row := range q.Rows {
			e.Queue = append(e.Queue, row.Ref)
		}
		if after = q.Next; after == nil {
			break
		}
	}
	waits, err := r.Cases.Placeable(ctx, programme.National)
	r.fatal(err)
	e.Waits = len(waits)
	desk := r.by(r.account("charity"), organisation.RoleReferrer)
	desk.Actor.Members[0] = access.Membership{Role: organisation.RoleReferrer, Organisation: r.charity()}
	for after := []string(nil); ; {
		d, err := r.Referrals.Desk(ctx, desk, referral.DeskQuery{Group: referral.GroupAll, After: after})
		r.fatal(err)
		e.Referred += len(d.Answers)
		if after = d.Next; after == nil {
			break
		}
	}
	e.Figures, e.Regions, err = r.Outcomes.Live(ctx, r.by("n", organisation.RoleNationalLead), r.Now().Local())
	r.fatal(err)
	return e
}

func (r *road) fatal(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

// caseIn gives the newest case of a stage that the charity referred, or any.
func (r *road) caseIn(stage casefile.Stage, referred bool, but ...string) casefile.Case {
	r.t.Helper()
	all, err := r.Cases.Standings(r.t.Context(), programme.National, "", 1000)
	r.fatal(err)
	slices.SortFunc(all, func(a, b casefile.Standing) int { return cmp.Compare(b.Doctor, a.Doctor) })
	for _, s := range all {
		c, err := r.Cases.Get(r.t.Context(), s.Doctor, programme.National)
		r.fatal(err)
		if (stage == "" || s.Stage == stage) && !slices.Contains(but, s.Ref) && (!referred || slices.Contains(c.Referrers, r.charity())) {
			return c
		}
	}
	r.t.Fatalf("no case is %s", stage)
	return casefile.Case{}
}

// Two records that staff linked are one person in every list, queue and figure,
// whichever of them goes on; undoing the link puts all back as it was.
func TestLinkedRecordsAreOnePersonEverywhere(t *testing.T) {
	eachEngine(t, func(t *testing.T, database string) {
		a := applicant(t, database)
		r, ctx, staff := a.road, t.Context(), a.by(a.account("caseworker"), organisation.RoleCaseworker)
		applied, err := r.Cases.ByRef(ctx, programme.National, r.ref)
		r.fatal(err)
		inPost := r.caseIn(casefile.StageInPost, false)
		before := r.everywhere(r.ref, inPost.Ref)
		if !slices.Contains(before.Queue, r.ref) || !slices.Equal(before.Found[r.ref], []string{r.ref}) || before.Referred == 0 || before.Figures[outcome.Started] == 0 {
			t.Fatalf("before: %+v", before)
		}
		for _, kept := range []casefile.Case{inPost, applied} {
			other := applied
			if kept.Doctor == applied.Doctor {
				other = inPost
			}
			r.fatal(r.Doctors.Merge(ctx, staff, doctor.Merge{Kept: kept.Doctor, Other: other.Doctor}))
			is := r.everywhere(r.ref, inPost.Ref)
			for _, ref := range []string{r.ref, inPost.Ref} {
				if !slices.Equal(is.Found[ref], []string{kept.Ref}) {
					t.Errorf("%s goes on: a search for %s finds %v", kept.Ref, ref, is.Found[ref])
				}
			}
			if is.Sums[other.Stage] != before.Sums[other.Stage]-1 || is.Sums[kept.Stage] != before.Sums[kept.Stage] {
				t.Errorf("%s goes on: totals %v, before %v", kept.Ref, is.Sums, before.Sums)
			}
			if slices.Contains(is.Queue, r.ref) != (kept.Ref == r.ref) {
				t.Errorf("%s goes on: the queue is %v", kept.Ref, is.Queue)
			}
			// The start is on the one record: the person has started whichever goes on.
			if !reflect.DeepEqual(is.Figures, before.Figures) {
				t.Errorf("%s goes on: figures %v, before %v", kept.Ref, is.Figures, before.Figures)
			}
			if got, was := is.Regions[kept.Region][outcome.Started], before.Regions[inPost.Region][outcome.Started]; kept.Ref == inPost.Ref && got != was || kept.Region != inPost.Region && got == 0 {
				t.Errorf("%s goes on: its region has started %d", kept.Ref, got)
			}
			// A change on the record that does not go on moves no total.
			r.fatal(r.Cases.Record(ctx, operator(programme.National, r.Now()), casefile.Milestone{Doctor: other.Doctor, Kind: casefile.Paused, On: r.Now().Local(), Source: "test"}))
			r.fatal(r.Cases.Supersede(ctx, operator(programme.National, r.Now()), other.Doctor, casefile.Paused, "test", nil))
			r.fatal(r.Doctors.Decide(ctx, staff, kept.Doctor, other.Doctor, ""))
			if after := r.everywhere(r.ref, inPost.Ref); !reflect.DeepEqual(after, before) {
				t.Errorf("%s went on: after the undoing %+v, before %+v", kept.Ref, after, before)
			}
		}
		r.linkedTwice(staff, applied, inPost)
		r.sealed()
	})
}

// linkedTwice links two people who both started, and a third to the one that
// goes on: a chain, never a circle.
func (r *road) linkedTwice(staff access.Call, applied, inPost casefile.Case) {
	r.t.Helper()
	ctx := r.t.Context()
	second := r.caseIn(casefile.StageInPost, false, inPost.Ref)
	before := r.everywhere(inPost.Ref, second.Ref, applied.Ref)
	r.fatal(r.Doctors.Merge(ctx, staff, doctor.Merge{Kept: inPost.Doctor, Other: second.Doctor}))
	if is := r.everywhere(second.Ref); is.Figures[outcome.Started] != before.Figures[outcome.Started]-1 || is.Sums[casefile.StageInPost] != before.Sums[casefile.StageInPost]-1 {
		r.t.Errorf("two who started are %d, before %d", is.Figures[outcome.Started], before.Figures[outcome.Started])
	}
	if err := r.Doctors.Merge(ctx, staff, doctor.Merge{Kept: second.Doctor, Other: applied.Doctor}); err == nil {
		r.t.Error("a record that goes on as another took a third")
	}
	r.fatal(r.Doctors.Merge(ctx, staff, doctor.Merge{Kept: applied.Doctor, Other: inPost.Doctor}))
	if err := r.Doctors.Merge(ctx, staff, doctor.Merge{Kept: second.Doctor, Other: applied.Doctor}); err == nil {
		r.t.Error("a circle was linked")
	}
	is := r.everywhere(second.Ref, inPost.Ref)
	if is.Figures[outcome.Started] != before.Figures[outcome.Started]-1 || !slices.Equal(is.Found[second.Ref], []string{applied.Ref}) {
		r.t.Errorf("three records: started %d, found %v", is.Figures[outcome.Started], is.Found)
	}
	r.fatal(r.Doctors.Decide(ctx, staff, applied.Doctor, inPost.Doctor, ""))
	if is := r.everywhere(second.Ref); !slices.Equal(is.Found[second.Ref], []string{inPost.Ref}) {
		r.t.Errorf("the link that is left: %v", is.Found)
	}
	r.fatal(r.Doctors.Decide(ctx, staff, inPost.Doctor, second.Doctor, doctor.Different))
	if is := r.everywhere(inPost.Ref, second.Ref, applied.Ref); !reflect.DeepEqual(is, before) {
		r.t.Errorf("after both undoings %+v, before %+v", is, before)
	}
}

// A charity sees a person once whom it referred twice.
func TestACharitySeesOnePersonOnce(t *testing.T) {
	eachEngine(t, func(t *testing.T, database string) {
		r := &road{site: newSite(t, database, 400, "2026-10-27"), t: t}
		ctx, staff := t.Context(), r.by(r.account("caseworker"), organisation.RoleCaseworker)
		one := r.caseIn("", true)
		two := r.caseIn("", true, one.Ref)
		before := r.everywhere(one.Ref)
		r.fatal(r.Doctors.Merge(ctx, staff, doctor.Merge{Kept: one.Doctor, Other: two.Doctor}))
		if is := r.everywhere(one.Ref); is.Referred != before.Referred-1 {
			t.Errorf("the desk has %d rows, before %d", is.Referred, before.Referred)
		}
		r.fatal(r.Doctors.Decide(ctx, staff, one.Doctor, two.Doctor, ""))
		if is := r.everywhere(one.Ref); is.Referred != before.Referred {
			t.Errorf("after the undoing %d rows, before %d", is.Referred, before.Referred)
		}
	})
}

// A link that was made before cases knew of links counts from the regular work on.
func TestAnEarlierLinkIsToldToItsCases(t *testing.T) {
	eachEngine(t, func(t *testing.T, database string) {
		a := applicant(t, database)
		r, ctx := a.road, t.Context()
		applied, err := r.Cases.ByRef(ctx, programme.National, r.ref)
		r.fatal(err)
		inPost := r.caseIn(casefile.StageInPost, false)
		before := r.everywhere(r.ref)
		r.fatal(r.DB.Tx(ctx, func(ctx context.Context) error {
			_, err := r.DB.Q(ctx).Exec(ctx, `INSERT INTO doctor_pair (tenant_id, first_id, second_id, verdict, kept_id, decided_by, decided_at, version) VALUES ($1, $2, $3, 'same', $4, 'a', $5, 1)`,
				programme.National, min(applied.Doctor, inPost.Doctor), max(applied.Doctor, inPost.Doctor), inPost.Doctor, r.Now())
			return err
		}))
		if is := r.everywhere(r.ref); !slices.Contains(is.Queue, r.ref) || is.Sums[applied.Stage] != before.Sums[applied.Stage] {
			t.Fatal("the cases knew already")
		}
		for range 2 {
			r.fatal(r.retoken(ctx, r.Now()))
			is := r.everywhere(r.ref)
			if slices.Contains(is.Queue, r.ref) || !slices.Equal(is.Found[r.ref], []string{inPost.Ref}) || is.Sums[applied.Stage] != before.Sums[applied.Stage]-1 {
				t.Errorf("not told: found %v, totals %v, before %v", is.Found, is.Sums, before.Sums)
			}
		}
		r.fatal(r.Doctors.Decide(ctx, a.by(a.account("caseworker"), organisation.RoleCaseworker), inPost.Doctor, applied.Doctor, ""))
		if after := r.everywhere(r.ref); !reflect.DeepEqual(after, before) {
			t.Errorf("after the undoing %+v, before %+v", after, before)
		}
	})
}
