package demo

import (
	"context"
	"fmt"
	"strings"

	"msw/internal/post"
)

// outcodes are where the middles of the demo's postcode districts lie on the
// national grid (UK postcode districts by Gibbs, public domain CC0).
const outcodes = `postcode,eastings,northings
E1,534700,181700
N17,533600,190600
SE5,532600,176700
W12,522900,180300
SW17,527700,171800
IG1,543800,186500
BS2,359700,173600
EX4,292300,93500
PL4,248700,55000
CT1,615300,157700
SO14,442500,112300
BN1,531100,106100
OX3,454200,207300
B18,405200,288200
LE2,459900,301700
NG7,455400,340400
DE23,434000,333900
NR2,622300,308700
PE1,519300,300300
LU1,508500,220800
M6,380300,399500
L8,336000,388600
BL3,371400,407700
LS8,432300,436600
S3,435100,388000
NE4,422900,564400
BD3,418000,433600
HU3,507900,428500
`

// supply is what employers can take today: answers on the telephone, posts that
// are open, posts that wait for a supervisor, and one offer half written.
func (l *loader) supply(ctx context.Context) error {
	day := l.o.Today
	if _, err := l.Posts.ImportOutcodes(ctx, l.on(0, firstDay), strings.NewReader(outcodes), "outcodes.csv", false); err != nil {
		return err
	}
	n := 0
	for _, r := range regions {
		for i, h := range l.hosts[r.code] {
			n++
			if i%2 == 0 {
				in := post.Interest{Organisation: h.code, Answer: post.Answers()[n%len(post.Answers())], Places: n % 4}
				if _, err := l.Posts.SayInterest(ctx, l.on(0, day.AddDays(-(n%60))), in); err != nil {
					return fmt.Errorf("interest: %w", err)
				}
			}
			if i < 6 {
				if err := l.vacancy(ctx, h, n, i == 5 || i == 3 && n%2 == 0); err != nil {
					return fmt.Errorf("open post: %w", err)
				}
			}
		}
	}
	if err := l.personal(ctx); err != nil {
		return err
	}
	if err := l.grounds(ctx); err != nil {
		return err
	}
	return l.halfWritten(ctx)
}

// vacancy is one open post, or one approved post that nobody supervises yet.
func (l *loader) vacancy(ctx context.Context, h host, n int, unsupervised bool) error {
	day := l.o.Today
	d := post.Details{Setting: post.Hospital, Employer: h.code, Host: h.code, Specialty: specialties[n%len(specialties)], MinutesWeek: post.FullTimeWeek,
		Pay: post.Pay{Kind: post.AgendaForChange, Point: post.Entry, HCAS: post.NoZone}, StartFrom: day + 45, ContractEnd: day + 45 + 364,
		FundedUntil: day + 152, Phase: l.phases[tenantOf(0)+"local-2026-27"], Funder: post.Programme, Indemnity: post.TrustScheme, Clinical: l.clinical[h.code],
		Essential: "An English test result that the GMC accepts", Wished: "Has worked in this area of medicine"}
	if h.region == "Y56" {
		d.Pay.HCAS = post.Inner
	}
	if h.practice {
		d.Setting, d.Specialty, d.Indemnity = post.GPPractice, "General practice", post.PracticeScheme
		d.Pay, d.MinutesWeek = post.Pay{Kind: post.LocalPay, Pence: 3_800_000}, 30*60
	}
	if n%3 == 0 {
		d.StartFrom = day + 14 // it stands empty: somebody could come at once
	}
	if unsupervised {
		d.Clinical = ""
	}
	if n%5 == 2 {
		d.Requires = post.Requires{Medicine: 12}
	}
	call := l.on(0, day-30)
	p, err := l.Posts.Register(ctx, call, post.Registration{Details: d})
	if err != nil {
		return err
	}
	if p, err = l.Posts.Approve(ctx, call, post.Step{ID: p.ID}); err != nil || unsupervised {
		return err
	}
	_, err = l.Posts.Open(ctx, call, post.Step{ID: p.ID})
	return err
}

// halfWritten is an offer that a practice manager wrote on the train.
func (l *loader) halfWritten(ctx context.Context) error {
	practice := l.first("Y56", true)
	for who, answers := range map[string]map[string]string{
		"practicehr": {"setting": "gp_practice", "employer": practice.name, "employer-value": practice.code, "elsewhere": "no", "specialty": "General practice", "count": "1",
			"start-day": "1", "start-month": "2", "start-year": "2027", "contract_end-day": "31", "contract_end-month": "1", "contract_end-year": "2028", "hours": "30",
			"pay": "local", "amount": "38,000", "indemnity": "practice_scheme", "clinical": "", "clinical_said": "yes"},
	} {
		call := l.as(0, l.o.Today-2, who)
		d, err := l.Posts.BeginOffer(ctx, call)
		if err != nil {
			return err
		}
		if _, err := l.Posts.AnswerOffer(ctx, call, d.ID, answers); err != nil {
			return err
		}
	}
	return nil
}
