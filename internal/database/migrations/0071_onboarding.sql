-- Proposals, offers and employment checks: one row from the proposal to the start.
-- +goose Up
CREATE TABLE onboarding_offer (
    tenant_id    text   NOT NULL,
    id           text   NOT NULL, -- outside reference
    version      bigint NOT NULL,
    state        text   NOT NULL, -- proposed, offered, accepted, checked, started, declined, withdrawn
    doctor_id    text   NOT NULL,
    post_id      text   NOT NULL,
    employer_id  text   NOT NULL,
    host_id      text   NOT NULL,
    region       text   NOT NULL DEFAULT '',
    clinical_id  text   NOT NULL DEFAULT '', -- account
    proposed_on  text   NOT NULL,
    offered_on   text   NOT NULL DEFAULT '',
    reply_by     text   NOT NULL DEFAULT '',
    answered_on  text   NOT NULL DEFAULT '', -- accepted or declined
    checked_on   text   NOT NULL DEFAULT '',
    started_on   text   NOT NULL DEFAULT '',
    withdrawn_on text   NOT NULL DEFAULT '',
    reason       text   NOT NULL DEFAULT '', -- code
    rule         text   NOT NULL DEFAULT '', -- rule version of the check at the offer
    checks       text   NOT NULL DEFAULT '', -- checks owed, fixed when accepted
    terms        text   NOT NULL DEFAULT '', -- of the post, as offered
    since        text   NOT NULL, -- in this state since
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX onboarding_offer_once ON onboarding_offer (tenant_id, doctor_id, post_id)
    WHERE state IN ('proposed', 'offered', 'accepted', 'checked', 'started');
CREATE UNIQUE INDEX onboarding_offer_doctor ON onboarding_offer (tenant_id, doctor_id) WHERE state IN ('accepted', 'checked');
CREATE UNIQUE INDEX onboarding_offer_post ON onboarding_offer (tenant_id, post_id) WHERE state IN ('accepted', 'checked');
CREATE INDEX onboarding_offer_since ON onboarding_offer (tenant_id, since, id);
CREATE INDEX onboarding_offer_state ON onboarding_offer (tenant_id, state, since, id);
CREATE INDEX onboarding_offer_employer ON onboarding_offer (tenant_id, employer_id, since, id);
CREATE INDEX onboarding_offer_region ON onboarding_offer (tenant_id, region, since, id);
CREATE INDEX onboarding_offer_of_doctor ON onboarding_offer (tenant_id, doctor_id, since, id);
CREATE INDEX onboarding_offer_of_post ON onboarding_offer (tenant_id, post_id, state);

CREATE TABLE onboarding_check (
    tenant_id  text   NOT NULL,
    offer_id   text   NOT NULL,
    kind       text   NOT NULL,
    doctor_id  text   NOT NULL,
    version    bigint NOT NULL,
    state      text   NOT NULL, -- waiting, done, problem
    done_on    text   NOT NULL DEFAULT '',
    until_date text   NOT NULL DEFAULT '', -- end of the right to work
    by_account text   NOT NULL,
    sealed     bytea  NOT NULL, -- sealed: the employer's note on the evidence, and who ticked
    PRIMARY KEY (tenant_id, offer_id, kind)
);
