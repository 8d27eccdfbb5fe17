-- Rule sets that people switch on from a day, and trials of them on cases.
-- +goose Up
ALTER TABLE programme_ruleset ADD COLUMN switched_from text NOT NULL DEFAULT '';

CREATE TABLE programme_ruleset_trial (
    tenant_id   text   NOT NULL,
    id          text   NOT NULL,
    ruleset_id  text   NOT NULL,
    station     text   NOT NULL, -- whose cases
    state       text   NOT NULL, -- waiting, done, failed
    asked_by    text   NOT NULL, -- account
    asked_at    text   NOT NULL,
    for_day     text   NOT NULL,
    after_key   text   NOT NULL, -- where the work goes on
    cases       bigint NOT NULL,
    total       bigint NOT NULL,
    answers     bigint NOT NULL,
    changed     bigint NOT NULL,
    sums        text   NOT NULL, -- from, to and how many
    finished_at text   NOT NULL,
    version     bigint NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX programme_ruleset_trial_of ON programme_ruleset_trial (tenant_id, ruleset_id, id);

CREATE TABLE programme_ruleset_change (
    tenant_id   text   NOT NULL,
    trial_id    text   NOT NULL,
    serial      bigint NOT NULL,
    doctor_id   text   NOT NULL,
    what        text   NOT NULL, -- past or present
    on_day      text   NOT NULL,
    from_answer text   NOT NULL,
    to_answer   text   NOT NULL,
    sealed      bytea  NOT NULL, -- sealed: why
    PRIMARY KEY (tenant_id, trial_id, serial)
);
