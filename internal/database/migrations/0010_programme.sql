-- +goose Up
CREATE TABLE programme_tenant (
    tenant_id        text PRIMARY KEY,
    name             text NOT NULL,
    kind             text NOT NULL,
    opened           text NOT NULL,
    public_programme boolean NOT NULL,
    version          bigint NOT NULL
);
CREATE UNIQUE INDEX programme_tenant_public ON programme_tenant (public_programme) WHERE public_programme = true;

CREATE TABLE programme_phase (
    tenant_id          text NOT NULL,
    id                 text NOT NULL,
    code               text NOT NULL,
    title              text NOT NULL,
    summary            text NOT NULL,
    announced          text NOT NULL,
    starts             text NOT NULL,
    ends               text NOT NULL,
    money              bigint NOT NULL,
    places             bigint NOT NULL,
    applications_open  text NOT NULL,
    applications_close text NOT NULL,
    waiting_open       text NOT NULL,
    waiting_close      text NOT NULL,
    eligibility        text NOT NULL,
    marks              text NOT NULL,
    version            bigint NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, code)
);

CREATE TABLE programme_setting (
    tenant_id text NOT NULL,
    name      text NOT NULL,
    value     text NOT NULL,
    set_on    text NOT NULL,
    set_by    text NOT NULL,
    note      text NOT NULL,
    version   bigint NOT NULL,
    PRIMARY KEY (tenant_id, name)
);

CREATE TABLE programme_setting_change (
    tenant_id text NOT NULL,
    id        text NOT NULL,
    name      text NOT NULL,
    value     text NOT NULL,
    set_at    text NOT NULL,
    set_on    text NOT NULL,
    set_by    text NOT NULL,
    note      text NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX programme_setting_change_name ON programme_setting_change (tenant_id, name, id);

CREATE TABLE programme_ruleset (
    tenant_id   text NOT NULL,
    id          text NOT NULL,
    purpose     text NOT NULL,
    name        text NOT NULL,
    title       text NOT NULL,
    content     text NOT NULL,
    hash        text NOT NULL,
    from_date   text NOT NULL,
    until_date  text NOT NULL,
    state       text NOT NULL,
    embedded    boolean NOT NULL,
    proposed_by text NOT NULL,
    proposed_on text NOT NULL,
    approved_by text NOT NULL,
    approved_on text NOT NULL,
    note        text NOT NULL,
    version     bigint NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, purpose, name, from_date, hash)
);

CREATE TABLE programme_claim (
    tenant_id text NOT NULL,
    id        text NOT NULL,
    code      text NOT NULL,
    wording   text NOT NULL,
    figure    bigint NOT NULL,
    unit      text NOT NULL,
    as_at     text NOT NULL,
    status    text NOT NULL,
    source    text NOT NULL,
    note      text NOT NULL,
    version   bigint NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, code)
);
