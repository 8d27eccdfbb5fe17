package allocation

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"
	"sort"
	"strconv"
	"strings"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/nhs"
	"msw/internal/post"
	"msw/internal/problem"
	"msw/internal/web"
)

func (p *Pages) wishRoutes() []web.Route {
	return []web.Route{
		{Method: "GET", Pattern: "/apply/wishes", Action: ActPrefer, Handle: p.wishes},
		{Method: "POST", Pattern: "/apply/wishes", Action: ActPrefer, Handle: p.rank},
		{Method: "POST", Pattern: "/apply/wishes/order", Action: ActPrefer, Handle: p.autosave},
		{Method: "GET", Pattern: "/apply/wishes/add", Action: ActPrefer, Handle: p.choose},
		{Method: "POST", Pattern: "/apply/wishes/add", Action: ActPrefer, Handle: p.addWish},
		{Method: "GET", Pattern: "/apply/wishes/refuse", Action: ActPrefer, Handle: p.refusing},
		{Method: "POST", Pattern: "/apply/wishes/refuse", Action: ActPrefer, Handle: p.refuse},
	}
}

// mine is what a doctor's wishes are shown with.
type mine struct {
	List     WishList
	Wishes   Wishes
	Openings []post.Opening
	Atlas    post.Atlas
}

// Mine gives the actor's own wishes with the posts that are open: how many
// there are, never what anybody else chose.
func (s *Service) mine(ctx context.Context, call access.Call) (mine, error) {
	doctor := call.Actor.Doctor
	if err := s.own(call, ActPrefer); err != nil {
		return mine{}, err
	}
	all, err := s.Wishes(ctx, call, []string{doctor})
	if err != nil {
		return mine{}, err
	}
	m := mine{Wishes: all[doctor], List: all[doctor].List}
	m.List.Doctor = doctor
	if m.Openings, m.Atlas, err = s.Openings(ctx, call); err != nil {
		return mine{}, err
	}
	return m, s.audit.Look(ctx, call, audit.Look{Action: ActPrefer, Kind: "wishes", IDs: []string{doctor}, Person: doctor})
}

// encode writes a line as one form value.
func (w Wish) encode() string {
	if w.Post != "" {
		return "post:" + w.Post
	}
	return "kind:" + w.Region + "|" + w.Setting + "|" + w.Specialty
}

func decode(text string) Wish {
	kind, rest, _ := strings.Cut(text, ":")
	if kind == "post" {
		return Wish{Post: rest}
	}
	parts := append(strings.Split(rest, "|"), "", "", "")
	return Wish{Region: parts[0], Setting: parts[1], Specialty: parts[2]}
}

// wishLine is one line as its page shows it.
type wishLine struct {
	Wish  Wish
	Rank  string // as typed
	Title string
	About string
	Why   string // of a refusal
}

func (m mine) line(w Wish) wishLine {
	l := wishLine{Wish: w, Title: bundleWords(w)}
	count, nearest, travel, within := 0, -1, m.Wishes.Preference.Travel, false
	for _, o := range m.Openings {
		if !w.Fits(o) {
			continue
		}
		count++
		if w.Post != "" {
			l.Title = postWords(o)
		}
		miles, known := m.Atlas.Miles(m.Wishes.Outcode, o.Outcode)
		if known && (nearest < 0 || miles < nearest) {
			nearest = miles
		}
		within = within || !known || travel == 0 || miles <= travel
	}
	switch {
	case w.Post != "" && count == 0:
		l.Title, l.About = "A post that is not open any more", "It is passed over. You can take it off."
	case w.Post != "":
		l.About = farWords(nearest)
	case count == 0:
		l.About = "No open post now. New ones count as soon as they open."
	default:
		l.About = counted(count, "open post", "open posts")
		if nearest >= 0 {
			l.About += ", the nearest " + farWords(nearest)
		}
	}
	if count > 0 && !within {
		l.About += ". Left out: you said at most " + counted(travel, "mile", "miles") + "."
	}
	return l
}

func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

// farWords says a distance, always that it is straight.
func farWords(miles int) string {
	switch {
	case miles < 0:
		return "distance not known"
	case miles == 0:
		return "less than a mile from home in a straight line"
	}
	return "about " + counted(miles, "mile", "miles") + " from home in a straight line"
}

func bundleWords(w Wish) string {
	var parts []string
	for _, s := range Specialties() {
		if s.Code == w.Specialty {
			parts = append(parts, s.Name)
		}
	}
	if w.Setting != "" {
		parts = append(parts, SettingWords(w.Setting))
	}
	if w.Region != "" {
		parts = append(parts, regionName(w.Region))
	}
	if len(parts) == 0 {
		return "Any post"
	}
	return "Any post: " + strings.Join(parts, ", ")
}

func postWords(o post.Opening) string {
	return o.Specialty + " at " + o.HostName + ", " + regionName(o.Region)
}

// wishesView is the page of a doctor's list.
type wishesView struct {
	Key     string
	Version string
	Lines   []wishLine
	Refused []wishLine
	Open    int // posts
	Home    string
	Travel  int
	Rounds  []Round // that take preferences now
	Errors  nhs.Errors
}

func (p *Pages) wishes(r *web.Request) (web.Response, error) {
	m, err := p.s.mine(r.Context(), r.Call)
	if err != nil {
		return web.Response{}, err
	}
	return p.wishesPage(r, m, nil, nil)
}

// openRounds gives the rounds that take the actor's preferences now.
func (p *Pages) openRounds(ctx context.Context, call access.Call) ([]Round, error) {
	if p.o.Rounds == nil {
		return nil, nil
	}
	region := ""
	if p.s.resource != nil {
		at, err := p.s.resource(ctx, call.Actor.Tenant, call.Actor.Doctor)
		if err != nil {
			return nil, err
		}
		if len(at.Regions) > 0 {
			region = at.Regions[0]
		}
	}
	return p.o.Rounds(ctx, call, region)
}

func (p *Pages) wishesPage(r *web.Request, m mine, typed []string, errs nhs.Errors) (web.Response, error) {
	rounds, err := p.openRounds(r.Context(), r.Call)
	if err != nil {
		return web.Response{}, err
	}
	v := wishesView{Key: r.Key(), Version: strconv.Itoa(m.List.Version), Open: len(m.Openings), Home: m.Wishes.Outcode, Travel: m.Wishes.Preference.Travel, Rounds: rounds, Errors: errs}
	for i, w := range m.List.Wishes {
		l := m.line(w)
		l.Rank = strconv.Itoa(i + 1)
		if i < len(typed) {
			l.Rank = typed[i]
		}
		v.Lines = append(v.Lines, l)
	}
	for _, no := range m.List.Refusals {
		l := m.line(no.Wish)
		l.Why = no.Class.Words()
		v.Refused = append(v.Refused, l)
	}
	return web.Page(r, web.PageData{Title: "The posts you want", Caption: "Your application", Back: "/apply", Errors: errs, Body: wishesBody(v)}), nil
}

// typedOrder reads the lines of the form with the numbers typed beside them.
func typedOrder(r *web.Request) ([]Wish, []string, error) {
	lines, numbers := r.Texts("line"), r.PostForm["rank"]
	var c problem.Check
	type placed struct {
		wish Wish
		at   int
	}
	var order []placed
	for i, text := range lines {
		at := i + 1
		if i < len(numbers) && strings.TrimSpace(numbers[i]) != "" {
			n, err := strconv.Atoi(strings.TrimSpace(numbers[i]))
			c.That(err == nil && n >= 0 && n < 1000, fmt.Sprintf("rank-%d", i+1), fmt.Sprintf("Line %d: enter a whole number, such as 1 for what you want most", i+1))
			at = n
		}
		order = append(order, placed{decode(text), at})
	}
	sort.SliceStable(order, func(i, j int) bool {
		a, b := order[i], order[j]
		return cmp.Compare(a.at, b.at) < 0
	})
	out := make([]Wish, len(order))
	for i, o := range order {
		out[i] = o.wish
	}
	return out, numbers, c.Err()
}

// rank saves the order, or does what a button says: up:N, down:N or drop:N of
// the list, allow:N of what is not acceptable.
func (p *Pages) rank(r *web.Request) (web.Response, error) {
	m, err := p.s.mine(r.Context(), r.Call)
	if err != nil {
		return web.Response{}, err
	}
	order, typed, err := typedOrder(r)
	if errs, ok := web.FieldErrors(err); ok {
		return p.wishesPage(r, m, typed, errs)
	}
	l := m.List
	if l.Version, err = r.Int("version"); err != nil {
		return web.Response{}, err
	}
	l.Wishes = order
	do, number, _ := strings.Cut(r.Text("do"), ":")
	n, _ := strconv.Atoi(number) // no number does nothing
	flash := l.press(do, n-1)
	if !sameLines(m.List, l) {
		return web.Response{}, problem.Stale()
	}
	err = p.s.Rank(r.Context(), r.Call, l)
	if errs, ok := web.FieldErrors(err); ok {
		return p.wishesPage(r, m, nil, errs)
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.SeeOther("/apply/wishes", flash), nil
}

// press does what a button of the list says and tells what was done.
func (l *WishList) press(do string, i int) string {
	w := l.Wishes
	switch {
	case do == "up" && i > 0 && i < len(w):
		w[i-1], w[i] = w[i], w[i-1]
		return fmt.Sprintf("Moved up to place %d", i)
	case do == "down" && i >= 0 && i < len(w)-1:
		w[i+1], w[i] = w[i], w[i+1]
		return fmt.Sprintf("Moved down to place %d", i+2)
	case do == "drop" && i >= 0 && i < len(w):
		l.Wishes = slices.Delete(w, i, i+1)
		return "Taken off your list"
	case do == "allow" && i >= 0 && i < len(l.Refusals):
		l.Refusals = slices.Delete(slices.Clone(l.Refusals), i, i+1)
		return "No longer marked as not acceptable"
	}
	return "Your order is saved"
}

// sameLines tells whether an order sent holds no line that the stored list has
// not: a list that was open elsewhere may have changed meanwhile.
func sameLines(stored, sent WishList) bool {
	return stored.Version == sent.Version && !slices.ContainsFunc(sent.Wishes, func(w Wish) bool { return !slices.Contains(stored.Wishes, w) })
}

// autosave is the script's way to save an order; the answer is the new version.
func (p *Pages) autosave(r *web.Request) (web.Response, error) {
	doctor := r.Call.Actor.Doctor
	l, err := p.s.WishListOf(r.Context(), r.Call, doctor)
	if err != nil || doctor == "" {
		return web.Response{}, cmp.Or(err, error(problem.Missing()))
	}
	stored := l
	if l.Wishes, _, err = typedOrder(r); err != nil {
		return web.Response{}, err
	}
	if l.Version, err = r.Int("version"); err != nil {
		return web.Response{}, err
	}
	if !sameLines(stored, l) || len(l.Wishes) != len(stored.Wishes) {
		return web.Response{}, problem.Stale()
	}
	if err := p.s.Rank(r.Context(), r.Call, l); err != nil {
		return web.Response{}, err
	}
	return web.JSON(map[string]any{"version": l.Version + 1, "saved": r.Call.Now.LocalTime()}), nil
}

// chooseView is the page for putting posts on the list.
type chooseView struct {
	Key     string
	Version string
	Filter  Wish
	Posts   []choicePost
	Count   int
	More    string // address of those farther away, "" for none
	OnList  bool   // the filter as a line is on the list
	Errors  nhs.Errors
}

type choicePost struct {
	post.Opening
	Miles  int
	OnList bool
	No     bool // marked as not acceptable
}

// mostShown is how many posts one page lists.
const mostShown = 15

func filterOf(r *web.Request) Wish {
	return Wish{Region: r.Text("region"), Setting: r.Text("setting"), Specialty: r.Text("specialty")}
}

func (p *Pages) choose(r *web.Request) (web.Response, error) {
	m, err := p.s.mine(r.Context(), r.Call)
	if err != nil {
		return web.Response{}, err
	}
	return choosePage(r, m, filterOf(r), nil), nil
}

func choosePage(r *web.Request, m mine, filter Wish, errs nhs.Errors) web.Response {
	v := chooseView{Key: r.Key(), Version: strconv.Itoa(m.List.Version), Filter: filter, OnList: slices.Contains(m.List.Wishes, filter), Errors: errs}
	for _, o := range m.Openings {
		if !filter.Fits(o) {
			continue
		}
		c := choicePost{Opening: o, Miles: -1, OnList: slices.Contains(m.List.Wishes, Wish{Post: o.Post}),
			No: slices.ContainsFunc(m.List.Refusals, func(n Refusal) bool { return n.Fits(o) })}
		if miles, known := m.Atlas.Miles(m.Wishes.Outcode, o.Outcode); known {
			c.Miles = miles
		}
		v.Posts = append(v.Posts, c)
	}
	sort.Slice(v.Posts, func(i, j int) bool {
		a, b := v.Posts[i], v.Posts[j]
		return cmp.Or(cmp.Compare(uint(a.Miles), uint(b.Miles)), cmp.Compare(a.Post, b.Post)) < 0
	})
	v.Count = len(v.Posts)
	from, err := strconv.Atoi(r.Text("from"))
	if err != nil || from < 0 || from >= v.Count {
		from = 0
	}
	v.Posts = v.Posts[from:min(v.Count, from+mostShown)]
	if rest := from + mostShown; rest < v.Count {
		v.More = "/apply/wishes/add?" + url.Values{"region": {filter.Region}, "setting": {filter.Setting}, "specialty": {filter.Specialty}, "from": {strconv.Itoa(rest)}}.Encode()
	}
	return web.Page(r, web.PageData{Title: "Add posts to your list", Caption: "The posts you want", Back: "/apply/wishes", Errors: errs, Body: chooseBody(v)})
}

func (p *Pages) addWish(r *web.Request) (web.Response, error) {
	m, err := p.s.mine(r.Context(), r.Call)
	if err != nil {
		return web.Response{}, err
	}
	w := filterOf(r)
	if ref := r.Text("post"); ref != "" {
		w = Wish{Post: ref}
	}
	l := m.List
	if l.Version, err = r.Int("version"); err != nil {
		return web.Response{}, err
	}
	l.Wishes = append(slices.Clone(l.Wishes), w)
	if w == (Wish{}) {
		var c problem.Check
		c.That(false, "region", "Choose a region, a kind of place or an area of medicine first, or add single posts")
		err = c.Err()
	} else {
		err = p.s.Rank(r.Context(), r.Call, l)
	}
	if errs, ok := web.FieldErrors(err); ok {
		return choosePage(r, m, filterOf(r), errs), nil
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.SeeOther("/apply/wishes", "Added as number "+strconv.Itoa(len(l.Wishes))+". You can move it up."), nil
}

// refuseView is the page for saying what is not acceptable.
type refuseView struct {
	Key     string
	Version string
	Wish    Wish
	Title   string // of the post, when it is one
	Class   string
	Errors  nhs.Errors
}

func (p *Pages) refusing(r *web.Request) (web.Response, error) { return p.refusePage(r, nil) }

func (p *Pages) refusePage(r *web.Request, errs nhs.Errors) (web.Response, error) {
	m, err := p.s.mine(r.Context(), r.Call)
	if err != nil {
		return web.Response{}, err
	}
	v := refuseView{Key: r.Key(), Version: strconv.Itoa(m.List.Version), Wish: filterOf(r), Class: r.Text("class"), Errors: errs}
	if ref := r.Text("post"); ref != "" {
		v.Wish = Wish{Post: ref}
		v.Title = m.line(v.Wish).Title
	}
	return web.Page(r, web.PageData{Title: "What you would not accept", Caption: "The posts you want", Back: "/apply/wishes", Errors: errs, Body: refuseBody(v)}), nil
}

func (p *Pages) refuse(r *web.Request) (web.Response, error) {
	l, err := p.s.WishListOf(r.Context(), r.Call, r.Call.Actor.Doctor)
	if err != nil {
		return web.Response{}, err
	}
	w := filterOf(r)
	if ref := r.Text("post"); ref != "" {
		w = Wish{Post: ref}
	}
	var c problem.Check
	c.That(w != (Wish{}), "region", "Choose a region, a kind of place or an area of medicine")
	l.Version, err = r.Int("version")
	c.Add(err)
	l.Refusals = append(slices.Clone(l.Refusals), Refusal{w, Class(r.Text("class"))})
	l.Wishes = slices.DeleteFunc(slices.Clone(l.Wishes), func(x Wish) bool { return x == w })
	if err = c.Err(); err == nil {
		err = p.s.Rank(r.Context(), r.Call, l)
	}
	if errs, ok := web.FieldErrors(err); ok {
		return p.refusePage(r, errs)
	}
	if err != nil {
		return web.Response{}, err
	}
	return web.SeeOther("/apply/wishes", "Marked as not acceptable"), nil
}

func classOptions() (out []nhs.Option) {
	for _, c := range Classes() {
		out = append(out, nhs.Option{Value: string(c), Label: c.Words()})
	}
	return out
}

// WishState tells how far the ranked list is, for the task list.
func (s *Service) WishState(ctx context.Context, call access.Call, doctor string) (string, error) {
	lists, err := s.wishLists(ctx, call.Actor.Tenant, []string{doctor})
	if err != nil || lists[doctor].Version == 0 {
		return "not started", err
	}
	if len(lists[doctor].Wishes) == 0 {
		return "in progress", nil
	}
	return "done", nil
}
