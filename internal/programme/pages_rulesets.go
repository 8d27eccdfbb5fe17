package programme

import (
	"cmp"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"msw/internal/nhs"
	"msw/internal/problem"
	"msw/internal/rulebook"
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
	MayTry             bool
	Key                string
	Keys               map[string]string // of the form of each station
	Stations           []Station
	Trials             []Trial
	Now                *rulebook.Set // the version in force, where it is another
	Differences        []rulebook.Difference
	From               [3]string // the day typed
	Errors             nhs.Errors
}

func (p *Pages) ruleSet(r *web.Request) (web.Response, error) { return p.ruleSetPage(r, nil) }

func (p *Pages) ruleSetPage(r *web.Request, errs nhs.Errors) (web.Response, error) {
	ctx, id := r.Context(), r.PathValue("id")
	v, reading, err := p.s.ReadRuleSet(ctx, r.Call, id)
	if err != nil {
		return web.Response{}, err
	}
	who, err := p.who(ctx, v.ProposedBy, v.ApprovedBy)
	if err != nil {
		return web.Response{}, err
	}
	d := ruleSetData{RuleSet: v, Reading: reading, Proposer: who(v.ProposedBy), Approver: who(v.ApprovedBy), Key: r.Key(), Keys: map[string]string{}, Errors: errs,
		MayDecide: v.State == RuleSetProposed && r.May(ActApproveRuleSet), Mine: v.ProposedBy != "" && v.ProposedBy == r.Call.Actor.Account,
		MayTry: r.May(ActTry), Stations: p.s.StationsFor(v.Purpose), From: [3]string{r.Text("from-day"), r.Text("from-month"), r.Text("from-year")}}
	if v.ProposedBy == "" && !v.Embedded {
		d.Proposer = "the software"
	}
	for _, st := range d.Stations {
		d.Keys[st.ID] = r.Key()
	}
	if d.Trials, err = p.s.Trials(ctx, r.Call, id); err != nil {
		return web.Response{}, err
	}
	if v.State == RuleSetProposed || v.State == RuleSetApproved && v.Effective() > r.Call.Today {
		if d.Now, d.Differences, err = p.s.InForce(ctx, r.Call, id); err != nil {
			return web.Response{}, err
		}
	}
	return web.Page(r, web.PageData{Title: v.Title, Caption: "Rules", Back: "/rules", BackText: "All rules", Errors: errs, Body: ruleSetPage(d)}), nil
}

type ruleSetForm struct {
	Key, Text, Note string
	Errors          nhs.Errors
}

func (p *Pages) newRuleSet(r *web.Request) (web.Response, error) {
	return p.ruleSetForm(r, r.Text("text"), nil), nil
}

func (p *Pages) ruleSetForm(r *web.Request, text string, errs nhs.Errors) web.Response {
	f := ruleSetForm{Key: r.Key(), Text: text, Note: r.Text("note"), Errors: errs}
	return web.Page(r, web.PageData{Title: "Propose a new version of rules", Caption: "Rules", Back: "/rules", Errors: errs, Body: ruleSetFormPage(f)})
}

// largestRules is the most bytes of a rule file.
const largestRules = 512 << 10

// ruleText takes the rules from the file that was chosen, else from the field.
func ruleText(r *web.Request) (string, error) {
	f, chosen, err := r.File("file")
	if err != nil || !chosen {
		return r.Text("text"), err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, largestRules+1))
	if err != nil {
		return "", err
	}
	var c problem.Check
	c.That(len(text) <= largestRules, "file", "The file must be smaller than 512 KB")
	c.That(utf8.Valid(text), "file", "The file is not a text. Choose a rule file, which ends in .yaml")
	return string(text), c.Err()
}

func (p *Pages) proposeRuleSet(r *web.Request) (web.Response, error) {
	text, err := ruleText(r)
	if errs, ok := web.FieldErrors(err); ok {
		return p.ruleSetForm(r, r.Text("text"), errs), nil
	}
	if err != nil {
		return web.Response{}, err
	}
	v, err := p.s.ProposeRuleSet(r.Context(), r.Call, text, r.Text("note"))
	if errs, ok := web.FieldErrors(err); ok {
		return p.ruleSetForm(r, text, errs), nil
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.SeeOther("/rules/"+v.ID, "Proposed. Try it on all cases, then another person switches it on."), nil
}

func (p *Pages) decideRuleSet(r *web.Request) (web.Response, error) {
	version, _ := strconv.ParseInt(r.Text("version"), 10, 64)
	approve, id := r.Text("decision") == "approve", r.PathValue("id")
	from, err := r.Date("from")
	if err == nil && approve && !from.IsZero() {
		err = p.s.SwitchOn(r.Context(), r.Call, id, version, from)
	} else if err == nil || !approve {
		err = p.s.DecideRuleSet(r.Context(), r.Call, id, version, approve)
	}
	if problem.KindOf(err) == problem.Invalid {
		errs, _ := web.FieldErrors(err)
		return p.ruleSetPage(r, errs)
	}
	if err != nil {
		return web.Response{}, err
	}
	said := "Turned down. These rules will not be used."
	if approve {
		said = "Switched on. These rules are used from their first day."
	}
	return web.SeeOther("/rules/"+id, said), nil
}

func (p *Pages) try(r *web.Request) (web.Response, error) {
	id, err := p.s.AskTrial(r.Context(), r.Call, r.PathValue("id"), r.Text("station"))
	if err != nil {
		return web.Response{}, err
	}
	return web.SeeOther("/rule-trials/"+id, "Begun. This page shows how far it is."), nil
}

type trialData struct {
	TrialSight
	By   string
	More string
}

func (p *Pages) trial(r *web.Request) (web.Response, error) {
	var after int64
	if keys := r.After(1); len(keys) == 1 {
		after, _ = strconv.ParseInt(keys[0], 10, 64)
	}
	v, err := p.s.Trial(r.Context(), r.Call, r.PathValue("id"), after)
	if err != nil {
		return web.Response{}, err
	}
	who, err := p.who(r.Context(), v.Trial.By)
	if err != nil {
		return web.Response{}, err
	}
	d := trialData{TrialSight: v, By: who(v.Trial.By)}
	if v.Next > 0 {
		d.More = r.NextPage(strconv.FormatInt(v.Next, 10))
	}
	title := "Whom this version would change"
	if v.Replay {
		title = "Do its decisions come out the same?"
	}
	return web.Page(r, web.PageData{Title: title, Caption: v.Row.Title + ", version " + v.Row.Name, Back: "/rules/" + v.RuleSet, BackText: "The version", Wide: true, Body: trialPage(d)}), nil
}

// sums are the totals, the present before the past, unchanged ones last.
func (d trialData) sums() [][]nhs.Cell {
	list := slices.Clone(d.Sums)
	slices.SortStableFunc(list, func(a, b Sum) int {
		same := func(s Sum) int {
			if s.From == s.To {
				return 1
			}
			return 0
		}
		return cmp.Or(-strings.Compare(a.What, b.What), cmp.Compare(same(a), same(b)), cmp.Compare(b.N, a.N))
	})
	var rows [][]nhs.Cell
	for _, s := range list {
		to := s.To
		if s.From == s.To {
			to = "No change"
		}
		rows = append(rows, []nhs.Cell{{Text: whatWords(s.What)}, {Text: s.From}, {Text: to}, {Text: thousands(int64(s.N)), Format: "numeric"}})
	}
	return rows
}

func whatWords(what string) string {
	if what == TriedPast {
		return "Decision that was made"
	}
	return "Case as it is now"
}

func (d trialData) rows() [][]nhs.Cell {
	var rows [][]nhs.Cell
	for _, c := range d.Changes {
		name := nhs.Cell{Text: c.Name, Href: "/cases/" + c.Ref}
		if c.Ref == "" {
			name = nhs.Cell{Text: "A person whose case is gone"}
		} else if c.Name == "" {
			name.Text = c.Ref
		}
		rows = append(rows, []nhs.Cell{name, {Text: whatWords(c.What) + ", " + c.On.Long()}, {Text: c.From + ", then: " + c.To}, {Text: strings.Join(c.Why, " ")}})
	}
	return rows
}
