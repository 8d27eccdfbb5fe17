-- Evidence of competence: items, the asking for a signature, and who may sign.
-- +goose Up
CREATE TABLE portfolio_item (
    tenant_id    text    NOT NULL,
    id           text    NOT NULL, -- outside reference
    version      bigint  NOT NULL,
    doctor_id    text    NOT NULL,
    kind         text    NOT NULL,
    on_day       text    NOT NULL, -- the day it happened
    state        text    NOT NULL, -- draft, asked, signed, vouched, declined, refused, kept
    shared       boolean NOT NULL, -- a supervisor may read it
    placement_id text    NOT NULL DEFAULT '',
    host_id      text    NOT NULL DEFAULT '',
    task         text    NOT NULL DEFAULT '', -- of the host's list
    level        bigint  NOT NULL DEFAULT 0,
    until        text    NOT NULL DEFAULT '', -- last day it counts
    tags         text    NOT NULL DEFAULT '', -- framework/version/heading, with spaces
    signed_on    text    NOT NULL DEFAULT '',
    role         text    NOT NULL DEFAULT '', -- of who signed, coded
    recorded_at  text    NOT NULL,
    sealed       bytea, -- sealed: what was done and learnt, and what the assessor said
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX portfolio_item_of_doctor ON portfolio_item (tenant_id, doctor_id, on_day, id);
CREATE INDEX portfolio_item_to_vouch ON portfolio_item (tenant_id, host_id, recorded_at, id) WHERE state = 'signed';

CREATE TABLE portfolio_ask (
    tenant_id  text    NOT NULL,
    id         text    NOT NULL,
    item_id    text    NOT NULL,
    doctor_id  text    NOT NULL,
    link_hash  text    NOT NULL,
    code_hash  text    NOT NULL,
    made_at    text    NOT NULL,
    link_until text    NOT NULL,
    code_until text    NOT NULL,
    used_at    text    NOT NULL DEFAULT '', -- once only
    ended_at   text    NOT NULL DEFAULT '', -- taken back by the doctor
    to_token   text    NOT NULL DEFAULT '', -- keyed hash of the address it was sent to
    device     text    NOT NULL DEFAULT '', -- keyed hash of the doctor's browser
    network    text    NOT NULL DEFAULT '', -- keyed hash of the doctor's network address
    sealed     bytea, -- sealed: where it was sent and what came of it
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX portfolio_ask_link ON portfolio_ask (tenant_id, link_hash);
CREATE UNIQUE INDEX portfolio_ask_code ON portfolio_ask (tenant_id, code_hash);
CREATE INDEX portfolio_ask_item ON portfolio_ask (tenant_id, item_id, made_at);

CREATE TABLE portfolio_assessor (
    tenant_id    text   NOT NULL,
    host_id      text   NOT NULL,
    person_token text   NOT NULL, -- keyed hash of the GMC number and the address
    version      bigint NOT NULL,
    role         text   NOT NULL,
    vouched_by   text   NOT NULL, -- account
    vouched_on   text   NOT NULL,
    sealed       bytea, -- sealed: name, GMC number, address
    PRIMARY KEY (tenant_id, host_id, person_token)
);
