-- What doctors say about themselves so that groups can be compared: kept apart
-- from their record, read for the fairness figures only.
-- +goose Up
CREATE TABLE doctor_equality (
    tenant_id   text   NOT NULL,
    doctor_id   text   NOT NULL,
    sealed      bytea  NOT NULL, -- sealed: sex, nationality group, the wording they were shown
    version     bigint NOT NULL,
    PRIMARY KEY (tenant_id, doctor_id)
);
