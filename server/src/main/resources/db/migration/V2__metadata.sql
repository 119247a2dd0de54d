-- Settings of an environment: only what differs from the defaults ---------------------------------

ALTER TABLE environment ADD COLUMN settings jsonb NOT NULL DEFAULT '{}';

-- The metadata of connections ---------------------------------------------------------------------

-- Paths by whose values connections can be found. The generation grows with every change of the paths.
ALTER TABLE integration
  ADD COLUMN metadata_index            text[] NOT NULL DEFAULT '{}',
  ADD COLUMN metadata_index_generation int    NOT NULL DEFAULT 0;

CREATE TABLE metadata (
  connection_id    bigint PRIMARY KEY REFERENCES connection,
  version          bigint      NOT NULL,        -- 0: never set
  body             json,                        -- exact text; null: no metadata, or sealed
  sealed           bytea,                       -- the same text, encrypted
  changed_at       timestamptz NOT NULL,
  actor            text        NOT NULL,
  index_generation int         NOT NULL,        -- with which of the integration's paths its index rows were made
  CHECK (body IS NULL OR sealed IS NULL)
) WITH (fillfactor = 70);                       -- room for in-page (HOT) updates

CREATE TABLE metadata_history (
  connection_id bigint      NOT NULL,
  version       bigint      NOT NULL,
  changed_at    timestamptz NOT NULL,
  actor         text        NOT NULL,
  patch         json,                           -- JSON Patch from the version before; null when sealed
  body          json,
  sealed        bytea,                          -- {"patch": .., "body": ..}, encrypted
  PRIMARY KEY (connection_id, version)
);

-- Every change, for webhooks and event functions; ids of one connection grow with its versions.
CREATE TABLE metadata_outbox (
  id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  environment_id bigint      NOT NULL,
  connection_id  bigint      NOT NULL,
  version        bigint      NOT NULL,
  changed_at     timestamptz NOT NULL,
  actor          text        NOT NULL,
  patch          json,                          -- null when sealed
  sealed         bytea
);

CREATE TABLE metadata_index (
  environment_id bigint NOT NULL,
  path           text   COLLATE "C" NOT NULL,
  digest         bytea  NOT NULL,               -- of the value, keyed: 16 bytes
  connection_id  bigint NOT NULL,
  PRIMARY KEY (environment_id, path, digest, connection_id)
);
CREATE INDEX metadata_index_connection ON metadata_index (connection_id);

INSERT INTO metadata (connection_id, version, body, changed_at, actor, index_generation)
SELECT id, 1, metadata::text::json, updated_at, 'migration', 0 FROM connection WHERE metadata IS NOT NULL;

INSERT INTO metadata_history (connection_id, version, changed_at, actor, patch, body)
SELECT connection_id, 1, changed_at, actor, json_build_array(json_build_object('op', 'add', 'path', '', 'value', body)), body
  FROM metadata;

ALTER TABLE connection DROP COLUMN metadata;
