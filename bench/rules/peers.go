package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
	"cel.dev/cel-go/ext"
	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/vm"
	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"

	"msw/internal/rulebook"
)

// peer answers the thirty conditions of one case; what it needs of a case is
// made beforehand and not measured.
type peer interface {
	answer(i int, into []bool) error
}

// celPeer runs one program for each condition, over records that were adapted to
// its own values before.
type celPeer struct {
	programs []cel.Program
	cases    []cel.Activation
}

func newCEL(people []*person) (*celPeer, error) {
	options := []cel.EnvOption{cel.Variable("on", cel.IntType), ext.Lists(ext.ListsVersion(3)), sums()}
	for _, name := range listOf {
		options = append(options, cel.Variable(name, cel.ListType(cel.MapType(cel.StringType, cel.DynType))))
	}
	env, err := cel.NewEnv(options...)
	if err != nil {
		return nil, err
	}
	p := &celPeer{}
	for _, c := range conditions {
		tree, issues := env.Compile(c.cel)
		if issues.Err() != nil {
			return nil, fmt.Errorf("%s: %w", c.id, issues.Err())
		}
		program, err := env.Program(tree, cel.EvalOptions(cel.OptOptimize))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.id, err)
		}
		p.programs = append(p.programs, program)
	}
	for _, person := range people {
		adapted := map[string]any{}
		for name, value := range person.lists() {
			adapted[name] = adapt(env, value)
		}
		activation, err := cel.NewActivation(adapted)
		if err != nil {
			return nil, err
		}
		p.cases = append(p.cases, activation)
	}
	return p, nil
}

// adapt makes cel's own values of plain ones, all the way down.
func adapt(env *cel.Env, value any) ref.Val {
	a := env.CELTypeAdapter()
	switch v := value.(type) {
	case []any:
		list := make([]ref.Val, len(v))
		for i := range v {
			list[i] = adapt(env, v[i])
		}
		return a.NativeToValue(list)
	case map[string]any:
		m := map[ref.Val]ref.Val{}
		for name, field := range v {
			m[types.String(name)] = adapt(env, field)
		}
		return types.NewRefValMap(a, m)
	}
	return a.NativeToValue(value)
}

// sums gives cel the sum of a list of whole numbers, which it does not have.
func sums() cel.EnvOption {
	return cel.Function("sum", cel.MemberOverload("list_sum", []*cel.Type{cel.ListType(cel.DynType)}, cel.IntType,
		cel.UnaryBinding(func(list ref.Val) ref.Val {
			total := types.Int(0)
			for it := list.(traits.Lister).Iterator(); it.HasNext() == types.True; {
				total += it.Next().(types.Int)
			}
			return total
		})))
}

func (p *celPeer) answer(i int, into []bool) error {
	for k, program := range p.programs {
		out, _, err := program.Eval(p.cases[i])
		if err != nil {
			return fmt.Errorf("%s: %w", conditions[k].id, err)
		}
		into[k] = out == types.True
	}
	return nil
}

// exprPeer runs one program for each condition, over typed records.
type exprPeer struct {
	programs []*vm.Program
	cases    []exprCase
	machine  vm.VM
}

// exprRecord is a record as expr reads it fastest: a struct with typed fields.
type exprRecord struct {
	Date            int    `expr:"date"`
	Until           int    `expr:"until"`
	End24           int    `expr:"end24"`
	End3            int    `expr:"end3"`
	Signed          int    `expr:"signed"`
	Test            string `expr:"test"`
	Overall         int    `expr:"overall"`
	Listening       int    `expr:"listening"`
	Reading         int    `expr:"reading"`
	Writing         int    `expr:"writing"`
	Speaking        int    `expr:"speaking"`
	Name            string `expr:"name"`
	Attempt         int    `expr:"attempt"`
	Outcome         string `expr:"outcome"`
	Registrable     string `expr:"registrable"`
	TaughtInEnglish bool   `expr:"taught_in_english"`
	Group           string `expr:"group"`
	Length          int    `expr:"length"`
	Postgraduate    bool   `expr:"postgraduate"`
	Category        string `expr:"category"`
	MayWork         bool   `expr:"may_work"`
	MayReside       bool   `expr:"may_reside"`
	Visitor         bool   `expr:"visitor"`
	InUK            bool   `expr:"in_uk"`
	Kind            string `expr:"kind"`
	Placed          bool   `expr:"placed"`
	NameMatches     bool   `expr:"name_matches"`
}

type exprCase struct {
	On             int          `expr:"on" json:"on"`
	English        []exprRecord `expr:"english" json:"english"`
	Exams          []exprRecord `expr:"exams" json:"exams"`
	Qualifications []exprRecord `expr:"qualifications" json:"qualifications"`
	Experience     []exprRecord `expr:"experience" json:"experience"`
	Permissions    []exprRecord `expr:"permissions" json:"permissions"`
	Residence      []exprRecord `expr:"residence" json:"residence"`
	Registrations  []exprRecord `expr:"registrations" json:"registrations"`
	Certificates   []exprRecord `expr:"certificates" json:"certificates"`
	Placements     []exprRecord `expr:"placements" json:"placements"`
	Identities     []exprRecord `expr:"identities" json:"identities"`
}

// plainRecord is a record typed as expr wants it.
func plainRecord(m map[string]any) exprRecord {
	number := func(name string) int { n, _ := m[name].(int64); return int(n) }
	text := func(name string) string { s, _ := m[name].(string); return s }
	truth := func(name string) bool { b, _ := m[name].(bool); return b }
	return exprRecord{number("date"), number("until"), number("end24"), number("end3"), number("signed"), text("test"), number("overall"), number("listening"),
		number("reading"), number("writing"), number("speaking"), text("name"), number("attempt"), text("outcome"), text("registrable"), truth("taught_in_english"),
		text("group"), number("length"), truth("postgraduate"), text("category"), truth("may_work"), truth("may_reside"), truth("visitor"), truth("in_uk"),
		text("kind"), truth("placed"), truth("name_matches")}
}

func newExpr(people []*person) (*exprPeer, error) {
	p := &exprPeer{}
	for _, c := range conditions {
		program, err := expr.Compile(c.expr, expr.Env(exprCase{}), expr.AsBool())
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.id, err)
		}
		p.programs = append(p.programs, program)
	}
	for _, person := range people {
		lists := person.lists()
		of := func(name string) (list []exprRecord) {
			for _, m := range lists[name].([]any) {
				list = append(list, plainRecord(m.(map[string]any)))
			}
			return list
		}
		p.cases = append(p.cases, exprCase{int(on), of("english"), of("exams"), of("qualifications"), of("experience"), of("permissions"), of("residence"),
			of("registrations"), of("certificates"), of("placements"), of("identities")})
	}
	return p, nil
}

func (p *exprPeer) answer(i int, into []bool) error {
	for k, program := range p.programs {
		out, err := p.machine.Run(program, &p.cases[i])
		if err != nil {
			return fmt.Errorf("%s: %w", conditions[k].id, err)
		}
		into[k] = out.(bool)
	}
	return nil
}

// opaPeer asks one prepared query for all thirty, over input parsed before.
type opaPeer struct {
	query rego.PreparedEvalQuery
	cases []ast.Value
}

func regoModule() string {
	var b strings.Builder
	b.WriteString("package bench\n")
	for _, c := range conditions {
		fmt.Fprintf(&b, "\nmet contains %q if {\n\t%s\n}\n", c.id, strings.ReplaceAll(c.rego, "; ", "\n\t"))
	}
	return b.String()
}

func newOPA(people []*person) (*opaPeer, error) {
	query, err := rego.New(rego.Query("data.bench.met"), rego.Module("bench.rego", regoModule())).PrepareForEval(context.Background())
	if err != nil {
		return nil, err
	}
	p := &opaPeer{query: query}
	for _, person := range people {
		text, err := json.Marshal(person.lists())
		if err != nil {
			return nil, err
		}
		var plain any
		if err := json.Unmarshal(text, &plain); err != nil {
			return nil, err
		}
		value, err := ast.InterfaceToValue(plain)
		if err != nil {
			return nil, err
		}
		p.cases = append(p.cases, value)
	}
	return p, nil
}

func (p *opaPeer) answer(i int, into []bool) error {
	results, err := p.query.Eval(context.Background(), rego.EvalParsedInput(p.cases[i]))
	if err != nil {
		return err
	}
	clear(into)
	for _, id := range results[0].Expressions[0].Value.([]any) {
		for k := range conditions {
			if conditions[k].id == id {
				into[k] = true
			}
		}
	}
	return nil
}

// opaEach asks one prepared query for each condition, as cel and expr are asked.
type opaEach struct {
	queries []rego.PreparedEvalQuery
	cases   []ast.Value
}

func newOPAEach(one *opaPeer) (*opaEach, error) {
	p := &opaEach{cases: one.cases}
	for _, c := range conditions {
		module := fmt.Sprintf("package bench\n\ndefault met := false\n\nmet if {\n\t%s\n}\n", strings.ReplaceAll(c.rego, "; ", "\n\t"))
		query, err := rego.New(rego.Query("data.bench.met"), rego.Module("bench.rego", module)).PrepareForEval(context.Background())
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.id, err)
		}
		p.queries = append(p.queries, query)
	}
	return p, nil
}

func (p *opaEach) answer(i int, into []bool) error {
	for k := range p.queries {
		results, err := p.queries[k].Eval(context.Background(), rego.EvalParsedInput(p.cases[i]))
		if err != nil {
			return err
		}
		into[k] = results[0].Expressions[0].Value == true
	}
	return nil
}

// opaGiven asks as opaPeer and opaEach do, but hands the input over as Go values
// each time, as programs do that embed it; OPA makes its own values of them.
type opaGiven struct {
	queries []rego.PreparedEvalQuery // one for all, or one each
	inputs  []map[string]any
}

func newOPAGiven(people []*person, queries ...rego.PreparedEvalQuery) *opaGiven {
	p := &opaGiven{queries: queries}
	for _, person := range people {
		p.inputs = append(p.inputs, person.lists())
	}
	return p
}

func (p *opaGiven) answer(i int, into []bool) error {
	clear(into)
	for k := range p.queries {
		results, err := p.queries[k].Eval(context.Background(), rego.EvalInput(p.inputs[i]))
		if err != nil {
			return err
		}
		switch v := results[0].Expressions[0].Value.(type) {
		case bool:
			into[k] = v
		case []any:
			for _, id := range v {
				for c := range conditions {
					if conditions[c].id == id {
						into[c] = true
					}
				}
			}
		}
	}
	return nil
}

// handPeer runs the closures that a Go programmer writes.
type handPeer struct{ cases []*person }

func (p handPeer) answer(i int, into []bool) error {
	for k := range conditions {
		into[k] = conditions[k].hand(p.cases[i], on) == rulebook.Met
	}
	return nil
}
