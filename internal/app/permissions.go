package app

import (
	"msw/internal/access"
	"msw/internal/organisation"
)

// row says who may do an action, by each relation: the roles that stand so to
// the record. It is the whole table; docs/permissions.md prints it.
type row struct {
	action access.Action
	by     map[access.Relation][]access.Role
}

// Permissions makes the one table that every page, command and job asks. What a
// role may see inside a record is decided by the record's own package from
// domain 5.2; here stands who may reach it at all.
func Permissions() (*access.Table, error) {
	var grants []access.Grant
	for _, list := range [][]row{programmeRows(), organisationRows(), doctorRows(), factRows(), consentRows(), casefileRows(), documentRows(), requestRows(), referralRows(), eligibilityRows(), assessmentRows(), postRows(), allocationRows(), roundRows(), onboardingRows(), placementRows(), portfolioRows(), evidenceRows(), inPostRows(), endRows(), supportRows(), learningRows(), registrationRows(), registerRows(), fundingRows(), outcomeRows(), newsroomRows(), jobsRows(), notifyRows(), signinRows()} {
		for _, r := range list {
			for relation, roles := range r.by {
				for _, role := range roles {
					grants = append(grants, access.Grant{Role: role, Action: r.action, Relation: relation})
				}
			}
		}
	}
	return access.NewTable(grants...)
}
func programmeRows() []row {
	return []row{
		{"programme.create", map[access.Relation][]access.Role{
			access.Tenant: {organisation.RoleOperator},
		}},
		{"programme.phases", map[access.Relation][]access.Role{
			access.Tenant: {organisation.RoleOperator, organisation.RoleNationalLead, organisation.RoleAdministrator, organisation.RoleAssessor, organisation.RoleCaseworker, organisation.RoleRegionalLead, organisation.RoleBoard, organisation.RoleEditor, organisation.RoleEmployerHR, organisation.RoleEmployerFinance, organisation.RoleReferrer, organisation.RoleSupervisor},
		}},
		{"programme.change_phase", map[access.Relation][]access.Role{
			access.Tenant: {organisation.RoleOperator, organisation.RoleNationalLead},
		}},
		{"programme.settings", map[access.Relation][]access.Role{
			access.Tenant: {organisation.RoleOperator, organisation.RoleNationalLead, organisation.RoleAdministrator, organisation.RoleAssessor, organisation.RoleCaseworker, organisation.RoleRegionalLead, organisation.RoleBoard},
		}},
		{"programme.change_setting", map[access.Relation][]access.Role{
			access.Tenant: {organisation.RoleOperator, organisation.RoleNationalLead, organisation.RoleAdministrator},
		}},
		{"programme.rule_sets", map[access.Relation][]access.Role{
			access.Tenant: {organisation.RoleOperator, organisation.RoleNationalLead, organisation.RoleAdministrator, organisation.RoleAssessor, organisation.RoleCaseworker, organisation.RoleRegionalLead, organisation.RoleBoard},
		}},
		{"programme.propose_rule_set", map[access.Relation][]access.Role{
			access.Tenant: {organisation.RoleOperator, organisation.RoleNationalLead, organisation.RoleAssessor},
		}},
		{"programme.approve_rule_set", map[access.Relation][]access.Role{
			access.Tenant: {organisation.RoleOperator, organisation.RoleNationalLead},
		}},
	}
}

func organisationRows() []row {
	return []row{
		{"organisation.import", map[access.Relation][]access.Role{
			access.Tenant: {organisation.RoleOperator, organisation.RoleAdministrator},
		}},
		{"organisation.search", map[access.Relation][]access.Role{
			access.Tenant: {organisation.RoleOperator, organisation.RoleAdministrator, access.Doctor, organisation.RoleReferrer, organisation.RoleCaseworker, organisation.RoleAssessor, organisation.RoleRegionalLead, organisation.RoleNationalLead, organisation.RoleEmployerHR, organisation.RoleEmployerFinance, organisation.RoleSupervisor, organisation.RoleBoard, organisation.RoleEditor},
		}},
		{"organisation.create", map[access.Relation][]access.Role{
			access.Tenant: {organisation.RoleOperator, organisation.RoleAdministrator, organisation.RoleNationalLead, organisation.RoleCaseworker, organisation.RoleRegionalLead},
		}},
		{"organisation.close", map[access.Relation][]access.Role{
			access.Tenant: {organisation.RoleOperator, organisation.RoleAdministrator, organisation.RoleNationalLead},
		}},
		{"organisation.members", map[access.Relation][]access.Role{
			access.Tenant:       {organisation.RoleOperator, organisation.RoleAdministrator, organisation.RoleNationalLead},
			access.Organisation: {organisation.RoleEmployerHR},
		}},
		{"organisation.change_members", map[access.Relation][]access.Role{
			access.Tenant: {organisation.RoleOperator, organisation.RoleAdministrator},
		}},
	}
}

func doctorRows() []row {
	return []row{
		{"doctor.create", map[access.Relation][]access.Role{
			access.Tenant: {organisation.RoleCaseworker, organisation.RoleAssessor, organisation.RoleOperator},
		}},
		{"doctor.read", map[access.Relation][]access.Role{
			access.Own:          {access.Doctor},
			access.Tenant:       {organisation.RoleCaseworker, organisation.RoleAssessor, organisation.RoleNationalLead, organisation.RoleOperator},
			access.Region:       {organisation.RoleRegionalLead},
			access.Organisation: {organisation.RoleEmployerHR},
			access.Supervised:   {organisation.RoleSupervisor},
		}},
		{"doctor.change", map[access.Relation][]access.Role{
			access.Own:    {access.Doctor},
			access.Tenant: {organisation.RoleCaseworker, organisation.RoleOperator},
		}},
		{"doctor.equality", map[access.Relation][]access.Role{
			access.Own: {access.Doctor},
		}},
		{"doctor.search", map[access.Relation][]access.Role{
			access.Tenant: {organisation.RoleCaseworker, organisation.RoleAssessor, organisation.RoleNationalLead, organisation.RoleOperator},
		}},
		{"doctor.compare", map[access.Relation][]access.Role{
			access.Tenant: {organisation.RoleCaseworker, organisation.RoleAssessor, organisation.RoleOperator},
		}},
		{"doctor.seal", map[access.Relation][]access.Role{
			access.Tenant: {organisation.RoleCaseworker, organisation.RoleAssessor, organisation.RoleOperator},
		}},
		{"doctor.carry", map[access.Relation][]access.Role{
			access.Own: {access.Doctor},
		}},
		{"doctor.link", map[access.Relation][]access.Role{
			access.Tenant: {organisation.RoleOperator},
		}},
	}
}

func factRows() []row {
	return []row{
		{"fact.read", map[access.Relation][]access.Role{
			access.Own:          {access.Doctor},
			access.Tenant:       {organisation.RoleCaseworker, organisation.RoleAssessor, organisation.RoleNationalLead, organisation.RoleOperator},
			access.Region:       {organisation.RoleRegionalLead},
			access.Organisation: {organisation.RoleEmployerHR},
			access.Supervised:   {organisation.RoleSupervisor},
		}},
		{"fact.record", map[access.Relation][]access.Role{
			access.Own:          {access.Doctor},
			access.Tenant:       {organisation.RoleCaseworker, organisation.RoleAssessor, organisation.RoleOperator},
			access.Organisation: {organisation.RoleEmployerHR},
		}},
		{"fact.verify", map[access.Relation][]access.Role{
			access.Tenant:       {organisation.RoleCaseworker, organisation.RoleAssessor, organisation.RoleOperator},
			access.Organisation: {organisation.RoleEmployerHR},
		}},
		{"fact.enter", map[access.Relation][]access.Role{
			access.Tenant:       {organisation.RoleCaseworker, organisation.RoleAssessor},
			access.Organisation: {organisation.RoleEmployerHR},
		}},
		{"fact.apply", map[access.Relation][]access.Role{
			access.Own: {access.Doctor},
		}},
		{"fact.seal", map[access.Relation][]access.Role{
			access.Tenant: {organisation.RoleCaseworker, organisation.RoleAssessor, organisation.RoleOperator},
		}},
	}
}

func consentRows() []row {
	return []row{
		{"consent.give", map[access.Relation][]access.Role{
			access.Own:    {access.Doctor},
			access.Tenant: {organisation.RoleCaseworker, organisation.RoleOperator},
		}},
		{"consent.withdraw", map[access.Relation][]access.Role{
			access.Own:    {access.Doctor},
			access.Tenant: {organisation.RoleCaseworker, organisation.RoleOperator},
		}},
		{"consent.read", map[access.Relation][]access.Role{
			access.Tenant: {organisation.RoleCaseworker, organisation.RoleAssessor, organisation.RoleOperator},
			access.Own:    {access.Doctor},
		}},
		{"consent.hide", map[access.Relation][]access.Role{
			access.Own:    {access.Doctor},
			access.Tenant: {organisation.RoleOperator},
		}},
		{"consent.declare", map[access.Relation][]access.Role{
			access.Own:    {access.Doctor},
			access.Tenant: {organisation.RoleOperator},
		}},
		{"consent.self", map[access.Relation][]access.Role{
			access.Own: {access.Doctor},
		}},
	}
}

func casefileRows() []row {
	return []row{
		{"case.home", map[access.Relation][]access.Role{
			access.Self: {access.Doctor, organisation.RoleReferrer, organisation.RoleCaseworker, organisation.RoleAssessor, organisation.RoleRegionalLead, organisation.RoleNationalLead, organisation.RoleEmployerHR, organisation.RoleEmployerFinance, organisation.RoleSupervisor, organisation.RoleShiftLead, organisation.RoleBoard, organisation.RoleEditor, organisation.RoleAdministrator, organisation.RoleOperator},
		}},
		{"case.list", map[access.Relation][]access.Role{
			access.Tenant:       {organisation.RoleCaseworker, organisation.RoleAssessor, organisation.RoleNationalLead, organisation.RoleOperator},
			access.Region:       {organisation.RoleRegionalLead},
			access.Organisation: {organisation.RoleEmployerHR},
			access.Supervised:   {organisation.RoleSupervisor},
		}},
		{"case.read", map[access.Relation][]access.Role{
			access.Own:          {access.Doctor},
			access.Tenant:       {organisation.RoleCaseworker, organisation.RoleAssessor, organisation.RoleNationalLead, organisation.RoleOperator},
			access.Region:       {organisation.RoleRegionalLead},
			access.Organisation: {organisation.RoleEmployerHR},
			access.Supervised:   {organisation.RoleSupervisor},
		}},
		{"case.coarse", map[access.Relation][]access.Role{
			access.Referred: {organisation.RoleReferrer},
		}},
		{"case.work", map[access.Relation][]access.Role{
			access.Tenant: {organisation.RoleCaseworker, organisation.RoleAssessor, organisation.RoleNationalLead, organisation.RoleOperator},
		}},
		{"case.close", map[access.Relation][]access.Role{
			access.Tenant: {organisation.RoleCaseworker, organisation.RoleNationalLead, organisation.RoleOperator},
		}},
		{"case.message", map[access.Relation][]access.Role{
			access.Own:          {access.Doctor},
			access.Tenant:       {organisation.RoleCaseworker, organisation.RoleAssessor, organisation.RoleNationalLead},
			access.Organisation: {organisation.RoleEmployerHR},
			access.Supervised:   {organisation.RoleSupervisor},
		}},
		{"case.apply", map[access.Relation][]access.Role{
			access.Own: {access.Doctor},
		}},
		{"case.pause", map[access.Relation][]access.Role{
			access.Own:    {access.Doctor},
			access.Tenant: {organisation.RoleCaseworker, organisation.RoleNationalLead, organisation.RoleOperator},
		}},
		{"case.urgent", map[access.Relation][]access.Role{
			access.Own: {access.Doctor},
		}},
	}
}

func referralRows() []row {
	return []row{
		{"referral.refer", map[access.Relation][]access.Role{
			access.Organisation: {organisation.RoleReferrer},
			access.Tenant:       {organisation.RoleCaseworker, organisation.RoleOperator},
		}},
		{"referral.desk", map[access.Relation][]access.Role{
			access.Organisation: {organisation.RoleReferrer},
			access.Tenant:       {organisation.RoleCaseworker, organisation.RoleAssessor, organisation.RoleNationalLead, organisation.RoleOperator},
		}},
		{"referral.withdraw", map[access.Relation][]access.Role{
			access.Organisation: {organisation.RoleReferrer},
			access.Tenant:       {organisation.RoleCaseworker, organisation.RoleOperator},
		}},
		{"referral.renew", map[access.Relation][]access.Role{
			access.Organisation: {organisation.RoleReferrer},
			access.Tenant:       {organisation.RoleCaseworker, organisation.RoleOperator},
		}},
		{"referral.import", map[access.Relation][]access.Role{
			access.Organisation: {organisation.RoleReferrer},
			access.Tenant:       {organisation.RoleCaseworker, organisation.RoleOperator},
		}},
		{"referral.agree", map[access.Relation][]access.Role{
			access.Own:    {access.Doctor},
			access.Tenant: {organisation.RoleCaseworker, organisation.RoleOperator},
		}},
		{"referral.self", map[access.Relation][]access.Role{
			access.Public: {""},
		}},
		{"referral.take_over", map[access.Relation][]access.Role{
			access.Public: {""},
		}},
		{"referral.staff", map[access.Relation][]access.Role{
			access.Tenant: {organisation.RoleCaseworker, organisation.RoleAssessor, organisation.RoleNationalLead, organisation.RoleOperator},
		}},
		{"referral.invite", map[access.Relation][]access.Role{
			access.Tenant: {organisation.RoleCaseworker, organisation.RoleNationalLead, organisation.RoleOperator},
		}},
		{"referral.follow", map[access.Relation][]access.Role{
			access.Tenant: {organisation.RoleCaseworker, organisation.RoleOperator},
		}},
		{"referral.routes", map[access.Relation][]access.Role{
			access.Tenant: {organisation.RoleNationalLead, organisation.RoleOperator},
		}},
	}
}

func eligibilityRows() []row {
	return []row{
		{"eligibility.assess", map[access.Relation][]access.Role{
			access.Tenant: {organisation.RoleAssessor, organisation.RoleCaseworker, organisation.RoleNationalLead, organisation.RoleOperator},
		}},
		{"eligibility.decide", map[access.Relation][]access.Role{
			access.Tenant: {organisation.RoleAssessor, organisation.RoleOperator},
		}},
		{"eligibility.read", map[access.Relation][]access.Role{
			access.Own:    {access.Doctor},
			access.Tenant: {organisation.RoleAssessor, organisation.RoleCaseworker, organisation.RoleNationalLead, organisation.RoleOperator},
		}},
	}
}

func postRows() []row {
	return []row{
		{"post.see", map[access.Relation][]access.Role{
			access.Organisation: {organisation.RoleEmployerHR, organisation.RoleEmployerFinance, organisation.RoleSupervisor},
			access.Tenant:       {organisation.RoleCaseworker, organisation.RoleAssessor, organisation.RoleNationalLead, organisation.RoleAdministrator, organisation.RoleOperator},
			access.Region:       {organisation.RoleRegionalLead},
		}},
		{"post.register", map[access.Relation][]access.Role{
			access.Organisation: {organisation.RoleEmployerHR},
			access.Tenant:       {organisation.RoleNationalLead, organisation.RoleOperator},
		}},
		{"post.approve", map[access.Relation][]access.Role{
			access.Region: {organisation.RoleRegionalLead},
			access.Tenant: {organisation.RoleNationalLead, organisation.RoleOperator},
		}},
		{"post.open", map[access.Relation][]access.Role{
			access.Organisation: {organisation.RoleEmployerHR},
			access.Tenant:       {organisation.RoleNationalLead, organisation.RoleOperator},
		}},
		{"post.interest", map[access.Relation][]access.Role{
			access.Organisation: {organisation.RoleEmployerHR},
			access.Region:       {organisation.RoleRegionalLead},
			access.Tenant:       {organisation.RoleNationalLead, organisation.RoleOperator},
		}},
		{"post.map", map[access.Relation][]access.Role{
			access.Region: {organisation.RoleRegionalLead},
			access.Tenant: {organisation.RoleNationalLead, organisation.RoleOperator},
		}},
		{"post.outcodes", map[access.Relation][]access.Role{
			access.Tenant: {organisation.RoleAdministrator, organisation.RoleOperator},
		}},
		{"post.supervise", map[access.Relation][]access.Role{
			access.Organisation: {organisation.RoleEmployerHR},
			access.Tenant:       {organisation.RoleNationalLead, organisation.RoleOperator},
		}},
	}
}

func allocationRows() []row {
	return []row{
		{"allocation.prefer", map[access.Relation][]access.Role{
			access.Own:    {access.Doctor},
			access.Tenant: {organisation.RoleCaseworker, organisation.RoleOperator},
		}},
		{"allocation.read", map[access.Relation][]access.Role{
			access.Tenant:       {organisation.RoleCaseworker, organisation.RoleAssessor, organisation.RoleNationalLead, organisation.RoleOperator},
			access.Region:       {organisation.RoleRegionalLead},
			access.Organisation: {organisation.RoleEmployerHR},
		}},
		{"allocation.link", map[access.Relation][]access.Role{
			access.Own: {access.Doctor},
		}},
		{"allocation.ask", map[access.Relation][]access.Role{
			access.Own:    {access.Doctor},
			access.Tenant: {organisation.RoleCaseworker},
		}},
		{"allocation.vouch", map[access.Relation][]access.Role{
			access.Tenant: {organisation.RoleCaseworker},
		}},
		{"allocation.judge", map[access.Relation][]access.Role{
			access.Tenant: {organisation.RoleAssessor, organisation.RoleNationalLead},
		}},
	}
}

func onboardingRows() []row {
	return []row{
		{"offer.see", map[access.Relation][]access.Role{
			access.Own:          {access.Doctor},
			access.Organisation: {organisation.RoleEmployerHR},
			access.Tenant:       {organisation.RoleCaseworker, organisation.RoleAssessor, organisation.RoleNationalLead, organisation.RoleOperator},
			access.Region:       {organisation.RoleRegionalLead},
		}},
		{"offer.propose", map[access.Relation][]access.Role{
			access.Tenant: {organisation.RoleCaseworker, organisation.RoleNationalLead, organisation.RoleOperator},
			access.Region: {organisation.RoleRegionalLead},
		}},
		{"offer.make", map[access.Relation][]access.Role{
			access.Organisation: {organisation.RoleEmployerHR},
			access.Tenant:       {organisation.RoleOperator},
		}},
		{"offer.answer", map[access.Relation][]access.Role{
			access.Own:    {access.Doctor},
			access.Tenant: {organisation.RoleOperator},
		}},
		{"offer.withdraw", map[access.Relation][]access.Role{
			access.Organisation: {organisation.RoleEmployerHR},
			access.Tenant:       {organisation.RoleCaseworker, organisation.RoleNationalLead, organisation.RoleOperator},
		}},
		{"recruit.run", map[access.Relation][]access.Role{
			access.Organisation: {organisation.RoleEmployerHR},
			access.Tenant:       {organisation.RoleOperator},
		}},
		{"recruit.score", map[access.Relation][]access.Role{
			access.Organisation: {organisation.RoleEmployerHR, organisation.RoleSupervisor},
			access.Tenant:       {organisation.RoleOperator},
		}},
		{"recruit.apply", map[access.Relation][]access.Role{
			access.Own: {access.Doctor},
		}},
		{"offer.second", map[access.Relation][]access.Role{
			access.Organisation: {organisation.RoleEmployerHR},
			access.Tenant:       {organisation.RoleCaseworker, organisation.RoleNationalLead, organisation.RoleOperator},
		}},
		{"check.board", map[access.Relation][]access.Role{
			access.Organisation: {organisation.RoleEmployerHR},
			access.Tenant:       {organisation.RoleCaseworker, organisation.RoleNationalLead, organisation.RoleOperator},
			access.Region:       {organisation.RoleRegionalLead},
		}},
		{"check.reply", map[access.Relation][]access.Role{
			access.Own: {access.Doctor},
		}},
		{"check.see", map[access.Relation][]access.Role{
			access.Own:          {access.Doctor},
			access.Organisation: {organisation.RoleEmployerHR},
			access.Tenant:       {organisation.RoleCaseworker, organisation.RoleNationalLead, organisation.RoleOperator},
			access.Region:       {organisation.RoleRegionalLead},
		}},
		{"check.tick", map[access.Relation][]access.Role{
			access.Organisation: {organisation.RoleEmployerHR},
			access.Tenant:       {organisation.RoleOperator},
		}},
		{"check.evidence", map[access.Relation][]access.Role{
			access.Organisation: {organisation.RoleEmployerHR},
		}},
	}
}

func placementRows() []row {
	return []row{
		{"placement.see", map[access.Relation][]access.Role{
			access.Own:          {access.Doctor},
			access.Organisation: {organisation.RoleEmployerHR},
			access.Supervised:   {organisation.RoleSupervisor},
			access.Tenant:       {organisation.RoleCaseworker, organisation.RoleAssessor, organisation.RoleNationalLead, organisation.RoleOperator},
			access.Region:       {organisation.RoleRegionalLead},
		}},
		{"placement.pay", map[access.Relation][]access.Role{
			access.Own:          {access.Doctor},
			access.Organisation: {organisation.RoleEmployerHR},
			access.Tenant:       {organisation.RoleNationalLead, organisation.RoleOperator},
			access.Region:       {organisation.RoleRegionalLead},
		}},
		{"placement.start", map[access.Relation][]access.Role{
			access.Organisation: {organisation.RoleEmployerHR},
			access.Tenant:       {organisation.RoleOperator},
		}},
		{"placement.change", map[access.Relation][]access.Role{
			access.Organisation: {organisation.RoleEmployerHR},
			access.Tenant:       {organisation.RoleNationalLead, organisation.RoleOperator},
		}},
		{"placement.end", map[access.Relation][]access.Role{
			access.Organisation: {organisation.RoleEmployerHR},
			access.Tenant:       {organisation.RoleNationalLead, organisation.RoleOperator},
		}},
		{"placement.follow_up", map[access.Relation][]access.Role{
			access.Tenant: {organisation.RoleCaseworker, organisation.RoleNationalLead, organisation.RoleOperator},
		}},
		{"placement.match", map[access.Relation][]access.Role{
			access.Tenant: {organisation.RoleCaseworker, organisation.RoleAssessor, organisation.RoleNationalLead, organisation.RoleOperator},
		}},
	}
}

func registrationRows() []row {
	return []row{
		{"registration.see", map[access.Relation][]access.Role{
			access.Own:          {access.Doctor},
			access.Tenant:       {organisation.RoleCaseworker, organisation.RoleAssessor, organisation.RoleNationalLead, organisation.RoleOperator},
			access.Region:       {organisation.RoleRegionalLead},
			access.Organisation: {organisation.RoleEmployerHR},
			access.Supervised:   {organisation.RoleSupervisor},
		}},
		{"registration.step", map[access.Relation][]access.Role{
			access.Own:    {access.Doctor},
			access.Tenant: {organisation.RoleCaseworker, organisation.RoleAssessor, organisation.RoleOperator},
		}},
		{"registration.propose", map[access.Relation][]access.Role{
			access.Tenant: {organisation.RoleCaseworker, organisation.RoleAssessor, organisation.RoleNationalLead, organisation.RoleOperator},
		}},
		{"registration.confirm", map[access.Relation][]access.Role{
			access.Tenant: {organisation.RoleCaseworker, organisation.RoleAssessor, organisation.RoleNationalLead, organisation.RoleOperator},
		}},
		{"registration.tell_post", map[access.Relation][]access.Role{
			access.Own:    {access.Doctor},
			access.Tenant: {organisation.RoleCaseworker, organisation.RoleNationalLead, organisation.RoleOperator},
		}},
		{"registration.post", map[access.Relation][]access.Role{
			access.Tenant: {organisation.RoleCaseworker, organisation.RoleNationalLead, organisation.RoleOperator},
		}},
		{"registration.leave", map[access.Relation][]access.Role{
			access.Tenant: {organisation.RoleCaseworker, organisation.RoleNationalLead, organisation.RoleOperator},
		}},
		{"registration.ladder", map[access.Relation][]access.Role{
			access.Own:          {access.Doctor},
			access.Tenant:       {organisation.RoleCaseworker, organisation.RoleAssessor, organisation.RoleNationalLead, organisation.RoleOperator},
			access.Region:       {organisation.RoleRegionalLead},
			access.Organisation: {organisation.RoleEmployerHR},
			access.Supervised:   {organisation.RoleSupervisor},
		}},
		{"registration.working", map[access.Relation][]access.Role{
			access.Own:    {access.Doctor},
			access.Tenant: {organisation.RoleCaseworker, organisation.RoleAssessor, organisation.RoleOperator},
		}},
		{"registration.lapses", map[access.Relation][]access.Role{
			access.Tenant: {organisation.RoleCaseworker, organisation.RoleAssessor, organisation.RoleNationalLead, organisation.RoleOperator},
			access.Region: {organisation.RoleRegionalLead},
		}},
		{"registration.calendar", map[access.Relation][]access.Role{
			access.Own: {access.Doctor},
		}},
		{"registration.feed", map[access.Relation][]access.Role{
			access.Public: {""},
		}},
	}
}

func fundingRows() []row {
	return []row{
		{"funding.see", map[access.Relation][]access.Role{
			access.Tenant:       {organisation.RoleNationalLead, organisation.RoleOperator, organisation.RoleBoard},
			access.Region:       {organisation.RoleRegionalLead},
			access.Organisation: {organisation.RoleEmployerFinance, organisation.RoleEmployerHR},
		}},
		{"funding.place", map[access.Relation][]access.Role{
			access.Tenant:       {organisation.RoleNationalLead, organisation.RoleOperator},
			access.Region:       {organisation.RoleRegionalLead},
			access.Organisation: {organisation.RoleEmployerFinance, organisation.RoleEmployerHR},
		}},
		{"funding.budget", map[access.Relation][]access.Role{
			access.Tenant: {organisation.RoleNationalLead, organisation.RoleOperator},
		}},
	}
}

func outcomeRows() []row {
	return []row{
		{"outcome.tracker", map[access.Relation][]access.Role{
			access.Public: {""},
		}},
		{"outcome.figures", map[access.Relation][]access.Role{
			access.Tenant: {organisation.RoleNationalLead, organisation.RoleBoard, organisation.RoleAssessor, organisation.RoleCaseworker, organisation.RoleOperator},
			access.Region: {organisation.RoleRegionalLead},
		}},
		{"outcome.publish", map[access.Relation][]access.Role{
			access.Tenant: {organisation.RoleNationalLead, organisation.RoleOperator},
		}},
	}
}

func newsroomRows() []row {
	return []row{
		{"newsroom.read", map[access.Relation][]access.Role{
			access.Public: {""},
		}},
		{"newsroom.desk", map[access.Relation][]access.Role{
			access.Tenant: {organisation.RoleEditor, organisation.RoleNationalLead, organisation.RoleCaseworker, organisation.RoleAdministrator, organisation.RoleOperator},
		}},
		{"newsroom.write", map[access.Relation][]access.Role{
			access.Tenant: {organisation.RoleEditor, organisation.RoleNationalLead, organisation.RoleOperator},
		}},
		{"newsroom.review", map[access.Relation][]access.Role{
			access.Tenant: {organisation.RoleEditor, organisation.RoleNationalLead, organisation.RoleCaseworker, organisation.RoleOperator},
		}},
		{"newsroom.publish", map[access.Relation][]access.Role{
			access.Tenant: {organisation.RoleEditor, organisation.RoleNationalLead, organisation.RoleOperator},
		}},
		{"newsroom.consent", map[access.Relation][]access.Role{
			access.Tenant: {organisation.RoleEditor, organisation.RoleNationalLead, organisation.RoleOperator},
		}},
		{"newsroom.withdraw", map[access.Relation][]access.Role{
			access.Tenant: {organisation.RoleEditor, organisation.RoleNationalLead, organisation.RoleCaseworker, organisation.RoleAdministrator, organisation.RoleOperator},
		}},
	}
}

func jobsRows() []row {
	return []row{
		{"jobs.look", map[access.Relation][]access.Role{
			access.Tenant: {organisation.RoleAdministrator},
		}},
		{"jobs.retry", map[access.Relation][]access.Role{
			access.Tenant: {organisation.RoleAdministrator},
		}},
	}
}

func notifyRows() []row {
	return []row{
		{"notify.read", map[access.Relation][]access.Role{
			access.Public: {""},
		}},
	}
}

func signinRows() []row {
	return []row{
		{"signin.enter", map[access.Relation][]access.Role{
			access.Public: {""},
		}},
	}
}
