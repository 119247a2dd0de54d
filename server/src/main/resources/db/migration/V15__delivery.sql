-- What applications are told by webhook. One outbox for all kinds of events; those of metadata are written to it too.

DROP TABLE webhook_outbox;
DROP TABLE metadata_outbox;

CREATE TABLE webhook_event (
  id             bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  uuid           uuid        NOT NULL DEFAULT gen_random_uuid(),  -- by which receivers recognise a repetition
  seq            bigint,                          -- its place among all; null: not given out yet
  environment_id bigint      NOT NULL,
  connection_id  bigint,                          -- null: of no connection
  integration    text        NOT NULL,            -- as applications name them
  connection     text        NOT NULL,
  type           text        NOT NULL,            -- auth, sync, async_action, forward, metadata
  lane           text,                            -- those of a connection with the same lane leave in order; null: in any
  last           boolean     NOT NULL,            -- no event of the connection follows
  body           bytea       NOT NULL,            -- the text that is signed and sent, sealed
  headers        bytea,                           -- JSON text of further headers, sealed
  created_at     timestamptz NOT NULL
);
CREATE INDEX webhook_event_new ON webhook_event (id) WHERE seq IS NULL;
CREATE UNIQUE INDEX webhook_event_seq ON webhook_event (environment_id, seq);
CREATE INDEX webhook_event_created ON webhook_event (environment_id, created_at);
CREATE INDEX webhook_event_last ON webhook_event (connection_id) WHERE last;

-- Whoever gives out places locks this row, so that places become visible in their order.
CREATE TABLE webhook_place (
  last bigint NOT NULL
);
INSERT INTO webhook_place VALUES (0);

CREATE TABLE webhook_destination (
  id             bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  environment_id bigint      NOT NULL,
  url            text        NOT NULL,
  failures       int         NOT NULL DEFAULT 0,  -- since the last success, within the breaker's window
  failing_since  timestamptz,                     -- when that window began
  closed_until   timestamptz                      -- nothing is sent before; then one delivery tries
);
CREATE UNIQUE INDEX webhook_destination_url ON webhook_destination (environment_id, md5(url));

CREATE TABLE webhook_delivery (
  id             uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
  event_id       bigint      NOT NULL REFERENCES webhook_event ON DELETE CASCADE,
  seq            bigint      NOT NULL,            -- of the event, like the next four
  environment_id bigint      NOT NULL,
  connection_id  bigint,
  lane           text,
  last           boolean     NOT NULL,
  role           text        NOT NULL CHECK (role IN ('primary', 'secondary', 'override')),
  destination_id bigint      NOT NULL REFERENCES webhook_destination,
  state          text        NOT NULL CHECK (state IN ('waiting', 'delivered', 'dead', 'skipped')),
  attempts       int         NOT NULL DEFAULT 0,
  due_at         timestamptz,                     -- while it waits
  owner          uuid,                            -- the process that sends it
  status         int,                             -- of the last answer
  error          text,                            -- of the last attempt
  attempted_at   timestamptz,
  finished_at    timestamptz
);
CREATE INDEX webhook_delivery_due ON webhook_delivery (destination_id, due_at, seq) WHERE state = 'waiting' AND owner IS NULL;
CREATE INDEX webhook_delivery_lane ON webhook_delivery (destination_id, connection_id, seq) WHERE state = 'waiting';
CREATE INDEX webhook_delivery_owner ON webhook_delivery (owner) WHERE owner IS NOT NULL;
CREATE INDEX webhook_delivery_listed ON webhook_delivery (environment_id, seq, id);
CREATE INDEX webhook_delivery_dead ON webhook_delivery (environment_id, seq, id) WHERE state = 'dead';
CREATE INDEX webhook_delivery_event ON webhook_delivery (event_id);
