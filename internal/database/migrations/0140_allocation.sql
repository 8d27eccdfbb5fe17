-- Rounds: what was declared beforehand, dry runs, hosts' rankings, what was
-- published and every named move after it; and the waiting list.
-- +goose Up
CREATE TABLE allocation_round (
    tenant_id    text   NOT NULL,
    id           text   NOT NULL, -- outside reference
    version      bigint NOT NULL,
    title        text   NOT NULL,
    way          text   NOT NULL, -- allocation, ranked
    region       text   NOT NULL DEFAULT '', -- '' = every region
    rules        text   NOT NULL, -- limits, priority class and their sources, as declared
    opens_on     text   NOT NULL,
    closes_on    text   NOT NULL,
    results_on   text   NOT NULL,
    seed_hash    text   NOT NULL, -- published beforehand
    seed         bytea  NOT NULL, -- sealed: read when preferences have closed
    declared_by  text   NOT NULL,
    declared_at  text   NOT NULL,
    frozen_at    text   NOT NULL DEFAULT '', -- when the doctors' lists were taken as they stood
    last_run     text   NOT NULL DEFAULT '',
    proposed_run text   NOT NULL DEFAULT '',
    proposed_by  text   NOT NULL DEFAULT '',
    proposed_at  text   NOT NULL DEFAULT '',
    published    text   NOT NULL DEFAULT '', -- run
    published_by text   NOT NULL DEFAULT '',
    published_at text   NOT NULL DEFAULT '',
    cancelled_on text   NOT NULL DEFAULT '',
    cancel_why   text   NOT NULL DEFAULT '',
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX allocation_round_closes ON allocation_round (tenant_id, closes_on, id);

CREATE TABLE allocation_run (
    tenant_id    text   NOT NULL,
    id           text   NOT NULL,
    round_id     text   NOT NULL,
    number       bigint NOT NULL, -- 1 is the round's first dry run
    state        text   NOT NULL, -- waiting, working, done, stopped
    progress     bigint NOT NULL DEFAULT 0, -- per cent
    step         text   NOT NULL DEFAULT '',
    asked_by     text   NOT NULL,
    asked_at     text   NOT NULL,
    done_at      text   NOT NULL DEFAULT '',
    rule         text   NOT NULL DEFAULT '', -- engine rule
    rule_version text   NOT NULL DEFAULT '',
    build        text   NOT NULL DEFAULT '',
    doctors      bigint NOT NULL DEFAULT 0,
    posts        bigint NOT NULL DEFAULT 0,
    placed       bigint NOT NULL DEFAULT 0,
    run_hash     text   NOT NULL DEFAULT '', -- SHA-256 of the run file
    result_hash  text   NOT NULL DEFAULT '',
    input        bytea, -- sealed: the run file
    result       bytea, -- sealed: the result file
    report       bytea, -- sealed: verification, comparisons with other rules and with the run before
    trouble      text   NOT NULL DEFAULT '', -- why it stopped, in a sentence about limits, never about people
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX allocation_run_number ON allocation_run (tenant_id, round_id, number);

-- What a run says to one doctor: every choice with the rules that let it pass
-- or not, what came of it and why.
CREATE TABLE allocation_reading (
    tenant_id text  NOT NULL,
    run_id    text  NOT NULL,
    doctor_id text  NOT NULL,
    post_id   text  NOT NULL DEFAULT '', -- '' = without a post
    choice    bigint NOT NULL DEFAULT 0, -- which choice it was, 1 is first
    sealed    bytea NOT NULL, -- sealed: choices, sentences, explanations
    PRIMARY KEY (tenant_id, run_id, doctor_id)
);
CREATE INDEX allocation_reading_doctor ON allocation_reading (tenant_id, doctor_id, run_id);

-- What a run says of one post, to its host: no doctor's choices are in it.
CREATE TABLE allocation_run_post (
    tenant_id text   NOT NULL,
    run_id    text   NOT NULL,
    post_id   text   NOT NULL,
    host_id   text   NOT NULL,
    employer_id text NOT NULL,
    region    text   NOT NULL DEFAULT '',
    filled    bigint NOT NULL, -- 0 or 1
    why       text   NOT NULL DEFAULT '', -- why it stayed empty
    PRIMARY KEY (tenant_id, run_id, post_id)
);

CREATE TABLE allocation_ranking (
    tenant_id text   NOT NULL,
    round_id  text   NOT NULL,
    post_id   text   NOT NULL,
    host_id   text   NOT NULL,
    version   bigint NOT NULL,
    doctors   text   NOT NULL, -- ids in order, best first
    refused   text   NOT NULL DEFAULT '', -- ids and reason codes of those not acceptable: id=code
    updated_at text  NOT NULL,
    PRIMARY KEY (tenant_id, round_id, post_id)
);

CREATE TABLE allocation_placed (
    tenant_id text   NOT NULL,
    round_id  text   NOT NULL,
    doctor_id text   NOT NULL,
    post_id   text   NOT NULL,
    state     text   NOT NULL, -- placed, refused, fell
    by_move   text   NOT NULL DEFAULT '', -- the move that made it, '' = the published run
    since     text   NOT NULL,
    PRIMARY KEY (tenant_id, round_id, doctor_id, post_id)
);
CREATE UNIQUE INDEX allocation_placed_doctor ON allocation_placed (tenant_id, round_id, doctor_id) WHERE state = 'placed';
CREATE UNIQUE INDEX allocation_placed_post ON allocation_placed (tenant_id, round_id, post_id) WHERE state = 'placed';
CREATE INDEX allocation_placed_of_post ON allocation_placed (tenant_id, post_id, state);

CREATE TABLE allocation_move (
    tenant_id text   NOT NULL,
    id        text   NOT NULL,
    round_id  text   NOT NULL,
    version   bigint NOT NULL,
    kind      text   NOT NULL, -- place, take_out, swap, next
    state     text   NOT NULL, -- asked, done, dropped
    reason    text   NOT NULL, -- code
    asked_by  text   NOT NULL,
    asked_at  text   NOT NULL,
    done_by   text   NOT NULL DEFAULT '',
    done_at   text   NOT NULL DEFAULT '',
    sealed    bytea  NOT NULL, -- sealed: who, from where to where, what it costs
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX allocation_move_round ON allocation_move (tenant_id, round_id, asked_at, id);

CREATE TABLE allocation_waiting (
    tenant_id text   NOT NULL,
    doctor_id text   NOT NULL,
    version   bigint NOT NULL,
    region    text   NOT NULL DEFAULT '',
    since     text   NOT NULL, -- found eligible
    priority  bigint NOT NULL DEFAULT 0,
    refused   bigint NOT NULL DEFAULT 0,
    moved_on  text   NOT NULL DEFAULT '',
    left_on   text   NOT NULL DEFAULT '',
    left_why  text   NOT NULL DEFAULT '',
    place     bigint NOT NULL DEFAULT 0,
    list_size bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, doctor_id)
);
CREATE INDEX allocation_waiting_place ON allocation_waiting (tenant_id, left_on, place, doctor_id);

CREATE TABLE allocation_waiting_event (
    tenant_id text   NOT NULL,
    doctor_id text   NOT NULL,
    id        text   NOT NULL,
    kind      text   NOT NULL,
    on_day    text   NOT NULL,
    before_place bigint NOT NULL DEFAULT 0,
    now_place bigint NOT NULL DEFAULT 0,
    why       text   NOT NULL,
    PRIMARY KEY (tenant_id, doctor_id, id)
);

-- What doctors wished for when preferences closed: from then on a round reads
-- these, whatever a doctor changes afterwards.
CREATE TABLE allocation_entry (
    tenant_id text   NOT NULL,
    round_id  text   NOT NULL,
    doctor_id text   NOT NULL,
    sealed    bytea  NOT NULL, -- sealed: wishes, travel limit, linked partner
    PRIMARY KEY (tenant_id, round_id, doctor_id)
);
