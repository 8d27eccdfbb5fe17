package learning

import (
	"strconv"
	"strings"

	"msw/internal/clock"
	"msw/internal/nhs"
	"msw/internal/organisation"
	"msw/internal/problem"
	"msw/internal/web"
)

func options(list []Code) []nhs.Option {
	out := make([]nhs.Option, len(list))
	for i, c := range list {
		out[i] = nhs.Option{Value: c.Value, Label: c.Words}
	}
	return out
}

// programme stands for the programme in a form, where an empty value is none.
const programme = "programme"

type formView struct {
	Key, Action   string
	Event         Event
	Pence, Places string // as typed
	Offers        []nhs.Option
	Offer         string
	Regions       []nhs.Option
	Errors        nhs.Errors
}

func (p *Pages) form(r *web.Request, v formView) (web.Response, error) {
	v.Key, v.Action = r.Key(), r.URL.Path
	offers, err := p.s.MayOfferFor(r.Context(), r.Call)
	if err != nil {
		return web.Response{}, err
	}
	if len(offers) == 0 && v.Event.ID == "" {
		return web.Response{}, problem.Missing()
	}
	for _, o := range offers {
		if o.Value == "" {
			o.Value = programme
		}
		v.Offers = append(v.Offers, nhs.Option{Value: o.Value, Label: o.Words})
	}
	if len(v.Offers) == 1 {
		v.Offer = v.Offers[0].Value
	}
	v.Regions = organisation.RegionOptions()
	page := web.PageData{Title: "Add an event or course", Back: "/events", BackText: "Events and courses", Errors: v.Errors, Body: formBody(v)}
	if v.Event.ID != "" {
		page.Title, page.Back, page.BackText = "Change "+v.Event.Title, "/events/"+v.Event.ID, "The event"
	}
	return web.Page(r, page), nil
}

func (p *Pages) newEvent(r *web.Request) (web.Response, error) {
	return p.form(r, formView{Event: Event{Takes: "all"}})
}

func (p *Pages) changeEvent(r *web.Request) (web.Response, error) {
	v, err := p.s.LookEvent(r.Context(), r.Call, r.PathValue("id"))
	if err == nil && !v.MayOrganise {
		err = problem.Missing()
	}
	if err != nil {
		return web.Response{}, err
	}
	f := formView{Event: v.Event}
	if v.Pence > 0 {
		f.Pence = strconv.FormatFloat(float64(v.Pence)/100, 'f', 2, 64)
	}
	if v.Places > 0 {
		f.Places = strconv.Itoa(v.Places)
	}
	return p.form(r, f)
}

func (p *Pages) saveEvent(r *web.Request) (web.Response, error) {
	e := Event{ID: r.PathValue("id"), Kind: r.Text("kind"), Title: r.Text("title"), About: r.Text("about"), Way: r.Text("way"), Place: r.Text("place"),
		Link: r.Text("link"), Region: r.Text("region"), Takes: r.Text("takes")}
	v := formView{Pence: r.Text("pence"), Places: r.Text("places"), Offer: r.Text("offer")}
	var c problem.Check
	var err error
	if e.Version, err = r.Int("version"); err != nil {
		return web.Response{}, err
	}
	if e.Pence, err = r.Pence("pence"); err != nil {
		c.Add(err)
	}
	if e.Places, err = r.Int("places"); err != nil {
		c.Add(err)
	}
	if e.Organisation = v.Offer; v.Offer == programme {
		e.Organisation = ""
	}
	c.That(e.ID != "" || v.Offer != "", "offer", "Choose who offers it")
	c.That(e.Region == "" || organisation.RegionName(e.Region) != "", "region", "Choose a region of the list")
	v.Event = e
	if err = c.Err(); err != nil {
		c.Add(e.check())
		err = c.Err()
	} else {
		e, err = p.s.SaveEvent(r.Context(), r.Call, e)
	}
	if errs, ok := web.FieldErrors(err); ok {
		v.Errors = errs
		return p.form(r, v)
	}
	if err == nil && v.Event.ID == "" && e.Way != WayOutside {
		return web.SeeOther("/events/"+e.ID+"/dates", "Saved. Now add the dates."), nil
	}
	return web.SeeOther("/events/"+e.ID, "Saved."), err
}

func (p *Pages) setState(r *web.Request) (web.Response, error) {
	version, err := r.Int("version")
	if err != nil {
		return web.Response{}, err
	}
	to := State(r.Text("to"))
	said := map[State]string{Open: "Open. Doctors can book now.", Closed: "Closed for booking. Who has booked keeps the place.",
		Cancelled: "Cancelled. Everybody who booked is told. You can open it again."}[to]
	return p.done(r, p.s.SetState(r.Context(), r.Call, r.PathValue("id"), version, to), said)
}

type datesView struct {
	EventSight
	Key                string
	On                 [3]string
	At, Minutes, Times string
	Errors             nhs.Errors
}

func (p *Pages) dates(r *web.Request) (web.Response, error) {
	return p.datesPage(r, datesView{Times: "1"})
}

func (p *Pages) datesPage(r *web.Request, v datesView) (web.Response, error) {
	sight, err := p.s.LookEvent(r.Context(), r.Call, r.PathValue("id"))
	if err == nil && !sight.MayOrganise {
		err = problem.Missing()
	}
	if err != nil {
		return web.Response{}, err
	}
	v.EventSight, v.Key = sight, r.Key()
	return web.Page(r, web.PageData{Title: "Dates", Caption: v.Title, Back: "/events/" + v.ID, BackText: "The event", Errors: v.Errors, Body: datesBody(v)}), nil
}

func (p *Pages) addDates(r *web.Request) (web.Response, error) {
	v := datesView{On: [3]string{r.Text("on-day"), r.Text("on-month"), r.Text("on-year")}, At: r.Text("at"), Minutes: r.Text("minutes"), Times: r.Text("times")}
	var c problem.Check
	on, err := r.Date("on")
	c.Add(err)
	minutes, err := r.Int("minutes")
	c.Add(err)
	times, err := r.Int("times")
	c.Add(err)
	at, ok := timeOfDay(v.At)
	c.That(ok, "at", "Enter a time, like 14:30")
	if err = c.Err(); err == nil {
		err = p.s.AddSessions(r.Context(), r.Call, r.PathValue("id"), on, at, minutes, times)
	}
	if errs, ok := web.FieldErrors(err); ok {
		v.Errors = errs
		return p.datesPage(r, v)
	}
	return web.SeeOther("/events/"+r.PathValue("id")+"/dates", "Added."), err
}

// timeOfDay reads 14:30, 14.30, 9am or 2:30pm as minutes after midnight.
func timeOfDay(s string) (int, bool) {
	s = strings.ToLower(strings.ReplaceAll(strings.ReplaceAll(s, " ", ""), ".", ":"))
	half := 0
	if rest, ok := strings.CutSuffix(s, "pm"); ok {
		s, half = rest, 12
	} else if rest, ok := strings.CutSuffix(s, "am"); ok {
		s, half = rest, -1
	}
	hour, minute, colon := strings.Cut(s, ":")
	h, err := strconv.Atoi(hour)
	m, err2 := 0, error(nil)
	if colon {
		m, err2 = strconv.Atoi(minute)
	}
	if err != nil || err2 != nil || !colon && half == 0 || h < 0 || m < 0 || m > 59 || colon && len(minute) != 2 {
		return 0, false
	}
	if half != 0 {
		if h < 1 || h > 12 {
			return 0, false
		}
		h %= 12
		h += max(half, 0)
	}
	return h*60 + m, h < 24
}

func (p *Pages) removeDate(r *web.Request) (web.Response, error) {
	starts, err := clock.ParseInstant(r.Text("starts"))
	if err != nil {
		return web.Response{}, problem.Missing()
	}
	err = p.s.RemoveSession(r.Context(), r.Call, r.PathValue("id"), starts)
	if errs, ok := web.FieldErrors(err); ok {
		return p.datesPage(r, datesView{Times: "1", Errors: errs})
	}
	return web.SeeOther("/events/"+r.PathValue("id")+"/dates", "Taken away."), err
}

type peopleView struct {
	People
	Key    string
	Marks  map[string]Mark // as typed
	On     [3]string
	Next   string
	After  []string
	Errors nhs.Errors
}

func (p *Pages) people(r *web.Request) (web.Response, error) { return p.peoplePage(r, peopleView{}) }

func (p *Pages) peoplePage(r *web.Request, v peopleView) (web.Response, error) {
	list, err := p.s.LookPeople(r.Context(), r.Call, r.PathValue("id"), r.After(2), 2*pageSize)
	if err != nil {
		return web.Response{}, err
	}
	v.People, v.Key = list, r.Key()
	if list.Next != nil {
		v.Next = r.NextPage(list.Next...)
	}
	return web.Page(r, web.PageData{Title: "Who comes", Caption: v.Event.Title, Back: "/events/" + v.Event.ID, BackText: "The event", Errors: v.Errors, Body: peopleBody(v)}), nil
}

func (p *Pages) attend(r *web.Request) (web.Response, error) {
	v := peopleView{Marks: map[string]Mark{}, On: [3]string{r.Text("on-day"), r.Text("on-month"), r.Text("on-year")}}
	var marks []Mark
	for _, id := range r.Texts("booking") {
		m := Mark{Booking: id, Attended: r.Text("came-" + id), Certificate: r.Bool("certificate-" + id)}
		marks, v.Marks[id] = append(marks, m), m
	}
	on, err := r.Date("on")
	if err == nil {
		err = p.s.Attend(r.Context(), r.Call, r.PathValue("id"), marks, on)
	}
	if errs, ok := web.FieldErrors(err); ok {
		v.Errors = errs
		return p.peoplePage(r, v)
	}
	return web.SeeOther("/events/"+r.PathValue("id")+"/people", "Saved. You can change it again."), err
}
