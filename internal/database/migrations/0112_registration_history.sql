-- How long each stretch of the road took those who have gone it, and what that comes to over all of them.
-- +goose Up
CREATE TABLE registration_duration (
    tenant_id text   NOT NULL,
    doctor_id text   NOT NULL,
    stretch   text   NOT NULL,
    days      bigint NOT NULL,
    ended_on  text   NOT NULL,
    PRIMARY KEY (tenant_id, doctor_id, stretch)
);
CREATE INDEX registration_duration_stretch ON registration_duration (tenant_id, stretch, days);

CREATE TABLE registration_usual (
    tenant_id text   NOT NULL,
    stretch   text   NOT NULL,
    cases     bigint NOT NULL,
    low       bigint NOT NULL, -- days: a quarter took less
    median    bigint NOT NULL, -- days
    high      bigint NOT NULL, -- days: a quarter took more
    as_at     text   NOT NULL,
    PRIMARY KEY (tenant_id, stretch)
);
