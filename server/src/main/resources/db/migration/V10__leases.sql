-- Whoever runs a run holds its lease: a token that grows with every claim. Taking a run over gives it a newer one, and what
-- carries the older one is refused from then on.
CREATE SEQUENCE run_lease;
ALTER TABLE run
  ADD COLUMN lease bigint NOT NULL DEFAULT 0,
  ADD COLUMN task  text;                        -- kind:id of the task that the run belongs to, if there is one
ALTER TABLE run ALTER COLUMN lease SET DEFAULT nextval('run_lease');
UPDATE run SET task = 'sync:' || sync_id WHERE status = 'RUNNING' AND kind = 'sync';
CREATE INDEX run_of_task ON run (task) WHERE status = 'RUNNING' AND task IS NOT NULL;

-- The servers that live. One that is not heard of for 10 seconds is removed, and others go on with its tasks.
CREATE TABLE server (
  node       text        PRIMARY KEY,           -- its data folder
  process    uuid        NOT NULL,              -- this life of it
  version    text        NOT NULL,
  started_at timestamptz NOT NULL,
  seen_at    timestamptz NOT NULL
) WITH (fillfactor = 50);                       -- room for in-page (HOT) updates
