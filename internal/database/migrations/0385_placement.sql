-- A concern names whom it is about, and they never read it.
-- +goose Up
ALTER TABLE placement_concern ADD COLUMN kept_from text NOT NULL DEFAULT ''; -- accounts, and hr for the HR teams, with spaces: they never read it
