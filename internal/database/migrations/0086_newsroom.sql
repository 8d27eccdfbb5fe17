-- News and stories of the public site, the consent that each story rests on, and what was corrected.
-- +goose Up
CREATE TABLE newsroom_piece (
    tenant_id    text   NOT NULL,
    id           text   NOT NULL,
    kind         text   NOT NULL, -- news, story
    slug         text   NOT NULL, -- the id until it is first published, and again after a withdrawal
    state        text   NOT NULL, -- draft, submitted, reviewed, published, withdrawn
    category     text   NOT NULL,
    written_by   text   NOT NULL, -- account
    written_on   text   NOT NULL,
    submitted_on text   NOT NULL DEFAULT '',
    reviewed_by  text   NOT NULL DEFAULT '', -- account, never the writer's
    reviewed_on  text   NOT NULL DEFAULT '',
    shown_from   text   NOT NULL DEFAULT '',
    shown_until  text   NOT NULL DEFAULT '', -- the first day it is no longer shown
    published_at text   NOT NULL DEFAULT '',
    changed_at   text   NOT NULL,
    sealed       bytea, -- the words, under a key of the piece's own
    version      bigint NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, slug)
);
CREATE INDEX newsroom_piece_shown ON newsroom_piece (tenant_id, kind, state, shown_from, id);

-- Whose story it is stays apart from the story: nothing of this row is public.
CREATE TABLE newsroom_consent (
    tenant_id    text    NOT NULL,
    piece_id     text    NOT NULL,
    channels     text    NOT NULL, -- site, feeds, search; with commas
    photo        boolean NOT NULL,
    given_on     text    NOT NULL,
    expires      text    NOT NULL, -- the first day it no longer holds
    withdrawn_on text    NOT NULL DEFAULT '',
    recorded_by  text    NOT NULL,
    sealed       bytea, -- whose it is and how it was given
    version      bigint  NOT NULL,
    PRIMARY KEY (tenant_id, piece_id)
);

CREATE TABLE newsroom_correction (
    tenant_id    text NOT NULL,
    id           text NOT NULL,
    piece_id     text NOT NULL,
    corrected_on text NOT NULL,
    corrected_by text NOT NULL,
    note         text NOT NULL, -- what was wrong, in public words
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX newsroom_correction_piece ON newsroom_correction (tenant_id, piece_id, id);
