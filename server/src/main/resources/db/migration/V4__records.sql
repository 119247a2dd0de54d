-- Names one life of a dataset's contents: it changes when they are emptied, and a dataset made anew has another. Random,
-- so that the cursors of another database are told apart, too.
ALTER TABLE dataset
  ADD COLUMN epoch bigint NOT NULL DEFAULT 1 + floor(random() * 4294967295)::bigint;

-- The next run may delete more than the delete guard lets pass.
ALTER TABLE sync
  ADD COLUMN confirm_deletes boolean NOT NULL DEFAULT false,
  ADD COLUMN succeeded_at    timestamptz,
  ADD COLUMN purge_models    text[];            -- of a deleted sync: whose records go with it
UPDATE sync s
   SET succeeded_at = (SELECT max(r.finished_at) FROM run r WHERE r.sync_id = s.id AND r.status = 'SUCCESS');
CREATE INDEX run_running_connection ON run (connection_id) WHERE status = 'RUNNING';

-- A hash of the text as it was handed over. Equal texts are equal records, so most need not be parsed to tell that they
-- have not changed; null when that is not known.
ALTER TABLE record ADD COLUMN raw bytea;

-- Every record's mod is above 0. Saying so keeps this index out of lookups by id, which a planner that knows too little
-- of a young table would otherwise make it answer, reading all of a dataset for each of them.
DROP INDEX record_cursor;
CREATE UNIQUE INDEX record_cursor ON record (ds, mod, ord) WHERE mod > 0;
