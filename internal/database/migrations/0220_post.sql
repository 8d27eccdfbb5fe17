-- The least experience a post asks for, as numbers that are compared with facts.
-- +goose Up
ALTER TABLE post_post ADD COLUMN least_medicine bigint NOT NULL DEFAULT 0; -- months in medicine, counted as full time
ALTER TABLE post_post ADD COLUMN least_surgery bigint NOT NULL DEFAULT 0; -- months in surgery
ALTER TABLE post_post ADD COLUMN least_after bigint NOT NULL DEFAULT 0; -- months of any kind after the medical qualification
