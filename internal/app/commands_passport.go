package app

import (
	"fmt"
	"io"
	"os"
	"strings"

	"msw/internal/cli"
	"msw/internal/portfolio"
	"msw/internal/problem"
	"msw/internal/sdjwt"
)

// passportVerifyCommand is "msw passport verify".
type passportVerifyCommand struct {
	File    string `arg:"" help:"The passport file, as the doctor gave it." placeholder:"FILE"`
	Keys    string `help:"The issuer's keys, saved from /.well-known/msw-passport-keys.json. Without it, the keys in the file serve, and who made it stays unconfirmed." placeholder:"FILE"`
	Revoked string `help:"The issuer's list of what was taken back, saved earlier. Without it, the list in the file serves." placeholder:"FILE"`
}

// Help is what --help adds.
func (passportVerifyCommand) Help() string {
	return `Works with the network off. Says whether the passport is as it was signed, has not run out, and was not taken back as at the day of the list.

The file brings the keys and the list of the day it was saved. They show that nothing was changed since; only keys you saved yourself from the issuer's address show who made it.

Exit code 0: valid, by keys you named with --keys. 1: altered, expired or revoked, with the reason. 3: as it was signed, but signed with a key that came with the file, so that anybody can have made it.

Example: msw passport verify passport.json --keys keys.json --revoked revoked.jwt`
}

// Run checks and says.
func (cmd *passportVerifyCommand) Run(c cli.Console, _ *machine) error {
	text, err := readSmall(cmd.File)
	if err != nil {
		return err
	}
	var keys *sdjwt.Keys
	if cmd.Keys != "" {
		raw, err := readSmall(cmd.Keys)
		if err != nil {
			return err
		}
		parsed, err := sdjwt.ParseKeys(raw)
		if err != nil {
			return problem.Wrap(problem.Refused, "The keys cannot be read: "+err.Error()+".", err)
		}
		keys = &parsed
	}
	list := ""
	if cmd.Revoked != "" {
		raw, err := readSmall(cmd.Revoked)
		if err != nil {
			return err
		}
		list = strings.TrimSpace(string(raw))
	}
	v := portfolio.Check(text, keys, list, now())
	if err := c.Print(v, func(w io.Writer) { sayVerdict(w, v) }); err != nil {
		return err
	}
	if v.State != portfolio.Valid {
		return problem.New(problem.Refused, v.State+": "+v.Reason)
	}
	if !v.Confirmed {
		return cli.Unsure(problem.Refuse("Nobody confirmed who made it: the key came with the file.", "Save the issuer's keys from its own address and name them with --keys."))
	}
	return nil
}

func sayVerdict(w io.Writer, v portfolio.Verdict) {
	if v.State != portfolio.Valid {
		return // the reason goes to standard error
	}
	if !v.Confirmed {
		fmt.Fprintf(w, "NOT CONFIRMED who made it: the key came with the file. Compare %s with the issuer, or use --keys.\n%s\nSays that it is from: %s\n", v.Print, v.Reason, v.Issuer)
	} else {
		fmt.Fprintf(w, "Valid. %s\nIssuer: %s\n", v.Reason, v.Issuer)
	}
	for _, f := range v.Claims {
		fmt.Fprintf(w, "  %s: %s", f.What, f.Detail)
		for _, part := range []string{f.On.Long(), f.Proof, f.By} {
			if part != "" {
				fmt.Fprintf(w, ", %s", part)
			}
		}
		fmt.Fprintln(w)
	}
}

// readSmall reads a file that nobody expects to be long.
func readSmall(name string) ([]byte, error) {
	const most = 4 << 20
	f, err := os.Open(name)
	if err != nil {
		return nil, problem.Wrap(problem.Refused, "The file "+name+" cannot be opened.", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && len(text) > most {
		err = problem.New(problem.Refused, "The file "+name+" is too long for this.")
	}
	return text, err
}

// passportKeyCommand is "msw passport new-key".
type passportKeyCommand struct{}

// Run makes the key.
func (passportKeyCommand) Run(x cli.Context, a *App) error {
	id, err := a.Portfolios.Rotate(x.Console.Context, x.Call)
	if err != nil {
		return err
	}
	return x.Print(map[string]string{"key": id}, func(w io.Writer) { fmt.Fprintf(w, "Passports are signed with %s from now on.\n", id) })
}
