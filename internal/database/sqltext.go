package database

import (
	"strconv"
	"strings"
	"time"

	"msw/internal/access"
)

// IsDuplicate tells whether err is a broken unique constraint, on either engine.
func IsDuplicate(err error) bool { return sqliteDuplicate(err) || postgresDuplicate(err) }

// In writes a list of count placeholders beginning at $n: In(3, 2) is
// "($3,$4)". A list of none matches nothing.
func In(n, count int) string {
	if count == 0 {
		return "(NULL)"
	}
	var b strings.Builder
	for i := range count {
		b.WriteByte(",("[b2i(i == 0)])
		b.WriteByte('$')
		b.WriteString(strconv.Itoa(n + i))
	}
	b.WriteByte(')')
	return b.String()
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Rows writes count groups of width placeholders for a multi-row VALUES:
// Rows(1, 2, 2) is "($1,$2),($3,$4)".
func Rows(n, width, count int) string {
	groups := make([]string, count)
	for i := range groups {
		groups[i] = In(n+i*width, width)
	}
	return strings.Join(groups, ",")
}

// unnamed writes $1, $2 … $n as plain question marks where each stands once and
// in order, and leaves every other text as it is. The SQLite driver looks each
// name up from the first, so names cost with the square of their number.
func unnamed(query string) string {
	var b strings.Builder
	next := 1
	for i := 0; i < len(query); i++ {
		switch c := query[i]; c {
		case '\'', '"':
			end := strings.IndexByte(query[i+1:], c)
			if end < 0 {
				return query
			}
			b.WriteString(query[i : i+end+2])
			i += end + 1
		case '?':
			return query
		case '$':
			name := strconv.Itoa(next)
			if !strings.HasPrefix(query[i+1:], name) || i+1+len(name) < len(query) && isDigit(query[i+1+len(name)]) {
				return query
			}
			next++
			b.WriteByte('?')
			i += len(name)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// Args turns a list of any type into arguments.
func Args[T any](list []T) []any {
	args := make([]any, len(list))
	for i, v := range list {
		args[i] = v
	}
	return args
}

// Distinct gives each text of a list once, in the order of the list and without
// empty ones: ids to ask for together.
func Distinct(list []string) []string {
	seen := make(map[string]bool, len(list))
	var out []string
	for _, v := range list {
		if v != "" && !seen[v] {
			seen[v] = true
			out = append(out, v)
		}
	}
	return out
}

// Columns names, for one list, the columns by which a scope narrows it. An
// empty name means the relation cannot match in this list.
type Columns struct{ Tenant, Doctor, Organisation, Region, Referrer, Account, Supervisor string }

// Narrow writes the condition that keeps a list inside a scope, with its
// arguments, placeholders from $n. It always tests the tenant first. A scope
// that shows nothing gives a condition that is never true.
func Narrow(n int, s access.Scope, c Columns) (string, []any) {
	args := []any{s.Tenant}
	cond := c.Tenant + " = $" + strconv.Itoa(n)
	list := func(column string, values []string) string {
		p := In(n+len(args), len(values))
		args = append(args, Args(values)...)
		return column + " IN " + p
	}
	var ways []string
	add := func(column string, values ...string) {
		if column != "" && len(values) > 0 && (len(values) > 1 || values[0] != "") {
			ways = append(ways, list(column, values))
		}
	}
	if !s.All {
		add(c.Doctor, s.Doctor)
		add(c.Account, s.Account)
		add(c.Supervisor, s.Supervisor)
		add(c.Organisation, s.Organisations...)
		add(c.Region, s.Regions...)
		add(c.Referrer, s.Referrers...)
		if len(ways) == 0 {
			return cond + " AND 1 = 0", args
		}
		cond += " AND (" + strings.Join(ways, " OR ") + ")"
	}
	if len(s.Hidden) > 0 && c.Doctor != "" {
		cond += " AND NOT (" + list(c.Doctor, s.Hidden) + ")"
	}
	return cond, args
}

// detached is a context without deadline for ending a transaction whose
// request has gone away.
type detached struct{}

func (detached) Deadline() (time.Time, bool) { return time.Time{}, false }
func (detached) Done() <-chan struct{}       { return nil }
func (detached) Err() error                  { return nil }
func (detached) Value(any) any               { return nil }
