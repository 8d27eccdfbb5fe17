-- What the medical register says, as two people read it; the first doctor post.
-- +goose Up
CREATE TABLE registration_outcome (
    tenant_id      text    NOT NULL,
    id             text    NOT NULL,
    doctor_id      text    NOT NULL,
    version        bigint  NOT NULL,
    state          text    NOT NULL, -- proposed, confirmed, disputed, superseded
    number_token   text    NOT NULL, -- keyed
    kind           text    NOT NULL, -- provisional, full, gp, specialist
    licence        boolean NOT NULL,
    aps            boolean NOT NULL,
    registered_on  text    NOT NULL,
    first_by       text    NOT NULL, -- account
    first_read_on  text    NOT NULL,
    second_by      text    NOT NULL DEFAULT '', -- account
    second_read_on text    NOT NULL DEFAULT '',
    objection      text    NOT NULL DEFAULT '', -- code
    fact_id        text    NOT NULL DEFAULT '',
    sealed         bytea   NOT NULL, -- sealed: number
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX registration_outcome_proposed ON registration_outcome (tenant_id, doctor_id) WHERE state = 'proposed';
CREATE UNIQUE INDEX registration_outcome_confirmed ON registration_outcome (tenant_id, doctor_id) WHERE state = 'confirmed';
CREATE INDEX registration_outcome_doctor ON registration_outcome (tenant_id, doctor_id, id);

-- One person a number and one number a person.
CREATE TABLE registration_number (
    tenant_id text NOT NULL,
    token     text NOT NULL,
    doctor_id text NOT NULL,
    PRIMARY KEY (tenant_id, token),
    UNIQUE (tenant_id, doctor_id)
);

CREATE TABLE registration_post (
    tenant_id   text   NOT NULL,
    doctor_id   text   NOT NULL,
    version     bigint NOT NULL,
    state       text   NOT NULL, -- told, recorded
    employer_id text   NOT NULL DEFAULT '',
    title       text   NOT NULL, -- code
    started_on  text   NOT NULL,
    by_account  text   NOT NULL,
    recorded_at text   NOT NULL,
    sealed      bytea  NOT NULL, -- sealed: the employer's name where it has no code
    PRIMARY KEY (tenant_id, doctor_id)
);
