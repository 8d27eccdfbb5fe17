package registration

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/casefile"
	"msw/internal/clock"
	"msw/internal/database"
)

// lookUp gives what the newest extract says of an outcome's number, with the
// name compared; no day when no extract was ever taken in.
func (s *Service) lookUp(ctx context.Context, tenant string, o Outcome) (Entry, error) {
	found, err := s.entries(ctx, tenant, []string{o.token})
	if err != nil {
		return Entry{}, err
	}
	if e, ok := found[o.token]; ok {
		list := map[string]entryRow{o.Doctor: e}
		err := s.compareNames(ctx, tenant, list)
		return list[o.Doctor].Entry, err
	}
	f, ok, err := s.newestFile(ctx, tenant, true)
	if err != nil || !ok {
		return Entry{}, err
	}
	return Entry{AsAt: f.AsAt}, nil
}

// compareNames says of entries, by doctor, whether the name is the doctor's:
// one part of the family name and one of the given name must be theirs.
func (s *Service) compareNames(ctx context.Context, tenant string, list map[string]entryRow) error {
	if s.o.NameKeysOf == nil {
		return nil
	}
	ids := make([]string, 0, len(list))
	for id := range list {
		ids = append(ids, id)
	}
	keys, err := s.o.NameKeysOf(ctx, tenant, ids)
	if err != nil {
		return err
	}
	for id, e := range list {
		own := keys[id]
		if len(own) == 0 {
			continue // the person was erased, or has no name in letters
		}
		part := func(kept string) bool {
			parts := strings.Fields(kept)
			return len(parts) == 0 || slices.ContainsFunc(parts, func(k string) bool { return slices.Contains(own, k) })
		}
		if e.family+e.given != "" {
			e.SameName = answer(part(e.family) && part(e.given))
		}
		list[id] = e
	}
	return nil
}

// reconcileAll sets entries, by token, beside the confirmed registrations of
// the doctors who hold them, and keeps the queue true. With dry nothing is
// written.
func (s *Service) reconcileAll(ctx context.Context, call access.Call, holders map[string]string, entries map[string]entryRow, dry bool) ([]Verdict, error) {
	doctors, byDoctor := make([]string, 0, len(holders)), map[string]entryRow{}
	for token, doctor := range holders {
		doctors = append(doctors, doctor)
		byDoctor[doctor] = entries[token]
	}
	slices.Sort(doctors)
	ours, err := s.confirmedOf(ctx, call.Actor.Tenant, doctors)
	if err != nil {
		return nil, err
	}
	if err := s.compareNames(ctx, call.Actor.Tenant, byDoctor); err != nil {
		return nil, err
	}
	var verdicts []Verdict
	for _, doctor := range doctors {
		o, ok := ours[doctor]
		if !ok {
			continue
		}
		verdict, list := Compare(o.Reading, byDoctor[doctor].Entry)
		verdicts = append(verdicts, verdict)
		if dry {
			continue
		}
		if err := s.keep(ctx, call, o, byDoctor[doctor].Entry, verdict, list); err != nil {
			return verdicts, err
		}
	}
	return verdicts, nil
}

// reconcile is reconcileAll for one outcome that was just confirmed.
func (s *Service) reconcile(ctx context.Context, call access.Call, o Outcome) error {
	e, err := s.lookUp(ctx, call.Actor.Tenant, o)
	if err != nil {
		return err
	}
	verdict, list := Compare(o.Reading, e)
	return s.keep(ctx, call, o, e, verdict, list)
}

// keep opens, changes or closes the doctor's disagreement. One that was settled
// as ours is not opened again by the same entry.
func (s *Service) keep(ctx context.Context, call access.Call, o Outcome, e Entry, verdict Verdict, list []Mismatch) error {
	tenant := call.Actor.Tenant
	last, err := s.lastDifference(ctx, tenant, o.Doctor)
	if err != nil {
		return err
	}
	open := last.ID != "" && last.State != DifferenceSettled
	if verdict != Differs {
		if !open || verdict != Agrees {
			return nil
		}
		return s.settled(ctx, call, last, WayAgrees)
	}
	mark := s.markOf(tenant, list)
	details := Details{Differences: list, Theirs: e, Registered: o.Registered, ReadOn: max(o.ReadOn, o.SecondReadOn)}
	switch {
	case open && last.mark == mark, !open && last.mark == mark && last.Way == WayOurs:
		return nil
	case open:
		before := last
		last.State, last.Turn, last.Due, last.Way, last.First, last.mark, last.Details = DifferenceOpen, casefile.PartyCaseworker, call.Today, "", "", mark, details
		return s.save(ctx, call, before, &last)
	}
	d := Disagreement{ID: database.NewID(), Doctor: o.Doctor, Version: 1, State: DifferenceOpen, Turn: casefile.PartyCaseworker, Due: call.Today, Opened: call.Today, mark: mark, Details: details, tasked: true}
	if err := s.insertDifference(ctx, tenant, d); err != nil {
		return err
	}
	if err := s.task(ctx, call, d); err != nil {
		return err
	}
	return s.audit.Record(ctx, call, audit.Entry{Action: ActDifferences, Kind: "register_difference", ID: d.ID, Person: d.Doctor, After: d})
}

// markOf is a keyed hash of what differs: the same differences, the same mark.
func (s *Service) markOf(tenant string, list []Mismatch) string {
	text, _ := json.Marshal(list) // texts only: it cannot fail
	return s.db.Vault().Token(tenant, "register difference", string(text))
}

func (s *Service) task(ctx context.Context, call access.Call, d Disagreement) error {
	return s.cases.OpenTask(ctx, call, casefile.Task{Doctor: d.Doctor, Kind: TaskDifference, Title: "Look at a difference with the GMC register", Source: d.Source(),
		URL: "/register-differences/" + d.ID, Party: casefile.PartyCaseworker, Since: call.Today})
}

// save stores a changed disagreement and keeps the desk true: a task while it
// waits for the team, none while it is put off or settled.
func (s *Service) save(ctx context.Context, call access.Call, before Disagreement, d *Disagreement) error {
	waits := d.State != DifferenceSettled && !d.Snoozed(call.Today)
	switch {
	case waits && !d.tasked:
		if err := s.task(ctx, call, *d); err != nil {
			return err
		}
	case !waits && d.tasked:
		if err := s.cases.CloseTask(ctx, call, d.Doctor, TaskDifference, d.Source()); err != nil {
			return err
		}
	}
	d.tasked = waits
	if err := s.updateDifference(ctx, call.Actor.Tenant, d); err != nil {
		return err
	}
	return s.audit.Record(ctx, call, audit.Entry{Action: ActSettle, Kind: "register_difference", ID: d.ID, Person: d.Doctor, Before: before, After: *d})
}

func (s *Service) settled(ctx context.Context, call access.Call, d Disagreement, way string) error {
	before := d
	d.State, d.Turn, d.Way, d.SettledOn, d.Due = DifferenceSettled, casefile.PartyNobody, way, call.Today, call.Today
	return s.save(ctx, call, before, &d)
}

// dropDifference settles what was open of an entry that was taken back.
func (s *Service) dropDifference(ctx context.Context, call access.Call, doctor string) error {
	last, err := s.lastDifference(ctx, call.Actor.Tenant, doctor)
	if err != nil || last.ID == "" || last.State == DifferenceSettled {
		return err
	}
	return s.settled(ctx, call, last, WayPerson)
}

// WakeDifferences puts those back on the desk whose snooze is over. It asks no
// permission: it is regular work.
func (s *Service) WakeDifferences(ctx context.Context, call access.Call) (woken int, err error) {
	err = s.db.Tx(ctx, func(ctx context.Context) error {
		list, err := s.untasked(ctx, call.Actor.Tenant, call.Today, 200)
		if err != nil {
			return err
		}
		for _, d := range list {
			before := d
			d.Turn = casefile.PartyCaseworker
			if err := s.save(ctx, call, before, &d); err != nil {
				return err
			}
		}
		woken = len(list)
		return nil
	})
	return woken, err
}

// Beside is the register extract's entry set beside what people read.
type Beside struct {
	Entry
	Verdict Verdict
	Lines   []BesideLine
	Queue   string // the open disagreement's id
	Pending bool   // it is the reader's own first reading that is compared
}

// BesideLine is one line of the comparison.
type BesideLine struct {
	What, Ours, Theirs string
	Differs            bool
}

// beside compares for those who read the register: the confirmed entry, or the
// reader's own first reading. Whoever may still read as second person is shown
// neither the pending reading nor the extract's entry of it.
func (s *Service) beside(ctx context.Context, call access.Call, v *Sight) error {
	if !v.MayPropose && !v.MayConfirm {
		return nil
	}
	standing, err := s.standing(ctx, call.Actor.Tenant, v.Doctor)
	if err != nil {
		return err
	}
	o, pending := standing[Proposed]
	if pending && o.First != call.Actor.Account {
		return nil
	}
	if !pending {
		if o = standing[Confirmed]; o.ID == "" {
			return nil
		}
	}
	e, err := s.lookUp(ctx, call.Actor.Tenant, o)
	if err != nil || e.AsAt.IsZero() {
		return err
	}
	verdict, list := Compare(o.Reading, e)
	v.Beside = &Beside{Entry: e, Verdict: verdict, Lines: besideLines(o.Reading, e, list), Pending: pending}
	if last, err := s.lastDifference(ctx, call.Actor.Tenant, v.Doctor); err != nil {
		return err
	} else if last.State != DifferenceSettled {
		v.Beside.Queue = last.ID
	}
	return nil
}

func besideLines(ours Reading, e Entry, list []Mismatch) []BesideLine {
	differ := func(codes ...string) bool {
		return slices.ContainsFunc(list, func(d Mismatch) bool { return slices.Contains(codes, d.Code) })
	}
	if !e.Listed {
		return []BesideLine{{"Status", "Registered", "This extract does not have the number", e.AsAt >= ours.Registered}}
	}
	kind, day := "Not said", "Not said"
	if kinds := e.Kinds(); len(kinds) > 0 {
		kind = kinds[0].Words()
	}
	if days := e.starts(ours.Kind); len(days) > 0 {
		day = days[0].Long()
	}
	name := map[Answer]string{Yes: "The same name", No: "Another name", "": "Could not be compared"}[e.SameName]
	_, licence := ReadStatus(e.Status)
	return []BesideLine{
		{"Name", "The doctor's name", name, differ("name")}, {"Status", "Registered", e.Status, differ("not_registered", "unknown_status")},
		{"Kind of registration", ours.Kind.Words(), kind, differ("kind")}, {"Date of registration", ours.Registered.Long(), day, differ("registered")},
		{"Licence to practise", ours.Licence.words(), licence.words(), differ("licence")},
		{"Approved practice setting", ours.APS.words(), e.APS.words(), differ("aps")},
	}
}

// Practice is what the next employer must know of a registered doctor.
type Practice struct {
	Registered bool       // two people have read an entry in the register
	Approved   bool       // the doctor must work in an approved practice setting
	ReadOn     clock.Date // the day the second person read it
}

// PracticeOf tells whether a doctor must work in an approved practice setting.
// It asks no permission: the page of an offer or a post that shows it has.
func (s *Service) PracticeOf(ctx context.Context, tenant, doctor string) (Practice, error) {
	list, err := s.confirmedOf(ctx, tenant, []string{doctor})
	if err != nil {
		return Practice{}, err
	}
	o, ok := list[doctor]
	return Practice{Registered: ok, Approved: o.APS == Yes, ReadOn: o.SecondReadOn}, nil
}
