package rulebook

import "msw/internal/clock"

// rowFn asks one fact a question whose answer needs no other fact. It is what
// most conditions come down to, and costs a fraction of a condFn: it carries no
// dates and no facts.
type rowFn func(*machine, *row) Answer

// plainFn is a condition that tells its answer only.
type plainFn func(*machine) Answer

// rowAsk compiles a condition about the fact in the innermost scope; nil where
// it has a part that needs more. It is timeless if no passing of days changes
// the answer: then it stands for the whole verdict.
func (c *compiler) rowAsk(e *expr) (ask rowFn, timeless bool) {
	switch e.op {
	case "and", "or":
		return c.rowJoined(e)
	case "not":
		f, timeless := c.rowAsk(e.a)
		if f == nil {
			return nil, false
		}
		return func(m *machine, r *row) Answer { return opposite[f(m, r)] }, timeless
	case "truth":
		answer := answerOf(e.number == 1)
		return func(*machine, *row) Answer { return answer }, true
	case "unknown":
		return func(*machine, *row) Answer { return Unknown }, true
	case "field":
		return c.rowTruth(e)
	case "=", "!=", "<", "<=", ">", ">=":
		return c.rowCompare(e)
	case "in":
		return c.rowIn(e)
	case "within":
		return c.rowWithin(e), false
	}
	return nil, false
}

// datedFn is a rowFn that also tells the last day on which its answer holds.
type datedFn func(*machine, *row) (Answer, clock.Date)

// rowDated compiles a condition about the fact in the innermost scope with the
// days that end its answer; nil where it has a part that needs more.
func (c *compiler) rowDated(e *expr) datedFn {
	ask, lasting := c.rowAsk(e)
	if ask == nil {
		return nil
	}
	if lasting {
		return func(m *machine, r *row) (Answer, clock.Date) { return ask(m, r), forever }
	}
	switch e.op {
	case "and", "or":
		return c.datedJoined(e)
	case "not":
		f := c.rowDated(e.a)
		if f == nil {
			return nil
		}
		return func(m *machine, r *row) (Answer, clock.Date) {
			answer, until := f(m, r)
			return opposite[answer], until
		}
	case "field": // in_force
		return func(m *machine, r *row) (Answer, clock.Date) {
			v := m.inForce(r)
			return v.answer, v.until
		}
	case "within":
		start, _ := c.rowDay(e.a)
		n, unit := int(e.number), e.unit
		return func(m *machine, r *row) (Answer, clock.Date) {
			d := start(m, r)
			switch {
			case d == 0:
				return Unknown, forever
			case m.on < d:
				return Unmet, d - 1
			case long(m.on, d, n, unit):
				return Unmet, forever
			}
			if end := lengthen(d, n, unit); m.on < end {
				return Met, end - 1
			}
			return Unmet, forever
		}
	}
	a, b, op := e.a, e.b, e.op
	if a.op == "on" {
		a, b, op = b, a, mirrored[op]
	}
	left, _ := c.rowDay(a)
	if b.op != "on" {
		return nil
	}
	return func(m *machine, r *row) (Answer, clock.Date) {
		v := againstOn(op, day{date: left(m, r), until: forever}, m.on)
		return v.answer, v.until
	}
}

// datedJoined joins as combine does.
func (c *compiler) datedJoined(e *expr) datedFn {
	parts := make([]datedFn, len(e.items))
	for i, item := range e.items {
		if parts[i] = c.rowDated(item); parts[i] == nil {
			return nil
		}
	}
	deciding := Unmet
	if e.op == "or" {
		deciding = Met
	}
	return func(m *machine, r *row) (Answer, clock.Date) {
		found, unknown, longest, first := false, false, clock.Date(0), forever
		for _, part := range parts {
			answer, until := part(m, r)
			switch answer {
			case deciding:
				found = true
				longest = max(longest, until)
			case Unknown:
				unknown = true
			}
			first = min(first, until)
		}
		switch {
		case found:
			return deciding, longest
		case unknown:
			return Unknown, first
		}
		return opposite[deciding], first
	}
}

var opposite = [...]Answer{Unknown: Unknown, Met: Unmet, Unmet: Met}

func (c *compiler) rowJoined(e *expr) (rowFn, bool) {
	parts, timeless := make([]rowFn, len(e.items)), true
	for i, item := range e.items {
		f, lasting := c.rowAsk(item)
		if f == nil {
			return nil, false
		}
		parts[i], timeless = f, timeless && lasting
	}
	deciding := Unmet
	if e.op == "or" {
		deciding = Met
	}
	if len(parts) == 2 {
		first, second := parts[0], parts[1]
		return func(m *machine, r *row) Answer {
			a := first(m, r)
			if a == deciding {
				return a
			}
			if b := second(m, r); b == deciding || b == Unknown {
				return b
			}
			return a
		}, timeless
	}
	return func(m *machine, r *row) Answer {
		answer := opposite[deciding]
		for _, part := range parts {
			switch part(m, r) {
			case deciding:
				return deciding
			case Unknown:
				answer = Unknown
			}
		}
		return answer
	}, timeless
}

// innermost tells whether a field belongs to the fact being asked, and which
// slot it is; date, until and in_force have none.
func (c *compiler) innermost(e *expr) (f *Field, ok bool) {
	if e.op != "field" || len(c.scopes) == 0 {
		return nil, false
	}
	s := c.scopes[len(c.scopes)-1]
	if e.scope != "" && e.scope != s.alias {
		return nil, false
	}
	slot, known := s.kind.slots[e.text]
	if !known {
		return nil, false
	}
	return &s.kind.Fields[slot], true
}

func (c *compiler) rowTruth(e *expr) (rowFn, bool) {
	if f, ok := c.innermost(e); ok && f.Type == TypeBool {
		return rowEquals(f.slot, 1, Met), true
	}
	if e.text != "in_force" || e.scope != "" && e.scope != c.scopes[len(c.scopes)-1].alias {
		return nil, false
	}
	return func(m *machine, r *row) Answer {
		return answerOf(r.date <= m.on && (r.until == 0 || m.on <= r.until))
	}, false
}

func rowEquals(slot int, want int64, yes Answer) rowFn {
	mask, no := uint64(1)<<slot, opposite[yes]
	return func(_ *machine, r *row) Answer {
		switch {
		case r.known&mask == 0:
			return Unknown
		case r.slots[slot] == want:
			return yes
		}
		return no
	}
}

func (c *compiler) rowCompare(e *expr) (rowFn, bool) {
	yes := Met
	if e.op == "!=" {
		yes = Unmet
	}
	if f, ok := c.innermost(e.a); ok {
		equal := e.op == "=" || e.op == "!="
		switch {
		case (f.Type == TypeCode || f.Type == TypeText) && equal && e.b.op == "text":
			return rowEquals(f.slot, c.literal(f, e.b), yes), true
		case f.Type == TypeBool && equal && e.b.op == "truth":
			return rowEquals(f.slot, e.b.number, yes), true
		case f.Type == TypeInt && e.b.op == "int":
			return rowRange(f, e), true
		}
	}
	left, okLeft := c.rowDay(e.a)
	right, okRight := c.rowDay(e.b)
	if !okLeft || !okRight || e.a.op == "on" && e.b.op == "on" {
		return nil, false
	}
	op := e.op
	return func(m *machine, r *row) Answer {
		a, b := left(m, r), right(m, r)
		if a == 0 || b == 0 {
			return Unknown
		}
		return answerOf(dateHolds(op, a, b))
	}, e.a.op != "on" && e.b.op != "on"
}

// rangeOf is the numbers for which a comparison with a literal says yes.
func rangeOf(e *expr) (lo, hi int64) {
	switch n := e.b.number; e.op {
	case "<":
		return -unbounded, n - 1
	case "<=":
		return -unbounded, n
	case ">":
		return n + 1, unbounded
	case ">=":
		return n, unbounded
	default:
		return n, n
	}
}

// missingAnswer is what the bounds of a field that is not known say by
// themselves.
func missingAnswer(f *Field, e *expr) Answer {
	x, y, op := unknownSpan, span{lo: e.b.number, hi: e.b.number}, e.op
	if f.Bounded {
		x.lo, x.hi = f.Min, f.Max
	}
	switch op {
	case ">":
		return compareSpans("<", y, x)
	case ">=":
		return compareSpans("<=", y, x)
	}
	return compareSpans(op, x, y)
}

func rowRange(f *Field, e *expr) rowFn {
	lo, hi := rangeOf(e)
	slot, mask, missing, yes := f.slot, uint64(1)<<f.slot, missingAnswer(f, e), Met
	if e.op == "!=" {
		yes = Unmet
	}
	no := opposite[yes]
	return func(_ *machine, r *row) Answer {
		if r.known&mask == 0 {
			return missing
		}
		if v := r.slots[slot]; lo <= v && v <= hi {
			return yes
		}
		return no
	}
}

// rowDay compiles a date of the fact, a literal date or the day itself.
func (c *compiler) rowDay(e *expr) (func(*machine, *row) clock.Date, bool) {
	switch e.op {
	case "on":
		return func(m *machine, _ *row) clock.Date { return m.on }, true
	case "date":
		d := clock.Date(e.number)
		return func(*machine, *row) clock.Date { return d }, true
	case "field":
		if e.scope != "" && (len(c.scopes) == 0 || e.scope != c.scopes[len(c.scopes)-1].alias) {
			return nil, false
		}
		switch e.text {
		case "date":
			return func(_ *machine, r *row) clock.Date { return r.date }, true
		case "until":
			return func(_ *machine, r *row) clock.Date { return r.until }, true
		}
		f, ok := c.innermost(e)
		if !ok || f.Type != TypeDate {
			return nil, false
		}
		slot, mask := f.slot, uint64(1)<<f.slot
		return func(_ *machine, r *row) clock.Date {
			if r.known&mask == 0 {
				return 0
			}
			return clock.Date(r.slots[slot])
		}, true
	}
	return nil, false
}

func (c *compiler) rowIn(e *expr) (rowFn, bool) {
	f, ok := c.innermost(e.a)
	if !ok || f.Type != TypeCode {
		return nil, false
	}
	var wanted uint64
	for _, item := range e.items {
		if i := c.literal(f, item); i >= 0 {
			wanted |= 1 << i
		}
	}
	slot, mask := f.slot, uint64(1)<<f.slot
	return func(_ *machine, r *row) Answer {
		if r.known&mask == 0 {
			return Unknown
		}
		return answerOf(wanted>>r.slots[slot]&1 == 1)
	}, true
}

// rowWithin compiles the commonest window: from a date of the fact, of a length
// as written, asked of the day itself.
func (c *compiler) rowWithin(e *expr) rowFn {
	if e.b != nil && e.b.op != "on" || e.length != nil || e.edge != "" {
		return nil
	}
	start, ok := c.rowDay(e.a)
	if !ok || e.a.op != "field" {
		return nil
	}
	n, unit := int(e.number), e.unit
	return func(m *machine, r *row) Answer {
		d := start(m, r)
		switch {
		case d == 0:
			return Unknown
		case m.on < d:
			return Unmet
		}
		return answerOf(short(m.on, d, n, unit) || !long(m.on, d, n, unit) && m.on < lengthen(d, n, unit))
	}
}

// short tells that a day lies so soon after another that it is within the
// length whatever the months are, and long that it lies so late that it is not:
// a month has 28 to 31 days.
func short(on, d clock.Date, n int, unit string) bool {
	return unit == "month" && int(on-d) < 28*n
}

func long(on, d clock.Date, n int, unit string) bool {
	return unit == "month" && int(on-d) >= 31*n
}

// plain compiles a condition for its answer alone. Parts that cannot change it
// any more are not asked: what they would leave out as not proved could not
// change it either.
func (c *compiler) plain(e *expr, full condFn) plainFn {
	switch e.op {
	case "and", "or":
		deciding := Unmet
		if e.op == "or" {
			deciding = Met
		}
		parts := make([]plainFn, len(e.items))
		for i, item := range e.items {
			parts[i] = c.plain(item, nil)
		}
		return func(m *machine) Answer {
			answer := opposite[deciding]
			for _, part := range parts {
				switch part(m) {
				case deciding:
					return deciding
				case Unknown:
					answer = Unknown
				}
			}
			return answer
		}
	case "not":
		f := c.plain(e.a, nil)
		return func(m *machine) Answer { return opposite[f(m)] }
	case "=", "!=", "<", "<=", ">", ">=":
		if f := c.plainTotal(e); f != nil {
			return f
		}
	case "any", "no", "all":
		if s, ok := c.selection(e); ok && s.row != nil {
			return s.plainSome(e.op)
		}
	}
	if full == nil {
		full = c.cond(e)
	}
	return func(m *machine) Answer { return full(m).answer }
}

// plainTotal compiles a sum or count against a literal number.
func (c *compiler) plainTotal(e *expr) plainFn {
	if e.a.op != "sum" && e.a.op != "count" || e.b.op != "int" || e.op == "!=" {
		return nil
	}
	s, _, ok := c.gathered(e.a)
	if !ok || s.filter != nil || s.planned || s.where != nil && s.row == nil {
		return nil
	}
	lo, hi := rangeOf(e)
	return func(m *machine) Answer {
		sum, any := span{}, false
		rows := m.of(s.kind)
		for i := range rows {
			r := &rows[i]
			if !m.counts(r) || r.date > m.on {
				continue
			}
			any = true
			answer := Met
			if s.row != nil {
				if answer = s.row(m, r); answer == Unmet {
					continue
				}
			}
			least, most := s.amount.of(r)
			if answer == Unknown {
				least, most = min(least, 0), max(most, 0)
			}
			sum.lo, sum.hi = clamp(sum.lo+least), clamp(sum.hi+most)
		}
		switch {
		case !any:
			return Unknown
		case lo <= sum.lo && sum.hi <= hi:
			return Met
		case sum.hi < lo || sum.lo > hi:
			return Unmet
		}
		return Unknown
	}
}

func (s *selection) plainSome(op string) plainFn {
	deciding, decided, rest := Met, Met, Unmet
	switch op {
	case "no":
		decided, rest = Unmet, Met
	case "all":
		deciding, decided, rest = Unmet, Unmet, Met
	}
	kind, ask := s.kind, s.row
	return func(m *machine) Answer {
		answer := Unknown
		open := false
		rows := m.of(kind)
		for i := range rows {
			r := &rows[i]
			if !m.counts(r) || r.date > m.on {
				continue
			}
			switch ask(m, r) {
			case deciding:
				return decided
			case Unknown:
				open = true
			default:
				answer = rest
			}
		}
		if open {
			return Unknown
		}
		return answer
	}
}

// quick is judge for an answer alone.
func (m *machine) quick(q *requirement) Answer {
	m.least, m.assumed, m.skipped = q.Accepts, false, false
	proved := q.plain(m)
	if !m.skipped {
		return proved
	}
	m.least, m.assumed = Claimed, true
	if q.plain(m) != proved {
		return Unknown
	}
	return proved
}
