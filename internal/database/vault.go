package database

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"sync"
)

// Vault seals sensitive columns with a key of each person's own (envelope
// encryption, AES-256-GCM) and makes keyed tokens by which sealed text can be
// found. Deleting a person's key makes everything sealed under it unreadable,
// in backups too, while audit hashes over the ciphertext still verify.
type Vault struct {
	db     *DB
	master cipher.AEAD
	tokens []byte
	mac    []byte

	mu   sync.Mutex
	keys map[[2]string]cipher.AEAD
	bulk [2]map[[2]string]cipher.AEAD // keys of work on many people: the newest, and those before
}

// bulkLimit is how many keys of work on many people are newest; as many older
// ones are kept, for pages that are still under way.
const bulkLimit = 3000

// keyCacheLimit bounds the memory the cache may take (about 1 KB a key); past
// it the cache starts anew.
const keyCacheLimit = 20_000

// ErrNoKey is answered when a person's key was destroyed, or none was given.
var ErrNoKey = errors.New("the key for this record is not here")

// Place says exactly where a sealed value belongs; a value moved to another
// row, column, tenant or version does not open.
type Place struct {
	Tenant  string
	Person  string // a doctor's id, or "" for the tenant's own key
	Table   string
	Row     string
	Column  string
	Version int
}

func (p Place) data() []byte {
	return []byte(p.Tenant + "\x00" + p.Person + "\x00" + p.Table + "\x00" + p.Row + "\x00" + p.Column + "\x00" + strconv.Itoa(p.Version))
}

func newVault(db *DB, key []byte) *Vault {
	v := &Vault{db: db, keys: map[[2]string]cipher.AEAD{}}
	if len(key) != 32 {
		return v // every use answers ErrNoKey
	}
	v.master = gcm(derive(key, "msw wrap"))
	v.tokens = derive(key, "msw tokens")
	v.mac = derive(key, "msw audit")
	return v
}

func derive(key []byte, purpose string) []byte {
	out, err := hkdf.Key(sha256.New, key, nil, purpose, 32)
	if err != nil {
		panic(err) // only for impossible lengths
	}
	return out
}

func gcm(key []byte) cipher.AEAD {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err) // only for impossible lengths
	}
	a, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err)
	}
	return a
}

// NewMasterKey makes a key for Options.Key.
func NewMasterKey() []byte {
	key := make([]byte, 32)
	rand.Read(key)
	return key
}

// Make makes a new person's key, in the transaction of ctx. Seal would make it
// too, after looking for it in vain; whoever has just made the person knows.
func (v *Vault) Make(ctx context.Context, tenant, person string) error {
	if v.master == nil {
		return ErrNoKey
	}
	key, _, err := v.create(ctx, Place{Tenant: tenant, Person: person, Table: "database_key", Row: person, Column: "wrapped"})
	if err != nil {
		return err
	}
	id, a := [2]string{tenant, person}, gcm(key)
	v.db.remember(ctx, id, a)
	v.db.AfterCommit(ctx, func() { v.keep(id, a) })
	return nil
}

// SigningSeed gives 32 bytes for a signing key of the named purpose, the same
// for the same master key.
func (v *Vault) SigningSeed(purpose string) ([]byte, error) {
	if v.mac == nil {
		return nil, ErrNoKey
	}
	return derive(v.mac, purpose), nil
}

// Seal encrypts plain for its place. The person's key is made on first use, in
// the transaction of ctx.
func (v *Vault) Seal(ctx context.Context, p Place, plain []byte) ([]byte, error) {
	a, err := v.key(ctx, p.Tenant, p.Person, true)
	if err != nil {
		return nil, err
	}
	return a.Seal(nil, nil, plain, p.data()), nil
}

// New tells whether a person's key was made in the transaction of ctx: then
// nothing sealed under it is older than that transaction.
func (v *Vault) New(ctx context.Context, tenant, person string) bool {
	return v.db.remembered(ctx, [2]string{tenant, person}) != nil
}

// Sealer gives what Seal does, for later and for another goroutine: the key is
// found or made now, in the transaction of ctx.
func (v *Vault) Sealer(ctx context.Context, p Place) (func(plain []byte) []byte, error) {
	a, err := v.key(ctx, p.Tenant, p.Person, true)
	if err != nil {
		return nil, err
	}
	return func(plain []byte) []byte { return a.Seal(nil, nil, plain, p.data()) }, nil
}

// Open decrypts what Seal made for the same place; ErrNoKey when the person's
// key was destroyed.
func (v *Vault) Open(ctx context.Context, p Place, sealed []byte) ([]byte, error) {
	a, err := v.key(ctx, p.Tenant, p.Person, false)
	if err != nil {
		return nil, err
	}
	plain, err := a.Open(nil, nil, sealed, p.data())
	if err != nil {
		return nil, fmt.Errorf("sealed value in %s %s %s does not open: %w", p.Table, p.Row, p.Column, err)
	}
	return plain, nil
}

// SealJSON seals a value as JSON.
func (v *Vault) SealJSON(ctx context.Context, p Place, value any) ([]byte, error) {
	plain, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	return v.Seal(ctx, p, plain)
}

// OpenJSON opens what SealJSON made into value; no sealed bytes leave it as is.
func (v *Vault) OpenJSON(ctx context.Context, p Place, sealed []byte, value any) error {
	if len(sealed) == 0 {
		return nil
	}
	plain, err := v.Open(ctx, p, sealed)
	if err != nil {
		return err
	}
	return json.Unmarshal(plain, value)
}

// Token is a keyed hash by which a sealed text can be found: the same text
// gives the same token within a tenant and purpose, and tells nothing else.
// Tenant "" makes tokens that match across tenants.
func (v *Vault) Token(tenant, purpose, text string) string {
	return hex.EncodeToString(v.sum(v.tokens, tenant, purpose, []byte(text))[:16])
}

// MAC authenticates bytes that leave this process's sight (audit rows, links).
func (v *Vault) MAC(tenant, purpose string, data []byte) []byte {
	return v.sum(v.mac, tenant, purpose, data)
}

func (v *Vault) sum(key []byte, tenant, purpose string, data []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(tenant + "\x00" + purpose + "\x00"))
	h.Write(data)
	return h.Sum(nil)
}

// Ready tells whether the vault has a master key.
func (v *Vault) Ready() bool { return v.master != nil }

// Forget destroys a person's key: what was sealed under it is gone for good.
func (v *Vault) Forget(ctx context.Context, tenant, person string) error {
	_, err := v.db.Q(ctx).Exec(ctx, "DELETE FROM database_key WHERE tenant_id = $1 AND person_id = $2", tenant, person)
	v.mu.Lock()
	delete(v.keys, [2]string{tenant, person})
	delete(v.bulk[0], [2]string{tenant, person})
	delete(v.bulk[1], [2]string{tenant, person})
	v.mu.Unlock()
	return err
}

func (v *Vault) key(ctx context.Context, tenant, person string, create bool) (cipher.AEAD, error) {
	if v.master == nil {
		return nil, ErrNoKey
	}
	id := [2]string{tenant, person}
	a := v.known(id)
	if a == nil {
		a = v.db.remembered(ctx, id)
	}
	if a != nil {
		return a, nil
	}
	key, fresh, err := v.load(ctx, tenant, person, create)
	if err != nil {
		return nil, err
	}
	a = gcm(key)
	if fresh {
		// A key made in a transaction that is rolled back must not be kept.
		v.db.remember(ctx, id, a)
		v.db.AfterCommit(ctx, func() { v.keep(id, a) })
		return a, nil
	}
	v.keep(id, a)
	return a, nil
}

func (v *Vault) keep(id [2]string, a cipher.AEAD) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.keys) >= keyCacheLimit {
		clear(v.keys)
	}
	v.keys[id] = a
}

func (v *Vault) load(ctx context.Context, tenant, person string, create bool) (key []byte, fresh bool, err error) {
	p := Place{Tenant: tenant, Person: person, Table: "database_key", Row: person, Column: "wrapped"}
	var wrapped []byte
	err = v.db.Q(ctx).QueryRow(ctx, "SELECT wrapped FROM database_key WHERE tenant_id = $1 AND person_id = $2", tenant, person).Scan(&wrapped)
	if err == nil {
		key, err = v.master.Open(nil, nil, wrapped, p.data())
		return key, false, err
	}
	if !IsNoRows(err) {
		return nil, false, err
	}
	if !create {
		return nil, false, ErrNoKey
	}
	return v.create(ctx, p)
}

func (v *Vault) create(ctx context.Context, p Place) ([]byte, bool, error) {
	key := NewMasterKey()
	rows, err := v.db.Q(ctx).Exec(ctx,
		"INSERT INTO database_key (tenant_id, person_id, wrapped) VALUES ($1, $2, $3) ON CONFLICT (tenant_id, person_id) DO NOTHING",
		p.Tenant, p.Person, v.master.Seal(nil, nil, key, p.data()))
	if err != nil {
		return nil, false, err
	}
	if rows == 0 { // another node made it first
		return v.load(ctx, p.Tenant, p.Person, false)
	}
	return key, true, nil
}

// ErrWrongKey is answered by CheckKey when the master key is not the one with
// which this store was made.
var ErrWrongKey = errors.New("this database was made with another master key")

// CheckKey tells whether the master key is this store's, before anything is
// sealed or signed with it: a second key would spoil the record of deeds for
// good. The first key a store meets becomes its own.
func (v *Vault) CheckKey(ctx context.Context) error {
	if v.master == nil {
		return ErrNoKey
	}
	return v.db.Tx(ctx, func(ctx context.Context) error {
		var tenant, person string
		var wrapped []byte
		err := v.db.Q(ctx).QueryRow(ctx, "SELECT tenant_id, person_id, wrapped FROM database_key ORDER BY tenant_id, person_id LIMIT 1").Scan(&tenant, &person, &wrapped)
		if IsNoRows(err) { // tenant '' is nobody's: its key seals nothing and only proves the master key
			_, _, err = v.create(ctx, Place{Table: "database_key", Column: "wrapped"})
			return err
		}
		if err != nil {
			return err
		}
		if _, err := v.master.Open(nil, nil, wrapped, Place{Tenant: tenant, Person: person, Table: "database_key", Row: person, Column: "wrapped"}.data()); err != nil {
			return ErrWrongKey
		}
		return nil
	})
}

// known finds a key that is at hand.
func (v *Vault) known(id [2]string) cipher.AEAD {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, keys := range []map[[2]string]cipher.AEAD{v.keys, v.bulk[0], v.bulk[1]} {
		if a := keys[id]; a != nil {
			return a
		}
	}
	return nil
}

// hold keeps a key for as long as work on many people is near it.
func (v *Vault) hold(id [2]string, a cipher.AEAD) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.bulk[0] == nil || len(v.bulk[0]) >= bulkLimit {
		v.bulk = [2]map[[2]string]cipher.AEAD{make(map[[2]string]cipher.AEAD, bulkLimit), v.bulk[0]}
	}
	v.bulk[0][id] = a
}
