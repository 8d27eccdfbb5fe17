package fact

import (
	"strconv"
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"msw/internal/clock"
	"msw/internal/doctor"
	"msw/internal/nhs"
	"msw/internal/problem"
	"msw/internal/rulebook"
	"msw/internal/web"
)

// How a question is asked.
const (
	askText    = "text"
	askRadio   = "radio"
	askSelect  = "select"
	askYesNo   = "yes or no"
	askNumber  = "number"
	askScore   = "score" // tenths for IELTS, whole for OET
	askDate    = "date"
	askCountry = "country"
	askMany    = "any of"
)

// The two dates that every fact has, and the hours from which full-time
// months are counted; the rest of a question's names are fields of the kind.
const (
	nameOn    = "on"
	nameUntil = "until"
	nameHours = "hours"
)

// question asks for one field of a fact.
type question struct {
	Name, Label, Hint string
	Ask               string
	Options           []nhs.Option
	Staff             bool // only staff answer it
}

func options(pairs ...string) []nhs.Option {
	var out []nhs.Option
	for i := 0; i+1 < len(pairs); i += 2 {
		out = append(out, nhs.Option{Value: pairs[i], Label: pairs[i+1]})
	}
	return out
}

// questions gives what is asked about a kind: our own words for the kinds of
// the application, the rule file's words for any other.
func questions(schema *rulebook.Schema, kind string, staff bool) []question {
	var list []question
	switch kind {
	case Qualification:
		list = qualificationQuestions()
	case Experience:
		list = experienceQuestions()
	case EnglishTest:
		list = englishQuestions()
	case Exam:
		list = examQuestions()
	case RightToWork:
		list = rightQuestions()
	case GoodStanding:
		list = goodStandingQuestions()
	case Activity:
		list = activityQuestions()
	case Route:
		list = routeQuestions()
	case Decided:
		list = decidedQuestions()
	case Contact:
		list = contactQuestions()
	default:
		list = ownQuestions(schema, kind)
	}
	var kept []question
	for _, q := range list {
		if staff || !q.Staff {
			kept = append(kept, q)
		}
	}
	return kept
}

func qualificationQuestions() []question {
	return []question{
		{Name: "institution", Label: "Where did you qualify?", Hint: "The name of the medical school or university, as on your certificate", Ask: askText},
		{Name: "country", Label: "In which country?", Ask: askCountry},
		{Name: nameOn, Label: "When was it awarded?", Hint: "The date on the certificate. For example, 31 7 2012", Ask: askDate},
		{Name: "taught_in_english", Label: "Were you taught and examined only in English?", Ask: askYesNo},
		{Name: "registrable", Label: "Does it look acceptable to the GMC?", Hint: "Only the GMC decides. Say what you found, not what you hope", Ask: askRadio,
			Options: options("yes", "Yes", "no", "No", "unknown", "Not known yet"), Staff: true},
	}
}

func experienceQuestions() []question {
	return []question{
		{Name: "specialty_group", Label: "What kind of work was it?", Hint: "Medicine includes children's medicine and skin. Surgery includes bones, eyes, and obstetrics and gynaecology", Ask: askRadio,
			Options: options("medicine", "Medicine", "surgery", "Surgery", "other", "Something else", "unknown", "Not sure")},
		{Name: nameOn, Label: "When did you start?", Hint: "If you do not know the day, put 1. For example, 1 3 2014", Ask: askDate},
		{Name: nameUntil, Label: "When did you finish?", Hint: "Leave empty if you still do this work", Ask: askDate},
		{Name: nameHours, Label: "How many hours a week?", Hint: "We count part-time work as fewer months. 38 hours or more is full time", Ask: askNumber},
		{Name: "months_full_time", Label: "How many months is that, counted as full time?", Hint: "Leave empty and we will work it out from your dates and hours", Ask: askNumber},
		{Name: "postgraduate", Label: "Was this after you got your medical qualification?", Ask: askYesNo},
		{Name: "internship", Label: "Was it part of an internship or house job?", Ask: askYesNo},
		{Name: "country", Label: "In which country?", Ask: askCountry},
	}
}

func englishQuestions() []question {
	score := "For IELTS, for example 7.5. For OET, for example 380"
	return []question{
		{Name: "test", Label: "Which test was it?", Ask: askRadio, Options: options("IELTS", "IELTS Academic, at a test centre", "OET", "OET Medicine, at a test centre",
			"OET_home", "OET at home", "IELTS_online", "IELTS online", "IELTS_general", "IELTS General Training", "TOEFL", "TOEFL", "other", "Another test")},
		{Name: nameOn, Label: "On which day did you sit it?", Hint: "For example, 14 5 2026", Ask: askDate},
		{Name: "outcome", Label: "How did it go?", Ask: askRadio, Options: options("passed", "I got the scores I needed", "failed", "I did not get the scores I needed", "awaited", "I am waiting for the result", "booked", "I have booked it", "unknown", "Not sure")},
		{Name: "overall", Label: "Overall score", Hint: "IELTS only. For example, 7.5", Ask: askScore},
		{Name: "listening", Label: "Listening score", Hint: score, Ask: askScore},
		{Name: "reading", Label: "Reading score", Hint: score, Ask: askScore},
		{Name: "writing", Label: "Writing score", Hint: score, Ask: askScore},
		{Name: "speaking", Label: "Speaking score", Hint: score, Ask: askScore},
		{Name: "report_number", Label: "Test report or candidate number", Hint: "It is printed on the result", Ask: askText},
	}
}

func examQuestions() []question {
	return []question{
		{Name: "name", Label: "Which exam is it?", Ask: askRadio, Options: options("PLAB1", "PLAB 1", "PLAB2", "PLAB 2", "other", "Another exam")},
		{Name: "outcome", Label: "Where are you with it?", Ask: askRadio, Options: options("not_taken", "I have not taken it", "booked", "I have booked it",
			"awaited", "I took it and wait for the result", "passed", "I passed", "failed", "I did not pass", "unknown", "Not sure")},
		{Name: nameOn, Label: "Which day is or was the exam?", Hint: "Leave empty if you have not taken or booked it", Ask: askDate},
		{Name: "attempt", Label: "Which try was it?", Hint: "Put 1 for the first. A cancelled exam does not count", Ask: askNumber},
	}
}

func rightQuestions() []question {
	return []question{
		{Name: "category", Label: "What kind of permission do you have?", Hint: "Choose the kind only. Do not tell us why you came", Ask: askRadio,
			Options: options("refugee", "Refugee status", "humanitarian_protection", "Humanitarian protection", "ukraine_scheme", "A Ukraine scheme", "afghan_scheme", "An Afghan scheme",
				"citizen", "British or Irish citizen", "settled", "Settled status, or indefinite leave", "pre_settled", "Pre-settled status", "skilled_worker", "Skilled Worker visa",
				"student", "Student visa", "family", "Family visa", "dependant", "Dependant visa", "asylum_applicant", "I asked for asylum and wait for the decision",
				"visitor", "Visitor visa", "other_leave", "Another kind", "none", "None", "unknown", "Not sure")},
		{Name: "may_work", Label: "Does it let you do this paid work?", Ask: askYesNo},
		{Name: "may_reside", Label: "Does it let you live in the UK?", Ask: askYesNo},
		{Name: nameOn, Label: "When did it begin?", Ask: askDate},
		{Name: nameUntil, Label: "On which day does it end?", Hint: "Leave empty if it has no end", Ask: askDate},
	}
}

// ownQuestions asks in the rule file's words.
func ownQuestions(schema *rulebook.Schema, kind string) []question {
	k, _ := schema.Kind(kind)
	list := []question{{Name: nameOn, Label: "Date", Hint: onHint(kind), Ask: askDate}}
	if kind == Identity {
		list = append(list, question{Name: nameUntil, Label: "Last day the document holds", Ask: askDate})
	}
	for _, f := range k.Fields {
		q := question{Name: f.Name, Label: fieldLabel(kind, f.Name), Hint: f.Doc}
		switch f.Type {
		case rulebook.TypeCode:
			q.Ask, q.Options = askRadio, codeOptions(kind, f)
		case rulebook.TypeList:
			q.Ask, q.Options = askMany, codeOptions(kind, f)
		case rulebook.TypeBool:
			q.Ask = askYesNo
		case rulebook.TypeInt:
			q.Ask = askNumber
		case rulebook.TypeDate:
			q.Ask = askDate
		default:
			q.Ask = askText
			if f.Name == "country" {
				q.Ask = askCountry
			}
		}
		list = append(list, q)
	}
	return list
}

func onHint(kind string) string {
	switch kind {
	case Registration:
		return "The day registration began, or the day of the check when there is none"
	case Residence, Practice:
		return "The day this was said. Leave empty for today"
	case Placement:
		return "The first day of the placement, or the day of the check"
	}
	return ""
}

func codeOptions(kind string, f rulebook.Field) []nhs.Option {
	out := make([]nhs.Option, 0, len(f.Codes))
	for _, c := range f.Codes {
		out = append(out, nhs.Option{Value: c, Label: codeWords(kind, f.Name, c)})
	}
	return out
}

func plainWords(name string) string {
	s := strings.ReplaceAll(name, "_", " ")
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

func fieldLabel(kind, name string) string {
	switch kind + "." + name {
	case "residence.in_uk":
		return "Do you live in the UK?"
	case "practice_status.last_practised":
		return "When did you last work as a doctor, anywhere?"
	case "practice_status.needs_supervision":
		return "Would you need someone to supervise you when you start again?"
	case "gmc_registration.kind":
		return "Kind of GMC registration"
	case "gmc_registration.number":
		return "GMC registration number"
	case "gmc_registration.licence":
		return "Holds a licence to practise"
	case "gmc_registration.aps":
		return "Must work in an approved practice setting"
	case "programme_placement.placed":
		return "Had a placement in this programme before"
	case "english_evidence.route":
		return "What kind of evidence is it?"
	case "english_evidence.accepted":
		return "Did the GMC say in writing that it accepts it?"
	}
	return plainWords(name)
}

// codeWords says a code as people read it.
func codeWords(kind, field, code string) string {
	for _, q := range questions(nil, kindWithWords(kind), true) {
		if q.Name != field {
			continue
		}
		for _, o := range q.Options {
			if o.Value == code {
				return o.Label
			}
		}
	}
	switch code {
	case "PLAB1":
		return "PLAB 1"
	case "PLAB2":
		return "PLAB 2"
	case "gp":
		return "GP register"
	case "evisa":
		return "eVisa"
	case "uk_job_offer":
		return "UK job offer"
	case "none":
		if kind == Registration {
			return "Not registered"
		}
	}
	return plainWords(code)
}

// kindWithWords is the kind if its questions are written here, else one whose
// questions have no codes of that field.
func kindWithWords(kind string) string {
	switch kind {
	case Qualification, Experience, EnglishTest, Exam, RightToWork, GoodStanding, Activity, Route, Decided, Contact:
		return kind
	}
	return Qualification
}

// countries are all countries by name, as options.
func countries() []nhs.Option { return doctor.Countries() }

func countryName(code string) string {
	region, err := language.ParseRegion(code)
	if err != nil {
		return code
	}
	return display.English.Regions().Name(region)
}

// answers reads the answers to a kind's questions from a form whose names
// begin with the prefix; empty tells that nothing was answered.
func answers(r *web.Request, kind, prefix string, list []question) (n NewFact, empty bool, err error) {
	n = NewFact{Kind: kind, Fields: map[string]any{}}
	empty = true
	var check problem.Check
	hours := 0
	for _, q := range list {
		name := prefix + q.Name
		value, err := answer(r, q, name, r.Text(prefix+"test"))
		if err != nil {
			empty = false
			check.Add(err)
			continue
		}
		if value == nil {
			continue
		}
		empty = false
		switch q.Name {
		case nameOn:
			n.On = value.(clock.Date)
		case nameUntil:
			n.Until = value.(clock.Date)
		case nameHours:
			hours = int(value.(int64))
		default:
			n.Fields[q.Name] = value
		}
	}
	complete(&n, hours, r.Call.Today, empty)
	return n, empty, check.Err()
}

// complete fills in what follows from the answers.
func complete(n *NewFact, hours int, today clock.Date, empty bool) {
	switch n.Kind {
	case Qualification:
		if !n.On.IsZero() {
			n.Fields["awarded"] = n.On
		}
	case Experience:
		if n.Fields["months_full_time"] == nil && !n.On.IsZero() {
			to := n.Until
			if to.IsZero() {
				to = today
			}
			if hours == 0 {
				hours = fullTimeHalfHours
			}
			if to >= n.On {
				n.Fields["months_full_time"] = int64(FullTime(n.On, to, hours))
			}
		}
	case RightToWork:
		if c, _ := n.Fields["category"].(string); c != "" && c != "unknown" {
			n.Fields["visitor"] = c == "visitor"
		}
	case Exam, Registration, Residence, Practice, Placement:
		if n.On.IsZero() && !empty && (n.Kind != Exam || n.Fields["outcome"] == "not_taken") {
			n.On = today
		}
	case GoodStanding, Route, Contact:
		if n.On.IsZero() && !empty && saidToday(n) {
			n.On = today
		}
	}
}

func answer(r *web.Request, q question, name, test string) (any, error) {
	switch q.Ask {
	case askDate:
		d, err := r.Date(name)
		if err != nil || d.IsZero() {
			return nil, err
		}
		return d, nil
	case askMany:
		if list := r.Texts(name); len(list) > 0 {
			return list, nil
		}
		return nil, nil
	}
	text := r.Text(name)
	if text == "" {
		return nil, nil
	}
	switch q.Ask {
	case askYesNo:
		return text == "yes", nil
	case askNumber:
		n, err := r.Int(name)
		return int64(n), err
	case askScore:
		return score(text, name, test)
	}
	return text, nil
}

// score reads 7.5 as 75 for IELTS and 380 as 380 for OET.
func score(text, name, test string) (any, error) {
	wrong := &problem.Error{Kind: problem.Invalid, Message: "There is a problem", Fields: []problem.Field{{Name: name, Message: "Enter a score like 7.5 for IELTS or 380 for OET"}}}
	if strings.HasPrefix(test, "OET") || test == "TOEFL" {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n < 0 || n > 500 {
			return nil, wrong
		}
		return n, nil
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || f < 0 || f > 9 || f*2 != float64(int(f*2)) {
		return nil, wrong
	}
	return int64(f*10 + 0.5), nil
}

// typedValue writes a record's field as it would be typed.
func typedValue(rec Record, q question) string {
	switch q.Ask {
	case askYesNo:
		if v, known := rec.Bool(q.Name); known {
			return map[bool]string{true: "yes", false: "no"}[v]
		}
		return ""
	case askNumber:
		if n, ok := rec.Fields[q.Name].(int64); ok {
			return strconv.FormatInt(n, 10)
		}
		return ""
	case askScore:
		if n, ok := rec.Fields[q.Name].(int64); ok {
			return scoreWords(rec.Text("test"), n)
		}
		return ""
	}
	return rec.Text(q.Name)
}

func scoreWords(test string, n int64) string {
	if strings.HasPrefix(test, "OET") || test == "TOEFL" {
		return strconv.FormatInt(n, 10)
	}
	return strconv.FormatFloat(float64(n)/10, 'f', 1, 64)
}
