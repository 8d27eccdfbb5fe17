package assessment

import (
	"strconv"
	"strings"

	"msw/internal/clock"
	"msw/internal/problem"
)

// ItemKind is what sort of answer a question wants.
type ItemKind string

// The kinds of item.
const (
	AskWords    ItemKind = "words"
	AskDocument ItemKind = "document"
	AskDate     ItemKind = "date"
	AskYesNo    ItemKind = "yes_no"
)

// ItemKinds lists them as forms offer them.
func ItemKinds() []ItemKind { return []ItemKind{AskWords, AskDocument, AskDate, AskYesNo} }

// Words names a kind to the assessor who asks.
func (k ItemKind) Words() string {
	switch k {
	case AskWords:
		return "A few sentences"
	case AskDocument:
		return "A document or photo"
	case AskDate:
		return "A date"
	case AskYesNo:
		return "Yes or no"
	}
	return string(k)
}

// ItemState is how far one item is.
type ItemState string

// The states of an item.
const (
	ItemAsked    ItemState = "asked"
	ItemAnswered ItemState = "answered"
	ItemAccepted ItemState = "accepted"
	ItemRefused  ItemState = "not_enough"
)

// Words names a state to staff.
func (s ItemState) Words() string {
	switch s {
	case ItemAsked:
		return "Waiting for the doctor"
	case ItemAnswered:
		return "Answered, to be judged"
	case ItemAccepted:
		return "Enough"
	case ItemRefused:
		return "Not enough"
	}
	return string(s)
}

// MayAsk tells why no further round can be asked.
func MayAsk(rounds int, open bool, most int) []string {
	var no []string
	if open {
		no = append(no, "A round is still open. Judge its answers first, or close it.")
	}
	if rounds >= most {
		no = append(no, "The doctor has been asked "+strconv.Itoa(rounds)+" times. This programme asks at most "+strconv.Itoa(most)+" times. Decide by what you have.")
	}
	return no
}

// CheckAnswer says what is wrong with an answer, in the doctor's words.
func CheckAnswer(k ItemKind, answer, document string, day clock.Date, today clock.Date) error {
	var c problem.Check
	text := strings.TrimSpace(answer)
	switch k {
	case AskWords:
		c.That(text != "", "answer", "Write your answer")
	case AskYesNo:
		c.That(text == "yes" || text == "no", "answer", "Choose yes or no")
	case AskDate:
		c.That(!day.IsZero(), "answer", "Enter the date")
		c.That(day <= clock.AddMonths(today, 120), "answer", "This date is too far away. Check the year")
	case AskDocument:
		c.That(document != "" || text != "", "answer", "Choose a document, or say why you cannot send it")
	}
	c.That(len([]rune(text)) <= 2000, "answer", "Use 2,000 characters or fewer")
	return c.Err()
}

// RoundDone tells what is left of a round: answers to come, and answers to judge.
func RoundDone(states []ItemState) (toAnswer, toJudge int) {
	for _, s := range states {
		switch s {
		case ItemAsked:
			toAnswer++
		case ItemAnswered:
			toJudge++
		}
	}
	return toAnswer, toJudge
}
