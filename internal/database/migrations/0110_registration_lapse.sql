-- What of a doctor's runs out on which day, for the team's board: one row for each kind of reader who may know of it.
-- +goose Up
CREATE TABLE registration_lapse (
    tenant_id text NOT NULL,
    doctor_id text NOT NULL,
    reader    text NOT NULL, -- team, national or region: computed from what this reader may know
    kind      text NOT NULL,
    source    text NOT NULL DEFAULT '', -- tells two of a kind apart
    on_date   text NOT NULL, -- the last day it serves
    region    text NOT NULL DEFAULT '', -- copied from the case
    PRIMARY KEY (tenant_id, doctor_id, reader, kind, source)
);
CREATE INDEX registration_lapse_date ON registration_lapse (tenant_id, reader, on_date, doctor_id, kind, source);
CREATE INDEX registration_lapse_region ON registration_lapse (tenant_id, reader, region, on_date, doctor_id, kind, source);

-- What a doctor was warned of: each opens a task once and closes it when cured.
CREATE TABLE registration_warning (
    tenant_id text   NOT NULL,
    doctor_id text   NOT NULL,
    code      text   NOT NULL,
    party     text   NOT NULL, -- whose task it is
    due       text   NOT NULL DEFAULT '',
    opened_on text   NOT NULL,
    cured_on  text   NOT NULL DEFAULT '', -- '' while it stands
    version   bigint NOT NULL,
    PRIMARY KEY (tenant_id, doctor_id, code)
);
