-- A round of further information is a request, with its clock and reminders.
-- +goose Up
ALTER TABLE eligibility_round ADD COLUMN request_id text NOT NULL DEFAULT ''; -- '' of rounds asked before, until the regular work has made theirs
CREATE INDEX eligibility_round_request ON eligibility_round (tenant_id, request_id, doctor_id);
