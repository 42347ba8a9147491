-- Second factors, API tokens, invitations, password resets, and the audit log.

-- 1 closed, 2 by invitation, 3 open.
ALTER TABLE app.instance ADD COLUMN sign_up smallint NOT NULL DEFAULT 1 CHECK (sign_up BETWEEN 1 AND 3);
UPDATE app.instance SET sign_up = 3 WHERE sign_up_open;
ALTER TABLE app.instance DROP COLUMN sign_up_open;

ALTER TABLE app.users ADD COLUMN display_name text NOT NULL DEFAULT '';
ALTER TABLE app.workspace_members ADD COLUMN joined_at timestamptz NOT NULL DEFAULT now();

CREATE TABLE app.second_factors (
  user_id bigint PRIMARY KEY REFERENCES app.users ON DELETE CASCADE,
  secret_sealed bytea NOT NULL,
  enabled_at timestamptz, -- null until a code has proved that the app has the secret
  last_step bigint NOT NULL DEFAULT 0 -- of the latest code used: none works twice
);

CREATE TABLE app.recovery_codes (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id bigint NOT NULL REFERENCES app.second_factors ON DELETE CASCADE,
  code_hash text NOT NULL -- argon2id, PHC string; the row goes when the code is used
);
CREATE INDEX recovery_codes_user ON app.recovery_codes (user_id);

-- The password was right, the second factor is missing.
CREATE TABLE app.pending_sign_ins (
  token_hash bytea PRIMARY KEY, -- SHA-256 of the cookie's 256 random bits
  user_id bigint NOT NULL REFERENCES app.users ON DELETE CASCADE,
  expires_at timestamptz NOT NULL,
  attempts_left smallint NOT NULL DEFAULT 10
);
CREATE INDEX pending_sign_ins_user ON app.pending_sign_ins (user_id);

CREATE TABLE app.api_tokens (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  token_hash bytea NOT NULL UNIQUE, -- SHA-256 of the secret
  prefix text NOT NULL,
  workspace_id bigint NOT NULL,
  user_id bigint NOT NULL, -- who made it, and whose role is the most that it has
  name text NOT NULL,
  role smallint NOT NULL CHECK (role BETWEEN 1 AND 3),
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz, -- null: never
  last_used_at timestamptz,
  FOREIGN KEY (workspace_id, user_id) REFERENCES app.workspace_members ON DELETE CASCADE
);
CREATE INDEX api_tokens_member ON app.api_tokens (workspace_id, user_id);

CREATE TABLE app.invitations (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  secret_hash bytea NOT NULL UNIQUE, -- SHA-256; the row goes when it is used
  workspace_id bigint NOT NULL,
  inviter_id bigint NOT NULL,
  role smallint NOT NULL CHECK (role BETWEEN 1 AND 4),
  email text NOT NULL DEFAULT '', -- empty: for any account
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  -- Who has left invites nobody any more.
  FOREIGN KEY (workspace_id, inviter_id) REFERENCES app.workspace_members ON DELETE CASCADE
);
CREATE INDEX invitations_inviter ON app.invitations (workspace_id, inviter_id);

CREATE TABLE app.password_resets (
  token_hash bytea PRIMARY KEY, -- SHA-256; the row goes when it is used
  user_id bigint NOT NULL REFERENCES app.users ON DELETE CASCADE,
  expires_at timestamptz NOT NULL
);
CREATE INDEX password_resets_user ON app.password_resets (user_id);

-- Who changed what, when and from where. Names are those of the time, because
-- what they name may be gone.
CREATE TABLE app.audit_events (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT now(),
  workspace_id bigint, -- null: it concerns none
  account_id bigint, -- whose account it concerns, if any
  user_id bigint, -- who did it, if a user
  actor_name text NOT NULL,
  api_token_name text NOT NULL DEFAULT '',
  action text NOT NULL, -- "monitor.create"
  object_id text NOT NULL DEFAULT '',
  object_name text NOT NULL DEFAULT '',
  -- Parallel arrays: what changed, from what, to what.
  fields text[] NOT NULL DEFAULT '{}',
  before text[] NOT NULL DEFAULT '{}',
  after text[] NOT NULL DEFAULT '{}',
  address text NOT NULL DEFAULT '',
  user_agent text NOT NULL DEFAULT ''
);
CREATE INDEX audit_events_workspace ON app.audit_events (workspace_id, id);
CREATE INDEX audit_events_account ON app.audit_events (account_id, id) WHERE account_id IS NOT NULL;
CREATE INDEX audit_events_at ON app.audit_events (at);
