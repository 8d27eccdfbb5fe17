package placement

import (
	"slices"
	"strings"

	"msw/internal/access"
	"msw/internal/clock"
	"msw/internal/post"
	"msw/internal/problem"
)

// What can be done with certificates of service.
const (
	ActCertify     access.Action = "placement.certify"     // issue and correct one
	ActCertificate access.Action = "placement.certificate" // read one

	ActCertificateCheck access.Action = "placement.certificate_check" // ask whether a number is genuine
)

// PostTitle is what a certificate calls the work.
const PostTitle = "Medical Support Worker"

// NotPractice says what a certificate is not.
const NotPractice = "This is not a record of practice as a doctor. The months here are not internship for the GMC."

// Certificate says that somebody served in a post. It is kept as it was issued:
// a correction is a new issue that names the old one.
type Certificate struct {
	Number            string
	Placement, Doctor string
	Issue             int
	Replaces          string
	IssuedOn          clock.Date
	IssuedAt          clock.Instant
	By                string
	Served
	ReplacedBy string // number of the one that corrects it; not of the text
}

// Served are the words of a certificate.
type Served struct {
	Name, Employer     string
	From, To           clock.Date
	Times              []Time
	IssuedBy, IssuedAs string
}

// Time is a time of unchanged work.
type Time struct {
	From, To    clock.Date
	Host        string
	MinutesWeek int
	WholeTime   int
	Clinical    string
	Educational string
}

// Words is a time in one sentence.
func (t Time) Words() string {
	text := post.Hours(t.MinutesWeek) + ", " + post.Share(t.WholeTime) + ", at " + t.Host + ". Supervised by " + orNone(t.Clinical)
	if t.Educational != "" {
		text += "; educational supervisor " + t.Educational
	}
	return text + "."
}

// times are the spells that somebody worked, as a certificate tells them.
func times(spells []Spell, hosts map[string]post.Place, who map[string]post.Supervisor) []Time {
	var out []Time
	for _, v := range spells {
		if !v.To.IsZero() && v.To < v.From {
			continue // replaced on the day it began: nobody worked it
		}
		t := Time{v.From, v.To, hosts[v.Host].Name, v.MinutesWeek, v.WholeTime, who[v.Clinical].Name, who[v.Educational].Name}
		if n := len(out); n > 0 && out[n-1].same(t) && out[n-1].To.AddDays(1) == t.From {
			out[n-1].To = t.To
			continue
		}
		out = append(out, t)
	}
	return out
}

func (t Time) same(u Time) bool {
	u.From, u.To = t.From, t.To
	return t == u
}

// titled tells whether a name is written with a title that says more than the
// register does.
func titled(name string) bool {
	first, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(name)), " ")
	return slices.Contains([]string{"dr", "dr.", "doctor", "prof", "prof.", "professor"}, first)
}

func checkServed(v Served) error {
	var c problem.Check
	c.That(v.Name != "", "name", "Enter the name as it is written in the passport")
	c.That(!titled(v.Name), "name", "Leave out titles such as doctor or professor")
	c.That(len(v.Name) <= 200, "name", "The name is too long")
	c.That(v.IssuedBy != "", "issued_by", "Enter who issues the certificate")
	c.That(v.IssuedAs != "", "issued_as", "Enter what the issuer does at the employer")
	c.That(len(v.IssuedBy) <= 200 && len(v.IssuedAs) <= 200, "issued_by", "Use at most 200 letters")
	return c.Err()
}
