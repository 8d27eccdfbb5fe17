package notify

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/database/dbtest"
)

var noon = clock.At(time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC))

func now() clock.Instant { return noon }

func letter() Message {
	return Message{Tenant: "t1", ID: "job-1", Channel: Mail, To: "amina@example.org", Subject: "You have a message", Text: "Здравствуйте, Amina.\n\nPlease sign in."}
}

func TestOnceSendsAMessageOnceForItsTenant(t *testing.T) {
	dbtest.Run(t, func(t *testing.T, db *database.DB) {
		box, broken := NewMailbox(10, now), true
		once := NewOnce(db, SenderFunc(func(ctx context.Context, m Message) error {
			if broken {
				return errors.New("down")
			}
			return box.Send(ctx, m)
		}), now)
		if err := once.Send(t.Context(), letter()); err == nil {
			t.Fatal("a failure was not told")
		}
		broken = false
		for range 3 {
			if err := once.Send(t.Context(), letter()); err != nil {
				t.Fatal(err)
			}
		}
		other := letter()
		other.Tenant = "t2"
		if err := once.Send(t.Context(), other); err != nil {
			t.Fatal(err)
		}
		if a, b := box.Newest("t1", 10), box.Newest("t2", 10); len(a) != 1 || len(b) != 1 {
			t.Fatalf("sent %d and %d times", len(a), len(b))
		}
		if err := once.Forget(t.Context(), noon.Add(time.Second)); err != nil {
			t.Fatal(err)
		}
		if err := once.Send(t.Context(), letter()); err != nil || len(box.Newest("t1", 10)) != 2 {
			t.Fatalf("not forgotten: %v", err)
		}
	})
}

func TestAMessageThatCannotBeSentIsRefused(t *testing.T) {
	for name, spoil := range map[string]func(*Message){
		"no id":          func(m *Message) { m.ID = "" },
		"no receiver":    func(m *Message) { m.To = "" },
		"no text":        func(m *Message) { m.Text = " \n" },
		"no channel":     func(m *Message) { m.Channel = "pigeon" },
		"header smuggle": func(m *Message) { m.Subject = "Hello\r\nBcc: everyone@example.org" },
	} {
		m := letter()
		spoil(&m)
		if err := NewMailbox(1, now).Send(t.Context(), m); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

func TestTheMailboxKeepsTheNewest(t *testing.T) {
	box := NewMailbox(3, now)
	for _, id := range []string{"1", "2", "3", "4", "5"} {
		m := letter()
		m.ID = id
		if err := box.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	list := box.Newest("t1", 2)
	if len(list) != 2 || list[0].ID != "5" || list[1].ID != "4" || len(box.Newest("t1", 10)) != 3 || len(box.Newest("t2", 10)) != 0 {
		t.Fatalf("kept %+v", list)
	}
}

// post is a mail server that takes everything.
type post struct {
	mu   sync.Mutex
	to   []string
	mail []string
}

func (p *post) NewSession(*smtp.Conn) (smtp.Session, error) { return visit{p}, nil }

type visit struct{ *post }

func (visit) Reset()                               {}
func (visit) Logout() error                        { return nil }
func (visit) Mail(string, *smtp.MailOptions) error { return nil }
func (v visit) Rcpt(to string, _ *smtp.RcptOptions) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.to = append(v.to, to)
	return nil
}

func (v visit) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	v.mu.Lock()
	defer v.mu.Unlock()
	v.mail = append(v.mail, string(b))
	return err
}

func TestSMTPSendsANeutralMailWithAStableMessageID(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	office := &post{}
	server := smtp.NewServer(office)
	go server.Serve(l)
	t.Cleanup(func() { server.Close() })
	s, err := NewSMTP(SMTPOptions{Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port, From: "no-reply@messages.example", Plain: true, Now: now})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.Send(t.Context(), letter()); err != nil {
			t.Fatal(err)
		}
	}
	if len(office.mail) != 2 || office.to[0] != "amina@example.org" {
		t.Fatalf("the office took %v", office.to)
	}
	for _, mail := range office.mail {
		for _, want := range []string{"Message-ID: <" + s.MessageID(letter()) + ">", `From: "Messages" <no-reply@messages.example>`, "Date: Sun, 22 Nov 2026 12:00:00"} {
			if !strings.Contains(mail, want) {
				t.Errorf("the mail lacks %q:\n%s", want, mail)
			}
		}
		for _, never := range []string{"t1", "job-1", "go-mail"} {
			if strings.Contains(mail, never) {
				t.Errorf("the mail tells %q", never)
			}
		}
	}
	demanding, _ := NewSMTP(SMTPOptions{Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port, From: "no-reply@messages.example", Now: now})
	if err := demanding.Send(t.Context(), letter()); err == nil || len(office.mail) != 2 {
		t.Fatal("mail went out without TLS")
	}
}

func TestTheGatewayIsAskedWithTokenAndReference(t *testing.T) {
	var got map[string]string
	status, token := http.StatusAccepted, ""
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token = r.Header.Get("Authorization")
		if err := json.NewDecoder(r.Body).Decode(&got); err != nil {
			t.Error(err)
		}
		w.WriteHeader(status)
	}))
	defer server.Close()
	g, err := NewGateway(server.URL, "secret")
	if err != nil {
		t.Fatal(err)
	}
	m := Message{Tenant: "t1", ID: "job-2", Channel: Text, To: "+447700900123", Text: "You have a message."}
	if err := g.Send(t.Context(), m); err != nil || got["to"] != m.To || got["reference"] != "job-2" || token != "Bearer secret" {
		t.Fatalf("%v: %v, token %q", err, got, token)
	}
	status = http.StatusInternalServerError
	if err := g.Send(t.Context(), m); err == nil {
		t.Fatal("a refusal was taken for success")
	}
	if _, err := NewGateway("http://sms.example.org/send", "secret"); err == nil {
		t.Fatal("a token may go out in clear")
	}
	if err := (Channels{Text: g}).Send(t.Context(), letter()); err == nil {
		t.Fatal("mail went out as a text")
	}
}
