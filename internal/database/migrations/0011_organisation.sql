-- +goose Up
-- National, as the Organisation Data Service gives it: no tenant.
CREATE TABLE organisation_ods (
    code         text PRIMARY KEY,
    kind         text NOT NULL,
    name         text NOT NULL,
    name_key     text NOT NULL,
    said_region  text NOT NULL,
    said_icb     text NOT NULL,
    address      text NOT NULL,
    postcode     text NOT NULL,
    opened       text NOT NULL,
    status       text NOT NULL,
    closed       text NOT NULL,
    commissioner text NOT NULL,
    phone        text NOT NULL,
    setting      text NOT NULL,
    parent       text NOT NULL,
    ons          text NOT NULL,
    stamps       text NOT NULL,
    listed       boolean NOT NULL,
    country      text NOT NULL,
    region       text NOT NULL,
    icb          text NOT NULL,
    closes       text NOT NULL,
    version      bigint NOT NULL
);
CREATE INDEX organisation_ods_name ON organisation_ods (name_key, code) WHERE listed = true;
CREATE INDEX organisation_ods_kind ON organisation_ods (kind, name_key, code) WHERE listed = true;

CREATE TABLE organisation_ods_token (
    token text NOT NULL,
    code  text NOT NULL,
    PRIMARY KEY (token, code)
);
CREATE INDEX organisation_ods_token_code ON organisation_ods_token (code, token);

CREATE TABLE organisation_file (
    id       text PRIMARY KEY,
    name     text NOT NULL,
    content  text NOT NULL,
    as_at    text NOT NULL,
    delta    boolean NOT NULL,
    hash     text NOT NULL,
    counts   text NOT NULL,
    taken_at text NOT NULL,
    taken_by text NOT NULL
);

CREATE TABLE organisation_local (
    tenant_id text NOT NULL,
    id        text NOT NULL,
    kind      text NOT NULL,
    name      text NOT NULL,
    name_key  text NOT NULL,
    address   text NOT NULL,
    postcode  text NOT NULL,
    region    text NOT NULL,
    icb       text NOT NULL,
    website   text NOT NULL,
    about     text NOT NULL,
    opened    text NOT NULL,
    closed    text NOT NULL,
    made_by   text NOT NULL,
    version   bigint NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX organisation_local_name ON organisation_local (tenant_id, name_key, id);

CREATE TABLE organisation_local_token (
    tenant_id text NOT NULL,
    token     text NOT NULL,
    id        text NOT NULL,
    PRIMARY KEY (tenant_id, token, id)
);
CREATE INDEX organisation_local_token_id ON organisation_local_token (tenant_id, id, token);

CREATE TABLE organisation_member (
    tenant_id       text NOT NULL,
    id              text NOT NULL,
    account_id      text NOT NULL,
    organisation_id text NOT NULL,
    role            text NOT NULL,
    region          text NOT NULL,
    from_date       text NOT NULL,
    until_date      text NOT NULL,
    added_by        text NOT NULL,
    version         bigint NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX organisation_member_once ON organisation_member (tenant_id, account_id, organisation_id, role, region) WHERE until_date = '';
CREATE INDEX organisation_member_account ON organisation_member (account_id, tenant_id);
CREATE INDEX organisation_member_organisation ON organisation_member (tenant_id, organisation_id, id);
