-- Deleted connections are removed after a while. Their runs go by their own age: a check of every run for each connection that
-- goes would cost more than it is worth.
ALTER TABLE run DROP CONSTRAINT run_connection_id_fkey;
CREATE INDEX connection_deleted ON connection (deleted_at) WHERE deleted_at IS NOT NULL;
