-- What kind of post a doctor wishes for.
-- +goose Up
CREATE TABLE allocation_preference (
    tenant_id     text   NOT NULL,
    doctor_id     text   NOT NULL,
    regions       text   NOT NULL DEFAULT '', -- codes, comma between, best first
    settings      text   NOT NULL DEFAULT '', -- hospital, gp_practice, community
    specialties   text   NOT NULL DEFAULT '', -- codes
    hours_week    bigint NOT NULL DEFAULT 0, -- whole hours, 0 for any
    travel_miles  bigint NOT NULL DEFAULT 0, -- 0 for any distance
    updated_at    text   NOT NULL,
    version       bigint NOT NULL,
    PRIMARY KEY (tenant_id, doctor_id)
);
