-- Additive: older versions run on beside it.

-- Attempts that ended without a word of their worker: its lease ran out.
ALTER TABLE jobs ADD COLUMN crashes BIGINT NOT NULL DEFAULT 0;
-- What a job asks of a worker, next to others: see Task::cost.
ALTER TABLE jobs ADD COLUMN cost BIGINT NOT NULL DEFAULT 1;

-- What refills the queue, finds silent workers, and lists the jobs in one state.
CREATE INDEX jobs_waiting ON jobs (id) WHERE state = 'queued';
CREATE INDEX jobs_running ON jobs (lease_until) WHERE state = 'running';
CREATE INDEX jobs_of_state ON jobs (tenant_id, state, id);

CREATE INDEX forge_calls_by_end ON forge_calls (until);
