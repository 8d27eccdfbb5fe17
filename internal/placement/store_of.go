package placement

import "context"

// SpellsOf lists every spell of a doctor, the first day first, for another
// station: no permission asked, no look recorded.
func (s *Service) SpellsOf(ctx context.Context, tenant, doctor string) ([]Spell, error) {
	return s.querySpells(ctx, `SELECT `+spellColumns+` FROM placement_spell WHERE tenant_id = $1 AND doctor_id = $2 ORDER BY from_date, placement_id, number`, tenant, doctor)
}
