package demo

import (
	"context"
	"hash/fnv"
	"strings"

	"msw/internal/access"
	"msw/internal/clock"
	"msw/internal/organisation"
	"msw/internal/post"
	"msw/internal/programme"
	"msw/internal/signin"
)

// colleague is one fictional member of staff somewhere.
type colleague struct {
	id, email, title, explains string
	role                       access.Role
	region                     string
	at                         string // "charity", "trust", "practice" or "" for the programme
}

var firstDay = clock.MustDate("2020-12-15")

// wardSupervisor is the address of the supervisor whom one can be.
const wardSupervisor = "helen.marsden@trust.nhs.uk"

var staff = []colleague{
	{"national", "niamh.osborne@msw.example", "National programme lead", "Phases, settings, figures, second signature", organisation.RoleNationalLead, "", ""},
	{"national2", "gareth.pryce@msw.example", "Second national lead", "The other signature where two are needed", organisation.RoleNationalLead, "", ""},
	{"region", "leila.hammond@msw.example", "Regional lead, London", "Cases, posts and money of one region", organisation.RoleRegionalLead, "Y56", ""},
	{"assessor", "tom.ashdown@msw.example", "Assessor", "Decides who may join, with every reason", organisation.RoleAssessor, "", ""},
	{"assessor2", "ines.calder@msw.example", "Second assessor", "Judges evidence after the first, each for themselves", organisation.RoleAssessor, "", ""},
	{"assessor3", "owen.blythe@msw.example", "Third assessor", "Decides where two disagree", organisation.RoleAssessor, "", ""},
	{"caseworker", "ruth.adeola@msw.example", "Caseworker", "Looks after doctors, from invitation to registration", organisation.RoleCaseworker, "", ""},
	{"charity", "joan.baker@harbour.example", "Charity worker", "Refers doctors and sees who waits", organisation.RoleReferrer, "", "charity"},
	{"trusthr", "sam.colley@trust.example", "Employer: hospital trust HR", "Posts, offers, employment checks", organisation.RoleEmployerHR, "", "trust"},
	{"finance", "dev.marsh@trust.example", "Employer: trust finance", "What places cost", organisation.RoleEmployerFinance, "", "trust"},
	{"practicehr", "ann.whitlock@practice.example", "Employer: GP practice manager", "A practice that hosts doctors", organisation.RoleEmployerHR, "", "practice"},
	{"supervisor", wardSupervisor, "Supervisor on the ward", "The people she supervises", organisation.RoleSupervisor, "", "trust"},
	{"shiftlead", "mo.farrant@trust.example", "Shift lead on the ward", "Reads what a support worker may do today", organisation.RoleShiftLead, "", "trust"},
	{"board", "lord.ellery@msw.example", "Programme board", "Figures, without a single name", organisation.RoleBoard, "", ""},
	{"editor", "kit.rowan@msw.example", "Newsroom editor", "Stories and news on the public pages", organisation.RoleEditor, "", ""},
	{"admin", "pat.iqbal@msw.example", "Administrator", "Organisations and who may do what", organisation.RoleAdministrator, "", ""},
}

// colleagues makes the staff one can be with one click, and a supervisor for
// every host.
func (l *loader) colleagues(ctx context.Context) error {
	trust, practice := l.first("Y56", false), l.first("Y56", true)
	at := map[string]string{"charity": l.referrers[0], "trust": trust.code, "practice": practice.code}
	for _, c := range staff {
		account, err := l.SignIn.Ensure(ctx, c.email)
		if err != nil {
			return err
		}
		l.staff[c.id] = account
		m := organisation.Member{Account: account, Organisation: at[c.at], Role: c.role, Region: c.region, From: firstDay}
		if _, err := l.Organisations.AddMember(ctx, l.on(0, firstDay), m); err != nil {
			return err
		}
		if c.id == "assessor" || c.id == "caseworker" || c.id == "national" {
			if _, err := l.Organisations.AddMember(ctx, l.on(1, firstDay), m); err != nil {
				return err
			}
		}
		l.personas = append(l.personas, signin.Persona{ID: c.id, Title: c.title, Name: nameOf(c.email), Account: account, Tenant: programme.National, Explains: c.explains})
	}
	for _, list := range l.hosts {
		for _, h := range list {
			if err := l.supervisor(ctx, h, h.code == trust.code); err != nil {
				return err
			}
		}
	}
	return nil
}

func (l *loader) first(region string, practice bool) host {
	for _, h := range l.hosts[region] {
		if h.practice == practice {
			return h
		}
	}
	return host{}
}

// plenty is the room of a demo supervisor, who stands for a whole team.
const plenty = 50

func (l *loader) supervisor(ctx context.Context, h host, named bool) error {
	account, name := "supervisor-"+strings.ToLower(h.code), seniorName(h.code)
	if named {
		account, name = l.staff["supervisor"], nameOf(wardSupervisor)
	}
	senior := "consultant"
	if h.practice {
		senior = "GP"
	}
	for scheme := range 2 {
		_, err := l.Posts.SetSupervisor(ctx, l.on(scheme, firstDay), post.NewSupervisor{Account: account, Organisation: h.code, Name: name + ", " + senior, Capacity: plenty})
		if err != nil {
			return err
		}
	}
	l.clinical[h.code] = account
	return nil
}

var (
	seniorGiven  = names("Alison Brendan Catrin Duncan Elspeth Fergus Gwen Harriet Ivor Joanna Keith Lorna Malcolm Nerys")
	seniorFamily = names("Ashdown Birkett Calder Dunmore Eastwick Fallow Garside Hartwell Inglewood Jessop Kirkby Larkin Mossman Norbury Oakham Penrose Quayle")
)

// seniorName is the fictional name of who supervises at a host. It follows from
// the host alone, so that the doctors stay who they are.
func seniorName(code string) string {
	h := fnv.New32a()
	_, _ = h.Write([]byte(code)) // never fails
	n := int(h.Sum32() >> 1)
	return seniorGiven[n%len(seniorGiven)] + " " + seniorFamily[n/len(seniorGiven)%len(seniorFamily)]
}

func nameOf(email string) string {
	local, _, _ := strings.Cut(email, "@")
	words := strings.Split(local, ".")
	for i, w := range words {
		words[i] = strings.ToUpper(w[:1]) + w[1:]
	}
	return strings.Join(words, " ")
}
