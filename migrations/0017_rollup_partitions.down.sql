DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['results_agg_1m', 'sketches_1m', 'results_agg_1h', 'sketches_1h', 'results_agg_1d',
                              'sketches_1d'] LOOP
    EXECUTE format('CREATE TABLE ts.%I (LIKE ts.%I INCLUDING DEFAULTS)', name || '_whole', name);
    EXECUTE format('INSERT INTO ts.%I SELECT * FROM ts.%I', name || '_whole', name);
    EXECUTE format('DROP TABLE ts.%I', name);
    EXECUTE format('ALTER TABLE ts.%I RENAME TO %I', name || '_whole', name);
    EXECUTE format('ALTER TABLE ts.%I ADD CONSTRAINT %I PRIMARY KEY (job_id, bucket)', name, name || '_pkey');
    EXECUTE format('CREATE INDEX %I ON ts.%I (bucket)', name || '_bucket', name);
  END LOOP;
END $$;
