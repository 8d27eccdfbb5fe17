-- That a database is the demo's own: which history it holds and who one can be.
-- Empty in a real programme.
-- +goose Up
CREATE TABLE demo_history (
    tenant_id text   NOT NULL,
    people    bigint NOT NULL,
    seed      text   NOT NULL,
    today     text   NOT NULL, -- the day on which the history ended
    sealed    bytea  NOT NULL, -- sealed
    PRIMARY KEY (tenant_id)
);
