-- Commands already answered: the same form sent twice is done once.
-- +goose Up
CREATE TABLE web_command (
    tenant_id   text  NOT NULL,
    account     text  NOT NULL, -- '' when nobody was signed in
    command_key text  NOT NULL,
    body_hash   text  NOT NULL,
    sealed      bytea,          -- sealed: the answer; absent when it cannot be repeated
    created_at  text  NOT NULL,
    PRIMARY KEY (tenant_id, account, command_key)
);
CREATE INDEX web_command_created ON web_command (created_at);
