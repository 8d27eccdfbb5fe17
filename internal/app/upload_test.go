package app

import (
	"bytes"
	"image"
	"image/jpeg"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/input"
	"github.com/go-rod/rod/lib/proto"

	"msw/internal/document"
)

// line stands between the page's script and the site. It breaks for the parts
// that sessionStorage names, and counts there those that went through.
const line = `
const through = window.fetch;
window.fetch = (url, options) => {
	const part = /part\.json\?number=(\d+)/.exec(url)?.[1];
	if (part === undefined) return through(url, options);
	if ((sessionStorage.broken ?? "").split(",").includes(part)) return Promise.reject(new TypeError("broken"));
	const sent = JSON.parse(sessionStorage.sent ?? "{}");
	sent[part] = (sent[part] ?? 0) + 1;
	sessionStorage.sent = JSON.stringify(sent);
	return through(url, options);
};`

// A document sent over a line that breaks goes on where it stopped, on the same
// page and after the page was closed: no part that arrived is sent twice.
func TestAnUploadGoesOnWhereItStopped(t *testing.T) {
	if testing.Short() {
		t.Skip("left out: short")
	}
	browser := open(t, chromium(t))
	w := newTown(t)
	_, shelf := w.get("doctor-applying", "/documents")
	at := regexp.MustCompile(`/documents/[0-9A-Z]{6,}`).FindString(shelf)
	if at == "" {
		t.Fatal("the doctor has no document")
	}
	var photo bytes.Buffer
	if err := jpeg.Encode(&photo, image.NewGray(image.Rect(0, 0, 40, 30)), nil); err != nil {
		t.Fatal(err)
	}
	file := func(name string, parts int) string {
		at := filepath.Join(t.TempDir(), name)
		data := append(bytes.Clone(photo.Bytes()), make([]byte, parts*document.PartBytes-1000-len(name))...)
		if err := os.WriteFile(at, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return at
	}
	page, err := w.profile(browser, "doctor-applying").Page(proto.TargetCreateTarget{URL: "about:blank"})
	if err != nil {
		t.Fatal(err)
	}
	page = page.Timeout(90 * time.Second)
	page.MustEvalOnNewDocument(line)
	page.MustNavigate(w.site + at).MustWaitLoad()
	breaks := func(parts string) { page.MustEval(`parts => { sessionStorage.broken = parts; }`, parts) }
	sent := func(want string) {
		t.Helper()
		if got := page.MustEval(`() => sessionStorage.sent`).String(); got != want {
			t.Errorf("the parts were sent so often: %s, want %s", got, want)
		}
		page.MustEval(`() => sessionStorage.removeItem("sent")`)
	}
	choose := func(file string) {
		page.MustElement("[data-upload] input[multiple]").MustSetFiles(file)
		press(t, page.MustElement("[data-upload] button[type=submit]"))
	}
	status := func(text string) {
		t.Helper()
		if err := page.Wait(rod.Eval(`text => document.querySelector("[data-upload-status]")?.textContent.includes(text)`, text)); err != nil {
			t.Fatalf("the page never says %q: %v", text, err)
		}
	}
	pages := func() int { return len(page.MustElements(".msw-sheet")) }
	added := func(n int) {
		t.Helper()
		if err := page.Wait(rod.Eval(`n => document.querySelectorAll(".msw-sheet").length === n`, n)); err != nil {
			t.Fatalf("not %d pages: %v", n, err)
		}
	}
	before := pages()

	breaks("1")
	choose(file("one.jpg", 3))
	status("What was sent is safe")
	breaks("")
	added(before + 1)
	sent(`{"0":1,"1":1,"2":1}`)

	breaks("2")
	two := file("two.jpg", 4)
	choose(two)
	status("What was sent is safe")
	page.MustReload().MustWaitLoad() // closed in the middle
	breaks("")
	choose(two)
	added(before + 2)
	sent(`{"0":1,"1":1,"2":1,"3":1}`)
}

// The keys that the help on the assessor's page names go from condition to
// condition and back, and say which one it is.
func TestKeysLeadFromConditionToCondition(t *testing.T) {
	if testing.Short() {
		t.Skip("left out: short")
	}
	browser := open(t, chromium(t))
	w := newTown(t)
	_, queue := w.get("assessor", "/assessments")
	at := regexp.MustCompile(`/assess/[0-9A-Z]{6,}`).FindString(queue)
	page, err := w.profile(browser, "assessor").Page(proto.TargetCreateTarget{URL: w.site + at})
	if err != nil {
		t.Fatal(err)
	}
	page = page.Timeout(60 * time.Second)
	page.MustWaitLoad()
	if !strings.Contains(page.MustElement("#keyboard").MustText(), "From the keyboard") {
		t.Error("no help about the keys")
	}
	all := page.MustElements("[data-condition]")
	stands := func(n int) {
		t.Helper()
		if err := page.Wait(rod.Eval(`n => document.activeElement.id === "condition-" + n && document.querySelector("[data-condition-status]").textContent.startsWith("Condition " + n + " of ")`, n)); err != nil {
			t.Fatalf("at %s, not condition %d: %v", page.MustEval(`() => document.activeElement.id`), n, err)
		}
	}
	press(t, page.MustElement("[data-step='1']"))
	stands(1)
	key := func(k input.Key) {
		page.KeyActions().Press(input.AltLeft, input.ShiftLeft).Type(k).MustDo()
	}
	key(input.KeyN)
	stands(2)
	key(input.KeyN)
	stands(3)
	key(input.KeyP)
	stands(2)
	for range len(all) + 2 {
		key(input.KeyN)
	}
	stands(len(all))
	key(input.Digit4)
	if err := page.Wait(rod.Eval(`() => location.hash === "#section-english"`)); err != nil {
		t.Error("the key of a section does not lead there")
	}
	key(input.Digit0)
	if err := page.Wait(rod.Eval(`() => location.hash === "#decide"`)); err != nil {
		t.Error("the key of the decision does not lead there")
	}
}
