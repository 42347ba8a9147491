ALTER TABLE app.jobs
  DROP CONSTRAINT jobs_id_fkey,
  ALTER id ADD GENERATED ALWAYS AS IDENTITY,
  ADD FOREIGN KEY (monitor_id) REFERENCES app.monitors ON DELETE CASCADE,
  ADD FOREIGN KEY (region_id) REFERENCES app.regions,
  ADD UNIQUE (monitor_id, region_id);
SELECT setval(pg_get_serial_sequence('app.jobs', 'id'), nextval(pg_get_serial_sequence('app.monitor_regions', 'job_id')));
DROP TABLE app.monitor_regions;
