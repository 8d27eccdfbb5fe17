-- People in post: one row a placement, one spell for each period of the same terms.
-- +goose Up
CREATE TABLE placement_placement (
    tenant_id      text   NOT NULL,
    id             text   NOT NULL, -- outside reference
    version        bigint NOT NULL,
    doctor_id      text   NOT NULL,
    post_id        text   NOT NULL,
    offer_id       text   NOT NULL,
    employer_id    text   NOT NULL,
    host_id        text   NOT NULL, -- as now
    region         text   NOT NULL DEFAULT '',
    phase_id       text   NOT NULL DEFAULT '',
    setting        text   NOT NULL,
    specialty      text   NOT NULL,
    clinical_id    text   NOT NULL DEFAULT '', -- account, as now
    educational_id text   NOT NULL DEFAULT '', -- account, as now
    started_on     text   NOT NULL,
    ended_on       text   NOT NULL DEFAULT '', -- last day in post
    end_code       text   NOT NULL DEFAULT '',
    fact_id        text   NOT NULL DEFAULT '',
    rule           text   NOT NULL DEFAULT '', -- rule version of the check at the start
    spell          bigint NOT NULL, -- number of the latest spell
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX placement_placement_doctor ON placement_placement (tenant_id, doctor_id) WHERE ended_on = '';
CREATE UNIQUE INDEX placement_placement_post ON placement_placement (tenant_id, post_id) WHERE ended_on = '';
CREATE UNIQUE INDEX placement_placement_offer ON placement_placement (tenant_id, offer_id);
CREATE INDEX placement_placement_started ON placement_placement (tenant_id, started_on, id);
CREATE INDEX placement_placement_employer ON placement_placement (tenant_id, employer_id, started_on, id);
CREATE INDEX placement_placement_host ON placement_placement (tenant_id, host_id, started_on, id);
CREATE INDEX placement_placement_region ON placement_placement (tenant_id, region, started_on, id);
CREATE INDEX placement_placement_clinical ON placement_placement (tenant_id, clinical_id, started_on, id);
CREATE INDEX placement_placement_educational ON placement_placement (tenant_id, educational_id, started_on, id);
CREATE INDEX placement_placement_of_doctor ON placement_placement (tenant_id, doctor_id, started_on);

CREATE TABLE placement_spell (
    tenant_id      text   NOT NULL,
    placement_id   text   NOT NULL,
    number         bigint NOT NULL,
    doctor_id      text   NOT NULL,
    post_id        text   NOT NULL,
    employer_id    text   NOT NULL,
    host_id        text   NOT NULL,
    region         text   NOT NULL DEFAULT '',
    phase_id       text   NOT NULL DEFAULT '',
    setting        text   NOT NULL,
    from_date      text   NOT NULL,
    to_date        text   NOT NULL DEFAULT '', -- last day, '' while it runs; before from_date when replaced the same day
    minutes_week   bigint NOT NULL,
    whole_time     bigint NOT NULL, -- thousandths
    pay_kind       text   NOT NULL,
    pay_point      text   NOT NULL DEFAULT '',
    hcas           text   NOT NULL DEFAULT '',
    pay_pence      bigint NOT NULL DEFAULT 0,
    clinical_id    text   NOT NULL DEFAULT '',
    educational_id text   NOT NULL DEFAULT '',
    contract_end   text   NOT NULL DEFAULT '',
    funded_until   text   NOT NULL DEFAULT '',
    reason         text   NOT NULL DEFAULT '', -- code of the change that began it
    by_account     text   NOT NULL,
    recorded_at    text   NOT NULL,
    PRIMARY KEY (tenant_id, placement_id, number)
);
CREATE INDEX placement_spell_from ON placement_spell (tenant_id, from_date, placement_id, number);
CREATE INDEX placement_spell_phase ON placement_spell (tenant_id, phase_id, from_date);

-- Across tenants on purpose: answers only whether the same person was placed in
-- another programme. The token is keyed and says nothing else.
CREATE TABLE placement_person (
    tenant_id text NOT NULL,
    token     text NOT NULL,
    PRIMARY KEY (tenant_id, token)
);
CREATE INDEX placement_person_token ON placement_person (token, tenant_id);
