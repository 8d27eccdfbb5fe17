package organisation

import (
	"context"
	"strings"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/problem"
)

// The actions of this package.
const (
	ActImport        access.Action = "organisation.import"         // take in ODS files
	ActSearch        access.Action = "organisation.search"         // find and look at organisations
	ActCreate        access.Action = "organisation.create"         // make one by hand
	ActClose         access.Action = "organisation.close"          // close one made by hand
	ActMembers       access.Action = "organisation.members"        // see who acts for one
	ActChangeMembers access.Action = "organisation.change_members" // add and remove people
)

// Actions lists them for the permission table's test.
func Actions() []access.Action {
	return []access.Action{ActImport, ActSearch, ActCreate, ActClose, ActMembers, ActChangeMembers}
}

// Service is what may be done with organisations and their people.
type Service struct {
	store   store
	db      *database.DB
	access  *access.Table
	audit   *audit.Log
	ensure  func(ctx context.Context, email string) (account string, err error)
	emails  func(ctx context.Context, accounts []string) (map[string]string, error)
	invited func(ctx context.Context, call access.Call, m Member) error
}

// Options are what the service needs. EnsureAccount finds or makes the account
// of an e-mail address; Emails gives the addresses of accounts for the pages
// of administrators. Without them people are added by account id only.
type Options struct {
	DB            *database.DB
	Access        *access.Table
	Audit         *audit.Log
	EnsureAccount func(ctx context.Context, email string) (account string, err error)
	Emails        func(ctx context.Context, accounts []string) (map[string]string, error)
	// Invited, when set, lets a person who was given a role know, in the same
	// transaction.
	Invited func(ctx context.Context, call access.Call, m Member) error
}

// New makes the service.
func New(o Options) (*Service, error) {
	return &Service{store: store{o.DB}, db: o.DB, access: o.Access, audit: o.Audit, ensure: o.EnsureAccount, emails: o.Emails, invited: o.Invited}, nil
}

func (s *Service) may(call access.Call, act access.Action, r access.Resource) error {
	r.Tenant = call.Actor.Tenant
	return s.access.May(call.Actor, act, r)
}

// Get gives one organisation, national or of the tenant; another tenant's is
// missing. No permission is asked: for other services.
func (s *Service) Get(ctx context.Context, tenant, id string) (Organisation, error) {
	found, err := s.GetMany(ctx, tenant, []string{id})
	if err != nil {
		return Organisation{}, err
	}
	o, ok := found[id]
	if !ok {
		return Organisation{}, problem.Missing()
	}
	return o, nil
}

// GetMany gives those of the ids that there are, by id, in two queries at most.
func (s *Service) GetMany(ctx context.Context, tenant string, ids []string) (map[string]Organisation, error) {
	var codes, local []string
	for _, id := range ids {
		switch {
		case id == "":
		case codeForm.MatchString(id):
			codes = append(codes, id)
		default:
			local = append(local, id)
		}
	}
	out := make(map[string]Organisation, len(ids))
	national, err := s.store.national(ctx, codes)
	if err != nil {
		return nil, err
	}
	made, err := s.store.local(ctx, tenant, local)
	if err != nil {
		return nil, err
	}
	for _, o := range append(national, made...) {
		out[o.ID] = o
	}
	return out, nil
}

// Query is a search. Text is what was typed so far: the beginnings of words of
// a name, a code, a postcode, or a region.
type Query struct {
	Text     string
	Kinds    []Kind
	Region   string
	Hostable bool   // only those where a doctor may be placed today
	Open     bool   // only those that exist today
	After    string // Found.Next of the page before
	Limit    int    // 20 when 0
}

// Found is a page of a search; Next is "" at the end.
type Found struct {
	Organisations []Organisation
	Next          string
}

// Search finds organisations: those made by hand first, then national ones.
func (s *Service) Search(ctx context.Context, call access.Call, q Query) (Found, error) {
	if err := s.may(call, ActSearch, access.Resource{Kind: "organisation"}); err != nil {
		return Found{}, err
	}
	q, text := q.settle()
	if len(text) == 0 && q.Text != "" {
		return Found{}, nil
	}
	var out Found
	stage, after := cutCursor(q.After)
	if stage != nationalStage {
		local, err := s.store.searchLocal(ctx, call.Actor.Tenant, q, text, after, call.Today, q.Limit+1)
		if err != nil {
			return Found{}, err
		}
		if len(local) > q.Limit {
			last := local[q.Limit-1]
			return Found{rows(local[:q.Limit]), cursor(localStage, last.key, last.ID)}, nil
		}
		out.Organisations, after = rows(local), nil
	}
	room := q.Limit - len(out.Organisations)
	national, err := s.store.searchNational(ctx, q, text, after, call.Today, room+1)
	if err != nil {
		return Found{}, err
	}
	if len(national) > room {
		national = national[:room]
		if room > 0 {
			last := national[room-1]
			out.Next = cursor(nationalStage, last.key, last.ID)
		} else {
			out.Next = cursor(nationalStage, "", "")
		}
	}
	out.Organisations = append(out.Organisations, rows(national)...)
	return out, nil
}

// settle fills what was left open and reads the text: a region's name or code
// narrows to the region, anything else is words.
func (q Query) settle() (Query, []string) {
	if q.Limit <= 0 || q.Limit > 200 {
		q.Limit = 20
	}
	if q.Text = strings.TrimSpace(q.Text); q.Region == "" {
		if code := regionOf(q.Text); code != "" {
			q.Region, q.Text = code, ""
		}
	}
	if q.Hostable && len(q.Kinds) == 0 {
		q.Kinds = HostKinds()
	}
	return q, queryWords(q.Text)
}

// hit is an organisation with the key by which the list is ordered.
type hit struct {
	Organisation
	key string
}

func rows(hits []hit) []Organisation {
	out := make([]Organisation, len(hits))
	for i, h := range hits {
		out[i] = h.Organisation
	}
	return out
}

const localStage, nationalStage = "l", "n"

func cursor(stage, key, id string) string { return stage + "|" + key + "|" + id }

func cutCursor(s string) (stage string, after []string) {
	parts := strings.Split(s, "|")
	if len(parts) != 3 {
		return "", nil
	}
	return parts[0], parts[1:]
}

// NewOrganisation is one to make by hand.
type NewOrganisation struct {
	Kind                    Kind
	Name, Address, Postcode string
	Region, ICB             string
	Website, About          string
	Opened                  clock.Date
}

// Create makes an organisation that ODS does not bring, for this programme.
func (s *Service) Create(ctx context.Context, call access.Call, n NewOrganisation) (Organisation, error) {
	if err := s.may(call, ActCreate, access.Resource{Kind: "organisation"}); err != nil {
		return Organisation{}, err
	}
	n, err := checkNew(n)
	if err != nil {
		return Organisation{}, err
	}
	o := Organisation{ID: database.NewID(), Kind: n.Kind, Name: n.Name, Address: n.Address, Postcode: n.Postcode, Outcode: Outcode(n.Postcode),
		Region: n.Region, ICB: n.ICB, Website: n.Website, About: n.About, Opened: n.Opened, Country: England, Version: 1}
	return o, s.db.Tx(ctx, func(ctx context.Context) error {
		if n.ICB != "" {
			board, err := s.store.national(ctx, []string{n.ICB})
			if err != nil {
				return err
			}
			if len(board) == 0 || board[0].Kind != ICB {
				return fieldError("icb", "Choose an integrated care board from the list")
			}
			o.ICBName = board[0].Name
		}
		if err := s.store.addLocal(ctx, call.Actor.Tenant, o, call.Actor.Account); err != nil {
			return err
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: ActCreate, Kind: "organisation", ID: o.ID, After: o})
	})
}

func fieldError(name, message string) error {
	return &problem.Error{Kind: problem.Invalid, Message: "There is a problem", Fields: []problem.Field{{Name: name, Message: message}}}
}

func checkNew(n NewOrganisation) (NewOrganisation, error) {
	n.Name, n.About, n.Website = strings.Join(strings.Fields(n.Name), " "), strings.TrimSpace(n.About), strings.TrimSpace(n.Website)
	var c problem.Check
	local := false
	for _, k := range LocalKinds() {
		local = local || n.Kind == k
	}
	c.That(local, "kind", "Choose what kind of organisation it is. Trusts, sites, GP practices and boards come from the national files")
	c.That(n.Name != "", "name", "Enter the organisation's name")
	c.That(len(n.Name) <= 200, "name", "The name must be 200 letters or fewer")
	c.That(len(n.About) <= 2000, "about", "This must be 2,000 letters or fewer")
	if n.Postcode != "" {
		tidy := tidyPostcode(n.Postcode)
		c.That(tidy != "", "postcode", "Enter a full postcode, like LS2 7UE")
		n.Postcode = tidy
	}
	c.That(n.Region == "" || currentRegion(n.Region), "region", "Choose a region from the list")
	c.That(n.Website == "" || strings.HasPrefix(n.Website, "https://") || strings.HasPrefix(n.Website, "http://"), "website", "Enter a web address that begins with https://")
	return n, c.Err()
}

// Close closes an organisation made by hand, from a day on. Its people keep
// their roles until they are removed; it cannot be chosen any more.
func (s *Service) Close(ctx context.Context, call access.Call, id string, on clock.Date, version int64) error {
	if err := s.may(call, ActClose, access.Resource{Kind: "organisation", ID: id}); err != nil {
		return err
	}
	if on.IsZero() {
		return fieldError("closed", "Enter the day it closed")
	}
	return s.db.Tx(ctx, func(ctx context.Context) error {
		if codeForm.MatchString(id) {
			return problem.Refuse("This organisation comes from the national files.", "It closes here when a newer file says so.")
		}
		found, err := s.store.local(ctx, call.Actor.Tenant, []string{id})
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return problem.Missing()
		}
		if err := s.store.closeLocal(ctx, call.Actor.Tenant, id, on, version); err != nil {
			return err
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: ActClose, Kind: "organisation", ID: id, Before: found[0], After: map[string]string{"closed": on.String()}})
	})
}

// Files lists the newest files taken in.
func (s *Service) Files(ctx context.Context, call access.Call) ([]ImportedFile, error) {
	if err := s.may(call, ActSearch, access.Resource{Kind: "organisation"}); err != nil {
		return nil, err
	}
	return s.store.files(ctx, 12)
}
