-- Messages already sent, so that a repeated job sends nothing twice.
-- +goose Up
CREATE TABLE notify_sent (
    tenant_id  text NOT NULL,
    message_id text NOT NULL,
    channel    text NOT NULL,
    sent_at    text NOT NULL,
    PRIMARY KEY (tenant_id, message_id)
);
CREATE INDEX notify_sent_at ON notify_sent (sent_at);
