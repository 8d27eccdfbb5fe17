package programme

import (
	"strconv"

	"msw/internal/nhs"
	"msw/internal/web"
)

type settingsGroup struct {
	Title string
	Rows  []settingRow
}

type settingRow struct {
	Definition
	Setting
	Said, By string
}

func (p *Pages) settings(r *web.Request) (web.Response, error) {
	values, err := p.s.Settings(r.Context(), r.Call)
	if err != nil {
		return web.Response{}, err
	}
	var accounts []string
	for _, v := range values {
		if v.SetBy != "" {
			accounts = append(accounts, v.SetBy)
		}
	}
	who, err := p.who(r.Context(), accounts...)
	if err != nil {
		return web.Response{}, err
	}
	var groups []settingsGroup
	for _, d := range Catalogue() {
		if len(groups) == 0 || groups[len(groups)-1].Title != d.Group {
			groups = append(groups, settingsGroup{Title: d.Group})
		}
		g := &groups[len(groups)-1]
		v := values[d.Name]
		g.Rows = append(g.Rows, settingRow{Definition: d, Setting: v, Said: d.Say(v.Value), By: who(v.SetBy)})
	}
	return web.Page(r, web.PageData{Title: "Settings", Caption: caption, Body: settingsPage(groups, r.May(ActChangeSetting))}), nil
}

type settingForm struct {
	Key, Value, Note, Version string
	Errors                    nhs.Errors
}

type settingData struct {
	settingRow
	Changes   []settingRow
	MayChange bool
	Form      settingForm
}

func (p *Pages) setting(r *web.Request) (web.Response, error) { return p.showSetting(r, nil) }

func (p *Pages) showSetting(r *web.Request, errs nhs.Errors) (web.Response, error) {
	d, ok := Define(r.PathValue("name"))
	values, err := p.s.Settings(r.Context(), r.Call)
	if err != nil {
		return web.Response{}, err
	}
	changes, err := p.s.Changes(r.Context(), r.Call, d.Name)
	if err != nil {
		return web.Response{}, err
	}
	if !ok {
		return web.Response{}, missing()
	}
	v := values[d.Name]
	accounts := []string{v.SetBy}
	for _, c := range changes {
		accounts = append(accounts, c.SetBy)
	}
	who, err := p.who(r.Context(), accounts...)
	if err != nil {
		return web.Response{}, err
	}
	data := settingData{settingRow: settingRow{Definition: d, Setting: v, Said: d.Say(v.Value), By: who(v.SetBy)}, MayChange: r.May(ActChangeSetting)}
	for _, c := range changes {
		data.Changes = append(data.Changes, settingRow{Setting: Setting{SetOn: c.SetOn, Note: c.Note}, Said: d.Say(c.Value), By: who(c.SetBy)})
	}
	data.Form = settingForm{Key: r.Key(), Value: v.Value, Version: strconv.FormatInt(v.Version, 10), Errors: errs}
	if errs != nil {
		data.Form.Value, data.Form.Note, data.Form.Version = r.Text("value"), r.Text("note"), r.Text("version")
	}
	return web.Page(r, web.PageData{Title: d.Title, Caption: "Settings: " + d.Group, Back: "/settings", BackText: "All settings", Errors: errs, Body: settingPage(data)}), nil
}

func (p *Pages) changeSetting(r *web.Request) (web.Response, error) {
	version, _ := strconv.ParseInt(r.Text("version"), 10, 64)
	_, err := p.s.SetSetting(r.Context(), r.Call, SetSetting{Name: r.PathValue("name"), Value: r.Text("value"), Note: r.Text("note"), Version: version})
	if errs, ok := web.FieldErrors(err); ok {
		return p.showSetting(r, errs)
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.SeeOther("/settings/"+r.PathValue("name"), "Setting changed"), nil
}
