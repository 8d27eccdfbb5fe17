package portfolio

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/sdjwt"
)

// Export gives the whole portfolio of a case for its doctor to take along. That
// it was done stands in the record.
func (s *Service) Export(ctx context.Context, call access.Call, ref string) (Export, error) {
	var e Export
	err := s.db.Tx(ctx, func(ctx context.Context) error {
		c, err := s.reach(ctx, call, ActExport, ref)
		if err != nil {
			return err
		}
		if e, err = s.export(ctx, call, c.Doctor, c.Ref); err != nil {
			return err
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: ActExport, Kind: "portfolio", ID: c.Doctor, Person: c.Doctor,
			After: map[string]any{"digest": e.Digest, "items": len(e.Items)}})
	})
	return e, err
}

// ExportOwn is Export for the actor's own portfolio.
func (s *Service) ExportOwn(ctx context.Context, call access.Call) (Export, error) {
	doctor, err := s.own(call, ActExport)
	if err != nil {
		return Export{}, err
	}
	c, err := s.o.Cases.Get(ctx, doctor, call.Actor.Tenant)
	if err != nil {
		return Export{}, err
	}
	return s.Export(ctx, call, c.Ref)
}

func (s *Service) export(ctx context.Context, call access.Call, doctor, ref string) (Export, error) {
	tenant := call.Actor.Tenant
	names, err := s.o.Names(ctx, tenant, []string{doctor})
	if err != nil {
		return Export{}, err
	}
	e := Export{Doctor: Exported{ref, names[doctor]}, Items: []ExportItem{}, Posts: []ExportPost{}, Certificates: []ExportCertificate{}}
	if e.Items, err = s.exportItems(ctx, tenant, doctor); err != nil {
		return e, err
	}
	if e.Posts, err = s.exportPosts(ctx, tenant, doctor); err != nil {
		return e, err
	}
	if e.Certificates, err = s.exportCertificates(ctx, tenant, doctor); err != nil {
		return e, err
	}
	if e.Passport, err = s.exportPassport(ctx, call, doctor); err != nil {
		return e, err
	}
	if e.Feedback, err = s.FeedbackOf(ctx, tenant, doctor); err != nil {
		return e, err
	}
	if e.Reports, err = s.ReportsOf(ctx, tenant, doctor); err != nil {
		return e, err
	}
	from, err := s.carried(ctx, tenant, doctor)
	if err != nil {
		return e, err
	}
	e.add(from)
	return e, e.settle()
}

// add puts what was brought from elsewhere beside what is known here; of the same
// thing, what is known here stays.
func (e *Export) add(b carried) {
	for _, p := range b.Posts {
		if !slices.Contains(e.Posts, p) {
			e.Posts = append(e.Posts, p)
		}
	}
	for _, c := range b.Certificates {
		if !slices.ContainsFunc(e.Certificates, func(own ExportCertificate) bool { return own.Number == c.Number }) {
			e.Certificates = append(e.Certificates, c)
		}
	}
	if e.Passport == nil {
		e.Passport = b.Passport
	}
	for _, f := range b.Feedback {
		if !slices.ContainsFunc(e.Feedback, func(own Feedback) bool { return own.ID == f.ID }) {
			e.Feedback = append(e.Feedback, f)
		}
	}
	for _, r := range b.Reports {
		if !slices.ContainsFunc(e.Reports, func(own Report) bool { return own.Number == r.Number }) {
			e.Reports = append(e.Reports, r)
		}
	}
}

func (s *Service) exportItems(ctx context.Context, tenant, doctor string) ([]ExportItem, error) {
	items, err := s.items(ctx, tenant, doctor, theDoctor, Query{})
	if err != nil {
		return nil, err
	}
	return s.written(ctx, tenant, items)
}

// written writes items for a file, with the names of tasks and places.
func (s *Service) written(ctx context.Context, tenant string, items []Item) ([]ExportItem, error) {
	titles, err := s.taskTitles(ctx, tenant, items)
	if err != nil {
		return nil, err
	}
	hosts := map[string]bool{}
	for _, i := range items {
		hosts[i.Host] = true
	}
	delete(hosts, "")
	places, err := s.organisationNames(ctx, tenant, slices.Sorted(maps.Keys(hosts)))
	if err != nil {
		return nil, err
	}
	out := make([]ExportItem, len(items))
	for n, i := range items {
		out[n] = i.exported(places[i.Host], titles[i.Task])
	}
	return out, nil
}

func (s *Service) exportPosts(ctx context.Context, tenant, doctor string) ([]ExportPost, error) {
	spells, err := s.o.Placements.SpellsOf(ctx, tenant, doctor)
	if err != nil {
		return nil, err
	}
	var organisations, accounts []string
	for _, v := range spells {
		organisations, accounts = append(organisations, v.Employer, v.Host), append(accounts, v.Clinical, v.Educational)
	}
	places, err := s.organisationNames(ctx, tenant, organisations)
	if err != nil {
		return nil, err
	}
	people := map[string]string{}
	if s.o.AccountNames != nil && len(accounts) > 0 {
		if people, err = s.o.AccountNames(ctx, tenant, accounts); err != nil {
			return nil, err
		}
	}
	out := []ExportPost{}
	for _, v := range spells {
		if v.To.IsZero() || v.To >= v.From {
			out = append(out, ExportPost{From: v.From, To: v.To, Employer: places[v.Employer], Host: places[v.Host], Setting: string(v.Setting), WholeTime: v.WholeTime, Clinical: people[v.Clinical], Educational: people[v.Educational]})
		}
	}
	return out, nil
}

func (s *Service) exportCertificates(ctx context.Context, tenant, doctor string) ([]ExportCertificate, error) {
	list, err := s.o.Placements.CertificatesOf(ctx, tenant, doctor)
	if err != nil {
		return nil, err
	}
	out := []ExportCertificate{}
	for _, c := range list {
		out = append(out, ExportCertificate{Number: c.Number, IssuedOn: c.IssuedOn, Employer: c.Employer, From: c.From, To: c.To, IssuedBy: c.IssuedBy})
	}
	return out, nil
}

// exportPassport is the passport that holds today, with the one key it needs.
func (s *Service) exportPassport(ctx context.Context, call access.Call, doctor string) (*ExportPassport, error) {
	list, err := s.passports(ctx, call.Actor.Tenant, doctor)
	if err != nil || len(list) == 0 || list[0].State(call.Today) != Valid {
		return nil, err
	}
	keys, err := s.keys(ctx, call.Actor.Tenant)
	if err != nil {
		return nil, err
	}
	for _, k := range keys {
		if k.ID != list[0].Key {
			continue
		}
		set, err := sdjwt.NewKeys(sdjwt.PublicKey{ID: k.ID, Public: k.Public})
		if err != nil {
			return nil, err
		}
		text, err := json.Marshal(set)
		return &ExportPassport{list[0].Sealed.Token, text}, err
	}
	return nil, errors.New("the key of a passport is not stored")
}
