-- An item that is the certificate of an event names it: one certificate, one item.
-- +goose Up
ALTER TABLE portfolio_item ADD COLUMN source text NOT NULL DEFAULT ''; -- event:ID, '' for what the doctor wrote
CREATE UNIQUE INDEX portfolio_item_source ON portfolio_item (tenant_id, doctor_id, source) WHERE source <> '';
