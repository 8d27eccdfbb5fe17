package casefile

import (
	"msw/internal/clock"
)

// Readers says who can read a thread; it is stated before sending and never
// changes afterwards.
type Readers string

// The readerships.
const (
	ReadersTeam       Readers = "team"
	ReadersEmployer   Readers = "employer"
	ReadersSupervisor Readers = "supervisor"
)

// Words states the readership; organisation is the employer's name.
func (r Readers) Words(organisation string) string {
	switch r {
	case ReadersTeam:
		return "The doctor and the programme team: caseworkers, assessors and national leads. Employers, supervisors and referrers cannot read it."
	case ReadersEmployer:
		if organisation == "" {
			organisation = "the employer"
		}
		return "The doctor, the programme team and the people who manage staff at " + organisation + ". Supervisors and referrers cannot read it."
	case ReadersSupervisor:
		return "The doctor, the programme team and the doctor’s supervisors. Referrers cannot read it."
	}
	return ""
}

// Short names the readership in a list.
func (r Readers) Short() string {
	switch r {
	case ReadersTeam:
		return "Doctor and programme team"
	case ReadersEmployer:
		return "Doctor, programme team and employer"
	case ReadersSupervisor:
		return "Doctor, programme team and supervisors"
	}
	return ""
}

// Known tells whether it is one of the readerships.
func (r Readers) Known() bool { return r.Short() != "" }

// owner is the party that answers in a thread of this readership.
func (r Readers) owner() Party {
	switch r {
	case ReadersEmployer:
		return PartyEmployer
	case ReadersSupervisor:
		return PartySupervisor
	}
	return PartyCaseworker
}

// Thread is a conversation about one case.
type Thread struct {
	Doctor, ID, Subject string
	Owner               Party // who answers the doctor
	Readers             Readers
	Organisation        string     // the employer among the readers
	Waiting             Party      // who owes the next message, or nobody
	ReplyBy             clock.Date // by when; zero = no date
	Last                clock.Instant
	Closed              clock.Date
	Version             int64
}

// Message is one message of a thread.
type Message struct {
	ID, Author string // Author is an account
	Party      Party  // as whom it was written
	Sent       clock.Instant
	Text       string
}

// Limits of what can be written, in characters.
const (
	maxSubject = 100
	maxText    = 4000
)
