package signin

import (
	"context"
	"fmt"

	"msw/internal/database"
	"msw/internal/problem"
)

// Ensure gives the account of an e-mail address and makes it if there is none.
// An address that cannot be one is an Invalid problem on "email".
func (s *Service) Ensure(ctx context.Context, email string) (account string, err error) {
	email, err = address(email)
	if err != nil {
		return "", err
	}
	hash := s.emailHash(email)
	err = s.o.DB.Tx(ctx, func(ctx context.Context) error {
		var found bool
		account, found, err = s.accountByHash(ctx, hash)
		if err != nil || found {
			return err
		}
		account = database.NewID()
		sealed, err := s.o.DB.Vault().Seal(ctx, emailPlace(account), []byte(email))
		if err != nil {
			return err
		}
		made, err := s.insertAccount(ctx, account, hash, sealed)
		if err == nil && !made { // another node was first
			account, _, err = s.accountByHash(ctx, hash)
		}
		return err
	})
	if err != nil {
		return "", fmt.Errorf("ensure account: %w", err)
	}
	return account, nil
}

// Find gives the account of an e-mail address; false when there is none.
func (s *Service) Find(ctx context.Context, email string) (account string, found bool, err error) {
	if email, err = address(email); err != nil {
		return "", false, err
	}
	return s.accountByHash(ctx, s.emailHash(email))
}

// Email gives an account's address, for messages; NotFound when there is none.
func (s *Service) Email(ctx context.Context, account string) (string, error) {
	sealed, err := s.sealedEmail(ctx, account)
	if database.IsNoRows(err) {
		return "", problem.Missing()
	}
	if err != nil {
		return "", fmt.Errorf("account %s: %w", account, err)
	}
	email, err := s.o.DB.Vault().Open(ctx, emailPlace(account), sealed)
	if err != nil {
		return "", fmt.Errorf("account %s: %w", account, err)
	}
	return string(email), nil
}

func (s *Service) emailHash(email string) string {
	return s.o.DB.Vault().Token("", "signin email", email)
}

func emailPlace(account string) database.Place {
	return database.Place{Table: "signin_account", Row: account, Column: "sealed", Version: 1}
}
