package portfolio

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"sort"
	"strings"

	"msw/internal/clock"
)

// ExportFormat names the form of a portfolio file and its version; docs/portfolio-file.md
// describes it.
const ExportFormat = "msw-portfolio-1"

// Export is a portfolio as its doctor takes it along: whole, and read in again by
// any msw. It has no day of its own, so that the same portfolio is the same file.
type Export struct {
	Format       string              `json:"format"`
	Digest       string              `json:"digest"` // of the whole with this empty
	Doctor       Exported            `json:"doctor"`
	Items        []ExportItem        `json:"items"`
	Posts        []ExportPost        `json:"posts"`
	Certificates []ExportCertificate `json:"certificates"`
	Passport     *ExportPassport     `json:"passport,omitempty"`
	Feedback     []Feedback          `json:"feedback,omitempty"` // rounds that were shown to the doctor
	Reports      []Report            `json:"reports,omitempty"`  // signed ones
}

// Exported is whose portfolio it is.
type Exported struct {
	Reference string `json:"reference"`
	Name      string `json:"name"`
}

// ExportItem is one piece of evidence.
type ExportItem struct {
	ID     string     `json:"id"`
	Kind   Kind       `json:"kind"`
	On     clock.Date `json:"on"`
	State  State      `json:"state"`
	Shared bool       `json:"shared"`
	Story
	Task      string           `json:"task,omitempty"`
	TaskTitle string           `json:"task_title,omitempty"`
	Level     Level            `json:"level,omitempty"`
	Until     clock.Date       `json:"until"`
	Shows     []Tag            `json:"shows,omitempty"`
	Host      string           `json:"host,omitempty"` // name of the place of work
	Recorded  clock.Instant    `json:"recorded"`
	Source    string           `json:"source,omitempty"` // the event it is the certificate of, where it was written
	Signature *ExportSignature `json:"signature,omitempty"`
}

// ExportSignature is what an assessor said. It leaves out where they were written
// to: that is theirs.
type ExportSignature struct {
	Name      string        `json:"name"`
	Role      string        `json:"role"`
	GMC       string        `json:"gmc,omitempty"`
	Well      string        `json:"well,omitempty"`
	Better    string        `json:"better,omitempty"`
	Reason    string        `json:"reason,omitempty"`
	Changed   []string      `json:"changed,omitempty"`
	NoTask    []string      `json:"no_task,omitempty"`
	At        clock.Instant `json:"at"`
	Confirmed clock.Date    `json:"confirmed_on"` // by the place of work
	Say       string        `json:"confirmed_say,omitempty"`
}

// ExportPost is a time of unchanged work.
type ExportPost struct {
	From        clock.Date `json:"from"`
	To          clock.Date `json:"to"`
	Employer    string     `json:"employer"`
	Host        string     `json:"host"`
	Setting     string     `json:"setting"`
	WholeTime   int        `json:"whole_time"` // thousandths of full time
	Clinical    string     `json:"clinical_supervisor,omitempty"`
	Educational string     `json:"educational_supervisor,omitempty"`
}

// ExportCertificate is a certificate of service.
type ExportCertificate struct {
	Number   string     `json:"number"`
	IssuedOn clock.Date `json:"issued_on"`
	Employer string     `json:"employer"`
	From     clock.Date `json:"from"`
	To       clock.Date `json:"to"`
	IssuedBy string     `json:"issued_by"`
}

// ExportPassport is the passport with everything it can show, and the key it is
// signed with. Whoever trusts only that key has not confirmed who made it.
type ExportPassport struct {
	Token string          `json:"token"`
	Keys  json.RawMessage `json:"keys"`
}

// settle brings an export into its one form and sets its digest.
func (e *Export) settle() error {
	sort.Slice(e.Items, func(i, j int) bool {
		a, b := e.Items[i], e.Items[j]
		return cmp.Or(cmp.Compare(a.On, b.On), cmp.Compare(a.ID, b.ID)) < 0
	})
	sort.Slice(e.Posts, func(i, j int) bool {
		a, b := e.Posts[i], e.Posts[j]
		return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.Host, b.Host), cmp.Compare(a.To, b.To)) < 0
	})
	sort.Slice(e.Certificates, func(i, j int) bool {
		a, b := e.Certificates[i], e.Certificates[j]
		return cmp.Compare(a.Number, b.Number) < 0
	})
	sort.Slice(e.Feedback, func(i, j int) bool {
		a, b := e.Feedback[i], e.Feedback[j]
		return cmp.Or(cmp.Compare(a.ShownOn, b.ShownOn), cmp.Compare(a.ID, b.ID)) < 0
	})
	sort.Slice(e.Reports, func(i, j int) bool {
		a, b := e.Reports[i], e.Reports[j]
		return cmp.Compare(a.Number, b.Number) < 0
	})
	e.Format = ExportFormat
	digest, err := e.digest()
	e.Digest = digest
	return err
}

// digest is the SHA-256 of the file with its digest empty, written without spaces.
// It shows a slip or a damaged file, not a forger: whoever changes the file can
// reckon it anew. Only the passport inside proves anything.
func (e Export) digest() (string, error) {
	e.Digest = ""
	text, err := json.Marshal(e)
	if err != nil {
		return "", fmt.Errorf("portfolio file: %w", err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}

// Text is the file as it is written.
func (e Export) Text() ([]byte, error) {
	text, err := json.MarshalIndent(e, "", "  ")
	return append(text, '\n'), err
}

// The most a portfolio file may hold.
const (
	longestExport = 32 << 20
	mostItems     = 20_000
)

// ReadExport reads a portfolio file and gives every fault it finds; a file that
// is none of these gives one.
func ReadExport(text []byte, today clock.Date) (Export, []string) {
	var e Export
	if len(text) > longestExport {
		return e, []string{"The file is too long for a portfolio."}
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	var faults []string
	if err := d.Decode(&e); err != nil {
		e = Export{}
		if json.Unmarshal(text, &e) != nil {
			return e, []string{"It is not a portfolio file: " + oneLine(err) + "."}
		}
		faults = append(faults, "It says something that no portfolio file says: "+strings.TrimPrefix(oneLine(err), "json: ")+".")
	} else if _, err := d.Token(); !errors.Is(err, io.EOF) {
		faults = append(faults, "Something follows behind its end.")
	}
	if e.Format != ExportFormat {
		return e, append(faults, "It is not a portfolio file of the form "+ExportFormat+".")
	}
	if digest, err := e.digest(); err != nil || digest != e.Digest {
		faults = append(faults, "It was changed or damaged after it was saved: its digest does not fit.")
	}
	return e, append(faults, e.faults(today)...)
}

func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }

// faults lists everything that no msw would have written.
func (e Export) faults(today clock.Date) (out []string) {
	say := func(ok bool, text string) {
		if !ok {
			out = append(out, text)
		}
	}
	say(e.Doctor.Reference != "" && e.Doctor.Name != "", "It does not say whose it is.")
	say(len(e.Items) <= mostItems, "It holds more items than a portfolio can.")
	seen := map[string]bool{}
	for i, item := range e.Items {
		say(item.ID != "" && !seen[item.ID], fmt.Sprintf("Item %d: its reference is missing or stands twice.", i+1))
		seen[item.ID] = true
		for _, text := range item.faults(today) {
			out = append(out, "Item "+or(item.ID, decimal(i+1))+": "+text)
		}
	}
	for i, p := range e.Posts {
		say(!p.From.IsZero() && (p.To.IsZero() || p.To >= p.From) && p.WholeTime > 0 && p.WholeTime <= 1000, fmt.Sprintf("Post %d: its days or hours cannot be.", i+1))
	}
	for i, c := range e.Certificates {
		say(c.Number != "" && c.From <= c.To, fmt.Sprintf("Certificate %d: its number or days cannot be.", i+1))
	}
	return out
}

func (i ExportItem) faults(today clock.Date) (out []string) {
	say := func(ok bool, text string) {
		if !ok {
			out = append(out, text)
		}
	}
	words, known := WordsOf(i.Kind)
	say(known, "the kind "+string(i.Kind)+" is not known.")
	say(i.On <= today, "its day is in the future.")
	say(!i.On.IsZero() || i.State == Draft, "it has no day.")
	say(i.Level >= 0 && i.Level <= 3, "its level cannot be.")
	say(len(i.Title) <= 200 && len(i.What) <= 5000 && len(i.Learnt) <= 5000, "it is longer than an item can be.")
	switch i.State {
	case Signed, Vouched, Declined, Refused:
		say(words.Signed || i.Kind == ReportItem || i.Kind == English, "nobody signs an item of this kind.")
		say(i.Signature != nil, "it says that it was signed, and not by whom.")
	case Draft, Asked, Kept:
		say(i.Signature == nil, "it has a signature that does not belong to it.")
	default:
		say(false, "the state "+string(i.State)+" is not known.")
	}
	if g := i.Signature; g != nil {
		_, number := GMCNumber(g.GMC)
		say(g.Name != "" && RoleWords(g.Role) != "" && len(g.Name) <= 120, "its signature does not say who signed.")
		say(g.GMC == "" || number, "the GMC number of its signature cannot be.")
		say(!g.At.IsZero() && g.At.Local() <= today && g.At.Local() >= i.On, "it was signed on a day that cannot be.")
		say(i.State != Vouched || !g.Confirmed.IsZero() && g.Confirmed <= today, "it says that it counts, and not since when.")
	}
	return out
}

// signedFact is a signature as a passport states it: the same words for an item
// of here and for one that a file says.
func (i ExportItem) signedFact() Fact {
	g := i.Signature
	detail := i.Title
	if i.Task != "" && len(g.NoTask) == 0 {
		detail += ": " + i.TaskTitle + ", level " + decimal(int(i.Level))
	}
	return Fact{What: "Signed off", Detail: detail, On: i.On, Proof: "signed", By: g.Name + ", " + RoleWords(g.Role), Verified: g.At.Local(), Item: i.ID}
}

// proven gives the items whose signature a passport states in the same words.
func proven(items []ExportItem, claims []ShownClaim) map[string]bool {
	said := map[string]Fact{}
	for _, c := range claims {
		if c.Item != "" {
			said[c.Item] = c.Fact
		}
	}
	out := map[string]bool{}
	for _, i := range items {
		if f, ok := said[i.ID]; ok && i.State == Vouched && i.Signature != nil && f == i.signedFact() {
			out[i.ID] = true
		}
	}
	return out
}

// Origin is what an item was where it was exported, and how it is known.
type Origin struct {
	State  State  `json:"state"`
	Shared bool   `json:"shared"`
	Host   string `json:"host,omitempty"`
	Title  string `json:"task_title,omitempty"`
	Issuer string `json:"issuer,omitempty"` // whose passport proves the signature; "" when none does
}

// imported makes an item of what a file says. A signature that no passport proves
// counts as one that nobody here could check.
func (i ExportItem) imported(doctor, issuer string, known bool) Item {
	out := Item{ID: i.ID, Doctor: doctor, Kind: i.Kind, On: i.On, State: i.State, Task: i.Task, Level: i.Level, Until: i.Until, Tags: i.Shows, Recorded: i.Recorded, Source: i.Source, Story: i.Story,
		Origin: &Origin{State: i.State, Shared: i.Shared, Host: i.Host, Title: i.TaskTitle}}
	if g := i.Signature; g != nil {
		out.SignedOn, out.Role = g.At.Local(), g.Role
		out.Signature = &Signature{Name: g.Name, Role: g.Role, GMC: g.GMC, Well: g.Well, Better: g.Better, Reason: g.Reason, Changed: g.Changed, NoTask: g.NoTask, At: g.At, VouchOn: g.Confirmed, VouchSay: g.Say}
	}
	switch i.State {
	case Asked:
		out.State = Draft // nobody here was asked
	case Signed, Vouched, Refused:
		out.State = Elsewhere
		if known {
			out.State, out.Origin.Issuer = Vouched, issuer
		}
	}
	return out
}

// exported writes an item for the file. What was taken in and not changed since
// reads as it did where it came from.
func (i Item) exported(host, task string) ExportItem {
	e := ExportItem{ID: i.ID, Kind: i.Kind, On: i.On, State: i.State, Shared: i.Shared, Story: i.Story, Task: i.Task, TaskTitle: task, Level: i.Level, Until: i.Until, Shows: i.Tags, Host: host, Recorded: i.Recorded, Source: i.Source}
	if o := i.Origin; o != nil {
		e.State, e.Host, e.TaskTitle = o.State, o.Host, o.Title
		if i.Version == 1 {
			e.Shared = o.Shared
		}
	}
	if g := i.Signature; g != nil && !slices.Contains([]State{Draft, Asked, Kept}, e.State) { // one asked again was not signed yet
		e.Signature = &ExportSignature{Name: g.Name, Role: g.Role, GMC: g.GMC, Well: g.Well, Better: g.Better, Reason: g.Reason, Changed: g.Changed, NoTask: g.NoTask, At: g.At, Confirmed: g.VouchOn, Say: g.VouchSay}
	}
	return e
}
