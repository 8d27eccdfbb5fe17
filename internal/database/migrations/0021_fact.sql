-- What is claimed, seen or verified about a doctor; superseded, never overwritten.
-- +goose Up
CREATE TABLE fact_record (
    tenant_id      text   NOT NULL,
    id             text   NOT NULL,
    doctor_id      text   NOT NULL,
    kind           text   NOT NULL,
    on_date        text   NOT NULL DEFAULT '',
    until          text   NOT NULL DEFAULT '',
    recorded_at    text   NOT NULL,
    recorded_by    text   NOT NULL, -- account
    state          text   NOT NULL, -- claimed, seen, verified, refused
    checked_by     text   NOT NULL DEFAULT '', -- account
    checked_at     text   NOT NULL DEFAULT '',
    source         text   NOT NULL DEFAULT '',
    sealed         bytea  NOT NULL, -- sealed
    superseded_by  text   NOT NULL DEFAULT '', -- id of the newer record, or 'withdrawn'
    version        bigint NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX fact_record_doctor ON fact_record (tenant_id, doctor_id);
CREATE INDEX fact_record_until ON fact_record (tenant_id, kind, until);

-- Which section of the application the doctor said is finished.
CREATE TABLE fact_section (
    tenant_id    text NOT NULL,
    doctor_id    text NOT NULL,
    section      text NOT NULL,
    finished_at  text NOT NULL DEFAULT '',
    PRIMARY KEY (tenant_id, doctor_id, section)
);
