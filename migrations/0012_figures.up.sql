-- The figures of lists, apart from what every commit writes: a row here is as wide
-- as a day of a monitor, and is written at most once a minute.

CREATE TABLE app.monitor_figures (
  monitor_id bigint PRIMARY KEY REFERENCES app.monitors ON DELETE CASCADE,
  -- Hours that end at or before it are read from the rollups; what came since is
  -- added from the results (control/rollup/figures).
  base timestamptz NOT NULL,
  -- A day by the hour, its sketches and the latest results, packed
  -- (domain/figures.h). Can be worked out again at any time.
  packed bytea NOT NULL,
  -- Of the last 24 clock hours, the present one included.
  ok_24h bigint NOT NULL,
  failed_24h bigint NOT NULL,
  missed_24h bigint NOT NULL,
  p50_24h_us integer,
  p95_24h_us integer,
  p99_24h_us integer,
  last_failed_slot timestamptz,
  last_failed_job_id bigint
) WITH (
  -- Rows are rewritten again and again, and are best kept whole and unpacked.
  fillfactor = 70, toast_tuple_target = 8160,
  autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_cost_delay = 0
);
ALTER TABLE app.monitor_figures ALTER packed SET STORAGE EXTERNAL;

ALTER TABLE app.monitor_current
  DROP stats_at, DROP ok_24h, DROP failed_24h, DROP missed_24h,
  DROP p50_24h_us, DROP p95_24h_us, DROP p99_24h_us, DROP recent_us;

-- Results by the minute of the last day, to show how regions do.
CREATE TABLE app.region_minutes (
  workspace_id bigint NOT NULL REFERENCES app.workspaces ON DELETE CASCADE,
  region_id smallint NOT NULL,
  minute timestamptz NOT NULL,
  ok integer NOT NULL,
  failed integer NOT NULL,
  PRIMARY KEY (workspace_id, region_id, minute)
);

-- Level 4: up to where the figures have counted.
INSERT INTO ts.rollup_progress SELECT 4, closed_until FROM ts.rollup_progress WHERE level = 1;
CREATE INDEX gaps_until ON ts.gaps (until);
