package casefile

import "msw/internal/access"

const (
	roleReferrer     access.Role = "referrer"
	roleCaseworker   access.Role = "caseworker"
	roleAssessor     access.Role = "assessor"
	roleRegionalLead access.Role = "regional_lead"
	roleNationalLead access.Role = "national_lead"
	roleEmployerHR   access.Role = "employer_hr"
	roleSupervisor   access.Role = "supervisor"
	roleOperator     access.Role = "operator"
)
