package portfolio

import (
	"context"
	"maps"
	"slices"
	"strings"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/casefile"
	"msw/internal/database"
	"msw/internal/placement"
	"msw/internal/problem"
)

// Desk is what whoever writes about a post sees before they begin: whom it is
// about, who may sign, and every condition.
type Desk struct {
	Ref, Name string
	Kind      ReportKind
	Record    ReportRecord
	Signers   []placement.Signer
	Mine      bool   // the actor is one of them
	Stops     string // why the actor cannot sign today
	Standing  []Standing
	Share     int
	Offer     Tri
	Appoints  Tri
	Open      string // number of the draft there is, "" for none

	placement placement.Placement
	doctor    string
}

// reportable finds the latest post of a case for who may write about it.
func (s *Service) reportable(ctx context.Context, call access.Call, ref string) (casefile.Case, placement.Placement, error) {
	c, err := s.o.Cases.ByRef(ctx, call.Actor.Tenant, ref)
	if err != nil {
		return c, placement.Placement{}, err
	}
	list, err := s.o.Placements.Of(ctx, call.Actor.Tenant, c.Doctor)
	if err != nil {
		return c, placement.Placement{}, err
	}
	for _, p := range list {
		if s.access.May(call.Actor, ActReport, p.Resource(call.Actor.Tenant)) == nil {
			return c, p, nil
		}
	}
	return casefile.Case{}, placement.Placement{}, problem.Missing()
}

// LookDesk shows what must hold before a report is begun: everything at once.
// Share is -1 and the answers empty until somebody says them.
func (s *Service) LookDesk(ctx context.Context, call access.Call, ref string, kind ReportKind, share int, offer, appoints Tri) (Desk, error) {
	if kind.Words() == "" {
		return Desk{}, problem.Missing()
	}
	c, p, err := s.reportable(ctx, call, ref)
	if err != nil {
		return Desk{}, err
	}
	v := Desk{Ref: c.Ref, Kind: kind, Share: share, Offer: offer, Appoints: appoints, placement: p, doctor: c.Doctor}
	if err := s.fillDesk(ctx, call, &v); err != nil {
		return Desk{}, err
	}
	return v, s.audit.Look(ctx, call, audit.Look{Action: ActReport, Kind: "report", Query: string(kind), IDs: []string{p.ID}, Person: c.Doctor})
}

func (s *Service) fillDesk(ctx context.Context, call access.Call, v *Desk) error {
	tenant := call.Actor.Tenant
	record, from, err := s.recordOf(ctx, call, v.placement)
	if err != nil {
		return err
	}
	v.Record, v.Name, v.Signers = record, record.Name, from.Signers
	v.Mine, v.Stops = maySign(from, call.Actor.Account)
	open, err := s.reports(ctx, tenant, `placement_id = $2 AND kind = $3 AND state = 'draft'`, v.placement.ID, string(v.Kind))
	if err != nil {
		return err
	}
	if len(open) > 0 {
		v.Open = open[0].Number
	}
	if v.Kind != EnglishReference {
		return nil
	}
	mail, err := s.mailOf(ctx, call.Actor.Account)
	if err != nil {
		return err
	}
	v.Standing = s.o.Reports.Judge(EnglishWorld{Body: record.Body, Employer: record.Employer, Offer: v.Offer, Appointing: v.Appoints, Share: v.Share, Signer: v.Mine, SignerStop: v.Stops,
		Mail: mail, LastDay: v.placement.EndedOn, Today: call.Today})
	return nil
}

func (s *Service) mailOf(ctx context.Context, account string) (string, error) {
	if s.o.Email == nil || account == "" {
		return "", nil
	}
	mail, err := s.o.Email(ctx, account)
	if problem.KindOf(err) == problem.NotFound {
		return "", nil
	}
	return mail, err
}

// maySign tells whether an account is a named supervisor of a post, and why they
// cannot sign today.
func maySign(from placement.Reported, account string) (bool, string) {
	for _, one := range from.Signers {
		if one.Account == account && account != "" {
			return true, one.Stops
		}
	}
	return false, ""
}

// recordOf takes from the record what a report says of a post.
func (s *Service) recordOf(ctx context.Context, call access.Call, p placement.Placement) (ReportRecord, placement.Reported, error) {
	tenant := call.Actor.Tenant
	from, err := s.o.Placements.Reported(ctx, call, p.ID)
	if err != nil {
		return ReportRecord{}, from, err
	}
	r := ReportRecord{Name: from.Name, Employer: from.Employer, Specialty: p.Specialty, From: p.StartedOn, To: p.EndedOn, Meetings: from.Meetings, Away: from.Away}
	for _, t := range from.Times {
		to := "now"
		if !t.To.IsZero() {
			to = t.To.Long()
		}
		r.Times = append(r.Times, t.From.Long()+" to "+to+": "+t.Words())
	}
	bodies, err := s.bodies(ctx, tenant, []string{p.Employer})
	if err != nil {
		return r, from, err
	}
	r.Body = bodies[p.Employer].Code
	if err := s.evidenceOf(ctx, call, p, &r); err != nil {
		return r, from, err
	}
	return r, from, nil
}

// evidenceOf lists what of the post was signed and shared, and what the evidence
// covers. Nothing private is read.
func (s *Service) evidenceOf(ctx context.Context, call access.Call, p placement.Placement, r *ReportRecord) error {
	items, err := s.items(ctx, call.Actor.Tenant, p.Doctor, supervisor, Query{})
	if err != nil {
		return err
	}
	for _, i := range items {
		words, _ := WordsOf(i.Kind)
		if !words.Signed || i.State != Vouched || i.Placement != p.ID || i.Signature == nil {
			continue
		}
		r.Seen = append(r.Seen, Seen{Title: i.Title, Kind: words.Title, On: i.On, Level: int(i.Level), By: i.Signature.Name + ", " + RoleWords(i.Signature.Role)})
	}
	marks, err := s.marks(ctx, call.Actor.Tenant, p.Doctor, supervisor)
	if err != nil {
		return err
	}
	for _, f := range s.o.Frameworks.InForce(call.Today) {
		c := Picture(f, marks, nil, call.Today)
		r.Covered = append(r.Covered, Covered{f.Title, c.Covered, len(c.Shown)})
	}
	return nil
}

// Beginning begins a report. The answers are for an English reference.
type Beginning struct {
	Ref      string
	Kind     ReportKind
	Share    int // percent, -1 when not said
	Hours    int
	Offer    Tri
	Appoints Tri
	Replaces string
}

// BeginReport makes a draft from the record. An English reference is refused with
// every condition that does not hold, before anybody writes a word.
func (s *Service) BeginReport(ctx context.Context, call access.Call, cmd Beginning) (Report, error) {
	var r Report
	err := s.db.Tx(ctx, func(ctx context.Context) error {
		v, err := s.LookDesk(ctx, call, cmd.Ref, cmd.Kind, cmd.Share, cmd.Offer, cmd.Appoints)
		if err != nil {
			return err
		}
		if err := v.stops(); err != nil {
			return err
		}
		if v.Open != "" {
			return problem.New(problem.Conflict, "A draft was begun already: number "+v.Open+". Open it, or delete it first.")
		}
		last, err := s.lastSigned(ctx, call.Actor.Tenant, v.placement.ID, cmd.Kind)
		if err != nil {
			return err
		}
		if last.Number != cmd.Replaces {
			return problem.New(problem.Conflict, "One was signed already: number "+last.Number+". Open it, and write the one that takes its place.")
		}
		r = Report{Number: database.NewRef(), Doctor: v.doctor, Placement: v.placement.ID, Kind: cmd.Kind, Draft: true, Issue: last.Issue + 1, Replaces: last.Number,
			By: call.Actor.Account, BegunOn: call.Today, Record: v.Record, Written: Written{Text: map[string]string{}}}
		if cmd.Kind == EnglishReference {
			r.Written.Share, r.Written.Hours, r.Written.Offer, r.Written.Appoints = cmd.Share, cmd.Hours, cmd.Offer, cmd.Appoints
		}
		if last.Number != "" {
			r.Written.Text, r.Written.Shows = last.Written.Text, last.Written.Shows
		}
		if err := s.saveReport(ctx, call.Actor.Tenant, &r, 0); err != nil {
			return err
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: ActReport, Kind: "report", ID: r.Number, Person: r.Doctor, After: r})
	})
	return r, err
}

// stops refuses to begin, with every reason.
func (v Desk) stops() error {
	if v.Kind != EnglishReference {
		if !v.Mine || v.Stops != "" {
			return problem.Refuse("You cannot write this report.", or(v.Stops, "Only a supervisor who is named for this post writes and signs it."))
		}
		return nil
	}
	if Ready(v.Standing) {
		return nil
	}
	e := &problem.Error{Kind: problem.Invalid, Message: "This reference cannot be begun."}
	for _, c := range v.Standing {
		if c.Note || c.State == Yes {
			continue
		}
		text := c.Say
		if c.State == NotSaid {
			text = "Say whether this holds: " + c.Title
		}
		e.Fields = append(e.Fields, problem.Field{Name: c.ID, Message: text})
	}
	return e
}

func (s *Service) lastSigned(ctx context.Context, tenant, placement string, kind ReportKind) (Report, error) {
	list, err := s.reports(ctx, tenant, `placement_id = $2 AND kind = $3 AND state = 'signed'`, placement, string(kind))
	var last Report
	for _, r := range list {
		if r.Issue > last.Issue {
			last = r
		}
	}
	return last, err
}

// ReportSight is one report for its page.
type ReportSight struct {
	Report
	Ref     string
	Own     bool
	MaySign bool   // a draft the actor may sign; or a signed one they may replace
	Stops   string // why they cannot
	Hash    string // of the record that is shown
}

// LookReport shows a report: a draft to the named supervisors of the post, with
// the record as it is now; a signed one as it was signed, to the doctor, to them,
// and to other supervisors while the doctor shares it.
func (s *Service) LookReport(ctx context.Context, call access.Call, number string) (ReportSight, error) {
	number, ok := database.CheckRef(number)
	if !ok {
		return ReportSight{}, problem.Missing()
	}
	tenant := call.Actor.Tenant
	r, err := s.report(ctx, tenant, number)
	if err != nil {
		return ReportSight{}, err
	}
	v, err := s.readable(ctx, call, r)
	if err != nil {
		return ReportSight{}, err
	}
	return v, s.audit.Look(ctx, call, audit.Look{Action: ActReports, Kind: "report", IDs: []string{number}, Person: r.Doctor})
}

func (s *Service) readable(ctx context.Context, call access.Call, r Report) (ReportSight, error) {
	tenant := call.Actor.Tenant
	c, err := s.o.Cases.Get(ctx, r.Doctor, tenant)
	if err != nil {
		return ReportSight{}, err
	}
	p, err := s.o.Placements.Get(ctx, tenant, r.Placement)
	if err != nil {
		return ReportSight{}, err
	}
	v := ReportSight{Report: r, Ref: c.Ref, Own: s.access.May(call.Actor, ActOwn, c.Resource()) == nil}
	writes := s.access.May(call.Actor, ActReport, p.Resource(tenant)) == nil
	switch {
	case writes:
		return v, s.withRecord(ctx, call, p, &v)
	case r.Draft:
		return ReportSight{}, problem.Missing()
	case v.Own:
		return v, nil
	case s.access.May(call.Actor, ActReports, c.Resource()) == nil:
		item, err := s.item(ctx, tenant, r.Number)
		if err == nil && item.visible(supervisor) {
			return v, nil
		}
	}
	return ReportSight{}, problem.Missing()
}

func (s *Service) withRecord(ctx context.Context, call access.Call, p placement.Placement, v *ReportSight) error {
	record, from, err := s.recordOf(ctx, call, p)
	if err != nil {
		return err
	}
	v.MaySign, v.Stops = maySign(from, call.Actor.Account)
	if v.Draft {
		v.Record, v.Hash = record, record.Hash()
	}
	return nil
}

// Writing is what a supervisor sends of a draft. Sign signs it: then Hash must be
// of the record they read, and everything must be there.
type Writing struct {
	Number  string
	Version int
	Written
	Sign       bool
	Read       bool // says that it is true
	Anyway     bool // looked at the warning of patient identifiers
	Hash       string
	Name, Role string
	GMC        string
}

// WriteReport keeps a draft however unfinished, or signs it. A signed one is
// never changed.
func (s *Service) WriteReport(ctx context.Context, call access.Call, cmd Writing) (Report, error) {
	var r Report
	err := s.db.Tx(ctx, func(ctx context.Context) error {
		v, err := s.LookReport(ctx, call, cmd.Number)
		if err != nil {
			return err
		}
		if !v.Draft {
			return problem.Refuse("This was signed. A signed report is never changed.", "Write a new one that takes its place.")
		}
		if !v.MaySign {
			return problem.Missing()
		}
		if cmd.Version != 0 && cmd.Version != v.Version {
			return problem.Stale()
		}
		r = v.Report
		was := r.Version
		cmd.Offer, cmd.Appoints = r.Written.Offer, r.Written.Appoints
		r.Written = cmd.Written.clean(s.o.Reports, r.Kind, s.o.Frameworks)
		if cmd.Sign {
			if err := s.signReport(ctx, call, v, &r, cmd); err != nil {
				return err
			}
		}
		if err := s.saveReport(ctx, call.Actor.Tenant, &r, was); err != nil {
			return err
		}
		if cmd.Sign {
			if err := s.fileReport(ctx, call, r, v); err != nil {
				return err
			}
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: ActReport, Kind: "report", ID: r.Number, Person: r.Doctor, After: r})
	})
	return r, err
}

func (w Written) clean(rules *ReportRules, kind ReportKind, fw *Frameworks) Written {
	text := map[string]string{}
	for _, one := range rules.Of(kind) {
		text[one.ID] = strings.TrimSpace(w.Text[one.ID])
	}
	w.Text, w.Explain = text, strings.TrimSpace(w.Explain)
	w.Shows = slices.DeleteFunc(w.Shows, func(t Tag) bool { _, _, known := fw.Heading(t); return !known })
	return w
}

func (s *Service) signReport(ctx context.Context, call access.Call, v ReportSight, r *Report, cmd Writing) error {
	if v.Stops != "" {
		return problem.Refuse("You cannot sign this today.", v.Stops)
	}
	g := Signer{Name: strings.TrimSpace(cmd.Name), Role: cmd.Role, GMC: cmd.GMC}
	var c problem.Check
	c.Add(s.o.Reports.whole(r.Kind, r.Written, g))
	c.That(cmd.Read, "read", "Tick that you have read it and that it is true")
	if err := c.Err(); err != nil {
		return err
	}
	if cmd.Hash != v.Hash {
		return problem.New(problem.Conflict, "The record has changed since you opened this page. Read it again before you sign.")
	}
	if r.Kind == EnglishReference {
		if err := s.stillHolds(ctx, call, v, r.Written); err != nil {
			return err
		}
	}
	if found := Identifiers(strings.Join(slices.Collect(maps.Values(r.Written.Text)), "\n") + "\n" + r.Written.Explain); len(found) > 0 && !cmd.Anyway {
		return identified(found)
	}
	g.GMC, _ = GMCNumber(cmd.GMC)
	p, err := s.o.Placements.Get(ctx, call.Actor.Tenant, r.Placement)
	if err != nil {
		return err
	}
	g.As = "Clinical supervisor"
	if p.Educational == call.Actor.Account {
		g.As = "Educational supervisor"
	}
	if g.Email, err = s.mailOf(ctx, call.Actor.Account); err != nil {
		return err
	}
	r.Draft, r.SignedAt, r.By, r.Signer, r.Record = false, call.Now, call.Actor.Account, &g, v.Record
	return nil
}

// stillHolds asks the conditions of an English reference again on the day it is
// signed.
func (s *Service) stillHolds(ctx context.Context, call access.Call, v ReportSight, w Written) error {
	desk, err := s.LookDesk(ctx, call, v.Ref, EnglishReference, w.Share, w.Offer, w.Appoints)
	if err != nil {
		return err
	}
	return desk.stops()
}

// fileReport puts a signed report into the doctor's portfolio, and takes the one
// it replaces out of what counts.
func (s *Service) fileReport(ctx context.Context, call access.Call, r Report, v ReportSight) error {
	p, err := s.o.Placements.Get(ctx, call.Actor.Tenant, r.Placement)
	if err != nil {
		return err
	}
	item := Item{ID: r.Number, Doctor: r.Doctor, Kind: r.Kind.itemKind(), On: call.Today, State: Vouched, Shared: true, Placement: p.ID, Host: p.Host, Tags: r.Written.Shows,
		SignedOn: call.Today, Role: r.Signer.Role, Recorded: call.Now, Story: Story{Title: r.Kind.Words(), What: v.Record.Specialty + " at " + v.Record.Employer + ", number " + r.Number},
		Signature: &Signature{Name: r.Signer.Name, Role: r.Signer.Role, GMC: r.Signer.GMC, At: call.Now, VouchBy: call.Actor.Account, VouchOn: call.Today}}
	if err := s.saveItem(ctx, call.Actor.Tenant, &item, 0); err != nil || r.Replaces == "" {
		return err
	}
	old, err := s.item(ctx, call.Actor.Tenant, r.Replaces)
	if err != nil {
		return err
	}
	g := *old.Signature
	g.VouchSay = "Replaced by number " + r.Number
	old.Signature, old.State = &g, Refused
	return s.saveItem(ctx, call.Actor.Tenant, &old, old.Version)
}

// DropDraft deletes a draft.
func (s *Service) DropDraft(ctx context.Context, call access.Call, number string) error {
	return s.db.Tx(ctx, func(ctx context.Context) error {
		v, err := s.LookReport(ctx, call, number)
		if err != nil {
			return err
		}
		if !v.Draft {
			return problem.Refuse("A signed report is never deleted.", "Write a new one that takes its place.")
		}
		if !v.MaySign {
			return problem.Missing()
		}
		if err := s.deleteDraft(ctx, call.Actor.Tenant, v.Number); err != nil {
			return err
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: ActReport, Kind: "report", ID: v.Number, Person: v.Doctor, Before: v.Report})
	})
}
