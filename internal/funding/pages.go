package funding

import (
	"strconv"
	"strings"

	"msw/internal/nhs"
	"msw/internal/organisation"
	"msw/internal/placement"
	"msw/internal/post"
	"msw/internal/problem"
	"msw/internal/programme"
	"msw/internal/web"
)

// Pages is the browser's face of the money.
type Pages struct{ s *Service }

// NewPages makes the pages.
func NewPages(s *Service) *Pages { return &Pages{s} }

// Routes lists the addresses of this package.
func (p *Pages) Routes() []web.Route {
	return []web.Route{
		{Method: "GET", Pattern: "/money", Action: ActSee, Handle: p.overview},
		{Method: "GET", Pattern: "/money/rates", Action: ActSee, Handle: p.rates},
		{Method: "GET", Pattern: "/money/{phase}", Action: ActPlace, Handle: p.phase},
		{Method: "GET", Pattern: "/money/{phase}/places", Action: ActPlace, Handle: p.places},
		{Method: "GET", Pattern: "/money/{phase}/budget", Action: ActBudget, Handle: p.budget},
		{Method: "POST", Pattern: "/money/{phase}/budget", Action: ActBudget, Handle: p.setBudget},
		{Method: "GET", Pattern: "/money/{phase}/{place}", Action: ActPlace, Handle: p.place},
	}
}

type overviewView struct {
	Overview
	MayOpen, MaySet bool
}

func (p *Pages) overview(r *web.Request) (web.Response, error) {
	v, err := p.s.Look(r.Context(), r.Call)
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(r, web.PageData{Title: "Money", Wide: true, Body: overviewPage(overviewView{v, r.May(ActPlace), r.May(ActBudget)})}), nil
}

func (p *Pages) phase(r *web.Request) (web.Response, error) {
	v, err := p.s.LookPhase(r.Context(), r.Call, r.PathValue("phase"))
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(r, web.PageData{Title: v.Phases[0].Title, Caption: "Money", Back: "/money", BackText: "Money", Wide: true,
		Body: phasePage(overviewView{v, true, r.May(ActBudget)})}), nil
}

type ratesView struct{ *Rates }

func (p *Pages) rates(r *web.Request) (web.Response, error) {
	return web.Page(r, web.PageData{Title: "Rates behind the estimates", Caption: "Money", Back: "/money", BackText: "Money", Wide: true, Body: ratesPage(ratesView{p.s.Rates()})}), nil
}

const pageSize = 50

type placesView struct {
	Code, Region, Next string
	Rows               []PlaceRow
}

func (p *Pages) places(r *web.Request) (web.Response, error) {
	q := PlacesQuery{Phase: r.PathValue("phase"), Region: r.Text("region"), Limit: pageSize + 1}
	if after := r.After(1); after != nil {
		q.After = after[0]
	}
	rows, err := p.s.Places(r.Context(), r.Call, q)
	if err != nil {
		return web.Response{}, err
	}
	v := placesView{Code: q.Phase, Region: q.Region, Rows: rows}
	if len(rows) > pageSize {
		v.Rows = rows[:pageSize]
		v.Next = r.NextPage(v.Rows[pageSize-1].Placement)
	}
	title := "Places"
	if name := organisation.RegionName(q.Region); name != "" {
		title += " in " + name
	}
	return web.Page(r, web.PageData{Title: title, Caption: "Money", Back: "/money/" + q.Phase, Wide: true, Body: placesPage(v)}), nil
}

func (p *Pages) place(r *web.Request) (web.Response, error) {
	v, err := p.s.LookPlace(r.Context(), r.Call, r.PathValue("phase"), r.PathValue("place"))
	if err != nil {
		return web.Response{}, err
	}
	return web.Page(r, web.PageData{Title: "Estimate for place " + v.Places[0].Placement, Caption: "Money", Back: "/money/" + v.Code + "/places", BackText: "Places", Wide: true,
		Body: placePage(placeView{v, p.s.Rates()})}), nil
}

// budgetView is the form as typed.
type budgetView struct {
	BudgetSight
	Key, Region, Places, Money, Note string
	Version                          int
	Errors                           nhs.Errors
}

func (p *Pages) budget(r *web.Request) (web.Response, error) {
	v, err := p.s.LookBudget(r.Context(), r.Call, r.PathValue("phase"), known(r.Text("region")))
	if err != nil {
		return web.Response{}, err
	}
	f := budgetView{BudgetSight: v, Key: r.Key(), Region: known(r.Text("region")), Version: Unset}
	if v.Budget.Version > 0 {
		f.Places, f.Money, f.Version = strconv.Itoa(v.Budget.Places), strings.TrimSuffix(strings.TrimPrefix(post.Pounds(v.Budget.Pence), "£"), ".00"), v.Budget.Version
	}
	return p.form(r, f), nil
}

func known(region string) string {
	if organisation.RegionName(region) == "" {
		return ""
	}
	return region
}

func (p *Pages) form(r *web.Request, f budgetView) web.Response {
	return web.Page(r, web.PageData{Title: "Set a budget", Caption: f.Phase.Title, Back: "/money/" + f.Code, Errors: f.Errors, Body: budgetPage(f)})
}

func (p *Pages) setBudget(r *web.Request) (web.Response, error) {
	region := known(r.Text("region"))
	v, err := p.s.LookBudget(r.Context(), r.Call, r.PathValue("phase"), region)
	if err != nil {
		return web.Response{}, err
	}
	var check problem.Check
	places, err := r.Int("places")
	check.Add(err)
	pence, err := r.Pence("money")
	check.Add(err)
	version, err := r.Int("version")
	if err != nil {
		version = Unset
	}
	if region == "" {
		check.That(false, "region", "Choose a region")
	}
	if err = check.Err(); err == nil {
		_, err = p.s.SetBudget(r.Context(), r.Call, Budget{Phase: v.Phase.ID, Region: region, Places: places, Pence: pence, Note: r.Text("note"), Version: version})
	}
	if errs, ok := web.FieldErrors(err); ok {
		return p.form(r, budgetView{BudgetSight: v, Key: r.Key(), Region: region, Places: r.Text("places"), Money: r.Text("money"), Note: r.Text("note"), Version: version, Errors: errs}), nil
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.SeeOther("/money/"+v.Code, "Budget set"), nil
}

type placeView struct {
	PlaceWorking
	Table *Rates
}

// nothing is said of what this first form does not record.
const nothing = "Nothing recorded"

// count writes a number with a comma between thousands.
func count(n int) string {
	return strings.TrimSuffix(strings.TrimPrefix(post.Pounds(int64(n)*100), "£"), ".00")
}

func budgetText(f Figures) string {
	if !f.Budgeted {
		return "Not set"
	}
	return programme.Pounds(f.Budget) + " for " + places(f.Places)
}

func places(n int) string {
	if n == 1 {
		return "1 place"
	}
	return count(n) + " places"
}

func committedText(f Figures, own bool) string {
	if own || !f.Budgeted {
		return places(f.Committed)
	}
	return count(f.Committed) + " of " + places(f.Places)
}

func estimateText(f Figures, a AsAt) string {
	if a.On.IsZero() {
		return "Not estimated yet"
	}
	text := post.Pounds(f.Estimated) + " for " + places(f.Started)
	if f.UnknownDays > 0 {
		text += ", " + count(f.UnknownDays) + " days without a known rate left out"
	}
	return text
}

// value writes a value of a rate in words.
func (r Rate) value(part, name string) string {
	v := r.Values[name]
	if part == Basic || name == "above" {
		return post.Pounds(v)
	}
	return percent(v)
}

// percent writes hundredths of a percent: 14.38%.
func percent(v int64) string {
	text := strconv.FormatInt(v/100, 10)
	if v%100 != 0 {
		text += "." + strings.TrimSuffix(strconv.FormatInt(100+v%100, 10)[1:], "0")
	}
	return text + "%"
}

// valueWords names a value of a rate.
func valueWords(name string) string {
	switch name {
	case "entry", "intermediate", "top":
		return post.Point(name).Words()
	case "inner", "outer", "fringe":
		return post.Zone(name).Words()
	case "above":
		return "on pay above"
	}
	return "rate"
}

// shareText writes thousandths of full time: 0.8 of full time.
func shareText(thousandths int) string {
	if thousandths == 1000 {
		return "full time"
	}
	return strings.TrimRight(strconv.Itoa(thousandths/1000)+"."+strconv.Itoa(1000 + thousandths%1000)[1:], "0") + " of full time"
}

// how says how a cost of a whole year was worked out.
func how(c Cost, l Line, spell placement.Spell) string {
	switch {
	case c.Rate == nil:
		return post.Pounds(c.Base) + " a year, " + shareText(l.Share)
	case c.Part == Basic:
		return post.Pounds(c.Base) + " a year, " + spell.Pay.Point.Words() + ", " + shareText(l.Share)
	case c.Part == HCAS:
		return percent(c.Rate.Values[string(spell.Pay.HCAS)]) + " of " + post.Pounds(c.Base)
	case c.Part == Insurance:
		return percent(c.Rate.Values["rate"]) + " of " + post.Pounds(c.Base) + " above " + post.Pounds(c.Rate.Values["above"])
	}
	return percent(c.Rate.Values["rate"]) + " of " + post.Pounds(c.Base)
}
