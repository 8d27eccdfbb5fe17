-- Supervisors' reports and English references, and which employers are
-- designated bodies. A signed report is never changed, only replaced.
-- +goose Up
CREATE TABLE portfolio_report (
    tenant_id    text   NOT NULL,
    id           text   NOT NULL, -- its number; also of the item made of it
    version      bigint NOT NULL,
    doctor_id    text   NOT NULL,
    placement_id text   NOT NULL,
    kind         text   NOT NULL, -- report, english
    state        text   NOT NULL, -- draft, signed
    issue        bigint NOT NULL, -- of this kind, for this post
    replaces     text   NOT NULL DEFAULT '',
    by_account   text   NOT NULL, -- who began it, then who signed it
    begun_on     text   NOT NULL,
    signed_at    text   NOT NULL DEFAULT '',
    sealed       bytea, -- sealed: the record it rests on, what was written, who signed
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX portfolio_report_draft ON portfolio_report (tenant_id, placement_id, kind) WHERE state = 'draft';
CREATE UNIQUE INDEX portfolio_report_issue ON portfolio_report (tenant_id, placement_id, kind, issue) WHERE state = 'signed';
CREATE UNIQUE INDEX portfolio_report_replaces ON portfolio_report (tenant_id, replaces) WHERE state = 'signed' AND replaces <> '';
CREATE INDEX portfolio_report_of_doctor ON portfolio_report (tenant_id, doctor_id, begun_on, id);

CREATE TABLE portfolio_body (
    tenant_id       text NOT NULL,
    organisation_id text NOT NULL,
    version         bigint NOT NULL,
    code            text NOT NULL, -- as the GMC writes it
    stated_by       text NOT NULL, -- account
    stated_on       text NOT NULL,
    PRIMARY KEY (tenant_id, organisation_id)
);
