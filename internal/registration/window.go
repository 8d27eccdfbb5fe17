package registration

import (
	"msw/internal/clock"
	"msw/internal/fact"
	"msw/internal/rulebook"
)

// windows gives the bars and days of the timeline that the view may know. Until
// is always the last day that serves.
func (c *climber) windows() []Window {
	var list []Window
	add := func(w Window) {
		if c.view.May(w.Needs) && !w.From.IsZero() {
			list = append(list, w)
		}
	}
	if !c.met("REG-FULL") {
		for i := range c.v.rungs {
			c.proofWindows(&c.v.rungs[i], add)
		}
	}
	c.examWindows(add)
	if i := c.latest(fact.RightToWork, "", ""); i >= 0 && !c.in.Facts[i].Until.IsZero() {
		add(Window{Label: "Permission to live and work", Kind: WindowPermission, From: c.in.Facts[i].On, Until: c.in.Facts[i].Until, Needs: RightPermission})
	}
	if p := c.in.Post; !p.Starts.IsZero() {
		if !p.Ends.IsZero() {
			add(Window{Label: "Contract", Kind: WindowContract, From: p.Starts, Until: p.Ends, Needs: RightPost})
		}
		if !p.Funded.IsZero() {
			add(Window{Label: "Money for the post", Kind: WindowFunding, From: p.Starts, Until: p.Funded, Needs: RightPost})
		}
	}
	if !c.met("REG-FULL") && !c.plan.Earliest.IsZero() {
		add(Window{Label: "Registration, forecast", Kind: WindowForecast, From: c.plan.Earliest, Until: c.plan.Latest, Needs: forecastNeeds})
	}
	return list
}

// proofWindows gives the proof of a rung that holds for a time; of a rung with
// ways, each way that is met.
func (c *climber) proofWindows(d *rungDef, add func(Window)) {
	if c.spared(d.id) != "" || d.id == "ENG-PLAB" || d.id == "ROUTE" || d.id == "REF-FEE" || d.part == PartRegister {
		return
	}
	one := func(id string) {
		o := c.outcome(id)
		if o.State != rulebook.Met || o.Until.IsZero() {
			return
		}
		from := c.in.On
		if n := len(o.Dates); n > 0 {
			from = o.Dates[n-1]
		}
		kind := WindowProof
		if id == "APP-OPEN" {
			kind = WindowBooking
		}
		add(Window{Label: o.Title, Kind: kind, Rung: id, From: from, Until: o.Until, Needs: c.v.needs[id]})
	}
	if d.ways == nil {
		one(d.id)
		return
	}
	for i := range c.outcome(d.id).Alternatives {
		one(d.ways[c.outcome(d.id).Alternatives[i].ID])
	}
}

// examWindows gives the days of exams that are booked, sat or passed. A booking
// tells together with what follows whether an exam was passed, so it is for
// readers who may know of fails.
func (c *climber) examWindows(add func(Window)) {
	for i := range c.in.Facts {
		f := &c.in.Facts[i]
		if f.State == rulebook.Refused || f.Kind != fact.Exam && f.Kind != fact.EnglishTest {
			continue
		}
		name, rung := "English test", "ENG"
		if f.Kind == fact.Exam {
			switch f.Text("name") {
			case "PLAB1":
				name, rung = "PLAB 1", "PLAB1"
			case "PLAB2":
				name, rung = "PLAB 2", "PLAB2"
			default:
				continue
			}
		}
		switch outcome := f.Text("outcome"); {
		case outcome == "booked" && f.On > c.in.On:
			add(dayWindow(name+", booked", rung, f.On, RightFails|RightPasses))
		case outcome == "passed" && f.On <= c.in.On:
			add(dayWindow(name+", passed", rung, f.On, RightPasses))
		case outcome == "failed" && f.On <= c.in.On:
			add(dayWindow(name+", not passed", rung, f.On, RightFails|RightPasses))
		}
	}
}

func dayWindow(label, rung string, on clock.Date, needs Right) Window {
	return Window{Label: label, Kind: WindowExam, Rung: rung, From: on, Until: on, Needs: needs}
}
