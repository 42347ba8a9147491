-- Retention drops whole partitions of the rollups, too: minutes are kept for a month,
-- hours for a year, so they lie by the day and by the month, and days by the year. What
-- is there already stays together in one partition, up to the end of the present one,
-- which is dropped when the last of it is old. With TimescaleDB: chunks of that size.
DO $$
DECLARE
  t record;
  boundary timestamp;
BEGIN
  FOR t IN SELECT * FROM (VALUES ('results_agg_1m', 'day'), ('sketches_1m', 'day'), ('results_agg_1h', 'month'),
    ('sketches_1h', 'month'), ('results_agg_1d', 'year'), ('sketches_1d', 'year')) AS t (name, unit) LOOP
    IF EXISTS (SELECT FROM pg_extension WHERE extname = 'timescaledb') THEN
      PERFORM create_hypertable(format('ts.%I', t.name), 'bucket', chunk_time_interval => ('1 ' || t.unit)::interval,
                                create_default_indexes => false, migrate_data => true);
      CONTINUE;
    END IF;
    EXECUTE format('SELECT greatest(max(bucket), now()) AT TIME ZONE ''UTC'' FROM ts.%I', t.name) INTO boundary;
    boundary := date_trunc(t.unit, boundary) + ('1 ' || t.unit)::interval;
    EXECUTE format('ALTER TABLE ts.%I RENAME TO %I', t.name, t.name || '_before');
    EXECUTE format('ALTER INDEX ts.%I RENAME TO %I', t.name || '_pkey', t.name || '_before_pkey');
    EXECUTE format('ALTER INDEX ts.%I RENAME TO %I', t.name || '_bucket', t.name || '_before_bucket');
    EXECUTE format('CREATE TABLE ts.%I (LIKE ts.%I INCLUDING DEFAULTS, PRIMARY KEY (job_id, bucket)) '
                   'PARTITION BY RANGE (bucket)', t.name, t.name || '_before');
    EXECUTE format('CREATE INDEX %I ON ts.%I (bucket)', t.name || '_bucket', t.name);
    EXECUTE format('ALTER TABLE ts.%I ATTACH PARTITION ts.%I FOR VALUES FROM (MINVALUE) TO (%L)', t.name,
                   t.name || '_before', boundary AT TIME ZONE 'UTC');
  END LOOP;
END $$;
