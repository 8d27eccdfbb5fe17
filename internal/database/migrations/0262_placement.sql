-- Supervision: meetings held, induction steps done, goals, and concerns behind
-- a door of their own. What is due is never stored: it follows from the start.
-- +goose Up
CREATE TABLE placement_meeting (
    tenant_id     text   NOT NULL,
    id            text   NOT NULL,
    version       bigint NOT NULL,
    placement_id  text   NOT NULL,
    doctor_id     text   NOT NULL,
    kind          text   NOT NULL, -- start, middle, end, regular
    held_on       text   NOT NULL,
    doctor_at     text   NOT NULL DEFAULT '', -- when the doctor agreed
    supervisor_at text   NOT NULL DEFAULT '', -- when the supervisor agreed
    supervisor_id text   NOT NULL DEFAULT '', -- account that agreed
    by_account    text   NOT NULL,
    recorded_at   text   NOT NULL,
    sealed        bytea  NOT NULL, -- sealed: agenda, what was said, needs
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX placement_meeting_of ON placement_meeting (tenant_id, placement_id, held_on, id);
CREATE UNIQUE INDEX placement_meeting_once ON placement_meeting (tenant_id, placement_id, kind) WHERE kind <> 'regular';

CREATE TABLE placement_induction (
    tenant_id    text NOT NULL,
    placement_id text NOT NULL,
    step         text NOT NULL,
    doctor_id    text NOT NULL,
    done_on      text NOT NULL,
    by_account   text NOT NULL,
    recorded_at  text NOT NULL,
    PRIMARY KEY (tenant_id, placement_id, step)
);

CREATE TABLE placement_goal (
    tenant_id    text   NOT NULL,
    id           text   NOT NULL,
    version      bigint NOT NULL,
    placement_id text   NOT NULL,
    doctor_id    text   NOT NULL,
    due_on       text   NOT NULL,
    met_on       text   NOT NULL DEFAULT '',
    by_account   text   NOT NULL,
    recorded_at  text   NOT NULL,
    sealed       bytea  NOT NULL, -- sealed: the goal
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX placement_goal_of ON placement_goal (tenant_id, placement_id, due_on, id);

CREATE TABLE placement_concern (
    tenant_id    text   NOT NULL,
    id           text   NOT NULL,
    placement_id text   NOT NULL,
    doctor_id    text   NOT NULL,
    about_id     text   NOT NULL, -- the concern a later entry belongs to; its own id for the first
    closes       boolean NOT NULL DEFAULT false,
    by_account   text   NOT NULL,
    recorded_at  text   NOT NULL,
    sealed       bytea  NOT NULL, -- sealed: what the worry is
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX placement_concern_of ON placement_concern (tenant_id, placement_id, recorded_at, id);
