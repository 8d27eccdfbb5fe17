package programme

import (
	"strconv"

	"msw/internal/nhs"
	"msw/internal/problem"
	"msw/internal/web"
)

func missing() error { return problem.Missing() }

func (p *Pages) ruleSets(r *web.Request) (web.Response, error) {
	all, err := p.s.RuleSets(r.Context(), r.Call)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(r, web.PageData{Title: "Rules", Caption: caption, Wide: true, Body: ruleSetsPage(all, r.May(ActProposeRuleSet))}), nil
}

type ruleSetData struct {
	RuleSet
	Reading
	Proposer, Approver string
	MayDecide          bool
	Mine               bool // the reader proposed it
	Key                string
}

func (p *Pages) ruleSet(r *web.Request) (web.Response, error) {
	v, reading, err := p.s.ReadRuleSet(r.Context(), r.Call, r.PathValue("id"))
	if err != nil {
		return web.Response{}, err
	}
	who, err := p.who(r.Context(), v.ProposedBy, v.ApprovedBy)
	if err != nil {
		return web.Response{}, err
	}
	d := ruleSetData{RuleSet: v, Reading: reading, Proposer: who(v.ProposedBy), Approver: who(v.ApprovedBy),
		MayDecide: v.State == RuleSetProposed && r.May(ActApproveRuleSet), Mine: v.ProposedBy == r.Call.Actor.Account, Key: r.Key()}
	return web.Page(r, web.PageData{Title: v.Title, Caption: "Rules", Back: "/rules", BackText: "All rules", Body: ruleSetPage(d)}), nil
}

type ruleSetForm struct {
	Key, Text, Note string
	Errors          nhs.Errors
}

func (p *Pages) newRuleSet(r *web.Request) (web.Response, error) { return p.ruleSetForm(r, nil), nil }

func (p *Pages) ruleSetForm(r *web.Request, errs nhs.Errors) web.Response {
	f := ruleSetForm{Key: r.Key(), Text: r.Text("text"), Note: r.Text("note"), Errors: errs}
	return web.Page(r, web.PageData{Title: "Propose a new version of rules", Caption: "Rules", Back: "/rules", Errors: errs, Body: ruleSetFormPage(f)})
}

func (p *Pages) proposeRuleSet(r *web.Request) (web.Response, error) {
	v, err := p.s.ProposeRuleSet(r.Context(), r.Call, r.Text("text"), r.Text("note"))
	if errs, ok := web.FieldErrors(err); ok {
		return p.ruleSetForm(r, errs), nil
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.SeeOther("/rules/"+v.ID, "Proposed. Another person must now approve it."), nil
}

func (p *Pages) decideRuleSet(r *web.Request) (web.Response, error) {
	version, _ := strconv.ParseInt(r.Text("version"), 10, 64)
	approve := r.Text("decision") == "approve"
	if err := p.s.DecideRuleSet(r.Context(), r.Call, r.PathValue("id"), version, approve); err != nil {
		return web.Response{}, err
	}
	said := "Turned down. These rules will not be used."
	if approve {
		said = "Approved. These rules are used from their first day."
	}
	return web.SeeOther("/rules/"+r.PathValue("id"), said), nil
}
