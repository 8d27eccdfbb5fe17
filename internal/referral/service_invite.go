package referral

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"time"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/casefile"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/doctor"
	"msw/internal/jobs"
	"msw/internal/notify"
	"msw/internal/problem"
	"msw/internal/programme"
)

// mayInvite decides on inviting one doctor and gives their case.
func (s *Service) mayInvite(ctx context.Context, call access.Call, id string) (casefile.Case, error) {
	c, err := s.o.Cases.Get(ctx, id, call.Actor.Tenant)
	if err != nil {
		return c, err
	}
	r := c.Resource()
	r.Kind = "invitation"
	return c, s.access.May(call.Actor, ActInvite, r)
}

// Send invites a doctor by email or text, and ends what was sent before.
// Refused when that way is not safe, there is no address, or the doctor has
// taken over the record already.
func (s *Service) Send(ctx context.Context, call access.Call, id, way string) error {
	if _, err := s.mayInvite(ctx, call, id); err != nil {
		return err
	}
	return s.db.Tx(ctx, func(ctx context.Context) error {
		d, err := s.notTaken(ctx, call, id)
		if err != nil {
			return err
		}
		if why := cannotReach(d.Details, way); why != "" {
			return problem.Refuse("We did not send the invitation.", why)
		}
		inv, err := s.invite(ctx, call, id, way)
		if err != nil {
			return err
		}
		if err := s.o.Cases.Record(ctx, call, casefile.Milestone{Doctor: id, Kind: casefile.Invited, On: call.Today, Code: way, Source: "invitation:" + inv.ID}); err != nil {
			return err
		}
		return s.invited(ctx, call, inv)
	})
}

// cannotReach says why a doctor cannot be written to in a way, "" when they can.
func cannotReach(d doctor.Details, way string) string {
	reach := doctor.Contact{Ways: d.Ways}
	switch {
	case way != ByEmail && way != ByText:
		return "An invitation goes by email, by text or on paper."
	case !reach.Allows(way):
		return "The doctor did not say that this is a safe way to reach them. Call first, or print a paper code."
	case way == ByEmail && d.Email == "":
		return "We have no email address. Add it on the contact page, or print a paper code."
	case way == ByText && d.Mobile == "":
		return "We have no mobile number. Add it on the contact page, or print a paper code."
	}
	return ""
}

// notTaken gives the record if nobody has taken it over yet.
func (s *Service) notTaken(ctx context.Context, call access.Call, id string) (doctor.Doctor, error) {
	d, err := s.o.Doctors.Get(ctx, call.Actor.Tenant, id)
	if err == nil && d.Account != "" {
		err = problem.New(problem.Conflict, "The doctor has already taken over their record. They sign in with their own email address.")
	}
	return d, err
}

// invited closes the tasks that asked for an invitation and writes the record.
func (s *Service) invited(ctx context.Context, call access.Call, inv Invitation) error {
	for _, kind := range []string{TaskInvite, TaskCall} {
		if err := s.o.Cases.CloseTask(ctx, call, inv.Doctor, kind, "referral"); err != nil {
			return err
		}
	}
	return s.audit.Record(ctx, call, audit.Entry{Action: ActInvite, Kind: "invitation", ID: inv.ID, Person: inv.Doctor,
		After: map[string]string{"way": inv.Way, "expires": inv.Expires.String()}})
}

// linkSecret is what stands in an invitation's link: made anew from its id
// whenever it is needed, so that a message sent twice has one link, and stored
// nowhere.
func (s *Service) linkSecret(tenant, id string) string {
	return s.db.Vault().Token(tenant, "referral invitation link", id)
}

func (s *Service) secretHash(secret string) string {
	return s.db.Vault().Token("", "referral secret", tidySecret(secret))
}

// invite makes an invitation that is sent after the transaction.
func (s *Service) invite(ctx context.Context, call access.Call, id, way string) (Invitation, error) {
	days, err := s.o.Setting(ctx, call.Actor.Tenant, programme.InvitationDays)
	if err != nil {
		return Invitation{}, err
	}
	inv := Invitation{ID: database.NewID(), Doctor: id, Way: way, Made: call.Now, By: call.Actor.Account, Expires: call.Today.AddDays(days)}
	inv.hash = s.secretHash(s.linkSecret(call.Actor.Tenant, inv.ID))
	if err := s.replace(ctx, call, inv); err != nil {
		return inv, err
	}
	return inv, s.o.Jobs.Enqueue(ctx, call.Actor.Tenant, JobInvite, map[string]string{"doctor": id, "invitation": inv.ID})
}

func (s *Service) replace(ctx context.Context, call access.Call, inv Invitation) error {
	if err := s.revokeInvitations(ctx, call, inv.Doctor); err != nil {
		return err
	}
	return s.insertInvitation(ctx, call.Actor.Tenant, inv)
}

// CallFirst asks that a caseworker calls the doctor before anything is
// written; invitations sent before stop working.
func (s *Service) CallFirst(ctx context.Context, call access.Call, id string) error {
	c, err := s.mayInvite(ctx, call, id)
	if err != nil {
		return err
	}
	return s.db.Tx(ctx, func(ctx context.Context) error {
		if _, err := s.notTaken(ctx, call, id); err != nil {
			return err
		}
		inv := Invitation{ID: database.NewID(), Doctor: id, Way: ByCall, Made: call.Now, By: call.Actor.Account}
		if err := s.replace(ctx, call, inv); err != nil {
			return err
		}
		if err := s.o.Cases.CloseTask(ctx, call, id, TaskInvite, "referral"); err != nil {
			return err
		}
		if err := s.o.Cases.OpenTask(ctx, call, casefile.Task{Doctor: id, Kind: TaskCall, Source: "referral", Party: casefile.PartyCaseworker,
			Owner: c.Caseworker, Title: "Call this doctor before we write to them"}); err != nil {
			return err
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: ActInvite, Kind: "invitation", ID: inv.ID, Person: id, After: map[string]string{"way": ByCall}})
	})
}

// Paper is a printed code. Code is shown once and stored nowhere.
type Paper struct {
	Code    string // in groups of four
	Expires clock.Date
	Address string // where it is entered
	CaseRef string
}

// PaperCode makes a one-time code for a caseworker to hand over; invitations
// sent before stop working.
func (s *Service) PaperCode(ctx context.Context, call access.Call, id string) (Paper, error) {
	c, err := s.mayInvite(ctx, call, id)
	if err != nil {
		return Paper{}, err
	}
	days, err := s.o.Setting(ctx, call.Actor.Tenant, programme.PaperCodeDays)
	if err != nil {
		return Paper{}, err
	}
	var random [codeLength]byte
	rand.Read(random[:])
	code := makeCode(random[:])
	inv := Invitation{ID: database.NewID(), Doctor: id, Way: ByPaper, Made: call.Now, By: call.Actor.Account, Expires: call.Today.AddDays(days), hash: s.secretHash(code)}
	err = s.db.Tx(ctx, func(ctx context.Context) error {
		if _, err := s.notTaken(ctx, call, id); err != nil {
			return err
		}
		if err := s.replace(ctx, call, inv); err != nil {
			return err
		}
		if err := s.o.Cases.Record(ctx, call, casefile.Milestone{Doctor: id, Kind: casefile.Invited, On: call.Today, Code: ByPaper, Source: "invitation:" + inv.ID}); err != nil {
			return err
		}
		return s.invited(ctx, call, inv)
	})
	return Paper{Code: grouped(code), Expires: inv.Expires, Address: s.address("/invitation"), CaseRef: c.Ref}, err
}

func (s *Service) address(path string) string { return strings.TrimSuffix(s.o.Address, "/") + path }

// Invite is the job that sends an invitation. Its words are neutral: on a
// locked screen they tell neither status, nor scheme, nor place. In the
// doctor's quiet hours it waits.
func (s *Service) Invite(ctx context.Context, job jobs.Job) error {
	inv, err := s.invitation(ctx, job.Tenant, job.IDs["invitation"])
	if problem.KindOf(err) == problem.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	now := s.o.Now()
	if !inv.Live(now.Local()) || !inv.Sent.IsZero() {
		return nil
	}
	to, err := s.o.Doctors.Contact(ctx, job.Tenant, inv.Doctor)
	if err != nil {
		return err
	}
	if later, quiet := quietUntil(to, now); quiet {
		return s.db.Tx(ctx, func(ctx context.Context) error { return s.o.Jobs.EnqueueAt(ctx, job.Tenant, JobInvite, job.IDs, later) })
	}
	m := s.message(job.Tenant, inv, to)
	if m.To == "" {
		return nil // the address was taken away meanwhile; the panel still says "about to be sent"
	}
	if err := s.o.Sender.Send(ctx, m); err != nil {
		return fmt.Errorf("send invitation %s: %w", inv.ID, err)
	}
	return s.db.Tx(ctx, func(ctx context.Context) error { return s.markSent(ctx, job.Tenant, inv.ID, now) })
}

func (s *Service) message(tenant string, inv Invitation, to doctor.Contact) notify.Message {
	link := s.address("/invitation/" + s.linkSecret(tenant, inv.ID))
	m := notify.Message{Tenant: tenant, ID: "invitation:" + inv.ID, Channel: notify.Mail, To: to.Email, Subject: "A message for you",
		Text: "Hello,\n\nSomeone you know asked us to write to you. To read more, open this link:\n\n" + link +
			"\n\nIt works once, until " + inv.Expires.Long() + ".\n\nIf you did not expect this, you can ignore it. Please do not send the link on to anyone."}
	if inv.Way == ByText {
		m.Channel, m.To, m.Subject = notify.Text, international(to.Mobile), ""
		m.Text = "A message for you, until " + inv.Expires.Long() + ": " + link
	}
	return m
}

// international writes a number as gateways take it; a number without a country
// code is British.
func international(number string) string {
	d := digits(number)
	switch {
	case d == "":
		return ""
	case strings.HasPrefix(d, "00"):
		d = d[2:]
	case strings.HasPrefix(d, "0"):
		d = "44" + d[1:]
	}
	return "+" + d
}

// quietUntil tells whether a doctor must not be disturbed now, and until when.
func quietUntil(to doctor.Contact, now clock.Instant) (clock.Instant, bool) {
	const step = 15 * time.Minute
	for later := now; later.Before(now.Add(24 * time.Hour)); later = later.Add(step) {
		if !to.Quiet(londonTime(later)) {
			return later, later != now
		}
	}
	return now, false
}

func londonTime(i clock.Instant) string {
	t, err := time.Parse("3:04pm", i.LocalTime())
	if err != nil {
		return "" // cannot happen: it reads what LocalTime writes
	}
	return t.Format("15:04")
}
