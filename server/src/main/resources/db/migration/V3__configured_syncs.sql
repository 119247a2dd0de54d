-- Who paused a sync: null when nobody did, or when its function does not start by itself.
ALTER TABLE sync ADD COLUMN paused_by text CHECK (paused_by IN ('user', 'configuration'));
UPDATE sync SET paused_by = 'user' WHERE state = 'PAUSED' AND last_sync_date IS NOT NULL;

ALTER TABLE run
  ADD COLUMN metadata_version bigint,           -- of the connection when the run began
  ADD COLUMN metadata_seen    bigint,           -- the newest one that only the run itself has led to since
  ADD COLUMN metadata_changed boolean NOT NULL DEFAULT false;  -- by others, under a checkpoint or an open window

-- Keeps the order of keys, in which a form shows its fields.
ALTER TABLE function ALTER COLUMN json_schema TYPE json USING json_schema::text::json;
