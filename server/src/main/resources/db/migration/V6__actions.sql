-- Actions that nobody waits for: one after the other per environment ------------------------------

CREATE TABLE async_action (
  id             uuid        PRIMARY KEY,         -- one for all attempts; callers ask for the result by it
  place          bigint      GENERATED ALWAYS AS IDENTITY,
  environment_id bigint      NOT NULL REFERENCES environment,
  connection_id  bigint      NOT NULL REFERENCES connection,
  integration    text        NOT NULL,            -- as the caller named them
  connection     text        NOT NULL,
  action         text        NOT NULL,
  input          bytea,                           -- JSON text, sealed; null: none
  state          text        NOT NULL CHECK (state IN ('WAITING', 'RUNNING', 'DONE')),
  attempt        int         NOT NULL,            -- the first is 1
  retries        int         NOT NULL,            -- how many attempts may follow this one
  waits_since    timestamptz NOT NULL,            -- this attempt
  finished_at    timestamptz,
  status         int,                             -- of the HTTP answer that tells the result, and
  answer         bytea                            -- its body, sealed
);
CREATE INDEX async_action_queue ON async_action (environment_id, place) WHERE state <> 'DONE';
CREATE INDEX async_action_finished ON async_action (finished_at) WHERE state = 'DONE';

-- Calls that carry an Idempotency-Key -------------------------------------------------------------

CREATE TABLE idempotent_call (
  environment_id bigint      NOT NULL REFERENCES environment,
  key            text        NOT NULL,
  id             uuid        NOT NULL,            -- of this use of the key
  request        bytea       NOT NULL,            -- what was asked for: a keyed digest
  node           text        NOT NULL,            -- who executes it: the data folder, and
  process        uuid        NOT NULL,            -- this life of the process
  beat_at        timestamptz NOT NULL,            -- when that was last known to be alive
  created_at     timestamptz NOT NULL,
  status         int,                             -- null: under way
  answer         bytea,                           -- sealed
  PRIMARY KEY (environment_id, key)
);
CREATE INDEX idempotent_call_running ON idempotent_call (node, process) WHERE status IS NULL;
CREATE INDEX idempotent_call_created ON idempotent_call (created_at);

-- What applications are to be told: written with the state it tells of, sent by whoever delivers ----

CREATE TABLE webhook_outbox (
  id             bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  environment_id bigint      NOT NULL,
  connection_id  bigint      NOT NULL,
  type           text        NOT NULL,            -- async_action
  body           json        NOT NULL,
  created_at     timestamptz NOT NULL
);
CREATE INDEX webhook_outbox_created ON webhook_outbox (created_at);
