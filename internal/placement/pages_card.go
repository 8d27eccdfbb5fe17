package placement

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"rsc.io/qr"

	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/nhs"
	"msw/internal/placement/card"
	"msw/internal/problem"
	"msw/internal/web"
)

// cardRoutes are the addresses of cards, codes, levels and sign-offs. Whoever
// has no account tries codes a few times a minute, and no more.
func (p *Pages) cardRoutes() []web.Route {
	return []web.Route{
		{Method: "GET", Pattern: "/cards", Action: ActCard, Handle: p.cards},
		{Method: "GET", Pattern: "/placements/{id}/card", Action: ActCard, Handle: p.card},
		{Method: "GET", Pattern: "/placements/{id}/card/print", Action: ActCard, Handle: p.printCard},
		{Method: "GET", Pattern: "/placements/{id}/card/code", Action: ActCard, Handle: p.shownCode},
		{Method: "POST", Pattern: "/placements/{id}/card/code", Action: ActCard, Handle: p.makeCode},
		{Method: "GET", Pattern: "/placements/{id}/badge", Action: ActCard, Handle: p.badge},
		{Method: "GET", Pattern: "/card", Action: ActCode, Handle: p.askCode},
		{Method: "POST", Pattern: "/card", Action: ActCode, Limit: 10, Handle: p.typedCode},
		{Method: "GET", Pattern: "/card/{code}", Action: ActCode, Limit: 20, Handle: p.openCode},
		{Method: "GET", Pattern: "/levels", Action: ActLevels, Handle: p.levels},
		{Method: "POST", Pattern: "/levels", Action: ActLevels, Handle: p.setLevels},
		{Method: "GET", Pattern: "/placements/{id}/sign-offs", Action: ActCard, Handle: p.signOffs},
		{Method: "GET", Pattern: "/placements/{id}/sign-offs/{task}", Action: ActSign, Handle: p.signForm},
		{Method: "POST", Pattern: "/placements/{id}/sign-offs/{task}", Action: ActSign, Handle: p.sign},
		{Method: "POST", Pattern: "/placements/{id}/sign-offs/{task}/withdraw", Action: ActSign, Handle: p.withdraw},
		{Method: "POST", Pattern: "/placements/{id}/sign-offs/{task}/confirm", Action: ActVouch, Handle: p.vouch},
	}
}

func (p *Pages) cards(r *web.Request) (web.Response, error) {
	rows, err := p.s.Cards(r.Context(), r.Call, Query{After: r.After(2), Limit: pageSize + 1})
	if err != nil {
		return web.Response{}, err
	}
	next := ""
	if len(rows) > pageSize {
		rows = rows[:pageSize]
		next = r.NextPage(rows[pageSize-1].StartedOn.String(), rows[pageSize-1].ID)
	}
	return web.Page(r, web.PageData{Title: "What people may do today", Caption: "Scope cards", Body: cardsPage(rows, next)}), nil
}

type cardView struct {
	CardSight
	Key    string
	ByCode bool
}

func private(r web.Response) web.Response {
	return r.With("Cache-Control", "no-store").With("X-Robots-Tag", "noindex, nofollow, noarchive")
}

func (p *Pages) card(r *web.Request) (web.Response, error) {
	v, err := p.s.LookCard(r.Context(), r.Call, r.PathValue("id"))
	if err != nil {
		return web.Response{}, err
	}
	return private(web.Page(r, web.PageData{Title: v.Name, Caption: "Scope card", Back: v.back(), BackText: "Back",
		Body: cardPage(cardView{CardSight: v, Key: r.Key()})})), nil
}

func (p *Pages) printCard(r *web.Request) (web.Response, error) {
	v, err := p.s.LookCard(r.Context(), r.Call, r.PathValue("id"))
	if err != nil {
		return web.Response{}, err
	}
	return private(web.Page(r, web.PageData{Title: v.Name, Slim: true, Back: "/placements/" + v.Placement.ID + "/card", BackText: "Back to the card",
		Body: cardBody(cardView{CardSight: v})})), nil
}

func (p *Pages) makeCode(r *web.Request) (web.Response, error) {
	c, err := p.s.MakeCode(r.Context(), r.Call, r.PathValue("id"))
	if err != nil {
		return web.Response{}, err
	}
	return web.SeeOther("/placements/"+c.Placement+"/card/code?code="+c.Text, ""), nil
}

type codeView struct {
	Code
	Address string
	Picture picture
	Key     string
}

func (p *Pages) shownCode(r *web.Request) (web.Response, error) {
	c, err := p.s.ShownCode(r.Context(), r.Call, r.PathValue("id"), r.Text("code"))
	if err != nil {
		return web.Response{}, err
	}
	v := codeView{Code: c, Address: p.s.o.Address + "/card/" + c.Text, Key: r.Key()}
	if v.Picture, err = draw(v.Address); err != nil {
		return web.Response{}, err
	}
	return private(web.Page(r, web.PageData{Title: "Show this to the shift lead", Back: "/placements/" + c.Placement + "/card", BackText: "Card", Body: codePage(v)})), nil
}

func (p *Pages) badge(r *web.Request) (web.Response, error) {
	v, err := p.s.LookCard(r.Context(), r.Call, r.PathValue("id"))
	if err != nil {
		return web.Response{}, err
	}
	return private(web.Page(r, web.PageData{Title: "Badge and email signature", Caption: v.Name, Back: "/placements/" + v.Placement.ID + "/card", BackText: "Card", Body: badgePage(v)})), nil
}

func (p *Pages) askCode(r *web.Request) (web.Response, error) { return p.codeForm(r, "") }

func (p *Pages) codeForm(r *web.Request, wrong string) (web.Response, error) {
	page := web.PageData{Title: "Read a scope card", Caption: "For shift leads", Body: askCodePage(r.Key(), r.Text("code"), wrong)}
	if wrong != "" {
		page.Errors = nhs.Errors{{Name: "code", Message: wrong}}
	}
	return private(web.Page(r, page)), nil
}

func (p *Pages) typedCode(r *web.Request) (web.Response, error) {
	text := r.Text("code")
	clean, ok := database.CheckRef(text)
	switch {
	case text == "":
		return p.codeForm(r, "Enter the code")
	case !ok:
		return p.codeForm(r, "The code is mistyped. It has 9 letters and numbers")
	}
	return web.SeeOther("/card/"+clean, ""), nil
}

func (p *Pages) openCode(r *web.Request) (web.Response, error) {
	v, err := p.s.OpenCode(r.Context(), r.Call, r.PathValue("code"))
	if problem.KindOf(err) == problem.NotFound {
		return private(web.Page(r, web.PageData{Title: "This code shows nothing", Slim: true, Status: http.StatusGone, Body: noCodePage(errNoCode().Error())})), nil
	}
	if err != nil {
		return web.Response{}, err
	}
	return private(web.Page(r, web.PageData{Title: v.Name, Slim: true, Body: cardBody(cardView{CardSight: v, ByCode: true})})), nil
}

// picture is a QR code as the path of an SVG.
type picture struct {
	Side int
	Path string
}

// quiet is the empty edge a reader needs around a code.
const quiet = 4

func draw(text string) (picture, error) {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return picture{}, err
	}
	var b bytes.Buffer
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			from := x
			for x < code.Size && code.Black(x, y) {
				x++
			}
			if n := x - from; n > 0 {
				b.WriteString("M" + strconv.Itoa(from+quiet) + " " + strconv.Itoa(y+quiet) + "h" + strconv.Itoa(n) + "v1h-" + strconv.Itoa(n) + "z")
			}
		}
	}
	return picture{code.Size + 2*quiet, b.String()}, nil
}

func (q picture) box() string {
	side := strconv.Itoa(q.Side)
	return "0 0 " + side + " " + side
}

// ---- words

func (v CardSight) heading() string {
	if v.State == card.Ended {
		return "Registered with the GMC: this card has ended"
	}
	return Heading
}

// under says who answers for the work today.
func (v CardSight) under() string {
	var names []string
	for i, c := range v.Under {
		switch {
		case c.Stands && i == 0:
			names = append(names, c.Name+" (stands in today)")
		case c.Stands:
			names = append(names, "or "+c.Name+" (stands in)")
		default:
			names = append(names, c.Name)
		}
	}
	return strings.Join(names, " ")
}

func moment(at clock.Instant) string { return at.Local().Long() + " " + at.LocalTime() }

// group is the allowed lines of one level, the highest level first.
type group struct {
	card.LevelWords
	Lines []card.Line
}

func (v CardSight) groups() []group {
	var out []group
	lines := v.Allowed(v.At)
	for _, level := range []card.Level{card.Indirect, card.Direct, card.Watch} {
		g := group{LevelWords: v.Rules.Words(level)}
		for _, l := range lines {
			if l.Level == level {
				g.Lines = append(g.Lines, l)
			}
		}
		if len(g.Lines) > 0 {
			out = append(out, g)
		}
	}
	return out
}

// back leads a shift lead to their list of cards, and others to the post.
func (v CardSight) back() string {
	if v.MaySee {
		return "/placements/" + v.Placement.ID
	}
	return "/cards"
}

// nothing says why nothing at all is allowed, in words that tell no more than a
// ward needs: not why somebody is away.
func (v CardSight) nothing() string {
	switch v.State {
	case card.NotInPost:
		return "This person is not in post here today."
	case card.NotAtWork:
		return "This person is not recorded as at work today."
	case card.Nobody:
		return "Nobody is recorded who supervises this person today. Ask the named supervisor's team who stands in."
	case card.Ended:
		return "This person is registered with the GMC. Ask the employer which role they work in now."
	case card.TooOld:
		return "What is known is too old."
	}
	if len(v.Allowed(v.At)) == 0 {
		return "No task is signed off at this place yet."
	}
	return ""
}

func stateWords(s card.State) string {
	words := map[card.State]string{card.NotSigned: "not signed off", card.Elsewhere: "signed off at another host only, which does not count here",
		card.Unconfirmed: "waits until the host confirms the assessor", card.Expired: "re-check overdue", card.Withdrawn: "taken back", card.NotHere: "nobody in this role does it at this host",
		card.NoLevel: "the host has not said its level", card.Unclear: "the record is not clear"}
	if w := words[s]; w != "" {
		return w
	}
	return "not today"
}

// signature is what somebody in post writes below an email.
func (v CardSight) signature() []string {
	return []string{v.Name, Heading, v.Specialty, v.HostName}
}

// Actor-dependent links of the card's page.
func (v CardSight) at(more string) templ.SafeURL {
	return templ.SafeURL("/placements/" + v.Placement.ID + more)
}

func tenTimes() string { return strconv.Itoa(mostOpens) }
