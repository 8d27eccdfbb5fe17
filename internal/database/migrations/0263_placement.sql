-- How people in post are looked after: a light each, totals kept as the lights
-- change, and the list a host signs after each quarter.
-- +goose Up
CREATE TABLE placement_light (
    tenant_id    text NOT NULL,
    placement_id text NOT NULL,
    employer_id  text NOT NULL,
    host_id      text NOT NULL,
    region       text NOT NULL,
    light        text NOT NULL, -- green, amber, red
    seen_on      text NOT NULL, -- day it was last worked out
    PRIMARY KEY (tenant_id, placement_id)
);
CREATE INDEX placement_light_seen ON placement_light (tenant_id, seen_on, placement_id);
CREATE INDEX placement_light_of ON placement_light (tenant_id, light, placement_id);

CREATE TABLE placement_total (
    tenant_id text   NOT NULL,
    host_id   text   NOT NULL,
    region    text   NOT NULL,
    light     text   NOT NULL,
    number    bigint NOT NULL,
    PRIMARY KEY (tenant_id, host_id, region, light)
);
CREATE INDEX placement_total_region ON placement_total (tenant_id, region, host_id);

CREATE TABLE placement_roll (
    tenant_id text   NOT NULL,
    id        text   NOT NULL,
    version   bigint NOT NULL,
    host_id   text   NOT NULL,
    region    text   NOT NULL,
    ends_on   text   NOT NULL, -- last day of the quarter
    opened_on text   NOT NULL,
    due_on    text   NOT NULL,
    signed_at text   NOT NULL DEFAULT '', -- first time it was signed
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX placement_roll_once ON placement_roll (tenant_id, host_id, ends_on);
CREATE INDEX placement_roll_region ON placement_roll (tenant_id, region, ends_on, id);

CREATE TABLE placement_roll_entry (
    tenant_id   text   NOT NULL,
    roll_id     text   NOT NULL,
    number      bigint NOT NULL, -- 1 signs, later ones correct
    by_account  text   NOT NULL,
    recorded_at text   NOT NULL,
    people      bigint NOT NULL, -- how many were on the list
    placements  text   NOT NULL, -- their ids, with spaces between
    sealed      bytea  NOT NULL, -- sealed: signer's name and role, what is corrected
    PRIMARY KEY (tenant_id, roll_id, number)
);
