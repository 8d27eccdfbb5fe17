-- Who may know what, for how long; who must not know; what the doctor declared.
-- +goose Up
CREATE TABLE consent_grant (
    tenant_id        text   NOT NULL,
    id               text   NOT NULL,
    doctor_id        text   NOT NULL,
    organisation_id  text   NOT NULL,
    scope            text   NOT NULL, -- codes, comma between
    given_on         text   NOT NULL,
    until            text   NOT NULL DEFAULT '',
    source           text   NOT NULL DEFAULT '',
    recorded_at      text   NOT NULL,
    withdrawn_on     text   NOT NULL DEFAULT '',
    version          bigint NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX consent_grant_doctor ON consent_grant (tenant_id, doctor_id);
CREATE INDEX consent_grant_organisation ON consent_grant (tenant_id, organisation_id, doctor_id);

CREATE TABLE consent_hide (
    tenant_id  text   NOT NULL,
    subject    text   NOT NULL, -- account:ID, org:ID, place:OUTCODE or region:CODE
    doctor_id  text   NOT NULL,
    since      text   NOT NULL,
    ended_at   text   NOT NULL DEFAULT '',
    sealed     bytea  NOT NULL, -- sealed
    version    bigint NOT NULL,
    PRIMARY KEY (tenant_id, subject, doctor_id)
);
CREATE INDEX consent_hide_doctor ON consent_hide (tenant_id, doctor_id);

CREATE TABLE consent_declaration (
    tenant_id  text   NOT NULL,
    doctor_id  text   NOT NULL,
    code       text   NOT NULL,
    given      boolean NOT NULL,
    changed_at text   NOT NULL,
    version    bigint NOT NULL,
    PRIMARY KEY (tenant_id, doctor_id, code)
);
