package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"slices"
	"strings"
	"sync"
	"syscall"

	"msw/internal/access"
	"msw/internal/allocation"
	"msw/internal/cli"
	"msw/internal/database"
	"msw/internal/doctor"
	"msw/internal/document"
	"msw/internal/organisation"
	"msw/internal/portfolio"
	"msw/internal/post"
	"msw/internal/problem"
	"msw/internal/programme"
	"msw/internal/referral"
	"msw/internal/registration"
	"msw/internal/web"
)

// commands are what the program can do from the command line.
func (m *machine) commands() []cli.Command {
	solve := cli.With("run", "Solve a run file and print the result. This is what 'msw allocate run.json' does.", &allocation.SolveCommand{}, m.build)
	return []cli.Command{
		cli.With("demo", "Serve a fictional programme with years of history; sign in with one click.", &demoCommand{}, m.self),
		cli.With("serve", "Serve the programme.", &serveCommand{}, m.self),
		cli.With("migrate", "Bring the database's schema up to date, and set up the programme in a new one.", migrateCommand{}, m.open),
		cli.Group("import", "Take in files.",
			cli.With("organisations", "Take in files of the Organisation Data Service.", &organisation.ImportCommand{}, of(m, func(a *App) *organisation.Service { return a.Organisations })),
			cli.With("outcodes", "Take in where postcode districts lie, for distances.", &post.ImportOutcodesCommand{}, of(m, func(a *App) *post.Service { return a.Posts })),
			cli.With("referrals", "Take in a charity's spreadsheet of doctors.", &referral.ImportCmd{}, of(m, func(a *App) *referral.Service { return a.Referrals })),
			cli.With("portfolio", "Take in a portfolio that a doctor brings from elsewhere.", &portfolio.ImportCommand{}, of(m, func(a *App) *portfolio.Service { return a.Portfolios })),
			cli.With("register", "Take in an extract of the GMC register.", &registration.ImportCommand{}, of(m, func(a *App) *registration.Service { return a.Registrations }))),
		cli.Group("export", "Give out files.",
			cli.With("portfolio", "Write a doctor's whole portfolio, for them alone.", &portfolio.ExportCommand{}, of(m, func(a *App) *portfolio.Service { return a.Portfolios }))),
		cli.Group("audit", "The record of who did and saw what.",
			cli.With("verify", "Check that nobody changed or removed a row of the record of deeds and looks.", verifyCommand{}, m.self)),
		cli.Group("admin", "Who may administer.",
			cli.With("create", "Make an administrator, who can then name everybody else.", &adminCommand{}, m.open)),
		cli.Group("rules", "The programme's rules: ask them, read them, compare them, check them.",
			cli.Do("check", "Answer every requirement for a file of facts on a day.", &rulesCheckCommand{}),
			cli.Do("test", "Run the tests beside the rule files.", &rulesTestCommand{}),
			cli.Do("explain", "Say what a requirement asks, in plain words with its sources; with facts, show the working.", &rulesExplainCommand{}),
			cli.Do("diff", "Say what differs between two versions of a rule set.", &rulesDiffCommand{}),
			cli.With("replay", "Give every stored decision's answer again, and tell whether it is the same to the byte.", &rulesReplayCommand{}, m.open),
			cli.Do("review", "List every value that is not confirmed by its owner.", &rulesReviewCommand{}),
			cli.With("reevaluate", "Ask the rules in force of every case once more; save what changed.", &reevaluateCommand{}, m.open)),
		cli.Group("allocate", "Give out posts by a run file, explain it, and check a result. Needs no database.",
			solve,
			cli.Do("generate", "Print a fictional run file, the same for the same numbers.", &allocation.GenerateCommand{}),
			cli.Do("verify", "Check a result against its run file; exit 1 and the broken rules if anything is wrong.", &allocation.VerifyCommand{})).OrElse(solve),
		cli.Group("documents", "Documents that doctors bring.",
			cli.Do("check", "Say what msw would make of files: accepted, neutralised or refused, and why. Needs no database.", &document.CheckCommand{})),
		cli.Group("duplicates", "Finding records that may be one person.",
			cli.Do("eval", "Say how well duplicates are found on a labelled file: precision and recall.", &doctor.EvalCommand{})),
		cli.Group("passport", "The passport a doctor carries.",
			cli.With("verify", "Check a passport without a network or a database; exit 1 and the reason if it does not hold.", &passportVerifyCommand{}, m.self),
			cli.With("new-key", "Sign with a new key from now on; what older keys signed can still be checked.", passportKeyCommand{}, m.open)),
		cli.Do("key", "Make a master key file.", &keyCommand{}),
		cli.Do("docs", "Write the documents generated from the program itself.", &docsCommand{}).Hidden(),
		cli.With("version", "Say which build this is.", versionCommand{}, m.self),
	}
}

// of gives a command the service of one station, opening the store for it.
func of[S any](m *machine, service func(*App) S) func(cli.Console) (S, error) {
	return func(c cli.Console) (s S, err error) {
		a, err := m.open(c)
		if err != nil {
			return s, err
		}
		return service(a), nil
	}
}

// Main runs the program and gives its exit code.
func Main(version string, args []string, out, errs io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	config := FromEnvironment()
	m := &machine{config: config, version: version, args: args}
	defer m.close()
	return cli.Run(ctx, cli.Options{
		Name: "msw", Description: "msw runs the NHS England Medical Support Worker programme: from a charity's referral to a registered doctor and the public figure.",
		Commands: m.commands(), Args: args, Out: out, Err: errs, Database: config.Database, Call: m.call,
	})
}

// machine is one run of the program: it opens the store when a command first
// needs it.
type machine struct {
	config  Config
	version string
	args    []string
	app     *App
}

func (m *machine) close() {
	if m.app != nil {
		_ = m.app.Close() // the work is done and answered; nothing is left to say
	}
}

// self gives a command the machine itself, with nothing opened.
func (m *machine) self(cli.Console) (*machine, error) { return m, nil }

// build names this build to a command that needs no store.
func (m *machine) build(cli.Console) (allocation.Build, error) {
	return allocation.Build(m.version), nil
}

func (m *machine) open(c cli.Console) (*App, error) {
	if m.app != nil {
		return m.app, nil
	}
	return m.start(c, nil)
}

// start opens the store with its key and sets up the programme in a new one.
func (m *machine) start(c cli.Console, log *slog.Logger) (*App, error) {
	if file, isFile := strings.CutPrefix(c.Database, "sqlite:"); isFile && file != ":memory:" && !m.begins() {
		if _, err := os.Stat(file); err != nil {
			return nil, problem.Wrap(problem.Refused, "There is no database "+file+". Name it with --database, or make one with msw migrate.", err)
		}
	}
	m.config.Database = c.Database
	key, path, fresh, err := readKey(m.config)
	if err != nil {
		return nil, err
	}
	m.app, err = New(c.Context, Options{Config: m.config, Key: key, Log: log, Version: m.version})
	if errors.Is(err, database.ErrWrongKey) {
		if fresh {
			err = errors.Join(err, os.Remove(path))
		}
		return nil, problem.Wrap(problem.Refused, "This database was made with another master key than the one in "+path+". Name the right file in MSW_KEY_FILE.", err)
	}
	if err != nil {
		return nil, problem.Wrap(problem.Refused, oneLine(err), err)
	}
	return m.app, m.app.EnsureProgramme(c.Context)
}

// begins tells whether the command is one with which a programme may begin: any
// other would take an empty store it had just made for the one that was meant.
// One that only checks (--dry-run) must leave nothing behind, so it begins none.
func (m *machine) begins() bool {
	if slices.ContainsFunc(m.args, func(word string) bool { return word == "--dry-run" || word == "--dry-run=true" }) {
		return false
	}
	return slices.ContainsFunc(m.args, func(word string) bool {
		return slices.Contains([]string{"migrate", "serve", "admin", "import", "demo"}, word)
	})
}

// oneLine makes a sentence of what an engine said over several lines.
func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }

// call finds out who acts: --as, or the operator of this computer; and in which
// programme: --programme, or the only one.
func (m *machine) call(c cli.Console) (access.Call, error) {
	a, err := m.open(c)
	if err != nil {
		return access.Call{}, err
	}
	tenant := c.Programme
	if tenant == "" {
		list, err := a.Programme.Tenants(c.Context)
		if err != nil {
			return access.Call{}, err
		}
		if len(list) != 1 {
			return access.Call{}, cli.Wrong("there are %d programmes: say which one with --programme CODE", len(list))
		}
		tenant = list[0].ID
	} else if _, found, err := a.Programme.TenantByCode(c.Context, tenant); err != nil || !found {
		return access.Call{}, either(err, cli.Wrong("there is no programme with the code %q", tenant))
	}
	at := a.Now()
	if c.As == "" {
		return operator(tenant, at), nil
	}
	account, found, err := a.SignIn.Find(c.Context, c.As)
	if err != nil || !found {
		return access.Call{}, either(err, problem.New(problem.Refused, "Nobody has an account with that e-mail address."))
	}
	actors, err := a.actors(c.Context, account)
	if err != nil {
		return access.Call{}, err
	}
	for _, actor := range actors {
		if actor.Tenant == tenant {
			return access.Call{Actor: actor, Now: at, Today: at.Local()}, nil
		}
	}
	return access.Call{}, problem.New(problem.Refused, "That account has no role in this programme.")
}

// either gives the first error that is one.
func either(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

// EnsureProgramme sets up the national programme in an empty store.
func (a *App) EnsureProgramme(ctx context.Context) error {
	list, err := a.Programme.Tenants(ctx)
	if err != nil {
		return err
	}
	for _, t := range list { // rules that came with a newer version of the software
		if _, err := a.Programme.InstallRuleSets(ctx, operator(t.ID, a.Now())); err != nil {
			return err
		}
	}
	if len(list) > 0 {
		return nil
	}
	return a.setUp(ctx, programme.NewTenant{Code: programme.National, Name: "NHS England Medical Support Worker programme", Kind: programme.KindNational, Published: true})
}

func (a *App) setUp(ctx context.Context, n programme.NewTenant) error {
	call := operator(n.Code, a.Now())
	n.Opened = call.Today
	return a.DB.Tx(ctx, func(ctx context.Context) error {
		t, err := a.Programme.CreateTenant(ctx, call, n)
		if err != nil {
			return err
		}
		if _, err := a.Programme.InstallRuleSets(ctx, call); err != nil {
			return err
		}
		if err := a.Eligibility.StartKeeping(ctx, call); err != nil {
			return err
		}
		if n.Kind == programme.KindNational {
			return a.Programme.SetPublic(ctx, call, t.Code)
		}
		return nil
	})
}

type serveCommand struct {
	Addr string `default:"127.0.0.1:8080" help:"Where to listen." placeholder:"HOST:PORT"`
}

func (s *serveCommand) Run(c cli.Console, m *machine) error {
	if m.config.Address == "" {
		m.config.Address = "http://" + s.Addr
	}
	listener, err := listen(s.Addr)
	if err != nil {
		return err
	}
	defer listener.Close()
	if _, err := m.start(c, slog.New(slog.NewJSONHandler(c.Err, nil))); err != nil {
		return err
	}
	return m.app.serve(c.Context, listener, Face{Version: m.version}, func(address string) {
		fmt.Fprintf(c.Out, "msw serves on %s\n", address)
	})
}

// listen takes the address before any other work, so that one in use is said
// at once.
func listen(addr string) (net.Listener, error) {
	listener, err := net.Listen("tcp", addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, problem.Wrap(problem.Refused, "Another program uses "+addr+". Choose another address with --addr.", err)
	}
	if err != nil {
		return nil, problem.Wrap(problem.Refused, "Cannot listen on "+addr+". Give --addr as HOST:PORT, like 127.0.0.1:8080.", err)
	}
	return listener, nil
}

// serve does the waiting work and answers until the context ends.
func (a *App) serve(ctx context.Context, listener net.Listener, f Face, ready func(address string)) error {
	server, err := a.Server(f)
	if err != nil {
		return err
	}
	a.housekeeping(server)
	ctx, stop := context.WithCancel(ctx)
	var worker sync.WaitGroup
	worker.Go(func() { a.Worker.Run(ctx) })
	ready("http://" + listener.Addr().String())
	err = web.Serve(ctx, listener, server)
	stop()
	worker.Wait()
	return err
}

type migrateCommand struct{}

func (migrateCommand) Run(c cli.Console, a *App) error {
	n, err := a.DB.Version(c.Context)
	if err != nil {
		return err
	}
	return c.Print(map[string]int64{"version": n}, func(w io.Writer) { fmt.Fprintf(w, "The schema is at version %d.\n", n) })
}

type verifyCommand struct{}

func (verifyCommand) Run(c cli.Console, m *machine) error {
	if file, isFile := strings.CutPrefix(c.Database, "sqlite:"); isFile && file != ":memory:" {
		if _, err := os.Stat(file); err != nil {
			return problem.Wrap(problem.Refused, "There is no database "+file+" to verify.", err)
		}
	}
	a, err := m.open(c)
	if err != nil {
		return err
	}
	tenants, err := a.Programme.Tenants(c.Context)
	if err != nil {
		return err
	}
	var reports []any
	faults := 0
	var lines []string
	for _, t := range tenants {
		if c.Programme != "" && c.Programme != t.Code {
			continue
		}
		if _, err := a.Audit.Link(c.Context, t.ID, a.Now(), true); err != nil {
			return err
		}
		r, err := a.Audit.Verify(c.Context, t.ID)
		if err != nil {
			return err
		}
		reports = append(reports, r)
		faults += len(r.Faults)
		lines = append(lines, fmt.Sprintf("%s: %d rows linked, %d not yet linked, %d checkpoints", t.Code, r.Linked, r.Tail, r.Checkpoints))
		lines = append(lines, r.Faults...)
	}
	if err := c.Print(map[string]any{"ok": faults == 0, "programmes": reports}, func(w io.Writer) {
		for _, line := range lines {
			fmt.Fprintln(w, line)
		}
	}); err != nil {
		return err
	}
	if faults > 0 {
		return problem.New(problem.Refused, fmt.Sprintf("The record was tampered with: %d faults.", faults))
	}
	return nil
}

type adminCommand struct {
	Email string `arg:"" help:"E-mail address with which the administrator signs in."`
}

func (cmd *adminCommand) Run(x cli.Context, a *App) error {
	err := a.DB.Tx(x.Context, func(ctx context.Context) error {
		account, err := a.SignIn.Ensure(ctx, cmd.Email)
		if err != nil {
			return err
		}
		members, err := a.Organisations.MembersOf(ctx, account, x.Call.Today)
		if err != nil {
			return err
		}
		for _, role := range []access.Role{organisation.RoleAdministrator, organisation.RoleNationalLead} {
			if (access.Actor{Account: account, Members: members[x.Call.Actor.Tenant]}).Has(role) {
				continue
			}
			if _, err := a.Organisations.AddMember(ctx, x.Call, organisation.Member{Account: account, Role: role, From: x.Call.Today}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return x.Print(map[string]string{"administrator": cmd.Email}, func(w io.Writer) {
		fmt.Fprintf(w, "%s is an administrator and can sign in with a code sent by mail.\n", cmd.Email)
	})
}

type keyCommand struct {
	File string `arg:"" help:"Where to write it. An existing file is left alone."`
}

func (k *keyCommand) Run(c cli.Console) error {
	if err := writeKey(k.File); err != nil {
		return err
	}
	fmt.Fprintf(c.Out, "Made a master key in %s. Keep it apart from the database and its backups: without it the records cannot be read.\n", k.File)
	return nil
}

type versionCommand struct{}

func (versionCommand) Run(c cli.Console, m *machine) error {
	return c.Print(map[string]string{"version": m.version}, func(w io.Writer) { fmt.Fprintln(w, "msw", m.version) })
}
