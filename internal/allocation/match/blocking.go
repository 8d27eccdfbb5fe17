package match

// held is a doctor a post holds, as the count of blocking pairs sees them.
type held struct {
	grade, doctor, post int32
	draw                int64 // -1 until a tie asks for it
}

// before tells whether x stands before y.
func (in *Instance) before(x, y *held) bool {
	if x.grade != y.grade {
		return x.grade < y.grade
	}
	for _, h := range []*held{x, y} {
		if h.draw < 0 {
			h.draw = in.draw(h.doctor, h.post)
		}
	}
	if x.draw != y.draw {
		return x.draw < y.draw
	}
	return x.doctor < y.doctor
}

// crowd is how many a post or a limit holds, and the worst of them.
type crowd struct {
	count int32
	worst held
}

func (in *Instance) join(c *crowd, h *held) {
	if c.count++; c.count == 1 || in.before(&c.worst, h) {
		c.worst = *h
	}
}

// blocking counts the pairs of a doctor and a post that would both rather
// have each other than what they have. It shares nothing with the way in which
// the posts were given.
func (in *Instance) blocking(given []int32) int {
	posts, limits := make([]crowd, len(in.places)), make([]crowd, len(in.limits))
	for d := range int32(len(given)) {
		if given[d] < 0 || !in.free(d) {
			continue
		}
		for _, o := range in.of(d) {
			if o.post != given[d] {
				continue
			}
			h := held{o.grade, d, o.post, -1}
			in.join(&posts[o.post], &h)
			for at := in.within[o.post]; at >= 0; at = in.limits[at].parent {
				in.join(&limits[at], &h)
			}
		}
	}
	pairs := 0
	for d := range int32(len(given)) {
		if !in.free(d) {
			continue
		}
		for _, o := range in.of(d) {
			if o.post == given[d] {
				break
			}
			if in.blocks(d, o, posts, limits) {
				pairs++
			}
		}
	}
	return pairs
}

// blocks tells whether the narrowest full limit above a post, or the post
// itself, would take a doctor in place of somebody, or has room.
func (in *Instance) blocks(d int32, o option, posts, limits []crowd) bool {
	p, me := o.post, held{o.grade, d, o.post, -1}
	if in.places[p] == 0 {
		return false
	}
	if posts[p].count >= in.places[p] {
		return in.before(&me, &posts[p].worst)
	}
	for at := in.within[p]; at >= 0; at = in.limits[at].parent {
		if limits[at].count >= in.limits[at].most {
			return limits[at].count > 0 && in.before(&me, &limits[at].worst)
		}
	}
	return true
}
