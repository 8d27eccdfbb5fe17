package runfile

// Result is what a rule made of a run. The same run gives the same bytes.
type Result struct {
	Format       int           `json:"format"` // 1
	Run          string        `json:"run,omitempty"`
	RunHash      string        `json:"run_hash"` // Run.Hash of the run it was made from
	Rule         string        `json:"rule"`
	RuleVersion  string        `json:"rule_version"`
	Build        string        `json:"build,omitempty"`
	Placements   []Placement   `json:"placements"` // by doctor
	Unplaced     []string      `json:"unplaced"`   // doctors, sorted
	Objective    []Level       `json:"objective"`  // the aims in their order, with what was reached
	Bound        *Bound        `json:"bound,omitempty"`
	Stability    *Stability    `json:"stability,omitempty"`
	Explanations []Explanation `json:"explanations"` // one for each doctor, by doctor
	Posts        []PostStory   `json:"posts"`        // one for each post, by post
	Linked       []PairStory   `json:"linked,omitempty"`
	Comparisons  []Comparison  `json:"comparisons"` // this rule first, then the others on the same run
}

// Placement is one doctor in one place of one post.
type Placement struct {
	Doctor string `json:"doctor"`
	Post   string `json:"post"`
	Choice int    `json:"choice"`           // 1 is the first choice; 0 is pinned without having been listed
	Travel int    `json:"travel"`           // miles; 0 where the run does not tell
	Pinned bool   `json:"pinned,omitempty"` // decided beforehand by a panel
}

// Level is what was reached of one aim. Less is better, but for filled, where
// more is, and for greedy and generous, which Profile tells.
type Level struct {
	Letter  string `json:"letter"` // a, b, c … as sentences name it
	Aim     string `json:"aim"`
	Words   string `json:"words"`
	Value   int64  `json:"value"`
	Profile []int  `json:"profile,omitempty"` // how many got their first, second, … choice
}

// Bound says how good any allocation within all limits could be, where
// crossing limits make an exact answer hard. Gap empty: nothing is better.
type Bound struct {
	Objective   []Fraction   `json:"objective"` // no allocation is better than this, compared aim by aim
	Multipliers []Multiplier `json:"multipliers,omitempty"`
	Gap         string       `json:"gap"` // a sentence; empty when proven best
}

// Fraction is Num over Den of one step of an aim (each choice of a profile is
// a step).
type Fraction struct {
	Step string `json:"step"`
	Num  int64  `json:"num"`
	Den  int64  `json:"den"`
}

// Multiplier is the price of one crossing limit in the steps of the aims: the
// proof of a Bound.
type Multiplier struct {
	Limit string     `json:"limit"`
	Floor bool       `json:"floor"` // of at_least; else of at_most
	Price []Fraction `json:"price"`
}

// Stability is shown for Ranked.
type Stability struct {
	BlockingPairs int `json:"blocking_pairs"` // a doctor and a post that would both rather have each other
}

// Explanation tells one doctor why.
type Explanation struct {
	Doctor   string   `json:"doctor"`
	Post     string   `json:"post,omitempty"` // empty: without a post
	Choice   int      `json:"choice,omitempty"`
	Sentence string   `json:"sentence"`
	Better   []Why    `json:"better"`           // for each choice above the one got, in its order; all of them for the unplaced
	Binds    []string `json:"binds,omitempty"`  // for the unplaced: limits that bind
	Change   []string `json:"change,omitempty"` // for the unplaced: what would change it
}

// Why is one true sentence on one post that was not given.
type Why struct {
	Choice   int    `json:"choice"`
	Post     string `json:"post"`
	Code     string `json:"code"` // refused, too_far, not_acceptable, outside_area, no_place, not_ranked, ahead, limits (crossing ones), or the name of the aim that would suffer
	Sentence string `json:"sentence"`
}

// PostStory tells a host how their post came out.
type PostStory struct {
	Post     string `json:"post"`
	Places   int    `json:"places"`
	Filled   int    `json:"filled"`
	Listed   int    `json:"listed"`  // doctors who listed it
	Refused  int    `json:"refused"` // of these, kept away by a hard rule or distance
	Sentence string `json:"sentence"`
}

// PairStory tells what became of linked doctors. Back: one of them is without
// a post, so that both return to the panel.
type PairStory struct {
	Doctors  [2]string `json:"doctors"`
	Area     string    `json:"area"`
	Back     bool      `json:"back"`
	Sentence string    `json:"sentence"`
}

// Comparison is how one rule does on the run.
type Comparison struct {
	Rule     string `json:"rule"`
	Filled   int    `json:"filled"`
	First    int    `json:"first"`     // doctors with their first choice
	TopThree int    `json:"top_three"` // with one of their first three
	Ranks    int    `json:"ranks"`     // choices added up, over those placed on a choice
	Travel   int    `json:"travel"`    // miles added up
	Profile  []int  `json:"profile"`
}

// At gives the placement of a doctor by binary search; false when unplaced.
func (r *Result) At(doctor string) (Placement, bool) {
	lo, hi := 0, len(r.Placements)
	for lo < hi {
		mid := (lo + hi) / 2
		if r.Placements[mid].Doctor < doctor {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if lo < len(r.Placements) && r.Placements[lo].Doctor == doctor {
		return r.Placements[lo], true
	}
	return Placement{}, false
}
