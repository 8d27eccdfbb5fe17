package onboarding

import (
	"msw/internal/access"
	"msw/internal/clock"
)

// What can be done in open recruitment.
const (
	ActRecruit access.Action = "recruit.run"   // open a vacancy, invite, offer
	ActScore   access.Action = "recruit.score" // score applications without knowing whose they are
	ActApply   access.Action = "recruit.apply" // see vacancies, apply, choose an interview time
)

// Criterion is one thing applicants are scored on.
type Criterion struct{ ID, Words, Ask string }

// Recruitment are the criteria and how marks count. Read only.
type Recruitment struct {
	Most     int // the best mark
	Enough   int // the least mark that meets an essential criterion
	Apart    int // marks this far apart are worth talking about
	Criteria []Criterion
}

func (r Recruitment) words(id string) string {
	for _, c := range r.Criteria {
		if c.ID == id {
			return c.Words
		}
	}
	return sentence(id)
}

func (r Recruitment) ask(id string) string {
	for _, c := range r.Criteria {
		if c.ID == id {
			return c.Ask
		}
	}
	return sentence(id)
}

// VacancyState is how far a vacancy has come.
type VacancyState string

// The states of a vacancy.
const (
	VacancyOpen       VacancyState = "open" // taking applications, scoring
	VacancyInterviews VacancyState = "interviews"
	VacancyClosed     VacancyState = "closed"
)

// Words is the state as a person reads it.
func (s VacancyState) Words() string {
	switch s {
	case VacancyOpen:
		return "Open"
	case VacancyInterviews:
		return "Interviews"
	}
	return "Closed"
}

// Wanted is a criterion of one vacancy.
type Wanted struct {
	Code      string
	Essential bool
}

// Vacancy is a post that doctors may apply to themselves.
type Vacancy struct {
	ID             string
	Version        int
	Post           string
	Employer, Host string
	Region         string
	State          VacancyState
	Criteria       []Wanted
	OpenedOn       clock.Date
	ClosesOn       clock.Date // the last day to apply
	Since          clock.Date
}

// Resource is the vacancy as access sees it: it is its employer's.
func (v Vacancy) Resource(tenant string) access.Resource {
	return access.Resource{Kind: "vacancy", ID: v.ID, Tenant: tenant, Organisations: []string{v.Employer}}
}

// ApplicationState is how far an application has come.
type ApplicationState string

// The states of an application.
const (
	Applied        ApplicationState = "applied"
	Shortlisted    ApplicationState = "shortlisted"
	NotShortlisted ApplicationState = "not_shortlisted"
	JobOffer       ApplicationState = "offered"
	NotChosen      ApplicationState = "not_chosen"
	PulledOut      ApplicationState = "pulled_out"
)

// tookPost is why an application ended that nobody took back by hand.
const tookPost = "took_post"

// Words is the state as a person reads it.
func (s ApplicationState) Words() string {
	switch s {
	case Applied:
		return "Sent"
	case Shortlisted:
		return "Invited to an interview"
	case NotShortlisted:
		return "Not invited"
	case JobOffer:
		return "Offer made"
	case NotChosen:
		return "Not chosen"
	}
	return "Taken back"
}

// Application is one doctor's wish for one vacancy. Until somebody is invited
// an employer knows it by its ID alone.
type Application struct {
	ID        string
	Version   int
	Vacancy   string
	Doctor    string
	State     ApplicationState
	Score     int      // of 100
	Reasons   []string // codes: below:CODE, enough:SCORE, tookPost
	Offer     string
	AppliedOn clock.Date
	Since     clock.Date
	Answers   map[string]string // by criterion, opened only where they are read
}

// Source names the application in tasks.
func (a Application) Source() string { return "application:" + a.ID }

// Marks are one person's marks, by criterion.
type Marks struct {
	Application, By string
	On              clock.Date
	Marks           map[string]int
}

// Slot is one time for an interview.
type Slot struct {
	ID          string
	Version     int
	Vacancy     string
	Starts      clock.Instant
	Minutes     int
	Place       string
	Application string // who chose it, "" while free
}
