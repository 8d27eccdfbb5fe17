-- Two records of one person: the case of the record that does not go on names
-- the one that does, and is in no list, queue or figure of its own until that is
-- undone.
-- +goose Up
ALTER TABLE casefile_case ADD COLUMN same_as text NOT NULL DEFAULT ''; -- the doctor whose record goes on as the same person
CREATE INDEX casefile_case_same ON casefile_case (tenant_id, same_as);
ALTER TABLE eligibility_work ADD COLUMN same_as text NOT NULL DEFAULT ''; -- as the case has it
