package learning

import (
	"math"
	"strconv"
	"strings"

	"msw/internal/nhs"
	"msw/internal/placement"
	"msw/internal/problem"
	"msw/internal/web"
)

type studyView struct {
	StudySight
	Key        string
	Hours      string
	From, Last [3]string
	Errors     nhs.Errors
}

func typed(r *web.Request, name string) [3]string {
	return [3]string{r.Text(name + "-day"), r.Text(name + "-month"), r.Text(name + "-year")}
}

func (p *Pages) study(r *web.Request) (web.Response, error) { return p.studyPage(r, studyView{}) }

func (p *Pages) studyPage(r *web.Request, v studyView) (web.Response, error) {
	sight, err := p.s.LookStudy(r.Context(), r.Call, r.PathValue("id"))
	if err != nil {
		return web.Response{}, err
	}
	v.StudySight, v.Key = sight, r.Key()
	page := web.PageData{Title: "Study time", Caption: v.Name, Back: "/placements/" + v.Placement.ID, BackText: "The post", Errors: v.Errors, Body: studyBody(v)}
	if v.Side == SideDoctor {
		page.Caption, page.Back, page.BackText = "Your post with "+v.Employer, "/learning", "Learning"
	} else {
		page.Caption = v.Name + ". " + placement.Heading
	}
	return web.Page(r, page), nil
}

// hoursTyped reads hours as minutes: 4, 3.5, 3:30.
func hoursTyped(s string) int {
	s = strings.TrimSuffix(strings.ReplaceAll(strings.ReplaceAll(s, " ", ""), ",", "."), "hours")
	h, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsNaN(h) || h < 0 || h > 168 || h*60 != math.Trunc(h*60) {
		return -1
	}
	return int(h * 60)
}

func (p *Pages) propose(r *web.Request) (web.Response, error) {
	v := studyView{Hours: r.Text("hours"), From: typed(r, "from")}
	var c problem.Check
	from, err := r.Date("from")
	c.Add(err)
	minutes := hoursTyped(v.Hours)
	c.That(minutes >= 0, "hours", "Enter hours a week, in whole or half hours, like 4 or 3.5")
	if err = c.Err(); err == nil {
		_, err = p.s.Propose(r.Context(), r.Call, r.PathValue("id"), minutes, from)
	}
	if errs, ok := web.FieldErrors(err); ok {
		v.Errors = errs
		return p.studyPage(r, v)
	}
	return web.SeeOther(r.URL.Path, "Proposed. It counts when the other side agrees."), err
}

func (p *Pages) answerStudy(r *web.Request) (web.Response, error) {
	version, err := r.Int("version")
	if err != nil {
		return web.Response{}, err
	}
	id, study, said := r.PathValue("id"), r.Text("study"), "Agreed."
	switch r.Text("do") {
	case "yes":
		err = p.s.AnswerStudy(r.Context(), r.Call, id, study, version, true)
	case "no":
		err, said = p.s.AnswerStudy(r.Context(), r.Call, id, study, version, false), "You said no. You can propose other hours."
	default:
		err, said = p.s.TakeBack(r.Context(), r.Call, id, study, version), "Taken back."
	}
	if errs, ok := web.FieldErrors(err); ok {
		return p.studyPage(r, studyView{Errors: errs})
	}
	return web.SeeOther("/placements/"+id+"/study-time", said), err
}

func (p *Pages) endStudy(r *web.Request) (web.Response, error) {
	version, err := r.Int("version")
	if err != nil {
		return web.Response{}, err
	}
	v := studyView{Last: typed(r, "last")}
	last, err := r.Date("last")
	if err == nil {
		err = p.s.EndStudy(r.Context(), r.Call, r.PathValue("id"), r.Text("study"), version, last)
	}
	if errs, ok := web.FieldErrors(err); ok {
		v.Errors = errs
		return p.studyPage(r, v)
	}
	return web.SeeOther("/placements/"+r.PathValue("id")+"/study-time", "The last day is saved."), err
}

type waitingView struct {
	Rows []StudyRow
	Next string
}

func (p *Pages) studyWaiting(r *web.Request) (web.Response, error) {
	rows, err := p.s.StudyWaiting(r.Context(), r.Call, r.After(2), pageSize+1)
	if err != nil {
		return web.Response{}, err
	}
	v := waitingView{Rows: rows}
	if len(rows) > pageSize {
		v.Rows = rows[:pageSize]
		last := v.Rows[pageSize-1]
		v.Next = r.NextPage(last.ProposedAt.String(), last.ID)
	}
	return web.Page(r, web.PageData{Title: "Study time that waits for your answer", Back: "/home", Body: studyWaitingPage(v)}), nil
}
