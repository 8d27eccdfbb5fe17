// Package newsroom is the public site: whether one can apply today, who can
// join, news, stories told with consent, the directory of local schemes, and
// what every site must say about itself.
//
// It holds no record of a doctor: a story stands apart from the person it is
// about, under a key of its own that a withdrawal destroys. Figures are
// outcome's, rules are eligibility's; neither is worked out here.
package newsroom

import (
	"slices"
	"strings"

	"msw/internal/clock"
)

// Kind is what sort of piece it is.
type Kind string

// The kinds.
const (
	News  Kind = "news"
	Story Kind = "story"
)

// Path is where pieces of the kind are found on the site.
func (k Kind) Path() string {
	if k == Story {
		return "/stories"
	}
	return "/news"
}

// Words names the kind on a page.
func (k Kind) Words() string {
	if k == Story {
		return "Story"
	}
	return "News"
}

// State is how far a piece has come.
type State string

// The states, in the order a piece passes them.
const (
	Draft     State = "draft"
	Submitted State = "submitted" // waits for a second person
	Reviewed  State = "reviewed"  // may be published
	Published State = "published"
	Withdrawn State = "withdrawn" // its words are destroyed
)

// Words names the state on a page.
func (s State) Words() string {
	switch s {
	case Draft:
		return "Draft"
	case Submitted:
		return "Waiting for a second person"
	case Reviewed:
		return "Ready to publish"
	case Published:
		return "Published"
	}
	return "Withdrawn"
}

// Channel is a place in which a person agreed to see their story.
type Channel string

// The channels. Site is what every story needs.
const (
	Site   Channel = "site"
	Feeds  Channel = "feeds"
	Search Channel = "search"
)

// Channels lists them in the order a form offers them.
func Channels() []Channel { return []Channel{Site, Feeds, Search} }

// Words says what a channel means, to the person who agrees.
func (c Channel) Words() string {
	switch c {
	case Site:
		return "On this website"
	case Feeds:
		return "In our news feeds, which other websites can copy"
	}
	return "In search engines"
}

// Categories are the kinds of news, in the order a form offers them.
func Categories() []string {
	return []string{"Programme", "Exams and registration", "Employers", "Local schemes", "Events"}
}

// Text is what a piece says. All of it is sealed until it is shown.
type Text struct {
	Title   string
	Summary string // one or two sentences for lists and feeds
	Body    string // the few marks that Blocks understands
	// Author is who speaks: of news the team, of a story the pseudonym, which
	// is never the person's own name.
	Author string
	// ReviewNote is what the second person said; ReviewedFor the charity or
	// other body for which they looked, if any.
	ReviewNote, ReviewedFor string
}

// Piece is one piece of news or one story.
type Piece struct {
	ID, Tenant  string
	Kind        Kind
	Slug        string
	State       State
	Category    string
	Text        Text
	WrittenBy   string // account
	WrittenOn   clock.Date
	SubmittedOn clock.Date
	ReviewedBy  string
	ReviewedOn  clock.Date
	ShownFrom   clock.Date
	ShownUntil  clock.Date // the first day it is no longer shown; zero for no end
	PublishedAt clock.Instant
	ChangedAt   clock.Instant
	Consent     Consent // of a story
	Version     int64
}

// Path is the piece's address on the site.
func (p Piece) Path() string { return p.Kind.Path() + "/" + p.Slug }

// Shown tells whether the public sees the piece on a day: published, begun, not
// over, and for a story with a consent that holds on that very day.
func (p Piece) Shown(today clock.Date) bool {
	return p.State == Published && p.ShownFrom <= today && (p.ShownUntil.IsZero() || today < p.ShownUntil) &&
		(p.Kind != Story || p.Consent.Holds(Site, today))
}

// In tells whether a shown piece may also go into a channel.
func (p Piece) In(c Channel, today clock.Date) bool {
	return p.Shown(today) && (p.Kind != Story || p.Consent.Holds(c, today))
}

// Consent is what a person agreed to about their story.
type Consent struct {
	Channels    []Channel
	Photo       bool // agreed to a photo; never asked for
	GivenOn     clock.Date
	Expires     clock.Date // the first day it no longer holds
	WithdrawnOn clock.Date
	RecordedBy  string // account
	Version     int64
}

// Recorded tells whether there is a consent at all.
func (c Consent) Recorded() bool { return !c.GivenOn.IsZero() }

// Holds tells whether the consent covers a channel on a day.
func (c Consent) Holds(ch Channel, today clock.Date) bool {
	return c.Recorded() && c.WithdrawnOn.IsZero() && c.GivenOn <= today && today < c.Expires && slices.Contains(c.Channels, ch)
}

func (c Consent) channels() string {
	var words []string
	for _, ch := range c.Channels {
		words = append(words, string(ch))
	}
	return strings.Join(words, ",")
}

func readChannels(s string) []Channel {
	var out []Channel
	for _, c := range Channels() {
		if slices.Contains(strings.Split(s, ","), string(c)) {
			out = append(out, c)
		}
	}
	return out
}

// Whose says whose story it is: kept apart from the piece and shown only to
// those who may look after consent.
type Whose struct {
	Person string // a doctor's reference, or how the charity calls them
	Given  string // how the consent was given: "signed form kept by the charity"
}

// Correction is one thing that was put right in published news.
type Correction struct {
	On   clock.Date
	By   string // account
	Note string // what was wrong
}
