-- A raw result is what there is most of: in 104 bytes instead of 120 to 136. The monitor
-- of a job is in app.job_epochs, the start is kept as what a result is judged by,
-- milliseconds of lateness, and nothing that most results lack costs them a null bitmap.
-- What is there already is copied.

CREATE TABLE ts.results_before AS
SELECT slot, job_id, certificate_expires_at,
  least(greatest(floor(extract(epoch FROM started_at - slot) * 1000), -2147483648), 2147483647)::integer AS lateness_ms,
  least(body_bytes, 2147483647)::integer AS body_bytes, worker_id, dns_us, connect_us, tls_us, wait_us,
  download_us, total_us, region_id, outcome, reason, http_status, http_version, dense, remote_address,
  coalesce(message, '') AS message
FROM ts.results_raw;
CREATE TABLE ts.days_before AS
SELECT c.relname AS name, pg_get_expr(c.relpartbound, c.oid) AS bounds
FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'ts.results_raw'::regclass;
DROP TABLE ts.results_raw;

CREATE TABLE ts.results_raw (
  slot timestamptz NOT NULL,
  job_id bigint NOT NULL,
  certificate_expires_at timestamptz,
  lateness_ms integer NOT NULL, -- of the start, after the slot
  body_bytes integer NOT NULL,
  worker_id integer NOT NULL,
  dns_us integer NOT NULL,
  connect_us integer NOT NULL,
  tls_us integer NOT NULL,
  wait_us integer NOT NULL,
  download_us integer NOT NULL,
  total_us integer NOT NULL,
  region_id smallint NOT NULL,
  outcome smallint NOT NULL, -- 1 ok, 2 failed, 3 degraded
  reason smallint NOT NULL,
  http_status smallint NOT NULL,
  http_version smallint NOT NULL,
  -- The job's interval was under 30 s: results_agg_1m covers this row. For the
  -- others the row is its own minute.
  dense boolean NOT NULL,
  remote_address inet,
  message text NOT NULL DEFAULT '',
  -- The promise: exactly one accepted result per job and slot. Slot first keeps
  -- the index dense; readers know the slots of a job (app.job_epochs).
  PRIMARY KEY (slot, job_id)
) PARTITION BY RANGE (slot);

-- As before: a hypertable, which starts from a plain table, or the same days.
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
DROP TABLE ts.results_before, ts.days_before;

-- Attempts are read by the same columns.
ALTER TABLE ts.evidence ADD lateness_ms integer;
UPDATE ts.evidence
SET lateness_ms = least(greatest(floor(extract(epoch FROM started_at - slot) * 1000), -2147483648), 2147483647)::integer,
  body_bytes = least(body_bytes, 2147483647)
WHERE started_at IS NOT NULL;
ALTER TABLE ts.evidence DROP started_at, ALTER body_bytes TYPE integer;

-- Nobody asks a bucket whose it is, nor a job what its latest result was like.
ALTER TABLE ts.results_agg_1m DROP monitor_id, DROP region_id;
ALTER TABLE ts.results_agg_1h DROP monitor_id, DROP region_id;
ALTER TABLE ts.results_agg_1d DROP monitor_id, DROP region_id;
ALTER TABLE app.jobs DROP last_reason, DROP last_http_status, DROP last_total_us, DROP last_message;
