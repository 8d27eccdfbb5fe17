package doctor

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"msw/internal/clock"
	"msw/internal/problem"
)

// Labelled is two records of which somebody knows whether they are one person.
type Labelled struct {
	Way  string // how the pair was made
	Same bool
	A, B Details
}

// LabelledColumns are the columns of a labelled file. Its way and the numbers of
// papers may be missing.
func LabelledColumns() []string {
	out := []string{"same", "way"}
	for _, side := range []string{"a", "b"} {
		for _, c := range []string{"given", "family", "native", "birth", "email", "mobile", "passport", "licence"} {
			out = append(out, c+"_"+side)
		}
	}
	return out
}

func (l Labelled) row() []string {
	out := []string{map[bool]string{true: "yes", false: "no"}[l.Same], l.Way}
	for _, d := range []Details{l.A, l.B} {
		birth := ""
		if !d.BirthDate.IsZero() {
			birth = d.BirthDate.String()
		}
		out = append(out, d.Given, d.Family, d.Native, birth, d.Email, d.Mobile, d.Papers.Passport, d.Papers.Licence)
	}
	return out
}

// ReadLabelled reads a labelled file: CSV in UTF-8 with a header.
func ReadLabelled(r io.Reader) ([]Labelled, error) {
	rows := csv.NewReader(r)
	head, err := rows.Read()
	if err != nil {
		return nil, problem.Wrap(problem.Invalid, "The file is empty, or is no CSV.", err)
	}
	head[0] = strings.TrimPrefix(head[0], "\ufeff")
	at := map[string]int{}
	for i, h := range head {
		at[strings.TrimSpace(h)] = i
	}
	var missing []string
	for _, c := range LabelledColumns() {
		if _, found := at[c]; !found && c != "way" && !strings.HasPrefix(c, "passport") && !strings.HasPrefix(c, "licence") {
			missing = append(missing, c)
		}
	}
	if missing != nil {
		return nil, problem.Refuse("The file has no column "+strings.Join(missing, ", ")+".", "Its columns are "+strings.Join(LabelledColumns(), ", ")+".")
	}
	var out []Labelled
	for line := 2; ; line++ {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, problem.Wrap(problem.Invalid, fmt.Sprintf("Line %d cannot be read.", line), err)
		}
		l, err := labelled(at, row)
		if err != nil {
			return nil, problem.Wrap(problem.Invalid, fmt.Sprintf("Line %d: %v.", line, err), err)
		}
		out = append(out, l)
	}
}

func labelled(at map[string]int, row []string) (l Labelled, err error) {
	get := func(c string) string {
		if i, found := at[c]; found && i < len(row) {
			return strings.TrimSpace(row[i])
		}
		return ""
	}
	switch get("same") {
	case "yes":
		l.Same = true
	case "no":
	default:
		return l, errors.New("same must be yes or no")
	}
	l.Way = get("way")
	for side, d := range map[string]*Details{"_a": &l.A, "_b": &l.B} {
		*d = Details{Given: get("given" + side), Family: get("family" + side), Native: get("native" + side), Email: get("email" + side), Mobile: get("mobile" + side),
			Papers: Papers{Passport: get("passport" + side), Licence: get("licence" + side)}}
		if text := get("birth" + side); text != "" {
			if d.BirthDate, err = clock.ParseDate(text); err != nil {
				return l, errors.New("a birth date is like 1988-04-02")
			}
		}
	}
	return l, nil
}

// Quality is how good a way of finding is: of those it finds, how many are
// right, and of those that are right, how many it finds.
type Quality struct {
	Found     int     `json:"found"`
	Right     int     `json:"right"`
	Precision float64 `json:"precision"`
	Recall    float64 `json:"recall"`
}

// WayQuality is how pairs made in one way fared.
type WayQuality struct {
	Way    string `json:"way"`
	Same   bool   `json:"same"`
	Pairs  int    `json:"pairs"`
	Shown  int    `json:"shown"`
	Likely int    `json:"likely"`
}

// Evaluation is how the search for duplicates does on a labelled set. Shown is
// what a person is shown side by side; Likely what is shown first.
type Evaluation struct {
	Pairs  int          `json:"pairs"`
	Same   int          `json:"same"`
	Shown  Quality      `json:"shown"`
	Likely Quality      `json:"likely"`
	Ways   []WayQuality `json:"ways"`
}

// likelyWeight is from when on a candidate is called likely.
const likelyWeight = 3

// Evaluate asks of each pair what a search in a full store would find: both the
// keys by which records are found at all and the comparison count.
func Evaluate(list []Labelled) Evaluation {
	e := Evaluation{Pairs: len(list)}
	for _, l := range list {
		if l.Same {
			e.Same++
		}
		i := slices.IndexFunc(e.Ways, func(w WayQuality) bool { return w.Way == l.Way && w.Same == l.Same })
		if i < 0 {
			i, e.Ways = len(e.Ways), append(e.Ways, WayQuality{Way: l.Way, Same: l.Same})
		}
		w := &e.Ways[i]
		w.Pairs++
		reasons, weight := compare(l.A.Tidy(), l.B.Tidy())
		if len(reasons) == 0 || !meet(l.A.Tidy(), l.B.Tidy()) {
			continue
		}
		w.Shown++
		e.Shown.count(l.Same)
		if weight >= likelyWeight {
			w.Likely++
			e.Likely.count(l.Same)
		}
	}
	e.Shown.finish(e.Same)
	e.Likely.finish(e.Same)
	return e
}

func (q *Quality) count(right bool) {
	q.Found++
	if right {
		q.Right++
	}
}

func (q *Quality) finish(same int) {
	if q.Found > 0 {
		q.Precision = float64(q.Right) / float64(q.Found)
	}
	if same > 0 {
		q.Recall = float64(q.Right) / float64(same)
	}
}

// meet tells whether a search for one record would find the other at all.
func meet(a, b Details) bool {
	mine := blocks(a)
	return slices.ContainsFunc(blocks(b), func(k token) bool { return slices.Contains(mine, k) })
}
