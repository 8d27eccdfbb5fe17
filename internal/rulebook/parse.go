package rulebook

import (
	"slices"
	"strconv"

	"msw/internal/clock"
)

// The expression language, from loosest to tightest (docs/rules.md shows each
// form at work):
//
//	expression = conjunction { "or" conjunction }
//	conjunction = negation { "and" negation }
//	negation   = [ "not" ] primary
//	primary    = "(" expression ")" | quantifier | spans | "at" operand "(" expression ")"
//	           | "met" "(" [ SET "/" ] ID [ "/" ID ] ")" | "known" "(" field ")" | "unknown" | comparison
//	quantifier = ( "any" | "no" | "all" | "latest" ) selection "where" expression | "recorded" selection
//	selection  = [ "planned" ] KIND [ "as" NAME ] [ "for" conjunction ]
//	spans      = "covered" selection "from" operand "to" operand [ "gaps" INT "days" | "least" length ]
//	           | "unbroken" selection "lasts" length [ "gaps" INT "days" ]
//	comparison = operand [ OP operand | "in" "[" literal { "," literal } "]" | "has" TEXT
//	           | "within" length [ "inclusive" | "undecided" ] [ "of" operand ] ]
//	operand    = term { ( "+" | "-" ) ( length | term ) }
//	term       = INT | DATE | TEXT | "true" | "false" | "on" | field | value | "(" operand ")"
//	           | ( "sum" | "newest" | "oldest" ) "(" KIND "." FIELD [ "for" conjunction ] [ "where" expression ] ")"
//	           | "most" "(" KIND "." FIELD "in" length [ "for" conjunction ] [ "where" expression ] ")"
//	           | "count" "(" selection [ "where" expression ] ")"
//	field      = [ NAME "." ] ( FIELD | "date" | "until" | "in_force" )
//	length     = INT ( "day" | "month" | "year" ) | value
//	value      = "value" "(" NAME [ "at" operand ] ")"
//
// "unknown" is the answer nobody has yet: write "… or outcome = "awaited" and
// unknown" where a fact says that the answer is still to come.
//
// "for" chooses the facts that speak on the matter (none of them: unknown);
// "where" is what is asked of those. A quantifier inside "where" stands in
// brackets, so that nobody wonders where it ends.
type expr struct {
	op       string // "or", "any", "<", "within", "int", "field" …
	pos, end int
	text     string // a text, code, name of a field or id of a requirement
	scope    string // alias before a field, or set before a requirement
	alias    string
	kind     string
	planned  bool
	number   int64 // an int, a truth (1), a date, or the number of units
	unit     string
	length   *expr  // a length that is a value, in place of number and unit
	edge     string // of a window: "", "inclusive" or "undecided"
	gap      int64  // days that may be missing, -1 where that is not asked
	items    []*expr
	a, b     *expr
	filter   *expr // what follows "for"
	where    *expr
}

const maxDepth = 60

type parser struct {
	tokens []token
	at     int
	depth  int
	bare   int // quantifiers open whose "where" is not in brackets
}

// parse reads an expression; the fault tells where and what was expected.
func parse(source string) (*expr, *fault) {
	tokens, bad := lex(source)
	if bad != nil {
		return nil, bad
	}
	p := &parser{tokens: tokens}
	var e *expr
	if bad = p.try(func() { e = p.expression(); p.expect(tokEnd, "") }); bad != nil {
		return nil, bad
	}
	return e, nil
}

// try turns the parser's own panic, and no other, into a fault.
func (p *parser) try(f func()) (bad *fault) {
	defer func() {
		if r := recover(); r != nil {
			var ok bool
			if bad, ok = r.(*fault); !ok {
				panic(r)
			}
		}
	}()
	f()
	return nil
}

func (p *parser) fail(format string, args ...any) { panic(faultAt(p.peek().pos, format, args...)) }
func (p *parser) peek() token                     { return p.tokens[p.at] }

func (p *parser) next() token {
	t := p.tokens[p.at]
	if t.kind != tokEnd {
		p.at++
	}
	return t
}

func (p *parser) is(text string) bool {
	t := p.peek()
	return t.text == text && (t.kind == tokWord || t.kind == tokSymbol)
}

func (p *parser) accept(text string) bool {
	if p.is(text) {
		p.at++
		return true
	}
	return false
}

func (p *parser) expect(kind tokenKind, text string) token {
	t := p.peek()
	if t.kind != kind || text != "" && t.text != text {
		want := map[tokenKind]string{tokEnd: "the end", tokWord: "a name", tokInt: "a whole number", tokText: "a text in quotes"}[kind]
		if text != "" {
			want = strconv.Quote(text)
		}
		p.fail("expected %s, found %s", want, t)
	}
	return p.next()
}

// node closes an expression at the last token read.
func (p *parser) node(e expr, pos int) *expr {
	e.pos, e.end = pos, p.tokens[max(p.at-1, 0)].end
	return &e
}

func (p *parser) enter() {
	if p.depth++; p.depth > maxDepth {
		p.fail("this is nested more than %d deep", maxDepth)
	}
}

func (p *parser) expression() *expr { return p.joined("or", p.conjunction) }

func (p *parser) conjunction() *expr { return p.joined("and", p.negation) }

func (p *parser) joined(word string, part func() *expr) *expr {
	pos := p.peek().pos
	items := []*expr{part()}
	for p.accept(word) {
		items = append(items, part())
	}
	if len(items) == 1 {
		return items[0]
	}
	return p.node(expr{op: word, items: items}, pos)
}

func (p *parser) negation() *expr {
	pos := p.peek().pos
	if p.accept("not") {
		p.enter()
		e := p.node(expr{op: "not", a: p.negation()}, pos)
		p.depth--
		return p.node(*e, pos)
	}
	return p.primary()
}

var quantifiers = []string{"any", "no", "all", "latest"}

func (p *parser) primary() *expr {
	p.enter()
	defer func() { p.depth-- }()
	t := p.peek()
	switch {
	case t.kind == tokWord && slices.Contains(quantifiers, t.text):
		return p.quantifier()
	case p.accept("recorded"):
		e := p.selection("recorded")
		return p.node(e, t.pos)
	case p.accept("met"):
		return p.reference(t.pos)
	case p.is("covered") || p.is("unbroken"):
		return p.spans()
	case p.accept("at"):
		e := expr{op: "at", a: p.operand()}
		p.expect(tokSymbol, "(")
		e.b = p.bracketed(p.expression)
		p.expect(tokSymbol, ")")
		return p.node(e, t.pos)
	case p.accept("unknown"):
		return p.node(expr{op: "unknown"}, t.pos)
	case p.accept("known"):
		p.expect(tokSymbol, "(")
		e := expr{op: "known", a: p.field()}
		p.expect(tokSymbol, ")")
		return p.node(e, t.pos)
	case p.is("(") && !p.operandBrackets():
		p.next()
		e := p.bracketed(p.expression)
		p.expect(tokSymbol, ")")
		return e
	}
	return p.comparison()
}

// operandBrackets tells whether the brackets here hold a value to compare, by
// looking at what follows them.
func (p *parser) operandBrackets() bool {
	depth := 0
	for i := p.at; p.tokens[i].kind != tokEnd; i++ {
		t := p.tokens[i]
		if t.kind != tokSymbol {
			continue
		}
		switch t.text {
		case "(":
			depth++
		case ")":
			if depth--; depth == 0 {
				after := p.tokens[i+1]
				return slices.Contains(comparers, after.text) || after.text == "+" || after.text == "-"
			}
		}
	}
	return false
}

// bracketed parses with quantifiers allowed again: brackets show their end.
func (p *parser) bracketed(part func() *expr) *expr {
	bare := p.bare
	p.bare = 0
	e := part()
	p.bare = bare
	return e
}

func (p *parser) quantifier() *expr {
	if p.bare > 0 {
		p.fail("put this %q in brackets, so that its end can be seen", p.peek().text)
	}
	t := p.next()
	e := p.selection(t.text)
	p.expect(tokWord, "where")
	p.bare++
	e.where = p.expression()
	p.bare--
	return p.node(e, t.pos)
}

func (p *parser) selection(op string) expr {
	e := expr{op: op, planned: p.accept("planned")}
	e.kind = p.expect(tokWord, "").text
	if p.accept("as") {
		e.alias = p.expect(tokWord, "").text
	}
	if p.accept("for") {
		p.bare++
		e.filter = p.conjunction()
		p.bare--
	}
	return e
}

// reference reads what stands in the brackets of "met": one to three ids, which
// are told apart once every file is read.
func (p *parser) reference(pos int) *expr {
	p.expect(tokSymbol, "(")
	e := expr{op: "met", text: p.id()}
	for p.accept("/") {
		e.text += "/" + p.id()
	}
	p.expect(tokSymbol, ")")
	return p.node(e, pos)
}

// id joins the words, numbers and hyphens that stand together without a space.
func (p *parser) id() string {
	first := p.expect(tokWord, "")
	text, end := first.text, first.end
	for t := p.peek(); t.pos == end && (t.kind == tokWord || t.kind == tokInt || t.kind == tokSymbol && t.text == "-"); t = p.peek() {
		text, end = text+t.text, t.end
		p.next()
	}
	return text
}

// spans reads a question about the time that facts cover with their date and
// until.
func (p *parser) spans() *expr {
	t := p.next()
	e := p.selection(t.text)
	e.gap = -1
	if t.text == "covered" {
		p.expect(tokWord, "from")
		e.a = p.operand()
		p.expect(tokWord, "to")
		e.b = p.operand()
		if p.accept("least") {
			p.duration(&e)
			return p.node(e, t.pos)
		}
	} else {
		p.expect(tokWord, "lasts")
		p.duration(&e)
	}
	e.gap = 0
	if p.accept("gaps") {
		n, unit := p.length()
		if e.gap = n; unit != "day" {
			p.fail("gaps are counted in days")
		}
	}
	return p.node(e, t.pos)
}

var comparers = []string{"=", "!=", "<", "<=", ">", ">=", "in", "has", "within"}

func (p *parser) comparison() *expr {
	pos := p.peek().pos
	a := p.operand()
	t := p.peek()
	if t.kind == tokText || !slices.Contains(comparers, t.text) {
		return a
	}
	p.next()
	e := expr{op: t.text, a: a}
	switch t.text {
	case "in":
		p.expect(tokSymbol, "[")
		e.items = append(e.items, p.term())
		for p.accept(",") {
			e.items = append(e.items, p.term())
		}
		p.expect(tokSymbol, "]")
	case "has":
		e.text = p.expect(tokText, "").text
	case "within":
		p.duration(&e)
		if p.is("inclusive") || p.is("undecided") {
			e.edge = p.next().text
		}
		if p.accept("of") {
			e.b = p.operand()
		}
	default:
		e.b = p.operand()
	}
	return p.node(e, pos)
}

var units = map[string]string{"day": "day", "days": "day", "month": "month", "months": "month", "year": "year", "years": "year"}

// maxLength keeps a length of time inside what civil dates can hold.
const maxLength = 40000

func (p *parser) length() (int64, string) {
	n := p.integer()
	unit, ok := units[p.peek().text]
	if !ok {
		p.fail("expected days, months or years, found %s", p.peek())
	}
	if n > maxLength || unit == "year" && n > maxLength/12 {
		p.fail("%d %ss is too long", n, unit)
	}
	p.next()
	if unit == "year" {
		return n * 12, "month"
	}
	return n, unit
}

// duration reads a length into e: as written, or a value of the rule file.
func (p *parser) duration(e *expr) {
	if p.isValue() {
		e.length = p.value()
		return
	}
	e.number, e.unit = p.length()
}

func (p *parser) isValue() bool { return p.is("value") && p.tokens[p.at+1].text == "(" }

func (p *parser) value() *expr {
	t := p.next()
	p.expect(tokSymbol, "(")
	e := expr{op: "value", text: p.expect(tokWord, "").text}
	if p.accept("at") {
		e.a = p.operand()
	}
	p.expect(tokSymbol, ")")
	return p.node(e, t.pos)
}

func (p *parser) integer() int64 {
	t := p.expect(tokInt, "")
	n, err := strconv.ParseInt(t.text, 10, 64)
	if err != nil {
		panic(faultAt(t.pos, "%s is too large", t.text))
	}
	return n
}

func (p *parser) operand() *expr {
	p.enter()
	defer func() { p.depth-- }()
	pos := p.peek().pos
	e := p.term()
	for p.is("+") || p.is("-") {
		op := p.next().text
		if p.peek().kind == tokInt && units[p.tokens[p.at+1].text] != "" {
			n, unit := p.length()
			if op == "-" {
				n = -n
			}
			e = p.node(expr{op: "shift", a: e, number: n, unit: unit}, pos)
			continue
		}
		e = p.node(expr{op: op, a: e, b: p.term()}, pos)
	}
	return e
}

func (p *parser) term() *expr {
	t := p.peek()
	switch {
	case t.kind == tokInt:
		n := p.integer()
		return p.node(expr{op: "int", number: n}, t.pos)
	case t.kind == tokDate:
		d, err := clock.ParseDate(t.text)
		if err != nil {
			p.fail("%s", err)
		}
		p.next()
		return p.node(expr{op: "date", number: int64(d)}, t.pos)
	case t.kind == tokText:
		p.next()
		return p.node(expr{op: "text", text: t.text}, t.pos)
	case p.accept("true"):
		return p.node(expr{op: "truth", number: 1}, t.pos)
	case p.accept("false"):
		return p.node(expr{op: "truth"}, t.pos)
	case p.accept("on"):
		return p.node(expr{op: "on"}, t.pos)
	case p.isValue():
		return p.value()
	case p.is("sum") || p.is("newest") || p.is("oldest") || p.is("count") || p.is("most"):
		return p.gathering()
	case p.accept("("):
		e := p.operand()
		p.expect(tokSymbol, ")")
		return e
	case t.kind == tokWord:
		return p.field()
	}
	p.fail("expected a value, found %s", t)
	return nil
}

func (p *parser) gathering() *expr {
	t := p.next()
	p.expect(tokSymbol, "(")
	e := expr{op: t.text, planned: p.accept("planned")}
	e.kind = p.expect(tokWord, "").text
	if t.text != "count" {
		p.expect(tokSymbol, ".")
		f := p.expect(tokWord, "")
		e.a = &expr{op: "field", text: f.text, pos: f.pos, end: f.end}
	}
	if t.text == "most" {
		p.expect(tokWord, "in")
		p.duration(&e)
	}
	if p.accept("as") {
		e.alias = p.expect(tokWord, "").text
	}
	if p.accept("for") {
		p.bare++
		e.filter = p.conjunction()
		p.bare--
	}
	if p.accept("where") {
		p.bare++
		e.where = p.expression()
		p.bare--
	}
	p.expect(tokSymbol, ")")
	return p.node(e, t.pos)
}

var keywords = []string{"and", "or", "not", "in", "has", "within", "of", "for", "where", "as", "planned", "any", "no", "all", "latest", "recorded", "at", "covered", "unbroken"}

func (p *parser) field() *expr {
	t := p.expect(tokWord, "")
	if slices.Contains(keywords, t.text) {
		panic(faultAt(t.pos, "expected a value, found the word %q", t.text))
	}
	e := expr{op: "field", text: t.text}
	if p.accept(".") {
		e.scope, e.text = e.text, p.expect(tokWord, "").text
	}
	return p.node(e, t.pos)
}
