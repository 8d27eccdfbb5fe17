-- What is asked of others to prove something about a doctor, and what they answered.
-- +goose Up
CREATE TABLE request_request (
    tenant_id    text   NOT NULL,
    id           text   NOT NULL, -- outside reference
    version      bigint NOT NULL,
    doctor_id    text   NOT NULL,
    kind         text   NOT NULL, -- rules/checks/requests.yaml
    state        text   NOT NULL, -- derived: cannot_start, waiting, overdue, received, verified, refused, withdrawn
    owes         text   NOT NULL, -- derived: doctor, caseworker, assessor, other, nobody
    why          text   NOT NULL, -- derived: code
    since        text   NOT NULL, -- derived
    next_on      text   NOT NULL DEFAULT '', -- derived: the day on which time alone changes something
    fact_id      text   NOT NULL DEFAULT '', -- the fact it proves
    parent_id    text   NOT NULL DEFAULT '', -- the request it stands in for, or replaces
    source       text   NOT NULL DEFAULT '', -- the record that asked for it, as "offer:ID"
    region       text   NOT NULL DEFAULT '',
    organisation_id text NOT NULL DEFAULT '', -- the employer that may see it
    made_on      text   NOT NULL,
    asked_on     text   NOT NULL DEFAULT '',
    expires_on   text   NOT NULL DEFAULT '',
    reminded     text   NOT NULL DEFAULT '', -- rungs of the ladder that were taken
    agreed_on    text   NOT NULL DEFAULT '', -- somebody who swears a statement agreed first
    received_on  text   NOT NULL DEFAULT '',
    declined_on  text   NOT NULL DEFAULT '',
    judged_on    text   NOT NULL DEFAULT '',
    verdict      text   NOT NULL DEFAULT '', -- accepted, not_enough
    judged_by    text   NOT NULL DEFAULT '', -- account
    withdrawn_on text   NOT NULL DEFAULT '',
    blocked_on   text   NOT NULL DEFAULT '', -- since when the one asked may not be asked
    round        bigint NOT NULL DEFAULT 1, -- of further information
    instead      text   NOT NULL DEFAULT '', -- the alternative that was given and is to be judged
    sealed       bytea  NOT NULL, -- sealed: who is asked, about what, the answer, the judgement
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX request_request_doctor ON request_request (tenant_id, doctor_id, made_on, id);
CREATE INDEX request_request_since ON request_request (tenant_id, since, id);
CREATE INDEX request_request_state ON request_request (tenant_id, state, since, id);
CREATE INDEX request_request_kind ON request_request (tenant_id, kind, state, since, id);
CREATE INDEX request_request_next ON request_request (tenant_id, next_on, id);
CREATE INDEX request_request_parent ON request_request (tenant_id, parent_id);

-- How many requests stand in each state: kept true with every change.
CREATE TABLE request_total (
    tenant_id text   NOT NULL,
    region    text   NOT NULL,
    kind      text   NOT NULL,
    state     text   NOT NULL,
    owes      text   NOT NULL,
    requests  bigint NOT NULL,
    PRIMARY KEY (tenant_id, region, kind, state, owes)
);

-- Links that were given out; of each only a keyed hash.
CREATE TABLE request_link (
    tenant_id   text NOT NULL,
    hash        text NOT NULL,
    id          text NOT NULL,
    request_id  text NOT NULL,
    purpose     text NOT NULL, -- answer, withdraw
    made_at     text NOT NULL,
    expires_on  text NOT NULL, -- the last day it works
    used_at     text NOT NULL DEFAULT '',
    revoked_at  text NOT NULL DEFAULT '',
    PRIMARY KEY (tenant_id, hash)
);
CREATE INDEX request_link_request ON request_link (tenant_id, request_id, made_at, id);

-- Another way to prove the same, where nobody may be asked or the proof is lost.
CREATE TABLE request_alternative (
    tenant_id  text   NOT NULL,
    request_id text   NOT NULL,
    code       text   NOT NULL, -- rules/checks/requests.yaml
    doctor_id  text   NOT NULL,
    version    bigint NOT NULL,
    state      text   NOT NULL, -- given, accepted, not_enough, cannot
    given_on   text   NOT NULL,
    judged_on  text   NOT NULL DEFAULT '',
    judged_by  text   NOT NULL DEFAULT '', -- account
    second_by  text   NOT NULL DEFAULT '', -- account of the second person who agreed
    sealed     bytea  NOT NULL, -- sealed: what was given, the documents, what was thought of it
    PRIMARY KEY (tenant_id, request_id, code)
);
