package newsroom

import (
	"msw/internal/programme"
	"msw/internal/web"
)

type homeView struct {
	Home
	Conditions []string // titles of today's rules, for "who can join"
	SignedIn   bool
}

func (p *Pages) home(r *web.Request) (web.Response, error) {
	h, err := p.s.Home(r.Context(), r.Call)
	if err != nil {
		return web.Response{}, err
	}
	v := homeView{Home: h, Conditions: p.conditions(r), SignedIn: r.SignedIn()}
	return p.page(r, always, web.PageData{Title: "Medical Support Worker programme", Wide: true, Feed: "/news/feed.atom", Body: homePage(v),
		Description: "For doctors in England who trained overseas and are not yet registered with the GMC: work under supervision in the NHS on the way to registration."})
}

// conditions are the titles of today's rules; none when there are none to read.
func (p *Pages) conditions(r *web.Request) []string {
	_, set, err := p.s.Needs(r.Context(), r.Call)
	if err != nil {
		return nil
	}
	var out []string
	for _, q := range set.Requirements() {
		out = append(out, q.Title)
	}
	return out
}

func (p *Pages) about(r *web.Request) (web.Response, error) {
	return p.page(r, aWhile, web.PageData{Title: "What a Medical Support Worker is", Back: "/", BackText: "Home", Body: aboutPage(),
		Description: "What a Medical Support Worker does in the NHS, and what only a registered doctor may do."})
}

// opening puts the answer to "can I apply today?" into words: the answer
// itself, then what is known besides.
func opening(o programme.Opening) (answer, more string) {
	switch o.Answer {
	case programme.Yes:
		if o.Closes.IsZero() {
			return "Yes", "No closing day is given."
		}
		return "Yes", "You can apply until " + o.Closes.Long() + "."
	case programme.No:
		if !o.Next.IsZero() {
			return "No", "You can apply from " + o.Next.Long() + "."
		}
		if !o.Phase.ApplicationsClose.IsZero() {
			return "No", "Applications closed on " + o.Phase.ApplicationsClose.Long() + "."
		}
		return "No", "Applications are closed."
	}
	more = "We found nothing newer about when people can apply. When we know more, it will be here."
	if o.Note != "" {
		more = o.Note + " " + more
	}
	if o.LastPublished.IsZero() {
		return "Not known: nothing was published", more
	}
	return "Not known: last published " + o.LastPublished.Long(), more
}

// waiting is the same about the waiting list.
func waiting(o programme.Opening) string {
	switch {
	case o.Answer == programme.Yes && !o.Closes.IsZero():
		return "The waiting list is open until " + o.Closes.Long() + "."
	case o.Answer == programme.Yes:
		return "The waiting list is open."
	case o.Answer == programme.No && !o.Next.IsZero():
		return "The waiting list opens on " + o.Next.Long() + "."
	case o.Answer == programme.No:
		return "The waiting list is closed."
	case o.Note != "":
		return "Waiting list: not known. " + o.Note
	}
	return "Whether there is a waiting list is not known either."
}

// source is where a sentence comes from.
type source struct{ Text, URL string }

const (
	careers   = "https://www.healthcareers.nhs.uk/explore-roles/wider-healthcare-team/roles-wider-healthcare-team/clinical-support-staff/medical-support-worker"
	business  = "https://practicebusiness.co.uk/how-can-medical-support-workers-help-with-gp-workloads-2"
	gmcSheet  = "http://www.gmc-uk.org/information_for_you/registration_factsheet.asp"
	published = "https://www.england.nhs.uk/coronavirus/returning-clinicians/medical-support-workers/"
	nhsJobs   = "https://www.jobs.nhs.uk/candidate"
)

func may() []string {
	return []string{
		"check a person's pulse, blood pressure and other signs",
		"take blood, and put in and look after small drips",
		"do and read heart tracings (ECG) and breathing tests",
		"do simple tests and treatments",
		"help to bring someone back who has collapsed",
		"get people ready for operations and help in theatre",
		"keep records up to date, and help with audits",
	}
}

func mayNot() []string {
	return []string{
		"prescribe medicines",
		"look after patients without a doctor directly supervising them",
		"sign certificates that the law leaves to doctors, such as a death certificate",
		"be called a doctor, or work as one",
	}
}
