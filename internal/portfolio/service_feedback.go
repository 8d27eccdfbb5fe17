package portfolio

import (
	"context"
	"errors"
	"slices"
	"strings"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/problem"
)

// NewRound opens a round of feedback. People are email addresses or mobile
// numbers, Device is of the doctor's browser.
type NewRound struct {
	People   []string
	ClosesOn clock.Date
	Tags     []string
	Device   string
}

// mostRaters is how many may be asked in one round, longestRound how far away
// its last day may be.
const (
	mostRaters   = 60
	longestRound = 120
)

// OpenRound asks colleagues what they think. One round is open at a time, and
// the next one waits some months: two results close together could be told apart.
// The links are for those asked and for nobody else, least of all the doctor.
func (s *Service) OpenRound(ctx context.Context, call access.Call, cmd NewRound) (f Feedback, links []string, err error) {
	err = s.db.Tx(ctx, func(ctx context.Context) error {
		doctor, err := s.own(call, ActFeedback)
		if err != nil {
			return err
		}
		tenant := call.Actor.Tenant
		if err := s.mayOpen(ctx, call, doctor); err != nil {
			return err
		}
		f = Feedback{ID: database.NewRef(), Doctor: doctor, State: RoundOpen, OpenedOn: call.Today, ClosesOn: cmd.ClosesOn, Device: s.hint(tenant, cmd.Device)}
		if f.Minimum, err = s.minimum(ctx, tenant); err != nil {
			return err
		}
		var c problem.Check
		var unknown []string
		f.Tags, unknown = s.o.Frameworks.Known(cmd.Tags)
		c.That(len(unknown) == 0, "tags", "Choose from the list what it shows")
		checkCloses(&c, cmd.ClosesOn, call.Today)
		people, err := s.newRaters(ctx, call, f, cmd.People)
		if err != nil && problem.KindOf(err) != problem.Invalid {
			return err
		}
		c.Add(err)
		c.That(err != nil || len(people) >= f.Minimum, "people", "Ask at least "+decimal(f.Minimum)+" people: with fewer, nothing can ever be shown. You named "+decimal(len(people)))
		if err := c.Err(); err != nil {
			return err
		}
		if err := s.saveRound(ctx, tenant, &f, 0); err != nil {
			return err
		}
		if err := s.invite(ctx, tenant, people); err != nil {
			return err
		}
		for _, r := range people {
			links = append(links, r.Sealed.Secret)
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: ActFeedback, Kind: "feedback round", ID: f.ID, Person: doctor, After: f})
	})
	return f, links, err
}

// minimum is the programme's, never below what keeps a single answer unseen.
func (s *Service) minimum(ctx context.Context, tenant string) (int, error) {
	n, err := s.o.Setting(ctx, tenant, SettingFeedbackMinimum)
	return max(n, LeastMinimum), err
}

func checkCloses(c *problem.Check, day, today clock.Date) {
	c.That(!day.IsZero(), "closes", "Enter the last day for answers")
	c.That(day.IsZero() || day > today, "closes", "Choose a day in the future")
	c.That(day <= today.AddDays(longestRound), "closes", "Choose a day within "+decimal(longestRound)+" days")
}

func (s *Service) mayOpen(ctx context.Context, call access.Call, doctor string) error {
	months, err := s.o.Setting(ctx, call.Actor.Tenant, SettingFeedbackGap)
	if err != nil {
		return err
	}
	list, err := s.roundsOf(ctx, call.Actor.Tenant, doctor)
	if err != nil {
		return err
	}
	for _, f := range list {
		switch f.State {
		case RoundReading:
			return problem.Refuse("You have a round of feedback already.", "Your educational supervisor reads it first.")
		case RoundOpen:
			return problem.Refuse("You have a round of feedback already.", "It closes on "+f.ClosesOn.Long()+". You can ask more people in it.")
		case RoundShown:
			if next := clock.AddMonths(f.ClosesOn, months); call.Today < next {
				return problem.Refuse("It is too early for another round.", "Two results close together could show what one person said. You can open the next one on "+next.Long()+".")
			}
		}
	}
	return nil
}

// newRaters checks addresses and makes those who were not asked yet.
func (s *Service) newRaters(ctx context.Context, call access.Call, f Feedback, people []string) ([]rater, error) {
	tenant := call.Actor.Tenant
	known, err := s.raters(ctx, tenant, `round_id = $2`, f.ID)
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for _, r := range known {
		seen[r.Token] = true
	}
	var list []rater
	var c problem.Check
	for _, typed := range people {
		to, err := s.cleanTo(ctx, call, typed)
		if problem.KindOf(err) == problem.Invalid {
			c.That(false, "people", "“"+typed+"” is your own, or is not an email address or mobile number. Change it")
			continue
		}
		if err != nil {
			return nil, err
		}
		token := s.hash(tenant, "address", to)
		if to == "" || seen[token] {
			continue
		}
		seen[token] = true
		link := secret(tenant)
		list = append(list, rater{ID: database.NewRef(), Round: f.ID, Doctor: f.Doctor, Link: s.hash(tenant, "rate", link), Token: token, Sealed: raterSealed{To: to, Secret: link}})
	}
	c.That(len(known)+len(list) <= mostRaters, "people", "Ask at most "+decimal(mostRaters)+" people")
	return list, c.Err()
}

func (s *Service) invite(ctx context.Context, tenant string, list []rater) error {
	if err := s.insertRaters(ctx, tenant, list); err != nil || s.o.Jobs == nil {
		return err
	}
	for _, r := range list {
		if err := s.o.Jobs.Enqueue(ctx, tenant, JobRate, map[string]string{"rater": r.ID}); err != nil {
			return err
		}
	}
	return nil
}

// ownRound changes a round of the actor's own.
func (s *Service) ownRound(ctx context.Context, call access.Call, id string, version int, fn func(ctx context.Context, f *Feedback) error) error {
	return s.db.Tx(ctx, func(ctx context.Context) error {
		doctor, err := s.own(call, ActFeedback)
		if err != nil {
			return err
		}
		f, err := s.round(ctx, call.Actor.Tenant, id)
		if err != nil {
			return err
		}
		if f.Doctor != doctor {
			return problem.Missing()
		}
		if version != 0 && version != f.Version {
			return problem.Stale()
		}
		before := f
		if err := fn(ctx, &f); err != nil {
			return err
		}
		if err := s.saveRound(ctx, call.Actor.Tenant, &f, before.Version); err != nil {
			return err
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: ActFeedback, Kind: "feedback round", ID: id, Person: doctor, Before: before.forDoctor(), After: f.forDoctor()})
	})
}

// errFinished is why nothing of a round changes any more.
var errFinished = problem.Refuse("This round is finished.", "What was shown stays as it is, so that nobody can tell what one person said.")

// AskMore asks more people in a round that takes answers.
func (s *Service) AskMore(ctx context.Context, call access.Call, id string, people []string) error {
	return s.ownRound(ctx, call, id, 0, func(ctx context.Context, f *Feedback) error {
		if !f.Takes(call.Today) {
			return problem.Refuse("This round takes no answers now.", "Choose a new last day first.")
		}
		list, err := s.newRaters(ctx, call, *f, people)
		if err != nil {
			return err
		}
		var c problem.Check
		c.That(len(list) > 0, "people", "Enter somebody you have not asked yet")
		if err := c.Err(); err != nil {
			return err
		}
		return s.invite(ctx, call.Actor.Tenant, list)
	})
}

// remindDays is the least time between two reminders.
const remindDays = 3

// RemindRaters writes again to everybody who has not answered, with a new link.
// Who that is, the doctor is not told.
func (s *Service) RemindRaters(ctx context.Context, call access.Call, id string) error {
	return s.ownRound(ctx, call, id, 0, func(ctx context.Context, f *Feedback) error {
		if !f.Takes(call.Today) {
			return problem.Refuse("This round takes no answers now.", "Choose a new last day first.")
		}
		if last := max(f.RemindedOn, f.OpenedOn); call.Today < last.AddDays(remindDays) {
			return problem.Refuse("It is too early to remind them.", "You can write again on "+last.AddDays(remindDays).Long()+".")
		}
		f.RemindedOn = call.Today
		return s.writeAgain(ctx, call.Actor.Tenant, *f)
	})
}

func (s *Service) writeAgain(ctx context.Context, tenant string, f Feedback) error {
	list, err := s.raters(ctx, tenant, `round_id = $2 AND used = $3`, f.ID, false)
	if err != nil {
		return err
	}
	for _, r := range list {
		link := secret(tenant)
		r.Link, r.Sealed.Secret = s.hash(tenant, "rate", link), link
		if err := s.relinkRater(ctx, tenant, r); err != nil {
			return err
		}
		if s.o.Jobs != nil {
			if err := s.o.Jobs.Enqueue(ctx, tenant, JobRate, map[string]string{"rater": r.ID}); err != nil {
				return err
			}
		}
	}
	return nil
}

// Extend gives a round a later last day, and opens one again that closed with
// too few answers or was not used. What was said before still counts.
func (s *Service) Extend(ctx context.Context, call access.Call, id string, version int, closes clock.Date) error {
	return s.ownRound(ctx, call, id, version, func(ctx context.Context, f *Feedback) error {
		if !f.Extends() {
			return errFinished
		}
		if f.State == RoundOpen && !f.Takes(call.Today) {
			return problem.Refuse("The last day is over.", "What comes of it is worked out within the hour. Look again then.")
		}
		if f.State != RoundOpen {
			if err := s.mayOpen(ctx, call, f.Doctor); err != nil {
				return err
			}
		}
		var c problem.Check
		checkCloses(&c, closes, call.Today)
		c.That(closes.IsZero() || closes > f.ClosesOn, "closes", "Choose a day after "+f.ClosesOn.Long())
		if err := c.Err(); err != nil {
			return err
		}
		again := f.State != RoundOpen
		f.State, f.ClosesOn = RoundOpen, closes
		if again {
			f.RemindedOn = call.Today
			return s.writeAgain(ctx, call.Actor.Tenant, *f)
		}
		return nil
	})
}

// LeaveUnused closes a round and shows nothing of it, to anybody.
func (s *Service) LeaveUnused(ctx context.Context, call access.Call, id string, version int) error {
	return s.ownRound(ctx, call, id, version, func(_ context.Context, f *Feedback) error {
		if f.State != RoundOpen && f.State != RoundShort {
			return errFinished
		}
		f.State = RoundUnused
		return nil
	})
}

// RateSelf keeps what the doctor says of themself, until the round is shown.
func (s *Service) RateSelf(ctx context.Context, call access.Call, id string, version int, a Answer) error {
	return s.ownRound(ctx, call, id, version, func(_ context.Context, f *Feedback) error {
		if f.State == RoundShown {
			return problem.Refuse("You have seen what colleagues said.", "Your own answers are from before that, so they stay as they were.")
		}
		if err := s.checkAnswer(&a); err != nil {
			return err
		}
		f.Self = &a
		return nil
	})
}

func (s *Service) checkAnswer(a *Answer) error {
	*a = s.o.Questions.clean(*a)
	var c problem.Check
	c.That(len(a.Said) > 0, "q-"+s.o.Questions.List[0].ID, "Answer at least one question")
	for field, text := range map[string]string{"well": a.Well, "better": a.Better} {
		c.That(len(text) <= 1000, field, "Use at most 1,000 letters")
	}
	return c.Err()
}

// RoundSight is a round for its page.
type RoundSight struct {
	Feedback
	Ref, Name       string
	Own             bool
	Asked, Answered int
	Outside         int      // asked at addresses that are not of the NHS
	People          []string // whom the doctor asked, while answers are taken: for the doctor alone
	MayRelease      bool
}

// LookRound shows a round: to the doctor, to the educational supervisor who reads
// it first, and to supervisors once the doctor shares it.
func (s *Service) LookRound(ctx context.Context, call access.Call, id string) (RoundSight, error) {
	tenant := call.Actor.Tenant
	f, err := s.round(ctx, tenant, id)
	if err != nil {
		return RoundSight{}, err
	}
	c, err := s.o.Cases.Get(ctx, f.Doctor, tenant)
	if err != nil {
		return RoundSight{}, err
	}
	v := RoundSight{Feedback: f, Ref: c.Ref, Own: s.access.May(call.Actor, ActFeedback, c.Resource()) == nil}
	if !v.Own {
		if err := s.mayRead(ctx, call, f, c.Resource(), &v); err != nil {
			return RoundSight{}, err
		}
	}
	if v.Own {
		v.Feedback = f.forDoctor()
	}
	if err := s.furnishRound(ctx, tenant, &v); err != nil {
		return RoundSight{}, err
	}
	return v, s.audit.Look(ctx, call, audit.Look{Action: ActFeedbackRead, Kind: "feedback round", IDs: []string{id}, Person: f.Doctor})
}

// mayRead lets a supervisor in: the educational one while it waits to be read,
// any once the doctor shares the item that was made of it.
func (s *Service) mayRead(ctx context.Context, call access.Call, f Feedback, r access.Resource, v *RoundSight) error {
	if s.access.May(call.Actor, ActFeedbackRead, r) != nil {
		return problem.Missing()
	}
	educational, err := s.educational(ctx, call.Actor.Tenant, f.Doctor, call.Today)
	if err != nil {
		return err
	}
	if f.State == RoundReading && educational != "" && educational == call.Actor.Account {
		v.MayRelease = true
		return nil
	}
	if f.State == RoundShown {
		item, err := s.item(ctx, call.Actor.Tenant, f.ID)
		if err == nil && item.visible(supervisor) {
			return nil
		}
		if err != nil && problem.KindOf(err) != problem.NotFound {
			return err
		}
	}
	return problem.Missing()
}

func (s *Service) furnishRound(ctx context.Context, tenant string, v *RoundSight) error {
	names, err := s.o.Names(ctx, tenant, []string{v.Doctor})
	if err != nil {
		return err
	}
	v.Name = names[v.Doctor]
	if v.Answered, err = s.countAnswers(ctx, tenant, v.ID); err != nil || v.State == RoundShown {
		return err
	}
	list, err := s.raters(ctx, tenant, `round_id = $2`, v.ID)
	if err != nil {
		return err
	}
	v.Asked = len(list)
	for _, r := range list {
		if outsideNHS(r.Sealed.To) {
			v.Outside++
		}
		if v.Own && v.Extends() {
			v.People = append(v.People, r.Sealed.To)
		}
	}
	slices.Sort(v.People)
	return nil
}

// outsideNHS tells whether somebody was written to at an address that is not of
// the NHS. A mobile number says nothing.
func outsideNHS(to string) bool {
	_, host, mailed := strings.Cut(to, "@")
	return mailed && host != "nhs.net" && host != "nhs.uk" && !strings.HasSuffix(host, ".nhs.uk")
}

// educational is who the educational supervisor of a doctor is on a day.
func (s *Service) educational(ctx context.Context, tenant, doctor string, on clock.Date) (string, error) {
	p, err := s.placementOn(ctx, tenant, doctor, on)
	return p.Educational, err
}

// RoundsSight are the rounds of one doctor.
type RoundsSight struct {
	Ref, Name string
	Own       bool
	Rounds    []Feedback
	Minimum   int
	Days      int    // how long a round usually takes
	NotNow    string // why none can be opened now, "" when one can
}

// LookRounds lists the actor's own rounds.
func (s *Service) LookRounds(ctx context.Context, call access.Call) (RoundsSight, error) {
	doctor, err := s.own(call, ActFeedback)
	if err != nil {
		return RoundsSight{}, err
	}
	v := RoundsSight{Own: true}
	tenant := call.Actor.Tenant
	if v.Rounds, err = s.roundsOf(ctx, tenant, doctor); err != nil {
		return v, err
	}
	for i := range v.Rounds {
		v.Rounds[i] = v.Rounds[i].forDoctor()
	}
	if v.Minimum, err = s.minimum(ctx, tenant); err != nil {
		return v, err
	}
	if v.Days, err = s.o.Setting(ctx, tenant, SettingFeedbackDays); err != nil {
		return v, err
	}
	err = s.mayOpen(ctx, call, doctor)
	if e, ok := errors.AsType[*problem.Error](err); ok {
		v.NotNow, err = e.Message+" "+strings.Join(e.Reasons, " "), nil
	}
	if err != nil {
		return v, err
	}
	return v, s.audit.Look(ctx, call, audit.Look{Action: ActFeedback, Kind: "feedback round", IDs: []string{doctor}, Person: doctor})
}

// ToRead is the round of a doctor that waits for the actor to read it first, ""
// for none.
func (s *Service) ToRead(ctx context.Context, call access.Call, doctor string) (string, error) {
	list, err := s.roundsOf(ctx, call.Actor.Tenant, doctor)
	if err != nil {
		return "", err
	}
	i := slices.IndexFunc(list, func(f Feedback) bool { return f.State == RoundReading })
	if i < 0 {
		return "", nil
	}
	account, err := s.educational(ctx, call.Actor.Tenant, doctor, call.Today)
	if err != nil || account == "" || account != call.Actor.Account {
		return "", err
	}
	return list[i].ID, nil
}
