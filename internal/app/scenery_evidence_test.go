package app

import (
	"fmt"
	"strings"
)

// evidence is a round of feedback that takes answers, with the link of somebody
// who was asked.
func (r *road) evidence(found map[string][]string) {
	d := r.as(r.t, "doctor-in-post")
	d.open("/portfolio/feedback")
	var to []string
	for i := range 10 {
		to = append(to, fmt.Sprintf("rater%d@trust.nhs.uk", i))
	}
	d.send("/portfolio/feedback", fill{"people": strings.Join(to, "\n")})
	found["doctor-in-post"] = append(found["doctor-in-post"], d.page.url.Path, d.page.url.Path+"/self")
	found[guest] = append(found[guest], rateLink.FindString(r.mail(to[0])))
}
