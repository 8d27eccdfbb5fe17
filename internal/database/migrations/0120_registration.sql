-- What the GMC's register extract says of each number, and where it differs
-- from what two people read.
-- +goose Up
CREATE TABLE registration_register_file (
    tenant_id text    NOT NULL,
    id        text    NOT NULL,
    name      text    NOT NULL,
    hash      text    NOT NULL,
    as_at     text    NOT NULL,
    delta     boolean NOT NULL,
    taken_at  text    NOT NULL,
    taken_by  text    NOT NULL, -- account
    counts    text    NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX registration_register_file_day ON registration_register_file (tenant_id, as_at, id);

-- No name and no number is kept, only keyed tokens: an entry says nothing of
-- anybody until a doctor's own number finds it.
CREATE TABLE registration_register_entry (
    tenant_id      text    NOT NULL,
    token          text    NOT NULL, -- keyed: the number
    family         text    NOT NULL, -- keyed: parts of the family name
    given          text    NOT NULL, -- keyed: parts of the given name
    status         text    NOT NULL, -- as the file writes it
    aps            text    NOT NULL, -- yes, no, or nothing where the file does not say
    provisional_on text    NOT NULL,
    full_on        text    NOT NULL,
    specialist_on  text    NOT NULL,
    gp_on          text    NOT NULL,
    listed         boolean NOT NULL, -- false: an earlier full extract had it, a newer one has not
    as_at          text    NOT NULL,
    run_id         text    NOT NULL, -- the import that had it last
    PRIMARY KEY (tenant_id, token)
);

CREATE TABLE registration_register_difference (
    tenant_id  text    NOT NULL,
    id         text    NOT NULL,
    doctor_id  text    NOT NULL,
    version    bigint  NOT NULL,
    state      text    NOT NULL, -- open, answered, settled
    turn       text    NOT NULL, -- whom one waits for
    due        text    NOT NULL, -- shown from this day on: opened, or the end of a snooze
    opened_on  text    NOT NULL,
    mark       text    NOT NULL, -- keyed: what differs, so that a settled one is not opened again
    way        text    NOT NULL, -- how it is settled
    first_by   text    NOT NULL, -- account
    second_by  text    NOT NULL, -- account
    settled_on text    NOT NULL,
    tasked     boolean NOT NULL, -- a task lies on the desk
    sealed     bytea   NOT NULL, -- sealed: both entries, reasons
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX registration_register_difference_open ON registration_register_difference (tenant_id, doctor_id) WHERE state <> 'settled';
CREATE INDEX registration_register_difference_queue ON registration_register_difference (tenant_id, state, due, id);
CREATE INDEX registration_register_difference_doctor ON registration_register_difference (tenant_id, doctor_id, id);
