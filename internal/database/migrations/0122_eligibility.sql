-- What the rules say of each case now, kept so that only changes are acted on.
-- +goose Up
CREATE TABLE eligibility_standing (
    tenant_id    text   NOT NULL,
    doctor_id    text   NOT NULL,
    outcome      text   NOT NULL, -- what the answer comes to; an assessor decides
    mark         text   NOT NULL, -- hash of every requirement's state and last day
    until        text   NOT NULL, -- last day on which it holds if nothing else is recorded
    rule_version text   NOT NULL, -- the version by which it last changed
    on_day       text   NOT NULL,
    PRIMARY KEY (tenant_id, doctor_id)
);
CREATE INDEX eligibility_standing_until ON eligibility_standing (tenant_id, until, doctor_id);

CREATE TABLE eligibility_run (
    tenant_id    text   NOT NULL,
    id           text   NOT NULL,
    rule_version text   NOT NULL,
    on_day       text   NOT NULL,
    cases        bigint NOT NULL,
    changed      bigint NOT NULL,
    finished_at  text   NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
