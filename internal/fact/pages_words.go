package fact

import (
	"strconv"

	"msw/internal/clock"
	"msw/internal/nhs"
	"msw/internal/rulebook"
)

// line is one thing of a record as people read it.
type line struct{ Label, Value string }

// lines says a record's fields in words, in the order of its questions; fields
// that are not known are left out.
func lines(schema *rulebook.Schema, r Record) []line {
	var out []line
	if !r.On.IsZero() {
		out = append(out, line{"Date", r.On.Long()})
	}
	if !r.Until.IsZero() {
		out = append(out, line{"Until", r.Until.Long()})
	}
	kind, _ := schema.Kind(r.Kind)
	for _, f := range kind.Fields {
		if f.Name == "awarded" {
			continue
		}
		if v, ok := r.Fields[f.Name]; ok {
			out = append(out, line{shortLabel(f.Name), valueWords(r, f.Name, v)})
		}
	}
	return out
}

func shortLabel(name string) string {
	switch name {
	case "specialty_group":
		return "Kind of work"
	case "months_full_time":
		return "Months, counted as full time"
	case "postgraduate":
		return "After the medical qualification"
	case "may_work":
		return "May do this work"
	case "may_reside":
		return "May live in the UK"
	case "in_uk":
		return "Lives in the UK"
	case "aps":
		return "Approved practice setting"
	case "registrable":
		return "Looks acceptable to the GMC"
	}
	return plainWords(name)
}

func valueWords(r Record, field string, value any) string {
	switch v := value.(type) {
	case bool:
		if v {
			return "Yes"
		}
		return "No"
	case int64:
		if r.Kind == EnglishTest {
			return scoreWords(r.Text("test"), v)
		}
		return strconv.FormatInt(v, 10)
	case clock.Date:
		return v.Long()
	case []string:
		out := ""
		for i, c := range v {
			if i > 0 {
				out += ", "
			}
			out += codeWords(r.Kind, field, c)
		}
		return out
	case string:
		switch field {
		case "country":
			return countryName(v)
		case "institution", "number", "report_number", "programme", "regulator", "name":
			if field == "name" && r.Kind != Contact {
				break
			}
			return v
		}
		if words := told(v); words != "" {
			return words
		}
		return codeWords(r.Kind, field, v)
	}
	return ""
}

// told says, of someone else, a code whose option speaks in the first person.
func told(code string) string {
	switch code {
	case "passed":
		return "Passed"
	case "failed":
		return "Not passed"
	case "booked":
		return "Booked"
	case "awaited":
		return "Waiting for the result"
	case "not_taken":
		return "Not taken"
	case "asylum_applicant":
		return "Waiting for an asylum decision"
	case "cancelled":
		return "Cancelled by the examiner"
	case "practice":
		return "Worked as a registered doctor"
	case "unregistered_practice":
		return "Worked as a doctor without registration"
	case "attachment":
		return "Watched or shadowed"
	case "without_work":
		return "Without work"
	case "none_needed":
		return "Never registered as a doctor anywhere"
	case "held":
		return "Has it"
	case "followed":
		return "On the way"
	case "given_up":
		return "Not followed any more"
	case "psv":
		return "Qualification verified at its source"
	case "account":
		return "GMC Online account"
	}
	return ""
}

// Summary says a record in one line: "PLAB 1, Passed".
func Summary(schema *rulebook.Schema, r Record) string {
	text := ""
	for _, l := range lines(schema, r) {
		if l.Label == "Date" || l.Label == "Until" {
			continue
		}
		v := l.Value
		if v == "Yes" || v == "No" {
			v = l.Label + ": " + v
		}
		if text != "" {
			text += ", "
		}
		text += v
	}
	return text
}

func dates(r Record) string {
	switch {
	case r.On.IsZero() && r.Until.IsZero():
		return "Not given"
	case r.Until.IsZero():
		return r.On.Long()
	case r.On.IsZero():
		return "until " + r.Until.Long()
	}
	return r.On.Long() + " to " + r.Until.Long()
}

// StateTag shows how well a record is proved.
func StateTag(s rulebook.State) nhs.Tag {
	colour := map[rulebook.State]string{rulebook.Claimed: "grey", rulebook.Seen: "blue", rulebook.Verified: "green", rulebook.Refused: "red"}[s]
	return nhs.Tag{Text: StateWords(s), Colour: colour}
}

const claimed = rulebook.Claimed

func first(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}
