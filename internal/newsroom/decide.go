package newsroom

import (
	"slices"
	"strings"
	"unicode/utf8"

	"msw/internal/clock"
	"msw/internal/problem"
)

// checkText finds everything wrong with the words of a piece. A draft may be
// unfinished: only what could never be right is refused then.
func checkText(kind Kind, category string, t Text, whole bool) error {
	var c problem.Check
	c.That(t.Title != "", "title", "Enter a title")
	c.That(utf8.RuneCountInString(t.Title) <= 120, "title", "The title must be 120 characters or fewer")
	c.That(utf8.RuneCountInString(t.Summary) <= 300, "summary", "The summary must be 300 characters or fewer")
	c.That(utf8.RuneCountInString(t.Body) <= 20000, "body", "The text must be 20,000 characters or fewer")
	if kind == News {
		c.That(slices.Contains(Categories(), category), "category", "Choose what the news is about")
	}
	if whole {
		c.That(t.Summary != "", "summary", "Enter a summary: one or two sentences")
		c.That(t.Body != "", "body", "Enter the text")
		c.That(t.Author != "", "author", authorMissing(kind))
	}
	if kind == Story {
		c.That(!doctorTitle(t.Title), "title", "Do not call an unregistered person Dr")
		c.That(!doctorTitle(t.Author), "author", "Do not call an unregistered person Dr")
	}
	const somebody = "This names a doctor who is named in a news article about the programme. Leave the name out"
	c.That(!named(t.Title), "title", somebody)
	c.That(!named(t.Summary), "summary", somebody)
	c.That(!named(t.Body), "body", somebody)
	c.That(!namedAuthor(t.Author), "author", somebody)
	return c.Err()
}

func authorMissing(kind Kind) string {
	if kind == Story {
		return "Enter the name the story is told under. It must not be the person's own name"
	}
	return "Enter who the news is from"
}

func doctorTitle(s string) bool {
	s = strings.ToLower(s)
	return strings.HasPrefix(s, "dr ") || strings.HasPrefix(s, "dr. ") || strings.Contains(s, " dr ") || strings.Contains(s, " dr. ")
}

// mayWrite tells whether the words may be changed.
func mayWrite(p Piece) error {
	switch p.State {
	case Published:
		if p.Kind == News {
			return problem.Refuse("This news is published. Correct it, or take it off the site first.")
		}
		return problem.Refuse("This story is published. Take it off the site first.")
	case Withdrawn:
		return problem.Refuse("This was withdrawn. Its words are gone.")
	}
	return nil
}

// maySubmit tells whether the piece may go to a second person.
func maySubmit(p Piece) error {
	if p.State != Draft {
		return problem.Refuse("Only a draft can be sent to a second person.")
	}
	return checkText(p.Kind, p.Category, p.Text, true)
}

// mayReview holds the rule of two people: whoever wrote the words does not
// judge them.
func mayReview(p Piece, account string) error {
	switch {
	case p.State != Submitted:
		return problem.Refuse("This does not wait for a second person.")
	case account == "" || account == p.WrittenBy:
		return problem.Refuse("You wrote this. A second person must read it before it is published.")
	}
	return nil
}

// mayPublish gives every reason against showing a piece to the public.
func mayPublish(p Piece, from, until, today clock.Date) error {
	var reasons []string
	if p.State != Reviewed {
		reasons = append(reasons, "A second person must read it first.")
	}
	if p.State == Reviewed && (p.ReviewedBy == "" || p.ReviewedBy == p.WrittenBy) {
		reasons = append(reasons, "The second person must not be the one who wrote it.")
	}
	if !until.IsZero() && until <= from {
		reasons = append(reasons, "The day it is taken off must come after the day it is shown.")
	}
	if p.Kind == Story {
		reasons = append(reasons, consentReasons(p.Consent, max(from, today))...)
	}
	if len(reasons) > 0 {
		return problem.Refuse("This cannot be published yet.", reasons...)
	}
	return nil
}

func consentReasons(c Consent, on clock.Date) []string {
	switch {
	case !c.Recorded():
		return []string{"Record the person's consent first."}
	case !c.WithdrawnOn.IsZero():
		return []string{"The person withdrew their consent."}
	case c.GivenOn > on:
		return []string{"The consent begins on " + c.GivenOn.Long() + "."}
	case c.Expires <= on:
		return []string{"The consent ends on " + c.Expires.Long() + "."}
	case !slices.Contains(c.Channels, Site):
		return []string{"The person did not agree to be on this website."}
	}
	return nil
}

func checkConsent(c Consent, w Whose, today clock.Date) error {
	var k problem.Check
	k.That(w.Person != "", "person", "Enter whose story it is. Only those who look after consent see this")
	k.That(w.Given != "", "given", "Enter how the consent was given and who keeps it")
	k.That(slices.Contains(c.Channels, Site), "channels", "A story needs consent for this website")
	k.That(!c.GivenOn.IsZero(), "given-on", "Enter the day the consent was given")
	k.That(c.GivenOn <= today, "given-on", "The day the consent was given cannot be in the future")
	k.That(!c.Expires.IsZero(), "expires", "Enter the day on which the consent ends")
	k.That(c.Expires.IsZero() || c.Expires > today, "expires", "The day on which the consent ends must be in the future")
	return k.Err()
}
