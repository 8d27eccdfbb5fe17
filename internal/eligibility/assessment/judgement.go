package assessment

// Seat is the place of somebody who judges one piece of evidence.
type Seat int

// The seats. The third is taken only when the first two disagree.
const (
	First Seat = iota + 1
	Second
	Third
)

// Voice is what one person said of a piece of evidence that no issuer could
// confirm.
type Voice struct {
	Seat  Seat
	By    string // account
	Holds bool
}

// Verdict is what the voices so far come to.
type Verdict struct {
	Settled bool
	Holds   bool // only when settled
	Next    Seat // who has to speak next; 0 when settled
}

// Settle counts the voices: nothing holds by one person's judgement alone. Two
// who agree settle it; when they disagree, the third decides.
func Settle(voices []Voice) Verdict {
	by := map[Seat]Voice{}
	for _, v := range voices {
		by[v.Seat] = v
	}
	first, one := by[First]
	second, two := by[Second]
	third, three := by[Third]
	switch {
	case !one:
		return Verdict{Next: First}
	case !two:
		return Verdict{Next: Second}
	case first.Holds == second.Holds:
		return Verdict{Settled: true, Holds: first.Holds}
	case !three:
		return Verdict{Next: Third}
	}
	return Verdict{Settled: true, Holds: third.Holds}
}

// MaySit tells why somebody may not take the next seat: nobody speaks twice
// about one thing, and nothing is added once it is settled.
func MaySit(voices []Voice, account string) []string {
	if Settle(voices).Settled {
		return []string{"This is settled already. Nobody has to judge it any more."}
	}
	for _, v := range voices {
		if v.By == account {
			return []string{"You have judged this already. Somebody else must say what they think."}
		}
	}
	return nil
}
