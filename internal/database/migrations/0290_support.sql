-- Looking after people: check-ins, who may be told, mentors, help, hardship.
-- Nothing here is read by an employer, a supervisor or an assessor.
-- +goose Up
CREATE TABLE support_plan (
    tenant_id   text    NOT NULL,
    doctor_id   text    NOT NULL,
    rhythm      text    NOT NULL, -- week, fortnight, month or never
    next_on     text    NOT NULL DEFAULT '',
    answers     boolean NOT NULL, -- check-in answers may call somebody
    exams       boolean NOT NULL, -- exam results may call somebody
    told        text    NOT NULL DEFAULT '', -- who is called: caseworker, team or mentor
    changed_at  text    NOT NULL,
    sealed      bytea   NOT NULL, -- sealed: what the last early warning rested on
    version     bigint  NOT NULL,
    PRIMARY KEY (tenant_id, doctor_id)
);
CREATE INDEX support_plan_next ON support_plan (tenant_id, next_on);

CREATE TABLE support_checkin (
    tenant_id  text   NOT NULL,
    id         text   NOT NULL,
    doctor_id  text   NOT NULL,
    on_day     text   NOT NULL,
    made_at    text   NOT NULL,
    sealed     bytea  NOT NULL, -- sealed: answers and note
    version    bigint NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX support_checkin_doctor ON support_checkin (tenant_id, doctor_id, on_day);

CREATE TABLE support_call (
    tenant_id  text   NOT NULL,
    id         text   NOT NULL,
    doctor_id  text   NOT NULL,
    told       text   NOT NULL, -- caseworker, team or mentor
    owner      text   NOT NULL DEFAULT '', -- account, none = anyone of the team
    asked_at   text   NOT NULL,
    done_at    text   NOT NULL DEFAULT '',
    done_by    text   NOT NULL DEFAULT '',
    version    bigint NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX support_call_owner ON support_call (tenant_id, done_at, owner, asked_at, id);
CREATE INDEX support_call_doctor ON support_call (tenant_id, doctor_id, asked_at);

CREATE TABLE support_mentor (
    tenant_id   text    NOT NULL,
    doctor_id   text    NOT NULL,
    places      bigint  NOT NULL, -- most people at once
    taken       bigint  NOT NULL, -- people now: proposed or together
    offered     boolean NOT NULL,
    changed_at  text    NOT NULL,
    sealed      bytea   NOT NULL, -- sealed: languages, areas, ways, contact
    version     bigint  NOT NULL,
    PRIMARY KEY (tenant_id, doctor_id)
);

CREATE TABLE support_pair (
    tenant_id   text   NOT NULL,
    id          text   NOT NULL,
    doctor_id   text   NOT NULL,
    mentor_id   text   NOT NULL DEFAULT '', -- doctor, none while one is looked for
    state       text   NOT NULL, -- wanted, proposed, together, ended
    doctor_yes  boolean NOT NULL DEFAULT false,
    mentor_yes  boolean NOT NULL DEFAULT false,
    since       text   NOT NULL,
    live        text,   -- the doctor while not ended: one at a time
    sealed      bytea  NOT NULL, -- sealed: what the doctor wishes
    version     bigint NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, live)
);
CREATE INDEX support_pair_state ON support_pair (tenant_id, state, since, id);
CREATE INDEX support_pair_doctor ON support_pair (tenant_id, doctor_id, since);
CREATE INDEX support_pair_mentor ON support_pair (tenant_id, mentor_id, state);

CREATE TABLE support_help (
    tenant_id   text   NOT NULL,
    id          text   NOT NULL,
    name        text   NOT NULL, -- of an organisation or service
    topic       text   NOT NULL,
    takes       text   NOT NULL,
    does        text   NOT NULL,
    reach       text   NOT NULL, -- the service's own phone or address on the web
    link        text   NOT NULL DEFAULT '',
    checked_on  text   NOT NULL,
    checked_by  text   NOT NULL,
    closed_on   text   NOT NULL DEFAULT '',
    version     bigint NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX support_help_topic ON support_help (tenant_id, closed_on, topic, name, id);

CREATE TABLE support_hardship (
    tenant_id   text   NOT NULL,
    id          text   NOT NULL,
    doctor_id   text   NOT NULL,
    kind        text   NOT NULL,
    pence       bigint NOT NULL,
    needed_by   text   NOT NULL DEFAULT '',
    state       text   NOT NULL, -- asked, agreed, not_possible, withdrawn
    asked_on    text   NOT NULL,
    decided_on  text   NOT NULL DEFAULT '',
    decided_by  text   NOT NULL DEFAULT '',
    reason      text   NOT NULL DEFAULT '', -- code
    open        text,   -- the doctor while it waits: one of a kind at a time
    sealed      bytea  NOT NULL, -- sealed: what the doctor wrote
    version     bigint NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, open, kind)
);
CREATE INDEX support_hardship_state ON support_hardship (tenant_id, state, asked_on, id);
CREATE INDEX support_hardship_doctor ON support_hardship (tenant_id, doctor_id, asked_on);
