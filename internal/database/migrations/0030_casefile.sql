-- The journey: one narrow row a case, derived from milestones; tasks, holds, messages and maintained totals.
-- +goose Up
CREATE TABLE casefile_case (
    tenant_id       text    NOT NULL,
    doctor_id       text    NOT NULL, -- the case's id
    ref             text    NOT NULL, -- outside reference
    region          text    NOT NULL DEFAULT '',
    route           text    NOT NULL DEFAULT '',
    caseworker      text    NOT NULL DEFAULT '', -- account
    opened          text    NOT NULL,
    stage           text    NOT NULL, -- derived, as all below
    turn            text    NOT NULL,
    turn_owner      text    NOT NULL DEFAULT '', -- organisation or account
    since           text    NOT NULL, -- waiting begins here
    next_date       text    NOT NULL DEFAULT '',
    organisation_id text    NOT NULL DEFAULT '', -- the employer matched or in post with
    flags           bigint  NOT NULL DEFAULT 0,
    active          boolean NOT NULL,
    version         bigint  NOT NULL,
    PRIMARY KEY (tenant_id, doctor_id),
    UNIQUE (tenant_id, ref)
);
CREATE INDEX casefile_case_since ON casefile_case (tenant_id, active, since, ref);
CREATE INDEX casefile_case_stage ON casefile_case (tenant_id, stage, since, ref);
CREATE INDEX casefile_case_region ON casefile_case (tenant_id, region, active, since, ref);
CREATE INDEX casefile_case_turn ON casefile_case (tenant_id, turn, since, ref);
CREATE INDEX casefile_case_caseworker ON casefile_case (tenant_id, caseworker, active, since, ref);
CREATE INDEX casefile_case_organisation ON casefile_case (tenant_id, organisation_id, active, since, ref);

CREATE TABLE casefile_party (
    tenant_id text NOT NULL,
    doctor_id text NOT NULL,
    relation  text NOT NULL, -- referrer (consent runs), organisation, supervisor
    party_id  text NOT NULL, -- organisation or account
    PRIMARY KEY (tenant_id, doctor_id, relation, party_id)
);
CREATE INDEX casefile_party_party ON casefile_party (tenant_id, relation, party_id, doctor_id);

CREATE TABLE casefile_milestone (
    tenant_id       text   NOT NULL,
    doctor_id       text   NOT NULL,
    seq             bigint NOT NULL, -- order of recording within the case
    kind            text   NOT NULL,
    on_date         text   NOT NULL,
    due             text   NOT NULL DEFAULT '',
    owing           text   NOT NULL DEFAULT '',
    code            text   NOT NULL DEFAULT '',
    organisation_id text   NOT NULL DEFAULT '',
    source          text   NOT NULL DEFAULT '',
    recorded_at     text   NOT NULL,
    superseded_by   text   NOT NULL DEFAULT '', -- '' while it stands, else the seq of the next, or 'withdrawn'
    PRIMARY KEY (tenant_id, doctor_id, seq)
);
CREATE INDEX casefile_milestone_kind ON casefile_milestone (tenant_id, kind, on_date, doctor_id);

CREATE TABLE casefile_task (
    tenant_id text   NOT NULL,
    doctor_id text   NOT NULL,
    kind      text   NOT NULL,
    source    text   NOT NULL DEFAULT '',
    title     text   NOT NULL,
    url       text   NOT NULL DEFAULT '',
    party     text   NOT NULL,
    owner     text   NOT NULL DEFAULT '', -- organisation, account or '' = anyone of the party
    calm      bigint NOT NULL DEFAULT 1, -- 0 = urgent, so that it sorts first
    since     text   NOT NULL,
    due       text   NOT NULL DEFAULT '',
    closed_on text   NOT NULL DEFAULT '',
    version   bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, doctor_id, kind, source)
);
CREATE INDEX casefile_task_desk ON casefile_task (tenant_id, party, owner, closed_on, calm, since, doctor_id);
CREATE INDEX casefile_task_owner ON casefile_task (tenant_id, owner, closed_on, calm, since, doctor_id);

CREATE TABLE casefile_hold (
    tenant_id text   NOT NULL,
    doctor_id text   NOT NULL,
    id        text   NOT NULL,
    reason    text   NOT NULL,
    party     text   NOT NULL,
    from_date text   NOT NULL,
    until     text   NOT NULL DEFAULT '', -- expected end
    ended     text   NOT NULL DEFAULT '',
    version   bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, doctor_id, id)
);

CREATE TABLE casefile_thread (
    tenant_id       text   NOT NULL,
    doctor_id       text   NOT NULL,
    id              text   NOT NULL,
    owner           text   NOT NULL, -- party that owns the thread
    readers         text   NOT NULL, -- coded readership, stated before sending
    organisation_id text   NOT NULL DEFAULT '', -- the employer among the readers
    waiting         text   NOT NULL, -- party that owes the next message, or nobody
    reply_by        text   NOT NULL DEFAULT '',
    last_at         text   NOT NULL,
    closed_on       text   NOT NULL DEFAULT '',
    sealed          bytea  NOT NULL, -- sealed: subject
    version         bigint NOT NULL,
    PRIMARY KEY (tenant_id, doctor_id, id)
);

CREATE TABLE casefile_message (
    tenant_id text  NOT NULL,
    doctor_id text  NOT NULL,
    thread_id text  NOT NULL,
    id        text  NOT NULL,
    party     text  NOT NULL,
    author    text  NOT NULL, -- account
    sent_at   text  NOT NULL,
    sealed    bytea NOT NULL, -- sealed: text
    PRIMARY KEY (tenant_id, doctor_id, thread_id, id)
);

CREATE TABLE casefile_total (
    tenant_id text   NOT NULL,
    region    text   NOT NULL,
    stage     text   NOT NULL,
    cases     bigint NOT NULL,
    PRIMARY KEY (tenant_id, region, stage)
);
