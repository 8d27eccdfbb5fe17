package portfolio

import (
	"encoding/json"
	"errors"
	"time"

	"msw/internal/clock"
	"msw/internal/sdjwt"
)

// PassportKind is the kind of statement a passport is; PassportType names what
// its claims mean.
const (
	PassportKind = "vc+sd-jwt"
	PassportType = "urn:msw:passport:1"
)

// listSize is how many passports one programme's list speaks of.
const listSize = 1 << 17

// Fact is one claim of a passport: what, and who says so.
type Fact struct {
	What     string     `json:"what"`
	Detail   string     `json:"detail,omitempty"`
	On       clock.Date `json:"on"`
	Until    clock.Date `json:"until"`
	Proof    string     `json:"proof"` // seen, verified, signed
	By       string     `json:"by,omitempty"`
	Verified clock.Date `json:"verified_on"`
	Item     string     `json:"item,omitempty"`  // of the portfolio, that it proves
	Check    string     `json:"check,omitempty"` // coded, of an employment check
}

// File is a passport as it is carried: with the keys and the list of what was
// taken back, as they were when it was saved.
type File struct {
	Format   string          `json:"format"`
	Passport string          `json:"passport"`
	Keys     json.RawMessage `json:"keys"`
	Revoked  string          `json:"revoked"`
	Saved    clock.Date      `json:"saved_on"`
}

// FileFormat names the form of a passport file and its version.
const FileFormat = "msw-passport-1"

// Verdict is what can be said of a passport without asking anybody.
type Verdict struct {
	State     string       `json:"state"` // valid, altered, expired, revoked
	Reason    string       `json:"reason"`
	Confirmed bool         `json:"issuer_confirmed"` // the keys came from elsewhere than the file
	Issuer    string       `json:"issuer,omitempty"`
	Key       string       `json:"key,omitempty"`
	Print     string       `json:"key_fingerprint,omitempty"`
	Expires   string       `json:"expires,omitempty"`
	ListAsAt  string       `json:"revoked_as_at,omitempty"`
	Claims    []ShownClaim `json:"claims,omitempty"`
}

// ShownClaim is one claim that the holder chose to show.
type ShownClaim struct {
	Name string `json:"name"`
	Fact
}

// The states of a verdict.
const (
	Valid   = "valid"
	Altered = "altered"
	Expired = "expired"
	Revoked = "revoked"
)

// payload is what a passport says openly, beside what its holder shows.
type payload struct {
	Issuer  string `json:"iss"`
	Issued  int64  `json:"iat"`
	Expires int64  `json:"exp"`
	Type    string `json:"vct"`
	Status  struct {
		List struct {
			Place int    `json:"idx"`
			URI   string `json:"uri"`
		} `json:"status_list"`
	} `json:"status"`
}

// listPayload is a signed list of what was taken back.
type listPayload struct {
	Subject string     `json:"sub"`
	Issued  int64      `json:"iat"`
	Expires int64      `json:"exp"`
	List    sdjwt.List `json:"status_list"`
}

// Check says of a passport file whether it is as it was signed, and whether it
// holds at a moment, from keys and a list that are at hand. Keys and list that
// came with the file serve when none are given; Confirmed tells which. It asks
// no network and no store.
func Check(text []byte, keys *sdjwt.Keys, list string, now clock.Instant) Verdict {
	var f File
	if err := json.Unmarshal(text, &f); err != nil || f.Format != FileFormat {
		f = File{Passport: string(text)} // the bare statement
	}
	v := Verdict{Confirmed: keys != nil}
	if keys == nil {
		with, err := sdjwt.ParseKeys(f.Keys)
		if err != nil {
			return v.no(Altered, "No keys are known to check it with. Save the issuer's keys and name them with --keys.")
		}
		keys = &with
	}
	token, err := sdjwt.Parse(f.Passport)
	if err != nil {
		return v.no(Altered, "It is not a passport, or it was changed.")
	}
	open, err := sdjwt.Open(token, PassportKind, *keys)
	v.Key, v.Print = open.Key, keys.Fingerprint(open.Key)
	if errors.Is(err, sdjwt.ErrUnknownKey) {
		return v.no(Altered, "It is not signed with a key of this issuer.")
	}
	if err != nil {
		return v.no(Altered, "It was changed after it was signed: "+err.Error()+".")
	}
	return v.judge(open, *keys, or(list, f.Revoked), now)
}

// passportIn gives the bare statement of a file.
func passportIn(text []byte) string {
	var f File
	if err := json.Unmarshal(text, &f); err != nil || f.Format != FileFormat {
		return string(text)
	}
	return f.Passport
}

func (v Verdict) no(state, reason string) Verdict {
	v.State, v.Reason = state, reason
	return v
}

func (v Verdict) judge(open sdjwt.Opened, keys sdjwt.Keys, list string, now clock.Instant) Verdict {
	var p payload
	raw, err := json.Marshal(open.Claims)
	if err != nil || json.Unmarshal(raw, &p) != nil || p.Type != PassportType {
		return v.no(Altered, "It is signed, but it is not a passport.")
	}
	v.Issuer, v.Expires = p.Issuer, day(p.Expires).Long()
	for _, name := range open.Shown {
		var f Fact
		if part, err := json.Marshal(open.Claims[name]); err == nil && json.Unmarshal(part, &f) == nil {
			v.Claims = append(v.Claims, ShownClaim{name, f})
		}
	}
	if now.Time().Unix() >= p.Expires {
		return v.no(Expired, "It ran out on "+day(p.Expires).Long()+".")
	}
	signed, _, err := sdjwt.Verify(list, sdjwt.ListKind, keys)
	var l listPayload
	if err != nil || json.Unmarshal(signed, &l) != nil {
		return v.no(Revoked, "There is no list that says it was not taken back. Save the issuer's list and name it with --revoked.")
	}
	v.ListAsAt = clock.At(time.Unix(l.Issued, 0)).Local().Long()
	taken, known := l.List.TakenBack(p.Status.List.Place)
	switch {
	case l.Subject != p.Status.List.URI || !known:
		return v.no(Revoked, "The list at hand does not speak of this passport.")
	case taken:
		return v.no(Revoked, "It was taken back, says the list of "+v.ListAsAt+".")
	}
	return v.no(Valid, "It is as it was signed, runs until "+v.Expires+", and was not taken back as at "+v.ListAsAt+".")
}

// day is the last day of an expiry at the following midnight.
func day(unix int64) clock.Date { return clock.At(time.Unix(unix-1, 0)).Local() }
