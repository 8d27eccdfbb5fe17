// Package allocation holds what kind of post a doctor wishes for: region,
// setting, specialty, hours and travel; a ranked list of posts and bundles of
// posts, what is not acceptable, a linked partner, and reasons that go before
// all wishes. Matching doctors to posts by these wishes belongs here too.
//
// It is not the place for safety: whom a doctor hides from is consent's.
package allocation

import (
	"slices"

	"msw/internal/access"
	"msw/internal/clock"
	"msw/internal/organisation"
	"msw/internal/post"
	"msw/internal/problem"
)

// What can be done here; internal/app grants it to roles.
const (
	ActPrefer access.Action = "allocation.prefer" // say what post one wishes for
	ActRead   access.Action = "allocation.read"   // see what a doctor wishes for
	ActLink   access.Action = "allocation.link"   // be linked with a partner
	ActAsk    access.Action = "allocation.ask"    // ask for a protected reason
	ActVouch  access.Action = "allocation.vouch"  // see the evidence, say yes to a safety reason
	ActJudge  access.Action = "allocation.judge"  // sit on the panel
)

// Actions lists every action of the wishes in this package.
func Actions() []access.Action {
	return []access.Action{ActPrefer, ActRead, ActLink, ActAsk, ActVouch, ActJudge}
}

// The settings a post can be in.
const (
	Hospital   = "hospital"
	GPPractice = "gp_practice"
	Community  = "community"
)

// Settings lists them in the order forms offer them.
func Settings() []string { return []string{Hospital, GPPractice, Community} }

// SettingWords names a setting on a page.
func SettingWords(setting string) string {
	switch setting {
	case Hospital:
		return "Hospital"
	case GPPractice:
		return "GP practice"
	case Community:
		return "Community service"
	}
	return setting
}

// Specialties lists those a doctor can choose.
func Specialties() []post.Specialty { return post.Specialties() }

func specialtyCodes() []string {
	var codes []string
	for _, s := range Specialties() {
		codes = append(codes, s.Code)
	}
	return codes
}

func regionCodes() []string {
	var codes []string
	for _, r := range organisation.Regions() {
		codes = append(codes, r.Code)
	}
	return codes
}

// Preference is what one doctor wishes for, and from when they could work. Empty
// lists, zeroes and no date mean any.
type Preference struct {
	Doctor      string     `json:"-"`
	Regions     []string   `json:"regions"`
	Settings    []string   `json:"settings"`
	Specialties []string   `json:"specialties"`
	Hours       int        `json:"hours_week"`   // whole hours a week, 0 for any
	Travel      int        `json:"travel_miles"` // from home, 0 for any
	FreeFrom    clock.Date `json:"free_from"`    // the first day they could start, none = any
	Version     int        `json:"-"`            // 0 when nothing was said yet
}

const (
	mostHours = 48  // a working week's legal average (recalled); set by this programme
	mostMiles = 300 // further than any journey within England a day
)

// Check says all that is wrong with a preference.
func (p Preference) Check() error {
	var c problem.Check
	known := func(list, allowed []string) bool {
		return !slices.ContainsFunc(list, func(s string) bool { return !slices.Contains(allowed, s) })
	}
	c.That(known(p.Regions, regionCodes()), "regions", "Choose regions from the list")
	c.That(known(p.Settings, Settings()), "settings", "Choose settings from the list")
	c.That(known(p.Specialties, specialtyCodes()), "specialties", "Choose specialties from the list")
	c.That(p.Hours >= 0 && p.Hours <= mostHours, "hours", "Hours must be between 1 and 48 a week")
	c.That(p.Travel >= 0 && p.Travel <= mostMiles, "travel", "Miles must be between 1 and 300")
	return c.Err()
}

// Post is as much of a vacancy as a wish is compared with.
type Post struct {
	Region, Setting, Specialty string
	Hours                      int
}

// Misses says which wishes a post does not meet, in words; none means it fits.
// A wish never forbids a post: the doctor decides.
func (p Preference) Misses(o Post) []string {
	var out []string
	miss := func(list []string, have, words string) {
		if len(list) > 0 && have != "" && !slices.Contains(list, have) {
			out = append(out, words)
		}
	}
	miss(p.Regions, o.Region, "Another region than they chose")
	miss(p.Settings, o.Setting, "Another kind of place than they chose")
	miss(p.Specialties, o.Specialty, "Another specialty than they chose")
	if p.Hours > 0 && o.Hours > p.Hours {
		out = append(out, "More hours a week than they wish")
	}
	return out
}
