package request

import "strings"

// freeMail are domains at which anybody can open an address.
func freeMail(domain string) bool {
	for _, known := range []string{"gmail", "googlemail", "yahoo", "ymail", "hotmail", "outlook", "live", "msn", "icloud", "me", "mac", "aol", "gmx", "mail", "protonmail", "proton", "pm",
		"yandex", "zoho", "tutanota", "tuta", "web", "inbox", "rediffmail", "qq", "163", "126", "ukr", "i", "meta", "btinternet", "sky", "fastmail", "hushmail", "rocketmail"} {
		if name, rest, _ := strings.Cut(domain, "."); name == known && rest != "" && len(rest) <= 6 && !strings.Contains(rest, "ac.") && !strings.Contains(rest, "edu") {
			return true
		}
	}
	return false
}

// FreeMail tells whether anybody could have opened this address.
func FreeMail(email string) bool {
	_, domain, ok := strings.Cut(strings.ToLower(strings.TrimSpace(email)), "@")
	return ok && freeMail(domain)
}

func sameAddress(a, b string) bool {
	a, b = plainAddress(a), plainAddress(b)
	return a != "" && a == b
}

// plainAddress takes away what leads to the same mailbox: capitals, dots and
// tags of the first half.
func plainAddress(s string) string {
	box, domain, ok := strings.Cut(strings.ToLower(strings.TrimSpace(s)), "@")
	if !ok {
		return ""
	}
	box, _, _ = strings.Cut(box, "+")
	return strings.ReplaceAll(box, ".", "") + "@" + domain
}

// samePhone compares the last digits: the same number is written in many ways.
func samePhone(a, b string) bool {
	const last = 9
	x, y := digits(a), digits(b)
	return len(x) >= last && len(y) >= last && x[len(x)-last:] == y[len(y)-last:]
}

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}
