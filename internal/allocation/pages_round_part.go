package allocation

import (
	"strconv"

	"msw/internal/nhs"
	"msw/internal/problem"
	"msw/internal/web"
)

type moveView struct {
	Sight               RoundSight
	Key                 string
	Kind, Doctor, Other string
	Post, Reason        string
	Empty               []EmptyPost
	Cost                *MoveSteps // shown before it is asked for
	Lines               []string
	Errors              nhs.Errors
}

func (p *RoundPages) move(r *web.Request) (web.Response, error) { return p.moveForm(r, nil, nil) }

func (p *RoundPages) moving(r *web.Request) Moving {
	return Moving{Round: r.PathValue("id"), Kind: MoveKind(r.Text("kind")), Doctor: r.Text("doctor"), Other: r.Text("other"), Post: r.Text("post"), Reason: r.Text("reason")}
}

func (p *RoundPages) moveForm(r *web.Request, errs nhs.Errors, cost *MoveSteps) (web.Response, error) {
	sight, err := p.s.Look(r.Context(), r.Call, r.PathValue("id"))
	if err != nil {
		return web.Response{}, err
	}
	if sight.Published == "" || !sight.MayMove {
		return web.Response{}, problem.Missing()
	}
	cmd := p.moving(r)
	v := moveView{Sight: sight, Key: r.Key(), Kind: string(cmd.Kind), Doctor: cmd.Doctor, Other: cmd.Other, Post: cmd.Post, Reason: cmd.Reason, Cost: cost, Errors: errs}
	if v.Empty, err = p.s.Empty(r.Context(), r.Call, sight.Round); err != nil {
		return web.Response{}, err
	}
	if cost != nil {
		if v.Lines, err = p.s.Lines(r.Context(), r.Call, *cost); err != nil {
			return web.Response{}, err
		}
	}
	return web.Page(r, web.PageData{Title: "Change the published round", Caption: sight.Title, Back: "/rounds/" + sight.ID, BackText: "Round", Errors: errs, Body: moveShow(v)}), nil
}

// ask shows what a move costs first; sent again with yes, it is asked for.
func (p *RoundPages) ask(r *web.Request) (web.Response, error) {
	cmd := p.moving(r)
	steps, err := p.s.Cost(r.Context(), r.Call, cmd)
	if errs, ok := web.FieldErrors(err); ok {
		return p.moveForm(r, errs, nil)
	}
	if err != nil {
		return web.Response{}, err
	}
	if r.Text("sure") != "yes" {
		return p.moveForm(r, nil, &steps)
	}
	_, err = p.s.Ask(r.Context(), r.Call, cmd)
	if errs, ok := web.FieldErrors(err); ok {
		return p.moveForm(r, errs, nil)
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.SeeOther("/rounds/"+cmd.Round, "Asked. A second person must confirm this move."), nil
}

func (p *RoundPages) settle(r *web.Request) (web.Response, error) {
	what := r.PathValue("what")
	if what != "confirm" && what != "drop" {
		return web.Response{}, problem.Missing()
	}
	flash := "The move was not done."
	if what == "confirm" {
		flash = "The move is done."
	}
	return p.done(r, p.s.Settle(r.Context(), r.Call, r.PathValue("id"), r.PathValue("move"), what == "confirm"), flash)
}

type rankView struct {
	RankSheet
	Key, Ref, Reason string
	Errors           nhs.Errors
}

func (p *RoundPages) rankable(r *web.Request) (web.Response, error) {
	list, err := p.s.Rankable(r.Context(), r.Call)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(r, web.PageData{Title: "Rank doctors you interviewed", Body: rankList(list)}), nil
}

func (p *RoundPages) ranking(r *web.Request) (web.Response, error) { return p.rankForm(r, nil) }

func (p *RoundPages) rankForm(r *web.Request, errs nhs.Errors) (web.Response, error) {
	sheet, err := p.s.RankSheet(r.Context(), r.Call, r.PathValue("round"), r.PathValue("post"))
	if err != nil {
		return web.Response{}, err
	}
	v := rankView{RankSheet: sheet, Key: r.Key(), Errors: errs}
	if errs != nil {
		v.Ref, v.Reason = r.Text("ref"), r.Text("reason")
	}
	return web.Page(r, web.PageData{Title: sheet.Title, Caption: "Your ranking for " + sheet.Round.Title, Back: "/ranking", BackText: "All your posts", Errors: errs, Body: rankShow(v)}), nil
}

func (p *RoundPages) rank(r *web.Request) (web.Response, error) {
	cmd := RankStep{Round: r.PathValue("round"), Post: r.PathValue("post"), Ref: r.Text("ref"), Do: doOf(r), Reason: r.Text("reason")}
	var err error
	if cmd.Version, err = r.Int("version"); err == nil {
		err = p.s.Rank(r.Context(), r.Call, cmd)
	}
	if errs, ok := web.FieldErrors(err); ok {
		return p.rankForm(r, errs)
	}
	if problem.KindOf(err) == problem.Conflict {
		return p.rankForm(r, nhs.Errors{{Message: "Someone else changed this list while you had it open. Here it is as it stands now."}})
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.SeeOther("/ranking/"+cmd.Round+"/"+cmd.Post, "Saved"), nil
}

func (p *RoundPages) hostResults(r *web.Request) (web.Response, error) {
	list, err := p.s.HostResults(r.Context(), r.Call)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(r, web.PageData{Title: "What came of your posts", Body: hostResults(list)}), nil
}

type resultView struct {
	OwnResult
	Has  bool
	Open []Round
}

func (p *RoundPages) result(r *web.Request) (web.Response, error) {
	res, err := p.s.Result(r.Context(), r.Call, r.PathValue("round"))
	v := resultView{OwnResult: res, Has: err == nil}
	if problem.KindOf(err) == problem.NotFound && r.PathValue("round") == "" && r.Call.Actor.Doctor != "" {
		err = nil
	}
	if err != nil {
		return web.Response{}, err
	}
	if v.Open, err = p.s.Open(r.Context(), r.Call, ""); err != nil {
		return web.Response{}, err
	}
	page := web.PageData{Title: "Your result", Back: "/home", BackText: "Home", Body: resultShow(v)}
	if v.Has {
		page.Caption = v.Round.Title
	}
	return web.Page(r, page), nil
}

func (p *RoundPages) waiting(r *web.Request) (web.Response, error) {
	st, err := p.s.OwnPlace(r.Context(), r.Call)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(r, web.PageData{Title: "Your place on the waiting list", Back: "/home", BackText: "Home", Body: waitingShow(st)}), nil
}

type waitListView struct {
	Rows   []WaitingRow
	Passed []PassedLine // on the first page only
	Next   string
}

func (p *RoundPages) waitList(r *web.Request) (web.Response, error) {
	after := 0
	if keys := r.After(1); len(keys) == 1 {
		after, _ = strconv.Atoi(keys[0]) // what is no number begins at the top
	}
	rows, err := p.s.WaitList(r.Context(), r.Call, after, roundPageSize+1)
	if err != nil {
		return web.Response{}, err
	}
	v := waitListView{Rows: rows}
	if after == 0 {
		if v.Passed, err = p.s.PassedOver(r.Context(), r.Call); err != nil {
			return web.Response{}, err
		}
	}
	if len(rows) > roundPageSize {
		v.Rows = rows[:roundPageSize]
		v.Next = r.NextPage(strconv.Itoa(v.Rows[roundPageSize-1].Place))
	}
	return web.Page(r, web.PageData{Title: "Waiting list", Back: "/rounds", BackText: "Rounds", Wide: true, Body: waitListShow(v)}), nil
}

// doOf is what a button of the ranking asks for; the form below the list adds,
// or says why somebody would not do.
func doOf(r *web.Request) string {
	switch {
	case r.Text("do") != "":
		return r.Text("do")
	case r.Text("reason") != "":
		return "out"
	}
	return "add"
}
