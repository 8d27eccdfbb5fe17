-- The person: one record a tenant, names and contact sealed; keyed tokens by which it is found.
-- +goose Up
CREATE TABLE doctor_person (
    tenant_id   text   NOT NULL,
    id          text   NOT NULL,
    ref         text   NOT NULL,
    sealed      bytea  NOT NULL, -- sealed
    created_at  text   NOT NULL,
    updated_at  text   NOT NULL,
    version     bigint NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, ref)
);

-- Which account took over which record; one each way.
CREATE TABLE doctor_account (
    tenant_id   text NOT NULL,
    account_id  text NOT NULL,
    doctor_id   text NOT NULL,
    linked_at   text NOT NULL,
    PRIMARY KEY (tenant_id, account_id),
    UNIQUE (tenant_id, doctor_id)
);

-- Keyed hashes of folded name parts and contact; kind says of what.
CREATE TABLE doctor_token (
    tenant_id   text NOT NULL,
    token       text NOT NULL,
    doctor_id   text NOT NULL,
    kind        text NOT NULL,
    PRIMARY KEY (tenant_id, token, doctor_id)
);
CREATE INDEX doctor_token_person ON doctor_token (tenant_id, doctor_id);

-- What staff decided about two records that look alike; first_id < second_id.
CREATE TABLE doctor_pair (
    tenant_id   text   NOT NULL,
    first_id    text   NOT NULL,
    second_id   text   NOT NULL,
    verdict     text   NOT NULL, -- same, different, or '' when taken back
    decided_by  text   NOT NULL,
    decided_at  text   NOT NULL,
    version     bigint NOT NULL,
    PRIMARY KEY (tenant_id, first_id, second_id)
);
CREATE INDEX doctor_pair_second ON doctor_pair (tenant_id, second_id);
