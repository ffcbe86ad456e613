-- Plain DDL that SQLite and Postgres both take: TEXT, BIGINT (times in milliseconds since 1970), JSON as TEXT.

CREATE TABLE tenants (
    id              TEXT   NOT NULL PRIMARY KEY,
    client_key_hash TEXT   NOT NULL UNIQUE,
    client_key      TEXT   NOT NULL,
    base_url        TEXT   NOT NULL,
    display_url     TEXT,
    shared_secret   TEXT   NOT NULL,
    oauth_client_id TEXT,
    state           TEXT   NOT NULL,
    created_at      BIGINT NOT NULL,
    updated_at      BIGINT NOT NULL
);

CREATE TABLE jobs (
    id                TEXT   NOT NULL PRIMARY KEY,
    tenant_id         TEXT   NOT NULL REFERENCES tenants (id),
    issue_id          TEXT   NOT NULL,
    issue_key         TEXT   NOT NULL,
    project_key       TEXT   NOT NULL,
    kind              TEXT   NOT NULL,
    task              TEXT   NOT NULL,
    class             TEXT   NOT NULL,
    state             TEXT   NOT NULL,
    requested_by      TEXT,
    requested_by_name TEXT,
    attempts          BIGINT NOT NULL,
    max_attempts      BIGINT NOT NULL,
    run_after         BIGINT NOT NULL,
    fence             BIGINT NOT NULL,
    lease_until       BIGINT NOT NULL,
    progress          TEXT   NOT NULL,
    error             TEXT,
    provenance        TEXT,
    draft_id          TEXT,
    created_at        BIGINT NOT NULL,
    started_at        BIGINT,
    finished_at       BIGINT
);

CREATE INDEX jobs_of_tenant ON jobs (tenant_id, id);
CREATE INDEX jobs_of_issue ON jobs (tenant_id, issue_id, id);
CREATE INDEX jobs_live ON jobs (state, lease_until) WHERE state IN ('queued', 'running');

-- One story is never drafted twice at the same time, whoever asks.
CREATE UNIQUE INDEX jobs_one_live_draft ON jobs (tenant_id, issue_id)
    WHERE kind = 'draft' AND state IN ('queued', 'running');

-- Webhooks that were seen: Jira sends one again when it missed our answer.
CREATE TABLE deliveries (
    tenant_id TEXT   NOT NULL REFERENCES tenants (id),
    delivery  TEXT   NOT NULL,
    job_id    TEXT   NOT NULL,
    seen_at   BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, delivery)
);

CREATE TABLE drafts (
    id          TEXT   NOT NULL PRIMARY KEY,
    tenant_id   TEXT   NOT NULL REFERENCES tenants (id),
    job_id      TEXT   NOT NULL REFERENCES jobs (id),
    issue_id    TEXT   NOT NULL,
    issue_key   TEXT   NOT NULL,
    criteria    TEXT   NOT NULL,
    findings    TEXT   NOT NULL,
    notes       TEXT   NOT NULL,
    provenance  TEXT   NOT NULL,
    story_hash  TEXT   NOT NULL,
    state       TEXT   NOT NULL,
    version     BIGINT NOT NULL,
    edited_by   TEXT,
    accepted_by TEXT,
    created_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL
);

CREATE INDEX drafts_of_issue ON drafts (tenant_id, issue_id, id);

-- An issue has at most one draft that waits for a decision.
CREATE UNIQUE INDEX drafts_one_open ON drafts (tenant_id, issue_id) WHERE state = 'open';

CREATE TABLE project_settings (
    tenant_id     TEXT   NOT NULL REFERENCES tenants (id),
    project_key   TEXT   NOT NULL,
    automatic     BIGINT NOT NULL,
    issue_types   TEXT   NOT NULL,
    target        TEXT   NOT NULL,
    max_scenarios BIGINT NOT NULL,
    updated_at    BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, project_key)
);
