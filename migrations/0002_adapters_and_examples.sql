-- Additive: what was there before means what it meant.

-- NULL: what the site chose. "plain": the model alone.
ALTER TABLE project_settings ADD COLUMN adapter TEXT;

-- What a site's administrators chose for all of its projects.
CREATE TABLE tenant_settings (
    tenant_id     TEXT   NOT NULL PRIMARY KEY REFERENCES tenants (id),
    adapter       TEXT,
    keep_examples BIGINT NOT NULL,
    updated_at    BIGINT NOT NULL
);

-- Stories with their criteria, for tuning; only of sites that agreed. Texts are sealed. A row begins with the draft and
-- counts once the draft is accepted (accepted_at); it goes with a draft that was replaced.
CREATE TABLE examples (
    draft_id    TEXT   NOT NULL PRIMARY KEY REFERENCES drafts (id),
    tenant_id   TEXT   NOT NULL REFERENCES tenants (id),
    project_key TEXT   NOT NULL,
    issue_id    TEXT   NOT NULL,
    story       TEXT   NOT NULL,
    written     TEXT   NOT NULL,
    accepted    TEXT,
    edited      BIGINT NOT NULL,
    provenance  TEXT   NOT NULL,
    written_at  BIGINT NOT NULL,
    accepted_at BIGINT
);

CREATE INDEX examples_of_tenant ON examples (tenant_id, issue_id, draft_id);
