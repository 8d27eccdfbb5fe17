-- What was said in public of each day: written once, never changed.
-- +goose Up
CREATE TABLE outcome_publication (
    tenant_id     text NOT NULL,
    as_at         text NOT NULL,
    published_on  text NOT NULL,
    content       text NOT NULL, -- the cells as JSON; a hidden one holds no number
    PRIMARY KEY (tenant_id, as_at)
);
