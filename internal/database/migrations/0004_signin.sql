-- One account a human being; the codes sent to them; their open sessions.
-- No tenant: an account may belong to several, a session is bound to one.
-- +goose Up
CREATE TABLE signin_account (
    id         text   NOT NULL PRIMARY KEY,
    email_hash text   NOT NULL UNIQUE, -- keyed
    sealed     bytea  NOT NULL,        -- sealed: the e-mail address
    version    bigint NOT NULL,
    created_at text   NOT NULL
);
CREATE TABLE signin_code (
    id         text   NOT NULL PRIMARY KEY, -- hash of the browser's ticket
    email_hash text   NOT NULL,
    account    text   NOT NULL, -- '' when nobody has that address
    code_hash  text   NOT NULL, -- keyed
    attempts   bigint NOT NULL,
    used       boolean NOT NULL,
    created_at text   NOT NULL,
    ends_at    text   NOT NULL,
    sealed     bytea            -- sealed: the code, until it is sent
);
CREATE INDEX signin_code_email ON signin_code (email_hash, created_at);
CREATE INDEX signin_code_ends ON signin_code (ends_at);
CREATE TABLE signin_session (
    token_hash text NOT NULL PRIMARY KEY,
    account    text NOT NULL,
    tenant_id  text NOT NULL, -- '' until a programme is chosen
    created_at text NOT NULL,
    last_seen  text NOT NULL,
    ends_at    text NOT NULL
);
CREATE INDEX signin_session_account ON signin_session (account);
CREATE INDEX signin_session_ends ON signin_session (ends_at);
