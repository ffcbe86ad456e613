-- Additive: older versions run on beside it.

-- Attempts that ended without a word of their worker: its lease ran out.
ALTER TABLE jobs ADD COLUMN crashes BIGINT NOT NULL DEFAULT 0;
-- When its newest crash was: the end of that lease.
ALTER TABLE jobs ADD COLUMN crashed_at BIGINT;
-- What a job asks of a worker, next to others: see Task::cost.
ALTER TABLE jobs ADD COLUMN cost BIGINT NOT NULL DEFAULT 2000;

-- What refills the queue, finds silent workers, and lists the jobs in one state.
CREATE INDEX jobs_waiting ON jobs (id) WHERE state = 'queued';
CREATE INDEX jobs_running ON jobs (lease_until) WHERE state = 'running';
CREATE INDEX jobs_crashed ON jobs (crashed_at) WHERE crashed_at IS NOT NULL;
CREATE INDEX jobs_of_state ON jobs (tenant_id, state, id);

CREATE INDEX forge_calls_by_end ON forge_calls (until);
