-- Feedback from colleagues: a round, whom it asks, and what they said until it
-- closes. No row of what was said names who said it, or when.
-- +goose Up
CREATE TABLE portfolio_round (
    tenant_id   text   NOT NULL,
    id          text   NOT NULL, -- outside reference; also of the item made of it
    version     bigint NOT NULL,
    doctor_id   text   NOT NULL,
    state       text   NOT NULL, -- open, short, unused, reading, shown
    opened_on   text   NOT NULL,
    closes_on   text   NOT NULL, -- last day for answers
    minimum     bigint NOT NULL, -- answers needed, as set when it was opened
    read_by     text   NOT NULL DEFAULT '', -- last day the educational supervisor has to read it first
    shown_on    text   NOT NULL DEFAULT '',
    reminded_on text   NOT NULL DEFAULT '',
    device      text   NOT NULL DEFAULT '', -- keyed hash of the doctor's browser
    own_tries   bigint NOT NULL DEFAULT 0, -- answers refused because they came from the doctor
    tags        text   NOT NULL DEFAULT '',
    sealed      bytea, -- sealed: the doctor's own answer, and the result once it closed
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX portfolio_round_of_doctor ON portfolio_round (tenant_id, doctor_id, opened_on, id);
CREATE INDEX portfolio_round_waits ON portfolio_round (tenant_id, closes_on, id) WHERE state IN ('open', 'reading');

CREATE TABLE portfolio_rater (
    tenant_id text    NOT NULL,
    id        text    NOT NULL, -- random, tells no order
    round_id  text    NOT NULL,
    doctor_id text    NOT NULL,
    link_hash text    NOT NULL,
    to_token  text    NOT NULL, -- keyed hash of the address; gone once the round is shown
    used      boolean NOT NULL, -- that they answered, not when
    sealed    bytea, -- sealed: the address; gone once the round is shown
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX portfolio_rater_link ON portfolio_rater (tenant_id, link_hash);
CREATE INDEX portfolio_rater_of_round ON portfolio_rater (tenant_id, round_id, id);

CREATE TABLE portfolio_answer (
    tenant_id text NOT NULL,
    id        text NOT NULL, -- random, tells no order and no rater
    round_id  text NOT NULL,
    doctor_id text NOT NULL,
    sealed    bytea, -- sealed: what one rater said; gone once the round closed with enough
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX portfolio_answer_of_round ON portfolio_answer (tenant_id, round_id, id);
