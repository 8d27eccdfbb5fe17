package referral

import (
	"context"
	"fmt"

	"msw/internal/access"
	"msw/internal/clock"
	"msw/internal/database"
	"msw/internal/problem"
)

func (s *Service) insertInvitation(ctx context.Context, tenant string, i Invitation) error {
	_, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO referral_invitation (tenant_id, id, doctor_id, way, secret_hash, made_at, made_by, expires_on, version)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1)`, tenant, i.ID, i.Doctor, i.Way, i.hash, i.Made, i.By, i.Expires)
	if err != nil {
		return fmt.Errorf("insert invitation of doctor %s: %w", i.Doctor, err)
	}
	return nil
}

// revokeInvitations ends every open invitation of a record.
func (s *Service) revokeInvitations(ctx context.Context, call access.Call, doctor string) error {
	_, err := s.db.Q(ctx).Exec(ctx, `UPDATE referral_invitation SET revoked_at = $1, version = version + 1 WHERE tenant_id = $2 AND doctor_id = $3
		AND used_at = '' AND revoked_at = ''`, call.Now, call.Actor.Tenant, doctor)
	if err != nil {
		return fmt.Errorf("revoke invitations of doctor %s: %w", doctor, err)
	}
	return nil
}

// useInvitation marks it as used; false when someone else did so meanwhile.
func (s *Service) useInvitation(ctx context.Context, call access.Call, i Invitation) (bool, error) {
	n, err := s.db.Q(ctx).Exec(ctx, `UPDATE referral_invitation SET used_at = $1, version = version + 1 WHERE tenant_id = $2 AND id = $3 AND version = $4
		AND used_at = '' AND revoked_at = ''`, call.Now, i.tenant, i.ID, i.Version)
	return n == 1, err
}

func (s *Service) markSent(ctx context.Context, tenant, id string, at clock.Instant) error {
	_, err := s.db.Q(ctx).Exec(ctx, `UPDATE referral_invitation SET sent_at = $1, version = version + 1 WHERE tenant_id = $2 AND id = $3 AND sent_at = ''`, at, tenant, id)
	return err
}

const invitationColumns = `tenant_id, id, doctor_id, way, secret_hash, made_at, made_by, expires_on, sent_at, used_at, revoked_at, version FROM referral_invitation`

func scanInvitation(row interface{ Scan(dest ...any) error }) (i Invitation, err error) {
	err = row.Scan(&i.tenant, &i.ID, &i.Doctor, &i.Way, &i.hash, &i.Made, &i.By, &i.Expires, &i.Sent, &i.Used, &i.Revoked, &i.Version)
	return i, err
}

// bySecret finds an invitation by what its holder has in hand. The holder is
// signed in nowhere yet, so the programme is found with it.
func (s *Service) bySecret(ctx context.Context, hash string) (Invitation, error) {
	i, err := scanInvitation(s.db.Q(ctx).QueryRow(ctx, `SELECT /* every tenant */ `+invitationColumns+` WHERE secret_hash = $1`, hash))
	if database.IsNoRows(err) {
		return Invitation{}, problem.Missing()
	}
	return i, err
}

func (s *Service) invitation(ctx context.Context, tenant, id string) (Invitation, error) {
	i, err := scanInvitation(s.db.Q(ctx).QueryRow(ctx, `SELECT `+invitationColumns+` WHERE tenant_id = $1 AND id = $2`, tenant, id))
	if database.IsNoRows(err) {
		return Invitation{}, problem.Missing()
	}
	return i, err
}

// newest gives the newest invitation of a record; false when there is none.
func (s *Service) newest(ctx context.Context, tenant, doctor string) (Invitation, bool, error) {
	i, err := scanInvitation(s.db.Q(ctx).QueryRow(ctx, `SELECT `+invitationColumns+` WHERE tenant_id = $1 AND doctor_id = $2
		ORDER BY made_at DESC, id DESC LIMIT 1`, tenant, doctor))
	if database.IsNoRows(err) {
		return Invitation{}, false, nil
	}
	return i, err == nil, err
}

// upload is a file between its preview and its confirmation.
type upload struct {
	ID, Organisation, Account string
	Saved                     bool
	Version                   int
	Content                   uploadContent
}

type uploadContent struct {
	Name    string        `json:"name"`
	File    []byte        `json:"file,omitempty"`
	Result  []byte        `json:"result,omitempty"`
	Report  Report        `json:"report"`
	Options ImportOptions `json:"options"`
}

func uploadPlace(tenant string, u upload) database.Place {
	return database.Place{Tenant: tenant, Table: "referral_upload", Row: u.ID, Column: "sealed", Version: u.Version}
}

func (s *Service) insertUpload(ctx context.Context, call access.Call, u upload) error {
	sealed, err := s.db.Vault().SealJSON(ctx, uploadPlace(call.Actor.Tenant, u), u.Content)
	if err != nil {
		return fmt.Errorf("seal upload %s: %w", u.ID, err)
	}
	_, err = s.db.Q(ctx).Exec(ctx, `INSERT INTO referral_upload (tenant_id, id, organisation_id, account_id, made_at, saved, sealed, version)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, call.Actor.Tenant, u.ID, u.Organisation, u.Account, call.Now, u.Saved, sealed, u.Version)
	return err
}

func (s *Service) updateUpload(ctx context.Context, tenant string, u upload) error {
	u.Version++
	sealed, err := s.db.Vault().SealJSON(ctx, uploadPlace(tenant, u), u.Content)
	if err != nil {
		return fmt.Errorf("seal upload %s: %w", u.ID, err)
	}
	n, err := s.db.Q(ctx).Exec(ctx, `UPDATE referral_upload SET saved = $1, sealed = $2, version = version + 1 WHERE tenant_id = $3 AND id = $4 AND version = $5`,
		u.Saved, sealed, tenant, u.ID, u.Version-1)
	if err == nil && n == 0 {
		err = problem.Stale()
	}
	return err
}

func (s *Service) upload(ctx context.Context, tenant, account, id string) (u upload, err error) {
	var sealed []byte
	err = s.db.Q(ctx).QueryRow(ctx, `SELECT id, organisation_id, account_id, saved, sealed, version FROM referral_upload
		WHERE tenant_id = $1 AND id = $2 AND account_id = $3`, tenant, id, account).Scan(&u.ID, &u.Organisation, &u.Account, &u.Saved, &sealed, &u.Version)
	if database.IsNoRows(err) {
		return u, problem.Missing()
	}
	if err != nil {
		return u, fmt.Errorf("load upload %s: %w", id, err)
	}
	return u, s.db.Vault().OpenJSON(ctx, uploadPlace(tenant, u), sealed, &u.Content)
}

// ForgetUploads deletes files left behind by their senders: run it hourly with
// an instant a day back.
func (s *Service) ForgetUploads(ctx context.Context, before clock.Instant) error {
	return s.db.Tx(ctx, func(ctx context.Context) error {
		_, err := s.db.Q(ctx).Exec(ctx, `DELETE FROM referral_upload WHERE made_at < $1 /* every tenant */`, before)
		return err
	})
}

// firstToday notes that a mailbox asked to join, and tells whether it had not
// yet done so on this day.
func (s *Service) firstToday(ctx context.Context, call access.Call, token string) (bool, error) {
	n, err := s.db.Q(ctx).Exec(ctx, `INSERT INTO referral_mailbox (tenant_id, token, on_date) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
		call.Actor.Tenant, token, call.Today)
	if err != nil {
		return false, fmt.Errorf("note a mailbox: %w", err)
	}
	return n == 1, nil
}
