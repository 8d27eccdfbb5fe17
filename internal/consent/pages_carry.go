package consent

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"msw/internal/doctor"
	"msw/internal/fact"
	"msw/internal/nhs"
	"msw/internal/web"
)

// carryView lists each field and fact of the doctor's record with a box.
type carryView struct {
	Key     string
	Schemes []nhs.Option
	To      string
	Fields  []nhs.Option
	Facts   []nhs.Option
	Wishes  bool
	Chosen  []string
	Errors  nhs.Errors
}

func (p *Pages) carryForm(r *web.Request) (carryView, []Named, error) {
	id, err := own(r)
	if err != nil {
		return carryView{}, nil, err
	}
	v := carryView{Key: r.Key(), Wishes: p.CarryPreferences != nil, To: r.Text("to"),
		Chosen: slices.Concat(r.Texts("carry"), r.Texts("carry-facts"), r.Texts("carry-wishes"))}
	d, err := p.Doctors.Own(r.Context(), r.Call)
	if err != nil {
		return v, nil, err
	}
	for _, f := range d.CarryFields() {
		v.Fields = append(v.Fields, nhs.Option{Value: f.Code, Label: f.Label, Hint: f.Value})
	}
	facts, err := p.Facts.For(r.Context(), r.Call.Actor.Tenant, id)
	if err != nil {
		return v, nil, err
	}
	for _, f := range facts {
		v.Facts = append(v.Facts, nhs.Option{Value: "fact:" + f.ID, Label: fact.Words(f.Kind), Hint: fact.Summary(p.Facts.Schema(), f)})
	}
	schemes, err := p.others(r.Context(), r.Call.Actor.Tenant)
	for _, s := range schemes {
		v.Schemes = append(v.Schemes, nhs.Option{Value: s.ID, Label: s.Name})
	}
	return v, schemes, err
}

func carryPage(r *web.Request, v carryView) web.Response {
	return web.Page(r, web.PageData{Title: "Take your record to another scheme", Caption: "My record", Back: "/me", Errors: v.Errors, Body: carryBody(v)})
}

func (p *Pages) carry(r *web.Request) (web.Response, error) {
	v, _, err := p.carryForm(r)
	if err != nil {
		return web.Response{}, err
	}
	return carryPage(r, v), nil
}

func (p *Pages) saveCarry(r *web.Request) (web.Response, error) {
	v, schemes, err := p.carryForm(r)
	if err != nil {
		return web.Response{}, err
	}
	name := ""
	for _, s := range schemes {
		if s.ID == v.To {
			name = s.Name
		}
	}
	switch {
	case name == "":
		err = fault("to", "Choose the scheme to take your record to")
	case len(v.Chosen) == 0:
		err = fault("carry", "Choose what to take along")
	default:
		err = p.carryTo(r, v)
	}
	if errs, ok := web.FieldErrors(err); ok {
		for i := range errs { // what a field of the record lacks is asked for on this page as a whole
			if errs[i].Name != "to" {
				errs[i].Name = "carry"
			}
		}
		v.Errors = errs
		return carryPage(r, v), nil
	}
	return web.SeeOther("/me", "Your record is now also with "+name+". The two schemes do not see each other's record."), err
}

func (p *Pages) carryTo(r *web.Request, v carryView) error {
	var fields, facts []string
	wishes := false
	for _, c := range v.Chosen {
		if id, ok := strings.CutPrefix(c, "fact:"); ok {
			facts = append(facts, id)
		} else if c == "wishes" {
			wishes = true
		} else {
			fields = append(fields, c)
		}
	}
	ctx := r.Context()
	c, err := p.Doctors.CarryOver(ctx, r.Call, v.To, fields)
	if err != nil {
		return err
	}
	if c.New && p.Arrived != nil {
		if err := p.Arrived(ctx, c.Call, c.Doctor, c.Ref); err != nil {
			return err
		}
	}
	if _, err := p.Facts.CarryOver(ctx, r.Call, c.Call, facts); err != nil {
		return err
	}
	if wishes && p.CarryPreferences != nil {
		return p.CarryPreferences(ctx, r.Call, c.Call)
	}
	return nil
}

// record gives the doctor a copy of all that is held about them, as JSON.
func (p *Pages) record(r *web.Request) (web.Response, error) {
	id, err := own(r)
	if err != nil {
		return web.Response{}, err
	}
	ctx, tenant := r.Context(), r.Call.Actor.Tenant
	d, err := p.Doctors.Own(ctx, r.Call)
	if err != nil {
		return web.Response{}, err
	}
	copied := struct {
		Ref        string         `json:"reference"`
		AsAt       string         `json:"as_at"`
		Details    doctor.Details `json:"details"`
		Facts      []fact.Record  `json:"facts"`
		Consents   []Consent      `json:"consents"`
		HiddenFrom []string       `json:"hidden_from"`
		Declared   map[string]any `json:"declarations"`
		Also       map[string]any `json:"also,omitempty"`
	}{Ref: d.Ref, AsAt: r.Call.Now.String(), Details: d.Details, HiddenFrom: []string{}, Declared: map[string]any{}}
	if copied.Facts, err = p.Facts.History(ctx, tenant, id); err != nil {
		return web.Response{}, err
	}
	if copied.Consents, err = p.s.All(ctx, tenant, id); err != nil {
		return web.Response{}, err
	}
	hides, err := p.s.Hides(ctx, r.Call)
	if err != nil {
		return web.Response{}, err
	}
	for _, h := range hides {
		copied.HiddenFrom = append(copied.HiddenFrom, h.Label)
	}
	made, err := p.s.Declared(ctx, tenant, id)
	if err != nil {
		return web.Response{}, err
	}
	for code, at := range made {
		copied.Declared[code] = at
	}
	if p.Also != nil {
		if copied.Also, err = p.Also(ctx, r.Call); err != nil {
			return web.Response{}, err
		}
	}
	text, err := json.MarshalIndent(copied, "", "  ")
	if err != nil {
		return web.Response{}, err
	}
	if err := p.s.noteCopy(ctx, r.Call, id); err != nil {
		return web.Response{}, err
	}
	return web.Download("my-record-"+d.Ref+".json", "application/json", bytes.NewReader(text)), nil
}
