-- What was done and looked at, by whom: rows are only ever added.
-- +goose Up
CREATE TABLE audit_entry (
    tenant_id   text    NOT NULL,
    id          text    NOT NULL,
    at          text    NOT NULL,
    look        boolean NOT NULL, -- a look changes nothing
    account_id  text    NOT NULL,
    action      text    NOT NULL,
    kind        text    NOT NULL,
    subject_id  text    NOT NULL,
    person_id   text    NOT NULL,
    shown       text    NOT NULL, -- ids a list page showed, by comma
    purpose     text    NOT NULL,
    request_id  text    NOT NULL,
    sealed      bytea   NOT NULL, -- sealed: images before and after, or the query of a look
    mac         bytea   NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX audit_entry_person ON audit_entry (tenant_id, person_id, id);

-- The chain: each link's hash covers the one before it.
CREATE TABLE audit_link (
    tenant_id  text   NOT NULL,
    seq        bigint NOT NULL,
    entry_id   text   NOT NULL,
    hash       bytea  NOT NULL,
    PRIMARY KEY (tenant_id, seq),
    UNIQUE (tenant_id, entry_id)
);

-- Signed states of the chain, which can be kept elsewhere and compared.
CREATE TABLE audit_checkpoint (
    tenant_id  text   NOT NULL,
    seq        bigint NOT NULL,
    at         text   NOT NULL,
    hash       bytea  NOT NULL,
    signature  bytea  NOT NULL,
    PRIMARY KEY (tenant_id, seq)
);
