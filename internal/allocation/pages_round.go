package allocation

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"msw/internal/clock"
	"msw/internal/nhs"
	"msw/internal/organisation"
	"msw/internal/problem"
	"msw/internal/web"
)

// RoundPages is the browser's face of rounds, results and the waiting list.
type RoundPages struct{ s *Rounds }

// NewRoundPages makes the pages.
func NewRoundPages(s *Rounds) *RoundPages { return &RoundPages{s} }

// Routes lists the addresses.
func (p *RoundPages) Routes() []web.Route {
	return []web.Route{
		{Method: "GET", Pattern: "/rounds", Action: ActRounds, Handle: p.list},
		{Method: "GET", Pattern: "/rounds/new", Action: ActDeclare, Handle: p.blank},
		{Method: "POST", Pattern: "/rounds/new", Action: ActDeclare, Handle: p.declare},
		{Method: "GET", Pattern: "/rounds/{id}", Action: ActRounds, Handle: p.show},
		{Method: "GET", Pattern: "/rounds/{id}/rules", Action: ActRules, Handle: p.rules},
		{Method: "POST", Pattern: "/rounds/{id}/cancel", Action: ActDeclare, Handle: p.cancel},
		{Method: "POST", Pattern: "/rounds/{id}/runs", Action: ActDryRun, Handle: p.try},
		{Method: "GET", Pattern: "/rounds/{id}/runs/{run}", Action: ActDryRun, Handle: p.run},
		{Method: "GET", Pattern: "/rounds/{id}/runs/{run}/people", Action: ActDryRun, Handle: p.people},
		{Method: "GET", Pattern: "/rounds/{id}/runs/{run}/people/{ref}", Action: ActDryRun, Handle: p.person},
		{Method: "GET", Pattern: "/rounds/{id}/runs/{run}/file/{which}", Action: ActExport, Handle: p.export},
		{Method: "POST", Pattern: "/rounds/{id}/propose", Action: ActPublish, Handle: p.propose},
		{Method: "POST", Pattern: "/rounds/{id}/take-back", Action: ActPublish, Handle: p.takeBack},
		{Method: "POST", Pattern: "/rounds/{id}/publish", Action: ActPublish, Handle: p.publish},
		{Method: "GET", Pattern: "/rounds/{id}/moves", Action: ActMove, Handle: p.move},
		{Method: "POST", Pattern: "/rounds/{id}/moves", Action: ActMove, Handle: p.ask},
		{Method: "POST", Pattern: "/rounds/{id}/moves/{move}/{what}", Action: ActMove, Handle: p.settle},
		{Method: "GET", Pattern: "/rounds/{id}/fairness", Action: ActFairness, Handle: p.fairness},
		{Method: "GET", Pattern: "/ranking", Action: ActRank, Handle: p.rankable},
		{Method: "GET", Pattern: "/ranking/{round}/{post}", Action: ActRank, Handle: p.ranking},
		{Method: "POST", Pattern: "/ranking/{round}/{post}", Action: ActRank, Handle: p.rank},
		{Method: "GET", Pattern: "/round-results", Action: ActHostResult, Handle: p.hostResults},
		{Method: "GET", Pattern: "/me/result", Action: ActResult, Handle: p.result},
		{Method: "GET", Pattern: "/me/result/{round}", Action: ActResult, Handle: p.result},
		{Method: "GET", Pattern: "/me/waiting", Action: ActWaiting, Handle: p.waiting},
		{Method: "GET", Pattern: "/waiting", Action: ActWaitList, Handle: p.waitList},
	}
}

const roundPageSize = 25

type roundListView struct {
	Rounds  []Round
	Today   clock.Date
	Declare bool
	Waiting bool
	Next    string
}

func (p *RoundPages) list(r *web.Request) (web.Response, error) {
	list, err := p.s.List(r.Context(), r.Call, r.After(2), roundPageSize+1)
	if err != nil {
		return web.Response{}, err
	}
	v := roundListView{Today: r.Call.Today, Declare: r.May(ActDeclare), Waiting: r.May(ActWaitList)}
	if len(list) > roundPageSize {
		list = list[:roundPageSize]
		v.Next = r.NextPage(list[roundPageSize-1].Closes.String(), list[roundPageSize-1].ID)
	}
	v.Rounds = list
	return web.Page(r, web.PageData{Title: "Rounds", Wide: true, Body: roundList(v)}), nil
}

// roundForm is a declaration as typed.
type roundForm struct {
	Key, Title, Way, Region string
	Opens, Closes, Results  [3]string
	Priority, Source, Least string
	Limits                  [3]limitForm
	Phases                  []nhs.Option
	Regions                 []nhs.Option
	All                     bool // may declare a round of every region
	Errors                  nhs.Errors
}

type limitForm struct{ Of, Number, Source string }

func typedDate(r *web.Request, name string) [3]string {
	return [3]string{r.Text(name + "-day"), r.Text(name + "-month"), r.Text(name + "-year")}
}

func (p *RoundPages) form(r *web.Request, errs nhs.Errors) (web.Response, error) {
	v := roundForm{Key: r.Key(), Title: r.Text("title"), Way: r.Text("way"), Region: r.Text("region"), Opens: typedDate(r, "opens"), Closes: typedDate(r, "closes"),
		Results: typedDate(r, "results"), Priority: r.Text("priority_days"), Source: r.Text("priority_source"), Least: r.Text("least_choices"), Errors: errs}
	for i := range v.Limits {
		n := strconv.Itoa(i + 1)
		v.Limits[i] = limitForm{r.Text("limit_of" + n), r.Text("limit_number" + n), r.Text("limit_source" + n)}
	}
	scope := p.s.access.Scope(r.Call.Actor, ActDeclare)
	v.All = scope.All
	for _, one := range organisation.Regions() {
		if scope.All || slices.Contains(scope.Regions, one.Code) {
			v.Regions = append(v.Regions, nhs.Option{Value: one.Code, Label: one.Name})
		}
	}
	phases, err := p.s.o.Posts.Phases(r.Context(), r.Call.Actor.Tenant)
	if err != nil {
		return web.Response{}, err
	}
	for _, one := range phases {
		if one.Ends.IsZero() || one.Ends >= r.Call.Today {
			v.Phases = append(v.Phases, nhs.Option{Value: LimitFunder + ":" + one.ID, Label: "At most this many paid from " + one.Title})
		}
	}
	return web.Page(r, web.PageData{Title: "Announce a round", Back: "/rounds", BackText: "Rounds", Errors: errs, Body: roundNew(v)}), nil
}

func (p *RoundPages) blank(r *web.Request) (web.Response, error) { return p.form(r, nil) }

func (p *RoundPages) declare(r *web.Request) (web.Response, error) {
	d := Declaration{Title: r.Text("title"), Way: RoundWay(r.Text("way")), Region: r.Text("region")}
	var check problem.Check
	date := func(name string) clock.Date {
		on, err := r.Date(name)
		check.Add(err)
		return on
	}
	number := func(name string) int {
		n, err := r.Int(name)
		check.Add(err)
		return n
	}
	d.Opens, d.Closes, d.Results = date("opens"), date("closes"), date("results")
	d.Rules = RoundRules{PriorityDays: number("priority_days"), PrioritySource: r.Text("priority_source"), LeastChoices: number("least_choices")}
	for i := range 3 {
		n := strconv.Itoa(i + 1)
		kind, of, chosen := strings.Cut(r.Text("limit_of"+n), ":")
		if !chosen {
			continue
		}
		check.That(r.Text("limit_number"+n) != "", "limit_number"+n, "Enter a number of doctors")
		check.That(r.Text("limit_source"+n) != "", "limit_source"+n, "Say who set this limit, or where it is written")
		d.Rules.Limits = append(d.Rules.Limits, RoundLimit{Kind: kind, Of: of, Number: number("limit_number" + n), Source: r.Text("limit_source" + n)})
	}
	round := Round{Title: d.Title, Way: d.Way, Region: d.Region, Rules: d.Rules, Opens: d.Opens, Closes: d.Closes, Results: d.Results}
	check.Rest(round.Check(r.Call.Today))
	err := check.Err()
	if err == nil {
		round, err = p.s.Declare(r.Context(), r.Call, d)
	}
	if errs, ok := web.FieldErrors(err); ok {
		return p.form(r, errs)
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.SeeOther("/rounds/"+round.ID, "Announced. Everyone in the programme can read how it works."), nil
}

type roundView struct {
	RoundSight
	Key    string
	Today  clock.Date
	Who    string
	What   string
	Why    string
	Errors nhs.Errors
}

func (p *RoundPages) show(r *web.Request) (web.Response, error) { return p.sheet(r, nil) }

func (p *RoundPages) sheet(r *web.Request, errs nhs.Errors) (web.Response, error) {
	sight, err := p.s.Look(r.Context(), r.Call, r.PathValue("id"))
	if err != nil {
		return web.Response{}, err
	}
	v := roundView{RoundSight: sight, Key: r.Key(), Today: r.Call.Today, Why: r.Text("why"), Errors: errs}
	v.Who, v.What = sight.Round.NextStep(r.Call.Today)
	return web.Page(r, web.PageData{Title: sight.Title, Caption: sight.Way.Words() + ", " + sight.RegionName(), Back: "/rounds", BackText: "Rounds", Errors: errs, Wide: true, Body: roundShow(v)}), nil
}

// done ends a command on a round: on to its page, or the page again with what
// is wrong.
func (p *RoundPages) done(r *web.Request, err error, flash string) (web.Response, error) {
	if errs, ok := web.FieldErrors(err); ok {
		return p.sheet(r, errs)
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.SeeOther("/rounds/"+r.PathValue("id"), flash), nil
}

func (p *RoundPages) cancel(r *web.Request) (web.Response, error) {
	return p.done(r, p.s.Cancel(r.Context(), r.Call, r.PathValue("id"), r.Text("why")), "Cancelled. Nobody loses anything by it.")
}

func (p *RoundPages) propose(r *web.Request) (web.Response, error) {
	return p.done(r, p.s.Propose(r.Context(), r.Call, r.PathValue("id"), r.Text("run")), "Asked. A second person must now read it and publish.")
}

func (p *RoundPages) takeBack(r *web.Request) (web.Response, error) {
	return p.done(r, p.s.TakeBack(r.Context(), r.Call, r.PathValue("id")), "Taken back. You can do another dry run.")
}

func (p *RoundPages) publish(r *web.Request) (web.Response, error) {
	return p.done(r, p.s.Publish(r.Context(), r.Call, r.PathValue("id")), "Published. Doctors and hosts can read their results now.")
}

func (p *RoundPages) try(r *web.Request) (web.Response, error) {
	run, err := p.s.Try(r.Context(), r.Call, r.PathValue("id"))
	if errs, ok := web.FieldErrors(err); ok {
		return p.sheet(r, errs)
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.SeeOther("/rounds/"+run.Round+"/runs/"+run.ID, ""), nil
}

type runView struct {
	RunSight
	Key string
}

func (p *RoundPages) run(r *web.Request) (web.Response, error) {
	sight, err := p.s.LookRun(r.Context(), r.Call, r.PathValue("id"), r.PathValue("run"))
	if err != nil {
		return web.Response{}, err
	}
	v := runView{sight, r.Key()}
	return web.Page(r, web.PageData{Title: "Dry run " + strconv.Itoa(sight.Run.Number), Caption: sight.Title, Back: "/rounds/" + sight.ID, BackText: "Round", Wide: true, Body: runShow(v)}), nil
}

type peopleView struct {
	Lines []PersonLine
	Base  string
	Next  string
}

func (p *RoundPages) people(r *web.Request) (web.Response, error) {
	after := ""
	if keys := r.After(1); len(keys) == 1 {
		after = keys[0]
	}
	list, next, err := p.s.People(r.Context(), r.Call, r.PathValue("id"), r.PathValue("run"), after, roundPageSize)
	if err != nil {
		return web.Response{}, err
	}
	base := "/rounds/" + r.PathValue("id") + "/runs/" + r.PathValue("run")
	v := peopleView{Lines: list, Base: base}
	if next != "" {
		v.Next = r.NextPage(next)
	}
	return web.Page(r, web.PageData{Title: "Who would get what", Back: base, BackText: "Dry run", Wide: true, Body: peopleList(v)}), nil
}

func (p *RoundPages) person(r *web.Request) (web.Response, error) {
	v, err := p.s.ReadingFor(r.Context(), r.Call, r.PathValue("id"), r.PathValue("run"), r.PathValue("ref"))
	if err != nil {
		return web.Response{}, err
	}
	base := "/rounds/" + r.PathValue("id") + "/runs/" + r.PathValue("run")
	return web.Page(r, web.PageData{Title: v.Name, Caption: "Why, in " + v.Round.Title, Back: base + "/people", BackText: "Who would get what", Body: personShow(v)}), nil
}

func (p *RoundPages) export(r *web.Request) (web.Response, error) {
	f, err := p.s.Export(r.Context(), r.Call, r.PathValue("id"), r.PathValue("run"), r.PathValue("which"))
	if err != nil {
		return web.Response{}, err
	}
	return web.Download(f.Name, "application/json", bytes.NewReader(f.Text)), nil
}

type rulesView struct {
	Round  Round
	Own    bool // the reader has a result in it
	Phases map[string]string
	Today  clock.Date
}

func (p *RoundPages) rules(r *web.Request) (web.Response, error) {
	round, phases, err := p.s.Declared(r.Context(), r.Call, r.PathValue("id"))
	if err != nil {
		return web.Response{}, err
	}
	own, err := p.s.HasResult(r.Context(), r.Call, round)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(r, web.PageData{Title: "How " + round.Title + " works", Caption: round.Way.Words(), Body: rulesShow(rulesView{round, own, phases, r.Call.Today})}), nil
}

type fairView struct {
	Round    Round
	Fairness Fairness
	Report   RunReport
}

func (p *RoundPages) fairness(r *web.Request) (web.Response, error) {
	round, f, report, err := p.s.Fairness(r.Context(), r.Call, r.PathValue("id"))
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(r, web.PageData{Title: "Was it fair?", Caption: round.Title, Back: "/rounds/" + round.ID, BackText: "Round", Wide: true, Body: fairShow(fairView{round, f, report})}), nil
}
