package organisation_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"msw/internal/access"
	"msw/internal/cli"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/database/dbtest"
	"msw/internal/organisation"
	"msw/internal/web"
)

type browser struct {
	t *testing.T
	h http.Handler
}

func pages(t *testing.T, db *database.DB, s *organisation.Service) browser {
	t.Helper()
	now := as("", "").Now
	server, err := web.New(web.Options{DB: db, Access: table(t), Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Now: func() clock.Instant { return now },
		Actor: func(r *http.Request) (access.Actor, bool, error) {
			role := access.Role(r.Header.Get("X-Role"))
			if role == organisation.RoleEmployerHR {
				return as("hr", role, "A10001").Actor, true, nil
			}
			return as(string(role), role).Actor, role != "", nil
		}})
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Handle(organisation.NewPages(s).Routes()...); err != nil {
		t.Fatal(err)
	}
	return browser{t, server}
}

func (b browser) send(method string, role access.Role, path, body string) (int, string) {
	r := httptest.NewRequest(method, "http://msw.test"+path, strings.NewReader(body))
	if method == "POST" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.Header.Set("X-Role", string(role))
	w := httptest.NewRecorder()
	b.h.ServeHTTP(w, r)
	return w.Code, w.Body.String() + w.Header().Get("Location")
}

func (b browser) get(role access.Role, path string) (int, string) {
	return b.send("GET", role, path, "")
}

var formTag = regexp.MustCompile(`(?s)<form[^>]*action="([^"]+)".*?</form>`)
var keyField = regexp.MustCompile(`name="key"[^>]*value="([^"]+)"|value="([^"]+)"[^>]*name="key"`)

// post sends the first form of the page that goes to action.
func (b browser) post(role access.Role, page, action string, values url.Values) (int, string) {
	b.t.Helper()
	_, body := b.get(role, page)
	for _, form := range formTag.FindAllStringSubmatch(body, -1) {
		if form[1] == action {
			if m := keyField.FindStringSubmatch(form[0]); m != nil {
				values.Set("key", m[1]+m[2])
			}
			break
		}
	}
	return b.send("POST", role, action, values.Encode())
}

func TestPagesOfOrganisations(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		s := service(t, db)
		b := pages(t, db, s)
		admin, caseworker, hr := organisation.RoleAdministrator, organisation.RoleCaseworker, organisation.RoleEmployerHR
		if _, body := b.get(caseworker, "/organisations"); !strings.Contains(body, "No organisations yet") {
			t.Error("no words for an empty list")
		}
		small(t, s)
		for _, c := range []struct {
			role      access.Role
			path      string
			status    int
			must, not []string
		}{
			{caseworker, "/organisations", 200, []string{"North Street Surgery", "epraccur-2025-11.csv", "Open Government Licence"}, []string{"Add an organisation", "Dormant"}},
			{caseworker, "/organisations?q=north&closed=yes", 200, []string{"Dormant", "Wales: cannot host"}, []string{"South Street"}},
			{caseworker, "/organisations?q=zebra", 200, []string{"Nothing found", `value="zebra"`}, nil},
			{caseworker, "/organisations/A10001", 200, []string{"Yes", "1 High Street", "North East and Yorkshire", "as at 30 November 2025"}, []string{"People who act", "Close this"}},
			{hr, "/organisations/A10001", 404, nil, nil},
			{caseworker, "/organisations/ZZZZZ", 404, nil, nil},
			{caseworker, "/organisations/new", 404, nil, nil},
			{admin, "/organisations/new", 200, []string{"Charity"}, []string{"NHS trust<"}},
			{admin, "/organisations/A10001/members", 200, []string{"Nobody yet", "Supervisor"}, []string{"National lead"}},
			{hr, "/organisations/A10001/members", 200, []string{"Nobody yet"}, []string{"Add a person"}},
			{hr, "/organisations/A10002/members", 403, nil, []string{"Nobody yet"}},
			{admin, "/members", 200, []string{"Regional lead"}, []string{"Supervisor"}},
		} {
			status, body := b.get(c.role, c.path)
			if status != c.status {
				t.Errorf("%s %s: %d", c.role, c.path, status)
			}
			for _, m := range c.must {
				if !strings.Contains(body, m) {
					t.Errorf("%s %s does not say %q", c.role, c.path, m)
				}
			}
			for _, m := range c.not {
				if strings.Contains(body, m) {
					t.Errorf("%s %s says %q", c.role, c.path, m)
				}
			}
		}
		_, body := b.get(caseworker, "/organisations/hosts.json?q=north")
		var list []struct{ Value, Text, Hint string }
		if err := json.Unmarshal([]byte(body), &list); err != nil || len(list) != 2 || !strings.Contains(list[0].Hint, "GP practice") {
			t.Errorf("hosts: %v %s", err, body)
		}
		if _, body := b.get(caseworker, "/organisations/search.json?q="); strings.TrimSpace(body) != "[]" {
			t.Errorf("nothing typed: %s", body)
		}

		values := url.Values{"kind": {"charity"}, "name": {"Doctors <Together>"}, "postcode": {"nowhere"}}
		status, body := b.post(admin, "/organisations/new", "/organisations/new", values)
		if status != 422 || !strings.Contains(body, "Enter a full postcode") || !strings.Contains(body, "Doctors &lt;Together&gt;") {
			t.Errorf("a wrong postcode: %d", status)
		}
		values.Set("postcode", "m1 1aa")
		status, path := b.post(admin, "/organisations/new", "/organisations/new", values)
		if status != 303 {
			t.Fatalf("a charity: %d %s", status, path)
		}
		path = strings.TrimSpace(path)
		if status, _ := b.post(admin, path+"/members", path+"/members", url.Values{"email": {"no address"}, "role": {"referrer"}}); status != 422 {
			t.Errorf("no address: %d", status)
		}
		if status, body := b.post(admin, path+"/members", path+"/members", url.Values{"email": {"worker@example.org"}, "role": {"referrer"}}); status != 303 {
			t.Errorf("a member: %d %s", status, body)
		}
		_, body = b.get(admin, path+"/members")
		id := regexp.MustCompile(`name="member"[^>]*value="([^"]+)"|value="([^"]+)"[^>]*name="member"`).FindStringSubmatch(body)
		if id == nil {
			t.Fatal("no button to remove the member")
		}
		if status, body := b.post(admin, path+"/members", path+"/members/remove", url.Values{"member": {id[1] + id[2]}}); status != 303 {
			t.Errorf("remove: %d %s", status, body)
		}
		if status, _ := b.post(admin, path, path+"/close", url.Values{"version": {"1"}}); status != 422 {
			t.Errorf("closing without a day: %d", status)
		}
		if status, body := b.post(admin, path, path+"/close", url.Values{"version": {"1"}, "closed": {"2026-11-22"}}); status != 303 {
			t.Errorf("closing: %d %s", status, body)
		}
		if _, body := b.get(admin, path); !strings.Contains(body, "Closed from 22 November 2026") {
			t.Error("closed is not shown")
		}
	})
}

func TestImportCommand(t *testing.T) {
	db := dbtest.SQLite(t)
	s := service(t, db)
	name := filepath.Join(t.TempDir(), "epraccur-2025-11.csv")
	text := row("A10001", "NORTH STREET SURGERY", "Y63", "QHM", "TS18 1HU", "A") + row("A1", "X", "Y63", "QHM", "TS18 1HU", "A")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	run := func(args ...string) (int, string, string) {
		var out, errs bytes.Buffer
		take := cli.With("organisations", "Take in files.", &organisation.ImportCommand{}, func(cli.Console) (*organisation.Service, error) { return s, nil })
		code := cli.Run(context.Background(), cli.Options{Name: "msw", Commands: []cli.Command{cli.Group("import", "Take in files.", take)},
			Args: append([]string{"import", "organisations"}, args...), Out: &out, Err: &errs,
			Call: func(cli.Console) (access.Call, error) { return as("op", organisation.RoleOperator), nil }})
		return code, out.String(), errs.String()
	}
	if code, out, _ := run("--dry-run", name); code != 0 || !strings.Contains(out, "Nothing was stored") || count(t, db, "1 = 1") != 0 {
		t.Errorf("dry run: %d %s", code, out)
	}
	code, out, _ := run("--json", name)
	var report struct {
		Read, Added, Refused int
		Reasons              map[string]int
		Files                []struct {
			AsAt string `json:"as_at"`
		}
	}
	if err := json.Unmarshal([]byte(out), &report); err != nil || code != 0 || report.Read != 2 || report.Added != 1 || report.Refused != 1 || len(report.Reasons) != 1 || report.Files[0].AsAt != "2025-11-30" {
		t.Errorf("%d %v %s", code, err, out)
	}
	if code, out, _ := run(name); code != 0 || !strings.Contains(out, "added 0, changed 0, unchanged 1, closed 0, refused 1") {
		t.Errorf("again: %d %s", code, out)
	}
	if code, _, errs := run("--as-at", "2025-13-01", name); code != 2 {
		t.Errorf("a date that is none: %d %s", code, errs)
	}
	other := filepath.Join(filepath.Dir(name), "practices.csv")
	if err := os.Rename(name, other); err != nil {
		t.Fatal(err)
	}
	if code, _, errs := run(other); code != 1 || !strings.Contains(errs, "--as-at") {
		t.Errorf("no date: %d %s", code, errs)
	}
}
