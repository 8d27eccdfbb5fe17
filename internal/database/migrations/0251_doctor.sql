-- Rare keys for finding duplicates, and what the record that goes on takes from the one linked to it.
-- +goose Up
ALTER TABLE doctor_person ADD COLUMN token_rule bigint NOT NULL DEFAULT 1; -- by which rule its tokens were made
CREATE INDEX doctor_person_token_rule ON doctor_person (tenant_id, token_rule, id);
ALTER TABLE doctor_pair ADD COLUMN kept_id text NOT NULL DEFAULT ''; -- of a link: the record that goes on
ALTER TABLE doctor_pair ADD COLUMN fields text NOT NULL DEFAULT ''; -- of a link: what it takes from the other, with commas
CREATE INDEX doctor_pair_kept ON doctor_pair (tenant_id, kept_id);
