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
	"msw/internal/organisation"
	"msw/internal/post"
	"msw/internal/problem"
	"msw/internal/programme"
	"msw/internal/referral"
	"msw/internal/registration"
	"msw/internal/web"
)

// commands are what the program can do from the command line.
type commands struct {
	Demo    demoCommand    `cmd:"" help:"Serve a fictional programme with years of history; sign in with one click."`
	Serve   serveCommand   `cmd:"" help:"Serve the programme."`
	Migrate migrateCommand `cmd:"" help:"Bring the database's schema up to date, and set up the programme in a new one."`
	Import  struct {
		Organisations organisation.ImportCommand `cmd:"" help:"Take in files of the Organisation Data Service."`
		Outcodes      post.ImportOutcodesCommand `cmd:"" help:"Take in where postcode districts lie, for distances."`
		Referrals     referral.ImportCmd         `cmd:"" help:"Take in a charity's spreadsheet of doctors."`
		Register      registration.ImportCommand `cmd:"" help:"Take in an extract of the GMC register."`
	} `cmd:"" help:"Take in files."`
	Audit struct {
		Verify verifyCommand `cmd:"" help:"Check that nobody changed or removed a row of the record of deeds and looks."`
	} `cmd:"" help:"The record of who did and saw what."`
	Admin struct {
		Create adminCommand `cmd:"" help:"Make an administrator, who can then name everybody else."`
	} `cmd:"" help:"Who may administer."`
	Rules    rulesCommands       `cmd:"" help:"The programme's rules: ask them, read them, compare them, check them."`
	Allocate allocation.Commands `cmd:"" help:"Give out posts by a run file, explain it, and check a result. Needs no database."`

	Key     keyCommand     `cmd:"" help:"Make a master key file."`
	Docs    docsCommand    `cmd:"" hidden:"" help:"Write the documents generated from the program itself."`
	Version versionCommand `cmd:"" help:"Say which build this is."`
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
		Commands: &commands{}, Args: args, Out: out, Err: errs, Database: config.Database, Call: m.call,
		Providers: []any{
			func() (*machine, error) { return m, nil },
			func() (allocation.Build, error) { return allocation.Build(version), nil },
			func(c cli.Console) (*App, error) { return m.open(c) },
			func(c cli.Console) (*organisation.Service, error) {
				a, err := m.open(c)
				if err != nil {
					return nil, err
				}
				return a.Organisations, nil
			},
			func(c cli.Console) (*post.Service, error) {
				a, err := m.open(c)
				if err != nil {
					return nil, err
				}
				return a.Posts, nil
			},
			func(c cli.Console) (*referral.Service, error) {
				a, err := m.open(c)
				if err != nil {
					return nil, err
				}
				return a.Referrals, nil
			},
			func(c cli.Console) (*registration.Service, error) {
				a, err := m.open(c)
				if err != nil {
					return nil, err
				}
				return a.Registrations, nil
			},
		},
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
func (m *machine) begins() bool {
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
	Addr string `default:"127.0.0.1:8080" help:"Where to listen (${default})." placeholder:"HOST:PORT"`
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
