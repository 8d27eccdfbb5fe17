package casefile

import (
	"msw/internal/access"
	"msw/internal/nhs"
	"msw/internal/web"
)

type threadsView struct {
	Sheet
	Call access.Call
	Own  bool
}

func (p *Pages) threads(r *web.Request) (web.Response, error) {
	return p.threadsOf(r, r.PathValue("ref"))
}

func (p *Pages) ownThreads(r *web.Request) (web.Response, error) {
	ref, err := p.s.OwnRef(r.Context(), r.Call)
	if err != nil {
		return web.Response{}, err
	}
	return p.threadsOf(r, ref)
}

func (p *Pages) threadsOf(r *web.Request, ref string) (web.Response, error) {
	sh, err := p.s.Threads(r.Context(), r.Call, ref)
	if err != nil {
		return web.Response{}, err
	}
	v := threadsView{Sheet: sh, Call: r.Call, Own: sh.Views.Has(ViewDoctor)}
	return web.Page(r, web.PageData{Title: "Messages", Caption: "Case " + ref, Back: returnTo(r, ref), Body: threadsPage(v)}), nil
}

// messageView is the form of a new thread or an answer, as typed.
type messageView struct {
	Key, Ref, Action       string
	Subject, Text, Readers string
	ReplyBy                [3]string
	Last                   bool
	Options                []nhs.Option
	Own                    bool // the doctor writes
	Errors                 nhs.Errors
}

func (p *Pages) messageForm(r *web.Request, v Views, errs nhs.Errors) messageView {
	return messageView{Key: r.Key(), Ref: r.PathValue("ref"), Action: r.URL.Path, Subject: r.Text("subject"), Text: r.Text("text"), Readers: r.Text("readers"),
		ReplyBy: [3]string{r.Text("reply-by-day"), r.Text("reply-by-month"), r.Text("reply-by-year")}, Last: r.Bool("last"),
		Own: v.Has(ViewDoctor), Errors: errs}
}

func (p *Pages) newThread(r *web.Request) (web.Response, error) { return p.startForm(r, nil) }

func (p *Pages) startForm(r *web.Request, errs nhs.Errors) (web.Response, error) {
	sh, err := p.s.Threads(r.Context(), r.Call, r.PathValue("ref"))
	if err != nil {
		return web.Response{}, err
	}
	v := p.messageForm(r, sh.Views, errs)
	c := sh.Case
	for _, to := range []Readers{ReadersTeam, ReadersEmployer, ReadersSupervisor} {
		if to == ReadersEmployer && c.Organisation == "" || to == ReadersSupervisor && len(c.Supervisors) == 0 ||
			!sh.Views.thread(Thread{Readers: to, Organisation: c.Organisation}) {
			continue
		}
		v.Options = append(v.Options, nhs.Option{Value: string(to), Label: to.Short(), Hint: to.Words(sh.Places[c.Organisation])})
	}
	if len(v.Options) == 1 {
		v.Readers = v.Options[0].Value
	}
	return web.Page(r, web.PageData{Title: "Write a message", Caption: "Case " + v.Ref, Back: caseURL(v.Ref, "messages"), Errors: errs, Body: startPage(v)}), nil
}

func (p *Pages) start(r *web.Request) (web.Response, error) {
	n := NewThread{Ref: r.PathValue("ref"), Readers: Readers(r.Text("readers")), Subject: r.Text("subject"), Text: r.Text("text")}
	var bad error
	if r.Text("reply-by-day")+r.Text("reply-by-month")+r.Text("reply-by-year") != "" {
		n.ReplyBy, bad = r.Date("reply-by")
	}
	id, err := p.s.Start(r.Context(), r.Call, n)
	if bad != nil {
		err = merge(bad, err)
	}
	if errs, ok := web.FieldErrors(err); ok {
		return p.startForm(r, errs)
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.SeeOther(caseURL(n.Ref, "messages", id), "Message sent"), nil
}

type threadView struct {
	Conversation
	Form messageView
}

func (p *Pages) thread(r *web.Request) (web.Response, error) { return p.replyForm(r, nil) }

func (p *Pages) replyForm(r *web.Request, errs nhs.Errors) (web.Response, error) {
	k, err := p.s.Conversation(r.Context(), r.Call, r.PathValue("ref"), r.PathValue("id"))
	if err != nil {
		return web.Response{}, err
	}
	v := threadView{k, p.messageForm(r, k.Views, errs)}
	return web.Page(r, web.PageData{Title: k.Thread.Subject, Caption: "Messages, case " + k.Case.Ref, Back: caseURL(k.Case.Ref, "messages"),
		Errors: errs, Body: threadPage(v)}), nil
}

func (p *Pages) reply(r *web.Request) (web.Response, error) {
	n := NewReply{Ref: r.PathValue("ref"), Thread: r.PathValue("id"), Text: r.Text("text"), Last: r.Bool("last")}
	var bad error
	if r.Text("reply-by-day")+r.Text("reply-by-month")+r.Text("reply-by-year") != "" {
		n.ReplyBy, bad = r.Date("reply-by")
	}
	err := p.s.Reply(r.Context(), r.Call, n)
	if bad != nil {
		err = merge(bad, err)
	}
	if errs, ok := web.FieldErrors(err); ok {
		return p.replyForm(r, errs)
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.SeeOther(caseURL(n.Ref, "messages", n.Thread), "Message sent"), nil
}

// author names who wrote a message, as a reader of the thread sees it.
func (v threadView) author(m Message) string {
	switch {
	case m.Party == PartyDoctor && v.Views.Has(ViewDoctor):
		return "You"
	case m.Party == PartyDoctor:
		return v.Name
	case m.Party == PartyEmployer:
		if v.Place != "" {
			return v.Place
		}
		return "The employer"
	case m.Party == PartySupervisor:
		return "The supervisor"
	}
	return "The programme team"
}
