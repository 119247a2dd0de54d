-- ui: the password of the dashboard, who is signed in, and how often somebody has tried to ---------------------------------

CREATE TABLE dashboard_password (
  only_one   boolean     PRIMARY KEY DEFAULT true CHECK (only_one),
  iterations integer     NOT NULL,              -- of PBKDF2 with HMAC-SHA-512
  salt       bytea       NOT NULL,
  hash       bytea       NOT NULL,
  created_at timestamptz NOT NULL
);

CREATE TABLE dashboard_session (
  hash       bytea       PRIMARY KEY,           -- SHA-256 of the id, which is random
  created_at timestamptz NOT NULL,
  used_at    timestamptz NOT NULL               -- to the minute
);

-- Counted in windows of a minute, which begin with the first try.
CREATE TABLE sign_in_attempt (
  source text        PRIMARY KEY,               -- an address or network in hexadecimal digits, or * for all
  tries  integer     NOT NULL,
  since  timestamptz NOT NULL
);

-- What the overview asks for: few rows among many.
CREATE INDEX sync_failed ON sync (environment_id) WHERE failed_operation IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX connection_refused ON connection (environment_id, id)
 WHERE auth_failure ->> 'outage' = 'false' AND deleted_at IS NULL;
-- For the number of connections of each integration.
CREATE INDEX connection_integration ON connection (environment_id, integration_id) WHERE deleted_at IS NULL;
-- The overview counts the outcomes of a whole day: with the status, the index alone answers.
DROP INDEX operation_recent;
CREATE INDEX operation_recent ON operation (environment_id, started_at, id) INCLUDE (status);
