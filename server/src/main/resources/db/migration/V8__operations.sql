-- What happened: one row per run and per call of the HTTP proxy. Names are those of that time and outlive what they name,
-- so nothing here refers to other tables.
CREATE TABLE operation (
  id             uuid        PRIMARY KEY,
  environment_id bigint      NOT NULL,
  kind           text        NOT NULL,          -- sync, action, webhook, on-event, proxy
  integration    text        NOT NULL,
  connection     text        NOT NULL,
  function       text,
  variant        text,
  node           text        NOT NULL,          -- the process that it is part of
  status         text        NOT NULL,          -- running, success, failed, cancelled, interrupted
  started_at     timestamptz NOT NULL,
  finished_at    timestamptz,
  error          text,                          -- JSON
  lines          int[]       NOT NULL,          -- how many of each level, debug first
  dropped        int         NOT NULL           -- lines over the bounds of an operation
);
CREATE INDEX operation_recent ON operation (environment_id, started_at, id);
CREATE INDEX operation_connection ON operation (environment_id, connection, started_at, id);
CREATE INDEX operation_failed ON operation (environment_id, started_at, id) WHERE status = 'failed';
CREATE INDEX operation_running ON operation (node) WHERE status = 'running';

-- Lines are searched from the newest on, and removed from the oldest on.
DROP INDEX log_line_operation;
ALTER TABLE log_line
  DROP CONSTRAINT log_line_pkey,
  ADD PRIMARY KEY (environment_id, at, id),
  ALTER COLUMN meta TYPE text USING meta::text;  -- never looked into, and JSON may hold what jsonb refuses
CREATE INDEX log_line_operation ON log_line (operation, at, id);

-- Someone wants this run to end, whichever process it is in.
ALTER TABLE run ADD COLUMN cancelled boolean NOT NULL DEFAULT false;
