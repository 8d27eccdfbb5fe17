-- Learning for registration: events and courses with booking, and study time
-- agreed for a post. Where an event takes place is sealed: with a booking it
-- tells where a doctor will be.
-- +goose Up
CREATE TABLE learning_event (
    tenant_id       text   NOT NULL,
    id              text   NOT NULL,
    version         bigint NOT NULL,
    kind            text   NOT NULL,
    title           text   NOT NULL,
    about           text   NOT NULL,
    organisation_id text   NOT NULL DEFAULT '', -- who offers it, '' for the programme
    way             text   NOT NULL, -- place, online or outside
    region          text   NOT NULL DEFAULT '',
    takes           text   NOT NULL, -- all, waiting, in_post, registered
    pence           bigint NOT NULL,
    places          bigint NOT NULL, -- most at once, 0 = no limit
    taken           bigint NOT NULL DEFAULT 0, -- booked and offered, kept with each booking
    waiting         bigint NOT NULL DEFAULT 0, -- on the waiting list, kept with each booking
    state           text   NOT NULL, -- draft, open, closed, cancelled
    first_at        text   NOT NULL DEFAULT '', -- first session, '' for none
    last_at         text   NOT NULL DEFAULT '', -- start of the last session
    made_at         text   NOT NULL,
    by_account      text   NOT NULL,
    sealed          bytea  NOT NULL, -- sealed: place and address on the web
    PRIMARY KEY (tenant_id, id),
    CHECK (places = 0 OR taken <= places),
    CHECK (taken >= 0 AND waiting >= 0)
);
CREATE INDEX learning_event_open ON learning_event (tenant_id, state, first_at, id);
CREATE INDEX learning_event_organisation ON learning_event (tenant_id, organisation_id, first_at, id);

CREATE TABLE learning_session (
    tenant_id text   NOT NULL,
    event_id  text   NOT NULL,
    starts_at text   NOT NULL,
    minutes   bigint NOT NULL,
    PRIMARY KEY (tenant_id, event_id, starts_at)
);

CREATE TABLE learning_booking (
    tenant_id      text   NOT NULL,
    id             text   NOT NULL,
    version        bigint NOT NULL,
    event_id       text   NOT NULL,
    doctor_id      text   NOT NULL,
    state          text   NOT NULL, -- waiting, offered, booked, cancelled, declined, lapsed
    asked_at       text   NOT NULL, -- the waiting list is in this order, then by id
    offered_until  text   NOT NULL DEFAULT '', -- moment by which an offered place is answered
    live           text, -- the doctor while waiting, offered or booked: one of an event at a time
    attended       text   NOT NULL DEFAULT '', -- yes, no or not recorded
    certificate_on text   NOT NULL DEFAULT '',
    noted_by       text   NOT NULL DEFAULT '',
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, event_id, live)
);
CREATE INDEX learning_booking_list ON learning_booking (tenant_id, event_id, state, asked_at, id);
CREATE INDEX learning_booking_doctor ON learning_booking (tenant_id, doctor_id, asked_at, id);
CREATE INDEX learning_booking_until ON learning_booking (tenant_id, state, offered_until, id);

CREATE TABLE learning_study (
    tenant_id    text   NOT NULL,
    id           text   NOT NULL,
    version      bigint NOT NULL,
    placement_id text   NOT NULL,
    doctor_id    text   NOT NULL,
    employer_id  text   NOT NULL,
    minutes_week bigint NOT NULL,
    from_date    text   NOT NULL,
    to_date      text   NOT NULL DEFAULT '', -- last day, '' while it runs
    state        text   NOT NULL, -- proposed, agreed, declined, withdrawn
    side         text   NOT NULL, -- who proposed: doctor or employer
    proposed_by  text   NOT NULL,
    proposed_at  text   NOT NULL,
    answered_by  text   NOT NULL DEFAULT '',
    answered_at  text   NOT NULL DEFAULT '',
    ended_by     text   NOT NULL DEFAULT '',
    ended_at     text   NOT NULL DEFAULT '',
    open         text, -- the placement while it waits for an answer: one at a time
    running      text, -- the placement while agreed and without an end: one at a time
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, open),
    UNIQUE (tenant_id, running)
);
CREATE INDEX learning_study_placement ON learning_study (tenant_id, placement_id, proposed_at, id);
CREATE INDEX learning_study_waiting ON learning_study (tenant_id, employer_id, state, proposed_at, id);
