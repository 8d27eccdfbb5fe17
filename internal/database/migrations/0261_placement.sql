-- Short codes by which a shift lead reads one scope card. The code itself is
-- nowhere, only its keyed hash; it serves for minutes and a few openings.
-- +goose Up
CREATE TABLE placement_code (
    tenant_id    text   NOT NULL,
    id           text   NOT NULL,
    doctor_id    text   NOT NULL,
    placement_id text   NOT NULL,
    secret_hash  text   NOT NULL,
    made_at      text   NOT NULL,
    made_by      text   NOT NULL,
    ends_at      text   NOT NULL,
    opens        bigint NOT NULL DEFAULT 0,
    revoked_at   text   NOT NULL DEFAULT '',
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX placement_code_secret ON placement_code (secret_hash);
CREATE INDEX placement_code_of ON placement_code (tenant_id, placement_id, ends_at);
