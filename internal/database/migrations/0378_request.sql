-- After silence it is the doctor's turn to name somebody else: those that stand
-- as before are looked at again.
-- +goose Up
UPDATE request_request SET next_on = since WHERE state = 'overdue';
