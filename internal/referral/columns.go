package referral

import (
	"slices"
	"strings"

	"msw/internal/clock"
	"msw/internal/doctor"
	"msw/internal/organisation"
	"msw/internal/problem"
	"msw/internal/tabular"
)

// wanted are the columns a file of referrals may have, each with other names
// people give it. Upper and lower case, spaces and marks do not count.
func wanted() map[string][]string {
	return map[string][]string{
		"given":     {"first name", "given name", "given names", "first names", "forename", "forenames", "christian name", "fname"},
		"family":    {"surname", "family name", "last name", "second name", "lname"},
		"full":      {"name", "full name", "doctor", "doctor name", "candidate", "name of doctor", "name of candidate"},
		"preferred": {"preferred name", "known as", "likes to be called"},
		"native":    {"native name", "name in own script", "name in native script", "own script", "native script"},
		"born":      {"date of birth", "dob", "birth date", "birthdate", "birthday", "d.o.b."},
		"email":     {"e-mail", "email address", "e-mail address", "mail"},
		"mobile":    {"phone", "mobile", "telephone", "tel", "phone number", "mobile number", "mobile phone", "telephone number", "contact number", "cell"},
		"country":   {"country of qualification", "country qualified", "qualified in", "medical school country", "country of medical qualification", "pmq country"},
		"languages": {"language", "languages spoken", "spoken languages", "language(s)"},
		"ways":      {"contact by", "safe contact", "safe ways", "safe ways to contact", "preferred contact", "contact method", "how to contact"},
		"region":    {"nhs region", "england region", "region code"},
		"note":      {"contact notes", "how to reach safely", "safe contact notes"},
	}
}

// layout is where the wanted columns stand in one file.
type layout map[string]int

// lay finds the columns. A name must be among them; a column named twice is
// told, since one of the two would silently be lost.
func lay(header []string) (layout, []string, error) {
	want := wanted()
	found, missing, unknown := tabular.Columns(header, want)
	_, given := found["given"]
	_, family := found["family"]
	_, full := found["full"]
	_, native := found["native"]
	if !given && !family && !full && !native {
		return nil, nil, problem.Refuse("This file has no column with names that we know.",
			"Name one column First name and one Surname, or one column Name. The columns we found are: "+strings.Join(header, ", "))
	}
	var twice []string
	for _, m := range missing {
		names := append([]string{m}, want[m]...)
		n := 0
		for _, h := range header {
			if slices.ContainsFunc(names, func(s string) bool { return tabular.Fold(s) == tabular.Fold(h) }) {
				n++
			}
		}
		if n > 1 {
			twice = append(twice, "More than one column says "+columnWords(m)+". Keep one of them, or rename the other.")
		}
	}
	if len(twice) > 0 {
		return nil, nil, problem.Refuse("Two columns of this file say the same thing.", twice...)
	}
	return found, unknown, nil
}

func columnWords(column string) string {
	switch column {
	case "given":
		return "the first name"
	case "family":
		return "the surname"
	case "full":
		return "the name"
	case "born":
		return "the date of birth"
	case "email":
		return "the email address"
	case "mobile":
		return "the phone number"
	case "country":
		return "the country of qualification"
	case "languages":
		return "the languages"
	case "region":
		return "the region"
	}
	return "the " + column
}

func (l layout) cell(cells []string, column string) string {
	if i, ok := l[column]; ok && i < len(cells) {
		return strings.TrimSpace(cells[i])
	}
	return ""
}

// referral reads one row. What cannot be read is told, all at once, and never
// guessed.
func (l layout) referral(cells []string, dates tabular.DateOrder, countries countryList) (NewReferral, error) {
	var n NewReferral
	var c problem.Check
	p := doctor.NewDoctor{Given: l.cell(cells, "given"), Family: l.cell(cells, "family"), Preferred: l.cell(cells, "preferred"),
		Native: l.cell(cells, "native"), Email: l.cell(cells, "email"), Note: l.cell(cells, "note")}
	if full := l.cell(cells, "full"); full != "" && p.Given == "" && p.Family == "" {
		p.Given, p.Family = fullName(full)
	}
	born, err := tabular.ParseDate(l.cell(cells, "born"), dates)
	if err == nil && born != "" {
		p.BirthDate, err = clock.ParseDate(born)
	}
	if err != nil && l.cell(cells, "born") != "" {
		c.That(false, "birth-date", err.Error())
	}
	mobile, why := phone(l.cell(cells, "mobile"))
	c.That(why == "", "mobile", why)
	p.Mobile = mobile
	if text := l.cell(cells, "country"); text != "" {
		code, ok := countries.code(text)
		c.That(ok, "country", "We do not know the country "+text+". Write its English name")
		n.Country = code
	}
	p.Languages = split(l.cell(cells, "languages"))
	for _, w := range split(l.cell(cells, "ways")) {
		way, ok := wayOf(w)
		c.That(ok, "ways", "We do not know the way "+w+" to reach someone. Write email, text, call or post")
		if ok && !slices.Contains(p.Ways, way) {
			p.Ways = append(p.Ways, way)
		}
	}
	if text := l.cell(cells, "region"); text != "" {
		code, ok := regionOf(text)
		c.That(ok, "region", "We do not know the region "+text+". Write one of the seven NHS England regions, or leave it empty")
		n.Region = code
	}
	n.Person = p.Tidy()
	return n, c.Err()
}

// fullName takes a name written in one cell apart only where the writer did so
// with a comma: which word is the family name is not ours to guess.
func fullName(s string) (given, family string) {
	if before, after, ok := strings.Cut(s, ","); ok {
		return strings.TrimSpace(after), strings.TrimSpace(before)
	}
	return s, ""
}

// phone gives a number back what spreadsheets take away: the first 0 of a
// British mobile number. One cut short by the spreadsheet is told.
func phone(s string) (number, why string) {
	if s == "" {
		return "", ""
	}
	if strings.ContainsAny(s, "eE") && strings.ContainsAny(s, "+.") && strings.Trim(s, "0123456789.,eE+ ") == "" {
		return "", "The spreadsheet has cut the phone number short. Format the column as text and type the number again"
	}
	s = strings.TrimPrefix(s, "'")
	if d := digits(s); d == s && len(d) == 10 && d[0] == '7' {
		return "0" + d, ""
	}
	return s, ""
}

func split(s string) []string {
	var out []string
	for _, part := range strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(",;/|\n، ؛", r) && r != ' ' }) {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}

func wayOf(s string) (string, bool) {
	switch tabular.Fold(s) {
	case "email", "mail", "emails":
		return doctor.WayEmail, true
	case "text", "sms", "textmessage", "whatsapp", "texts":
		return doctor.WayText, true
	case "call", "phone", "phonecall", "telephone", "mobile", "voice":
		return doctor.WayCall, true
	case "post", "letter":
		return doctor.WayPost, true
	}
	return "", false
}

// regionOf finds a region of England by code or name.
func regionOf(s string) (string, bool) {
	for _, r := range organisation.Regions() {
		if tabular.Fold(r.Name) == tabular.Fold(s) || tabular.Fold(r.Code) == tabular.Fold(s) {
			return r.Code, true
		}
	}
	return "", false
}
