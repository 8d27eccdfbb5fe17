package casefile

import (
	"context"
	"unicode/utf8"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/problem"
)

// Kinds of job and task this package makes.
const (
	JobMessage  = "casefile.message" // ids: doctor, thread, message; a message awaits its reader
	JobUrgent   = "casefile.urgent"  // ids: doctor, thread; a person may not be safe
	TaskMessage = "message"
	TaskUrgent  = "urgent"
	TaskApply   = "apply"
	TaskAssess  = "assess"
	// TaskRoad is told only to the doctor and to those who work on the case: that
	// it is there says that something on the road does not fit, a failed exam or
	// a permission that ends.
	TaskRoad = "road"
	// TaskCheckIn is a doctor's own: nobody else is told that it is there. TaskCall is
	// told only to the person asked to call, or to any caseworker when none is named.
	TaskCheckIn = "check_in"
	TaskCall    = "call"
)

// NewThread starts a conversation.
type NewThread struct {
	Ref           string
	Readers       Readers
	Subject, Text string
	ReplyBy       clock.Date // zero = the programme's setting, if there is one
}

// Start sends the first message of a thread and gives its id.
func (s *Service) Start(ctx context.Context, call access.Call, n NewThread) (id string, err error) {
	var check problem.Check
	check.That(n.Readers.Known(), "readers", "Choose who can read the messages")
	check.That(n.Subject != "", "subject", "Enter what the message is about")
	check.That(utf8.RuneCountInString(n.Subject) <= maxSubject, "subject", "What the message is about must be 100 characters or less")
	checkText(&check, n.Text)
	check.That(n.ReplyBy == 0 || n.ReplyBy > call.Today, "reply-by", "The reply date must be in the future")
	if err := check.Err(); err != nil {
		return "", err
	}
	err = s.db.Tx(ctx, func(ctx context.Context) error {
		c, err := s.permit(ctx, call, ActMessage, n.Ref)
		if err != nil {
			return err
		}
		id, err = s.start(ctx, call, c, n)
		return err
	})
	return id, err
}

func checkText(check *problem.Check, text string) {
	check.That(text != "", "text", "Enter your message")
	check.That(utf8.RuneCountInString(text) <= maxText, "text", "Your message must be 4,000 characters or less")
}

func (s *Service) start(ctx context.Context, call access.Call, c Case, n NewThread) (string, error) {
	v := ViewsOf(call.Actor, c)
	t := Thread{Doctor: c.Doctor, ID: database.NewID(), Subject: n.Subject, Owner: n.Readers.owner(), Readers: n.Readers, ReplyBy: n.ReplyBy}
	if n.Readers == ReadersEmployer {
		if t.Organisation = c.Organisation; t.Organisation == "" {
			return "", &problem.Error{Kind: problem.Invalid, Message: "There is a problem",
				Fields: []problem.Field{{Name: "readers", Message: "There is no employer yet. Choose the programme team."}}}
		}
	}
	if !v.thread(t) {
		return "", &problem.Error{Kind: problem.Invalid, Message: "There is a problem",
			Fields: []problem.Field{{Name: "readers", Message: "Choose a group that you belong to"}}}
	}
	return t.ID, s.send(ctx, call, c, t, n.Text, true)
}

// NewReply answers in a thread.
type NewReply struct {
	Ref, Thread, Text string
	ReplyBy           clock.Date
	Last              bool // nothing more is awaited
}

// Reply adds a message to a thread.
func (s *Service) Reply(ctx context.Context, call access.Call, n NewReply) error {
	var check problem.Check
	checkText(&check, n.Text)
	check.That(n.ReplyBy == 0 || n.ReplyBy > call.Today, "reply-by", "The reply date must be in the future")
	if err := check.Err(); err != nil {
		return err
	}
	return s.db.Tx(ctx, func(ctx context.Context) error {
		c, err := s.permit(ctx, call, ActMessage, n.Ref)
		if err != nil {
			return err
		}
		t, err := s.find(ctx, call, c, n.Thread)
		if err != nil {
			return err
		}
		t.ReplyBy, t.Closed = n.ReplyBy, 0
		if n.Last {
			t.Closed = call.Today
		}
		return s.send(ctx, call, c, t, n.Text, false)
	})
}

// find gives a thread of a case if the actor is among its readers.
func (s *Service) find(ctx context.Context, call access.Call, c Case, id string) (Thread, error) {
	list, err := s.threads(ctx, c.Tenant, c.Doctor)
	if err != nil {
		return Thread{}, err
	}
	for _, t := range ViewsOf(call.Actor, c).Threads(list) {
		if t.ID == id {
			return t, nil
		}
	}
	return Thread{}, problem.Missing()
}

// send writes the message, says who owes the next one, and tells them.
func (s *Service) send(ctx context.Context, call access.Call, c Case, t Thread, text string, fresh bool) error {
	m := Message{ID: database.NewID(), Author: call.Actor.Account, Party: ViewsOf(call.Actor, c).writes(), Sent: call.Now, Text: text}
	t.Last = call.Now
	switch {
	case t.Closed != 0:
		t.Waiting, t.ReplyBy = PartyNobody, 0
	case m.Party == PartyDoctor:
		t.Waiting = t.Owner
	default:
		t.Waiting = PartyDoctor
	}
	if t.Waiting != PartyNobody && t.ReplyBy == 0 {
		days, err := s.replyDays(ctx, c.Tenant)
		if err != nil {
			return err
		}
		if days > 0 {
			t.ReplyBy = clock.AddWorkingDays(call.Today, days, s.Holidays)
		}
	}
	save := func() error { return s.updateThread(ctx, c.Tenant, t) }
	if fresh {
		save = func() error { return s.insertThread(ctx, c.Tenant, t) }
	}
	if err := save(); err != nil {
		return err
	}
	if err := s.insertMessage(ctx, c.Tenant, c.Doctor, t.ID, m); err != nil {
		return err
	}
	if err := s.await(ctx, call, c, t); err != nil {
		return err
	}
	if err := s.audit.Record(ctx, call, audit.Entry{Action: ActMessage, Kind: "message", ID: m.ID, Person: c.Doctor,
		After: map[string]string{"thread": t.ID, "readers": string(t.Readers), "text": text}}); err != nil {
		return err
	}
	if m.Party == PartyDoctor { // nobody writes to a doctor about their own words: others may read that mailbox
		return nil
	}
	return s.Jobs.Enqueue(ctx, c.Tenant, JobMessage, map[string]string{"doctor": c.Doctor, "thread": t.ID, "message": m.ID})
}

func (s *Service) replyDays(ctx context.Context, tenant string) (int, error) {
	if s.ReplyDays == nil {
		return 0, nil
	}
	return s.ReplyDays(ctx, tenant)
}

// await opens the task of whoever owes the next message, or closes it.
func (s *Service) await(ctx context.Context, call access.Call, c Case, t Thread) error {
	source := "thread:" + t.ID
	if t.Waiting == PartyNobody {
		return s.CloseTask(ctx, call, c.Doctor, TaskMessage, source)
	}
	task := Task{Doctor: c.Doctor, Kind: TaskMessage, Source: source, Title: "Answer a message", URL: threadURL(c.Ref, t.ID),
		Party: t.Waiting, Since: call.Today, Due: t.ReplyBy}
	switch t.Waiting {
	case PartyCaseworker:
		task.Owner = c.Caseworker
	case PartyEmployer:
		task.Owner = t.Organisation
	case PartyDoctor:
		task.Title = "Read and answer a message"
	case PartySupervisor:
		if len(c.Supervisors) > 0 {
			task.Owner = c.Supervisors[0]
		}
	}
	return s.OpenTask(ctx, call, task)
}

func threadURL(ref, id string) string { return "/cases/" + ref + "/messages/" + id }

// Conversation is a thread with its messages.
type Conversation struct {
	Case     Case
	Name     string
	Thread   Thread
	Messages []Message
	Place    string // the employer's name
	Views    Views
}

// Conversation reads a thread and records that it was looked at.
func (s *Service) Conversation(ctx context.Context, call access.Call, ref, id string) (Conversation, error) {
	c, err := s.permit(ctx, call, ActMessage, ref)
	if err != nil {
		return Conversation{}, err
	}
	t, err := s.find(ctx, call, c, id)
	if err != nil {
		return Conversation{}, err
	}
	k := Conversation{Thread: t, Views: ViewsOf(call.Actor, c)}
	k.Case = k.Views.See(c)
	if k.Messages, err = s.messages(ctx, c.Tenant, c.Doctor, id); err != nil {
		return Conversation{}, err
	}
	if k.Name, err = s.name(ctx, c); err != nil {
		return Conversation{}, err
	}
	if k.Place, err = s.place(ctx, c.Tenant, t.Organisation); err != nil {
		return Conversation{}, err
	}
	return k, s.audit.Look(ctx, call, audit.Look{Action: ActMessage, Kind: "thread", IDs: []string{id}, Person: c.Doctor})
}

func (s *Service) place(ctx context.Context, tenant, id string) (string, error) {
	if s.OrganisationNames == nil || id == "" {
		return id, nil
	}
	names, err := s.OrganisationNames(ctx, tenant, []string{id})
	return names[id], err
}

// Threads lists the threads of a case that the actor may read.
func (s *Service) Threads(ctx context.Context, call access.Call, ref string) (Sheet, error) {
	c, err := s.permit(ctx, call, ActMessage, ref)
	if err != nil {
		return Sheet{}, err
	}
	sh := Sheet{Views: ViewsOf(call.Actor, c)}
	sh.Case = sh.Views.See(c)
	list, err := s.threads(ctx, c.Tenant, c.Doctor)
	if err != nil {
		return Sheet{}, err
	}
	sh.Threads = sh.Views.Threads(list)
	if sh.Name, err = s.name(ctx, c); err != nil {
		return Sheet{}, err
	}
	if sh.Places, err = s.places(ctx, c.Tenant, sh); err != nil {
		return Sheet{}, err
	}
	if c.Organisation != "" && sh.Places[c.Organisation] == "" {
		name, err := s.place(ctx, c.Tenant, c.Organisation)
		if err != nil {
			return Sheet{}, err
		}
		if sh.Places == nil {
			sh.Places = map[string]string{}
		}
		sh.Places[c.Organisation] = name
	}
	return sh, s.audit.Look(ctx, call, audit.Look{Action: ActMessage, Kind: "case", IDs: []string{c.Doctor}, Person: c.Doctor})
}

// OwnRef gives the reference of the actor's own case.
func (s *Service) OwnRef(ctx context.Context, call access.Call) (string, error) {
	c, err := s.own(ctx, call, ActRead)
	return c.Ref, err
}

// Urgent says that the doctor, or someone near them, may not be safe. The named
// caseworker and the national team each have it at the top of their list at
// once; text may be empty.
func (s *Service) Urgent(ctx context.Context, call access.Call, doctor, text string) error {
	if utf8.RuneCountInString(text) > maxText {
		return &problem.Error{Kind: problem.Invalid, Message: "There is a problem",
			Fields: []problem.Field{{Name: "text", Message: "Your message must be 4,000 characters or less"}}}
	}
	if text == "" {
		text = "I need help now. Please contact me."
	}
	return s.db.Tx(ctx, func(ctx context.Context) error {
		c, err := s.Get(ctx, doctor, call.Actor.Tenant)
		if err != nil {
			return err
		}
		if err := s.access.May(call.Actor, ActUrgent, c.Resource()); err != nil {
			return err
		}
		id, err := s.start(ctx, call, c, NewThread{Readers: ReadersTeam, Subject: "Urgent: safety", Text: text, ReplyBy: call.Today})
		if err != nil {
			return err
		}
		task := Task{Doctor: doctor, Kind: TaskUrgent, Title: "Urgent: someone may not be safe",
			URL: threadURL(c.Ref, id), Since: call.Today, Due: call.Today, Urgent: true}
		for _, to := range []struct {
			party         Party
			owner, source string
		}{{PartyCaseworker, c.Caseworker, "caseworker:" + id}, {PartyProgramme, "", "national:" + id}} {
			task.Party, task.Owner, task.Source = to.party, to.owner, to.source
			if err := s.OpenTask(ctx, call, task); err != nil {
				return err
			}
		}
		return s.Jobs.Enqueue(ctx, c.Tenant, JobUrgent, map[string]string{"doctor": doctor, "thread": id})
	})
}
