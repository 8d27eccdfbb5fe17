-- Access to a passport that a doctor gives to one recipient, who looked, and
-- passports that an employer took in.
-- +goose Up
CREATE TABLE portfolio_grant (
    tenant_id   text   NOT NULL,
    id          text   NOT NULL,
    version     bigint NOT NULL,
    doctor_id   text   NOT NULL,
    passport_id text   NOT NULL,
    code_hash   text   NOT NULL, -- of its link
    made_at     text   NOT NULL,
    ends_on     text   NOT NULL, -- last day
    ended_at    text   NOT NULL DEFAULT '', -- taken back by the doctor
    sealed      bytea, -- sealed: for whom, the link, and which claims it shows
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX portfolio_grant_code ON portfolio_grant (tenant_id, code_hash);
CREATE INDEX portfolio_grant_doctor ON portfolio_grant (tenant_id, doctor_id, made_at);

CREATE TABLE portfolio_look (
    tenant_id text NOT NULL,
    id        text NOT NULL,
    doctor_id text NOT NULL,
    grant_id  text NOT NULL, -- '' when a file was taken in
    looked_at text NOT NULL,
    code_hash text NOT NULL, -- of the page that was opened by it
    sealed    bytea, -- sealed: who it was, as they said
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX portfolio_look_doctor ON portfolio_look (tenant_id, doctor_id, looked_at, id);
CREATE UNIQUE INDEX portfolio_look_code ON portfolio_look (tenant_id, code_hash);

CREATE TABLE portfolio_taken (
    tenant_id       text NOT NULL,
    id              text NOT NULL,
    doctor_id       text NOT NULL,
    organisation_id text NOT NULL, -- who took it in and alone sees it
    taken_at        text NOT NULL,
    by_account      text NOT NULL,
    sealed          bytea, -- sealed: what the passport says and as at when it held
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX portfolio_taken_doctor ON portfolio_taken (tenant_id, doctor_id, organisation_id, taken_at);
