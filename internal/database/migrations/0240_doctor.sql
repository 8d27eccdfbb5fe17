-- Whom one may ask about a doctor: the newest word on each stands, older words stay.
-- +goose Up
CREATE TABLE doctor_asking (
    tenant_id  text    NOT NULL,
    id         text    NOT NULL,
    doctor_id  text    NOT NULL,
    party      text    NOT NULL, -- country, institution, regulator, embassy, police, employer, person
    allowed    boolean NOT NULL, -- of staff: false = not safe, true = no longer held to be unsafe
    staff      boolean NOT NULL, -- said by a caseworker; else by the doctor
    said_on    text    NOT NULL,
    made_at    text    NOT NULL,
    by_account text    NOT NULL,
    sealed     bytea   NOT NULL, -- sealed: name, country and address of whom one may ask, and a caseworker's reason
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX doctor_asking_doctor ON doctor_asking (tenant_id, doctor_id, made_at, id);
