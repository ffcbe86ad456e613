-- Additive. A bulk run makes jobs for all stories that a JQL finds, some at a time. JQL, page and error may hold words of
-- the site and are sealed.

CREATE TABLE bulk_runs (
    id              TEXT   NOT NULL PRIMARY KEY,
    tenant_id       TEXT   NOT NULL REFERENCES tenants (id),
    jql             TEXT   NOT NULL,
    state           TEXT   NOT NULL,
    publish         BIGINT NOT NULL,
    again           BIGINT NOT NULL,
    most            BIGINT NOT NULL,
    expected        BIGINT NOT NULL,
    page            TEXT,
    fed             BIGINT NOT NULL,
    found           BIGINT NOT NULL,
    passed_over     BIGINT NOT NULL,
    made            BIGINT NOT NULL,
    error           TEXT,
    created_by      TEXT   NOT NULL,
    created_by_name TEXT,
    fence           BIGINT NOT NULL,
    lease_until     BIGINT NOT NULL,
    run_after       BIGINT NOT NULL,
    created_at      BIGINT NOT NULL,
    finished_at     BIGINT
);

CREATE INDEX bulk_runs_of_tenant ON bulk_runs (tenant_id, id);
-- A site has one run at a time.
CREATE UNIQUE INDEX bulk_runs_one_live ON bulk_runs (tenant_id) WHERE state IN ('running', 'paused');

-- What a run has seen, while it lives: a page that is read twice makes nothing twice.
CREATE TABLE bulk_stories (
    run_id   TEXT NOT NULL,
    issue_id TEXT NOT NULL,
    PRIMARY KEY (run_id, issue_id)
);

-- The run that made a job. NULL: none did.
ALTER TABLE jobs ADD COLUMN bulk_id TEXT;
CREATE INDEX jobs_of_bulk_run ON jobs (tenant_id, bulk_id, state) WHERE bulk_id IS NOT NULL;

-- Stories begun on each day (days since 1970, UTC), and whether a job is among them: its further attempts are not counted.
CREATE TABLE story_days (
    tenant_id TEXT   NOT NULL REFERENCES tenants (id),
    day       BIGINT NOT NULL,
    stories   BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, day)
);
ALTER TABLE jobs ADD COLUMN counted BIGINT NOT NULL DEFAULT 0;

-- What a site's administrators allow. NULL: no limit of theirs.
ALTER TABLE tenant_settings ADD COLUMN stories_per_day BIGINT;
