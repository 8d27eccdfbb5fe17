package fact

import "testing"

func TestSourcesShowNoIds(t *testing.T) {
	for source, want := range map[string]string{"referral:01a204db-a9bd-70ca-9848-b7cfd5017e97": "A referral", "application": "The doctor's application", "carried over": "carried over"} {
		if got := sourceWords(source); got != want {
			t.Errorf("%q: %q, want %q", source, got, want)
		}
	}
}
