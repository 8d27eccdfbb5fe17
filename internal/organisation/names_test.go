package organisation

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestDisplayName(t *testing.T) {
	cases := map[string]string{
		"THE DENSHAM SURGERY":                               "The Densham Surgery",
		"MANCHESTER UNIVERSITY NHS FOUNDATION TRUST":        "Manchester University NHS Foundation Trust",
		"ROYAL MANCHESTER CHILDREN'S HOSPITAL":              "Royal Manchester Children's Hospital",
		"DR ME SILVER'S PRACTICE":                           "Dr ME Silver's Practice",
		"MANCHESTER UNIVERSITY HOSPITAL NHS FT (HQ)":        "Manchester University Hospital NHS FT (HQ)",
		"NHS SOUTH WEST LONDON ICB - 36L":                   "NHS South West London ICB - 36L",
		"STOCKTON-ON-TEES":                                  "Stockton-on-Tees",
		"4TH FLOOR, EAST WING":                              "4th Floor, East Wing",
		"ST. HELENS":                                        "St. Helens",
		"IN HEALTH":                                         "In Health",
		"WOLLASTON AND BOZEAT SURGERIES":                    "Wollaston and Bozeat Surgeries",
		"MODALITY LEWISHAM (ML)":                            "Modality Lewisham (ML)",
		"O'BRIEN & MCDONALD":                                "O'Brien & McDonald",
		"ACME CARE LTD":                                     "Acme Care Ltd",
		"NHS Cheshire and Merseyside Integrated Care Board": "NHS Cheshire and Merseyside Integrated Care Board",
		"":                  "",
		"ÉCOLE  DE   SANTÉ": "École De Santé",
	}
	for in, want := range cases {
		if got := displayName(in); got != want {
			t.Errorf("%q reads %q, want %q", in, got, want)
		}
	}
}

func TestDisplayNameChangesOnlyCase(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringMatching(`[A-Z0-9 '.,()&-]{0,40}`).Draw(t, "name")
		if got := displayName(s); !strings.EqualFold(got, strings.Join(strings.Fields(s), " ")) {
			t.Fatalf("%q became %q", s, got)
		}
	})
}

func TestSearchTokensAndQueryWords(t *testing.T) {
	if got, want := searchTokens("THE KING'S ÉCOLE OF HEALTH", "A81001", "TS18 1HU"), []string{"a81001", "ecole", "health", "kings", "ts181hu"}; !slices.Equal(got, want) {
		t.Errorf("tokens %v, want %v", got, want)
	}
	for in, want := range map[string][]string{
		"King's  coll": {"kings", "coll"}, "ts18 1h": {"ts181h"}, "the": {"the"}, "the barn": {"barn"}, "  ": nil, "R0A": {"r0a"},
		"%_ '": nil, "a b c d e f g h": {"a", "b", "c", "d", "e", "f"},
	} {
		if got := queryWords(in); !slices.Equal(got, want) && len(got)+len(want) > 0 {
			t.Errorf("%q: %v, want %v", in, got, want)
		}
	}
	for in, want := range map[string]string{"London": "Y56", "y62": "Y62", "north west region": "Y62", "Londonderry": ""} {
		if got := regionOf(in); got != want {
			t.Errorf("%q is region %q, want %q", in, got, want)
		}
	}
}

func TestUpToBoundsEveryContinuation(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		prefix := rapid.StringMatching(`[a-z0-9]{1,6}`).Draw(t, "prefix")
		tail := rapid.StringMatching(`[a-z0-9]{0,6}`).Draw(t, "tail")
		other := rapid.StringMatching(`[a-z0-9]{1,8}`).Draw(t, "other")
		if limit := upTo(prefix); prefix+tail >= limit || prefix+tail < prefix {
			t.Fatalf("%q is not within %q and %q", prefix+tail, prefix, limit)
		} else if in := other >= prefix && other < limit; in != strings.HasPrefix(other, prefix) {
			t.Fatalf("%q in range of %q to %q: %v", other, prefix, limit, in)
		}
	})
}

func TestPostcodes(t *testing.T) {
	for in, want := range map[string]string{"ts181hu": "TS18 1HU", " SW1A 1AA ": "SW1A 1AA", "N1 9GU": "N1 9GU", "12345": "", "": "", "TS18": ""} {
		if got := tidyPostcode(in); got != want {
			t.Errorf("%q is %q, want %q", in, got, want)
		}
	}
	if Outcode("ts181hu") != "TS18" || Outcode("nothing") != "" {
		t.Error("districts")
	}
}
