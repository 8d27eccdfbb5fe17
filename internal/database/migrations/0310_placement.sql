-- The end of a placement: planned ahead or told on the day, what must be done by
-- whom, and the day from which only the employer of record still sees it.
-- +goose Up
ALTER TABLE placement_placement ADD COLUMN closed_on text NOT NULL DEFAULT '';
CREATE INDEX placement_placement_open ON placement_placement (tenant_id, closed_on, ended_on);

CREATE TABLE placement_leaving (
    tenant_id    text    NOT NULL,
    placement_id text    NOT NULL,
    version      bigint  NOT NULL,
    doctor_id    text    NOT NULL,
    kind         text    NOT NULL, -- registered, finished, transferred, left
    last_day     text    NOT NULL,
    code         text    NOT NULL, -- reason
    leaves       boolean NOT NULL, -- also leaves the programme
    state        text    NOT NULL, -- planned, ended, withdrawn
    by_account   text    NOT NULL,
    recorded_at  text    NOT NULL,
    PRIMARY KEY (tenant_id, placement_id)
);
CREATE INDEX placement_leaving_due ON placement_leaving (tenant_id, state, last_day);

CREATE TABLE placement_leaving_step (
    tenant_id    text NOT NULL,
    placement_id text NOT NULL,
    step         text NOT NULL,
    done_on      text NOT NULL,
    by_account   text NOT NULL,
    PRIMARY KEY (tenant_id, placement_id, step)
);

CREATE TABLE placement_certificate (
    tenant_id    text   NOT NULL,
    number       text   NOT NULL, -- printed on it
    placement_id text   NOT NULL,
    doctor_id    text   NOT NULL,
    issue        bigint NOT NULL, -- 1 is the first
    replaces     text   NOT NULL DEFAULT '', -- number of the one it corrects
    issued_on    text   NOT NULL,
    issued_at    text   NOT NULL,
    by_account   text   NOT NULL,
    sealed       bytea  NOT NULL, -- sealed: the certificate as it was issued
    PRIMARY KEY (tenant_id, number),
    UNIQUE (tenant_id, placement_id, issue)
);
CREATE INDEX placement_certificate_doctor ON placement_certificate (tenant_id, doctor_id, issued_at);

CREATE TABLE placement_exit (
    tenant_id    text   NOT NULL,
    placement_id text   NOT NULL,
    version      bigint NOT NULL,
    doctor_id    text   NOT NULL,
    state        text   NOT NULL, -- answered, skipped
    reader       text   NOT NULL, -- team, nobody
    given_at     text   NOT NULL,
    sealed       bytea  NOT NULL, -- sealed: answers and note
    PRIMARY KEY (tenant_id, placement_id)
);
CREATE INDEX placement_exit_read ON placement_exit (tenant_id, reader, state, given_at, placement_id);

CREATE TABLE placement_exit_total (
    tenant_id text   NOT NULL,
    code      text   NOT NULL, -- answer, or answered
    n         bigint NOT NULL,
    shown     bigint NOT NULL, -- n when enough new answers had come
    PRIMARY KEY (tenant_id, code)
);
