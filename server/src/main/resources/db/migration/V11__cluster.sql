-- Whatever a server works on is noted under its process, this life of it; only the table server says which of them live.
ALTER TABLE server
  DROP CONSTRAINT server_pkey,
  ADD PRIMARY KEY (process),
  ADD COLUMN published jsonb NOT NULL DEFAULT '{}';  -- what it says about itself, by topic

DROP TABLE vault_process;

ALTER TABLE run ADD COLUMN process uuid;
CREATE INDEX run_of_process ON run (process) WHERE status = 'RUNNING' AND task IS NULL;

DROP INDEX operation_running;
ALTER TABLE operation DROP COLUMN node, ADD COLUMN process uuid;
CREATE INDEX operation_running ON operation (process) WHERE status = 'running';

DROP INDEX idempotent_call_running;
ALTER TABLE idempotent_call DROP COLUMN node, DROP COLUMN beat_at;
CREATE INDEX idempotent_call_running ON idempotent_call (process) WHERE status IS NULL;
