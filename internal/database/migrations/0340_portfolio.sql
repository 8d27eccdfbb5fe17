-- What a doctor brought from another store of portfolios, beside the items.
-- +goose Up
CREATE TABLE portfolio_carried (
    tenant_id text NOT NULL,
    doctor_id text NOT NULL,
    version   bigint NOT NULL,
    taken_on  text NOT NULL,
    sealed    bytea, -- sealed: posts, certificates, the passport and what else the file said
    PRIMARY KEY (tenant_id, doctor_id)
);
