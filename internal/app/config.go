// Package app is the one place that knows all: it reads the configuration and
// the clock, makes every service, joins what stations need of each other, and
// holds the permission table and the routes. Read this first.
//
// It decides nothing about a doctor; a rule found here belongs in a station.
package app

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"msw/internal/cli"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/problem"
)

// Config is what the environment says. Flags win over it.
type Config struct {
	Database string // MSW_DATABASE
	KeyFile  string // MSW_KEY_FILE: 32 bytes in hex, kept apart from the database
	Address  string // MSW_ADDRESS: how people reach the service, as https://msw.example.nhs.uk
	Brand    string // MSW_BRAND: the service's name in the header
	Proxied  bool   // MSW_PROXIED: a proxy of ours adds X-Forwarded-For

	SMTPHost, SMTPUser, SMTPPassword string // MSW_SMTP_HOST, _USER, _PASSWORD
	SMTPPort                         int    // MSW_SMTP_PORT
	MailFrom, MailFromName           string // MSW_MAIL_FROM, MSW_MAIL_FROM_NAME
	TextURL, TextToken               string // MSW_TEXT_URL, MSW_TEXT_TOKEN
	Blobs                            string // MSW_BLOBS: a folder, or s3://KEY:SECRET@HOST/BUCKET
	ClamAV                           string // MSW_CLAMAV: HOST:PORT or the path of a socket
}

// FromEnvironment reads the configuration.
func FromEnvironment() Config {
	port, _ := strconv.Atoi(os.Getenv("MSW_SMTP_PORT"))
	return Config{
		Database: first(os.Getenv("MSW_DATABASE"), "sqlite:msw.db"), KeyFile: os.Getenv("MSW_KEY_FILE"),
		Address: os.Getenv("MSW_ADDRESS"), Brand: first(os.Getenv("MSW_BRAND"), "Medical Support Worker programme"),
		Proxied: os.Getenv("MSW_PROXIED") != "", SMTPHost: os.Getenv("MSW_SMTP_HOST"), SMTPUser: os.Getenv("MSW_SMTP_USER"),
		SMTPPassword: os.Getenv("MSW_SMTP_PASSWORD"), SMTPPort: port, MailFrom: os.Getenv("MSW_MAIL_FROM"),
		MailFromName: os.Getenv("MSW_MAIL_FROM_NAME"), TextURL: os.Getenv("MSW_TEXT_URL"), TextToken: os.Getenv("MSW_TEXT_TOKEN"),
		Blobs: os.Getenv("MSW_BLOBS"), ClamAV: os.Getenv("MSW_CLAMAV"),
	}
}

func first(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

// readKey reads the master key. Where none is configured it stands beside the
// SQLite file, or in msw.key in the folder msw runs in, so that a first try
// needs no preparation. It is made only where no records can need another one;
// fresh tells so.
func readKey(c Config) (key []byte, path string, fresh bool, err error) {
	if path = c.KeyFile; path == "" {
		if path, err = usualKeyFile(c.Database); err != nil {
			return nil, "", false, err
		}
		if fresh, err = makeUsualKey(c.Database, path); err != nil {
			return nil, "", false, err
		}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, "", false, problem.Wrap(problem.Refused, "The key file "+path+" cannot be read. Make one with: msw key FILE", err)
	}
	key, err = hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(key) != 32 {
		return nil, "", false, problem.New(problem.Refused, "The key file "+path+" does not hold 32 bytes in hex. Make one with: msw key FILE")
	}
	return key, path, fresh, nil
}

func usualKeyFile(address string) (string, error) {
	file, isFile := strings.CutPrefix(address, "sqlite:")
	switch {
	case isFile && file != "" && file != ":memory:":
		return file + ".key", nil
	case strings.HasPrefix(address, "postgres://"), strings.HasPrefix(address, "postgresql://"):
		return "msw.key", nil
	}
	return "", cli.Wrong("--database must be sqlite:FILE or postgres://…")
}

// makeUsualKey makes the key file where there is none. A database file that
// holds something had a key: a new one could not read it.
func makeUsualKey(address, path string) (made bool, err error) {
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	file, isFile := strings.CutPrefix(address, "sqlite:")
	if at, err := os.Stat(file); isFile && err == nil && at.Size() > 0 {
		return false, problem.New(problem.Refused, "There is no key for "+file+": put "+path+" back, or name the key file in MSW_KEY_FILE.")
	}
	if folder := filepath.Dir(path); !isFolder(folder) {
		return false, problem.New(problem.Refused, "There is no folder "+folder+".")
	}
	if err := writeKey(path); err != nil {
		return false, err
	}
	fmt.Fprintf(os.Stderr, "msw: made a master key in %s. Keep it apart from the database and its backups: without it the records cannot be read.\n", path)
	return true, nil
}

func isFolder(path string) bool {
	at, err := os.Stat(path)
	return err == nil && at.IsDir()
}

// writeKey makes a new key file that only its owner may read; it never writes
// over one.
func writeKey(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return problem.Wrap(problem.Refused, "The key file "+path+" cannot be made: it may be there already.", err)
	}
	_, err = fmt.Fprintln(f, hex.EncodeToString(database.NewMasterKey()))
	return errors.Join(err, f.Close())
}

// now reads the machine's clock: the only place that does.
func now() clock.Instant { return clock.At(time.Now()) }

// clockFrom gives a clock that stood at a moment when the program began: the
// demo's, whose history ends on a fixed day.
func clockFrom(start clock.Instant) func() clock.Instant {
	began := time.Now()
	return func() clock.Instant { return start.Add(time.Since(began)) }
}
