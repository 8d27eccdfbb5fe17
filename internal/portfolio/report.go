package portfolio

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"msw/internal/access"
	"msw/internal/clock"
	"msw/internal/problem"
)

// What can be done with reports.
const (
	ActReports access.Action = "portfolio.reports" // read signed ones
	ActReport  access.Action = "portfolio.report"  // write and sign one
	ActBody    access.Action = "portfolio.body"    // say that an employer is a designated body
)

// ReportKind is which document it is.
type ReportKind string

// The kinds of report.
const (
	SupervisorReport ReportKind = "report"
	EnglishReference ReportKind = "english"
)

// Words names a kind.
func (k ReportKind) Words() string {
	return map[ReportKind]string{SupervisorReport: "Supervisor's report", EnglishReference: "Structured English reference"}[k]
}

// itemKind is the kind of evidence a signed report becomes.
func (k ReportKind) itemKind() Kind {
	if k == EnglishReference {
		return English
	}
	return ReportItem
}

// Condition is one that must hold before an English reference is begun, or a note
// that whoever begins must know.
type Condition struct {
	ID    string `yaml:"id"`
	Note  bool   `yaml:"note"`
	Title string `yaml:"title"`
	Unmet string `yaml:"unmet"`
	URL   string `yaml:"url"`
	Mark  string `yaml:"mark"`
}

// Section is one question of a report.
type Section struct {
	Kind  ReportKind `yaml:"kind"`
	ID    string     `yaml:"id"`
	Title string     `yaml:"title"`
	Mark  string     `yaml:"mark"`
}

// ReportRules are one version of what reports ask. Read only.
type ReportRules struct {
	Version  string `yaml:"version"`
	FromText string `yaml:"from"`
	English  struct {
		SharePercent int      `yaml:"share_percent"`
		WithinMonths int      `yaml:"within_months"`
		Mail         []string `yaml:"mail"`
	} `yaml:"english"`
	Conditions []Condition `yaml:"conditions"`
	Sections   []Section   `yaml:"sections"`
}

// judged are the conditions that Judge knows how to look at.
var judged = []string{"body", "offer", "appointing", "signer", "share", "mail", "recent"}

// LoadReportRules reads portfolio/reports.yaml strictly: a condition nobody can
// judge, or one without its source, is an error.
func LoadReportRules(fsys fs.FS) (*ReportRules, error) {
	text, err := fs.ReadFile(fsys, "portfolio/reports.yaml")
	if err != nil {
		return nil, fmt.Errorf("rules of reports: %w", err)
	}
	r := new(ReportRules)
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(r); err != nil {
		return nil, fmt.Errorf("rules of reports: %w", err)
	}
	var known []string
	for _, c := range r.Conditions {
		if !c.Note {
			known = append(known, c.ID)
		}
		if c.Title == "" || c.Note == (c.Unmet != "") || !marked(c.Mark, c.URL) {
			return nil, fmt.Errorf("rules of reports: condition %q is not complete", c.ID)
		}
	}
	slices.Sort(known)
	want := slices.Sorted(slices.Values(judged))
	if !slices.Equal(known, want) || r.English.SharePercent == 0 || r.English.WithinMonths == 0 || r.FromText == "" {
		return nil, fmt.Errorf("rules of reports: conditions are %v, want %v, and numbers", known, want)
	}
	for _, s := range r.Sections {
		if s.Kind.Words() == "" || s.ID == "" || s.Title == "" || s.Mark == "" {
			return nil, fmt.Errorf("rules of reports: section %q is not complete", s.ID)
		}
	}
	return r, nil
}

func marked(mark, url string) bool {
	switch mark {
	case "confirmed":
		return strings.HasPrefix(url, "https://")
	case "recalled", "derived", "set-by-us":
		return true
	}
	return false
}

// Of gives the sections of a kind.
func (r *ReportRules) Of(kind ReportKind) []Section {
	return slices.DeleteFunc(slices.Clone(r.Sections), func(s Section) bool { return s.Kind != kind })
}

// Tri is yes, no, or nobody has said yet.
type Tri string

// The answers.
const (
	Yes     Tri = "yes"
	No      Tri = "no"
	NotSaid Tri = ""
)

// EnglishWorld is all that the conditions of an English reference look at. It
// holds nothing of exams: a failed test is the doctor's to know.
type EnglishWorld struct {
	Body       string // code of the employer, "" when none is recorded
	Employer   string // its name
	Offer      Tri    // said by whoever begins
	Appointing Tri
	Share      int // percent, -1 when not said
	Signer     bool
	SignerStop string // why somebody named cannot sign today
	Mail       string // address of whoever begins
	LastDay    clock.Date
	Today      clock.Date
}

// Standing is a condition as it stands.
type Standing struct {
	Condition
	State Tri // met, not met, or to be said; notes have none
	Say   string
}

// Judge sets every condition beside what is known: all at once, those not met
// with what to do.
func (r *ReportRules) Judge(w EnglishWorld) []Standing {
	out := make([]Standing, 0, len(r.Conditions))
	for _, c := range r.Conditions {
		s := Standing{Condition: c}
		if !c.Note {
			s.State = r.judge(c.ID, w)
			if s.State == No {
				s.Say = c.Unmet
			}
			switch {
			case c.ID == "body" && s.State == Yes:
				s.Say = w.Employer + ", code " + w.Body + "."
			case c.ID == "body":
				s.Say = "No code is recorded for " + w.Employer + ". " + c.Unmet
			case c.ID == "signer" && w.SignerStop != "":
				s.Say = w.SignerStop
			}
		}
		out = append(out, s)
	}
	return out
}

func tri(ok bool) Tri {
	if ok {
		return Yes
	}
	return No
}

func (r *ReportRules) judge(id string, w EnglishWorld) Tri {
	switch id {
	case "body":
		return tri(w.Body != "")
	case "offer":
		return w.Offer
	case "appointing":
		return w.Appointing
	case "signer":
		return tri(w.Signer && w.SignerStop == "")
	case "share":
		if w.Share < 0 {
			return NotSaid
		}
		return tri(w.Share >= r.English.SharePercent && w.Share <= 100)
	case "mail":
		_, host, _ := strings.Cut(strings.ToLower(w.Mail), "@")
		return tri(slices.ContainsFunc(r.English.Mail, func(m string) bool { return host == m || strings.HasSuffix(host, "."+m) }))
	case "recent":
		return tri(w.LastDay.IsZero() || w.LastDay >= clock.AddMonths(w.Today, -r.English.WithinMonths))
	}
	return No
}

// Ready tells whether every condition holds.
func Ready(list []Standing) bool {
	return !slices.ContainsFunc(list, func(s Standing) bool { return !s.Note && s.State != Yes })
}

var bodyCode = regexp.MustCompile(`^[0-9]-[0-9A-Z]{5,8}$`)

// BodyCode brings a designated body's code into its one form. Codes look like
// 1-1RUZV1D (domain 7, confirmed); more of them is not known.
func BodyCode(s string) (string, bool) {
	s = strings.ToUpper(strings.TrimSpace(s))
	return s, bodyCode.MatchString(s)
}

// Seen is one signed piece of evidence as a report lists it.
type Seen struct {
	Title string     `json:"title"`
	Kind  string     `json:"kind"`
	On    clock.Date `json:"on"`
	Level int        `json:"level,omitempty"`
	By    string     `json:"by"`
}

// Covered is what the evidence shows of a framework.
type Covered struct {
	Framework string `json:"framework"`
	Shown     int    `json:"shown"`
	Of        int    `json:"of"`
}

// ReportRecord is what a report takes from the record.
type ReportRecord struct {
	Name      string     `json:"name"`
	Employer  string     `json:"employer"`
	Body      string     `json:"designated_body,omitempty"`
	Specialty string     `json:"specialty"`
	From      clock.Date `json:"from"`
	To        clock.Date `json:"to"` // none while it runs
	Times     []string   `json:"times"`
	Meetings  int        `json:"meetings"`
	Away      int        `json:"days_away"`
	Seen      []Seen     `json:"seen,omitempty"`
	Covered   []Covered  `json:"covered,omitempty"`
}

// Hash tells whether the record is still the one that somebody read.
func (r ReportRecord) Hash() string {
	text, err := json.Marshal(r)
	if err != nil {
		return "" // cannot happen: plain fields
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}

// Written is what a supervisor adds to the record.
type Written struct {
	Text     map[string]string `json:"text"` // section to words
	Share    int               `json:"share_percent,omitempty"`
	Hours    int               `json:"hours_a_week,omitempty"`
	Concern  string            `json:"concern,omitempty"` // about fitness to practise, yes or no
	Explain  string            `json:"explain,omitempty"`
	Shows    []Tag             `json:"shows,omitempty"`
	Offer    Tri               `json:"offer,omitempty"`
	Appoints Tri               `json:"appointing,omitempty"`
}

// Signer is who signed a report.
type Signer struct {
	Name  string `json:"name"`
	Role  string `json:"role"` // coded
	GMC   string `json:"gmc,omitempty"`
	As    string `json:"as"` // clinical or educational supervisor
	Email string `json:"email,omitempty"`
}

// Report is one document, as it is kept and as the doctor carries it away.
type Report struct {
	Number    string        `json:"number"`
	Version   int           `json:"-"`
	Doctor    string        `json:"-"`
	Placement string        `json:"-"`
	Kind      ReportKind    `json:"kind"`
	Draft     bool          `json:"-"`
	Issue     int           `json:"issue"`
	Replaces  string        `json:"replaces,omitempty"`
	By        string        `json:"-"` // account
	BegunOn   clock.Date    `json:"-"`
	SignedAt  clock.Instant `json:"signed_at"`
	Record    ReportRecord  `json:"record"`
	Written   Written       `json:"written"`
	Signer    *Signer       `json:"signer,omitempty"`

	ReplacedBy string `json:"replaced_by,omitempty"`
}

// whole checks a report before it is signed: everything that is missing at once.
func (r *ReportRules) whole(kind ReportKind, said Written, g Signer) error {
	var c problem.Check
	for _, s := range r.Of(kind) {
		text := said.Text[s.ID]
		c.That(text != "", "s-"+s.ID, "Answer: "+s.Title)
		c.That(len(text) <= 4000, "s-"+s.ID, "Use at most 4,000 letters")
	}
	if kind == EnglishReference {
		c.That(said.Share >= r.English.SharePercent && said.Share <= 100, "share", "The share of English must be from "+decimal(r.English.SharePercent)+" to 100 percent")
		c.That(said.Hours > 0 && said.Hours <= 80, "hours", "Enter how many hours a week, from 1 to 80")
	}
	c.That(said.Concern == "yes" || said.Concern == "no", "concern", "Say whether you know of a concern")
	c.That(said.Concern != "yes" || said.Explain != "", "explain", "Say what the concern is")
	c.That(len(said.Explain) <= 4000, "explain", "Use at most 4,000 letters")
	c.That(g.Name != "" && len(g.Name) <= 120, "name", "Enter your full name")
	c.That(slices.ContainsFunc(Roles(), func(x Role) bool { return x.Code == g.Role && NeedsGMC(x.Code) }), "role", "Choose your role: a doctor's")
	_, ok := GMCNumber(g.GMC)
	c.That(ok, "gmc", "Enter your GMC number: 7 numbers, like 1234567")
	return c.Err()
}
