-- Keys of the vault: one data key a person, wrapped by the master key.
-- +goose Up
CREATE TABLE database_key (
    tenant_id  text  NOT NULL,
    person_id  text  NOT NULL, -- a doctor's id, or '' for the tenant's own key
    wrapped    bytea NOT NULL, -- sealed
    PRIMARY KEY (tenant_id, person_id)
);
