package post

import "strings"

// Specialty is an area of medicine in which doctors wish to work: a short list
// set by this programme, not a national one.
type Specialty struct{ Code, Name string }

// Specialties lists them as pages show them.
func Specialties() []Specialty {
	return []Specialty{{"acute", "Acute and emergency medicine"}, {"anaesthetics", "Anaesthetics and critical care"}, {"elderly", "Care of older people"},
		{"general_medicine", "General medicine"}, {"general_practice", "General practice"}, {"mental_health", "Mental health"},
		{"obstetrics", "Obstetrics and gynaecology"}, {"paediatrics", "Children's medicine"}, {"pathology", "Pathology and laboratories"},
		{"radiology", "Radiology"}, {"surgery", "Surgery"}}
}

// stems are word beginnings by which a specialty in an employer's own words is
// recognised; the first that fits decides.
func stems() [][2]string {
	return [][2]string{{"general pract", "general_practice"}, {"gp", "general_practice"}, {"family med", "general_practice"}, {"primary care", "general_practice"},
		{"acute", "acute"}, {"emergency", "acute"}, {"anaesth", "anaesthetics"}, {"critical care", "anaesthetics"}, {"intensive", "anaesthetics"},
		{"older", "elderly"}, {"elder", "elderly"}, {"geriat", "elderly"}, {"frail", "elderly"}, {"psych", "mental_health"}, {"mental", "mental_health"},
		{"obstet", "obstetrics"}, {"gynae", "obstetrics"}, {"matern", "obstetrics"}, {"paediat", "paediatrics"}, {"child", "paediatrics"}, {"neonat", "paediatrics"},
		{"pathol", "pathology"}, {"laborat", "pathology"}, {"microbio", "pathology"}, {"haemat", "pathology"}, {"radiol", "radiology"}, {"imaging", "radiology"},
		{"surg", "surgery"}, {"orthop", "surgery"}, {"trauma", "surgery"}, {"urolog", "surgery"}, {"medicine", "general_medicine"}, {"medical", "general_medicine"},
		{"cardiol", "general_medicine"}, {"respir", "general_medicine"}, {"stroke", "general_medicine"}, {"gastro", "general_medicine"}, {"renal", "general_medicine"},
		{"diabet", "general_medicine"}, {"endocrin", "general_medicine"}, {"neurol", "general_medicine"}, {"rheumat", "general_medicine"}}
}

// SpecialtyCode recognises a specialty in an employer's own words; "" when none
// of the list fits. Posts keep the words, old ones too.
func SpecialtyCode(text string) string {
	text = " " + strings.ToLower(strings.TrimSpace(text))
	for _, s := range Specialties() {
		if text == " "+strings.ToLower(s.Name) || text == " "+s.Code {
			return s.Code
		}
	}
	for _, stem := range stems() {
		if strings.Contains(text, " "+stem[0]) {
			return stem[1]
		}
	}
	return ""
}
