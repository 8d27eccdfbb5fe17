package rulebook_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"msw/internal/clock"
	"msw/internal/rulebook"
)

var rewrite = flag.Bool("rewrite", false, "write the stored answers anew")

// storedFacts draws facts from a fixed seed, so that the same answers can be
// asked for again by every later build.
func storedFacts(schema *rulebook.Schema, seed uint64) []rulebook.Fact {
	r := rand.New(rand.NewPCG(seed, 7))
	var facts []rulebook.Fact
	for _, f := range ready() {
		if r.IntN(4) > 0 {
			f.State = []rulebook.State{rulebook.Claimed, rulebook.Seen, rulebook.Verified, rulebook.Verified}[r.IntN(4)]
			facts = append(facts, f)
		}
	}
	kinds := schema.Kinds()
	for range r.IntN(8) {
		k := kinds[r.IntN(len(kinds))]
		f := rulebook.Fact{Kind: k.Name, Date: day + clock.Date(r.IntN(1100)-900), State: rulebook.State(1 + r.IntN(4)), Fields: map[string]any{}}
		if r.IntN(2) == 0 {
			f.Until = f.Date + clock.Date(r.IntN(900))
		}
		for _, field := range k.Fields {
			if r.IntN(5) == 0 {
				continue
			}
			switch field.Type {
			case rulebook.TypeCode:
				f.Fields[field.Name] = field.Codes[r.IntN(len(field.Codes))]
			case rulebook.TypeBool:
				f.Fields[field.Name] = r.IntN(2) == 0
			case rulebook.TypeInt:
				f.Fields[field.Name] = []int64{1, 3, 12, 70, 75, 350}[r.IntN(6)]
			case rulebook.TypeDate:
				f.Fields[field.Name] = day + clock.Date(r.IntN(1100)-900)
			}
		}
		facts = append(facts, f)
	}
	return facts
}

// TestAnswersStoredByEarlierBuildsKeepTheirBytes compares with answers written
// before the language grew. A difference means that decisions no longer replay:
// never rewrite them to please a change of the engine.
func TestAnswersStoredByEarlierBuildsKeepTheirBytes(t *testing.T) {
	dir := filepath.Join("testdata", "stored")
	b, err := rulebook.Load(os.DirFS(dir), ".")
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	for seed := range uint64(150) {
		for _, set := range b.Sets() {
			facts := storedFacts(b.Schema(), seed)
			result, err := json.Marshal(set.Evaluate(facts, day))
			if err != nil {
				t.Fatal(err)
			}
			text, err := b.Schema().WriteFacts(facts)
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&out, "%s\n%s\n", text, result)
		}
	}
	golden := filepath.Join(dir, "answers.jsonl.gz")
	if *rewrite {
		writeZipped(t, golden, out.Bytes())
	}
	want := readZipped(t, golden)
	if !bytes.Equal(want, out.Bytes()) {
		lines, stored := bytes.Split(out.Bytes(), []byte("\n")), bytes.Split(want, []byte("\n"))
		for i := range lines {
			if i >= len(stored) || !bytes.Equal(lines[i], stored[i]) {
				t.Fatalf("line %d is\n%s\nstored is\n%s", i+1, lines[i], stored[min(i, len(stored)-1)])
			}
		}
		t.Fatal("fewer answers than were stored")
	}
}
