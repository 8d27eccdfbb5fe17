package runfile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"msw/internal/problem"
)

// Decode reads a run file and checks it. What is wrong is told with the path
// of the field, as doctors[3].choices[1].
func Decode(r io.Reader) (*Run, error) {
	var run Run
	if err := read(r, &run, "a run file"); err != nil {
		return nil, err
	}
	if err := run.Check(); err != nil {
		return nil, err
	}
	return &run, nil
}

// DecodeResult reads a result. Whether it is a right one, verify tells.
func DecodeResult(r io.Reader) (*Result, error) {
	var result Result
	if err := read(r, &result, "a result"); err != nil {
		return nil, err
	}
	return &result, nil
}

// Encode writes a run or a result as indented JSON, ending in a line break.
func Encode(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", " ")
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

func read(r io.Reader, v any, what string) error {
	text, err := io.ReadAll(r)
	if err != nil {
		return problem.Wrap(problem.Unavailable, "The file could not be read: "+err.Error()+".", err)
	}
	if len(bytes.TrimSpace(text)) == 0 {
		return problem.New(problem.Invalid, "The file is empty; "+what+" is one JSON object.")
	}
	if err := strictly(text, v); err != nil {
		return findPath(text, v, what, err)
	}
	return nil
}

func strictly(text []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	if d.More() {
		return errors.New("there is more after the end of the object")
	}
	return nil
}

// findPath is asked only when a file does not decode: it goes through the
// lists one entry at a time, so that the sentence can name the entry.
func findPath(text []byte, v any, what string, whole error) error {
	var syntax *json.SyntaxError
	if errors.As(whole, &syntax) {
		line := 1 + bytes.Count(text[:min(int(syntax.Offset), len(text))], []byte("\n"))
		return problem.Wrap(problem.Invalid, fmt.Sprintf("This is not %s: line %d is not JSON (%s).", what, line, syntax.Error()), whole)
	}
	check := problem.Check{}
	if _, isRun := v.(*Run); isRun {
		var lists struct {
			Doctors []json.RawMessage `json:"doctors"`
			Posts   []json.RawMessage `json:"posts"`
			Limits  []json.RawMessage `json:"limits"`
			Bundles []json.RawMessage `json:"bundles"`
			Linked  []json.RawMessage `json:"linked"`
		}
		if json.Unmarshal(text, &lists) == nil {
			entries(&check, "doctors", lists.Doctors, func() any { return &Doctor{} })
			entries(&check, "posts", lists.Posts, func() any { return &Post{} })
			entries(&check, "limits", lists.Limits, func() any { return &Limit{} })
			entries(&check, "bundles", lists.Bundles, func() any { return &Bundle{} })
			entries(&check, "linked", lists.Linked, func() any { return &Pair{} })
		}
	}
	if err := check.Err(); err != nil {
		return err
	}
	check.That(false, fieldOf(whole), sentenceOf(whole))
	return check.Err()
}

func entries(check *problem.Check, name string, list []json.RawMessage, empty func() any) {
	for i, raw := range list {
		if err := strictly(raw, empty()); err != nil {
			path := fmt.Sprintf("%s[%d]", name, i)
			if field := fieldOf(err); field != "" {
				path += "." + field
			}
			check.That(false, path, sentenceOf(err))
		}
	}
}

func fieldOf(err error) string {
	if wrong := (*json.UnmarshalTypeError)(nil); errors.As(err, &wrong) {
		return wrong.Field
	}
	if _, name, ok := strings.Cut(err.Error(), "unknown field "); ok {
		return strings.Trim(name, `"`)
	}
	return ""
}

func sentenceOf(err error) string {
	if wrong := (*json.UnmarshalTypeError)(nil); errors.As(err, &wrong) {
		return "A " + wrong.Value + " cannot stand here."
	}
	if strings.Contains(err.Error(), "unknown field ") {
		return "There is no such field; docs/allocation.md lists them all."
	}
	return strings.TrimPrefix(err.Error(), "json: ") + "."
}

// UnmarshalJSON reads text or a whole number.
func (s *Seed) UnmarshalJSON(text []byte) error {
	if len(text) > 0 && text[0] != '"' {
		var n json.Number
		if err := json.Unmarshal(text, &n); err != nil {
			return errors.New("the seed must be text or a whole number")
		}
		if strings.ContainsAny(n.String(), ".eE") {
			return errors.New("the seed must be text or a whole number")
		}
		*s = Seed(n.String())
		return nil
	}
	return json.Unmarshal(text, (*string)(s))
}

// UnmarshalJSON reads a post; places is 1 when absent.
func (p *Post) UnmarshalJSON(text []byte) error {
	type plain Post
	v := plain{Places: 1}
	if err := strictly(text, &v); err != nil {
		return err
	}
	*p = Post(v)
	return nil
}

// UnmarshalJSON reads steps, each a name or a list of names ranked alike.
func (r *Ranking) UnmarshalJSON(text []byte) error {
	var steps []json.RawMessage
	if err := json.Unmarshal(text, &steps); err != nil {
		return err
	}
	*r = make(Ranking, len(steps))
	for i, s := range steps {
		var one string
		if json.Unmarshal(s, &one) == nil {
			(*r)[i] = []string{one}
		} else if err := json.Unmarshal(s, &(*r)[i]); err != nil {
			return fmt.Errorf("ranking[%d] must be a doctor or a list of doctors", i)
		}
	}
	return nil
}

// MarshalJSON writes a step of one as plain text.
func (r Ranking) MarshalJSON() ([]byte, error) {
	steps := make([]any, len(r))
	for i, s := range r {
		if steps[i] = s; len(s) == 1 {
			steps[i] = s[0]
		}
	}
	return json.Marshal(steps)
}
