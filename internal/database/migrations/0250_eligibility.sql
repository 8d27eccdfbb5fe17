-- The work on an application: what is open, what was found of each section, judgements by two or three people, further information, reviews, and what the boards count.
-- +goose Up
ALTER TABLE eligibility_decision ADD COLUMN reverses text NOT NULL DEFAULT ''; -- the decision it is the written opposite of
ALTER TABLE eligibility_decision ADD COLUMN review_id text NOT NULL DEFAULT ''; -- the review it answers

CREATE TABLE eligibility_work (
    tenant_id    text    NOT NULL,
    doctor_id    text    NOT NULL,
    ref          text    NOT NULL,
    number       bigint  NOT NULL, -- how often the application was sent
    assessing    boolean NOT NULL,
    sent_on      text    NOT NULL DEFAULT '',
    looked       boolean NOT NULL, -- somebody has begun
    early_on     text    NOT NULL DEFAULT '', -- an early check was asked for and is open
    again_on     text    NOT NULL DEFAULT '', -- the rules now say better than the answer that stands
    step         text    NOT NULL, -- derived, as turn and since
    turn         text    NOT NULL,
    since        text    NOT NULL DEFAULT '',
    lane         bigint  NOT NULL, -- 0 = priority: all needed facts verified but one
    assessor     text    NOT NULL DEFAULT '', -- account
    version      bigint  NOT NULL,
    PRIMARY KEY (tenant_id, doctor_id)
);
CREATE INDEX eligibility_work_turn ON eligibility_work (tenant_id, turn, lane, since, doctor_id);
CREATE INDEX eligibility_work_step ON eligibility_work (tenant_id, step, lane, since, doctor_id);
CREATE INDEX eligibility_work_assessor ON eligibility_work (tenant_id, assessor, turn, lane, since, doctor_id);

-- Every change of the work, one a version: what somebody who was second reads.
CREATE TABLE eligibility_change (
    tenant_id  text   NOT NULL,
    doctor_id  text   NOT NULL,
    version    bigint NOT NULL,
    by_account text   NOT NULL,
    at         text   NOT NULL,
    what       text   NOT NULL,
    step       text   NOT NULL, -- what was open afterwards
    sealed     bytea  NOT NULL, -- sealed: the words of the change
    PRIMARY KEY (tenant_id, doctor_id, version)
);

CREATE TABLE eligibility_section (
    tenant_id  text    NOT NULL,
    doctor_id  text    NOT NULL,
    number     bigint  NOT NULL,
    section    text    NOT NULL,
    holds      boolean NOT NULL,
    codes      text    NOT NULL DEFAULT '', -- coded reasons, with commas
    by_account text    NOT NULL,
    at         text    NOT NULL,
    sealed     bytea   NOT NULL, -- sealed: note for staff
    PRIMARY KEY (tenant_id, doctor_id, number, section)
);

-- A proof state that rests on judgement: it counts when two people agree.
CREATE TABLE eligibility_judgement (
    tenant_id text NOT NULL,
    id        text NOT NULL,
    doctor_id text NOT NULL,
    fact_id   text NOT NULL,
    to_state  text NOT NULL,
    state     text NOT NULL, -- open, holds, fails
    second_on text NOT NULL DEFAULT '', -- since when a second person is awaited
    third_on  text NOT NULL DEFAULT '',
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX eligibility_judgement_doctor ON eligibility_judgement (tenant_id, doctor_id, state);
CREATE TABLE eligibility_voice (
    tenant_id    text    NOT NULL,
    judgement_id text    NOT NULL,
    seat         bigint  NOT NULL,
    doctor_id    text    NOT NULL,
    by_account   text    NOT NULL,
    holds        boolean NOT NULL,
    at           text    NOT NULL,
    sealed       bytea   NOT NULL, -- sealed: why
    PRIMARY KEY (tenant_id, judgement_id, seat),
    UNIQUE (tenant_id, judgement_id, by_account)
);

CREATE TABLE eligibility_round (
    tenant_id   text   NOT NULL,
    doctor_id   text   NOT NULL,
    number      bigint NOT NULL,
    round       bigint NOT NULL,
    asked_by    text   NOT NULL,
    asked_on    text   NOT NULL,
    due         text   NOT NULL,
    answered_on text   NOT NULL DEFAULT '',
    closed_on   text   NOT NULL DEFAULT '',
    PRIMARY KEY (tenant_id, doctor_id, number, round)
);
CREATE TABLE eligibility_item (
    tenant_id text   NOT NULL,
    id        text   NOT NULL,
    doctor_id text   NOT NULL,
    number    bigint NOT NULL,
    round     bigint NOT NULL,
    kind      text   NOT NULL,
    state     text   NOT NULL,
    version   bigint NOT NULL,
    sealed    bytea  NOT NULL, -- sealed: question, answer, what the assessor said of it
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX eligibility_item_doctor ON eligibility_item (tenant_id, doctor_id, number, round, id);

CREATE TABLE eligibility_review (
    tenant_id   text    NOT NULL,
    id          text    NOT NULL,
    doctor_id   text    NOT NULL,
    decision_id text    NOT NULL,
    asked_on    text    NOT NULL,
    late        boolean NOT NULL,
    state       text    NOT NULL, -- open, same, changed
    decided_by  text    NOT NULL DEFAULT '',
    decided_on  text    NOT NULL DEFAULT '',
    sealed      bytea   NOT NULL, -- sealed: what the doctor wrote
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, decision_id)
);
CREATE INDEX eligibility_review_doctor ON eligibility_review (tenant_id, doctor_id, id);

-- An early look, before a doctor spends money: no decision.
CREATE TABLE eligibility_early (
    tenant_id   text  NOT NULL,
    id          text  NOT NULL,
    doctor_id   text  NOT NULL,
    asked_on    text  NOT NULL,
    answered_on text  NOT NULL DEFAULT '',
    answered_by text  NOT NULL DEFAULT '',
    sealed      bytea NOT NULL, -- sealed: coded reasons and words
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX eligibility_early_doctor ON eligibility_early (tenant_id, doctor_id, id);

CREATE TABLE eligibility_total (
    tenant_id text   NOT NULL,
    step      text   NOT NULL,
    assessor  text   NOT NULL,
    cases     bigint NOT NULL,
    PRIMARY KEY (tenant_id, step, assessor)
);

-- How long each party has had the turn, counted every night.
CREATE TABLE eligibility_days (
    tenant_id text   NOT NULL,
    party     text   NOT NULL,
    days      bigint NOT NULL,
    turns     bigint NOT NULL,
    PRIMARY KEY (tenant_id, party, days)
);
CREATE TABLE eligibility_night (
    tenant_id text   NOT NULL,
    on_day    text   NOT NULL,
    cases     bigint NOT NULL,
    faults    bigint NOT NULL,
    PRIMARY KEY (tenant_id, on_day)
);
CREATE TABLE eligibility_fault (
    tenant_id text NOT NULL,
    kind      text NOT NULL,
    doctor_id text NOT NULL,
    found_on  text NOT NULL,
    PRIMARY KEY (tenant_id, kind, doctor_id)
);
