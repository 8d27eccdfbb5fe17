-- What an assessor decided, and what was checked again at offer and start.
-- +goose Up
CREATE TABLE eligibility_decision (
    tenant_id     text   NOT NULL,
    id            text   NOT NULL,
    doctor_id     text   NOT NULL,
    made_on       text   NOT NULL,
    moment        text   NOT NULL, -- decision, offer or start
    outcome       text   NOT NULL,
    rule_set      text   NOT NULL, -- as people call it: "eligibility B"
    rule_version  text   NOT NULL, -- hash of the rule file's text
    answer_hash   text   NOT NULL, -- hash of the whole answer: a replay must give the same
    made_by       text   NOT NULL,
    sealed        bytea  NOT NULL, -- sealed: the facts it rests on, words to the doctor, note
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX eligibility_decision_doctor ON eligibility_decision (tenant_id, doctor_id, made_on, id);
