-- The first day a doctor could start, and who was passed over when a post came
-- free.
-- +goose Up
ALTER TABLE allocation_preference ADD COLUMN free_from text NOT NULL DEFAULT ''; -- '' = any day

CREATE TABLE allocation_passed (
    tenant_id text   NOT NULL,
    id        text   NOT NULL,
    post_id   text   NOT NULL,
    round_id  text   NOT NULL DEFAULT '', -- '' = along the waiting list
    doctor_id text   NOT NULL,
    on_day    text   NOT NULL,
    number    bigint NOT NULL, -- in the order in which they were looked at
    sealed    bytea  NOT NULL, -- sealed: the rules that kept them from the post, as staff read them
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX allocation_passed_round ON allocation_passed (tenant_id, round_id, on_day, post_id, number);
