-- Numbers of papers that several records have: the watch list.
-- +goose Up
CREATE INDEX doctor_token_paper ON doctor_token (tenant_id, kind, token) WHERE kind IN ('number', 'passport', 'licence', 'certificate');
