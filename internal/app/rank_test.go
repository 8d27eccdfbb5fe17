package app

import (
	"strings"
	"testing"
	"time"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/proto"
)

// A doctor orders their list in a browser with script: by a button, by dragging
// and by a number. Each is saved without a page being loaded.
func TestAListIsOrderedWithScript(t *testing.T) {
	if testing.Short() {
		t.Skip("left out: short")
	}
	browser := open(t, chromium(t))
	w := newTown(t)
	page, err := w.profile(browser, "doctor-applying").Page(proto.TargetCreateTarget{URL: w.site + "/apply/wishes"})
	if err != nil {
		t.Fatal(err)
	}
	page = page.Timeout(60 * time.Second)
	titles := func() []string {
		var out []string
		for _, e := range page.MustElements("[data-rank-title]") {
			out = append(out, e.MustText())
		}
		return out
	}
	saved := func(what string) {
		t.Helper()
		if err := page.MustElement("[data-rank-status]").Wait(rod.Eval(`() => this.textContent.includes("Saved at")`)); err != nil {
			t.Fatalf("%s was not saved: %q, %v", what, page.MustElement("[data-rank-status]").MustText(), err)
		}
		order := titles()
		page.MustReload().MustWaitLoad()
		if again := titles(); strings.Join(again, "|") != strings.Join(order, "|") {
			t.Errorf("after %s the list is %q, stored was %q", what, order, again)
		}
		page.MustElement("[data-rank-ready]")
	}
	page.MustSetViewport(375, 800, 1, true).MustWaitLoad()
	page.MustElement("[data-rank-ready]")
	first := titles()
	if len(first) < 3 {
		t.Fatalf("the demo's doctor has a list of %q", first)
	}
	press(t, page.MustElements("[data-rank-down]")[0])
	if now := titles(); now[0] != first[1] || now[1] != first[0] {
		t.Fatalf("down gave %q", now)
	}
	saved("a button")
	before := titles()
	page.MustElements("input[name=rank]")[2].MustSelectAllText().MustInput("1").MustBlur()
	if now := titles(); now[0] != before[2] {
		t.Fatalf("number 1 gave %q", now)
	}
	saved("a number")
	before = titles()
	page.MustSetViewport(1280, 1200, 1, false)
	from := page.MustElements("[data-rank-handle]")[0].MustShape().Box()
	to := page.MustElements("[data-rank-item]")[2].MustShape().Box()
	page.Mouse.MustMoveTo(from.X+from.Width/2, from.Y+from.Height/2).MustDown("left")
	page.Mouse.MustMoveTo(to.X+100, to.Y+to.Height*0.8)
	page.Mouse.MustMoveTo(to.X+102, to.Y+to.Height*0.9).MustUp("left")
	if now := titles(); now[0] == before[0] {
		t.Fatalf("dragging moved nothing: %q", now)
	}
	saved("dragging")
}
