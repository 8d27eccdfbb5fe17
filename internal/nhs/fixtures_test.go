package nhs

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"github.com/a-h/templ"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// fixture is one example of the package: options in, HTML out.
type fixture struct {
	Name    string
	Context map[string]any
	// CallBlock is HTML given between the component's opening and closing.
	CallBlock string
	HTML      string
}

// oracle compares one component with the package's examples of it.
type oracle struct {
	component  string
	atLeast    int // examples that must come out equal
	draw       func(opts) templ.Component
	notOffered map[string]string // option of the package → why we have none
	differs    map[string]string // example → why ours differs on purpose
	adjust     func(*html.Node)  // takes out of the package's HTML what we never draw
}

// TestComponentsEqualThePackagesFixtures renders every component from the
// options of nhsuk-frontend's own examples and compares the HTML. An example
// is left out only when it uses an option listed as not offered, or is listed
// as differing; an option nobody read and nobody listed is a failure.
func TestComponentsEqualThePackagesFixtures(t *testing.T) {
	for _, o := range oracles() {
		t.Run(o.component, func(t *testing.T) { o.compare(t) })
	}
}

func (o oracle) compare(t *testing.T) {
	equal, used := 0, map[string]bool{}
	for _, f := range load(t, o.component) {
		options := opts(f.Context)
		if options == nil {
			options = opts{}
		}
		if f.CallBlock != "" {
			options["callBlock"] = f.CallBlock
		}
		component := o.draw(options)
		if o.leftOut(t, f.Name, options, used) {
			continue
		}
		var drawn bytes.Buffer
		if err := component.Render(context.Background(), &drawn); err != nil {
			t.Fatalf("%s: %v", f.Name, err)
		}
		diff := cmp.Diff(normalised(t, f.HTML, o.adjust), normalised(t, drawn.String(), nil))
		switch reason, listed := o.differs[f.Name]; {
		case listed && diff == "":
			t.Errorf("%s is listed as differing (%s) but is equal", f.Name, reason)
		case listed:
			used[f.Name] = true
		case diff != "":
			t.Errorf("%s differs (- package, + ours):\n%s", f.Name, diff)
		default:
			equal++
		}
	}
	for name := range o.notOffered {
		if !used[name] {
			t.Errorf("option %s is listed as not offered, but no example uses it", name)
		}
	}
	for name := range o.differs {
		if !used[name] {
			t.Errorf("example %q is listed as differing, but does not exist", name)
		}
	}
	if equal < o.atLeast {
		t.Errorf("%d examples are equal, want at least %d", equal, o.atLeast)
	}
	t.Logf("%d examples equal", equal)
}

// leftOut tells whether the example uses an option that we do not offer.
func (o oracle) leftOut(t *testing.T, name string, options opts, used map[string]bool) bool {
	unread := options.unread("")
	for _, path := range unread {
		if _, listed := o.notOffered[path]; !listed {
			t.Errorf("%s: option %s is not read and not listed as not offered", name, path)
		}
		used[path] = true
	}
	return len(unread) > 0
}

func load(t *testing.T, component string) []fixture {
	t.Helper()
	file := filepath.Join("..", "..", "node_modules", "nhsuk-frontend", "dist", "nhsuk", "components", component, "fixtures.json")
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		if os.Getenv("MSW_TEST_STRICT") == "1" {
			t.Fatal("node_modules is missing: run npm ci --ignore-scripts")
		}
		t.Skip("left out: run npm ci --ignore-scripts")
	}
	if err != nil {
		t.Fatal(err)
	}
	var all struct{ Fixtures []fixture }
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	return all.Fixtures
}

// normalised writes HTML as lines that differ only when the page differs:
// attributes sorted, white space as a browser would show it. The shapes
// inside icons are our own drawings and are passed over.
func normalised(t *testing.T, text string, adjust func(*html.Node)) []string {
	t.Helper()
	body := &html.Node{Type: html.ElementNode, Data: "body", DataAtom: atom.Body}
	nodes, err := html.ParseFragment(strings.NewReader(text), body)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range nodes {
		body.AppendChild(n)
	}
	if adjust != nil {
		adjust(body)
	}
	w := &writer{start: true}
	w.children(body)
	return w.lines
}

// writer follows the white space of an inline run: space counts only between
// visible things of one block.
type writer struct {
	lines        []string
	start, space bool
}

var inline = map[string]bool{"a": true, "b": true, "bdi": true, "code": true, "em": true, "span": true, "strong": true, "time": true}

func (w *writer) children(n *html.Node) {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		switch c.Type {
		case html.TextNode:
			w.text(c.Data, n.Data == "textarea")
		case html.ElementNode:
			w.element(c)
		}
	}
}

func (w *writer) text(text string, verbatim bool) {
	if verbatim {
		w.lines = append(w.lines, text)
		return
	}
	words := strings.Fields(text)
	if text != "" && strings.TrimLeft(text, " \n\t\r") != text {
		w.space = true
	}
	if len(words) == 0 {
		return
	}
	line := strings.Join(words, " ")
	if w.space && !w.start {
		line = " " + line
	}
	w.lines = append(w.lines, line)
	w.start, w.space = false, strings.TrimRight(text, " \n\t\r") != text
}

func (w *writer) element(n *html.Node) {
	if !inline[n.Data] {
		w.start, w.space = true, false
	}
	attributes := make([]string, 0, len(n.Attr))
	class := ""
	for _, a := range n.Attr {
		value := a.Val
		if a.Key == "class" {
			value = strings.Join(strings.Fields(value), " ")
			class = value
		}
		attributes = append(attributes, a.Key+"="+value)
	}
	sort.Strings(attributes)
	w.lines = append(w.lines, "<"+n.Data+" "+strings.Join(attributes, " ")+">")
	if !strings.Contains(class, "nhsuk-icon ") {
		w.children(n)
	}
	w.lines = append(w.lines, "</"+n.Data+">")
	if !inline[n.Data] {
		w.start, w.space = true, false
	}
}
