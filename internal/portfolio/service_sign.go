package portfolio

import (
	"context"
	"crypto/rand"
	"net/mail"
	"slices"
	"strings"
	"time"
	"unicode"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/jobs"
	"msw/internal/notify"
	"msw/internal/problem"
)

// JobAsk sends an assessor the link.
const JobAsk = "portfolio.ask"

// Asking is whom a doctor asks for a signature. To is an email address or a
// mobile number, or "" when the code is read out instead. Device and Network
// are of the doctor's browser, to notice when the same one signs.
type Asking struct {
	Item            string
	Version         int
	To, Name        string
	Device, Network string
}

// Given is what the doctor gets to hand on; it is shown once and stored nowhere.
type Given struct {
	Code  string // to read out
	Until clock.Instant
	Link  string
	Sent  bool
}

// Ask asks somebody to sign. What was asked before for the same item ends.
func (s *Service) Ask(ctx context.Context, call access.Call, cmd Asking) (Given, error) {
	var given Given
	err := s.change(ctx, call, cmd.Item, cmd.Version, func(ctx context.Context, item *Item) error {
		words, _ := WordsOf(item.Kind)
		if !words.Signed {
			return problem.Refuse("Nobody has to sign this.", "It counts as it is.")
		}
		if item.State != Draft && item.State != Asked && item.State != Declined {
			return problem.Refuse("This was signed already.")
		}
		var c problem.Check
		s.checkWhole(&c, item.Kind, Saving{On: item.On, Story: item.Story})
		to, err := s.cleanTo(ctx, call, cmd.To)
		c.Add(err)
		if err := c.Err(); err != nil {
			return err
		}
		given, err = s.ask(ctx, call, item, cmd, to)
		return err
	})
	return given, err
}

// cleanTo brings an address into its one form; the doctor's own is refused.
func (s *Service) cleanTo(ctx context.Context, call access.Call, to string) (string, error) {
	invalid := func(text string) error {
		return &problem.Error{Kind: problem.Invalid, Message: "There is a problem", Fields: []problem.Field{{Name: "to", Message: text}}}
	}
	to = plainAddress(to)
	if to == "" {
		return "", nil
	}
	if strings.Contains(to, "@") {
		if a, err := mail.ParseAddress(to); err != nil || a.Address != to || len(to) > 200 {
			return "", invalid("Enter an email address like name@nhs.net")
		}
	} else if len(to) < 12 || len(to) > 16 || to[0] != '+' {
		return "", invalid("Enter an email address or a mobile number like 07700 900 982")
	}
	own, err := s.ownContact(ctx, call.Actor.Tenant, call.Actor.Doctor, call.Actor.Account)
	if err != nil {
		return "", err
	}
	if slices.Contains(own, to) {
		return "", invalid("Enter the address of the person who watched you, not your own")
	}
	return to, nil
}

// plainAddress folds an address so that two ways to write it are one: a tag after
// a plus leads to the same mailbox, a leading 0 to the same telephone.
func plainAddress(s string) string {
	s = strings.ToLower(strings.TrimSpace(s))
	if name, host, ok := strings.Cut(s, "@"); ok {
		name, _, _ = strings.Cut(name, "+")
		return name + "@" + host
	}
	s = strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) || r == '+' {
			return r
		}
		if unicode.IsSpace(r) || strings.ContainsRune("-().", r) {
			return -1
		}
		return '?'
	}, s)
	if rest, ok := strings.CutPrefix(s, "00"); ok {
		return "+" + rest
	}
	if rest, ok := strings.CutPrefix(s, "0"); ok {
		return "+44" + rest
	}
	return s
}

func (s *Service) ownContact(ctx context.Context, tenant, doctor, account string) ([]string, error) {
	var own []string
	if s.o.Contact != nil {
		c, err := s.o.Contact(ctx, tenant, doctor)
		if err != nil {
			return nil, err
		}
		own = append(slices.Clone(c.Emails), c.Phones...)
	}
	if s.o.Email != nil && account != "" {
		email, err := s.o.Email(ctx, account)
		if err != nil && problem.KindOf(err) != problem.NotFound {
			return nil, err
		}
		own = append(own, email)
	}
	for i := range own {
		own[i] = plainAddress(own[i])
	}
	return slices.DeleteFunc(own, func(s string) bool { return s == "" }), nil
}

func (s *Service) ask(ctx context.Context, call access.Call, item *Item, cmd Asking, to string) (Given, error) {
	tenant := call.Actor.Tenant
	days, err := s.o.Setting(ctx, tenant, SettingLinkDays)
	if err != nil {
		return Given{}, err
	}
	minutes, err := s.o.Setting(ctx, tenant, SettingCodeMinutes)
	if err != nil {
		return Given{}, err
	}
	if err := s.endAsks(ctx, tenant, item.ID, call.Now); err != nil {
		return Given{}, err
	}
	link, code := secret(tenant), database.NewRef()
	a := ask{ID: database.NewRef(), Item: item.ID, Doctor: item.Doctor, Link: s.hash(tenant, "link", link), Code: s.hash(tenant, "code", code),
		Made: call.Now, LinkUntil: call.Now.Add(time.Duration(days) * 24 * time.Hour), CodeUntil: call.Now.Add(time.Duration(minutes) * time.Minute),
		Device: s.hint(tenant, cmd.Device), Network: s.hint(tenant, cmd.Network), Sealed: asked{To: to, Name: strings.TrimSpace(cmd.Name)}}
	if to != "" {
		a.To, a.Sealed.Secret = s.hash(tenant, "address", to), link
	}
	if err := s.insertAsk(ctx, tenant, a); err != nil {
		return Given{}, err
	}
	item.State, item.Shared = Asked, true
	if to != "" && s.o.Jobs != nil {
		if err := s.o.Jobs.Enqueue(ctx, tenant, JobAsk, map[string]string{"ask": a.ID}); err != nil {
			return Given{}, err
		}
	}
	return Given{Code: code, Until: a.CodeUntil, Link: s.o.Address + "/sign-off/" + link, Sent: to != ""}, nil
}

func (s *Service) hint(tenant, text string) string {
	if text == "" {
		return ""
	}
	return s.hash(tenant, "hint", text)
}

// NewDevice makes what a doctor's browser remembers.
func NewDevice() string { return rand.Text() }

// SendAsk sends the link of a request; it is the handler of JobAsk.
func (s *Service) SendAsk(ctx context.Context, job jobs.Job) error {
	a, err := s.askBy(ctx, job.Tenant, "id", job.IDs["ask"])
	if err != nil || a.Sealed.Secret == "" || !a.Used.IsZero() || !a.Ended.IsZero() {
		return err
	}
	names, err := s.o.Names(ctx, job.Tenant, []string{a.Doctor})
	if err != nil {
		return err
	}
	m := notify.Message{Tenant: job.Tenant, ID: job.ID, Channel: notify.Mail, To: a.Sealed.To, Subject: "Please sign what you saw: it takes a minute",
		Text: names[a.Doctor] + ", Medical Support Worker, asks you to sign something you saw. You need no account.\n\n" + s.o.Address + "/sign-off/" + a.Sealed.Secret +
			"\n\nThe link works once, until " + a.LinkUntil.Local().Long() + ". Do not pass it on. If you did not see it, open the link and say so."}
	if !strings.Contains(a.Sealed.To, "@") {
		m.Channel = notify.Text
	}
	if err := s.o.Sender.Send(ctx, m); err != nil {
		return err
	}
	return s.db.Tx(ctx, func(ctx context.Context) error {
		a.Sealed.Secret = ""
		return s.sealAsk(ctx, job.Tenant, a)
	})
}

// Request is what an assessor sees by a link.
type Request struct {
	Secret, Name, HostName string // of the doctor, of where they work
	Item                   Item
	TaskTitle              string
	Tasks                  []Task
	Known                  *assessor // when the host vouches for whom it was sent to
	AskedName              string
	Used                   bool
	Outcome                string // the one line, once used
	tenant                 string
	ask                    ask
}

// KnownName, KnownRole and KnownGMC fill in the form for somebody the host knows.
func (r Request) KnownName() string {
	if r.Known != nil {
		return r.Known.Sealed.Name
	}
	return r.AskedName
}

// errUsed, errEnded and errOver are what the holder of a link may be told; whoever
// guesses is told nothing of the kind.
var (
	errUsed  = problem.Refuse("This link has been used.", "It works once. Nothing more is needed from you.")
	errEnded = problem.Refuse("This link no longer works.", "The person who sent it took it back, or sent a newer one. Look for a newer message.")
	errOver  = problem.Refuse("This link has run out.", "Ask the person who sent it for a new one.")
)

// OpenAsk gives what a link asks for. A link that was never given is one that
// does not exist.
func (s *Service) OpenAsk(ctx context.Context, call access.Call, link string) (Request, error) {
	tenant, ok := split(link)
	if !ok {
		return Request{}, problem.Missing()
	}
	a, err := s.askBy(ctx, tenant, "link", s.hash(tenant, "link", link))
	if err != nil {
		return Request{}, err
	}
	r := Request{Secret: link, tenant: tenant, ask: a}
	const shownFor = time.Hour // after signing
	switch {
	case !a.Used.IsZero() && call.Now.Before(a.Used.Add(shownFor)):
		r.Used, r.Outcome = true, a.Sealed.Outcome
		return r, nil
	case !a.Used.IsZero():
		return r, errUsed
	case !a.Ended.IsZero():
		return r, errEnded
	case !call.Now.Before(a.LinkUntil):
		return r, errOver
	}
	if err := s.furnish(ctx, &r); err != nil {
		return Request{}, err
	}
	return r, s.audit.Look(ctx, asAssessor(call, tenant), audit.Look{Action: ActAssess, Kind: "portfolio item", IDs: []string{r.Item.ID}, Person: a.Doctor})
}

func (s *Service) furnish(ctx context.Context, r *Request) (err error) {
	if r.Item, err = s.item(ctx, r.tenant, r.ask.Item); err != nil {
		return err
	}
	names, err := s.o.Names(ctx, r.tenant, []string{r.ask.Doctor})
	if err != nil {
		return err
	}
	r.Name, r.AskedName = names[r.ask.Doctor], r.ask.Sealed.Name
	if r.HostName, err = s.hostName(ctx, r.tenant, r.Item.Host); err != nil {
		return err
	}
	if s.o.Tasks != nil && r.Item.Host != "" {
		if r.Tasks, err = s.o.Tasks(ctx, r.tenant, r.Item.Host); err != nil {
			return err
		}
	}
	r.TaskTitle = taskTitle(r.Tasks, r.Item.Task)
	known, found, err := s.assessorOf(ctx, r.tenant, r.Item.Host, r.ask.To)
	if found {
		r.Known = &known
	}
	return err
}

func taskTitle(tasks []Task, id string) string {
	for _, t := range tasks {
		if t.ID == id {
			return t.Title
		}
	}
	return ""
}

func (s *Service) hostName(ctx context.Context, tenant, host string) (string, error) {
	if host == "" {
		return "", nil
	}
	names, err := s.organisationNames(ctx, tenant, []string{host})
	return names[host], err
}

// Exchange turns a code that was read out into a link that works as long as the
// code would have.
func (s *Service) Exchange(ctx context.Context, call access.Call, code string) (link string, err error) {
	clean, ok := database.CheckRef(code)
	if !ok {
		return "", wrongCode()
	}
	tenants := []string{call.Actor.Tenant}
	if s.o.Tenants != nil {
		if tenants, err = s.o.Tenants(ctx); err != nil {
			return "", err
		}
	}
	err = s.db.Tx(ctx, func(ctx context.Context) error {
		for _, tenant := range tenants {
			a, err := s.askBy(ctx, tenant, "code", s.hash(tenant, "code", clean))
			if problem.KindOf(err) == problem.NotFound {
				continue
			}
			if err != nil {
				return err
			}
			if !a.Used.IsZero() || !a.Ended.IsZero() || !call.Now.Before(a.CodeUntil) {
				return wrongCode()
			}
			link = secret(tenant)
			return s.relink(ctx, tenant, a.ID, s.hash(tenant, "link", link), s.hash(tenant, "code", rand.Text()), a.CodeUntil)
		}
		return wrongCode()
	})
	return link, err
}

// wrongCode is the one answer to a code that is wrong, used, or too old.
func wrongCode() error {
	return &problem.Error{Kind: problem.Invalid, Message: "There is a problem", Fields: []problem.Field{{Name: "code", Message: "This code does not work. Check it, or ask for a new one"}}}
}

// Signing is what an assessor sends. Decline needs a reason, everything else is
// for a signature.
type Signing struct {
	Link            string
	Name, Role, GMC string
	Level           Level
	What            string // as it should read; "" leaves it as it is
	Well, Better    string
	Decline         bool
	Reason          string
	Saw             bool // says that they watched it themselves
	Device, Network string
}

// Sign takes an assessor's answer: once, by whoever holds the link, and never by
// the doctor. It counts when the host vouches for the assessor; where the link
// was sent to somebody it vouches for already, at once.
func (s *Service) Sign(ctx context.Context, call access.Call, cmd Signing) error {
	r, err := s.OpenAsk(ctx, call, cmd.Link)
	if err != nil {
		return err
	}
	if r.Used {
		return errUsed
	}
	if call.Actor.Doctor != "" && call.Actor.Doctor == r.ask.Doctor {
		return problem.Refuse("You cannot sign your own work.", "Pass the link to the person who watched you.")
	}
	if err := cmd.check(r); err != nil {
		return err
	}
	return s.db.Tx(ctx, func(ctx context.Context) error {
		item, err := s.item(ctx, r.tenant, r.ask.Item)
		if err != nil {
			return err
		}
		if item.State != Asked {
			return errEnded
		}
		before, call := item, asAssessor(call, r.tenant)
		s.answer(call, &item, r, cmd)
		if item.State == Vouched {
			if err := s.tell(ctx, call, &item); err != nil {
				return err
			}
		}
		if err := s.saveItem(ctx, r.tenant, &item, before.Version); err != nil {
			return err
		}
		if r.ask.Sealed.Outcome, err = s.outcome(ctx, call, item, r); err != nil {
			return err
		}
		r.ask.Sealed.Secret = ""
		first, err := s.useAsk(ctx, r.tenant, r.ask, call.Now)
		if err != nil {
			return err
		}
		if !first {
			return errUsed
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: ActAssess, Kind: "portfolio item", ID: item.ID, Person: item.Doctor, Before: before, After: item})
	})
}

// asAssessor acts in the programme of the link, as nobody who is signed in.
func asAssessor(call access.Call, tenant string) access.Call {
	call.Actor = access.Actor{Tenant: tenant, Name: "An assessor by link"}
	return call
}

func (cmd *Signing) check(r Request) error {
	var c problem.Check
	cmd.Name, cmd.Reason = strings.TrimSpace(cmd.Name), strings.TrimSpace(cmd.Reason)
	c.That(cmd.Name != "" && len(cmd.Name) <= 120, "name", "Enter your full name")
	c.That(slices.ContainsFunc(Roles(), func(x Role) bool { return x.Code == cmd.Role }), "role", "Choose your role")
	number, ok := GMCNumber(cmd.GMC)
	switch {
	case cmd.GMC != "" || NeedsGMC(cmd.Role) && cmd.Role != "":
		c.That(ok, "gmc", "Enter your GMC number: 7 numbers, like 1234567")
	case r.Item.Task != "" && !cmd.Decline:
		c.That(ok, "gmc", "Only somebody with a GMC number can sign a task off. Enter it, or do not sign")
	}
	cmd.GMC = number
	if cmd.Decline {
		c.That(cmd.Reason != "", "reason", "Say in a few words why you do not sign")
		return c.Err()
	}
	c.That(cmd.Saw, "saw", "Tick that you saw this yourself, or say that you do not sign")
	if r.Item.Task != "" {
		highest := Level(3)
		for _, t := range r.Tasks {
			if t.ID == r.Item.Task && t.Highest > 0 {
				highest = t.Highest
			}
		}
		c.That(cmd.Level >= 1 && cmd.Level <= highest, "level", "Choose a level: the highest for this task is "+decimal(int(highest)))
	}
	c.That(len(cmd.What) <= 5000 && len(cmd.Well) <= 5000 && len(cmd.Better) <= 5000 && len(cmd.Reason) <= 2000, "well", "Use at most 5,000 letters")
	return c.Err()
}

// answer writes an assessor's answer into the item.
func (s *Service) answer(call access.Call, item *Item, r Request, cmd Signing) {
	g := &Signature{Name: cmd.Name, Role: cmd.Role, GMC: cmd.GMC, Email: r.ask.Sealed.To, Well: cmd.Well, Better: cmd.Better, At: call.Now}
	item.Signature, item.SignedOn, item.Role = g, call.Today, cmd.Role
	if cmd.Decline {
		item.State, item.Shared, g.Reason = Declined, false, cmd.Reason
		return
	}
	if what := strings.TrimSpace(cmd.What); what != "" && what != item.What {
		item.What = what
		g.Changed = append(g.Changed, "what was done")
	}
	if item.Task != "" && cmd.Level != item.Level {
		g.Changed = append(g.Changed, "the level, from "+decimal(int(item.Level))+" to "+decimal(int(cmd.Level)))
		item.Level = cmd.Level
	}
	g.Flags = s.flags(r, cmd)
	item.State = Signed
	if r.Known != nil && r.Known.Sealed.GMC == cmd.GMC && r.Known.Role == cmd.Role && len(g.Flags) == 0 {
		item.State, g.VouchBy, g.VouchOn = Vouched, r.Known.By, call.Today
	}
}

// The flags of a signature: what the host is shown before it vouches.
const (
	FlagDevice  = "Signed in the same browser the doctor used"
	FlagNetwork = "Signed from the same network as the doctor (usual inside one building)"
	FlagAddress = "Sent to an address outside the NHS"
	FlagCode    = "Signed with a code that was read out: nobody was written to"
)

func (s *Service) flags(r Request, cmd Signing) (flags []string) {
	if d := s.hint(r.tenant, cmd.Device); d != "" && d == r.ask.Device {
		flags = append(flags, FlagDevice)
	}
	to := r.ask.Sealed.To
	switch {
	case to == "":
		flags = append(flags, FlagCode)
	case outsideNHS(to):
		flags = append(flags, FlagAddress)
	}
	if n := s.hint(r.tenant, cmd.Network); n != "" && n == r.ask.Network && (len(flags) > 0) {
		flags = append(flags, FlagNetwork) // by itself it says nothing: a ward has one network
	}
	return flags
}

// outcome is the one line an assessor reads after answering.
func (s *Service) outcome(ctx context.Context, call access.Call, item Item, r Request) (string, error) {
	if item.State == Declined {
		return r.Name + " is told that you did not sign, and why. Nothing else happens.", nil
	}
	var may string
	if item.Signature != nil && len(item.Signature.NoTask) > 0 {
		may = "It stands in the portfolio of " + r.Name + ". It opens no task yet: " + strings.Join(item.Signature.NoTask, " ")
	} else if r.TaskTitle != "" {
		may = r.Name + " may now do this at " + r.HostName + ": " + r.TaskTitle + ", level " + decimal(int(item.Level)) + " (" + strings.ToLower(item.Level.Words()) + ")."
		if item.State != Vouched {
			may = "When " + orHere(r.HostName) + " confirms who you are, " + r.Name + " may do this: " + r.TaskTitle + ", level " + decimal(int(item.Level)) + " (" + strings.ToLower(item.Level.Words()) + ")."
		}
	} else if item.State == Vouched {
		may = "It now stands in the portfolio of " + r.Name + "."
	} else {
		may = "It stands in the portfolio of " + r.Name + " when " + orHere(r.HostName) + " confirms who you are."
	}
	next, err := s.nextFor(ctx, call.Actor.Tenant, item)
	return strings.TrimSpace(may + " " + next), err
}

func orHere(host string) string {
	if host == "" {
		return "the place of work"
	}
	return host
}

// nextFor says what of the host's tasks, or of the newest framework, has no
// evidence yet.
func (s *Service) nextFor(ctx context.Context, tenant string, item Item) (string, error) {
	marks, err := s.marks(ctx, tenant, item.Doctor, theDoctor)
	if err != nil {
		return "", err
	}
	for _, f := range s.o.Frameworks.List {
		if !f.InForce(item.On) {
			continue
		}
		for _, x := range Picture(f, marks, nil, item.SignedOn).Shown {
			if x.Items+x.Waiting == 0 {
				return "Next without evidence: " + strings.ToLower(x.Heading.Title[:1]) + x.Heading.Title[1:] + ".", nil
			}
		}
		break
	}
	return "", nil
}
