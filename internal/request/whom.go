package request

import (
	"net/mail"
	"strings"

	"msw/internal/clock"
	"msw/internal/doctor"
	"msw/internal/problem"
)

func (w Whom) tidy() Whom {
	for _, p := range []*string{&w.Name, &w.Place, &w.Email, &w.Phone, &w.Ask, &w.DoctorName} {
		*p = strings.TrimSpace(*p)
	}
	w.Country = strings.ToUpper(strings.TrimSpace(w.Country))
	return w
}

// Check says all that is wrong with whom to ask. What is not known yet is no
// fault: the request then cannot start.
func (w Whom) Check(k Kind, today clock.Date) error {
	var c problem.Check
	for field, text := range map[string]string{"name": w.Name, "place": w.Place, "phone": w.Phone, "doctor-name": w.DoctorName} {
		c.That(len([]rune(text)) <= 150, field, "This must be 150 characters or fewer")
	}
	c.That(len([]rune(w.Ask)) <= 1000, "ask", "This must be 1,000 characters or fewer")
	c.That(w.Country == "" || len(w.Country) == 2, "country", "Choose a country from the list")
	if w.Email != "" {
		a, err := mail.ParseAddress(w.Email)
		c.That(err == nil && a.Address == w.Email, "email", "Enter an email address in the correct format, like name@example.com")
	}
	c.That(w.From.IsZero() || w.From <= today, "from", "The first day must be in the past")
	c.That(w.To.IsZero() || w.From.IsZero() || w.To >= w.From, "to", "The last day must be after the first day")
	c.That(k.ID != "consent" || doctor.Party(w.Party).Words() != "" && w.Name != "", "name", "Say whom you would like to ask")
	return c.Err()
}
