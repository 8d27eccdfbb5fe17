package request

import (
	"context"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/clock"
	"msw/internal/doctor"
	"msw/internal/problem"
	"msw/internal/programme"
)

// Query narrows the board.
type Query struct {
	Kind  string
	State State
	Owes  Owes
	Over  bool // also those that are over
	After []string
	Limit int
}

// Row is a request on a list.
type Row struct {
	Request
	Kind        Kind
	Name, Ref   string // of the doctor
	Age         int    // working days since the one who owes it owes it
	Amber, Red  bool
	CaseworkerA string
}

// Board lists requests, those that wait longest first, with how many stand how.
func (s *Service) Board(ctx context.Context, call access.Call, q Query) ([]Row, []Total, error) {
	scope := s.access.Scope(call.Actor, ActBoard)
	if scope.None() {
		return nil, nil, problem.Missing()
	}
	list, err := s.board(ctx, scope, q)
	if err != nil {
		return nil, nil, err
	}
	rows, err := s.dress(ctx, call, list)
	if err != nil {
		return nil, nil, err
	}
	totals, err := s.totals(ctx, scope)
	if err != nil {
		return nil, nil, err
	}
	ids := make([]string, len(list))
	for i, r := range list {
		ids[i] = r.ID
	}
	return rows, totals, s.audit.Look(ctx, call, audit.Look{Action: ActBoard, Kind: "request", IDs: ids, Query: "kind=" + q.Kind + " state=" + string(q.State) + " owes=" + string(q.Owes)})
}

func (s *Service) dress(ctx context.Context, call access.Call, list []Request) ([]Row, error) {
	tenant := call.Actor.Tenant
	var ids []string
	for _, r := range list {
		ids = append(ids, r.Doctor)
	}
	names, err := s.o.Doctors.Names(ctx, tenant, ids)
	if err != nil {
		return nil, err
	}
	amber, err := s.o.Setting(ctx, tenant, programme.RequestAmberDays)
	if err != nil {
		return nil, err
	}
	red, err := s.o.Setting(ctx, tenant, programme.RequestRedDays)
	if err != nil {
		return nil, err
	}
	rows := make([]Row, len(list))
	for i, r := range list {
		k, _ := s.o.Rules.Kind(r.Kind)
		rows[i] = Row{Request: r, Kind: k, Name: names[r.Doctor].Shown(), Ref: names[r.Doctor].Ref}
		if !r.State.Over() {
			rows[i].Age = WorkingAge(r.Since, call.Today, s.o.Rules.Holidays)
		}
		rows[i].Red = rows[i].Age >= red && r.Owes != OwesNobody
		rows[i].Amber = rows[i].Age >= amber && r.Owes != OwesNobody && !rows[i].Red
	}
	return rows, nil
}

// Of lists a doctor's requests, of some kinds and states or of all, as evidence
// for another station: no permission asked, no look recorded.
func (s *Service) Of(ctx context.Context, tenant, id string, keep func(Request) bool) ([]Request, error) {
	list, err := s.ofDoctor(ctx, tenant, id)
	if err != nil || keep == nil {
		return list, err
	}
	var out []Request
	for _, r := range list {
		if keep(r) {
			out = append(out, r)
		}
	}
	return out, nil
}

// Get reads a request for another station: no permission asked.
func (s *Service) Get(ctx context.Context, tenant, id string) (Request, error) {
	return s.load(ctx, tenant, id)
}

// List gives a doctor's requests as an actor may see them.
func (s *Service) List(ctx context.Context, call access.Call, id string) ([]Row, error) {
	list, err := s.ofDoctor(ctx, call.Actor.Tenant, id)
	if err != nil {
		return nil, err
	}
	rows, err := s.dress(ctx, call, s.mine(call, list))
	for i := range rows {
		rows[i].Request = s.veil(call, rows[i].Request)
	}
	return rows, err
}

// veil takes from a request what an actor must not read: the doctor an answer
// that was given in confidence, an employer all but how it stands.
func (s *Service) veil(call access.Call, r Request) Request {
	switch {
	case call.Actor.Doctor == r.Doctor:
		r.Judgement = Judgement{}
		if !r.Answer.MayRead {
			r.Answer = Answer{Says: r.Answer.Says, TakenBack: r.Answer.TakenBack}
		}
	case s.may(call, ActJudge, r) != nil && s.may(call, ActMake, r) != nil:
		r.Answer, r.Judgement, r.Whom = Answer{}, Judgement{}, Whom{}
	}
	return r
}

// Given is other evidence as its page shows it.
type Given struct {
	Alternative
	Tried
	On        clock.Date
	Text      string
	Documents []string
	Note      string
	FirstYes  bool // one person agreed, a second is needed
	Third     bool // the second did not agree: a third is needed
	MineFirst bool // and the actor was one of them
}

// Sight is one request as an actor may see it, with what they can do next.
type Sight struct {
	Row
	Own        bool
	Answer     doctor.Answer // whether whom it names may be asked
	AnswerOn   clock.Date
	Link       Handed
	Instead    []Given
	Flags      []string
	MayMake    bool
	MayAsk     bool
	MayJudge   bool
	Questions  bool // a round of questions, which are kept with the assessment
	Reply      Answer
	Rungs      int    // how many reminders its ladder has
	Followed   string // the request that took its place
	Statements []Row  // of people who knew the doctor, asked for it
}

// See reads one request.
func (s *Service) See(ctx context.Context, call access.Call, id string) (Sight, error) {
	tenant := call.Actor.Tenant
	r, err := s.load(ctx, tenant, id)
	if err != nil {
		return Sight{}, err
	}
	if err := s.may(call, ActSee, r); err != nil {
		return Sight{}, err
	}
	rows, err := s.dress(ctx, call, []Request{r})
	if err != nil {
		return Sight{}, err
	}
	v := Sight{Row: rows[0], Own: call.Actor.Doctor == r.Doctor, MayMake: s.may(call, ActMake, r) == nil, MayAsk: s.may(call, ActAsk, r) == nil, MayJudge: s.may(call, ActJudge, r) == nil}
	full := v.MayMake || v.MayJudge
	if full {
		if err := s.more(ctx, call, r, &v); err != nil {
			return Sight{}, err
		}
	}
	if r.Source == sourceRound {
		v.Questions, v.MayMake, v.MayJudge = full, false, false
	}
	v.Request = s.veil(call, r)
	v.Reply = v.Request.Answer
	return v, s.audit.Look(ctx, call, audit.Look{Action: ActSee, Kind: "request", IDs: []string{r.ID}, Person: r.Doctor})
}

// more reads what only the doctor and the team see.
func (s *Service) more(ctx context.Context, call access.Call, r Request, v *Sight) error {
	tenant := call.Actor.Tenant
	said, err := s.o.Doctors.Asked(ctx, tenant, r.Doctor)
	if err != nil {
		return err
	}
	v.Answer, v.AnswerOn = Allowed(r, v.Kind, said)
	t, err := s.times(ctx, tenant, r, v.Kind)
	if err != nil {
		return err
	}
	v.Rungs = len(Ladder(r, t))
	if v.Own {
		if v.Link, err = s.handed(ctx, call, r); err != nil {
			return err
		}
	} else {
		contact, err := s.o.Doctors.Contact(ctx, tenant, r.Doctor)
		if err != nil {
			return err
		}
		v.Flags = Flags(r.Whom, contact)
	}
	tried, err := s.alternatives(ctx, tenant, r.ID)
	if err != nil {
		return err
	}
	for _, t := range Alternatives(r, v.Kind, triedOf(tried)) {
		g := Given{Tried: t}
		g.Alternative, _ = s.o.Rules.Alternative(t.Code)
		for _, a := range tried {
			if a.Code == t.Code {
				g.On, g.Text, g.Documents = a.Given, a.Text, a.Documents
				g.FirstYes = a.State == AltGiven && a.JudgedBy != ""
				g.Third = g.FirstYes && a.SecondBy != ""
				g.MineFirst = g.FirstYes && (a.JudgedBy == call.Actor.Account || a.SecondBy == call.Actor.Account)
				if !v.Own {
					g.Note = a.Note
				}
			}
		}
		v.Instead = append(v.Instead, g)
	}
	all, err := s.ofDoctor(ctx, tenant, r.Doctor)
	if err != nil {
		return err
	}
	var statements []Request
	for _, other := range all {
		switch {
		case other.Parent == r.ID && other.Kind == kindStatement:
			statements = append(statements, other)
		case other.Parent == r.ID:
			v.Followed = other.ID
		}
	}
	v.Statements, err = s.dress(ctx, call, statements)
	for i := range v.Statements {
		v.Statements[i].Request = s.veil(call, v.Statements[i].Request)
	}
	return err
}

const kindStatement = "statement"
