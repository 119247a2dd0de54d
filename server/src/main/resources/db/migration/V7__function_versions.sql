-- Versions of functions: a row is one version, active while it is in service -------------------------------------------

ALTER TABLE function ADD COLUMN created_by  text;            -- the name of the key that brought it
ALTER TABLE function ADD COLUMN deployed_at timestamptz;     -- when it was last put in service
ALTER TABLE function ADD COLUMN deployed_by text;
UPDATE function SET deployed_at = created_at;
ALTER TABLE function ALTER COLUMN deployed_at SET DEFAULT now();
ALTER TABLE function ALTER COLUMN deployed_at SET NOT NULL;
CREATE INDEX function_versions ON function (integration_id, kind, name, event, deployed_at DESC, id DESC);
CREATE INDEX function_code_users ON function (code_hash);

-- A run keeps the number of the version it ran; only so many versions are kept.
ALTER TABLE run DROP CONSTRAINT run_function_id_fkey;

-- Jobs of the functions API: dry runs and deployments of source text ---------------------------------------------------

CREATE TABLE function_job (
  id             uuid PRIMARY KEY,
  environment_id bigint      NOT NULL REFERENCES environment,
  kind           text        NOT NULL CHECK (kind IN ('dryrun', 'deployment')),
  integration    text        NOT NULL,          -- as it was called then
  function_type  text        NOT NULL,
  status         text        NOT NULL CHECK (status IN ('waiting', 'running', 'success', 'failed')),
  request        bytea       NOT NULL,          -- sealed JSON; empty once it has ended
  outcome        bytea,                         -- sealed JSON
  created_at     timestamptz NOT NULL,
  updated_at     timestamptz NOT NULL,
  started_at     timestamptz,
  completed_at   timestamptz
);
CREATE INDEX function_job_completed ON function_job (completed_at) WHERE completed_at IS NOT NULL;

-- Functions deployed as bundles: stored and compared, not run ----------------------------------------------------------

CREATE TABLE bundle_function (
  environment_id bigint      NOT NULL REFERENCES environment,
  integration_id bigint      NOT NULL REFERENCES integration,
  name           text        NOT NULL,
  definition     json        NOT NULL,          -- as it was sent, without its code
  code_hash      text        NOT NULL REFERENCES function_code,
  deployed_at    timestamptz NOT NULL DEFAULT now(),
  deployed_by    text,
  PRIMARY KEY (integration_id, name)
);
CREATE INDEX bundle_function_environment ON bundle_function (environment_id);
CREATE INDEX bundle_function_code ON bundle_function (code_hash);
