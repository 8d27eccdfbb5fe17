-- Offers that are held, reminded of, bound to conditions and withdrawn by two
-- people; what each check rests on and who owes the next step; training.
-- +goose Up
ALTER TABLE onboarding_offer ADD COLUMN conditions text NOT NULL DEFAULT ''; -- code:state:date, with spaces between
ALTER TABLE onboarding_offer ADD COLUMN reminded text NOT NULL DEFAULT ''; -- rungs of the ladder that were taken
ALTER TABLE onboarding_offer ADD COLUMN held_on text NOT NULL DEFAULT '';
ALTER TABLE onboarding_offer ADD COLUMN ask_reason text NOT NULL DEFAULT ''; -- code: a withdrawal that waits for a second person
ALTER TABLE onboarding_offer ADD COLUMN ask_by text NOT NULL DEFAULT ''; -- account
ALTER TABLE onboarding_offer ADD COLUMN ask_on text NOT NULL DEFAULT '';
DROP INDEX onboarding_offer_once;
CREATE UNIQUE INDEX onboarding_offer_once ON onboarding_offer (tenant_id, doctor_id, post_id)
    WHERE state IN ('proposed', 'offered', 'held', 'accepted', 'checked', 'started');
CREATE UNIQUE INDEX onboarding_offer_held ON onboarding_offer (tenant_id, doctor_id) WHERE state = 'held';

ALTER TABLE onboarding_check ADD COLUMN turn text NOT NULL DEFAULT ''; -- employer, doctor, other: who owes the next step
ALTER TABLE onboarding_check ADD COLUMN turn_on text NOT NULL DEFAULT ''; -- since when
ALTER TABLE onboarding_check ADD COLUMN lane text NOT NULL DEFAULT '';
ALTER TABLE onboarding_check ADD COLUMN lane_on text NOT NULL DEFAULT '';
ALTER TABLE onboarding_check ADD COLUMN reused text NOT NULL DEFAULT ''; -- offer whose check stands
ALTER TABLE onboarding_check ADD COLUMN agreed_on text NOT NULL DEFAULT ''; -- the doctor lets a private check be used again
CREATE INDEX onboarding_check_of_doctor ON onboarding_check (tenant_id, doctor_id, kind);

-- How long the checks took, host by host: kept true when they are completed
-- and when one is taken back.
CREATE TABLE onboarding_time (
    tenant_id   text   NOT NULL,
    host_id     text   NOT NULL,
    days        bigint NOT NULL,
    employer_id text   NOT NULL,
    region      text   NOT NULL,
    offers      bigint NOT NULL,
    PRIMARY KEY (tenant_id, host_id, days, employer_id, region)
);

CREATE TABLE onboarding_training (
    tenant_id   text   NOT NULL,
    doctor_id   text   NOT NULL,
    subject     text   NOT NULL,
    version     bigint NOT NULL,
    done_on     text   NOT NULL,
    until_date  text   NOT NULL, -- due again
    employer_id text   NOT NULL, -- who recorded it
    by_account  text   NOT NULL,
    PRIMARY KEY (tenant_id, doctor_id, subject)
);
