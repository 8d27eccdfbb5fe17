-- What people in post may do: the levels of each host, sign-offs of named tasks,
-- who stands in for a supervisor, and times without work. Nothing is changed but
-- to say that it ended; every row carries who recorded it and when.
-- +goose Up
CREATE TABLE placement_level (
    tenant_id   text   NOT NULL,
    host_id     text   NOT NULL,
    task        text   NOT NULL,
    recorded_at text   NOT NULL, -- holds from then until the next row
    level       bigint NOT NULL, -- 0 = nobody does it here
    by_account  text   NOT NULL,
    PRIMARY KEY (tenant_id, host_id, task, recorded_at)
);

CREATE TABLE placement_signoff (
    tenant_id    text    NOT NULL,
    id           text    NOT NULL,
    version      bigint  NOT NULL,
    doctor_id    text    NOT NULL,
    placement_id text    NOT NULL,
    host_id      text    NOT NULL,
    task         text    NOT NULL,
    level        bigint  NOT NULL,
    signed_on    text    NOT NULL,
    recheck_on   text    NOT NULL, -- last day it counts
    assessor_id  text    NOT NULL DEFAULT '', -- account, '' for one from outside
    source       text    NOT NULL DEFAULT '', -- portfolio:ID
    flagged      boolean NOT NULL DEFAULT false, -- came from where the doctor's own things come from
    confirmed_at text    NOT NULL DEFAULT '', -- when the host vouched for the assessor
    confirmed_by text    NOT NULL DEFAULT '',
    recorded_at  text    NOT NULL,
    by_account   text    NOT NULL,
    withdrawn_at text    NOT NULL DEFAULT '',
    withdrawn_by text    NOT NULL DEFAULT '',
    withdrawn    text    NOT NULL DEFAULT '', -- code of the reason
    replaced_by  text    NOT NULL DEFAULT '',
    sealed       bytea   NOT NULL, -- sealed: assessor's name, role and GMC number
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX placement_signoff_open ON placement_signoff (tenant_id, doctor_id, host_id, task) WHERE withdrawn_at = '' AND replaced_by = '';
CREATE INDEX placement_signoff_of_doctor ON placement_signoff (tenant_id, doctor_id, recorded_at, id);

CREATE TABLE placement_cover (
    tenant_id    text   NOT NULL,
    id           text   NOT NULL,
    version      bigint NOT NULL,
    placement_id text   NOT NULL,
    doctor_id    text   NOT NULL,
    role         text   NOT NULL, -- clinical, educational
    account_id   text   NOT NULL,
    from_date    text   NOT NULL,
    to_date      text   NOT NULL, -- last day
    by_account   text   NOT NULL,
    recorded_at  text   NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX placement_cover_of ON placement_cover (tenant_id, placement_id, from_date);
CREATE INDEX placement_cover_account ON placement_cover (tenant_id, account_id, to_date);

CREATE TABLE placement_absence (
    tenant_id    text   NOT NULL,
    id           text   NOT NULL,
    version      bigint NOT NULL,
    placement_id text   NOT NULL,
    doctor_id    text   NOT NULL,
    from_date    text   NOT NULL,
    to_date      text   NOT NULL DEFAULT '', -- last day, '' while nobody knows it
    by_account   text   NOT NULL,
    recorded_at  text   NOT NULL,
    sealed       bytea  NOT NULL, -- sealed: leave, sickness or pause
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX placement_absence_of ON placement_absence (tenant_id, placement_id, from_date);
