// Package organisation knows the trusts, practices, sites, boards, charities
// and networks that doctors meet on the road, and the people who act for them.
//
// National organisations come from the Organisation Data Service (ODS) and
// belong to no programme; what ODS lacks is made by hand and belongs to one.
// The package employs nobody and refers nobody: posts and referrals hold an
// organisation's id.
package organisation

import (
	"slices"
	"strings"

	"msw/internal/access"
	"msw/internal/clock"
)

// Kind is what sort of organisation it is.
type Kind string

// The kinds. Those ODS files bring come first.
const (
	NHSTrust    Kind = "nhs_trust"
	Site        Kind = "site"
	GPPractice  Kind = "gp_practice"
	ICB         Kind = "icb"
	SubICB      Kind = "sub_icb"
	PCN         Kind = "pcn"
	Federation  Kind = "federation"
	TrainingHub Kind = "training_hub"
	Charity     Kind = "charity"
	Network     Kind = "network"
	LocalScheme Kind = "local_scheme"
	Other       Kind = "other"
)

var kindLabels = map[Kind]string{
	NHSTrust: "NHS trust", Site: "Hospital or site", GPPractice: "GP practice", ICB: "Integrated care board",
	SubICB: "Sub-ICB location", PCN: "Primary care network", Federation: "GP federation", TrainingHub: "Training hub",
	Charity: "Charity", Network: "Doctors' network", LocalScheme: "Local scheme", Other: "Other organisation",
}

// Kinds lists every kind in the order a form offers them.
func Kinds() []Kind {
	return []Kind{NHSTrust, Site, GPPractice, ICB, SubICB, PCN, Federation, TrainingHub, Charity, Network, LocalScheme, Other}
}

// LocalKinds are the kinds made by hand: those that ODS files do not bring.
func LocalKinds() []Kind {
	return []Kind{Charity, Network, LocalScheme, PCN, Federation, TrainingHub, Other}
}

// HostKinds are the kinds at which a doctor can work.
func HostKinds() []Kind {
	return []Kind{NHSTrust, Site, GPPractice, PCN, Federation, TrainingHub}
}

// Label is the kind as a page prints it.
func (k Kind) Label() string { return kindLabels[k] }

// Region is one of the seven NHS England regions.
type Region struct{ Code, Name string }

// Regions lists the seven in alphabetical order. Codes are confirmed in ODS
// files; the names are recalled.
func Regions() []Region {
	return []Region{{"Y61", "East of England"}, {"Y56", "London"}, {"Y60", "Midlands"}, {"Y63", "North East and Yorkshire"},
		{"Y62", "North West"}, {"Y59", "South East"}, {"Y58", "South West"}}
}

// RegionName is the name of a region's code; an unknown code is "".
func RegionName(code string) string {
	for _, r := range Regions() {
		if r.Code == code {
			return r.Name
		}
	}
	return ""
}

func currentRegion(code string) bool { return RegionName(code) != "" }

// Organisation as others see it.
type Organisation struct {
	ID               string // ODS code, or the id of one made by hand
	Kind             Kind
	Name             string // as shown
	Address          string // lines
	Postcode         string
	Outcode          string // postcode district
	Region, ICB      string // codes, "" when not known
	ICBName          string
	Country          string
	Parent           string // the trust a site belongs to
	Commissioner     string // the sub-ICB of a practice
	Phone            string
	Website, About   string
	Opened, Closed   clock.Date // Closed: the first day it is closed for us, its own or its trust's
	Status           string     // ODS status of a practice: A active, C closed, D dormant, P proposed
	National         bool       // from ODS
	AsAt             clock.Date // newest ODS file that spoke of it
	StatedRegionCode string     // as the newest file says, which may be an older code
	Version          int64
}

// Open tells whether the organisation exists on a day.
func (o Organisation) Open(today clock.Date) bool {
	return (o.Status == "" || o.Status == "A") && (o.Closed.IsZero() || o.Closed > today) && o.Opened <= today
}

// Hostable tells whether a doctor may be placed there on a day: of a kind that
// hosts, in England, and open.
func (o Organisation) Hostable(today clock.Date) bool {
	return slices.Contains(HostKinds(), o.Kind) && o.Country == England && o.Open(today)
}

// RegionName is the name of its region, or "" when not known.
func (o Organisation) RegionName() string { return RegionName(o.Region) }

// Where is its town or district in few words, to tell two of one name apart.
func (o Organisation) Where() string {
	parts := []string{}
	lines := strings.Split(o.Address, "\n")
	if last := lines[len(lines)-1]; last != "" {
		parts = append(parts, last)
	}
	if o.Postcode != "" {
		parts = append(parts, o.Postcode)
	}
	return strings.Join(parts, ", ")
}

// England is the country whose organisations can host.
const England = "England"

// The roles of the programme. RoleDoctor is never given by membership.
const (
	RoleDoctor          = access.Doctor
	RoleReferrer        = access.Role("referrer")
	RoleCaseworker      = access.Role("caseworker")
	RoleAssessor        = access.Role("assessor")
	RoleRegionalLead    = access.Role("regional_lead")
	RoleNationalLead    = access.Role("national_lead")
	RoleEmployerHR      = access.Role("employer_hr")
	RoleEmployerFinance = access.Role("employer_finance")
	RoleSupervisor      = access.Role("supervisor")
	RoleShiftLead       = access.Role("shift_lead") // runs a ward or clinic for a day, and reads scope cards
	RoleBoard           = access.Role("board")
	RoleEditor          = access.Role("editor")
	RoleAdministrator   = access.Role("administrator")
	RoleOperator        = access.Role("operator")
)

var roleLabels = map[access.Role]string{
	RoleDoctor: "Doctor", RoleReferrer: "Referrer", RoleCaseworker: "Caseworker", RoleAssessor: "Assessor",
	RoleRegionalLead: "Regional lead", RoleNationalLead: "National lead", RoleEmployerHR: "Employer's HR",
	RoleEmployerFinance: "Employer's finance", RoleSupervisor: "Supervisor", RoleShiftLead: "Shift lead", RoleBoard: "Board member", RoleEditor: "Editor",
	RoleAdministrator: "Administrator", RoleOperator: "Operator",
}

// RoleLabel is a role as a page prints it.
func RoleLabel(r access.Role) string { return roleLabels[r] }

// ProgrammeRoles are held for the programme itself, not for an organisation.
func ProgrammeRoles() []access.Role {
	return []access.Role{RoleCaseworker, RoleAssessor, RoleRegionalLead, RoleNationalLead, RoleBoard, RoleEditor, RoleAdministrator}
}

// RolesAt are the roles that someone can hold for an organisation of a kind.
func RolesAt(k Kind) []access.Role {
	switch k {
	case Charity, Network, LocalScheme:
		return []access.Role{RoleReferrer}
	case NHSTrust, Site, GPPractice, PCN, Federation, TrainingHub:
		return []access.Role{RoleEmployerHR, RoleEmployerFinance, RoleSupervisor, RoleShiftLead, RoleReferrer}
	case Other:
		return []access.Role{RoleReferrer, RoleEmployerHR, RoleEmployerFinance, RoleSupervisor, RoleShiftLead}
	}
	return nil
}

// Member is one role of one account, for an organisation or, with none, for
// the programme.
type Member struct {
	ID, Tenant, Account string
	Organisation        string // "" = the programme
	Role                access.Role
	Region              string     // of a regional lead
	From, Until         clock.Date // Until is the first day without it; zero = no end
	AddedBy             string
	Version             int64
}
