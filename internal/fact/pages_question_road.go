package fact

// The kinds asked for on the way to registration, beside those of the
// application.
const (
	GoodStanding = "good_standing"
	Activity     = "activity"
	Route        = "route"
	Decided      = "gmc_decision"
	Contact      = "contact_permission"
)

func goodStandingQuestions() []question {
	return []question{
		{Name: "regulator", Label: "Which regulator or medical council?", Hint: "Its name. One answer for each place where you are or were registered as a doctor", Ask: askText},
		{Name: "country", Label: "In which country?", Ask: askCountry},
		{Name: "certificate", Label: "How far is the certificate of good standing?", Hint: "It must not be older than 3 months when the GMC decides, so do not ask for it too early", Ask: askRadio,
			Options: options("signed", "It is signed", "asked", "It is asked for", "not_asked", "Not asked for yet", "not_possible", "This regulator cannot or must not be asked",
				"none_needed", "I was never registered as a doctor anywhere", "unknown", "Not sure")},
		{Name: nameOn, Label: "When was it signed?", Hint: "The date on the certificate. Leave empty if there is none yet. For example, 31 3 2026", Ask: askDate},
		{Name: "held_to", Label: "When did your registration there end?", Hint: "Leave empty if you are still registered there", Ask: askDate},
	}
}

func activityQuestions() []question {
	return []question{
		{Name: "kind", Label: "What did you do in this time?", Ask: askRadio,
			Options: options("practice", "I worked as a registered doctor", "unregistered_practice", "I worked as a doctor without registration", "support_role", "A job such as medical support worker",
				"other_work", "Other work", "study", "Study or exams", "leave", "Family, care or illness", "attachment", "I watched or shadowed", "without_work", "I had no work", "unknown", "Not sure")},
		{Name: nameOn, Label: "When did it begin?", Hint: "If you do not know the day, put 1. For example, 1 3 2022", Ask: askDate},
		{Name: nameUntil, Label: "When did it end?", Hint: "Leave empty if it still goes on", Ask: askDate},
		{Name: "country", Label: "In which country?", Ask: askCountry},
		{Name: "reference", Label: "Is there a reference for it?", Ask: askRadio,
			Options: options("received", "Yes, it is here", "asked", "It is asked for", "not_asked", "Not asked for yet", "not_possible", "Nobody can or may be asked", "unknown", "Not sure")},
	}
}

func routeQuestions() []question {
	return []question{
		{Name: "way", Label: "Which way do you want to use?", Hint: "You can follow more than one way at the same time. PLAB is always open to you", Ask: askRadio,
			Options: options("PGQ", "A postgraduate qualification that the GMC accepts", "SPON", "A sponsor in the UK", "SPEC", "The specialist or GP register",
				"REQ", "A European qualification", "OREX", "An exam for registration in another country")},
		{Name: "stage", Label: "How far is it?", Ask: askRadio,
			Options: options("held", "I have it", "followed", "I am on the way", "refused", "The GMC said no", "given_up", "I do not follow it any more", "unknown", "Not sure")},
		{Name: "awarded", Label: "When was it awarded or passed?", Hint: "Leave empty if it is not yet. For example, 31 3 2026", Ask: askDate},
		{Name: "verified", Label: "Was it verified at its source?", Ask: askYesNo},
		{Name: nameOn, Label: "When was this said?", Hint: "Leave empty for today", Ask: askDate, Staff: true},
	}
}

func decidedQuestions() []question {
	return []question{
		{Name: "about", Label: "What did the GMC decide about?", Ask: askRadio,
			Options: options("qualification", "The medical qualification", "internship", "The internship", "english", "English", "activity", "What was done in the last 5 years",
				"route", "Another way than PLAB", "plab1_validity", "How long the PLAB 1 pass counts", "further_attempt", "One more try at an exam")},
		{Name: "accepted", Label: "Did it accept?", Ask: askYesNo},
		{Name: nameOn, Label: "When did it say so?", Hint: "The date of the letter or message. For example, 31 3 2026", Ask: askDate},
	}
}

func contactQuestions() []question {
	return []question{
		{Name: "party", Label: "Whom do you mean?", Ask: askRadio,
			Options: options("institution", "A university or hospital", "regulator", "A regulator or medical council", "embassy", "An embassy or consulate", "employer", "An employer")},
		{Name: "name", Label: "What is its name?", Hint: "Leave empty if you mean all of them", Ask: askText},
		{Name: "country", Label: "In which country?", Ask: askCountry},
		{Name: "allowed", Label: "May we, the GMC or an employer ask them about you?", Hint: "If it could put you or your family in danger, say no", Ask: askYesNo},
		{Name: nameOn, Label: "When was this said?", Hint: "Leave empty for today", Ask: askDate, Staff: true},
	}
}

// saidToday tells of which road kinds the date may be left out: then it is the
// day of the answer.
func saidToday(n *NewFact) bool {
	switch n.Kind {
	case Route, Contact:
		return true
	case GoodStanding:
		return n.Fields["certificate"] != "signed"
	}
	return false
}
