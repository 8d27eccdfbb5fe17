-- The secret address of a doctor's calendar feed; the secret itself is kept nowhere.
-- +goose Up
CREATE TABLE registration_calendar (
    tenant_id   text NOT NULL,
    id          text NOT NULL,
    doctor_id   text NOT NULL,
    secret_hash text NOT NULL, -- keyed hash
    made_at     text NOT NULL,
    revoked_at  text NOT NULL DEFAULT '',
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX registration_calendar_live ON registration_calendar (tenant_id, doctor_id) WHERE revoked_at = '';
CREATE INDEX registration_calendar_secret ON registration_calendar (secret_hash);
