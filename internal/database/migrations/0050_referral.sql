-- How doctors are found: routes, referrals kept apart, invitations, rows of imported files.
-- +goose Up
CREATE TABLE referral_route (
    tenant_id  text    NOT NULL,
    code       text    NOT NULL,
    title      text    NOT NULL,
    sort_order bigint  NOT NULL,
    retired    boolean NOT NULL,
    version    bigint  NOT NULL,
    PRIMARY KEY (tenant_id, code)
);

CREATE TABLE referral_referral (
    tenant_id       text   NOT NULL,
    id              text   NOT NULL,
    ref             text   NOT NULL, -- the referrer's own reference: never the doctor's
    doctor_id       text   NOT NULL, -- the record made for, or named in, this referral
    person_id       text   NOT NULL, -- the record it follows: another one once staff linked the two
    organisation_id text   NOT NULL, -- '' when the doctor came by themself
    route           text   NOT NULL,
    referred_on     text   NOT NULL,
    account_id      text   NOT NULL,
    recorded_at     text   NOT NULL,
    consent_id      text   NOT NULL DEFAULT '',
    person_key      text   NOT NULL DEFAULT '', -- keyed hash: the same organisation refers the same person once
    ask_scope       text   NOT NULL DEFAULT '', -- a renewal the doctor has yet to answer
    ask_until       text   NOT NULL DEFAULT '',
    withdrawn_on    text   NOT NULL DEFAULT '',
    sealed          bytea  NOT NULL, -- sealed
    version         bigint NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, ref)
);
CREATE INDEX referral_referral_doctor ON referral_referral (tenant_id, doctor_id, referred_on, id);
CREATE INDEX referral_referral_desk ON referral_referral (tenant_id, organisation_id, referred_on, ref);
CREATE INDEX referral_referral_all ON referral_referral (tenant_id, referred_on, ref);
CREATE INDEX referral_referral_person ON referral_referral (tenant_id, person_id, referred_on, id);
CREATE INDEX referral_referral_once ON referral_referral (tenant_id, organisation_id, person_key);

CREATE TABLE referral_invitation (
    tenant_id   text   NOT NULL,
    id          text   NOT NULL,
    doctor_id   text   NOT NULL,
    way         text   NOT NULL, -- email, text, paper or call
    secret_hash text   NOT NULL DEFAULT '', -- keyed hash of the link's or the paper's code
    made_at     text   NOT NULL,
    made_by     text   NOT NULL,
    expires_on  text   NOT NULL DEFAULT '', -- last day it works
    sent_at     text   NOT NULL DEFAULT '',
    used_at     text   NOT NULL DEFAULT '',
    revoked_at  text   NOT NULL DEFAULT '',
    version     bigint NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX referral_invitation_doctor ON referral_invitation (tenant_id, doctor_id, made_at);
CREATE INDEX referral_invitation_secret ON referral_invitation (secret_hash);

CREATE TABLE referral_row (
    tenant_id       text NOT NULL,
    organisation_id text NOT NULL,
    row_key         text NOT NULL, -- keyed hash of what a row said
    referral_id     text NOT NULL,
    PRIMARY KEY (tenant_id, organisation_id, row_key)
);

-- A file between its preview and its confirmation, and its answer; a day at most.
CREATE TABLE referral_upload (
    tenant_id       text   NOT NULL,
    id              text   NOT NULL,
    organisation_id text   NOT NULL,
    account_id      text   NOT NULL,
    made_at         text   NOT NULL,
    saved           boolean NOT NULL,
    sealed          bytea  NOT NULL, -- sealed
    version         bigint NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX referral_upload_made ON referral_upload (tenant_id, made_at);
