-- Money: budgets, places committed, and estimates as totals with their day.
-- +goose Up
CREATE TABLE funding_budget (
    tenant_id text   NOT NULL,
    phase_id  text   NOT NULL,
    region    text   NOT NULL,
    version   bigint NOT NULL,
    places    bigint NOT NULL,
    pence     bigint NOT NULL,
    committed bigint NOT NULL, -- places taken now, never more than places
    set_by    text   NOT NULL, -- account
    set_on    text   NOT NULL,
    note      text   NOT NULL DEFAULT '',
    PRIMARY KEY (tenant_id, phase_id, region)
);

CREATE TABLE funding_budget_change (
    tenant_id text   NOT NULL,
    phase_id  text   NOT NULL,
    region    text   NOT NULL,
    version   bigint NOT NULL,
    places    bigint NOT NULL,
    pence     bigint NOT NULL,
    set_by    text   NOT NULL, -- account
    set_at    text   NOT NULL,
    note      text   NOT NULL DEFAULT '',
    PRIMARY KEY (tenant_id, phase_id, region, version)
);

CREATE TABLE funding_commitment (
    tenant_id   text NOT NULL,
    source      text NOT NULL, -- placement
    phase_id    text NOT NULL,
    region      text NOT NULL,
    employer_id text NOT NULL,
    from_on     text NOT NULL,
    released_on text NOT NULL DEFAULT '',
    by_account  text NOT NULL,
    PRIMARY KEY (tenant_id, source)
);

-- Kept, never counted on a page. employer_id '' is the whole region.
CREATE TABLE funding_total (
    tenant_id    text   NOT NULL,
    phase_id     text   NOT NULL,
    region       text   NOT NULL,
    employer_id  text   NOT NULL,
    committed    bigint NOT NULL DEFAULT 0, -- of an employer
    places       bigint NOT NULL DEFAULT 0,
    days         bigint NOT NULL DEFAULT 0,
    unknown_days bigint NOT NULL DEFAULT 0, -- days without a known rate
    pence        bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, phase_id, region, employer_id)
);

CREATE TABLE funding_place (
    tenant_id    text   NOT NULL,
    phase_id     text   NOT NULL,
    region       text   NOT NULL,
    placement_id text   NOT NULL,
    employer_id  text   NOT NULL,
    doctor_id    text   NOT NULL,
    from_on      text   NOT NULL,
    to_on        text   NOT NULL DEFAULT '', -- last day, '' while it runs
    days         bigint NOT NULL,
    unknown_days bigint NOT NULL,
    pence        bigint NOT NULL,
    PRIMARY KEY (tenant_id, phase_id, region, placement_id)
);
CREATE INDEX funding_place_placement ON funding_place (tenant_id, placement_id);
CREATE INDEX funding_place_employer ON funding_place (tenant_id, employer_id, phase_id, placement_id);

CREATE TABLE funding_refresh (
    tenant_id text NOT NULL,
    as_at     text NOT NULL,
    rates     text NOT NULL, -- version of the rates
    PRIMARY KEY (tenant_id)
);
