package fact

import (
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"msw/internal/doctor"
	"msw/internal/nhs"
	"msw/internal/problem"
	"msw/internal/rulebook"
	"msw/internal/web"
)

// Pages are the browser face: the doctor's five sections of facts, and the
// staff pages on which facts are added and checked.
type Pages struct {
	s      *Service
	people *doctor.Service
}

// NewPages makes them; people turns a reference into a doctor.
func NewPages(s *Service, people *doctor.Service) *Pages { return &Pages{s, people} }

// Routes lists the addresses.
func (p *Pages) Routes() []web.Route {
	routes := []web.Route{
		{Method: "GET", Pattern: "/cases/{ref}/facts/new", Action: ActEnter, Handle: p.add},
		{Method: "POST", Pattern: "/cases/{ref}/facts/new", Action: ActEnter, Handle: p.saveNew},
		{Method: "GET", Pattern: "/cases/{ref}/facts/{fact}", Action: ActEnter, Handle: p.check},
		{Method: "POST", Pattern: "/cases/{ref}/facts/{fact}", Action: ActEnter, Handle: p.saveCheck},
		{Method: "GET", Pattern: "/cases/{ref}/facts/{fact}/change", Action: ActEnter, Handle: p.change},
		{Method: "POST", Pattern: "/cases/{ref}/facts/{fact}/change", Action: ActEnter, Handle: p.saveChange},
		{Method: "POST", Pattern: "/cases/{ref}/facts/{fact}/seal", Action: ActSeal, Handle: p.seal},
		{Method: "POST", Pattern: "/cases/{ref}/facts/{fact}/withdraw", Action: ActEnter, Handle: p.withdraw},
	}
	routes = append(routes, web.Route{Method: "GET", Pattern: "/me/facts/{kind}", Action: ActApply, Handle: p.road},
		web.Route{Method: "POST", Pattern: "/me/facts/{kind}", Action: ActApply, Handle: p.saveRoad})
	for _, s := range []string{SectionQualification, SectionExperience, SectionEnglish, SectionExams, SectionRightToWork} {
		routes = append(routes,
			web.Route{Method: "GET", Pattern: "/apply/" + s, Action: ActApply, Handle: p.section(s)},
			web.Route{Method: "POST", Pattern: "/apply/" + s, Action: ActApply, Handle: p.saveSection(s)})
	}
	return routes
}

// part is one kind of fact asked for in a section. Of a single one there is
// only the newest: answering again replaces it.
type part struct {
	Kind          string
	Single        bool
	Title, Add    string
	Existing      []Record // shown above the questions
	Editing       *Record  // whose answers stand in the questions
	Questions     []question
	Values        map[string]string // as typed, by name without prefix
	Chosen        map[string][]string
	Locked        bool // a single one already checked: shown, not asked
	Prefix        string
	ShowQuestions bool
}

func (p part) value(name string) string { return p.Values[name] }

// sectionView is one section of the application.
type sectionView struct {
	Key, Path  string
	Intro      []string
	Parts      []part
	Months     *Months
	Finished   string
	Errors     nhs.Errors
	Countries  []nhs.Option
	Schema     *rulebook.Schema
	FromOthers bool
}

func sectionTitle(section string) string {
	switch section {
	case SectionQualification:
		return "Your medical qualification"
	case SectionExperience:
		return "Your experience as a doctor"
	case SectionEnglish:
		return "Your English"
	case SectionExams:
		return "Exams and registration"
	}
	return "Your right to work in the UK"
}

func sectionIntro(section string) []string {
	const noStory = "Please do not tell us why you left your country, or what happened to you."
	switch section {
	case SectionQualification:
		return []string{"Tell us about each medical qualification you have. You can add more than one.",
			"We never contact your school, or anyone in another country, without asking you first."}
	case SectionExperience:
		return []string{"Add each post in which you worked as a doctor, paid or in training. Watching, shadowing and clinical attachments do not count.",
			"If a post had a medicine part and a surgery part, add them as two posts."}
	case SectionEnglish:
		return []string{"Add each English test you sat. All scores must come from the same day."}
	case SectionExams:
		return []string{"Tell us about PLAB 1 and PLAB 2, also if you have not taken them. Add each try.",
			"Tell us at once if something changes: passing PLAB 2 can change what you can join."}
	}
	return []string{"You can tell us even if you may not work yet. Many people can still get support.", noStory}
}

func parts(section string) []part {
	switch section {
	case SectionQualification:
		return []part{{Kind: Qualification, Title: "Qualifications", Add: "Add a qualification"}}
	case SectionExperience:
		return []part{{Kind: Experience, Title: "Posts", Add: "Add a post"}, {Kind: Practice, Single: true, Title: "Last work as a doctor", Add: "When you last worked as a doctor"}}
	case SectionEnglish:
		return []part{{Kind: EnglishTest, Title: "Tests", Add: "Add a test"}, {Kind: English, Title: "Other evidence", Add: "Add other evidence of your English"}}
	case SectionExams:
		return []part{{Kind: Exam, Title: "Exams", Add: "Add an exam"}, {Kind: Registration, Single: true, Title: "GMC registration", Add: "Registration with the GMC"}}
	}
	return []part{{Kind: RightToWork, Single: true, Title: "Permission", Add: "Your permission"}, {Kind: Residence, Single: true, Title: "Where you live", Add: "Where you live"}}
}

func doctorQuestions(schema *rulebook.Schema, kind string) []question {
	list := questions(schema, kind, false)
	switch kind {
	case Practice, Residence, Registration: // said today: no date is asked
		list = slices.DeleteFunc(list, func(q question) bool { return q.Name == nameOn || q.Name == "aps" })
	case English:
		list = slices.DeleteFunc(list, func(q question) bool { return q.Name == nameUntil })
	}
	return list
}

// load fills a section's parts from the actor's own facts.
func (p *Pages) load(r *web.Request, section string) (sectionView, error) {
	v := sectionView{Key: r.Key(), Path: "/apply/" + section, Intro: sectionIntro(section), Countries: countries(), Schema: p.s.schema}
	own := r.Call.Actor.Doctor
	if own == "" {
		return v, problem.Missing()
	}
	records, err := p.s.For(r.Context(), r.Call.Actor.Tenant, own)
	if err != nil {
		return v, err
	}
	v.Parts = parts(section)
	for i := range v.Parts {
		part := &v.Parts[i]
		part.Prefix, part.Existing = part.Kind+"-", Of(records, part.Kind)
		part.Questions, part.ShowQuestions = doctorQuestions(p.s.schema, part.Kind), true
		part.pick(r.Text("change"))
		for _, e := range part.Existing {
			v.FromOthers = v.FromOthers || e.RecordedBy != r.Call.Actor.Account && e.State == rulebook.Claimed
		}
	}
	if section == SectionExperience {
		m := Count(records)
		v.Months = &m
	}
	state, err := p.s.SectionState(r.Context(), r.Call, own, section)
	if state == Done {
		v.Finished = "yes"
	}
	return v, err
}

// pick chooses the record whose answers stand in the questions.
func (p *part) pick(change string) {
	p.Values, p.Chosen = map[string]string{}, map[string][]string{}
	for i, e := range p.Existing {
		if e.ID == change && e.State == rulebook.Claimed || p.Single && i == len(p.Existing)-1 {
			p.Editing = &p.Existing[i]
		}
	}
	if p.Editing == nil {
		return
	}
	if p.Editing.State != rulebook.Claimed {
		p.Locked, p.ShowQuestions = true, false
		return
	}
	p.fill(*p.Editing)
}

func (p *part) fill(e Record) {
	for _, q := range p.Questions {
		switch {
		case q.Name == nameOn:
			p.date(q.Name, e.On.String())
		case q.Name == nameUntil:
			p.date(q.Name, e.Until.String())
		case q.Ask == askDate:
			p.date(q.Name, e.Day(q.Name).String())
		case q.Ask == askMany:
			p.Chosen[q.Name], _ = e.Fields[q.Name].([]string)
		default:
			p.Values[q.Name] = typedValue(e, q)
		}
	}
}

func (p *part) date(name, iso string) {
	if len(iso) == 10 {
		p.Values[name+"-year"], p.Values[name+"-month"], p.Values[name+"-day"] = iso[:4], strings.TrimLeft(iso[5:7], "0"), strings.TrimLeft(iso[8:], "0")
	}
}

// retype puts what was typed in place of what is stored.
func (p *part) retype(r *web.Request) {
	for _, q := range p.Questions {
		for _, name := range []string{q.Name, q.Name + "-day", q.Name + "-month", q.Name + "-year"} {
			p.Values[name] = r.Text(p.Prefix + name)
		}
		p.Chosen[q.Name] = r.Texts(p.Prefix + q.Name)
	}
}

func (p *Pages) section(section string) func(*web.Request) (web.Response, error) {
	return func(r *web.Request) (web.Response, error) {
		v, err := p.load(r, section)
		if err != nil {
			return web.Response{}, err
		}
		return sectionPage(r, section, v), nil
	}
}

func sectionPage(r *web.Request, section string, v sectionView) web.Response {
	return web.Page(r, web.PageData{Title: sectionTitle(section), Caption: "Your application", Back: "/apply", Errors: v.Errors, Body: sectionBody(v)})
}

func (p *Pages) saveSection(section string) func(*web.Request) (web.Response, error) {
	return func(r *web.Request) (web.Response, error) {
		v, err := p.load(r, section)
		if err != nil {
			return web.Response{}, err
		}
		if id := r.Text("remove"); id != "" {
			return p.remove(r, v, id)
		}
		var check problem.Check
		for _, part := range v.Parts {
			check.Add(p.savePart(r, part))
		}
		errs, invalid := web.FieldErrors(check.Err())
		if !invalid {
			err = p.s.Finish(r.Context(), r.Call, r.Call.Actor.Doctor, section, r.Bool("finished"))
			if err != nil {
				return web.Response{}, err
			}
			if r.Text("next") == "add" {
				return web.SeeOther(v.Path, "Saved"), nil
			}
			return web.SeeOther("/apply", "Saved"), nil
		}
		v.Errors, v.Finished = errs, r.Text("finished")
		for i := range v.Parts {
			v.Parts[i].retype(r)
		}
		return sectionPage(r, section, v), nil
	}
}

// savePart records what was answered in one part: a new fact, or one in the
// place of that being changed; nothing when nothing was answered or changed.
func (p *Pages) savePart(r *web.Request, part part) error {
	if part.Locked {
		return nil
	}
	n, empty, err := answers(r, part.Kind, part.Prefix, part.Questions)
	if err != nil || empty {
		return err
	}
	n.Doctor, n.Source = r.Call.Actor.Doctor, "application"
	if part.Editing == nil {
		_, err = p.s.Record(r.Context(), r.Call, n)
		return prefixed(err, part.Prefix)
	}
	if e := part.Editing; part.Kind == Residence || part.Kind == Practice || part.Kind == Registration {
		n.On = e.On // the same answer again is no new fact
	}
	if same(*part.Editing, n) {
		return nil
	}
	if part.Kind == Residence || part.Kind == Practice || part.Kind == Registration {
		n.On = r.Call.Today
	}
	_, err = p.s.Supersede(r.Context(), r.Call, part.Editing.ID, n)
	return prefixed(err, part.Prefix)
}

func same(e Record, n NewFact) bool {
	stored := maps.Clone(e.Fields)
	return e.On == n.On && e.Until == n.Until && reflect.DeepEqual(stored, plain(n.Fields))
}

// prefixed gives a problem's fields the names they have in the form.
func prefixed(err error, prefix string) error {
	if problem.KindOf(err) != problem.Invalid {
		return err
	}
	var fields []problem.Field
	errs, _ := web.FieldErrors(err)
	for _, f := range errs {
		fields = append(fields, problem.Field{Name: prefix + f.Name, Message: f.Message})
	}
	return &problem.Error{Kind: problem.Invalid, Message: "There is a problem", Fields: fields}
}

func (p *Pages) remove(r *web.Request, v sectionView, id string) (web.Response, error) {
	for _, part := range v.Parts {
		for _, e := range part.Existing {
			if e.ID == id {
				return web.SeeOther(v.Path, "Removed"), p.s.Withdraw(r.Context(), r.Call, id)
			}
		}
	}
	return web.Response{}, problem.Missing()
}

func monthWords(n int) string {
	if n == 1 {
		return "1 month"
	}
	return strconv.Itoa(n) + " months"
}
