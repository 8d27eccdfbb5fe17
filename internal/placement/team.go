package placement

import (
	"strconv"

	"msw/internal/access"
	"msw/internal/clock"
)

// What can be done with the people of a host, employer or region.
const (
	ActTeam access.Action = "placement.team" // lights of everybody in post
	ActRoll access.Action = "placement.roll" // see a host's list of a quarter
	// ActRollSign signs such a list for the host.
	ActRollSign access.Action = "placement.roll_sign"
)

// Judged is how one placement is looked after.
type Judged struct {
	Light   Light
	Reasons []string
	Dues    []Due
}

// HostTotal counts the people at one host by light.
type HostTotal struct {
	Host, HostName, Region string
	Number                 map[Light]int
}

// Roll is the list of people in post at a host at the end of a quarter, which
// the host signs.
type Roll struct {
	ID           string
	Version      int
	Host, Region string
	Ends         clock.Date
	Opened, Due  clock.Date
	SignedAt     clock.Instant
}

// Quarter names the quarter a roll is of.
func (r Roll) Quarter() string {
	return "Quarter " + strconv.Itoa((int(r.Ends.Month())+2)/3) + " of " + strconv.Itoa(r.Ends.Year())
}

// Late tells whether it should have been signed.
func (r Roll) Late(today clock.Date) bool { return r.SignedAt.IsZero() && r.Due < today }

// RollEntry is a signature, or a correction after it.
type RollEntry struct {
	Number           int
	By               string
	RecordedAt       clock.Instant
	People           int
	Placements       string // ids, with spaces between
	Name, Role, Text string
}

// lastQuarter is the last day of the latest quarter that has ended by a day.
func lastQuarter(today clock.Date) clock.Date {
	first := clock.MakeDate(today.Year(), ((today.Month()-1)/3)*3+1, 1)
	return first.AddDays(-1)
}
