package app

import (
	"bytes"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCommittedDocumentsAreThoseOfTheProgram(t *testing.T) {
	documents, err := ownDocuments(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(documents) < 4 {
		t.Errorf("only %d documents", len(documents))
	}
	for name, want := range documents {
		got, err := os.ReadFile("../../docs/" + name)
		if err != nil {
			t.Errorf("%v; write it with: make docs", err)
			continue
		}
		if !bytes.Equal(got, want) {
			t.Errorf("docs/%s is not current; write it anew with: make docs\n%s", name, cmp.Diff(string(got), string(want)))
		}
	}
}
