-- Posts of employers, and how many people each supervisor can take on.
-- +goose Up
CREATE TABLE post_post (
    tenant_id     text   NOT NULL,
    id            text   NOT NULL, -- outside reference
    version       bigint NOT NULL,
    status        text   NOT NULL, -- draft, approved, open, filled, closed
    setting       text   NOT NULL,
    employer_id   text   NOT NULL, -- employer of record
    host_id       text   NOT NULL, -- place of work
    region        text   NOT NULL DEFAULT '', -- of the place of work
    specialty     text   NOT NULL,
    minutes_week  bigint NOT NULL,
    whole_time    bigint NOT NULL, -- thousandths of a full-time week
    pay_kind      text   NOT NULL DEFAULT '',
    pay_point     text   NOT NULL DEFAULT '',
    hcas          text   NOT NULL DEFAULT '',
    pay_pence     bigint NOT NULL DEFAULT 0, -- a year, whole time; local pay only
    start_from    text   NOT NULL,
    contract_end  text   NOT NULL DEFAULT '',
    funded_until  text   NOT NULL DEFAULT '',
    phase_id      text   NOT NULL DEFAULT '',
    indemnity     text   NOT NULL DEFAULT '',
    clinical_id   text   NOT NULL DEFAULT '', -- account
    educational_id text  NOT NULL DEFAULT '', -- account
    holder        text   NOT NULL DEFAULT '', -- offer that filled it
    registered_on text   NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX post_post_start ON post_post (tenant_id, start_from, id);
CREATE INDEX post_post_status ON post_post (tenant_id, status, start_from, id);
CREATE INDEX post_post_region ON post_post (tenant_id, region, start_from, id);
CREATE INDEX post_post_employer ON post_post (tenant_id, employer_id, start_from, id);
CREATE INDEX post_post_host ON post_post (tenant_id, host_id, start_from, id);
CREATE INDEX post_post_phase ON post_post (tenant_id, phase_id, start_from, id);

CREATE TABLE post_supervisor (
    tenant_id       text   NOT NULL,
    account_id      text   NOT NULL,
    organisation_id text   NOT NULL,
    capacity        bigint NOT NULL, -- people they can take on
    holding         bigint NOT NULL, -- open and filled posts that name them as clinical supervisor
    sealed          bytea  NOT NULL, -- sealed: name
    version         bigint NOT NULL,
    PRIMARY KEY (tenant_id, account_id)
);
CREATE INDEX post_supervisor_organisation ON post_supervisor (tenant_id, organisation_id, account_id);
