-- Users, sessions, workspaces: who may see and change what.

CREATE TABLE app.instance (
  only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
  sign_up_open boolean NOT NULL DEFAULT false,
  -- The built-in CA, made by the first control plane; its key is sealed with
  -- the instance's secret key, which is never in the database.
  ca_certificate_pem text,
  ca_key_sealed bytea,
  created_at timestamptz NOT NULL DEFAULT now()
);
INSERT INTO app.instance DEFAULT VALUES;

CREATE TABLE app.users (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  email text NOT NULL,
  password_hash text NOT NULL, -- argon2id, PHC string
  instance_owner boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX users_email ON app.users (lower(email));
-- The first account owns the instance, and only one does, however many sign up at once.
CREATE UNIQUE INDEX users_instance_owner ON app.users (instance_owner) WHERE instance_owner;

CREATE TABLE app.sessions (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  token_hash bytea NOT NULL UNIQUE, -- SHA-256 of the cookie's 256 random bits
  user_id bigint NOT NULL REFERENCES app.users ON DELETE CASCADE,
  created_at timestamptz NOT NULL DEFAULT now(),
  last_seen_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL, -- absolute; idle expiry follows from last_seen_at
  user_agent text NOT NULL DEFAULT '',
  address text NOT NULL DEFAULT ''
);
CREATE INDEX sessions_user ON app.sessions (user_id);
CREATE INDEX sessions_expiry ON app.sessions (expires_at);

-- Sign-in attempts by what they are counted for: an account or an address.
CREATE TABLE app.sign_in_throttle (
  subject bytea PRIMARY KEY, -- SHA-256 of "account:..." or "address:..."
  failures integer NOT NULL,
  blocked_until timestamptz NOT NULL,
  last_failure_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE app.workspaces (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE app.workspace_members (
  workspace_id bigint NOT NULL REFERENCES app.workspaces ON DELETE CASCADE,
  user_id bigint NOT NULL REFERENCES app.users ON DELETE CASCADE,
  role smallint NOT NULL CHECK (role BETWEEN 1 AND 4), -- viewer, editor, admin, owner
  PRIMARY KEY (workspace_id, user_id)
);
CREATE INDEX workspace_members_user ON app.workspace_members (user_id);
