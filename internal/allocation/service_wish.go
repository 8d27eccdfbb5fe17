package allocation

import (
	"context"

	"msw/internal/access"
	"msw/internal/audit"
	"msw/internal/database"
	"msw/internal/post"
	"msw/internal/problem"
)

// batch is how many doctors are asked about in one statement.
const batch = 150

// Wishes gives what doctors want, as an allocation needs it: five statements
// for every 150 doctors. Who said nothing has an entry all the same. It asks no
// permission and records no look: the building of a run does both.
func (s *Service) Wishes(ctx context.Context, call access.Call, doctors []string) (map[string]Wishes, error) {
	tenant, out := call.Actor.Tenant, make(map[string]Wishes, len(doctors))
	for from := 0; from < len(doctors); from += batch {
		part := doctors[from:min(from+batch, len(doctors))]
		lists, err := s.wishLists(ctx, tenant, part)
		if err != nil {
			return nil, err
		}
		preferences, err := s.load(ctx, tenant, part)
		if err != nil {
			return nil, err
		}
		partners, err := s.partners(ctx, tenant, part)
		if err != nil {
			return nil, err
		}
		granted, err := s.granted(ctx, tenant, part)
		if err != nil {
			return nil, err
		}
		homes, err := s.homes(ctx, tenant, part)
		if err != nil {
			return nil, err
		}
		for _, id := range part {
			out[id] = Wishes{Doctor: id, List: lists[id], Preference: preferences[id], Outcode: homes[id], Partner: partners[id], Granted: granted[id]}
		}
	}
	return out, nil
}

func (s *Service) homes(ctx context.Context, tenant string, doctors []string) (map[string]string, error) {
	if s.outcodes == nil {
		return nil, nil
	}
	return s.outcodes(ctx, tenant, doctors)
}

// Openings gives the tenant's open posts with the limits they count against,
// and where postcode districts lie. It asks no permission.
func (s *Service) Openings(ctx context.Context, call access.Call) ([]post.Opening, post.Atlas, error) {
	list, err := s.posts.Openings(ctx, call.Actor.Tenant, call.Today)
	if err != nil {
		return nil, nil, err
	}
	atlas, err := s.posts.Atlas(ctx)
	return list, atlas, err
}

// WishListOf gives what a doctor said, to somebody who may save it.
func (s *Service) WishListOf(ctx context.Context, call access.Call, doctor string) (WishList, error) {
	if err := s.may(ctx, call, ActPrefer, doctor); err != nil {
		return WishList{}, err
	}
	lists, err := s.wishLists(ctx, call.Actor.Tenant, []string{doctor})
	l := lists[doctor]
	l.Doctor = doctor
	return l, err
}

// Rank saves a doctor's list over the version that was read, 0 when nothing
// was said before. A line of a post that is not open, and was not on the list
// already, is refused.
func (s *Service) Rank(ctx context.Context, call access.Call, l WishList) error {
	if err := s.may(ctx, call, ActPrefer, l.Doctor); err != nil {
		return err
	}
	if err := l.Check(); err != nil {
		return err
	}
	tenant := call.Actor.Tenant
	return s.db.Tx(ctx, func(ctx context.Context) error {
		before, err := s.wishLists(ctx, tenant, []string{l.Doctor})
		if err != nil {
			return err
		}
		if err := s.newPostsOpen(ctx, tenant, before[l.Doctor], l); err != nil {
			return err
		}
		if err := s.saveWishes(ctx, call, l); err != nil {
			return err
		}
		return s.audit.Record(ctx, call, audit.Entry{Action: ActPrefer, Kind: "wishes", ID: l.Doctor, Person: l.Doctor, Before: before[l.Doctor], After: l})
	})
}

// newPostsOpen refuses posts that are put on the list although nobody can be
// given them: guessed references among them.
func (s *Service) newPostsOpen(ctx context.Context, tenant string, before, after WishList) error {
	had := map[string]bool{}
	for _, w := range before.Wishes {
		had[w.Post] = true
	}
	for _, r := range before.Refusals {
		had[r.Post] = true
	}
	var ask []string
	for _, w := range after.all() {
		if w.Post != "" && !had[w.Post] {
			ask = append(ask, w.Post)
		}
	}
	if len(ask) == 0 {
		return nil
	}
	found, err := s.posts.GetMany(ctx, tenant, ask)
	if err != nil {
		return err
	}
	var c problem.Check
	for _, id := range ask {
		c.That(found[id].Status == post.Open, "wishes", "A post you chose is not open any more. Choose another one")
	}
	return c.Err()
}

func (l WishList) all() []Wish {
	out := append([]Wish(nil), l.Wishes...)
	for _, r := range l.Refusals {
		out = append(out, r.Wish)
	}
	return out
}

func wishPlace(tenant, doctor string, version int) database.Place {
	return database.Place{Tenant: tenant, Person: doctor, Table: "allocation_wish", Row: doctor, Column: "sealed", Version: version}
}
