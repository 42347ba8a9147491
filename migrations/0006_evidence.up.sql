-- What was found besides a result's columns, and the attempts before it.

-- Attempt 0 is of the result itself, of which the columns are in ts.results_raw;
-- 1, 2 and 3 are failed attempts before it, which are nowhere else. Evidence is
-- openseer.v1.Evidence, serialised; PostgreSQL compresses what is large.
CREATE TABLE ts.evidence (
  slot timestamptz NOT NULL,
  job_id bigint NOT NULL,
  attempt smallint NOT NULL,
  evidence bytea,
  started_at timestamptz,
  certificate_expires_at timestamptz,
  body_bytes bigint,
  worker_id integer,
  dns_us integer,
  connect_us integer,
  tls_us integer,
  wait_us integer,
  download_us integer,
  total_us integer,
  outcome smallint,
  reason smallint,
  http_status smallint,
  http_version smallint,
  remote_address inet,
  message text,
  PRIMARY KEY (slot, job_id, attempt)
) PARTITION BY RANGE (slot);

-- As ts.results_raw: a hypertable, or the same days.
DO $$
DECLARE
  day record;
BEGIN
  IF EXISTS (SELECT FROM pg_extension WHERE extname = 'timescaledb') THEN
    ALTER TABLE ts.evidence RENAME TO evidence_partitioned;
    CREATE TABLE ts.evidence (LIKE ts.evidence_partitioned INCLUDING DEFAULTS INCLUDING CONSTRAINTS,
                              PRIMARY KEY (slot, job_id, attempt));
    DROP TABLE ts.evidence_partitioned;
    PERFORM create_hypertable('ts.evidence', 'slot', chunk_time_interval => interval '1 day',
                              create_default_indexes => false);
  ELSE
    FOR day IN SELECT right(c.relname, 8) AS name, pg_get_expr(c.relpartbound, c.oid) AS bounds
               FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
               WHERE i.inhparent = 'ts.results_raw'::regclass LOOP
      EXECUTE format('CREATE TABLE ts.evidence_%s PARTITION OF ts.evidence %s', day.name, day.bounds);
    END LOOP;
  END IF;
END $$;
