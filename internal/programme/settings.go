package programme

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"msw/internal/clock"
	"msw/internal/problem"
)

// The settings every programme has. Each is a number or a choice that no
// published page gives: it is shown as set by this programme, on its date.
const (
	InvitationDays       = "invitation_days"
	PaperCodeDays        = "paper_code_days"
	ConsentFirstMonths   = "consent_first_months"
	ConsentLongestMonths = "consent_longest_months"
	SuppressBelow        = "suppress_below"
	PLAB2DuringPost      = "plab2_during_post"
	RegisteredDuringPost = "registered_during_post"
	PostMonths           = "post_months"
	OfferReplyDays       = "offer_reply_days"
	OfferHoldDays        = "offer_hold_days"
	ReferralReplyDays    = "referral_reply_days"
	DecisionDays         = "decision_days"
	EvidenceReplyDays    = "evidence_reply_days"
	MessageReplyDays     = "message_reply_days"
	QuietCaseDays        = "quiet_case_days"
	ChecksTargetDays     = "checks_target_days"
	SupervisionWeeks     = "supervision_weeks"
	LearningAnswerDays   = "learning_answer_days"
	SupervisorPlaces     = "supervisor_places"
	CardCodeMinutes      = "card_code_minutes"
	RollDays             = "roll_days"
	ExpiryWarningDays    = "expiry_warning_days"
	FollowUpMonths       = "follow_up_months"
	PublicationDates     = "publication_dates"
	NeutralSender        = "neutral_sender"
	ContactEmail         = "contact_email"
	SafetyPhone          = "safety_phone"
	RetentionYears       = "retention_years"
	DocumentMegabytes    = "document_megabytes"
	DocumentPages        = "document_pages"
	DocumentCount        = "document_count"
	SupportHardInARow    = "support_hard_in_a_row"
	SupportExamFails     = "support_exam_fails"
	HelpCheckedMonths    = "help_checked_months"
	PlacementAccessDays  = "placement_access_days"

	RequestReferenceDays    = "request_reference_days"
	RequestIssuerDays       = "request_issuer_days"
	RequestStandingDays     = "request_standing_days"
	RequestReportDays       = "request_report_days"
	RequestCheckDays        = "request_check_days"
	RequestFurtherDays      = "request_further_days"
	RequestFurtherAgainDays = "request_further_again_days"
	RequestRemindDays       = "request_remind_days"
	RequestLinkDays         = "request_link_days"
	RequestRounds           = "request_rounds"
	RequestAmberDays        = "request_amber_days"
	RequestRedDays          = "request_red_days"
	ReviewDays              = "review_days"
	FirstLookDays           = "first_look_days"
	EarlyCheckDays          = "early_check_days"
	SecondPersonDays        = "second_person_days"
	ReviewTargetDays        = "review_target_days"
	AmberDays               = "amber_days"

	StepEnglish          = "step_english"
	StepEnglishVerified  = "step_english_verified"
	StepPLAB1Sitting     = "step_plab1_sitting"
	StepPLAB1Result      = "step_plab1_result"
	StepPLAB2Sitting     = "step_plab2_sitting"
	StepPLAB2Result      = "step_plab2_result"
	StepVerification     = "step_verification"
	StepPapers           = "step_papers"
	StepDecision         = "step_decision"
	SignOffLinkDays      = "sign_off_link_days"
	SignOffCodeMinutes   = "sign_off_code_minutes"
	PassportMonths       = "passport_months"
	SignOffRecheckMonths = "sign_off_recheck_months"
	FeedbackMinimum      = "feedback_minimum"
	FeedbackDays         = "feedback_days"
	FeedbackReadDays     = "feedback_read_days"
	FeedbackGapMonths    = "feedback_gap_months"
)

// The choices of PLAB2DuringPost and RegisteredDuringPost.
const (
	PostContinues = "continues" // to the end agreed
	PostEnds      = "ends"      // on that day
)

// Form is what a setting's value looks like.
type Form string

// The forms of a setting.
const (
	Number  Form = "number"  // a whole number from Least to Most
	Numbers Form = "numbers" // several, with commas
	Dates   Form = "dates"   // several, YYYY-MM-DD, with commas
	Spread  Form = "spread"  // three rising whole numbers with commas: at least, usually, at most; or nothing
	OneOf   Form = "choice"
	Words   Form = "text"
)

// Option is one choice of a setting.
type Option struct{ Value, Words string }

// Definition says what a setting is for, in the words of its page.
type Definition struct {
	Name, Group, Title, Help string
	Form                     Form
	Unit                     string // "days", "months" …
	Least, Most              int
	Options                  []Option
	First                    string // the value a new programme begins with
	Why                      string // why it is ours to set: what is not published
}

const notPublished = "No published page gives this number."

// Catalogue lists every setting, grouped as its page shows them.
func Catalogue() []Definition {
	during := []Option{{PostContinues, "The post goes on to its agreed end"}, {PostEnds, "The post ends on that day"}}
	number := func(name, group, title, help, unit string, first, least, most int) Definition {
		return Definition{Name: name, Group: group, Title: title, Help: help, Form: Number, Unit: unit,
			First: strconv.Itoa(first), Least: least, Most: most, Why: notPublished}
	}
	stepTime := func(name, title string) Definition {
		return Definition{Name: name, Group: "How long steps to registration take", Title: title, Form: Spread, Unit: "days", Most: 2000, Why: "No page read gives this time.",
			Help: "Days at least, usually and at most, with commas: 30,60,120. It is used in forecasts only where no published page says it. Leave it empty if nobody knows."}
	}
	const found, decided, proof, inPost, figures, safe = "Found and invited", "Applying and deciding", "Asking others for proof", "In post", "Figures", "Safety and keeping records"
	return []Definition{
		number(InvitationDays, found, "How long an invitation works", "After this the doctor needs a new one.", "days", 60, 1, 365),
		number(PaperCodeDays, found, "How long a paper code works", "For a code that a caseworker hands over.", "days", 30, 1, 180),
		number(ReferralReplyDays, found, "Reply to a new referral within", "Working days until the referrer should hear from us.", "working days", 5, 1, 60),
		number(ConsentFirstMonths, found, "How long consent runs when nothing else is chosen", "The doctor can choose another end date, or end it at any time.", "months", 12, 1, 60),
		number(ConsentLongestMonths, found, "The longest time consent can run", "After this the doctor is asked again.", "months", 24, 1, 60),
		{Name: NeutralSender, Group: found, Title: "Sender's name on messages to doctors", Help: "Must not show status, scheme or place.", Form: Words, First: "Your messages", Why: "A choice for safety."},
		number(DecisionDays, decided, "Decide on an application within", "Working days from when the doctor sends it.", "working days", 20, 1, 120),
		number(ReviewDays, decided, "Time to ask for a review of an answer", "Days from the answer. Later is possible with a reason.", "days", 28, 7, 365),
		number(FirstLookDays, decided, "First look at an application within", "Working days. The board shows later ones in red.", "working days", 2, 1, 60),
		number(EarlyCheckDays, decided, "Answer an early check within", "Working days.", "working days", 10, 1, 60),
		number(SecondPersonDays, decided, "Second and third person judge within", "Working days.", "working days", 5, 1, 60),
		number(ReviewTargetDays, decided, "Decide a review within", "Working days from when the doctor asks.", "working days", 20, 1, 120),
		number(AmberDays, decided, "Show work in amber before it is late", "Working days before the time above is over.", "working days", 3, 0, 20),
		number(EvidenceReplyDays, decided, "Time to send something we asked for", "Days until we remind the doctor.", "days", 28, 1, 180),
		number(MessageReplyDays, decided, "Reply to a message within", "Working days until a reply is late.", "working days", 5, 1, 30),
		number(QuietCaseDays, decided, "A case is quiet after", "Days with nothing happening until the caseworker is told.", "days", 28, 7, 180),
		number(DocumentMegabytes, decided, "The largest file of a document", "A photo from a phone has 2 to 8 MB.", "MB", 15, 1, 25),
		number(DocumentPages, decided, "Most pages of one document", "Each photo, or each PDF, is one page.", "pages", 30, 1, 100),
		number(DocumentCount, decided, "Most documents of one doctor", "Those that were withdrawn or replaced do not count.", "documents", 60, 5, 500),
		number(OfferReplyDays, decided, "Time to answer an offer", "Working days the doctor has to accept, hold or decline.", "working days", 7, 1, 60),
		number(OfferHoldDays, decided, "Time an offer can be held", "Working days more, while the doctor hopes for a better one.", "working days", 5, 0, 30),
		number(RequestReferenceDays, proof, "Time to answer for a referee or an employer", "From when the link is handed over. Then the doctor can name somebody else.", "days", 42, 1, 365),
		number(RequestIssuerDays, proof, "Time to answer for a university", "From when the link is handed over.", "days", 42, 1, 365),
		number(RequestStandingDays, proof, "Time for a regulator's certificate of good standing", "From when the doctor asked for it. It is for the GMC, not for joining.", "days", 252, 1, 730),
		number(RequestReportDays, proof, "Time for a primary source verification report", "From when the doctor asked for it. It is for the GMC, not for joining.", "days", 252, 1, 730),
		number(RequestCheckDays, proof, "Time for our own look at identity or an English result", "From when it was asked for.", "days", 14, 1, 90),
		number(RequestFurtherDays, proof, "Time to answer when we need to know more", "The first time.", "days", 42, 1, 365),
		number(RequestFurtherAgainDays, proof, "Time to answer when we ask again", "The second time and later.", "days", 21, 1, 365),
		{Name: RequestRemindDays, Group: proof, Title: "Remind when so many days are left", Help: "With commas. Each reminder is sent once.", Form: Numbers, Unit: "days", First: "28,14", Least: 1, Most: 365, Why: notPublished},
		number(RequestLinkDays, proof, "How long a link for an answer works", "After this the doctor can make a new one.", "days", 28, 1, 90),
		number(RequestRounds, proof, "How often we may ask a doctor for more", "After this somebody must decide with what is there.", "times", 3, 1, 10),
		number(RequestAmberDays, proof, "A request is amber after", "Working days for which somebody owes the next step.", "working days", 10, 1, 120),
		number(RequestRedDays, proof, "A request is red after", "Working days for which somebody owes the next step.", "working days", 20, 1, 240),
		number(ChecksTargetDays, inPost, "Finish employment checks within", "Days from when the offer is accepted.", "days", 42, 1, 365),
		{Name: PostMonths, Group: inPost, Title: "Usual length of a post", Help: "The first suggestion when a post is registered.", Form: Number, Unit: "months", First: "12", Least: 1, Most: 36,
			Why: "Recalled: 12-month contracts are often advertised. The national pages only say short-term, to 31 March."},
		{Name: PLAB2DuringPost, Group: inPost, Title: "What a PLAB 2 pass during a post does", Help: "Before the start, a pass ends eligibility under the 2022 to 2023 rules.", Form: OneOf, Options: during, First: PostContinues,
			Why: "Not published. The published rule is only about people who apply."},
		{Name: RegisteredDuringPost, Group: inPost, Title: "What GMC registration during a post does", Help: "The employer may offer a doctor post instead.", Form: OneOf, Options: during, First: PostContinues,
			Why: "Not published."},
		number(SupervisionWeeks, inPost, "Meet the educational supervisor every", "The next meeting is late after this.", "weeks", 4, 1, 26),
		number(LearningAnswerDays, inPost, "Answer an offered place at an event within", "Then the place goes to the next who waits.", "days", 3, 1, 30),
		number(SupervisorPlaces, inPost, "Most people one supervisor has at once", "An employer can set a lower number.", "people", 2, 1, 10),
		number(CardCodeMinutes, inPost, "How long a code for a scope card works", "Whoever has the code reads what one person may do. After this it shows nothing.", "minutes", 15, 5, 60),
		number(RollDays, inPost, "Time to sign the list of people in post", "Days a host has after each quarter ends.", "days", 14, 5, 60),
		number(ExpiryWarningDays, inPost, "Warn before something runs out", "For exam results, tests and permission to work.", "days", 90, 7, 365),
		number(PlacementAccessDays, inPost, "Host and supervisors see a post after it ended for", "So that they can finish the report. After that only the employer who gave the contract sees it.", "days", 14, 0, 90),
		number(SupportHardInARow, inPost, "A check-in asks for a call after", "How often in a row the same thing is hard, for doctors who switched this on.", "times", 2, 1, 10),
		number(SupportExamFails, inPost, "Exam results ask for a call after", "Exams not passed within 12 months, for doctors who switched this on.", "exams", 2, 1, 10),
		number(HelpCheckedMonths, safe, "Look again at an entry of the directory of help after", "Until somebody looks, doctors read that it may not be right.", "months", 6, 1, 24),
		number(SignOffLinkDays, inPost, "How long a link to sign works", "It is sent to whoever watched the doctor, and works once.", "days", 14, 1, 60),
		number(SignOffCodeMinutes, inPost, "How long a code that is read out works", "It is shorter than a link, so it works for less time.", "minutes", 60, 5, 480),
		number(SignOffRecheckMonths, inPost, "Check a sign-off again after", "After this the task must be seen again.", "months", 12, 1, 24),
		{Name: FeedbackMinimum, Group: inPost, Title: "Colleagues who must answer before feedback is shown", Help: "With fewer, nothing is ever shown. It cannot be set below 7: then single answers could be worked out.", Form: Number, Unit: "people",
			First: "10", Least: 7, Most: 30, Why: "Recalled: the UK Foundation Programme asks for at least 10 and oneself. No page read confirms it."},
		number(FeedbackDays, inPost, "Usual time for colleagues to answer", "The first suggestion when a round of feedback is opened.", "days", 28, 7, 120),
		number(FeedbackReadDays, inPost, "Time for the educational supervisor to read feedback first", "After this the doctor sees it.", "days", 7, 1, 28),
		number(FeedbackGapMonths, inPost, "Time between two rounds of feedback", "Two results close together could show what one person said.", "months", 3, 1, 12),
		number(PassportMonths, inPost, "How long a passport lasts", "Then the doctor makes a new one.", "months", 12, 1, 36),
		{Name: FollowUpMonths, Group: figures, Title: "When to ask how a doctor is getting on afterwards", Help: "Months after the post ends, with commas.", Form: Numbers, Unit: "months", First: "3,6,12,24", Least: 1, Most: 120, Why: notPublished},
		{Name: SuppressBelow, Group: figures, Title: "Do not show numbers of people below", Help: "Smaller numbers could point to a person. 0 is shown.", Form: Number, Unit: "people", First: "5", Least: 5, Most: 50,
			Why: "Recalled: 5 is usual in the NHS. It cannot be set lower here."},
		{Name: PublicationDates, Group: figures, Title: "Dates on which figures were published", Help: "Besides the ends of months. YYYY-MM-DD, with commas.", Form: Dates, First: "2022-06-20", Why: "The day on which the source article's figures are reproduced."},
		{Name: ContactEmail, Group: safe, Title: "E-mail address for questions", Help: "Shown on the public pages.", Form: Words, First: "", Why: "Each programme has its own."},
		{Name: SafetyPhone, Group: safe, Title: "Phone number for an urgent safety worry", Help: "Shown to doctors next to the urgent button. In an emergency people are told to call 999.", Form: Words, First: "", Why: "Each programme has its own."},
		number(RetentionYears, safe, "Keep a closed case for", "Years after the last event. Then it is reviewed.", "years", 8, 1, 30),
		stepTime(StepEnglish, "Preparing for and sitting an English test"),
		stepTime(StepEnglishVerified, "The GMC checks English scores"),
		stepTime(StepPLAB1Sitting, "Waiting for a sitting of PLAB 1"),
		stepTime(StepPLAB1Result, "Waiting for the PLAB 1 result"),
		stepTime(StepPLAB2Sitting, "Waiting for a place in PLAB 2"),
		stepTime(StepPLAB2Result, "Waiting for the PLAB 2 result"),
		stepTime(StepVerification, "Primary source verification"),
		stepTime(StepPapers, "Certificates of good standing, references and history"),
		stepTime(StepDecision, "The GMC decides on the application"),
	}
}

// StepTimes lists the settings of how long steps take.
func StepTimes() []string {
	return []string{StepEnglish, StepEnglishVerified, StepPLAB1Sitting, StepPLAB1Result, StepPLAB2Sitting, StepPLAB2Result, StepVerification, StepPapers, StepDecision}
}

// SpreadOf reads a value of a spread; ok is false where none is set.
func SpreadOf(value string) (least, usual, most int, ok bool) {
	parts := strings.Split(value, ",")
	if len(parts) != 3 {
		return 0, 0, 0, false
	}
	var n [3]int
	for i, part := range parts {
		v, err := strconv.Atoi(part)
		if err != nil {
			return 0, 0, 0, false
		}
		n[i] = v
	}
	return n[0], n[1], n[2], true
}

// Define finds a setting's definition.
func Define(name string) (Definition, bool) {
	all := Catalogue()
	i := slices.IndexFunc(all, func(d Definition) bool { return d.Name == name })
	if i < 0 {
		return Definition{}, false
	}
	return all[i], true
}

// Say is a value of the setting in words: "28 days", "The post goes on …".
func (d Definition) Say(value string) string {
	switch {
	case value == "":
		return "Not set"
	case d.Form == OneOf:
		for _, o := range d.Options {
			if o.Value == value {
				return o.Words
			}
		}
	case d.Form == Spread:
		if least, usual, most, ok := SpreadOf(value); ok {
			return fmt.Sprintf("At least %d, usually %d, at most %d %s", least, usual, most, d.Unit)
		}
	case d.Form == Number && value == "1":
		return "1 " + singular(d.Unit)
	case d.Unit != "":
		return strings.ReplaceAll(value, ",", ", ") + " " + d.Unit
	case d.Form == Dates:
		var days []string
		for _, s := range strings.Split(value, ",") {
			if v, err := clock.ParseDate(s); err == nil {
				days = append(days, v.Long())
			}
		}
		return strings.Join(days, ", ")
	}
	return value
}

func singular(unit string) string {
	if unit == "people" {
		return "person"
	}
	return strings.TrimSuffix(unit, "s")
}

// clean brings a value as typed into its stored form, or says what is wrong.
func (d Definition) clean(value string) (string, error) {
	value = strings.TrimSpace(value)
	invalid := func(message string) error {
		return &problem.Error{Kind: problem.Invalid, Message: "There is a problem", Fields: []problem.Field{{Name: "value", Message: message}}}
	}
	span := "Enter a whole number from " + strconv.Itoa(d.Least) + " to " + strconv.Itoa(d.Most)
	switch d.Form {
	case Number:
		n, err := strconv.Atoi(value)
		if err != nil || n < d.Least || n > d.Most {
			return "", invalid(span)
		}
		return strconv.Itoa(n), nil
	case OneOf:
		if !slices.ContainsFunc(d.Options, func(o Option) bool { return o.Value == value }) {
			return "", invalid("Choose one of the answers")
		}
	case Numbers:
		return cleanList(value, func(s string) (string, error) {
			n, err := strconv.Atoi(s)
			if err != nil || n < d.Least || n > d.Most {
				return "", invalid(span + ", and more after commas if you need them")
			}
			return strconv.Itoa(n), nil
		})
	case Spread:
		if value == "" {
			return "", nil
		}
		least, usual, most, ok := SpreadOf(strings.ReplaceAll(value, " ", ""))
		if !ok || least < 0 || usual < least || most < usual || most > d.Most {
			return "", invalid("Enter three whole numbers that rise, with commas: at least, usually, at most")
		}
		return fmt.Sprintf("%d,%d,%d", least, usual, most), nil
	case Dates:
		return cleanList(value, func(s string) (string, error) {
			v, err := clock.ParseDate(s)
			if err != nil || v.IsZero() {
				return "", invalid("Enter dates like 2026-03-31, with commas between them")
			}
			return v.String(), nil
		})
	case Words:
		if len(value) > 200 || strings.ContainsAny(value, "\n\r") {
			return "", invalid("Enter one line of at most 200 letters")
		}
	}
	return value, nil
}

func cleanList(value string, each func(string) (string, error)) (string, error) {
	var out []string
	for _, s := range strings.Split(value, ",") {
		if s = strings.TrimSpace(s); s == "" {
			continue
		}
		v, err := each(s)
		if err != nil {
			return "", err
		}
		if !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return strings.Join(out, ","), nil
}
