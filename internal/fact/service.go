package fact

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/doctor"
	"msw/internal/organisation"
	"msw/internal/problem"
	"msw/internal/rulebook"
)

// Options for New. Resource, when set, tells how a doctor's case lies; Changed,
// when set, is called in the same transaction after facts of a doctor changed,
// so that a later station can look again (a right to work wakes a case).
type Options struct {
	DB       *database.DB
	Access   *access.Table
	Audit    *audit.Log
	Schema   *rulebook.Schema
	Resource func(ctx context.Context, tenant, doctor string) (access.Resource, error)
	Changed  func(ctx context.Context, call access.Call, doctor string, kinds []string) error
	Asking   func(ctx context.Context, tenant, doctor string, subject doctor.Subject) (doctor.Verdict, error)
}

// Service is the use cases on facts. Safe for many goroutines.
type Service struct {
	db       *database.DB
	access   *access.Table
	audit    *audit.Log
	schema   *rulebook.Schema
	resource func(ctx context.Context, tenant, doctor string) (access.Resource, error)
	changed  func(ctx context.Context, call access.Call, doctor string, kinds []string) error
	asking   func(ctx context.Context, tenant, doctor string, subject doctor.Subject) (doctor.Verdict, error)
}

// New makes the service.
func New(o Options) (*Service, error) {
	if o.DB == nil || o.Access == nil || o.Audit == nil || o.Schema == nil {
		return nil, errors.New("fact: DB, Access, Audit and Schema are needed")
	}
	return &Service{o.DB, o.Access, o.Audit, o.Schema, o.Resource, o.Changed, o.Asking}, nil
}

// Schema gives the kinds of fact and their fields.
func (s *Service) Schema() *rulebook.Schema { return s.schema }

// May decides on one doctor's facts; the case is asked only where the tenant
// or the person alone does not already give the answer.
func (s *Service) May(ctx context.Context, call access.Call, act access.Action, doctor string) error {
	err := s.access.May(call.Actor, act, access.Resource{Kind: "fact", ID: doctor, Tenant: call.Actor.Tenant, Doctor: doctor})
	if err == nil || s.resource == nil || !s.access.Can(call.Actor, act) {
		return err
	}
	full, found := s.resource(ctx, call.Actor.Tenant, doctor)
	if found != nil {
		return err
	}
	return s.access.May(call.Actor, act, full)
}

// reader is the actor in the roles that let them read this doctor's facts: what
// they may know of one person by a role, they may not of another.
func (s *Service) reader(ctx context.Context, call access.Call, doctor string) (access.Actor, error) {
	if len(call.Actor.Members) < 2 || s.resource == nil {
		return call.Actor, nil
	}
	r, err := s.resource(ctx, call.Actor.Tenant, doctor)
	if err != nil {
		return access.Actor{}, err
	}
	return s.access.As(call.Actor, ActRead, r), nil
}

// Record stores one fact and gives its id. More than claimed needs the right
// to verify.
func (s *Service) Record(ctx context.Context, call access.Call, n NewFact) (string, error) {
	ids, err := s.RecordAll(ctx, call, []NewFact{n})
	if err != nil {
		return "", err
	}
	return ids[0], nil
}

// RecordAll stores several facts of one doctor in one statement.
func (s *Service) RecordAll(ctx context.Context, call access.Call, list []NewFact) ([]string, error) {
	return s.recordAll(ctx, call, list, s.mayHaveAsked)
}

// lastWord on a record as it would stand: an error keeps it from being saved.
type lastWord func(context.Context, access.Call, Record) error

func anyway(context.Context, access.Call, Record) error { return nil }

func (s *Service) recordAll(ctx context.Context, call access.Call, list []NewFact, may lastWord) ([]string, error) {
	if len(list) == 0 {
		return nil, nil
	}
	doctor := list[0].Doctor
	if err := s.May(ctx, call, ActRecord, doctor); err != nil {
		return nil, err
	}
	var check problem.Check
	records := make([]Record, len(list))
	for i, n := range list {
		if n.Doctor != doctor || doctor == "" {
			return nil, errors.New("fact: RecordAll takes the facts of one doctor")
		}
		if err := maySay(call.Actor, doctor, n.Kind); err != nil {
			return nil, err
		}
		if n.State > rulebook.Claimed || n.State == rulebook.Refused {
			if err := s.mayProve(ctx, call, doctor); err != nil {
				return nil, err
			}
		}
		records[i] = s.made(call, n)
		if err := may(ctx, call, records[i]); err != nil {
			return nil, err
		}
		check.Add(s.schema.Check(records[i].Rule()))
		check.That(len([]rune(n.Note)) <= noteLimit, "note", "This must be 500 characters or fewer")
	}
	if err := check.Err(); err != nil {
		return nil, err
	}
	ids := make([]string, len(records))
	err := s.db.Tx(ctx, func(ctx context.Context) error {
		if err := s.insert(ctx, call.Actor.Tenant, records); err != nil {
			return err
		}
		for i, r := range records {
			ids[i] = r.ID
		}
		if err := s.audit.Record(ctx, call, audit.Entry{Action: ActRecord, Kind: "fact", ID: strings.Join(ids[:1], ""), Person: doctor, After: records}); err != nil {
			return err
		}
		return s.tell(ctx, call, doctor, records)
	})
	return ids, err
}

const noteLimit = 500

// mayProve decides on saying how well a fact is proved: never of oneself,
// whatever one's role.
func (s *Service) mayProve(ctx context.Context, call access.Call, doctor string) error {
	if call.Actor.Doctor == doctor && doctor != "" {
		return problem.Missing()
	}
	return s.May(ctx, call, ActVerify, doctor)
}

// AnsweredBy begins the source of what an answer to a request proved: whoever
// was asked was allowed to be asked then.
const AnsweredBy = "request:"

// mayHaveAsked refuses one person's word that a school or a regulator confirmed
// something where it must not be asked. What two people judged by other evidence
// comes by Judged; history is taken in as it is.
func (s *Service) mayHaveAsked(ctx context.Context, call access.Call, r Record) error {
	who := r.issuer()
	if s.asking == nil || r.State != rulebook.Verified || who.Party == "" || strings.HasPrefix(r.Source, AnsweredBy) || call.Actor.Has(organisation.RoleOperator) {
		return nil
	}
	v, err := s.asking(ctx, call.Actor.Tenant, r.Doctor, who)
	if err != nil || v.Answer != doctor.MustNot {
		return err
	}
	return problem.Refuse("Who issued it must not be asked, so it cannot have been checked there.", "Judge it by other evidence instead. Two people must agree.")
}

// issuer is who could confirm a record: the school of a qualification, the
// regulator of a certificate; of no party for other kinds.
func (r Record) issuer() doctor.Subject {
	switch r.Kind {
	case Qualification:
		return doctor.Subject{Party: doctor.PartyInstitution, Name: r.Text("institution"), Country: r.Text("country")}
	case GoodStanding:
		return doctor.Subject{Party: doctor.PartyRegulator, Name: r.Text("regulator"), Country: r.Text("country")}
	}
	return doctor.Subject{}
}

// maySay keeps the word on whom one may ask where it is kept now, with the doctor
// (what was recorded before stands, and history can be taken in), and employers to what they check themselves, identity and the right
// to work: exams and qualifications decide who is eligible.
func maySay(a access.Actor, doctor, kind string) error {
	if kind == Contact && !a.Has(organisation.RoleOperator) {
		return problem.Denied("Whom one may ask is said on a page of its own: whom we may ask, and whom not.")
	}
	if a.Doctor == doctor && doctor != "" || kind == Identity || kind == RightToWork ||
		!a.Has(organisation.RoleEmployerHR) || a.HasAny(organisation.RoleCaseworker, organisation.RoleAssessor, organisation.RoleOperator) {
		return nil
	}
	return problem.Denied("An employer records proof of identity and the right to work. Send the programme team a message about anything else.")
}

func (s *Service) made(call access.Call, n NewFact) Record {
	r := Record{ID: database.NewID(), Doctor: n.Doctor, Kind: n.Kind, On: n.On, Until: n.Until, RecordedAt: call.Now,
		RecordedBy: call.Actor.Account, State: n.State, Source: n.Source, Fields: plain(n.Fields), Note: strings.TrimSpace(n.Note), Version: 1}
	if r.State == rulebook.Unstated {
		r.State = rulebook.Claimed
	}
	if r.State != rulebook.Claimed {
		r.CheckedBy, r.CheckedAt = call.Actor.Account, call.Now
	}
	return r
}

// plain takes ints of any size and leaves out what is empty: not known.
func plain(fields map[string]any) map[string]any {
	out := make(map[string]any, len(fields))
	for name, value := range fields {
		switch v := value.(type) {
		case int:
			out[name] = int64(v)
		case string:
			if v = strings.TrimSpace(v); v != "" {
				out[name] = v
			}
		case clock.Date:
			if !v.IsZero() {
				out[name] = v
			}
		case nil:
		default:
			out[name] = v
		}
	}
	return out
}

func (s *Service) tell(ctx context.Context, call access.Call, doctor string, records []Record) error {
	if s.changed == nil {
		return nil
	}
	kinds := make([]string, len(records))
	for i, r := range records {
		kinds[i] = r.Kind
	}
	return s.changed(ctx, call, doctor, kinds)
}

// Supersede puts a new fact in an older one's place and gives its id; the
// older stays, marked. A doctor cannot replace what was already checked.
func (s *Service) Supersede(ctx context.Context, call access.Call, id string, n NewFact) (newID string, err error) {
	err = s.db.Tx(ctx, func(ctx context.Context) error {
		old, err := s.changeable(ctx, call, id)
		if err != nil {
			return err
		}
		n.Doctor = old.Doctor
		if n.Kind == "" {
			n.Kind = old.Kind
		}
		may := s.mayHaveAsked
		if old.State == rulebook.Verified && old.issuer() == s.made(call, n).issuer() {
			may = anyway // it stays as well proved as it was
		}
		ids, err := s.recordAll(ctx, call, []NewFact{n}, may)
		if err != nil {
			return err
		}
		newID = ids[0]
		return s.replace(ctx, call.Actor.Tenant, old, newID)
	})
	return newID, err
}

// Unproved lowers what a source had verified about a doctor to seen, when that
// source takes its word back. It asks no permission: it can only lower.
func (s *Service) Unproved(ctx context.Context, call access.Call, doctor, source string) error {
	return s.db.Tx(ctx, func(ctx context.Context) error {
		list, err := s.For(ctx, call.Actor.Tenant, doctor)
		if err != nil {
			return err
		}
		for _, old := range list {
			if old.Source != source || old.State != rulebook.Verified {
				continue
			}
			r := s.made(call, NewFact{Doctor: doctor, Kind: old.Kind, On: old.On, Until: old.Until, State: rulebook.Seen, Source: source, Fields: old.Fields, Note: old.Note})
			if err := s.insert(ctx, call.Actor.Tenant, []Record{r}); err != nil {
				return err
			}
			if err := s.replace(ctx, call.Actor.Tenant, old, r.ID); err != nil {
				return err
			}
			if err := s.audit.Record(ctx, call, audit.Entry{Action: ActVerify, Kind: "fact", ID: r.ID, Person: doctor, Before: old, After: r}); err != nil {
				return err
			}
			if err := s.tell(ctx, call, doctor, []Record{r}); err != nil {
				return err
			}
		}
		return nil
	})
}

// Withdraw takes a fact back that was recorded by mistake; it stays, marked.
func (s *Service) Withdraw(ctx context.Context, call access.Call, id string) error {
	return s.db.Tx(ctx, func(ctx context.Context) error {
		old, err := s.changeable(ctx, call, id)
		if err != nil {
			return err
		}
		if err := s.May(ctx, call, ActRecord, old.Doctor); err != nil {
			return err
		}
		if err := s.replace(ctx, call.Actor.Tenant, old, Withdrawn); err != nil {
			return err
		}
		if err := s.audit.Record(ctx, call, audit.Entry{Action: ActRecord, Kind: "fact", ID: id, Person: old.Doctor, Before: old}); err != nil {
			return err
		}
		return s.tell(ctx, call, old.Doctor, []Record{old})
	})
}

func (s *Service) changeable(ctx context.Context, call access.Call, id string) (Record, error) {
	old, err := s.one(ctx, call.Actor.Tenant, id)
	if err != nil {
		return old, err
	}
	if err := s.May(ctx, call, ActRecord, old.Doctor); err != nil {
		return old, err
	}
	if err := maySay(call.Actor, old.Doctor, old.Kind); err != nil {
		return old, err
	}
	if !old.Live() {
		return old, problem.Stale()
	}
	if old.State != rulebook.Claimed && s.mayProve(ctx, call, old.Doctor) != nil {
		return old, problem.Refuse("This was already checked, so it cannot be changed here.", "Send your caseworker a message to change it.")
	}
	return old, nil
}

// Verify says how well a fact is proved: seen, verified or refused, or back
// to claimed.
func (s *Service) Verify(ctx context.Context, call access.Call, id string, state rulebook.State) error {
	return s.verify(ctx, call, id, state, 0, s.mayHaveAsked)
}

// Judged is Verify for what several people judged, each alone, by the evidence
// there is: nobody need have been asked.
func (s *Service) Judged(ctx context.Context, call access.Call, id string, state rulebook.State) error {
	return s.verify(ctx, call, id, state, 0, anyway)
}

// verify with a version answers Stale when the record has moved on.
func (s *Service) verify(ctx context.Context, call access.Call, id string, state rulebook.State, version int, may lastWord) error {
	if state < rulebook.Refused || state > rulebook.Verified {
		return &problem.Error{Kind: problem.Invalid, Message: "There is a problem", Fields: []problem.Field{{Name: "state", Message: "Choose how well it is proved"}}}
	}
	return s.db.Tx(ctx, func(ctx context.Context) error {
		r, err := s.one(ctx, call.Actor.Tenant, id)
		if err != nil {
			return err
		}
		if err := s.mayProve(ctx, call, r.Doctor); err != nil {
			return err
		}
		if err := maySay(call.Actor, r.Doctor, r.Kind); err != nil {
			return err
		}
		as, err := s.reader(ctx, call, r.Doctor)
		if err != nil {
			return err
		}
		if _, ok := r.For(as); !ok {
			return problem.Missing()
		}
		if !r.Live() || version != 0 && version != r.Version {
			return problem.Stale()
		}
		before := r.State
		if before == state {
			return nil
		}
		r.State, r.CheckedBy, r.CheckedAt = state, call.Actor.Account, call.Now
		if err := may(ctx, call, r); err != nil {
			return err
		}
		if err := s.save(ctx, call.Actor.Tenant, r); err != nil {
			return err
		}
		if err := s.audit.Record(ctx, call, audit.Entry{Action: ActVerify, Kind: "fact", ID: id, Person: r.Doctor,
			Before: map[string]string{"state": before.String()}, After: map[string]string{"state": state.String()}}); err != nil {
			return err
		}
		return s.tell(ctx, call, r.Doctor, []Record{r})
	})
}

// SealNarrative makes the note of a fact unreadable to all but the doctor.
func (s *Service) SealNarrative(ctx context.Context, call access.Call, id string) error {
	return s.db.Tx(ctx, func(ctx context.Context) error {
		r, err := s.one(ctx, call.Actor.Tenant, id)
		if err != nil {
			return err
		}
		if err := s.May(ctx, call, ActSeal, r.Doctor); err != nil || r.Note == "" || r.NoteSealed {
			return err
		}
		r.NoteSealed = true
		if err := s.save(ctx, call.Actor.Tenant, r); err != nil {
			return err
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: ActSeal, Kind: "fact", ID: id, Person: r.Doctor, After: map[string]string{"sealed": "note"}})
	})
}

// For gives the live facts of one doctor, oldest first. It asks no permission:
// rules read all of it, and pages show it through Record.For.
func (s *Service) For(ctx context.Context, tenant, doctor string) ([]Record, error) {
	list, err := database.Once(ctx, s.db, liveKey(tenant, doctor), func() ([]Record, error) {
		return s.query(ctx, tenant, columns+`doctor_id = $2 AND superseded_by = '' ORDER BY on_date, id`, tenant, doctor)
	})
	return slices.Clone(list), err
}

// History is For with the superseded records.
func (s *Service) History(ctx context.Context, tenant, doctor string) ([]Record, error) {
	return s.query(ctx, tenant, columns+`doctor_id = $2 ORDER BY on_date, id`, tenant, doctor)
}

// ForMany gives the live facts of many doctors in one statement.
func (s *Service) ForMany(ctx context.Context, tenant string, doctors []string) (map[string][]Record, error) {
	if len(doctors) == 0 {
		return map[string][]Record{}, nil
	}
	list, err := s.query(ctx, tenant, columns+`doctor_id IN `+database.In(2, len(doctors))+` AND superseded_by = '' ORDER BY on_date, id`,
		append([]any{tenant}, database.Args(doctors)...)...)
	out := make(map[string][]Record, len(doctors))
	for _, r := range list {
		out[r.Doctor] = append(out[r.Doctor], r)
	}
	return out, err
}

// ForRules gives For as rules read it, in the same order.
func (s *Service) ForRules(ctx context.Context, tenant, doctor string) ([]rulebook.Fact, error) {
	list, err := s.For(ctx, tenant, doctor)
	return Rules(list), err
}

// Ending lists the live facts of a kind whose last day lies between two dates,
// for reminders; at most limit.
func (s *Service) Ending(ctx context.Context, tenant, kind string, from, to clock.Date, limit int) ([]Record, error) {
	return s.query(ctx, tenant, columns+`kind = $2 AND until >= $3 AND until <= $4 AND superseded_by = '' ORDER BY until, id LIMIT `+strconv.Itoa(limit),
		tenant, kind, from, to)
}

// Read gives a doctor's live facts as the actor may see them, and notes the look.
func (s *Service) Read(ctx context.Context, call access.Call, doctor string) ([]Record, error) {
	if err := s.May(ctx, call, ActRead, doctor); err != nil {
		return nil, err
	}
	as, err := s.reader(ctx, call, doctor)
	if err != nil {
		return nil, err
	}
	list, err := s.For(ctx, call.Actor.Tenant, doctor)
	if err != nil {
		return nil, err
	}
	list = VisibleTo(as, list)
	ids := make([]string, len(list))
	for i, r := range list {
		ids[i] = r.ID
	}
	return list, s.audit.Look(ctx, call, audit.Look{Action: ActRead, Kind: "fact", IDs: ids, Person: doctor})
}
