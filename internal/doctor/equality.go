package doctor

import (
	"slices"

	"msw/internal/access"
	"msw/internal/problem"
)

// ActEquality is a doctor saying, reading or taking back what groups are compared
// by. Nobody else is granted it.
const ActEquality access.Action = "doctor.equality"

// EqualityWording names the text beside the questions; it is kept with each
// answer, so that it can be told later what somebody agreed to.
const EqualityWording = "2026-11"

// PreferNotToSay is an answer like any other: it is counted, and not asked again.
const PreferNotToSay = "not_said"

// Equality is what a doctor said so that groups can be compared. No rule, no
// allocation and no page of staff reads it: only figures in which small numbers
// are hidden.
type Equality struct {
	Sex         string `json:"sex"`
	Nationality string `json:"nationality"` // a group of countries, never a country
	Wording     string `json:"wording"`
	Version     int    `json:"-"` // 0 when nothing was said
}

// EqualityOption is one answer that can be chosen.
type EqualityOption struct{ Code, Words string }

// Sexes are the answers about sex.
func Sexes() []EqualityOption {
	return []EqualityOption{{"female", "Female"}, {"male", "Male"}, {PreferNotToSay, "Prefer not to say"}}
}

// NationalityGroups are the answers about nationality, set by this programme: so
// wide that none points to few people.
func NationalityGroups() []EqualityOption {
	return []EqualityOption{{"north_africa_middle_east", "The Middle East or North Africa"}, {"africa", "Africa south of the Sahara"}, {"south_asia", "South Asia, for example Afghanistan or Pakistan"},
		{"east_asia", "East or South East Asia"}, {"central_asia", "Central Asia or the Caucasus"}, {"europe", "Europe, for example Ukraine"}, {"americas", "North, Central or South America"},
		{"other", "Another part of the world, or no nationality"}, {PreferNotToSay, "Prefer not to say"}}
}

func wordsOf(list []EqualityOption, code string) string {
	for _, o := range list {
		if o.Code == code {
			return o.Words
		}
	}
	return ""
}

// SexWords and NationalityWords are the answers as figures name them; "" when
// nothing was said.
func (e Equality) SexWords() string         { return wordsOf(Sexes(), e.Sex) }
func (e Equality) NationalityWords() string { return wordsOf(NationalityGroups(), e.Nationality) }

// Check says all that is wrong with the answers.
func (e Equality) Check() error {
	var c problem.Check
	in := func(list []EqualityOption, code string) bool {
		return slices.ContainsFunc(list, func(o EqualityOption) bool { return o.Code == code })
	}
	c.That(in(Sexes(), e.Sex), "sex", "Choose your sex, or choose that you prefer not to say")
	c.That(in(NationalityGroups(), e.Nationality), "nationality", "Choose a part of the world, or choose that you prefer not to say")
	return c.Err()
}
