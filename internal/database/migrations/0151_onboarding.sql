-- Open recruitment: a vacancy doctors apply to, blind scores, interview times.
-- +goose Up
CREATE TABLE onboarding_vacancy (
    tenant_id   text   NOT NULL,
    id          text   NOT NULL, -- outside reference
    version     bigint NOT NULL,
    post_id     text   NOT NULL,
    employer_id text   NOT NULL,
    host_id     text   NOT NULL,
    region      text   NOT NULL,
    state       text   NOT NULL, -- open, interviews, closed
    criteria    text   NOT NULL, -- codes of the rules, essential ones with !
    opened_on   text   NOT NULL,
    closes_on   text   NOT NULL, -- last day to apply
    since       text   NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX onboarding_vacancy_once ON onboarding_vacancy (tenant_id, post_id) WHERE state <> 'closed';
CREATE INDEX onboarding_vacancy_open ON onboarding_vacancy (tenant_id, state, closes_on, id);
CREATE INDEX onboarding_vacancy_employer ON onboarding_vacancy (tenant_id, employer_id, since, id);

CREATE TABLE onboarding_application (
    tenant_id   text   NOT NULL,
    id          text   NOT NULL, -- all a shortlister knows somebody by
    version     bigint NOT NULL,
    vacancy_id  text   NOT NULL,
    doctor_id   text   NOT NULL,
    state       text   NOT NULL, -- applied, shortlisted, not_shortlisted, offered, not_chosen, pulled_out
    score       bigint NOT NULL DEFAULT 0, -- of 100, once shortlisted or not
    reasons     text   NOT NULL DEFAULT '', -- of the decision, as codes
    offer_id    text   NOT NULL DEFAULT '',
    applied_on  text   NOT NULL,
    since       text   NOT NULL,
    sealed      bytea  NOT NULL, -- sealed: what the doctor wrote
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX onboarding_application_once ON onboarding_application (tenant_id, vacancy_id, doctor_id);
CREATE INDEX onboarding_application_of_doctor ON onboarding_application (tenant_id, doctor_id, applied_on, id);

CREATE TABLE onboarding_score (
    tenant_id      text NOT NULL,
    application_id text NOT NULL,
    by_account     text NOT NULL,
    doctor_id      text NOT NULL,
    marks          text NOT NULL, -- code:mark, with spaces between
    given_on       text NOT NULL,
    PRIMARY KEY (tenant_id, application_id, by_account)
);

CREATE TABLE onboarding_slot (
    tenant_id      text   NOT NULL,
    id             text   NOT NULL,
    version        bigint NOT NULL,
    vacancy_id     text   NOT NULL,
    starts         text   NOT NULL, -- instant
    minutes        bigint NOT NULL,
    place          text   NOT NULL,
    application_id text   NOT NULL DEFAULT '', -- who chose it
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX onboarding_slot_once ON onboarding_slot (tenant_id, application_id) WHERE application_id <> '';
CREATE INDEX onboarding_slot_of_vacancy ON onboarding_slot (tenant_id, vacancy_id, starts);
