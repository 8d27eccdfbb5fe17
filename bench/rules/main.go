// Command rules measures msw's rule engine beside its peers: closures written by
// hand in Go, cel-go, expr, Open Policy Agent and json-rules-engine. All answer
// the same thirty conditions for the same facts, and none is measured before its
// answers were found equal. It writes its own part of bench/results.md.
//
// It is a module of its own, so that no peer becomes a dependency of msw.
package main

import (
	_ "embed"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"time"

	"msw/internal/rulebook"
)

//go:embed facts.yaml
var factsFile string

func main() {
	var (
		people = flag.Int("people", 256, "how many different cases")
		rounds = flag.Int("rounds", 5, "how many times each contestant runs")
		each   = flag.Duration("each", 500*time.Millisecond, "CPU time of one run")
		out    = flag.String("out", "../results.md", "the file whose part on rules is written anew")
		node   = flag.String("node", "", "folder in which json-rules-engine is installed; left out without it")
	)
	flag.Parse()
	runtime.GOMAXPROCS(1)
	if err := run(*people, *rounds, *each, *out, *node); err != nil {
		fmt.Fprintln(os.Stderr, "bench/rules:", err)
		os.Exit(1)
	}
}

func run(n, rounds int, each time.Duration, out, node string) error {
	b, err := prepare(n)
	if err != nil {
		return err
	}
	list, err := b.contestants()
	if err != nil {
		return err
	}
	measure(list, rounds, each)
	if node != "" {
		js, err := b.javascript(node, rounds, each)
		if err != nil {
			return err
		}
		list = append(list, js)
	}
	text := table(list, n, rounds)
	fmt.Print(text)
	return writeSection(out, text)
}

// bench is the cases in the form msw takes, with the right answers.
type bench struct {
	people []*person
	book   *rulebook.Book
	set    *rulebook.Set
	facts  [][]rulebook.Fact
	cases  []rulebook.Case
	want   [][]bool
}

func prepare(n int) (*bench, error) {
	book, err := rulebook.Compile([]rulebook.File{{Name: rulebook.SchemaFile, Text: factsFile}, {Name: "thirty.yaml", Text: ruleFile()}})
	if err != nil {
		return nil, err
	}
	b := &bench{book: book, set: book.Sets()[0], cases: make([]rulebook.Case, n)}
	r := rand.New(rand.NewPCG(2026, 11))
	for i := range n {
		p := draw(r)
		facts := p.facts()
		for _, f := range facts {
			if err := book.Schema().Check(f); err != nil {
				return nil, err
			}
		}
		book.Schema().Prepare(facts, &b.cases[i])
		res := b.set.Evaluate(facts, on)
		var want []bool
		for k, o := range res.Requirements {
			if o.State == rulebook.Unknown {
				return nil, fmt.Errorf("%s is unknown for case %d, which yes-or-no peers cannot say", conditions[k].id, i)
			}
			want = append(want, o.State == rulebook.Met)
		}
		b.people, b.facts, b.want = append(b.people, p), append(b.facts, facts), append(b.want, want)
	}
	return b, nil
}

// contestants makes them all and checks every answer of each.
func (b *bench) contestants() ([]*contestant, error) {
	cel, err := newCEL(b.people)
	if err != nil {
		return nil, fmt.Errorf("cel-go: %w", err)
	}
	expr, err := newExpr(b.people)
	if err != nil {
		return nil, fmt.Errorf("expr: %w", err)
	}
	opa, err := newOPA(b.people)
	if err != nil {
		return nil, fmt.Errorf("OPA: %w", err)
	}
	each, err := newOPAEach(opa)
	if err != nil {
		return nil, fmt.Errorf("OPA: %w", err)
	}
	list := []*contestant{
		{name: reasonsName, note: "answer, reason, deciding facts and dates, until when", run: b.reasons},
		{name: storedName, note: "the same, facts compiled from maps each time", run: b.stored},
		{name: answersName, note: "met, unmet or unknown alone", run: b.answers},
		{name: storedAnswersName, note: "the same, facts compiled from maps each time", run: b.storedAnswers},
	}
	for _, p := range []struct {
		name, note string
		peer       peer
	}{
		{handName, "three-valued, proof and date of each fact looked at", handPeer{b.people}},
		{celName, "30 programs, yes or no; months counted beforehand", cel},
		{exprName, "30 programs on typed structs, yes or no; months counted beforehand", expr},
		{opaName, "one prepared query, yes or no; months counted beforehand", opa},
		{opaEachName, "30 prepared queries, yes or no; months counted beforehand", each},
		{opaGivenName, "one prepared query, input as Go values each time", newOPAGiven(b.people, opa.query)},
		{opaEachGivenName, "30 prepared queries, input as Go values each time", newOPAGiven(b.people, each.queries...)},
	} {
		into := make([]bool, len(conditions))
		for i := range b.people {
			if err := p.peer.answer(i, into); err != nil {
				return nil, fmt.Errorf("%s: %w", p.name, err)
			}
			for k := range into {
				if into[k] != b.want[i][k] {
					return nil, fmt.Errorf("%s answers %s of case %d with %v, msw with %v", p.name, conditions[k].id, i, into[k], b.want[i][k])
				}
			}
		}
		list = append(list, &contestant{name: p.name, note: p.note, run: func(cases int) {
			for i := range cases {
				if err := p.peer.answer(i%len(b.people), into); err != nil {
					panic(err)
				}
			}
		}})
	}
	return list, b.checkAnswers()
}

// checkAnswers compares the answers alone with those that come with reasons.
func (b *bench) checkAnswers() error {
	var got []rulebook.Answer
	for i := range b.cases {
		got = b.set.Answers(&b.cases[i], on, got)
		for k := range got {
			if (got[k] == rulebook.Met) != b.want[i][k] {
				return fmt.Errorf("msw answers %s of case %d in two ways", conditions[k].id, i)
			}
		}
	}
	return nil
}

func (b *bench) reasons(cases int) {
	var res rulebook.Result
	for i := range cases {
		b.set.EvaluateInto(&b.cases[i%len(b.cases)], on, &res)
	}
}

func (b *bench) stored(cases int) {
	var res rulebook.Result
	var c rulebook.Case
	for i := range cases {
		b.book.Schema().Prepare(b.facts[i%len(b.facts)], &c)
		b.set.EvaluateInto(&c, on, &res)
	}
}

func (b *bench) answers(cases int) {
	var into []rulebook.Answer
	for i := range cases {
		into = b.set.Answers(&b.cases[i%len(b.cases)], on, into)
	}
}

func (b *bench) storedAnswers(cases int) {
	var into []rulebook.Answer
	var c rulebook.Case
	for i := range cases {
		b.book.Schema().Prepare(b.facts[i%len(b.facts)], &c)
		into = b.set.Answers(&c, on, into)
	}
}
