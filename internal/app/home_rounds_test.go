package app

import (
	"strings"
	"testing"

	"msw/internal/clock"
	"msw/internal/programme"
)

// A doctor who waits learns on their home where choices are taken, when results
// come and that a result is there; nobody in post is asked to choose.
func TestHomeTellsADoctorOfRounds(t *testing.T) {
	s := newSite(t, "sqlite::memory:", 800, demoDay)
	waiting := s.as(t, "doctor-waiting")
	waiting.open("/home")
	text := waiting.page.text()
	for _, want := range []string{"Your result: London, autumn", "Choose the posts you want: Spring round, until the end of", "England, winter: choices have closed. Results come by"} {
		if !strings.Contains(text, want) {
			t.Errorf("the home of a doctor who waits does not say %q:\n%s", want, text)
		}
	}
	if strings.Contains(text, "You do not need to do anything now") {
		t.Error("the home says that there is nothing to do while choices are taken")
	}
	waiting.follow("Choose the posts you want: Spring round, until the end of " + clock.MustDate(demoDay).AddDays(20).Long())
	inPost := s.as(t, "doctor-in-post")
	inPost.open("/home")
	if inPost.page.has("Choose the posts you want") {
		t.Error("a doctor in post is asked to choose posts")
	}
	call := operator(programme.National, s.Now())
	if soon, err := s.Rounds.Soon(t.Context(), call); err != nil || len(soon) > 0 {
		t.Errorf("somebody who is no doctor is told %v, %v", soon, err)
	}
}

// One word in the menu leads a doctor in post to it, and tells another that there
// is none yet.
func TestTheMenuLeadsToOnesPost(t *testing.T) {
	s := newSite(t, "sqlite::memory:", 800, demoDay)
	inPost := s.as(t, "doctor-in-post")
	inPost.open("/home")
	inPost.follow("My post")
	if p := inPost.page; !strings.HasPrefix(p.url.Path, "/placements/") || !p.has("scope card") {
		t.Errorf("the menu leads to %s", p.url.Path)
	}
	applying := s.as(t, "doctor-applying")
	applying.open("/home")
	applying.follow("My post")
	if !applying.page.has("You are not in post yet") {
		t.Error("a doctor without a post is not told so")
	}
}
