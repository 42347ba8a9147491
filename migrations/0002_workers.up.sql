-- Regions, the tokens that let workers in, and the workers.

CREATE TABLE app.regions (
  id smallint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL UNIQUE CHECK (name ~ '^[a-z][a-z0-9-]{0,62}$'),
  created_at timestamptz NOT NULL DEFAULT now()
);
-- Any worker, wherever it is. Always id 1.
INSERT INTO app.regions (name) VALUES ('global');

CREATE TABLE app.enrollment_tokens (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  token_hash bytea NOT NULL UNIQUE, -- SHA-256 of the secret
  region_id smallint NOT NULL REFERENCES app.regions,
  uses_left integer NOT NULL CHECK (uses_left >= 0),
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  revoked_at timestamptz
);

CREATE TABLE app.workers (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL,
  region_id smallint NOT NULL REFERENCES app.regions,
  version text NOT NULL DEFAULT '',
  enrolled_at timestamptz NOT NULL DEFAULT now(),
  last_seen_at timestamptz,
  certificate_expires_at timestamptz NOT NULL,
  revoked_at timestamptz
);
