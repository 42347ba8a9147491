-- Results, gaps and rollups. With TimescaleDB ts.results_raw is a hypertable,
-- otherwise it is partitioned by day; the columns and queries are the same.

CREATE TABLE ts.results_raw (
  slot timestamptz NOT NULL,
  job_id bigint NOT NULL,
  monitor_id bigint NOT NULL,
  started_at timestamptz NOT NULL,
  certificate_expires_at timestamptz,
  body_bytes bigint NOT NULL,
  worker_id integer NOT NULL,
  dns_us integer NOT NULL,
  connect_us integer NOT NULL,
  tls_us integer NOT NULL,
  wait_us integer NOT NULL,
  download_us integer NOT NULL,
  total_us integer NOT NULL,
  region_id smallint NOT NULL,
  outcome smallint NOT NULL, -- 1 ok, 2 failed
  reason smallint NOT NULL,
  http_status smallint NOT NULL,
  http_version smallint NOT NULL,
  -- The job's interval was under 30 s: results_agg_1m covers this row. For the
  -- others the row is its own minute.
  dense boolean NOT NULL,
  remote_address inet,
  message text,
  -- The promise: exactly one accepted result per job and slot. Slot first keeps
  -- the index dense; readers know the slots of a job (app.job_epochs).
  PRIMARY KEY (slot, job_id)
) PARTITION BY RANGE (slot);

-- Slots that no worker could take: from first_slot up to, not including, until.
CREATE TABLE ts.gaps (
  job_id bigint NOT NULL,
  first_slot timestamptz NOT NULL,
  until timestamptz NOT NULL,
  monitor_id bigint NOT NULL,
  region_id smallint NOT NULL,
  PRIMARY KEY (job_id, first_slot)
);
CREATE INDEX gaps_monitor ON ts.gaps (monitor_id, until);

-- One bucket of one job. The latency sketches live apart: what scans the
-- numbers must not drag the arrays along.
CREATE TABLE ts.results_agg_1m (
  job_id bigint NOT NULL,
  bucket timestamptz NOT NULL,
  monitor_id bigint NOT NULL,
  region_id smallint NOT NULL,
  count integer NOT NULL,
  ok_count integer NOT NULL,
  -- Of ok results; null without any.
  sum_us bigint NOT NULL,
  min_us integer,
  max_us integer,
  PRIMARY KEY (job_id, bucket)
);
CREATE TABLE ts.results_agg_1h (LIKE ts.results_agg_1m INCLUDING ALL);
CREATE TABLE ts.results_agg_1d (LIKE ts.results_agg_1m INCLUDING ALL);
CREATE INDEX results_agg_1m_bucket ON ts.results_agg_1m (bucket);
CREATE INDEX results_agg_1h_bucket ON ts.results_agg_1h (bucket);
CREATE INDEX results_agg_1d_bucket ON ts.results_agg_1d (bucket);

-- DDSketch of the ok results (domain/sketch.h): parallel arrays, bins ascending.
CREATE TABLE ts.sketches_1m (
  job_id bigint NOT NULL,
  bucket timestamptz NOT NULL,
  bins integer[] NOT NULL,
  counts integer[] NOT NULL,
  PRIMARY KEY (job_id, bucket)
);
CREATE TABLE ts.sketches_1h (LIKE ts.sketches_1m INCLUDING ALL);
CREATE TABLE ts.sketches_1d (LIKE ts.sketches_1m INCLUDING ALL);
CREATE INDEX sketches_1m_bucket ON ts.sketches_1m (bucket);
CREATE INDEX sketches_1h_bucket ON ts.sketches_1h (bucket);
CREATE INDEX sketches_1d_bucket ON ts.sketches_1d (bucket);

-- Buckets that end at or before closed_until are final.
CREATE TABLE ts.rollup_progress (
  level smallint PRIMARY KEY, -- 1: 1m, 2: 1h, 3: 1d
  closed_until timestamptz NOT NULL
);
INSERT INTO ts.rollup_progress
VALUES (1, date_trunc('minute', now())), (2, date_trunc('hour', now())), (3, date_trunc('day', now(), 'UTC'));

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_available_extensions WHERE name = 'timescaledb')
     AND current_setting('shared_preload_libraries') LIKE '%timescaledb%' THEN
    CREATE EXTENSION IF NOT EXISTS timescaledb;
    -- A hypertable starts from a plain table.
    ALTER TABLE ts.results_raw RENAME TO results_partitioned;
    CREATE TABLE ts.results_raw (LIKE ts.results_partitioned INCLUDING DEFAULTS INCLUDING CONSTRAINTS,
                                 PRIMARY KEY (slot, job_id));
    DROP TABLE ts.results_partitioned;
    PERFORM create_hypertable('ts.results_raw', 'slot', chunk_time_interval => interval '1 day',
                              create_default_indexes => false);
  END IF;
END $$;
