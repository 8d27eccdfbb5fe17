package learning

import (
	"strings"
	"time"

	"msw/internal/access"
	"msw/internal/problem"
)

// Calendar writes the dates of a booking of the actor's own as an iCalendar file
// (RFC 5545). It says neither what it is nor where: others may see the telephone.
func (s *Service) Calendar(call access.Call, v EventSight) (string, error) {
	if v.Mine == nil || v.Mine.State != Booked || v.State == Cancelled {
		return "", problem.Missing()
	}
	const form = "20060102T150405Z"
	lines := []string{"BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//msw//learning//EN"}
	for _, x := range v.Sessions {
		start := x.Starts.Time()
		lines = append(lines, "BEGIN:VEVENT",
			"UID:"+s.db.Vault().Token(call.Actor.Tenant, "learning calendar entry", v.ID+" "+v.Mine.Doctor+" "+x.Starts.String())[:24]+"@msw",
			"DTSTAMP:"+call.Now.Time().Format(form), "DTSTART:"+start.Format(form), "DTEND:"+start.Add(time.Duration(x.Minutes)*time.Minute).Format(form),
			"SUMMARY:Learning: sign in to see more", "CLASS:PRIVATE", "END:VEVENT")
	}
	return strings.Join(append(lines, "END:VCALENDAR", ""), "\r\n"), nil
}
