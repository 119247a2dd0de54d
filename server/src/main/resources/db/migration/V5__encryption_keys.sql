-- Encryption keys: which there are, which processes have them, how far sealing anew has come -------------------------

CREATE TABLE vault_key (
  id          int         PRIMARY KEY CHECK (id BETWEEN 1 AND 255),
  check_value bytea       NOT NULL,               -- a known text, sealed by this key: tells whether a key is the right one
  state       text        NOT NULL CHECK (state IN ('KNOWN', 'CURRENT', 'OLD', 'UNUSED', 'RETIRED')),
  changed_at  timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX vault_key_current ON vault_key (state) WHERE state = 'CURRENT';

-- A key takes over when every process that lives has it and wants it.
CREATE TABLE vault_process (
  node    text        PRIMARY KEY,
  known   int[]       NOT NULL,
  wanted  int         NOT NULL,                   -- the first of its list
  sealing int         NOT NULL,
  seen_at timestamptz NOT NULL
);

CREATE TABLE vault_secret (
  name  text  PRIMARY KEY,
  value bytea NOT NULL                            -- sealed
);

-- Sealing anew walks through every sealed column by primary key, pass after pass until one finds nothing to do.
CREATE TABLE vault_rotation (
  key_id      int         PRIMARY KEY REFERENCES vault_key,  -- by which everything is to be sealed
  pass        int         NOT NULL DEFAULT 0,
  part        text,                               -- the column it is at
  position    text[],                             -- the primary key up to which that column is done
  scanned     bigint      NOT NULL DEFAULT 0,     -- rows looked at in this pass, of
  total       bigint      NOT NULL DEFAULT 0,
  found       bigint      NOT NULL DEFAULT 0,     -- values of other keys met in this pass
  left_over   bigint      NOT NULL DEFAULT 0,     -- those of them that could not be sealed anew: in use, or damaged
  resealed    bigint      NOT NULL DEFAULT 0,     -- values sealed anew in all passes
  barrier     text,                               -- the transaction at which the first pass began
  started_at  timestamptz NOT NULL DEFAULT now(),
  finished_at timestamptz
);
