-- What doctors say they want: ranked wishes, a linked partner, protected reasons.
-- +goose Up
CREATE TABLE allocation_wish (
    tenant_id  text   NOT NULL,
    doctor_id  text   NOT NULL,
    sealed     bytea  NOT NULL, -- sealed: choices in order, what is not acceptable and why
    updated_at text   NOT NULL,
    version    bigint NOT NULL,
    PRIMARY KEY (tenant_id, doctor_id)
);

CREATE TABLE allocation_link (
    tenant_id  text   NOT NULL,
    doctor_id  text   NOT NULL, -- one link at a time
    pair_id    text   NOT NULL, -- the same for both
    code_token text   NOT NULL DEFAULT '', -- keyed hash of the code, until it is used
    state      text   NOT NULL, -- invited, entered, agreed
    since      text   NOT NULL,
    version    bigint NOT NULL,
    PRIMARY KEY (tenant_id, doctor_id)
);
CREATE INDEX allocation_link_pair ON allocation_link (tenant_id, pair_id);
CREATE INDEX allocation_link_code ON allocation_link (tenant_id, code_token);

CREATE TABLE allocation_protected (
    tenant_id  text   NOT NULL,
    id         text   NOT NULL,
    doctor_id  text   NOT NULL,
    state      text   NOT NULL, -- asked, seen, agreed, refused, withdrawn
    sealed     bytea  NOT NULL, -- sealed: kind of reason, what is asked for, why, which evidence
    asked_on   text   NOT NULL,
    settled_on text   NOT NULL DEFAULT '',
    version    bigint NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX allocation_protected_doctor ON allocation_protected (tenant_id, doctor_id);
CREATE INDEX allocation_protected_state ON allocation_protected (tenant_id, state, asked_on, id);

CREATE TABLE allocation_vote (
    tenant_id    text   NOT NULL,
    protected_id text   NOT NULL,
    account_id   text   NOT NULL,
    yes          bigint NOT NULL,
    given_on     text   NOT NULL,
    PRIMARY KEY (tenant_id, protected_id, account_id)
);
