package document

import "slices"

// Kind is a kind of document: what doctors choose from.
type Kind struct {
	Code, Title, Hint string
	Class             Class
	// Translation kinds say what they translate, and by whom.
	Translation bool
}

// Kinds lists the kinds, in the order of the choice. They are this programme's
// own list: no source publishes one.
func Kinds() []Kind {
	return []Kind{
		{"identity", "Passport or other identity document", "The page with your photo. Both sides of a card.", General, false},
		{"degree", "Medical degree certificate", "The certificate itself, not the transcript.", General, false},
		{"transcript", "Transcript or list of subjects", "", General, false},
		{"internship", "Internship or foundation training certificate", "", General, false},
		{"experience", "Letter or certificate about your work", "From a hospital, a clinic or a colleague.", General, false},
		{"licence", "Licence or registration as a doctor abroad", "", General, false},
		{"good_standing", "Certificate of good standing", "Only if you have one already. You do not need one to join.", General, false},
		{"english", "English test result", "IELTS, OET, or another proof of English.", General, false},
		{"exam", "Exam result", "For example PLAB 1 or PLAB 2.", General, false},
		{"name_change", "Proof that two names are yours", "For example a marriage certificate.", General, false},
		{"statutory_declaration", "Statutory declaration or sworn statement", "By you, or by somebody who studied or worked with you.", General, false},
		{"charity_evidence", "Letter from a charity or UNHCR", "", General, false},
		{"course_photograph", "Photograph from your course or work", "", General, false},
		{"translation", "Translation of a document", "Add the original first, then its translation.", General, true},
		{"right_to_work", "Proof of your right to work", "Only your employer can open it. The programme team cannot.", RightToWork, false},
		{"protected_reason", "Proof for a protected reason", "Only the panel that decides about protected reasons can open it.", Protected, false},
		{"other", "Something else", "", General, false},
	}
}

// KindOf finds a kind; one nobody knows is the general "other".
func KindOf(code string) Kind {
	all := Kinds()
	if i := slices.IndexFunc(all, func(k Kind) bool { return k.Code == code }); i >= 0 {
		return all[i]
	}
	return all[len(all)-1]
}

func knownKind(code string) bool {
	return slices.ContainsFunc(Kinds(), func(k Kind) bool { return k.Code == code })
}
