package demo

import (
	"strings"
	"testing"

	"msw/internal/document/inspect"
)

// What the demo draws would be taken as it is by the check of what people send.
func TestDrawnPapersPassTheCheck(t *testing.T) {
	for name, data := range map[string][]byte{"certificate": certificate("Title", "Line").Data, "PDF": paperPDF("Line").Data} {
		if r := inspect.Check(t.Context(), data); r.Verdict != inspect.Accepted {
			t.Errorf("%s: %s: %s", name, r.Verdict, r.Reason)
		}
	}
	if found, err := (Scanner{}).Scan(t.Context(), strings.NewReader("x"+"EICAR-STANDARD-"+"ANTIVIRUS-TEST-FILE")); err != nil || found == "" {
		t.Errorf("the stand-in found %q, %v", found, err)
	}
}

func BenchmarkCertificate(b *testing.B) {
	for b.Loop() {
		certificate("Title", "Line")
	}
}
