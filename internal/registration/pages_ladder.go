package registration

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"msw/internal/access"
	"msw/internal/chart"
	"msw/internal/clock"
	"msw/internal/fact"
	"msw/internal/nhs"
	"msw/internal/problem"
	"msw/internal/rulebook"
	"msw/internal/web"
)

func (p *Pages) ladderRoutes() []web.Route {
	get := func(path string, act access.Action, do func(*web.Request) (web.Response, error)) web.Route {
		return web.Route{Method: "GET", Pattern: "/registration/{ref}/" + path, Action: act, Handle: do}
	}
	return []web.Route{
		{Method: "GET", Pattern: "/registration", Action: ActCalendar, Handle: p.own},
		get("ladder", ActLadder, p.ladder), get("timeline", ActLadder, p.timeline), get("forecast", ActLadder, p.forecast),
		get("costs", ActLadder, p.costs), get("working", ActWorking, p.working), get("what-if", ActWorking, p.whatIf),
		{Method: "POST", Pattern: "/registration/{ref}/what-if", Action: ActWorking, Handle: p.tryOut},
		{Method: "POST", Pattern: "/registration/{ref}/costs", Action: ActStep, Handle: p.changeCosts},
		get("calendar", ActCalendar, p.calendar),
		{Method: "POST", Pattern: "/registration/{ref}/calendar", Action: ActCalendar, Handle: p.changeCalendar},
		{Method: "GET", Pattern: "/calendar/{secret}", Action: ActFeed, Handle: p.feed, Limit: 60},
		{Method: "GET", Pattern: "/running-out", Action: ActLapses, Handle: p.board},
	}
}

// own leads a doctor to their own ladder.
func (p *Pages) own(r *web.Request) (web.Response, error) {
	ref, err := p.s.cases.OwnRef(r.Context(), r.Call)
	if err != nil {
		return web.Response{}, err
	}
	return web.SeeOther("/registration/"+ref+"/ladder", ""), nil
}

// climbView is a ladder as its pages show it.
type climbView struct {
	Climb
	Here string            // the page among the ladder's pages
	told map[string]string // where the doctor tells of a kind of fact
}

func (p *Pages) climbing(r *web.Request, act access.Action, here string) (climbView, error) {
	v, err := p.s.Climb(r.Context(), r.Call, act, r.PathValue("ref"))
	return p.view(v, here), err
}

func (p *Pages) view(v Climb, here string) climbView {
	view := climbView{Climb: v, Here: here, told: map[string]string{}}
	for _, kind := range []string{fact.GoodStanding, fact.Activity, fact.Route, fact.Contact} {
		if path, ok := p.s.facts.Told(kind); ok {
			view.told[kind] = path
		}
	}
	return view
}

func (p *Pages) climbPage(r *web.Request, v climbView, title string, body templ.Component) web.Response {
	back, text := "/registration/"+v.Ref+"/ladder", "What is needed"
	if v.Here == "ladder" && !v.Own {
		back, text = "/cases/"+v.Ref, "Case"
	} else if v.Here == "ladder" {
		back, text = "/home", "Home"
	}
	return web.Page(r, web.PageData{Title: title, Caption: v.Name, Back: back, BackText: text, Wide: v.Here != "ladder", Body: climbBody(v, body)})
}

func (p *Pages) ladder(r *web.Request) (web.Response, error) {
	v, err := p.climbing(r, ActLadder, "ladder")
	if err != nil {
		return web.Response{}, err
	}
	title := "What is needed for registration"
	if v.Own {
		title = "Your way to registration"
	}
	return p.climbPage(r, v, title, ladderBody(v)), nil
}

func (p *Pages) timeline(r *web.Request) (web.Response, error) {
	v, err := p.climbing(r, ActLadder, "timeline")
	if err != nil {
		return web.Response{}, err
	}
	return p.climbPage(r, v, "Dates on the way to registration", timelineBody(v)), nil
}

// LadderPanel is the ladder's part of the case page.
func (p *Pages) LadderPanel(ctx context.Context, call access.Call, doctor string) (templ.Component, error) {
	c, err := p.s.cases.Get(ctx, doctor, call.Actor.Tenant)
	if err != nil {
		return nil, err
	}
	v, err := p.s.climb(ctx, call, ActLadder, c)
	if kind := problem.KindOf(err); kind == problem.NotFound || kind == problem.Unavailable {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return ladderPanel(p.view(v, "")), nil
}

// links leads between the pages of one ladder, those the reader may open.
func (v climbView) links() []nhs.NavigationItem {
	base := "/registration/" + v.Ref + "/"
	list := []nhs.NavigationItem{{Text: "What is needed", Href: base + "ladder", Current: v.Here == "ladder"},
		{Text: "Dates as a picture", Href: base + "timeline", Current: v.Here == "timeline"}}
	if !v.Ladder.Forecast.Hidden || v.View.May(RightAll) {
		list = append(list, nhs.NavigationItem{Text: "When it can end", Href: base + "forecast", Current: v.Here == "forecast"})
	}
	if !v.Costs.Hidden {
		list = append(list, nhs.NavigationItem{Text: "What it costs", Href: base + "costs", Current: v.Here == "costs"})
	}
	if v.MayWork {
		list = append(list, nhs.NavigationItem{Text: "What if", Href: base + "what-if", Current: v.Here == "what-if"},
			nhs.NavigationItem{Text: "The working", Href: base + "working", Current: v.Here == "working"})
	}
	if v.MayCalendar {
		list = append(list, nhs.NavigationItem{Text: "Your calendar", Href: base + "calendar", Current: v.Here == "calendar"})
	}
	return list
}

// Words names a state as the doctor reads it.
func (s RungState) Words() string {
	switch s {
	case RungMet:
		return "Met"
	case RungMetUntil:
		return "Met for now"
	case RungLapses:
		return "Will run out too early"
	case RungDoing:
		return "In progress"
	case RungWaiting:
		return "Waiting"
	case RungBlocked:
		return "Not possible yet"
	case RungNotNeeded:
		return "Not needed"
	case RungLikely:
		return "Looks likely"
	case RungAccepted:
		return "Accepted by the GMC"
	case RungToDo:
		return "To do"
	case RungUnknown:
		return "Not known"
	case RungHidden:
		return "Not shown to you"
	case RungPass:
		return "Pass recorded"
	}
	return string(s)
}

func (s RungState) tag() nhs.Tag {
	colour := map[RungState]string{RungMet: "green", RungAccepted: "green", RungMetUntil: "green", RungLikely: "aqua-green", RungLapses: "orange", RungDoing: "blue",
		RungWaiting: "purple", RungBlocked: "grey", RungNotNeeded: "white", RungToDo: "yellow", RungUnknown: "grey", RungHidden: "white", RungPass: "blue"}[s]
	return nhs.Tag{Text: s.Words(), Colour: colour}
}

// part is the rungs that stand together on the page.
type ladderPart struct {
	Title string
	Rungs []Rung
}

func (v climbView) parts() []ladderPart {
	var out []ladderPart
	for _, r := range v.Ladder.Rungs {
		if r.State == RungHidden {
			continue
		}
		i := len(out) - 1
		for ; i >= 0 && out[i].Title != r.Part; i-- {
		}
		if i < 0 {
			out = append(out, ladderPart{Title: r.Part})
			i = len(out) - 1
		}
		out[i].Rungs = append(out[i].Rungs, r)
	}
	return out
}

// hidden tells whether something is kept from the reader, in one sentence that
// is the same whatever it is.
func (v climbView) hidden() bool { return !v.View.May(RightAll) }

// rows says everything about one requirement.
func (v climbView) rows(r Rung) []nhs.SummaryRow {
	var rows []nhs.SummaryRow
	add := func(key, value string) {
		if value != "" {
			rows = append(rows, nhs.SummaryRow{Key: key, Value: value})
		}
	}
	if r.State == RungLikely {
		add("Who decides", "It looks likely. Only the GMC decides.")
	}
	add("Why", r.Why)
	if !r.Until.IsZero() {
		add("Holds until", r.Until.Long())
	}
	if !r.By.IsZero() {
		add("Needed by", r.By.Long())
	}
	if r.WaitsFor != "" {
		add("Waits for", r.WaitsFor)
	}
	if len(r.BlockedBy) > 0 {
		add("First comes", strings.Join(v.titles(r.BlockedBy), ", "))
	}
	if !r.Passed.IsZero() {
		add("Pass recorded", r.Passed.Long())
	}
	add("What to do now", r.Now)
	add("What counts as proof", r.Proof)
	if r.Fee != "" {
		add("What it costs", costWords(r.Pence))
	}
	add("How long it usually takes", r.Usually)
	if !v.Own {
		add("Source", sourceWords(r.Sources))
	}
	return rows
}

func costWords(pence int64) string {
	switch {
	case pence < 0:
		return "Not known"
	case pence == 0:
		return "Nothing"
	}
	return pounds(pence)
}

// pounds writes pence as people read them.
func pounds(pence int64) string {
	sign := ""
	if pence < 0 {
		sign, pence = "−", -pence
	}
	whole, rest := strconv.FormatInt(pence/100, 10), pence%100
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if rest == 0 {
		return sign + "£" + whole
	}
	return sign + "£" + whole + "." + strconv.FormatInt(100+rest, 10)[1:]
}

func (v climbView) titles(ids []string) []string {
	out := make([]string, 0, len(ids))
	for _, id := range ids {
		if r := v.Ladder.Rung(id); r != nil && r.State != RungHidden {
			out = append(out, r.Title)
		}
	}
	return out
}

func sourceWords(list []rulebook.Source) string {
	var out []string
	for _, s := range list {
		out = append(out, s.Title+" ("+markWords(s.Mark)+")")
	}
	return strings.Join(out, "; ")
}

// addLink is where a rung's proof is added, and "" where nothing can be.
func (v climbView) addLink(rung string) string {
	if !v.MayStep {
		return ""
	}
	base := "/registration/" + v.Ref
	kind := ""
	switch {
	case strings.HasPrefix(rung, "ENG"):
		return base + "/english"
	case strings.HasPrefix(rung, "CGS"):
		kind = fact.GoodStanding
	case strings.HasPrefix(rung, "ACT"), strings.HasPrefix(rung, "EMPREF"):
		kind = fact.Activity
	case strings.HasPrefix(rung, "INT"):
		kind = fact.Experience
	case rung == "PMQ-OK":
		kind = fact.Qualification
	case rung == "PGQ", rung == "OREX", rung == "REQ", strings.HasPrefix(rung, "SPEC"), strings.HasPrefix(rung, "SPON"):
		kind = fact.Route
	default:
		return base + "/step"
	}
	if _, ok := v.told[kind]; v.Own && ok {
		return v.told[kind]
	}
	switch {
	case v.Own && kind == fact.Experience:
		return "/apply/experience"
	case v.Own && kind == fact.Qualification:
		return "/apply/qualification"
	case v.Own:
		return base + "/step"
	}
	return "/cases/" + v.Ref + "/facts/new?kind=" + kind
}

// needsAll names what every road that is not closed or complete still needs:
// said once, not in each row.
func (v climbView) needsAll() []string {
	var all []string
	first := true
	for _, r := range v.Ladder.Routes {
		switch {
		case r.First || r.State == RungBlocked:
		case first:
			all, first = slices.Clone(r.Missing), false
		default:
			all = slices.DeleteFunc(all, func(id string) bool { return !slices.Contains(r.Missing, id) })
		}
	}
	return v.titles(all)
}

// routeTable shows the roads in parallel, each with what it alone still needs.
func (v climbView) routeTable() nhs.Table {
	t := nhs.Table{Caption: "Roads to full registration", HiddenCaption: true, Classes: "msw-whole-words", Responsive: true, FirstCellIsHeader: true,
		Head: []nhs.Head{{Text: "Road"}, {Text: "How far"}, {Text: "Done"}, {Text: "Still missing on this road"}}}
	all := v.needsAll()
	for _, r := range v.Ladder.Routes {
		own := slices.DeleteFunc(v.titles(r.Missing), func(title string) bool { return slices.Contains(all, title) })
		if slices.Contains(r.Missing, r.ID) {
			own = append([]string{"What this road is about, with its proof"}, own...)
		}
		missing := strings.Join(own, ", ")
		switch {
		case r.First:
			missing = "Nothing: this is the first complete road, and it counts"
		case missing == "" && len(all) > 0:
			missing = "Only what every road needs"
		}
		title := r.Title
		if r.Following {
			title += " (being followed)"
		}
		t.Rows = append(t.Rows, []nhs.Cell{{Text: title}, {Body: r.State.tag()}, {Text: strconv.Itoa(r.Done) + " of " + strconv.Itoa(r.Of)}, {Text: missing}})
	}
	return t
}

// picture draws the windows.
func (v climbView) picture() chart.Timeline {
	t := chart.Timeline{ID: "dates", Title: "Dates on the way to registration", Today: v.Ladder.On,
		Description: "Each line is a time in which something holds, or a day. The table below says the same in words."}
	for _, w := range v.Ladder.Windows {
		s := chart.Span{Label: w.Label, From: w.From, Until: w.Until, Look: chart.Window, Text: windowWords(w, v.Ladder.On)}
		if kind, ok := lapseKind(w); ok && w.Kind == WindowProof && kind != LapseProof {
			s.Label = kind.Words()
		}
		switch w.Kind {
		case WindowExam:
			s.Look = chart.Day
		case WindowPermission, WindowContract, WindowFunding:
			s.Look = chart.End
		case WindowForecast, WindowBooking:
			s.Look = chart.Wait
		}
		t.Spans = append(t.Spans, s)
	}
	return t
}

func windowWords(w Window, today clock.Date) string {
	switch {
	case w.Kind == WindowForecast:
		return "A forecast, not a promise"
	case w.Until.IsZero():
		return ""
	case w.Until < today:
		return "Over"
	case w.From == w.Until:
		return daysWords(today.DaysUntil(w.Until))
	}
	return "Ends " + daysWords(today.DaysUntil(w.Until))
}

func daysWords(n int) string {
	switch {
	case n == 0:
		return "today"
	case n == 1:
		return "tomorrow"
	case n < 0:
		return strconv.Itoa(-n) + " days ago"
	}
	return "in " + strconv.Itoa(n) + " days"
}

// tells lists what else the doctor can tell us.
func (v climbView) tells() []nhs.NavigationItem {
	var out []nhs.NavigationItem
	for _, l := range []nhs.NavigationItem{{Text: "Certificates of good standing", Href: v.told[fact.GoodStanding]}, {Text: "What you did in the last 5 years", Href: v.told[fact.Activity]},
		{Text: "Another way than PLAB", Href: v.told[fact.Route]}, {Text: "Whom we may ask, and whom not", Href: v.told[fact.Contact]}} {
		if l.Href != "" {
			out = append(out, l)
		}
	}
	return out
}
