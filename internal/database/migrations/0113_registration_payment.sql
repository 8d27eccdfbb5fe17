-- What a doctor's road to registration has cost, and who paid it.
-- +goose Up
CREATE TABLE registration_payment (
    tenant_id   text   NOT NULL,
    id          text   NOT NULL,
    doctor_id   text   NOT NULL,
    paid_on     text   NOT NULL,
    by_account  text   NOT NULL,
    recorded_at text   NOT NULL,
    taken_back  text   NOT NULL DEFAULT '', -- day
    version     bigint NOT NULL,
    sealed      bytea  NOT NULL, -- sealed: which fee, what, how much, who paid
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX registration_payment_doctor ON registration_payment (tenant_id, doctor_id, paid_on, id);
