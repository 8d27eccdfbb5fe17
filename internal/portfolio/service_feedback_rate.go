package portfolio

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/clock"
	"msw/internal/jobs"
	"msw/internal/notify"
	"msw/internal/problem"
)

// The jobs of feedback.
const (
	JobRate = "portfolio.rate" // sends a colleague the link
	JobRead = "portfolio.read" // tells a supervisor that something waits to be read
)

// SendRate sends a colleague the link; it is the handler of JobRate.
func (s *Service) SendRate(ctx context.Context, job jobs.Job) error {
	list, err := s.raters(ctx, job.Tenant, `id = $2`, job.IDs["rater"])
	if err != nil || len(list) == 0 || list[0].Used || list[0].Sealed.Secret == "" {
		return err
	}
	r := list[0]
	f, err := s.round(ctx, job.Tenant, r.Round)
	if err != nil || f.State != RoundOpen {
		return err
	}
	names, err := s.o.Names(ctx, job.Tenant, []string{r.Doctor})
	if err != nil {
		return err
	}
	m := notify.Message{Tenant: job.Tenant, ID: job.ID, Channel: notify.Mail, To: r.Sealed.To, Subject: "How is it to work with a colleague? It takes a minute",
		Text: names[r.Doctor] + ", Medical Support Worker, asks how it is to work with them. You need no account.\n\n" + s.o.Address + "/feedback/" + r.Sealed.Secret +
			"\n\nNobody learns who said what. The link works once, until " + f.ClosesOn.Long() + ". Open it on your own device, and do not pass it on."}
	if !strings.Contains(r.Sealed.To, "@") {
		m.Channel = notify.Text
	}
	if err := s.o.Sender.Send(ctx, m); err != nil {
		return err
	}
	return s.db.Tx(ctx, func(ctx context.Context) error {
		r.Sealed.Secret = ""
		return s.relinkRater(ctx, job.Tenant, r)
	})
}

// SendRead tells the educational supervisor that feedback waits to be read; it is
// the handler of JobRead.
func (s *Service) SendRead(ctx context.Context, job jobs.Job) error {
	f, err := s.round(ctx, job.Tenant, job.IDs["round"])
	if err != nil || f.State != RoundReading || s.o.Email == nil {
		return err
	}
	account, err := s.educational(ctx, job.Tenant, f.Doctor, f.ClosesOn)
	if err != nil || account == "" {
		return err
	}
	to, err := s.o.Email(ctx, account)
	if problem.KindOf(err) == problem.NotFound || to == "" && err == nil {
		return nil
	}
	if err != nil {
		return err
	}
	return s.o.Sender.Send(ctx, notify.Message{Tenant: job.Tenant, ID: job.ID, Channel: notify.Mail, To: to, Subject: "Please read something before somebody else does",
		Text: "Comments wait for you to read them first, until " + f.ReadBy.Long() + ". After that day they are shown as they are.\n\n" + s.o.Address + "/portfolio/feedback/" + f.ID})
}

// RatingSight is what somebody sees by a link.
type RatingSight struct {
	Secret, Name, HostName string
	ClosesOn               clock.Date
	Questions              []Question
	Used                   bool
	tenant                 string
	rater                  rater
	round                  Feedback
}

// OpenRating gives what a link asks. A link that was never given is one that
// does not exist. The look names the round and nobody who was asked.
func (s *Service) OpenRating(ctx context.Context, call access.Call, link string) (RatingSight, error) {
	tenant, ok := split(link)
	if !ok {
		return RatingSight{}, problem.Missing()
	}
	list, err := s.raters(ctx, tenant, `link_hash = $2`, s.hash(tenant, "rate", link))
	if err != nil {
		return RatingSight{}, err
	}
	if len(list) == 0 {
		return RatingSight{}, problem.Missing()
	}
	v := RatingSight{Secret: link, tenant: tenant, rater: list[0], Used: list[0].Used, Questions: s.o.Questions.List}
	if v.Used {
		return v, nil
	}
	if v.round, err = s.round(ctx, tenant, v.rater.Round); err != nil {
		return v, err
	}
	if today := call.Now.Local(); !v.round.Takes(today) {
		return v, errClosed
	}
	if call.Actor.Doctor != "" && call.Actor.Doctor == v.round.Doctor {
		return v, errOwnRating
	}
	names, err := s.o.Names(ctx, tenant, []string{v.round.Doctor})
	if err != nil {
		return v, err
	}
	v.Name, v.ClosesOn = names[v.round.Doctor], v.round.ClosesOn
	p, err := s.placementOn(ctx, tenant, v.round.Doctor, call.Now.Local())
	if err != nil {
		return v, err
	}
	if v.HostName, err = s.hostName(ctx, tenant, p.Host); err != nil {
		return v, err
	}
	return v, s.audit.Look(ctx, asRater(call, tenant), audit.Look{Action: ActRate, Kind: "feedback round", IDs: []string{v.round.ID}})
}

// errOwnRating and errOwnDevice are told to the doctor, or to somebody at their
// device; the link stays as it was.
var (
	errClosed    = problem.Refuse("This round of feedback is closed.", "Nothing more is needed from you. Thank you.")
	errOwnRating = problem.Refuse("This is about you.", "You cannot answer it. Say what you think of your own work in your portfolio, under Feedback.")
	errOwnDevice = problem.Refuse("This is the device of the person you are asked about.", "Open the link on your own device, so that your answer stays yours. The link still works.")
)

// asRater acts in the programme of the link, as nobody.
func asRater(call access.Call, tenant string) access.Call {
	call.Actor = access.Actor{Tenant: tenant, Name: "A colleague by link"}
	call.Request = ""
	return call
}

// Rating is what a colleague sends.
type Rating struct {
	Link, Device string
	Answer
}

// Rate takes a colleague's answer: once, and never from the doctor's own address
// or browser. That they answered and what they said are kept apart, and neither
// has a time.
func (s *Service) Rate(ctx context.Context, call access.Call, cmd Rating) error {
	v, err := s.OpenRating(ctx, call, cmd.Link)
	if err != nil {
		return err
	}
	if v.Used {
		return errUsed
	}
	if err := s.checkAnswer(&cmd.Answer); err != nil {
		return err
	}
	return s.db.Tx(ctx, func(ctx context.Context) error {
		if open, err := s.lockRound(ctx, v.tenant, v.round.ID, RoundOpen); err != nil || !open {
			return cmp.Or(err, error(errClosed))
		}
		first, err := s.useRater(ctx, v.tenant, v.rater.ID)
		if err != nil {
			return err
		}
		if !first {
			return errUsed
		}
		if err := s.insertAnswer(ctx, v.tenant, v.round, cmd.Answer); err != nil {
			return err
		}
		return s.audit.Record(ctx, asRater(call, v.tenant), audit.Entry{Action: ActRate, Kind: "feedback round", ID: v.round.ID})
	})
}

// OwnTry tells whether an answer comes from the doctor, by their browser or by
// an address that is theirs by now, and counts it: the supervisor is shown how
// many there were. It is asked outside the answer's transaction, which is
// undone.
func (s *Service) OwnTry(ctx context.Context, call access.Call, link, device string) error {
	v, err := s.OpenRating(ctx, call, link)
	own := errors.Is(err, errOwnRating)
	if err != nil && !own {
		return err
	}
	if v.Used {
		return nil
	}
	if d := s.hint(v.tenant, device); d != "" && d == v.round.Device {
		own, err = true, errOwnDevice
	}
	if !own {
		addresses, e := s.ownContact(ctx, v.tenant, v.round.Doctor, "")
		if e != nil {
			return e
		}
		if slices.Contains(addresses, v.rater.Sealed.To) {
			own, err = true, errOwnRating
		}
	}
	if !own {
		return nil
	}
	if e := s.db.Tx(ctx, func(ctx context.Context) error { return s.countTry(ctx, v.tenant, v.round.ID) }); e != nil {
		return e
	}
	return err
}

// SettleRounds closes what is due: with too few answers nothing is shown; with
// enough the result is made, once, and what single people said is deleted. The
// educational supervisor reads it first where there is one, until their days are
// over.
func (s *Service) SettleRounds(ctx context.Context, call access.Call) error {
	list, err := s.dueRounds(ctx, call.Actor.Tenant, call.Today)
	if err != nil {
		return err
	}
	for _, f := range list {
		if err := s.db.Tx(ctx, func(ctx context.Context) error { return s.settle(ctx, call, f.ID) }); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) settle(ctx context.Context, call access.Call, id string) error {
	tenant := call.Actor.Tenant
	if _, err := s.lockRound(ctx, tenant, id, RoundOpen); err != nil {
		return err
	}
	f, err := s.round(ctx, tenant, id)
	if err != nil {
		return err
	}
	was := f.Version
	switch {
	case f.State == RoundOpen && f.ClosesOn < call.Today:
		err = s.closeRound(ctx, call, &f)
	case f.State == RoundReading && f.ReadBy < call.Today:
		err = s.show(ctx, call, &f)
	default:
		return nil
	}
	if err != nil {
		return err
	}
	if err := s.saveRound(ctx, tenant, &f, was); err != nil {
		return err
	}
	return s.audit.Record(ctx, call, audit.Entry{Action: ActFeedback, Kind: "feedback round", ID: f.ID, Person: f.Doctor, After: map[string]any{"state": f.State}})
}

func (s *Service) closeRound(ctx context.Context, call access.Call, f *Feedback) error {
	tenant := call.Actor.Tenant
	answers, err := s.answers(ctx, tenant, *f)
	if err != nil {
		return err
	}
	result, enough := Tally(s.o.Questions, answers, f.Minimum)
	if !enough {
		f.State = RoundShort
		return nil
	}
	f.Result, f.State = &result, RoundReading
	if err := s.deleteAnswers(ctx, tenant, f.ID); err != nil {
		return err
	}
	reader, err := s.educational(ctx, tenant, f.Doctor, call.Today)
	if err != nil {
		return err
	}
	if reader == "" {
		return s.show(ctx, call, f)
	}
	days, err := s.o.Setting(ctx, tenant, SettingFeedbackRead)
	if err != nil {
		return err
	}
	f.ReadBy = call.Today.AddDays(days)
	if s.o.Jobs == nil {
		return nil
	}
	return s.o.Jobs.Enqueue(ctx, tenant, JobRead, map[string]string{"round": f.ID})
}

// show gives the doctor the result and puts it into the portfolio, private until
// they share it. The addresses of those asked go.
func (s *Service) show(ctx context.Context, call access.Call, f *Feedback) error {
	f.State, f.ShownOn = RoundShown, call.Today
	if err := s.forgetRaters(ctx, call.Actor.Tenant, f.ID); err != nil {
		return err
	}
	p, err := s.placementOn(ctx, call.Actor.Tenant, f.Doctor, f.ClosesOn)
	if err != nil {
		return err
	}
	item := Item{ID: f.ID, Doctor: f.Doctor, Kind: Colleagues, On: f.ClosesOn, State: Kept, Placement: p.ID, Host: p.Host, Tags: f.Tags, Recorded: call.Now,
		Story: Story{Title: "Feedback from " + decimal(f.Result.People) + " colleagues", What: f.Result.summary()}}
	return s.saveItem(ctx, call.Actor.Tenant, &item, 0)
}

// summary is a result in a few lines.
func (r Result) summary() string {
	var lines []string
	for _, h := range r.Heard {
		line := h.Question.Text + ": too few could say."
		if h.Enough {
			line = h.Question.Text + ". A strength: " + strings.ToLower(string(h.Strong)) + ". Could be better: " + strings.ToLower(string(h.Better)) + "."
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// Releasing shows a round to its doctor. Held names the comments that stay back,
// by the list (well or better) and place, each with a coded reason.
type Releasing struct {
	Round   string
	Version int
	Held    map[string]string // "well-0" to a reason
}

// Release is the educational supervisor's: they have read it first.
func (s *Service) Release(ctx context.Context, call access.Call, cmd Releasing) error {
	return s.db.Tx(ctx, func(ctx context.Context) error {
		tenant := call.Actor.Tenant
		f, err := s.round(ctx, tenant, cmd.Round)
		if err != nil {
			return err
		}
		c, err := s.o.Cases.Get(ctx, f.Doctor, tenant)
		if err != nil {
			return err
		}
		var v RoundSight
		if err := s.mayRead(ctx, call, f, c.Resource(), &v); err != nil {
			return err
		}
		if !v.MayRelease {
			return problem.Refuse("This was shown already.", "There is nothing more to do.")
		}
		if cmd.Version != 0 && cmd.Version != f.Version {
			return problem.Stale()
		}
		was := f.Version
		if err := f.Result.holdBack(cmd.Held); err != nil {
			return err
		}
		if err := s.show(ctx, call, &f); err != nil {
			return err
		}
		if err := s.saveRound(ctx, tenant, &f, was); err != nil {
			return err
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: ActFeedbackRead, Kind: "feedback round", ID: f.ID, Person: f.Doctor, After: map[string]any{"held": f.Result.held()}})
	})
}

func (r *Result) holdBack(held map[string]string) error {
	for key, reason := range held {
		if heldWords(reason) == "" {
			return &problem.Error{Kind: problem.Invalid, Message: "There is a problem", Fields: []problem.Field{{Name: key, Message: "Choose why it stays back"}}}
		}
	}
	for name, list := range map[string][]Comment{"well": r.Well, "better": r.Better} {
		for i := range list {
			if reason := held[name+"-"+decimal(i)]; reason != "" {
				list[i] = Comment{Held: reason}
			}
		}
	}
	return nil
}

// FeedbackOf gives the rounds that were shown to a doctor, to carry away: no
// permission asked, no look recorded.
func (s *Service) FeedbackOf(ctx context.Context, tenant, doctor string) ([]Feedback, error) {
	list, err := s.roundsOf(ctx, tenant, doctor)
	return slices.DeleteFunc(list, func(f Feedback) bool { return f.State != RoundShown }), err
}
