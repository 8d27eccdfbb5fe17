-- Documents of doctors: one row a document, one a page, the parts of an upload
-- that is under way, and the names of what lies in the blob store.
-- +goose Up
CREATE TABLE document_document (
    tenant_id      text   NOT NULL,
    id             text   NOT NULL, -- outside reference
    version        bigint NOT NULL,
    doctor_id      text   NOT NULL,
    kind           text   NOT NULL,
    state          text   NOT NULL, -- empty, waiting, ready, infected, withdrawn, replaced
    pages          bigint NOT NULL, -- how many it has, maintained
    added_on       text   NOT NULL,
    added_at       text   NOT NULL,
    by_account     text   NOT NULL,
    replaces       text   NOT NULL DEFAULT '', -- document
    replaced_by    text   NOT NULL DEFAULT '', -- document
    translation_of text   NOT NULL DEFAULT '', -- document
    withdrawn_on   text   NOT NULL DEFAULT '',
    sealed         bytea  NOT NULL, -- sealed: title, translator
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX document_document_of_doctor ON document_document (tenant_id, doctor_id, added_at, id);

CREATE TABLE document_page (
    tenant_id    text   NOT NULL,
    id           text   NOT NULL, -- outside reference
    version      bigint NOT NULL,
    document_id  text   NOT NULL,
    doctor_id    text   NOT NULL,
    number       bigint NOT NULL, -- its place in the document, from 1
    format       text   NOT NULL, -- jpeg, png, pdf: what we hand out
    scan         text   NOT NULL, -- waiting, clean, infected, none (there was no scanner), drawn (made by the demo)
    found        text   NOT NULL DEFAULT '', -- name of what the scanner found
    cut          text   NOT NULL DEFAULT '', -- what the check took away, as codes with spaces
    bytes        bigint NOT NULL,
    width        bigint NOT NULL DEFAULT 0,
    height       bigint NOT NULL DEFAULT 0,
    blob         text   NOT NULL, -- name in the blob store
    hash         text   NOT NULL, -- keyed hash of the file as it came
    added_at     text   NOT NULL,
    scanned_at   text   NOT NULL DEFAULT '',
    withdrawn_on text   NOT NULL DEFAULT '',
    sealed       bytea  NOT NULL, -- sealed: the page's name, the file's name as it came
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX document_page_of_document ON document_page (tenant_id, document_id, number);
CREATE INDEX document_page_of_doctor ON document_page (tenant_id, doctor_id, document_id, number);
CREATE INDEX document_page_hash ON document_page (tenant_id, hash, doctor_id);
CREATE INDEX document_page_unscanned ON document_page (tenant_id, scan, id) WHERE scan = 'none';

-- The same file, byte for byte, under two people.
CREATE TABLE document_same (
    tenant_id       text NOT NULL,
    id              text NOT NULL, -- ordered by when it was found
    doctor_id       text NOT NULL, -- who brought it second
    page_id         text NOT NULL,
    document_id     text NOT NULL,
    other_doctor_id text NOT NULL, -- who brought it first
    other_page_id   text NOT NULL,
    other_document_id text NOT NULL,
    found_at        text NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX document_same_once ON document_same (tenant_id, page_id, other_page_id);
CREATE INDEX document_same_of_doctor ON document_same (tenant_id, doctor_id, id);
CREATE INDEX document_same_of_other ON document_same (tenant_id, other_doctor_id, id);

CREATE TABLE document_upload (
    tenant_id   text   NOT NULL,
    id          text   NOT NULL, -- outside reference
    document_id text   NOT NULL,
    doctor_id   text   NOT NULL,
    by_account  text   NOT NULL,
    state       text   NOT NULL, -- open, done
    bytes       bigint NOT NULL, -- how long the whole is, -1 while nobody knows
    begun_at    text   NOT NULL,
    page_id     text   NOT NULL DEFAULT '', -- what it became
    sealed      bytea  NOT NULL, -- sealed: the page's name, the file's name
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX document_upload_open ON document_upload (tenant_id, document_id, begun_at) WHERE state = 'open';
CREATE INDEX document_upload_begun ON document_upload (tenant_id, begun_at);

CREATE TABLE document_part (
    tenant_id text   NOT NULL,
    upload_id text   NOT NULL,
    number    bigint NOT NULL, -- from 0
    bytes     bigint NOT NULL,
    blob      text   NOT NULL,
    PRIMARY KEY (tenant_id, upload_id, number)
);

-- Every name in the blob store, from before it is written until after it is
-- gone: nothing lies there that no row knows.
CREATE TABLE document_blob (
    tenant_id text   NOT NULL,
    name      text   NOT NULL, -- random
    doctor_id text   NOT NULL,
    state     text   NOT NULL, -- writing, kept, going
    since     text   NOT NULL,
    PRIMARY KEY (tenant_id, name)
);
CREATE INDEX document_blob_loose ON document_blob (tenant_id, state, since) WHERE state <> 'kept';
