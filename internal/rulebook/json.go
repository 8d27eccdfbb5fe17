package rulebook

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"msw/internal/clock"
	"msw/internal/problem"
)

// ReadFacts reads facts written as a JSON list of flat records, each with fact
// (the kind), date, until, state and the kind's own fields. The error is a
// problem.Invalid that names every faulty record, counted from 1, and where it
// begins.
func (s *Schema) ReadFacts(data []byte) ([]Fact, error) {
	var records []map[string]any
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	err := decoder.Decode(&records)
	if _, more := decoder.Token(); err == nil && !errors.Is(more, io.EOF) {
		err = errors.New("something stands behind the end of the list")
	}
	if err != nil {
		return nil, problem.Wrap(problem.Invalid, "The facts are not a JSON list of records: "+whereJSON(data, decoder.InputOffset(), err), err)
	}
	var check problem.Check
	facts := make([]Fact, 0, len(records))
	var begins []string
	for i, record := range records {
		f, faults := s.factOf(record)
		if len(faults) > 0 && begins == nil {
			begins = beginnings(data)
		}
		for _, fault := range faults {
			check.That(false, fmt.Sprintf("%s, fact %d: %s", begins[i], i+1, fault.Name), fault.Message)
		}
		facts = append(facts, f)
	}
	return facts, check.Err()
}

// whereJSON says what is wrong with a text and in which line and column.
func whereJSON(data []byte, at int64, err error) string {
	text := strings.TrimPrefix(err.Error(), "json: ")
	if e, ok := errors.AsType[*json.SyntaxError](err); ok {
		at = e.Offset
	} else if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		at, text = e.Offset, "a record or a list is needed here, and this is a "+e.Value
	} else if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		at, text = int64(len(data)), "the text ends too early"
	}
	return lineColumn(data, at) + ": " + text + "."
}

// lineColumn says in which line and column the text before an offset ends.
func lineColumn(data []byte, at int64) string {
	before := data[:min(max(at, 0), int64(len(data)))]
	line := bytes.Count(before, []byte("\n")) + 1
	return fmt.Sprintf("line %d, column %d", line, max(len(before)-bytes.LastIndexByte(before, '\n')-1, 1))
}

// beginnings says where each record of a list that was read begins.
func beginnings(data []byte) []string {
	var list []string
	decoder := json.NewDecoder(bytes.NewReader(data))
	_, err := decoder.Token()
	for err == nil && decoder.More() {
		var record json.RawMessage
		if err = decoder.Decode(&record); err == nil {
			list = append(list, lineColumn(data, decoder.InputOffset()-int64(len(record))+1))
		}
	}
	return list
}

// factOf turns a flat record of texts, numbers, truths and lists into a fact,
// with everything that is wrong with it.
func (s *Schema) factOf(record map[string]any) (Fact, []problem.Field) {
	var faults []problem.Field
	fail := func(name, message string) { faults = append(faults, problem.Field{Name: name, Message: message}) }
	f := Fact{Fields: map[string]any{}}
	f.Kind, _ = record["fact"].(string)
	kind, known := s.Kind(f.Kind)
	names := make([]string, 0, len(record))
	for name := range record {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		value, err := record[name], error(nil)
		switch name {
		case "fact":
		case "date":
			f.Date, err = dateIn(value)
		case "until":
			f.Until, err = dateIn(value)
		case "state":
			text, _ := value.(string)
			f.State, err = ParseState(text)
		default:
			if field, ok := kind.Field(name); known && ok {
				value, err = field.valueIn(value)
			}
			f.Fields[name] = value
		}
		if err != nil {
			fail(name, err.Error())
			delete(f.Fields, name)
		}
	}
	if err := s.Check(f); err != nil {
		if e, ok := err.(*problem.Error); ok {
			for _, field := range e.Fields {
				if !known && field.Name == "kind" {
					field.Name = "fact" // as the record calls it
				}
				if !slices.ContainsFunc(faults, func(p problem.Field) bool { return p.Name == field.Name }) {
					faults = append(faults, field)
				}
			}
		}
	}
	return f, faults
}

func dateIn(value any) (clock.Date, error) {
	text, ok := value.(string)
	if !ok {
		return 0, fmt.Errorf("a date is written as a text YYYY-MM-DD")
	}
	return clock.ParseDate(text)
}

// valueIn turns a value as JSON and YAML give it into one of the field's type;
// one it cannot turn is left for Check to refuse.
func (f *Field) valueIn(value any) (any, error) {
	switch v := value.(type) {
	case json.Number:
		n, err := v.Int64()
		if err != nil {
			return nil, fmt.Errorf("%s must be a whole number", f.Name)
		}
		return n, nil
	case string:
		if f.Type == TypeDate {
			return clock.ParseDate(v)
		}
	case []any:
		list := make([]string, 0, len(v))
		for _, item := range v {
			text, ok := item.(string)
			if !ok {
				return nil, fmt.Errorf("%s must be a list of codes", f.Name)
			}
			list = append(list, text)
		}
		return list, nil
	}
	return value, nil
}

// WriteFacts writes facts as ReadFacts reads them, fields in alphabetical order.
func (s *Schema) WriteFacts(facts []Fact) ([]byte, error) {
	records := make([]map[string]any, len(facts))
	for i, f := range facts {
		record := map[string]any{"fact": f.Kind, "state": f.State}
		for name, value := range f.Fields {
			record[name] = value
		}
		if f.Date != 0 {
			record["date"] = f.Date
		}
		if f.Until != 0 {
			record["until"] = f.Until
		}
		records[i] = record
	}
	out, err := json.Marshal(records)
	if err != nil {
		return nil, fmt.Errorf("writing %d facts: %w", len(facts), err)
	}
	return out, nil
}
