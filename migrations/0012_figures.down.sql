DROP INDEX ts.gaps_until;
DELETE FROM ts.rollup_progress WHERE level = 4;
DROP TABLE app.region_minutes;
ALTER TABLE app.monitor_current
  ADD stats_at timestamptz, ADD ok_24h bigint NOT NULL DEFAULT 0, ADD failed_24h bigint NOT NULL DEFAULT 0,
  ADD missed_24h bigint NOT NULL DEFAULT 0, ADD p50_24h_us integer, ADD p95_24h_us integer,
  ADD p99_24h_us integer, ADD recent_us integer[] NOT NULL DEFAULT '{}';
DROP TABLE app.monitor_figures;
