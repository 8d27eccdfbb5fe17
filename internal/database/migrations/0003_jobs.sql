-- Work to be done after a commit, and work done at regular times.
-- +goose Up
CREATE TABLE jobs_outbox (
    tenant_id  text    NOT NULL,
    id         text    NOT NULL,
    kind       text    NOT NULL,
    ids        text    NOT NULL, -- JSON of ids; never personal data
    state      text    NOT NULL CHECK (state IN ('waiting', 'dead')),
    attempts   bigint  NOT NULL,
    due_at     text    NOT NULL, -- while leased: when the lease ends
    version    bigint  NOT NULL,
    created_at text    NOT NULL,
    sealed     bytea,            -- sealed: the last error's words
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX jobs_outbox_due ON jobs_outbox (state, due_at);
CREATE TABLE jobs_effect (
    tenant_id  text NOT NULL,
    effect_key text NOT NULL,
    done_at    text NOT NULL,
    PRIMARY KEY (tenant_id, effect_key)
);
CREATE INDEX jobs_effect_done ON jobs_effect (done_at);
-- No tenant: the nodes share these.
CREATE TABLE jobs_periodic (
    name    text   NOT NULL PRIMARY KEY,
    due_at  text   NOT NULL,
    version bigint NOT NULL
);
