DROP TABLE app.audit_events, app.password_resets, app.invitations, app.api_tokens, app.pending_sign_ins,
  app.recovery_codes, app.second_factors;
ALTER TABLE app.workspace_members DROP COLUMN joined_at;
ALTER TABLE app.users DROP COLUMN display_name;
ALTER TABLE app.instance ADD COLUMN sign_up_open boolean NOT NULL DEFAULT false;
UPDATE app.instance SET sign_up_open = sign_up = 3;
ALTER TABLE app.instance DROP COLUMN sign_up;
