package post

import (
	"encoding/json"
	"strconv"
	"strings"

	"msw/internal/clock"
	"msw/internal/problem"
)

// Question is one step of offering a post: few people know a post's terms by
// heart, so each says why it is asked.
type Question struct {
	Name, Title, Why string
	Fields           []string // names of its inputs
}

// Questions are the ten that make a post, in order.
func Questions() []Question {
	return []Question{
		{"setting", "Where is the work?", "It decides which doctors we look for. Many want to learn how general practice works in England, others need a hospital.", []string{"setting"}},
		{"employer", "Who employs the doctor?", "The employer signs the contract, pays, and does the employment checks. It can be another organisation than the place of work, for example a training hub.", []string{"employer", "employer-value"}},
		{"host", "Where will they work?", "This is the place they travel to each day. Doctors see its name and how far it is.", []string{"elsewhere", "host", "host-value"}},
		{"specialty", "Which area of medicine?", "Doctors rank posts by it. Write what you would say to a colleague.", []string{"specialty", "least_medicine", "least_surgery", "least_after"}},
		{"count", "How many posts like this one?", "If two people could start on the same terms, say 2. You answer the questions once.", []string{"count"}},
		{"dates", "When can they start, and when does the contract end?", "A doctor can only be matched when the dates fit. A start about three months from now leaves time for the checks.", []string{"start", "contract_end"}},
		{"hours", "How many hours a week?", "Full time is 37.5 hours in most NHS contracts. Part time is welcome: some doctors study for exams, or care for somebody.", []string{"hours"}},
		{"pay", "What does the post pay?", "A post cannot open before its pay is stated. NHS trusts use band 6. A GP practice may set its own pay.", []string{"pay", "point", "hcas", "amount"}},
		{"indemnity", "Who covers the work if a patient is harmed?", "A post cannot open before this is stated. In most GP practices it is the scheme for general practice. If you are not sure, ask your practice's insurer or the programme team and come back.", []string{"indemnity"}},
		{"supervisor", "Who supervises?", "A senior doctor who answers for the daily work. Nobody may have more people than they agreed to. You can name them later, but the post cannot open before.", []string{"clinical"}},
	}
}

// Offering is an offer of a post that somebody is writing: what they typed, by
// field, right or wrong, so that nothing is lost.
type Offering struct {
	ID      string
	Answers map[string]string
	Updated clock.Instant
	Version int
}

func (d *Offering) read(text string) error { return json.Unmarshal([]byte(text), &d.Answers) }

// Date gives the parts of a date as typed.
func (d Offering) date(name string) [3]string {
	return [3]string{d.Answers[name+"-day"], d.Answers[name+"-month"], d.Answers[name+"-year"]}
}

// Answered tells whether something was typed for a question.
func (d Offering) Answered(q Question) bool {
	for _, f := range q.Fields {
		if d.Answers[f] != "" && !strings.HasPrefix(f, "least_") || d.Answers[f+"-day"] != "" {
			return true
		}
	}
	return q.Name == "supervisor" && d.Answers["clinical_said"] != ""
}

// Next is the first question without an answer, or 0 when all have one.
func (d Offering) Next() int {
	for i, q := range Questions() {
		if !d.Answered(q) {
			return i + 1
		}
	}
	return 0
}

// Title says what the draft is about, for a list.
func (d Offering) Title() string {
	title := d.Answers["specialty"]
	if title == "" {
		title = "A post"
	}
	if at := d.Answers["host"]; at != "" && d.Answers["elsewhere"] == "yes" {
		return title + ", " + at
	} else if by := d.Answers["employer"]; by != "" {
		return title + ", " + by
	}
	return title
}

// Offered is what a draft means once read.
type Offered struct {
	Details
	Count int
}

// Offer reads the answers: what they mean, and everything that is wrong or
// missing, by field. Organisations are those chosen before, by id.
func (d Offering) Offer(full int) (Offered, error) {
	a := d.Answers
	var c problem.Check
	o := Offered{Details: Details{Setting: Setting(a["setting"]), Employer: a["employer-value"], Host: a["host-value"], Specialty: a["specialty"],
		Indemnity: Indemnity(a["indemnity"]), Clinical: a["clinical"], Pay: Pay{Kind: PayKind(a["pay"])}}}
	if a["elsewhere"] != "yes" {
		o.Host = o.Employer
	}
	switch o.Pay.Kind {
	case AgendaForChange:
		o.Pay.Point, o.Pay.HCAS = Point(a["point"]), Zone(a["hcas"])
	case LocalPay:
		var err error
		o.Pay.Pence, err = pence(a["amount"])
		c.Add(err)
	}
	for name, to := range map[string]*int{"least_medicine": &o.Medicine, "least_surgery": &o.Surgery, "least_after": &o.After} {
		*to = monthsOf(a[name])
	}
	var err error
	if a["hours"] != "" {
		o.MinutesWeek, err = MinutesOf(a["hours"])
		c.Add(err)
	}
	o.StartFrom, err = d.dateOf("start")
	c.Add(err)
	o.ContractEnd, err = d.dateOf("contract_end")
	c.Add(err)
	o.Count, err = strconv.Atoi(strings.TrimSpace(a["count"]))
	c.That(err == nil && o.Count >= 1 && o.Count <= several, "count", "Enter how many posts, from 1 to 20")
	wrong := map[string]bool{}
	if e := asProblem(c.Err()); e != nil {
		for _, f := range e.Fields {
			wrong[f.Name] = true
		}
	}
	if e := asProblem(Check(o.Details, full)); e != nil {
		for _, f := range e.Fields {
			if !wrong[f.Name] { // said already what is wrong with it
				c.That(false, f.Name, f.Message)
			}
		}
	}
	c.That(o.Pay.Kind != "", "pay", "Choose how the post is paid")
	c.That(o.Pay.Kind != AgendaForChange || o.Pay.Point != "", "point", "Choose the step in band 6")
	c.That(o.Pay.Kind != AgendaForChange || o.Pay.HCAS != "", "hcas", "Choose the supplement, or that there is none")
	c.That(o.Pay.Kind != LocalPay || o.Pay.Pence > 0 || wrong["amount"], "amount", "Enter the pay a year for full time, like 38,000")
	c.That(o.Indemnity != "", "indemnity", "Choose who covers the work")
	return o, c.Err()
}

func (d Offering) dateOf(name string) (clock.Date, error) {
	p := d.date(name)
	if p == [3]string{} {
		return 0, nil
	}
	day, err1 := strconv.Atoi(p[0])
	month, err2 := monthOf(p[1])
	year, err3 := strconv.Atoi(p[2])
	var c problem.Check
	ok := err1 == nil && err2 == nil && err3 == nil && year >= 2000 && year <= 2100 && month >= 1 && month <= 12 && day >= 1
	if ok {
		at, err := clock.ParseDate(pad(year, 4) + "-" + pad(month, 2) + "-" + pad(day, 2))
		if err == nil {
			return at, nil
		}
	}
	c.That(false, name, "Enter a real date, like 31 3 2027")
	return 0, c.Err()
}

func pad(n, width int) string {
	text := strconv.Itoa(n)
	return strings.Repeat("0", max(0, width-len(text))) + text
}

// monthOf reads a month in numbers or by its first three letters.
func monthOf(text string) (int, error) {
	for i, name := range []string{"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"} {
		if strings.HasPrefix(strings.ToLower(text), name) {
			return i + 1, nil
		}
	}
	return strconv.Atoi(text)
}

// pence reads an amount in pounds, like 38,000 or £38,000.50.
func pence(text string) (int64, error) {
	text = strings.NewReplacer("£", "", ",", "", " ", "").Replace(text)
	if text == "" {
		return 0, nil
	}
	pounds, part, _ := strings.Cut(text, ".")
	whole, err := strconv.ParseInt(pounds, 10, 64)
	if len(part) == 1 {
		part += "0"
	}
	var rest int64
	if part != "" && err == nil {
		rest, err = strconv.ParseInt(part, 10, 64)
	}
	if err != nil || whole < 0 || whole > 10_000_000 || rest < 0 || len(part) > 2 {
		var c problem.Check
		c.That(false, "amount", "Enter the pay a year in pounds, like 38,000")
		return 0, c.Err()
	}
	return whole*100 + rest, nil
}
