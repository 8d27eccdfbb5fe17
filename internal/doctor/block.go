package doctor

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"msw/internal/clock"
)

// The kinds of token by which records that may be one person are found. Each is
// rare: a search for duplicates reads these alone, so that it never walks all
// who are called Mohammed.
const (
	tokenPair = "pair" // two parts of a name, in any order
	tokenBorn = "born" // one part of a name with a telling birth date
)

// blocks are a record's blocking keys in the clear; the store keeps them keyed.
func blocks(d Details) []token {
	seen := map[token]bool{}
	var out []token
	add := func(kind, value string) {
		if t := (token{kind, value}); value != "" && !seen[t] {
			seen[t] = true
			out = append(out, t)
		}
	}
	for _, form := range forms(d) {
		if len(form) > 1 || form[0].native {
			add(tokenWhole, joined(form))
		}
		for i, p := range form {
			for _, q := range form[i+1:] {
				for _, a := range p.skeletons {
					for _, b := range q.skeletons {
						add(tokenPair, min(a, b)+" "+max(a, b))
					}
				}
			}
			if telling(d.BirthDate) {
				for _, k := range p.skeletons {
					add(tokenBorn, d.BirthDate.String()+" "+k)
				}
			}
		}
	}
	add(tokenEmail, emailKey(d.Email))
	add(tokenMobile, mobileKey(d.Mobile))
	d.Papers.each(add)
	return out
}

// nearBlocks are the keys of a part of a name with each birth date that may be
// the same, written wrongly. Only a search makes them; no record keeps them.
func nearBlocks(d Details) []token {
	var out []token
	for _, date := range nearDates(d.BirthDate) {
		for _, form := range forms(d) {
			for _, p := range form {
				for _, k := range p.skeletons {
					if t := (token{tokenBorn, date.String() + " " + k}); !slices.Contains(out, t) {
						out = append(out, t)
					}
				}
			}
		}
	}
	return out
}

// nearDates are the dates that near finds for one.
func nearDates(d clock.Date) []clock.Date {
	if !telling(d) {
		return nil
	}
	tries := []clock.Date{clock.MakeDate(d.Year()-1, d.Month(), d.Day()), clock.MakeDate(d.Year()+1, d.Month(), d.Day())}
	if d.Day() <= 12 {
		tries = append(tries, clock.MakeDate(d.Year(), time.Month(d.Day()), int(d.Month())))
	}
	for n := clock.Date(1); n <= 3; n++ {
		tries = append(tries, d-n, d+n)
	}
	return slices.DeleteFunc(tries, func(t clock.Date) bool { return !near(d, t) })
}

// near tells whether two telling birth dates may be one, written wrongly: up to
// three days apart, day and month exchanged, or a year off by one.
func near(a, b clock.Date) bool {
	if !telling(a) || !telling(b) || a == b {
		return false
	}
	if d := a.DaysUntil(b); d >= -3 && d <= 3 {
		return true
	}
	if a.Year() == b.Year() && int(a.Month()) == b.Day() && a.Day() == int(b.Month()) {
		return true
	}
	years := a.Year() - b.Year()
	return a.Month() == b.Month() && a.Day() == b.Day() && (years == 1 || years == -1)
}

// tokenRule is the rule by which tokens are made; records with an earlier one
// are made anew by Retoken.
const tokenRule = 2

// strength orders kinds of key by what sharing one alone says.
func strength(kind string) int {
	switch kind {
	case tokenEmail, tokenMobile, tokenNumber, tokenPassport:
		return 2
	case tokenBorn, tokenLicence, tokenCertificate:
		return 1
	}
	return 0
}

// nearest ranks those who share a key before any record is opened: by their
// strongest key, then by how rare the keys are that they share. At most limit.
func nearest(keys []token, holders map[string][]string, limit int) []string {
	type score struct {
		strongest int
		rare      float64
	}
	scores := map[string]score{}
	for _, k := range keys {
		list := holders[k.value]
		for _, id := range list {
			sc := scores[id]
			scores[id] = score{max(sc.strongest, strength(k.kind)), sc.rare + 1/float64(len(list))}
		}
	}
	ids := slices.SortedFunc(maps.Keys(scores), func(a, b string) int {
		x, y := scores[a], scores[b]
		return cmp.Or(y.strongest-x.strongest, cmp.Compare(y.rare, x.rare), cmp.Compare(a, b))
	})
	return ids[:min(limit, len(ids))]
}
