-- The doctor's passport and the keys it is signed with.
-- +goose Up
CREATE TABLE portfolio_passport (
    tenant_id  text   NOT NULL,
    id         text   NOT NULL,
    version    bigint NOT NULL,
    doctor_id  text   NOT NULL,
    place      bigint NOT NULL, -- in the list of what was taken back
    code_hash  text   NOT NULL, -- of the public page
    key_id     text   NOT NULL,
    issued_at  text   NOT NULL,
    expires_on text   NOT NULL, -- last day
    revoked_at text   NOT NULL DEFAULT '',
    sealed     bytea, -- sealed: the passport itself and its public code
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX portfolio_passport_place ON portfolio_passport (tenant_id, place);
CREATE UNIQUE INDEX portfolio_passport_code ON portfolio_passport (tenant_id, code_hash);
CREATE INDEX portfolio_passport_doctor ON portfolio_passport (tenant_id, doctor_id, issued_at);
CREATE INDEX portfolio_passport_revoked ON portfolio_passport (tenant_id, place) WHERE revoked_at <> '';

CREATE TABLE portfolio_key (
    tenant_id  text NOT NULL,
    id         text NOT NULL, -- stands in what it signed
    made_at    text NOT NULL,
    retired_at text NOT NULL DEFAULT '', -- signs no more, still checks
    public     text NOT NULL, -- base64
    sealed     bytea, -- sealed: the private key, under the programme's key
    PRIMARY KEY (tenant_id, id)
);
