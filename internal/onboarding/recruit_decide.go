package onboarding

import (
	"cmp"
	"slices"
	"sort"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"msw/internal/casefile"
	"msw/internal/clock"
	"msw/internal/post"
	"msw/internal/problem"
)

// StopsApplying gives every reason why a doctor cannot apply to a vacancy.
func StopsApplying(stage casefile.Stage, v Vacancy, p post.Post, today clock.Date) []string {
	var out []string
	if stage != casefile.StageEligible && stage != casefile.StageMatched {
		out = append(out, "You can apply when you have been found eligible and have no post.")
	}
	if v.State != VacancyOpen || today > v.ClosesOn {
		out = append(out, "This vacancy takes no more applications.")
	}
	if p.Status != post.Open {
		out = append(out, "The post is no longer open.")
	}
	return out
}

// CheckAnswers tells what is wrong with an application; field names are the
// codes of the criteria.
func CheckAnswers(wanted []Wanted, answers map[string]string) error {
	const most = 1500
	var c problem.Check
	for _, w := range wanted {
		text := answers[w.Code]
		c.That(!w.Essential || text != "", w.Code, "Write something here. It is essential for this post")
		c.That(len([]rune(text)) <= most, w.Code, "The answer must be 1,500 characters or fewer")
	}
	return c.Err()
}

// CheckMarks tells what is wrong with marks; field names are mark-CODE.
func CheckMarks(r Recruitment, wanted []Wanted, marks map[string]int) error {
	var c problem.Check
	for _, w := range wanted {
		m, given := marks[w.Code]
		c.That(given && m >= 0 && m <= r.Most, "mark-"+w.Code, "Choose a mark from 0 to "+strconv.Itoa(r.Most))
	}
	return c.Err()
}

// Assessed is what several people's marks come to.
type Assessed struct {
	Score int      // of 100, rounded down
	Below []string // essential criteria whose mean is too low
	Apart []string // criteria on which the marks lie far apart
	Count int      // how many people gave marks
}

// Assess joins the marks of several people, each of whom counts the same.
func Assess(r Recruitment, wanted []Wanted, list []Marks) Assessed {
	out := Assessed{Count: len(list)}
	if len(list) == 0 || len(wanted) == 0 || r.Most == 0 {
		return out
	}
	total := 0
	for _, w := range wanted {
		sum, low, high := 0, r.Most, 0
		for _, m := range list {
			v := m.Marks[w.Code]
			sum, low, high = sum+v, min(low, v), max(high, v)
		}
		total += sum
		if w.Essential && sum < r.Enough*len(list) {
			out.Below = append(out.Below, w.Code)
		}
		if high-low >= r.Apart {
			out.Apart = append(out.Apart, w.Code)
		}
	}
	out.Score = total * 100 / (r.Most * len(wanted) * len(list))
	return out
}

// leastScorers is how many people must score an application.
const leastScorers = 2

// StopsShortlist gives every reason why the invitations cannot be decided.
func StopsShortlist(v Vacancy, applications []Application, assessed map[string]Assessed, places int) []string {
	var out []string
	if v.State != VacancyOpen {
		return []string{"The invitations have been decided already."}
	}
	if places < 1 {
		out = append(out, "Say how many people can be invited.")
	}
	live := 0
	for _, a := range applications {
		if a.State != Applied {
			continue
		}
		live++
		if n := assessed[a.ID].Count; n < leastScorers {
			out = append(out, "Application "+a.ID+" has marks of "+strconv.Itoa(n)+" of "+strconv.Itoa(leastScorers)+" people.")
		}
	}
	if live == 0 {
		out = append(out, "Nobody has applied.")
	}
	return out
}

// Shortlist decides who is invited, by marks alone: those who meet every
// essential criterion, the best first, ties by the random reference. Each gets
// the reasons that decided.
func Shortlist(applications []Application, assessed map[string]Assessed, places int) []Application {
	list := slices.DeleteFunc(slices.Clone(applications), func(a Application) bool { return a.State != Applied })
	meets := func(a Application) int { return min(len(assessed[a.ID].Below), 1) }
	sort.Slice(list, func(i, j int) bool {
		a, b := list[i], list[j]
		return cmp.Or(meets(a)-meets(b), assessed[b.ID].Score-assessed[a.ID].Score, strings.Compare(a.ID, b.ID)) < 0
	})
	least := 0
	for i := range list {
		a := &list[i]
		got := assessed[a.ID]
		a.Score, a.Reasons, a.State = got.Score, nil, NotShortlisted
		for _, code := range got.Below {
			a.Reasons = append(a.Reasons, "below:"+code)
		}
		switch {
		case len(got.Below) > 0:
		case i < places:
			a.State, least = Shortlisted, got.Score
		default:
			a.Reasons = append(a.Reasons, "enough:"+strconv.Itoa(least))
		}
	}
	return list
}

// ReasonSentences are the reasons of a decision as the doctor reads them.
func ReasonSentences(r Recruitment, a Application) []string {
	var out []string
	for _, reason := range a.Reasons {
		kind, value, _ := strings.Cut(reason, ":")
		switch kind {
		case tookPost:
			out = append(out, "You accepted a post, so this application ended.")
		case "below":
			out = append(out, "“"+r.words(value)+"” is essential for this post. What you wrote was marked lower than needed there.")
		case "enough":
			if n, err := strconv.Atoi(value); err == nil && n == a.Score {
				out = append(out, "More people had the same score as you, "+strconv.Itoa(a.Score)+" of 100, than could be invited. A random reference decided.")
				continue
			}
			out = append(out, "There were fewer interviews than people who could have been invited. Those invited scored "+value+" of 100 or more. You scored "+strconv.Itoa(a.Score)+".")
		}
	}
	return out
}

// blank takes words that would tell who somebody is out of what they wrote,
// the longest first, where they stand as words of their own.
func blank(text string, words []string) string {
	words = slices.Clone(words)
	slices.SortFunc(words, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	for _, w := range words {
		if len([]rune(w)) > 2 {
			text = blankOne(text, w)
		}
	}
	return text
}

func blankOne(text, word string) string {
	var b strings.Builder
	for len(text) > 0 {
		i := indexFold(text, word)
		if i < 0 {
			break
		}
		before, _ := utf8.DecodeLastRuneInString(text[:i])
		after, _ := utf8.DecodeRuneInString(text[i+len(word):])
		if unicode.IsLetter(before) || unicode.IsLetter(after) {
			b.WriteString(text[:i+len(word)])
		} else {
			b.WriteString(text[:i] + "[…]")
		}
		text = text[i+len(word):]
	}
	return b.String() + text
}

// indexFold finds a word of the same length in any case.
func indexFold(text, word string) int {
	for i := 0; i+len(word) <= len(text); i++ {
		if strings.EqualFold(text[i:i+len(word)], word) {
			return i
		}
	}
	return -1
}
