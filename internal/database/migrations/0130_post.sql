-- What employers can take: requirements, who pays, supervisors' approval and
-- absence, expressions of interest, offers of posts half written, and where
-- postcode districts lie.
-- +goose Up
ALTER TABLE post_post ADD COLUMN essential text NOT NULL DEFAULT ''; -- what the doctor must bring, one a line
ALTER TABLE post_post ADD COLUMN wished text NOT NULL DEFAULT ''; -- what would help, one a line
ALTER TABLE post_post ADD COLUMN funder text NOT NULL DEFAULT ''; -- programme, board, employer, other
ALTER TABLE post_post ADD COLUMN follows text NOT NULL DEFAULT ''; -- the post this one takes over from
ALTER TABLE post_post ADD COLUMN filled_on text NOT NULL DEFAULT ''; -- since when it is held
ALTER TABLE post_post ADD COLUMN vacated_on text NOT NULL DEFAULT ''; -- when it was last left
ALTER TABLE post_supervisor ADD COLUMN approved_until text NOT NULL DEFAULT ''; -- last day of approval to supervise
ALTER TABLE post_supervisor ADD COLUMN away_from text NOT NULL DEFAULT '';
ALTER TABLE post_supervisor ADD COLUMN away_until text NOT NULL DEFAULT '';
CREATE INDEX post_post_clinical ON post_post (tenant_id, clinical_id, status);

CREATE TABLE post_interest (
    tenant_id       text   NOT NULL,
    organisation_id text   NOT NULL,
    region          text   NOT NULL DEFAULT '',
    answer          text   NOT NULL, -- looking, interested, not_now, arranged
    places          bigint NOT NULL DEFAULT 0, -- how many people, 0 when not said
    said_on         text   NOT NULL,
    version         bigint NOT NULL,
    PRIMARY KEY (tenant_id, organisation_id)
);
CREATE INDEX post_interest_said ON post_interest (tenant_id, said_on, organisation_id);

CREATE TABLE post_draft (
    tenant_id  text   NOT NULL,
    id         text   NOT NULL,
    account_id text   NOT NULL, -- who writes it
    answers    text   NOT NULL, -- as typed, by field; no person's name
    updated_at text   NOT NULL,
    version    bigint NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX post_draft_account ON post_draft (tenant_id, account_id, updated_at);

CREATE TABLE post_outcode (
    outcode  text   NOT NULL PRIMARY KEY,
    easting  bigint NOT NULL, -- metres, of the middle of the district
    northing bigint NOT NULL
);
