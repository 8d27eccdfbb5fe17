package registration

import (
	"strconv"
	"strings"

	"msw/internal/access"
	"msw/internal/clock"
	"msw/internal/organisation"
)

func decimal(n int) string { return strconv.Itoa(n) }

// Lapse is a day on which something of a doctor's runs out: On is the last day
// it serves.
type Lapse struct {
	Kind   LapseKind
	Source string // tells two of a kind apart
	On     clock.Date
}

// LapseKind is what runs out.
type LapseKind string

// The kinds of what runs out.
const (
	LapseEnglish      LapseKind = "english"
	LapsePLAB1        LapseKind = "plab1"
	LapsePLAB2        LapseKind = "plab2"
	LapseGoodStanding LapseKind = "good_standing"
	LapsePSV          LapseKind = "psv"
	LapseApplication  LapseKind = "application"
	LapseIdentity     LapseKind = "identity_check"
	LapsePermission   LapseKind = "right_to_work"
	LapseContract     LapseKind = "contract"
	LapseFunding      LapseKind = "funding"
	LapseProof        LapseKind = "proof" // another proof with a last day
)

// LapseKinds lists them as pages offer them.
func LapseKinds() []LapseKind {
	return []LapseKind{LapseEnglish, LapsePLAB1, LapsePLAB2, LapseGoodStanding, LapsePSV, LapseApplication, LapseIdentity, LapsePermission, LapseContract, LapseFunding, LapseProof}
}

// Words names what runs out.
func (k LapseKind) Words() string {
	switch k {
	case LapseEnglish:
		return "English result"
	case LapsePLAB1:
		return "PLAB 1 pass"
	case LapsePLAB2:
		return "PLAB 2 pass"
	case LapseGoodStanding:
		return "Certificate of good standing"
	case LapsePSV:
		return "Qualification check (ECFMG)"
	case LapseApplication:
		return "Open application to the GMC"
	case LapseIdentity:
		return "GMC identity check"
	case LapsePermission:
		return "Permission to work in the UK"
	case LapseContract:
		return "Contract"
	case LapseFunding:
		return "Money for the post"
	case LapseProof:
		return "Another proof"
	}
	return ""
}

// Reader is a kind of reader of the board: what each is shown is computed from
// what domain 5.2 lets them know, so that no row and no missing row tells more.
type Reader string

// The readers of the board.
const (
	ReaderTeam     Reader = "team"     // caseworkers and assessors: everything
	ReaderNational Reader = "national" // passes, contracts and money
	ReaderRegion   Reader = "region"   // contracts and money
)

// Readers lists them.
func Readers() []Reader { return []Reader{ReaderTeam, ReaderNational, ReaderRegion} }

// readerOf tells as whom an actor reads the board.
func readerOf(a access.Actor) Reader {
	switch {
	case a.HasAny(organisation.RoleCaseworker, organisation.RoleAssessor, organisation.RoleOperator):
		return ReaderTeam
	case a.Has(organisation.RoleNationalLead):
		return ReaderNational
	}
	return ReaderRegion
}

// actor is a reader as the facts see one.
func (r Reader) actor(tenant string) access.Actor {
	role := organisation.RoleRegionalLead
	switch r {
	case ReaderTeam:
		role = organisation.RoleCaseworker
	case ReaderNational:
		role = organisation.RoleNationalLead
	}
	return access.Actor{Tenant: tenant, Members: []access.Membership{{Role: role}}}
}

// Days are how far ahead the board can look.
func Days() []int { return []int{30, 60, 90} }

// lapsesIn gives what runs out from a day on, one a kind and rung.
func lapsesIn(windows []Window, today clock.Date) []Lapse {
	var out []Lapse
	seen := map[Lapse]bool{}
	for _, w := range windows {
		kind, ok := lapseKind(w)
		if !ok || w.Until.IsZero() || w.Until < today {
			continue
		}
		l := Lapse{Kind: kind, Source: w.Rung}
		if seen[l] {
			for i := range out {
				if out[i].Kind == kind && out[i].Source == w.Rung {
					out[i].On = max(out[i].On, w.Until) // the later of two proofs is the one that serves
				}
			}
			continue
		}
		seen[l] = true
		l.On = w.Until
		out = append(out, l)
	}
	return out
}

func lapseKind(w Window) (LapseKind, bool) {
	switch w.Kind {
	case WindowPermission:
		return LapsePermission, true
	case WindowContract:
		return LapseContract, true
	case WindowFunding:
		return LapseFunding, true
	case WindowProof, WindowBooking:
	default:
		return "", false
	}
	for _, k := range []struct {
		start string
		kind  LapseKind
	}{{"ENG", LapseEnglish}, {"PLAB1", LapsePLAB1}, {"PLAB2", LapsePLAB2}, {"CGS", LapseGoodStanding}, {"PMQ", LapsePSV}, {"PSV", LapsePSV},
		{"APP", LapseApplication}, {"IDC", LapseIdentity}} {
		if strings.HasPrefix(w.Rung, k.start) {
			return k.kind, true
		}
	}
	return LapseProof, true
}
