-- Monitors and their jobs: what is watched, and when it is due.

CREATE TABLE app.monitors (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  workspace_id bigint NOT NULL REFERENCES app.workspaces ON DELETE CASCADE,
  name text NOT NULL,
  url text NOT NULL,
  method smallint NOT NULL,
  every interval NOT NULL CHECK (every BETWEEN '1 s' AND '24 h'),
  timeout_ms integer NOT NULL,
  -- Parallel arrays; values are sealed with the instance's secret key.
  header_names text[] NOT NULL DEFAULT '{}',
  header_values bytea[] NOT NULL DEFAULT '{}',
  header_sensitive boolean[] NOT NULL DEFAULT '{}',
  body_sealed bytea, -- null: no body
  -- first, last, first, last, ...
  accepted_statuses integer[] NOT NULL DEFAULT '{}',
  max_redirects smallint NOT NULL,
  skip_tls_verification boolean NOT NULL DEFAULT false,
  paused boolean NOT NULL DEFAULT false,
  -- Grows with every change; workers and caches know a specification by it.
  spec_version bigint NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
-- The list's order and its pages' key.
CREATE INDEX monitors_list ON app.monitors (workspace_id, name, id);

-- One recurring job per monitor and region. The row is the queue: it is leased
-- by pushing next_attempt_at into the future and due again by itself when the
-- lease runs out. Nothing is inserted or deleted per run.
CREATE TABLE app.jobs (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  monitor_id bigint NOT NULL REFERENCES app.monitors ON DELETE CASCADE,
  workspace_id bigint NOT NULL,
  region_id smallint NOT NULL REFERENCES app.regions,
  every interval NOT NULL,
  origin timestamptz NOT NULL, -- slots are origin + k * every, and each epoch's first
  -- The slot the job is at.
  scheduled_at timestamptz NOT NULL,
  -- The slot while ready, the lease's expiry while leased, infinity while paused.
  next_attempt_at timestamptz NOT NULL,
  -- The fence: grows with every lease; a result that carries another is refused.
  lease_token bigint NOT NULL DEFAULT 0,
  leased_by integer, -- worker; null while ready
  spec_version bigint NOT NULL,
  -- First slot that passed without a result since the last one; its gap is
  -- written to ts.gaps with the next accepted result or a pause.
  gap_from timestamptz,
  -- The latest result, for lists and dashboards.
  last_slot timestamptz,
  last_started_at timestamptz,
  last_outcome smallint,
  last_reason smallint,
  last_http_status smallint,
  last_total_us integer,
  last_message text,
  UNIQUE (monitor_id, region_id)
) WITH (
  -- Every run updates the row twice: leave room for the new versions, and vacuum
  -- early and without pauses, or the due index fills with dead entries.
  fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0
);
CREATE INDEX jobs_due ON app.jobs (region_id, next_attempt_at);

-- When a job ran by which schedule. It says which slots were due at all, and so
-- where to look for results; with ts.gaps it is the other half of the ledger.
CREATE TABLE app.job_epochs (
  job_id bigint NOT NULL,
  monitor_id bigint NOT NULL REFERENCES app.monitors ON DELETE CASCADE,
  region_id smallint NOT NULL,
  first_slot timestamptz NOT NULL,
  until timestamptz, -- slots at or after it were never due; null while it lasts
  every interval NOT NULL,
  origin timestamptz NOT NULL,
  PRIMARY KEY (monitor_id, job_id, first_slot)
);
-- A job runs by one schedule at a time.
CREATE UNIQUE INDEX job_epochs_current ON app.job_epochs (job_id) WHERE until IS NULL;

-- What lists show, one row a monitor: state by the commit, 24 h figures by the
-- rollup loop.
CREATE TABLE app.monitor_current (
  monitor_id bigint PRIMARY KEY REFERENCES app.monitors ON DELETE CASCADE,
  workspace_id bigint NOT NULL,
  -- 1 pending, 2 up, 3 degraded, 4 down. No data and paused
  -- follow from the time and from monitors.paused.
  state smallint NOT NULL DEFAULT 1,
  state_since timestamptz NOT NULL DEFAULT now(),
  last_job_id bigint,
  last_slot timestamptz,
  last_result_at timestamptz,
  stats_at timestamptz, -- when the figures below were worked out; null: never
  ok_24h bigint NOT NULL DEFAULT 0,
  failed_24h bigint NOT NULL DEFAULT 0,
  missed_24h bigint NOT NULL DEFAULT 0,
  p50_24h_us integer,
  p95_24h_us integer,
  p99_24h_us integer,
  recent_us integer[] NOT NULL DEFAULT '{}' -- oldest first; 0: failed
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);
CREATE INDEX monitor_current_workspace ON app.monitor_current (workspace_id);
