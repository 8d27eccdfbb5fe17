package placement

import (
	"strconv"
	"strings"

	"msw/internal/nhs"
	"msw/internal/placement/card"
	"msw/internal/post"
	"msw/internal/problem"
	"msw/internal/web"
)

type signOffsView struct {
	CardSight
	Key    string
	Errors nhs.Errors
}

func (p *Pages) signOffs(r *web.Request) (web.Response, error) { return p.signOffsForm(r, nil) }

func (p *Pages) signOffsForm(r *web.Request, errs nhs.Errors) (web.Response, error) {
	v, err := p.s.LookCard(r.Context(), r.Call, r.PathValue("id"))
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(r, web.PageData{Title: "Sign-offs", Caption: v.Name, Back: "/placements/" + v.Placement.ID + "/card", BackText: "Card", Errors: errs,
		Body: signOffsPage(signOffsView{v, r.Key(), errs})}), nil
}

type signView struct {
	CardSight
	Task            card.Task
	Before          Signed
	Choices         []post.Supervisor
	Key             string
	Level, Assessor string
	Name, Role, GMC string
	On, Recheck     [3]string
	Errors          nhs.Errors
}

func (p *Pages) signForm(r *web.Request) (web.Response, error) { return p.signAgain(r, nil) }

func (p *Pages) signAgain(r *web.Request, errs nhs.Errors) (web.Response, error) {
	sight, err := p.s.LookCard(r.Context(), r.Call, r.PathValue("id"))
	if err != nil {
		return web.Response{}, err
	}
	task, known := p.s.o.Tasks.Task(r.PathValue("task"))
	if !known || !sight.MaySign {
		return web.Response{}, problem.Missing()
	}
	v := signView{CardSight: sight, Task: task, Key: r.Key(), Errors: errs, Level: r.Text("level"), Assessor: r.Text("assessor"),
		Name: r.Text("name"), Role: r.Text("role"), GMC: r.Text("gmc"), On: typed(r, "on"), Recheck: typed(r, "recheck")}
	if v.Assessor == "" && errs == nil {
		v.Assessor = r.Call.Actor.Account
	}
	v.Before = sight.standing(task.ID)
	if v.Choices, err = p.s.posts.SupervisorsOf(r.Context(), r.Call.Actor.Tenant, sight.Placement.Host, sight.Employer); err != nil {
		return web.Response{}, err
	}
	return web.Page(r, web.PageData{Title: task.Title, Caption: "Sign off a task: " + sight.Name, Back: "/placements/" + sight.Placement.ID + "/sign-offs", BackText: "Sign-offs", Errors: errs, Body: signPage(v)}), nil
}

// standing is the sign-off of a task that holds at the host of today.
func (v CardSight) standing(task string) Signed {
	for _, s := range v.Signed {
		if s.Task == task && s.SignOff.Host == v.Placement.Host && s.Stands() {
			return s
		}
	}
	return Signed{}
}

func (p *Pages) sign(r *web.Request) (web.Response, error) {
	id := r.PathValue("id")
	pl, err := p.s.cardPlacement(r.Context(), r.Call, id)
	if err != nil {
		return web.Response{}, err
	}
	var c problem.Check
	cmd := SignOff{Doctor: pl.Doctor, Task: r.PathValue("task"), Replaces: r.Text("replaces")}
	level, err := r.Int("level")
	c.Add(err)
	cmd.Level = card.Level(level)
	if r.Text("assessor") == "outside" {
		cmd.Assessor = Assessor{Name: r.Text("name"), Role: r.Text("role"), GMC: strings.ReplaceAll(r.Text("gmc"), " ", "")}
	} else {
		cmd.Assessor.Account = r.Text("assessor")
		c.That(cmd.Assessor.Account != "", "assessor", "Choose who saw the task")
	}
	cmd.On, err = r.Date("on")
	c.Add(err)
	cmd.Recheck, err = r.Date("recheck")
	c.Add(err)
	if err = c.Err(); err != nil {
		err = p.s.SignOffFaults(r.Context(), r.Call, cmd, err)
	} else {
		_, err = p.s.SignOff(r.Context(), r.Call, cmd)
	}
	if problem.KindOf(err) == problem.Conflict { // the page shows what the first one did
		return p.signAgain(r, nhs.Errors{{Message: err.Error()}})
	}
	if errs, ok := web.FieldErrors(err); ok {
		return p.signAgain(r, errs)
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.SeeOther("/placements/"+id+"/sign-offs", "Signed off"), nil
}

func (p *Pages) withdraw(r *web.Request) (web.Response, error) {
	return p.signed(r, p.s.WithdrawSignOff(r.Context(), r.Call, r.PathValue("task"), r.Text("why")), "Taken back. The task is no longer allowed")
}

func (p *Pages) vouch(r *web.Request) (web.Response, error) {
	return p.signed(r, p.s.Vouch(r.Context(), r.Call, r.PathValue("task")), "Assessor confirmed")
}

func (p *Pages) signed(r *web.Request, err error, flash string) (web.Response, error) {
	if errs, ok := web.FieldErrors(err); ok {
		return p.signOffsForm(r, errs)
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.SeeOther("/placements/"+r.PathValue("id")+"/sign-offs", flash), nil
}

type levelsView struct {
	Host, HostName string
	Others         []post.Place
	Rules          *card.Rules
	Now            map[string]card.HostLevel
	Typed          map[string]string
	Key            string
	Errors         nhs.Errors
}

func (p *Pages) levels(r *web.Request) (web.Response, error) { return p.levelsForm(r, nil) }

func (p *Pages) levelsForm(r *web.Request, errs nhs.Errors) (web.Response, error) {
	v := levelsView{Host: p.hostOf(r), Rules: p.s.o.Tasks, Key: r.Key(), Errors: errs, Typed: map[string]string{}}
	known, others, err := p.s.LookLevels(r.Context(), r.Call, v.Host)
	if err != nil {
		return web.Response{}, err
	}
	v.Now = known
	for _, o := range others {
		if o.ID == v.Host {
			v.HostName = o.Name
		} else {
			v.Others = append(v.Others, o)
		}
	}
	for _, t := range v.Rules.Tasks {
		v.Typed[t.ID] = ""
		if l, said := known[t.ID]; said {
			v.Typed[t.ID] = levelDigit(l.Level)
		}
		if errs != nil {
			v.Typed[t.ID] = r.Text("level-" + t.ID)
		}
	}
	return web.Page(r, web.PageData{Title: "Levels at " + v.HostName, Caption: "Scope of practice", Back: "/home", BackText: "Home", Errors: errs, Body: levelsPage(v)}), nil
}

// hostOf is the host asked for, or the first the actor acts for.
func (p *Pages) hostOf(r *web.Request) string {
	if id := r.Text("host"); id != "" {
		return id
	}
	for _, id := range r.Call.Actor.Organisations() {
		if p.s.access.May(r.Call.Actor, ActLevels, hostResource(r.Call.Actor.Tenant, id)) == nil {
			return id
		}
	}
	return ""
}

func (p *Pages) setLevels(r *web.Request) (web.Response, error) {
	levels := map[string]card.Level{}
	var c problem.Check
	for _, t := range p.s.o.Tasks.Tasks {
		name := "level-" + t.ID
		if r.Text(name) == "" {
			continue
		}
		n, err := r.Int(name)
		c.Add(err)
		levels[t.ID] = card.Level(n)
	}
	err := c.Err()
	if err == nil {
		err = p.s.SetLevels(r.Context(), r.Call, p.hostOf(r), levels)
	}
	if errs, ok := web.FieldErrors(err); ok {
		return p.levelsForm(r, errs)
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.SeeOther("/levels?host="+p.hostOf(r), "Levels saved. They hold from now on"), nil
}

// options are the levels a host can give for a task.
func (v levelsView) options(t card.Task) []nhs.Option {
	out := []nhs.Option{{Value: "0", Label: "Nobody does it here"}}
	for _, w := range v.Rules.Levels {
		if w.Level <= t.Highest {
			out = append(out, nhs.Option{Value: levelDigit(w.Level), Label: levelDigit(w.Level) + ": " + w.Words})
		}
	}
	return out
}

func (v levelsView) hint(t card.Task) string {
	if _, said := v.Now[t.ID]; !said {
		return "Not said yet: not allowed here."
	}
	return ""
}

func (v signView) levelOptions() []nhs.Option {
	var out []nhs.Option
	for _, w := range v.Rules.Levels {
		if w.Level <= v.Task.Highest {
			out = append(out, nhs.Option{Value: levelDigit(w.Level), Label: "Level " + levelDigit(w.Level), Hint: w.Words})
		}
	}
	return out
}

func (v signView) assessors() []nhs.Option {
	var out []nhs.Option
	for _, s := range v.Choices {
		out = append(out, nhs.Option{Value: s.Account, Label: s.Name})
	}
	return append(out, nhs.Option{Value: "outside", Label: "Somebody else", Hint: "The host confirms who they are before it counts."})
}

func (v signView) recheckHint() string {
	return "Without a date it counts for " + strconv.Itoa(v.Rules.Longest.Months) + " months, which is also the longest."
}

func (v CardSight) taskTitle(id string) string {
	t, _ := v.Rules.Task(id)
	return t.Title
}

// line is the card's line of a task.
func (v CardSight) line(task string) card.Line {
	for _, l := range v.Lines {
		if l.Task.ID == task {
			return l
		}
	}
	return card.Line{}
}

func (v CardSight) lineWords(task string) string {
	l := v.line(task)
	if l.State == card.Allowed {
		return "Level " + levelDigit(l.Level) + " until " + l.SignOff.Recheck.Long()
	}
	return sentence(stateWords(l.State))
}

func sentence(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

func lower(s string) string {
	if s == "" {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}

// short is an address without its scheme.
func short(address string) string {
	_, rest, found := strings.Cut(address, "://")
	if !found {
		rest = address
	}
	at, _, _ := strings.Cut(rest, "/card/")
	return at + "/card"
}

// withdrawals are the reasons as options.
func withdrawalOptions() []nhs.Option {
	var out []nhs.Option
	for _, w := range Withdrawals() {
		out = append(out, nhs.Option{Value: w.Code, Label: w.Words})
	}
	return out
}

// entries are the history of the sign-offs, the newest first.
func (v CardSight) entries() []nhs.TimelineItem {
	var out []nhs.TimelineItem
	for _, s := range v.Signed {
		task, _ := v.Rules.Task(s.Task)
		text := "Level " + levelDigit(s.Level) + ", seen " + s.On.Long() + " by " + s.Assessor.Words() + ". Re-check by " + s.Recheck.Long() + "."
		switch {
		case !s.WithdrawnAt.IsZero():
			text += " Taken back on " + moment(s.WithdrawnAt) + ": " + lower(WithdrawalWords(s.Why)) + "."
		case s.ReplacedBy != "":
			text += " Replaced by a newer one."
		case s.ConfirmedAt.IsZero():
			text += " Waits until the host confirms the assessor."
		}
		out = append(out, nhs.TimelineItem{Date: moment(s.RecordedAt), Heading: task.Title, Text: text})
	}
	return out
}
