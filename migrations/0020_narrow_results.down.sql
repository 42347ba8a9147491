ALTER TABLE app.jobs
  ADD last_reason smallint, ADD last_http_status smallint, ADD last_total_us integer, ADD last_message text;
UPDATE app.jobs j SET last_reason = r.reason, last_http_status = r.http_status, last_total_us = r.total_us,
  last_message = nullif(r.message, '')
FROM ts.results_raw r WHERE r.slot = j.last_slot AND r.job_id = j.id;

-- A deleted monitor has no epochs any more, and nobody asks for what is left of it.
CREATE TABLE ts.job_before AS
SELECT DISTINCT job_id, monitor_id, region_id FROM app.job_epochs;
DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['results_agg_1m', 'results_agg_1h', 'results_agg_1d'] LOOP
    EXECUTE format('ALTER TABLE ts.%I ADD monitor_id bigint NOT NULL DEFAULT 0, ADD region_id smallint NOT NULL DEFAULT 1', name);
    EXECUTE format('UPDATE ts.%I a SET monitor_id = j.monitor_id, region_id = j.region_id '
                   'FROM ts.job_before j WHERE j.job_id = a.job_id', name);
    EXECUTE format('ALTER TABLE ts.%I ALTER monitor_id DROP DEFAULT, ALTER region_id DROP DEFAULT', name);
  END LOOP;
END $$;

ALTER TABLE ts.evidence ADD started_at timestamptz, ALTER body_bytes TYPE bigint;
UPDATE ts.evidence SET started_at = slot + lateness_ms * interval '1 ms';
ALTER TABLE ts.evidence DROP lateness_ms;

CREATE TABLE ts.results_before AS
SELECT r.slot, r.job_id, coalesce(j.monitor_id, 0) AS monitor_id, r.slot + r.lateness_ms * interval '1 ms' AS started_at,
  r.certificate_expires_at, r.body_bytes, r.worker_id, r.dns_us, r.connect_us, r.tls_us, r.wait_us, r.download_us,
  r.total_us, r.region_id, r.outcome, r.reason, r.http_status, r.http_version, r.dense, r.remote_address,
  nullif(r.message, '') AS message
FROM ts.results_raw r LEFT JOIN ts.job_before j ON j.job_id = r.job_id;
CREATE TABLE ts.days_before AS
SELECT c.relname AS name, pg_get_expr(c.relpartbound, c.oid) AS bounds
FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'ts.results_raw'::regclass;
DROP TABLE ts.results_raw;

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
  outcome smallint NOT NULL,
  reason smallint NOT NULL,
  http_status smallint NOT NULL,
  http_version smallint NOT NULL,
  dense boolean NOT NULL,
  remote_address inet,
  message text,
  PRIMARY KEY (slot, job_id)
) PARTITION BY RANGE (slot);
DO $$
DECLARE
  day record;
BEGIN
  IF EXISTS (SELECT FROM pg_extension WHERE extname = 'timescaledb') THEN
    ALTER TABLE ts.results_raw RENAME TO results_partitioned;
    CREATE TABLE ts.results_raw (LIKE ts.results_partitioned INCLUDING DEFAULTS INCLUDING CONSTRAINTS,
                                 PRIMARY KEY (slot, job_id));
    DROP TABLE ts.results_partitioned;
    PERFORM create_hypertable('ts.results_raw', 'slot', chunk_time_interval => interval '1 day',
                              create_default_indexes => false);
  ELSE
    FOR day IN SELECT * FROM ts.days_before LOOP
      EXECUTE format('CREATE TABLE ts.%I PARTITION OF ts.results_raw %s', day.name, day.bounds);
    END LOOP;
  END IF;
END $$;
INSERT INTO ts.results_raw SELECT * FROM ts.results_before ORDER BY slot;
DROP TABLE ts.results_before, ts.days_before, ts.job_before;
