package organisation

import (
	"regexp"
	"strings"

	"msw/internal/clock"
	"msw/internal/problem"
)

// The attributes of a national organisation. Each carries a stamp: the as-at
// date of the file that said it.
const (
	vKind = iota
	vName
	vRegion // code as said, which may be an older one
	vICB    // as said
	vAddress
	vPostcode
	vOpened
	vStatus // "A", "C 2017-10-31": status and closing day change together
	vCommissioner
	vPhone
	vSetting // prescribing setting of a practice
	vParent
	vONS // the statistics office's code of an ICB
	vCount
)

var attributeNames = [vCount]string{"kind", "name", "region", "icb", "address", "postcode", "opened", "status", "commissioner", "phone", "setting", "parent", "ons"}

// values are the attributes of one organisation; "" says nothing.
type values [vCount]string

// stamps are the as-at dates of the values, "2025-11-30", or "2025-11-30+"
// where an amendment file said so: text order is the order of trust.
type stamps [vCount]string

// Content is what an ODS file holds.
type Content string

// The contents that are understood.
const (
	Practices     Content = "practices"
	Trusts        Content = "trusts"
	TrustsSites   Content = "trusts and sites"
	SubICBs       Content = "sub-ICB locations"
	ICBs          Content = "integrated care boards"
	notRecognised Content = ""
)

// The reasons for refusing a row.
const (
	reasonPrescriber = "a prescriber (G-code), not an organisation"
	reasonSetting    = "a prescribing cost centre that is not a GP practice (prescribing setting is not 4)"
	reasonNoSetting  = "no prescribing setting, so it cannot be told whether it is a GP practice"
	reasonUnreadable = "the row could not be read"
	reasonCode       = "the code is missing or is not an ODS code"
	reasonName       = "the name is missing"
	reasonDate       = "a date is not a date"
)

const practiceSetting = "4"

var (
	codeForm       = regexp.MustCompile(`^[A-Z0-9]{3,8}$`)
	prescriberForm = regexp.MustCompile(`^G[0-9]{7}$`)
	newStyleForm   = regexp.MustCompile(`^[A-Z][0-9][A-Z][0-9][A-Z]$`)
	icbHeader      = regexp.MustCompile(`^ICB[0-9]{2}(CD|CDH|NM)$`)
)

// layout says where an ODS file keeps its columns.
type layout struct {
	content  Content
	header   bool
	code, nm int // of an ICB file
	ons      int
}

const leastColumns, mostColumns = 24, 27

// recognise tells what a file holds by looking at its first rows.
func recognise(sample [][]string) (layout, error) {
	if len(sample) == 0 {
		return layout{}, notODS("The file has no rows.")
	}
	if l, ok := icbLayout(sample[0]); ok {
		return l, nil
	}
	if n := len(sample[0]); n < leastColumns || n > mostColumns {
		return layout{}, notODS("Files of the Organisation Data Service have 24 to 27 columns and no header row, or are the list of ICBs with its header.")
	}
	votes := map[Content]int{}
	seen := map[string]bool{}
	sites := false
	for _, row := range sample {
		votes[vote(row)]++
		code := cell(row, 0)
		sites = sites || (len(code) == 5 && seen[code[:3]])
		seen[code] = true
	}
	best := notRecognised
	for _, c := range []Content{Practices, Trusts, SubICBs} {
		if votes[c] > votes[best] || (best == notRecognised && votes[c] > 0 && votes[c] >= votes[best]) {
			best = c
		}
	}
	switch {
	case best == notRecognised:
		return layout{}, notODS("Its columns are not those of practices, trusts, sites or sub-ICB locations.")
	case best == Trusts && sites:
		best = TrustsSites
	}
	return layout{content: best}, nil
}

func notODS(why string) error {
	return problem.Refuse("This is not a file of organisations that we know.", why,
		"Give epraccur (practices), etr or etrust (trusts and sites), eccg (sub-ICB locations), the list of ICB names and codes, or egpam (amendments).")
}

func icbLayout(first []string) (layout, bool) {
	l := layout{content: ICBs, header: true, code: -1, nm: -1, ons: -1}
	for i, h := range first {
		m := icbHeader.FindStringSubmatch(strings.ToUpper(strings.TrimSpace(h)))
		if m == nil {
			continue
		}
		switch m[1] {
		case "CDH":
			l.code = i
		case "NM":
			l.nm = i
		case "CD":
			l.ons = i
		}
	}
	return l, l.code >= 0 && l.nm >= 0
}

func vote(row []string) Content {
	status, setting, purchaser := cell(row, 12), cell(row, 25), cell(row, 23)
	switch {
	case !codeForm.MatchString(cell(row, 0)):
		return notRecognised
	case strings.Contains("ABCDP", status) && status != "" && (setting != "" || prescriberForm.MatchString(cell(row, 0))):
		return Practices
	case status == "" && len(purchaser) == 1:
		return Trusts
	case status == "" && purchaser == "" && strings.HasPrefix(cell(row, 3), "Q"):
		return SubICBs
	}
	return notRecognised
}

func cell(row []string, i int) string {
	if i < 0 || i >= len(row) {
		return ""
	}
	return strings.Join(strings.Fields(row[i]), " ")
}

// parse reads one row. A refused row has its reason; values of a row refused
// for its setting are kept, so that files give the same end in any order.
func (l layout) parse(row []string) (code string, v values, reason string) {
	if l.content == ICBs {
		return l.parseICB(row)
	}
	code = strings.ToUpper(cell(row, 0))
	switch {
	case prescriberForm.MatchString(code):
		return code, v, reasonPrescriber
	case !codeForm.MatchString(code):
		return code, v, reasonCode
	}
	v[vName] = cell(row, 1)
	v[vRegion], v[vICB] = strings.ToUpper(cell(row, 2)), strings.ToUpper(cell(row, 3))
	v[vAddress] = addressOf(row)
	v[vPostcode] = strings.ToUpper(cell(row, 9))
	v[vPhone] = cell(row, 17)
	opened, ok := odsDate(cell(row, 10))
	closed, ok2 := odsDate(cell(row, 11))
	switch {
	case v[vName] == "":
		return code, v, reasonName
	case !ok || !ok2:
		return code, v, reasonDate
	}
	v[vOpened] = opened
	status := "A"
	if l.content == Practices {
		if s := strings.ToUpper(cell(row, 12)); s != "" {
			status = s
		}
	}
	v[vStatus] = strings.TrimSpace(status + " " + closed)
	l.kind(code, row, &v)
	return code, v, refusal(v)
}

func (l layout) kind(code string, row []string, v *values) {
	switch l.content {
	case Practices:
		v[vKind] = string(GPPractice)
		v[vSetting] = cell(row, 25)
		v[vCommissioner] = strings.ToUpper(cell(row, 14))
	case SubICBs:
		v[vKind] = string(SubICB)
		if cell(row, 13) == "RO218" { // a commissioning hub, not a place
			v[vKind] = string(Other)
		}
	default:
		v[vKind] = string(NHSTrust)
		if v[vRegion] == "" && cell(row, 23) == "W" {
			v[vRegion] = walesRegion
		}
		if l.content == TrustsSites {
			if parent := parentOf(code); parent != "" {
				v[vKind], v[vParent] = string(Site), parent
			}
		}
	}
}

// parentOf is the trust of a site's code: the code less two characters. A
// code of the newer shape that does not begin with R is a trust's own.
func parentOf(code string) string {
	if len(code) < 5 || (len(code) == 5 && code[0] != 'R' && newStyleForm.MatchString(code)) {
		return ""
	}
	return code[:len(code)-2]
}

func (l layout) parseICB(row []string) (code string, v values, reason string) {
	code = strings.ToUpper(cell(row, l.code))
	if !codeForm.MatchString(code) {
		return code, v, reasonCode
	}
	v[vKind], v[vName], v[vONS], v[vStatus] = string(ICB), cell(row, l.nm), cell(row, l.ons), "A"
	if v[vName] == "" {
		return code, v, reasonName
	}
	return code, v, ""
}

// refusal says why an organisation with these values is not listed, or "".
func refusal(v values) string {
	switch {
	case v[vKind] != string(GPPractice) || v[vSetting] == practiceSetting:
		return ""
	case v[vSetting] == "":
		return reasonNoSetting
	}
	return reasonSetting
}

func addressOf(row []string) string {
	var out []string
	for i := 4; i < 9; i++ {
		if s := cell(row, i); s != "" {
			out = append(out, s)
		}
	}
	return strings.Join(out, "\n")
}

// odsDate reads YYYYMMDD; nothing is no date.
func odsDate(s string) (string, bool) {
	if s == "" {
		return "", true
	}
	if len(s) != 8 {
		return "", false
	}
	d, err := clock.ParseDate(s[:4] + "-" + s[4:6] + "-" + s[6:])
	if err != nil || d.IsZero() {
		return "", false
	}
	return d.String(), true
}

const walesRegion = "W00"

var islands = map[string]string{"YAC": "Isle of Man", "YAD": "Jersey", "YAE": "Guernsey", "YAF": "Alderney"}

func countryOf(v values) string {
	if v[vRegion] == walesRegion {
		return "Wales"
	}
	if island := islands[v[vICB]]; island != "" {
		return island
	}
	return England
}

var (
	fileDay   = regexp.MustCompile(`(20[0-9]{2})[-_.]?([01][0-9])[-_.]?([0-3][0-9])(?:[^0-9]|$)`)
	fileMonth = regexp.MustCompile(`(20[0-9]{2})[-_.]([01][0-9])(?:[^0-9]|$)`)
	fileNamed = regexp.MustCompile(`(?i)(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[-_. ]?(20[0-9]{2})`)
)

// asAtOf reads the as-at date in a file's name: a day, or a month, whose last
// day it then is.
func asAtOf(name string) (clock.Date, bool) {
	if m := fileDay.FindStringSubmatch(name); m != nil {
		if d, err := clock.ParseDate(m[1] + "-" + m[2] + "-" + m[3]); err == nil {
			return d, true
		}
	}
	month := ""
	if m := fileMonth.FindStringSubmatch(name); m != nil {
		month = m[1] + "-" + m[2]
	} else if m := fileNamed.FindStringSubmatch(name); m != nil {
		n := 1 + strings.Index("janfebmaraprmayjunjulaugsepoctnovdec", strings.ToLower(m[1]))/3
		month = m[2] + "-" + string(rune('0'+n/10)) + string(rune('0'+n%10))
	}
	d, err := clock.ParseDate(month + "-01")
	if err != nil {
		return 0, false
	}
	return d.MonthEnd(), true
}
