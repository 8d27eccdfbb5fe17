-- The reminders of a round of further information: each rung once.
-- +goose Up
ALTER TABLE eligibility_round ADD COLUMN reminded text NOT NULL DEFAULT ''; -- rungs taken: days before the last day, with spaces
CREATE INDEX eligibility_round_open ON eligibility_round (tenant_id, closed_on, answered_on, due, doctor_id);
