-- Additive. A tenant is one Jira site, however it was installed. The columns client_key_hash, client_key, shared_secret,
-- oauth_client_id and state of `tenants` are its Connect installation. A site that has none holds '' in client_key and
-- shared_secret, 'none:' with its id in client_key_hash (which is no hash), and 'uninstalled' in state.

ALTER TABLE tenants ADD COLUMN cloud_id TEXT;
-- Since when nothing is installed on the site. NULL: something is, or what was kept has been deleted.
ALTER TABLE tenants ADD COLUMN uninstalled_at BIGINT;
UPDATE tenants SET uninstalled_at = updated_at WHERE state = 'uninstalled';
CREATE UNIQUE INDEX tenants_of_cloud ON tenants (cloud_id) WHERE cloud_id IS NOT NULL;

-- The newest system token of each installation is sealed; token_until is 0 while there is none.
CREATE TABLE forge_installations (
    id           TEXT   NOT NULL PRIMARY KEY,
    tenant_id    TEXT   NOT NULL REFERENCES tenants (id),
    app_id       TEXT   NOT NULL,
    api_base_url TEXT   NOT NULL,
    state        TEXT   NOT NULL,
    token        TEXT,
    token_until  BIGINT NOT NULL,
    created_at   BIGINT NOT NULL,
    updated_at   BIGINT NOT NULL
);

CREATE INDEX forge_installations_of_tenant ON forge_installations (tenant_id);

-- Calls by Forge that changed something: a token is good for one. Kept until the token ends.
CREATE TABLE forge_calls (
    id         TEXT   NOT NULL PRIMARY KEY,
    until      BIGINT NOT NULL
);

CREATE INDEX deliveries_by_age ON deliveries (seen_at);

-- Whether a changed story gets new criteria by itself.
ALTER TABLE project_settings ADD COLUMN on_change BIGINT NOT NULL DEFAULT 0;
