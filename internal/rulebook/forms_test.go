package rulebook_test

import (
	"encoding/json"
	"strings"
	"testing"

	"msw/internal/clock"
	"msw/internal/rulebook"
)

// shedValues are values by date for the rule files of tests.
const shedValues = `values:
  - id: lend_time
    title: How long a loan may last
    type: length
    rows:
      - {from: 2019-01-01, is: 24 months, mark: recalled}
      - {from: 2021-01-01, is: 90 days, mark: set-by-us, says: As the gardener said.}
      - {from: 2022-07-01, is: unknown, mark: recalled}
  - id: heavy
    title: What is heavy
    type: int
    unit: kilograms
    rows: [{is: 4, mark: set-by-us}, {from: 2022-06-25, is: 9, mark: set-by-us}]
  - id: season
    title: First day of the season
    type: date
    rows: [{is: 2022-03-01, mark: set-by-us}]
`

func withValues(set string) string { return set + shedValues }

// shed compiles one condition about tools and loans and evaluates it.
func shed(t *testing.T, condition string, facts []rulebook.Fact, on string) (rulebook.Result, error) {
	t.Helper()
	b, err := compile(withValues(toolSet("shed", "one", "from: 2015-01-01", when(kindsIn(condition), condition))))
	if err != nil {
		return rulebook.Result{}, err
	}
	return b.Sets()[0].Evaluate(facts, clock.MustDate(on)), nil
}

func kindsIn(condition string) string {
	var needs []string
	for _, kind := range []string{"tool", "loan"} {
		if strings.Contains(condition, " "+kind) || strings.Contains(condition, "("+kind) {
			needs = append(needs, kind)
		}
	}
	return strings.Join(needs, ", ")
}

// stays are tools as spans: 2020 whole, then from 20 January 2021 on.
func stays() []rulebook.Fact {
	d := clock.MustDate
	return []rulebook.Fact{
		{Kind: "tool", Date: d("2020-01-01"), Until: d("2020-12-31"), State: rulebook.Seen, Fields: map[string]any{"maker": "Ash", "weight": int64(6), "shape": "flat"}},
		{Kind: "tool", Date: d("2021-01-20"), State: rulebook.Seen, Fields: map[string]any{"maker": "Elm", "weight": int64(15), "shape": "round"}},
		{Kind: "loan", Date: d("2020-06-01"), Until: d("2020-06-10"), State: rulebook.Seen, Fields: map[string]any{"back": d("2020-06-01")}},
	}
}

func TestFormsAboutSpansValuesAndOtherDays(t *testing.T) {
	for _, c := range []struct{ condition, on, want, until string }{
		// windows whose last day is asked about
		{`any loan where date within 24 months`, "2022-05-31", "met", "2022-05-31"},
		{`any loan where date within 24 months`, "2022-06-01", "unmet", ""},
		{`any loan where date within 24 months inclusive`, "2022-06-01", "met", "2022-06-01"},
		{`any loan where date within 24 months inclusive`, "2022-06-02", "unmet", ""},
		{`any loan where date within 24 months undecided`, "2022-05-31", "met", "2022-05-31"},
		{`any loan where date within 24 months undecided`, "2022-06-01", "unknown", "2022-06-01"},
		{`any loan where date within 24 months undecided`, "2022-06-02", "unmet", ""},
		{`any loan where date within 24 months undecided of 2022-06-01`, "2020-07-01", "unknown", ""},
		// values by date
		{`any loan where date within value(lend_time at date)`, "2022-05-31", "met", "2022-05-31"},
		{`any loan where date within value(lend_time)`, "2020-08-29", "met", "2020-12-31"},
		{`any loan where date within value(lend_time)`, "2021-01-01", "unmet", "2022-06-30"},
		{`any loan where date within value(lend_time)`, "2022-07-01", "unknown", ""},
		{`any loan where date within value(lend_time at 2018-01-01)`, "2020-07-01", "unknown", ""},
		{`any loan where date + value(lend_time at date) = 2022-06-01`, "2020-07-01", "met", ""},
		{`any loan where date - value(lend_time at date) = 2018-06-01`, "2020-07-01", "met", ""},
		{`all tool where weight >= value(heavy)`, "2022-06-24", "met", "2022-06-24"},
		{`all tool where weight >= value(heavy)`, "2022-06-25", "unmet", ""},
		{`all tool where date < value(season)`, "2022-06-25", "met", ""},
		// as another day would have answered
		{`at 2020-06-30 (any tool where in_force)`, "2022-06-01", "met", ""},
		{`at 2021-01-10 (any tool where in_force)`, "2022-06-01", "unmet", ""},
		{`at 2021-01-10 (count(tool) = 1)`, "2022-06-01", "met", ""},
		{`at newest(loan.back) (latest tool where date within 12 months)`, "2022-06-01", "met", ""},
		{`any loan as l where (at l.date + 6 months (latest tool where date within 11 months))`, "2022-06-01", "unmet", ""},
		{`at newest(loan.back for not known(back)) (recorded tool)`, "2022-06-01", "unknown", ""},
		// time covered without a gap
		{`covered tool from 2020-01-01 to 2020-12-31`, "2022-06-01", "met", ""},
		{`covered tool from 2020-01-01 to 2021-03-01`, "2022-06-01", "unmet", ""},
		{`covered tool from 2020-01-01 to 2021-03-01 gaps 19 days`, "2022-06-01", "met", ""},
		{`covered tool from 2020-01-01 to 2021-03-01 gaps 18 days`, "2022-06-01", "unmet", ""},
		{`covered tool from on - 1 year to on`, "2022-01-18", "unmet", "2022-01-19"},
		{`covered tool from on - 1 year to on`, "2022-01-20", "met", ""},
		{`covered tool for shape = "flat" from on - 1 year to on gaps 28 days`, "2020-12-31", "met", "2021-01-28"},
		{`covered tool for shape = "flat" from on - 1 year to on gaps 28 days`, "2021-02-01", "unmet", ""},
		{`covered tool for sharp from on - 1 year to on`, "2021-02-01", "unknown", ""},
		{`covered tool for weight > 80 from on - 1 year to on`, "2021-02-01", "unknown", ""},
		{`covered tool from on - 24 months to on least 12 months`, "2021-01-20", "met", ""},
		{`covered tool from on - 24 months to on least 12 months`, "2020-12-29", "unmet", "2020-12-30"},
		{`covered tool from on - 24 months to on least 12 months`, "2020-12-31", "met", "2022-01-02"},
		{`covered loan from on - 1 year to on least 10 days`, "2020-06-10", "met", "2021-06-01"},
		{`unbroken tool lasts 12 months`, "2020-12-30", "unmet", "2020-12-30"},
		{`unbroken tool lasts 12 months`, "2020-12-31", "met", ""},
		{`unbroken tool lasts 13 months`, "2021-02-19", "unmet", "2022-02-18"},
		{`unbroken tool lasts 13 months gaps 20 days`, "2021-02-19", "met", ""},
		{`unbroken tool for shape = "flat" lasts 13 months`, "2021-02-19", "unmet", ""},
		{`unbroken tool for sharp lasts 12 months`, "2021-02-19", "unknown", ""},
		{`unbroken tool lasts value(lend_time at 2019-06-01)`, "2022-06-01", "unmet", "2023-01-18"},
		{`most(tool.weight in 12 months) <= 15`, "2022-06-01", "met", ""},
		{`most(tool.weight in 13 months) <= 20`, "2022-06-01", "unmet", ""},
		{`most(tool.weight in 13 months for shape = "flat") = 6`, "2022-06-01", "met", ""},
		{`most(loan.back in 13 months) = 6`, "2022-06-01", "error", ""},
		// one fact against another
		{`all tool as t where (any tool as u for u.date != t.date where u.maker = t.maker)`, "2022-06-01", "unmet", ""},
		{`all tool as t where (any tool as u where u.maker = t.maker)`, "2022-06-01", "met", ""},
		{`any tool as t where (any tool as u where u.shape != t.shape and u.maker != t.maker)`, "2022-06-01", "met", ""},
		{`any tool as t where (any tool as u where u.shape = t.maker)`, "2022-06-01", "error", ""},
		{`any tool as t where (any tool as u where u.maker < t.maker)`, "2022-06-01", "error", ""},
		// what cannot be
		{`covered tool from on`, "2022-06-01", "error", ""},
		{`covered tool from 2020-01-01 to weight`, "2022-06-01", "error", ""},
		{`covered tool from 2020-01-01 to on gaps 2 months`, "2022-06-01", "error", ""},
		{`unbroken tool lasts value(heavy)`, "2022-06-01", "error", ""},
		{`any tool where weight > value(season)`, "2022-06-01", "error", ""},
		{`any tool where weight > value(nothing)`, "2022-06-01", "error", ""},
		{`any tool where date within value(heavy)`, "2022-06-01", "error", ""},
		{`any tool where value(lend_time) > 3`, "2022-06-01", "error", ""},
		{`at on (recorded tool)`, "2022-06-01", "error", ""},
		{`at 3 (recorded tool)`, "2022-06-01", "error", ""},
		{`at date (recorded tool)`, "2022-06-01", "error", ""},
	} {
		res, err := shed(t, c.condition, stays(), c.on)
		got := "error"
		if err == nil {
			got = res.State.String()
		}
		if got != c.want || err == nil && res.Until.String() != c.until {
			t.Errorf("%s\non %s is %s until %q, want %s until %q (%v)", c.condition, c.on, got, res.Until, c.want, c.until, err)
		}
	}
}

const gardenRules = `
  - id: ROOM-1
    title: There is room
    accepts: claimed
    needs: [loan]
    when: recorded loan
    unmet: {kind: fixable, staff: No., doctor: No.}
    unknown: {staff: Not known., doctor: Not known.}
    sources: [{title: The gardener, mark: set-by-us}]
  - id: TOOL-2
    title: A tool
    accepts: verified
    after: [ROOM-1]
    routes: [GARDEN]
    decides: the gardener
    proof: A receipt.
    counts: first
    needs: [loan]
    not_needed: {when: any loan where date within 1 month, staff: Just lent., doctor: You were just lent one.}
    alternatives:
      - {id: HEAVY, title: A heavy one, needs: [tool], when: any tool where weight >= value(heavy)}
      - {id: SHARP, title: A sharp one, needs: [tool], when: any tool where sharp}
    unmet: {kind: fixable, staff: No., doctor: No.}
    waiting:
      - {when: any tool where not known(bought), kind: progress, who: shop, staff: Ordered., doctor: Ordered.}
      - {staff: Show it., doctor: Show it.}
    unknown:
      - {when: recorded tool, kind: ask, who: gardener, staff: Ask., doctor: Ask.}
      - {staff: Not known., doctor: Not known.}
    sources: [{title: The gardener, mark: recalled}]
  - id: ALL
    title: Both
    accepts: claimed
    when: met(ROOM-1) and met(TOOL-2) and not met(TOOL-2/SHARP)
    unmet: {kind: fixable, staff: No., doctor: No.}
    unknown: {staff: Not known., doctor: Not known.}
    sources: [{title: The gardener, mark: set-by-us}]
`

func garden(t *testing.T, more ...string) *rulebook.Book {
	t.Helper()
	b, err := compile(append([]string{withValues(toolSet("garden", "base", "from: 2020-01-01, to: 2021-12-31", strings.TrimPrefix(gardenRules, "\n")))}, more...)...)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestARequirementMayBeSparedWaitAndComeAfterOthers(t *testing.T) {
	set := garden(t).Sets()[0]
	facts := stays()
	facts[2].State = rulebook.Verified
	ask := func(on string) (rulebook.Result, *rulebook.Outcome) {
		res := set.Evaluate(facts, clock.MustDate(on))
		return res, res.Requirement("TOOL-2")
	}
	res, o := ask("2020-06-15")
	if o.State != rulebook.Met || o.NotNeeded == nil || o.NotNeeded.Staff != "Just lent." || o.Until.String() != "2020-06-30" || res.Requirement("ALL").State != rulebook.Unknown {
		t.Errorf("just lent, it is %+v", o)
	}
	if _, o = ask("2020-07-01"); o.State != rulebook.Unknown || !o.Waiting || o.Reason.Kind != "progress" || o.Reason.Who != "shop" || o.NotNeeded != nil {
		t.Errorf("seen only, it is %+v with %+v", o, o.Reason)
	}
	facts[0].State = rulebook.Verified
	facts = append(facts, rulebook.Fact{Kind: "tool", Date: clock.MustDate("2020-02-01"), State: rulebook.Verified, Fields: map[string]any{"sharp": true}})
	if res, o = ask("2020-07-01"); o.State != rulebook.Met || o.By != "HEAVY" || len(res.BlockedBy(o)) != 0 || o.Decides != "the gardener" || o.Values != nil || o.Alternatives[0].Values[0] != "heavy" {
		t.Errorf("verified, it is %+v by %q", o, o.By)
	}
	if all := res.Requirement("ALL"); all.State != rulebook.Unmet {
		t.Errorf("an alternative asked for by its path gives %s", all.State)
	}
	facts[0].Date = clock.MustDate("2020-03-01")
	if _, o = ask("2020-07-01"); o.By != "SHARP" {
		t.Errorf("the first complete alternative is %q", o.By)
	}
	facts = facts[:2]
	if res, o = ask("2020-01-01"); len(res.BlockedBy(o)) != 1 || res.BlockedBy(o)[0] != "ROOM-1" {
		t.Errorf("blocked by %v", res.BlockedBy(o))
	}
}

func TestAVersionMayExtendAnother(t *testing.T) {
	newer := `id: garden
name: newer
extends: base
title: Garden rules, newer
effective: {from: 2022-01-01, mark: set-by-us}
without: [ALL]
values:
  - {id: heavy, title: What is heavy, type: int, rows: [{is: 90, mark: set-by-us}]}
requirements:
  - id: ROOM-1
    title: There is no room
    accepts: claimed
    needs: [loan]
    when: not recorded loan
    unmet: {kind: fixable, staff: No., doctor: No.}
    unknown: {staff: Not known., doctor: Not known.}
    sources: [{title: The gardener, mark: set-by-us}]
`
	facts := stays()
	facts[0].State, facts[1].State = rulebook.Verified, rulebook.Verified
	b := garden(t, newer)
	base, _ := b.Named("garden", "base")
	set, _ := b.Named("garden", "newer")
	before, after := base.Evaluate(facts, clock.MustDate("2021-06-01")), set.Evaluate(facts, clock.MustDate("2022-06-01"))
	if before.Requirement("ROOM-1").State != rulebook.Met || after.Requirement("ROOM-1").State != rulebook.Unmet {
		t.Error("the newer requirement does not take the older one's place")
	}
	if before.Requirement("TOOL-2").State != rulebook.Met || after.Requirement("TOOL-2").Alternatives[0].State != rulebook.Unmet {
		t.Error("an inherited requirement does not read the newer value")
	}
	if after.Requirement("ALL") != nil || len(set.Requirements()) != 2 || set.Extends()[0] != "base" {
		t.Error("a requirement that is done without is there")
	}
	changed := garden(t, newer+"notes: One more word.\n")
	if other, _ := changed.Named("garden", "newer"); other.Version() == set.Version() {
		t.Error("another text has the same version")
	}
	if same, _ := garden(t, newer).Named("garden", "newer"); same.Version() != set.Version() {
		t.Error("the same texts have two versions")
	}
	for name, wrong := range map[string]string{
		"no such version": strings.Replace(newer, "extends: base", "extends: bas", 1),
		"itself":          strings.Replace(newer, "extends: base", "extends: newer", 1),
		"no such one":     strings.Replace(newer, "without: [ALL]", "without: [ANY]", 1),
		"one is missed":   strings.Replace(newer, "without: [ALL]", "without: [TOOL-2]", 1),
		"after itself":    newer + "    after: [TOOL-2]\n",
		"after nothing":   newer + "    after: [X]\n",
	} {
		_, err := compile(withValues(toolSet("garden", "base", "from: 2020-01-01, to: 2021-12-31", strings.TrimPrefix(gardenRules, "\n"))), wrong)
		if err == nil || !strings.Contains(err.Error(), "set") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestUsingARequirementKeepsItsAlternativesAndReasons(t *testing.T) {
	b := garden(t, toolSet("hut", "one", "from: 2020-01-01", `  - {id: H, title: As in the garden, uses: garden/TOOL-2}
  - id: OWN
    title: As in the garden, in our words
    uses: garden/TOOL-2
    unmet: {kind: fatal, staff: Never., doctor: Never.}
    unknown: {staff: We cannot say., doctor: We cannot say.}
`))
	hut, _ := b.Named("hut", "one")
	res := hut.Evaluate(stays(), clock.MustDate("2021-06-01"))
	h, own := res.Requirement("H"), res.Requirement("OWN")
	if h.State != rulebook.Unknown || !h.Waiting || len(h.Alternatives) != 2 || h.Reason.Who != "shop" || h.Title != "As in the garden" || own.Reason.Staff != "We cannot say." {
		t.Fatalf("%+v with %+v and %+v", h, h.Reason, own.Reason)
	}
	if res.Until.String() != "2021-12-31" || res.Uses[0].RuleSet != "garden" {
		t.Errorf("it holds until %q, by %v", res.Until, res.Uses)
	}
	first, err := json.Marshal(res)
	if err != nil {
		t.Fatal(err)
	}
	var read rulebook.Result
	if err := json.Unmarshal(first, &read); err != nil {
		t.Fatal(err)
	}
	if again, _ := json.Marshal(read); string(again) != string(first) {
		t.Error("a result read back has other bytes")
	}
}

func TestFaultsOfANewFormTellWhereTheyAre(t *testing.T) {
	_, err := compile(strings.NewReplacer("is: 90 days", "is: soon", "2022-07-01, is", "2018-07-01, is", "type: int", "type: number").
		Replace(withValues(toolSet("shed", "one", "from: 2015-01-01", when("tool", "any tool where weight > value(heavy)")))))
	for _, want := range []string{"set0.yaml:22:", "set0.yaml:17:", "set0.yaml:26:"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s is not in\n%v", want, err)
		}
	}
}
