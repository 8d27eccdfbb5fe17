-- Links of sameness decided before cases knew of them (0360): the regular work
-- tells the cases of these, once.
-- +goose Up
ALTER TABLE doctor_pair ADD COLUMN told bigint NOT NULL DEFAULT 0; -- 1 when the cases of both know which record goes on
