-- Which mailboxes asked to join on a day, so that a form anyone may send cannot
-- be used to write to a stranger again and again.
-- +goose Up
CREATE TABLE referral_mailbox (
    tenant_id text NOT NULL,
    token     text NOT NULL, -- keyed hash of the address
    on_date   text NOT NULL,
    PRIMARY KEY (tenant_id, token, on_date)
);

